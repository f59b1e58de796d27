//! Everything that a page asks of an explored model, as tables: with them a page answers without the model.

use super::about::about;
use super::check::check;
use super::here::{Here, properties};
use super::map::{find, graph};
use super::messages::{Said, json};
use super::question::FindStory;
use super::rows::{Changed, StateRows, changed};
use super::wrong::Wrong;
use super::{MOST_COMMANDS, OnDesk};
use crate::check::{Machine, MachineNode};
use crate::decider::Decider;
use crate::fold::Fold;
use crate::message::Message;
use crate::model::Model;
use crate::page::markup::{gherkin, markdown};
use crate::spec::Scenario;
use crate::spec::panics::caught;
use crate::timeline::Diff;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};

/// How large tables may be, in bytes: a browser reads more only slowly.
const LARGEST: usize = 20_000_000;

/// What the file of a page holds. Texts that return often are written once and then known by their numbers.
#[derive(Serialize)]
struct Tables {
    name: String,
    about: Box<RawValue>,
    graph: Box<RawValue>,
    lanes: Box<RawValue>,
    check: Box<RawValue>,
    /// The answer to `find` for each property.
    properties: Vec<Box<RawValue>>,
    feature: Escaped,
    commands: Vec<Known>,
    events: Vec<Known>,
    rejections: Vec<Known>,
    outcomes: Vec<Outcome>,
    labels: Vec<String>,
    /// Depth, key, path and text of each row of a state.
    rows: Vec<(usize, String, String, String)>,
    changes: Vec<Vec<Changed>>,
    /// What the properties say of states.
    promises: Vec<Vec<Here>>,
    nodes: Vec<Node>,
}

/// A message, and what a scenario with it says.
#[derive(Serialize)]
struct Known {
    #[serde(flatten)]
    said: Said,
    code: String,
    #[serde(flatten)]
    escaped: Escaped,
}

/// A text in a document.
#[derive(Serialize)]
struct Escaped {
    gherkin: String,
    markdown: String,
}

impl Escaped {
    fn of(text: &str) -> Escaped {
        Escaped { gherkin: gherkin(text), markdown: markdown(text) }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Accepted { events: Vec<u32>, is_refusal: bool, nothing: Option<Escaped> },
    Refused { rejection: u32, then: Escaped },
    Panicked { message: String },
}

/// The numbers of a command, its outcome, the label after it, and of what all its events change if they are several.
type Tried = (u32, u32, Option<u32>, Option<u32>);

/// A state.
#[derive(Serialize)]
struct Node {
    label: u32,
    ended: bool,
    rows: Vec<u32>,
    more: usize,
    promises: u32,
    /// Each command of the alphabet.
    commands: Vec<Tried>,
    /// Each command that a scenario gives here.
    asked: Vec<Tried>,
    /// Each event: its number, the node after it, and what it changes.
    steps: Vec<(u32, u32, u32)>,
    /// Whether a command leads to a state that was not visited.
    edge: bool,
}

/// Values that are written once, each by the number of its first occurrence.
struct Distinct<T> {
    values: Vec<T>,
    numbers: HashMap<String, u32>,
    bytes: usize,
}

impl<T: Serialize> Distinct<T> {
    fn new() -> Self {
        Distinct { values: Vec::new(), numbers: HashMap::new(), bytes: 0 }
    }

    fn number(&mut self, value: T) -> u32 {
        let text = json(&value);
        if let Some(number) = self.numbers.get(text.get()) {
            return *number;
        }
        let number = self.values.len() as u32;
        self.bytes += text.get().len();
        self.numbers.insert(text.get().to_string(), number);
        self.values.push(value);
        number
    }
}

struct Building<'m, D: OnDesk> {
    model: &'m Model<D>,
    /// The number of each state.
    states: HashMap<D::State, u32>,
    commands: Distinct<Known>,
    events: Distinct<Known>,
    rejections: Distinct<Known>,
    outcomes: Distinct<Outcome>,
    labels: Distinct<String>,
    rows: Distinct<(usize, String, String, String)>,
    changes: Distinct<Vec<Changed>>,
    promises: Distinct<Vec<Here>>,
    /// The steps of each node: an event, the node after it, and what it changes.
    steps: Vec<BTreeMap<u32, (u32, u32)>>,
    /// What the nodes take so far, roughly.
    bytes: usize,
}

