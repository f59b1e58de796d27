//! Whether a batch may be recorded, given the log as it is, and the lines that it becomes.

use super::blocks::Blocks;
use super::event_ids::table_entry;
use super::header::BatchHeader;
use super::journal::{Journal, too_large};
use super::line::{EventLine, NewLine, first_schema, read_line, readable};
use super::open_log::{IndexEntry, OpenLog};
use super::request::{AppendResult, EncodedEvent, PreparedRequest, Request};
use super::scan::ChainEnd;
use crate::recorded::{EventId, Headers, Metadata, StreamName, Tag, Timestamp};
use crate::store::clock_and_ids::ID_ROOM;
use crate::store::repeated_batch::{STORE_MAKES, difference_from, find_repeated, same_json};
use crate::store::{AppendCondition, AppendError, Appended, DELETED, DESCRIBED, NewEvent, ReadError, Write};
use memchr::memchr;
use std::ops::Range;

/// What is decided about a request before anything is written.
pub(super) enum Judgement {
    /// It is in the buffer.
    Buffered(Appended),
    /// It needs no writing.
    Answered(AppendResult),
}

impl Judgement {
    /// The answer once the buffer is written.
    pub(super) fn answer(self) -> AppendResult {
        match self {
            Judgement::Buffered(appended) => Ok(appended),
            Judgement::Answered(answer) => answer,
        }
    }
}

/// The requests that are judged and written together.
pub(super) struct Round<'r> {
    pub(super) journal: &'r mut Journal,
    log: &'r mut OpenLog,
    /// The offset in the segment at which the buffer begins.
    start: u64,
    /// Where the lines of each batch are in the buffer.
    pub(super) bodies: Vec<Range<usize>>,
}

impl<'r> Round<'r> {
    pub(super) fn new(journal: &'r mut Journal, log: &'r mut OpenLog) -> Self {
        let start = journal.end.offset;
        Round { journal, log, start, bodies: Vec::new() }
    }

    /// Decides about a request on the log including the earlier requests of the round, and puts it into the buffer and the
    /// index if it may be recorded.
    pub(super) fn judge(&mut self, prepared: &PreparedRequest) -> Judgement {
        let PreparedRequest { request, at, ids } = prepared;
        match self.recorded_before(request) {
            Ok(None) => {}
            // It repeats a batch of this round, which is not written yet.
            Ok(Some(appended)) if appended.first.get() > self.log.visible => {
                return Judgement::Buffered(appended);
            }
            Ok(Some(appended)) => return Judgement::Answered(Ok(appended)),
            Err(error) => return Judgement::Answered(Err(error)),
        }
        if let Err(error) = self.check_index_claims(request) {
            return Judgement::Answered(Err(error.into()));
        }
        if let Err(conflict) = self.log.index.check(&request.writes, &request.conditions) {
            return Judgement::Answered(Err(conflict.into()));
        }
        if let Err(error) = self.claim_ids(request, ids) {
            return Judgement::Answered(Err(error));
        }
        match self.put(request, ids, *at) {
            Some(appended) => Judgement::Buffered(appended),
            None => Judgement::Answered(Err(too_large("more lines or bytes than a header can hold"))),
        }
    }

    /// If the log was opened by the index beside it: compares what that says about the streams of a batch with the log, once
    /// for each stream. With versions that were counted wrongly, the log would contradict itself.
    fn check_index_claims(&mut self, request: &Request) -> Result<(), ReadError> {
        let Some(claims) = self.log.index_claims.clone() else { return Ok(()) };
        let expected = request.conditions.iter().filter_map(|condition| match condition {
            AppendCondition::Stream(stream, _) => Some(stream),
            AppendCondition::NoMatch(..) => None,
        });
        for stream in request.writes.iter().map(Write::stream).chain(expected) {
            if self.log.checked_streams.contains_key(stream) {
                continue;
            }
            if let Some((count, last)) = self.log.index.last_of(stream)
                && claims.covers(last)
                && let Some(spot) = self.log.index.row(last)
            {
                let mut blocks = Blocks::new(self.log.segments.clone(), &self.journal.files);
                claims.check_version(spot, &blocks.line(spot)?, count)?;
            }
            self.log.checked_streams.insert(stream.clone(), ());
        }
        Ok(())
    }

