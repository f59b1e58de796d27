//! The headers of the W3C Trace Context, which tie what a command does to the trace that its giver began.

#[cfg(feature = "tracing")]
use crate::recorded::Scalar;
use crate::recorded::{Headers, Metadata, Position};
use crate::store::{EventReader, Query, ReadError};
use std::ops::ControlFlow;

/// The header that names the trace and the span in it.
const TRACEPARENT: &str = "traceparent";
/// What vendors add to it.
const TRACESTATE: &str = "tracestate";

/// The trace headers of a message, for the commands and events that it causes. Nobody reads them on the way.
pub(super) fn trace_headers(metadata: &Metadata) -> Headers {
    let header = |name: &str| metadata.headers.get_key_value(name);
    let found = [TRACEPARENT, TRACESTATE].into_iter().filter_map(header);
    found.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The trace headers of the event at a position. Reads one position.
pub(super) fn trace_headers_at<E>(
    store: &impl EventReader<E>,
    position: Position,
) -> Result<Headers, ReadError> {
    let mut found = Headers::new();
    store.visit(&Query::all().starting_at(position).until(position), &mut |entry| {
        found = trace_headers(&entry.envelope().metadata);
        ControlFlow::Break(())
    })?;
    Ok(found)
}

/// The `traceparent` of a message, if it has one.
#[cfg(feature = "tracing")]
pub(super) fn traceparent(metadata: &Metadata) -> Option<&str> {
    match metadata.headers.get(TRACEPARENT) {
        Some(Scalar::Text(traceparent)) => Some(traceparent),
        _ => None,
    }
}
