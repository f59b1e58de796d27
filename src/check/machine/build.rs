//! From an exploration to a machine: its steps are taken again, and kept.

use super::super::explore::{
    Differed, Exact, Explorable, ExplorationVerdict, Explore, Followed, Unfit, encode,
};
use super::tables::{Messages, OutcomeNumbers, Renumbered, TableNode, Tables};
use super::{Machine, MachineError, NodeMark};
use crate::decider::Decider;
use crate::json;
use crate::spec::panics::caught;
use foldhash::fast::FixedState;
use serde::Serialize;
use std::collections::{HashMap, VecDeque};

impl<D, A, I> Explore<'_, D, A, Exact>
where
    D: Decider<Command: Serialize, Event: Clone + Serialize, Rejection: Serialize> + Sync,
    A: Fn(&D::State) -> I + Sync,
    I: IntoIterator<Item = D::Command>,
{
    /// Explores, and returns what was explored as a [`Machine`]. A bound marks the nodes that were not followed to the end.
    /// Its nodes have no labels; [`machine_with`](Self::machine_with) gives them some.
    ///
    /// Takes the steps of the exploration twice, the second time in one thread and without a look at the stop flag, the time
    /// and the memory: about three times as long as [`run`](Self::run). Memory: for each state its bytes, and about 16 bytes for each step.
    ///
    /// # Errors
    /// [`MachineError`] when the model is [unfit](Unfit), when unequal states count as the same, when the model panics at its
    /// first state, and when JSON cannot hold one of its messages.
    #[allow(clippy::type_complexity)]
    pub fn machine(self) -> Result<Machine<D::Command, D::Event, D::Rejection>, MachineError>
    where
        D::State: Explorable,
    {
        self.labelled_machine(None)
    }

    /// As [`machine`](Self::machine), with a [label](Machine::label) for each node: what a state is called, or the state itself as
    /// JSON (`serde_json::to_string(state)`), where the machine is to show states to readers without the model's code.
    ///
    /// ```
    /// use leftfold::check::explore;
    /// use leftfold::{Fold, decider};
    ///
    /// let light = decider(
    ///     || false,
    ///     |on: &bool, is: &bool| if on == is { Err("it is") } else { Ok(vec![*on]) },
    ///     |_, on: &bool| *on,
    /// );
    /// let machine = explore(&light, |_: &bool| [false, true])
    ///     .machine_with(|on| if *on { "on" } else { "off" }.to_string())?;
    /// assert_eq!(machine.label(machine.initial_state()), Some("off"));
    /// assert!(machine.to_json().contains("{\"node\":{\"number\":1,\"label\":\"on\","));
    /// # Ok::<(), leftfold::check::MachineError>(())
    /// ```
    ///
    /// # Errors
    /// As [`machine`](Self::machine), and [`MachineError::LabelPanicked`].
    #[allow(clippy::type_complexity)]
    pub fn machine_with(
        self,
        label: impl Fn(&D::State) -> String,
    ) -> Result<Machine<D::Command, D::Event, D::Rejection>, MachineError>
    where
        D::State: Explorable,
    {
        self.labelled_machine(Some(&|state| Ok(label(state))))
    }

    /// As [`machine_with`](Self::machine_with), with each state as JSON.
    #[allow(clippy::type_complexity)]
    pub(crate) fn machine_with_states(
        self,
    ) -> Result<Machine<D::Command, D::Event, D::Rejection>, MachineError>
    where
        D::State: Explorable,
    {
        self.labelled_machine(Some(&|state| {
            let mut text = Vec::new();
            let written = json::write(state, &mut text);
            written.map_err(|why| MachineError::State { why: why.sentence() })?;
            Ok(String::from_utf8_lossy(&text).into_owned())
        }))
    }

    #[allow(clippy::type_complexity)]
    fn labelled_machine(
        self,
        label: Option<LabelOf<'_, D::State>>,
    ) -> Result<Machine<D::Command, D::Event, D::Rejection>, MachineError>
    where
        D::State: Explorable,
    {
        let followed = self.followed().ok_or(MachineError::NotExact)?;
        let exploration = &followed.exploration;
        if let ExplorationVerdict::Unfit(why) = &exploration.verdict {
            return Err(MachineError::Unfit(why.clone()));
        }
        if let Some(panic) = exploration.panic.as_ref().filter(|_| exploration.states == 0) {
            return Err(MachineError::Panicked { message: panic.message.clone() });
        }
        let mut building = Building::new(&followed, label)?;
        let states = exploration.expanded;
        let mut panics = None;
        for _ in 0..states {
            let Some((node, state)) = building.queue.pop_front() else {
                return Err(differed(Differed::State));
            };
            match caught(|| building.visit(node, &state)) {
                Ok(visited) => visited?,
                Err(message) => panics = Some(message),
            }
        }
        if panics.is_some() && exploration.panic.is_none() {
            return Err(differed(Differed::Panic));
        }
        let counted = (building.accepted, building.refused);
        if exploration.panic.is_none() && counted != (exploration.accepted, exploration.refused) {
            return Err(differed(Differed::Answer));
        }
        building.machine(json::short_name::<D>())
    }
}

