//! Covering suites: stories through a machine that take every kind of step, for people and for implementations in any language.
//!
//! [`suite`] reads a [`Machine`] and returns a [`Suite`], a value: [scenarios](Suite::specification) of any decider of the same
//! messages, [Rust code](Suite::code), a text, or [fixtures](Suite::to_json) that a program in another language reads.
//!
//! ```
//! use leftfold::check::{Covering, explore, suite};
//! use leftfold::decider;
//! # use serde::{Deserialize, Serialize};
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! enum Command { Lend, TakeBack }
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! enum Event { Lent, TakenBack }
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! enum Rejection { NoneLeft, NoneLent }
//!
//! // A stall with two umbrellas.
//! let stall = decider(
//!     || 0u8,
//!     |command: &Command, lent: &u8| match command {
//!         Command::Lend if *lent < 2 => Ok(vec![Event::Lent]),
//!         Command::Lend => Err(Rejection::NoneLeft),
//!         Command::TakeBack if *lent > 0 => Ok(vec![Event::TakenBack]),
//!         Command::TakeBack => Err(Rejection::NoneLent),
//!     },
//!     |lent: u8, event: &Event| if *event == Event::Lent { lent + 1 } else { lent - 1 },
//! );
//! let machine = explore(&stall, |_: &u8| [Command::Lend, Command::TakeBack])
//!     .machine_with(|lent| if *lent > 0 { "some lent" } else { "none lent" }.to_string())?
//!     .named("stall");
//! let by_label = |node| machine.label(node).unwrap_or_default().to_string();
//!
//! // For people: a shortest scenario for each kind of step.
//! let cells = suite(&machine, by_label).covering(Covering::Cells);
//! assert_eq!(cells.to_string(), "suite     covers 5 cells in 5 stories of 9 steps\n");
//! let names: Vec<&str> = cells.stories.iter().map(|story| story.name.as_str()).collect();
//! assert_eq!(names[4], "some lent: Lend is refused, NoneLeft");
//! # fn run<D>(stall: &D, cells: leftfold::check::Suite<Command, Event, Rejection>)
//! # where D: leftfold::Decider<State = u8, Command = Command, Event = Event, Rejection = Rejection> + Sync {
//! let specification = cells.specification();
//! specification.assert(stall);
//! println!("{}", specification.document("the stall").to_gherkin());
//! # }
//! # run(&stall, cells);
//!
//! // For programs: every command in every state, in few chains.
//! let steps = suite(&machine, by_label).chained().covering(Covering::Steps);
//! assert_eq!(steps.to_string(), "suite     covers 6 steps in 1 story of 8 steps\n");
//! assert!(steps.to_json()?.contains(
//!     "{\"before\":\"some lent\",\"command\":\"Lend\",\"outcome\":{\"rejection\":\"NoneLeft\"},\"after\":\"some lent\"}"
//! ));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cover;
mod file;

use super::graph::{NamedOutcome, cell_name, named};
use super::machine::{Machine, MachineAnswer, MachineNode, MachineRejection, NodeMark};
use super::scenario_code::scenario_code;
use crate::message::Message;
use crate::page::{count, lines};
use crate::spec::{Scenario, Specification, Specified};
use cover::{Cover, GraphStep};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug};

/// What a suite covers. A *cell* is a class of states with the name of a command and the names of its outcome, as
/// [`SpaceCoverage`](super::SpaceCoverage) lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Covering {
    /// Every cell.
    Cells,
    /// Every command at every node.
    Steps,
    /// Every two cells that can follow each other: the cell of a step, refused ones included, and a cell of the node after it.
    Pairs,
}

