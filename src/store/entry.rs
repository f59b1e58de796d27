//! The entries of a log as a read gives them, and the types that are the store's own.

use crate::recorded::{Envelope, Headers, Recorded};

/// The type of the tombstone of a deleted stream.
pub const DELETED: &str = "$deleted";

/// The type of the metadata of a stream.
pub const DESCRIBED: &str = "$described";

/// One entry of the log, as a read gives it.
///
/// ```
/// use leftfold::store::Entry;
///
/// fn say(entry: Entry<'_, String>) -> String {
///     match entry {
///         Entry::Event(envelope, event) => format!("{} {event}", envelope.position),
///         Entry::Deleted(envelope) => format!("{} {} is no more", envelope.position, envelope.stream),
///         Entry::Described(envelope, headers) => {
///             format!("{} {} was described: {} headers", envelope.position, envelope.stream, headers.len())
///         }
///     }
/// }
/// # let _ = say;
/// ```
#[derive(Debug)]
pub enum Entry<'s, E> {
    /// Something happened.
    Event(&'s Envelope, &'s E),
    /// The stream was deleted: a tombstone. The events before it are still in the log.
    Deleted(&'s Envelope),
    /// The stream's metadata was written, in place of what it was. The version is that which the stream had then. Only reads
    /// that name the type [`DESCRIBED`] see it.
    Described(&'s Envelope, &'s Headers),
}

impl<E> Clone for Entry<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Entry<'_, E> {}

impl<'s, E> Entry<'s, E> {
    /// What the store wrote around it.
    pub fn envelope(&self) -> &'s Envelope {
        match self {
            Entry::Event(envelope, _) | Entry::Deleted(envelope) | Entry::Described(envelope, _) => envelope,
        }
    }

    /// The event, if it is one.
    pub fn event(&self) -> Option<&'s E> {
        match self {
            Entry::Event(_, event) => Some(event),
            Entry::Deleted(_) | Entry::Described(..) => None,
        }
    }

    /// The event in its envelope, as a value, if it is one.
    pub fn recorded(&self) -> Option<Recorded<E>>
    where
        E: Clone,
    {
        self.event().map(|event| Recorded { envelope: self.envelope().clone(), event: event.clone() })
    }
}
