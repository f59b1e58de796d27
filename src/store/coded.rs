//! A store of events as they are stored, and a codec: a store of a model's events.

use super::as_stored::{as_stored, conditions_as_stored};
use super::batch::{Appended, Batch, NewEvent};
use super::decoding::Decoding;
use super::encoding::encode_event;
use super::entry::Entry;
use super::error::{AppendError, ReadError};
use super::event_store::{EventReader, EventStore};
use super::listing::{Listing, StreamInfo};
use super::query::Read;
use crate::codec::{CodecError, EventCodec, Proofs, RawEvent, StoredEvent};
use crate::recorded::{EventId, Position, StreamName};
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// A store of [`RawEvent`]s seen through a codec: a store of the events of a model.
///
/// Who writes a store over an engine implements [`EventReader`] and [`EventStore`] for [`RawEvent`] alone; what a codec asks of
/// a store is here: events are written, and read back before they are accepted; types of events are asked for as they may be
/// stored; old events are read as new ones. [`engine`](mod@super::engine) has the judgements that such a store needs.
///
/// A read asks the store within for what may match, and passes its limit on to nobody: it breaks off.
///
/// ```
/// use leftfold::codec::{Codec, RawEvent};
/// use leftfold::recorded::StreamName;
/// use leftfold::store::{Batch, Coded, EventStore, Memory, Query, Reading};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Opened { owner: String } }
///
/// let stored = Memory::<RawEvent>::new();
/// let store = Coded::new(&stored, Codec::<Event>::new()?);
/// store.append(Batch::to(&StreamName::of("account", 17)?).event(Event::Opened { owner: "Petra".into() }))?;
///
/// let raw = &stored.all(Query::all())?[0];
/// assert_eq!((&*raw.event_type, raw.event.data.get()), ("Opened", r#"{"owner":"Petra"}"#));
/// assert_eq!(store.all(Query::all())?[0].event, Event::Opened { owner: "Petra".into() });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Coded<S, E> {
    store: S,
    codec: Arc<dyn EventCodec<E>>,
    proofs: Proofs,
}

impl<S, E> Coded<S, E> {
    /// The events of a store as this codec writes and reads them.
    pub fn new(store: S, codec: impl EventCodec<E> + 'static) -> Self {
        Coded { store, codec: Arc::new(codec), proofs: Proofs::new() }
    }

    /// The store within.
    pub fn stored(&self) -> &S {
        &self.store
    }
}

impl<S: fmt::Debug, E> fmt::Debug for Coded<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Coded").field(&self.store).finish()
    }
}

impl<S, E: PartialEq> Coded<S, E> {
    fn encode(&self, batch: Batch<E>) -> Result<Batch<RawEvent>, AppendError> {
        let events = batch.writes().len();
        batch.try_map(
            |new| {
                let NewEvent { event, id, tags, metadata } = new;
                let mut data = Vec::new();
                let (event_type, schema) =
                    encode_event(&*self.codec, &self.proofs, &event, &mut data, events)?;
                let data = serde_json::from_slice(&data).map_err(|why| {
                    let (event_type, why) =
                        (event_type.to_string(), format!("its content is no JSON: {why}"));
                    AppendError::Unwritable(CodecError::Unwritable { event_type, why })
                })?;
                Ok(NewEvent { event: RawEvent { event_type, schema, data }, id, tags, metadata })
            },
            |conditions| conditions_as_stored(&*self.codec, conditions),
        )
    }
}

impl<S: EventReader<RawEvent>, E> EventReader<E> for Coded<S, E> {
    fn head(&self) -> Result<Position, ReadError> {
        self.store.head()
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, E>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        let query = as_stored(&*self.codec, read.query());
        let mut decoding = Decoding::of(&*self.codec, read, query.is_some());
        if decoding.is_done() {
            return self.store.head();
        }
        let mut failed = None;
        let stored = read.of_stored(query, decoding.early());
        let head = self.store.visit(&stored, &mut |entry| {
            let shown = match entry {
                Entry::Event(envelope, raw) => {
                    let data = raw.data.get().as_bytes();
                    let stored = StoredEvent { event_type: &raw.event_type, schema: raw.schema, data };
                    decoding.event(envelope, stored, each)
                }
                Entry::Deleted(envelope) => decoding.entry(Entry::Deleted(envelope), each),
                Entry::Described(envelope, headers) => {
                    decoding.entry(Entry::Described(envelope, headers), each)
                }
            };
            shown.unwrap_or_else(|error| {
                failed = Some(error);
                ControlFlow::Break(())
            })
        })?;
        failed.map_or(Ok(head), Err)
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        self.store.stream(stream)
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        self.store.streams(listing)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        self.store.categories(listing)
    }

    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        self.store.position_of(id)
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        self.store.wait(after, at_most)
    }
}

impl<S: EventStore<RawEvent>, E: PartialEq> EventStore<E> for Coded<S, E> {
    fn append(&self, batch: Batch<E>) -> Result<Appended, AppendError> {
        if batch.writes().is_empty() {
            return Err(AppendError::Empty);
        }
        self.store.append(self.encode(batch)?)
    }
}