/// Sets up a suite over everything that a machine knows. `class` names the class of a node that meets commands; with a
/// [label](Machine::label) for each node, `|node| machine.label(node).unwrap_or_default().to_string()`.
///
/// The class decides what counts as the same: with one class for all states, a suite of cells does not ask whether a refused
/// command is refused where it should be. The suite has a note in that case.
///
/// A suite says what the machine answers, not whether this is right. To list only what the scenarios of a model leave out, without
/// a machine, see [`SpaceCoverage::regression_suite`](super::SpaceCoverage::regression_suite).
///
/// See the [module](self) for an example.
pub fn suite<C, E, R, K>(machine: &Machine<C, E, R>, class: K) -> SuiteSetting<'_, C, E, R, K>
where
    K: Fn(MachineNode) -> String,
{
    SuiteSetting { machine, class, chained: false, given: Vec::new() }
}

/// A suite that is being set up; made by [`suite`].
#[must_use = "a suite is empty until it is said what it covers"]
pub struct SuiteSetting<'m, C, E, R, K> {
    machine: &'m Machine<C, E, R>,
    class: K,
    chained: bool,
    given: Vec<E>,
}

debug_by_name!([C, E, R, K] SuiteSetting<'_, C, E, R, K>, "SuiteSetting");

/// Stories through a machine, with the outcome of each step; made by [`suite`].
///
/// With serde it is a file of fixtures; see [`to_json`](Self::to_json). `Display` prints what it covers, and its notes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    try_from = "file::SuiteFile<C, E, R>",
    bound(deserialize = "C: Deserialize<'de>, E: Deserialize<'de>, R: Deserialize<'de>")
)]
#[non_exhaustive]
pub struct Suite<C, E, R> {
    /// The name of the model.
    pub model: String,
    /// What it covers.
    pub covering: Covering,
    /// How many cells, steps or pairs there are; it covers them all.
    pub covered: usize,
    /// Whether the stories are chains, in which every step counts. Otherwise the last step of each counts, or the last two where
    /// pairs are covered.
    pub chained: bool,
    /// What a reader should know: that all states share one class, or that not everything was explored.
    pub notes: Vec<String>,
    /// The events before each story; empty where the machine begins at the initial state.
    pub given: Vec<E>,
    /// The stories, shortest first; chains in the order in which they were found.
    pub stories: Vec<SuiteStory<C, E, R>>,
}

/// One story of a [`Suite`], from the first state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SuiteStory<C, E, R> {
    /// What it is about. No two stories of a suite have the same name.
    pub name: String,
    /// Its steps, in order.
    pub steps: Vec<SuiteStep<C, E, R>>,
}

/// One command with its outcome, in a story of a [`Suite`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SuiteStep<C, E, R> {
    /// The class of the state before the command.
    pub before: String,
    /// The command.
    pub command: C,
    /// Its events or its rejection.
    #[serde(
        with = "file::outcome",
        bound(
            serialize = "E: Serialize, R: Serialize",
            deserialize = "E: Deserialize<'de>, R: Deserialize<'de>"
        )
    )]
    pub outcome: Result<Vec<E>, R>,
    /// The class of the state after the command.
    pub after: String,
}

type Cell = (String, String, NamedOutcome);

impl<C, E, R, K> SuiteSetting<'_, C, E, R, K> {
    /// Makes few long stories instead of a short one for each thing to cover: chains of at most 20 steps, or as many as the
    /// shortest way to a step takes. Each takes the shortest way to what is not covered yet, as long as there is room. Each chain
    /// covers something that no other does.
    ///
    /// Where steps are covered, one that leads to another state is followed by one that the state before would answer otherwise, if
    /// there is any: an implementation that forgets an event is noticed.
    pub fn chained(mut self) -> Self {
        self.chained = true;
        self
    }

    /// The events before each story, if the machine was explored [from](super::Explore::from) a history.
    pub fn from(mut self, history: impl IntoIterator<Item = E>) -> Self {
        self.given = history.into_iter().collect();
        self
    }
}

