//! The event store: an append-only log of events, in memory or in a file that people can read.
//!
//! | to | look at |
//! |---|---|
//! | append events, all or nothing, under conditions | [`Batch`], [`EventStore::append`] |
//! | read them, by stream, category, type, tag, position and version | [`Query`], [`Read`], [`EventReader::visit`] |
//! | filter by metadata and what the store wrote around an event | [`Filter`] |
//! | list streams and categories, by name, pattern and metadata | [`Listing`], [`EventReader::streams`] |
//! | fold them into a state, and follow what comes | [`Reading`], [`Subscription`] |
//! | keep several types of events in one store | an umbrella enum of [`sum!`](crate::sum!), and [`Typed`] views of its categories |
//! | read a log in other words, such as with the key of its stream in each event | [`Mapped`] |
//! | keep a log in memory, or in files | [`Memory`], [`FileLog`](crate::log::FileLog) |
//! | write a store over an engine | [`Coded`], [`engine`](mod@engine) |
//! | hold a store of your own against the contract | [`conformance`](mod@crate::conformance) |

pub(crate) mod as_stored;
mod batch;
pub(crate) mod clock_and_ids;
mod coded;
pub(crate) mod decimal;
pub(crate) mod decoding;
pub(crate) mod encoding;
pub mod engine;
pub(crate) mod entry;
pub(crate) mod error;
pub(crate) mod event_store;
pub(crate) mod filter;
pub(crate) mod index;
mod listing;
mod mapped;
mod memory;
mod query;
mod reading;
pub(crate) mod repeated_batch;
mod subscription;
mod typed;

pub use batch::{AppendCondition, Appended, Batch, ExpectedVersion, NewEvent, StreamState, Write};
pub use coded::Coded;
pub use entry::{DELETED, DESCRIBED, Entry};
pub use error::{AppendError, Conflict, ReadError};
pub use event_store::{EventReader, EventStore};
pub use filter::{Compared, Field, Filter, Filtered, InvalidRegex, On, UnlikeValues};
pub use listing::{Listing, StreamInfo};
pub use mapped::{KeyOfStream, Mapped, NoKey};
pub use memory::Memory;
pub use query::{Direction, Query, QueryItem, Read};
pub use reading::{Loaded, Reading};
pub use subscription::Subscription;
pub use typed::Typed;

pub(crate) use clock_and_ids::{Clock, system_clock, unique_ids};
