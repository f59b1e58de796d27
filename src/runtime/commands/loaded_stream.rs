//! A stream as a handler has loaded it: its state, and the version up to which it was folded.

use crate::fold::Fold;
use crate::page::with_sources;
use crate::recorded::{StreamName, Version};
use crate::runtime::panics::catching_panics;
use crate::runtime::snapshots::event_id_at;
use crate::runtime::{Snapshot, SnapshotStore};
use crate::store::{Entry, EventReader, Query, ReadError};
use std::ops::ControlFlow;

/// The state of a stream, and the version up to which it was folded.
pub(in crate::runtime) struct LoadedStream<S> {
    pub(in crate::runtime) state: S,
    pub(in crate::runtime) version: Version,
    /// Whether the last entry is a tombstone.
    pub(in crate::runtime) deleted: bool,
    /// Why the snapshot could not be used, until a command reports it.
    pub(in crate::runtime) unusable_snapshot: Option<String>,
}

impl<S> LoadedStream<S> {
    /// Loads a stream, from a snapshot of this very stream or from the beginning.
    pub(in crate::runtime) fn load<F: Fold<State = S>>(
        store: &impl EventReader<F::Event>,
        fold: &F,
        snapshots: Option<&dyn SnapshotStore<S>>,
        stream: &StreamName,
    ) -> Result<LoadedStream<S>, ReadError> {
        let mut loaded = LoadedStream {
            state: fold.initial_state(),
            version: Version::NONE,
            deleted: false,
            unusable_snapshot: None,
        };
        let found = snapshots.map_or(Ok(None), |snapshots| catching_panics(|| snapshots.load(stream)));
        match found {
            Ok(None) => {}
            Ok(Some(Snapshot { state, version, event })) => {
                if event_id_at(store, stream, version)?.as_ref() == Some(&event) {
                    (loaded.state, loaded.version) = (state, version);
                } else {
                    loaded.unusable_snapshot = Some(format!(
                        "the snapshot of stream {stream} is of another log: this one has no event {event} at version \
                         {version}; the stream was folded from its beginning"
                    ));
                }
            }
            Err(cause) => {
                loaded.unusable_snapshot =
                    Some(format!("the snapshot of stream {stream} was not used: {}", with_sources(&*cause)));
            }
        }
        loaded.catch_up(store, fold, stream)?;
        Ok(loaded)
    }

    /// Folds the events after the version that is loaded.
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
