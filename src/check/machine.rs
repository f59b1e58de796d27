//! The machine: an explored model as a value.
//!
//! [`Explore::machine`](crate::check::Explore::machine) returns a [`Machine`]: two tables, of what each command leads to and
//! of what each event leads to. It is a [`Decider`] over the messages of the model, so that every check reads it as it reads
//! the model, without the model's code. [`quotient`](Machine::quotient) is its smallest form, and
//! [`to_json`](Machine::to_json) writes it into a file.
//!
//! ```
//! use leftfold::check::{Machine, MachineAnswer, MachineNode, explore};
//! use leftfold::{Decider, Fold, decider};
//!
//! // A jar of at most three sweets. A full jar is closed at once.
//! let jar = decider(
//!     || 0u8,
//!     |put: &u8, sweets: &u8| match sweets + put {
//!         3 => Ok(vec!["put", "closed"]),
//!         4.. => Err("too many"),
//!         _ => Ok(vec!["put"]),
//!     },
//!     |sweets: u8, event: &&str| if *event == "put" { sweets + 1 } else { 9 },
//! );
//! let machine = explore(&jar, |_: &u8| [1u8]).machine()?;
//!
//! let first = machine.initial_state();
//! let after = MachineNode::Number(1);
//! assert_eq!(machine.answer(first, &1), MachineAnswer::Outcome { outcome: Ok(vec!["put"]), after });
//! assert_eq!(machine.answer(first, &2), MachineAnswer::NotInTable);
//!
//! // It is a decider, so it can be explored as well.
//! let found = explore(&machine, |node: &MachineNode| machine.commands(*node).copied().collect::<Vec<_>>()).run();
//! assert_eq!((found.states, found.accepted, found.refused), (4, 3, 1));
//! # Ok::<(), leftfold::check::MachineError>(())
//! ```

mod build;
mod error;
mod file;
mod quotient;
mod tables;

pub use error::{MachineError, MachineFileError};

use crate::decider::Decider;
use crate::fold::Fold;
use crate::json;
use serde::{Deserialize, Serialize};
use std::fmt;
use tables::{Messages, NONE, OutcomeNumbers, TableNode, Tables, row};

/// An explored model as a value: its nodes, what each command leads to, and what each event leads to.
///
/// A node is a state of the model: one that commands meet, or one in the midst of an outcome of several events. Nodes are
/// numbered by their shortest story, and among stories of one length by the one whose commands come first as JSON. So two
/// explorations of the same behaviour give equal machines, whatever the order of their alphabets.
///
/// Messages are known by their JSON. To look one up takes O(log n) comparisons of texts.
///
/// Made by [`Explore::machine`](crate::check::Explore::machine) and [`Machine::from_json`]; see the [module](self) for an
/// example.
#[derive(Clone)]
pub struct Machine<C, E, R> {
    name: String,
    commands: Messages<C>,
    events: Messages<E>,
    /// Whether each event is a refusal.
    refusals: Vec<bool>,
    rejections: Messages<R>,
    tables: Tables,
}

/// A node of a [`Machine`], and its state as a decider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MachineNode {
    /// The node of this number.
    Number(u32),
    /// No node: an event came that the machine does not know there.
    NotInTable,
    /// No node: an event came beyond the bound of the exploration.
    NotFollowed,
}

/// How far a node of a [`Machine`] was explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NodeMark {
    /// All commands of the alphabet were tried here.
    Followed,
    /// A bound left commands of the alphabet untried here.
    Frontier,
    /// It is in the midst of an outcome; no command meets it.
    InBetween,
}

/// What a [`Machine`] knows about a command at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MachineAnswer<E, R> {
    /// What the model answers.
    Outcome {
        /// The events, or the rejection.
        outcome: Result<Vec<E>, R>,
        /// The node after it.
        after: MachineNode,
    },
    /// Nobody has asked: the alphabet has no such command there.
    NotInTable,
    /// A bound ended the exploration before the command was tried.
    NotFollowed,
}

/// Why a [`Machine`] refuses a command.
///
/// A rejection of the model keeps its name, and prints as before.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "leftfold::LookThrough")]
pub enum MachineRejection<R> {
    /// The model refuses it.
    Rejected(R),
    /// See [`MachineAnswer::NotInTable`].
    NotInTable,
    /// See [`MachineAnswer::NotFollowed`].
    NotFollowed,
}

