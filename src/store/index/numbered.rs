use super::{Hashed, Listed, shorten};
use im::Vector;
use std::sync::Arc;

/// Names and their numbers, in the order in which they came, each with a list of entries.
pub(super) struct Numbered<L> {
    numbers: Hashed<Arc<str>, u32>,
    lists: Vec<(Arc<str>, Vector<L>)>,
}

impl<L: Listed> Numbered<L> {
    pub(super) fn new() -> Self {
        Numbered { numbers: Hashed::default(), lists: Vec::new() }
    }

    /// The number of a name; a new one where it is new.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let (name, number): (Arc<str>, _) = (name.into(), number(self.lists.len()));
        self.numbers.insert(name.clone(), number);
        self.lists.push((name, Vector::new()));
        number
    }

    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub(super) fn name(&self, number: u32) -> &Arc<str> {
        &self.lists[number as usize].0
    }

    pub(super) fn list(&self, number: u32) -> &Vector<L> {
        &self.lists[number as usize].1
    }

    pub(super) fn push(&mut self, number: u32, listed: L) {
        self.lists[number as usize].1.push_back(listed);
    }

    /// Takes out every entry behind this position.
    pub(super) fn cut(&mut self, after: u64) {
        self.lists.iter_mut().for_each(|(_, list)| shorten(list, after));
    }
}

/// There are fewer names than 32 bits count: each takes an entry of a log that has to fit in memory's index.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
