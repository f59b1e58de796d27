//! The loop closed at once: a decider together with its process manager is a decider.
//!
//! After each event, the reactions that become due are decided on the state after all earlier commands. So two
//! reactions of one event never both spend the same money: the second is decided after the first.

use super::ProcessManager;
use crate::decider::Decider;
use crate::fold::{ClonedState, Fold};
use crate::page::debugged;
use crate::process::Owed;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};
use std::fmt::{self, Debug, Display};

/// How many reactions one command may set off by default; [`bounded`](Synchronous::bounded) sets another number.
pub const BOUND: usize = 1_000;

/// Joins deciders with their process managers.
pub trait WithProcess: Decider {
    /// This decider with its process manager, the loop between them closed at once.
    ///
    /// The command's events come first, then those of the reactions, in the order in which they became owed. A
    /// reaction that is refused stays on the to-do list and is reported by [`settle`](Synchronous::settle); it never refuses
    /// the command that caused it. Items with a deadline wait until an event makes them due:
    /// no time passes here.
    ///
    /// ```
    /// use leftfold::{Decider, Owed, WithProcess, decider, process_manager};
    ///
    /// #[derive(Clone, Debug, PartialEq)]
    /// enum Event { Paid, Shipped }
    /// #[derive(Clone, Debug, PartialEq)]
    /// enum Command { Pay, Ship }
    ///
    /// let order = decider(
    ///     || (),
    ///     |command: &Command, _: &()| Ok::<_, ()>(vec![match command {
    ///         Command::Pay => Event::Paid,
    ///         Command::Ship => Event::Shipped,
    ///     }]),
    ///     |_, _: &Event| (),
    /// );
    /// let shipping = process_manager(
    ///     || false,
    ///     |_, event: &Event| *event == Event::Paid,
    ///     |owed: &bool| if *owed { vec![Owed::now("ship", Command::Ship)] } else { vec![] },
    /// );
    /// let (_, events) = order.with_process(shipping).run(&[Command::Pay]).unwrap();
    /// assert_eq!(events, [Event::Paid, Event::Shipped]);
    /// ```
    fn with_process<P>(self, process: P) -> Synchronous<Self, P>
    where
        Self: Sized + Decider<State: ClonedState>,
        P: ProcessManager<Event = Self::Event, Command = Self::Command, State: ClonedState>,
    {
        Synchronous { decider: self, process, bound: BOUND }
    }
}

impl<D: Decider> WithProcess for D {}

/// A decider with its process manager; made by [`WithProcess::with_process`].
#[derive(Clone, Copy, Debug)]
pub struct Synchronous<D, P> {
    decider: D,
    process: P,
    bound: usize,
}

/// The state of a decider with its process manager.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Joined<S, T> {
    /// The decider's state.
    pub decider: S,
    /// The process manager's state.
    pub process: T,
}

/// Why a decider with its process manager refuses a command.
///
/// Its name is the name of the rejection inside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename = "leftfold::LookThrough")]
pub enum ProcessRejection<R, C> {
    /// The decider refused the command itself.
    Refused(R),
    /// The reactions did not end: each set off another.
    Unsettled {
        /// How many reactions were allowed.
        bound: usize,
        /// The one that was next.
        last: C,
    },
}

impl<R: Display, C: Debug> Display for ProcessRejection<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProcessRejection::Refused(rejection) => rejection.fmt(f),
            ProcessRejection::Unsettled { bound, last } => {
                write!(f, "{bound} reactions did not come to rest; the next was {}", debugged(last))
            }
        }
    }
}

impl<R, C> std::error::Error for ProcessRejection<R, C> where Self: Debug + Display {}

impl<R, C> From<R> for ProcessRejection<R, C> {
    fn from(rejection: R) -> Self {
        ProcessRejection::Refused(rejection)
    }
}

/// What one command set off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement<E, C, R> {
    /// The events: those of the command first.
    pub events: Vec<E>,
    /// Reactions that were refused, with the reason; they stay owed.
    pub refused: Vec<(Owed<C>, R)>,
}

/// The outcome of [`Synchronous::settle`].
pub type Settled<D> = Result<
    Settlement<<D as Fold>::Event, <D as Decider>::Command, <D as Decider>::Rejection>,
    ProcessRejection<<D as Decider>::Rejection, <D as Decider>::Command>,
>;

