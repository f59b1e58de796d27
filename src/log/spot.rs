//! The row of an event in the index of a log: where its line is.

use crate::store::index::{At, Place, Positioned, Row};

/// The segment, the offset and the length of the line of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) position: u64,
    pub(super) segment: u32,
    pub(super) offset: u32,
    pub(super) length: u32,
    pub(super) place: Place,
}

impl Positioned for Spot {
    fn position(&self) -> u64 {
        self.position
    }
}

impl Row for Spot {
    type InStream = At;

    fn in_stream(&self) -> At {
        At(self.position)
    }

    fn place(&self) -> Place {
        self.place
    }
}
