//! Lists of entries. Entries that the log had when it was opened are one array, which all copies share; later ones are in a
//! persistent vector. So a log is opened quickly, a copy is O(1), and a copy does not grow with the list.

use im::Vector;
use im::shared_ptr::DefaultSharedPtr;
use im::vector::Focus;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

/// What a list holds.
pub(crate) trait Positioned: Clone {
    fn position(&self) -> u64;
}

/// What a list holds of entries that have rows.
pub(crate) trait Listed<R: Clone>: Positioned {
    /// Shows its row.
    fn show(&self, rows: &mut Lookup<'_, R>, each: &mut dyn FnMut(&R) -> ControlFlow<()>) -> ControlFlow<()>;
}

/// An entry by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryPosition(pub(crate) u64);

impl Positioned for EntryPosition {
    fn position(&self) -> u64 {
        self.0
    }
}

impl<R: Clone> Listed<R> for EntryPosition {
    fn show(&self, rows: &mut Lookup<'_, R>, each: &mut dyn FnMut(&R) -> ControlFlow<()>) -> ControlFlow<()> {
        rows.show(self.0, each)
    }
}

/// The rows of a log, from position 1 on.
#[derive(Clone)]
pub(crate) struct Rows<R: Clone> {
    old: Arc<Vec<R>>,
    new: Vector<R>,
}

impl<R: Clone> Rows<R> {
    pub(crate) fn new(old: Vec<R>) -> Self {
        Rows { old: Arc::new(old), new: Vector::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.old.len() + self.new.len()
    }

    /// The row at a position.
    pub(crate) fn at(&self, position: u64) -> Option<&R> {
        self.get(usize::try_from(position.checked_sub(1)?).ok()?)
    }

    pub(crate) fn get(&self, place: usize) -> Option<&R> {
        match place.checked_sub(self.old.len()) {
            None => self.old.get(place),
            Some(place) => self.new.get(place),
        }
    }

    pub(crate) fn push(&mut self, row: R) {
        self.new.push_back(row);
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        match length.checked_sub(self.old.len()) {
            Some(length) => self.new.truncate(length.min(self.new.len())),
            None => {
                self.new = Vector::new();
                self.old = Arc::new(self.old[..length].to_vec());
            }
        }
    }

    /// Shows the rows at these places, in order, until `each` breaks off.
    pub(crate) fn each(
        &self,
        range: Range<usize>,
        backwards: bool,
        each: &mut dyn FnMut(&R) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        parts(&self.old, &self.new, range, backwards, each, &mut |each, row| each(row), &mut |each, row| {
            each(row)
        })
    }

    fn lookup(&self) -> Lookup<'_, R> {
        Lookup { old: &self.old, new: self.new.focus() }
    }
}

/// Rows that are looked up one after the other: a neighbour of the last one is found quickly.
pub(crate) struct Lookup<'r, R: Clone> {
    old: &'r [R],
    new: Focus<'r, R, DefaultSharedPtr>,
}

impl<R: Clone> Lookup<'_, R> {
    /// Shows the row at a position.
    pub(crate) fn show(
        &mut self,
        position: u64,
        each: &mut dyn FnMut(&R) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let place = position.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        let row = place.and_then(|place| match place.checked_sub(self.old.len()) {
            None => self.old.get(place),
            Some(place) => self.new.get(place),
        });
        row.map_or(ControlFlow::Continue(()), each)
    }
}

/// Some entries of a log, in order.
#[derive(Clone)]
pub(crate) struct List<L> {
    /// Positions.
    old: Option<LoadedPositions>,
    new: Vector<L>,
}

/// A part of an array of positions that many lists share.
#[derive(Clone)]
pub(crate) struct LoadedPositions {
    positions: Arc<Vec<u32>>,
    from: u32,
    length: u32,
}

impl LoadedPositions {
    pub(crate) fn of(positions: &Arc<Vec<u32>>, range: Range<u32>) -> LoadedPositions {
        LoadedPositions { positions: positions.clone(), from: range.start, length: range.end - range.start }
    }

    fn as_slice(&self) -> &[u32] {
        &self.positions[self.from as usize..(self.from + self.length) as usize]
    }
}

impl<L: Positioned> List<L> {
    pub(crate) fn new() -> Self {
        List { old: None, new: Vector::new() }
    }

    /// A list that begins with these positions.
    pub(crate) fn beginning(old: LoadedPositions) -> Self {
        List { old: Some(old), new: Vector::new() }
    }

