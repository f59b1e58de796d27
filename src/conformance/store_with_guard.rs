use crate::recorded::{EventId, Position, StreamName};
use crate::store::Entry;
use crate::store::Read;
use crate::store::{AppendError, ReadError};
use crate::store::{Appended, Batch};
use crate::store::{EventReader, EventStore, Listing, StreamInfo};
use std::ops::ControlFlow;
use std::time::Duration;

/// A store, and what has to live as long as it does: the folder of its files.
///
/// The store goes first.
#[derive(Debug)]
pub struct StoreWithGuard<S, G> {
    store: S,
    guard: G,
}

impl<S, G> StoreWithGuard<S, G> {
    /// This store, with what it needs.
    pub fn new(store: S, guard: G) -> Self {
        StoreWithGuard { store, guard }
    }

    /// What is guard beside the store.
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
