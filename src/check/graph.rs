//! State diagrams of an exploration: the classes of states, and the commands that lead from one to another.

mod layout;
mod svg;

use super::explore::{Exact, Explorable, Exploration, Explore};
use super::property::Step;
use crate::decider::{Decider, Outcome};
use crate::message::{self, Message};
use crate::page::markup::{dot, mermaid};
use crate::spec::{Specification, Specified};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Write as _};

/// The outcome of a command, by the names of its messages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum NamedOutcome {
    /// These events happened.
    Happened(Vec<String>),
    /// It was accepted, and nothing happened.
    Nothing,
    /// It was refused, by a rejection or by an event that is a refusal.
    Refused(String),
    /// The model panicked. Only [`compare`](super::compare()) reports it as an outcome; other checks report panics apart.
    Panicked,
}

impl NamedOutcome {
    pub(super) fn of<D>(decider: &D, outcome: &Outcome<D>) -> Self
    where
        D: Decider<Event: Message + Debug, Rejection: Message + Debug>,
    {
        match outcome {
            Err(rejection) => NamedOutcome::Refused(named(rejection)),
            Ok(events) => NamedOutcome::of_events(decider, events),
        }
    }

    /// The outcome of a command that was accepted with these events.
    pub(super) fn of_events<D>(decider: &D, events: &[D::Event]) -> Self
    where
        D: Decider<Event: Message + Debug>,
    {
        match events.iter().find(|event| decider.is_refusal(event)) {
            Some(refusal) => NamedOutcome::Refused(named(refusal)),
            None if events.is_empty() => NamedOutcome::Nothing,
            None => NamedOutcome::Happened(events.iter().map(named).collect()),
        }
    }

    /// Whether it was refused.
    pub fn is_refused(&self) -> bool {
        matches!(self, NamedOutcome::Refused(_))
    }
}

impl std::fmt::Display for NamedOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NamedOutcome::Happened(events) => f.write_str(&events.join(", ")),
            NamedOutcome::Nothing => f.write_str("nothing"),
            NamedOutcome::Refused(name) => f.write_str(name),
            NamedOutcome::Panicked => f.write_str("a panic"),
        }
    }
}

/// What happens in a cell: a command in a class of states, with one of its outcomes.
pub(super) fn cell_name(state: &str, command: &str, came: &NamedOutcome) -> String {
    let refused = if came.is_refused() { "is refused, " } else { "" };
    format!("{state}: {command} {refused}{came}")
}

/// The name of a message; where its type hides it, the first word of its `Debug` form, which may be a path.
pub(super) fn named(message: &(impl Message + Debug)) -> String {
    let in_path = |c: char| c.is_alphanumeric() || "_.-".contains(c);
    message::name(message).map_or_else(|_| crate::spec::first_word(message, in_path), |name| name.to_string())
}

/// A state diagram of an exploration, compared with a specification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Graph {
    /// The label of the first state.
    pub first: String,
    /// All labels.
    pub states: BTreeSet<String>,
    /// All edges.
    pub edges: Vec<Edge>,
    /// Whether every reachable state was explored.
    pub whole: bool,
}

/// Steps of one command between two classes of states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Edge {
    /// The label of the states before.
    pub from: String,
    /// The label of the states after.
    pub to: String,
    /// The name of the command.
    pub command: String,
    /// Its outcome.
    pub came: NamedOutcome,
    /// How many steps were explored.
    pub times: u64,
    /// The scenarios that take such a step.
    pub scenarios: Vec<String>,
}

impl<D, A, I> Explore<'_, D, A, Exact>
where
    D: Specified<State: Explorable, Command: Message, Event: Message, Rejection: Message> + Sync,
    A: Fn(&D::State) -> I + Sync,
    I: IntoIterator<Item = D::Command>,
{
    /// Explores, and draws the states as a graph. `label` groups the states ([`class`](crate::spec::class) takes the variant
    /// of an enum), and every edge names the scenarios that take it.
    ///
    /// ```
    /// # use leftfold::{Decider, Fold, Scenario, Specification};
    /// use leftfold::check::explore;
    /// use leftfold::spec::class;
    /// # use serde::{Deserialize, Serialize};
    /// # struct Door;
    /// # #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)] pub enum State { Shut, Open }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Command { Open, Shut }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Event { Opened, WasShut }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Rejection { AlreadySo }
    /// # impl Fold for Door {
    /// #     type State = State; type Event = Event;
    /// #     fn initial_state(&self) -> State { State::Shut }
    /// #     fn evolve(&self, _: State, e: &Event) -> State {
    /// #         match e { Event::Opened => State::Open, Event::WasShut => State::Shut }
    /// #     }
    /// # }
    /// # impl Decider for Door {
    /// #     type Command = Command; type Rejection = Rejection;
    /// #     fn decide(&self, c: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
    /// #         match (c, state) {
    /// #             (Command::Open, State::Shut) => Ok(vec![Event::Opened]),
    /// #             (Command::Shut, State::Open) => Ok(vec![Event::WasShut]),
    /// #             _ => Err(Rejection::AlreadySo),
    /// #         }
    /// #     }
    /// # }
    ///
    /// let specification = Specification::<Door>::new()
    ///     .scenarios([Scenario::named("a door opens").when(Command::Open).then([Event::Opened])]);
    /// let (graph, _) = explore(&Door, |_: &State| [Command::Open, Command::Shut]).graph(class, &specification);
    /// assert_eq!(graph.to_mermaid(false), "\
    /// stateDiagram-v2
    ///     [*] --> s1
    ///     state \"Open\" as s0
    ///     state \"Shut\" as s1
    ///     s0 --> s1: Shut / WasShut (not specified)
    ///     s1 --> s0: Open / Opened (a door opens)
    /// ");
    /// ```
    pub fn graph(
        self,
        label: impl Fn(&D::State) -> String + Sync,
        specification: &Specification<D>,
    ) -> (Graph, Exploration<D>) {
        let decider = self.decider();
        let key = |step: &Step<'_, D>| {
            let (from, to) = (label(step.before), label(step.after));
            (from, to, named(step.command), NamedOutcome::of(decider, step.outcome))
        };
        let first = self.of_first_state(&label).unwrap_or_else(|| "panic".to_string());
        let found = self.classes(key);
        let covered = covered(decider, specification, |before, command, outcome, after| {
            (label(before), label(after), named(command), NamedOutcome::of(decider, outcome))
        });
        let mut states = BTreeSet::from([first.clone()]);
        let mut edges = Vec::new();
        for (key, class) in found.classes {
            let scenarios = covered.get(&key).cloned().unwrap_or_default();
            let (from, to, command, came) = key;
            states.extend([from.clone(), to.clone()]);
            edges.push(Edge { from, to, command, came, times: class.times, scenarios });
        }
        let whole = found.exploration.is_whole();
        (Graph { first, states, edges, whole }, found.exploration)
    }
}

