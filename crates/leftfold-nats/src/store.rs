//! The store: the copy answers, and the stream decides.

use crate::error::{OpenNatsError, system};
use crate::feed::Feed;
use crate::link::{StreamOrigin, sentence};
use crate::options::{Freshness, NatsOptions, reading};
use leftfold::codec::EventCodec;
use leftfold::log::FileLog;
use leftfold::recorded::{EventId, Position, StreamName};
use leftfold::store::{
    AppendError, Appended, Batch, Entry, EventReader, EventStore, Listing, Read, ReadError, StreamInfo,
};
use std::io;
use std::ops::ControlFlow;
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;

/// An event store in a stream of NATS JetStream.
///
/// The stream decides what follows what; every handle has a copy of it in files, an event log as
/// [`FileLog`] has it, and reads that. Threads share a handle: what they append at the same time goes into the stream as one
/// message, so 64 threads on one handle append far more than 64 handles, which refuse each other. An append takes one round trip
/// to the stream, and is answered when most of the servers have it.
///
/// Nothing here needs an asynchronous runtime, and everything can be called from within one.
///
/// ```no_run
/// use leftfold::codec::Codec;
/// use leftfold::recorded::StreamName;
/// use leftfold::store::{Batch, EventStore, ExpectedVersion};
/// use leftfold_nats::Nats;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Opened, Deposited { amount: u32 } }
///
/// let store = Nats::<Event>::open("nats://localhost:4222", "ACCOUNTS", Codec::new()?)?;
/// let account = StreamName::of("account", "petra")?;
/// store.append(Batch::to(&account).expecting(ExpectedVersion::NoStream).event(Event::Opened))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Nats<E: 'static> {
    // In the order in which they are dropped: what a field needs comes after it.
    follower: Follower,
    log: Arc<FileLog<E>>,
    origin: Arc<StreamOrigin>,
    freshness: Freshness,
    folder: Option<TempDir>,
}

impl<E> std::fmt::Debug for Nats<E> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Nats").field("stream", &self.origin.link.name).finish_non_exhaustive()
    }
}

impl<E> Nats<E> {
    /// Opens the store in a stream with the default [options](NatsOptions), and makes the stream if there is none.
    ///
    /// # Errors
    /// [`OpenNatsError`].
    pub fn open(url: &str, stream: &str, codec: impl EventCodec<E> + 'static) -> Result<Self, OpenNatsError> {
        NatsOptions::new().open(url, stream, codec)
    }

    /// Follows the stream, and returns when the copy has every message up to this one.
    pub(crate) fn follow(
        log: FileLog<E>,
        origin: Arc<StreamOrigin>,
        freshness: Freshness,
        last: u64,
        folder: Option<TempDir>,
    ) -> Result<Self, OpenNatsError> {
        while origin
            .feed
            .wait_for_more(last, origin.link.patience)
            .map_err(|error| reading(&error.doing, error.why))?
        {
            log.refresh().map_err(|error| reading("taking over what the copy lacks", sentence(&error)))?;
        }
        let log = Arc::new(log);
        let (weak, feeding) = (Arc::downgrade(&log), origin.clone());
        let follower = std::thread::Builder::new()
            .name("leftfold-nats-copy".to_string())
            .spawn(move || take_over(&weak, &feeding))
            .map_err(system("starting the thread of the copy"))?;
        let follower = Follower { feed: origin.feed.clone(), thread: Some(follower) };
        Ok(Nats { follower, log, origin, freshness, folder })
    }

    /// Closes the copy, so that opening it again is quick. Dropping the handle does the same, and ignores a failure.
    ///
    /// # Errors
    /// [`AppendError::Poisoned`] when the copy could not be closed; the next opening then reads and proves all of it.
    pub fn close(self) -> Result<(), AppendError> {
        let Nats { follower, log, folder, .. } = self;
        drop(follower);
        // Nothing else holds the log now.
        let closed = Arc::into_inner(log).map_or(Ok(()), FileLog::close);
        drop(folder);
        closed
    }

    pub(crate) fn origin(&self) -> &Arc<StreamOrigin> {
        &self.origin
    }

    /// The copy, as fresh as reads are to be.
    fn fresh(&self) -> Result<&FileLog<E>, ReadError> {
        let failed = |error: leftfold::log::OriginError| ReadError::Storage {
            doing: error.doing,
            source: io::Error::other(error.why),
        };
        if let Some(error) = self.origin.feed.failed() {
            return Err(failed(error));
        }
        if self.freshness == Freshness::Linearizable {
            self.origin.catch_up_with_stream().map_err(failed)?;
            self.log.refresh()?;
        }
        Ok(&self.log)
    }
}

/// Takes over what comes, until the store is closed.
fn take_over<E>(log: &Weak<FileLog<E>>, origin: &StreamOrigin) {
    while origin.feed.wait_for_news() {
        let Some(log) = log.upgrade() else { return };
        if let Err(error) = log.refresh() {
            origin.feed.fail(sentence(&error));
        }
    }
}

/// The thread that takes over what comes; ends when it is dropped.
struct Follower {
    feed: Arc<Feed>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.feed.stop();
        if let Some(thread) = self.thread.take() {
            // It has nothing to report: what fails there is said by the feed.
            let _ = thread.join();
        }
    }
}

impl<E> EventReader<E> for Nats<E> {
    fn head(&self) -> Result<Position, ReadError> {
        self.fresh()?.head()
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, E>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        self.fresh()?.visit(read, each)
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        self.fresh()?.stream(stream)
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        self.fresh()?.streams(listing)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        self.fresh()?.categories(listing)
    }

    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        self.fresh()?.position_of(id)
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        // The copy grows by itself.
        if let Some(error) = self.origin.feed.failed() {
            return Err(ReadError::Storage { doing: error.doing, source: io::Error::other(error.why) });
        }
        self.log.wait(after, at_most)
    }
}

impl<E: PartialEq> EventStore<E> for Nats<E> {
    fn append(&self, batch: Batch<E>) -> Result<Appended, AppendError> {
        self.log.append(batch)
    }
}
