//! What a read shows, as values that can be compared.

use super::Fact;
use crate::recorded::{Envelope, Headers};
use crate::store::{Entry, EventReader, Read};
use std::ops::ControlFlow;

/// What an entry of a log holds, as a value.
#[derive(Clone, Debug, PartialEq)]
pub enum EntryContent {
    /// An event.
    Event(Fact),
    /// A tombstone.
    Deleted,
    /// The metadata of a stream.
    Described(Headers),
}

/// All entries that a read shows, as values.
#[track_caller]
pub(super) fn shown<S: EventReader<Fact>>(store: &S, read: impl Into<Read>) -> Vec<(Envelope, EntryContent)> {
    let (read, mut found) = (read.into(), Vec::new());
    let outcome = store.visit(&read, &mut |entry| {
        let what = match entry {
            Entry::Event(_, event) => EntryContent::Event(event.clone()),
            Entry::Deleted(_) => EntryContent::Deleted,
            Entry::Described(_, headers) => EntryContent::Described(headers.clone()),
        };
        found.push((entry.envelope().clone(), what));
        ControlFlow::Continue(())
    });
    if let Err(error) = outcome {
        panic!("this read is possible, but: {error}: {read:?}");
    }
    found
}

/// The positions that a read shows.
#[track_caller]
pub(super) fn positions<S: EventReader<Fact>>(store: &S, read: impl Into<Read>) -> Vec<u64> {
    shown(store, read).iter().map(|(envelope, _)| envelope.position.get()).collect()
}

/// The events that a read shows, without tombstones and metadata.
#[track_caller]
pub(super) fn facts<S: EventReader<Fact>>(store: &S, read: impl Into<Read>) -> Vec<Fact> {
    shown(store, read)
        .into_iter()
        .filter_map(|(_, what)| match what {
            EntryContent::Event(fact) => Some(fact),
            EntryContent::Deleted | EntryContent::Described(_) => None,
        })
        .collect()
}
