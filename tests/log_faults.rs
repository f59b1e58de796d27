//! Damage to the bytes of a log: every bit, every byte, every length, every sector. What must come of each case is said
//! here, from what is known of the log, and not asked of the code that is tested.
//!
//! With `LEFTFOLD_EVERY_CASE`, each damage meets a log that was closed, one that was killed and one that lost its mark.
// Exhaustive, and so for the optimized build alone: `cargo test --release --test log_faults`.
#![cfg(not(debug_assertions))]

#[path = "log_faults/cases.rs"]
mod cases;
#[path = "disk/disk.rs"]
mod disk;
#[path = "log_faults/expected.rs"]
mod expected;
#[path = "log_faults/indexed.rs"]
mod indexed;
#[path = "disk/texts.rs"]
mod texts;

use cases::{Damage, damages};
use disk::{Disk, Random};
use expected::{End, Laid, Log, Verdict, expected};
use leftfold::log::FileLogReader;
use leftfold::log::{FileLog, OpenError};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use texts::{Known, Texts, append, open, options, shown};

/// A log of about this many bytes, written in batches whose sizes `events` draws; closed at the end, or killed.
fn written(segment_size: u64, bytes: usize, longest: u64, mut events: impl FnMut(&mut Random) -> u64) -> Log {
    let random = &mut Random::new(segment_size);
    let disk = Disk::new();
    let log = open(options().segment_size(segment_size), &disk).unwrap();
    let (mut known, mut number) = (Vec::new(), 0);
    while disk.files().values().map(|file| file.len()).sum::<usize>() < bytes {
        let batch: Vec<Known> = (0..events(random))
            .map(|_| {
                number += 1;
                let text = "abc \"quoted\" € ".chars().cycle().take(random.below(longest) as usize).collect();
                Known::new(number, random.below(7), text)
            })
            .collect();
        append(&log, &batch).unwrap();
        known.push(batch);
    }
    let killed_mark = disk.file("mark").unwrap();
    // One batch more, of which a process that was killed had written only a part.
    let more =
        vec![Known::new(number + 1, 1, "more".to_string()), Known::new(number + 2, 2, "still".to_string())];
    let before = disk.files();
    log.close().unwrap();
    let (closed_mark, index) = (disk.file("mark").unwrap(), disk.file("index"));
    let again = open(options().segment_size(1 << 20), &disk).unwrap();
    append(&again, &more).unwrap();
    let after = disk.files();
    let mut segments = Vec::new();
    for (name, bytes) in before.iter().filter(|(name, _)| name.ends_with(".jsonl")) {
        segments.push(Laid::of(name.clone(), bytes.clone()));
    }
    let last = segments.last().unwrap();
    let next = after[&last.name][last.bytes.len()..].to_vec();
    Log { segments, known, killed_mark, closed_mark, index, next }
}

fn logs() -> Vec<(&'static str, Log)> {
    vec![
        ("one event a batch", written(1 << 20, 50_000, 500, |_| 1)),
        (
            "batches of one to forty events",
            written(1 << 20, 50_000, 500, |random| 1 + random.below(40).pow(2) / 40),
        ),
        ("many segments", written(3_000, 50_000, 500, |random| 1 + random.below(4))),
    ]
}

/// What was counted.
type Counts = BTreeMap<&'static str, usize>;

