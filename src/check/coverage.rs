//! Coverage of the explored space by scenarios: every command in every class of states, with each of its outcomes.

use super::explore::{Exact, Explorable, Exploration, Explore, PropertyAnswer};
use super::graph::{NamedOutcome, cell_name, covered, named};
use super::property::Step;
use super::story::Story;
use crate::decider::Decider;
use crate::message::{self, Message};
use crate::page::printable;
use crate::spec::{Scenario, Specification, Specified};
use std::collections::BTreeSet;
use std::fmt;

/// A table of the explored space, compared with a specification.
///
/// `Display` prints what the scenarios leave out.
#[non_exhaustive]
pub struct SpaceCoverage<D: Decider> {
    /// Every class of states with every command and every outcome that was explored.
    pub cells: Vec<SpaceCell<D>>,
    /// Commands that no state accepts.
    pub never_accepted: Vec<String>,
    /// Events that no command causes.
    pub events_never_seen: Vec<String>,
    /// Rejections that no command receives.
    pub rejections_never_seen: Vec<String>,
    /// [`Property::sometimes`](crate::check::Property::sometimes) properties that never held.
    pub never_applied: Vec<String>,
    /// Whether every reachable state was explored; if not, "never" means "not so far".
    pub whole: bool,
}

impl<D> fmt::Debug for SpaceCoverage<D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug, Rejection: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpaceCoverage")
            .field("cells", &self.cells)
            .field("never_accepted", &self.never_accepted)
            .field("events_never_seen", &self.events_never_seen)
            .field("rejections_never_seen", &self.rejections_never_seen)
            .field("whole", &self.whole)
            .finish()
    }
}

/// One command in one class of states, with one of its outcomes.
#[non_exhaustive]
pub struct SpaceCell<D: Decider> {
    /// The class.
    pub state: String,
    /// The name of the command.
    pub command: String,
    /// The outcome.
    pub came: NamedOutcome,
    /// How many steps were explored.
    pub times: u64,
    /// The shortest history to one; its last command is the step.
    pub story: Story<D>,
    /// The scenarios that take such a step.
    pub scenarios: Vec<String>,
}

impl<D> fmt::Debug for SpaceCell<D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug, Rejection: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpaceCell")
            .field("state", &self.state)
            .field("command", &self.command)
            .field("came", &self.came)
            .field("times", &self.times)
            .field("story", &self.story)
            .field("scenarios", &self.scenarios)
            .finish()
    }
}

impl<D, A, I> Explore<'_, D, A, Exact>
where
    D: Specified<State: Explorable, Command: Message, Event: Message, Rejection: Message> + Sync,
    A: Fn(&D::State) -> I + Sync,
    I: IntoIterator<Item = D::Command>,
{
    /// Explores, and lists what can happen in each class of states, with the scenarios about it. As `class`,
    /// [`spec::class`](crate::spec::class) takes the variant of an enum.
    pub fn coverage(
        self,
        class: impl Fn(&D::State) -> String + Sync,
        specification: &Specification<D>,
    ) -> (SpaceCoverage<D>, Exploration<D>) {
        let decider = self.decider();
        let found = self.classes(|step: &Step<'_, D>| {
            (class(step.before), named(step.command), NamedOutcome::of(decider, step.outcome))
        });
        let covered = covered(decider, specification, |before, command, outcome, _| {
            (class(before), named(command), NamedOutcome::of(decider, outcome))
        });
        let mut cells = Vec::new();
        for (key, step) in found.classes {
            let scenarios = covered.get(&key).cloned().unwrap_or_default();
            let (state, command, came) = key;
            cells.push(SpaceCell { state, command, came, times: step.times, story: step.story, scenarios });
        }
        let (mut accepted, mut events, mut refusals) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for cell in &cells {
            match &cell.came {
                NamedOutcome::Refused(name) => {
                    // A refusal may be an event.
                    refusals.insert(name.as_str());
                    events.insert(name.as_str());
                }
                NamedOutcome::Nothing => {
                    accepted.insert(cell.command.as_str());
                }
                NamedOutcome::Happened(names) => {
                    accepted.insert(cell.command.as_str());
                    events.extend(names.iter().map(String::as_str));
                }
                // A panic ends the exploration, and is no class of steps.
                NamedOutcome::Panicked => (),
            }
        }
        let never = |finding: &super::explore::PropertyFinding<D>| match finding.answer {
            PropertyAnswer::Never => Some(finding.property.clone()),
            _ => None,
        };
        let coverage = SpaceCoverage {
            never_accepted: missing::<D::Command>(&accepted),
            events_never_seen: missing::<D::Event>(&events),
            rejections_never_seen: missing::<D::Rejection>(&refusals),
            never_applied: found.exploration.findings.iter().filter_map(never).collect(),
            whole: found.exploration.is_whole(),
            cells,
        };
        (coverage, found.exploration)
    }
}

