//! The history in which everything in flight has arrived.

use super::{Delivery, DeliveryCommand, DeliveryEvent, EventOf, MessageOf, NetworkMessage, NetworkOf};
use crate::decider::Decider;
use crate::fold::Fold;
use crate::process::ProcessManager;
use crate::process::synchronous::BOUND;

impl<D, P> Delivery<D, P>
where
    D: Decider<Event: Clone + Ord, Command: Clone + Ord>,
    P: ProcessManager<Event = D::Event, Command = D::Command>,
{
    /// These events of the decider, and everything that follows from them over a network without faults: the process manager has
    /// read all of them, what it then owes and is due was delivered and decided, and so on, until nothing is in flight.
    ///
    /// It is a history of this system: fold it for the state, give it to a scenario, or begin an exploration
    /// [from](crate::check::Explore::from) it. What remains is in the state: commands that were refused, and items with a
    /// deadline, stay owed. No time passes.
    ///
    /// Commands whose items the events settle count as delivered. At most [`BOUND`] commands are delivered; where each
    /// sets off another, the last stays in flight.
    ///
    /// ```
    /// use leftfold::delivery::Delivery;
    /// use leftfold::{Fold, Owed, decider, process_manager};
    ///
    /// #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    /// enum Event { Paid(u8), Shipped(u8) }
    ///
    /// let parcels = decider(
    ///     Vec::new,
    ///     |ship: &u8, _: &Vec<u8>| Ok::<_, ()>(vec![Event::Shipped(*ship)]),
    ///     |shipped: Vec<u8>, event: &Event| match event {
    ///         Event::Shipped(order) => [shipped, vec![*order]].concat(),
    ///         Event::Paid(_) => shipped,
    ///     },
    /// );
    /// let shipping = process_manager(im::OrdSet::new, |unshipped: im::OrdSet<u8>, event: &Event| match event {
    ///     Event::Paid(order) => unshipped.update(*order),
    ///     Event::Shipped(order) => unshipped.without(order),
    /// }, |unshipped| unshipped.iter().map(|order| Owed::now(order.to_string(), *order)).collect());
    ///
    /// let shop = Delivery::of(parcels, shipping);
    /// let state = shop.fold(&shop.settled([Event::Paid(1), Event::Paid(2), Event::Shipped(1)]));
    /// assert_eq!(state.decider, [1, 2], "the second order was still to be shipped");
    /// assert!(state.in_flight.is_empty() && shop.owed(&state).is_empty());
    /// ```
    pub fn settled(&self, events: impl IntoIterator<Item = D::Event>) -> Vec<EventOf<D>> {
        let mut settling = Settling { delivery: self, state: self.initial_state(), history: Vec::new() };
        for event in events {
            settling.happen(DeliveryEvent::Happened(event.clone()));
            settling.happen(DeliveryEvent::Delivered(NetworkMessage::Event(event)));
        }
        // What the events settle has arrived: its outcome is among them.
        let owed = self.due(&settling.state);
        let arrived = |message: &&MessageOf<D>| match message {
            NetworkMessage::Command { key, command } => owed.get(key) != Some(command),
            NetworkMessage::Event(_) => false,
        };
        let arrived: Vec<(MessageOf<D>, u32)> = (settling.state.in_flight.iter())
            .filter(|(message, _)| arrived(message))
            .map(|(message, copies)| (message.clone(), *copies))
            .collect();
        for (message, copies) in arrived {
            (0..copies).for_each(|_| settling.happen(DeliveryEvent::Delivered(message.clone())));
        }
        let mut commands = 0;
        while let Some(message) = settling.next() {
            commands += usize::from(message.command().is_some());
            if commands > BOUND {
                break;
            }
            let decided = self.decide(&DeliveryCommand::Deliver(message), &settling.state);
            decided.into_iter().flatten().for_each(|event| settling.happen(event));
        }
        settling.history
    }
}

/// A history that is being settled, and the state that it leads to.
struct Settling<'a, D, P>
where
    D: Decider<Event: Clone + Ord, Command: Clone + Ord>,
    P: ProcessManager<Event = D::Event, Command = D::Command>,
{
    delivery: &'a Delivery<D, P>,
    state: NetworkOf<D, P>,
    history: Vec<EventOf<D>>,
}

impl<D, P> Settling<'_, D, P>
where
    D: Decider<Event: Clone + Ord, Command: Clone + Ord>,
    P: ProcessManager<Event = D::Event, Command = D::Command>,
{
    fn happen(&mut self, event: EventOf<D>) {
        // The state cannot be moved out of `self`, so an initial one takes its place meanwhile.
        let lent = std::mem::replace(&mut self.state, self.delivery.initial_state());
        self.state = self.delivery.evolve(lent, &event);
        self.history.push(event);
    }

    /// The next message to arrive: events before commands.
    fn next(&self) -> Option<MessageOf<D>> {
        self.state.in_flight.keys().find(|message| self.delivery.is_in_turn(&self.state, message)).cloned()
    }
}
