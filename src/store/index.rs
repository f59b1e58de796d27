//! The index of a log: lists of entries by stream, category, type and tag, for both stores. A reader takes copies
//! of the lists it needs, each in O(1) since they share their parts, and reads them while the writer goes on.

mod bulk_build;
mod chunked_vec;
mod list;
mod listings;
mod named_lists;
mod row;
mod selection;
mod stream;
#[cfg(test)]
mod tests;

pub(crate) use bulk_build::Loading;
pub(crate) use list::{EntryPosition, List, Listed, Lookup, Positioned, Rows};
pub(crate) use listings::Listings;
pub(crate) use row::{IndexedAs, KIND_DELETED, KIND_DESCRIBED, Numbers, Row};
pub(crate) use selection::Selection;

use super::batch::{AppendCondition, StreamState, Write, unsaid_expectations};
use super::entry::{DELETED, DESCRIBED};
use super::error::Conflict;
use super::listing::StreamInfo;
use super::query::Query;
use crate::recorded::{InvalidText, Position, StreamName, Tag};
use chunked_vec::ChunkedVec;
use listings::ByName;
use named_lists::NamedLists;
use selection::{ListRange, SelectedItem};
use std::collections::HashMap;
use std::sync::Arc;
use stream::Stream;

/// Hashes names; the same in every run.
pub(crate) type Hashed<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// All lists of a log.
pub(crate) struct Index<R: Row> {
    streams: ChunkedVec<Stream<R::InStream>>,
    streams_by_name: ByName,
    categories_by_name: ByName,
    stream_numbers: Hashed<StreamName, u32>,
    categories: NamedLists,
    kinds: NamedLists,
    tags: Hashed<Tag, List<EntryPosition>>,
    /// Where each batch ends.
    batches: Vec<u64>,
    /// Dropped last: rows are freed in the order in which they were made, which takes half as long as any other.
    all: Rows<R>,
}

impl<R: Row> Index<R> {
    pub(crate) fn new() -> Self {
        Index::loaded(Loading::new())
    }

    /// The position of the last entry.
    pub(crate) fn head(&self) -> u64 {
        self.all.len() as u64
    }

    /// The row at a position.
    pub(crate) fn row(&self, position: u64) -> Option<&R> {
        self.all.at(position)
    }

    /// The numbers of this stream, its category and this type; new ones where they are new.
    pub(crate) fn numbers(&mut self, stream: &StreamName, kind: &str) -> Numbers {
        let kind = self.kinds.number(kind);
        self.numbers_of_kind(stream, kind)
    }

    /// The same for a type of which the number is known.
    pub(crate) fn numbers_of_kind(&mut self, stream: &StreamName, kind: u32) -> Numbers {
        let number = self.stream_numbers.get(stream).copied();
        let stream = number.unwrap_or_else(|| self.new_stream(stream.clone()));
        Numbers { stream, category: self.streams[stream as usize].category, kind }
    }

    /// The same for a name that was read.
    ///
    /// # Errors
    /// When the stream is new and its name cannot be one.
    pub(crate) fn numbers_of_text(&mut self, stream: &str, kind: &str) -> Result<Numbers, InvalidText> {
        let stream = match self.stream_numbers.get(stream) {
            Some(stream) => *stream,
            None => self.new_stream(StreamName::stored(stream)?),
        };
        Ok(self.numbers_in(stream, kind))
    }

    fn numbers_in(&mut self, stream: u32, kind: &str) -> Numbers {
        let category = self.streams[stream as usize].category;
        Numbers { stream, category, kind: self.kinds.number(kind) }
    }

    fn new_stream(&mut self, name: StreamName) -> u32 {
        let number = named_lists::number(self.streams.len());
        let category = self.categories.number(name.category());
        self.stream_numbers.insert(name.clone(), number);
        self.streams.push(Stream::new(name, category, List::new()));
        number
    }

    /// The numbers of another entry of the same stream.
    pub(crate) fn numbers_beside(&mut self, place: Numbers, kind: &str) -> Numbers {
        Numbers { kind: self.kinds.number(kind), ..place }
    }

    /// The name of a stream by its number.
    pub(crate) fn name(&self, stream: u32) -> &StreamName {
        &self.streams[stream as usize].name
    }

    /// The name of a type by its number.
    pub(crate) fn kind(&self, kind: u32) -> &Arc<str> {
        self.kinds.name(kind)
    }

    /// The number of the type of this name, if there is one.
    pub(crate) fn find_kind(&self, name: &str) -> Option<u32> {
        self.kinds.find(name)
    }

    /// The number of the type of this name; a new one where it is new.
    pub(crate) fn number_kind(&mut self, name: &str) -> u32 {
        self.kinds.number(name)
    }

