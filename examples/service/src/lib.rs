//! A bank as a web service: the blocking calls of leftfold in an async program. `docs/async.md` explains it.

pub mod account;
pub mod balances;
pub mod bank;
pub mod events;
pub mod problem;
pub mod routes;
pub mod server;
pub mod service;
pub mod store;
