//! A law in one run, and what it looks at. What it remembers and counts begins with the run, so that runs on several
//! threads do not meet.

use crate::decider::{Decider, Outcome};
use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

/// A history that was lived: its commands, the answer to each, and every state on the way.
#[non_exhaustive]
pub struct LivedHistory<'a, D: Decider> {
    /// What had happened before.
    pub given: &'a [D::Event],
    /// The commands, refused ones among them.
    pub commands: &'a [D::Command],
    /// The answer to each command.
    pub outcomes: Vec<Outcome<D>>,
    /// The state before each command, and the last one.
    pub states: Vec<D::State>,
}

impl<D> fmt::Debug for LivedHistory<'_, D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug, Rejection: fmt::Debug, State: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LivedHistory")
            .field("given", &self.given)
            .field("commands", &self.commands)
            .field("outcomes", &self.outcomes)
            .field("states", &self.states)
            .finish()
    }
}

impl<D: Decider> LivedHistory<'_, D> {
    /// All events, in order.
    pub fn events(&self) -> impl Iterator<Item = &D::Event> {
        self.given.iter().chain(self.outcomes.iter().flatten().flatten())
    }
}

impl<'a, D: Decider<State: Clone>> LivedHistory<'a, D> {
    /// Lives a history: each command is decided on the state that the earlier ones left.
    pub fn new(decider: &D, given: &'a [D::Event], commands: &'a [D::Command]) -> Self {
        let mut states = vec![decider.fold(given)];
        let mut outcomes = Vec::with_capacity(commands.len());
        for command in commands {
            let before = &states[states.len() - 1];
            let outcome = decider.decide(command, before);
            let after = match &outcome {
                Ok(events) => decider.fold_from(before.clone(), events),
                Err(_) => before.clone(),
            };
            outcomes.push(outcome);
            states.push(after);
        }
        LivedHistory { given, commands, outcomes, states }
    }
}

/// One command in one state that can be reached, and the commands that could have been given beside it.
pub struct LawCase<'a, D: Decider> {
    /// The decider.
    pub decider: &'a D,
    /// The state in which the command is given.
    pub before: &'a D::State,
    /// The command.
    pub command: &'a D::Command,
    /// The answer to it.
    pub outcome: &'a Outcome<D>,
    /// The state afterwards.
    pub after: &'a D::State,
    /// Other commands: the alphabet in this state where there is one, otherwise those of the walk.
    pub others: &'a [D::Command],
    /// Whether this law has just looked at another command in this very state.
    pub(super) same_state: bool,
}

impl<D> fmt::Debug for LawCase<'_, D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug, Rejection: fmt::Debug, State: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LawCase")
            .field("before", &self.before)
            .field("command", &self.command)
            .field("outcome", &self.outcome)
            .field("after", &self.after)
            .field("others", &self.others)
            .finish_non_exhaustive()
    }
}

/// A law in one run.
pub(super) struct LawInRun<D: Decider> {
    pub(super) name: String,
    pub(super) look: Look<D>,
    /// How often a case came up to which the law applies. `None` if it applies to every case.
    pub(super) came_up: Option<Rc<Cell<usize>>>,
}

/// What a law looks at, and its function that says what is wrong.
pub(super) enum Look<D: Decider> {
    AtHistory(LookAtHistory<D>),
    AtCase(LookAtCase<D>),
}

pub(super) type LookAtHistory<D> = Box<dyn Fn(&D, &LivedHistory<'_, D>) -> Result<(), String>>;
pub(super) type LookAtCase<D> = Box<dyn Fn(&LawCase<'_, D>) -> Result<(), String>>;