/// Opens the damaged log, and holds all that comes of it against what must.
fn hold(log: &Log, damage: &Damage, end: End, counts: &mut Counts) {
    let files = log.damaged(damage, end);
    let expected = expected(log, damage, end, &files);
    let told = || format!("{damage:?} of a log that was {end:?}: expected {expected:?}");
    let disk = Disk::holding(files.clone());
    let opened = open(options().segment_size(1 << 20), &disk);
    *counts.entry(expected.name()).or_default() += 1;
    let (upto, cut, reported) = match &expected {
        Verdict::Refused { file, offset } => {
            let error = opened.map(|_| ()).expect_err(&told());
            let OpenError::Corrupt { file: found, offset: at, .. } = &error else {
                panic!("{}: {error}", told())
            };
            assert_eq!(
                (found.as_str(), *at),
                (&*format!("disk/{file}"), *offset as u64),
                "{}: {error}",
                told()
            );
            assert!(unchanged(&files, &disk.files()), "{}: something was changed", told());
            return;
        }
        Verdict::Whole { reported } => (log.known.iter().map(Vec::len).sum(), None, Some(*reported)),
        Verdict::Ends { events } => (*events, None, Some(true)),
        // Of a tail that was cut it may always be said that something may be lost.
        Verdict::Cut { events, file, offset, reported } => {
            (*events, Some((file.clone(), *offset)), reported.then_some(true))
        }
    };
    let opened = opened.unwrap_or_else(|error| panic!("{}: {error}", told()));
    let truth: Vec<&Known> = log.known.iter().flatten().take(upto).collect();
    let read = shown(&opened).unwrap_or_else(|error| panic!("{}: {error}", told()));
    assert!(read.iter().eq(truth.iter().copied()), "{}: other events are read than were recorded", told());
    let recovery = opened.recovery().clone();
    if let Some(reported) = reported {
        assert_eq!(recovery.possibly_lost.is_some(), reported, "{}: {recovery}", told());
    }
    match (&recovery.torn, &cut) {
        (None, None) => {}
        (Some(torn), Some((file, offset))) => {
            assert_eq!((&torn.file, torn.offset), (file, *offset as u64), "{}", told());
            let tail = &files[file][*offset..];
            assert_eq!(&disk.file(&torn.copy).unwrap()[..], tail, "{}: the copy is another", told());
            assert_eq!(torn.bytes, tail.len() as u64, "{}", told());
            assert_eq!(
                &disk.file(file).unwrap()[..],
                &files[file][..*offset],
                "{}: what is left is another",
                told()
            );
        }
        (torn, _) => panic!("{}: {torn:?}", told()),
    }
    drop(opened);
    let before = disk.files();
    let again = open(options().segment_size(1 << 20), &disk)
        .unwrap_or_else(|error| panic!("{}, again: {error}", told()));
    assert!(again.recovery().closed && again.recovery().torn.is_none(), "{}: {}", told(), again.recovery());
    assert_eq!(again.recovery().possibly_lost, None, "{}", told());
    assert_eq!(shown(&again).unwrap(), read, "{}", told());
    drop(again);
    assert!(unchanged(&before, &disk.files()), "{}: opened again, it was changed", told());
}

fn unchanged(before: &BTreeMap<String, Arc<Vec<u8>>>, after: &BTreeMap<String, Arc<Vec<u8>>>) -> bool {
    before.len() == after.len()
        && before
            .iter()
            .zip(after)
            .all(|(one, other)| one.0 == other.0 && (Arc::ptr_eq(one.1, other.1) || one.1 == other.1))
}

/// Shares the cases among all cores.
fn each_case(
    log: &Log,
    cases: &[(Damage, End)],
    hold: impl Fn(&Log, &Damage, End, &mut Counts) + Sync,
) -> Counts {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut counts = Counts::new();
        loop {
            let from = next.fetch_add(256, Ordering::Relaxed);
            if from >= cases.len() {
                return counts;
            }
            for (damage, end) in &cases[from..(from + 256).min(cases.len())] {
                hold(log, damage, *end, &mut counts);
            }
        }
    };
    let mut all = Counts::new();
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            for (name, count) in worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                *all.entry(name).or_default() += count;
            }
        }
    });
    all
}

#[test]
fn damage_is_refused_or_cut_or_reported_and_never_silent() {
    for (name, log) in logs() {
        let begun = Instant::now();
        let mut cases = Vec::new();
        // Half of them were closed, half killed, and of those half lost their mark; each byte meets all three.
        let turn = [End::Closed, End::Killed, End::Closed, End::KilledAndMarkLost];
        let all = std::env::var_os("LEFTFOLD_EVERY_CASE").is_some();
        for damage in damages(&log) {
            match damage {
                damage if all => cases.extend(turn[1..].iter().map(|end| (damage.clone(), *end))),
                Damage::Flip { at, bit, .. } => cases.push((damage, turn[(at + usize::from(bit)) % 4])),
                Damage::Zero { at, count: 1, .. } => cases.push((damage, turn[at % 4])),
                Damage::Truncate { length, .. } if !log.is_boundary(&damage) => {
                    cases.push((damage, turn[(length + 1) % 4]));
                }
                damage => cases.extend(turn[1..].iter().map(|end| (damage.clone(), *end))),
            }
        }
        let counts = each_case(&log, &cases, hold);
        let bytes: usize = log.segments.iter().map(|segment| segment.bytes.len()).sum();
        println!(
            "{name} ({bytes} bytes in {} segments): {counts:?} in {:?}",
            log.segments.len(),
            begun.elapsed()
        );
        for verdict in
            ["whole", "whole, reported", "cut, reported", "cut", "ends before, reported", "refused"]
        {
            assert!(counts.get(verdict).is_some_and(|count| *count > 0), "no case was to be {verdict}");
        }
    }
}

