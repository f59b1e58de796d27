//! What the index knows about an entry.

use super::list::{Listed, Positioned};
use crate::recorded::Headers;
use std::sync::Arc;

/// An entry as the index holds it.
pub(crate) trait Row: Positioned {
    /// The entry as the list of its stream holds it: the entry itself, so that reading a stream looks nothing up, or only
    /// its position.
    type InStream: Listed<Self>;
    fn in_stream(&self) -> Self::InStream;
    fn numbers(&self) -> Numbers;
}

/// The numbers of an entry's stream, category and type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) stream: u32,
    pub(crate) category: u32,
    pub(crate) kind: u32,
}

/// The number of the type of tombstones.
pub(crate) const KIND_DELETED: u32 = 0;
/// The number of the type of descriptions of streams.
pub(crate) const KIND_DESCRIBED: u32 = 1;

/// How the index lists an entry.
pub(crate) enum IndexedAs {
    /// An event, or a tombstone: of its stream.
    OfStream,
    /// The stream's metadata.
    Described(Arc<Headers>),
}
