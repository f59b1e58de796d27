//! Where what stands: lists of entries by stream, category, type and tag, which both stores keep. A reader takes copies
//! of the lists it needs, each in O(1) since they share their parts, and reads them while the writer goes on.

use super::batch::{Condition, StreamState, Write};
use super::contract::{Listing, StreamInfo};
use super::entry::{DELETED, DESCRIBED};
use super::error::Conflict;
use super::query::Query;
use super::selection::{Item, Selection, Source};
use crate::recorded::{Headers, InvalidText, Position, StreamName, Tag, Version};
use im::{OrdMap, Vector};
use std::collections::HashMap;
use std::ops::Bound;
use std::sync::Arc;

/// An entry as the log lists it: with the numbers that its stream, category and type have in the index.
pub(super) trait Row: Clone {
    fn position(&self) -> u64;
    fn place(&self) -> Place;
}

/// The numbers of an entry's stream, category and type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) stream: u32,
    pub(super) category: u32,
    pub(super) kind: u32,
}

/// An entry as the other lists hold it: itself, or only where it stands.
pub(super) trait Listed: Clone {
    type Row: Row;
    fn position(&self) -> u64;
    /// Its row; `all` holds the row of position 1 first.
    fn row<'a>(&'a self, all: &'a Vector<Self::Row>) -> Option<&'a Self::Row>;
}

pub(super) const KIND_DELETED: u32 = 0;
pub(super) const KIND_DESCRIBED: u32 = 1;

/// Hashes names; the same in every run.
pub(super) type Hashed<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// What an entry is to the index, beside where it stands.
pub(super) enum Kind {
    /// An event, or a tombstone: of its stream.
    OfStream,
    /// The stream's metadata.
    Described(Arc<Headers>),
}

struct Stream<L> {
    name: StreamName,
    category: u32,
    /// Events and tombstones: the entry of version `v` is the `v`-th.
    entries: Vector<L>,
    tombstones: Vec<u64>,
    described: Vec<(u64, Arc<Headers>)>,
}

/// Names and their numbers, in the order in which they came.
struct Numbered<L> {
    numbers: Hashed<Arc<str>, u32>,
    lists: Vec<(Arc<str>, Vector<L>)>,
}

impl<L: Listed> Numbered<L> {
    fn new() -> Self {
        Numbered { numbers: Hashed::default(), lists: Vec::new() }
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let (name, number): (Arc<str>, _) = (name.into(), number(self.lists.len()));
        self.numbers.insert(name.clone(), number);
        self.lists.push((name, Vector::new()));
        number
    }

    fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    fn push(&mut self, number: u32, listed: L) {
        self.lists[number as usize].1.push_back(listed);
    }

    fn list(&self, number: u32) -> Vector<L> {
        self.lists[number as usize].1.clone()
    }
}

/// There are fewer names than 32 bits count: each takes an entry of a log that has to fit in memory's index.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// All lists of a log.
pub(super) struct Index<L: Listed> {
    all: Vector<L::Row>,
    streams: Vec<Stream<L>>,
    stream_numbers: Hashed<StreamName, u32>,
    /// In order, for listings.
    names: OrdMap<StreamName, u32>,
    categories: Numbered<L>,
    kinds: Numbered<L>,
    tags: Hashed<Tag, Vector<L>>,
}

impl<L: Listed> Index<L> {
    pub(super) fn new() -> Self {
        let mut kinds = Numbered::new();
        // Their numbers are the constants above.
        kinds.number(DELETED);
        kinds.number(DESCRIBED);
        Index {
            all: Vector::new(),
            streams: Vec::new(),
            stream_numbers: Hashed::default(),
            names: OrdMap::new(),
            categories: Numbered::new(),
            kinds,
            tags: Hashed::default(),
        }
    }

    /// The position of the last entry.
    pub(super) fn head(&self) -> u64 {
        self.all.len() as u64
    }

    /// The row at a position.
    pub(super) fn row(&self, position: u64) -> Option<&L::Row> {
        self.all.get(usize::try_from(position.checked_sub(1)?).ok()?)
    }

