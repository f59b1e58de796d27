//! What is known of a stream: its state and how far that is.

use crate::fold::Fold;
use crate::recorded::{StreamName, Version};
use crate::runtime::panics::caught;
use crate::runtime::snapshots::event_at;
use crate::runtime::{Snapshot, SnapshotStore};
use crate::store::{Entry, EventReader, Query, ReadError};
use std::ops::ControlFlow;

pub(in crate::runtime) struct Known<S> {
    pub(in crate::runtime) state: S,
    pub(in crate::runtime) version: Version,
    /// Whether the last entry is a tombstone.
    pub(in crate::runtime) deleted: bool,
    /// Why the snapshot that there was could not be used, until it is said.
    pub(in crate::runtime) unread: Option<String>,
}

impl<S> Known<S> {
    /// A stream as it is, from a snapshot of this very stream or from the beginning.
    pub(in crate::runtime) fn load<F: Fold<State = S>>(
        store: &impl EventReader<F::Event>,
        fold: &F,
        snapshots: Option<&dyn SnapshotStore<S>>,
        stream: &StreamName,
    ) -> Result<Known<S>, ReadError> {
        let mut known =
            Known { state: fold.initial_state(), version: Version::NONE, deleted: false, unread: None };
        let found = snapshots.map_or(Ok(None), |snapshots| caught(|| snapshots.load(stream)));
        match found {
            Ok(None) => {}
            Ok(Some(Snapshot { state, version, event })) => {
                if event_at(store, stream, version)?.as_ref() == Some(&event) {
                    (known.state, known.version) = (state, version);
                } else {
                    known.unread = Some(format!(
                        "the snapshot of stream {stream} is of another log: this one has no event {event} at version \
                         {version}; the stream was folded from its beginning"
                    ));
                }
            }
            Err(cause) => {
                known.unread = Some(format!("the snapshot of stream {stream} was not used: {cause}"));
            }
        }
        known.catch_up(store, fold, stream)?;
        Ok(known)
    }

    /// Folds what has come behind the version that is known.
    pub(in crate::runtime) fn catch_up<F: Fold<State = S>>(
        &mut self,
        store: &impl EventReader<F::Event>,
        fold: &F,
        stream: &StreamName,
    ) -> Result<(), ReadError> {
        let news = Query::stream(stream).from_version(self.version.next());
        store.visit(&news, &mut |entry| {
            match entry {
                Entry::Event(_, event) => {
                    let state = std::mem::replace(&mut self.state, fold.initial_state());
                    self.state = fold.evolve(state, event);
                    self.deleted = false;
                }
                Entry::Deleted(_) => (self.state, self.deleted) = (fold.initial_state(), true),
                Entry::Described(..) => {}
            }
            self.version = entry.envelope().version;
            ControlFlow::Continue(())
        })?;
        Ok(())
    }
}
