//! Whatever stands in the files of a log, opening it ends, with a log or with a reason; whatever is done to a log, it
//! answers as a list would.

#[path = "disk/disk.rs"]
mod disk;
#[path = "log_arbitrary/lines.rs"]
mod lines;
#[path = "log_arbitrary/model.rs"]
mod model;
#[path = "disk/texts.rs"]
mod texts;

use disk::{Disk, Random};
use leftfold::codec::{CodecError, EventCodec, StoredEvent};
use leftfold::log::{FileLog, OpenError};
use leftfold::recorded::StreamName;
use leftfold::store::{AppendError, Batch, EventStore, Query, Reading};
use lines::{FIRST, Header, event_line, segment_line};
use model::{Op, ops, run};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use texts::{Known, Texts, append, open, options, shown};

/// Opens these files; what opens can be read, appended to, and opened again.
fn opens_or_is_refused(files: BTreeMap<String, Vec<u8>>) -> Result<(), TestCaseError> {
    let disk = Disk::holding(files.into_iter().map(|(name, bytes)| (name, Arc::new(bytes))));
    let before = disk.files();
    // A reader changes nothing, whatever it finds.
    let reader = options().open_reader_in::<String>(Arc::new(disk.clone()), Texts);
    let _ = reader.map(|reader| shown_or_not(&reader));
    prop_assert_eq!(&before, &disk.files());
    match open(options(), &disk) {
        Ok(log) => {
            let there = shown_or_not(&log);
            append(&log, &[Known::new(1_000_000, 9, "behind".into())]).unwrap();
            let now = shown_or_not(&log);
            prop_assert!(there.is_none() || now.as_ref().unwrap().len() == there.as_ref().unwrap().len() + 1);
            drop(log);
            prop_assert_eq!(shown_or_not(&open(options(), &disk).unwrap()), now);
        }
        Err(OpenError::Corrupt { .. } | OpenError::Format { .. }) => prop_assert_eq!(before, disk.files()),
        Err(error) => return Err(TestCaseError::fail(error.to_string())),
    }
    Ok(())
}

/// What is there, if the codec can read it.
fn shown_or_not(reader: &impl leftfold::store::EventReader<String>) -> Option<Vec<String>> {
    reader.all(Query::all()).ok().map(|all| all.into_iter().map(|recorded| recorded.event).collect())
}

/// A real log of two segments: its files when it was closed and when it was killed, and what it holds.
struct Real {
    closed: BTreeMap<String, Arc<Vec<u8>>>,
    killed: BTreeMap<String, Arc<Vec<u8>>>,
    known: Vec<Known>,
}

