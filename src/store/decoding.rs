//! Showing stored entries as the events that a codec reads.

use super::entry::Entry;
use super::error::ReadError;
use super::filter::{Field, Filter};
use super::query::Read;
use crate::codec::{EventCodec, StoredEvent};
use crate::recorded::Envelope;
use std::ops::ControlFlow;

type Each<'e, E> = &'e mut dyn FnMut(Entry<'_, E>) -> ControlFlow<()>;

/// A read on its way, from entries as they are stored to the events of a model.
pub(crate) struct Decoding<'r, E> {
    codec: &'r dyn EventCodec<E>,
    read: &'r Read,
    /// A filter on the type looks at what the event is now; all others are asked before an event is decoded.
    late: Vec<&'r Filter>,
    early: Vec<&'r Filter>,
    /// Whether types were added under which events are stored that are of other types now.
    widened: bool,
    left: usize,
}

impl<'r, E> Decoding<'r, E> {
    pub(crate) fn of(codec: &'r dyn EventCodec<E>, read: &'r Read, widened: bool) -> Self {
        let (late, early) = read.filters().iter().partition(|filter| *filter.field() == Field::Type);
        Decoding { codec, read, late, early, widened, left: read.most().unwrap_or(usize::MAX) }
    }

    /// The filters that look at entries as they are stored.
    pub(crate) fn early(&self) -> Vec<Filter> {
        self.early.iter().map(|filter| (*filter).clone()).collect()
    }

    /// Whether nothing more is to be shown.
    pub(crate) fn is_done(&self) -> bool {
        self.left == 0
    }

    pub(crate) fn passes_early(&self, envelope: &Envelope) -> Result<bool, ReadError> {
        pass(&self.early, envelope)
    }

    /// Shows an entry that is the store's own.
    pub(crate) fn entry(
        &mut self,
        entry: Entry<'_, E>,
        each: Each<'_, E>,
    ) -> Result<ControlFlow<()>, ReadError> {
        if !pass(&self.early, entry.envelope())? || !pass(&self.late, entry.envelope())? {
            return Ok(ControlFlow::Continue(()));
        }
        self.left -= 1;
        let asked = each(entry);
        Ok(self.flow(asked))
    }

    /// Shows the events that a stored one is read as.
    pub(crate) fn event(
        &mut self,
        envelope: &Envelope,
        stored: StoredEvent<'_>,
        each: Each<'_, E>,
    ) -> Result<ControlFlow<()>, ReadError> {
        if !pass(&self.early, envelope)? {
            return Ok(ControlFlow::Continue(()));
        }
        let mut shown = Ok(ControlFlow::Continue(()));
        let decoded = self.codec.decode(stored, &mut |event_type, event| {
            let Ok(ControlFlow::Continue(())) = shown else { return };
            let changed = (**event_type != *stored.event_type)
                .then(|| Envelope { event_type: event_type.clone(), ..envelope.clone() });
            let asked_for = changed.is_none() && !self.widened;
            let envelope = changed.as_ref().unwrap_or(envelope);
            let asked_for = asked_for || self.read.query().matches(envelope);
            match if asked_for { pass(&self.late, envelope) } else { Ok(false) } {
                Ok(true) => {
                    self.left -= 1;
                    let asked = each(Entry::Event(envelope, &event));
                    shown = Ok(if self.left == 0 { ControlFlow::Break(()) } else { asked });
                }
                Ok(false) => {}
                Err(error) => shown = Err(error),
            }
        });
        let shown = shown?;
        if shown.is_continue() {
            decoded.map_err(|source| {
                let (position, stream) = (envelope.position, envelope.stream.clone());
                ReadError::Unreadable { position, stream, source }
            })?;
        }
        Ok(shown)
    }

    fn flow(&self, asked: ControlFlow<()>) -> ControlFlow<()> {
        if self.left == 0 { ControlFlow::Break(()) } else { asked }
    }
}

/// Whether an entry passes all filters.
fn pass(filters: &[&Filter], envelope: &Envelope) -> Result<bool, ReadError> {
    for filter in filters {
        if !filter.passes(envelope)? {
            return Ok(false);
        }
    }
    Ok(true)
}
