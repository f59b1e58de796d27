//! Two deciders of the same messages side by side.

use super::Decider;
use crate::fold::Fold;

/// Two deciders of the same messages side by side; made by [`Decider::merge`].
#[derive(Clone, Copy, Debug)]
pub struct Merge<A, B> {
    left: A,
    right: B,
}

impl<A, B> Merge<A, B> {
    pub(super) fn new(left: A, right: B) -> Self {
        Merge { left, right }
    }
}

impl<A: Fold, B: Fold<Event = A::Event>> Fold for Merge<A, B> {
    type State = (A::State, B::State);
    type Event = A::Event;

    fn initial_state(&self) -> Self::State {
        (self.left.initial_state(), self.right.initial_state())
    }

    #[inline]
    fn evolve(&self, (left, right): Self::State, event: &Self::Event) -> Self::State {
        (self.left.evolve(left, event), self.right.evolve(right, event))
    }
}

impl<A, B> Decider for Merge<A, B>
where
    A: Decider,
    B: Decider<Command = A::Command, Event = A::Event, Rejection = A::Rejection>,
{
    type Command = A::Command;
    type Rejection = A::Rejection;

    fn decide(
        &self,
        command: &Self::Command,
        (left, right): &Self::State,
    ) -> Result<Vec<Self::Event>, Self::Rejection> {
        let mut events = self.left.decide(command, left)?;
        events.append(&mut self.right.decide(command, right)?);
        Ok(events)
    }

    fn is_terminal(&self, (left, right): &Self::State) -> bool {
        self.left.is_terminal(left) && self.right.is_terminal(right)
    }

    fn is_refusal(&self, event: &Self::Event) -> bool {
        self.left.is_refusal(event) || self.right.is_refusal(event)
    }

    fn remarks(&self, command: &Self::Command, (left, right): &Self::State) -> Vec<String> {
        [self.left.remarks(command, left), self.right.remarks(command, right)].concat()
    }
}
