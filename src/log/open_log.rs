//! The index of an open log, which every thread that uses the log shares.

use super::event_ids;
use super::event_ids::IdTable;
use super::header::LINE_END;
use super::index_claims::IndexClaims;
use super::line::{EventLine, read_unchecked};
use super::recovery::FoundBatch;
use super::segment::Segment;
use super::spot::Spot;
use crate::recorded::{Headers, StreamName, Tag};
use crate::store::DESCRIBED;
use crate::store::index::{Hashed, Index, IndexedAs, Loading, Numbers};
use im::Vector;
use memchr::memchr;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

/// The index of an open log.
pub(super) struct OpenLog {
    pub(super) index: Index<Spot>,
    pub(super) ids: IdTable,
    /// The segments, in order.
    pub(super) segments: Vector<Arc<Segment>>,
    /// The position of the last event that reads see.
    pub(super) visible: u64,
    /// What the index beside the log said, if the log was opened by it.
    pub(super) index_claims: Option<Arc<IndexClaims>>,
    /// The streams for which a writer has compared that with the log.
    pub(super) checked_streams: Hashed<StreamName, ()>,
}

/// An event that is added to the index.
pub(super) struct IndexEntry<'e> {
    pub(super) numbers: Numbers,
    pub(super) tags: &'e [Tag],
    pub(super) headers: Option<Headers>,
    pub(super) segment: u32,
    pub(super) offset: u32,
    pub(super) length: u32,
}

impl OpenLog {
    pub(super) fn new() -> Self {
        Opening::new().finish()
    }

    /// Adds an event after the last one.
    pub(super) fn add(&mut self, entry: IndexEntry<'_>) {
        let position = self.index.head() + 1;
        let IndexEntry { numbers, segment, offset, length, .. } = entry;
        let kind = match entry.headers {
            Some(headers) => IndexedAs::Described(Arc::new(headers)),
            None => IndexedAs::OfStream,
        };
        self.index.add(Spot { position, segment, offset, length, numbers }, entry.tags, kind);
    }

    /// Adds the lines of a batch that was found in the log, and whose checksum holds. Only readers use this; they append
    /// nothing, so ids are not added.
    pub(super) fn add_found(&mut self, found: &FoundBatch<'_>) -> Result<(), String> {
        each_line(found, &mut |line, segment, offset, length| {
            let event_type = line.event_type()?;
            let numbers =
                self.index.numbers_of_text(line.stream()?, event_type).map_err(|error| error.to_string())?;
            let described = event_type == DESCRIBED;
            line.stands_at(self.index.version(numbers.stream) + u64::from(!described))?;
            let headers = if described { Some(line.headers()?) } else { None };
            self.add(IndexEntry { numbers, tags: &line.tags()?, headers, segment, offset, length });
            Ok(())
        })?;
        self.index.end_batch();
        Ok(())
    }
}

/// The number of entries from which on sorting their ids takes longer than starting a thread.
const WORTH_A_THREAD: usize = 10_000;

/// A log that is being opened.
pub(super) struct Opening {
    pub(super) loading: Loading<Spot>,
    /// The hashes of the ids that do not contain their positions, with those positions.
    pub(super) ids: Vec<(u64, u64)>,
}

impl Opening {
    pub(super) fn new() -> Self {
        Opening { loading: Loading::new(), ids: Vec::new() }
    }

    /// Adds the lines of a batch that was found in the log, and whose checksum holds.
    pub(super) fn add_found(&mut self, found: &FoundBatch<'_>) -> Result<(), String> {
        let loading = &mut self.loading;
        each_line(found, &mut |line, segment, offset, length| {
            let event_type = line.event_type()?;
            let stream = loading.stream(line.stream()?).map_err(|error| error.to_string())?;
            let numbers = loading.numbers(stream, event_type);
            let described = event_type == DESCRIBED;
            line.stands_at(loading.version(stream) + u64::from(!described))?;
            let spot = Spot { position: line.position, segment, offset, length, numbers };
            match described {
                true => loading.describe(spot, line.headers()?),
                false => loading.add(spot, &line.tags()?),
            }
            self.ids.extend(event_ids::table_entry(line.id_bytes(), line.position));
            Ok(())
        })?;
        loading.batches.push(loading.rows.len() as u64);
        Ok(())
    }

    /// The open log. The ids of a large log are sorted in a thread of their own, while the lists are made.
    pub(super) fn finish(mut self) -> OpenLog {
        if self.ids.len() < WORTH_A_THREAD {
            self.ids.sort_unstable();
            return self.finish_sorted();
        }
        let Opening { loading, ids: hashes } = self;
        let visible = loading.rows.len() as u64;
        thread::scope(|scope| {
            let ids = scope.spawn(|| IdTable::of(hashes));
            let index = Index::loaded(loading);
            let ids = ids.join().unwrap_or_else(|panic| resume_unwind(panic));
            OpenLog {
                index,
                ids,
                segments: Vector::new(),
                visible,
                index_claims: None,
                checked_streams: Hashed::default(),
            }
        })
    }

    /// The same, if the ids are in order already.
    pub(super) fn finish_sorted(self) -> OpenLog {
        let visible = self.loading.rows.len() as u64;
        let (index, ids) = (Index::loaded(self.loading), IdTable::of_sorted(self.ids));
        OpenLog {
            index,
            ids,
            segments: Vector::new(),
            visible,
            index_claims: None,
            checked_streams: Hashed::default(),
        }
    }
}

/// Takes a line with its segment, offset and length.
type EachLine<'e> = &'e mut dyn FnMut(&EventLine<'_>, u32, u32, u32) -> Result<(), String>;

/// Shows the lines of a batch, each with its segment, offset and length.
fn each_line(found: &FoundBatch<'_>, each: EachLine<'_>) -> Result<(), String> {
    let segment = u32::try_from(found.segment).map_err(|_| "there are too many segments")?;
    let (mut rest, mut at, mut count) = (found.body, found.body_at, 0);
    while !rest.is_empty() {
        let end = line_end(rest).ok_or("its last line has no end")?;
        let (text, others) = rest.split_at(end);
        let line = read_unchecked(text)?;
        let position = found.header.first + count;
        if line.position != position {
            return Err(format!("a line says that it is position {}, and is at {position}", line.position));
        }
        let offset = u32::try_from(at).map_err(|_| "the segment is too long")?;
        each(&line, segment, offset, end as u32)?;
        (rest, at, count) = (others, at + end as u64, count + 1);
    }
    if count != found.header.count {
        return Err(format!("it has {count} lines, and its header says {}", found.header.count));
    }
    Ok(())
}

/// The length of the first of these lines, newline included.
fn line_end(bytes: &[u8]) -> Option<usize> {
    // Every line ends with a checksum of fixed length, whose only newline is the last byte.
    let from = LINE_END - 1;
    memchr(b'\n', bytes.get(from..)?).map(|at| from + at + 1)
}