/// What a state is called.
type LabelOf<'l, S> = &'l dyn Fn(&S) -> Result<String, MachineError>;

fn differed(what: Differed) -> MachineError {
    MachineError::Unfit(Unfit::NotDeterministic { what })
}

/// Messages of one kind that are being collected, each by the number of its first occurrence.
struct Collected<T> {
    kind: &'static str,
    messages: Messages<T>,
    numbers: HashMap<Box<[u8]>, u32, FixedState>,
    json: Vec<u8>,
}

impl<T: Serialize> Collected<T> {
    fn of(kind: &'static str) -> Self {
        Collected { kind, messages: Messages::default(), numbers: HashMap::default(), json: Vec::new() }
    }

    /// The number of a message, if it is known. Its JSON stays in the buffer for [`add`](Self::add).
    fn find(&mut self, message: &T) -> Result<Option<u32>, MachineError> {
        self.json.clear();
        json::write(message, &mut self.json)
            .map_err(|why| MachineError::Message { kind: self.kind, why: why.sentence() })?;
        Ok(self.numbers.get(&*self.json).copied())
    }

    /// Adds the message that was just not found.
    fn add(&mut self, message: T) -> u32 {
        let number = self.messages.values.len() as u32;
        self.messages.texts.push(String::from_utf8_lossy(&self.json).into());
        self.numbers.insert(self.json.as_slice().into(), number);
        self.messages.values.push(message);
        number
    }

    fn number(&mut self, message: T) -> Result<u32, MachineError> {
        Ok(self.find(&message)?.unwrap_or_else(|| self.add(message)))
    }
}

/// A machine whose steps are being taken.
struct Building<'f, D: Decider, A> {
    followed: &'f Followed<'f, D, A>,
    label: Option<LabelOf<'f, D::State>>,
    commands: Collected<D::Command>,
    events: Collected<D::Event>,
    refusals: Vec<bool>,
    rejections: Collected<D::Rejection>,
    outcomes: HashMap<OutcomeNumbers, u32, FixedState>,
    states: HashMap<Box<[u8]>, u32, FixedState>,
    nodes: Vec<TableNode>,
    /// The nodes that meet commands and were not visited yet, in the order in which the exploration visits them.
    queue: VecDeque<(u32, D::State)>,
    bytes: Vec<u8>,
    accepted: u64,
    refused: u64,
}

