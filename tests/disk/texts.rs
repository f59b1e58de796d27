//! Events that are texts, and what is known of them without asking the log.
#![allow(dead_code)] // every test uses a part of it

use leftfold::codec::{CodecError, EventCodec, StoredEvent};
use leftfold::log::{FileLog, FileLogOptions, OpenError};
use leftfold::recorded::{EventId, StreamName, Timestamp};
use leftfold::store::{
    AppendError, Appended, Batch, Entry, EventReader, EventStore, NewEvent, Query, ReadError,
};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Writes texts as texts.
pub struct Texts;

impl EventCodec<String> for Texts {
    fn encode(&self, event: &String, data: &mut Vec<u8>) -> Result<(Arc<str>, u32), CodecError> {
        data.extend(serde_json::to_vec(event).unwrap());
        Ok(("Said".into(), 1))
    }

    fn decode(
        &self,
        stored: StoredEvent<'_>,
        each: &mut dyn FnMut(&Arc<str>, String),
    ) -> Result<(), CodecError> {
        let unreadable = |error: serde_json::Error| CodecError::Content {
            event_type: stored.event_type.to_string(),
            schema: stored.schema,
            data: String::from_utf8_lossy(stored.data).into_owned(),
            why: error.to_string(),
        };
        each(&stored.event_type.into(), serde_json::from_slice(stored.data).map_err(unreadable)?);
        Ok(())
    }
}

/// One event as it was appended, and as it must be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub stream: String,
    pub id: String,
    pub text: String,
}

impl Known {
    /// An event whose id tells it from all others.
    pub fn new(number: u64, stream: u64, text: String) -> Known {
        Known { stream: format!("talk-{stream}"), id: format!("event-{number}"), text }
    }
}

/// The batch that records these events under their ids.
pub fn batch(events: &[Known]) -> Batch<String> {
    let stream = |event: &Known| StreamName::new(&*event.stream).unwrap();
    let mut batch = Batch::to(&stream(&events[0]));
    for event in events {
        let id = EventId::new(&*event.id).unwrap();
        batch = batch.and_to(&stream(event)).record(NewEvent::of(event.text.clone()).id(id));
    }
    batch
}

/// What an append is answered with.
pub type Answer = Result<Appended, AppendError>;

/// Appends these events as one.
pub fn append(log: &FileLog<String>, events: &[Known]) -> Result<Appended, AppendError> {
    log.append(batch(events))
}

/// All events that are there. Their positions and the versions of their streams have to count without a gap.
pub fn shown(reader: &impl EventReader<String>) -> Result<Vec<Known>, ReadError> {
    let mut events = Vec::new();
    let mut versions = std::collections::HashMap::new();
    reader.visit(&Query::all().into(), &mut |entry| {
        let Entry::Event(envelope, event) = entry else { panic!("nothing but events was appended") };
        assert_eq!(envelope.position.get(), events.len() as u64 + 1);
        let version: &mut u64 = versions.entry(envelope.stream.clone()).or_default();
        *version += 1;
        assert_eq!(envelope.version.get(), *version);
        events.push(Known {
            stream: envelope.stream.to_string(),
            id: envelope.id.to_string(),
            text: event.clone(),
        });
        ControlFlow::Continue(())
    })?;
    Ok(events)
}

/// A clock that stands still.
pub fn at() -> Timestamp {
    "2026-11-23T09:30:00Z".parse().unwrap()
}

/// Options with a clock that stands still.
pub fn options() -> FileLogOptions {
    let still = at();
    FileLogOptions::new().clock(move || still)
}

/// Opens a log for writing on this disk.
pub fn open(options: FileLogOptions, disk: &super::disk::Disk) -> Result<FileLog<String>, OpenError> {
    options.open_in(Arc::new(disk.clone()), Texts)
}

/// Appends one batch, and two more while that is under way, so that these two are judged, written and synced together.
/// `then` is done before they are judged. Answers with the log and what came of each; where the threads did not run like
/// this, with `None`.
pub fn two_together(
    disk: &super::disk::Disk,
    then: impl FnOnce() + Send + 'static,
    batches: [Vec<Known>; 3],
) -> Option<(FileLog<String>, Vec<Answer>)> {
    let (asked, met) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let (asks, still) = (asked.clone(), at());
    let clock = move || {
        asks.fetch_add(1, Ordering::SeqCst);
        still
    };
    let log = open(options().clock(clock), disk).unwrap();
    let [first, second, third] = batches;
    let (asks, meets) = (asked.clone(), met.clone());
    // Each asks the clock just before it queues.
    disk.behind_next_sync(move || {
        let begun = Instant::now();
        while asks.load(Ordering::SeqCst) < 3 && begun.elapsed() < Duration::from_secs(1) {
            sleep(Duration::from_micros(50));
        }
        meets.store(asks.load(Ordering::SeqCst) == 3, Ordering::SeqCst);
        sleep(Duration::from_millis(15));
        then();
    });
    let outcomes = std::thread::scope(|scope| {
        let log = &log;
        let first = scope.spawn(move || append(log, &first));
        while asked.load(Ordering::SeqCst) == 0 {
            sleep(Duration::from_micros(50));
        }
        // The first leads by now: it is syncing soon, and waits there.
        sleep(Duration::from_millis(2));
        let second = scope.spawn(move || append(log, &second));
        let third = scope.spawn(move || append(log, &third));
        vec![first.join().unwrap(), second.join().unwrap(), third.join().unwrap()]
    });
    met.load(Ordering::SeqCst).then_some((log, outcomes))
}
