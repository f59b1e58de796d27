//! A growing sequence that shares its items with its branches.

use std::ops::Range;
use std::sync::Arc;

/// A sequence of slices of shared vectors. New items go to the last vector if nobody else holds it, and otherwise to a new one.
/// A sequence that was never forked is one slice.
pub(super) struct Past<T> {
    slices: Vec<Slice<T>>,
    len: usize,
}

struct Slice<T> {
    items: Arc<Vec<T>>,
    /// Which of the items.
    of: Range<usize>,
    /// The index of the first of them in the whole sequence.
    start: usize,
}

impl<T> Slice<T> {
    fn end(&self) -> usize {
        self.start + self.of.len()
    }

    fn get(&self, at: usize) -> Option<&T> {
        self.items.get(self.of.start + (at - self.start))
    }

    /// The part of this slice from `start` to `end`, as indices of the whole sequence.
    fn cut(&self, start: usize, end: usize) -> Slice<T> {
        let from = |at: usize| self.of.start + (at - self.start);
        Slice { items: Arc::clone(&self.items), of: from(start)..from(end), start }
    }
}

impl<T> Past<T> {
    pub(super) fn new() -> Past<T> {
        Past { slices: Vec::new(), len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// O(1) in a sequence of one slice, otherwise O(log s) for s slices.
    pub(super) fn get(&self, at: usize) -> Option<&T> {
        match &*self.slices {
            [only] => self.items_at(only, at),
            slices => {
                let after = slices.partition_point(|slice| slice.start <= at);
                self.items_at(slices.get(after.checked_sub(1)?)?, at)
            }
        }
    }

    fn items_at<'s>(&self, slice: &'s Slice<T>, at: usize) -> Option<&'s T> {
        if at < self.len { slice.get(at) } else { None }
    }

    pub(super) fn last(&self) -> Option<&T> {
        self.get(self.len.checked_sub(1)?)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.slices.iter().flat_map(|slice| &slice.items[slice.of.clone()])
    }

    pub(super) fn push(&mut self, item: T) {
        match self.own() {
            Some(items) => {
                items.push(item);
                if let Some(slice) = self.slices.last_mut() {
                    slice.of.end += 1;
                }
            }
            None => self.slices.push(Slice { items: Arc::new(vec![item]), of: 0..1, start: self.len }),
        }
        self.len += 1;
    }

    /// Makes room for `more` items.
    pub(super) fn reserve(&mut self, more: usize) {
        match self.own() {
            Some(items) => items.reserve(more),
            None if more > 0 => {
                let items = Arc::new(Vec::with_capacity(more));
                self.slices.push(Slice { items, of: 0..0, start: self.len });
            }
            None => {}
        }
    }

    /// The last vector, if nobody else holds it and the sequence has all of its items up to its end.
    fn own(&mut self) -> Option<&mut Vec<T>> {
        let slice = self.slices.last_mut()?;
        Arc::get_mut(&mut slice.items).filter(|items| items.len() == slice.of.end)
    }

    /// The first `count` items, shared. O(s) for s slices.
    pub(super) fn first(&self, count: usize) -> Past<T> {
        let mut first = Past::new();
        first.share(self, 0..count.min(self.len));
        first
    }

    /// Adds these items of another sequence, shared. O(s) for s slices.
    pub(super) fn share(&mut self, other: &Past<T>, range: Range<usize>) {
        for slice in &other.slices {
            let (start, end) = (range.start.max(slice.start), range.end.min(slice.end()));
            if start < end {
                let cut = slice.cut(start, end);
                self.slices.push(Slice { start: self.len, ..cut });
                self.len += end - start;
            }
        }
    }

    /// How many first items are the same in both. Shared items are not compared.
    pub(super) fn common(&self, other: &Past<T>, same: impl Fn(&T, &T) -> bool) -> usize {
        let (mut at, mut mine, mut theirs) =
            (0, self.slices.iter().peekable(), other.slices.iter().peekable());
        while let (Some(one), Some(two)) = (mine.peek(), theirs.peek()) {
            let end = one.end().min(two.end());
            let shared = Arc::ptr_eq(&one.items, &two.items)
                && one.of.start + (at - one.start) == two.of.start + (at - two.start);
            while at < end {
                let equal = || one.get(at).zip(two.get(at)).is_some_and(|(one, two)| same(one, two));
                match shared {
                    true => at = end,
                    false if equal() => at += 1,
                    false => return at,
                }
            }
            let (one_ends, two_ends) = (one.end() == at, two.end() == at);
            if one_ends {
                mine.next();
            }
            if two_ends {
                theirs.next();
            }
        }
        at
    }
}

impl<T> Clone for Past<T> {
    fn clone(&self) -> Past<T> {
        self.first(self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(items: impl IntoIterator<Item = u32>) -> Past<u32> {
        let mut past = Past::new();
        items.into_iter().for_each(|item| past.push(item));
        past
    }

    fn listed(past: &Past<u32>) -> Vec<u32> {
        let by_index: Vec<u32> = (0..past.len()).map(|at| *past.get(at).unwrap()).collect();
        assert_eq!(by_index, past.iter().copied().collect::<Vec<_>>());
        assert_eq!(past.get(past.len()), None);
        by_index
    }

    #[test]
    fn a_branch_shares_what_it_begins_with_and_nobody_sees_what_it_adds() {
        let mut trunk = of(0..5);
        let mut branch = trunk.first(3);
        branch.push(70);
        trunk.push(5);
        branch.push(80);
        assert_eq!(listed(&trunk), [0, 1, 2, 3, 4, 5]);
        assert_eq!(listed(&branch), [0, 1, 2, 70, 80]);
        assert!((0..3).all(|at| std::ptr::eq(trunk.get(at).unwrap(), branch.get(at).unwrap())));
        assert_eq!(trunk.common(&branch, |one, two| one == two), 3);
    }

    #[test]
    fn the_end_of_a_branch_that_is_gone_does_not_come_back() {
        let mut trunk = of(0..5);
        trunk = trunk.first(2);
        trunk.push(9);
        assert_eq!(listed(&trunk), [0, 1, 9]);
    }

    #[test]
    fn pieces_of_the_middle_are_shared_too() {
        let trunk = of(0..9);
        let mut edited = trunk.first(2);
        edited.push(100);
        edited.share(&trunk, 3..7);
        edited.share(&edited.first(4), 1..4);
        assert_eq!(listed(&edited), [0, 1, 100, 3, 4, 5, 6, 1, 100, 3]);
        assert!(std::ptr::eq(edited.get(3).unwrap(), trunk.get(3).unwrap()));
    }

    #[test]
    fn what_two_begin_with_is_found_across_slices() {
        let trunk = of(0..9);
        let mut patched = trunk.first(2);
        patched.push(2);
        patched.share(&trunk, 3..9);
        // Equal, although item 2 is not shared.
        assert_eq!(patched.common(&trunk, |one, two| one == two), 9);
        assert_eq!(patched.common(&of([0, 1, 2, 3, 7]), |one, two| one == two), 4);
        assert_eq!(of([]).common(&trunk, |one, two| one == two), 0);
        assert_eq!(trunk.first(4).common(&trunk, |_, _| panic!("shared items are not compared")), 4);
    }
}
