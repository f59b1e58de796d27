//! Reading a segment batch by batch, as far as everything agrees.

use super::header::{BatchHeader, checked_line};
use super::line::read_unchecked;
use super::other_tools::{rewritten_header, rewritten_line};
use super::storage::{StorageFile, read_full};
use std::io;

/// A part of a file in memory, which moves forwards.
pub(super) struct Window<'f> {
    file: &'f dyn StorageFile,
    length: u64,
    buffer: Vec<u8>,
    start: u64,
    filled: usize,
}

/// How much is read at once.
const PART: usize = 1 << 18;

impl<'f> Window<'f> {
    /// A window on a file, of which no more than `length` is looked at.
    pub(super) fn new(file: &'f dyn StorageFile, length: u64) -> Self {
        Window { file, length, buffer: Vec::new(), start: 0, filled: 0 }
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// These bytes; fewer where the file ends. Never takes more memory than the file has bytes.
    pub(super) fn get(&mut self, offset: u64, count: usize) -> io::Result<&[u8]> {
        let left = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = count.min(left);
        let within = offset >= self.start && offset + count as u64 <= self.start + self.filled as u64;
        if !within {
            let part = count.max(PART).min(left);
            // What is there already is kept, so that no byte is read twice.
            let kept = match offset.checked_sub(self.start) {
                Some(skipped) if skipped < self.filled as u64 => {
                    let skipped = skipped as usize;
                    self.buffer.copy_within(skipped..self.filled, 0);
                    self.filled - skipped
                }
                _ => 0,
            };
            if self.buffer.len() < part {
                self.buffer.resize(part, 0);
            }
            let read = match part.checked_sub(kept) {
                Some(more) if more > 0 => {
                    read_full(self.file, &mut self.buffer[kept..part], offset + kept as u64)?
                }
                _ => 0,
            };
            (self.start, self.filled) = (offset, kept + read);
        }
        let at = (offset - self.start) as usize;
        Ok(&self.buffer[at..(at + count).min(self.filled)])
    }
}

/// The end of a chain of batches, which the next batch follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChainEnd {
    /// The offset of the next batch.
    pub(super) offset: u64,
    /// The checksum of the last header.
    pub(super) chain: u32,
    /// The position of the next event.
    pub(super) next: u64,
}

/// What is wrong with the batch at an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Damage {
    pub(super) offset: u64,
    /// The position of the batch's first event, where that is known.
    pub(super) batch: Option<u64>,
    pub(super) why: String,
    /// Whether all checksums hold, so that no write that was broken off has left it.
    pub(super) whole: bool,
    /// Whether another tool has changed the text, and nothing else is wrong.
    pub(super) rewritten: bool,
}

impl Damage {
    /// Of a segment as a whole.
    pub(super) fn of_segment(why: String) -> Damage {
        Damage { offset: 0, batch: None, why, whole: true, rewritten: false }
    }
}

/// Takes the batches of a walk: the offset of each, its header and its lines.
pub(super) type Each<'e> = &'e mut dyn FnMut(u64, &BatchHeader, &[u8]) -> Result<(), String>;

/// Reads from `end` to the end of the window, or to the first batch that does not agree with the part before it.
///
/// `each` takes the offset of every batch, its header and its lines; it may refuse the lines with a sentence.
pub(super) fn walk(
    window: &mut Window<'_>,
    mut end: ChainEnd,
    each: Each<'_>,
) -> io::Result<(ChainEnd, Option<Damage>)> {
    while end.offset < window.length() {
        let batch_at = end.offset;
        let damage = |batch, why: &str| {
            let why = why.to_string();
            Ok((end, Some(Damage { offset: batch_at, batch, why, whole: false, rewritten: false })))
        };
        let rewritten = |batch, at: u64, how: &str| {
            let why = format!("{how}, from byte {at} on");
            Ok((end, Some(Damage { offset: batch_at, batch, why, whole: true, rewritten: true })))
        };
        let Some(header) = BatchHeader::read(window.get(batch_at, BatchHeader::LENGTH)?) else {
            if let Some(how) = rewritten_header(window.get(batch_at, BatchHeader::LENGTH + 1)?) {
                return rewritten(None, batch_at, how);
            }
            return damage(None, "there is no whole batch header");
        };
        let batch = Some(header.first);
        if header.previous != end.chain || header.first != end.next {
            return damage(batch, "the batch there does not follow the one before it");
        }
        if header.durable > batch_at || header.count == 0 {
            return damage(batch, "the header of the batch contradicts itself");
        }
        let body_at = batch_at + BatchHeader::LENGTH as u64;
        if header.bytes > window.length().saturating_sub(body_at) {
            return damage(batch, "the batch is longer than the file");
        }
        let body = window.get(body_at, usize::try_from(header.bytes).unwrap_or(usize::MAX))?;
        if body.len() as u64 != header.bytes || crc32c::crc32c(body) != header.body {
            let (why, how) = changed(&header, body);
            return match how {
                Some((how, at)) => rewritten(batch, body_at + at, how),
                None => damage(batch, &why),
            };
        }
        if let Err(why) = each(batch_at, &header, body) {
            return Ok((end, Some(Damage { offset: batch_at, batch, why, whole: true, rewritten: false })));
        }
        end = ChainEnd {
            offset: body_at + header.bytes,
            chain: header.crc,
            next: header.first.saturating_add(header.count),
        };
    }
    Ok((end, None))
}

/// Which line of a batch is not as it was written; and how it was rewritten, and from which byte on, if it was.
fn changed(header: &BatchHeader, body: &[u8]) -> (String, Option<(&'static str, u64)>) {
    let mut at = 0;
    for (place, line) in body.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if checked_line(line).is_none() {
            if let Some(how) = rewritten_line(line) {
                return (how.to_string(), Some((how, at)));
            }
            let position = header.first.saturating_add(place as u64);
            let why = match read_unchecked(line) {
                Ok(line) if line.position == position => {
                    format!("the event at position {position} was edited: its line is not as it was written")
                }
                _ => format!("the line of the event at position {position} is not as it was written"),
            };
            return (why, None);
        }
        at += line.len() as u64;
    }
    ("its lines are not those that its header was written for".to_string(), None)
}

/// The offset of a later header that says that this offset was durable when the header was written.
pub(super) fn proof_after(window: &mut Window<'_>, offset: u64) -> io::Result<Option<u64>> {
    let mut from = offset + 1;
    while from < window.length() {
        let part = window.get(from, PART)?;
        if part.len() < BatchHeader::LENGTH {
            break;
        }
        let mut at = 0;
        while let Some(found) = BatchHeader::find(part, at) {
            if BatchHeader::read(&part[found..]).is_some_and(|header| header.durable > offset) {
                return Ok(Some(from + found as u64));
            }
            at = found + 1;
        }
        // A header may begin in this part and end in the next.
        from += (part.len() - (BatchHeader::LENGTH - 1)) as u64;
    }
    Ok(None)
}
