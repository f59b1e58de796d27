//! Stores that each do one thing wrong, around the memory store.

use leftfold::conformance::Fact;
use leftfold::recorded::{Envelope, EventId, Headers, Position, StreamName, Version};
use leftfold::store::{
    AppendCondition, AppendError, Appended, Batch, Conflict, DESCRIBED, EventReader, EventStore,
    ExpectedVersion, Memory, NewEvent, Query, Read, StreamState, Write,
};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::thread::ThreadId;
use std::time::Duration;

#[path = "faults.rs"]
mod faults;
#[path = "reading.rs"]
mod reading;

pub use faults::{ALL, Fault};

use Fault::*;

/// A store with a fault.
pub struct Faulty {
    store: Memory<Fact>,
    fault: Fault,
    writing: Mutex<()>,
    reading: Mutex<Vec<ThreadId>>,
}

type Owned = (Envelope, Option<Fact>);

fn whole() -> Read {
    Query::all().or(Query::of_types([DESCRIBED])).into()
}

fn rebuilt(writes: Vec<Write<Fact>>, conditions: Vec<AppendCondition>) -> Batch<Fact> {
    let mut batch = Batch::to(&StreamName::new("none").unwrap());
    for condition in conditions {
        batch = match condition {
            AppendCondition::Stream(stream, expected) => batch.and_to(&stream).expecting(expected),
            AppendCondition::NoMatch(query, after) => batch.fail_if_events_match(query, after),
        };
    }
    for write in writes {
        batch = match write {
            Write::Event(stream, event) => batch.and_to(&stream).record(event),
            Write::Delete(stream) => batch.and_to(&stream).delete(),
            Write::Describe(stream, headers) => batch.and_to(&stream).describe(headers),
        };
    }
    batch
}

impl Faulty {
    pub fn new(fault: Fault) -> Faulty {
        Faulty { store: Memory::new(), fault, writing: Mutex::default(), reading: Mutex::default() }
    }

    fn everything(&self) -> (Vec<Owned>, Position) {
        let mut all = Vec::new();
        let head = self.store.visit(&whole(), &mut |entry| {
            all.push((entry.envelope().clone(), entry.event().cloned()));
            ControlFlow::Continue(())
        });
        (all, head.unwrap())
    }

    fn state(&self, stream: &StreamName) -> StreamState {
        self.store.stream(stream).unwrap().map_or(StreamState::Missing, |info| info.state)
    }

    fn broken(&self, conditions: &[AppendCondition]) -> Option<Conflict> {
        let head = self.store.head().unwrap();
        conditions.iter().find_map(|condition| match condition {
            AppendCondition::Stream(stream, expected) => {
                let (found, expected, stream) = (self.state(stream), *expected, stream.clone());
                (!found.meets(expected)).then_some(Conflict::Stream { stream, expected, found, head })
            }
            AppendCondition::NoMatch(query, after) => {
                let (all, _) = self.everything();
                let (found, _) =
                    all.iter().rev().find(|(at, _)| at.position > *after && query.matches(at))?;
                Some(Conflict::EventsMatch {
                    query: query.clone(),
                    after: *after,
                    found: found.position,
                    event_type: found.event_type.to_string(),
                    stream: found.stream.clone(),
                    head,
                })
            }
        })
    }

    /// Appends without a condition of the batch's own.
    fn append_anyhow(&self, writes: Vec<Write<Fact>>) -> Result<Appended, AppendError> {
        loop {
            let streams: BTreeMap<StreamName, ()> =
                writes.iter().map(|it| (it.stream().clone(), ())).collect();
            let as_it_is = |stream: &StreamName| {
                AppendCondition::Stream(
                    stream.clone(),
                    ExpectedVersion::Exactly(self.state(stream).version()),
                )
            };
            let conditions = streams.keys().map(as_it_is).collect();
            match self.store.append(rebuilt(writes.clone(), conditions)) {
                Err(AppendError::Conflict(_)) => {}
                other => return other,
            }
        }
    }

    fn position_of(&self, id: &EventId) -> Option<Position> {
        self.everything().0.iter().find(|(at, _)| at.id == *id).map(|(at, _)| at.position)
    }
}

fn id_of(write: &Write<Fact>) -> Option<&EventId> {
    if let Write::Event(_, new) = write { new.id.as_ref() } else { None }
}

