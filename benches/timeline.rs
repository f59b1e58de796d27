//! Keeping every version of a state: what it costs in memory and time, beside folding in place and beside copies.
// The function that `criterion_group!` writes has no words of its own.
#![allow(missing_docs)]

// Its commands are decided in another benchmark; here it lends its dice.
#[allow(dead_code)]
mod account;
#[allow(dead_code)]
mod interleaved;

use account::Dice;
use criterion::{BatchSize, Criterion, Throughput, criterion_group};
use im::OrdMap;
use interleaved::{in_turn, quantile, time};
use leftfold::{Fold, Timeline, view};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::Command;

const EVENTS: usize = 1_000_000;
const KEYS: u64 = 10_000;
/// Of the standard map, one version in so many is kept.
const EVERY: usize = 10_000;
const ROUNDS: usize = 5;
/// Memory is measured in a process of its own, so that nothing is counted that was allocated before.
const PART: &str = "LEFTFOLD_TIMELINE_PART";

type Event = (u64, u64);

fn history(events: usize) -> Vec<Event> {
    let mut dice = Dice(7);
    (0..events).map(|_| (dice.below(KEYS), dice.below(1_000))).collect()
}

/// All keys are there from the beginning, so that every version has them all.
fn persistent() -> impl Fold<State = OrdMap<u64, u64>, Event = Event> {
    let full: OrdMap<u64, u64> = (0..KEYS).map(|key| (key, 0_u64)).collect();
    view(
        move || full.clone(),
        |mut state: OrdMap<u64, u64>, (key, value): &Event| {
            state.insert(*key, *value);
            state
        },
    )
}

fn standard() -> impl Fold<State = BTreeMap<u64, u64>, Event = Event> {
    view(
        || (0..KEYS).map(|key| (key, 0)).collect(),
        |mut state: BTreeMap<u64, u64>, (key, value): &Event| {
            state.insert(*key, *value);
            state
        },
    )
}

/// Built from a slice, so that the history is copied into the timeline within the time.
fn kept(events: &[Event]) -> Timeline<impl Fold<State = OrdMap<u64, u64>, Event = Event>> {
    Timeline::of(persistent()).extend(events.iter().copied())
}

fn every(events: &[Event], k: usize) -> Timeline<impl Fold<State = BTreeMap<u64, u64>, Event = Event>> {
    Timeline::of(standard()).keeping_every(k).extend(events.iter().copied())
}

fn building(criterion: &mut Criterion) {
    let events = history(100_000);
    let mut group = criterion.benchmark_group("100,000 events into a map of 10,000 keys");
    group.sample_size(10).throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("every version kept", |bencher| {
        bencher.iter_batched(|| (), |()| kept(black_box(&events)), BatchSize::PerIteration);
    });
    group.bench_function("folded in place", |bencher| {
        bencher.iter_batched(|| (), |()| persistent().fold(black_box(&events)), BatchSize::PerIteration);
    });
    group.finish();
}

criterion_group!(benches, building);

/// The memory of this process that is in RAM, in bytes; where the system does not tell, nothing.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<usize>().ok().map(|kilobytes| kilobytes * 1024)
}

/// By how much the resident memory grows while something is made, in bytes.
fn grown<T>(make: impl FnOnce() -> T) -> Option<usize> {
    let before = resident()?;
    let made = make();
    let after = resident()?;
    drop(black_box(made));
    Some(after.saturating_sub(before))
}

