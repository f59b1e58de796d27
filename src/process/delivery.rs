//! Faulty delivery: a decider and its process manager with a network between them. Messages come late, out of order,
//! twice or never, and the process manager crashes and starts again.
//!
//! [`Delivery`] is a decider like any other. What is in flight is part of its state, and what the network does are its
//! commands: so every check that reads a decider reads a system under faults.
//!
//! - An event that happens is sent to the process manager, and a command that becomes owed is sent to the decider. Any
//!   message in flight may arrive next: a command of the composite names the message and not its rank, so order is never
//!   promised. With [`in_order`](Delivery::in_order), events arrive as from a log, in the order in which they were recorded.
//! - Each kind of fault has a budget: [`duplicating`](Delivery::duplicating), [`losing`](Delivery::losing),
//!   [`crashing`](Delivery::crashing). Without budgets the network is slow and reorders, but is otherwise honest.
//! - [`only`](Delivery::only) lets a kind of fault hit some messages alone: the mails, and not the log.
//! - Time passes to the next deadline on the to-do list, and by the spans of [`waiting`](Delivery::waiting).
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

mod faults;
mod messages;
mod order;
mod settled;

pub use faults::Budgets;
pub use messages::{DeliveryCommand, DeliveryEvent, DeliveryRejection, NetworkMessage};

use super::{Owed, ProcessManager};
use crate::decider::Decider;
use crate::fold::Fold;
use crate::recorded::Timestamp;
use faults::{Fault, Faults};
use im::{OrdMap, Vector};
use jiff::SignedDuration;
use order::remove_first;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::sync::Arc;

/// A decider and its process manager with a network between them; made by [`Delivery::of`].
pub struct Delivery<D: Decider, P> {
    decider: D,
    process: P,
    faults: Faults<D::Event, D::Command>,
    redelivers: bool,
    in_order: bool,
    /// The time at which it begins.
    start: Option<Timestamp>,
    /// Spans by which time can pass, beside the way to the next deadline.
    spans: Arc<[SignedDuration]>,
}

impl<D: Decider + Clone, P: Clone> Clone for Delivery<D, P> {
    fn clone(&self) -> Self {
        Delivery {
            decider: self.decider.clone(),
            process: self.process.clone(),
            faults: self.faults.clone(),
            redelivers: self.redelivers,
            in_order: self.in_order,
            start: self.start,
            spans: self.spans.clone(),
        }
    }
}

impl<D: Decider + Debug, P: Debug> Debug for Delivery<D, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Delivery");
        shown.field("decider", &self.decider).field("process", &self.process).field("faults", &self.faults);
        shown.field("redelivers", &self.redelivers).field("in_order", &self.in_order).finish_non_exhaustive()
    }
}