    fn old(&self) -> &[u32] {
        self.old.as_ref().map_or(&[], LoadedPositions::as_slice)
    }

    pub(crate) fn len(&self) -> usize {
        self.old.as_ref().map_or(0, |old| old.length as usize) + self.new.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The position of the entry at this place.
    pub(crate) fn position(&self, place: usize) -> Option<u64> {
        let old = self.old();
        match place.checked_sub(old.len()) {
            None => Some(old[place].into()),
            Some(place) => self.new.get(place).map(Positioned::position),
        }
    }

    pub(crate) fn first(&self) -> Option<u64> {
        self.position(0)
    }

    pub(crate) fn last(&self) -> Option<u64> {
        match self.new.back() {
            Some(last) => Some(last.position()),
            None => self.old().last().map(|position| u64::from(*position)),
        }
    }

    /// All positions.
    pub(crate) fn positions(&self) -> impl Iterator<Item = u64> {
        self.old()
            .iter()
            .map(|position| u64::from(*position))
            .chain(self.new.iter().map(Positioned::position))
    }

    /// The number of entries up to this position.
    pub(crate) fn count_until(&self, position: u64) -> usize {
        let old = self.old();
        if old.last().is_some_and(|last| u64::from(*last) > position) {
            return old.partition_point(|known| u64::from(*known) <= position);
        }
        let new = self.new.binary_search_by(|listed| listed.position().cmp(&position));
        old.len() + new.map_or_else(|at| at, |at| at + 1)
    }

    /// Whether the entry at this position is in it.
    pub(crate) fn holds(&self, position: u64) -> bool {
        let count = self.count_until(position);
        count > 0 && self.position(count - 1) == Some(position)
    }

    pub(crate) fn push(&mut self, listed: L) {
        self.new.push_back(listed);
    }

    /// Removes every entry after this position.
    pub(crate) fn cut(&mut self, after: u64) {
        let left = self.count_until(after);
        let old = self.old().len();
        self.new.truncate(left.saturating_sub(old).min(self.new.len()));
        if let Some(part) = &mut self.old
            && left < old
        {
            part.length = left as u32;
        }
    }

    /// Shows the rows of the entries at these places, in order, until `each` breaks off.
    pub(crate) fn each<R: Clone>(
        &self,
        rows: &Rows<R>,
        range: Range<usize>,
        backwards: bool,
        each: &mut dyn FnMut(&R) -> ControlFlow<()>,
    ) -> ControlFlow<()>
    where
        L: Listed<R>,
    {
        parts(
            self.old(),
            &self.new,
            range,
            backwards,
            &mut (rows.lookup(), each),
            &mut |(rows, each), position: &u32| rows.show((*position).into(), each),
            &mut |(rows, each), listed: &L| listed.show(rows, each),
        )
    }
}

/// Shows a part of an array and of the vector that continues it, each through a function of its own.
fn parts<O, N: Clone, E: ?Sized>(
    old: &[O],
    new: &Vector<N>,
    range: Range<usize>,
    backwards: bool,
    each: &mut E,
    of_old: &mut dyn FnMut(&mut E, &O) -> ControlFlow<()>,
    of_new: &mut dyn FnMut(&mut E, &N) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let in_old = range.start.min(old.len())..range.end.min(old.len());
    let in_new = range.start.max(old.len()) - old.len()..range.end.max(old.len()) - old.len();
    let old = &old[in_old];
    if backwards {
        leaves(new.focus(), in_new, true, &mut |item| of_new(each, item))?;
        old.iter().rev().try_for_each(|item| of_old(each, item))
    } else {
        old.iter().try_for_each(|item| of_old(each, item))?;
        leaves(new.focus(), in_new, false, &mut |item| of_new(each, item))
    }
}

/// Shows a part of a vector, leaf by leaf.
fn leaves<T: Clone>(
    mut focus: Focus<'_, T, DefaultSharedPtr>,
    range: Range<usize>,
    backwards: bool,
    each: &mut impl FnMut(&T) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Range { mut start, mut end } = range;
    while start < end {
        let at = if backwards { end - 1 } else { start };
        let (bounds, leaf) = focus.chunk_at(at);
        let (first, last) = (bounds.start.max(start), bounds.end.min(end));
        let part = &leaf[first - bounds.start..last - bounds.start];
        match backwards {
            true => part.iter().rev().try_for_each(&mut *each)?,
            false => part.iter().try_for_each(&mut *each)?,
        }
        if backwards { end = first } else { start = last }
    }
    ControlFlow::Continue(())
}