impl<D: OnDesk> Model<D> {
    /// The tables of a model that is explored, as JSON; a sentence if there are none.
    pub(crate) fn tables(&self) -> Result<String, String> {
        caught(|| tables(self))
            .unwrap_or_else(|panic| Err(Wrong(format!("the model panicked: {panic}"))))
            .map_err(|Wrong(sentence)| sentence)
    }
}

fn tables<D: OnDesk>(model: &Model<D>) -> Result<String, Wrong> {
    let machine = model
        .machine()
        .ok_or_else(|| Wrong("the model is not explored; say `.alphabet(…)` and `.explored(…)`".into()))?
        .map_err(|why| Wrong(why.to_string()))?;
    let mut states = states_of(model.decider(), &machine);
    if states.len() != machine.nodes().len() {
        return Err(Wrong("the model does not answer as it did when it was explored".into()));
    }
    let mut numbers: HashMap<D::State, u32> = states.iter().cloned().zip(0..).collect();
    let played = played(model);
    for state in played.iter().flat_map(Played::states) {
        let next = states.len() as u32;
        numbers.entry(state.clone()).or_insert_with(|| {
            states.push(state.clone());
            next
        });
    }
    let mut building = Building {
        model,
        states: numbers,
        commands: Distinct::new(),
        events: Distinct::new(),
        rejections: Distinct::new(),
        outcomes: Distinct::new(),
        labels: Distinct::new(),
        rows: Distinct::new(),
        changes: Distinct::new(),
        promises: Distinct::new(),
        steps: vec![BTreeMap::new(); states.len()],
        bytes: 0,
    };
    let mut nodes = Vec::with_capacity(states.len());
    for (number, state) in states.iter().enumerate() {
        nodes.push(building.node(state));
        if building.bytes() > LARGEST {
            return Err(too_large(number + 1, states.len()));
        }
    }
    for story in played {
        building.play(&mut nodes, story);
    }
    // A step in the midst of an outcome belongs to a node that was written before or comes after.
    for (node, steps) in nodes.iter_mut().zip(&building.steps) {
        node.steps = steps.iter().map(|(event, (next, changes))| (*event, *next, *changes)).collect();
    }
    let property = |name: &str| {
        let asked = FindStory { property: Some(name.to_string()), ..FindStory::default() };
        find(model, Vec::new(), &asked).map(|found| json(&found))
    };
    let properties = model.properties_declared().iter().map(|one| property(one.name()));
    let tables = Tables {
        name: model.name().to_string(),
        about: json(&about(model, false)),
        graph: json(&graph(model)?),
        lanes: json(&model.event_model()),
        check: json(&check(model)),
        properties: properties.collect::<Result<_, _>>()?,
        feature: Escaped::of(model.name()),
        commands: building.commands.values,
        events: building.events.values,
        rejections: building.rejections.values,
        outcomes: building.outcomes.values,
        labels: building.labels.values,
        rows: building.rows.values,
        changes: building.changes.values,
        promises: building.promises.values,
        nodes,
    };
    let text = json(&tables).get().to_string();
    if text.len() > LARGEST {
        return Err(too_large(states.len(), states.len()));
    }
    Ok(text)
}

fn too_large(written: usize, of: usize) -> Wrong {
    Wrong(format!(
        "the model is too large for a file: the tables of {written} of its {of} states have more than {} MB; explore fewer states, or serve its page",
        LARGEST / 1_000_000
    ))
}

