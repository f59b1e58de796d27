//! A query that is followed, as a stream.

use futures_core::Stream;
use leftfold::recorded::{Position, Recorded};
use leftfold::store::{EventReader, Query, ReadError, Reading};
use std::fmt;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How many events wait for a reader that lags. Those after them are in the store, and not in memory.
const AHEAD: usize = 64;

/// After this time without events the thread looks whether anybody still reads.
const LOOK: Duration = Duration::from_millis(250);

/// The events of a query, as a stream without an end; made by [`Async::feed`](crate::Async::feed), with a thread of its own, or by
/// [`SharedFeed::after`](crate::SharedFeed::after), for many readers.
///
/// Tombstones are passed over. An error of the store is the last item: go on with a new feed, after the
/// [position](Recorded::envelope) of the last event. A reader that lags holds up nobody else.
pub struct Feed<E> {
    source: Source<E>,
}

pub(crate) type Item<E> = Result<Recorded<E>, ReadError>;

enum Source<E> {
    Own(Receiver<Item<E>>),
    Shared(Pin<Box<dyn Stream<Item = Item<E>> + Send>>),
}

impl<E> fmt::Debug for Feed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

impl<E: Clone + Send + 'static> Feed<E> {
    pub(crate) fn of<S>(store: Arc<S>, query: Query, after: Position) -> Feed<E>
    where
        S: EventReader<E> + Send + Sync + ?Sized + 'static,
    {
        let (to_reader, events) = channel(AHEAD);
        let failed = to_reader.clone();
        let started = thread::Builder::new().name("leftfold feed".to_string()).spawn(move || {
            if let Err(error) = follow(&*store, query, after, &to_reader) {
                // Nobody reads any more, or the error is the last that is read.
                let _ = to_reader.blocking_send(Err(error));
            }
        });
        if let Err(source) = started {
            let _ = failed.try_send(Err(ReadError::Storage {
                doing: "starting the thread of a feed".to_string(),
                source,
            }));
        }
        Feed { source: Source::Own(events) }
    }

    pub(crate) fn shared(events: impl Stream<Item = Item<E>> + Send + 'static) -> Feed<E> {
        Feed { source: Source::Shared(Box::pin(events)) }
    }
}

fn follow<S, E: Clone>(
    store: &S,
    query: Query,
    after: Position,
    to_reader: &Sender<Item<E>>,
) -> Result<(), ReadError>
where
    S: EventReader<E> + ?Sized,
{
    let mut feed = store.subscribe(query, after);
    while !to_reader.is_closed() {
        feed.follow(LOOK, |entry| {
            match entry.recorded().map(|event| to_reader.blocking_send(Ok(event)).is_ok()) {
                Some(false) => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        })?;
    }
    Ok(())
}

impl<E> Stream for Feed<E> {
    type Item = Item<E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        match &mut self.source {
            Source::Own(events) => events.poll_recv(context),
            Source::Shared(events) => events.as_mut().poll_next(context),
        }
    }
}