/// The state of a system under faults.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(bound(
    serialize = "S: Serialize, T: Serialize, E: Serialize + Ord + Clone, C: Serialize + Ord + Clone",
    deserialize = "S: Deserialize<'de>, T: Deserialize<'de>, E: Deserialize<'de> + Ord + Clone, C: Deserialize<'de> + Ord + Clone"
))]
#[non_exhaustive]
pub struct Network<S, T, E: Ord + Clone, C: Ord + Clone> {
    /// The decider's state.
    pub decider: S,
    /// The process manager's state.
    pub process: T,
    /// The messages in flight, each with how many copies of it.
    pub in_flight: OrdMap<NetworkMessage<E, C>, u32>,
    /// Events that were lost and can be read again.
    pub missed: OrdMap<E, u32>,
    /// The events in flight and the missed ones, in the order in which they were recorded. Empty unless they arrive
    /// [in order](Delivery::in_order).
    #[serde(default)]
    pub unread: Vector<E>,
    /// Whether the process manager has crashed and not started again.
    pub down: bool,
    /// Up to when time has passed; later deadlines are not due.
    pub now: Option<Timestamp>,
    /// The faults that may still happen.
    pub left: Budgets,
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
        Delivery {
            decider,
            process,
            faults: Faults::none(),
            redelivers: false,
            in_order: false,
            start: None,
            spans: Arc::default(),
        }
    }

    /// At most `times` messages are delivered twice. Default: none.
    #[must_use]
    pub fn duplicating(mut self, times: u8) -> Self {
        self.faults.allow(Fault::Duplicate, times);
        self
    }

    /// At most `times` messages are lost; for good, without [`redelivering`](Self::redelivering). Default: none.
    #[must_use]
    pub fn losing(mut self, times: u8) -> Self {
        self.faults.allow(Fault::Loss, times);
        self
    }

    /// At most `times` times the process manager crashes after it has folded an event and before it dispatches. Default:
    /// never.
    #[must_use]
    pub fn crashing(mut self, times: u8) -> Self {
        self.faults.allow(Fault::Crash, times);
        self
    }

    /// Lets the kind of fault that was named just before hit these messages alone; `losing(1).only(…)` loses one of them at most.
    /// A crash is hit by the event that it comes after. Called again for the same kind, it replaces what was said.
    ///
    /// Before any fault is named, it holds for every kind that is named later, until an `only` behind the kind replaces it for
    /// that kind: `only(…).losing(1).crashing(1)` restricts both.
    ///
    /// ```
    /// use leftfold::delivery::{Delivery, DeliveryCommand, NetworkMessage};
    /// use leftfold::{Decider, Fold, Owed, decider, process_manager};
    ///
    /// #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    /// enum Command { Book, Mail }
    /// let office = decider(|| (), |command: &Command, _: &()| Ok::<_, ()>(vec![command.clone()]), |_, _: &Command| ());
    /// let mails = process_manager(
    ///     || false,
    ///     |_, event: &Command| *event == Command::Book,
    ///     |owed: &bool| if *owed { vec![Owed::now("mail", Command::Mail)] } else { vec![] },
    /// );
    /// let office = Delivery::of(office, mails)
    ///     .losing(1)
    ///     .only(|message| message.command() == Some(&Command::Mail));
    ///
    /// let (state, _) = office.run(&[DeliveryCommand::Do(Command::Book)]).unwrap();
    /// let booked = NetworkMessage::Event(Command::Book);
    /// assert_eq!(office.moves(&state), [DeliveryCommand::Deliver(booked)], "events are not lost");
    /// ```
    #[must_use]
    pub fn only(mut self, hits: impl Fn(&MessageOf<D>) -> bool + Send + Sync + 'static) -> Self {
        self.faults.restrict(Arc::new(hits));
        self
    }

    /// It is this time at the start. Default: no time is known, and nothing with a deadline is due before the first
    /// [`Wait`](DeliveryCommand::Wait).
    #[must_use]
    pub fn starting_at(self, start: Timestamp) -> Self {
        Delivery { start: Some(start), ..self }
    }

    /// Time can also pass by each of these spans, as long as a deadline lies ahead, so that it may pass a deadline, and several
    /// at once. Default: none; time passes to the next deadline alone, and stops there.
    ///
    /// Each span multiplies the states of an exploration: choose few, and such that they lead past the deadlines that matter. Before
    /// any time is known, a span counts from the next deadline. Spans of zero or less are left out.
    ///
    /// ```
    /// use leftfold::delivery::{Delivery, DeliveryCommand};
    /// use leftfold::pattern::SignedDuration;
    /// use leftfold::recorded::Timestamp;
    /// use leftfold::{Decider, Fold, Owed, decider, process_manager};
    ///
    /// // Every order is owed a reminder after a day.
    /// let (noon, day) = (Timestamp::UNIX_EPOCH, SignedDuration::from_hours(24));
    /// let shop = decider(|| 0, |order: &u8, _: &u8| Ok::<_, ()>(vec![*order]), |count, _: &u8| count + 1);
    /// let reminders = process_manager(Vec::new, |all: Vec<u8>, order: &u8| [all, vec![*order]].concat(), move |all| {
    ///     all.iter().map(|order| Owed::at(noon + day, format!("remind {order}"), 0)).collect()
    /// });
    /// let shop = Delivery::of(shop, reminders).starting_at(noon).waiting([2 * day]);
    ///
    /// let state = shop.fold(&shop.settled([1]));
    /// assert_eq!(shop.moves(&state), [DeliveryCommand::Wait, DeliveryCommand::WaitFor(2 * day)]);
    /// let later = |command| shop.fold_from(state.clone(), &shop.decide(&command, &state).unwrap());
    /// assert_eq!(later(DeliveryCommand::Wait).now, Some(noon + day));
    /// let late = later(DeliveryCommand::WaitFor(2 * day));
    /// assert_eq!((late.now, late.in_flight.len()), (Some(noon + 2 * day), 1), "the reminder is on its way, a day late");
    /// ```
    #[must_use]
    pub fn waiting(self, spans: impl IntoIterator<Item = SignedDuration>) -> Self {
        let spans = spans.into_iter().filter(SignedDuration::is_positive).collect();
        Delivery { spans, ..self }
    }

    /// Lost events are read again from the log, and items that are owed and not in flight are issued again.
    #[must_use]
    pub fn redelivering(mut self) -> Self {
        self.redelivers = true;
        self
    }

    /// Everything that the network and the clock can do in this state: the alphabet of an exploration, beside the commands
    /// that somebody outside gives ([`DeliveryCommand::Do`]). O(messages in flight + length of the to-do list).
    ///
    /// If these commands can go round in a circle, what is in flight has no bound, and an exploration needs one: `within`.
    pub fn moves(&self, state: &NetworkOf<D, P>) -> Vec<CommandOf<D>> {
        let mut moves = Vec::new();
        for message in state.in_flight.keys() {
            let in_turn = self.is_in_turn(state, message);
            if in_turn && (matches!(message, NetworkMessage::Command { .. }) || !state.down) {
                moves.push(DeliveryCommand::Deliver(message.clone()));
                if self.can_hit(state, Fault::Duplicate, message) {
                    moves.push(DeliveryCommand::DeliverAndKeep(message.clone()));
                }
            }
            if self.can_hit(state, Fault::Loss, message) {
                moves.push(DeliveryCommand::Lose(message.clone()));
            }
            if let NetworkMessage::Event(event) = message
                && in_turn
                && !state.down
                && self.can_hit(state, Fault::Crash, message)
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
            moves.extend(self.spans.iter().copied().map(DeliveryCommand::WaitFor));
        }
        moves
    }

    fn can_hit(&self, state: &NetworkOf<D, P>, fault: Fault, message: &MessageOf<D>) -> bool {
        state.left.of(fault) > 0 && self.faults.hits(fault, message)
    }

    /// What the process manager owes in this state, due or not.
    pub fn owed(&self, state: &NetworkOf<D, P>) -> Vec<Owed<D::Command>> {
        self.process.pending(&state.process)
    }

    /// What is owed and due, by key.
    fn due(&self, state: &NetworkOf<D, P>) -> BTreeMap<String, D::Command> {
        let pending = self.process.pending(&state.process).into_iter();
        pending.filter(|owed| owed.due.is_due(state.now)).map(|owed| (owed.key, owed.command)).collect()
    }

    /// The next moment at which an item becomes due, or ends.
    fn next_deadline(&self, state: &NetworkOf<D, P>) -> Option<Timestamp> {
        let pending = self.process.pending(&state.process);
        let deadlines = pending.iter().flat_map(|owed| [owed.due.from(), owed.due.end()]).flatten();
        deadlines.filter(|at| state.now.is_none_or(|now| *at > now)).min()
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
            unread: Vector::new(),
            down: false,
            now: self.start,
            left: self.faults.budgets,
        }
    }

    fn evolve(&self, mut state: Self::State, event: &Self::Event) -> Self::State {
        match event {
            DeliveryEvent::Happened(event) => {
                state.decider = self.decider.evolve(state.decider, event);
                add_copy(&mut state.in_flight, NetworkMessage::Event(event.clone()));
                if self.in_order {
                    state.unread.push_back(event.clone());
                }
                state
            }
            DeliveryEvent::Delivered(message) => {
                remove_copy(&mut state.in_flight, message);
                match message {
                    NetworkMessage::Event(event) => {
                        remove_first(&mut state.unread, event);
                        self.react(state, event, true)
                    }
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
                match message {
                    NetworkMessage::Event(event) if self.redelivers => {
                        add_copy(&mut state.missed, event.clone());
                    }
                    NetworkMessage::Event(event) => remove_first(&mut state.unread, event),
                    NetworkMessage::Command { .. } => {}
                }
                state
            }
            DeliveryEvent::Crashed(event) => {
                state.left.crashes = state.left.crashes.saturating_sub(1);
                state.down = true;
                remove_copy(&mut state.in_flight, &NetworkMessage::Event(event.clone()));
                remove_first(&mut state.unread, event);
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
        use DeliveryRejection::{
            BudgetSpent, NoDeadline, NoSuchMessage, NoTime, OutOfTurn, Refused, Spared, UpOrDown,
        };
        let unless = |refused: bool, rejection| if refused { Err(rejection) } else { Ok(()) };
        let in_flight =
            |message: &MessageOf<D>| unless(!state.in_flight.contains_key(message), NoSuchMessage);
        let listening = |message: &MessageOf<D>| {
            unless(state.down && matches!(message, NetworkMessage::Event(_)), UpOrDown)?;
            unless(!self.is_in_turn(state, message), OutOfTurn)
        };
        let hit = |fault, message: &MessageOf<D>| {
            unless(state.left.of(fault) == 0, BudgetSpent)?;
            unless(!self.faults.hits(fault, message), Spared)
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
                hit(Fault::Duplicate, message)?;
                Ok(self.arrive(message, state, true))
            }
            DeliveryCommand::Lose(message) => {
                in_flight(message)?;
                hit(Fault::Loss, message)?;
                Ok(vec![DeliveryEvent::Lost(message.clone())])
            }
            DeliveryCommand::DeliverAndCrash(event) => {
                let message = NetworkMessage::Event(event.clone());
                in_flight(&message)?;
                listening(&message)?;
                hit(Fault::Crash, &message)?;
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
            DeliveryCommand::WaitFor(span) => {
                unless(!span.is_positive(), NoTime)?;
                let from = state.now.or_else(|| self.next_deadline(state)).ok_or(NoDeadline)?;
                Ok(vec![DeliveryEvent::TimePassed(from.checked_add(*span).unwrap_or(Timestamp::MAX))])
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
