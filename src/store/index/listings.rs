use super::super::contract::{Listing, StreamInfo};
use super::{Listed, stream::Stream};
use crate::recorded::StreamName;
use im::{OrdMap, Vector};
use std::ops::Bound;
use std::sync::Arc;

/// The names of a log, as copies in O(1): listed while the writer goes on.
pub(in super::super) struct Listings<L> {
    pub(super) streams: Vector<Stream<L>>,
    pub(super) names: OrdMap<StreamName, u32>,
    pub(super) categories: OrdMap<Arc<str>, u64>,
}

impl<L: Listed> Listings<L> {
    /// Streams as they are at this position.
    pub(in super::super) fn streams(&self, listing: &Listing, until: u64) -> Vec<StreamInfo> {
        let there = self
            .names
            .range::<_, str>((Bound::Included(listing.begins()), Bound::Unbounded))
            .take_while(|(name, _)| listing.names(name.as_str()))
            .filter_map(|(_, number)| self.streams.get(*number as usize)?.info(until));
        listing.pick(there, |info| info.name.as_str())
    }

    /// The names of the categories that have entries at this position.
    pub(in super::super) fn categories(&self, listing: &Listing, until: u64) -> Vec<String> {
        let there = self
            .categories
            .range::<_, str>((Bound::Included(listing.begins()), Bound::Unbounded))
            .take_while(|(name, _)| listing.names(name))
            .filter(|(_, first)| **first <= until)
            .map(|(name, _)| &**name);
        listing.pick(there, |name| name).into_iter().map(str::to_string).collect()
    }
}
