//! Every call to the disk fails, once or for ever, in every way in which it can. What was answered is there, what was
//! refused is not, and what is not known is resolved by appending it again after the log was opened again.
// Exhaustive, and so for the optimized build alone: `cargo test --release --test log_io_errors`.
#![cfg(not(debug_assertions))]

#[path = "disk/disk.rs"]
mod disk;
#[path = "disk/texts.rs"]
mod texts;

use disk::{Call, Disk, Fault, Random, Trouble};
use leftfold::log::FileLogReader;
use leftfold::log::{FileLog, OpenError, Syncing};
use leftfold::store::{AppendError, EventReader, Listing, ReadError};
use std::collections::BTreeMap;
use std::sync::Arc;
use texts::{Known, Texts, append, open, options, shown, two_together};

const TROUBLES: [Trouble; 5] =
    [Trouble::Broken, Trouble::Full, Trouble::Interrupted, Trouble::Short, Trouble::Descriptors];

/// What is appended: batches of one and several events, some longer than a sector, over several segments.
fn batches() -> Vec<Vec<Known>> {
    let mut event = 0;
    (0..9u64)
        .map(|number| {
            (0..1 + number % 3)
                .map(|_| {
                    event += 1;
                    Known::new(event, event % 3, "x".repeat((number * 97 % 700) as usize))
                })
                .collect()
        })
        .collect()
}

/// What somebody was told who appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Recorded,
    Refused,
    Unknown,
}

fn told(outcome: &Result<leftfold::store::Appended, AppendError>) -> Told {
    match outcome {
        Ok(_) => Told::Recorded,
        Err(AppendError::Unknown { .. }) => Told::Unknown,
        Err(_) => Told::Refused,
    }
}

/// Appends each batch under this fault, and goes on with the next whatever comes of it; opens the log again once the
/// handle takes nothing more. Answers with what was told of each batch.
fn appended_under(disk: &Disk, segment_size: u64, counts: &mut BTreeMap<String, u64>) -> Vec<Told> {
    let opened = || open(options().segment_size(segment_size), disk);
    let (mut log, mut answers) = (opened().ok(), Vec::new());
    for batch in &batches() {
        let Some(handle) = &log else {
            answers.push(Told::Refused);
            log = opened().ok();
            continue;
        };
        let syncs = disk.count(Call::Sync);
        let outcome = append(handle, batch);
        let name = match &outcome {
            Ok(appended) => {
                assert!(!appended.repeated);
                assert!(disk.count(Call::Sync) > syncs, "answered without a sync");
                "recorded".to_string()
            }
            Err(error) => format!("{error:?}").split([' ', '(']).next().unwrap().to_string(),
        };
        *counts.entry(name).or_default() += 1;
        answers.push(told(&outcome));
        // What readers of the handle see is what was answered, and no more.
        if let Ok(read) = shown(handle) {
            let answered = batches().into_iter().zip(&answers).filter(|(_, told)| **told == Told::Recorded);
            let seen = answered.flat_map(|(batch, _)| batch).filter(|event| !read.contains(event)).count();
            assert_eq!(seen, 0, "answered, and not seen");
        }
        if let Err(AppendError::Unknown { .. } | AppendError::Poisoned { .. }) = &outcome {
            let again = append(handle, batch);
            assert!(
                matches!(again, Err(AppendError::Poisoned { .. })),
                "a handle that failed goes on: {again:?}"
            );
            assert!(handle.sync().is_err(), "a handle that failed says that all is durable");
            drop(log.take());
            log = opened().ok();
        }
    }
    answers
}

/// Holds what is there against what was told.
fn hold(disk: &Disk, answers: &[Told], segment_size: u64, told: &str) {
    let log =
        open(options().segment_size(segment_size), disk).unwrap_or_else(|error| panic!("{told}: {error}"));
    let mut read = &shown(&log).unwrap_or_else(|error| panic!("{told}: {error}"))[..];
    let mut there = Vec::new();
    for (number, (batch, answer)) in batches().iter().zip(answers).enumerate() {
        let found = read.starts_with(batch);
        match answer {
            Told::Recorded => assert!(found, "{told}: batch {number} was answered, and is not there"),
            Told::Refused => assert!(!found, "{told}: batch {number} was refused, and is there"),
            Told::Unknown => {}
        }
        if found {
            read = &read[batch.len()..];
        }
        there.push(found);
    }
    assert!(read.is_empty(), "{told}: there is a part of a batch, or one that was not appended: {read:?}");
    for (batch, there) in batches().iter().zip(there) {
        let appended = append(&log, batch).unwrap_or_else(|error| panic!("{told}: {error}"));
        assert_eq!(appended.repeated, there, "{told}");
    }
    let all = shown(&log).unwrap();
    let disk = disk.power_cut(1);
    let again =
        open(options().segment_size(segment_size), &disk).unwrap_or_else(|error| panic!("{told}: {error}"));
    assert_eq!(shown(&again).unwrap(), all, "{told}: answered after all, and lost");
}

