//! What a query selects, as copies of lists: read without the index, in order of position, each entry once.

use super::{EntryPosition, KIND_DESCRIBED, List, Numbers, Positioned, Row, Rows};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::{ControlFlow, Range};

/// What one item of a query selects: what its sources hold, and of that what passes the rest of it.
pub(crate) struct SelectedItem<R: Row> {
    pub(crate) sources: Vec<ListRange<R>>,
    /// Whether an entry has to be in one of the streams or categories.
    pub(crate) placed: bool,
    /// In order, as the categories and the kinds are.
    pub(crate) streams: Vec<u32>,
    pub(crate) categories: Vec<u32>,
    /// Of one of these types; empty where it does not matter.
    pub(crate) kinds: Vec<u32>,
    /// In each of these lists.
    pub(crate) tags: Vec<List<EntryPosition>>,
}

impl<R: Row> SelectedItem<R> {
    fn takes(&self, row: &R) -> bool {
        let Numbers { stream, category, kind } = row.numbers();
        (!self.placed
            || self.streams.binary_search(&stream).is_ok()
            || self.categories.binary_search(&category).is_ok())
            && (self.kinds.is_empty() || self.kinds.binary_search(&kind).is_ok())
            && self.tags.iter().all(|list| list.holds(row.position()))
    }

    fn takes_all(&self) -> bool {
        !self.placed && self.kinds.is_empty() && self.tags.is_empty()
    }
}

/// A part of a list.
pub(crate) enum ListRange<R: Row> {
    /// The list of a stream.
    Stream(List<R::InStream>, Range<usize>),
    /// A list of other entries.
    Some(List<EntryPosition>, Range<usize>),
    /// The list of all of them, without the metadata of streams.
    All(Range<usize>),
}

impl<R: Row> ListRange<R> {
    /// The entries between two positions, both included.
    pub(crate) fn of(list: List<EntryPosition>, from: u64, until: u64) -> Self {
        let range = between(&list, from, until);
        ListRange::Some(list, range)
    }

    /// The same of a stream's list, between two versions as well.
    pub(crate) fn of_stream(list: List<R::InStream>, from: u64, until: u64, versions: (u64, u64)) -> Self {
        let positions = between(&list, from, until);
        let first = usize::try_from(versions.0.saturating_sub(1)).unwrap_or(usize::MAX);
        let last = usize::try_from(versions.1).unwrap_or(usize::MAX);
        let start = positions.start.max(first).min(positions.end);
        let end = positions.end.min(last).max(start);
        ListRange::Stream(list, start..end)
    }

    pub(crate) fn everything(all: &Rows<R>, from: u64, until: u64) -> Self {
        let within = |position: u64| usize::try_from(position).unwrap_or(usize::MAX).min(all.len());
        let (start, end) = (within(from.saturating_sub(1)), within(until));
        ListRange::All(start..end.max(start))
    }

    fn range(&self) -> Range<usize> {
        match self {
            ListRange::Stream(_, range) | ListRange::Some(_, range) | ListRange::All(range) => range.clone(),
        }
    }
}

fn between<L: Positioned>(list: &List<L>, from: u64, until: u64) -> Range<usize> {
    let start = match from {
        0 | 1 => 0,
        from => list.count_until(from - 1),
    };
    let end = match list.last() {
        Some(last) if last > until => list.count_until(until),
        _ => list.len(),
    };
    start..end.max(start)
}

/// What a query selects.
pub(crate) struct Selection<R: Row> {
    pub(crate) all: Rows<R>,
    pub(crate) items: Vec<SelectedItem<R>>,
    pub(crate) backwards: bool,
}

impl<R: Row> Selection<R> {
    /// The first row of the selection, in its direction.
    pub(crate) fn first(&self) -> Option<R> {
        let mut found = None;
        self.each(&mut |row| {
            found = Some(row.clone());
            ControlFlow::Break(())
        });
        found
    }

    /// Shows every row in order, until `each` breaks off.
    pub(crate) fn each(&self, each: &mut dyn FnMut(&R) -> ControlFlow<()>) {
        if let [item] = &self.items[..]
            && let [source] = &item.sources[..]
        {
            if item.takes_all() {
                self.walk(source, each);
            } else {
                self.walk(source, &mut |row| {
                    if item.takes(row) { each(row) } else { ControlFlow::Continue(()) }
                });
            }
            return;
        }
        self.merge(each);
    }

    fn walk(&self, source: &ListRange<R>, each: &mut dyn FnMut(&R) -> ControlFlow<()>) {
        let range = source.range();
        // Breaking off is the caller's own affair.
        let _ = match source {
            ListRange::Stream(list, _) => list.each(&self.all, range, self.backwards, each),
            ListRange::Some(list, _) => list.each(&self.all, range, self.backwards, each),
            ListRange::All(_) => self.all.each(range, self.backwards, &mut |row| {
                if row.numbers().kind == KIND_DESCRIBED { ControlFlow::Continue(()) } else { each(row) }
            }),
        };
    }

    /// Several sources as one sequence, each entry once.
    fn merge(&self, each: &mut dyn FnMut(&R) -> ControlFlow<()>) {
        let mut cursors: Vec<Cursor<'_, R>> = self
            .items
            .iter()
            .flat_map(|item| item.sources.iter().map(move |source| (item, source)))
            .map(|(item, source)| Cursor { item, left: source.range(), source })
            .collect();
        let backwards = self.backwards;
        // The heap gives the greatest first: backwards as they are, forwards turned round.
        let rank = move |position: u64| if backwards { position } else { u64::MAX - position };
        let mut heap = BinaryHeap::with_capacity(cursors.len());
        for (at, cursor) in cursors.iter_mut().enumerate() {
            heap.extend(cursor.next(&self.all, backwards).map(|position| (rank(position), Reverse(at))));
        }
        let mut shown = None;
        while let Some((ranked, Reverse(at))) = heap.pop() {
            let row = self.all.at(rank(ranked));
            if let Some(row) = row.filter(|row| shown != Some(ranked) && cursors[at].item.takes(row)) {
                shown = Some(ranked);
                if each(row).is_break() {
                    return;
                }
            }
            heap.extend(cursors[at].next(&self.all, backwards).map(|position| (rank(position), Reverse(at))));
        }
    }
}

/// How far a source has been read.
struct Cursor<'s, R: Row> {
    item: &'s SelectedItem<R>,
    source: &'s ListRange<R>,
    left: Range<usize>,
}

impl<R: Row> Cursor<'_, R> {
    fn next(&mut self, all: &Rows<R>, backwards: bool) -> Option<u64> {
        loop {
            let at = if backwards { self.left.next_back()? } else { self.left.next()? };
            match self.source {
                ListRange::Stream(list, _) => return list.position(at),
                ListRange::Some(list, _) => return list.position(at),
                ListRange::All(_) => match all.get(at) {
                    Some(row) if row.numbers().kind == KIND_DESCRIBED => {}
                    row => return row.map(Positioned::position),
                },
            }
        }
    }
}
