//! An index that is made at once, from a whole log: faster than entry by entry, since every list is counted first and
//! filled then.

use super::list::{List, LoadedPositions, Rows};
use super::listings::ByName;
use super::named_lists::{NamedLists, number};
use super::stream::Stream;
use super::{DELETED, DESCRIBED, Hashed, Index, KIND_DELETED, KIND_DESCRIBED, Numbers, Positioned, Row};
use crate::recorded::{Headers, InvalidText, StreamName, Tag};
use std::sync::Arc;

/// What is known of a log so far. Every list is in order of position.
pub(crate) struct Loading<R> {
    pub(crate) rows: Vec<R>,
    pub(crate) streams: Vec<LoadedStream>,
    stream_numbers: Hashed<StreamName, u32>,
    /// The stream that was asked for last: neighbours are often of one.
    last_stream: u32,
    categories: NumberedNames,
    pub(crate) kinds: NumberedNames,
    pub(crate) tags: Vec<(Tag, Vec<u32>)>,
    tag_numbers: Hashed<Tag, u32>,
    /// The streams' metadata, with the stream and the position.
    pub(crate) described: Vec<(u32, u64, Arc<Headers>)>,
    pub(crate) batches: Vec<u64>,
}

/// A stream of which the name and the number of entries are known.
pub(crate) struct LoadedStream {
    pub(crate) name: StreamName,
    category: u32,
    count: u32,
}

/// Names by their numbers.
#[derive(Default)]
pub(crate) struct NumberedNames {
    pub(crate) names: Vec<Arc<str>>,
    numbers: Hashed<Arc<str>, u32>,
    /// The name that was asked for last: neighbours are often alike.
    last: u32,
}

impl NumberedNames {
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        if self.names.get(self.last as usize).is_some_and(|last| **last == *name) {
            return self.last;
        }
        self.last = match self.numbers.get(name) {
            Some(number) => *number,
            None => {
                let (name, number): (Arc<str>, _) = (name.into(), number(self.names.len()));
                self.names.push(name.clone());
                self.numbers.insert(name, number);
                number
            }
        };
        self.last
    }
}

impl<R: Row> Loading<R> {
    pub(crate) fn new() -> Self {
        let mut kinds = NumberedNames::default();
        // Their numbers are those of the index.
        kinds.number(DELETED);
        kinds.number(DESCRIBED);
        Loading {
            rows: Vec::new(),
            streams: Vec::new(),
            stream_numbers: Hashed::default(),
            last_stream: 0,
            categories: NumberedNames::default(),
            kinds,
            tags: Vec::new(),
            tag_numbers: Hashed::default(),
            described: Vec::new(),
            batches: Vec::new(),
        }
    }

    /// The number of a stream.
    ///
    /// # Errors
    /// When the stream is new and its name cannot be one.
    pub(crate) fn stream(&mut self, name: &str) -> Result<u32, InvalidText> {
        if self.streams.get(self.last_stream as usize).is_some_and(|last| last.name.as_str() == name) {
            return Ok(self.last_stream);
        }
        if let Some(stream) = self.stream_numbers.get(name) {
            self.last_stream = *stream;
            return Ok(*stream);
        }
        let name = StreamName::stored(name)?;
        let stream = number(self.streams.len());
        self.last_stream = stream;
        self.stream_numbers.insert(name.clone(), stream);
        let category = self.categories.number(name.category());
        self.streams.push(LoadedStream { name, category, count: 0 });
        Ok(stream)
    }

    /// The numbers of a stream, of its category and of this type.
    pub(crate) fn numbers(&mut self, stream: u32, kind: &str) -> Numbers {
        Numbers { stream, category: self.streams[stream as usize].category, kind: self.kinds.number(kind) }
    }

    /// The numbers of a stream, of its category and of a type, where there are such.
    pub(crate) fn numbers_of(&self, stream: u32, kind: u32) -> Option<Numbers> {
        let category = self.streams.get(stream as usize)?.category;
        ((kind as usize) < self.kinds.names.len()).then_some(Numbers { stream, category, kind })
    }

    /// The version that the stream's last entry has.
    pub(crate) fn version(&self, stream: u32) -> u64 {
        self.streams[stream as usize].count.into()
    }

    /// Adds an event or a tombstone after the last entry.
    pub(crate) fn add(&mut self, row: R, tags: &[Tag]) {
        let position = number(self.rows.len() + 1);
        self.streams[row.numbers().stream as usize].count += 1;
        self.rows.push(row);
        for tag in tags {
            let tag = self.tag(tag);
            let positions = &mut self.tags[tag as usize].1;
            // An event may carry a tag twice.
            if positions.last() != Some(&position) {
                positions.push(position);
            }
        }
    }

