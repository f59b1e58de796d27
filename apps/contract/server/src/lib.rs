//! The contract app's server: it has the log of the business, alone or with other servers, and answers a page over HTTP.
//!
//! `business` is all that blocks: the log, its writers, its read models, the process manager. `store` says where the log is, and `duty`
//! which server gives the commands that are owed, if several have one log. `service` is the bridge to futures.
//! Everything else is HTTP.

#![forbid(unsafe_code)]

// What is shared with the example, whose rooms speak to each other alone.
#[allow(missing_docs, dead_code)]
#[path = "../../../../examples/contract"]
mod example {
    pub mod data;
    pub mod export;
    pub mod letters;
    pub mod office;
    pub mod ports;
}

pub use contract_model::model;
pub use example::{data, export};
use example::{letters, office, ports};

pub mod business;
mod contracts;
mod customers;
mod duty;
mod events;
pub mod guard;
mod imports;
pub mod intake;
pub mod page;
pub mod people;
pub mod problem;
mod samples;
pub mod server;
pub mod service;
mod shown;
pub mod store;
mod sync;
mod taken;
mod work;
pub mod writers;
