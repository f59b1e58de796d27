//! A store of one's own, written by what the kit opens for it, keeps every promise: alone, through a codec, and through two
//! doors. It is the plainest one: a list of entries, and every question looks at all of them.

use leftfold::codec::{Codec, RawEvent};
use leftfold::conformance::{Fact, TwoDoors};
use leftfold::recorded::{
    Envelope, EventId, Headers, Metadata, Position, Recorded, StreamName, Timestamp, Version,
};
use leftfold::store::engine::{self, Recordings, StoredEntry};
use leftfold::store::{
    AppendCondition, AppendError, Appended, Batch, Coded, Conflict, DELETED, DESCRIBED, Direction, Entry,
    EventReader, EventStore, Listing, Query, Read, ReadError, StreamInfo, StreamState, Write,
};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

static IDS: AtomicU64 = AtomicU64::new(0);

#[derive(Default)]
struct List {
    log: Mutex<Log>,
    grown: Condvar,
}

#[derive(Clone, Default)]
struct Log {
    entries: Vec<StoredEntry>,
    ends: Vec<usize>,
}

impl Log {
    fn head(&self) -> Position {
        Position::new(self.entries.len() as u64)
    }

    fn info(&self, name: &StreamName) -> Option<StreamInfo> {
        let of_stream = || self.entries.iter().filter(|entry| entry.envelope().stream == *name);
        of_stream().next()?;
        let mut info = StreamInfo {
            name: name.clone(),
            state: StreamState::Missing,
            first: None,
            last: None,
            metadata: Headers::default(),
        };
        for entry in of_stream() {
            let envelope = entry.envelope();
            match entry {
                StoredEntry::Described(_, headers) => {
                    info.metadata = headers.clone();
                    continue;
                }
                StoredEntry::Event(_) => info.state = StreamState::At(envelope.version),
                StoredEntry::Deleted(_) => info.state = StreamState::Deleted(envelope.version),
            }
            info.first = info.first.or(Some(envelope.position));
            info.last = Some(envelope.position);
        }
        Some(info)
    }

    fn streams(&self) -> Vec<StreamInfo> {
        let mut names: Vec<_> = self.entries.iter().map(|entry| entry.envelope().stream.clone()).collect();
        names.sort();
        names.dedup();
        names.iter().filter_map(|name| self.info(name)).collect()
    }

    fn holds(&self, condition: &AppendCondition) -> Result<(), Conflict> {
        let head = self.head();
        match condition {
            AppendCondition::Stream(stream, expected) => {
                let found = self.info(stream).map_or(StreamState::Missing, |info| info.state);
                let (stream, expected) = (stream.clone(), *expected);
                found.meets(expected).then_some(()).ok_or(Conflict::Stream { stream, expected, found, head })
            }
            AppendCondition::NoMatch(query, after) => {
                let last = self
                    .entries
                    .iter()
                    .map(StoredEntry::envelope)
                    .rfind(|envelope| envelope.position > *after && query.matches(envelope));
                last.map_or(Ok(()), |found| {
                    Err(Conflict::EventsMatch {
                        query: query.clone(),
                        after: *after,
                        found: found.position,
                        event_type: found.event_type.to_string(),
                        stream: found.stream.clone(),
                        head,
                    })
                })
            }
        }
    }

    fn add(&mut self, write: Write<RawEvent>) {
        let stream = write.stream().clone();
        let before = self.info(&stream).map_or(Version::NONE, |info| info.state.version());
        let envelope = |event_type: &str, version: Version| Envelope {
            position: Position::new(self.entries.len() as u64 + 1),
            stream: stream.clone(),
            version,
            event_type: event_type.into(),
            tags: Vec::new(),
            recorded_at: Timestamp::now(),
            id: EventId::new(format!("made-{}", IDS.fetch_add(1, Ordering::Relaxed))).unwrap(),
            metadata: Metadata::default(),
        };
        let next = Version::new(before.get() + 1);
        let entry = match write {
            Write::Event(_, new) => {
                let mut envelope = envelope(&new.event.event_type, next);
                envelope.id = new.id.unwrap_or(envelope.id);
                (envelope.tags, envelope.metadata) = (new.tags, new.metadata);
                StoredEntry::Event(Recorded { envelope, event: new.event })
            }
            Write::Delete(_) => StoredEntry::Deleted(envelope(DELETED, next)),
            Write::Describe(_, headers) => StoredEntry::Described(envelope(DESCRIBED, before), headers),
        };
        self.entries.push(entry);
    }
}

impl Recordings for Log {
    fn position_of(&self, id: &EventId) -> Result<Option<Position>, AppendError> {
        let found = self.entries.iter().map(StoredEntry::envelope).find(|envelope| envelope.id == *id);
        Ok(found.map(|envelope| envelope.position))
    }

