//! Crashes at every call of a run on a simulated disk, and again while the log recovers. Whatever was answered has to be
//! there, whole and in order, and nothing but what was appended.
//!
//! `LEFTFOLD_SEEDS` says how many seeds are tried.
// Exhaustive, and so for the optimized build alone: `cargo test --release --test log_crashes`.
#![cfg(not(debug_assertions))]

#[path = "disk/disk.rs"]
mod disk;
#[path = "log_crashes/script.rs"]
mod script;
#[path = "disk/texts.rs"]
mod texts;

use disk::{Disk, Random};
use leftfold::log::FileLog;
use script::{Promise, Ran, Script};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use texts::{Known, append, open, shown};

/// How many different runs there are.
const SCRIPTS: u64 = 24;

fn seeds() -> u64 {
    std::env::var("LEFTFOLD_SEEDS").map_or(12_000, |text| text.parse().expect("LEFTFOLD_SEEDS is a number"))
}

/// Shares the seeds among all cores.
fn each_seed(seeds: u64, work: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let workers: Vec<_> = (0..cores)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let from = next.fetch_add(64, Ordering::Relaxed);
                        if from >= seeds {
                            return;
                        }
                        (from..(from + 64).min(seeds)).for_each(&work);
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
}

/// The process dies, or the power fails.
fn crash(disk: &Disk, random: &mut Random) -> (Disk, bool) {
    if random.one_in(3) { (disk.kill(), false) } else { (disk.power_cut(random.next()), true) }
}

/// Whether a mark that can be read is there.
fn marked(disk: &Disk) -> bool {
    let Some(mark) = disk.file("mark") else { return false };
    let Some(at) = mark.windows(8).position(|window| window == b",\"crc\":\"") else { return false };
    mark.get(at + 8..at + 16)
        .is_some_and(|digits| digits == format!("{:08x}", crc32c::crc32c(&mark[..at])).as_bytes())
        && mark.len() == at + 19
}

/// A log that was opened after crashes.
struct Recovered {
    log: FileLog<String>,
    disk: Disk,
    /// Whether its mark could be read, each time that it was opened.
    marked: bool,
    /// Whether anybody was told that something may be missing.
    reported: bool,
}

/// Opens the log after a crash; more crashes may come while it is opened.
fn recovered(script: &Script, mut disk: Disk, cut: &mut bool, random: &mut Random, told: &str) -> Recovered {
    let (mut reported, mut always_marked) = (false, true);
    for _ in 0..random.below(3) {
        always_marked &= marked(&disk);
        disk.dies_at(random.below(24), random.next());
        let opened = open(script.options(), &disk);
        if !disk.died() {
            // It got through. It is closed, or dies over that.
            let opened = opened.unwrap_or_else(|error| panic!("{told}: {error}"));
            reported |= opened.recovery().possibly_lost.is_some();
        }
        let (next, power) = crash(&disk, random);
        disk = next;
        *cut |= power;
    }
    let marked = always_marked && marked(&disk);
    let log = open(script.options(), &disk).unwrap_or_else(|error| panic!("{told}: {error}"));
    reported |= log.recovery().possibly_lost.is_some();
    Recovered { log, disk, marked, reported }
}

/// What may be missing is said, and nothing is said where nothing can be.
fn hold_recovery(recovered: &Recovered, promise: Promise, lost: bool, told: &str) {
    let Recovered { log, disk, marked, reported } = recovered;
    let recovery = log.recovery();
    let torn = disk.files().keys().any(|name| name.contains(".torn-"));
    assert!(!lost || *reported, "{told}: answered batches are missing, and nothing is said: {recovery}");
    if promise == Promise::Durable {
        let cause = torn || !marked;
        assert!(recovery.possibly_lost.is_none() || cause, "{told}: {recovery}");
    }
}