#[test]
fn every_call_may_fail_once_or_for_ever_in_every_way() {
    let (mut runs, mut counts) = (0, BTreeMap::new());
    for segment_size in [900, 2_500, 1 << 20] {
        let disk = Disk::new();
        disk.fail([]);
        appended_under(&disk, segment_size, &mut BTreeMap::new());
        let calls: Vec<(Call, u64)> = Call::ALL.map(|call| (call, disk.count(call))).into();
        for (call, count) in calls {
            for (trouble, from) in
                TROUBLES.iter().flat_map(|trouble| (0..=count).map(move |from| (*trouble, from)))
            {
                for times in [1, 2, u64::MAX] {
                    // For ever interrupted, a call would be tried again for ever: no disk does that.
                    let times = if trouble == Trouble::Interrupted { times.min(5) } else { times };
                    let told =
                        format!("{trouble:?} at {call:?} {from}, {times} times, segments of {segment_size}");
                    for end in 0..3 {
                        let disk = Disk::new();
                        disk.fail([Fault { call: Some(call), from, times, trouble }]);
                        let answers = appended_under(&disk, segment_size, &mut counts);
                        // The trouble is over; or the process ends with it; or the power does.
                        let disk = match end {
                            0 => {
                                disk.fail([]);
                                disk
                            }
                            1 => disk.kill(),
                            _ => disk.power_cut(from),
                        };
                        hold(&disk, &answers, segment_size, &format!("{told}, end {end}"));
                        runs += 1;
                    }
                }
            }
        }
    }
    println!("{runs} runs: {counts:?}");
    for name in ["recorded", "Unknown", "DiskFull", "NoDescriptor", "Poisoned"] {
        assert!(counts.contains_key(name), "nobody was told {name}");
    }
}

#[test]
fn any_calls_fail_in_any_way_one_after_the_other() {
    for seed in 0..3_000 {
        let random = &mut Random::new(seed);
        let mut faults = Vec::new();
        for _ in 0..1 + random.below(4) {
            let trouble = TROUBLES[random.below(5) as usize];
            faults.push(Fault { call: None, from: random.below(250), times: 1 + random.below(3), trouble });
        }
        let disk = Disk::new();
        disk.fail(faults.clone());
        let answers = appended_under(&disk, 900, &mut BTreeMap::new());
        let next = if random.one_in(2) { disk.kill() } else { disk.power_cut(seed) };
        hold(&next, &answers, 900, &format!("seed {seed}: {faults:?}"));
    }
}

#[test]
fn a_full_disk_refuses_batches_whole_and_takes_them_again_once_there_is_space() {
    for segment_size in [900, 1 << 20] {
        for room in 0..3_000 {
            let disk = Disk::new();
            let log = open(options().segment_size(segment_size), &disk).unwrap();
            disk.room(Some(room));
            let (mut there, mut refused) = (Vec::new(), 0);
            for batch in batches() {
                let before = disk.files();
                match append(&log, &batch) {
                    Ok(_) => there.extend(batch),
                    Err(AppendError::DiskFull { .. }) => {
                        refused += 1;
                        let after = disk.files();
                        let kept = before.iter().all(|(name, bytes)| after.get(name) == Some(bytes));
                        assert!(kept, "room {room}: refused, and something was changed");
                    }
                    Err(error) => panic!("room {room}: {error}"),
                }
            }
            assert_eq!(shown(&log).unwrap(), there);
            for name in log.streams(&Listing::all()).unwrap() {
                assert!(
                    there.iter().any(|event| event.stream == name.name.as_str()),
                    "a stream of no events"
                );
            }
            disk.room(None);
            for batch in batches() {
                let appended = append(&log, &batch).unwrap_or_else(|error| panic!("room {room}: {error}"));
                assert_eq!(appended.repeated, there.contains(&batch[0]));
                if !appended.repeated {
                    there.extend(batch);
                }
            }
            assert_eq!(shown(&log).unwrap(), there);
            assert!(refused > 0 || room > 2_000);
            let disk = disk.power_cut(room);
            let again = open(options().segment_size(segment_size), &disk).unwrap();
            assert_eq!(shown(&again).unwrap(), there);
        }
    }
}

