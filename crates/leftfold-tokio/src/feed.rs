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

/// The events of a query, as a stream without an end; made by [`Async::feed`](crate::Async::feed).
///
/// Tombstones are passed over. An error of the store is the last item: go on with a new feed, after the
/// [position](Recorded::envelope) of the last event. A reader that lags holds up its own thread, and nobody else.
pub struct Feed<E> {
    events: Receiver<Result<Recorded<E>, ReadError>>,
}

impl<E> fmt::Debug for Feed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

impl<E: Clone + Send + 'static> Feed<E> {
    pub(crate) fn of<S>(store: Arc<S>, query: Query, after: Position) -> Feed<E>
    where
        S: EventReader<E> + Send + Sync + 'static,
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
        Feed { events }
    }
}

fn follow<S, E: Clone>(
    store: &S,
    query: Query,
    after: Position,
    to_reader: &Sender<Result<Recorded<E>, ReadError>>,
) -> Result<(), ReadError>
where
    S: EventReader<E>,
{
    let mut feed = store.subscribe(query, after);
    while !to_reader.is_closed() {
        feed.follow(LOOK, |entry| match entry.recorded().map(|event| to_reader.blocking_send(Ok(event))) {
            Some(Err(_)) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })?;
    }
    Ok(())
}

impl<E> Stream for Feed<E> {
    type Item = Result<Recorded<E>, ReadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.poll_recv(context)
    }
}
