//! An open-addressing table of state numbers, with eight bytes for a slot.

/// Finds the number of a state by the hash of its key; the key itself is compared by the caller.
///
/// A slot holds a number and the upper half of the hash, its *tag*. The tag also determines the index of the slot, so the
/// table grows without reading any key, and a key is compared only where 32 bits of its hash agree.
///
/// The table is cut into parts that grow one by one, each by a quarter. A single table would need most memory while it
/// grows, when its old and its new form exist side by side.
pub(super) struct StateTable {
    parts: [TablePart; PARTS],
}

const PART_BITS: u32 = 6;
const PARTS: usize = 1 << PART_BITS;
const EMPTY: u64 = u64::MAX;
const SMALLEST: usize = 8;

impl Default for StateTable {
    fn default() -> Self {
        StateTable { parts: std::array::from_fn(|_| TablePart::default()) }
    }
}

impl StateTable {
    /// The number with this hash for which `is` returns true.
    #[inline]
    pub(super) fn find(&self, hash: u64, is: impl FnMut(u32) -> bool) -> Option<u32> {
        let tag = hash >> 32;
        self.parts[part(tag)].find(tag, is)
    }

    /// Adds a number that is not in the table yet. Amortized O(1).
    pub(super) fn insert(&mut self, hash: u64, number: u32) {
        let tag = hash >> 32;
        self.parts[part(tag)].insert(tag << 32 | u64::from(number));
    }
}

#[inline]
fn part(tag: u64) -> usize {
    (tag >> (32 - PART_BITS)) as usize
}

#[derive(Default)]
struct TablePart {
    slots: Vec<u64>,
    filled: usize,
}

impl TablePart {
    #[inline]
    fn find(&self, tag: u64, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mut at = place(tag, self.slots.len());
        loop {
            let slot = self.slots[at];
            if slot == EMPTY {
                return None;
            }
            if slot >> 32 == tag && is(slot as u32) {
                return Some(slot as u32);
            }
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
    }

    fn insert(&mut self, slot: u64) {
        if (self.filled + 1) * 5 > self.slots.len() * 4 {
            self.grow();
        }
        self.filled += 1;
        settle(&mut self.slots, slot);
    }

    fn grow(&mut self) {
        let mut slots = vec![EMPTY; (self.slots.len() / 4 * 5).max(SMALLEST).max(self.slots.len() + 4)];
        for &slot in &self.slots {
            if slot != EMPTY {
                settle(&mut slots, slot);
            }
        }
        self.slots = slots;
    }
}

fn settle(slots: &mut [u64], slot: u64) {
    let mut at = place(slot >> 32, slots.len());
    while slots[at] != EMPTY {
        at += 1;
        if at == slots.len() {
            at = 0;
        }
    }
    slots[at] = slot;
}

/// The first index for a tag: the tag without the bits that chose the part, scaled to the length. Works for any length, and
/// keeps neighbours together when the part grows.
#[inline]
fn place(tag: u64, length: usize) -> usize {
    let tag = (tag << PART_BITS) as u32;
    ((u64::from(tag) * length as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_found_again_and_none_that_is_not_there() {
        let mut table = StateTable::default();
        let hash = |n: u32| (u64::from(n) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for n in 0..10_000 {
            assert_eq!(table.find(hash(n), |found| found == n), None);
            table.insert(hash(n), n);
        }
        for n in 0..10_000 {
            assert_eq!(table.find(hash(n), |found| found == n), Some(n));
        }
        assert_eq!(table.find(hash(10_000), |found| found == 10_000), None);
    }

    #[test]
    fn one_hash_for_all_is_slow_and_right() {
        let mut table = StateTable::default();
        (0..500).for_each(|n| table.insert(u64::MAX, n));
        assert!((0..500).all(|n| table.find(u64::MAX, |found| found == n) == Some(n)));
    }
}
