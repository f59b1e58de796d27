//! Whether a batch may be recorded, held against the log as it is, and the lines that it becomes.

use super::commit::{Answer, Asked, Core, Encoded, Request};
use super::header::BatchHeader;
use super::journal::{Journal, too_large};
use super::line::{Line, NewLine, first_schema, read_line};
use super::open_log::{Blocks, Entry, Shared};
use super::scan::Place;
use crate::recorded::{EventId, Headers, Metadata, StreamName, Tag, Timestamp};
use crate::store::clock_and_ids::ID_ROOM;
use crate::store::repeated_batch::{STORE_MAKES, repeated, repeats};
use crate::store::{AppendError, ReadError};
use crate::store::{Appended, Condition, NewEvent, Write};
use crate::store::{DELETED, DESCRIBED};

/// What was found about a request before anything is written.
pub(super) enum Judged {
    /// It is in the buffer; with the ids that were made for it.
    Written(Appended, Request, Vec<EventId>),
    /// It needs no writing.
    Answered(Answer),
}

impl Journal {
    /// Holds a request against the log, and puts it into the buffer and the index where it may be recorded.
    pub(super) fn judge(&mut self, core: &Core, shared: &mut Shared, asked: Asked, start: u64) -> Judged {
        let Asked { request, at, ids } = asked;
        match self.recorded_before(core, shared, &request, start) {
            Ok(None) => {}
            // It repeats a batch of this very commit, of which nobody knows yet whether it will be recorded.
            Ok(Some(appended)) if appended.first.get() > shared.visible => {
                return Judged::Written(appended, request, Vec::new());
            }
            Ok(Some(appended)) => return Judged::Answered(Ok(appended)),
            Err(error) => return Judged::Answered(Err(error)),
        }
        if let Err(error) = self.hold_index(shared, &request) {
            return Judged::Answered(Err(error.into()));
        }
        if let Err(conflict) = shared.index.check(&request.writes, &request.conditions) {
            return Judged::Answered(Err(conflict.into()));
        }
        if let Err(error) = self.claim_ids(core, shared, &request, &ids, start) {
            return Judged::Answered(Err(error));
        }
        match self.put(core, shared, &request, &ids, at, start) {
            Some(appended) => Judged::Written(appended, request, ids),
            None => Judged::Answered(Err(too_large("more lines or bytes than a header can tell"))),
        }
    }

    /// Where the log was opened by the index beside it: holds what that says of the streams that a batch is about against the
    /// log, once for each stream. Versions that were counted wrongly would make the log one that contradicts itself.
    fn hold_index(&self, shared: &mut Shared, request: &Request) -> Result<(), ReadError> {
        let Some(told) = shared.told.clone() else { return Ok(()) };
        let expected = request.conditions.iter().filter_map(|condition| match condition {
            Condition::Stream(stream, _) => Some(stream),
            Condition::NoMatch(..) => None,
        });
        for stream in request.writes.iter().map(Write::stream).chain(expected) {
            if shared.held.contains_key(stream) {
                continue;
            }
            if let Some((count, last)) = shared.index.last_of(stream)
                && told.knows(last)
                && let Some(spot) = shared.index.row(last)
            {
                let mut blocks = Blocks::new(shared.segments.clone(), &self.files);
                told.hold_version(spot, &blocks.line(spot)?, count)?;
            }
            shared.held.insert(stream.clone(), ());
        }
        Ok(())
    }

    /// Takes the ids of a batch for its positions. Those that the log makes tell their positions, and need no taking; if
    /// somebody else makes ids, `ids` has one for every entry, the one it has or a new one.
    fn claim_ids(
        &self,
        core: &Core,
        shared: &mut Shared,
        request: &Request,
        ids: &[EventId],
        start: u64,
    ) -> Result<(), AppendError> {
        let first = shared.index.head() + 1;
        let mut claimed: Vec<(EventId, u64)> = Vec::new();
        for (place, (write, position)) in request.writes.iter().zip(first..).enumerate() {
            let id = match (write, ids.get(place)) {
                (_, Some(id)) | (Write::Event(_, NewEvent { id: Some(id), .. }), None) => id.clone(),
                (_, None) => continue,
            };
            if !shared.ids.add_new(id.as_str(), position) {
                if let Some(why) = self.taken(core, shared, &id, &claimed, start) {
                    for (id, position) in claimed {
                        shared.ids.remove(id.as_str(), position);
                    }
                    return Err(AppendError::IdTaken { id, why });
                }
                shared.ids.add(id.as_str(), position);
            }
            claimed.push((id, position));
        }
        Ok(())
    }

