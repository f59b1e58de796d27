//! Finding every damaged part of a log.

use crate::log::file_names::{segment_first, segment_name};
use crate::log::header::{BatchHeader, NoSegment, SegmentHeader, checked_line};
use crate::log::line::{read_line, read_unchecked, readable};
use crate::log::open_error::{OpenError, storage_failed};
use crate::log::scan::{ChainEnd, Damage, Window, walk};
use crate::log::segment::segment_firsts;
use crate::log::storage::Storage;
use crate::page::shown;
use crate::recorded::Position;
use crate::store::DESCRIBED;
use std::collections::HashMap;
use std::fmt;
use std::io;

/// A part of a log that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DamagedPart {
    /// The file.
    pub file: String,
    /// Where in it.
    pub offset: u64,
    /// The position of the first event of the batch, where it is known.
    pub batch: Option<Position>,
    /// The position of the event, where it is known.
    pub position: Option<Position>,
    /// What is wrong.
    pub why: String,
}

impl DamagedPart {
    /// A file beside the segments.
    pub(super) fn beside(file: &str, why: String) -> DamagedPart {
        DamagedPart { file: file.to_string(), offset: 0, batch: None, position: None, why }
    }
}

impl fmt::Display for DamagedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, byte {}", shown(&self.file), self.offset)?;
        if let Some(batch) = self.batch {
            write!(f, ", in the batch that begins at position {batch}")?;
        }
        write!(f, ": {}", shown(&self.why))
    }
}

/// Both lists as one, in the order of the files.
pub(super) fn in_order(mut one: Vec<DamagedPart>, other: Vec<DamagedPart>) -> Vec<DamagedPart> {
    for part in other {
        if !one.iter().any(|known| known.file == part.file && known.offset == part.offset) {
            one.push(part);
        }
    }
    one.sort_by(|one, other| {
        (segment_first(&one.file), one.offset).cmp(&(segment_first(&other.file), other.offset))
    });
    one
}

/// Reads a whole log, and goes on after every damage with the next whole batch.
pub(super) fn damaged_parts(folder: &dyn Storage) -> Result<Vec<DamagedPart>, OpenError> {
    let mut parts = Vec::new();
    let mut versions = Versions::default();
    // How the segment before ended; `None` where that is not known.
    let mut before = Some(ChainEnd { offset: 0, chain: 0, next: 1 });
    for first in segment_firsts(folder)? {
        let name = segment_name(first);
        let reading = || storage_failed(format!("reading {name}"));
        let file = folder.open(&name, false).map_err(reading())?;
        let mut window = Window::new(&*file, file.length().map_err(reading())?);
        let mut search = Search { file: &name, parts: &mut parts, versions: &mut versions };
        before = search.segment(&mut window, first, before).map_err(reading())?;
    }
    Ok(parts)
}

/// The versions of streams, as far as damage lets them be known.
#[derive(Default)]
struct Versions {
    last: HashMap<String, (u64, u64)>,
    /// The number of damages so far: after one, a stream may have gone on in the damaged part.
    damages: u64,
}

impl Versions {
    fn take(&mut self, stream: &str, version: u64, described: bool) -> Result<(), String> {
        let known = self.last.get(stream).copied().unwrap_or((0, 0));
        let next = known.0 + u64::from(!described);
        let right = if known.1 == self.damages { version == next } else { version >= next };
        if !right {
            return Err(format!(
                "a line says that it is version {version} of {stream}, which is at {next} there"
            ));
        }
        match self.last.get_mut(stream) {
            Some(last) => *last = (version, self.damages),
            None => {
                self.last.insert(stream.to_string(), (version, self.damages));
            }
        }
        Ok(())
    }
}

struct Search<'s> {
    file: &'s str,
    parts: &'s mut Vec<DamagedPart>,
    versions: &'s mut Versions,
}

