//! The promises of every event store, as tests: one test for each promise.
//!
//! [`conformance!`](crate::conformance!) writes the tests for a store, such as one of your own.
//!
//! ```
//! # mod tests {
//! use leftfold::store::Memory;
//!
//! // One test for each promise.
//! leftfold::conformance!(Memory::new);
//! # }
//! ```
//!
//! Each test calls the given function to make stores, which must be empty. If something must live as long as the store,
//! such as the folder of its files, return both as a [`StoreWithGuard`]:
//!
//! ```
//! # mod tests {
//! use leftfold::store::Memory;
//! use leftfold::conformance::{Fact, StoreWithGuard};
//!
//! // Stands for a store in the files of a folder.
//! fn open(_: &std::path::Path) -> Memory<Fact> {
//!     Memory::new()
//! }
//!
//! fn make() -> StoreWithGuard<Memory<Fact>, tempfile::TempDir> {
//!     let folder = tempfile::tempdir().unwrap();
//!     StoreWithGuard::new(open(folder.path()), folder)
//! }
//!
//! leftfold::conformance!(make);
//! # }
//! ```
//!
//! A store that several handles share, in one process or in several, is tested through two of them as well: see
//! [`TwoDoors`].
//!
//! Every promise is also a function. Call these to test only some of the promises: a view of one category, for example,
//! keeps those that do not need a second one. A broken promise panics with a sentence that says what was promised.
#![expect(clippy::missing_panics_doc, reason = "each promise is a test: a panic is its verdict")]

pub mod appending;
pub mod conditions;
pub mod contract;
pub mod deleting;
mod entries;
pub mod filtering;
pub mod listing;
mod promises;
mod random;
pub mod reading;
pub mod repeating;
mod store_with_guard;
pub mod subscribing;
mod two_doors;

pub(crate) use random::Dice;
pub use store_with_guard::StoreWithGuard;
pub use two_doors::TwoDoors;

use crate::recorded::{EventId, StreamName, Tag};
use crate::store::{AppendError, Appended, Batch, EventStore, Listing, Query, StreamInfo};
use serde::{Deserialize, Serialize};

/// What the stores under test record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// An account was opened.
    Opened {
        /// Its owner.
        owner: String,
    },
    /// This amount was paid in.
    Deposited(u32),
    /// An amount was taken out.
    Withdrawn {
        /// How much.
        amount: u32,
        /// The purpose.
        reason: Option<String>,
    },
    /// A note was written.
    Noted(String),
    /// The account was closed.
    Closed,
}

/// A store under test: a store of [`Fact`]s that several threads can use.
pub trait Candidate: EventStore<Fact> + Sync {}

impl<S: EventStore<Fact> + Sync> Candidate for S {}

fn opened() -> Fact {
    Fact::Opened { owner: "Petra".into() }
}

/// A stream of category `account`.
fn account(id: &str) -> StreamName {
    named(&format!("account-{id}"))
}

fn named(name: &str) -> StreamName {
    StreamName::new(name).expect("the suite's names are names")
}

/// The events of a category.
fn category(name: &str) -> Query {
    Query::category(name).expect("the suite's categories are categories")
}

fn tag(text: &str) -> Tag {
    Tag::new(text).expect("the suite's tags are tags")
}

fn id(text: &str) -> EventId {
    EventId::new(text).expect("the suite's ids are ids")
}

/// Appends a batch that must be accepted.
#[track_caller]
fn append(store: &impl Candidate, batch: Batch<Fact>) -> Appended {
    let batch_text = format!("{batch:?}");
    match store.append(batch) {
        Ok(appended) => appended,
        Err(error) => panic!("this batch can be appended, but: {error}: {batch_text}"),
    }
}

/// Appends a batch that must be refused, and checks that nothing of it was recorded.
#[track_caller]
fn refused(store: &impl Candidate, batch: Batch<Fact>, why: &str) -> AppendError {
    let before = head(store);
    let batch_text = format!("{batch:?}");
    let Err(error) = store.append(batch) else { panic!("{why}: appending {batch_text} is refused") };
    assert_eq!(
        head(store),
        before,
        "what is refused is not recorded, neither whole nor in part: {batch_text}"
    );
    error
}

fn head(store: &impl Candidate) -> u64 {
    store.head().expect("the store can report its head").get()
}

#[track_caller]
fn info(store: &impl Candidate, stream: &StreamName) -> StreamInfo {
    let info = store.stream(stream).expect("the store can look up a stream");
    info.unwrap_or_else(|| panic!("{stream} was written to, so the store knows it"))
}

fn listed(store: &impl Candidate, listing: &Listing) -> Vec<String> {
    let streams = store.streams(listing).expect("the store can list its streams");
    streams.into_iter().map(|info| info.name.to_string()).collect()
}
