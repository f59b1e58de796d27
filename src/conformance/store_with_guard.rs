//! A store together with what must live as long as it.

use crate::recorded::{EventId, Position, StreamName};
use crate::store::{
    AppendError, Appended, Batch, Entry, EventReader, EventStore, Listing, Read, ReadError, StreamInfo,
};
use std::ops::ControlFlow;
use std::time::Duration;

/// A store, and a guard that must live as long as the store, such as the folder of its files.
///
/// The store is dropped first.
#[derive(Debug)]
pub struct StoreWithGuard<S, G> {
    store: S,
    guard: G,
}

impl<S, G> StoreWithGuard<S, G> {
    /// A store with its guard.
    pub fn new(store: S, guard: G) -> Self {
        StoreWithGuard { store, guard }
    }

    /// The guard.
    pub fn guard(&self) -> &G {
        &self.guard
    }
}

impl<E, S: EventReader<E>, G> EventReader<E> for StoreWithGuard<S, G> {
    fn head(&self) -> Result<Position, ReadError> {
        self.store.head()
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, E>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        self.store.visit(read, each)
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        self.store.stream(stream)
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        self.store.streams(listing)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        self.store.categories(listing)
    }

    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        self.store.position_of(id)
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        self.store.wait(after, at_most)
    }
}

impl<E, S: EventStore<E>, G> EventStore<E> for StoreWithGuard<S, G> {
    fn append(&self, batch: Batch<E>) -> Result<Appended, AppendError> {
        self.store.append(batch)
    }
}
