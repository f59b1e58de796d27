//! An index whose checksum holds and which says what is not so: it shows nobody the events of another stream, makes nobody
//! write what contradicts the log, takes no memory that the files do not have, and is reported.

#[path = "disk/disk.rs"]
mod disk;
#[path = "disk/texts.rs"]
mod texts;

use disk::{Disk, Random};
use leftfold::log::FileLog;
use leftfold::log::{LogVerdict, verify_in};
use leftfold::recorded::StreamName;
use leftfold::store::{AppendError, Query, ReadError, Reading};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use texts::{Known, append, open, options, shown};

const INDEX: &str = "index";
const COUNT: usize = 10_200;
const STREAMS: u64 = 40;

type Files = BTreeMap<String, Arc<Vec<u8>>>;

/// A log that opens by its index, and what it holds.
static LARGE: LazyLock<(Files, Vec<Known>)> = LazyLock::new(|| {
    let disk = Disk::new();
    let log = open(options().segment_size(400_000), &disk).unwrap();
    let random = &mut Random::new(7);
    let known: Vec<Known> = (0..COUNT as u64)
        .map(|number| Known::new(number, random.below(STREAMS), format!("text {}", random.below(1_000))))
        .collect();
    known.chunks(100).for_each(|batch| _ = append(&log, batch).unwrap());
    log.close().unwrap();
    (disk.files(), known)
});

/// The columns of the index: one number of 32 bits for each position.
#[derive(Clone, Copy, Debug)]
enum Column {
    Offset,
    Length,
    Stream,
    Type,
}

/// The numbers of an index.
struct Numbers {
    bytes: Vec<u8>,
    begins: usize,
}

impl Numbers {
    fn place(&self, column: Column, position: usize) -> usize {
        self.begins + (column as usize * COUNT + position - 1) * 4
    }

    fn get(&self, column: Column, position: usize) -> u32 {
        let at = self.place(column, position);
        u32::from_le_bytes(self.bytes[at..at + 4].try_into().unwrap())
    }

    fn set(&mut self, column: Column, position: usize, number: u32) {
        let at = self.place(column, position);
        self.bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }

    fn swap(&mut self, column: Column, one: usize, other: usize) {
        let (first, second) = (self.get(column, one), self.get(column, other));
        self.set(column, one, second);
        self.set(column, other, first);
    }
}

/// The log with this change of its index, whose checksum holds again.
fn with_index(change: impl FnOnce(&mut Numbers)) -> Disk {
    let mut files = LARGE.0.clone();
    let bytes = files[INDEX].to_vec();
    let begins = 20 + u64::from_le_bytes(bytes[12..20].try_into().unwrap()) as usize;
    let mut numbers = Numbers { bytes, begins };
    change(&mut numbers);
    let mut bytes = numbers.bytes;
    let crc = crc32c::crc32c(&bytes[12..]);
    bytes[8..12].copy_from_slice(&crc.to_le_bytes());
    files.insert(INDEX.to_string(), Arc::new(bytes));
    Disk::holding(files)
}

/// What a stream holds, as it is known.
fn of_stream(stream: u64) -> Vec<&'static str> {
    let name = format!("talk-{stream}");
    LARGE.1.iter().filter(|known| known.stream == name).map(|known| &*known.text).collect()
}

/// Reads every stream by itself: each is read as it is, or refused with a sentence about the index. Answers with how many
/// were refused.
fn read_each(log: &FileLog<String>) -> usize {
    (0..STREAMS)
        .filter(|stream| {
            let name = StreamName::of("talk", stream).unwrap();
            match log.all(Query::stream(&name)) {
                Ok(read) => {
                    let texts: Vec<&str> = read.iter().map(|event| &*event.event).collect();
                    assert!(texts == of_stream(*stream), "stream {stream} is read as it is not");
                    false
                }
                Err(ReadError::Damaged { file, why, .. }) => {
                    assert!(file == INDEX && why.contains("remove the file `index`"), "{file}: {why}");
                    true
                }
                Err(error) => panic!("{error}"),
            }
        })
        .count()
}

