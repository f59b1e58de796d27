//! Which steps a suite takes: by numbers, over the graph of a machine.

use super::Covering;
use std::collections::{HashSet, VecDeque};

/// The most steps of a chain, unless the way to a single step is longer.
pub(super) const LONGEST_CHAIN: usize = 20;

/// One command at one node.
#[derive(Clone, Copy)]
pub(super) struct GraphStep {
    pub(super) from: usize,
    pub(super) cell: u32,
    /// The numbers of the command and of its outcome.
    pub(super) answer: (u32, u32),
    pub(super) after: usize,
}

/// What has to be covered: the number of a cell or of a step, or two cells.
type Item = (u32, u32);

/// All steps of a machine, and what is covered of them so far.
pub(super) struct Cover<'g> {
    steps: &'g [GraphStep],
    covering: Covering,
    /// The steps of each node: those that stay there first.
    of_node: Vec<Vec<usize>>,
    /// One step to each other node that follows.
    moves: Vec<Vec<usize>>,
    /// One step of each cell at this node.
    cells: Vec<Vec<usize>>,
    /// The last step of the shortest way to each node.
    origins: Vec<Option<usize>>,
    covered: HashSet<Item>,
    /// Nodes at which nothing is left to begin with.
    is_spent: Vec<bool>,
}

impl<'g> Cover<'g> {
    /// `steps` are in the order of the nodes, and these by their shortest stories, beginning with 0.
    pub(super) fn new(nodes: usize, steps: &'g [GraphStep], covering: Covering) -> Self {
        let mut of_node: Vec<Vec<usize>> = vec![Vec::new(); nodes];
        let mut origins = vec![None; nodes];
        for (number, step) in steps.iter().enumerate() {
            of_node[step.from].push(number);
            if step.after != 0 && step.after != step.from {
                origins[step.after].get_or_insert(number);
            }
        }
        let one_of_each = |own: &[usize], key: &dyn Fn(usize) -> usize| {
            let mut seen = HashSet::new();
            own.iter().copied().filter(|step| seen.insert(key(*step))).collect::<Vec<usize>>()
        };
        let cells = of_node.iter().map(|own| one_of_each(own, &|step| steps[step].cell as usize)).collect();
        let moves = of_node.iter().enumerate().map(|(node, own)| {
            let mut moves = one_of_each(own, &|step| steps[step].after);
            moves.retain(|step| steps[*step].after != node);
            moves
        });
        let moves = moves.collect();
        for (node, own) in of_node.iter_mut().enumerate() {
            own.sort_by_key(|step| steps[*step].after != node);
        }
        Cover {
            steps,
            covering,
            of_node,
            moves,
            cells,
            origins,
            covered: HashSet::new(),
            is_spent: vec![false; nodes],
        }
    }

    /// One story for each item, the shortest one: the items in the order of their stories.
    pub(super) fn stories(&mut self) -> Vec<Vec<usize>> {
        let mut stories = Vec::new();
        for step in 0..self.steps.len() {
            let lasts: Vec<Vec<usize>> = match self.covering {
                Covering::Cells | Covering::Steps => vec![vec![step]],
                Covering::Pairs => {
                    let follow = &self.cells[self.steps[step].after];
                    follow.iter().map(|next| vec![step, *next]).collect()
                }
            };
            for last in lasts {
                let Some(item) = self.items(&last).last() else { continue };
                if self.covered.insert(item) {
                    let mut story = self.way_to(self.steps[step].from);
                    story.extend(last);
                    stories.push(story);
                }
            }
        }
        stories
    }

    /// Chains that cover all items together, each of them something that no other does.
    pub(super) fn chains(&mut self) -> Vec<Vec<usize>> {
        let mut chains = Vec::new();
        let mut first_open = 0;
        while first_open < self.is_spent.len() {
            let Some(tail) = self.tail(first_open) else {
                first_open += 1;
                continue;
            };
            let mut chain = self.way_to(first_open);
            chain.extend(tail);
            self.cover(&chain);
            while let Some(on) = self.next(&chain) {
                chain.extend(on);
                self.cover(&chain);
            }
            chains.push(chain);
        }
        self.without_needless(chains)
    }

