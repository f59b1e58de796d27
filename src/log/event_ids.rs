//! The positions at which an id may be found. An id that a log makes contains its position, so the table does not hold it;
//! of other ids it holds the hash, which keeps it small. The line at a position then shows whether it has the id.

use crate::store::clock_and_ids::number_in_id;
use crate::store::index::Hashed;
use std::collections::hash_map::Entry;
use xxhash_rust::xxh3::xxh3_64;

/// Hashes of ids with positions, without the ids that contain their position.
#[derive(Default)]
pub(super) struct IdTable {
    /// The ids that the log had when it was opened, in order of hash.
    sorted: Vec<(u64, u64)>,
    /// The ids that were added since; the rare second position of a hash is in `more`.
    recent: Hashed<u64, u64>,
    more: Vec<(u64, u64)>,
}

fn hash(id: &[u8]) -> u64 {
    xxh3_64(id)
}

/// The hash and the position that the table holds for an id; `None` if the id contains the position.
pub(super) fn table_entry(id: &[u8], position: u64) -> Option<(u64, u64)> {
    (number_in_id(id) != Some(position)).then(|| (hash(id), position))
}

impl IdTable {
    /// The ids of a whole log.
    pub(super) fn of(mut hashes: Vec<(u64, u64)>) -> Self {
        hashes.sort_unstable();
        IdTable::of_sorted(hashes)
    }

    /// The same for hashes that are in order.
    pub(super) fn of_sorted(hashes: Vec<(u64, u64)>) -> Self {
        IdTable { sorted: hashes, ..IdTable::default() }
    }

    /// All hashes with their positions.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        let recent = self.recent.iter().map(|(hash, position)| (*hash, *position));
        self.sorted.iter().copied().chain(recent).chain(self.more.iter().copied())
    }

    /// Adds an id unless its hash is in the table; returns whether it did.
    pub(super) fn add_new(&mut self, id: &str, position: u64) -> bool {
        let hash = hash(id.as_bytes());
        if !self.sorted.is_empty() && self.sorted.binary_search_by_key(&hash, |(known, _)| *known).is_ok() {
            return false;
        }
        match self.recent.entry(hash) {
            Entry::Occupied(_) => false,
            Entry::Vacant(free) => {
                free.insert(position);
                true
            }
        }
    }

    /// Adds an id, even if its hash is in the table.
    pub(super) fn add(&mut self, id: &str, position: u64) {
        match self.recent.entry(hash(id.as_bytes())) {
            Entry::Occupied(taken) => self.more.push((*taken.key(), position)),
            Entry::Vacant(free) => {
                free.insert(position);
            }
        }
    }

    /// Removes an id that was added at this position.
    pub(super) fn remove(&mut self, id: &str, position: u64) {
        let hash = hash(id.as_bytes());
        if self.recent.get(&hash) == Some(&position) {
            self.recent.remove(&hash);
        } else {
            self.more.retain(|known| *known != (hash, position));
        }
    }

    /// The positions at which the id may be.
    pub(super) fn find(&self, id: &str) -> impl Iterator<Item = u64> {
        let hash = hash(id.as_bytes());
        let from = self.sorted.partition_point(|(known, _)| *known < hash);
        let sorted = self.sorted[from..].iter().take_while(move |(known, _)| *known == hash);
        let recent = self.recent.get(&hash).into_iter().copied();
        let more = self.more.iter().filter(move |(known, _)| *known == hash);
        let own = number_in_id(id.as_bytes()).into_iter();
        own.chain(sorted.map(|(_, position)| *position))
            .chain(recent)
            .chain(more.map(|(_, position)| *position))
    }

    /// Removes every position after this one.
    pub(super) fn cut(&mut self, after: u64) {
        self.sorted.retain(|(_, position)| *position <= after);
        self.recent.retain(|_, position| *position <= after);
        self.more.retain(|(_, position)| *position <= after);
    }
}
