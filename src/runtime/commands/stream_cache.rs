//! The streams that a handler remembers: at most a bound, with a slot for each, so that threads with different streams
//! do not wait for each other.

use crate::recorded::StreamName;
use crate::runtime::panics::lock;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

/// The state of one stream; empty until it is loaded, and while it is in use.
pub(in crate::runtime) type Slot<T> = Arc<Mutex<Option<T>>>;

/// Slots in a queue. When all are taken, the first one is given away of which nobody has asked since it came to the front
/// last: "second chance", as operating systems do it with pages. Looking up takes O(1) on average, and at most `bound`
/// streams are remembered: all of them, if there are no more.
pub(in crate::runtime) struct Cache<T> {
    slots: Mutex<Slots<T>>,
    bound: usize,
}

struct Slots<T> {
    by_name: HashMap<StreamName, Remembered<T>, foldhash::fast::FixedState>,
    queue: VecDeque<StreamName>,
}

struct Remembered<T> {
    slot: Slot<T>,
    asked_for: bool,
}

impl<T> Cache<T> {
    pub(in crate::runtime) fn of(bound: usize) -> Self {
        Cache { slots: Mutex::new(Slots { by_name: HashMap::default(), queue: VecDeque::new() }), bound }
    }

    /// The slot of a stream; empty if the stream is not remembered.
    pub(in crate::runtime) fn slot(&self, stream: &StreamName) -> Slot<T> {
        let mut slots = lock(&self.slots);
        if let Some(remembered) = slots.by_name.get_mut(stream) {
            remembered.asked_for = true;
            return remembered.slot.clone();
        }
        let slot = Slot::default();
        if self.bound > 0 {
            slots.make_room(self.bound);
            let remembered = Remembered { slot: slot.clone(), asked_for: false };
            slots.by_name.insert(stream.clone(), remembered);
            slots.queue.push_back(stream.clone());
        }
        slot
    }

    /// How many streams have a slot.
    pub(in crate::runtime) fn remembered(&self) -> usize {
        lock(&self.slots).by_name.len()
    }
}

impl<T> Slots<T> {
    fn make_room(&mut self, bound: usize) {
        while self.by_name.len() >= bound
            && let Some(first) = self.queue.pop_front()
        {
            match self.by_name.get_mut(&first) {
                Some(remembered) if remembered.asked_for => {
                    remembered.asked_for = false;
                    self.queue.push_back(first);
                }
                _ => drop(self.by_name.remove(&first)),
            }
        }
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
    fn as_many_as_the_bound_are_remembered_in_whatever_order_they_are_asked_for() {
        let cache: Cache<u32> = Cache::of(100);
        let every = |step: u32| (0..100).map(move |number| number * step % 100);
        every(1).for_each(|number| *lock(&cache.slot(&stream(number))) = Some(number));
        for number in every(37).chain(every(1)).chain(every(99)) {
            assert_eq!(*lock(&cache.slot(&stream(number))), Some(number));
        }
    }

    #[test]
    fn a_bound_of_none_remembers_nothing() {
        let cache: Cache<u32> = Cache::of(0);
        *lock(&cache.slot(&stream(1))) = Some(1);
        assert_eq!(*lock(&cache.slot(&stream(1))), None);
    }
}
