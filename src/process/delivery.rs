//! Faulty delivery: a decider and its process manager with a network between them. Messages come late, out of order,
//! twice or never, and the process manager crashes and starts again.
//!
//! [`Delivery`] is a decider like any other. What is in flight is part of its state, and what the network does are its
//! commands: so every check that reads a decider reads a system under faults.
//!
//! - An event that happens is sent to the process manager, and a command that becomes owed is sent to the decider. Any
//!   message in flight may arrive next: a command of the composite names the message and not its rank, so order is never
//!   promised.
//! - Each kind of fault has a budget: [`duplicating`](Delivery::duplicating), [`losing`](Delivery::losing),
//!   [`crashing`](Delivery::crashing). Without budgets the network is slow and reorders, but is otherwise honest.
//! - [`redelivering`](Delivery::redelivering) is the repair that a log and a to-do list allow: a lost event is read again,
//!   and an item that is owed and no longer in flight is issued again, under its key.
//!
//! ```
//! use leftfold::delivery::{Delivery, DeliveryCommand, NetworkMessage};
//! use leftfold::{Decider, Fold, Owed, decider, process_manager};
//!
//! // Ships whenever it gets the command, and counts.
//! let parcels = decider(
//!     || 0u32,
//!     |ship: &bool, _: &u32| Ok::<_, ()>(vec![*ship]),
//!     |shipped, ship: &bool| if *ship { shipped + 1 } else { shipped },
//! );
//! // After a payment (false), a shipment (true) is owed.
//! let shipping = process_manager(
//!     || false,
//!     |_, shipped: &bool| !shipped,
//!     |owed: &bool| if *owed { vec![Owed::now("ship", true)] } else { vec![] },
//! );
//! let shop = Delivery::of(parcels, shipping).duplicating(1);
//!
//! let ship = NetworkMessage::Command { key: "ship".into(), command: true };
//! let (state, _) = shop.run(&[
//!     DeliveryCommand::Do(false),
//!     DeliveryCommand::Deliver(NetworkMessage::Event(false)),
//!     DeliveryCommand::DeliverAndKeep(ship.clone()),
//!     DeliveryCommand::Deliver(ship),
//! ]).unwrap();
//! assert_eq!(state.decider, 2, "a duplicate was shipped twice");
//! ```

use super::{Due, Owed, ProcessManager};
use crate::decider::Decider;
use crate::fold::Fold;
use crate::recorded::Timestamp;
use im::OrdMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A decider and its process manager with a network between them; made by [`Delivery::of`].
#[derive(Clone, Copy, Debug)]
pub struct Delivery<D, P> {
    decider: D,
    process: P,
    budgets: Budgets,
    redelivers: bool,
}

/// How many faults of each kind may still happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Budgets {
    /// Messages delivered and kept in flight.
    pub duplicates: u8,
    /// Messages lost.
    pub losses: u8,
    /// Crashes of the process manager between folding an event and dispatching what it owes.
    pub crashes: u8,
}

/// A message in flight.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NetworkMessage<E, C> {
    /// An event on its way to the process manager.
    Event(E),
    /// A command on its way to the decider, under the key of what is owed.
    Command {
        /// The key of the item.
        key: String,
        /// The command.
        command: C,
    },
}

/// What can be done to a system under faults.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DeliveryCommand<E, C> {
    /// Somebody outside gives a command; it is decided at once.
    Do(C),
    /// A message arrives.
    Deliver(NetworkMessage<E, C>),
    /// A message arrives, and a copy of it stays in flight (costs a duplicate).
    DeliverAndKeep(NetworkMessage<E, C>),
    /// A message is lost (costs a loss).
    Lose(NetworkMessage<E, C>),
    /// An event arrives and is folded, and the process manager crashes before it dispatches anything (costs a crash).
    DeliverAndCrash(E),
    /// The process manager starts again and dispatches everything that it owes.
    Restart,
    /// A lost event is read again from the log.
    ReadAgain(E),
    /// An item that is owed and no longer in flight is issued again.
    IssueAgain(String),
    /// Time passes up to the next deadline on the to-do list.
    Wait,
}

/// What happens in a system under faults.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DeliveryEvent<E, C> {
    /// An event of the decider.
    Happened(E),
    /// A message has arrived.
    Delivered(NetworkMessage<E, C>),
    /// A message has arrived, and a copy of it stays in flight.
    DeliveredAndKept(NetworkMessage<E, C>),
    /// A command that arrived was refused.
    Refused(NetworkMessage<E, C>),
    /// A message was lost.
    Lost(NetworkMessage<E, C>),
    /// An event has arrived, and the process manager crashed before it dispatched anything.
    Crashed(E),
    /// The process manager has started again.
    Restarted,
    /// A lost event was read again.
    ReadAgain(E),
    /// An item of the to-do list was issued again.
    IssuedAgain(NetworkMessage<E, C>),
    /// It is this time now.
    TimePassed(Timestamp),
}

