//! What every event of a command gets: ids, metadata, tags.

use super::issued::Issued;
use crate::recorded::{CausationId, CommandId, CorrelationId, EventId, InvalidText, Metadata, Tag};
use crate::store::{Batch, NewEvent, unique_ids};
use std::sync::Arc;

type Enricher<C> = Box<dyn Fn(&C, &mut Metadata) + Send + Sync>;
type Tagger<E> = Box<dyn Fn(&E) -> Result<Vec<Tag>, InvalidText> + Send + Sync>;

/// How the events of commands are stamped.
pub(in crate::runtime) struct Stamps<C, E> {
    pub(in crate::runtime) command_ids: Arc<dyn Fn() -> CommandId + Send + Sync>,
    pub(in crate::runtime) enrichers: Vec<Enricher<C>>,
    pub(in crate::runtime) tags: Option<Tagger<E>>,
}

/// A command under way: its events carry the metadata.
pub(in crate::runtime) struct Underway<C> {
    pub(in crate::runtime) command: C,
    /// The id, if it was given: its events get ids of their own from it.
    pub(in crate::runtime) given: Option<CommandId>,
    pub(in crate::runtime) metadata: Metadata,
}

impl<C, E> Stamps<C, E> {
    pub(in crate::runtime) fn new() -> Self {
        let ids = unique_ids();
        Stamps {
            command_ids: Arc::new(move || CommandId::known(ids().text())),
            enrichers: Vec::new(),
            tags: None,
        }
    }

    pub(in crate::runtime) fn begin(&self, issued: Issued<C>) -> Underway<C> {
        let Issued { command, id: given, mut metadata } = issued;
        let made;
        let id = match &given {
            Some(id) => id,
            None => {
                made = (self.command_ids)();
                &made
            }
        };
        // A command that belongs to no conversation begins one.
        metadata.correlation_id.get_or_insert_with(|| CorrelationId::known(id.text()));
        metadata.causation_id = Some(CausationId::known(id.text()));
        for enrich in &self.enrichers {
            enrich(&command, &mut metadata);
        }
        Underway { command, given, metadata }
    }

    /// The batch with all events of a decision.
    pub(in crate::runtime) fn record(
        &self,
        mut batch: Batch<E>,
        underway: &Underway<C>,
        events: &[E],
    ) -> Result<Batch<E>, InvalidText>
    where
        E: Clone,
    {
        for (event, number) in events.iter().zip(1..) {
            let tags = match &self.tags {
                Some(tags) => tags(event)?,
                None => Vec::new(),
            };
            batch = batch.record(NewEvent {
                event: event.clone(),
                id: underway.given.as_ref().map(|id| event_id(id, number)),
                tags,
                metadata: underway.metadata.clone(),
            });
        }
        Ok(batch)
    }
}

/// The id of an event of a command: `command-id/1` for the first.
pub(in crate::runtime) fn event_id(command: &CommandId, number: u64) -> EventId {
    EventId::known(format!("{command}/{number}"))
}