impl<'f, D, A, I> Building<'f, D, A>
where
    D: Decider<State: Explorable, Command: Serialize, Event: Clone + Serialize, Rejection: Serialize>,
    A: Fn(&D::State) -> I,
    I: IntoIterator<Item = D::Command>,
{
    fn new(
        followed: &'f Followed<'f, D, A>,
        label: Option<LabelOf<'f, D::State>>,
    ) -> Result<Self, MachineError> {
        let mut building = Building {
            followed,
            label,
            commands: Collected::of("command"),
            events: Collected::of("event"),
            refusals: Vec::new(),
            rejections: Collected::of("rejection"),
            outcomes: HashMap::default(),
            states: HashMap::default(),
            nodes: Vec::new(),
            queue: VecDeque::new(),
            bytes: Vec::new(),
            accepted: 0,
            refused: 0,
        };
        let first = caught(|| {
            let state = followed.decider.fold(&followed.given);
            let node = building.node(&state)?;
            building.meets_commands(node, state);
            Ok::<(), MachineError>(())
        });
        first.map_err(|message| MachineError::Panicked { message })??;
        Ok(building)
    }

    /// The node of a state; a new one is in the midst of an outcome until an outcome ends there.
    fn node(&mut self, state: &D::State) -> Result<u32, MachineError> {
        self.bytes.clear();
        encode(state, &mut self.bytes)?;
        if let Some(node) = self.states.get(&*self.bytes) {
            return Ok(*node);
        }
        let node = self.nodes.len() as u32;
        self.states.insert(self.bytes.as_slice().into(), node);
        let label = self.label.map(|label| caught(|| label(state)));
        let label =
            label.transpose().map_err(|message| MachineError::LabelPanicked { message })?.transpose()?;
        self.nodes.push(TableNode { label: label.map(Into::into), ..TableNode::new(NodeMark::InBetween) });
        Ok(node)
    }

    fn meets_commands(&mut self, node: u32, state: D::State) {
        let own = &mut self.nodes[node as usize];
        if own.mark == NodeMark::InBetween {
            own.terminal = self.followed.decider.is_terminal(&state);
            own.mark = NodeMark::Frontier;
            self.queue.push_back((node, state));
        }
    }

    /// Tries all commands in a state.
    fn visit(&mut self, node: u32, state: &D::State) -> Result<(), MachineError> {
        if self.followed.within.as_ref().is_some_and(|within| !within(state)) {
            return Ok(());
        }
        let most = self.followed.most_commands;
        let mut commands = (self.followed.alphabet)(state).into_iter();
        for command in commands.by_ref().take(most) {
            self.step(node, state, command)?;
        }
        if commands.next().is_none() {
            self.nodes[node as usize].mark = NodeMark::Followed;
        }
        Ok(())
    }

    fn step(&mut self, node: u32, state: &D::State, command: D::Command) -> Result<(), MachineError> {
        let decider = self.followed.decider;
        let outcome = match decider.decide(&command, state) {
            Err(rejection) => {
                self.refused += 1;
                OutcomeNumbers::Rejected(self.rejections.number(rejection)?)
            }
            Ok(events) => {
                let mut numbers = Vec::with_capacity(events.len());
                let mut after = state.clone();
                let (mut at, mut refused) = (node, false);
                for event in &events {
                    let number = match self.events.find(event)? {
                        Some(number) => number,
                        None => {
                            self.refusals.push(decider.is_refusal(event));
                            self.events.add(event.clone())
                        }
                    };
                    refused |= self.refusals[number as usize];
                    after = decider.evolve(after, event);
                    let next = self.node(&after)?;
                    self.nodes[at as usize].steps.push((number, next));
                    numbers.push(number);
                    at = next;
                }
                self.meets_commands(at, after);
                *(if refused { &mut self.refused } else { &mut self.accepted }) += 1;
                OutcomeNumbers::Events(numbers)
            }
        };
        let next = self.outcomes.len() as u32;
        let outcome = *self.outcomes.entry(outcome).or_insert(next);
        let command = self.commands.number(command)?;
        self.nodes[node as usize].answers.push((command, outcome));
        Ok(())
    }

    #[allow(clippy::type_complexity)]
    fn machine(self, name: &str) -> Result<Machine<D::Command, D::Event, D::Rejection>, MachineError> {
        let mut outcomes: Vec<(u32, OutcomeNumbers)> =
            self.outcomes.into_iter().map(|(outcome, number)| (number, outcome)).collect();
        outcomes.sort_unstable_by_key(|(number, _)| *number);
        let outcomes = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
        let (mut commands, mut events, mut rejections) =
            (self.commands.messages, self.events.messages, self.rejections.messages);
        let new =
            Renumbered { commands: commands.sort(), events: events.sort(), rejections: rejections.sort() };
        let mut refusals = self.refusals.clone();
        for (old, number) in new.events.iter().enumerate() {
            refusals[*number as usize] = self.refusals[old];
        }
        let tables = Tables { outcomes, nodes: self.nodes }.renumbered(&new);
        for node in &tables.nodes {
            let twice = |rows: &[(u32, u32)]| rows.windows(2).any(|two| two[0].0 == two[1].0);
            if twice(&node.answers) {
                return Err(differed(Differed::Answer));
            }
            if twice(&node.steps) {
                return Err(differed(Differed::State));
            }
        }
        Ok(Machine {
            name: name.to_string(),
            commands,
            events,
            refusals,
            rejections,
            tables: tables.ordered(),
        })
    }
}
