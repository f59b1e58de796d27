//! The server over real HTTP.

mod commands;
mod events;
mod guard;
mod imports;
mod kills;
mod outage;
mod people;
mod place;
mod support;
mod sync;
mod two_servers;
mod work;
