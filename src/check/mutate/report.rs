//! What became of the mutants, and the scenarios that are missing.

use crate::check::compare::ModelDifference;
use crate::decider::Decider;
use crate::fold::Fold;
use crate::spec::{Scenario, Specified};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The [`MutationReport`] of a decider's own messages.
pub type MutationReportOf<D> =
    MutationReport<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// The result of a mutation: what became of each mutant, and the scenarios that are missing.
///
/// `Display` prints a page of at most 80 columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MutationReport<C, E, R> {
    /// The scenarios that the mutants were held against: those that hold of the model.
    pub scenarios: Vec<String>,
    /// The properties that the mutants were held against: those that the model does not violate.
    pub properties: Vec<String>,
    /// The mutants, by the rejection or event that they are about.
    pub mutants: Vec<MutantResult>,
    /// The scenarios that are missing: each mutant that nothing notices is noticed by one of them.
    pub missing: Vec<MissingScenario<C, E, R>>,
    /// The events whose key was not changed: another key names another instance.
    pub keys_left_alone: Vec<String>,
    /// Why there are no mutants, where the model cannot be mutated.
    pub fault: Option<String>,
    /// Whether mutants were made of everything that the model can do over its alphabet. If not: why.
    pub bounded: Option<String>,
}

/// A mutant, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MutantResult {
    /// What it does otherwise. No two mutants of a report have the same name.
    pub name: String,
    /// The kind of the change.
    pub kind: MutantKind,
    /// The name of the rejection or the event that it is about; of the command, where nothing happens.
    pub about: String,
    /// What became of it.
    pub fate: MutantFate,
}

/// The kinds of mutants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
pub enum MutantKind {
    /// It accepts what the model refuses.
    Accept,
    /// It refuses what the model accepts.
    Refuse,
    /// It does not fold an event.
    Skip,
    /// It folds an event as if one of its values were another.
    Misread,
    /// An event does not happen. Only where no scenario expects exactly this event.
    Drop,
    /// An event happens twice. Only where no scenario expects exactly this event.
    Double,
    /// An event happens with another value. Only where no scenario expects exactly this event.
    Nudge,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
pub enum MutantFate {
    /// These scenarios fail, in the order of the specification.
    Noticed(Vec<String>),
    /// No scenario fails, but this property is violated.
    Violates(String),
    /// No scenario fails, but the mutant panics.
    Panicked(String),
    /// It answers everything as the model does, over the whole alphabet. Nothing is missing.
    Equal,
    /// The change made no difference to any step: there is no such event, or nothing is known that could happen.
    Stillborn,
    /// No difference was found, and not everything was seen: why.
    Unknown(String),
    /// Nothing notices it. The index of the scenario in [`MutationReport::missing`] that would.
    Unnoticed(usize),
    /// The time was up before it was tried.
    NotTried,
}

/// A scenario that the specification lacks: it holds of the model, and not of its mutants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MissingScenario<C, E, R> {
    /// A name for it.
    pub name: String,
    /// The shortest difference between the model and the first of its mutants.
    pub difference: ModelDifference<C, E, R>,
    /// The names of the mutants that nothing else notices.
    pub mutants: Vec<String>,
    /// The scenario as Rust code.
    pub code: String,
    /// The scenario in Gherkin, in the model's words.
    pub text: String,
}

/// A scenario that notices no mutant that others do not notice as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RedundantScenario {
    /// Its name.
    pub name: String,
    /// Scenarios that together notice all that it notices; none, if it notices nothing.
    pub beside: Vec<String>,
}

impl<C, E, R> MutationReport<C, E, R> {
    /// The mutants that nothing notices, though they differ from the model.
    pub fn unnoticed(&self) -> impl Iterator<Item = &MutantResult> {
        self.mutants.iter().filter(|mutant| matches!(mutant.fate, MutantFate::Unnoticed(_)))
    }

    /// The scenarios that notice no mutant alone, each with those beside which it is redundant, as far as these mutants tell. Taking
    /// one of them out leaves every noticed mutant noticed; taking out several may not. A scenario may still be worth keeping: it
    /// explains something.
    ///
    /// O(scenarios² × mutants).
    pub fn redundant(&self) -> Vec<RedundantScenario> {
        let noticed = |scenario: &str| -> BTreeSet<usize> {
            let by_it = |(_, mutant): &(usize, &MutantResult)| match &mutant.fate {
                MutantFate::Noticed(scenarios) => scenarios.iter().any(|name| name == scenario),
                _ => false,
            };
            self.mutants.iter().enumerate().filter(by_it).map(|(number, _)| number).collect()
        };
        let all: Vec<(&String, BTreeSet<usize>)> =
            self.scenarios.iter().map(|name| (name, noticed(name))).collect();
        let beside = |number: usize| -> Option<Vec<String>> {
            let (mut left, mut beside) = (all[number].1.clone(), Vec::new());
            while !left.is_empty() {
                let others =
                    all.iter().enumerate().filter(|(other, _)| *other != number).map(|(_, other)| other);
                // The first of those that notice most.
                let best = others.rev().max_by_key(|(_, noticed)| noticed.intersection(&left).count())?;
                if best.1.is_disjoint(&left) {
                    return None;
                }
                left.retain(|mutant| !best.1.contains(mutant));
                beside.push(best.0.clone());
            }
            Some(beside)
        };
        let redundant =
            |number: usize| Some(RedundantScenario { name: all[number].0.clone(), beside: beside(number)? });
        (0..all.len()).filter_map(redundant).collect()
    }

    /// The number of mutants with this fate.
    pub(crate) fn count(&self, is: impl Fn(&MutantFate) -> bool) -> usize {
        self.mutants.iter().filter(|mutant| is(&mutant.fate)).count()
    }
}

impl<C, E, R> MissingScenario<C, E, R> {
    /// The scenario: the shortest story to the difference, with the answer of the model.
    #[track_caller]
    pub fn scenario<D>(&self, decider: &D) -> Scenario<D>
    where
        D: Specified<Command = C, Event = E, Rejection = R>,
        C: Clone,
        E: Clone,
    {
        self.difference.story().scenario(decider, self.name.as_str())
    }
}