    /// Takes the ids of a batch for its positions. Ids that the log makes hold their positions, and are not taken; if the
    /// user makes ids, `ids` has one for every entry, the given one or a new one.
    fn claim_ids(&mut self, request: &Request, ids: &[EventId]) -> Result<(), AppendError> {
        let first = self.log.index.head() + 1;
        let mut claimed: Vec<(EventId, u64)> = Vec::new();
        for (place, (write, position)) in request.writes.iter().zip(first..).enumerate() {
            let id = match (write, ids.get(place)) {
                (_, Some(id)) | (Write::Event(_, NewEvent { id: Some(id), .. }), None) => id.clone(),
                (_, None) => continue,
            };
            if !self.log.ids.add_new(id.as_str(), position) {
                if let Some(why) = self.taken(&id, &claimed) {
                    for (id, position) in claimed {
                        self.log.ids.remove(id.as_str(), position);
                    }
                    return Err(AppendError::IdTaken { id, why });
                }
                self.log.ids.add(id.as_str(), position);
            }
            claimed.push((id, position));
        }
        Ok(())
    }

    /// Why an entry of the batch cannot have this id; the earlier entries have the ids in `batch`. No given id belongs to a
    /// recorded event, which is known by now; but the user's source of ids may make one again.
    fn taken(&self, id: &EventId, batch: &[(EventId, u64)]) -> Option<String> {
        if batch.iter().any(|(claimed, _)| claimed == id) {
            return Some("the batch has it twice".to_string());
        }
        let head = self.log.index.head();
        let recorded = || self.log.ids.find(id.as_str()).find(|position| *position <= head);
        // A line that cannot be read counts as the one that is sought.
        let found = self.find(id).unwrap_or_else(|_| recorded());
        found.map(|at| format!("the store's source of ids made it again; it is at position {at}"))
    }