#[test]
fn readers_of_a_damaged_log_refuse_it_or_see_nothing_but_what_was_recorded() {
    for (_, log) in logs() {
        let cases: Vec<(Damage, End)> = damages(&log)
            .enumerate()
            .filter(|(number, damage)| number % 61 == 0 || log.is_boundary(damage))
            .map(|(number, damage)| (damage, [End::Closed, End::Killed, End::KilledAndMarkLost][number % 3]))
            .collect();
        let counts = each_case(&log, &cases, |log, damage, end, counts| {
            let files = log.damaged(damage, end);
            let disk = Disk::holding(files.clone());
            let reader: Result<FileLogReader<String>, _> =
                options().open_reader_in(Arc::new(disk.clone()), Texts);
            let outcome = match &reader {
                Ok(reader) => {
                    let read = shown(reader).unwrap();
                    let all: usize = log.known.iter().map(Vec::len).sum();
                    assert!(
                        read.iter().eq(log.known.iter().flatten().take(read.len())),
                        "{damage:?} {end:?}"
                    );
                    let marked = end != End::KilledAndMarkLost && !damage.of_mark();
                    assert!(
                        !marked || read.len() == all,
                        "{damage:?} {end:?}: read to {} of {all}",
                        read.len()
                    );
                    let silent = reader.recovery().possibly_lost.is_none();
                    assert!(marked || !silent, "{damage:?} {end:?}: nothing was said");
                    "read"
                }
                Err(OpenError::Corrupt { .. }) => "refused",
                Err(error) => panic!("{damage:?} {end:?}: {error}"),
            };
            *counts.entry(outcome).or_default() += 1;
            assert!(unchanged(&files, &disk.files()), "{damage:?} {end:?}: a reader changed something");
        });
        println!("{counts:?}");
    }
}

#[test]
fn damage_that_comes_while_the_log_is_open_is_found_when_the_event_is_read() {
    let (_, log) = logs().swap_remove(0);
    let disk = Disk::holding(log.damaged(&Damage::None, End::Closed));
    let opened: FileLog<String> = open(options(), &disk).unwrap();
    let last = log.segments.last().unwrap();
    for (event, line) in last.lines().enumerate() {
        let at = line.start + (line.len() / 2);
        disk.tamper(&last.name, |bytes| bytes[at] ^= 0x04);
        let mut seen = 0;
        let error =
            leftfold::store::EventReader::visit(&opened, &leftfold::store::Query::all().into(), &mut |_| {
                seen += 1;
                std::ops::ControlFlow::Continue(())
            });
        let error = error.unwrap_err().to_string();
        assert_eq!(seen, event);
        assert!(error.contains(&format!("damaged at byte {}", line.start)), "{error}");
        assert!(error.contains(&format!("position {}", event + 1)), "{error}");
        disk.tamper(&last.name, |bytes| bytes[at] ^= 0x04);
    }
}

#[test]
fn an_event_that_was_edited_by_hand_is_named_by_its_position() {
    let (_, log) = logs().swap_remove(1);
    let segment = &log.segments[0];
    let mut edited = 0;
    for (event, line) in segment.lines().enumerate() {
        let text = String::from_utf8(segment.bytes[line.clone()].to_vec()).unwrap();
        let Some(at) = text.find("quoted") else { continue };
        let disk = Disk::holding(log.damaged(&Damage::None, End::Killed));
        disk.tamper(&segment.name, |bytes| bytes[line.start + at..][..6].copy_from_slice(b"edited"));
        let error = open(options(), &disk).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(&format!("the event at position {} was edited", event + 1)), "{error}");
        edited += 1;
    }
    assert!(edited > 100, "{edited}");
}