#[test]
fn no_descriptor_for_a_new_segment_refuses_batches_and_takes_them_again_once_there_is_one() {
    for call in [Call::Open, Call::Create, Call::SyncFolder] {
        for (from, seed) in (0..12).flat_map(|from| (0..8).map(move |seed| (from, seed))) {
            let disk = Disk::new();
            let log = open(options().segment_size(900), &disk).unwrap();
            disk.fail([Fault { call: Some(call), from, times: u64::MAX, trouble: Trouble::Descriptors }]);
            let (mut there, mut refused) = (Vec::new(), 0);
            for batch in batches() {
                match append(&log, &batch) {
                    Ok(_) => there.extend(batch),
                    Err(AppendError::NoDescriptor { .. }) => refused += 1,
                    Err(error) => panic!("{call:?} {from}: {error}"),
                }
            }
            assert!(refused > 0 || from > 2 || call == Call::Open, "{call:?} {from}");
            // The power may fail at any time, also while a segment is half begun.
            let disk = if seed % 2 == 0 {
                disk.fail([]);
                for batch in batches() {
                    let appended =
                        append(&log, &batch).unwrap_or_else(|error| panic!("{call:?} {from}: {error}"));
                    assert_eq!(appended.repeated, there.contains(&batch[0]));
                    if !appended.repeated {
                        there.extend(batch);
                    }
                }
                assert_eq!(shown(&log).unwrap(), there);
                disk.power_cut(seed)
            } else {
                disk.power_cut(seed)
            };
            let again = open(options().segment_size(900), &disk).unwrap();
            assert_eq!(shown(&again).unwrap(), there, "{call:?} {from} {seed}");
        }
    }
}

#[test]
fn a_batch_that_is_recorded_is_told_so_where_the_disk_is_full_and_a_segment_is_to_be_begun() {
    let disk = Disk::new();
    // Every batch fills its segment.
    let log = open(options().segment_size(0), &disk).unwrap();
    let (recorded, new) = (&batches()[..4], &batches()[4]);
    let answers: Vec<_> = recorded.iter().map(|batch| append(&log, batch).unwrap()).collect();
    disk.room(Some(0));
    assert!(matches!(append(&log, new), Err(AppendError::DiskFull { .. })), "there is no room for a segment");
    for (batch, answer) in recorded.iter().zip(answers) {
        let again = append(&log, batch).unwrap_or_else(|error| panic!("it is recorded, but: {error}"));
        assert!(again.repeated);
        assert_eq!((again.first, again.last, again.versions), (answer.first, answer.last, answer.versions));
    }
    // The ids of one under which something else is to be recorded.
    let other = Known { text: "other".to_string(), ..recorded[0][0].clone() };
    assert!(matches!(append(&log, &[other]), Err(AppendError::IdTaken { .. })), "the id is taken");
    disk.room(None);
    assert!(!append(&log, new).unwrap().repeated);
}

#[test]
fn a_batch_that_a_full_disk_refused_does_not_come_back_after_a_power_cut() {
    let mut together = 0;
    for seed in 0..60 {
        let disk = Disk::new();
        let full = disk.clone();
        // The disk has room for one of the two batches and a half.
        let batches = [1, 2, 3].map(|number| vec![Known::new(number, number, "one".into())]);
        let Some((log, outcomes)) = two_together(&disk, move || full.room(Some(450)), batches) else {
            continue;
        };
        assert!(outcomes[0].is_ok());
        for refused in &outcomes[1..] {
            assert!(matches!(refused, Err(AppendError::DiskFull { .. })), "{refused:?}");
        }
        together += 1;
        let there = shown(&log).unwrap();
        assert_eq!(there.len(), 1);
        let next = disk.power_cut(seed);
        next.room(None);
        let again = open(options(), &next).unwrap();
        assert_eq!(shown(&again).unwrap(), there, "seed {seed}: a batch that was refused is there");
    }
    assert!(together > 10, "two batches were to be written together, and were {together} times");
}

