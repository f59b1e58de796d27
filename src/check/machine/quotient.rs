//! Nodes that behave alike become one.

use super::NodeMark;
use super::tables::{NONE, OutcomeNumbers, TableNode, Tables};
use foldhash::fast::FixedState;
use std::collections::{BTreeMap, HashMap};

impl Tables {
    /// The tables with one node for all nodes that behave alike.
    ///
    /// Commands decide what is alike. A node in the midst of an outcome is made again for each outcome, and is one with a
    /// node that meets commands only where one outcome begins another; so it does not matter which states of the model happen
    /// to be equal there. Where nodes that answer alike cannot be one node of the table of events, events decide as well.
    pub(super) fn quotient(&self) -> Tables {
        let joined = self.joined(&self.alike(false));
        let tables = joined.as_ref().unwrap_or(self);
        tables.merged(&tables.alike(true)).ordered()
    }

    /// The class of each node, numbered by first members: nodes of a class answer each command alike and lead to the same
    /// classes (Moore's partition refinement). Time: O(steps) for each round, and at most as many rounds as nodes.
    ///
    /// `events` says whether the table of events has to agree, too.
    fn alike(&self, events: bool) -> Vec<u32> {
        let afters: Vec<Vec<u32>> = (0..).zip(&self.nodes).map(|(at, node)| self.afters(at, node)).collect();
        let mut classes = numbered(self.nodes.iter().enumerate().map(|(at, node)| {
            // What lies beyond the bound is unknown, and so like nothing else.
            let own = if node.mark == NodeMark::Frontier { at } else { 0 };
            (node.mark, node.terminal, own)
        }));
        loop {
            let class = |node: &u32| classes.0.get(*node as usize).copied().unwrap_or(NONE);
            let signatures = self.nodes.iter().zip(&afters).enumerate().map(|(at, (node, afters))| {
                let answers = node.answers.iter().zip(afters);
                let mut signature = vec![classes.0[at]];
                signature.extend(
                    answers.flat_map(|((command, outcome), after)| [*command, *outcome, class(after)]),
                );
                if events {
                    signature.push(NONE);
                    signature.extend(node.steps.iter().flat_map(|(event, to)| [*event, class(to)]));
                }
                signature
            });
            let next = numbered(signatures);
            if next.1 == classes.1 {
                return next.0;
            }
            classes = next;
        }
    }

    fn afters(&self, at: u32, node: &TableNode) -> Vec<u32> {
        node.answers.iter().map(|(_, outcome)| self.after(at, *outcome).unwrap_or(NONE)).collect()
    }

    /// One node for each class.
    fn merged(&self, classes: &[u32]) -> Tables {
        let mut nodes: Vec<TableNode> = Vec::new();
        for (node, class) in self.nodes.iter().zip(classes) {
            if *class as usize == nodes.len() {
                let mut node = node.clone();
                node.steps.iter_mut().for_each(|(_, to)| *to = classes[*to as usize]);
                nodes.push(node);
            }
        }
        Tables { outcomes: self.outcomes.clone(), nodes }
    }

    /// One node for each class of nodes that meet commands, and the nodes between them as the outcomes need them. `None` where
    /// the same event would lead from one class to two.
    fn joined(&self, classes: &[u32]) -> Option<Tables> {
        let mut join = Join::default();
        let mut by_class: HashMap<u32, u32> = HashMap::new();
        for (node, class) in self.nodes.iter().zip(classes) {
            if node.mark != NodeMark::InBetween && !by_class.contains_key(class) {
                let mut node = node.clone();
                node.steps.clear();
                by_class.insert(*class, join.add(node));
            }
        }
        let mut done = vec![false; join.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            let Some(class) = by_class.get(&classes[at]) else { continue };
            if std::mem::replace(&mut done[*class as usize], true) {
                continue;
            }
            for ((_, outcome), after) in node.answers.iter().zip(self.afters(at as u32, node)) {
                if let OutcomeNumbers::Events(events) = &self.outcomes[*outcome as usize] {
                    let after = classes.get(after as usize).and_then(|class| by_class.get(class))?;
                    join.outcome(*class, events, *after)?;
                }
            }
        }
        Some(Tables { outcomes: self.outcomes.clone(), nodes: join.nodes() })
    }
}

/// The number of each value among unequal ones, and how many unequal ones there are.
fn numbered<T: Eq + std::hash::Hash>(values: impl Iterator<Item = T>) -> (Vec<u32>, usize) {
    let mut numbers: HashMap<T, u32, FixedState> = HashMap::default();
    let each = values.map(|value| {
        let next = numbers.len() as u32;
        *numbers.entry(value).or_insert(next)
    });
    (each.collect(), numbers.len())
}

/// Nodes that are found to be one, while outcomes are laid between them.
#[derive(Default)]
struct Join {
    nodes: Vec<TableNode>,
    /// The node that each has become a part of; itself at first.
    parts_of: Vec<u32>,
    steps: Vec<BTreeMap<u32, u32>>,
}

impl Join {
    fn add(&mut self, node: TableNode) -> u32 {
        let number = self.nodes.len() as u32;
        self.nodes.push(node);
        self.parts_of.push(number);
        self.steps.push(BTreeMap::new());
        number
    }

    fn find(&self, mut node: u32) -> u32 {
        while self.parts_of[node as usize] != node {
            node = self.parts_of[node as usize];
        }
        node
    }

    /// Lays the events of an outcome from one node to another.
    fn outcome(&mut self, from: u32, events: &[u32], to: u32) -> Option<()> {
        let mut at = from;
        for (i, event) in events.iter().enumerate() {
            let here = self.find(at) as usize;
            let known = self.steps[here].get(event).copied();
            let last = i + 1 == events.len();
            at = match known {
                Some(next) if last => {
                    self.unite(next, to)?;
                    to
                }
                Some(next) => next,
                None => {
                    let next = if last { to } else { self.add(TableNode::new(NodeMark::InBetween)) };
                    self.steps[here].insert(*event, next);
                    next
                }
            };
        }
        // An outcome without events stays where it is.
        (self.find(at) == self.find(to)).then_some(())
    }

    /// Makes two nodes one, and with them the nodes after the same events. `None` if both meet commands.
    fn unite(&mut self, one: u32, other: u32) -> Option<()> {
        let mut pairs = vec![(one, other)];
        while let Some((one, other)) = pairs.pop() {
            let (one, other) = (self.find(one), self.find(other));
            if one == other {
                continue;
            }
            let between = |node: u32| self.nodes[node as usize].mark == NodeMark::InBetween;
            let (kept, gone) = match (between(one), between(other)) {
                (_, true) => (one, other),
                (true, false) => (other, one),
                (false, false) => return None,
            };
            self.parts_of[gone as usize] = kept;
            for (event, to) in std::mem::take(&mut self.steps[gone as usize]) {
                match self.steps[kept as usize].get(&event) {
                    Some(known) => pairs.push((*known, to)),
                    None => {
                        self.steps[kept as usize].insert(event, to);
                    }
                }
            }
        }
        Some(())
    }

    /// The nodes with their steps; those that have become a part of another are left without any.
    fn nodes(mut self) -> Vec<TableNode> {
        for at in 0..self.nodes.len() {
            let steps = std::mem::take(&mut self.steps[at]);
            self.nodes[at].steps = steps.into_iter().map(|(event, to)| (event, self.find(to))).collect();
        }
        self.nodes
    }
}