    /// What a stream was described with at this position.
    pub(super) fn described_at(&self, stream: u32, position: u64) -> Option<&Headers> {
        let described = &self.streams.get(stream as usize)?.described;
        described.iter().find(|(at, _)| *at == position).map(|(_, headers)| &**headers)
    }

    /// The numbers of this stream, its category and this type; new ones where they are new.
    pub(super) fn place(&mut self, stream: &StreamName, kind: &str) -> Place {
        let number = self.stream_numbers.get(stream).copied();
        let stream = number.unwrap_or_else(|| self.new_stream(stream.clone()));
        self.place_in(stream, kind)
    }

    /// The same for a name that was read.
    ///
    /// # Errors
    /// When the stream is new and its name cannot be one.
    pub(super) fn place_of_text(&mut self, stream: &str, kind: &str) -> Result<Place, InvalidText> {
        let stream = match self.stream_numbers.get(stream) {
            Some(stream) => *stream,
            None => self.new_stream(StreamName::new(stream)?),
        };
        Ok(self.place_in(stream, kind))
    }

    fn place_in(&mut self, stream: u32, kind: &str) -> Place {
        let category = self.streams[stream as usize].category;
        Place { stream, category, kind: self.kinds.number(kind) }
    }

    fn new_stream(&mut self, name: StreamName) -> u32 {
        let number = number(self.streams.len());
        let category = self.categories.number(name.category());
        self.stream_numbers.insert(name.clone(), number);
        self.names.insert(name.clone(), number);
        self.streams.push(Stream {
            name,
            category,
            entries: Vector::new(),
            tombstones: Vec::new(),
            described: Vec::new(),
        });
        number
    }

    /// The name of a stream by its number.
    pub(super) fn name(&self, stream: u32) -> &StreamName {
        &self.streams[stream as usize].name
    }

    /// The name of a type by its number.
    pub(super) fn kind(&self, kind: u32) -> &Arc<str> {
        &self.kinds.lists[kind as usize].0
    }

    /// The version that a stream's last entry has.
    pub(super) fn version(&self, stream: u32) -> u64 {
        self.streams[stream as usize].entries.len() as u64
    }

    /// Adds the entry behind the last one.
    pub(super) fn add(&mut self, row: L::Row, listed: &L, tags: &[Tag], kind: Kind) {
        let (place, position) = (row.place(), row.position());
        self.all.push_back(row);
        self.kinds.push(place.kind, listed.clone());
        let stream = &mut self.streams[place.stream as usize];
        match kind {
            Kind::Described(headers) => stream.described.push((position, headers)),
            Kind::OfStream => {
                stream.entries.push_back(listed.clone());
                if place.kind == KIND_DELETED {
                    stream.tombstones.push(position);
                }
                self.categories.push(place.category, listed.clone());
                for tag in tags {
                    match self.tags.get_mut(tag) {
                        Some(list) => list.push_back(listed.clone()),
                        None => {
                            self.tags.insert(tag.clone(), Vector::unit(listed.clone()));
                        }
                    }
                }
            }
        }
    }

    /// Takes out every entry behind this position again.
    pub(super) fn cut(&mut self, after: u64) {
        fn shorten<L: Listed>(list: &mut Vector<L>, after: u64) {
            while list.back().is_some_and(|listed| listed.position() > after) {
                list.pop_back();
            }
        }
        self.all.truncate(usize::try_from(after).unwrap_or(usize::MAX).min(self.all.len()));
        for stream in &mut self.streams {
            shorten(&mut stream.entries, after);
            stream.tombstones.retain(|position| *position <= after);
            stream.described.retain(|(position, _)| *position <= after);
        }
        let numbered = self.categories.lists.iter_mut().chain(&mut self.kinds.lists);
        numbered.for_each(|(_, list)| shorten(list, after));
        self.tags.retain(|_, list| {
            shorten(list, after);
            !list.is_empty()
        });
    }

