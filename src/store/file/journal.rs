//! Writing the log: segments, syncs and the mark.

use super::commit::{Answer, Core, Encoded, Request, lock};
use super::header::{BatchHeader, Mark, SegmentHeader, segment_name};
use super::line::{Line, NewLine, read_line};
use super::parts::{Parts, parts, same_json};
use super::recovery::{OpenError, Segment};
use super::scan::Place;
use super::shared::{Blocks, Entry, Shared};
use super::storage::{Storage, StorageFile, UNFINISHED, write_all};
use crate::recorded::{EventId, Metadata, Timestamp};
use crate::store::batch::{Appended, Write};
use crate::store::error::{AppendError, ReadError};
use crate::store::repeat::{new_ids, repeated, repeats};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// When what was appended is made durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sync {
    /// Before an append is answered. What was answered outlives a power cut.
    #[default]
    Always,
    /// At least so often, in the background. A power cut may cost what was answered since the last time.
    Every(Duration),
    /// When a segment is full and when the log is closed; otherwise whenever the system likes.
    Never,
}

/// The writer's end of a log.
pub(super) struct Journal {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) sync: Sync,
    pub(super) segment_size: u64,
    /// The segment that is written to.
    pub(super) segment: Arc<Segment>,
    /// Its number among the segments.
    pub(super) number: u32,
    /// Where the next batch belongs.
    pub(super) place: Place,
    /// Up to where the segment is durable.
    pub(super) durable: u64,
    pub(super) mark: Box<dyn StorageFile>,
    /// Why nothing more is written.
    pub(super) poisoned: Option<String>,
    /// Whether the log was closed.
    pub(super) closed: bool,
    /// The bytes of a commit, kept for the next.
    pub(super) buffer: Vec<u8>,
    /// Keeps other writers out as long as it is there.
    pub(super) lock: Option<Box<dyn std::any::Any + Send + std::marker::Sync>>,
}

/// What was found about a request before anything is written.
enum Judged {
    /// It is in the buffer.
    Written(Appended, Vec<EventId>),
    /// It needs no writing.
    Answered(Answer),
}

/// A write that failed.
pub(super) struct Failed {
    doing: String,
    source: io::Error,
    /// Whether the log is as it was before, to the byte.
    undone: bool,
}

impl Failed {
    pub(super) fn on_opening(self) -> OpenError {
        OpenError::Storage { doing: self.doing, source: self.source }
    }
}

impl Journal {
    pub(super) fn poison(&mut self, why: &str) {
        self.poisoned.get_or_insert_with(|| why.to_string());
    }

