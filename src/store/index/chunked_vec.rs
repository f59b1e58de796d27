use std::ops::{Index, IndexMut};
use std::sync::Arc;

/// A row that grows at its end: looked into as quickly as an array, and copied in O(1). What a copy still holds is copied
/// shelf by shelf when it changes.
#[derive(Clone)]
pub(super) struct Shelves<T> {
    shelves: Arc<Vec<Arc<Vec<T>>>>,
    len: usize,
}

const WIDTH: usize = 64;

impl<T: Clone> Shelves<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push(&mut self, item: T) {
        let shelves = Arc::make_mut(&mut self.shelves);
        if self.len.is_multiple_of(WIDTH) {
            shelves.push(Arc::new(Vec::new()));
        }
        if let Some(last) = shelves.last_mut() {
            Arc::make_mut(last).push(item);
            self.len += 1;
        }
    }

    pub(super) fn get(&self, place: usize) -> Option<&T> {
        self.shelves.get(place / WIDTH)?.get(place % WIDTH)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.shelves.iter().flat_map(|shelf| shelf.iter())
    }
}

impl<T: Clone> FromIterator<T> for Shelves<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut all = Shelves { shelves: Arc::default(), len: 0 };
        items.into_iter().for_each(|item| all.push(item));
        all
    }
}

impl<T: Clone> Index<usize> for Shelves<T> {
    type Output = T;

    fn index(&self, place: usize) -> &T {
        &self.shelves[place / WIDTH][place % WIDTH]
    }
}

impl<T: Clone> IndexMut<usize> for Shelves<T> {
    fn index_mut(&mut self, place: usize) -> &mut T {
        let shelf = &mut Arc::make_mut(&mut self.shelves)[place / WIDTH];
        &mut Arc::make_mut(shelf)[place % WIDTH]
    }
}

#[cfg(test)]
mod tests {
    use super::{Shelves, WIDTH};

    #[test]
    fn a_copy_stays_as_it_is_while_the_row_goes_on() {
        let mut row: Shelves<usize> = (0..3 * WIDTH + 1).collect();
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
