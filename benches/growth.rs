//! What grows: the time of each at `n`, `2n` and `4n`, and by how much it grew. Twice is linear; the square would be four times.
// The function that `criterion_group!` writes has no words of its own.
#![allow(missing_docs)]

use criterion::{BenchmarkId, Criterion, criterion_group};
use leftfold::codec::{Codec, RawCodec, RawEvent};
use leftfold::log::{FileLog, FileLogOptions, Syncing};
use leftfold::recorded::{EventId, StreamName, Timestamp};
use leftfold::runtime::{Folded, OnPoison, Process, ProcessRunner, Projection, Runner};
use leftfold::store::{Batch, EventReader, EventStore, Listing, Memory, NewEvent, Query, Reading};
use leftfold::{Owed, process_manager, view};
use serde::{Deserialize, Serialize};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Begun,
    Ended,
}

fn stream(number: usize) -> StreamName {
    StreamName::of("item", number).expect("a name of a stream")
}

/// Appends these events, each to its stream, in batches of a thousand.
fn append<E: Clone>(store: &impl EventStore<E>, events: &[(StreamName, E)]) {
    for events in events.chunks(1_000) {
        let mut batch = Batch::to(&events[0].0);
        for (stream, event) in events {
            batch = batch.and_to(stream).event(event.clone());
        }
        store.append(batch).expect("it is appended");
    }
}

/// A store in which `n` items have begun, and ended if they are to.
fn items(n: usize, ended: bool) -> Arc<Memory<Event>> {
    let store = Memory::new();
    let all = |event: &Event| (0..n).map(|number| (stream(number), event.clone())).collect::<Vec<_>>();
    append(&store, &all(&Event::Begun));
    if ended {
        append(&store, &all(&Event::Ended));
    }
    Arc::new(store)
}

/// A process runner takes the events of `n` instances, each of which waits for a time that is far away, or has ended.
fn instances(n: usize, ended: bool) -> Duration {
    let (store, folder) = (items(n, ended), tempfile::tempdir().expect("a folder"));
    let waiting = process_manager(
        || false,
        |_, event: &Event| *event == Event::Begun,
        |waits: &bool| waits.then(|| Owed::at(Timestamp::MAX, "remind", ())).into_iter().collect(),
    );
    let process = Process::new("reminding", Query::all(), waiting)
        .per_identity(|envelope, _| envelope.stream.id().map(str::to_string));
    let mut runner = ProcessRunner::open(process, store, folder.path(), |_| Ok(())).expect("it opens");
    time(|| runner.run_once().expect("it runs"))
}

/// All pages of the names of `n` streams, a hundred at a time, each behind the last.
fn pages(n: usize) -> Duration {
    let store = items(n, false);
    time(|| {
        let mut last = String::new();
        loop {
            let page = store.streams(&Listing::all().after(&last).limit(100)).expect("it lists");
            let Some(info) = page.last() else { break };
            last = info.name.to_string();
        }
    })
}

/// A thousand reads of one event each, in a log with `n` types.
fn reads(n: usize) -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    let log = FileLogOptions::new().sync(Syncing::Never).open(folder.path(), RawCodec).expect("it opens");
    let event = |number| RawEvent::new(format!("Type{number}"), "null").expect("JSON");
    let events: Vec<_> = (0..n).map(|number| (stream(number), event(number))).collect();
    append(&log, &events);
    let read = |number: usize| log.all(Query::stream(&stream(n - 1 - number % n))).expect("it reads").len();
    time(|| (0..1_000).map(read).sum::<usize>())
}

/// A batch of `n` events with ids is repeated.
fn repeats(n: usize, in_a_file: bool) -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    let batch = || {
        let id = |number| EventId::new(format!("given {number}")).expect("an id");
        (0..n).fold(Batch::to(&stream(1)), |batch, number| {
            batch.record(NewEvent::of(Event::Begun).id(id(number)))
        })
    };
    let (memory, log);
    let store: &dyn EventStore<Event> = if in_a_file {
        let codec = Codec::new().expect("a codec");
        log = FileLogOptions::new().sync(Syncing::Never).open(folder.path(), codec).expect("it opens");
        &log
    } else {
        memory = Memory::new();
        &memory
    };
    store.append(batch()).expect("it is appended");
    let again = batch();
    time(|| store.append(again).expect("it is repeated"))
}

/// A projection passes over every second of `n` events, since they cannot be read.
fn skips(n: usize) -> Duration {
    let (folder, kept) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let log = FileLogOptions::new().sync(Syncing::Never).open(folder.path(), RawCodec).expect("it opens");
    let name = |number| if number % 2 == 0 { "Begun" } else { "Unknown" };
    let event = |number| RawEvent::new(name(number), "null").expect("JSON");
    let events: Vec<_> = (0..n).map(|number| (stream(number), event(number))).collect();
    append(&log, &events);
    log.close().expect("it closes");
    let log = FileLog::<Event>::open(folder.path(), Codec::new().expect("a codec")).expect("it opens");
    let state = Folded::of(view(Vec::new, |mut all: Vec<u64>, _: &Event| {
        all.push(all.len() as u64);
        all
    }));
    let projection = Projection::new("counting", Query::all(), state).on_poison(OnPoison::Skip);
    let mut runner = Runner::open(projection, &log, kept.path()).expect("it opens");
    time(|| runner.run_once().expect("it runs"))
}

fn time<R>(run: impl FnOnce() -> R) -> Duration {
    let begun = Instant::now();
    black_box(run());
    begun.elapsed()
}

/// A row of the table: the least of three runs at each size.
fn row(what: &str, n: usize, run: impl Fn(usize) -> Duration) {
    let measured = |n| (0..3).map(|_| run(n)).min().unwrap_or_default().as_secs_f64();
    let [one, two, four] = [measured(n), measured(2 * n), measured(4 * n)];
    let ms = |seconds: f64| seconds * 1e3;
    println!(
        "{what:<46} {n:>8}  {:>9.1} ms {:>9.1} ms {:>9.1} ms   {:>5.2}x {:>5.2}x",
        ms(one),
        ms(two),
        ms(four),
        two / one,
        four / two
    );
}

/// All of it where it is measured; otherwise a little, to see that it works.
fn table() {
    let size = |n: usize| if std::env::args().any(|arg| arg == "--bench") { n } else { n / 1_000 };
    println!("{:<46} {:>8}  {:>12} {:>12} {:>12}   {:>6} {:>6}", "", "n", "n", "2n", "4n", "2n/n", "4n/2n");
    row("process runner, instances that wait", size(100_000), |n| instances(n, false));
    row("process runner, instances that have ended", size(100_000), |n| instances(n, true));
    row("all pages of the names of streams", size(50_000), pages);
    row("1,000 reads of one event beside n types", size(25_000), reads);
    row("a batch repeated, in memory", size(10_000), |n| repeats(n, false));
    row("a batch repeated, in a file", size(10_000), |n| repeats(n, true));
    row("a projection that passes over every second", size(10_000), skips);
}

/// One page of streams, wherever it begins.
fn one_page(c: &mut Criterion) {
    let mut group = c.benchmark_group("growth");
    for n in [1_000, 2_000, 4_000] {
        let store = items(n, false);
        let page = Listing::all().after(format!("item-{}", n / 2)).limit(100);
        group.bench_with_input(BenchmarkId::new("a page of 100 streams", n), &page, |b, page| {
            b.iter(|| store.streams(page).expect("it lists"));
        });
    }
}

criterion_group!(benches, one_page);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    table();
}