    /// The version that a stream's last entry has.
    pub(crate) fn version(&self, stream: u32) -> u64 {
        self.streams[stream as usize].entries.len() as u64
    }

    /// How many entries a stream has, and the position of the last one.
    pub(crate) fn last_of(&self, stream: &StreamName) -> Option<(u64, u64)> {
        let entries = &self.streams.get(*self.stream_numbers.get(stream)? as usize)?.entries;
        Some((entries.len() as u64, entries.last()?))
    }

    /// Adds an entry after the last one.
    pub(crate) fn add(&mut self, row: R, tags: &[Tag], kind: IndexedAs) {
        let (place, position) = (row.numbers(), row.position());
        self.kinds.push(place.kind, EntryPosition(position));
        let stream = &mut self.streams[place.stream as usize];
        match kind {
            IndexedAs::Described(headers) => stream.described.push((position, headers)),
            IndexedAs::OfStream => {
                stream.entries.push(row.in_stream());
                if place.kind == KIND_DELETED {
                    stream.tombstones.push(position);
                }
                self.categories.push(place.category, EntryPosition(position));
                for (place, tag) in tags.iter().enumerate() {
                    // An event may carry a tag twice.
                    if tags[..place].contains(tag) {
                        continue;
                    }
                    let list = match self.tags.get_mut(tag) {
                        Some(list) => list,
                        None => self.tags.entry(tag.clone()).or_insert_with(List::new),
                    };
                    list.push(EntryPosition(position));
                }
            }
        }
        self.all.push(row);
    }

    /// What was added since the last batch ended is a batch.
    pub(crate) fn end_batch(&mut self) {
        self.batches.push(self.head());
    }

    /// Whether these entries, and no others, were recorded as one batch.
    pub(crate) fn is_batch(&self, first: u64, count: usize) -> bool {
        let Ok(at) = self.batches.binary_search(&(first + count as u64 - 1)) else { return false };
        let before = at.checked_sub(1).map_or(0, |before| self.batches[before]);
        before + 1 == first
    }

    /// The first and the last position of the batch that holds this one.
    pub(crate) fn batch_of(&self, position: u64) -> Option<(u64, u64)> {
        let at = self.batches.partition_point(|end| *end < position);
        let before = at.checked_sub(1).map_or(0, |before| self.batches[before]);
        Some((before + 1, *self.batches.get(at)?))
    }

    /// Removes every entry after this position. Names keep their numbers.
    pub(crate) fn cut(&mut self, after: u64) {
        self.all.truncate(usize::try_from(after).unwrap_or(usize::MAX).min(self.all.len()));
        for number in 0..self.streams.len() {
            self.streams[number].cut(after);
        }
        self.categories.cut(after);
        self.kinds.cut(after);
        self.tags.retain(|_, list| {
            list.cut(after);
            !list.is_empty()
        });
        self.batches.retain(|end| *end <= after);
    }

    /// The same for a few entries at the end, whose tags are [cut](Index::cut_tags) apart: takes as long as adding them did.
    pub(crate) fn cut_last(&mut self, after: u64) {
        let mut place = after + 1;
        while let Some(Numbers { stream, category, kind }) = self.row(place).map(Row::numbers) {
            self.streams[stream as usize].cut(after);
            self.categories.cut_one(category, after);
            self.kinds.cut_one(kind, after);
            place += 1;
        }
        self.all.truncate(usize::try_from(after).unwrap_or(usize::MAX).min(self.all.len()));
        let left = self.batches.partition_point(|end| *end <= after);
        self.batches.truncate(left);
    }

    /// Removes every entry after this position from the lists of these tags.
    pub(crate) fn cut_tags(&mut self, tags: &[Tag], after: u64) {
        for tag in tags {
            let Some(list) = self.tags.get_mut(tag) else { continue };
            list.cut(after);
            if list.is_empty() {
                self.tags.remove(tag);
            }
        }
    }

    /// How far a stream is at the end of the log.
    pub(crate) fn state(&self, stream: &StreamName) -> StreamState {
        match self.stream_numbers.get(stream) {
            Some(number) => self.streams[*number as usize].state(u64::MAX),
            None => StreamState::Missing,
        }
    }

    /// Checks the conditions of a batch, and the default expectations for its other streams.
    pub(crate) fn check<E>(
        &self,
        writes: &[Write<E>],
        conditions: &[AppendCondition],
    ) -> Result<(), Conflict> {
        let as_expected = |stream: &StreamName, expected| {
            let found = self.state(stream);
            if found.meets(expected) {
                return Ok(());
            }
            let head = Position::new(self.head());
            Err(Conflict::Stream { stream: stream.clone(), expected, found, head })
        };
        for condition in conditions {
            match condition {
                AppendCondition::Stream(stream, expected) => as_expected(stream, *expected)?,
                AppendCondition::NoMatch(query, after) => self.no_match(query, *after)?,
            }
        }
        unsaid_expectations(writes, conditions, as_expected)
    }

