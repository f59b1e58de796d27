//! Commands that were handled before, recognised by the ids of their events.

use super::event_metadata::event_id;
use super::outcome::HandleError;
use crate::recorded::{CommandId, Position, StreamName};
use crate::store::{AppendError, EventReader, Query};
use std::fmt::Debug;
use std::ops::ControlFlow;

/// The events that a command has recorded, and the positions of the first and the last.
pub(in crate::runtime) type RecordedEvents<E> = (Vec<E>, (Position, Position));

/// The events that were recorded under this command's id, if it has one. Looks up one id, and reads the events from its
/// position on.
pub(in crate::runtime) fn recorded_before<E: Clone, R: Debug>(
    store: &impl EventReader<E>,
    stream: &StreamName,
    command: Option<&CommandId>,
) -> Result<Option<RecordedEvents<E>>, HandleError<R>> {
    let Some(command) = command else { return Ok(None) };
    let Some(first) = store.position_of(&event_id(command, 1))? else { return Ok(None) };
    let (mut events, mut last) = (Vec::new(), first);
    let mut elsewhere = None;
    // The events of a command follow each other. An event that a newer codec reads as several has one id.
    store.visit(&Query::all().starting_at(first), &mut |entry| {
        let envelope = entry.envelope();
        let number = envelope.position.get() - first.get() + 1;
        match entry.event() {
            Some(event) if envelope.id == event_id(command, number) => {
                if envelope.stream != *stream {
                    elsewhere = Some(envelope.stream.clone());
                    return ControlFlow::Break(());
                }
                events.push(event.clone());
                last = envelope.position;
                ControlFlow::Continue(())
            }
            _ => ControlFlow::Break(()),
        }
    })?;
    match elsewhere {
        Some(found) => Err(HandleError::IdTaken { id: command.clone(), stream: stream.clone(), found }),
        None => Ok(Some((events, (first, last)))),
    }
}

/// Like `recorded_before`, after the store has refused the present decision because the ids of its events are taken.
///
/// # Errors
/// The refusal, if the command has recorded nothing.
pub(in crate::runtime) fn recorded_instead<E: Clone, R: Debug>(
    store: &impl EventReader<E>,
    stream: &StreamName,
    command: Option<&CommandId>,
    refusal: AppendError,
) -> Result<RecordedEvents<E>, HandleError<R>> {
    recorded_before(store, stream, command)?.ok_or_else(|| HandleError::Append(refusal.into()))
}
