#![doc = include_str!("../README.md")]

mod append;
mod connections;
mod listener;
mod options;
mod query;
mod request;
mod rows;
mod schema;
mod store;

pub use options::PostgresOptions;
pub use schema::OpenError;
pub use store::{Postgres, migrate};
