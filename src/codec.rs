//! How events become text and text becomes events.
//!
//! [`Codec`] is the codec of a model: types by name, contents as JSON, and [upcasters](crate::codec::upcast) for what was stored
//! under an older model. [`RawCodec`] reads any log, and [`KeepingUnknown`] keeps what a model does not know.

mod invalid;
mod raw;
mod read_back;
pub mod schema;
mod typed;
pub mod upcast;
mod upcast_as_fold;

pub use invalid::InvalidCodec;
pub use raw::{KeepingUnknown, KnownOrRaw, RawCodec, RawEvent};
pub(crate) use read_back::Proofs;
pub use typed::{Codec, CodecBuilder};
pub use upcast_as_fold::Upcasting;

use crate::page::{named, shown};
use crate::recorded::{has_control, too_long};
use std::sync::Arc;

/// Why a log cannot store a type of this name; `None` if it can.
pub(crate) fn unstorable(name: &str) -> Option<String> {
    let why = if name.is_empty() {
        "the name is empty"
    } else if name.starts_with('$') {
        "names that begin with `$` are the store's own"
    } else if has_control(name) {
        "the name holds a control character"
    } else {
        return too_long(name);
    };
    Some(why.to_string())
}

/// A stored event: the name of its type, the version of its schema, and its content as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredEvent<'s> {
    /// The name of its type, as it was written.
    pub event_type: &'s str,
    /// The version of the schema of its type. Default: 1.
    pub schema: u32,
    /// Its content: JSON on one line.
    pub data: &'s [u8],
}

/// How events of type `E` are written to a log and read from it.
pub trait EventCodec<E>: Send + Sync {
    /// Appends the content of an event to `data`, as JSON on one line, and answers with its type and schema.
    ///
    /// # Errors
    /// [`CodecError`] when the event cannot be written; what was appended to `data` is then of no use.
    fn encode(&self, event: &E, data: &mut Vec<u8>) -> Result<(Arc<str>, u32), CodecError>;

    /// The shape of an event's content, as a number: contents of one shape are written alike and read alike. `None` if the
    /// codec does not know it.
    ///
    /// Every acknowledged event must come back as it was. So a store has its codec read each event back before it accepts
    /// the event; of a large batch, it does so with one event of each shape.
    fn shape(&self, event: &E) -> Option<u64> {
        let _ = event;
        None
    }

    /// Checks that the content which [`encode`](EventCodec::encode) wrote is read back as the same event.
    ///
    /// # Errors
    /// [`CodecError::Unfaithful`] where it is not.
    fn comes_back(&self, event: &E, stored: StoredEvent<'_>) -> Result<(), CodecError>
    where
        E: PartialEq,
    {
        let (mut read, mut same) = (0, true);
        let decoded = self.decode(stored, &mut |_, back| {
            read += 1;
            same &= back == *event;
        });
        let why = match decoded {
            Ok(()) if same && read == 1 => return Ok(()),
            Ok(()) if read == 1 => "it is read back as another event".to_string(),
            Ok(()) => format!("it is read back as {read} events"),
            Err(error) => error.to_string(),
        };
        Err(CodecError::Unfaithful { event_type: stored.event_type.to_string(), why })
    }

    /// Gives the events that a stored event is read as, in order, each with the name of its type. That is one event, or more
    /// or none if an upcaster says so.
    ///
    /// # Errors
    /// [`CodecError`] when it cannot be read.
    fn decode(&self, stored: StoredEvent<'_>, each: &mut dyn FnMut(&Arc<str>, E)) -> Result<(), CodecError>;

    /// The types under which events of the type `current` may be stored, itself included.
    fn stored_types(&self, current: &str) -> Vec<String> {
        vec![current.to_string()]
    }
}

/// Why an event cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// No event of the model has this type, and no upcaster knows it.
    #[error(
        "type {event_type} (schema {schema}) is unknown; known are {}",
        shown(.known.join(", ")), event_type = named(.event_type)
    )]
    Unknown {
        /// The type.
        event_type: String,
        /// Its schema.
        schema: u32,
        /// The types that can be read.
        known: Vec<String>,
    },
    /// The type is known, but its schema is newer than the model.
    #[error(
        "type {event_type} (schema {schema}) is newer than this model, which reads up to schema {newest}",
        event_type = named(.event_type)
    )]
    Newer {
        /// The type.
        event_type: String,
        /// Its schema.
        schema: u32,
        /// The newest schema that can be read.
        newest: u32,
    },
    /// An upcaster does not take the event.
    #[error(
        "the upcaster of type {event_type} (schema {schema}) does not take an event: {why}",
        event_type = named(.event_type), why = shown(.why)
    )]
    Refused {
        /// The type that the upcaster reads.
        event_type: String,
        /// The schema that the upcaster reads.
        schema: u32,
        /// What it says.
        why: String,
    },
    /// The content is not what the type expects.
    #[error(
        "type {event_type} (schema {schema}) does not read {data}: {why}",
        event_type = named(.event_type), data = shown(.data), why = shown(.why)
    )]
    Content {
        /// The type.
        event_type: String,
        /// Its schema.
        schema: u32,
        /// The content, shortened.
        data: String,
        /// What the reader says.
        why: String,
    },
    /// The event cannot be written.
    #[error("type {event_type} cannot be written: {why}", event_type = named(.event_type), why = shown(.why))]
    Unwritable {
        /// The type.
        event_type: String,
        /// What the writer says.
        why: String,
    },
    /// The event was written, and would come back as another one, or not at all.
    #[error(
        "type {event_type} is not recorded, since it would not come back as it is: {why}",
        event_type = named(.event_type), why = shown(.why)
    )]
    Unfaithful {
        /// The type.
        event_type: String,
        /// What is wrong, and where in the content.
        why: String,
    },
}