/// The state of a system under faults.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(bound(
    serialize = "S: Serialize, T: Serialize, E: Serialize + Ord + Clone, C: Serialize + Ord + Clone",
    deserialize = "S: Deserialize<'de>, T: Deserialize<'de>, E: Deserialize<'de> + Ord + Clone, C: Deserialize<'de> + Ord + Clone"
))]
pub struct Network<S, T, E: Ord + Clone, C: Ord + Clone> {
    /// The decider's state.
    pub decider: S,
    /// The process manager's state.
    pub process: T,
    /// The messages in flight, each with how many copies of it.
    pub in_flight: OrdMap<NetworkMessage<E, C>, u32>,
    /// Events that were lost and can be read again.
    pub missed: OrdMap<E, u32>,
    /// Whether the process manager has crashed and not started again.
    pub down: bool,
    /// Up to when time has passed; later deadlines are not due.
    pub now: Option<Timestamp>,
    /// The faults that may still happen.
    pub left: Budgets,
}

/// Why something cannot be done to a system under faults.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
pub enum DeliveryRejection<R> {
    /// The decider refused a command from outside.
    #[error("{0}")]
    Refused(R),
    /// No such message is in flight, was lost, or is owed.
    #[error("there is no such message to handle")]
    NoSuchMessage,
    /// The budget for this kind of fault is used up.
    #[error("the budget for this kind of fault is used up")]
    BudgetSpent,
    /// The process manager is down, or is not.
    #[error("the process manager is not in the state for this")]
    UpOrDown,
    /// There is no deadline to wait for.
    #[error("nothing on the to-do list has a deadline ahead")]
    NoDeadline,
}

type NetworkOf<D, P> =
    Network<<D as Fold>::State, <P as Fold>::State, <D as Fold>::Event, <D as Decider>::Command>;
type MessageOf<D> = NetworkMessage<<D as Fold>::Event, <D as Decider>::Command>;
type CommandOf<D> = DeliveryCommand<<D as Fold>::Event, <D as Decider>::Command>;
type EventOf<D> = DeliveryEvent<<D as Fold>::Event, <D as Decider>::Command>;

