//! A large log that was closed opens by its index. What stands at the two ends of each segment is proven then, and refused;
//! every event is proven when it is read; `verify`, and opening with `verifying`, prove all.

use super::cases::{Damage, File};
use super::disk::{Disk, Random};
use super::expected::{End, Log, Verdict, expected};
use super::texts::{Known, Texts, append, open, options, shown};
use super::{Counts, each_case, unchanged, written};
use leftfold::log::OpenError;
use leftfold::log::{LogVerdict as Verified, verify_in};
use leftfold::recorded::Position;
use leftfold::store::{Entry, EventReader, Query, ReadError};
use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

type Files = BTreeMap<String, Arc<Vec<u8>>>;

/// More entries than a log has that is read when it is opened.
fn large() -> Log {
    let log = written(900_000, 2_500_000, 40, |random| 1 + random.below(60));
    assert!(log.known.iter().map(Vec::len).sum::<usize>() > 10_000 && log.segments.len() == 3);
    assert!(log.index.is_some(), "it was closed with an index");
    log
}

/// Every kind of damage: to what is no event's, and to bytes and sectors that are drawn.
fn damages(log: &Log) -> Vec<(Damage, End)> {
    let random = &mut Random::new(7);
    let mut damages = vec![Damage::None];
    for (number, laid) in log.segments.iter().enumerate() {
        let (file, length) = (File::Segment(number), laid.bytes.len());
        let headers = [0..92, laid.headers[7].clone(), laid.headers.last().unwrap().clone()];
        damages.extend(headers.into_iter().flatten().step_by(3).map(|at| Damage::Flip {
            file,
            at,
            bit: (at % 8) as u8,
        }));
        for _ in 0..50 {
            let (at, bit) = (random.below(length as u64) as usize, random.below(8) as u8);
            damages.push(Damage::Flip { file, at, bit });
            damages.push(Damage::Zero { file, at, count: 1 });
        }
        damages.extend((1..20).map(|back| Damage::Truncate { file, length: length - back * back }));
        for sector in [512, 4096] {
            let count = (length / sector) as u64;
            for _ in 0..20 {
                let (from, to) = (random.below(count) as usize, random.below(count) as usize);
                damages.push(Damage::Zero { file, at: to * sector, count: sector });
                damages.push(Damage::Duplicate { segment: number, sector, from, to });
                damages.push(Damage::Swap { segment: number, sector, one: from, other: to });
            }
        }
    }
    damages.extend((0..log.closed_mark.len()).step_by(9).map(|at| Damage::Flip {
        file: File::Mark,
        at,
        bit: 2,
    }));
    damages.extend((1..log.next.len()).step_by(37).map(|count| Damage::Unfinished { count }));
    damages.push(Damage::Zeros { count: 512 });
    damages.into_iter().map(|damage| (damage, End::Closed)).collect()
}

/// Where an event stands: its segment, and its line in there.
fn lines(log: &Log) -> impl Iterator<Item = (usize, Range<usize>)> {
    log.segments.iter().enumerate().flat_map(|(number, laid)| laid.lines().map(move |line| (number, line)))
}

/// Whether a damage meets what is proven when the log is opened by its index.
fn is_proven_at_opening(log: &Log, damage: &Damage, files: &Files) -> bool {
    let File::Segment(number) = damage.file(log.segments.len()) else { return true };
    let (laid, found) = (&log.segments[number], &files[&log.segments[number].name]);
    let header = laid.headers.last().unwrap();
    let last = if number + 1 == log.segments.len() { header.start..laid.bytes.len() } else { header.clone() };
    found.len() != laid.bytes.len()
        || [0..92, last].into_iter().any(|part| found[part.clone()] != laid.bytes[part])
}

fn read_from(
    reader: &impl EventReader<String>,
    position: usize,
) -> (Vec<Known>, Result<Position, ReadError>) {
    let mut events = Vec::new();
    let outcome = reader.visit(&Query::all().starting_at(Position::new(position as u64)), &mut |entry| {
        let Entry::Event(envelope, event) = entry else { panic!("nothing but events was appended") };
        assert_eq!(envelope.position.get() as usize, position + events.len());
        let (stream, id) = (envelope.stream.to_string(), envelope.id.to_string());
        events.push(Known { stream, id, text: event.clone() });
        ControlFlow::Continue(())
    });
    (events, outcome)
}

/// Reads every event: each is as it was recorded, or refused with the place of its line. Answers with how many were refused.
fn each_is_right_or_refused(
    log: &Log,
    files: &Files,
    reader: &impl EventReader<String>,
    told: &str,
) -> usize {
    let known: Vec<&Known> = log.known.iter().flatten().collect();
    let damaged = lines(log).enumerate().filter(|(_, (number, line))| {
        let laid = &log.segments[*number];
        files[&laid.name][line.clone()] != laid.bytes[line.clone()]
    });
    let (mut next, mut refused) = (1, 0);
    for (event, (number, line)) in damaged {
        let (read, outcome) = read_from(reader, next);
        assert!(read.iter().eq(known[next - 1..event].iter().copied()), "{told}: other events are read");
        match outcome {
            Err(ReadError::Damaged { file, offset, why }) => {
                assert_eq!((&file, offset), (&log.segments[number].name, line.start as u64), "{told}: {why}");
                assert!(why.contains(&format!("position {}:", event + 1)), "{told}: {why}");
            }
            other => panic!("{told}: event {} is damaged, but: {other:?}", event + 1),
        }
        (next, refused) = (event + 2, refused + 1);
    }
    let (read, outcome) = read_from(reader, next);
    assert!(outcome.is_ok() && read.iter().eq(known[next - 1..].iter().copied()), "{told}: {outcome:?}");
    refused
}

