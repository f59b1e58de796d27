//! What every event store promises, as tests: one for each promise.
//!
//! [`conformance!`](crate::conformance!) writes them for a store. Whoever writes a store of their own has it keep
//! what the stores of this crate keep.
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
//! Each test builds stores by calling what is given, and each must be empty. What has to live as long as a store does,
//! such as the folder of its files, is held beside it by [`StoreWithGuard`]:
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
//! Every promise is a function too, for those who want a part of them: a view of one category keeps the promises that
//! do not need a second one. A promise that is not kept panics, with words that say what was promised.

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

pub use random::Dice;
pub use store_with_guard::StoreWithGuard;

use crate::recorded::{EventId, StreamName, Tag};
use crate::store::AppendError;
use crate::store::{Appended, Batch};
use crate::store::{EventStore, Listing, StreamInfo};
use serde::{Deserialize, Serialize};

/// What the stores under test record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// Somebody opened an account.
    Opened {
        /// Who.
        owner: String,
    },
    /// So much was paid in.
    Deposited(u32),
    /// So much was taken out.
    Withdrawn {
        /// How much.
        amount: u32,
        /// What for.
        reason: Option<String>,
    },
    /// Somebody had something to say.
    Noted(String),
    /// The account was closed.
    Closed,
}

/// A store under test: of [`Fact`]s, and used by several threads.
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

fn tag(text: &str) -> Tag {
    Tag::new(text).expect("the suite's tags are tags")
}

fn id(text: &str) -> EventId {
    EventId::new(text).expect("the suite's ids are ids")
}

/// Appends what has to be accepted.
#[track_caller]
fn append(store: &impl Candidate, batch: Batch<Fact>) -> Appended {
    let told = format!("{batch:?}");
    match store.append(batch) {
        Ok(appended) => appended,
        Err(error) => panic!("nothing speaks against appending {told}, but: {error}"),
    }
}

/// Appends what has to be refused, and sees that nothing of it was recorded.
#[track_caller]
fn refused(store: &impl Candidate, batch: Batch<Fact>, why: &str) -> AppendError {
    let before = head(store);
    let told = format!("{batch:?}");
    let Err(error) = store.append(batch) else { panic!("{why}: appending {told} is refused") };
    assert_eq!(head(store), before, "what is refused is not recorded, neither whole nor in part: {told}");
    error
}

fn head(store: &impl Candidate) -> u64 {
    store.head().expect("the store can tell its head").get()
}

#[track_caller]
fn info(store: &impl Candidate, stream: &StreamName) -> StreamInfo {
    let info = store.stream(stream).expect("the store can look up a stream");
    info.unwrap_or_else(|| panic!("{stream} was written to, and is known"))
}

fn listed(store: &impl Candidate, listing: &Listing) -> Vec<String> {
    let streams = store.streams(listing).expect("the store can list its streams");
    streams.into_iter().map(|info| info.name.to_string()).collect()
}
