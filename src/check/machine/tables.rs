//! The tables of a machine, by the numbers of its nodes and messages.

use super::NodeMark;
use std::collections::BTreeMap;

/// Represents no number.
pub(super) const NONE: u32 = u32::MAX;

/// Messages of one kind, each with its JSON.
#[derive(Clone)]
pub(super) struct Messages<T> {
    pub(super) values: Vec<T>,
    pub(super) texts: Vec<Box<str>>,
}

impl<T> Default for Messages<T> {
    fn default() -> Self {
        Messages { values: Vec::new(), texts: Vec::new() }
    }
}

impl<T> Messages<T> {
    /// Sorts them by their texts. Returns the new number of each.
    pub(super) fn sort(&mut self) -> Vec<u32> {
        let mut order: Vec<(usize, (Box<str>, T))> =
            std::mem::take(&mut self.texts).into_iter().zip(self.values.drain(..)).enumerate().collect();
        order.sort_by(|(_, (one, _)), (_, (other, _))| one.cmp(other));
        let mut numbers = vec![NONE; order.len()];
        for (new, (old, (text, value))) in order.into_iter().enumerate() {
            numbers[old] = new as u32;
            self.texts.push(text);
            self.values.push(value);
        }
        numbers
    }

    /// The number of the message with this text, if they are sorted. O(log n).
    pub(super) fn number(&self, text: &str) -> Option<u32> {
        self.texts.binary_search_by(|own| (**own).cmp(text)).ok().map(|at| at as u32)
    }
}

/// An outcome, by the numbers of its messages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum OutcomeNumbers {
    Events(Vec<u32>),
    Rejected(u32),
}

/// One node: its rows of both tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TableNode {
    pub(super) mark: NodeMark,
    pub(super) terminal: bool,
    pub(super) label: Option<Box<str>>,
    /// Commands, each with the number of its outcome.
    pub(super) answers: Vec<(u32, u32)>,
    /// Events, each with the number of the node after it.
    pub(super) steps: Vec<(u32, u32)>,
}

impl TableNode {
    pub(super) fn new(mark: NodeMark) -> Self {
        TableNode { mark, terminal: false, label: None, answers: Vec::new(), steps: Vec::new() }
    }
}

/// The row of this key.
pub(super) fn row(rows: &[(u32, u32)], key: u32) -> Option<u32> {
    rows.binary_search_by_key(&key, |(own, _)| *own).ok().map(|at| rows[at].1)
}

/// Both tables. Node 0 is the first one; rows are sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tables {
    pub(super) outcomes: Vec<OutcomeNumbers>,
    pub(super) nodes: Vec<TableNode>,
}

/// The new numbers of messages that were sorted.
pub(super) struct Renumbered {
    pub(super) commands: Vec<u32>,
    pub(super) events: Vec<u32>,
    pub(super) rejections: Vec<u32>,
}

impl Tables {
    /// The node after an outcome, if its events can be followed.
    pub(super) fn after(&self, node: u32, outcome: u32) -> Option<u32> {
        match &self.outcomes[outcome as usize] {
            OutcomeNumbers::Rejected(_) => Some(node),
            OutcomeNumbers::Events(events) => {
                events.iter().try_fold(node, |node, event| row(&self.nodes.get(node as usize)?.steps, *event))
            }
        }
    }

    /// The same tables with the messages of other numbers.
    pub(super) fn renumbered(mut self, new: &Renumbered) -> Tables {
        let map = |number: &u32, new: &[u32]| new[*number as usize];
        for outcome in &mut self.outcomes {
            match outcome {
                OutcomeNumbers::Rejected(rejection) => *rejection = map(rejection, &new.rejections),
                OutcomeNumbers::Events(events) => {
                    events.iter_mut().for_each(|event| *event = map(event, &new.events));
                }
            }
        }
        for node in &mut self.nodes {
            node.answers.iter_mut().for_each(|(command, _)| *command = map(command, &new.commands));
            node.steps.iter_mut().for_each(|(event, _)| *event = map(event, &new.events));
            for rows in [&mut node.answers, &mut node.steps] {
                rows.sort_unstable();
                rows.dedup();
            }
        }
        self
    }

    /// The same tables in their one order: nodes by their shortest, then first story, those in the midst of an outcome after
    /// all others, and outcomes by their content. What no outcome reaches is left out.
    pub(super) fn ordered(&self) -> Tables {
        let (numbers, order) = self.numbers();
        let used = order.iter().flat_map(|node| &self.nodes[*node as usize].answers);
        let mut outcomes: BTreeMap<&OutcomeNumbers, u32> =
            used.map(|(_, outcome)| (&self.outcomes[*outcome as usize], 0)).collect();
        outcomes.values_mut().zip(0..).for_each(|(number, next)| *number = next);
        let new_outcome: Vec<u32> =
            self.outcomes.iter().map(|outcome| outcomes.get(outcome).copied().unwrap_or(NONE)).collect();
        let nodes = order.iter().map(|node| {
            let old = &self.nodes[*node as usize];
            let answers =
                old.answers.iter().map(|(command, outcome)| (*command, new_outcome[*outcome as usize]));
            let steps = old.steps.iter().map(|(event, to)| (*event, numbers[*to as usize]));
            TableNode {
                mark: old.mark,
                terminal: old.terminal,
                label: old.label.clone(),
                answers: answers.collect(),
                steps: steps.filter(|(_, to)| *to != NONE).collect(),
            }
        });
        Tables { nodes: nodes.collect(), outcomes: outcomes.into_keys().cloned().collect() }
    }

    /// The new number of each node, and the nodes in the new order.
    fn numbers(&self) -> (Vec<u32>, Vec<u32>) {
        let mut numbers = vec![NONE; self.nodes.len()];
        let mut order = Vec::new();
        let mut add = |node: u32, order: &mut Vec<u32>| {
            let number = &mut numbers[node as usize];
            if *number == NONE {
                *number = order.len() as u32;
                order.push(node);
            }
        };
        add(0, &mut order);
        let mut visited = 0;
        while let Some(node) = order.get(visited).copied() {
            visited += 1;
            for (_, outcome) in &self.nodes[node as usize].answers {
                self.after(node, *outcome).into_iter().for_each(|after| add(after, &mut order));
            }
        }
        for at in 0..visited {
            for (_, outcome) in &self.nodes[order[at] as usize].answers {
                let OutcomeNumbers::Events(events) = &self.outcomes[*outcome as usize] else { continue };
                let mut node = order[at];
                for event in events {
                    let Some(next) = row(&self.nodes[node as usize].steps, *event) else { break };
                    add(next, &mut order);
                    node = next;
                }
            }
        }
        (numbers, order)
    }

    /// For each node the node and the command before it in its story; [`NONE`] for the first one. The node must be ordered.
    pub(super) fn origins(&self) -> Vec<(u32, u32)> {
        let mut origins = vec![(NONE, NONE); self.nodes.len()];
        for (node, own) in self.nodes.iter().enumerate() {
            for (command, outcome) in &own.answers {
                let OutcomeNumbers::Events(events) = &self.outcomes[*outcome as usize] else { continue };
                let mut at = node as u32;
                for (i, event) in events.iter().enumerate() {
                    let Some(next) = row(&self.nodes[at as usize].steps, *event) else { break };
                    at = next;
                    let ends = i + 1 == events.len();
                    let between = self.nodes[at as usize].mark == NodeMark::InBetween;
                    let origin = &mut origins[at as usize];
                    if at != 0 && (ends || between) && origin.0 == NONE {
                        *origin = (node as u32, *command);
                    }
                }
            }
        }
        origins
    }
}
