//! The ids, metadata and tags that the events of a command get.

use super::issued::Issued;
use crate::recorded::{CausationId, CommandId, CorrelationId, EventId, InvalidText, Metadata, Tag, Version};
use crate::store::{Batch, NewEvent, unique_ids};
use std::sync::Arc;

type Enricher<C> = Box<dyn Fn(&C, &mut Metadata) + Send + Sync>;
type Tagger<E> = Box<dyn Fn(&E) -> Result<Vec<Tag>, InvalidText> + Send + Sync>;

/// How ids, metadata and tags are made.
pub(in crate::runtime) struct EventMetadata<C, E> {
    pub(in crate::runtime) command_ids: Arc<dyn Fn() -> CommandId + Send + Sync>,
    pub(in crate::runtime) enrichers: Vec<Enricher<C>>,
    pub(in crate::runtime) tags: Option<Tagger<E>>,
}

/// A command, and the metadata that its events will get.
pub(in crate::runtime) struct PreparedCommand<C> {
    pub(in crate::runtime) command: C,
    /// The id, if the caller gave one: the ids of the events are made from it.
    pub(in crate::runtime) id: Option<CommandId>,
    pub(in crate::runtime) metadata: Metadata,
    /// The version of the stream that the caller has seen.
    pub(in crate::runtime) expected: Option<Version>,
}

impl<C, E> EventMetadata<C, E> {
    pub(in crate::runtime) fn new() -> Self {
        let ids = unique_ids();
        EventMetadata {
            command_ids: Arc::new(move || CommandId::known(ids().text())),
            enrichers: Vec::new(),
            tags: None,
        }
    }

    pub(in crate::runtime) fn prepare(&self, issued: Issued<C>) -> PreparedCommand<C> {
        let Issued { command, id: given, mut metadata, expected } = issued;
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
        PreparedCommand { command, id: given, metadata, expected }
    }

    /// Adds all events of a decision to the batch.
    pub(in crate::runtime) fn add_events(
        &self,
        mut batch: Batch<E>,
        prepared: &PreparedCommand<C>,
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
                id: prepared.id.as_ref().map(|id| event_id(id, number)),
                tags,
                metadata: prepared.metadata.clone(),
            });
        }
        Ok(batch)
    }
}

/// The id of an event of a command: `command-id/1` for the first.
pub(in crate::runtime) fn event_id(command: &CommandId, number: u64) -> EventId {
    EventId::known(format!("{command}/{number}"))
}
