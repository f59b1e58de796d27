//! The state of the contract: everything that was recorded, and what follows from it.

use super::refusal::{RefusalReason, RefusedBatch};
use crate::conformance::Fact;
use crate::conformance::entries::EntryContent;
use crate::message;
use crate::recorded::{Envelope, EventId, Metadata, Position, StreamName, Tag, Timestamp, Version};
use crate::store::{
    AppendCondition, Appended, Batch, Conflict, DELETED, DESCRIBED, Direction, Query, Read, StreamInfo,
    StreamState, Write,
};
use im::Vector;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

/// The state of the contract: all recorded entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContractLog {
    entries: Vector<ContractEntry>,
}

// Every value in an entry equals itself.
impl Eq for ContractLog {}

/// Hashes what differs in most logs.
impl Hash for ContractLog {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for ContractEntry { envelope, given, .. } in &self.entries {
            (&envelope.stream, &envelope.event_type, &envelope.tags, given).hash(state);
        }
    }
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ContractEntry {
    /// Its envelope. The contract has no clock and makes no ids: the time is always the same, and a placeholder replaces an id
    /// that was not given.
    pub envelope: Envelope,
    /// Its content.
    pub what: EntryContent,
    /// The given id, if any.
    pub given: Option<EventId>,
    /// The position of the first entry of its batch.
    pub batch: u64,
}

/// The outcome of an accepted batch.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AcceptedBatch {
    /// Its positions and versions.
    pub appended: Appended,
    /// The recorded entries; empty if the batch was recorded before.
    pub written: Vec<ContractEntry>,
}

impl ContractLog {
    pub(super) fn with(mut self, written: ContractEntry) -> ContractLog {
        self.entries.push_back(written);
        self
    }

    /// The position of the last entry.
    pub fn head(&self) -> Position {
        Position::new(self.entries.len() as u64)
    }

    /// All entries.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &ContractEntry> {
        self.entries.iter()
    }

    /// Decides a batch.
    ///
    /// # Errors
    /// All reasons to refuse it.
    pub fn answer(&self, batch: &Batch<Fact>) -> Result<AcceptedBatch, RefusedBatch> {
        if batch.writes().is_empty() {
            return Err(RefusedBatch(vec![RefusalReason::Empty]));
        }
        let repeats = self.repeated(batch);
        if let Ok(Some(first)) = repeats {
            let written = self.entries.iter().skip(first as usize - 1).take(batch.writes().len());
            return Ok(AcceptedBatch { appended: appended(written, true), written: Vec::new() });
        }
        let mut reasons: Vec<RefusalReason> = repeats.err().into_iter().collect();
        reasons.extend(self.conflicts(batch).into_iter().map(RefusalReason::Conflict));
        if !reasons.is_empty() {
            return Err(RefusedBatch(reasons));
        }
        let mut after = self.clone();
        for write in batch.writes() {
            let written = after.written(write, self.head().get() + 1);
            after = after.with(written);
        }
        let written: Vec<ContractEntry> = after.entries.iter().skip(self.entries.len()).cloned().collect();
        Ok(AcceptedBatch { appended: appended(written.iter(), false), written })
    }

    fn written(&self, write: &Write<Fact>, batch: u64) -> ContractEntry {
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
        ContractEntry { envelope, what: what(write), given, batch }
    }

    /// The state of a stream.
    pub fn state(&self, stream: &StreamName) -> StreamState {
        let last = self.of_stream(stream).next_back();
        last.map_or(StreamState::Missing, |written| match written.what {
            EntryContent::Deleted => StreamState::Deleted(written.envelope.version),
            EntryContent::Event(_) | EntryContent::Described(_) => StreamState::At(written.envelope.version),
        })
    }

    fn of_stream<'l>(&'l self, stream: &'l StreamName) -> impl DoubleEndedIterator<Item = &'l ContractEntry> {
        self.entries().filter(move |written| written.envelope.stream == *stream && !written.is_described())
    }

    /// The first position of this batch, if it was recorded before.
    fn repeated(&self, batch: &Batch<Fact>) -> Result<Option<u64>, RefusalReason> {
        let writes = batch.writes();
        let given: Vec<&EventId> = writes.iter().filter_map(given).collect();
        let known =
            self.entries().find(|written| written.given.as_ref().is_some_and(|id| given.contains(&id)));
        let Some(known) = known else {
            let unlike: BTreeSet<&EventId> = given.iter().copied().collect();
            return if unlike.len() == given.len() { Ok(None) } else { Err(RefusalReason::IdTaken) };
        };
        let recorded: Vec<&ContractEntry> =
            self.entries().filter(|written| written.batch == known.batch).collect();
        let same = recorded.len() == writes.len()
            && recorded.iter().zip(writes).all(|(written, write)| written.repeats(write));
        if same { Ok(Some(known.batch)) } else { Err(RefusalReason::IdTaken) }
    }

    /// All conditions that do not hold, stated and implied.
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

    /// The entries that a read shows. Its filters may only use what the contract knows.
    pub fn read(&self, read: &Read) -> Vec<&ContractEntry> {
        let passes = |envelope: &Envelope| {
            read.matches(envelope)
                && read.filters().iter().all(|filter| filter.passes(envelope).unwrap_or(false))
        };
        let mut found: Vec<&ContractEntry> =
            self.entries().filter(|written| passes(&written.envelope)).collect();
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
                EntryContent::Described(headers) if written.envelope.stream == *name => Some(headers.clone()),
                _ => None,
            });
            let position = |written: &ContractEntry| written.envelope.position;
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

impl ContractEntry {
    fn is_described(&self) -> bool {
        matches!(self.what, EntryContent::Described(_))
    }

    /// Whether a write would record the same entry.
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

fn what(write: &Write<Fact>) -> EntryContent {
    match write {
        Write::Event(_, new) => EntryContent::Event(new.event.clone()),
        Write::Delete(_) => EntryContent::Deleted,
        Write::Describe(_, headers) => EntryContent::Described(headers.clone()),
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

fn appended<'w>(written: impl Iterator<Item = &'w ContractEntry>, repeated: bool) -> Appended {
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