static REAL: LazyLock<Real> = LazyLock::new(|| {
    let disk = Disk::new();
    let log = open(options().segment_size(2_500), &disk).unwrap();
    let known: Vec<Known> =
        (0..20).map(|number| Known::new(number, number % 3, "text ".repeat(number as usize))).collect();
    known.chunks(3).for_each(|batch| _ = append(&log, batch).unwrap());
    let killed = disk.files();
    log.close().unwrap();
    Real { closed: disk.files(), killed, known }
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_opened_or_refused(
        segment in vec(any::<u8>(), 0..3_000),
        mark in proptest::option::of(vec(any::<u8>(), 0..300)),
        begun in any::<bool>(),
    ) {
        let mut bytes = if begun { segment_line(1, 0).0 } else { Vec::new() };
        bytes.extend(segment);
        let mut files = BTreeMap::from([(FIRST.to_string(), bytes)]);
        files.extend(mark.map(|mark| ("mark".to_string(), mark)));
        opens_or_is_refused(files)?;
    }

    #[test]
    fn headers_that_lie_under_right_checksums_are_opened_or_refused(
        batches in vec((any::<Header>(), vec(event_line(), 0..4)), 1..5),
        behind in vec(any::<u8>(), 0..200),
    ) {
        let (mut bytes, mut chain) = segment_line(1, 0);
        let mut next = 1;
        for (header, lines) in &batches {
            let body: Vec<u8> = lines.iter().zip(next..).flat_map(|(line, position)| line.bytes(position)).collect();
            let (line, crc) = header.line(next, lines.len() as u64, &body, bytes.len() as u64, chain);
            bytes.extend(line);
            bytes.extend(body);
            (chain, next) = (crc, next + lines.len() as u64);
        }
        bytes.extend(behind);
        opens_or_is_refused(BTreeMap::from([(FIRST.to_string(), bytes)]))?;
    }

    #[test]
    fn a_log_changed_in_any_way_shows_nothing_but_what_was_recorded_and_is_silent_about_nothing_that_is_missing(
        seed in any::<u64>(), changes in 1..4, end in 0..3,
    ) {
        let random = &mut Random::new(seed);
        let mut files = if end == 0 { REAL.closed.clone() } else { REAL.killed.clone() };
        if end == 2 {
            files.remove("mark");
        }
        for _ in 0..changes {
            let number = random.below(files.len() as u64) as usize;
            let bytes = Arc::make_mut(files.values_mut().nth(number).unwrap());
            let at = random.below(bytes.len() as u64 + 1) as usize;
            let until = (at + random.below(700) as usize).min(bytes.len());
            match random.below(5) {
                0 => bytes.truncate(at),
                1 => _ = bytes.drain(at..until),
                2 => { let copy = bytes[at..until].to_vec(); _ = bytes.splice(at..at, copy); }
                3 => bytes[at..until].fill(0),
                _ => bytes[at..until].reverse(),
            }
        }
        let untouched = files.clone();
        let disk = Disk::holding(files);
        match open(options(), &disk) {
            Ok(log) => {
                let read = shown(&log).unwrap();
                prop_assert!(REAL.known.starts_with(&read));
                prop_assert!(read.len() == REAL.known.len() || log.recovery().possibly_lost.is_some());
                // Only where the mark is lost can anything be missing at all.
                let marked = untouched.get("mark") == if end == 0 { REAL.closed.get("mark") } else { REAL.killed.get("mark") };
                prop_assert!(read.len() == REAL.known.len() || end == 2 || !marked);
            }
            Err(_) => prop_assert_eq!(untouched, disk.files()),
        }
    }

    #[test]
    fn a_log_answers_as_a_list_would_whatever_is_done_to_it(segment_size in 0..4_000u64, ops in vec(ops(), 1..40)) {
        run(segment_size, &ops)?;
    }
}

#[test]
fn a_batch_whose_checksums_hold_and_whose_lines_contradict_the_log_is_refused_and_not_cut() {
    for wrong in lines::WRONG {
        let (mut bytes, chain) = segment_line(1, 0);
        let offset = bytes.len();
        // The first line is right, so that a half of the batch is taken in before the other is refused.
        let body = [lines::RIGHT.bytes(1), wrong.bytes(2)].concat();
        bytes.extend(Header::default().line(1, 2, &body, offset as u64, chain).0);
        bytes.extend(body);
        let disk = Disk::holding([(FIRST.to_string(), Arc::new(bytes))]);
        let before = disk.files();
        let error = open(options(), &disk).map(|_| ()).expect_err(&format!("{wrong:?}"));
        assert!(
            matches!(&error, OpenError::Corrupt { offset: at, .. } if *at == offset as u64),
            "{wrong:?}: {error}"
        );
        assert!(error.to_string().contains("its checksums hold"), "{error}");
        assert_eq!(before, disk.files(), "{wrong:?}");
    }
}

#[test]
fn a_batch_that_leaves_out_positions_is_refused_although_its_checksums_hold() {
    let (mut bytes, chain) = segment_line(1, 0);
    let offset = bytes.len() as u64;
    let body = lines::RIGHT.numbered(3, 1);
    bytes.extend(Header::default().line(3, 1, &body, offset, chain).0);
    bytes.extend(body);
    let files = [(FIRST.to_string(), Arc::new(bytes))];
    match open(options(), &Disk::holding(files)) {
        // Nothing shows that it was durable, so it may be cut off like a torn tail, and never be taken in.
        Ok(log) => assert_eq!((shown(&log).unwrap(), log.recovery().torn.is_some()), (Vec::new(), true)),
        Err(error) => assert!(matches!(error, OpenError::Corrupt { .. }), "{error}"),
    }
}

#[test]
fn an_event_written_on_several_lines_is_refused_before_it_makes_a_log_unreadable() {
    /// Writes JSON as people like to read it.
    struct Pretty;

    impl EventCodec<String> for Pretty {
        fn encode(&self, event: &String, data: &mut Vec<u8>) -> Result<(Arc<str>, u32), CodecError> {
            data.extend(format!("[\n  {event:?}\n]").into_bytes());
            Ok(("Said".into(), 1))
        }

        fn decode(&self, _: StoredEvent<'_>, _: &mut dyn FnMut(&Arc<str>, String)) -> Result<(), CodecError> {
            Ok(())
        }
    }

    let disk = Disk::new();
    let log: FileLog<String> = options().open_in(Arc::new(disk.clone()), Pretty).unwrap();
    let appended = log.append(Batch::to(&StreamName::new("talk").unwrap()).event("hello".to_string()));
    assert!(matches!(appended, Err(AppendError::Unwritable(_))), "{appended:?}");
    drop(log);
    assert!(open(options(), &disk).unwrap().recovery().closed);
}

#[test]
fn segments_may_be_as_small_as_one_batch() {
    for segment_size in [0, 1, 91, 92, 93, 400] {
        let disk = Disk::new();
        let known: Vec<Known> = (0..5).map(|number| Known::new(number, 1, "x".into())).collect();
        for event in &known {
            let log = open(options().segment_size(segment_size), &disk).unwrap();
            append(&log, std::slice::from_ref(event)).unwrap();
        }
        assert_eq!(shown(&open(options(), &disk).unwrap()).unwrap(), known);
    }
}

#[test]
fn every_operation_is_tried() {
    // What the strategy draws is what the model knows.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..400 {
        let op: Op = proptest::strategy::ValueTree::current(&ops().new_tree(&mut runner).unwrap());
        seen.insert(format!("{op:?}").split([' ', '(', '{']).next().unwrap().to_string());
    }
    assert_eq!(seen.len(), 9, "{seen:?}");
}
