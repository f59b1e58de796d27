//! The result of replaying histories: counts, and refusals grouped by reason.

use crate::decider::Decider;
use crate::fold::Fold;
use crate::recorded::Timestamp;
use serde::{Deserialize, Serialize};

/// The reason of a [`Group`] whose command was accepted with other events than the recorded ones.
pub const DECIDED_OTHERWISE: &str = "decided otherwise";

/// The reason of a [`Group`] on whose command the model panicked.
pub const PANICKED: &str = "the model panicked";

/// How many histories that end early are kept as [`CutHistory`].
pub(super) const MOST_CUT: usize = 10;

/// The [`Conformance`] of a decider's own messages.
pub type ConformanceOf<D> =
    Conformance<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// The result of replaying histories through a model: counts, and the refusals grouped by reason.
///
/// `Display` prints a page of at most 80 columns, each group with its shortest example as given-when-then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Conformance<C, E, R> {
    /// The title of the page: what was replayed.
    pub name: Option<String>,
    /// How many histories were replayed.
    pub histories: usize,
    /// How many of them the model accepts from their first event to their last.
    pub accepted: usize,
    /// How many events they contain.
    pub events: usize,
    /// How many commands were decided. A decision of several events counts once.
    pub decided: usize,
    /// How many events were folded without a decision, because no command belongs to them.
    pub unasked: usize,
    /// The refusals by reason and command, starting with the one that most histories meet first.
    pub groups: Vec<Group<C, E, R>>,
    /// The steps that the log does not show and that the model says were taken, by command; see
    /// [`Conform::hidden`](super::Conform::hidden).
    #[serde(default)]
    pub hidden: Vec<HiddenSteps>,
    /// Before how many refused events not all hidden steps were tried, because there are too many.
    #[serde(default)]
    pub hidden_cut: usize,
    /// How many histories could not be replayed to their end and were not refused before.
    #[serde(default)]
    pub cut: usize,
    /// The first ten histories that could not be replayed to their end: an event cannot be read, or the model panicked over it.
    #[serde(default)]
    pub cut_histories: Vec<CutHistory>,
}

/// How often a command was taken as a hidden step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HiddenSteps {
    /// The name of the command.
    pub command: String,
    /// How often.
    pub times: usize,
    /// In how many histories.
    pub histories: usize,
}

/// A history that was replayed up to an event that cannot be read or folded. What comes after it was not looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CutHistory {
    /// The id of the history.
    pub history: String,
    /// How many of its events were read and folded.
    pub events: usize,
    /// What is wrong with the next one: a sentence.
    pub why: String,
}

impl<C, E, R> Conformance<C, E, R> {
    /// The same report with a title.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How many histories contain an event that the model refuses.
    pub fn refused(&self) -> usize {
        self.histories - self.accepted - self.cut
    }

    /// Whether every history was replayed to its end, and the model accepts it.
    pub fn holds(&self) -> bool {
        self.accepted == self.histories
    }

    /// The share of accepted histories, from 0 to 1; `None` when there was no history.
    pub fn share(&self) -> Option<f64> {
        (self.histories > 0).then(|| self.accepted as f64 / self.histories as f64)
    }
}

/// Refusals of one command for one reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Group<C, E, R> {
    /// The name of the rejection, or [`DECIDED_OTHERWISE`]. A rejection whose type hides its name is named by `Debug`.
    pub reason: String,
    /// The name of the command.
    pub command: String,
    /// How many histories have their first refusal here. The sum over all groups is [`Conformance::refused`].
    pub histories: usize,
    /// How many histories contain such a refusal, also after an earlier one.
    pub histories_in_all: usize,
    /// How many events were refused for this reason.
    pub refusals: usize,
    /// The shortest example; one without an earlier refusal, if there is any.
    pub example: Example<C, E, R>,
}

/// One refusal with everything that led to it, as given-when-then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Example<C, E, R> {
    /// The id of the history.
    pub history: String,
    /// All events before the refused one, hidden ones among them.
    pub given: Vec<E>,
    /// The indices in `given` of events that the log does not show; see [`Conform::hidden`](super::Conform::hidden).
    #[serde(default)]
    pub hidden: Vec<usize>,
    /// How many events in `given` had already been refused.
    pub earlier_refusals: usize,
    /// The command that would have caused the event.
    pub when: C,
    /// What the model answered.
    pub refusal: Refusal<E, R>,
    /// What was recorded instead: as many events as the decision had, and at least one.
    pub recorded: Vec<E>,
    /// When the refused event happened, if the log says so.
    #[serde(default)]
    pub at: Option<Timestamp>,
}

/// How a model disagrees with a recorded event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal<E, R> {
    /// Its rules forbid the command.
    Rejected(R),
    /// It allows the command, but these other events would have happened; there may be none.
    DecidedOtherwise(Vec<E>),
    /// It panicked with this message.
    Panicked(String),
}
