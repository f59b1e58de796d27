//! A vector that is copied in O(1), and changed chunk by chunk.

use std::ops::{Index, IndexMut};
use std::sync::Arc;

/// A row that grows at its end: looked into as quickly as an array, and copied in O(1). What a copy still holds is copied
/// chunk by chunk when it changes.
#[derive(Clone)]
pub(super) struct ChunkedVec<T> {
    chunks: Arc<Vec<Arc<Vec<T>>>>,
    len: usize,
}

const WIDTH: usize = 64;

impl<T: Clone> ChunkedVec<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push(&mut self, item: T) {
        let chunks = Arc::make_mut(&mut self.chunks);
        if self.len.is_multiple_of(WIDTH) {
            chunks.push(Arc::new(Vec::new()));
        }
        if let Some(last) = chunks.last_mut() {
            Arc::make_mut(last).push(item);
            self.len += 1;
        }
    }

    pub(super) fn get(&self, place: usize) -> Option<&T> {
        self.chunks.get(place / WIDTH)?.get(place % WIDTH)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }
}

impl<T: Clone> FromIterator<T> for ChunkedVec<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut all = ChunkedVec { chunks: Arc::default(), len: 0 };
        items.into_iter().for_each(|item| all.push(item));
        all
    }
}

impl<T: Clone> Index<usize> for ChunkedVec<T> {
    type Output = T;

    fn index(&self, place: usize) -> &T {
        &self.chunks[place / WIDTH][place % WIDTH]
    }
}

impl<T: Clone> IndexMut<usize> for ChunkedVec<T> {
    fn index_mut(&mut self, place: usize) -> &mut T {
        let chunk = &mut Arc::make_mut(&mut self.chunks)[place / WIDTH];
        &mut Arc::make_mut(chunk)[place % WIDTH]
    }
}

#[cfg(test)]
mod tests {
    use super::{ChunkedVec, WIDTH};

    #[test]
    fn a_copy_stays_as_it_is_while_the_row_goes_on() {
        let mut row: ChunkedVec<usize> = (0..3 * WIDTH + 1).collect();
        let copy = row.clone();
        row.push(7);
        row[0] = 9;
        row[2 * WIDTH] = 9;
        assert_eq!(copy.iter().copied().collect::<Vec<_>>(), (0..3 * WIDTH + 1).collect::<Vec<_>>());
        assert_eq!((row[0], row[2 * WIDTH], row[WIDTH], row[3 * WIDTH + 1]), (9, 9, WIDTH, 7));
        assert_eq!((row.len(), copy.len()), (3 * WIDTH + 2, 3 * WIDTH + 1));
        assert_eq!((copy.get(3 * WIDTH), copy.get(3 * WIDTH + 1)), (Some(&(3 * WIDTH)), None));
    }
}
