//! Calls of a store on threads that may block.

use crate::{Feed, SharedFeed};
use leftfold::recorded::{Position, Recorded, StreamName};
use leftfold::store::{
    AppendError, Appended, Batch, EventReader, EventStore, Listing, Query, Read, ReadError, StreamInfo,
};
use std::fmt;
use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// How many calls run at once by default.
const CALLS: usize = 64;

/// A store, or whatever else blocks, in an async program: each call runs on a thread of tokio's pool for calls that block, and
/// a future waits for it. A call costs some 12 µs beside its own work.
///
/// At most 64 calls run at once ([`calls`](Async::calls)); further ones wait as futures, which cost no thread. A future that is
/// dropped takes a waiting call back. A call that has begun goes on, and what it records stays recorded: append under an id of
/// your own if you may have to ask again. A panic in a call is a panic of the future.
///
/// ```
/// use leftfold::recorded::{Position, StreamName};
/// use leftfold::store::{Batch, Memory, Query};
/// use leftfold_tokio::Async;
/// use serde::{Deserialize, Serialize};
/// use std::sync::Arc;
/// use tokio_stream::StreamExt;
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Rung(u32) }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (store, bell) = (Async::new(Arc::new(Memory::<Event>::new())), StreamName::new("bell")?);
/// let mut feed = store.feed(Query::all(), Position::START);
/// let appended = store.append(Batch::to(&bell).events([Event::Rung(1), Event::Rung(2)])).await?;
/// assert_eq!(appended.last.get(), 2);
/// assert_eq!(feed.next().await.unwrap()?.event, Event::Rung(1));
/// assert_eq!(feed.next().await.unwrap()?.event, Event::Rung(2));
/// # Ok(())
/// # }
/// ```
pub struct Async<S: ?Sized> {
    store: Arc<S>,
    calls: Arc<Semaphore>,
}

impl<S: ?Sized> Clone for Async<S> {
    fn clone(&self) -> Self {
        Async { store: self.store.clone(), calls: self.calls.clone() }
    }
}

impl<S: ?Sized> fmt::Debug for Async<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Async").finish_non_exhaustive()
    }
}

/// The runtime is shutting down: the call was not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShuttingDown;

impl fmt::Display for ShuttingDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the async runtime is shutting down, and the call was not begun")
    }
}

impl std::error::Error for ShuttingDown {}

impl<S: Send + Sync + ?Sized + 'static> Async<S> {
    /// Calls of this store.
    pub fn new(store: Arc<S>) -> Self {
        Async { store, calls: Arc::new(Semaphore::new(CALLS)) }
    }

    /// Runs at most this many calls at once, and at least one. Default: 64.
    #[must_use]
    pub fn calls(self, most: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        Async { store: self.store, calls: Arc::new(Semaphore::new(most)) }
    }

    /// The store itself, for calls that do not block.
    pub fn store(&self) -> &Arc<S> {
        &self.store
    }

    /// Runs a call on a thread that may block: of a store, or of a command handler that is in the place of the store.
    ///
    /// # Errors
    /// [`ShuttingDown`] when no thread is given any more.
    ///
    /// # Panics
    /// When the call panics, with its panic.
    pub async fn call<R: Send + 'static>(
        &self,
        call: impl FnOnce(&S) -> R + Send + 'static,
    ) -> Result<R, ShuttingDown> {
        let permit = self.calls.clone().acquire_owned().await.map_err(|_| ShuttingDown)?;
        let store = self.store.clone();
        let blocking = spawn_blocking(move || {
            let answer = call(&store);
            drop(store);
            // With the answer, the permit comes back when the thread is free, and not when the future is dropped.
            (answer, permit)
        });
        blocking.await.map(|(answer, _)| answer).map_err(|error| match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => ShuttingDown,
        })
    }

    /// [`EventStore::append`].
    ///
    /// # Errors
    /// [`AppendError`].
    pub async fn append<E>(&self, batch: Batch<E>) -> Result<Appended, AppendError>
    where
        S: EventStore<E>,
        E: Send + 'static,
    {
        let unavailable = |error: ShuttingDown| AppendError::Unavailable {
            doing: "waiting for a thread".to_string(),
            why: error.to_string(),
        };
        self.call(|store| store.append(batch)).await.map_err(unavailable)?
    }

    /// [`EventReader::read`]: all events of a read, as values.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn read<E>(&self, read: impl Into<Read>) -> Result<Vec<Recorded<E>>, ReadError>
    where
        S: EventReader<E>,
        E: Clone + Send + 'static,
    {
        let read = read.into();
        self.call(move |store| store.read(&read)).await.map_err(not_read)?
    }

    /// [`EventReader::head`].
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn head<E: 'static>(&self) -> Result<Position, ReadError>
    where
        S: EventReader<E>,
    {
        self.call(S::head).await.map_err(not_read)?
    }

    /// [`EventReader::stream`].
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn stream<E: 'static>(&self, stream: StreamName) -> Result<Option<StreamInfo>, ReadError>
    where
        S: EventReader<E>,
    {
        self.call(move |store| store.stream(&stream)).await.map_err(not_read)?
    }

    /// [`EventReader::streams`].
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn streams<E: 'static>(&self, listing: Listing) -> Result<Vec<StreamInfo>, ReadError>
    where
        S: EventReader<E>,
    {
        self.call(move |store| store.streams(&listing)).await.map_err(not_read)?
    }

    /// Follows a query after a position: the events that there are, then the new ones, each once and in order. It begins at once,
    /// on a thread of its own, and ends when the stream is dropped.
    pub fn feed<E>(&self, query: Query, after: Position) -> Feed<E>
    where
        S: EventReader<E>,
        E: Clone + Send + 'static,
    {
        Feed::of(self.store.clone(), query, after)
    }

    /// Follows a query for many readers, on one thread for all of them.
    pub fn shared_feed<E>(&self, query: Query) -> SharedFeed<E>
    where
        S: EventReader<E>,
        E: Clone + Send + Sync + 'static,
    {
        SharedFeed::of(self, query)
    }
}

pub(crate) fn not_read(error: ShuttingDown) -> ReadError {
    ReadError::Storage {
        doing: "waiting for a thread".to_string(),
        source: io::Error::other(error.to_string()),
    }
}
