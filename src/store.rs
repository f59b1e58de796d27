//! The event store: an append-only log of events, in memory or in a file that people can read.

mod batch;
pub mod codec;
mod contract;
mod entry;
mod error;
pub mod file;
mod filter;
mod index;
mod memory;
mod query;
mod repeat;
mod selection;
mod sources;
mod subscription;
pub mod upcast;

pub use batch::{Appended, Batch, Condition, ExpectedVersion, NewEvent, StreamState, Write};
pub use contract::{EventReader, EventStore, Listing, Loaded, Reading, StreamInfo};
pub use entry::{DELETED, DESCRIBED, Entry};
pub use error::{AppendError, Conflict, ReadError};
pub use file::{FileLog, FileLogOptions, FileLogReader, OpenError, Sync};
pub use filter::{Compared, Field, Filter, InvalidPattern, On};
pub use memory::Memory;
pub use query::{Direction, Query, QueryItem, Read};
pub use subscription::Subscription;

#[cfg(feature = "workbench")]
pub(crate) use sources::unique_ids;
