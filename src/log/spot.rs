//! The row of an event in the index of a log: where its line is.

use crate::store::index::{EntryPosition, Numbers, Positioned, Row};

/// The segment, the offset and the length of the line of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) position: u64,
    pub(super) segment: u32,
    pub(super) offset: u32,
    pub(super) length: u32,
    pub(super) numbers: Numbers,
}

impl Positioned for Spot {
    fn position(&self) -> u64 {
        self.position
    }
}

impl Row for Spot {
    type InStream = EntryPosition;

    fn in_stream(&self) -> EntryPosition {
        EntryPosition(self.position)
    }

    fn numbers(&self) -> Numbers {
        self.numbers
    }
}
