//! What the readers of a shared feed see: of events, of errors, of its thread.

use leftfold::recorded::{EventId, Position, Recorded, StreamName};
use leftfold::store::{
    AppendError, Appended, Batch, Entry, EventReader, EventStore, Listing, Memory, Query, Read, ReadError,
    StreamInfo,
};
use leftfold_tokio::{Async, Feed};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};
use tokio_stream::StreamExt;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Rung(u64),
    Silent,
}

fn bell() -> StreamName {
    StreamName::new("bell").unwrap()
}

fn rung() -> Query {
    Query::of_types(["Rung"])
}

/// A store in memory that counts its reads, and fails or panics when it is asked to.
#[derive(Default)]
struct Watched {
    store: Memory<Event>,
    visits: AtomicUsize,
    fails: AtomicBool,
    panics: AtomicBool,
    /// Shows each event three times, as an upcaster may make several of one.
    triples: AtomicBool,
    /// No event after this position is shown, by way of an error.
    unreadable: AtomicU64,
}

fn broken(doing: &str) -> ReadError {
    ReadError::Storage { doing: doing.to_string(), source: std::io::Error::other("planted") }
}

impl EventReader<Event> for Watched {
    fn head(&self) -> Result<Position, ReadError> {
        if self.fails.load(Ordering::SeqCst) { Err(broken("asking for the head")) } else { self.store.head() }
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, Event>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        self.visits.fetch_add(1, Ordering::SeqCst);
        assert!(!self.panics.swap(false, Ordering::SeqCst), "planted");
        if self.fails.load(Ordering::SeqCst) {
            return Err(broken("reading"));
        }
        let (unreadable, mut met) = (self.unreadable.load(Ordering::SeqCst), false);
        let head = self.store.visit(read, &mut |entry| {
            met = entry.envelope().position.get() == unreadable;
            if met {
                return ControlFlow::Break(());
            }
            let times = if self.triples.load(Ordering::SeqCst) { 3 } else { 1 };
            (0..times).try_for_each(|_| each(entry))
        })?;
        if met { Err(broken("reading an event")) } else { Ok(head) }
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

impl EventStore<Event> for Watched {
    fn append(&self, batch: Batch<Event>) -> Result<Appended, AppendError> {
        self.store.append(batch)
    }
}

/// Rings this often, each time in a batch of its own with something that no reader asks for.
fn ring(store: &impl EventStore<Event>, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        store.append(Batch::to(&bell()).events([Event::Silent, Event::Rung(number)])).unwrap();
    }
}

fn number_of(item: Option<Result<Recorded<Event>, ReadError>>) -> u64 {
    match item.expect("it has no end").unwrap().event {
        Event::Rung(number) => number,
        Event::Silent => panic!("nobody asked for it"),
    }
}

async fn next(feed: &mut Feed<Event>) -> u64 {
    number_of(timeout(Duration::from_secs(30), feed.next()).await.expect("an event in time"))
}

async fn error_of(feed: &mut Feed<Event>) -> String {
    let item = timeout(Duration::from_secs(30), feed.next()).await.expect("an answer in time");
    let error = item.expect("an error comes before the end").unwrap_err().to_string();
    assert!(feed.next().await.is_none(), "it is the last");
    error
}

/// Once they have caught up, however many readers there are, an event is read once.
#[tokio::test]
async fn readers_that_have_caught_up_cost_no_reads() {
    let store = Arc::new(Watched::default());
    ring(&*store, [0]);
    let feed = Async::new(store.clone()).shared_feed(rung());
    let mut readers: Vec<_> = (0..100).map(|_| feed.after(Position::START)).collect();
    for reader in &mut readers {
        assert_eq!(next(reader).await, 0);
    }
    // Each waits for the next one by now.
    for reader in &mut readers {
        assert!(timeout(Duration::from_millis(2), reader.next()).await.is_err());
    }
    let before = store.visits.load(Ordering::SeqCst);
    for number in 1..=20 {
        ring(&*store, [number]);
        for reader in &mut readers {
            assert_eq!(next(reader).await, number);
        }
    }
    let visits = store.visits.load(Ordering::SeqCst) - before;
    assert!(visits <= 60, "{visits} reads for 20 events");
}

/// A reader that takes nothing keeps nobody waiting, and finds all of it when it goes on.
#[tokio::test]
async fn a_reader_that_lags_reads_what_it_has_missed() {
    let store = Arc::new(Watched::default());
    let feed = Async::new(store.clone()).shared_feed(rung());
    let (mut quick, mut slow) = (feed.after(Position::START), feed.after(Position::START));
    ring(&*store, [0]);
    assert_eq!((next(&mut quick).await, next(&mut slow).await), (0, 0));
    for number in 1..=6_000 {
        ring(&*store, [number]);
        if number % 50 == 0 {
            for expected in number - 49..=number {
                assert_eq!(next(&mut quick).await, expected);
            }
        }
    }
    let before = store.visits.load(Ordering::SeqCst);
    for number in 1..=6_000 {
        assert_eq!(next(&mut slow).await, number);
    }
    assert!(store.visits.load(Ordering::SeqCst) > before, "more is kept for it than is said");
    ring(&*store, [7_000]);
    assert_eq!((next(&mut quick).await, next(&mut slow).await), (7_000, 7_000));
}

/// Where one position has several events, no page ends between them, and the last page of what there was is not the last of all.
#[tokio::test]
async fn events_that_share_a_position_stay_together() {
    let store = Arc::new(Watched::default());
    store.triples.store(true, Ordering::SeqCst);
    let feed = Async::new(store.clone()).shared_feed(rung());
    ring(&*store, 0..1_000);
    let mut reader = feed.after(Position::START);
    for number in 0..3_000 {
        assert_eq!(next(&mut reader).await, number / 3);
    }
    assert!(timeout(Duration::from_millis(20), reader.next()).await.is_err());
    let together = (1_000..1_100).map(Event::Rung);
    store.append(Batch::to(&bell()).events(together)).unwrap();
    for number in 3_000..3_300 {
        assert_eq!(next(&mut reader).await, number / 3);
    }
}

#[tokio::test]
async fn an_error_is_the_last_item_of_every_reader_and_later_ones_go_on() {
    let store = Arc::new(Watched::default());
    let feed = Async::new(store.clone()).shared_feed(rung());
    let mut readers: Vec<_> = (0..50).map(|_| feed.after(Position::START)).collect();
    ring(&*store, [1]);
    for reader in &mut readers {
        assert_eq!(next(reader).await, 1);
    }
    store.fails.store(true, Ordering::SeqCst);
    ring(&*store, [2]);
    for reader in &mut readers {
        assert_eq!(error_of(reader).await, "reading failed");
    }
    assert_eq!(error_of(&mut feed.after(Position::START)).await, "reading failed");
    store.fails.store(false, Ordering::SeqCst);
    let mut again = feed.after(Position::new(2));
    assert_eq!(next(&mut again).await, 2);
    ring(&*store, [3]);
    assert_eq!(next(&mut again).await, 3);
}

/// An event that cannot be read ends those that come to it; who begins after it goes on.
#[tokio::test]
async fn an_event_that_cannot_be_read_is_no_end_for_those_after_it() {
    let store = Arc::new(Watched::default());
    let feed = Async::new(store.clone()).shared_feed(rung());
    let mut reader = feed.after(Position::START);
    ring(&*store, [1]);
    assert_eq!(next(&mut reader).await, 1);
    store.unreadable.store(4, Ordering::SeqCst);
    ring(&*store, [2, 3]);
    assert_eq!(error_of(&mut reader).await, "reading an event failed");
    let mut after_it = feed.after(Position::new(4));
    assert_eq!(next(&mut after_it).await, 3);
    for number in 4..10 {
        ring(&*store, [number]);
        assert_eq!(next(&mut after_it).await, number);
    }
}

/// A panic of the store in the thread is no reason to wait for ever.
#[tokio::test]
async fn a_panic_in_the_thread_loses_nothing() {
    let store = Arc::new(Watched::default());
    let feed = Async::new(store.clone()).shared_feed(rung());
    let mut reader = feed.after(Position::START);
    ring(&*store, [1]);
    assert_eq!(next(&mut reader).await, 1);
    assert!(timeout(Duration::from_millis(20), reader.next()).await.is_err());
    store.panics.store(true, Ordering::SeqCst);
    for number in 2..6 {
        ring(&*store, [number]);
        assert_eq!(next(&mut reader).await, number);
    }
    assert!(!store.panics.load(Ordering::SeqCst));
}

/// The thread ends with the last reader, the next reader starts another one, and the store is let go with the last handle.
#[tokio::test]
async fn there_is_a_thread_while_there_are_readers() {
    let store = Arc::new(Watched::default());
    ring(&*store, [1]);
    let feed = Async::new(store.clone()).shared_feed(rung());
    let ended = async |what: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !what() {
            assert!(begun.elapsed() < Duration::from_secs(10), "the thread goes on");
            sleep(Duration::from_millis(10)).await;
        }
    };
    let held = Arc::strong_count(&store);
    for round in 0..3 {
        let (mut one, mut other) =
            (feed.after(Position::new(2 * round)), feed.after(Position::new(2 * round)));
        assert_eq!((next(&mut one).await, next(&mut other).await), (round + 1, round + 1));
        assert!(Arc::strong_count(&store) > held, "a thread has it");
        drop(one);
        // Longer than the thread takes to look for readers.
        sleep(Duration::from_millis(400)).await;
        ring(&*store, [round + 2]);
        assert_eq!(next(&mut other).await, round + 2, "the one that is left is followed for");
        drop(other);
        ended(&|| Arc::strong_count(&store) == held).await;
    }
    drop(feed);
    ended(&|| Arc::strong_count(&store) == 1).await;
}