impl<R> From<R> for MachineRejection<R> {
    fn from(rejection: R) -> Self {
        MachineRejection::Rejected(rejection)
    }
}

impl<R: fmt::Debug> fmt::Debug for MachineRejection<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MachineRejection::Rejected(rejection) => rejection.fmt(f),
            MachineRejection::NotInTable => f.write_str("NotInTable"),
            MachineRejection::NotFollowed => f.write_str("NotFollowed"),
        }
    }
}

impl<R: fmt::Display> fmt::Display for MachineRejection<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MachineRejection::Rejected(rejection) => rejection.fmt(f),
            MachineRejection::NotInTable => f.write_str("the machine has no such command here"),
            MachineRejection::NotFollowed => f.write_str("the exploration ended before this command"),
        }
    }
}

/// The number of a message by its JSON.
fn number<T>(message: &impl Serialize, of: &Messages<T>) -> Option<u32> {
    let mut text = Vec::new();
    json::write(message, &mut text).ok()?;
    of.number(std::str::from_utf8(&text).ok()?)
}

impl<C, E, R> Machine<C, E, R> {
    /// The name of the model: at first the name of its type.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same machine with another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// All nodes, by their shortest and then first story; those in the midst of an outcome come last.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = MachineNode> + use<C, E, R> {
        (0..self.tables.nodes.len() as u32).map(MachineNode::Number)
    }

    /// How far this node was explored; `None` if it is no node of this machine.
    pub fn mark(&self, node: MachineNode) -> Option<NodeMark> {
        Some(self.node(node)?.mark)
    }

    /// What the state of this node is called; `None` for a machine without labels, or if it is no node of this machine. See
    /// [`machine_with`](crate::check::Explore::machine_with).
    pub fn label(&self, node: MachineNode) -> Option<&str> {
        self.node(node)?.label.as_deref()
    }

    /// Whether every command of the alphabet was tried at every node that meets commands.
    pub fn is_whole(&self) -> bool {
        self.tables.nodes.iter().all(|node| node.mark != NodeMark::Frontier)
    }

    /// The commands that were tried at a node, in the order of their JSON: an alphabet with which the machine can be explored.
    pub fn commands(&self, node: MachineNode) -> impl Iterator<Item = &C> {
        let answers = self.node(node).map(|node| node.answers.as_slice()).unwrap_or_default();
        answers.iter().map(|(command, _)| &self.commands.values[*command as usize])
    }

    /// The shortest story to a node, and among these the first by the JSON of its commands. The last command of a node in the
    /// midst of an outcome is the one that leads through it. `None` if it is no node of this machine. O(steps).
    pub fn story(&self, node: MachineNode) -> Option<Vec<&C>> {
        self.node(node)?;
        let origins = self.tables.origins();
        let mut commands = Vec::new();
        let mut at = node;
        while let MachineNode::Number(number) = at {
            let (before, command) = origins[number as usize];
            if before == NONE {
                break;
            }
            commands.push(&self.commands.values[command as usize]);
            at = MachineNode::Number(before);
        }
        commands.reverse();
        Some(commands)
    }

    /// The same machine with one node for all nodes that behave alike: the smallest one that answers every story in the same
    /// way. Nodes on the frontier are like no other.
    ///
    /// It does not change with the form of the states: another order of the alphabet, a renamed field or one that decides
    /// nothing give the same quotient. One changed answer gives another.
    ///
    /// Nodes are alike if they answer all commands alike. If an event that no command has as its outcome there would then lead to
    /// two nodes, events decide as well, and more nodes remain.
    ///
    /// [Labels](Self::label) decide nothing: a node keeps the label of the first node that it stands for, by their order. Nodes in
    /// the midst of an outcome may lose theirs.
    ///
    /// Time: O(steps) for each round of refinement; there are at most as many rounds as nodes, usually few.
    #[must_use]
    pub fn quotient(&self) -> Self
    where
        C: Clone,
        E: Clone,
        R: Clone,
    {
        Machine {
            name: self.name.clone(),
            commands: self.commands.clone(),
            events: self.events.clone(),
            refusals: self.refusals.clone(),
            rejections: self.rejections.clone(),
            tables: self.tables.quotient(),
        }
    }

    fn node(&self, node: MachineNode) -> Option<&TableNode> {
        match node {
            MachineNode::Number(number) => self.tables.nodes.get(number as usize),
            MachineNode::NotInTable | MachineNode::NotFollowed => None,
        }
    }

    /// Whether what is not known at this node may be known beyond a bound.
    fn is_open(&self, node: MachineNode) -> bool {
        node == MachineNode::NotFollowed || self.mark(node) == Some(NodeMark::Frontier)
    }
}