#[test]
fn a_batch_of_which_nobody_knows_is_found_by_its_ids_even_where_a_failed_sync_is_followed_by_one_that_succeeds()
 {
    for seed in 0..500 {
        let disk = Disk::new();
        let log = open(options(), &disk).unwrap();
        append(&log, &batches()[1]).unwrap();
        disk.fail([Fault { call: Some(Call::Sync), from: 0, times: 1, trouble: Trouble::Broken }]);
        let unknown = append(&log, &batches()[2]);
        assert!(matches!(unknown, Err(AppendError::Unknown { .. })), "{unknown:?}");
        drop(log);
        // The system holds the batch for written, so it is read; the disk may not have it.
        let log = open(options(), &disk).unwrap();
        append(&log, &batches()[2]).unwrap();
        append(&log, &batches()[3]).unwrap();
        let next = disk.power_cut(seed);
        let again = open(options(), &next).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert_eq!(shown(&again).unwrap(), batches()[1..4].concat());
    }
}

#[test]
fn a_sync_after_one_that_failed_in_the_background_does_not_say_that_all_is_durable() {
    let disk = Disk::new();
    let log = open(options().sync(Syncing::Every(std::time::Duration::from_millis(1))), &disk).unwrap();
    disk.fail([Fault { call: Some(Call::Sync), from: 0, times: u64::MAX, trouble: Trouble::Broken }]);
    append(&log, &batches()[0]).unwrap();
    while disk.count(Call::Sync) == 0 {
        std::thread::yield_now();
    }
    assert!(matches!(log.sync(), Err(AppendError::Poisoned { .. })));
    assert!(matches!(append(&log, &batches()[1]), Err(AppendError::Poisoned { .. })));
    assert!(matches!(log.close(), Err(AppendError::Poisoned { .. })));
}

#[test]
fn a_reader_that_could_not_read_for_a_moment_reads_on_from_where_it_was() {
    for from in 0..12 {
        let disk = Disk::new();
        let log = open(options().segment_size(900), &disk).unwrap();
        let reader: FileLogReader<String> = options().open_reader_in(Arc::new(disk.clone()), Texts).unwrap();
        let mut there = Vec::new();
        for batch in batches() {
            append(&log, &batch).unwrap();
            there.extend(batch);
        }
        let mut failed = 0;
        for call in [Call::Read, Call::Open, Call::Length] {
            disk.fail([Fault { call: Some(call), from, times: 1, trouble: Trouble::Broken }]);
            match shown(&reader) {
                Err(ReadError::Storage { .. }) => failed += 1,
                Ok(read) => assert_eq!(read, there),
                Err(error) => panic!("{error}"),
            }
        }
        disk.fail([]);
        assert_eq!(shown(&reader).unwrap(), there, "after {failed} failures from call {from} on");
        assert!(failed > 0 || from > 3, "{from}");
    }
}

#[test]
fn a_reader_that_could_not_read_on_in_the_middle_of_a_segment_reads_every_event_once() {
    let mut failed = 0;
    for from in 0..8 {
        let disk = Disk::new();
        let log = open(options(), &disk).unwrap();
        let reader: FileLogReader<String> = options().open_reader_in(Arc::new(disk.clone()), Texts).unwrap();
        // More than is read at once.
        let there: Vec<Known> =
            (0..60).map(|number| Known::new(number, number % 3, "x".repeat(15_000))).collect();
        there.iter().for_each(|event| _ = append(&log, std::slice::from_ref(event)).unwrap());
        disk.fail([Fault { call: Some(Call::Read), from, times: 1, trouble: Trouble::Broken }]);
        failed += u64::from(reader.head().is_err());
        disk.fail([]);
        assert_eq!(shown(&reader).unwrap(), there, "call {from}");
    }
    assert!(failed > 2, "reading on was to fail, and did {failed} times");
}

#[test]
fn opening_says_what_failed_and_leaves_the_log_to_the_next() {
    let disk = Disk::new();
    let log = open(options(), &disk).unwrap();
    append(&log, &batches()[2]).unwrap();
    drop(log);
    for call in Call::ALL {
        disk.fail([Fault { call: Some(call), from: 0, times: 1, trouble: Trouble::Broken }]);
        match open(options(), &disk) {
            Err(OpenError::Storage { .. }) => {}
            Err(error) => panic!("{call:?}: {error}"),
            // Opening a log that was closed makes, renames, removes and cuts nothing.
            Ok(_) => assert!(
                matches!(call, Call::Create | Call::Rename | Call::Remove | Call::Truncate),
                "{call:?}"
            ),
        }
        disk.fail([]);
        let log: FileLog<String> = open(options(), &disk).unwrap();
        assert_eq!(shown(&log).unwrap(), batches()[2]);
    }
}
