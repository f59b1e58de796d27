//! A decider with one rule changed.

use super::Mutable;
use super::seen::{Answers, Cell, Seen};
use super::values::{Path, nudged};
use crate::check::graph::{NamedOutcome, named};
use crate::decider::{Decider, Outcome};
use crate::fold::Fold;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How the states of a decider are named.
pub(crate) type LabelOf<I> = Arc<dyn Fn(&<I as Fold>::State) -> String + Send + Sync>;

/// One changed rule.
pub(super) enum Change<I: Decider> {
    /// Accepts what is refused.
    Accept { command: String, rejection: String, answers: Arc<Answers<I::Event>> },
    /// Refuses what is accepted; where no rejection is known, nothing happens.
    Refuse { cell: Cell, rejection: Option<I::Rejection> },
    /// Does not fold an event.
    Skip { event: String },
    /// Leaves an event out.
    Drop { event: String },
    /// Lets an event happen twice.
    Double { event: String },
    /// Changes a value of an event: only where it is folded (`misreads`), or where it is decided.
    Nudge { event: String, path: Path, values: Arc<BTreeMap<String, Value>>, misreads: bool },
}

/// What a mutant does.
pub(super) enum Rule<I: Decider> {
    /// Nothing else, and it remembers what it sees.
    Observe(Mutex<Seen<I>>),
    Change(Change<I>),
}

/// What all parts of one mutant share.
pub(super) struct Shared<I: Decider> {
    pub(super) rule: Rule<I>,
    pub(super) label: LabelOf<I>,
    /// Whether the changed rule has made a difference to an answer or to what was folded.
    pub(super) has_changed: AtomicBool,
}

/// A decider with one rule changed. Made by [`Mutating::of`](super::Mutating::of).
pub struct Mutant<I: Decider> {
    decider: I,
    shared: Arc<Shared<I>>,
}

debug_by_name!([I: Decider] Mutant<I>, "Mutant");

impl<I: Decider + Clone> Clone for Mutant<I> {
    fn clone(&self) -> Self {
        Mutant { decider: self.decider.clone(), shared: self.shared.clone() }
    }
}

impl<I: Decider> Mutant<I> {
    pub(super) fn new(decider: I, shared: Arc<Shared<I>>) -> Self {
        Mutant { decider, shared }
    }

    fn changed<T>(&self, to: T) -> T {
        self.shared.has_changed.store(true, Ordering::Relaxed);
        to
    }
}

impl<I: Mutable> Fold for Mutant<I> {
    type State = I::State;
    type Event = I::Event;

    fn initial_state(&self) -> I::State {
        self.decider.initial_state()
    }

    fn evolve(&self, state: I::State, event: &I::Event) -> I::State {
        match &self.shared.rule {
            Rule::Observe(seen) => seen.lock().unwrap_or_else(PoisonError::into_inner).folded(event),
            Rule::Change(Change::Skip { event: name }) if *name == named(event) => {
                return self.changed(state);
            }
            Rule::Change(Change::Nudge { event: name, path, values, misreads: true })
                if *name == named(event) =>
            {
                if let Some(other) = nudged(event, path, values) {
                    return self.changed(self.decider.evolve(state, &other));
                }
            }
            Rule::Change(_) => (),
        }
        self.decider.evolve(state, event)
    }
}

impl<I: Mutable> Decider for Mutant<I> {
    type Command = I::Command;
    type Rejection = I::Rejection;

    fn decide(&self, command: &I::Command, state: &I::State) -> Outcome<I> {
        let outcome = self.decider.decide(command, state);
        let change = match &self.shared.rule {
            Rule::Change(change) => change,
            Rule::Observe(seen) => {
                let class = (self.shared.label)(state);
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.decided(&self.decider, class, command, &outcome);
                return outcome;
            }
        };
        match change {
            Change::Accept { command: name, rejection, answers } => {
                let is_it =
                    NamedOutcome::of(&self.decider, &outcome) == NamedOutcome::Refused(rejection.clone());
                if is_it
                    && *name == named(command)
                    && let Some(events) = answers.to(name, command)
                {
                    return self.changed(Ok(events));
                }
                outcome
            }
            Change::Refuse { cell, rejection } => {
                let is_it = cell.command == named(command)
                    && NamedOutcome::of(&self.decider, &outcome) == cell.outcome
                    && (self.shared.label)(state) == cell.class;
                match rejection {
                    _ if !is_it => outcome,
                    Some(rejection) => self.changed(Err(rejection.clone())),
                    None if outcome.as_ref().is_ok_and(Vec::is_empty) => outcome,
                    None => self.changed(Ok(Vec::new())),
                }
            }
            Change::Drop { event } => self.each(outcome, event, |_| Some(Vec::new())),
            Change::Double { event } => {
                self.each(outcome, event, |event| Some(vec![event.clone(), event.clone()]))
            }
            Change::Nudge { event, path, values, misreads: false } => {
                self.each(outcome, event, |event| Some(vec![nudged(event, path, values)?]))
            }
            Change::Nudge { .. } | Change::Skip { .. } => outcome,
        }
    }

    fn is_terminal(&self, state: &I::State) -> bool {
        self.decider.is_terminal(state)
    }

    fn is_refusal(&self, event: &I::Event) -> bool {
        self.decider.is_refusal(event)
    }

    fn remarks(&self, command: &I::Command, state: &I::State) -> Vec<String> {
        self.decider.remarks(command, state)
    }
}

impl<I: Mutable> Mutant<I> {
    /// An outcome with others in the place of the events of this name.
    fn each(
        &self,
        outcome: Outcome<I>,
        name: &str,
        instead: impl Fn(&I::Event) -> Option<Vec<I::Event>>,
    ) -> Outcome<I> {
        let mut events = Vec::new();
        for event in outcome? {
            match (named(&event) == name).then(|| instead(&event)).flatten() {
                Some(others) => events.extend(self.changed(others)),
                None => events.push(event),
            }
        }
        Ok(events)
    }
}
