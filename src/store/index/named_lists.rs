//! Lists of entries by name: by category, by type.

use super::chunked_vec::ChunkedVec;
use super::list::List;
use super::{EntryPosition, Hashed};
use std::sync::Arc;

/// Names and their numbers, in the order in which they came, each with a list of entries.
pub(super) struct NamedLists {
    numbers: Hashed<Arc<str>, u32>,
    lists: ChunkedVec<(Arc<str>, List<EntryPosition>)>,
}

impl NamedLists {
    /// These names with their lists, in the order of their numbers.
    pub(super) fn beginning(names: Vec<Arc<str>>, lists: Vec<List<EntryPosition>>) -> Self {
        let numbers = names.iter().cloned().zip(0..).collect();
        NamedLists { numbers, lists: names.into_iter().zip(lists).collect() }
    }

    /// All names with their lists.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(Arc<str>, List<EntryPosition>)> {
        self.lists.iter()
    }

    /// The same as a copy, in O(1).
    pub(super) fn lists(&self) -> ChunkedVec<(Arc<str>, List<EntryPosition>)> {
        self.lists.clone()
    }

    /// The number of a name; a new one where it is new.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let (name, number): (Arc<str>, _) = (name.into(), number(self.lists.len()));
        self.numbers.insert(name.clone(), number);
        self.lists.push((name, List::new()));
        number
    }

    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub(super) fn name(&self, number: u32) -> &Arc<str> {
        &self.lists[number as usize].0
    }

    pub(super) fn list(&self, number: u32) -> &List<EntryPosition> {
        &self.lists[number as usize].1
    }

    pub(super) fn push(&mut self, number: u32, at: EntryPosition) {
        self.lists[number as usize].1.push(at);
    }

    /// Removes every entry after this position from one list.
    pub(super) fn cut_one(&mut self, number: u32, after: u64) {
        self.lists[number as usize].1.cut(after);
    }

    /// Removes every entry after this position.
    pub(super) fn cut(&mut self, after: u64) {
        (0..self.lists.len()).for_each(|number| self.lists[number].1.cut(after));
    }
}

/// There are fewer names than 32 bits count: each takes an entry of a log that has to fit in memory's index.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
