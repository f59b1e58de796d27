//! Writing an event as a store keeps it.

use super::error::{AppendError, check_event_type};
use crate::codec::{CodecError, EventCodec, Proofs, StoredEvent};
use memchr::memchr;
use std::sync::Arc;

/// Appends the content of an event, one of a batch of `events`, to `data`, and returns its type and schema. Refuses what
/// would not come back as it is.
pub(crate) fn encode_event<E: PartialEq>(
    codec: &dyn EventCodec<E>,
    proofs: &Proofs,
    event: &E,
    data: &mut Vec<u8>,
    events: usize,
) -> Result<(Arc<str>, u32), AppendError> {
    let start = data.len();
    let (event_type, schema) = codec.encode(event, data).map_err(AppendError::Unwritable)?;
    if memchr(b'\n', &data[start..]).is_some() {
        let why = "its content has several lines".to_string();
        let event_type = event_type.to_string();
        return Err(AppendError::Unwritable(CodecError::Unwritable { event_type, why }));
    }
    check_event_type(&event_type)?;
    let stored = StoredEvent { event_type: &event_type, schema, data: &data[start..] };
    proofs.of_written(codec, event, stored, events).map_err(AppendError::Unwritable)?;
    Ok((event_type, schema))
}