impl<D, P> Synchronous<D, P>
where
    D: Decider<State: Clone>,
    P: ProcessManager<Event = D::Event, Command = D::Command, State: Clone>,
{
    /// Changes how many reactions one command may set off. Default: [`BOUND`].
    #[must_use]
    pub fn bounded(self, bound: usize) -> Self {
        Synchronous { bound, ..self }
    }

    /// The items that are owed, with the reactions that were refused.
    pub fn owed(&self, state: &Joined<D::State, P::State>) -> Vec<Owed<D::Command>> {
        self.process.pending(&state.process)
    }

    /// Decides a command and all reactions, and returns which reactions were refused.
    ///
    /// The to-do list is read once for each event: O(events × length of the list).
    ///
    /// # Errors
    /// [`ProcessRejection`]; nothing has happened then.
    pub fn settle(&self, command: &D::Command, state: &Joined<D::State, P::State>) -> Settled<D> {
        let own = self.decider.decide(command, &state.decider).map_err(ProcessRejection::Refused)?;
        let mut settling = Settling {
            joined: self,
            state: state.clone(),
            due: self.due(&state.process),
            reactions: VecDeque::new(),
            events: Vec::new(),
        };
        settling.happen(own);

        let mut refused = Vec::new();
        let mut taken = 0;
        while let Some(owed) = settling.next() {
            if taken == self.bound {
                return Err(ProcessRejection::Unsettled { bound: self.bound, last: owed.command });
            }
            taken += 1;
            match self.decider.decide(&owed.command, &settling.state.decider) {
                Ok(events) => settling.happen(events),
                Err(rejection) => refused.push((owed, rejection)),
            }
        }
        Ok(Settlement { events: settling.events, refused })
    }

    fn due(&self, state: &P::State) -> BTreeSet<String> {
        self.process
            .pending(state)
            .into_iter()
            .filter(|owed| owed.due.is_due(None))
            .map(|owed| owed.key)
            .collect()
    }
}

/// A command whose reactions are being decided.
struct Settling<'a, D: Fold, P: Fold> {
    joined: &'a Synchronous<D, P>,
    state: Joined<D::State, P::State>,
    /// The keys of all items that are owed and due in `state`.
    due: BTreeSet<String>,
    /// The keys of items that became due, oldest first.
    reactions: VecDeque<String>,
    events: Vec<D::Event>,
}

impl<D, P> Settling<'_, D, P>
where
    D: Decider<State: Clone>,
    P: ProcessManager<Event = D::Event, Command = D::Command, State: Clone>,
{
    fn happen(&mut self, events: Vec<D::Event>) {
        for event in events {
            // The state cannot be moved out of `self`, so an initial one takes its place meanwhile.
            let lent = std::mem::replace(&mut self.state, self.joined.initial_state());
            self.state = self.joined.evolve(lent, &event);
            let due = self.joined.due(&self.state.process);
            for key in due.difference(&self.due) {
                if !self.reactions.contains(key) {
                    self.reactions.push_back(key.clone());
                }
            }
            self.due = due;
            self.events.push(event);
        }
    }

    /// The oldest reaction that is still owed.
    fn next(&mut self) -> Option<Owed<D::Command>> {
        while let Some(key) = self.reactions.pop_front() {
            if self.due.contains(&key) {
                let pending = self.joined.process.pending(&self.state.process);
                return pending.into_iter().find(|owed| owed.key == key);
            }
        }
        None
    }
}

impl<D, P> Fold for Synchronous<D, P>
where
    D: Fold,
    P: Fold<Event = D::Event>,
{
    type State = Joined<D::State, P::State>;
    type Event = D::Event;

    fn initial_state(&self) -> Self::State {
        Joined { decider: self.decider.initial_state(), process: self.process.initial_state() }
    }

    #[inline]
    fn evolve(&self, Joined { decider, process }: Self::State, event: &D::Event) -> Self::State {
        Joined { decider: self.decider.evolve(decider, event), process: self.process.evolve(process, event) }
    }
}

impl<D, P> Decider for Synchronous<D, P>
where
    D: Decider<State: Clone, Command: Debug, Rejection: Debug>,
    P: ProcessManager<Event = D::Event, Command = D::Command, State: Clone>,
{
    type Command = D::Command;
    type Rejection = ProcessRejection<D::Rejection, D::Command>;

    fn decide(&self, command: &D::Command, state: &Self::State) -> Result<Vec<D::Event>, Self::Rejection> {
        Ok(self.settle(command, state)?.events)
    }

    fn is_terminal(&self, state: &Self::State) -> bool {
        self.decider.is_terminal(&state.decider) && self.process.pending(&state.process).is_empty()
    }

    fn is_refusal(&self, event: &D::Event) -> bool {
        self.decider.is_refusal(event)
    }

    /// The reactions that were refused.
    fn remarks(&self, command: &D::Command, state: &Self::State) -> Vec<String> {
        let refused = self.settle(command, state).map(|settlement| settlement.refused).unwrap_or_default();
        let refusals = refused.into_iter().map(|(owed, rejection)| {
            format!("the reaction {:?} was refused and stays owed: {rejection:?}", owed.command)
        });
        self.decider.remarks(command, &state.decider).into_iter().chain(refusals).collect()
    }
}