impl<C, E, R, K> SuiteSetting<'_, C, E, R, K>
where
    C: Clone + Debug + Serialize + DeserializeOwned,
    E: Clone + Debug + Serialize + DeserializeOwned,
    R: Clone + Debug + Serialize + DeserializeOwned,
    K: Fn(MachineNode) -> String,
{
    /// The suite that covers all of these. The same machine and classes give the same suite.
    ///
    /// Time: O(steps), for pairs times the cells of a node. Chains take a search through the machine each time they move on:
    /// at worst O(steps) for each chain.
    pub fn covering(self, covering: Covering) -> Suite<C, E, R> {
        let machine = self.machine;
        let meets_commands = |node: &MachineNode| machine.mark(*node) != Some(NodeMark::InBetween);
        let classes: Vec<String> = machine.nodes().filter(meets_commands).map(&self.class).collect();
        let mut cells: BTreeMap<Cell, u32> = BTreeMap::new();
        let mut answers: [HashMap<String, u32>; 2] = Default::default();
        let mut steps: Vec<(GraphStep, &C)> = Vec::new();
        for (from, node) in machine.nodes().take(classes.len()).enumerate() {
            for command in machine.commands(node) {
                let MachineAnswer::Outcome { outcome, after: MachineNode::Number(after) } =
                    machine.answer(node, command)
                else {
                    continue;
                };
                // Machines know messages by their JSON as well.
                let json = [serde_json::to_string(command), serde_json::to_string(&outcome)];
                let mut json = json.map(Result::unwrap_or_default).into_iter();
                let [command_number, outcome_number] = answers.each_mut().map(|numbers| {
                    let next = numbers.len() as u32;
                    *numbers.entry(json.next().unwrap_or_default()).or_insert(next)
                });
                let came = NamedOutcome::of(machine, &outcome.map_err(MachineRejection::Rejected));
                let next = cells.len() as u32;
                let cell = *cells.entry((classes[from].clone(), named(command), came)).or_insert(next);
                steps.push((
                    GraphStep { from, cell, answer: (command_number, outcome_number), after: after as usize },
                    command,
                ));
            }
        }
        let graph: Vec<GraphStep> = steps.iter().map(|(step, _)| *step).collect();
        let mut cover = Cover::new(classes.len(), &graph, covering);
        let found = if self.chained { cover.chains() } else { cover.stories() };
        let taken = |step: &usize| {
            let (GraphStep { from, after, .. }, command) = steps[*step];
            let outcome = match machine.answer(MachineNode::Number(from as u32), command) {
                MachineAnswer::Outcome { outcome, .. } => outcome,
                // Each step was answered above.
                MachineAnswer::NotInTable | MachineAnswer::NotFollowed => Ok(Vec::new()),
            };
            let (before, after) = (classes[from].clone(), classes[after].clone());
            SuiteStep { before, command: command.clone(), outcome, after }
        };
        let names = self.names(&found, &graph, &cells, covering);
        let stories = found.iter().zip(names);
        let stories =
            stories.map(|(story, name)| SuiteStory { name, steps: story.iter().map(taken).collect() });
        Suite {
            model: machine.name().to_string(),
            covering,
            covered: cover.covered(),
            chained: self.chained,
            notes: notes(machine, &classes, covering),
            stories: stories.collect(),
            given: self.given,
        }
    }

    /// A name for each story.
    fn names(
        &self,
        stories: &[Vec<usize>],
        steps: &[GraphStep],
        cells: &BTreeMap<Cell, u32>,
        covering: Covering,
    ) -> Vec<String> {
        if self.chained {
            return (1..=stories.len())
                .map(|number| format!("chain {number} of {}", stories.len()))
                .collect();
        }
        let by_number: HashMap<u32, &Cell> = cells.iter().map(|(cell, number)| (*number, cell)).collect();
        let name = |step: usize| {
            let (state, command, came) = by_number[&steps[step].cell];
            cell_name(state, command, came)
        };
        let mut times: HashMap<String, usize> = HashMap::new();
        let names = stories.iter().map(|story| {
            let own = match (covering, &story[..]) {
                (Covering::Pairs, [.., one, other]) => format!("{}; then {}", name(*one), name(*other)),
                (_, [.., last]) => name(*last),
                (_, []) => String::new(),
            };
            let time = times.entry(own.clone()).or_insert(0);
            *time += 1;
            if *time == 1 { own } else { format!("{own} ({time})") }
        });
        names.collect()
    }
}

