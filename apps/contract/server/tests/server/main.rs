//! The server over real HTTP.

mod commands;
mod events;
mod guard;
mod imports;
mod kills;
mod people;
mod support;
mod sync;
mod work;