    /// Appends the batch to the buffer and to the index.
    fn put(&mut self, request: &Request, ids: &[EventId], at: Timestamp) -> Option<Appended> {
        let (start, journal, log) = (self.start, &mut *self.journal, &mut *self.log);
        let at = at.to_string();
        let header_at = journal.buffer.len();
        let body_at = header_at + BatchHeader::LENGTH;
        journal.buffer.resize(body_at, b' ');
        let first = log.index.head() + 1;
        let nothing = Metadata::default();
        let mut versions: Vec<(&StreamName, u64)> = Vec::new();
        let mut last: Option<(&StreamName, _, u64)> = None;
        let mut room = ID_ROOM;
        for (at_write, write) in request.writes.iter().enumerate() {
            let LineContent { stream, event_type, schema, tags, metadata, data, headers } =
                line_content(write, request, &nothing);
            let line_at = journal.buffer.len();
            let (numbers, before) = match last {
                Some((name, numbers, version)) if name == stream => {
                    (log.index.numbers_beside(numbers, event_type), version)
                }
                _ => {
                    let numbers = log.index.numbers(stream, event_type);
                    (numbers, log.index.version(numbers.stream))
                }
            };
            let version = before + u64::from(write.is_of_stream());
            last = Some((stream, numbers, version));
            let position = log.index.head() + 1;
            let id = match (write, ids.get(at_write)) {
                (_, Some(id)) | (Write::Event(_, NewEvent { id: Some(id), .. }), None) => id.as_str(),
                _ => journal.handle.text(position, &mut room),
            };
            let line = NewLine {
                position,
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
            line.write(&mut journal.buffer);
            log.add(IndexEntry {
                numbers,
                tags,
                headers: headers.cloned(),
                segment: journal.number,
                // 32 bits are enough: see LARGEST_SEGMENT.
                offset: (start + line_at as u64) as u32,
                length: (journal.buffer.len() - line_at) as u32,
            });
            if write.is_of_stream() {
                match versions.last_mut() {
                    Some((name, of_last)) if *name == stream => *of_last = version,
                    _ => versions.push((stream, version)),
                }
            }
        }
        let count = request.writes.len();
        self.end_batch(header_at, first, count)?;
        Some(Appended::of(first, count, false, versions.into_iter()))
    }

    /// Writes the header before the lines of a batch that begin after it in the buffer. Takes the batch back, and returns
    /// `None`, if a number is too large for its place.
    fn end_batch(&mut self, header_at: usize, first: u64, count: usize) -> Option<()> {
        let (start, journal, log) = (self.start, &mut *self.journal, &mut *self.log);
        let body_at = header_at + BatchHeader::LENGTH;
        log.index.end_batch();
        // The index holds offsets of 32 bits.
        let fits = u32::try_from(start + journal.buffer.len() as u64).is_ok();
        let header = BatchHeader {
            first,
            count: count as u64,
            bytes: (journal.buffer.len() - body_at) as u64,
            durable: journal.durable,
            previous: journal.end.chain,
            body: crc32c::crc32c(&journal.buffer[body_at..]),
            crc: 0,
        };
        let mut line = Vec::with_capacity(BatchHeader::LENGTH);
        let Some(header) = header.write(&mut line).filter(|_| fits) else {
            journal.buffer.truncate(header_at);
            log.index.cut(first - 1);
            log.ids.cut(first - 1);
            return None;
        };
        journal.buffer[header_at..body_at].copy_from_slice(&line);
        journal.end = ChainEnd {
            offset: start + journal.buffer.len() as u64,
            chain: header.crc,
            next: first + header.count,
        };
        self.bodies.push(body_at..journal.buffer.len());
        Some(())
    }

    /// The position of the last entry, those of the buffer included.
    pub(super) fn head(&self) -> u64 {
        self.log.index.head()
    }

    /// Takes these requests, which were judged last, out of the index, and out of the buffer what begins at this byte. Takes as
    /// long as putting them there.
    pub(super) fn take_back(&mut self, buffered: usize, head: u64, judged: &[(PreparedRequest, Judgement)]) {
        self.journal.buffer.truncate(buffered);
        self.bodies.retain(|body| body.end <= buffered);
        for (prepared, judgement) in judged {
            let Judgement::Buffered(appended) = judgement else { continue };
            for (place, write) in prepared.request.writes.iter().enumerate() {
                let Write::Event(_, NewEvent { id, tags, .. }) = write else { continue };
                let position = appended.first.get() + place as u64;
                self.log.index.cut_tags(tags, head);
                for id in id.iter().chain(prepared.ids.get(place)) {
                    if position > head {
                        self.log.ids.remove(id.as_str(), position);
                    }
                }
            }
        }
        self.log.index.cut_last(head);
    }

    /// Puts a batch that was agreed upon elsewhere into the buffer and the index, with its lines as they are. Returns `false` if
    /// the log has it already.
    pub(super) fn put_agreed(&mut self, first: u64, count: u64, lines: &[u8]) -> Result<bool, String> {
        let head = self.head();
        if first + count <= head + 1 {
            // One look is enough to see whether it is the same log.
            let id = |line: &[u8]| Ok::<_, String>(read_line(line)?.id()?.to_string());
            let end = memchr(b'\n', lines).map_or(lines.len(), |end| end + 1);
            let (agreed, mine) =
                (id(&lines[..end])?, self.with_line(first, |line| Ok(line.id()?.to_string())));
            return match mine.map_err(|error| error.to_string())? {
                Some(mine) if mine == agreed => Ok(false),
                _ => Err(format!("position {first} is another event here: these are files of another log")),
            };
        }
        if first != head + 1 {
            return Err(format!("it does not follow position {head}, where the files end"));
        }
        let header_at = self.journal.buffer.len();
        self.journal.buffer.resize(header_at + BatchHeader::LENGTH, b' ');
        for (line, position) in lines.split_inclusive(|byte| *byte == b'\n').zip(first..) {
            let log = &mut *self.log;
            let read = read_line(line)?;
            if read.position != position {
                return Err(format!(
                    "a line says that it is position {}, and is at {position}",
                    read.position
                ));
            }
            let (stream, event_type) = (read.stream()?, read.event_type()?);
            let numbers = log.index.numbers_of_text(stream, event_type).map_err(|error| error.to_string())?;
            let described = event_type == DESCRIBED;
            read.stands_at(log.index.version(numbers.stream) + u64::from(!described))?;
            let headers = if described { Some(read.headers()?) } else { None };
            readable(&read)?;
            if table_entry(read.id_bytes(), position).is_some() {
                log.ids.add(read.id()?, position);
            }
            // 32 bits are enough: see LARGEST_SEGMENT.
            let offset = (self.start + self.journal.buffer.len() as u64) as u32;
            let (segment, length) = (self.journal.number, line.len() as u32);
            log.add(IndexEntry { numbers, tags: &read.tags()?, headers, segment, offset, length });
            self.journal.buffer.extend_from_slice(line);
        }
        match self.end_batch(header_at, first, count as usize) {
            Some(()) => Ok(true),
            None => Err("it is larger than a file of the log takes".to_string()),
        }
    }

    /// The answer to a request that is recorded already; `None` if it is not.
    pub(super) fn recorded(&self, request: &Request) -> Option<AppendResult> {
        self.recorded_before(request).transpose()
    }

    /// The answer to a batch that is recorded already.
    fn recorded_before(&self, request: &Request) -> Result<Option<Appended>, AppendError> {
        let find = |id: &EventId| self.find(id);
        let nothing = Metadata::default();
        let differs = |write: &Write<EncodedEvent>, _: usize, position: u64| {
            self.with_line(position, |line| {
                let content = line_content(write, request, &nothing);
                let same = line.schema == content.schema && same_json(line.data, &content.data);
                Ok(difference_from(&line.envelope()?, write, content.event_type, same))
            })
            // A batch that would reach beyond the end was never recorded.
            .map(|found| found.unwrap_or_else(|| Some("the log ends before the batch does".to_string())))
        };
        let is_batch = |first, count| Ok(self.log.index.is_batch(first, count));
        let Some(first) = find_repeated(&request.writes, find, differs, is_batch)? else { return Ok(None) };
        let mut versions = Vec::new();
        for (write, position) in request.writes.iter().zip(first..) {
            if write.is_of_stream() {
                let version = self.with_line(position, |line| Ok(line.version))?;
                versions.push((write.stream(), version.unwrap_or_default()));
            }
        }
        Ok(Some(Appended::of(first, request.writes.len(), true, versions.into_iter())))
    }

    /// The position of the entry with this id.
    fn find(&self, id: &EventId) -> Result<Option<u64>, AppendError> {
        for position in self.log.ids.find(id.as_str()) {
            let same = self.with_line(position, |line| Ok(line.id()? == id.as_str()))?;
            if same == Some(true) {
                return Ok(Some(position));
            }
        }
        match self.journal.handle.number(id) {
            Some(_) => Err(AppendError::IdTaken { id: id.clone(), why: STORE_MAKES.to_string() }),
            None => Ok(None),
        }
    }

    /// Reads the line at a position, which may still be in the buffer.
    fn with_line<R>(
        &self,
        position: u64,
        read: impl FnOnce(&EventLine<'_>) -> Result<R, String>,
    ) -> Result<Option<R>, AppendError> {
        let Some(spot) = self.log.index.row(position) else { return Ok(None) };
        let damaged = |why| ReadError::Damaged {
            file: self.journal.segment.name.clone(),
            offset: spot.offset.into(),
            why: format!("the event at position {position}: {why}"),
        };
        let buffered =
            u64::from(spot.offset).checked_sub(self.start).filter(|_| spot.segment == self.journal.number);
        let found = match buffered {
            Some(at) => {
                let bytes = self.journal.buffer.get(at as usize..at as usize + spot.length as usize);
                let line = bytes.ok_or("it is not there".to_string()).and_then(read_line);
                line.and_then(|line| read(&line))
            }
            None => {
                let mut blocks = Blocks::new(self.log.segments.clone(), &self.journal.files);
                read(&blocks.line(spot)?)
            }
        };
        Ok(Some(found.map_err(damaged)?))
    }
}

/// What the line of a write says.
struct LineContent<'w> {
    stream: &'w StreamName,
    event_type: &'w str,
    schema: u32,
    tags: &'w [Tag],
    metadata: &'w Metadata,
    data: std::borrow::Cow<'w, [u8]>,
    headers: Option<&'w Headers>,
}

fn line_content<'w>(
    write: &'w Write<EncodedEvent>,
    request: &'w Request,
    nothing: &'w Metadata,
) -> LineContent<'w> {
    let own = |stream, event_type, data, headers| LineContent {
        stream,
        event_type,
        schema: first_schema(),
        tags: &[],
        metadata: nothing,
        data,
        headers,
    };
    match write {
        Write::Event(stream, new) => LineContent {
            stream,
            event_type: &new.event.event_type,
            schema: new.event.schema,
            tags: &new.tags,
            metadata: &new.metadata,
            data: request.data[new.event.data.clone()].into(),
            headers: None,
        },
        Write::Delete(stream) => own(stream, DELETED, b"null"[..].into(), None),
        Write::Describe(stream, headers) => {
            // Names and plain values: serde_json has no reason to refuse them.
            let data = serde_json::to_vec(headers).unwrap_or_default();
            own(stream, DESCRIBED, data.into(), Some(headers))
        }
    }
}
