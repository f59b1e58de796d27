//! The gaps between a specification and real histories, as a value.

use crate::check::conform::{Conformance, Example};
use crate::check::graph::NamedOutcome;
use crate::check::story::Story;
use crate::decider::Decider;
use crate::fold::Fold;
use crate::message::Message;
use crate::recorded::Timestamp;
use crate::spec::{Scenario, Specified};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The [`Gaps`] of a decider's own messages.
pub type GapsOf<D> = Gaps<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// The result of [`gaps`](super::gaps()): three lists of kinds of steps.
///
/// `Display` prints a page of at most 80 columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Gaps<C, E, R> {
    /// The title of the page.
    pub name: Option<String>,
    /// All classes of states that were met, in the histories or in the scenarios.
    pub classes: Vec<String>,
    /// How many kinds of accepted steps were lived.
    pub lived: usize,
    /// How many kinds of steps that leave events are in scenarios.
    pub specified: usize,
    /// How many other kinds are in scenarios: refusals, and commands on which nothing happens. A log cannot show them.
    pub specified_without_events: usize,
    /// Lived, but not specified: no scenario has such a step. Those that most histories meet first.
    pub unspecified: Vec<LivedKind<LivedStep<C, E>>>,
    /// Specified, but never lived.
    pub never_lived: Vec<SpecifiedKind>,
    /// Lived, but forbidden: the model refuses the step, or decides otherwise. The outcome is the model's.
    pub forbidden: Vec<LivedKind<Example<C, E, R>>>,
    /// The report of the replay, as [`conform`](crate::check::conform()) gives it.
    pub conformance: Conformance<C, E, R>,
}

/// A kind of steps that were lived, with its shortest example.
///
/// `Display` prints the kind on a line: `open: Close: Closed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LivedKind<X> {
    /// The class of the state before.
    pub state: String,
    /// The name of the command.
    pub command: String,
    /// The outcome, by name.
    pub outcome: NamedOutcome,
    /// In how many histories.
    pub histories: usize,
    /// How many steps.
    pub steps: usize,
    /// The shortest one.
    pub example: X,
}

/// A kind of steps that scenarios have.
///
/// `Display` prints the kind on a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SpecifiedKind {
    /// The class of the state before.
    pub state: String,
    /// The name of the command.
    pub command: String,
    /// The outcome, by name.
    pub outcome: NamedOutcome,
    /// The scenarios that have such a step.
    pub scenarios: Vec<String>,
}

/// A step that was lived and that the model accepts, with everything that led to it, as given-when-then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LivedStep<C, E> {
    /// The id of the history.
    pub history: String,
    /// When the step was taken, if the log says so.
    pub at: Option<Timestamp>,
    /// All events before the step, hidden ones among them.
    pub given: Vec<E>,
    /// The indices in `given` of events that the log does not show; see [`Conform::hidden`](crate::check::Conform::hidden).
    pub hidden: Vec<usize>,
    /// The command that would have caused the events.
    pub when: C,
    /// The events.
    pub then: Vec<E>,
}

impl<C, E, R> Gaps<C, E, R> {
    /// The same report with a title.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.conformance = self.conformance.named(name.clone());
        self.name = Some(name);
        self
    }

    /// A sentence if all states are of one class: then the lists say little, because the class decides what is one kind.
    pub fn warning(&self) -> Option<String> {
        match &self.classes[..] {
            [class] => Some(format!(
                "all states are of one class, {class:?}, so that a step in one state counts as the same step in any other: \
                 group states by a label of your own"
            )),
            _ => None,
        }
    }

    /// A scenario for each kind that is lived and not specified: its shortest example, with the outcome that the model gives
    /// today.
    #[track_caller]
    pub fn scenarios<D>(&self, decider: &D) -> Vec<Scenario<D>>
    where
        D: Specified<Command = C, Event = E, Rejection = R>,
        C: Clone,
        E: Clone,
    {
        let mut scenarios = Vec::new();
        for kind in &self.unspecified {
            scenarios.push(kind.example.story().scenario(decider, kind.to_string()));
        }
        scenarios
    }

    /// The [scenarios](Self::scenarios) as Rust code; see [`Story::code`].
    pub fn code<D>(&self, decider: &D) -> String
    where
        D: Specified<Command = C, Event = E, Rejection = R>,
        C: Message + Clone,
        E: Message + Clone,
        R: Message,
    {
        let code = |kind: &LivedKind<LivedStep<C, E>>| kind.example.story().code(decider, &kind.to_string());
        self.unspecified.iter().map(code).collect()
    }
}

impl<C: Clone, E: Clone> LivedStep<C, E> {
    fn story<D: Decider<Command = C, Event = E>>(&self) -> Story<D> {
        Story { given: self.given.clone(), commands: vec![self.when.clone()] }
    }
}

impl<X> fmt::Display for LivedKind<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        kind(f, &self.state, &self.command, &self.outcome)
    }
}

impl fmt::Display for SpecifiedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        kind(f, &self.state, &self.command, &self.outcome)
    }
}

fn kind(f: &mut fmt::Formatter<'_>, state: &str, command: &str, outcome: &NamedOutcome) -> fmt::Result {
    let refused = if outcome.is_refused() { "refused, " } else { "" };
    write!(f, "{state}: {command}: {refused}{outcome}")
}
