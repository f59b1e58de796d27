//! What is known of a stream: its state and how far that is.

use super::snapshots::{SnapshotStore, event_at};
use crate::fold::Fold;
use crate::recorded::{StreamName, Version};
use crate::store::{Entry, EventReader, Query, ReadError};
use std::ops::ControlFlow;

pub(super) struct Known<S> {
    pub(super) state: S,
    pub(super) version: Version,
    /// Whether the last entry is a tombstone.
    pub(super) deleted: bool,
}

impl<S> Known<S> {
    /// A stream as it is, from a snapshot of this very stream or from the beginning.
    pub(super) fn load<F: Fold<State = S>>(
        store: &impl EventReader<F::Event>,
        fold: &F,
        snapshots: Option<&dyn SnapshotStore<S>>,
        stream: &StreamName,
    ) -> Result<Known<S>, ReadError> {
        let mut known = Known { state: fold.initial_state(), version: Version::NONE, deleted: false };
        if let Some(snapshot) = snapshots.and_then(|snapshots| snapshots.load(stream))
            && event_at(store, stream, snapshot.version)?.as_ref() == Some(&snapshot.event)
        {
            (known.state, known.version) = (snapshot.state, snapshot.version);
        }
        known.catch_up(store, fold, stream)?;
        Ok(known)
    }

    /// Folds what has come behind the version that is known.
    pub(super) fn catch_up<F: Fold<State = S>>(
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
                Entry::Described(_) => {}
            }
            self.version = entry.envelope().version;
            ControlFlow::Continue(())
        })?;
        Ok(())
    }
}
