//! The index beside a large log is derived from it: damaged, stale, another's or half written, it changes nothing of what is
//! read.
// Exhaustive, and so for the optimized build alone: `cargo test --release --test log_index`.
#![cfg(not(debug_assertions))]

#[path = "disk/disk.rs"]
mod disk;
#[path = "disk/texts.rs"]
mod texts;

use disk::{Disk, Random};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use texts::{Known, append, open, options, shown};

const INDEX: &str = "index";

type Files = BTreeMap<String, Arc<Vec<u8>>>;

fn events(from: u64, until: u64, shift: u64) -> Vec<Known> {
    (from..until).map(|number| Known::new(number, (number + shift) % 50, "text".to_string())).collect()
}

/// A large log that was closed, and what it holds.
fn large(shift: u64, count: u64) -> (Disk, Vec<Known>) {
    let disk = Disk::new();
    let log = open(options().segment_size(400_000), &disk).unwrap();
    let known = events(0, count, shift);
    known.chunks(500).for_each(|batch| _ = append(&log, batch).unwrap());
    log.close().unwrap();
    (disk, known)
}

static LARGE: LazyLock<(Files, Vec<Known>)> = LazyLock::new(|| {
    let (disk, known) = large(0, 10_400);
    (disk.files(), known)
});

fn reads_the_same(files: &Files, told: &str) {
    let disk = Disk::holding(files.clone());
    let log = open(options(), &disk).unwrap_or_else(|error| panic!("{told}: {error}"));
    assert!(log.recovery().closed, "{told}");
    assert!(shown(&log).unwrap() == LARGE.1, "{told}: something else is read");
    // An id is found again, and one that is new is not.
    let (known, new) = (&LARGE.1[17..18], events(20_000, 20_001, 0));
    assert!(append(&log, &LARGE.1[..500]).unwrap().repeated, "{told}");
    assert!(append(&log, known).is_err(), "{told}: the id of an event of a larger batch");
    assert!(!append(&log, &new).unwrap().repeated, "{told}");
}

#[test]
fn an_index_that_is_damaged_changes_nothing() {
    let (files, _) = &*LARGE;
    assert!(files.contains_key(INDEX), "the log is large enough for an index");
    reads_the_same(files, "undamaged");
    let length = files[INDEX].len() as u64;
    let random = &mut Random::new(1);
    for round in 0..if cfg!(debug_assertions) { 24 } else { 300 } {
        let mut files = files.clone();
        let bytes = Arc::make_mut(files.get_mut(INDEX).unwrap());
        let at = if round < 100 && !cfg!(debug_assertions) {
            round as usize
        } else {
            random.below(length) as usize
        };
        match round % 4 {
            0 | 1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes.truncate(at),
            _ => {
                let until = (at + 512).min(bytes.len());
                bytes[at..until].fill(0);
            }
        }
        reads_the_same(&files, &format!("round {round}, byte {at}"));
    }
}

#[test]
fn an_index_of_another_time_or_another_log_is_not_believed() {
    // As large to the byte, and in other streams.
    let (other, _) = large(1, 10_400);
    assert_eq!(other.file("mark").unwrap().len(), LARGE.0["mark"].len());
    let (shorter, _) = large(0, 10_100);
    let mut files = LARGE.0.clone();
    for (told, stranger) in [("another's", other), ("an earlier one", shorter)] {
        files.insert(INDEX.to_string(), stranger.file(INDEX).unwrap());
        reads_the_same(&files, told);
    }
}

#[test]
fn a_crash_while_the_index_is_written_costs_nothing() {
    let (files, known) = &*LARGE;
    for change in 0..10 {
        for seed in 0..if cfg!(debug_assertions) { 1 } else { 6 } {
            let disk = Disk::holding(files.clone());
            let log = open(options(), &disk).unwrap();
            let more = events(30_000, 30_002, 0);
            append(&log, &more).unwrap();
            disk.dies_at(change, seed);
            let closed = log.close().is_ok();
            let next = if seed % 3 == 0 { disk.kill() } else { disk.power_cut(seed) };
            let again = open(options(), &next).unwrap_or_else(|error| panic!("{change}, {seed}: {error}"));
            assert!(!closed || again.recovery().closed, "{change}, {seed}: {}", again.recovery());
            assert!(shown(&again).unwrap() == [&known[..], &more].concat(), "{change}, {seed}");
        }
    }
}
