//! The events that a projection emits, under ids that are the same whenever they are emitted again.

use super::projection::Emission;
use crate::recorded::{CausationId, Envelope, EventId, Position, Scalar, StreamName};
use crate::runtime::trace_context::trace_headers;
use crate::store::Batch;

/// The header with the name of the projection that has emitted an event.
const EMITTED_BY: &str = "projection";

/// Whether a projection has emitted this event.
pub(in crate::runtime) fn emitted_by(envelope: &Envelope, name: &str) -> bool {
    matches!(envelope.metadata.headers.get(EMITTED_BY), Some(Scalar::Text(by)) if by == name)
}

/// The batches of emitted events: one for each event they come from, so that a batch is the same whenever it is emitted
/// again.
pub(in crate::runtime) fn batches<'e, E>(
    name: &'e str,
    own: &'e StreamName,
    emitted: Vec<(Envelope, Vec<Emission<E>>)>,
) -> impl Iterator<Item = (Position, Batch<E>)> + use<'e, E> {
    // A newer codec may read several events at one position; their emissions are counted on.
    let (mut last, mut number) = (Position::START, 0u64);
    emitted.into_iter().map(move |(source, emissions)| {
        if source.position != last {
            (last, number) = (source.position, 0);
        }
        let mut batch = Batch::to(own);
        for Emission { stream, event } in emissions {
            number += 1;
            let mut event =
                event.header(EMITTED_BY, name).id(EventId::known(format!("{name}/{last}/{number}")));
            event.metadata.correlation_id.clone_from(&source.metadata.correlation_id);
            event.metadata.causation_id = Some(CausationId::known(source.id.text()));
            event.metadata.headers.extend(trace_headers(&source.metadata));
            batch = batch.and_to(stream.as_ref().unwrap_or(own)).record(event);
        }
        (source.position, batch)
    })
}
