//! The lines of fixed width between the events: the first line of a segment, the header of a batch, and the mark. Each is
//! a JSON object that ends with a checksum of everything before the checksum.

use crate::store::decimal::{ROOM, decimal};

/// The version of the format that this code writes.
pub(super) const FORMAT: u64 = 1;

/// How a line of fixed width is laid out: fixed texts, and between them numbers, padded with blanks,
/// and checksums in hexadecimal.
struct Layout {
    parts: &'static [Part],
}

enum Part {
    Text(&'static str),
    Number(usize),
    Hex,
}

/// What ends every line of fixed width, around its own checksum.
const BEFORE_CRC: &str = ",\"crc\":\"";
const AFTER_CRC: &str = "\"}\n";

impl Layout {
    const fn length(&self) -> usize {
        let mut length = BEFORE_CRC.len() + 8 + AFTER_CRC.len();
        let mut at = 0;
        while at < self.parts.len() {
            length += match self.parts[at] {
                Part::Text(text) => text.len(),
                Part::Number(width) => width,
                Part::Hex => 8,
            };
            at += 1;
        }
        length
    }

    /// Writes the line, and answers with its checksum; `None` when a number is too large for its place.
    fn write(&self, out: &mut Vec<u8>, values: &[u64]) -> Option<u32> {
        let start = out.len();
        let mut values = values.iter();
        for part in self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text.as_bytes()),
                Part::Number(width) => {
                    let mut room = ROOM;
                    let number = decimal(*values.next()?, &mut room);
                    let blanks = width.checked_sub(number.len())?;
                    out.resize(out.len() + blanks, b' ');
                    out.extend_from_slice(number);
                }
                Part::Hex => out.extend_from_slice(&digits(u32::try_from(*values.next()?).ok()?)),
            }
        }
        Some(close_line(out, start))
    }

    /// Reads the line at the start of these bytes, if it is whole and its checksum holds.
    fn read<const N: usize>(&self, bytes: &[u8]) -> Option<([u64; N], u32)> {
        let line = bytes.get(..self.length())?;
        let (mut at, mut values, mut count) = (0, [0; N], 0);
        for part in self.parts {
            match part {
                Part::Text(text) => at = skip(line, at, text)?,
                Part::Number(width) => {
                    values[count] = padded(line.get(at..at + width)?)?;
                    (at, count) = (at + width, count + 1);
                }
                Part::Hex => {
                    values[count] = hex(line.get(at..at + 8)?)?.into();
                    (at, count) = (at + 8, count + 1);
                }
            }
        }
        let checked = &line[..at];
        at = skip(line, at, BEFORE_CRC)?;
        let crc = hex(line.get(at..at + 8)?)?;
        skip(line, at + 8, AFTER_CRC)?;
        (crc == crc32c::crc32c(checked)).then_some((values, crc))
    }
}

fn skip(line: &[u8], at: usize, text: &str) -> Option<usize> {
    line.get(at..)?.starts_with(text.as_bytes()).then_some(at + text.len())
}

/// A number with blanks before it, as it is written and no other way.
fn padded(bytes: &[u8]) -> Option<u64> {
    let blanks = bytes.iter().take_while(|byte| **byte == b' ').count();
    let digits = &bytes[blanks..];
    if digits.is_empty() || (digits[0] == b'0' && digits.len() > 1) {
        return None;
    }
    digits.iter().try_fold(0u64, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Eight hexadecimal digits, in small letters only: a flipped bit may not turn one into another way to write it.
pub(super) fn hex(bytes: &[u8]) -> Option<u32> {
    let digits: &[u8; 8] = bytes.try_into().ok()?;
    digits.iter().try_fold(0u32, |number, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u32::from(digit))
    })
}

/// The first line of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    /// The position of its first event.
    pub(super) first: u64,
    /// The checksum of the last header of the segment before; 0 in the first.
    pub(super) previous: u32,
    /// Its own checksum, with which the chain of this segment begins.
    pub(super) crc: u32,
}

const SEGMENT: Layout = Layout {
    parts: &[
        Part::Text("{\"leftfold\":\"log\",\"format\":"),
        Part::Number(3),
        Part::Text(",\"first\":"),
        Part::Number(12),
        Part::Text(",\"previous\":\""),
        Part::Hex,
        Part::Text("\""),
    ],
};

/// Why the first line of a segment is not to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoSegment {
    /// It is not whole.
    Damaged,
    /// It is whole, and of a format that this code does not know.
    Format(u64),
}

impl SegmentHeader {
    pub(super) const LENGTH: usize = SEGMENT.length();

    /// A header and its line.
    pub(super) fn new(first: u64, previous: u32) -> Option<(SegmentHeader, Vec<u8>)> {
        let mut line = Vec::with_capacity(Self::LENGTH);
        let crc = SEGMENT.write(&mut line, &[FORMAT, first, previous.into()])?;
        Some((SegmentHeader { first, previous, crc }, line))
    }

    pub(super) fn read(bytes: &[u8]) -> Result<SegmentHeader, NoSegment> {
        let ([format, first, previous], crc) = SEGMENT.read(bytes).ok_or(NoSegment::Damaged)?;
        match format {
            FORMAT => Ok(SegmentHeader { first, previous: previous as u32, crc }),
            unknown => Err(NoSegment::Format(unknown)),
        }
    }
}

