use super::{Reason, Refused};
use crate::conformance::Fact;
use crate::message;
use crate::recorded::{Envelope, EventId, Headers, Metadata, Position, StreamName, Tag, Timestamp, Version};
use crate::store::{
    AppendCondition, Appended, Batch, Conflict, DELETED, DESCRIBED, Direction, Query, Read, StreamInfo,
    StreamState, Write,
};
use im::Vector;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

/// The state of the contract: everything that was recorded, and nothing beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    entries: Vector<Written>,
}

// No value in an entry is unequal to itself.
impl Eq for Log {}

/// By what tells logs apart most of the time.
impl Hash for Log {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for Written { envelope, given, .. } in &self.entries {
            (&envelope.stream, &envelope.event_type, &envelope.tags, given).hash(state);
        }
    }
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Where it stands. The contract knows nothing of time, and makes no ids: where none was given, one stands for it.
    pub envelope: Envelope,
    /// What it is.
    pub what: What,
    /// Its id, if one was given.
    pub given: Option<EventId>,
    /// The position of the first entry of its batch.
    pub batch: u64,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// An event.
    Event(Fact),
    /// A tombstone.
    Deleted,
    /// The metadata of a stream.
    Described(Headers),
}

/// What becomes of a batch that is accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Where it stands.
    pub appended: Appended,
    /// What is recorded: nothing of a batch that was recorded before.
    pub written: Vec<Written>,
}

impl Log {
    pub(super) fn with(mut self, written: Written) -> Log {
        self.entries.push_back(written);
        self
    }

    /// The position of the last entry.
    pub fn head(&self) -> Position {
        Position::new(self.entries.len() as u64)
    }

    /// All entries.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Written> {
        self.entries.iter()
    }

    /// What becomes of a batch.
    ///
    /// # Errors
    /// All reasons to refuse it.
    pub fn answer(&self, batch: &Batch<Fact>) -> Result<Answer, Refused> {
        if batch.writes().is_empty() {
            return Err(Refused(vec![Reason::Empty]));
        }
        let repeats = self.repeated(batch);
        if let Ok(Some(first)) = repeats {
            let written = self.entries.iter().skip(first as usize - 1).take(batch.writes().len());
            return Ok(Answer { appended: appended(written, true), written: Vec::new() });
        }
        let mut reasons: Vec<Reason> = repeats.err().into_iter().collect();
        reasons.extend(self.conflicts(batch).into_iter().map(Reason::Conflict));
        if !reasons.is_empty() {
            return Err(Refused(reasons));
        }
        let mut after = self.clone();
        for write in batch.writes() {
            let written = after.written(write, self.head().get() + 1);
            after = after.with(written);
        }
        let written: Vec<Written> = after.entries.iter().skip(self.entries.len()).cloned().collect();
        Ok(Answer { appended: appended(written.iter(), false), written })
    }

    fn written(&self, write: &Write<Fact>, batch: u64) -> Written {
        let position = self.head().next();
        let version = self.state(write.stream()).version().get() + u64::from(write.is_of_stream());
        let (given, tags, metadata) = match write {
            Write::Event(_, new) => (new.id.clone(), new.tags.clone(), new.metadata.clone()),
            Write::Delete(_) | Write::Describe(..) => (None, Vec::new(), Metadata::default()),
        };
        let id = given.clone().unwrap_or_else(|| EventId::known(format!("made for {position}")));
        let envelope = Envelope {
            position,
            stream: write.stream().clone(),
            version: Version::new(version),
            event_type: event_type(write).into(),
            tags,
            recorded_at: Timestamp::UNIX_EPOCH,
            id,
            metadata,
        };
        Written { envelope, what: what(write), given, batch }
    }

    /// How far a stream is.
    pub fn state(&self, stream: &StreamName) -> StreamState {
        let last = self.of_stream(stream).next_back();
        last.map_or(StreamState::Missing, |written| match written.what {
            What::Deleted => StreamState::Deleted(written.envelope.version),
            What::Event(_) | What::Described(_) => StreamState::At(written.envelope.version),
        })
    }

    fn of_stream<'l>(&'l self, stream: &'l StreamName) -> impl DoubleEndedIterator<Item = &'l Written> {
        self.entries().filter(move |written| written.envelope.stream == *stream && !written.is_described())
    }

    /// The first position of this batch, if it was recorded before.
    fn repeated(&self, batch: &Batch<Fact>) -> Result<Option<u64>, Reason> {
        let writes = batch.writes();
        let given: Vec<&EventId> = writes.iter().filter_map(given).collect();
        let known =
            self.entries().find(|written| written.given.as_ref().is_some_and(|id| given.contains(&id)));
        let Some(known) = known else {
            let unlike: BTreeSet<&EventId> = given.iter().copied().collect();
            return if unlike.len() == given.len() { Ok(None) } else { Err(Reason::IdTaken) };
        };
        let recorded: Vec<&Written> = self.entries().filter(|written| written.batch == known.batch).collect();
        let same = recorded.len() == writes.len()
            && recorded.iter().zip(writes).all(|(written, write)| written.repeats(write));
        if same { Ok(Some(known.batch)) } else { Err(Reason::IdTaken) }
    }

    /// All conditions that do not hold, said and unsaid.
    fn conflicts(&self, batch: &Batch<Fact>) -> Vec<Conflict> {
        let head = self.head();
        let mut conflicts = Vec::new();
        let mut judged = BTreeSet::new();
        let as_expected = |stream: &StreamName, expected| {
            let found = self.state(stream);
            (!found.meets(expected)).then(|| Conflict::Stream {
                stream: stream.clone(),
                expected,
                found,
                head,
            })
        };
        for condition in batch.conditions() {
            match condition {
                AppendCondition::Stream(stream, expected) => {
                    judged.insert(stream);
                    conflicts.extend(as_expected(stream, *expected));
                }
                AppendCondition::NoMatch(query, after) => conflicts.extend(self.matching(query, *after)),
            }
        }
        let of_streams = batch.writes().iter().filter(|write| write.is_of_stream());
        let described = batch.writes().iter().filter(|write| !write.is_of_stream());
        for write in of_streams.chain(described) {
            if judged.insert(write.stream()) {
                conflicts.extend(as_expected(write.stream(), write.default_expectation()));
            }
        }
        conflicts
    }

    fn matching(&self, query: &Query, after: Position) -> Option<Conflict> {
        let new = self.entries().rev().take_while(|written| written.envelope.position > after);
        let found = new.map(|written| &written.envelope).find(|envelope| query.matches(envelope))?;
        Some(Conflict::EventsMatch {
            query: query.clone(),
            after,
            found: found.position,
            event_type: found.event_type.to_string(),
            stream: found.stream.clone(),
            head: self.head(),
        })
    }

    /// What a read shows; filters have to be of what the contract knows.
    pub fn read(&self, read: &Read) -> Vec<&Written> {
        let passes = |envelope: &Envelope| {
            read.matches(envelope)
                && read.filters().iter().all(|filter| filter.passes(envelope).unwrap_or(false))
        };
        let mut found: Vec<&Written> = self.entries().filter(|written| passes(&written.envelope)).collect();
        if read.direction() == Direction::Backwards {
            found.reverse();
        }
        found.truncate(read.most().unwrap_or(usize::MAX));
        found
    }

    /// All streams, in the order of their names.
    pub fn streams(&self) -> Vec<StreamInfo> {
        let names: BTreeSet<&StreamName> = self.entries().map(|written| &written.envelope.stream).collect();
        let info = |name: &StreamName| {
            let described = self.entries().rev().find_map(|written| match &written.what {
                What::Described(headers) if written.envelope.stream == *name => Some(headers.clone()),
                _ => None,
            });
            let position = |written: &Written| written.envelope.position;
            StreamInfo {
                name: name.clone(),
                state: self.state(name),
                first: self.of_stream(name).next().map(position),
                last: self.of_stream(name).next_back().map(position),
                metadata: described.unwrap_or_default(),
            }
        };
        names.into_iter().map(info).collect()
    }

    /// All categories, in the order of their names.
    pub fn categories(&self) -> Vec<String> {
        let events = self.entries().filter(|written| !written.is_described());
        let names: BTreeSet<&str> = events.map(|written| written.envelope.stream.category()).collect();
        names.into_iter().map(str::to_string).collect()
    }
}

