//! The result of a comparison: the kinds of differences, each with its shortest story.

use super::pair::{Kind, SideOutcome};
use crate::check::graph::NamedOutcome;
use crate::check::story::Story;
use crate::decider::Decider;
use crate::fold::Fold;
use crate::message::Message;
use crate::spec::{Scenario, Specification, Specified};
use serde::{Deserialize, Serialize};

/// The [`ModelComparison`] of a decider's own messages.
pub type ModelComparisonOf<D> =
    ModelComparison<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// The [`ModelDifference`] of a decider's own messages.
pub(super) type DifferenceOf<D> =
    ModelDifference<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// The result of [`compare`](super::compare): how far it got, and every kind of difference between the two models.
///
/// `Display` prints a page of at most 80 columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelComparison<C, E, R> {
    /// How far it got.
    pub extent: ComparedExtent,
    /// The differences by kind, those with the shortest stories first. None of them is [allowed](Self::allowed).
    pub differences: Vec<ModelDifference<C, E, R>>,
    /// The kinds of differences that [`may_refuse_more`](super::Compare::may_refuse_more) and
    /// [`may_refuse_less`](super::Compare::may_refuse_less) allow.
    pub allowed: Vec<ModelDifference<C, E, R>>,
    /// How many pairs of states were found: the states of both models after the same history.
    pub states: usize,
    /// How many commands both accepted alike.
    pub accepted: u64,
    /// How many commands both refused alike.
    pub refused: u64,
    /// How many commands at least one side had no answer to; see [`unknown`](super::Compare::unknown). They count neither as
    /// alike nor as different.
    pub unknown: u64,
    /// On how many commands both sides panicked. The comparison does not go on after them.
    pub both_panicked: u64,
    /// The length of the shortest history to the pair of states that is furthest away.
    pub deepest: usize,
}

/// How far a comparison got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
pub enum ComparedExtent {
    /// Everything that both models can reach together with the commands of the alphabet.
    Whole,
    /// Some of it was not visited.
    Bounded {
        /// Every history of up to this many commands was followed.
        depth: usize,
        /// What bounded it, a sentence each.
        why: Vec<String>,
    },
    /// One of the models cannot be explored, and nothing in the report is reliable: the reason.
    Unfit(String),
}

/// One kind of difference between two models: all steps of the same command and the same two outcomes, by their names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelDifference<C, E, R> {
    /// The name of the command.
    pub command: String,
    /// What the old model answers, by name.
    pub old: NamedOutcome,
    /// What the new model answers, by name.
    pub new: NamedOutcome,
    /// Where both names are the same: the message whose content differs, with the first field that does
    /// (`AccountOpened.owner`).
    pub field: Option<String>,
    /// How many steps of this kind there are; over recorded histories, in how many of them it is the first difference.
    pub times: u64,
    /// The events before the story.
    pub given: Vec<E>,
    /// The shortest story to a difference of this kind. Both models answer all its commands alike, except for the last one.
    pub commands: Vec<C>,
    /// Whether every shorter story over the alphabet was tried.
    pub proved_shortest: bool,
    /// What the old model answers at the end of the story.
    pub old_answer: ComparedAnswer<E, R>,
    /// What the new model answers there.
    pub new_answer: ComparedAnswer<E, R>,
    /// The recorded history that the story is from; `None` where it was explored.
    pub history: Option<String>,
}

/// What one of two models answers to a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
pub enum ComparedAnswer<E, R> {
    /// These events happened; there may be none.
    Events(Vec<E>),
    /// It was refused.
    Rejection(R),
    /// The model panicked with this message.
    Panic(String),
}

impl<C, E, R> ModelComparison<C, E, R> {
    /// Whether both models are the same over this alphabet: everything was visited, nothing was unknown, and no answer differs,
    /// allowed or not.
    pub fn is_same(&self) -> bool {
        self.refines() && self.allowed.is_empty()
    }

    /// Whether everything was visited, nothing was unknown, and no answer differs except as it is allowed to.
    pub fn refines(&self) -> bool {
        self.extent == ComparedExtent::Whole && self.unknown == 0 && self.refines_as_far_as_seen()
    }

