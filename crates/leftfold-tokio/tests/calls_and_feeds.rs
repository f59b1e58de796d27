//! What futures wait for, and what a feed shows.

use leftfold::recorded::{Position, StreamName};
use leftfold::store::{
    AppendError, Batch, Conflict, EventReader, EventStore, ExpectedVersion, Memory, Query,
};
use leftfold_tokio::Async;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};
use tokio_stream::StreamExt;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Rung(u32),
}

fn bell() -> StreamName {
    StreamName::new("bell").unwrap()
}

#[tokio::test]
async fn a_call_is_answered_as_the_store_answers() {
    let store = Async::new(Arc::new(Memory::<Event>::new()));
    let batch = || Batch::to(&bell()).expecting(ExpectedVersion::NoStream).event(Event::Rung(1));
    assert_eq!(store.append(batch()).await.unwrap().first, Position::new(1));
    assert!(matches!(store.append(batch()).await, Err(AppendError::Conflict(Conflict::Stream { .. }))));
    assert_eq!(store.read(Query::all()).await.unwrap()[0].event, Event::Rung(1));
    assert_eq!(store.head().await.unwrap(), Position::new(1));
    assert!(store.stream(bell()).await.unwrap().is_some());
}

/// More calls than threads are given wait as futures; one that is dropped before it has begun is not made.
#[tokio::test]
async fn calls_wait_for_their_turn_and_can_be_taken_back() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let store = Async::new(Arc::new(Memory::<Event>::new())).calls(2);
    let calls = (0..8).map(|_| {
        let (store, running, most) = (store.clone(), running.clone(), most.clone());
        tokio::spawn(async move {
            let call = move |_: &Memory<Event>| {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(20));
                running.fetch_sub(1, Ordering::SeqCst);
            };
            store.call(call).await
        })
    });
    let calls: Vec<_> = calls.collect();
    sleep(Duration::from_millis(5)).await;
    let waiting =
        timeout(Duration::from_millis(1), store.append(Batch::to(&bell()).event(Event::Rung(9)))).await;
    assert!(waiting.is_err(), "it waits behind the others");
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
    assert_eq!(store.head().await.unwrap(), Position::START, "what was taken back is not recorded");
}

#[tokio::test]
#[should_panic(expected = "planted")]
async fn a_panic_in_a_call_is_a_panic_of_the_future() {
    let store = Async::new(Arc::new(Memory::<Event>::new()));
    let _ = store.call(|_| panic!("planted")).await;
}

/// While a writer appends, feeds that begin at any time show every event once, and a reader that lags holds up nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_shows_every_event_once_and_in_order() {
    let store = Arc::new(Memory::<Event>::new());
    let following = Async::new(store.clone());
    let lagging = following.feed(Query::all(), Position::START);
    let writer = std::thread::spawn(move || {
        for number in 1..=1_000 {
            store.append(Batch::to(&bell()).event(Event::Rung(number))).unwrap();
        }
    });
    for after in [0, 1, 500, 999] {
        let feed = following.feed(Query::all(), Position::new(after)).take(1_000 - after as usize);
        let seen: Vec<_> = timeout(Duration::from_secs(20), feed.collect::<Vec<_>>()).await.unwrap();
        let seen: Vec<u64> = seen.into_iter().map(|event| event.unwrap().position.get()).collect();
        assert_eq!(seen, (after + 1..=1_000).collect::<Vec<_>>());
    }
    writer.join().unwrap();
    assert_eq!(lagging.take(1_000).collect::<Vec<_>>().await.len(), 1_000);
}

/// A feed that is dropped ends its thread, and lets go of the store.
#[tokio::test]
async fn a_feed_ends_with_its_reader() {
    let store = Arc::new(Memory::<Event>::new());
    let feed = Async::new(store.clone()).feed(Query::all(), Position::START);
    assert_eq!(Arc::strong_count(&store), 2);
    drop(feed);
    let begun = Instant::now();
    while Arc::strong_count(&store) > 1 {
        assert!(begun.elapsed() < Duration::from_secs(10), "the thread goes on");
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(store.head().unwrap(), Position::START);
}
