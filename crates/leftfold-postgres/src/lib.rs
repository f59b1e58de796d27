#![doc = include_str!("../README.md")]

mod answers;
mod append;
mod connections;
mod copying;
mod encryption;
mod lease;
mod lines;
mod listener;
mod listing;
mod options;
mod query;
mod read_model;
mod request;
mod rows;
mod schema;
mod snapshots;
mod store;
mod transaction;

pub use connections::Param;
pub use lease::{Lease, LeaseError};
pub use lines::{Imported, LinesError, export, import};
pub use options::PostgresOptions;
pub use read_model::SqlReadModel;
pub use schema::OpenError;
pub use snapshots::SnapshotTable;
pub use store::{Postgres, migrate};
pub use tokio_postgres::Row;
pub use tokio_postgres::types::ToSql;
pub use transaction::{SqlError, SqlTransaction};
