//! What is appended to a log, and the answer to it.

use crate::recorded::{EventId, Timestamp};
use crate::store::clock_and_ids::IdPrefix;
use crate::store::{AppendCondition, AppendError, Appended, NewEvent, Write};
use std::ops::Range;
use std::sync::Arc;

/// A batch whose events are encoded.
pub(super) struct Request {
    pub(super) writes: Vec<Write<EncodedEvent>>,
    /// The conditions; their types are the ones under which events may be stored.
    pub(super) conditions: Vec<AppendCondition>,
    /// The contents of all events, one after the other.
    pub(super) data: Vec<u8>,
}

/// A request with everything that the user's closures say about it. They are called before any lock is taken, so they
/// may panic, wait, or use the log themselves.
pub(super) struct PreparedRequest {
    pub(super) request: Request,
    /// When the append was called; its events are recorded with this time.
    pub(super) at: Timestamp,
    /// An id for each entry if the user makes ids; otherwise empty.
    pub(super) ids: Vec<EventId>,
}

impl PreparedRequest {
    /// The ids of its entries when they are recorded from position `first` on.
    pub(super) fn entry_ids(&self, handle: &IdPrefix, first: u64) -> Vec<EventId> {
        let writes = &self.request.writes;
        if self.ids.len() == writes.len() {
            return self.ids.clone();
        }
        let of = |(write, position): (&Write<EncodedEvent>, u64)| match write {
            Write::Event(_, NewEvent { id: Some(id), .. }) => id.clone(),
            _ => handle.id(position),
        };
        writes.iter().zip(first..).map(of).collect()
    }
}

/// An event as its line will hold it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct EncodedEvent {
    pub(super) event_type: Arc<str>,
    pub(super) schema: u32,
    /// Its content, within the data of its request.
    pub(super) data: Range<usize>,
}

/// The answer to a request.
pub(super) type AppendResult = Result<Appended, AppendError>;

impl Request {
    /// The ids that the caller gave.
    pub(super) fn given_ids(&self) -> Vec<EventId> {
        let of = |write: &Write<EncodedEvent>| match write {
            Write::Event(_, new) => new.id.clone(),
            Write::Delete(_) | Write::Describe(..) => None,
        };
        self.writes.iter().filter_map(of).collect()
    }
}