/// The states of a machine, in the order of its nodes. A node comes after a node that leads to it, or is led through by one.
fn states_of<D: OnDesk>(decider: &D, machine: &Machine<D::Command, D::Event, D::Rejection>) -> Vec<D::State> {
    let mut states: BTreeMap<u32, D::State> = BTreeMap::from([(0, decider.initial_state())]);
    for node in machine.nodes() {
        let MachineNode::Number(number) = node else { continue };
        let Some(state) = states.get(&number).cloned() else { continue };
        for command in machine.commands(node) {
            let Ok(events) = machine.decide(command, &node) else { continue };
            let (mut at, mut now) = (node, state.clone());
            for event in &events {
                at = machine.evolve(at, event);
                let MachineNode::Number(next) = at else { break };
                now = decider.evolve(now, event);
                states.entry(next).or_insert_with(|| now.clone());
            }
        }
    }
    states.into_values().collect()
}

/// Each event with the state after it.
fn with_states<D: OnDesk>(decider: &D, from: &D::State, events: Vec<D::Event>) -> Vec<(D::Event, D::State)> {
    let mut now = from.clone();
    let after = |event: D::Event| {
        now = decider.evolve(now.clone(), &event);
        (event, now.clone())
    };
    events.into_iter().map(after).collect()
}

/// The state that a command in question meets, the command, and the states after its events.
type AskedOf<D> = (<D as Fold>::State, <D as Decider>::Command, Vec<<D as Fold>::State>);

/// What a scenario says, which may lie beside what the alphabet reaches.
struct Played<D: OnDesk> {
    given: Vec<(D::Event, D::State)>,
    asked: Vec<AskedOf<D>>,
}

impl<D: OnDesk> Played<D> {
    fn states(&self) -> impl Iterator<Item = &D::State> {
        let given = self.given.iter().map(|(_, state)| state);
        given.chain(self.asked.iter().flat_map(|(_, _, after)| after))
    }
}

/// The scenarios of a model, but for those that panic.
fn played<D: OnDesk>(model: &Model<D>) -> Vec<Played<D>> {
    let decider = model.decider();
    let specification = model.whole_specification();
    let one = |scenario: &Scenario<D>| {
        let first = decider.initial_state();
        let given = with_states(decider, &first, scenario.events_given(decider));
        let mut now = given.last().map_or(first, |(_, last)| last.clone());
        let mut asked = Vec::new();
        for command in scenario.commands_in_question() {
            let events = decider.decide(command, &now).unwrap_or_default();
            let after: Vec<_> =
                with_states(decider, &now, events).into_iter().map(|(_, state)| state).collect();
            let next = after.last().cloned();
            asked.push((now.clone(), command.clone(), after));
            now = next.unwrap_or(now);
        }
        Played { given, asked }
    };
    specification.of_decider().iter().filter_map(|scenario| caught(|| one(scenario)).ok()).collect()
}

