use super::super::contract::{Listing, StreamInfo};
use super::{Positioned, shelves::Shelves, stream::Stream};
use std::sync::Arc;

/// The names of a log, as copies: listed while the writer goes on.
pub(in super::super) struct Listings<L> {
    pub(super) streams: Shelves<Stream<L>>,
    /// Where the first entry of each category stands.
    pub(super) categories: Vec<(Arc<str>, u64)>,
}

impl<L: Positioned> Listings<L> {
    /// Streams as they are at this position.
    pub(in super::super) fn streams(&self, listing: &Listing, until: u64) -> Vec<StreamInfo> {
        let named = |stream: &&Stream<L>| listing.names(stream.name.as_str());
        let mut there: Vec<&Stream<L>> = self.streams.iter().filter(named).collect();
        there.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        listing.pick(there.into_iter().filter_map(|stream| stream.info(until)), |info| info.name.as_str())
    }

    /// The names of the categories that have entries at this position.
    pub(in super::super) fn categories(&self, listing: &Listing, until: u64) -> Vec<String> {
        let there = self.categories.iter().filter(|(_, first)| *first <= until);
        let mut names: Vec<&str> = there.map(|(name, _)| &**name).collect();
        names.sort_unstable();
        listing.pick(names, |name| name).into_iter().map(str::to_string).collect()
    }
}
