//! What the index knows about one stream.

use super::super::batch::StreamState;
use super::Positioned;
use super::list::List;
use crate::recorded::{Headers, Position, StreamName, Version};
use crate::store::StreamInfo;
use std::sync::Arc;

/// What the index knows of a stream.
#[derive(Clone)]
pub(crate) struct Stream<L> {
    pub(crate) name: StreamName,
    pub(crate) category: u32,
    /// Events and tombstones: the entry of version `v` is the `v`-th.
    pub(crate) entries: List<L>,
    pub(crate) tombstones: Vec<u64>,
    pub(crate) described: Vec<(u64, Arc<Headers>)>,
}

impl<L: Positioned> Stream<L> {
    pub(crate) fn new(name: StreamName, category: u32, entries: List<L>) -> Self {
        Stream { name, category, entries, tombstones: Vec::new(), described: Vec::new() }
    }

    /// The number of entries up to this position, and the position of the last of them.
    fn entries_until(&self, until: u64) -> (usize, Option<u64>) {
        match self.entries.last() {
            Some(last) if last > until => {
                let count = self.entries.count_until(until);
                (count, count.checked_sub(1).and_then(|at| self.entries.position(at)))
            }
            last => (self.entries.len(), last),
        }
    }

    pub(crate) fn state(&self, until: u64) -> StreamState {
        // The last entry is elsewhere in memory, and is not needed here.
        if until == u64::MAX && self.tombstones.is_empty() {
            return match self.entries.len() {
                0 => StreamState::Missing,
                count => StreamState::At(Version::new(count as u64)),
            };
        }
        let (count, last) = self.entries_until(until);
        let version = Version::new(count as u64);
        match last {
            None => StreamState::Missing,
            Some(last) if self.tombstones.binary_search(&last).is_ok() => StreamState::Deleted(version),
            Some(_) => StreamState::At(version),
        }
    }

    /// Whether it has entries or metadata at this position.
    pub(crate) fn is_there(&self, until: u64) -> bool {
        self.entries.first().is_some_and(|first| first <= until)
            || self.described.first().is_some_and(|(first, _)| *first <= until)
    }

    pub(crate) fn info(&self, until: u64) -> Option<StreamInfo> {
        let state = self.state(until);
        let described = self.described.partition_point(|(position, _)| *position <= until);
        let metadata = described.checked_sub(1).map(|last| &self.described[last].1);
        if state == StreamState::Missing && metadata.is_none() {
            return None;
        }
        let first = self.entries.first().filter(|first| *first <= until);
        Some(StreamInfo {
            name: self.name.clone(),
            state,
            first: first.map(Position::new),
            last: self.entries_until(until).1.map(Position::new),
            metadata: metadata.map(|headers| (**headers).clone()).unwrap_or_default(),
        })
    }

    /// Removes every entry after this position.
    pub(crate) fn cut(&mut self, after: u64) {
        self.entries.cut(after);
        self.tombstones.retain(|position| *position <= after);
        self.described.retain(|(position, _)| *position <= after);
    }
}