impl<D: OnDesk> Building<'_, D> {
    fn bytes(&self) -> usize {
        self.bytes
            + self.rows.bytes
            + self.changes.bytes
            + self.promises.bytes
            + self.labels.bytes
            + self.outcomes.bytes
            + self.commands.bytes
            + self.events.bytes
            + self.rejections.bytes
    }

    fn known<M: Message + Serialize>(&self, message: &M) -> Known {
        let said = Said::of(message, self.model.specification().in_words());
        Known { code: message.code(), escaped: Escaped::of(said.says()), said }
    }

    fn node(&mut self, state: &D::State) -> Node {
        let rows = StateRows::of::<D>(state, &Diff::default());
        let more = rows.more();
        let rows: Vec<u32> = rows.into_rows().map(|row| self.rows.number(row)).collect();
        let mut node = Node {
            label: self.labels.number(self.model.label_of()(state)),
            ended: self.model.decider().is_terminal(state),
            rows,
            more,
            promises: self.promises.number(properties(self.model, state)),
            commands: Vec::new(),
            asked: Vec::new(),
            steps: Vec::new(),
            edge: false,
        };
        for command in self.model.commands_in(state).into_iter().take(MOST_COMMANDS) {
            let (tried, edge) = self.command(state, command);
            node.commands.push(tried);
            node.edge |= edge;
        }
        self.bytes += 60 + 6 * node.rows.len() + 20 * node.commands.len();
        node
    }

    /// Adds the steps and the commands of a scenario.
    fn play(&mut self, nodes: &mut [Node], story: Played<D>) {
        let mut before = self.model.decider().initial_state();
        for (event, after) in story.given {
            self.step(&before, &event, &after);
            before = after;
        }
        for (state, command, _) in story.asked {
            let (tried, _) = self.command(&state, command);
            let node = self.states.get(&state).and_then(|number| nodes.get_mut(*number as usize));
            if let Some(node) = node
                && !node.commands.contains(&tried)
                && !node.asked.contains(&tried)
            {
                node.asked.push(tried);
            }
        }
    }

    /// A command and its outcome, and whether it leads to a state that was not visited.
    fn command(&mut self, state: &D::State, command: D::Command) -> (Tried, bool) {
        let decider = self.model.decider();
        let known = self.known(&command);
        let known = self.commands.number(known);
        let lived =
            caught(|| decider.decide(&command, state).map(|events| with_states(decider, state, events)));
        let mut edge = false;
        let scenario = Scenario::<D>::named("").when(command);
        let (outcome, label, all) = match lived {
            Err(message) => (Outcome::Panicked { message }, None, None),
            Ok(Err(rejection)) => {
                let known = self.known(&rejection);
                let then = self.then(scenario.then_rejected(rejection));
                (Outcome::Refused { rejection: self.rejections.number(known), then }, None, None)
            }
            Ok(Ok(events)) => {
                let nothing = events.is_empty().then(|| self.then(scenario.then_nothing()));
                let is_refusal = events.iter().any(|(event, _)| decider.is_refusal(event));
                let last = events.last().map_or(state, |(_, last)| last);
                let label = self.labels.number(self.model.label_of()(last));
                let all = (events.len() > 1)
                    .then(|| self.changes.number(changed::<D>(&Diff::of(state, last), last)));
                let (mut numbers, mut before) = (Vec::with_capacity(events.len()), state);
                for (event, after) in &events {
                    let (number, is_known) = self.step(before, event, after);
                    numbers.push(number);
                    edge |= !is_known;
                    before = after;
                }
                (Outcome::Accepted { events: numbers, is_refusal, nothing }, Some(label), all)
            }
        };
        ((known, self.outcomes.number(outcome), label, all), edge)
    }

    /// The number of an event, and whether the states before and after it are in the tables; then the step is kept.
    fn step(&mut self, before: &D::State, event: &D::Event, after: &D::State) -> (u32, bool) {
        let known = self.known(event);
        let number = self.events.number(known);
        let (Some(at), Some(next)) = (self.states.get(before).copied(), self.states.get(after).copied())
        else {
            return (number, false);
        };
        if !self.steps[at as usize].contains_key(&number) {
            let changes = self.changes.number(changed::<D>(&Diff::of(before, after), after));
            self.steps[at as usize].insert(number, (next, changes));
            self.bytes += 16;
        }
        (number, true)
    }

    /// What a document says that comes of a command.
    fn then(&self, scenario: Scenario<D>) -> Escaped {
        let words = self.model.specification().in_words().clone();
        let specification = crate::spec::Specification::new().words(words).scenarios([scenario]);
        let document = specification.document("");
        let steps =
            document.chapters.iter().flat_map(|chapter| &chapter.scenarios).flat_map(|one| &one.steps);
        let then: Vec<&str> = steps.flat_map(|step| &step.then).map(String::as_str).collect();
        Escaped::of(&then.join(" "))
    }
}
