//! The event store: an append-only log of events, in memory or in a file that people can read.

mod batch;
pub mod codec;
pub mod conformance;
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
pub mod schema;
mod subscription;
pub mod upcast;

pub use crate::__store_conformance as conformance;
pub use batch::{Appended, Batch, Condition, ExpectedVersion, NewEvent, StreamState, Write};
pub use contract::{EventReader, EventStore, Listing, Loaded, Reading, StreamInfo};
pub use entry::{DELETED, DESCRIBED, Entry};
pub use error::{AppendError, Conflict, ReadError};
pub use file::{FileLog, FileLogOptions, FileLogReader, OpenError, Sync};
pub use filter::{Compared, Field, Filter, InvalidPattern, On};
pub use memory::Memory;
pub use query::{Direction, Query, QueryItem, Read};
pub use subscription::Subscription;
