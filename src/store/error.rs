//! Why a batch was not appended, and why a read ended early.

use super::batch::{ExpectedVersion, StreamState};
use super::filter::UnlikeValues;
use super::query::Query;
use crate::codec::{CodecError, unstorable};
use crate::message::{Name, NameError};
use crate::page::{named, shown};
use crate::recorded::{EventId, Position, StreamName};
use serde::Serialize;
use std::io;

/// A condition of a batch that did not hold. Nothing was recorded; read what is new, decide again, append again.
#[doc(alias = "ConcurrencyException")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// A stream is not as expected.
    #[error(
        "stream {stream} was expected {expected}, but it {found}",
        stream = named(.stream)
    )]
    Stream {
        /// Which stream.
        stream: StreamName,
        /// What the batch expected.
        expected: ExpectedVersion,
        /// How far the stream is.
        found: StreamState,
        /// The last position of the log; the new events are up to here.
        head: Position,
    },
    /// An event matches a query that none was to match.
    #[error(
        "event {found} ({event_type}, in stream {stream}) matches what no event after position {after} was to match: {query}",
        event_type = named(.event_type), stream = named(.stream), query = shown(.query)
    )]
    EventsMatch {
        /// What was not to be matched.
        query: Query,
        /// The position after which no event was to match.
        after: Position,
        /// The last event that matches.
        found: Position,
        /// Its type.
        event_type: String,
        /// Its stream.
        stream: StreamName,
        /// The last position of the log; the new events are up to here.
        head: Position,
    },
}

/// Why a batch was not appended, or is not known to be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// A condition did not hold. Nothing was recorded.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// An event id of the batch is the id of another entry of the log, or is in the batch twice. Nothing was recorded.
    #[error(
        "event id {id} is taken: {why}",
        id = named(.id), why = shown(.why)
    )]
    IdTaken {
        /// The id.
        id: EventId,
        /// By what it is taken.
        why: String,
    },
    /// The batch writes nothing.
    #[error("the batch writes nothing; there is nothing to append")]
    Empty,
    /// The type of an event has no name, or one that a log cannot store. Nothing was recorded.
    #[error("an event of the batch has no name to be stored under")]
    Unnamed(#[from] NameError),
    /// Two messages of the umbrella are stored under one name. Nothing was recorded.
    #[error(
        "{one} and {other} would both be stored as {}, and a log could not tell them apart: give one of them another name \
         with #[serde(rename = …)]",
        .one.leaf()
    )]
    Ambiguous {
        /// The one.
        one: Name,
        /// The other.
        other: Name,
    },
    /// A type begins with `$`, as the store's own entries do. Nothing was recorded.
    #[error(
        "type {event_type} begins with `$`, which the store keeps for entries of its own; call the event otherwise",
        event_type = named(.event_type)
    )]
    Reserved {
        /// The type.
        event_type: String,
    },
    /// An event cannot be written as the codec writes. Nothing was recorded.
    #[error("an event of the batch cannot be written")]
    Unwritable(#[source] CodecError),
    /// The batch is larger than what the store writes as one. Nothing was recorded.
    #[error("the batch has {found}, and at most {most} are written as one; append it in parts")]
    TooLarge {
        /// How large it is, in words.
        found: String,
        /// How large it may be, in words.
        most: String,
    },
    /// This handle appends only to one part of the store. Nothing was recorded.
    #[error(
        "{stream} is not of category {category}, which is all that this view of the store writes to",
        stream = named(.stream), category = named(.category)
    )]
    Elsewhere {
        /// Where the batch would have written.
        stream: StreamName,
        /// The category of the view.
        category: String,
    },
    /// The disk is full. Nothing was recorded; append again when there is space.
    #[error(
        "the disk is full: {doing}; nothing was recorded, append again when there is space",
        doing = shown(.doing)
    )]
    DiskFull {
        /// What was tried.
        doing: String,
        /// What the system says.
        source: io::Error,
    },
    /// The process, or the system, has too many files open to begin a new segment. Nothing was recorded; append again when
    /// some are closed.
    #[error(
        "no file can be opened any more: {doing}; nothing was recorded, append again when some are closed, or \
         raise the limit of open files",
        doing = shown(.doing)
    )]
    NoDescriptor {
        /// What was tried.
        doing: String,
        /// What the system says.
        source: io::Error,
    },
    /// The engine of the store, such as a database, cannot be reached or does not answer. Nothing was recorded.
    #[error(
        "the store cannot be reached: {doing}: {why}; nothing was recorded, append again when it answers",
        doing = shown(.doing), why = shown(.why)
    )]
    Unavailable {
        /// What was tried.
        doing: String,
        /// What the engine or the system says.
        why: String,
    },
    /// The batch was under way when writing failed: it may be recorded or not. Append the same batch again under the same event
    /// ids: if it was recorded, the answer says where. (A log in files takes it when it was opened again.)
    #[error(
        "whether the batch was recorded is not known: {doing}; append it again under the same event ids, and the answer says where \
         it is",
        doing = shown(.doing)
    )]
    Unknown {
        /// What was tried.
        doing: String,
        /// The ids of its events, given or made, in order.
        ids: Vec<EventId>,
        /// What the system says, as text, since every batch under way gets the same answer.
        why: String,
    },
    /// An earlier write failed; this handle records nothing more, and has recorded nothing for this call.
    #[error(
        "this handle takes no more events since {why}; open the log again",
        why = shown(.why)
    )]
    Poisoned {
        /// What failed.
        why: String,
    },
    /// The store could not be read. Nothing was recorded.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why a read ended before its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A filter compares values that cannot be compared.
    #[error(transparent)]
    Unlike(#[from] UnlikeValues),
    /// A stored event is none that the codec reads.
    #[error(
        "the event at position {position} of stream {stream} cannot be read",
        stream = named(.stream)
    )]
    Unreadable {
        /// Its position.
        position: Position,
        /// Its stream.
        stream: StreamName,
        /// What the codec says.
        source: CodecError,
    },
    /// An event of another type than a typed view of the store reads.
    #[error(
        "the event at position {position} of stream {stream} is of type {event_type}, which is none of this view's",
        stream = named(.stream), event_type = named(.event_type)
    )]
    Foreign {
        /// Its position.
        position: Position,
        /// Its stream.
        stream: StreamName,
        /// Its type.
        event_type: String,
    },
    /// An event that a [mapped](super::Mapped) view of the store cannot map.
    #[error(
        "the event at position {position} of stream {stream} cannot be mapped",
        stream = named(.stream)
    )]
    Unmapped {
        /// Its position.
        position: Position,
        /// Its stream.
        stream: StreamName,
        /// The error of the function that maps it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The content of a file is not what was written.
    #[error(
        "{file} is damaged at byte {offset}: {why}",
        file = shown(.file), why = shown(.why)
    )]
    Damaged {
        /// The file.
        file: String,
        /// Where in it.
        offset: u64,
        /// What was found.
        why: String,
    },
    /// The storage could not be read.
    #[error(
        "{doing} failed",
        doing = shown(.doing)
    )]
    Storage {
        /// What was tried.
        doing: String,
        /// What the system says.
        source: io::Error,
    },
}

/// Refuses an event type that a log cannot store; every store calls this.
pub(crate) fn check_event_type(event_type: &str) -> Result<(), AppendError> {
    let Some(why) = unstorable(event_type) else { return Ok(()) };
    let event_type = event_type.to_string();
    Err(match event_type.starts_with('$') {
        true => AppendError::Reserved { event_type },
        false => AppendError::Unwritable(CodecError::Unwritable { event_type, why }),
    })
}