/// The names of a type that were not seen; empty where the type hides its names.
fn missing<M: Message>(seen: &BTreeSet<&str>) -> Vec<String> {
    let names = message::names::<M>().unwrap_or_default();
    names.iter().map(ToString::to_string).filter(|name| !seen.contains(name.as_str())).collect()
}

impl<D: Decider> SpaceCoverage<D> {
    /// The cells that no scenario touches.
    pub fn untouched(&self) -> impl Iterator<Item = &SpaceCell<D>> {
        self.cells.iter().filter(|cell| cell.scenarios.is_empty())
    }
}

impl<D: Specified> SpaceCoverage<D> {
    /// A regression suite: a shortest scenario for each cell that no scenario touches. It records what the model does today;
    /// read it to judge whether the model should.
    ///
    /// [`suite`](super::suite()) covers all cells, steps or pairs, of a [`Machine`](super::Machine) and without the model.
    ///
    /// ```
    /// use leftfold::check::explore;
    /// use leftfold::{Specification, decider};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] enum Command { Add(u8) }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] enum Event { Added(u8) }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] enum Rejection { Full }
    ///
    /// let jar = decider(
    ///     || 0u8,
    ///     |Command::Add(n): &Command, sum: &u8| {
    ///         if sum + n < 5 { Ok(vec![Event::Added(*n)]) } else { Err(Rejection::Full) }
    ///     },
    ///     |sum, Event::Added(n): &Event| sum + n,
    /// );
    /// let alphabet = |_: &u8| [Command::Add(1), Command::Add(2)];
    /// let (coverage, _) = explore(&jar, alphabet).coverage(|_| "a jar".to_string(), &Specification::new());
    /// assert_eq!(coverage.untouched().count(), 2);
    ///
    /// let suite = coverage.regression_suite(&jar);
    /// assert_eq!(suite[1].name(), "a jar: Add is refused, Full");
    /// let covered = Specification::new().scenarios(suite);
    /// covered.assert(&jar);
    /// let (coverage, _) = explore(&jar, alphabet).coverage(|_| "a jar".to_string(), &covered);
    /// assert_eq!(coverage.untouched().count(), 0);
    /// ```
    #[track_caller]
    pub fn regression_suite(&self, decider: &D) -> Vec<Scenario<D>> {
        let mut suite = Vec::new();
        for SpaceCell { state, command, came, story, .. } in self.untouched() {
            suite.push(story.scenario(decider, cell_name(state, command, came)));
        }
        suite
    }
}

impl<D: Decider> fmt::Display for SpaceCoverage<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let touched = self.cells.iter().filter(|cell| !cell.scenarios.is_empty()).count();
        let far = if self.whole { "" } else { ", as far as was explored" };
        writeln!(f, "scenarios touch {touched} of {} cells{far}", self.cells.len())?;
        for (words, names) in [
            ("never accepted", &self.never_accepted),
            ("event never seen", &self.events_never_seen),
            ("rejection never seen", &self.rejections_never_seen),
            ("never applied", &self.never_applied),
        ] {
            for name in names {
                writeln!(f, "{words:<20}  {}", printable(name))?;
            }
        }
        for cell in self.untouched() {
            let refused = if cell.came.is_refused() { "refused, " } else { "" };
            let what = format!("{}: {} → {refused}{}", cell.state, cell.command, cell.came);
            writeln!(f, "no scenario           {}", printable(&what))?;
        }
        Ok(())
    }
}