/// Appends to every stream: each append is done, or refused since the index is wrong; and the log stays one.
fn append_to_each(log: FileLog<String>, disk: &Disk) -> usize {
    let refused = (0..STREAMS)
        .filter(|stream| match append(&log, &[Known::new(1_000_000 + stream, *stream, "more".to_string())]) {
            Ok(_) => false,
            Err(AppendError::Read(ReadError::Damaged { file, .. })) => {
                assert_eq!(file, INDEX);
                true
            }
            Err(error) => panic!("{error}"),
        })
        .count();
    drop(log);
    let again =
        open(options().verifying(), disk).unwrap_or_else(|error| panic!("the log was made wrong: {error}"));
    assert!(shown(&again).unwrap().starts_with(&LARGE.1));
    refused
}

fn position() -> impl Strategy<Value = usize> {
    1..=COUNT
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 12 } else { 100 }))]

    #[test]
    fn swapped_streams_show_nobody_the_events_of_another_and_are_reported(one in position(), other in position()) {
        prop_assume!(LARGE.1[one - 1].stream != LARGE.1[other - 1].stream);
        let disk = with_index(|numbers| numbers.swap(Column::Stream, one, other));
        let found = verify_in(&disk).unwrap();
        prop_assert!(matches!(found.verdict, LogVerdict::WrongBeside) && !found.is_whole(), "{found:?}");
        prop_assert_eq!(&*found.damaged[0].file, INDEX);
        prop_assert_eq!(found.whole.events, COUNT as u64);
        let log = open(options(), &disk).unwrap();
        prop_assert_eq!(read_each(&log), 2);
        prop_assert!(shown(&log).is_err());
        append_to_each(log, &disk);
    }

    #[test]
    fn numbers_that_are_not_true_change_nothing_that_is_read(
        column in proptest::sample::select(vec![Column::Offset, Column::Length, Column::Stream, Column::Type]),
        position in position(),
        number in prop_oneof![any::<u32>(), Just(u32::MAX), Just(0), 0..1_000_000u32],
    ) {
        let mut same = false;
        let disk = with_index(|numbers| {
            same = numbers.get(column, position) == number;
            numbers.set(column, position, number);
        });
        prop_assume!(!same);
        let found = verify_in(&disk).unwrap();
        prop_assert!(!found.is_whole() && found.damaged[0].file == INDEX, "{found:?}");
        let log = open(options(), &disk).unwrap();
        if let Ok(read) = shown(&log) {
            prop_assert!(read == LARGE.1);
        }
    }
}

#[test]
fn a_stream_to_which_something_is_appended_is_held_against_the_log_first() {
    // Wherever both have later entries: of the one that lost an entry, the index counts a version too few.
    let last = |stream: &str| LARGE.1.iter().rposition(|known| known.stream == stream).unwrap() + 1;
    let one = 100;
    let of = &LARGE.1[one - 1].stream;
    let other = LARGE.1.iter().position(|known| known.stream != *of).unwrap() + 1;
    assert!(last(of) > one && last(&LARGE.1[other - 1].stream) > other);
    let disk = with_index(|numbers| {
        let stream = numbers.get(Column::Stream, other);
        numbers.set(Column::Stream, one, stream);
    });
    let log = open(options(), &disk).unwrap();
    assert_eq!(append_to_each(log, &disk), 2);
}

#[test]
fn an_index_that_is_as_it_was_written_is_used_and_nothing_is_said_of_it() {
    let disk = Disk::holding(LARGE.0.clone());
    let found = verify_in(&disk).unwrap();
    assert!(found.is_whole() && found.opens_by_index && found.damaged.is_empty(), "{found:?}");
    let log = open(options(), &disk).unwrap();
    assert_eq!(read_each(&log), 0);
    assert_eq!(append_to_each(log, &disk), 0);
}

#[test]
fn an_index_of_which_a_bit_is_flipped_is_reported_and_not_used() {
    let mut files = LARGE.0.clone();
    Arc::make_mut(files.get_mut(INDEX).unwrap())[5_000] ^= 4;
    let disk = Disk::holding(files);
    let found = verify_in(&disk).unwrap();
    assert!(matches!(found.verdict, LogVerdict::WrongBeside) && !found.opens_by_index, "{found:?}");
    assert!(
        found.damaged[0].to_string().starts_with("index, byte 0: the index is wrong"),
        "{}",
        found.damaged[0]
    );
    assert_eq!(shown(&open(options(), &disk).unwrap()).unwrap(), LARGE.1);
}