impl<D, P> Delivery<D, P>
where
    D: Decider<Event: Clone + Ord, Command: Clone + Ord>,
    P: ProcessManager<Event = D::Event, Command = D::Command>,
{
    /// A decider and its process manager with a slow network that keeps no order and commits no other fault.
    pub fn of(decider: D, process: P) -> Self {
        Delivery { decider, process, budgets: Budgets::default(), redelivers: false }
    }

    /// At most `times` messages are delivered twice. Default: none.
    #[must_use]
    pub fn duplicating(mut self, times: u8) -> Self {
        self.budgets.duplicates = times;
        self
    }

    /// At most `times` messages are lost; for good, without [`redelivering`](Self::redelivering). Default: none.
    #[must_use]
    pub fn losing(mut self, times: u8) -> Self {
        self.budgets.losses = times;
        self
    }

    /// At most `times` times the process manager crashes after it has folded an event and before it dispatches. Default:
    /// never.
    #[must_use]
    pub fn crashing(mut self, times: u8) -> Self {
        self.budgets.crashes = times;
        self
    }

    /// Lost events are read again from the log, and items that are owed and not in flight are issued again.
    #[must_use]
    pub fn redelivering(mut self) -> Self {
        self.redelivers = true;
        self
    }

    /// Everything that the network and the clock can do in this state: the alphabet of an exploration, beside the commands
    /// that somebody outside gives ([`DeliveryCommand::Do`]). O(messages in flight + length of the to-do list).
    pub fn moves(&self, state: &NetworkOf<D, P>) -> Vec<CommandOf<D>> {
        let mut moves = Vec::new();
        for message in state.in_flight.keys() {
            if matches!(message, NetworkMessage::Command { .. }) || !state.down {
                moves.push(DeliveryCommand::Deliver(message.clone()));
                if state.left.duplicates > 0 {
                    moves.push(DeliveryCommand::DeliverAndKeep(message.clone()));
                }
            }
            if state.left.losses > 0 {
                moves.push(DeliveryCommand::Lose(message.clone()));
            }
            if let (NetworkMessage::Event(event), true, false) = (message, state.left.crashes > 0, state.down)
            {
                moves.push(DeliveryCommand::DeliverAndCrash(event.clone()));
            }
        }
        if state.down {
            moves.push(DeliveryCommand::Restart);
        }
        moves.extend(state.missed.keys().cloned().map(DeliveryCommand::ReadAgain));
        if self.redelivers && !state.down {
            let gone =
                self.due(state).into_iter().filter(|(key, command)| !is_in_flight(state, key, command));
            moves.extend(gone.map(|(key, _)| DeliveryCommand::IssueAgain(key)));
        }
        if self.next_deadline(state).is_some() {
            moves.push(DeliveryCommand::Wait);
        }
        moves
    }

    /// What the process manager owes in this state, due or not.
    pub fn owed(&self, state: &NetworkOf<D, P>) -> Vec<Owed<D::Command>> {
        self.process.pending(&state.process)
    }

    /// What is owed and due, by key.
    fn due(&self, state: &NetworkOf<D, P>) -> BTreeMap<String, D::Command> {
        let is_due = |owed: &Owed<D::Command>| match owed.due {
            Due::Now => true,
            Due::At(at) => state.now.is_some_and(|now| at <= now),
        };
        let pending = self.process.pending(&state.process).into_iter();
        pending.filter(is_due).map(|owed| (owed.key, owed.command)).collect()
    }

    fn next_deadline(&self, state: &NetworkOf<D, P>) -> Option<Timestamp> {
        let deadlines = self.process.pending(&state.process).into_iter().filter_map(|owed| match owed.due {
            Due::At(at) if state.now.is_none_or(|now| at > now) => Some(at),
            Due::At(_) | Due::Now => None,
        });
        deadlines.min()
    }

    /// Folds an event into the process manager; what becomes owed is dispatched, unless it crashes.
    fn react(&self, mut state: NetworkOf<D, P>, event: &D::Event, dispatches: bool) -> NetworkOf<D, P> {
        let before = self.due(&state);
        state.process = self.process.evolve(state.process, event);
        if dispatches { self.dispatch_what_is_new(state, &before) } else { state }
    }

    fn dispatch_what_is_new(
        &self,
        mut state: NetworkOf<D, P>,
        before: &BTreeMap<String, D::Command>,
    ) -> NetworkOf<D, P> {
        for (key, command) in self.due(&state) {
            if !before.contains_key(&key) {
                add_copy(&mut state.in_flight, NetworkMessage::Command { key, command });
            }
        }
        state
    }

    fn arrive(&self, message: &MessageOf<D>, state: &NetworkOf<D, P>, kept: bool) -> Vec<EventOf<D>> {
        let arrived = |message: &MessageOf<D>| match kept {
            true => DeliveryEvent::DeliveredAndKept(message.clone()),
            false => DeliveryEvent::Delivered(message.clone()),
        };
        let mut events = vec![arrived(message)];
        if let NetworkMessage::Command { command, .. } = message {
            match self.decider.decide(command, &state.decider) {
                Ok(happened) => events.extend(happened.into_iter().map(DeliveryEvent::Happened)),
                Err(_) => events.push(DeliveryEvent::Refused(message.clone())),
            }
        }
        events
    }
}

fn add_copy<K: Ord + Clone>(counts: &mut OrdMap<K, u32>, key: K) {
    *counts.entry(key).or_insert(0) += 1;
}

fn remove_copy<K: Ord + Clone>(counts: &mut OrdMap<K, u32>, key: &K) {
    match counts.get_mut(key) {
        Some(count) if *count > 1 => *count -= 1,
        _ => {
            counts.remove(key);
        }
    }
}

fn is_in_flight<S, T, E, C>(state: &Network<S, T, E, C>, key: &str, command: &C) -> bool
where
    E: Clone + Ord,
    C: Clone + Ord,
{
    state.in_flight.contains_key(&NetworkMessage::Command { key: key.to_string(), command: command.clone() })
}