fn notes<C, E, R>(machine: &Machine<C, E, R>, classes: &[String], covering: Covering) -> Vec<String> {
    let mut notes = Vec::new();
    let one_class = classes.len() > 1 && classes.iter().all(|class| *class == classes[0]);
    if one_class && covering != Covering::Steps {
        notes.push(format!(
            "all states share one class, \"{}\": nothing says where a command is refused. Name the classes that matter to the rules",
            classes[0]
        ));
    }
    if !machine.is_whole() {
        notes.push("a bound ended the exploration: what lies beyond it is not covered".into());
    }
    notes
}

impl<C, E, R> Suite<C, E, R> {
    /// The stories as scenarios of a decider of the same messages: the model, another one, or the machine itself. In chains every
    /// outcome is expected; otherwise the commands before the last one, or before the last two of a pair, are given.
    ///
    /// The words of the model and its [document](Specification::document) make a text of it, in Gherkin or Markdown.
    #[track_caller]
    pub fn specification<D>(&self) -> Specification<D>
    where
        D: Specified<Command = C, Event = E, Rejection: From<R>>,
        C: Clone,
        E: Clone,
        R: Clone,
    {
        let mut scenarios = Vec::new();
        for story in &self.stories {
            let (given, expected) = self.parts(story);
            let mut scenario = Scenario::named(&story.name).given(self.given.iter().cloned());
            scenario = scenario.given_commands(given.iter().map(|step| step.command.clone()));
            for SuiteStep { command, outcome, .. } in expected {
                let when = scenario.when(command.clone());
                scenario = match outcome {
                    Ok(events) => when.then(events.iter().cloned()),
                    Err(rejection) => when.then_rejected(rejection.clone()),
                };
            }
            scenarios.push(scenario);
        }
        Specification::new().scenarios(scenarios)
    }

    /// The [scenarios](Self::specification) as Rust code, to paste into a model's `scenarios([…])`. See
    /// [`Story::code`](super::Story::code).
    pub fn code(&self) -> String
    where
        C: Message,
        E: Message,
        R: Message,
    {
        let code = self.stories.iter().map(|story| {
            let (given, expected) = self.parts(story);
            let first = format!("Scenario::named({:?})\n", story.name);
            let expected =
                expected.iter().map(|step| (&step.command, step.outcome.as_ref().map(Vec::as_slice)));
            scenario_code(first, &self.given, given.iter().map(|step| &step.command), expected)
        });
        code.collect()
    }

    /// The steps that lead to what a story is about, and those that it is about.
    #[allow(clippy::type_complexity)]
    fn parts<'s>(
        &self,
        story: &'s SuiteStory<C, E, R>,
    ) -> (&'s [SuiteStep<C, E, R>], &'s [SuiteStep<C, E, R>]) {
        let given = match (self.chained, self.covering) {
            (true, _) => 0,
            (false, Covering::Cells | Covering::Steps) => story.steps.len().saturating_sub(1),
            (false, Covering::Pairs) => story.steps.len().saturating_sub(2),
        };
        story.steps.split_at(given)
    }
}

impl<C, E, R> fmt::Display for Suite<C, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: usize = self.stories.iter().map(|story| story.steps.len()).sum();
        let covered = match self.covering {
            Covering::Cells => count(self.covered, "cell", "cells"),
            Covering::Steps => count(self.covered, "step", "steps"),
            Covering::Pairs => count(self.covered, "pair", "pairs"),
        };
        let stories = count(self.stories.len(), "story", "stories");
        let steps = count(steps, "step", "steps");
        writeln!(f, "suite     covers {covered} in {stories} of {steps}")?;
        for note in &self.notes {
            lines(f, "note      ", 10, note)?;
            writeln!(f)?;
        }
        Ok(())
    }
}
