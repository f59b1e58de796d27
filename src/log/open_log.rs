//! What all users of an open log share: the index, and how far the log is.

use super::event_ids;
use super::event_ids::Ids;
use super::header::LINE_END;
use super::index_file::Told;
use super::line::{Line, read_line, read_unchecked};
use super::open_files::OpenFiles;
use super::recovery::{Found, Segment};
use crate::recorded::{Headers, StreamName, Tag};
use crate::store::DESCRIBED;
use crate::store::ReadError;
use crate::store::index::{At, Hashed, Index, Kind, Loading, Place, Positioned, Row};
use im::Vector;
use memchr::memchr;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

/// Where the line of an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) position: u64,
    pub(super) segment: u32,
    pub(super) offset: u32,
    pub(super) length: u32,
    pub(super) place: Place,
}

impl Positioned for Spot {
    fn position(&self) -> u64 {
        self.position
    }
}

impl Row for Spot {
    type InStream = At;

    fn in_stream(&self) -> At {
        At(self.position)
    }

    fn place(&self) -> Place {
        self.place
    }
}

/// The index of an open log.
pub(super) struct Shared {
    pub(super) index: Index<Spot>,
    pub(super) ids: Ids,
    /// The segments, the first first.
    pub(super) segments: Vector<Arc<Segment>>,
    /// The position of the last event that reads see.
    pub(super) visible: u64,
    /// What the index beside the log said, where the log was opened by it.
    pub(super) told: Option<Arc<Told>>,
    /// The streams of which that was held against the log, since something is appended to them.
    pub(super) held: Hashed<StreamName, ()>,
}

/// An event on its way into the index.
pub(super) struct Entry<'e> {
    pub(super) place: Place,
    pub(super) tags: &'e [Tag],
    pub(super) headers: Option<Headers>,
    pub(super) segment: u32,
    pub(super) offset: u32,
    pub(super) length: u32,
}

impl Shared {
    pub(super) fn new() -> Self {
        Opening::new().finish()
    }

    /// Adds an event behind the last one.
    pub(super) fn add(&mut self, entry: Entry<'_>) {
        let position = self.index.head() + 1;
        let Entry { place, segment, offset, length, .. } = entry;
        let kind = match entry.headers {
            Some(headers) => Kind::Described(Arc::new(headers)),
            None => Kind::OfStream,
        };
        self.index.add(Spot { position, segment, offset, length, place }, entry.tags, kind);
    }

    /// Adds the lines of a batch that was found in the log, whose checksum holds. A reader does this: it appends nothing,
    /// so that ids do not matter to it.
    pub(super) fn add_found(&mut self, found: &Found<'_>) -> Result<(), String> {
        each_line(found, &mut |line, segment, offset, length| {
            let event_type = line.event_type()?;
            let place =
                self.index.place_of_text(line.stream()?, event_type).map_err(|error| error.to_string())?;
            let described = event_type == DESCRIBED;
            line.stands_at(self.index.version(place.stream) + u64::from(!described))?;
            let headers = if described { Some(line.headers()?) } else { None };
            self.add(Entry { place, tags: &line.tags()?, headers, segment, offset, length });
            Ok(())
        })?;
        self.index.end_batch();
        Ok(())
    }
}

/// From how many entries on it takes longer to sort their ids than to start a thread.
const WORTH_A_THREAD: usize = 10_000;

/// A log that is being opened.
pub(super) struct Opening {
    pub(super) loading: Loading<Spot>,
    /// The hashes of the ids that do not tell their positions, with those.
    pub(super) ids: Vec<(u64, u64)>,
}

impl Opening {
    pub(super) fn new() -> Self {
        Opening { loading: Loading::new(), ids: Vec::new() }
    }

    /// Adds the lines of a batch that was found in the log, whose checksum holds.
    pub(super) fn add_found(&mut self, found: &Found<'_>) -> Result<(), String> {
        let loading = &mut self.loading;
        each_line(found, &mut |line, segment, offset, length| {
            let event_type = line.event_type()?;
            let stream = loading.stream(line.stream()?).map_err(|error| error.to_string())?;
            let place = loading.place(stream, event_type);
            let described = event_type == DESCRIBED;
            line.stands_at(loading.version(stream) + u64::from(!described))?;
            let spot = Spot { position: line.position, segment, offset, length, place };
            match described {
                true => loading.describe(spot, line.headers()?),
                false => loading.add(spot, &line.tags()?),
            }
            self.ids.extend(event_ids::kept(line.id_bytes(), line.position));
            Ok(())
        })?;
        loading.batches.push(loading.rows.len() as u64);
        Ok(())
    }

    /// What is shared of a log that was opened: of a large one, the ids are put in order beside the lists.
    pub(super) fn finish(mut self) -> Shared {
        if self.ids.len() < WORTH_A_THREAD {
            self.ids.sort_unstable();
            return self.finish_sorted();
        }
        let Opening { loading, ids: hashes } = self;
        let visible = loading.rows.len() as u64;
        thread::scope(|scope| {
            let ids = scope.spawn(|| Ids::of(hashes));
            let index = Index::loaded(loading);
            let ids = ids.join().unwrap_or_else(|panic| resume_unwind(panic));
            Shared { index, ids, segments: Vector::new(), visible, told: None, held: Hashed::default() }
        })
    }