/// What a process of its own measures for one part.
fn measured_apart(part: &str) -> Option<f64> {
    let exe = std::env::current_exe().ok()?;
    let output = Command::new(exe).arg("--bench").env(PART, part).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn part(name: &str) -> Option<f64> {
    let events = history(EVENTS);
    match name {
        "every version" => grown(|| kept(&events)).map(|bytes| bytes as f64),
        "every k-th" => grown(|| every(&events, EVERY)).map(|bytes| bytes as f64),
        "copies" => {
            let one = standard().fold(&events);
            grown(|| vec![one; 100]).map(|bytes| bytes as f64 / 100.0)
        }
        "the history" => grown(|| events.clone()).map(|bytes| bytes as f64),
        "first touch" => Some(time(|| kept(&events)).as_secs_f64()),
        _ => None,
    }
}

fn line(what: &str, figure: String, bar: &str, held: bool) {
    println!("{what:<66} {figure:>16}   {bar}{}", if held { "held" } else { "MISSED" });
}

fn memory() {
    let (Some(all), Some(some), Some(copy), Some(history)) = (
        measured_apart("every version"),
        measured_apart("every k-th"),
        measured_apart("copies"),
        measured_apart("the history"),
    ) else {
        println!("this system does not tell the resident memory of a process");
        return;
    };
    let mega = |bytes: f64| format!("{:.1} MB", bytes / 1e6);
    let each = all / EVENTS as f64;
    line(
        "every version kept, OrdMap: memory a version, history included",
        format!("{each:.0} B"),
        "bar 1500 B, ",
        each <= 1_500.0,
    );
    println!("{:<66} {:>16}", "  in all", mega(all));
    println!("{:<66} {:>16}", "  the history alone", mega(history));
    let bound = (EVENTS / EVERY + 2) as f64 * copy + 2.0 * history;
    line(
        "every 10,000th kept, BTreeMap: memory in all",
        mega(some),
        &format!("bar {}: n / k + 2 states, and twice the history, ", mega(bound)),
        some <= bound,
    );
    println!("{:<66} {:>16}", "one BTreeMap of 10,000 keys", mega(copy));
    println!(
        "{:<66} {:>16}",
        "  a copy of it for every version would take",
        format!("{:.0} GB", copy * EVENTS as f64 / 1e9)
    );
}

fn times() {
    let events = history(EVENTS);
    let nanoseconds = |seconds: f64| seconds * 1e9 / EVENTS as f64;

    // Warm: what the first timeline took stays with the allocator, for something lives above it.
    let first = kept(&events);
    let above = vec![0_u8; 100_000];
    drop(first);
    let warm = in_turn(ROUNDS, || kept(black_box(&events)), || persistent().fold(black_box(&events)));
    drop(black_box(above));
    println!("{:<66} {:>16}", "folded in place, an event", format!("{:.0} ns", nanoseconds(warm.other)));
    line(
        "every version kept, warm",
        format!("{:.0} ns", nanoseconds(warm.one)),
        &format!("{:.2} x ({:.2}-{:.2}), bar 7 x, ", warm.ratio, warm.middle_half.0, warm.middle_half.1),
        warm.ratio <= 7.0,
    );
    let mut fresh: Vec<f64> = (0..ROUNDS).filter_map(|_| measured_apart("first touch")).collect();
    if !fresh.is_empty() {
        let fresh = quantile(&mut fresh, 0.5);
        println!(
            "{:<66} {:>16}   {:.2} x",
            "every version kept, memory touched for the first time",
            format!("{:.0} ns", nanoseconds(fresh)),
            fresh / warm.other
        );
    }
    let some = in_turn(ROUNDS, || every(black_box(&events), EVERY), || standard().fold(black_box(&events)));
    println!(
        "{:<66} {:>16}   {:.2} x folding it in place",
        "every 10,000th kept, BTreeMap",
        format!("{:.0} ns", nanoseconds(some.one)),
        some.ratio
    );
    let state = standard().fold(&events);
    let mut copies: Vec<f64> = (0..101).map(|_| time(|| black_box(&state).clone()).as_secs_f64()).collect();
    let copy = quantile(&mut copies, 0.5);
    println!(
        "{:<66} {:>16}   {:.0} s for every version",
        "one copy of a BTreeMap of 10,000 keys",
        format!("{:.0} ns", copy * 1e9),
        copy * EVENTS as f64
    );
}

fn going_back() {
    let events = history(EVENTS);
    let timeline = kept(&events);
    let mut dice = Dice(3);
    let asked: Vec<u64> = (0..1_000_000).map(|_| dice.below(EVENTS as u64 + 1)).collect();
    let each = |read: &dyn Fn(u64) -> u64| {
        let mut rounds: Vec<f64> = (0..11)
            .map(|_| {
                let all = || asked.iter().map(|version| read(*version)).fold(0, u64::wrapping_add);
                time(all).as_secs_f64() * 1e9 / asked.len() as f64
            })
            .collect();
        quantile(&mut rounds, 0.5)
    };
    // The size of a state is read, so that the state itself has to come from memory.
    let at = each(&|version| timeline.at(black_box(version)).map_or(0, |state| state.len() as u64));
    line("at(v), v at random", format!("{at:.1} ns"), "bar 100 ns, ", at < 100.0);
    let looked_up = each(&|version| {
        let state = timeline.at(black_box(version));
        state.ok().and_then(|state| state.get(&(version % KEYS)).copied()).unwrap_or(0)
    });
    println!("{:<66} {:>16}", "  and one key of it", format!("{looked_up:.1} ns"));
    let branch = timeline.fork(EVENTS as u64 / 2).and_then(|half| half.what_if().remove(1_000).branch());
    if let Ok(branch) = branch {
        let last = branch.version().get();
        let at = each(&|version| branch.at(black_box(version % last)).map_or(0, |state| state.len() as u64));
        println!("{:<66} {:>16}", "  on a branch of a branch", format!("{at:.1} ns"));
    }
    let some = every(&events, EVERY);
    let mut versions: Vec<f64> = asked[..101]
        .iter()
        .map(|version| time(|| some.at(*version).map_or(0, |state| state.len())).as_secs_f64() * 1e6)
        .collect();
    println!(
        "{:<66} {:>16}",
        "at(v) where every 10,000th is kept, BTreeMap",
        format!("{:.0} µs", quantile(&mut versions, 0.5))
    );
}

fn main() {
    if let Ok(name) = std::env::var(PART) {
        if let Some(figure) = part(&name) {
            println!("{figure}");
        }
        return;
    }
    benches();
    Criterion::default().configure_from_args().final_summary();

    let events = history(20_000);
    let (all, some) = (kept(&events), every(&events, 100));
    assert_eq!(*all.head(), persistent().fold(&events));
    let same = |version: u64| {
        let (one, other) = (all.at(version).unwrap(), some.at(version).unwrap());
        one.iter().eq(other.iter())
    };
    assert!([0, 1, 99, 100, 101, 7_777, 20_000].into_iter().all(same));
    if !interleaved::measuring() {
        return;
    }
    println!("\n1,000,000 events into a map of 10,000 keys; memory is what is resident, times are medians\n");
    memory();
    times();
    going_back();
}