fn hold(log: &Log, damage: &Damage, end: End, counts: &mut Counts) {
    let files = log.damaged(damage, end);
    let told = format!("{damage:?}");
    let disk = Disk::holding(files.clone());
    let reader = |verifying: bool| {
        let options = if verifying { options().verifying() } else { options() };
        options.open_reader_in::<String>(Arc::new(disk.clone()), Texts)
    };
    let Verdict::Refused { file, offset } = expected(log, damage, end, &files) else {
        *counts.entry("whole").or_default() += 1;
        // Every event is as it was written; a mark that is not is said.
        let (found, marked) = (verify_in(&disk).unwrap(), files["mark"] == log.closed_mark);
        assert_eq!(found.is_whole(), marked, "{told}: {found:?}");
        assert!(found.damaged.iter().all(|part| part.file == "mark"), "{told}: {found:?}");
        assert!(marked || matches!(found.verdict, Verified::WrongBeside), "{told}: {found:?}");
        assert_eq!(each_is_right_or_refused(log, &files, &reader(false).unwrap(), &told), 0);
        return;
    };
    let refused = |opened: Option<OpenError>, how: &str| match opened {
        Some(OpenError::Corrupt { file: found, offset: at, .. }) => {
            assert_eq!((found, at), (format!("disk/{file}"), offset as u64), "{told}, {how}");
        }
        other => panic!("{told}, {how}: {other:?}"),
    };
    // Whoever wants all of it proven is refused.
    let found = verify_in(&disk).unwrap();
    assert!(!found.damaged.is_empty(), "{told}");
    let Verified::Refused(error) = found.verdict else { panic!("{told}: {:?}", found.verdict) };
    refused(Some(error), "verify");
    refused(open(options().verifying(), &disk).err(), "verifying");
    // What stands behind the end that the mark tells is nothing to a reader.
    if !matches!(damage, Damage::Unfinished { .. } | Damage::Zeros { .. }) {
        refused(reader(true).err(), "a verifying reader");
    }
    assert!(unchanged(&files, &disk.files()), "{told}: something was changed");
    if is_proven_at_opening(log, damage, &files) {
        *counts.entry("refused when it is opened").or_default() += 1;
        assert!(!found.opens_by_index, "{told}");
        refused(open(options(), &disk).err(), "opening");
        return;
    }
    assert!(found.opens_by_index, "{told}");
    let damaged = each_is_right_or_refused(log, &files, &reader(false).unwrap(), &told);
    let opened = open(options(), &disk).unwrap_or_else(|error| panic!("{told}: {error}"));
    assert_eq!(each_is_right_or_refused(log, &files, &opened, &told), damaged);
    // Every byte of it is that of an event, or of a header, which no read needs.
    *counts.entry(if damaged > 0 { "refused when it is read" } else { "of headers alone" }).or_default() += 1;
}

#[test]
fn damage_to_a_log_that_opens_by_its_index_is_refused_when_it_is_opened_or_read_and_never_silent() {
    let log = large();
    let counts = each_case(&log, &damages(&log), hold);
    println!("{counts:?}");
    for verdict in ["whole", "refused when it is opened", "refused when it is read", "of headers alone"] {
        assert!(counts.get(verdict).is_some_and(|count| *count > 10), "{verdict}: {counts:?}");
    }
}

#[test]
fn a_log_that_opens_by_its_index_has_the_segments_that_were_written_and_no_others() {
    let written = |text: &str| {
        let disk = Disk::new();
        let log = open(options().segment_size(400_000), &disk).unwrap();
        let events: Vec<Known> =
            (0..10_500).map(|number| Known::new(number, number % 50, text.into())).collect();
        events.chunks(500).for_each(|batch| _ = append(&log, batch).unwrap());
        log.close().unwrap();
        (disk.files(), events)
    };
    let ((one, events), (other, _)) = (written("one"), written("two"));
    let names: Vec<&String> = one.keys().filter(|name| name.ends_with(".jsonl")).collect();
    assert!(names.len() >= 3);
    for name in names {
        assert_eq!(one[name].len(), other[name].len());
        let mut files = one.clone();
        files.insert(name.clone(), other[name].clone());
        let disk = Disk::holding(files);
        for opened in [
            open(options(), &disk).map(|_| ()),
            options().open_reader_in::<String>(Arc::new(disk.clone()), Texts).map(|_| ()),
        ] {
            assert!(matches!(opened, Err(OpenError::Corrupt { .. })), "{name}: {opened:?}");
        }
    }
    assert!(verify_in(&Disk::holding(one.clone())).unwrap().opens_by_index);
    assert_eq!(shown(&open(options(), &Disk::holding(one)).unwrap()).unwrap(), events);
}

#[test]
fn a_segment_that_was_begun_and_never_written_to_keeps_no_log_from_opening_by_its_index() {
    let disk = Disk::new();
    let log = open(options().segment_size(1), &disk).unwrap();
    let events: Vec<Known> = (0..10_500).map(|number| Known::new(number, 1, "text".into())).collect();
    append(&log, &events).unwrap();
    // It begins a segment for a batch that is refused then.
    let refused = append(&log, &[Known { text: "other".into(), ..events[3].clone() }]);
    assert!(refused.is_err(), "{refused:?}");
    log.close().unwrap();
    assert_eq!(disk.files().keys().filter(|name| name.ends_with(".jsonl")).count(), 2);
    assert!(verify_in(&disk).unwrap().opens_by_index);
    assert_eq!(shown(&open(options(), &disk).unwrap()).unwrap(), events);
}
