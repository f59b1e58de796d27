//! Hundreds of readers of one feed: each sees every event once and in order, wherever it begins and however slow it is.

use leftfold::recorded::{Position, StreamName};
use leftfold::store::{Batch, EventStore, Memory, Query};
use leftfold_tokio::{Async, Feed, SharedFeed};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_stream::StreamExt;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Rung(u64),
    Silent,
}

fn rung() -> Query {
    Query::of_types(["Rung"])
}

/// Rings this often, each time in a batch of its own with something that no reader asks for.
fn ring(store: &impl EventStore<Event>, numbers: impl IntoIterator<Item = u64>) {
    let bell = StreamName::new("bell").unwrap();
    for number in numbers {
        store.append(Batch::to(&bell).events([Event::Silent, Event::Rung(number)])).unwrap();
    }
}

/// A number that the system knows of this process.
fn status(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// 300 readers, three at each of 100 positions, while two writers append 12,000 events: one in three reads slowly, and lags by more
/// than is kept for it.
#[test]
fn each_reader_sees_every_event_once_and_in_order_wherever_it_begins() {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).max_blocking_threads(8).enable_time().build().unwrap();
    runtime.block_on(three_hundred_readers());
}

async fn three_hundred_readers() {
    let store = Arc::new(Memory::<Event>::new());
    ring(&*store, 1..=2_000);
    let calls = Async::new(store.clone()).calls(4);
    let feed: SharedFeed<Event> = calls.shared_feed(rung());
    let before = status("Threads:");
    let readers = (0..300u64).map(|number| {
        let (feed, after) = (feed.clone(), number / 3 * 50);
        tokio::spawn(async move {
            let mut events = feed.after(Position::new(after));
            let mut positions = Vec::new();
            while positions.last() < Some(&16_000) {
                let event = timeout(Duration::from_secs(60), events.next()).await.expect("an event in time");
                positions.push(event.unwrap().unwrap().position.get());
                if number % 3 == 0 && positions.len() % 500 == 1 {
                    sleep(Duration::from_millis(20)).await;
                }
            }
            let all: Vec<u64> = (after + 1..=16_000).filter(|position| position % 2 == 0).collect();
            assert!(positions == all, "reader {number} after {after}: {} of {}", positions.len(), all.len());
        })
    });
    let readers: Vec<_> = readers.collect();
    let writers = [0, 1].map(|writer| {
        let store = store.clone();
        std::thread::spawn(move || {
            for number in 0..3_000 {
                ring(&*store, [writer * 10_000 + number]);
                if number % 10 == 0 {
                    std::thread::sleep(Duration::from_millis(4));
                }
            }
        })
    });
    let mut most = 0;
    while writers.iter().any(|writer| !writer.is_finished()) {
        most = most.max(status("Threads:"));
        sleep(Duration::from_millis(2)).await;
    }
    for reader in readers {
        reader.await.unwrap();
    }
    // The two writers, the thread that follows, and those of the runtime for calls that block.
    assert!(most <= before + 2 + 1 + 8, "{most} threads, and {before} before");
}

/// What 500 readers cost, with a thread each and with one for all: printed by
/// `cargo test --release -p leftfold-tokio --test hundreds_of_readers -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measure"]
async fn five_hundred_readers_beside_five_hundred_feeds() {
    for _ in 0..2 {
        let one = OnceLock::new();
        let shared = |store: &Async<Memory<Event>>, query, after| {
            one.get_or_init(|| store.shared_feed(query)).after(after)
        };
        measured("one shared feed", shared).await;
        measured("a feed each", Async::feed::<Event>).await;
    }
}

async fn measured(what: &str, feed: impl Fn(&Async<Memory<Event>>, Query, Position) -> Feed<Event>) {
    let store = Arc::new(Memory::<Event>::new());
    let calls = Async::new(store.clone());
    let (threads_before, memory_before) = (status("Threads:"), status("VmRSS:"));
    let (seen, mut latencies) = mpsc::unbounded_channel();
    let epoch = Instant::now();
    let readers: Vec<_> = (0..500)
        .map(|_| {
            let (mut events, seen) = (feed(&calls, rung(), Position::START), seen.clone());
            tokio::spawn(async move {
                while let Some(event) = events.next().await {
                    let Event::Rung(micros) = event.unwrap().event else { panic!("nobody asked for it") };
                    let _ = seen.send(epoch.elapsed().as_micros() as u64 - micros);
                }
            })
        })
        .collect();
    sleep(Duration::from_millis(500)).await;
    let mut all = Vec::new();
    for _ in 0..100 {
        ring(&*store, [epoch.elapsed().as_micros() as u64]);
        for _ in 0..500 {
            all.extend(timeout(Duration::from_secs(30), latencies.recv()).await.unwrap());
        }
    }
    all.sort_unstable();
    let threads = status("Threads:") - threads_before;
    let memory = status("VmRSS:").saturating_sub(memory_before);
    let begun = Instant::now();
    let now = epoch.elapsed().as_micros() as u64;
    tokio::task::spawn_blocking(move || ring(&*store, std::iter::repeat_n(now, 2_000))).await.unwrap();
    for _ in 0..500 * 2_000 {
        timeout(Duration::from_secs(60), latencies.recv()).await.unwrap();
    }
    let burst = begun.elapsed();
    println!(
        "{what}: {threads} threads, {memory} KiB more; {} us from append to reader (p50), {} us (p99.8); 2,000 events to all in {burst:?}",
        all[all.len() / 2],
        all[all.len() * 998 / 1_000],
    );
    for reader in readers {
        reader.abort();
    }
    sleep(Duration::from_millis(600)).await;
}