    /// How far a stream is at the end of the log.
    pub(super) fn state(&self, stream: &StreamName) -> StreamState {
        match self.stream_numbers.get(stream) {
            Some(number) => self.streams[*number as usize].state(u64::MAX),
            None => StreamState::Missing,
        }
    }

    /// Holds the conditions of a batch, said and unsaid, against the log.
    pub(super) fn check<E>(&self, writes: &[Write<E>], conditions: &[Condition]) -> Result<(), Conflict> {
        let as_expected = |stream: &StreamName, expected| {
            let found = self.state(stream);
            if found.meets(expected) {
                return Ok(());
            }
            let head = Position::new(self.head());
            Err(Conflict::Stream { stream: stream.clone(), expected, found, head })
        };
        let mut judged: Hashed<&StreamName, ()> = Hashed::default();
        for condition in conditions {
            match condition {
                Condition::Stream(stream, expected) => {
                    as_expected(stream, *expected)?;
                    judged.insert(stream, ());
                }
                Condition::NoMatch(query, after) => self.no_match(query, *after)?,
            }
        }
        // A stream of which nothing was said is judged as it is before the batch, once.
        let mut last = None;
        for write in writes {
            let stream = write.stream();
            if last != Some(stream) && judged.insert(stream, ()).is_none() {
                as_expected(stream, write.unsaid())?;
            }
            last = Some(stream);
        }
        Ok(())
    }

    fn no_match(&self, query: &Query, after: Position) -> Result<(), Conflict> {
        let selection = self.select(query, after.get().saturating_add(1), u64::MAX, (1, u64::MAX), true);
        match selection.first() {
            None => Ok(()),
            Some(row) => Err(Conflict::EventsMatch {
                query: query.clone(),
                after,
                found: Position::new(row.position()),
                event_type: self.kind(row.place().kind).to_string(),
                stream: self.name(row.place().stream).clone(),
                head: Position::new(self.head()),
            }),
        }
    }

    /// What a query selects between two positions, both included, to be read without the index. `versions` narrow only
    /// the streams that are read by name; of other entries, they are left to the reader.
    pub(super) fn select(
        &self,
        query: &Query,
        from: u64,
        until: u64,
        versions: (u64, u64),
        backwards: bool,
    ) -> Selection<L> {
        let mut items = Vec::new();
        for item in query.items() {
            let find = |names: &[String], of: &Numbered<L>| -> Vec<u32> {
                unique(names.iter().filter_map(|name| of.find(name)).collect())
            };
            let streams: Vec<u32> = unique(
                item.streams.iter().filter_map(|name| self.stream_numbers.get(name)).copied().collect(),
            );
            let (categories, kinds) =
                (find(&item.categories, &self.categories), find(&item.types, &self.kinds));
            let tags: Option<Vec<Vector<L>>> =
                item.tags.iter().map(|tag| self.tags.get(tag).cloned()).collect();
            let placed = !item.streams.is_empty() || !item.categories.is_empty();
            let nowhere = placed && streams.is_empty() && categories.is_empty();
            let of_no_type = !item.types.is_empty() && kinds.is_empty();
            let Some(tags) = tags.filter(|_| !nowhere && !of_no_type) else { continue };
            // The metadata of a stream stands in the list of its type alone.
            let described = kinds.contains(&KIND_DESCRIBED);

            let in_streams = streams.iter().map(|stream| &self.streams[*stream as usize].entries);
            let in_categories =
                categories.iter().map(|category| &self.categories.lists[*category as usize].1);
            let by_place: usize = in_streams.chain(in_categories).map(Vector::len).sum();
            let by_type: usize = kinds.iter().map(|kind| self.kinds.lists[*kind as usize].1.len()).sum();
            let by_tag = tags.iter().enumerate().min_by_key(|(_, list)| list.len());
            let mut found =
                Item { streams, categories, kinds, tags: tags.clone(), placed, sources: Vec::new() };
            let shortest_tag = by_tag.map_or(usize::MAX, |(_, list)| list.len());
            let shortest_place = if placed { by_place } else { usize::MAX };
            let shortest_type = if item.types.is_empty() { usize::MAX } else { by_type };
            if let Some((place, list)) =
                by_tag.filter(|_| !described && shortest_tag <= shortest_place.min(shortest_type))
            {
                found.tags.remove(place);
                found.sources.push(Source::of(list.clone(), from, until));
            } else if placed && !described && shortest_place <= shortest_type {
                for stream in found.streams.drain(..) {
                    let entries = self.streams[stream as usize].entries.clone();
                    found.sources.push(Source::of_stream(entries, from, until, versions));
                }
                for category in found.categories.drain(..) {
                    found.sources.push(Source::of(self.categories.list(category), from, until));
                }
                found.placed = false;
            } else if !item.types.is_empty() {
                for kind in found.kinds.drain(..) {
                    found.sources.push(Source::of(self.kinds.list(kind), from, until));
                }
            } else {
                found.sources.push(Source::everything(&self.all, from, until));
            }
            items.push(found);
        }
        Selection { all: self.all.clone(), items, backwards }
    }