    fn no_match(&self, query: &Query, after: Position) -> Result<(), Conflict> {
        let selection = self.select(query, after.get().saturating_add(1), u64::MAX, (1, u64::MAX), true);
        match selection.first() {
            None => Ok(()),
            Some(row) => Err(Conflict::EventsMatch {
                query: query.clone(),
                after,
                found: Position::new(row.position()),
                event_type: self.kind(row.numbers().kind).to_string(),
                stream: self.name(row.numbers().stream).clone(),
                head: Position::new(self.head()),
            }),
        }
    }

    /// What a query selects between two positions, both included, to be read without the index. `versions` narrow only
    /// the streams that are read by name; of other entries, they are left to the reader.
    pub(crate) fn select(
        &self,
        query: &Query,
        from: u64,
        until: u64,
        versions: (u64, u64),
        backwards: bool,
    ) -> Selection<R> {
        let mut items = Vec::new();
        for item in query.items() {
            let find = |names: &[String], of: &NamedLists| -> Vec<u32> {
                unique(names.iter().filter_map(|name| of.find(name)).collect())
            };
            let streams: Vec<u32> = unique(
                item.streams.iter().filter_map(|name| self.stream_numbers.get(name)).copied().collect(),
            );
            let (categories, kinds) =
                (find(&item.categories, &self.categories), find(&item.types, &self.kinds));
            let tags: Option<Vec<List<EntryPosition>>> =
                item.tags.iter().map(|tag| self.tags.get(tag).cloned()).collect();
            let placed = !item.streams.is_empty() || !item.categories.is_empty();
            let nowhere = placed && streams.is_empty() && categories.is_empty();
            let of_no_type = !item.types.is_empty() && kinds.is_empty();
            let Some(tags) = tags.filter(|_| !nowhere && !of_no_type) else { continue };
            // The metadata of a stream is only in the list of its type.
            let described = kinds.contains(&KIND_DESCRIBED);

            let in_streams = streams.iter().map(|stream| self.streams[*stream as usize].entries.len());
            let in_categories = categories.iter().map(|category| self.categories.list(*category).len());
            let by_place: usize = in_streams.chain(in_categories).sum();
            let by_type: usize = kinds.iter().map(|kind| self.kinds.list(*kind).len()).sum();
            let by_tag = tags.iter().enumerate().min_by_key(|(_, list)| list.len());
            let mut found =
                SelectedItem { streams, categories, kinds, tags: tags.clone(), placed, sources: Vec::new() };
            let shortest_tag = by_tag.map_or(usize::MAX, |(_, list)| list.len());
            let shortest_place = if placed { by_place } else { usize::MAX };
            let shortest_type = if item.types.is_empty() { usize::MAX } else { by_type };
            if let Some((place, list)) =
                by_tag.filter(|_| !described && shortest_tag <= shortest_place.min(shortest_type))
            {
                found.tags.remove(place);
                found.sources.push(ListRange::of(list.clone(), from, until));
            } else if placed && !described && shortest_place <= shortest_type {
                for stream in found.streams.drain(..) {
                    let entries = self.streams[stream as usize].entries.clone();
                    found.sources.push(ListRange::of_stream(entries, from, until, versions));
                }
                for category in found.categories.drain(..) {
                    found.sources.push(ListRange::of(self.categories.list(category).clone(), from, until));
                }
                found.placed = false;
            } else if !item.types.is_empty() {
                for kind in found.kinds.drain(..) {
                    found.sources.push(ListRange::of(self.kinds.list(kind).clone(), from, until));
                }
            } else {
                found.sources.push(ListRange::everything(&self.all, from, until));
            }
            items.push(found);
        }
        Selection { all: self.all.clone(), items, backwards }
    }

    /// A stream as it is at this position.
    pub(crate) fn stream(&self, stream: &StreamName, until: u64) -> Option<StreamInfo> {
        self.streams.get(*self.stream_numbers.get(stream)? as usize)?.info(until)
    }

    /// Streams and categories as they are, to be listed without the index.
    pub(crate) fn listings(&self) -> Listings<R::InStream> {
        Listings {
            streams: self.streams.clone(),
            streams_by_name: self.streams_by_name.clone(),
            categories: self.categories.lists(),
            categories_by_name: self.categories_by_name.clone(),
        }
    }
}

fn unique(mut numbers: Vec<u32>) -> Vec<u32> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