    /// Why an id cannot be that of an entry of the batch, of which earlier ones have these ids. No id that was given is that
    /// of a recorded event, as was seen before; but the source of ids may make one again.
    fn taken(
        &self,
        core: &Core,
        shared: &Shared,
        id: &EventId,
        batch: &[(EventId, u64)],
        start: u64,
    ) -> Option<String> {
        if batch.iter().any(|(claimed, _)| claimed == id) {
            return Some("the batch has it twice".to_string());
        }
        let head = shared.index.head();
        let recorded = || shared.ids.find(id.as_str()).find(|position| *position <= head);
        // A line that cannot be read is taken for the one that is looked for.
        let found = self.find(core, shared, id, start).unwrap_or_else(|_| recorded());
        found.map(|at| format!("the store's source of ids made it again; it stands at position {at}"))
    }

    /// Appends the batch to the buffer and to the index.
    fn put(
        &mut self,
        core: &Core,
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
        let mut versions: Vec<(&StreamName, u64)> = Vec::new();
        let mut last: Option<(&StreamName, _, u64)> = None;
        let mut room = ID_ROOM;
        for (place_of_write, write) in request.writes.iter().enumerate() {
            let Parts { stream, event_type, schema, tags, metadata, data, headers } =
                parts(write, request, &nothing);
            let line_at = self.buffer.len();
            let (place, before) = match last {
                Some((name, place, version)) if name == stream => {
                    (shared.index.place_beside(place, event_type), version)
                }
                _ => {
                    let place = shared.index.place(stream, event_type);
                    (place, shared.index.version(place.stream))
                }
            };
            let version = before + u64::from(write.is_of_stream());
            last = Some((stream, place, version));
            let position = shared.index.head() + 1;
            let id = match (write, ids.get(place_of_write)) {
                (_, Some(id)) | (Write::Event(_, NewEvent { id: Some(id), .. }), None) => id.as_str(),
                _ => core.handle.text(position, &mut room),
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
            if write.is_of_stream() {
                match versions.last_mut() {
                    Some((name, of_last)) if *name == stream => *of_last = version,
                    _ => versions.push((stream, version)),
                }
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

    /// The answer to a request that is recorded already, before anything is judged; `None` where it is not.
    pub(super) fn recorded(&self, core: &Core, shared: &Shared, request: &Request) -> Option<Answer> {
        self.recorded_before(core, shared, request, self.place.offset).transpose()
    }

    /// The answer to a batch that is recorded already.
    fn recorded_before(
        &self,
        core: &Core,
        shared: &Shared,
        request: &Request,
        start: u64,
    ) -> Result<Option<Appended>, AppendError> {
        let find = |id: &EventId| self.find(core, shared, id, start);
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
    fn find(
        &self,
        core: &Core,
        shared: &Shared,
        id: &EventId,
        start: u64,
    ) -> Result<Option<u64>, AppendError> {
        for position in shared.ids.find(id.as_str()) {
            let same = self.with_line(shared, position, start, |line| Ok(line.id()? == id.as_str()))?;
            if same == Some(true) {
                return Ok(Some(position));
            }
        }
        match core.handle.number(id) {
            Some(_) => Err(AppendError::IdTaken { id: id.clone(), why: STORE_MAKES.to_string() }),
            None => Ok(None),
        }
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
                let mut blocks = Blocks::new(shared.segments.clone(), &self.files);
                read(&blocks.line(spot)?)
            }
        };
        Ok(Some(found.map_err(damaged)?))
    }
}

/// What stands in the line of a write.
struct Parts<'w> {
    stream: &'w StreamName,
    event_type: &'w str,
    schema: u32,
    tags: &'w [Tag],
    metadata: &'w Metadata,
    data: std::borrow::Cow<'w, [u8]>,
    headers: Option<&'w Headers>,
}

fn parts<'w>(write: &'w Write<Encoded>, request: &'w Request, nothing: &'w Metadata) -> Parts<'w> {
    let own = |stream, event_type, data, headers| Parts {
        stream,
        event_type,
        schema: first_schema(),
        tags: &[],
        metadata: nothing,
        data,
        headers,
    };
    match write {
        Write::Event(stream, new) => Parts {
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

/// Whether two contents are the same, also where an earlier version wrote it otherwise.
fn same_json(one: &[u8], other: &[u8]) -> bool {
    let value = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    one == other || value(one).is_some_and(|one| Some(one) == value(other))
}
