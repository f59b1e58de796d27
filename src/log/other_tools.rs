//! Changes that other tools make to the files of a log: other line breaks, a byte order mark, foreign files. They are not
//! damage: nothing is lost, and another remedy helps.

use super::file_names::MARK;
use super::header::{BatchHeader, Mark, SegmentHeader};
use super::open_error::{OpenError, REMEDY, storage_failed};
use super::storage::{Storage, StorageFile, read_full, read_small};
use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The mark, as far as there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MarkFile {
    Missing,
    /// With what is wrong with it.
    Damaged(String),
    There(Mark),
}

impl MarkFile {
    pub(super) fn mark(&self) -> Option<Mark> {
        match self {
            MarkFile::There(mark) => Some(*mark),
            MarkFile::Missing | MarkFile::Damaged(_) => None,
        }
    }
}

/// More than a mark has, so that a longer file is seen to be one.
const MARK_ROOM: u64 = 2 * Mark::LENGTH as u64;

/// The mark of a log that nobody writes.
pub(super) fn read_mark(folder: &dyn Storage) -> Result<MarkFile, OpenError> {
    Ok(mark_of(mark_bytes(folder)?))
}

fn mark_bytes(folder: &dyn Storage) -> Result<Option<Vec<u8>>, OpenError> {
    read_small(folder, MARK, MARK_ROOM).map_err(storage_failed("reading the mark"))
}

fn mark_of(bytes: Option<Vec<u8>>) -> MarkFile {
    let Some(bytes) = bytes else { return MarkFile::Missing };
    let whole = |bytes: &[u8]| (bytes.len() == Mark::LENGTH).then(|| Mark::read(bytes)).flatten();
    match whole(&bytes) {
        Some(mark) => MarkFile::There(mark),
        None => MarkFile::Damaged(match rewritten(&bytes, |line| whole(line).is_some()) {
            Some(how) => format!("{how}; {REMEDY}"),
            None if is_foreign(&bytes) => "it is not a mark, and not a file of this log".to_string(),
            None => "it is not as it was written".to_string(),
        }),
    }
}

/// How often a damaged mark is read again, and is the same, before it counts as damaged.
const LOOKS: u32 = 10;
/// The time between two reads.
const LOOK: Duration = Duration::from_millis(5);
/// The longest time for which it is read again because it changes.
const CHANGES: Duration = Duration::from_secs(2);

/// The mark beside a writer that may be writing it at this moment: half written, it reads as damaged, so it is read again
/// until it no longer changes.
pub(super) fn read_mark_beside_a_writer(folder: &dyn Storage) -> Result<MarkFile, OpenError> {
    let (begun, mut before, mut same) = (Instant::now(), None, 0);
    loop {
        let bytes = mark_bytes(folder)?;
        same = if bytes == before { same + 1 } else { 0 };
        match mark_of(bytes.clone()) {
            MarkFile::Damaged(_) if same < LOOKS && begun.elapsed() < CHANGES => sleep(LOOK),
            found => return Ok(found),
        }
        before = bytes;
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// How the line that begins here was rewritten, where it reads once that is undone.
pub(super) fn rewritten(bytes: &[u8], reads: impl Fn(&[u8]) -> bool) -> Option<&'static str> {
    let (bom, text) = match bytes.strip_prefix(BOM) {
        Some(text) => (true, text),
        None => (false, bytes),
    };
    // The last line of a batch may be one byte short, since its line ends have become longer.
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    let (crlf, line) = match text[..end].strip_suffix(b"\r") {
        Some(line) => (true, line),
        None => (false, &text[..end]),
    };
    if !(bom || crlf) || !reads(&[line, b"\n"].concat()) {
        return None;
    }
    Some(match (bom, crlf) {
        (true, true) => {
            "a byte order mark (BOM) was put before its first line, and its line ends were changed to CRLF"
        }
        (true, false) => "a byte order mark (BOM) was put before its first line",
        (false, _) => "its line ends were changed to CRLF",
    })
}

/// How much of a file is read to find out whether it is a log's.
const PART: usize = 1 << 16;

/// Why a segment has no first line that can be read: another tool's doing, somebody else's file, or damage.
pub(super) fn not_a_segment(file: &dyn StorageFile, place: String, expected: bool) -> io::Result<OpenError> {
    let length = usize::try_from(file.length()?).unwrap_or(usize::MAX).min(PART);
    let mut bytes = vec![0; length];
    let read = read_full(file, &mut bytes, 0)?;
    let bytes = &bytes[..read];
    if let Some(how) = rewritten(bytes, |line| SegmentHeader::read(line).is_ok()) {
        return Ok(OpenError::Rewritten { file: place, how: how.to_string() });
    }
    let why = match (is_foreign(bytes), expected) {
        (true, false) => return Ok(OpenError::Foreign { file: place }),
        (true, true) => {
            "its first line is not as it was written, nor is anything else in it; it may be a foreign file"
        }
        (false, _) => "its first line is not as it was written",
    };
    Ok(OpenError::Corrupt { file: place, offset: 0, batch: None, why: why.to_string() })
}

/// Whether nothing in these bytes is as leftfold writes it. What is empty, or full of zeros, may be what a disk has left.
fn is_foreign(bytes: &[u8]) -> bool {
    const OURS: [&[u8]; 4] = [b"\"leftfold\":\"log\"", b"{\"batch\":", b"{\"position\":", b"{\"mark\":"];
    let ours = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    let ends_like_a_line =
        |line: &[u8]| line.ends_with(b"\"}\n") && line.windows(8).any(|window| window == b",\"crc\":\"");
    bytes.iter().any(|byte| *byte != 0)
        && !OURS.iter().any(|text| ours(text))
        && !bytes.split_inclusive(|byte| *byte == b'\n').any(ends_like_a_line)
}

/// How the line of an event was rewritten, where its checksum holds once that is undone.
pub(super) fn rewritten_line(line: &[u8]) -> Option<&'static str> {
    rewritten(line, |line| super::header::checked_line(line).is_some())
}

/// How the header of a batch was rewritten.
pub(super) fn rewritten_header(bytes: &[u8]) -> Option<&'static str> {
    rewritten(bytes, |line| BatchHeader::read(line).is_some())
}
