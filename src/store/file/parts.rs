//! What is written of each write of a batch, and how it is compared with what was written before.

use super::commit::{Encoded, Request};
use super::line::first_schema;
use crate::recorded::{Headers, Metadata, StreamName, Tag};
use crate::store::batch::Write;
use crate::store::entry::{DELETED, DESCRIBED};
use std::borrow::Cow;

/// What stands in the line of a write.
pub(super) struct Parts<'w> {
    pub(super) stream: &'w StreamName,
    pub(super) event_type: &'w str,
    pub(super) schema: u32,
    pub(super) tags: &'w [Tag],
    pub(super) metadata: &'w Metadata,
    pub(super) data: Cow<'w, [u8]>,
    pub(super) headers: Option<&'w Headers>,
}

pub(super) fn parts<'w>(write: &'w Write<Encoded>, request: &'w Request, nothing: &'w Metadata) -> Parts<'w> {
    let own = |stream, event_type, data, headers| Parts {
        stream,
        event_type,
        schema: first_schema(),
        tags: &[],
        metadata: nothing,
        data,
        headers,
    };
    match write {
        Write::Event(stream, new) => Parts {
            stream,
            event_type: &new.event.event_type,
            schema: new.event.schema,
            tags: &new.tags,
            metadata: &new.metadata,
            data: request.data[new.event.data.clone()].into(),
            headers: None,
        },
        Write::Delete(stream) => own(stream, DELETED, b"null"[..].into(), None),
        Write::Describe(stream, headers) => {
            // Names and plain values: serde_json has no reason to refuse them.
            let data = serde_json::to_vec(headers).unwrap_or_default();
            own(stream, DESCRIBED, data.into(), Some(headers))
        }
    }
}

/// Whether two contents are the same, also where an earlier version wrote it otherwise.
pub(super) fn same_json(one: &[u8], other: &[u8]) -> bool {
    let value = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    one == other || value(one).is_some_and(|one| Some(one) == value(other))
}