impl Written {
    fn is_described(&self) -> bool {
        matches!(self.what, What::Described(_))
    }

    /// Whether it is what a write would write.
    fn repeats(&self, write: &Write<Fact>) -> bool {
        let tags: &[Tag] = if let Write::Event(_, new) = write { &new.tags } else { &[] };
        self.envelope.stream == *write.stream()
            && *self.envelope.event_type == *event_type(write)
            && self.envelope.tags == tags
            && self.what == what(write)
            && given(write).is_none_or(|id| self.given.as_ref() == Some(id))
    }
}

fn given(write: &Write<Fact>) -> Option<&EventId> {
    if let Write::Event(_, new) = write { new.id.as_ref() } else { None }
}

fn what(write: &Write<Fact>) -> What {
    match write {
        Write::Event(_, new) => What::Event(new.event.clone()),
        Write::Delete(_) => What::Deleted,
        Write::Describe(_, headers) => What::Described(headers.clone()),
    }
}

fn event_type(write: &Write<Fact>) -> String {
    match write {
        // A `Fact` has a name.
        Write::Event(_, new) => {
            message::name(&new.event).map_or_else(|_| String::new(), |name| name.leaf().to_string())
        }
        Write::Delete(_) => DELETED.to_string(),
        Write::Describe(..) => DESCRIBED.to_string(),
    }
}

fn appended<'w>(written: impl Iterator<Item = &'w Written>, repeated: bool) -> Appended {
    let (mut first, mut last, mut versions) = (Position::START, Position::START, BTreeMap::new());
    for written in written {
        last = written.envelope.position;
        if first == Position::START {
            first = last;
        }
        if !written.is_described() {
            versions.insert(written.envelope.stream.clone(), written.envelope.version);
        }
    }
    Appended { first, last, versions: versions.into_iter().collect(), repeated }
}