    /// The same where the ids are in order already.
    pub(super) fn finish_sorted(self) -> Shared {
        let visible = self.loading.rows.len() as u64;
        let (index, ids) = (Index::loaded(self.loading), Ids::of_sorted(self.ids));
        Shared { index, ids, segments: Vector::new(), visible, told: None, held: Hashed::default() }
    }
}

/// Takes a line with its segment, offset and length.
type EachLine<'e> = &'e mut dyn FnMut(&Line<'_>, u32, u32, u32) -> Result<(), String>;

/// Shows the lines of a batch, each with its segment, offset and length.
fn each_line(found: &Found<'_>, each: EachLine<'_>) -> Result<(), String> {
    let segment = u32::try_from(found.segment).map_err(|_| "there are too many segments")?;
    let (mut rest, mut at, mut count) = (found.body, found.body_at, 0);
    while !rest.is_empty() {
        let end = line_end(rest).ok_or("its last line has no end")?;
        let (text, behind) = rest.split_at(end);
        let line = read_unchecked(text)?;
        let position = found.header.first + count;
        if line.position != position {
            return Err(format!(
                "a line says that it is position {}, and stands at {position}",
                line.position
            ));
        }
        let offset = u32::try_from(at).map_err(|_| "the segment is too long")?;
        each(&line, segment, offset, end as u32)?;
        (rest, at, count) = (behind, at + end as u64, count + 1);
    }
    if count != found.header.count {
        return Err(format!("it has {count} lines, and its header says {}", found.header.count));
    }
    Ok(())
}

/// Where the first line of these ends, newline included.
fn line_end(bytes: &[u8]) -> Option<usize> {
    // No line is shorter than its end, which holds no newline but the last byte.
    let from = LINE_END - 1;
    memchr(b'\n', bytes.get(from..)?).map(|at| from + at + 1)
}

/// Reads lines of segments, several at once where they stand together.
pub(super) struct Blocks<'f> {
    files: &'f OpenFiles,
    segments: Vector<Arc<Segment>>,
    buffer: Vec<u8>,
    /// Which bytes of which segment are in the buffer.
    segment: u32,
    start: u64,
    end: u64,
    /// How much was read the last time.
    part: u64,
}

/// The most that is read at once.
const PART: u64 = 1 << 18;

impl<'f> Blocks<'f> {
    pub(super) fn new(segments: Vector<Arc<Segment>>, files: &'f OpenFiles) -> Self {
        Blocks { files, segments, buffer: Vec::new(), segment: u32::MAX, start: 0, end: 0, part: 0 }
    }

    /// The line of an event, its checksum proven.
    pub(super) fn line(&mut self, spot: &Spot) -> Result<Line<'_>, ReadError> {
        let (from, until) = (u64::from(spot.offset), u64::from(spot.offset) + u64::from(spot.length));
        let damaged = |name: &str, why: String| ReadError::Damaged {
            file: name.to_string(),
            offset: from,
            why: format!("the event at position {}: {why}", spot.position),
        };
        if spot.segment != self.segment || from < self.start || until > self.end {
            let Some(segment) = self.segments.get(spot.segment as usize).cloned() else {
                return Err(damaged("the log", "its segment is not there".to_string()));
            };
            self.fill(&segment, spot.segment, from, until).map_err(|source| ReadError::Storage {
                doing: format!("reading {}", segment.name),
                source,
            })?;
            if until > self.end {
                return Err(damaged(&segment.name, "the file ends before it".to_string()));
            }
        }
        let bytes = &self.buffer[(from - self.start) as usize..(until - self.start) as usize];
        let name = || self.segments.get(spot.segment as usize).map_or("the log", |segment| &segment.name);
        let line = read_line(bytes).map_err(|why| damaged(name(), why))?;
        if line.position != spot.position {
            return Err(damaged(name(), format!("position {} stands there", line.position)));
        }
        Ok(line)
    }

    /// Reads a line, and what stands around it when the lines before stood near.
    fn fill(&mut self, segment: &Segment, number: u32, from: u64, until: u64) -> std::io::Result<()> {
        let near = |one: u64, other: u64| one.abs_diff(other) < PART / 4;
        let together = self.segment == number && (near(self.end, from) || near(self.start, until));
        let backwards = together && until <= self.start;
        // From one line to a whole part in a few steps, so that a few lines cost a few lines.
        self.part = if together { (self.part * 4).clamp(1 << 12, PART) } else { 0 };
        let (start, end) = match backwards {
            true => (until.saturating_sub(self.part).min(from), until),
            false => (from, (from + self.part).max(until)),
        };
        let file = self.files.get(segment)?;
        // What the index says of a line is not believed where it would take more memory than the file is long.
        let end = if end - start > PART { end.min(file.length()?.max(start)) } else { end };
        let wanted = usize::try_from(end - start).unwrap_or(usize::MAX);
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        (self.segment, self.start, self.end) = (number, start, start);
        let read = super::storage::read_full(&*file, &mut self.buffer[..wanted], start)?;
        self.end = start + read as u64;
        Ok(())
    }
}
