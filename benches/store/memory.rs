//! The memory store: what an append costs, and what it costs to fold streams by reference.
use crate::interleaved;
use criterion::{BatchSize, Criterion, Throughput};
use leftfold::recorded::{StreamName, Tag};
use leftfold::store::{Batch, EventStore, Memory, NewEvent, Query, Reading};
use leftfold::{Fold, view};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::hint::black_box;

const EVENTS: usize = 100_000;
const STREAMS: usize = 1_000;
const OF_ONE_STREAM: usize = 1_000;

/// About 200 bytes each: numbers, and a text elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Deposited { amount: u64, balance: u64, branch: [u64; 6], reason: String },
    Withdrawn { amount: u64, balance: u64, branch: [u64; 6], reason: String },
}

fn event(number: usize) -> Event {
    let (amount, balance, branch) = (number as u64 % 100, number as u64, [number as u64; 6]);
    let reason = format!(
        "{number:>08}: for the rent of the house at the end of the road, and for what was left open by April"
    );
    match number % 3 {
        0 => Event::Withdrawn { amount, balance, branch, reason },
        _ => Event::Deposited { amount, balance, branch, reason },
    }
}

fn stream(number: usize) -> StreamName {
    StreamName::of("account", number).unwrap()
}

/// Batches of so many events, each for the next stream, each event with a tag.
fn batches(events: usize, size: usize, streams: usize) -> Vec<Batch<Event>> {
    let one = |batch: usize| {
        let to = Batch::to(&stream(batch % streams));
        (0..size).fold(to, |to, at| {
            let number = batch * size + at;
            to.record(
                NewEvent::of(event(number)).tag(Tag::new(format!("customer:{}", number % 5_000)).unwrap()),
            )
        })
    };
    (0..events / size).map(one).collect()
}

fn appended(store: &Memory<Event>, batches: Vec<Batch<Event>>) {
    for batch in batches {
        store.append(batch).unwrap();
    }
}

fn filled(streams: usize, of_each: usize) -> Memory<Event> {
    let store = Memory::new();
    appended(&store, batches(streams * of_each, 1, streams));
    store
}

fn balance() -> impl Fold<State = u64, Event = Event> {
    view(
        || 0u64,
        |balance: u64, event: &Event| match event {
            Event::Deposited { amount, .. } => balance.wrapping_add(*amount),
            Event::Withdrawn { amount, .. } => balance.wrapping_sub(*amount),
        },
    )
}

fn folded(store: &Memory<Event>, stream: &StreamName) -> u64 {
    store.load(&balance(), stream).unwrap().state
}

pub(crate) fn appends(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("memory store: append");
    group.sample_size(10).throughput(Throughput::Elements(EVENTS as u64));
    for size in [1, 10] {
        group.bench_function(format!("batches of {size}"), |bencher| {
            bencher.iter_batched(
                || (Memory::new(), batches(EVENTS, size, STREAMS)),
                |(store, batches)| {
                    appended(&store, batches);
                    store
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

pub(crate) fn folds(criterion: &mut Criterion) {
    let store = filled(1, OF_ONE_STREAM);
    let mut group = criterion.benchmark_group("memory store: fold a stream of 1,000");
    group.throughput(Throughput::Elements(OF_ONE_STREAM as u64));
    group.bench_function("read before", |bencher| bencher.iter(|| folded(black_box(&store), &stream(0))));
    group.finish();
}

/// One line of a table of figures that stand alone: how long it takes for each event, beside its bar. `prepare` is not in
/// the time.
fn timed<P, R>(
    what: &str,
    events: usize,
    bar: Option<f64>,
    rounds: usize,
    prepare: impl Fn() -> P,
    run: impl Fn(P) -> R,
) {
    let mut each: Vec<f64> = (0..rounds)
        .map(|_| {
            let prepared = Cell::new(Some(prepare()));
            interleaved::time(|| prepared.take().map(&run)).as_secs_f64() * 1e9 / events as f64
        })
        .collect();
    let (low, median, high) = (
        interleaved::quantile(&mut each, 0.25),
        interleaved::quantile(&mut each, 0.5),
        interleaved::quantile(&mut each, 0.75),
    );
    let held = match bar {
        Some(bar) if median <= bar => format!("{bar:>6.0} ns   held"),
        Some(bar) => format!("{bar:>6.0} ns   MISSED"),
        None => String::new(),
    };
    println!("{what:<64} {median:>9.2} ns {held}   (middle half {low:.2}-{high:.2})");
}

/// The memory store's figures beside their bars.
pub(crate) fn compare_all() {
    let store = filled(2, 3);
    let by_hand = balance().fold(&[event(0), event(2), event(4)]);
    assert_eq!(folded(&store, &stream(0)), by_hand);
    assert_eq!(store.fold(&balance(), Query::stream(&stream(0))).unwrap(), by_hand);
    if !interleaved::measuring() {
        return;
    }

    println!("\n{:<64} {:>12} {:>10}", "memory store, medians", "an event", "bar");
    for (size, bar) in [(1, Some(400.0)), (10, Some(400.0)), (100, None)] {
        timed(
            &format!("append: stream, category, type and tag, batches of {size}"),
            EVENTS,
            bar,
            11,
            || (Memory::new(), batches(EVENTS, size, STREAMS)),
            |(store, batches)| {
                appended(&store, batches);
                store
            },
        );
    }
    let store = filled(1, OF_ONE_STREAM);
    timed(
        "fold of a stream of 1,000, read before",
        OF_ONE_STREAM,
        Some(10.0),
        1_001,
        || (),
        |()| folded(black_box(&store), &stream(0)),
    );
    drop(store);
    // 400 streams of 1,000 events: about 160 MB, and neighbours in a stream are 400 appends apart.
    let (streams, of_each) = (400, 1_000);
    let store = filled(streams, of_each);
    let all: Vec<StreamName> = (0..streams).map(stream).collect();
    timed(
        "fold of 400 streams of 1,000, scattered in memory",
        streams * of_each,
        Some(80.0),
        11,
        || (),
        |()| all.iter().map(|stream| folded(black_box(&store), stream)).fold(0u64, u64::wrapping_add),
    );
}