/// The names of the scenarios that take each kind of step.
pub(super) fn covered<D, K: Ord>(
    decider: &D,
    specification: &Specification<D>,
    key: impl Fn(&D::State, &D::Command, &Outcome<D>, &D::State) -> K,
) -> BTreeMap<K, Vec<String>>
where
    D: Specified<State: Clone>,
{
    let mut covered: BTreeMap<K, Vec<String>> = BTreeMap::new();
    for scenario in specification.of_decider().iter().filter(|scenario| !scenario.is_question()) {
        scenario.decisions(decider, |before, command, outcome| {
            let after = match outcome {
                Ok(events) => decider.fold_from(before.clone(), events),
                Err(_) => before.clone(),
            };
            let names = covered.entry(key(before, command, outcome, &after)).or_default();
            if names.last().is_none_or(|last| last != scenario.name()) {
                names.push(scenario.name().to_string());
            }
        });
    }
    covered
}

impl Graph {
    /// The edges that no scenario takes: what the specification leaves open.
    pub fn uncovered(&self) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(|edge| edge.scenarios.is_empty())
    }

    fn shown(&self, refusals: bool) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| refusals || !edge.came.is_refused())
    }

    fn numbers(&self) -> BTreeMap<&str, usize> {
        self.states.iter().map(String::as_str).zip(0..).collect()
    }

    /// The graph as Mermaid; `refusals` adds refused commands. Mermaid has no dashed edges in state diagrams, so an edge that
    /// no scenario takes says `not specified`.
    pub fn to_mermaid(&self, refusals: bool) -> String {
        let numbers = self.numbers();
        let mut text = format!("stateDiagram-v2\n    [*] --> s{}\n", numbers[self.first.as_str()]);
        for (label, number) in &numbers {
            let _ = writeln!(text, "    state \"{}\" as s{number}", mermaid(label));
        }
        for edge in self.shown(refusals) {
            let covered = match edge.scenarios.is_empty() {
                true => "not specified".to_string(),
                false => edge.scenarios.iter().map(|name| mermaid(name)).collect::<Vec<_>>().join(", "),
            };
            let (from, to) = (numbers[edge.from.as_str()], numbers[edge.to.as_str()]);
            let _ = writeln!(text, "    s{from} --> s{to}: {} ({covered})", edge.said(mermaid));
        }
        text
    }

    /// The graph as DOT, for Graphviz; `refusals` adds refused commands. Edges that a scenario takes are solid and name it;
    /// the others are dashed.
    pub fn to_dot(&self, refusals: bool) -> String {
        let numbers = self.numbers();
        let mut text = "digraph {\n    node [shape=box, style=rounded]\n".to_string();
        for (label, number) in &numbers {
            let bold = if *label == self.first { ", penwidth=2" } else { "" };
            let _ = writeln!(text, "    s{number} [label=\"{}\"{bold}]", dot(label));
        }
        for edge in self.shown(refusals) {
            let (from, to) = (numbers[edge.from.as_str()], numbers[edge.to.as_str()]);
            let names = edge.scenarios.iter().map(|name| dot(name));
            let label = std::iter::once(edge.said(dot)).chain(names).collect::<Vec<_>>().join("\\n");
            let style = if edge.scenarios.is_empty() { "dashed" } else { "solid" };
            let _ = writeln!(text, "    s{from} -> s{to} [label=\"{label}\", style={style}]");
        }
        text + "}\n"
    }
}

impl Edge {
    fn said(&self, shown: fn(&str) -> String) -> String {
        let (command, came) = (shown(&self.command), shown(&self.came.to_string()));
        match &self.came {
            NamedOutcome::Refused(_) => format!("{command} refused: {came}"),
            _ => format!("{command} / {came}"),
        }
    }
}