    /// What a chain covers, in order.
    fn items<'c>(&self, chain: &'c [usize]) -> impl Iterator<Item = Item> + use<'_, 'g, 'c> {
        let cell = |step: &usize| self.steps[*step].cell;
        let pairs = self.covering == Covering::Pairs;
        (0..chain.len()).filter(move |at| !pairs || *at > 0).map(move |at| match self.covering {
            Covering::Cells => (cell(&chain[at]), 0),
            Covering::Steps => (chain[at] as u32, 0),
            Covering::Pairs => (cell(&chain[at - 1]), cell(&chain[at])),
        })
    }

    fn cover(&mut self, chain: &[usize]) {
        let items: Vec<Item> = self.items(chain).collect();
        self.covered.extend(items);
    }

    fn way_to(&self, node: usize) -> Vec<usize> {
        let origin = |step: &usize| self.origins[self.steps[*step].from];
        let mut way: Vec<usize> = std::iter::successors(self.origins[node], origin).collect();
        way.reverse();
        way
    }

    fn is_open(&self, chain: &[usize]) -> bool {
        self.items(chain).last().is_some_and(|item| !self.covered.contains(&item))
    }

    /// The fewest steps from this node that cover something: one, or two for a pair. A step to another node has a second one that
    /// tells this node from the one before, where there is such a step: otherwise an implementation that has forgotten the first
    /// would not be noticed.
    fn tail(&mut self, node: usize) -> Option<Vec<usize>> {
        if self.is_spent[node] {
            return None;
        }
        let found = match self.covering {
            Covering::Cells => {
                self.of_node[node].iter().find(|step| self.is_open(&[**step])).map(|step| vec![*step])
            }
            Covering::Steps => {
                let open = self.of_node[node].iter().find(|step| self.is_open(&[**step]));
                open.map(|step| std::iter::once(*step).chain(self.telling(*step)).collect())
            }
            Covering::Pairs => self.of_node[node].iter().find_map(|step| {
                let next = &self.cells[self.steps[*step].after];
                next.iter().map(|next| vec![*step, *next]).find(|two| self.is_open(two))
            }),
        };
        self.is_spent[node] = found.is_none();
        found
    }

    /// A step after this one that the node before would answer otherwise, if this one leads to another node: best one that is
    /// not covered yet.
    fn telling(&self, step: usize) -> Option<usize> {
        let GraphStep { from, after, .. } = self.steps[step];
        let before = &self.of_node[from];
        let answer = |step: usize| self.steps[step].answer;
        let tells = |step: &&usize| {
            let (command, outcome) = answer(**step);
            before.iter().any(|own| answer(*own).0 == command && answer(*own).1 != outcome)
        };
        let mut telling = self.of_node[after].iter().filter(|_| from != after).filter(tells);
        let first = telling.clone().next();
        let stays = |step: &&usize| self.steps[**step].after == after && self.is_open(&[**step]);
        telling.find(stays).or(first).copied()
    }

    /// The shortest way on from the end of a chain that covers something more, if there is room for it.
    fn next(&mut self, chain: &[usize]) -> Option<Vec<usize>> {
        let last = *chain.last()?;
        let room = LONGEST_CHAIN.checked_sub(chain.len() + 1)?;
        let at = self.steps[last].after;
        if self.covering == Covering::Pairs {
            let next = self.cells[at].iter().find(|next| self.is_open(&[last, **next]));
            if let Some(next) = next {
                return Some(vec![*next]);
            }
        }
        let mut reached_by: Vec<Option<usize>> = vec![None; self.is_spent.len()];
        let mut queue = VecDeque::from([(at, 0)]);
        while let Some((node, steps)) = queue.pop_front() {
            if let Some(tail) = self.tail(node) {
                let own = |step: &usize| Some(self.steps[*step].from).filter(|from| *from != at);
                let before = |step: &usize| own(step).and_then(|from| reached_by[from]);
                let mut way: Vec<usize> = std::iter::successors(reached_by[node], before).collect();
                way.reverse();
                way.extend(tail);
                return Some(way).filter(|way| way.len() <= room + 1);
            }
            if steps < room {
                for step in &self.moves[node] {
                    let after = self.steps[*step].after;
                    if after != at && reached_by[after].is_none() {
                        reached_by[after] = Some(*step);
                        queue.push_back((after, steps + 1));
                    }
                }
            }
        }
        None
    }

    /// Leaves out chains of which every item is in another one, the last ones first.
    fn without_needless(&self, mut chains: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
        let mut times = std::collections::HashMap::new();
        let items: Vec<HashSet<Item>> = chains.iter().map(|chain| self.items(chain).collect()).collect();
        items.iter().flatten().for_each(|item| *times.entry(*item).or_insert(0) += 1);
        for at in (0..chains.len()).rev() {
            if items[at].iter().all(|item| times[item] > 1) {
                items[at].iter().for_each(|item| *times.entry(*item).or_insert(1) -= 1);
                chains.remove(at);
            }
        }
        chains
    }

    /// How many items are covered.
    pub(super) fn covered(&self) -> usize {
        self.covered.len()
    }
}
