//! The streams that a handler remembers: at most a bound, with a slot for each, so that threads with different streams
//! do not wait for each other.

use crate::recorded::StreamName;
use crate::runtime::panics::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The state of one stream; empty until it is loaded, and while it is in use.
pub(in crate::runtime) type Slot<T> = Arc<Mutex<Option<T>>>;

type Slots<T> = HashMap<StreamName, Slot<T>, foldhash::fast::FixedState>;

/// Slots in two generations. When the young one is full, it becomes the old one, and the streams of the old one that
/// nobody has asked for since are forgotten. Looking up takes O(1), and at most `bound` streams are remembered.
pub(in crate::runtime) struct Cache<T> {
    generations: Mutex<[Slots<T>; 2]>,
    bound: usize,
}

impl<T> Cache<T> {
    pub(in crate::runtime) fn of(bound: usize) -> Self {
        Cache { generations: Mutex::default(), bound }
    }

    /// The slot of a stream; empty if the stream is not remembered.
    pub(in crate::runtime) fn slot(&self, stream: &StreamName) -> Slot<T> {
        let mut generations = lock(&self.generations);
        let [young, old] = &mut *generations;
        if let Some(slot) = young.get(stream) {
            return slot.clone();
        }
        if young.len() >= self.bound.div_ceil(2) {
            *old = std::mem::take(young);
        }
        let slot = old.remove(stream).unwrap_or_default();
        if self.bound > 0 {
            young.insert(stream.clone(), slot.clone());
        }
        slot
    }

    /// How many streams have a slot.
    pub(in crate::runtime) fn remembered(&self) -> usize {
        lock(&self.generations).iter().map(HashMap::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(number: u32) -> StreamName {
        StreamName::of("stream", number).unwrap()
    }

    #[test]
    fn what_is_asked_for_again_stays_and_no_more_than_the_bound_is_kept() {
        let cache: Cache<u32> = Cache::of(8);
        *lock(&cache.slot(&stream(0))) = Some(7);
        for number in 1..100 {
            *lock(&cache.slot(&stream(number))) = Some(number);
            assert_eq!(*lock(&cache.slot(&stream(0))), Some(7), "asked for every time");
            assert!(cache.remembered() <= 8, "{}", cache.remembered());
        }
        assert_eq!(*lock(&cache.slot(&stream(50))), None);
        assert_eq!(*lock(&cache.slot(&stream(98))), Some(98));
    }

    #[test]
    fn a_bound_of_none_remembers_nothing() {
        let cache: Cache<u32> = Cache::of(0);
        *lock(&cache.slot(&stream(1))) = Some(1);
        assert_eq!(*lock(&cache.slot(&stream(1))), None);
    }
}