    /// Whether nothing that was visited and known differs, except as it is allowed to. False if no command was compared.
    pub fn refines_as_far_as_seen(&self) -> bool {
        !matches!(self.extent, ComparedExtent::Unfit(_)) && self.differences.is_empty() && self.compared() > 0
    }

    /// How many commands were answered by both.
    pub(super) fn compared(&self) -> u64 {
        let apart = self.differences.iter().chain(&self.allowed).map(|difference| difference.times);
        self.accepted + self.refused + self.both_panicked + apart.sum::<u64>()
    }
}

impl<C, E, R> ModelDifference<C, E, R> {
    /// The difference of this kind at the end of a story.
    pub(super) fn of<O, N>(
        kind: &Kind,
        story: (Vec<E>, Vec<C>),
        was: SideOutcome<O>,
        is: SideOutcome<N>,
    ) -> Self
    where
        O: Decider<Command = C, Event = E, Rejection = R>,
        N: Decider<Command = C, Event = E, Rejection = R>,
    {
        ModelDifference {
            command: kind.command.clone(),
            old: kind.old.clone(),
            new: kind.new.clone(),
            field: kind.field.clone(),
            times: 1,
            given: story.0,
            commands: story.1,
            proved_shortest: false,
            old_answer: ComparedAnswer::of(was),
            new_answer: ComparedAnswer::of(is),
            history: None,
        }
    }

    /// Whether the new model refuses what the old one accepts.
    pub fn refuses_more(&self) -> bool {
        self.new.is_refused() && accepts(&self.old)
    }

    /// Whether the new model accepts what the old one refuses.
    pub fn refuses_less(&self) -> bool {
        self.old.is_refused() && accepts(&self.new)
    }

    /// The shortest story to this kind of difference, as a story of either model.
    pub fn story<D>(&self) -> Story<D>
    where
        D: Decider<Command = C, Event = E, Rejection = R>,
        C: Clone,
        E: Clone,
    {
        Story { given: self.given.clone(), commands: self.commands.clone() }
    }

    /// A scenario that `decider`, one of the two models, passes and the other does not: the shortest story, with the answer of
    /// this model.
    ///
    /// Where this model panics, it is an open question.
    #[track_caller]
    pub fn scenario<D>(&self, decider: &D) -> Scenario<D>
    where
        D: Specified<Command = C, Event = E, Rejection = R>,
        C: Clone,
        E: Clone,
    {
        self.story().scenario(decider, self.name())
    }

    /// The [scenario](Self::scenario) as Rust code; see [`Story::code`].
    pub fn code<D>(&self, decider: &D) -> String
    where
        D: Specified<Command = C, Event = E, Rejection = R>,
        C: Message + Clone,
        E: Message + Clone,
        R: Message,
    {
        self.story().code(decider, &self.name())
    }

    /// The [scenario](Self::scenario) in Gherkin, as a specification prints it.
    pub fn text<D>(&self, decider: &D) -> String
    where
        D: Specified<Command = C, Event = E, Rejection = R>,
        C: Message + Clone,
        E: Message + Clone,
        R: Message,
    {
        let specification = Specification::new().scenarios([self.scenario(decider)]);
        specification.document("the models differ").to_gherkin()
    }

    /// The kind in a line.
    pub(in crate::check) fn name(&self) -> String {
        let said = |outcome: &NamedOutcome| match outcome {
            NamedOutcome::Refused(_) => format!("refused, {outcome}"),
            _ => outcome.to_string(),
        };
        let (old, new) = (said(&self.old), said(&self.new));
        match &self.field {
            Some(field) => format!("{}: {old}, with another {field}", self.command),
            None if old == new => format!("{}: {old}, with another content", self.command),
            None => format!("{}: {old} became {new}", self.command),
        }
    }
}

fn accepts(outcome: &NamedOutcome) -> bool {
    matches!(outcome, NamedOutcome::Happened(_) | NamedOutcome::Nothing)
}

impl<E, R> ComparedAnswer<E, R> {
    fn of(outcome: Result<Result<Vec<E>, R>, String>) -> Self {
        match outcome {
            Ok(Ok(events)) => ComparedAnswer::Events(events),
            Ok(Err(rejection)) => ComparedAnswer::Rejection(rejection),
            Err(panic) => ComparedAnswer::Panic(panic),
        }
    }
}