fn run_and_crash(script: &Script, dies_at: u64, seed: u64) {
    let random = &mut Random::new(seed ^ 0x5eed);
    let disk = Disk::new();
    disk.dies_at(dies_at, seed);
    let ran = script.run(&disk);
    let (next, mut cut) = crash(&disk, random);
    let told = format!("script {}, change {dies_at}, seed {seed}", script.number);
    let recovered = recovered(script, next, &mut cut, random, &told);

    let batches = script.batches();
    let read = shown(&recovered.log).unwrap_or_else(|error| panic!("{told}: {error}"));
    let there = whole_batches(&batches, &read, &told);
    let Ran { answered, durable, .. } = ran;
    // A process that is killed loses nothing; a power cut what was not promised to be durable.
    let least = if cut { durable } else { answered };
    assert!(
        there >= least,
        "{told}: {there} batches are there, {answered} were answered and {durable} were durable"
    );
    // The batch under way may have been recorded, and no other.
    assert!(there <= answered + 1, "{told}: {there} batches are there, and {answered} were answered");
    hold_recovery(&recovered, script.promise, there < answered, &told);
    let Recovered { log, disk, .. } = recovered;
    if let Some(torn) = &log.recovery().torn {
        assert_eq!(disk.file(&torn.copy).unwrap().len() as u64, torn.bytes, "{told}: the copy is not whole");
    }

    // Whoever did not get an answer appends again, and the log goes on.
    for (number, batch) in batches.iter().enumerate().skip(there.saturating_sub(1)) {
        let appended = append(&log, batch).unwrap_or_else(|error| panic!("{told}: {error}"));
        assert_eq!(appended.repeated, number < there, "{told}: batch {number}");
        if script.promise == Promise::Durable && number >= there && random.one_in(6) {
            break;
        }
    }
    let all = shown(&log).unwrap();
    if random.one_in(2) {
        log.close().unwrap();
        let disk = if random.one_in(2) { disk.kill() } else { disk.power_cut(random.next()) };
        let files = disk.files();
        let again = open(script.options(), &disk).unwrap_or_else(|error| panic!("{told}, closed: {error}"));
        assert!(again.recovery().closed, "{told}: it was closed: {}", again.recovery());
        assert_eq!(again.recovery().possibly_lost, None, "{told}");
        assert_eq!(shown(&again).unwrap(), all, "{told}");
        drop(again);
        assert_eq!(files, disk.files(), "{told}: opened and closed again, it is another");
    } else if script.promise == Promise::Durable {
        let disk = disk.power_cut(random.next());
        let again =
            open(script.options(), &disk).unwrap_or_else(|error| panic!("{told}, cut again: {error}"));
        assert_eq!(shown(&again).unwrap(), all, "{told}: answered after the recovery, and lost");
    }
}

/// How many batches these events are: whole ones, the first first.
fn whole_batches(batches: &[Vec<Known>], read: &[Known], told: &str) -> usize {
    let (mut rest, mut count) = (read, 0);
    while !rest.is_empty() {
        let batch = batches.get(count).unwrap_or_else(|| panic!("{told}: more is there than was appended"));
        assert!(
            rest.starts_with(batch),
            "{told}: behind {count} batches there is {:?}",
            &rest[..rest.len().min(5)]
        );
        rest = &rest[batch.len()..];
        count += 1;
    }
    count
}

fn crash_everywhere(promise: Promise) {
    let begun = Instant::now();
    let scripts: Vec<(Script, u64)> = (0..SCRIPTS)
        .map(|number| {
            let script = Script::new(number, promise);
            let disk = Disk::new();
            let ran = script.run(&disk);
            assert_eq!(ran.answered, script.batches().len());
            (script, disk.changes())
        })
        .collect();
    let calls: u64 = scripts.iter().map(|(_, calls)| calls).sum();
    let seeds = seeds().max(calls);
    each_seed(seeds, |seed| {
        // Every change of every script comes in turn, and then again with another seed.
        let mut change = seed % calls;
        let found = scripts.iter().find(|(_, calls)| {
            let within = change < *calls;
            if !within {
                change -= calls;
            }
            within
        });
        run_and_crash(&found.unwrap().0, change, seed);
    });
    println!("{seeds} seeds, {calls} changes of {SCRIPTS} runs, {promise:?}: {:?}", begun.elapsed());
}

#[test]
fn what_was_answered_outlives_every_crash() {
    crash_everywhere(Promise::Durable);
}

#[test]
fn a_log_that_answers_before_it_syncs_keeps_whole_batches_in_order_and_says_what_it_may_have_lost() {
    crash_everywhere(Promise::Later);
}

#[test]
fn what_is_cut_off_is_in_the_segment_or_in_its_copy_at_every_moment() {
    let segment = "000000000001.jsonl";
    let events = |number| vec![Known::new(number, 1, "x".repeat(900))];
    let written = Disk::new();
    let log = open(texts::options(), &written).unwrap();
    append(&log, &events(1)).unwrap();
    let end = written.file(segment).unwrap().len();
    append(&log, &events(2)).unwrap();
    drop(log);
    // As a process leaves it that was killed within its second append.
    let bytes = written.file(segment).unwrap()[..end + 800].to_vec();
    let mut cut = 0;
    for change in 0..14 {
        for seed in 0..100 {
            let disk = Disk::holding([(segment.to_string(), std::sync::Arc::new(bytes.clone()))]);
            disk.dies_at(change, seed);
            let _ = open(texts::options(), &disk);
            let next = disk.power_cut(seed);
            let files = next.files();
            let copied = files
                .iter()
                .any(|(name, copy)| name.ends_with(&format!("torn-{end}")) && copy[..] == bytes[end..]);
            let there = files[segment].starts_with(&bytes);
            assert!(copied || there, "change {change}, seed {seed}: neither in the segment nor in a copy");
            cut += u64::from(!there);
        }
    }
    assert!(cut > 100, "the tail was to be cut off, and was {cut} times");
}

#[test]
fn a_log_to_which_nothing_was_appended_has_its_mark_after_a_power_cut() {
    for seed in 0..200 {
        let disk = Disk::new();
        let _log = open(texts::options(), &disk).unwrap();
        let again = open(texts::options(), &disk.power_cut(seed)).unwrap();
        assert_eq!(again.recovery().possibly_lost, None, "seed {seed}: {}", again.recovery());
    }
}
