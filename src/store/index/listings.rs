//! Listing streams and categories by name, while the writer goes on.

use super::chunked_vec::ChunkedVec;
use super::list::List;
use super::stream::Stream;
use super::{EntryPosition, Positioned};
use crate::store::{Listing, StreamInfo, UnlikeValues};
use std::cmp::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

/// The names of a log, as copies: listed while the writer goes on.
pub(crate) struct Listings<L> {
    pub(super) streams: ChunkedVec<Stream<L>>,
    pub(crate) streams_by_name: ByName,
    pub(super) categories: ChunkedVec<(Arc<str>, List<EntryPosition>)>,
    pub(crate) categories_by_name: ByName,
}

impl<L: Clone + Positioned> Listings<L> {
    /// Streams as they are at this position. O(log n + k) for `n` streams, `k` of which are looked at; O(n) more where
    /// streams are new since the last listing.
    pub(crate) fn streams(&self, listing: &Listing, until: u64) -> Result<Vec<StreamInfo>, UnlikeValues> {
        let mut unlike = None;
        let mut passes = |stream: &Stream<L>| match stream.info(until).map(|info| listing.passes(&info)) {
            Some(Err(error)) => {
                unlike.get_or_insert(error);
                false
            }
            passes => passes == Some(Ok(true)),
        };
        let page = self.streams_by_name.page(
            &self.streams,
            listing,
            |stream| stream.name.as_str(),
            |stream| stream.is_there(until) && (!listing.has_filters() || passes(stream)),
        );
        match unlike {
            Some(error) => Err(error),
            None => Ok(page.into_iter().filter_map(|stream| stream.info(until)).collect()),
        }
    }

    /// The names of the categories that have entries at this position. As quick as with streams; with filters, all streams
    /// are looked at.
    pub(crate) fn categories(&self, listing: &Listing, until: u64) -> Result<Vec<String>, UnlikeValues> {
        if listing.has_filters() {
            return listing.pick_categories(self.streams.iter().filter_map(|stream| stream.info(until)));
        }
        let page = self.categories_by_name.page(
            &self.categories,
            listing,
            |(name, _)| name,
            |(_, list)| list.first().is_some_and(|first| first <= until),
        );
        Ok(page.into_iter().map(|(name, _)| name.to_string()).collect())
    }
}

/// The numbers of names in the order of the names: kept from one listing to the next, so that only new names are sorted.
#[derive(Clone, Default)]
pub(crate) struct ByName(Arc<Mutex<Arc<Vec<u32>>>>);

impl ByName {
    /// The items that a listing shows.
    fn page<'i, T: Clone>(
        &self,
        items: &'i ChunkedVec<T>,
        listing: &Listing,
        name: impl Fn(&T) -> &str,
        mut is_listed: impl FnMut(&T) -> bool,
    ) -> Vec<&'i T> {
        let sorted = self.sorted(items, &name);
        let item = |number: &u32| items.get(*number as usize);
        let begin = sorted
            .partition_point(|number| item(number).is_some_and(|item| listing.begins_after(name(item))));
        let listed = sorted[begin..].iter().filter_map(item);
        let named = listed.take_while(|item| listing.begins_with(name(item)));
        let named = named.filter(|item| listing.names(name(item)));
        listing.page(named.filter(|item| is_listed(item)))
    }

    /// The numbers of these items, in the order of their names.
    fn sorted<T: Clone>(&self, items: &ChunkedVec<T>, name: &impl Fn(&T) -> &str) -> Arc<Vec<u32>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.len().cmp(&items.len()) {
            Ordering::Equal => kept.clone(),
            // Another copy was taken later, and has been listed already.
            Ordering::Greater => {
                Arc::new(kept.iter().copied().filter(|number| (*number as usize) < items.len()).collect())
            }
            Ordering::Less => {
                let name_of = |number: &u32| items.get(*number as usize).map_or("", name);
                let mut numbers = (**kept).clone();
                numbers.extend((0..).skip(kept.len()).take(items.len() - kept.len()));
                // Two sorted parts are merged quickly by a sort that looks for such parts.
                let new = kept.len();
                numbers[new..].sort_unstable_by(|one, other| name_of(one).cmp(name_of(other)));
                numbers.sort_by(|one, other| name_of(one).cmp(name_of(other)));
                *kept = Arc::new(numbers);
                kept.clone()
            }
        }
    }
}