/// Logs that are the same up to this batch, and of the same sizes behind it.
fn twin(of: char, from: u64) -> (Disk, Vec<std::ops::Range<usize>>) {
    let disk = Disk::new();
    let log = open(options(), &disk).unwrap();
    for number in 0..6 {
        let text = if number < from { "same".to_string() } else { of.to_string() };
        append(&log, &[Known::new(number, 1, text)]).unwrap();
    }
    let disk = disk.kill();
    let headers = Laid::of(FIRST.to_string(), disk.file(FIRST).unwrap()).headers;
    (disk, headers)
}

const FIRST: &str = "000000000001.jsonl";

#[test]
fn a_whole_batch_in_the_place_of_another_is_refused() {
    // Of the last batch, nothing but the mark tells which one it was.
    for from in 0..6 {
        let ((one, headers), (other, _)) = (twin('a', from), twin('b', from));
        let foreign = other.file(FIRST).unwrap();
        for (number, header) in headers.iter().enumerate().skip(from as usize) {
            let end = headers.get(number + 1).map_or(foreign.len(), |next| next.start);
            let disk = Disk::holding(one.files());
            disk.tamper(FIRST, |bytes| bytes[header.start..end].copy_from_slice(&foreign[header.start..end]));
            let error = open(options(), &disk).map(|_| ()).expect_err("the batch is another's");
            assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
        }
    }
}

#[test]
fn a_segment_that_is_missing_is_missed() {
    let (_, log) = logs().swap_remove(2);
    let last = log.segments.len() - 1;
    for end in [End::Closed, End::Killed, End::KilledAndMarkLost] {
        for (number, missing) in log.segments.iter().enumerate() {
            let mut files = log.damaged(&Damage::None, end);
            files.remove(&missing.name);
            // What stands at the end now may be damaged too, which is no reason to cut it off.
            if number == last {
                let bytes = Arc::make_mut(files.get_mut(&log.segments[last - 1].name).unwrap());
                let length = bytes.len();
                bytes.truncate(length - usize::from(end != End::KilledAndMarkLost));
            }
            let disk = Disk::holding(files.clone());
            let opened = open(options(), &disk);
            if number == last && end == End::KilledAndMarkLost {
                assert!(opened.unwrap().recovery().possibly_lost.is_some());
                continue;
            }
            let error = opened.map(|_| ()).expect_err("a segment is missing");
            assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
            assert!(unchanged(&files, &disk.files()), "{number} {end:?}: something was changed");
        }
    }
}

#[test]
fn a_reader_that_comes_while_the_mark_is_being_written_does_not_take_what_is_not_answered_yet_for_answered() {
    let (_, log) = logs().swap_remove(0);
    let all: usize = log.known.iter().map(Vec::len).sum();
    // A batch stands there whole that nobody has been told of; the mark is half of one and half of the other.
    let files = log.damaged(&Damage::Unfinished { count: log.next.len() }, End::Killed);
    let disk = Disk::holding(files);
    disk.tamper("mark", |bytes| bytes[40..70].copy_from_slice(&[b'9'; 30]));
    let reader: FileLogReader<String> = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(12));
            disk.tamper("mark", |bytes| *bytes = log.killed_mark.to_vec());
        });
        options().open_reader_in(Arc::new(disk.clone()), Texts).unwrap()
    });
    assert_eq!(shown(&reader).unwrap().len(), all);
    assert_eq!(reader.recovery().possibly_lost, None);
}

#[test]
fn a_segment_of_another_log_is_refused() {
    let written = |text: &str| {
        let disk = Disk::new();
        let log = open(options().segment_size(0), &disk).unwrap();
        (0..6).for_each(|number| _ = append(&log, &[Known::new(number, 1, text.repeat(40))]).unwrap());
        log.close().unwrap();
        disk.files()
    };
    let (one, other) = (written("a"), written("b"));
    let names: Vec<&String> = one.keys().filter(|name| name.ends_with(".jsonl")).collect();
    assert_eq!(names.len(), 6);
    for name in names {
        for marked in [true, false] {
            let mut files = one.clone();
            files.insert(name.clone(), other[name].clone());
            if !marked {
                files.remove("mark");
            }
            let disk = Disk::holding(files.clone());
            let reader = options().open_reader_in::<String>(Arc::new(disk.clone()), Texts);
            let read = reader.and_then(|_| open(options(), &disk));
            let error = read.map(|_| ()).expect_err("the segment is another log's");
            assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
            assert!(unchanged(&files, &disk.files()), "{name}: something was changed");
        }
    }
}