    fn entry(&self, at: Position) -> Result<Option<StoredEntry>, AppendError> {
        Ok(self.entries.get(at.get() as usize - 1).cloned())
    }

    fn is_batch(&self, first: Position, count: usize) -> Result<bool, AppendError> {
        let begins = first.get() as usize - 1;
        let before = begins == 0 || self.ends.contains(&begins);
        Ok(before && self.ends.iter().find(|end| **end > begins) == Some(&(begins + count)))
    }
}

impl EventReader<RawEvent> for List {
    fn head(&self) -> Result<Position, ReadError> {
        Ok(self.log.lock().unwrap().head())
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, RawEvent>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        let log = self.log.lock().unwrap().clone();
        let mut entries: Vec<_> = log.entries.iter().filter(|entry| read.matches(entry.envelope())).collect();
        if read.direction() == Direction::Backwards {
            entries.reverse();
        }
        'entries: for entry in entries {
            for filter in read.filters() {
                if !filter.passes(entry.envelope())? {
                    continue 'entries;
                }
            }
            if each(entry.entry()).is_break() {
                break;
            }
        }
        Ok(log.head())
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        Ok(self.log.lock().unwrap().info(stream))
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        Ok(listing.pick_streams(self.log.lock().unwrap().streams())?)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        Ok(listing.pick_categories(self.log.lock().unwrap().streams())?)
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        let log = self.log.lock().unwrap();
        let waited = self.grown.wait_timeout_while(log, at_most, |log| log.head() <= after);
        Ok(waited.unwrap().0.head())
    }
}

impl EventStore<RawEvent> for List {
    fn append(&self, batch: Batch<RawEvent>) -> Result<Appended, AppendError> {
        engine::check(&batch)?;
        let mut log = self.log.lock().unwrap();
        if let Some(appended) = engine::repeated(&batch, &*log)? {
            return Ok(appended);
        }
        for condition in engine::conditions(&batch) {
            log.holds(&condition)?;
        }
        let first = Position::new(log.head().get() + 1);
        let (writes, _) = batch.into_parts();
        let count = writes.len();
        for write in writes {
            log.add(write);
        }
        let end = log.entries.len();
        log.ends.push(end);
        self.grown.notify_all();
        let entries = log.entries[end - count..].iter();
        let of_streams = entries.filter(|entry| !matches!(entry, StoredEntry::Described(..)));
        let versions = of_streams.map(|entry| (entry.envelope().stream.clone(), entry.envelope().version));
        Ok(Appended::new(first, count, false, versions))
    }
}

mod through_a_codec {
    use super::*;

    fn make() -> Coded<List, Fact> {
        Coded::new(List::default(), Codec::new().unwrap())
    }

    leftfold::conformance!(make);
}

mod through_two_doors {
    use super::*;

    fn make() -> TwoDoors<Coded<Arc<List>, Fact>> {
        let list = Arc::new(List::default());
        let door = || Coded::new(list.clone(), Codec::new().unwrap());
        TwoDoors::new(door(), door())
    }

    leftfold::conformance!(make);
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Door {
    Opened { by: String },
}

fn door(list: &List) -> Coded<&List, Door> {
    use leftfold::codec::upcast::Upcaster;
    Coded::new(list, Codec::builder().upcast(Upcaster::renamed("Unlocked", "Opened")).build().unwrap())
}

/// Old types are found by their new names, in reads, conditions and filters, and a limit counts what is shown.
#[test]
fn what_was_stored_under_an_older_name_is_found_by_its_new_one() {
    use leftfold::store::{Field, Filter, Reading};
    let (list, stream) = (List::default(), StreamName::of("door", 1).unwrap());
    let old = RawEvent::new("Unlocked", r#"{"by":"Petra"}"#).unwrap();
    list.append(Batch::to(&stream).event(old.clone()).event(old)).unwrap();
    let store = door(&list);
    let found = store.all(Query::of_types(["Opened"]).limit(1)).unwrap();
    assert_eq!((found.len(), &*found[0].event_type), (1, "Opened"));
    assert_eq!(store.all(Query::of_types(["Opened"]).backwards()).unwrap().len(), 2);
    let by_type = |name: &str| Query::all().filter(Filter::on(Field::Type).equals(name));
    assert_eq!(store.all(by_type("Opened")).unwrap().len(), 2);
    assert_eq!(store.all(by_type("Unlocked")).unwrap().len(), 0);
    let again = Batch::to(&stream).event(Door::Opened { by: "Alex".into() });
    let refused = store.append(again.fail_if_events_match(Query::of_types(["Opened"]), Position::new(1)));
    assert!(
        matches!(refused, Err(AppendError::Conflict(Conflict::EventsMatch { found, .. })) if found.get() == 2)
    );
}