    /// Serves these requests, in order, and answers each.
    pub(super) fn commit(&mut self, core: &Core, requests: Vec<Request>) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(requests.len());
        let mut left = requests.into_iter().peekable();
        while left.peek().is_some() {
            if let Some(why) = &self.poisoned {
                answers.extend(left.map(|_| Err(AppendError::Poisoned { why: why.clone() })));
                break;
            }
            if self.place.offset >= self.segment_size
                && let Err(failed) = self.roll(core)
            {
                let doing = failed.doing.clone();
                match failed.undone {
                    true => answers.extend(left.next().map(|_| Err(full(&failed)))),
                    false => self.poison(&format!("{doing} failed ({})", failed.source)),
                }
                continue;
            }
            self.round(core, &mut left, &mut answers);
        }
        answers
    }

    /// Serves as many requests as the segment takes: judges them, writes them, and makes them durable together.
    fn round(&mut self, core: &Core, left: &mut impl Iterator<Item = Request>, answers: &mut Vec<Answer>) {
        let at = core.now();
        let mut shared = lock(&core.shared);
        let before = (shared.index.head(), self.place);
        self.buffer.clear();
        let mut judged = Vec::new();
        while self.place.offset < self.segment_size {
            let Some(request) = left.next() else { break };
            judged.push(self.judge(core, &mut shared, request, at, before.1.offset));
        }
        drop(shared);
        if self.buffer.is_empty() {
            answers.extend(judged.into_iter().map(|judged| match judged {
                Judged::Answered(answer) => answer,
                Judged::Written(appended, _) => Ok(appended),
            }));
            return;
        }
        match self.write(before.1.offset) {
            Ok(()) => {
                let mut shared = lock(&core.shared);
                shared.visible = shared.index.head();
                drop(shared);
                core.grown.notify_all();
                answers.extend(judged.into_iter().map(|judged| match judged {
                    Judged::Answered(answer) => answer,
                    Judged::Written(appended, _) => Ok(appended),
                }));
            }
            Err(failed) if failed.undone => {
                // What was judged was judged on a log that has not come to be.
                self.place = before.1;
                let mut shared = lock(&core.shared);
                shared.index.cut(before.0);
                shared.ids.cut(before.0);
                answers.extend(judged.into_iter().map(|judged| match judged {
                    Judged::Answered(Ok(appended)) => Ok(appended),
                    Judged::Answered(Err(_)) | Judged::Written(..) => Err(full(&failed)),
                }));
            }
            Err(failed) => {
                let why = format!("{} failed ({})", failed.doing, failed.source);
                self.poison(&why);
                answers.extend(judged.into_iter().map(|judged| match judged {
                    Judged::Written(_, ids) => {
                        let source = failed.source.to_string();
                        Err(AppendError::Unknown {
                            doing: format!("{} failed", failed.doing),
                            ids,
                            why: source,
                        })
                    }
                    Judged::Answered(Ok(appended)) => Ok(appended),
                    Judged::Answered(Err(_)) => Err(AppendError::Poisoned { why: why.clone() }),
                }));
            }
        }
    }

    /// Writes the buffer, syncs where it is asked for, and writes the mark.
    fn write(&mut self, offset: u64) -> Result<(), Failed> {
        let name = &self.segment.name;
        if let Err(source) = write_all(&*self.segment.file, &self.buffer, offset) {
            let full = source.kind() == io::ErrorKind::StorageFull;
            // Cutting off what was written of it leaves the log as it was, once that is durable: otherwise a power cut
            // could bring back a batch of which it was said that it is not recorded.
            let cut = || self.segment.file.truncate(offset).and_then(|()| self.segment.file.sync());
            let undone = full && cut().is_ok();
            return Err(Failed { doing: format!("writing to {name}"), source, undone });
        }
        if self.sync == Sync::Always {
            self.make_durable()?;
        }
        self.write_mark(false)
    }

    fn make_durable(&mut self) -> Result<(), Failed> {
        self.segment.file.sync().map_err(|source| Failed {
            doing: format!("syncing {}", self.segment.name),
            source,
            undone: false,
        })?;
        self.durable = self.place.offset;
        Ok(())
    }

    fn write_mark(&mut self, closed: bool) -> Result<(), Failed> {
        let failed = |source| Failed { doing: "writing the mark".to_string(), source, undone: false };
        let mark = self.mark(closed);
        let line = mark.line().ok_or_else(|| failed(io::Error::other("a number is too large for it")))?;
        write_all(&*self.mark, line.as_bytes(), 0).map_err(failed)
    }

    pub(super) fn mark(&self, closed: bool) -> Mark {
        Mark {
            segment: self.segment.first,
            offset: self.place.offset,
            durable: self.durable,
            position: self.place.next - 1,
            chain: self.place.chain,
            closed,
            doubt: !closed && self.sync != Sync::Always,
        }
    }

    /// Makes durable what is not, and says so in the mark.
    pub(super) fn sync_now(&mut self) -> Result<(), String> {
        if let Some(why) = &self.poisoned {
            return Err(why.clone());
        }
        if self.durable == self.place.offset {
            return Ok(());
        }
        let synced = self.make_durable().and_then(|()| self.write_mark(false));
        synced.map_err(|failed| {
            let why = format!("{} failed ({})", failed.doing, failed.source);
            self.poison(&why);
            why
        })
    }

    /// Makes everything durable, and says in the mark that nothing is under way.
    pub(super) fn close(&mut self) -> Result<(), String> {
        if self.closed {
            return Ok(());
        }
        if let Some(why) = &self.poisoned {
            return Err(why.clone());
        }
        let closed = match self.durable < self.place.offset {
            true => self.make_durable(),
            false => Ok(()),
        };
        let closed = closed.and_then(|()| self.write_mark(true)).and_then(|()| {
            self.mark.sync().map_err(|source| Failed {
                doing: "syncing the mark".to_string(),
                source,
                undone: false,
            })
        });
        self.closed = closed.is_ok();
        closed.map_err(|failed| {
            let why = format!("{} failed ({})", failed.doing, failed.source);
            self.poison(&why);
            why
        })
    }

    /// Begins a new segment. The old one is durable before the new one is there: so damage in it is never a torn tail.
    fn roll(&mut self, core: &Core) -> Result<(), Failed> {
        if self.durable < self.place.offset {
            self.make_durable()?;
        }
        let first = self.place.next;
        let (segment, crc) = new_segment(&*self.storage, first, self.place.chain)?;
        self.segment = Arc::new(segment);
        self.number += 1;
        self.place = Place { offset: SegmentHeader::LENGTH as u64, chain: crc, next: first };
        self.durable = self.place.offset;
        lock(&core.shared).segments.push_back(self.segment.clone());
        Ok(())
    }

    /// Holds a request against the log, and puts it into the buffer and the index where it may be recorded.
    fn judge(
        &mut self,
        core: &Core,
        shared: &mut Shared,
        request: Request,
        at: Timestamp,
        start: u64,
    ) -> Judged {
        match self.recorded_before(shared, &request, start) {
            Ok(None) => {}
            // It repeats a batch of this very commit, of which nobody knows yet whether it will be recorded.
            Ok(Some(appended)) if appended.first.get() > shared.visible => {
                return Judged::Written(appended, request.given_ids());
            }
            Ok(Some(appended)) => return Judged::Answered(Ok(appended)),
            Err(error) => return Judged::Answered(Err(error)),
        }
        if let Err(conflict) = shared.index.check(&request.writes, &request.conditions) {
            return Judged::Answered(Err(conflict.into()));
        }
        let known = |id: &EventId| {
            self.find(shared, id, start).unwrap_or_else(|_| shared.ids.find(id.as_str()).next())
        };
        let ids = match new_ids(&request.writes, |_| (core.ids)(), known) {
            Ok(ids) => ids,
            Err(error) => return Judged::Answered(Err(error)),
        };
        match self.put(shared, &request, &ids, at, start) {
            Some(appended) => Judged::Written(appended, ids),
            None => Judged::Answered(Err(too_large("more lines or bytes than a header can tell"))),
        }
    }

    /// Appends the batch to the buffer and to the index.
    fn put(
        &mut self,
        shared: &mut Shared,
        request: &Request,
        ids: &[EventId],
        at: Timestamp,
        start: u64,
    ) -> Option<Appended> {
        let at = at.to_string();
        let header_at = self.buffer.len();
        let body_at = header_at + BatchHeader::LENGTH;
        self.buffer.resize(body_at, b' ');
        let first = shared.index.head() + 1;
        let nothing = Metadata::default();
        let mut versions = Vec::with_capacity(request.writes.len());
        for (write, id) in request.writes.iter().zip(ids) {
            let Parts { stream, event_type, schema, tags, metadata, data, headers } =
                parts(write, request, &nothing);
            let line_at = self.buffer.len();
            let place = shared.index.place(stream, event_type);
            let version = shared.index.version(place.stream) + u64::from(write.is_of_stream());
            let line = NewLine {
                position: shared.index.head() + 1,
                stream,
                version,
                event_type,
                schema,
                tags,
                at: &at,
                id,
                metadata,
                data: &data,
            };
            line.write(&mut self.buffer);
            shared.add(Entry {
                place,
                tags,
                headers: headers.cloned(),
                segment: self.number,
                // Segments end long before 32 bits do: see the largest setting.
                offset: (start + line_at as u64) as u32,
                length: (self.buffer.len() - line_at) as u32,
            });
            shared.ids.add(id.as_str(), line.position);
            if write.is_of_stream() {
                versions.push((stream, version));
            }
        }
        shared.index.end_batch();
        // Where lines stand is told in 32 bits.
        let fits = u32::try_from(start + self.buffer.len() as u64).is_ok();
        let header = BatchHeader {
            first,
            count: request.writes.len() as u64,
            bytes: (self.buffer.len() - body_at) as u64,
            durable: self.durable,
            previous: self.place.chain,
            body: crc32c::crc32c(&self.buffer[body_at..]),
            crc: 0,
        };
        let mut line = Vec::with_capacity(BatchHeader::LENGTH);
        let Some(header) = header.write(&mut line).filter(|_| fits) else {
            self.buffer.truncate(header_at);
            shared.index.cut(first - 1);
            shared.ids.cut(first - 1);
            return None;
        };
        self.buffer[header_at..body_at].copy_from_slice(&line);
        self.place =
            Place { offset: start + self.buffer.len() as u64, chain: header.crc, next: first + header.count };
        Some(Appended::of(first, request.writes.len(), false, versions.into_iter()))
    }

    /// The answer to a batch that is recorded already.
    fn recorded_before(
        &self,
        shared: &Shared,
        request: &Request,
        start: u64,
    ) -> Result<Option<Appended>, AppendError> {
        let find = |id: &EventId| self.find(shared, id, start);
        let nothing = Metadata::default();
        let differs = |write: &Write<Encoded>, _: usize, position: u64| {
            self.with_line(shared, position, start, |line| {
                let parts = parts(write, request, &nothing);
                let same = line.schema == parts.schema && same_json(line.data, &parts.data);
                Ok(repeats(&line.envelope()?, write, parts.event_type, same))
            })
            // A batch that would reach behind the end is none that was recorded.
            .map(|found| found.unwrap_or_else(|| Some("the log ends before the batch does".to_string())))
        };
        let is_batch = |first, count| shared.index.is_batch(first, count);
        let Some(first) = repeated(&request.writes, find, differs, is_batch)? else { return Ok(None) };
        let mut versions = Vec::new();
        for (write, position) in request.writes.iter().zip(first..) {
            if write.is_of_stream() {
                let version = self.with_line(shared, position, start, |line| Ok(line.version))?;
                versions.push((write.stream(), version.unwrap_or_default()));
            }
        }
        Ok(Some(Appended::of(first, request.writes.len(), true, versions.into_iter())))
    }

    /// Where an id stands.
    fn find(&self, shared: &Shared, id: &EventId, start: u64) -> Result<Option<u64>, AppendError> {
        for position in shared.ids.find(id.as_str()) {
            let same = self.with_line(shared, position, start, |line| Ok(line.id()? == id.as_str()))?;
            if same == Some(true) {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    /// Reads the line at a position, which may still be in the buffer.
    fn with_line<R>(
        &self,
        shared: &Shared,
        position: u64,
        start: u64,
        read: impl FnOnce(&Line<'_>) -> Result<R, String>,
    ) -> Result<Option<R>, AppendError> {
        let Some(spot) = shared.index.row(position) else { return Ok(None) };
        let damaged = |why| ReadError::Damaged {
            file: self.segment.name.clone(),
            offset: spot.offset.into(),
            why: format!("the event at position {position}: {why}"),
        };
        let buffered = u64::from(spot.offset).checked_sub(start).filter(|_| spot.segment == self.number);
        let found = match buffered {
            Some(at) => {
                let bytes = self.buffer.get(at as usize..at as usize + spot.length as usize);
                let line = bytes.ok_or("it is not there".to_string()).and_then(read_line);
                line.and_then(|line| read(&line))
            }
            None => {
                let mut blocks = Blocks::new(shared.segments.clone());
                read(&blocks.line(spot)?)
            }
        };
        Ok(Some(found.map_err(damaged)?))
    }
}

fn full(failed: &Failed) -> AppendError {
    let source = io::Error::new(failed.source.kind(), failed.source.to_string());
    AppendError::DiskFull { doing: failed.doing.clone(), source }
}

pub(super) fn too_large(found: &str) -> AppendError {
    AppendError::TooLarge { found: found.to_string(), most: "1,000,000 entries and 256 MiB".to_string() }
}

/// Makes a segment that is there whole, with its first line, or not at all.
pub(super) fn new_segment(
    storage: &dyn Storage,
    first: u64,
    previous: u32,
) -> Result<(Segment, u32), Failed> {
    let name = segment_name(first);
    let doing = format!("beginning {name}");
    let failed = |undone| {
        let doing = doing.clone();
        move |source: io::Error| Failed {
            undone: undone && source.kind() == io::ErrorKind::StorageFull,
            doing,
            source,
        }
    };
    let (header, line) = SegmentHeader::new(first, previous)
        .ok_or_else(|| failed(false)(io::Error::other("its position is too large")))?;
    let unfinished = format!("{name}{UNFINISHED}");
    let file = storage.create(&unfinished).map_err(failed(true))?;
    write_all(&*file, line.as_bytes(), 0).map_err(failed(true))?;
    file.sync().map_err(failed(false))?;
    storage.rename(&unfinished, &name).map_err(failed(false))?;
    storage.sync_folder().map_err(failed(false))?;
    Ok((Segment { name, first, file }, header.crc))
}
