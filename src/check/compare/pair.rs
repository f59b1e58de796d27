//! Two models side by side as one decider: it accepts what both answer alike, and refuses with the kind of the difference.

use super::field::differing_field;
use crate::check::graph::{NamedOutcome, named};
use crate::decider::{Decider, Outcome};
use crate::fold::Fold;
use crate::message::Message;
use crate::spec::panics::caught;
use serde::Serialize;
use std::fmt::Debug;
use std::sync::Arc;

/// Whether a rejection means that this side does not know the answer.
pub(super) type IsUnknown<'a, R> = &'a (dyn Fn(&R) -> bool + Sync);

/// What one side answers, or the message of its panic.
pub(super) type SideOutcome<D> = Result<Outcome<D>, String>;

/// A kind of difference. What is the same in all of these counts as one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) command: String,
    pub(super) old: NamedOutcome,
    pub(super) new: NamedOutcome,
    pub(super) field: Option<String>,
}

/// How the two answers to a command compare.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Alike,
    BothPanic,
    /// At least one side does not know the answer.
    Unknown,
    Apart(Arc<Kind>),
}

/// Two models of the same messages. Neither goes on after a difference.
pub(super) struct Pair<'a, O: Decider, N> {
    pub(super) old: &'a O,
    pub(super) new: &'a N,
    pub(super) is_unknown: Option<IsUnknown<'a, O::Rejection>>,
    /// Whether the panics of each side are caught by themselves, also those of `evolve`. Only after something has panicked,
    /// because every event is then folded twice.
    pub(super) watchful: bool,
}

impl<O, N> Fold for Pair<'_, O, N>
where
    O: Decider,
    N: Decider<Event = O::Event>,
{
    type State = (O::State, N::State);
    type Event = O::Event;

    fn initial_state(&self) -> Self::State {
        (self.old.initial_state(), self.new.initial_state())
    }

    fn evolve(&self, (old, new): Self::State, event: &O::Event) -> Self::State {
        (self.old.evolve(old, event), self.new.evolve(new, event))
    }
}

impl<O, N> Decider for Pair<'_, O, N>
where
    O: Decider<
            State: Clone,
            Command: Message + Debug,
            Event: Message + Serialize + Debug + PartialEq,
            Rejection: Message + Serialize + Debug + PartialEq,
        >,
    N: Decider<State: Clone, Command = O::Command, Event = O::Event, Rejection = O::Rejection>,
{
    type Command = O::Command;
    type Rejection = Verdict;

    fn decide(
        &self,
        command: &O::Command,
        (old, new): &(O::State, N::State),
    ) -> Result<Vec<O::Event>, Verdict> {
        if !self.watchful {
            match (self.old.decide(command, old), self.new.decide(command, new)) {
                (Ok(was), Ok(is)) if was == is => return Ok(was),
                (Err(was), Err(is)) if was == is => {
                    return Err(self.verdict(command, &Ok(Err(was)), &Ok(Err(is))));
                }
                // A side may not be able to fold its own answer, and that is then the difference.
                _ => (),
            }
        }
        match (watched(self.old, old, command), watched(self.new, new, command)) {
            (Ok(Ok(was)), Ok(Ok(is))) if was == is => Ok(was),
            (was, is) => Err(self.verdict(command, &was, &is)),
        }
    }

    fn is_refusal(&self, event: &O::Event) -> bool {
        self.old.is_refusal(event)
    }
}

impl<O, N> Pair<'_, O, N>
where
    O: Decider<
            Command: Message + Debug,
            Event: Message + Serialize + Debug + PartialEq,
            Rejection: Message + Serialize + Debug + PartialEq,
        >,
    N: Decider<Command = O::Command, Event = O::Event, Rejection = O::Rejection>,
{
    /// How two answers to a command compare.
    pub(super) fn verdict(&self, command: &O::Command, was: &SideOutcome<O>, is: &SideOutcome<N>) -> Verdict {
        let unknown = |outcome: &Result<Result<_, O::Rejection>, String>| match (outcome, self.is_unknown) {
            (Ok(Err(rejection)), Some(is_unknown)) => is_unknown(rejection),
            _ => false,
        };
        if unknown(was) || unknown(is) {
            return Verdict::Unknown;
        }
        match (was, is) {
            (Err(_), Err(_)) => Verdict::BothPanic,
            (Ok(was), Ok(is)) if was == is => Verdict::Alike,
            _ => {
                let (old, new) = (named_outcome(self.old, was), named_outcome(self.new, is));
                let field = if old == new { differing_field(was, is) } else { None };
                Verdict::Apart(Arc::new(Kind { command: named(command), old, new, field }))
            }
        }
    }
}

/// What one side answers, and whether it can fold its own answer.
pub(super) fn watched<D>(decider: &D, state: &D::State, command: &D::Command) -> SideOutcome<D>
where
    D: Decider<State: Clone>,
{
    caught(|| {
        let outcome = decider.decide(command, state);
        if let Ok(events) = &outcome {
            drop(decider.fold_from(state.clone(), events));
        }
        outcome
    })
}

fn named_outcome<D>(decider: &D, outcome: &SideOutcome<D>) -> NamedOutcome
where
    D: Decider<Event: Message + Debug, Rejection: Message + Debug>,
{
    outcome.as_ref().map_or(NamedOutcome::Panicked, |outcome| NamedOutcome::of(decider, outcome))
}
