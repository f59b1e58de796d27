//! A history that a check has found: the commands that lead to it.

use crate::decider::Decider;
use std::fmt;

/// A history found by a check, told by its commands.
///
/// Commands that the model refuses on the way may be part of it: then the refusal is what it is about.
pub struct Story<D: Decider> {
    /// What had happened before the check began; empty when it began at the initial state.
    pub given: Vec<D::Event>,
    /// The commands, in order.
    pub commands: Vec<D::Command>,
}

impl<D: Decider<Command: Clone, Event: Clone>> Clone for Story<D> {
    fn clone(&self) -> Self {
        Story { given: self.given.clone(), commands: self.commands.clone() }
    }
}

impl<D: Decider<Command: fmt::Debug, Event: fmt::Debug>> fmt::Debug for Story<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Story").field("given", &self.given).field("commands", &self.commands).finish()
    }
}

impl<D: Decider<Command: PartialEq, Event: PartialEq>> PartialEq for Story<D> {
    fn eq(&self, other: &Self) -> bool {
        self.given == other.given && self.commands == other.commands
    }
}

impl<D: Decider> Story<D> {
    /// The story of these commands from the initial state.
    pub fn of(commands: impl IntoIterator<Item = D::Command>) -> Self {
        Story { given: Vec::new(), commands: commands.into_iter().collect() }
    }

    /// How many commands it has.
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether it has no command: what it is about holds, or fails, from the start.
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// The state it leads to; refused commands change nothing.
    pub fn state(&self, decider: &D) -> D::State {
        let mut state = decider.fold(&self.given);
        for command in &self.commands {
            if let Ok(events) = decider.decide(command, &state) {
                state = decider.fold_from(state, &events);
            }
        }
        state
    }
}