impl<C: Serialize, E: Clone, R: Clone> Machine<C, E, R> {
    /// What the model answers to a command at a node, if that was explored.
    pub fn answer(&self, node: MachineNode, command: &C) -> MachineAnswer<E, R> {
        let MachineNode::Number(number_of_node) = node else {
            return self.no_answer(node);
        };
        let known = self
            .node(node)
            .and_then(|own| row(&own.answers, number(command, &self.commands)?))
            .and_then(|outcome| Some((outcome, self.tables.after(number_of_node, outcome)?)));
        let Some((outcome, after)) = known else { return self.no_answer(node) };
        let outcome = match &self.tables.outcomes[outcome as usize] {
            OutcomeNumbers::Rejected(rejection) => Err(self.rejections.values[*rejection as usize].clone()),
            OutcomeNumbers::Events(events) => {
                Ok(events.iter().map(|event| self.events.values[*event as usize].clone()).collect())
            }
        };
        MachineAnswer::Outcome { outcome, after: MachineNode::Number(after) }
    }

    fn no_answer(&self, node: MachineNode) -> MachineAnswer<E, R> {
        if self.is_open(node) { MachineAnswer::NotFollowed } else { MachineAnswer::NotInTable }
    }
}

/// Begins where the exploration began. An event that is not known at a node leads to [`MachineNode::NotInTable`], beyond a bound
/// to [`MachineNode::NotFollowed`], and no event leads back.
impl<C, E: Serialize, R> Fold for Machine<C, E, R> {
    type State = MachineNode;
    type Event = E;

    fn initial_state(&self) -> MachineNode {
        MachineNode::Number(0)
    }

    fn evolve(&self, node: MachineNode, event: &E) -> MachineNode {
        let next = self.node(node).and_then(|own| row(&own.steps, number(event, &self.events)?));
        match next {
            Some(next) => MachineNode::Number(next),
            None if self.is_open(node) => MachineNode::NotFollowed,
            None => MachineNode::NotInTable,
        }
    }
}

impl<C: Serialize, E: Clone + Serialize, R: Clone> Decider for Machine<C, E, R> {
    type Command = C;
    type Rejection = MachineRejection<R>;

    fn decide(&self, command: &C, node: &MachineNode) -> Result<Vec<E>, MachineRejection<R>> {
        match self.answer(*node, command) {
            MachineAnswer::Outcome { outcome, .. } => outcome.map_err(MachineRejection::Rejected),
            MachineAnswer::NotInTable => Err(MachineRejection::NotInTable),
            MachineAnswer::NotFollowed => Err(MachineRejection::NotFollowed),
        }
    }

    fn is_terminal(&self, node: &MachineNode) -> bool {
        self.node(*node).is_some_and(|node| node.terminal)
    }

    fn is_refusal(&self, event: &E) -> bool {
        number(event, &self.events).is_some_and(|event| self.refusals[event as usize])
    }
}

/// Machines are equal if their files are: the same name, messages, nodes, labels and answers.
impl<C, E, R> PartialEq for Machine<C, E, R> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.commands.texts == other.commands.texts
            && self.events.texts == other.events.texts
            && self.refusals == other.refusals
            && self.rejections.texts == other.rejections.texts
            && self.tables == other.tables
    }
}

impl<C, E, R> Eq for Machine<C, E, R> {}

impl<C, E, R> fmt::Debug for Machine<C, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: usize = self.tables.nodes.iter().map(|node| node.answers.len()).sum();
        f.debug_struct("Machine")
            .field("name", &self.name)
            .field("nodes", &self.tables.nodes.len())
            .field("steps", &steps)
            .field("whole", &self.is_whole())
            .finish_non_exhaustive()
    }
}
