//! Two deciders of unlike messages side by side.

use super::Decider;
use crate::fold::Fold;
use serde::{Deserialize, Serialize};

/// A message of one decider or of the other.
///
/// Its name is the name of the message inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename = "leftfold::LookThrough")]
pub enum Either<L, R> {
    /// The left decider's.
    Left(L),
    /// The right decider's.
    Right(R),
}

/// The bare sum of two deciders; made by [`Decider::combine`].
#[derive(Clone, Copy, Debug)]
pub struct Combine<A, B> {
    left: A,
    right: B,
}

impl<A, B> Combine<A, B> {
    pub(super) fn new(left: A, right: B) -> Self {
        Combine { left, right }
    }
}

impl<A: Fold, B: Fold> Fold for Combine<A, B> {
    type State = (A::State, B::State);
    type Event = Either<A::Event, B::Event>;

    fn initial_state(&self) -> Self::State {
        (self.left.initial_state(), self.right.initial_state())
    }

    #[inline]
    fn evolve(&self, (left, right): Self::State, event: &Self::Event) -> Self::State {
        match event {
            Either::Left(event) => (self.left.evolve(left, event), right),
            Either::Right(event) => (left, self.right.evolve(right, event)),
        }
    }
}

impl<A: Decider, B: Decider> Decider for Combine<A, B> {
    type Command = Either<A::Command, B::Command>;
    type Rejection = Either<A::Rejection, B::Rejection>;

    fn decide(
        &self,
        command: &Self::Command,
        (left, right): &Self::State,
    ) -> Result<Vec<Self::Event>, Self::Rejection> {
        match command {
            Either::Left(command) => match self.left.decide(command, left) {
                Ok(events) => Ok(events.into_iter().map(Either::Left).collect()),
                Err(rejection) => Err(Either::Left(rejection)),
            },
            Either::Right(command) => match self.right.decide(command, right) {
                Ok(events) => Ok(events.into_iter().map(Either::Right).collect()),
                Err(rejection) => Err(Either::Right(rejection)),
            },
        }
    }

    fn is_terminal(&self, (left, right): &Self::State) -> bool {
        self.left.is_terminal(left) && self.right.is_terminal(right)
    }

    fn is_refusal(&self, event: &Self::Event) -> bool {
        match event {
            Either::Left(event) => self.left.is_refusal(event),
            Either::Right(event) => self.right.is_refusal(event),
        }
    }

    fn remarks(&self, command: &Self::Command, (left, right): &Self::State) -> Vec<String> {
        match command {
            Either::Left(command) => self.left.remarks(command, left),
            Either::Right(command) => self.right.remarks(command, right),
        }
    }
}
