//! A query that one thread follows for many readers.

use crate::calls::{Async, not_read};
use crate::feed::{Feed, Item};
use futures_core::Stream;
use leftfold::recorded::{Position, Recorded};
use leftfold::store::{EventReader, Query, ReadError, Reading};
use std::fmt;
use std::io;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::thread;
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, Sender, channel, error::RecvError};

/// How many pages wait for readers that lag. Older ones are in the store, and not in memory.
const PAGES: usize = 64;

/// How many events are in a page that all readers share, at most, unless there are more at one position.
const EVENTS_IN_A_PAGE: usize = 64;

/// How many events a reader that catches up takes in one read.
const EVENTS_IN_A_READ: usize = 256;

/// After this time without events the thread looks whether anybody still reads; after an error, it begins again.
const LOOK: Duration = Duration::from_millis(250);

/// A query that one thread follows for all its readers; made by [`Async::shared_feed`].
///
/// The thread runs while there are readers. It reads each event once, and broadcasts it. A reader that begins at an older position,
/// or lags by more than the last few thousand events, reads what it lacks from the store, 256 events at a time, among the other
/// [calls](Async::calls) of this `Async`; then it goes on with the others. So hundreds of readers cost one thread and one read
/// of each event, and one that lags holds up nobody.
///
/// A clone is the same feed.
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
/// store.append(Batch::to(&bell).events((1..=3).map(Event::Rung))).await?;
///
/// let feed = store.shared_feed(Query::all());
/// let (mut early, mut late) = (feed.after(Position::START), feed.after(Position::new(2)));
/// assert_eq!(early.next().await.unwrap()?.event, Event::Rung(1));
/// assert_eq!(late.next().await.unwrap()?.event, Event::Rung(3));
/// store.append(Batch::to(&bell).event(Event::Rung(4))).await?;
/// assert_eq!(late.next().await.unwrap()?.event, Event::Rung(4));
/// # Ok(())
/// # }
/// ```
pub struct SharedFeed<E> {
    shared: Arc<Shared<E>>,
}

struct Shared<E> {
    broadcast: Sender<Broadcast<E>>,
    /// Whether there is a thread that follows. Under its lock readers begin, and the thread ends.
    followed: Mutex<bool>,
    source: Box<dyn Source<E>>,
}

/// A query of a store, whichever store it is.
trait Source<E>: Send + Sync {
    /// Starts the thread.
    fn start(&self, shared: Arc<Shared<E>>) -> io::Result<()>;

    /// Reads some events after a position.
    fn read(&self, after: Position) -> Work<Result<Page<E>, ReadError>>;
}

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// All events of the query that come after one position, up to another.
struct Page<E> {
    after: Position,
    up_to: Position,
    events: Vec<Recorded<E>>,
    /// Whether the log has more than this page.
    is_full: bool,
}

/// What the thread says to all readers: a page, or `None` for "look yourself", after an error.
type Broadcast<E> = Option<Arc<Page<E>>>;

impl<E> Clone for SharedFeed<E> {
    fn clone(&self) -> Self {
        SharedFeed { shared: self.shared.clone() }
    }
}

impl<E> fmt::Debug for SharedFeed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let readers = self.shared.broadcast.receiver_count();
        f.debug_struct("SharedFeed").field("readers", &readers).finish_non_exhaustive()
    }
}

impl<E: Clone + Send + Sync + 'static> SharedFeed<E> {
    pub(crate) fn of<S>(calls: &Async<S>, query: Query) -> SharedFeed<E>
    where
        S: EventReader<E> + Send + Sync + ?Sized + 'static,
    {
        let source = Box::new(QueryOf { calls: calls.clone(), query });
        let shared = Shared { broadcast: channel(PAGES).0, followed: Mutex::new(false), source };
        SharedFeed { shared: Arc::new(shared) }
    }

    /// The events after a position, those that there are and then the new ones, each once and in order.
    ///
    /// After an error of the thread, each reader looks itself, and the thread begins again. An error that the reader meets too is its
    /// last item.
    pub fn after(&self, position: Position) -> Feed<E> {
        let next = match self.shared.subscribe() {
            Ok(broadcast) => {
                let reader = Reader { shared: self.shared.clone(), broadcast, position, lacks: true };
                Box::pin(reader.next_page()) as Work<_>
            }
            Err(error) => Box::pin(async { Err(error) }),
        };
        Feed::shared(Events { ready: Vec::new().into_iter(), next: Some(next) })
    }
}

impl<E> Shared<E> {
    /// A receiver of all that is broadcast from now on.
    fn subscribe(self: &Arc<Self>) -> Result<Receiver<Broadcast<E>>, ReadError> {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.broadcast.subscribe();
        if !*followed {
            self.source.start(self.clone()).map_err(|source| {
                let doing = "starting the thread of a feed".to_string();
                ReadError::Storage { doing, source }
            })?;
            *followed = true;
        }
        Ok(receiver)
    }

    /// Whether nobody reads any more. The thread ends then, and the next reader starts another one.
    fn is_deserted(&self) -> bool {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        *followed = self.broadcast.receiver_count() > 0;
        !*followed
    }

    fn send(&self, said: Broadcast<E>) {
        // That nobody reads is seen elsewhere.
        let _ = self.broadcast.send(said);
    }
}

struct QueryOf<S: ?Sized> {
    calls: Async<S>,
    query: Query,
}