impl Search<'_> {
    fn found(&mut self, offset: u64, batch: Option<u64>, position: Option<u64>, why: impl Into<String>) {
        self.parts.push(DamagedPart {
            file: self.file.to_string(),
            offset,
            batch: batch.map(Position::new),
            position: position.map(Position::new),
            why: why.into(),
        });
    }

    /// Walks along one segment, and answers with how it ends where that is known.
    fn segment(
        &mut self,
        window: &mut Window<'_>,
        first: u64,
        before: Option<ChainEnd>,
    ) -> io::Result<Option<ChainEnd>> {
        let begins = SegmentHeader::LENGTH as u64;
        let mut place = match SegmentHeader::read(window.get(0, SegmentHeader::LENGTH)?) {
            Ok(header) if header.first == first => {
                if before.is_some_and(|before| before.chain != header.previous || before.next != first) {
                    self.found(
                        0,
                        None,
                        None,
                        "it does not follow the segment before it; one between them is missing",
                    );
                    self.versions.damages += 1;
                }
                Some(ChainEnd { offset: begins, chain: header.crc, next: first })
            }
            Ok(header) => {
                let why = format!("its first line says that it begins at position {}", header.first);
                self.found(0, None, None, why);
                None
            }
            Err(NoSegment::Format(format)) => {
                self.found(0, None, None, format!("it is of format {format}, which is not known"));
                return Ok(None);
            }
            Err(NoSegment::Damaged) => {
                self.found(0, None, None, "its first line is not as it was written");
                None
            }
        };
        let mut from = 1;
        loop {
            let Some(begin) = place.take() else {
                let Some((offset, header)) = next_batch(window, from)? else { return Ok(None) };
                place = Some(ChainEnd { offset, chain: header.previous, next: header.first });
                continue;
            };
            let versions = &mut *self.versions;
            let (end, damage) =
                walk(window, begin, &mut |_, header, body| take_lines(versions, header, body))?;
            let Some(damage) = damage else { return Ok(Some(end)) };
            let next = next_batch(window, damage.offset + 1)?;
            let until = next.map_or(window.length(), |(offset, _)| offset);
            self.describe(window, &damage, end, until)?;
            self.versions.damages += 1;
            from = damage.offset + 1;
        }
    }

    /// Says what is wrong with the bytes from a damage up to the next whole header.
    fn describe(
        &mut self,
        window: &mut Window<'_>,
        damage: &Damage,
        at: ChainEnd,
        until: u64,
    ) -> io::Result<()> {
        let offset = damage.offset;
        let Some(header) = BatchHeader::read(window.get(offset, BatchHeader::LENGTH)?) else {
            let begins = window.get(offset, BEGINS.len())?;
            let why = match begins {
                begins if begins.starts_with(b"{\"batch\":") => {
                    "the header of a batch there is not as it was written"
                }
                begins if begins == BEGINS => {
                    "there is an event without the header of a batch: it was written by hand, or the header was taken out"
                }
                _ => "there is no whole batch header",
            };
            self.found(
                offset,
                None,
                Some(at.next),
                format!("{why} ({} bytes up to byte {until})", until - offset),
            );
            return Ok(());
        };
        let body_at = offset + BatchHeader::LENGTH as u64;
        let length = usize::try_from(until.saturating_sub(body_at)).unwrap_or(usize::MAX);
        // The window is not kept while parts are added.
        let body = window.get(body_at, length)?.to_vec();
        let (mut line_at, mut count, known) = (body_at, 0, self.parts.len());
        for line in body.split_inclusive(|byte| *byte == b'\n') {
            let position = header.first.saturating_add(count);
            if checked_line(line).is_none() {
                self.found(line_at, damage.batch, Some(position), changed(line, position));
            }
            line_at += line.len() as u64;
            count += 1;
        }
        if count != header.count {
            let why = format!("the batch has {count} lines, and its header says {}", header.count);
            self.found(offset, damage.batch, None, why);
        } else if header.first > at.next {
            let missing =
                format!("{}; positions {} to {} are missing", damage.why, at.next, header.first - 1);
            self.found(offset, damage.batch, None, missing);
        } else if self.parts.len() == known {
            self.found(offset, damage.batch, None, &*damage.why);
        }
        Ok(())
    }
}

/// How the line of an event begins.
const BEGINS: &[u8] = b"{\"position\":";

/// What is wrong with a line whose checksum does not hold.
fn changed(line: &[u8], position: u64) -> String {
    if !line.ends_with(b"\n") {
        return format!("the line of the event at position {position} is cut off");
    }
    match read_unchecked(line) {
        Ok(line) if line.position == position => {
            format!("the event at position {position} was edited: its line is not as it was written")
        }
        _ => format!("the line of the event at position {position} is not as it was written"),
    }
}

/// Compares the lines of a batch with its header, and with the versions of their streams.
fn take_lines(versions: &mut Versions, header: &BatchHeader, body: &[u8]) -> Result<(), String> {
    let mut count = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let position = header.first.saturating_add(count);
        let of = |why: String| format!("the event at position {position} cannot be read: {why}");
        let line = read_line(line).map_err(of)?;
        if line.position != position {
            return Err(format!("a line says that it is position {}, and is at {position}", line.position));
        }
        readable(&line).map_err(of)?;
        let described = line.event_type().map_err(of)? == DESCRIBED;
        versions.take(line.stream().map_err(of)?, line.version, described)?;
        count += 1;
    }
    match count == header.count {
        true => Ok(()),
        false => Err(format!("it has {count} lines, and its header says {}", header.count)),
    }
}

/// How much is looked at once.
const PART: usize = 1 << 18;

/// The next whole header from an offset on. It is at the start of a line: no event looks like a header there.
fn next_batch(window: &mut Window<'_>, from: u64) -> io::Result<Option<(u64, BatchHeader)>> {
    let mut from = from.saturating_sub(1);
    while from < window.length() {
        let part = window.get(from, PART)?;
        if part.len() <= BatchHeader::LENGTH {
            break;
        }
        let mut at = 0;
        while let Some(found) = BatchHeader::find(part, at) {
            if found > 0
                && part[found - 1] == b'\n'
                && let Some(header) = BatchHeader::read(&part[found..])
            {
                return Ok(Some((from + found as u64, header)));
            }
            at = found + 1;
        }
        // A header may begin in this part and end in the next, and the line end before it is looked at again.
        from += (part.len() - BatchHeader::LENGTH) as u64;
    }
    Ok(None)
}