impl EventStore<Fact> for Faulty {
    fn append(&self, batch: Batch<Fact>) -> Result<Appended, AppendError> {
        let whole = batch.clone();
        let (mut writes, mut conditions) = batch.into_parts();
        match self.fault {
            IgnoresQueries => conditions.retain(|condition| matches!(condition, AppendCondition::Stream(..))),
            IgnoresExpectations => {
                conditions.retain(|condition| matches!(condition, AppendCondition::NoMatch(..)));
            }
            SortsABatchByStream => writes.sort_by(|one, other| one.stream().cmp(other.stream())),
            JudgesTheFirstConditionAlone => conditions.truncate(1),
            TakesEmptyBatches if writes.is_empty() => {
                let at = self.store.head()?;
                return Ok(Appended { first: at, last: at, versions: Vec::new(), repeated: false });
            }
            RecordsHalfABatch => {
                return self.store.append(whole).inspect_err(|error| {
                    if matches!(error, AppendError::Conflict(_)) && writes.len() > 1 {
                        let _ = self.append_anyhow(writes[..1].to_vec());
                    }
                });
            }
            CountsThePositionItself => {
                for condition in &mut conditions {
                    if let AppendCondition::NoMatch(_, after) = condition {
                        *after = Position::new(after.get().saturating_sub(1));
                    }
                }
                let mut outcome = self.store.append(rebuilt(writes, conditions));
                if let Err(AppendError::Conflict(Conflict::EventsMatch { after, .. })) = &mut outcome {
                    *after = after.next();
                }
                return outcome;
            }
            LooksForOneTagOfAQuery | IgnoresCategoriesOfQueries => {
                for condition in &mut conditions {
                    if let AppendCondition::NoMatch(query, _) = condition {
                        let items = query.items().iter().cloned().map(|mut item| {
                            if self.fault == LooksForOneTagOfAQuery {
                                item.tags.truncate(1);
                            } else if item.categories.pop().is_some() {
                                item.tags.push(leftfold::recorded::Tag::new("no tag").unwrap());
                            }
                            item
                        });
                        *query = Query::any_of(items);
                    }
                }
            }
            TellsAnotherVersionThanFound => {
                let mut outcome = self.store.append(whole);
                if let Err(AppendError::Conflict(Conflict::Stream {
                    found: StreamState::At(version), ..
                })) = &mut outcome
                {
                    *version = version.next();
                }
                return outcome;
            }
            TellsTheFirstMatch => {
                let mut outcome = self.store.append(whole);
                if let Err(AppendError::Conflict(Conflict::EventsMatch { query, after, found, .. })) =
                    &mut outcome
                {
                    let (all, _) = self.everything();
                    let first = all.iter().find(|(at, _)| at.position > *after && query.matches(at));
                    *found = first.unwrap().0.position;
                }
                return outcome;
            }
            JudgesItsOwnEvents => {
                for condition in &conditions {
                    if let AppendCondition::NoMatch(query, _) = condition
                        && query.items().iter().any(|item| item.types == ["Opened"] && writes.len() > 1)
                    {
                        return Err(Conflict::EventsMatch {
                            query: query.clone(),
                            after: Position::START,
                            found: Position::START,
                            event_type: "Opened".into(),
                            stream: writes[0].stream().clone(),
                            head: self.store.head()?,
                        }
                        .into());
                    }
                }
            }
            ChecksWithoutALock => {
                // A deleted stream that nothing is said of is left to the store.
                if conditions.is_empty() || writes.iter().any(|write| id_of(write).is_some()) {
                    return self.store.append(whole);
                }
                if let Some(conflict) = self.broken(&conditions) {
                    return Err(conflict.into());
                }
                std::thread::sleep(Duration::from_micros(300));
                return self.append_anyhow(writes);
            }
            WritesABatchInParts => {
                let _alone = self.writing.lock();
                let mut versions: BTreeMap<StreamName, Version> = BTreeMap::new();
                if writes.len() < 2
                    || writes.iter().any(|write| !matches!(write, Write::Event(_, new) if new.id.is_none()))
                {
                    return self.store.append(whole);
                }
                if let Some(conflict) = self.broken(&conditions) {
                    return Err(conflict.into());
                }
                let (mut first, mut last) = (Position::START, Position::START);
                for write in writes {
                    let part = self.append_anyhow(vec![write])?;
                    (first, last) = (if last == Position::START { part.first } else { first }, part.last);
                    versions.extend(part.versions);
                    std::thread::yield_now();
                }
                let versions = versions.into_iter().collect();
                return Ok(Appended { first, last, versions, repeated: false });
            }
            DeletesWhatIsNotThere => {
                let deletes = writes.iter().filter(|write| matches!(write, Write::Delete(_)));
                let any = deletes
                    .map(|write| AppendCondition::Stream(write.stream().clone(), ExpectedVersion::Any));
                conditions.extend(any.collect::<Vec<_>>());
            }
            OpensDeletedStreams => {
                for write in &writes {
                    let said = |it: &AppendCondition| matches!(it, AppendCondition::Stream(stream, ExpectedVersion::Any) if stream == write.stream());
                    let unsaid = |it: &AppendCondition| !matches!(it, AppendCondition::Stream(stream, _) if stream == write.stream());
                    if let state @ StreamState::Deleted(_) = self.state(write.stream())
                        && !matches!(write, Write::Delete(_))
                        && (conditions.iter().any(said) || conditions.iter().all(unsaid))
                    {
                        conditions.retain(|condition| !said(condition));
                        conditions
                            .push(AppendCondition::Stream(write.stream().clone(), state.version().into()));
                    }
                }
            }
            TakesNoStreamForAny | TakesExistingForAny => {
                let (from, to) = match self.fault {
                    TakesNoStreamForAny => (ExpectedVersion::NoStream, ExpectedVersion::Any),
                    _ => (ExpectedVersion::StreamExists, ExpectedVersion::Any),
                };
                for condition in &mut conditions {
                    if let AppendCondition::Stream(_, expected) = condition
                        && *expected == from
                    {
                        *expected = to;
                    }
                }
            }
            IgnoresStreamsNotWrittenTo => conditions.retain(|condition| match condition {
                AppendCondition::Stream(stream, _) => writes.iter().any(|write| write.stream() == stream),
                AppendCondition::NoMatch(..) => true,
            }),
            LosesTheEndOfLargeBatches => writes.truncate(999),
            IgnoresIds => {
                for write in &mut writes {
                    if let Write::Event(_, new) = write {
                        new.id = None;
                    }
                }
            }
            TrustsIds | TakesAPartForTheBatch => {
                if let Some(at) = writes.first().and_then(id_of).and_then(|id| self.position_of(id))
                    && (self.fault == TrustsIds || writes.iter().all(|write| id_of(write).is_some()))
                {
                    let last = Position::new(at.get() + writes.len() as u64 - 1);
                    return Ok(Appended { first: at, last, versions: Vec::new(), repeated: true });
                }
            }
            JudgesRepeatsAgain => {
                if let Some(conflict) = self.broken(&conditions) {
                    return Err(conflict.into());
                }
            }
            ComparesMetadata => {
                for write in &writes {
                    if let Write::Event(_, NewEvent { id: Some(id), metadata, .. }) = write
                        && self.everything().0.iter().any(|(at, _)| at.id == *id && at.metadata != *metadata)
                    {
                        return Err(AppendError::IdTaken { id: id.clone(), why: "other metadata".into() });
                    }
                }
            }
            TakesAnIdTwice => {
                for at in 1..writes.len() {
                    let same = id_of(&writes[at]).is_some() && id_of(&writes[at]) == id_of(&writes[at - 1]);
                    if let (true, Write::Event(_, new)) = (same, &mut writes[at]) {
                        new.id = None;
                    }
                }
            }
            ForgetsMetadataOfStreams => {
                for write in &mut writes {
                    if let Write::Describe(_, headers) = write {
                        headers.clear();
                    }
                }
            }
            MergesMetadataOfStreams => {
                for write in &mut writes {
                    if let Write::Describe(stream, headers) = write
                        && let Some(info) = self.store.stream(stream)?
                    {
                        let before: Headers = info.metadata;
                        *headers = before.into_iter().chain(std::mem::take(headers)).collect();
                    }
                }
            }
            KeepsWritersWaiting => {
                let this = std::thread::current().id();
                while self.reading.lock().unwrap().iter().any(|thread| *thread != this) {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            _ => return self.store.append(whole),
        }
        self.store.append(rebuilt(writes, conditions))
    }
}
