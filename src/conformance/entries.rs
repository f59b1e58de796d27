use super::Fact;
use crate::recorded::{Envelope, Headers};
use crate::store::Entry;
use crate::store::EventReader;
use crate::store::Read;
use std::ops::ControlFlow;

/// What an entry is, as a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    Event(Fact),
    Deleted,
    Described(Headers),
}

/// Everything that a read shows, as values.
#[track_caller]
pub(super) fn shown<S: EventReader<Fact>>(store: &S, read: impl Into<Read>) -> Vec<(Envelope, What)> {
    let (read, mut found) = (read.into(), Vec::new());
    let outcome = store.visit(&read, &mut |entry| {
        let what = match entry {
            Entry::Event(_, event) => What::Event(event.clone()),
            Entry::Deleted(_) => What::Deleted,
            Entry::Described(_, headers) => What::Described(headers.clone()),
        };
        found.push((entry.envelope().clone(), what));
        ControlFlow::Continue(())
    });
    if let Err(error) = outcome {
        panic!("nothing speaks against reading {read:?}, but: {error}");
    }
    found
}

/// The positions that a read shows.
#[track_caller]
pub(super) fn positions<S: EventReader<Fact>>(store: &S, read: impl Into<Read>) -> Vec<u64> {
    shown(store, read).iter().map(|(envelope, _)| envelope.position.get()).collect()
}

/// The events that a read shows, without what is no event.
#[track_caller]
pub(super) fn facts<S: EventReader<Fact>>(store: &S, read: impl Into<Read>) -> Vec<Fact> {
    shown(store, read)
        .into_iter()
        .filter_map(|(_, what)| match what {
            What::Event(fact) => Some(fact),
            What::Deleted | What::Described(_) => None,
        })
        .collect()
}
