//! A log and the list that it should be.

use super::disk::Disk;
use super::texts::{Known, batch, open, options};
use leftfold::log::{FileLog, Syncing};
use leftfold::recorded::{StreamName, Version};
use leftfold::store::{AppendError, Batch, Entry, EventReader, EventStore, ExpectedVersion, Query};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::ops::ControlFlow;

/// What is done to a log.
#[derive(Clone, Debug)]
pub enum Op {
    Append {
        stream: u64,
        count: u64,
        length: usize,
    },
    /// Once more what was appended before.
    Repeat(usize),
    Conflict {
        stream: u64,
    },
    Delete {
        stream: u64,
    },
    Sync,
    Close,
    Kill,
    PowerCut(u64),
    Room(Option<u64>),
}

pub fn ops() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (0..4u64, 1..5u64, 0..900usize).prop_map(|(stream, count, length)| Op::Append { stream, count, length }),
        2 => any::<prop::sample::Index>().prop_map(|index| Op::Repeat(index.index(1_000))),
        1 => (0..4u64).prop_map(|stream| Op::Conflict { stream }),
        1 => (0..4u64).prop_map(|stream| Op::Delete { stream }),
        1 => Just(Op::Sync),
        1 => Just(Op::Close),
        1 => Just(Op::Kill),
        1 => any::<u64>().prop_map(Op::PowerCut),
        2 => prop::option::of(0..3_000u64).prop_map(Op::Room),
    ]
}

/// An entry of the list: of a stream, with its text, or a tombstone.
#[derive(Clone, Debug, PartialEq)]
struct Listed {
    stream: String,
    version: u64,
    text: Option<String>,
}

#[derive(Default)]
struct List {
    entries: Vec<Listed>,
    batches: Vec<Vec<Known>>,
    events: u64,
}

impl List {
    fn version(&self, stream: &str) -> u64 {
        self.entries.iter().rev().find(|entry| entry.stream == stream).map_or(0, |entry| entry.version)
    }

    fn deleted(&self, stream: &str) -> bool {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.stream == stream)
            .is_some_and(|entry| entry.text.is_none())
    }

    fn add(&mut self, stream: &str, text: Option<String>) {
        let version = self.version(stream) + 1;
        self.entries.push(Listed { stream: stream.to_string(), version, text });
    }
}

fn listed(log: &FileLog<String>) -> Vec<Listed> {
    let mut all = Vec::new();
    log.visit(&Query::all().into(), &mut |entry| {
        let envelope = entry.envelope();
        all.push(Listed {
            stream: envelope.stream.to_string(),
            version: envelope.version.get(),
            text: if let Entry::Event(_, event) = entry { Some(event.clone()) } else { None },
        });
        ControlFlow::Continue(())
    })
    .unwrap();
    all
}

/// Does all of it, and holds the log against the list each time.
pub fn run(segment_size: u64, ops: &[Op]) -> Result<(), TestCaseError> {
    let with = || options().sync(Syncing::Always).segment_size(segment_size);
    let mut disk = Disk::new();
    let mut log = open(with(), &disk).unwrap();
    let mut list = List::default();
    for op in ops {
        let name = |stream: u64| StreamName::of("talk", stream).unwrap();
        match op {
            Op::Append { stream, count, length } => {
                let events: Vec<Known> = (0..*count)
                    .map(|part| Known::new(list.events + part, *stream, "y".repeat(*length)))
                    .collect();
                list.events += count;
                match log.append(batch(&events)) {
                    Ok(_) => {
                        prop_assert!(!list.deleted(&events[0].stream));
                        events.iter().for_each(|event| list.add(&event.stream, Some(event.text.clone())));
                        list.batches.push(events);
                    }
                    Err(AppendError::Conflict(_)) => prop_assert!(list.deleted(&events[0].stream)),
                    Err(AppendError::DiskFull { .. }) => {}
                    Err(error) => return Err(TestCaseError::fail(error.to_string())),
                }
            }
            Op::Repeat(_) if list.batches.is_empty() => {}
            Op::Repeat(which) => {
                let before = &list.batches[which % list.batches.len()];
                match log.append(batch(before)) {
                    Ok(appended) => prop_assert!(appended.repeated),
                    // A full segment is ended before a batch is looked at.
                    Err(AppendError::DiskFull { .. }) => {}
                    Err(error) => return Err(TestCaseError::fail(error.to_string())),
                }
            }
            Op::Conflict { stream } => {
                let stream = name(*stream);
                let wrong = ExpectedVersion::Exactly(Version::new(list.version(stream.as_str()) + 1));
                let refused = log.append(Batch::to(&stream).expecting(wrong).event("no".to_string()));
                let conflict =
                    matches!(refused, Err(AppendError::Conflict(_) | AppendError::DiskFull { .. }));
                prop_assert!(conflict);
            }
            Op::Delete { stream } => {
                let stream = name(*stream);
                let there = list.version(stream.as_str()) > 0 && !list.deleted(stream.as_str());
                match log.append(Batch::to(&stream).delete()) {
                    Ok(_) => {
                        prop_assert!(there);
                        list.add(stream.as_str(), None);
                    }
                    Err(AppendError::Conflict(_)) => prop_assert!(!there),
                    Err(AppendError::DiskFull { .. }) => {}
                    Err(error) => return Err(TestCaseError::fail(error.to_string())),
                }
            }
            Op::Sync => log.sync().unwrap(),
            Op::Room(more) => disk.room(*more),
            Op::Close | Op::Kill | Op::PowerCut(_) => {
                disk.room(None);
                match op {
                    Op::Close => log.close().unwrap(),
                    Op::Kill => disk = disk.kill(),
                    Op::PowerCut(seed) => disk = disk.power_cut(*seed),
                    _ => {}
                }
                log = open(with(), &disk).unwrap();
                prop_assert!(matches!(op, Op::Close) == log.recovery().closed);
            }
        }
        prop_assert_eq!(listed(&log), &list.entries[..]);
    }
    Ok(())
}