impl<D, P> Fold for Delivery<D, P>
where
    D: Decider<Event: Clone + Ord, Command: Clone + Ord>,
    P: ProcessManager<Event = D::Event, Command = D::Command>,
{
    type State = NetworkOf<D, P>;
    type Event = EventOf<D>;

    fn initial_state(&self) -> Self::State {
        Network {
            decider: self.decider.initial_state(),
            process: self.process.initial_state(),
            in_flight: OrdMap::new(),
            missed: OrdMap::new(),
            down: false,
            now: None,
            left: self.budgets,
        }
    }

    fn evolve(&self, mut state: Self::State, event: &Self::Event) -> Self::State {
        match event {
            DeliveryEvent::Happened(event) => {
                state.decider = self.decider.evolve(state.decider, event);
                add_copy(&mut state.in_flight, NetworkMessage::Event(event.clone()));
                state
            }
            DeliveryEvent::Delivered(message) => {
                remove_copy(&mut state.in_flight, message);
                match message {
                    NetworkMessage::Event(event) => self.react(state, event, true),
                    NetworkMessage::Command { .. } => state,
                }
            }
            DeliveryEvent::DeliveredAndKept(message) => {
                state.left.duplicates = state.left.duplicates.saturating_sub(1);
                match message {
                    NetworkMessage::Event(event) => self.react(state, event, true),
                    NetworkMessage::Command { .. } => state,
                }
            }
            DeliveryEvent::Refused(_) => state,
            DeliveryEvent::Lost(message) => {
                state.left.losses = state.left.losses.saturating_sub(1);
                remove_copy(&mut state.in_flight, message);
                if let (NetworkMessage::Event(event), true) = (message, self.redelivers) {
                    add_copy(&mut state.missed, event.clone());
                }
                state
            }
            DeliveryEvent::Crashed(event) => {
                state.left.crashes = state.left.crashes.saturating_sub(1);
                state.down = true;
                remove_copy(&mut state.in_flight, &NetworkMessage::Event(event.clone()));
                self.react(state, event, false)
            }
            DeliveryEvent::Restarted => {
                state.down = false;
                self.dispatch_what_is_new(state, &BTreeMap::new())
            }
            DeliveryEvent::ReadAgain(event) => {
                remove_copy(&mut state.missed, event);
                add_copy(&mut state.in_flight, NetworkMessage::Event(event.clone()));
                state
            }
            DeliveryEvent::IssuedAgain(message) => {
                add_copy(&mut state.in_flight, message.clone());
                state
            }
            DeliveryEvent::TimePassed(now) => {
                let before = self.due(&state);
                state.now = Some(*now);
                if state.down { state } else { self.dispatch_what_is_new(state, &before) }
            }
        }
    }
}

impl<D, P> Decider for Delivery<D, P>
where
    D: Decider<Event: Clone + Ord, Command: Clone + Ord>,
    P: ProcessManager<Event = D::Event, Command = D::Command>,
{
    type Command = CommandOf<D>;
    type Rejection = DeliveryRejection<D::Rejection>;

    fn decide(
        &self,
        command: &Self::Command,
        state: &Self::State,
    ) -> Result<Vec<Self::Event>, Self::Rejection> {
        use DeliveryRejection::{BudgetSpent, NoDeadline, NoSuchMessage, Refused, UpOrDown};
        let unless = |refused: bool, rejection| if refused { Err(rejection) } else { Ok(()) };
        let in_flight =
            |message: &MessageOf<D>| unless(!state.in_flight.contains_key(message), NoSuchMessage);
        let listening = |message: &MessageOf<D>| {
            unless(state.down && matches!(message, NetworkMessage::Event(_)), UpOrDown)
        };
        match command {
            DeliveryCommand::Do(command) => {
                let events = self.decider.decide(command, &state.decider).map_err(Refused)?;
                Ok(events.into_iter().map(DeliveryEvent::Happened).collect())
            }
            DeliveryCommand::Deliver(message) => {
                in_flight(message)?;
                listening(message)?;
                Ok(self.arrive(message, state, false))
            }
            DeliveryCommand::DeliverAndKeep(message) => {
                in_flight(message)?;
                listening(message)?;
                unless(state.left.duplicates == 0, BudgetSpent)?;
                Ok(self.arrive(message, state, true))
            }
            DeliveryCommand::Lose(message) => {
                in_flight(message)?;
                unless(state.left.losses == 0, BudgetSpent)?;
                Ok(vec![DeliveryEvent::Lost(message.clone())])
            }
            DeliveryCommand::DeliverAndCrash(event) => {
                in_flight(&NetworkMessage::Event(event.clone()))?;
                unless(state.down, UpOrDown)?;
                unless(state.left.crashes == 0, BudgetSpent)?;
                Ok(vec![DeliveryEvent::Crashed(event.clone())])
            }
            DeliveryCommand::Restart => {
                unless(!state.down, UpOrDown)?;
                Ok(vec![DeliveryEvent::Restarted])
            }
            DeliveryCommand::ReadAgain(event) => {
                unless(!state.missed.contains_key(event), NoSuchMessage)?;
                Ok(vec![DeliveryEvent::ReadAgain(event.clone())])
            }
            DeliveryCommand::IssueAgain(key) => {
                unless(state.down, UpOrDown)?;
                let command = self.due(state).remove(key).filter(|_| self.redelivers).ok_or(NoSuchMessage)?;
                unless(is_in_flight(state, key, &command), NoSuchMessage)?;
                Ok(vec![DeliveryEvent::IssuedAgain(NetworkMessage::Command { key: key.clone(), command })])
            }
            DeliveryCommand::Wait => {
                let next = self.next_deadline(state).ok_or(NoDeadline)?;
                Ok(vec![DeliveryEvent::TimePassed(next)])
            }
        }
    }

    /// The decider is terminal, and nothing is in flight, lost or owed.
    fn is_terminal(&self, state: &Self::State) -> bool {
        self.decider.is_terminal(&state.decider)
            && state.in_flight.is_empty()
            && state.missed.is_empty()
            && !state.down
            && self.process.pending(&state.process).is_empty()
    }
}