/// The header of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BatchHeader {
    /// The position of its first event.
    pub(super) first: u64,
    /// How many events it has.
    pub(super) count: u64,
    /// The number of bytes of its events, which follow this line.
    pub(super) bytes: u64,
    /// Up to where this segment was durable when the batch was written.
    pub(super) durable: u64,
    /// The checksum of the header before: of the batch before, or of the segment.
    pub(super) previous: u32,
    /// The checksum of its bytes.
    pub(super) body: u32,
    /// Its own checksum.
    pub(super) crc: u32,
}

const BATCH: Layout = Layout {
    parts: &[
        Part::Text("{\"batch\":"),
        Part::Number(12),
        Part::Text(",\"count\":"),
        Part::Number(7),
        Part::Text(",\"bytes\":"),
        Part::Number(10),
        Part::Text(",\"durable\":"),
        Part::Number(10),
        Part::Text(",\"previous\":\""),
        Part::Hex,
        Part::Text("\",\"body\":\""),
        Part::Hex,
        Part::Text("\""),
    ],
};

impl BatchHeader {
    pub(super) const LENGTH: usize = BATCH.length();

    /// Appends the line, and gives the header its checksum; `None` when a number is too large for its place.
    pub(super) fn write(mut self, out: &mut Vec<u8>) -> Option<BatchHeader> {
        let values =
            [self.first, self.count, self.bytes, self.durable, self.previous.into(), self.body.into()];
        self.crc = BATCH.write(out, &values)?;
        Some(self)
    }

    pub(super) fn read(bytes: &[u8]) -> Option<BatchHeader> {
        let ([first, count, bytes, durable, previous, body], crc) = BATCH.read(bytes)?;
        let (previous, body) = (previous as u32, body as u32);
        Some(BatchHeader { first, count, bytes, durable, previous, body, crc })
    }

    /// Where in these bytes, from a place on, something begins that could be a header.
    pub(super) fn find(bytes: &[u8], from: usize) -> Option<usize> {
        let Part::Text(begins) = BATCH.parts[0] else { return None };
        let begins = begins.as_bytes();
        let rest = bytes.get(from..)?;
        rest.windows(begins.len()).position(|window| window == begins).map(|at| from + at)
    }
}

/// How far a log goes; written to a file beside it after every commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The first position of the last segment.
    pub(super) segment: u64,
    /// Up to where that segment is acknowledged.
    pub(super) offset: u64,
    /// Up to where of that it is durable.
    pub(super) durable: u64,
    /// The position of the last event that is acknowledged.
    pub(super) position: u64,
    /// The checksum of the last header.
    pub(super) chain: u32,
    /// Whether the log was closed and nothing was written since.
    pub(super) closed: bool,
    /// Whether batches that were acknowledged may be missing, as far as the writer knew: it acknowledges before it syncs, or
    /// has found so when it opened the log and has written nothing since.
    pub(super) doubt: bool,
}

const MARK: Layout = Layout {
    parts: &[
        Part::Text("{\"mark\":"),
        Part::Number(12),
        Part::Text(",\"segment\":"),
        Part::Number(12),
        Part::Text(",\"offset\":"),
        Part::Number(10),
        Part::Text(",\"durable\":"),
        Part::Number(10),
        Part::Text(",\"chain\":\""),
        Part::Hex,
        Part::Text("\",\"closed\":"),
        Part::Number(1),
        Part::Text(",\"doubt\":"),
        Part::Number(1),
    ],
};

impl Mark {
    pub(super) const LENGTH: usize = MARK.length();

    pub(super) fn line(&self) -> Option<Vec<u8>> {
        let mut line = Vec::with_capacity(Self::LENGTH);
        let values = [
            self.position,
            self.segment,
            self.offset,
            self.durable,
            self.chain.into(),
            self.closed.into(),
            self.doubt.into(),
        ];
        MARK.write(&mut line, &values)?;
        Some(line)
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Mark> {
        let ([position, segment, offset, durable, chain, closed, doubt], _) = MARK.read(bytes)?;
        let (closed, doubt) = (closed == 1, doubt == 1);
        Some(Mark { segment, offset, durable, position, chain: chain as u32, closed, doubt })
    }
}

/// The length of the end of an event's line, which holds its checksum.
pub(super) const LINE_END: usize = BEFORE_CRC.len() + 8 + AFTER_CRC.len();

/// Closes a line that began at `start` with its checksum, and answers with that.
pub(super) fn close_line(out: &mut Vec<u8>, start: usize) -> u32 {
    let crc = crc32c::crc32c(&out[start..]);
    out.extend_from_slice(BEFORE_CRC.as_bytes());
    out.extend_from_slice(&digits(crc));
    out.extend_from_slice(AFTER_CRC.as_bytes());
    crc
}

/// A checksum as it is written.
fn digits(crc: u32) -> [u8; 8] {
    std::array::from_fn(|place| b"0123456789abcdef"[(crc >> (28 - 4 * place) & 15) as usize])
}

/// The content before the checksum of a whole line, newline included, if the checksum holds.
pub(super) fn checked_line(line: &[u8]) -> Option<&[u8]> {
    let (content, end) = line.split_at(line.len().checked_sub(LINE_END)?);
    let crc = end.strip_prefix(BEFORE_CRC.as_bytes())?.strip_suffix(AFTER_CRC.as_bytes())?;
    (crc == digits(crc32c::crc32c(content))).then_some(content)
}
