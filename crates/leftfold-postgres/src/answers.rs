//! What a caller gets for what the database answered about its batch, and the judgement of repeats.

use crate::append::unknown;
use crate::request::{Answer, Request, StreamOfBatch};
use crate::rows::{self, number, position, version};
use crate::store::Postgres;
use leftfold::recorded::{EventId, Position, StreamName};
use leftfold::store::engine::{self, Recordings, StoredEntry};
use leftfold::store::{
    AppendCondition, AppendError, Appended, Conflict, DESCRIBED, Entry, EventReader, Query, ReadError,
};
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

impl Postgres {
    /// What a caller gets for what became of its batch.
    pub(crate) fn answered(&self, request: &Request, answer: Answer) -> Result<Appended, AppendError> {
        match answer {
            Answer::Error(error) => Err(error),
            Answer::Recorded { first, versions } => {
                let streams = request.streams.iter().zip(versions).filter(|(stream, _)| stream.added > 0);
                let after = |(stream, before): (&StreamOfBatch, i64)| {
                    (stream.name.clone(), version(before + number(stream.added)))
                };
                Ok(Appended::new(position(first), request.len(), false, streams.map(after)))
            }
            Answer::Failed { place, first, was_deleted, found, head } => {
                let head = position(head);
                Err(match (request.conditions.get(place).cloned(), found) {
                    (Some(AppendCondition::Stream(stream, expected)), _) => {
                        let found = rows::stream_state(first, was_deleted.unwrap_or(false));
                        Conflict::Stream { stream, expected, found, head }.into()
                    }
                    (Some(AppendCondition::NoMatch(query, after)), Some((event_type, stream))) => {
                        let stream = StreamName::new(stream).map_err(|why| {
                            rows::unreadable("reading the stream of an event".to_string(), why.into())
                        })?;
                        Conflict::EventsMatch {
                            query,
                            after,
                            found: position(first),
                            event_type,
                            stream,
                            head,
                        }
                        .into()
                    }
                    _ => unknown(request, "the server named a condition that the batch does not have".into()),
                })
            }
            Answer::Known { place, position: found } if !request.was_given(place) => {
                // Nobody else makes this id: an earlier try of this very call was recorded.
                self.recorded_by_this_call(request, found - place as i64)
                    .map_err(|why| unknown(request, why.to_string()))
            }
            Answer::Known { place, position: found } => {
                let first = position(found - place as i64);
                let judged = Recorded::around(self, first, request.len())
                    .map_err(AppendError::Read)
                    .and_then(|recorded| engine::repeated(&request.batch, &recorded));
                match judged {
                    Ok(Some(appended)) => Ok(appended),
                    Ok(None) => Err(unknown(request, "an id was found, and then was not".into())),
                    // An earlier try may have recorded it: it is not said that nothing was.
                    Err(AppendError::Read(why)) => Err(unknown(request, why.to_string())),
                    Err(refused) => Err(refused),
                }
            }
        }
    }

    fn recorded_by_this_call(&self, request: &Request, first: i64) -> Result<Appended, ReadError> {
        let recorded = Recorded::around(self, position(first), request.len())?;
        let of_streams =
            recorded.entries.values().filter(|entry| !matches!(entry, StoredEntry::Described(..)));
        let versions = of_streams.map(|entry| (entry.envelope().stream.clone(), entry.envelope().version));
        Ok(Appended::new(position(first), request.len(), false, versions))
    }

    /// Every entry between two positions, those that describe a stream included.
    fn entries(&self, first: Position, last: Position) -> Result<BTreeMap<u64, StoredEntry>, ReadError> {
        let mut entries = BTreeMap::new();
        let read = Query::all().or(Query::of_types([DESCRIBED])).starting_at(first).until(last);
        self.visit(&read, &mut |entry| {
            let envelope = entry.envelope().clone();
            let position = envelope.position.get();
            let stored = match entry {
                Entry::Event(_, event) => {
                    StoredEntry::Event(leftfold::recorded::Recorded { envelope, event: event.clone() })
                }
                Entry::Deleted(_) => StoredEntry::Deleted(envelope),
                Entry::Described(_, headers) => StoredEntry::Described(envelope, headers.clone()),
            };
            entries.insert(position, stored);
            ControlFlow::Continue(())
        })?;
        Ok(entries)
    }
}

/// What is recorded where a batch may be, for the judgement of a repeat.
struct Recorded<'s> {
    store: &'s Postgres,
    entries: BTreeMap<u64, StoredEntry>,
    ids: HashMap<EventId, Position>,
}

impl<'s> Recorded<'s> {
    /// Reads the entries that the batch would have, in pages.
    fn around(store: &'s Postgres, first: Position, count: usize) -> Result<Self, ReadError> {
        let last = Position::new(first.get().saturating_add(count as u64).saturating_sub(1));
        let entries = store.entries(first, last)?;
        let envelopes = entries.values().map(StoredEntry::envelope);
        let ids = envelopes.map(|envelope| (envelope.id.clone(), envelope.position)).collect();
        Ok(Recorded { store, entries, ids })
    }
}

impl Recordings for Recorded<'_> {
    fn position_of(&self, id: &EventId) -> Result<Option<Position>, AppendError> {
        match self.ids.get(id) {
            Some(known) => Ok(Some(*known)),
            None => Ok(self.store.position_of(id)?),
        }
    }

    fn entry(&self, at: Position) -> Result<Option<StoredEntry>, AppendError> {
        match self.entries.get(&at.get()) {
            Some(known) => Ok(Some(known.clone())),
            None => Ok(self.store.entries(at, at)?.remove(&at.get())),
        }
    }

    fn is_batch(&self, first: Position, count: usize) -> Result<bool, AppendError> {
        let sql = format!(
            "select batch_first, batch_count from {}.events where position = $1",
            self.store.schema()
        );
        let rows =
            self.store.rows("reading the extent of a batch", sql, vec![Box::new(number(first.get()))])?;
        let wanted = (number(first.get()), count as i64);
        Ok(rows.first().is_some_and(|row| (row.get::<_, i64>(0), row.get::<_, i64>(1)) == wanted))
    }
}
