//! Every acknowledged event comes back as it was: a store has each event read back before it accepts it; of a large batch,
//! one of each shape.

use super::{CodecError, EventCodec, StoredEvent};
use crate::json::Shapes;
use crate::message::{Lost, Message};

/// The largest batch of which each event is read back. A batch of this size is written and synced in many times the time that
/// this takes; in one of thousands it would be felt.
const EACH: usize = 16;

/// The shapes of events that a store has seen come back.
pub(crate) struct Proofs {
    shapes: Shapes,
}

impl Proofs {
    pub(crate) fn new() -> Proofs {
        Proofs { shapes: Shapes::new() }
    }

    /// Refuses an event, one of a batch of `events`, that would not come back from what its codec has written.
    pub(crate) fn of_written<E: PartialEq>(
        &self,
        codec: &dyn EventCodec<E>,
        event: &E,
        stored: StoredEvent<'_>,
        events: usize,
    ) -> Result<(), CodecError> {
        if events <= EACH {
            return codec.comes_back(event, stored);
        }
        self.one_of_each(codec.shape(event), || codec.comes_back(event, stored))
    }

    /// Refuses an event that a log would refuse, for a store that writes nothing: one of each shape is written and read
    /// back, or each if `each` says so.
    pub(crate) fn of_message<E: Message + PartialEq>(&self, event: &E, each: bool) -> Result<(), CodecError> {
        let comes_back = || {
            event.read_back(&|read| read == event).map(drop).map_err(|lost| {
                let name = event.name().ok();
                let event_type = name
                    .map_or_else(|| std::any::type_name::<E>().to_string(), |name| name.leaf().to_string());
                match lost {
                    Lost::Unwritable(why) => CodecError::Unwritable { event_type, why },
                    Lost::Unfaithful(why) => CodecError::Unfaithful { event_type, why },
                }
            })
        };
        if each { comes_back() } else { self.one_of_each(event.shape(), comes_back) }
    }

    fn one_of_each(
        &self,
        shape: Option<u64>,
        comes_back: impl FnOnce() -> Result<(), CodecError>,
    ) -> Result<(), CodecError> {
        let Some(shape) = shape else { return comes_back() };
        if !self.shapes.known(shape) {
            comes_back()?;
            self.shapes.learn(shape);
        }
        Ok(())
    }
}
