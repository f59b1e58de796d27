//! Two handles of one log, seen as one store.

use crate::recorded::{EventId, Position, StreamName};
use crate::store::{
    AppendError, Appended, Batch, Entry, EventReader, EventStore, Listing, Read, ReadError, StreamInfo,
};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Two handles of one log as one store: every other call goes through the other handle.
///
/// What one handle remembers and another does not is found so: a store that keeps every promise through one door may break
/// half of them through two. Its reads have to see what any handle has appended before they began.
///
/// ```
/// # mod tests {
/// use leftfold::conformance::{Fact, TwoDoors};
/// use leftfold::store::Memory;
/// use std::sync::Arc;
///
/// // Stands for two connections to one database.
/// fn make() -> TwoDoors<Arc<Memory<Fact>>> {
///     let log = Arc::new(Memory::new());
///     TwoDoors::new(log.clone(), log)
/// }
///
/// leftfold::conformance!(make);
/// # }
/// ```
#[derive(Debug)]
pub struct TwoDoors<S> {
    doors: [S; 2],
    next: AtomicBool,
}

impl<S> TwoDoors<S> {
    /// Two handles of one log, which is empty.
    pub fn new(one: S, other: S) -> Self {
        TwoDoors { doors: [one, other], next: AtomicBool::new(false) }
    }

    fn door(&self) -> &S {
        &self.doors[usize::from(self.next.fetch_not(Ordering::Relaxed))]
    }
}

impl<E, S: EventReader<E>> EventReader<E> for TwoDoors<S> {
    fn head(&self) -> Result<Position, ReadError> {
        self.door().head()
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, E>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        self.door().visit(read, each)
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        self.door().stream(stream)
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        self.door().streams(listing)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        self.door().categories(listing)
    }

    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        self.door().position_of(id)
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        self.door().wait(after, at_most)
    }
}

impl<E, S: EventStore<E>> EventStore<E> for TwoDoors<S> {
    fn append(&self, batch: Batch<E>) -> Result<Appended, AppendError> {
        self.door().append(batch)
    }
}
