//! Events that arrive in the order in which they were recorded.

use super::{Delivery, MessageOf, NetworkMessage, NetworkOf};
use crate::decider::Decider;
use crate::process::ProcessManager;
use im::Vector;

impl<D, P> Delivery<D, P>
where
    D: Decider<Event: Clone + Ord, Command: Clone + Ord>,
    P: ProcessManager<Event = D::Event, Command = D::Command>,
{
    /// Events reach the process manager in the order in which they were recorded, as from a log. Commands still overtake each
    /// other. Default: events overtake each other too.
    ///
    /// An event arrives only when no earlier one is in flight, or lost and to be read again. One that is lost for good holds up
    /// nothing. A copy that stays in flight arrives again before any later event.
    ///
    /// ```
    /// use leftfold::delivery::{Delivery, DeliveryCommand, NetworkMessage};
    /// use leftfold::{Decider, Owed, decider, process_manager};
    ///
    /// // Each command records its number, and one less.
    /// let counts = decider(|| (), |from: &u8, _: &()| Ok::<_, ()>(vec![*from, from - 1]), |_, _: &u8| ());
    /// let idle = process_manager(|| (), |_, _: &u8| (), |_| Vec::<Owed<u8>>::new());
    /// let arriving = |event| DeliveryCommand::Deliver(NetworkMessage::Event(event));
    ///
    /// let network = Delivery::of(counts, idle);
    /// let (state, _) = network.run(&[DeliveryCommand::Do(7)]).unwrap();
    /// assert_eq!(network.moves(&state), [arriving(6), arriving(7)]);
    ///
    /// let log = network.in_order();
    /// let (state, _) = log.run(&[DeliveryCommand::Do(7)]).unwrap();
    /// assert_eq!(log.moves(&state), [arriving(7)], "6 was recorded later");
    /// ```
    #[must_use]
    pub fn in_order(self) -> Self {
        Delivery { in_order: true, ..self }
    }

    /// Whether no earlier event is to arrive before this message.
    pub(super) fn is_in_turn(&self, state: &NetworkOf<D, P>, message: &MessageOf<D>) -> bool {
        match message {
            NetworkMessage::Event(event) => !self.in_order || state.unread.front() == Some(event),
            NetworkMessage::Command { .. } => true,
        }
    }
}

/// Removes the first copy of an event.
pub(super) fn remove_first<E: Clone + PartialEq>(unread: &mut Vector<E>, event: &E) {
    if let Some(at) = unread.index_of(event) {
        unread.remove(at);
    }
}