    /// Adds the metadata of a stream after the last entry.
    pub(crate) fn describe(&mut self, row: R, headers: Headers) {
        self.described.push((row.numbers().stream, row.position(), Arc::new(headers)));
        self.rows.push(row);
    }

    fn tag(&mut self, tag: &Tag) -> u32 {
        if let Some(number) = self.tag_numbers.get(tag) {
            return *number;
        }
        let number = number(self.tags.len());
        self.tag_numbers.insert(tag.clone(), number);
        self.tags.push((tag.clone(), Vec::new()));
        number
    }
}

impl<R: Row> Index<R> {
    /// The index of a whole log.
    pub(crate) fn loaded(loading: Loading<R>) -> Index<R> {
        let Loading { rows, streams, stream_numbers, categories, kinds, tags, described, batches, .. } =
            loading;
        let of_stream = |row: &R| row.numbers().kind != KIND_DESCRIBED;
        let by_stream = sorted(&rows, streams.len(), |row: &R| of_stream(row).then(|| row.numbers().stream));
        let by_category =
            sorted(&rows, categories.names.len(), |row: &R| of_stream(row).then(|| row.numbers().category));
        let by_kind = sorted(&rows, kinds.names.len(), |row: &R| Some(row.numbers().kind));
        let mut made: Vec<Stream<R::InStream>> = streams
            .into_iter()
            .zip(by_stream)
            .map(|(loaded, entries)| Stream::new(loaded.name, loaded.category, entries))
            .collect();
        for position in by_kind[KIND_DELETED as usize].positions() {
            if let Some(row) = rows.get(position as usize - 1) {
                made[row.numbers().stream as usize].tombstones.push(position);
            }
        }
        for (stream, position, headers) in described {
            made[stream as usize].described.push((position, headers));
        }
        let tags = tags.into_iter().map(|(tag, positions)| {
            let all = 0..number(positions.len());
            (tag, List::beginning(LoadedPositions::of(&Arc::new(positions), all)))
        });
        Index {
            streams: made.into_iter().collect(),
            streams_by_name: ByName::default(),
            categories_by_name: ByName::default(),
            stream_numbers,
            categories: NamedLists::beginning(categories.names, by_category),
            kinds: NamedLists::beginning(kinds.names, by_kind),
            tags: tags.collect(),
            batches,
            all: Rows::new(rows),
        }
    }
}

impl<R: Row> Index<R> {
    /// What the index was made from, or would have been: [`loaded`](Index::loaded) makes the same index of it.
    pub(crate) fn unloaded(&self) -> Loading<R> {
        let mut loading = Loading::new();
        loading.rows = (0..self.all.len()).filter_map(|place| self.all.get(place).cloned()).collect();
        for stream in self.streams.iter() {
            let category = loading.categories.number(stream.name.category());
            let count = number(stream.entries.len());
            loading.stream_numbers.insert(stream.name.clone(), number(loading.streams.len()));
            loading.streams.push(LoadedStream { name: stream.name.clone(), category, count });
        }
        self.kinds.iter().for_each(|(name, _)| {
            loading.kinds.number(name);
        });
        for (tag, list) in &self.tags {
            let positions = list.positions().map(|position| position as u32).collect();
            loading.tag_numbers.insert(tag.clone(), number(loading.tags.len()));
            loading.tags.push((tag.clone(), positions));
        }
        for (number, stream) in (0..).zip(self.streams.iter()) {
            let described = stream.described.iter();
            loading.described.extend(described.map(|(at, headers)| (number, *at, headers.clone())));
        }
        loading.batches.clone_from(&self.batches);
        loading
    }
}

/// The positions of rows by a number that they have, as parts of one array: counted first, then put where they belong.
fn sorted<R, L: Positioned>(
    rows: &[R],
    numbers: usize,
    number_of: impl Fn(&R) -> Option<u32>,
) -> Vec<List<L>> {
    let mut ends = vec![0u32; numbers + 1];
    for row in rows {
        if let Some(number) = number_of(row) {
            ends[number as usize + 1] += 1;
        }
    }
    for number in 1..ends.len() {
        ends[number] += ends[number - 1];
    }
    let starts = ends.clone();
    let mut positions = vec![0u32; *ends.last().unwrap_or(&0) as usize];
    for (place, row) in rows.iter().enumerate() {
        if let Some(number) = number_of(row) {
            let at = &mut ends[number as usize];
            positions[*at as usize] = crate::store::index::named_lists::number(place + 1);
            *at += 1;
        }
    }
    let positions = Arc::new(positions);
    (0..numbers)
        .map(|number| List::beginning(LoadedPositions::of(&positions, starts[number]..starts[number + 1])))
        .collect()
}