    /// A stream as it is at this position.
    pub(super) fn stream(&self, stream: &StreamName, until: u64) -> Option<StreamInfo> {
        self.streams[*self.stream_numbers.get(stream)? as usize].info(until)
    }

    /// Streams as they are at this position.
    pub(super) fn list_streams(&self, listing: &Listing, until: u64) -> Vec<StreamInfo> {
        let begins = listing.begins();
        let there = self
            .names
            .range::<_, str>((Bound::Included(begins), Bound::Unbounded))
            .take_while(|(name, _)| name.as_str().starts_with(begins))
            .filter_map(|(_, number)| self.streams[*number as usize].info(until));
        listing.pick(there, |info| info.name.as_str())
    }

    /// The names of the categories that have entries at this position.
    pub(super) fn list_categories(&self, listing: &Listing, until: u64) -> Vec<String> {
        let mut names: Vec<&str> = self
            .categories
            .lists
            .iter()
            .filter(|(_, list)| list.front().is_some_and(|first| first.position() <= until))
            .map(|(name, _)| &**name)
            .collect();
        names.sort_unstable();
        listing.pick(names, |name| name).into_iter().map(str::to_string).collect()
    }
}

impl<L: Listed> Stream<L> {
    /// How many entries stand up to this position, the last entry among them first.
    fn entries_until(&self, until: u64) -> (usize, Option<u64>) {
        let last = self.entries.back().map(Listed::position);
        match last {
            Some(last) if last > until => {
                let count = first_behind(&self.entries, until);
                (count, count.checked_sub(1).and_then(|at| self.entries.get(at)).map(Listed::position))
            }
            last => (self.entries.len(), last),
        }
    }

    fn state(&self, until: u64) -> StreamState {
        let (count, last) = self.entries_until(until);
        let version = Version::new(count as u64);
        match last {
            None => StreamState::Missing,
            // Tombstones are few, and the last one is what matters.
            Some(last) if self.tombstones.iter().rev().any(|position| *position == last) => {
                StreamState::Deleted(version)
            }
            Some(_) => StreamState::At(version),
        }
    }

    fn info(&self, until: u64) -> Option<StreamInfo> {
        let state = self.state(until);
        let described = self.described.iter().rev().find(|(position, _)| *position <= until);
        if state == StreamState::Missing && described.is_none() {
            return None;
        }
        let first = self.entries.front().map(Listed::position).filter(|first| *first <= until);
        Some(StreamInfo {
            name: self.name.clone(),
            state,
            first: first.map(Position::new),
            last: self.entries_until(until).1.map(Position::new),
            metadata: described.map(|(_, headers)| (**headers).clone()).unwrap_or_default(),
        })
    }
}

/// How many entries of a list stand up to this position.
pub(super) fn first_behind<L: Listed>(list: &Vector<L>, position: u64) -> usize {
    match list.binary_search_by(|listed| listed.position().cmp(&position)) {
        Ok(at) => at + 1,
        Err(at) => at,
    }
}

fn unique(mut numbers: Vec<u32>) -> Vec<u32> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