impl<S, E> Source<E> for QueryOf<S>
where
    S: EventReader<E> + Send + Sync + ?Sized + 'static,
    E: Clone + Send + Sync + 'static,
{
    fn start(&self, shared: Arc<Shared<E>>) -> io::Result<()> {
        let (store, query) = (self.calls.store().clone(), self.query.clone());
        let thread = thread::Builder::new().name("leftfold feed".to_string());
        thread.spawn(move || follow_for_all(&*store, &query, &shared)).map(drop)
    }

    fn read(&self, after: Position) -> Work<Result<Page<E>, ReadError>> {
        let (calls, query) = (self.calls.clone(), self.query.clone());
        Box::pin(
            async move { calls.call(move |store| page_of(store, query, after)).await.map_err(not_read)? },
        )
    }
}

/// The thread: follows the query from the head while there are readers, and begins again after an error or a panic.
fn follow_for_all<S, E: Clone>(store: &S, query: &Query, shared: &Shared<E>)
where
    S: EventReader<E> + ?Sized,
{
    loop {
        // What is wrong is seen by each reader, when it looks itself.
        if let Ok(Ok(())) = catch_unwind(AssertUnwindSafe(|| follow(store, query, shared))) {
            return;
        }
        shared.send(None);
        thread::sleep(LOOK);
        if shared.is_deserted() {
            return;
        }
    }
}

fn follow<S, E: Clone>(store: &S, query: &Query, shared: &Shared<E>) -> Result<(), ReadError>
where
    S: EventReader<E> + ?Sized,
{
    let mut after = store.head()?;
    let mut feed = store.subscribe(query.clone(), after);
    let mut send = |events: Vec<Recorded<E>>| {
        let up_to = events.last().map_or(after, |last| last.position);
        shared.send(Some(Arc::new(Page { after, up_to, events, is_full: false })));
        after = up_to;
    };
    // It says where the thread begins: readers that are not there yet look themselves.
    send(Vec::new());
    while !shared.is_deserted() {
        let mut events = Vec::new();
        feed.catch_up(|entry| {
            if is_full(&events, EVENTS_IN_A_PAGE, entry.envelope().position) {
                send(std::mem::take(&mut events));
            }
            events.extend(entry.recorded());
            ControlFlow::Continue(())
        })?;
        if !events.is_empty() {
            send(events);
        }
        store.wait(feed.position(), LOOK)?;
    }
    Ok(())
}

/// The next events after a position, as far as they are read at once.
fn page_of<S, E: Clone>(store: &S, query: Query, after: Position) -> Result<Page<E>, ReadError>
where
    S: EventReader<E> + ?Sized,
{
    let (mut events, mut full) = (Vec::new(), false);
    let head = store.visit(&query.after(after), &mut |entry| {
        full = is_full(&events, EVENTS_IN_A_READ, entry.envelope().position);
        if full {
            return ControlFlow::Break(());
        }
        events.extend(entry.recorded());
        ControlFlow::Continue(())
    })?;
    let last = events.last().map(|last: &Recorded<E>| last.position).filter(|_| full);
    Ok(Page { after, up_to: last.unwrap_or(head).max(after), events, is_full: full })
}

/// Whether an entry at this position belongs to the next page. All events of one position are in one page.
fn is_full<E>(events: &[Recorded<E>], most: usize, position: Position) -> bool {
    events.len() >= most && events.last().is_some_and(|last| last.position < position)
}

struct Reader<E> {
    shared: Arc<Shared<E>>,
    broadcast: Receiver<Broadcast<E>>,
    /// It has all events up to here.
    position: Position,
    /// Whether there may be events after it that are not broadcast any more.
    lacks: bool,
}

impl<E: Clone + Send + Sync + 'static> Reader<E> {
    /// Waits for events. Every page says where it begins, so this is right whatever was missed: a page that begins after the
    /// reader's position leaves something out, which is read, and one that ends before it has been read already.
    async fn next_page(mut self) -> Result<(Self, Vec<Recorded<E>>), ReadError> {
        loop {
            if self.lacks {
                let page = self.shared.source.read(self.position).await?;
                (self.position, self.lacks) = (page.up_to, page.is_full);
                if !page.events.is_empty() {
                    return Ok((self, page.events));
                }
                continue;
            }
            match self.broadcast.recv().await {
                Ok(Some(page)) if page.after <= self.position => {
                    let seen = page.events.partition_point(|event| event.position <= self.position);
                    self.position = self.position.max(page.up_to);
                    if seen < page.events.len() {
                        return Ok((self, page.events[seen..].to_vec()));
                    }
                }
                // `Closed` cannot be: the reader itself holds the sender.
                Ok(Some(_) | None) | Err(RecvError::Lagged(_) | RecvError::Closed) => self.lacks = true,
            }
        }
    }
}

/// The events of one reader.
struct Events<E> {
    ready: std::vec::IntoIter<Recorded<E>>,
    /// `None` after an error.
    next: Option<NextPage<E>>,
}

type NextPage<E> = Work<Result<(Reader<E>, Vec<Recorded<E>>), ReadError>>;

// Events are moved out of it, and never pinned in it.
impl<E> Unpin for Events<E> {}

impl<E: Clone + Send + Sync + 'static> Stream for Events<E> {
    type Item = Item<E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Item<E>>> {
        loop {
            if let Some(event) = self.ready.next() {
                return Poll::Ready(Some(Ok(event)));
            }
            let Some(next) = &mut self.next else { return Poll::Ready(None) };
            match ready!(next.as_mut().poll(context)) {
                Ok((reader, events)) => {
                    self.ready = events.into_iter();
                    self.next = Some(Box::pin(reader.next_page()));
                }
                Err(error) => {
                    self.next = None;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}
