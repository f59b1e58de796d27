//! Makes checksums and lengths of a log fit what was changed, so that what is behind them is reached.

use std::collections::BTreeMap;

/// What is made to fit, one bit each.
pub const LINES: u8 = 1;
pub const HEADERS: u8 = 2;
pub const LENGTHS: u8 = 4;
pub const MARK: u8 = 8;
pub const INDEX: u8 = 16;

/// Widths as `docs/the-log.md` draws them.
const FIRST_LINE: usize = 92;
const HEADER: usize = 136;
const MARK_LINE: usize = 143;
/// `,"crc":"`, eight digits, `"}` and the line end.
const CRC_OF_LINE: usize = 19;

fn hexadecimal(crc: u32) -> [u8; 8] {
    format!("{crc:08x}").into_bytes().try_into().expect("eight digits")
}

/// Writes the checksum of a line into it: of what is before `,"crc"`.
fn sum_up(line: &mut [u8]) -> u32 {
    let end = line.len() - CRC_OF_LINE;
    let crc = crc32c::crc32c(&line[..end]);
    line[end + 8..end + 16].copy_from_slice(&hexadecimal(crc));
    crc
}

fn put_number(line: &mut [u8], at: usize, width: usize, number: u64) {
    let digits = format!("{number:>width$}");
    line[at..at + width].copy_from_slice(&digits.as_bytes()[digits.len() - width..]);
}

fn number(line: &[u8], at: usize, width: usize) -> u64 {
    let digits = std::str::from_utf8(&line[at..at + width]).unwrap_or("");
    digits.trim().parse().unwrap_or(0)
}

fn is_header(line: &[u8]) -> bool {
    line.starts_with(b"{\"batch\":") && line.len() == HEADER
}

/// The end of a log: what the mark says of it.
#[derive(Default)]
struct End {
    chain: u32,
    segment: u64,
    offset: u64,
    next: u64,
}

/// Makes fit what these bits say.
pub fn made_to_fit(files: &mut BTreeMap<String, Vec<u8>>, bits: u8) {
    let mut end = End { next: 1, ..End::default() };
    for (name, bytes) in files.iter_mut().filter(|(name, _)| name.ends_with(".jsonl")) {
        end.segment = name.trim_end_matches(".jsonl").parse().unwrap_or(0);
        *bytes = segment(bytes, bits, &mut end);
        end.offset = bytes.len() as u64;
    }
    if let Some(mark) = files.get_mut("mark").filter(|mark| mark.len() == MARK_LINE) {
        if bits & MARK != 0 {
            put_number(mark, 8, 12, end.next - 1);
            put_number(mark, 31, 12, end.segment);
            put_number(mark, 53, 10, end.offset);
            put_number(mark, 74, 10, end.offset);
            mark[94..102].copy_from_slice(&hexadecimal(end.chain));
        }
        if bits & (MARK | HEADERS) != 0 {
            sum_up(mark);
        }
    }
    if let Some(index) = files.get_mut("index").filter(|index| bits & INDEX != 0 && index.len() > 12) {
        let crc = crc32c::crc32c(&index[12..]);
        index[8..12].copy_from_slice(&crc.to_le_bytes());
    }
}

fn segment(bytes: &[u8], bits: u8, end: &mut End) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    for line in &mut lines {
        if bits & LINES != 0 && line.ends_with(b"\"}\n") && line.len() > CRC_OF_LINE && !is_header(line) {
            let at = line.len() - CRC_OF_LINE;
            if line[at..].starts_with(b",\"crc\":\"") {
                sum_up(line);
            }
        }
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = &mut lines[..];
    if let Some(first) = rest.first_mut() {
        if first.starts_with(b"{\"leftfold\":\"log\"") && first.len() == FIRST_LINE {
            if bits & LENGTHS != 0 {
                put_number(first, 39, 12, end.segment);
                end.next = end.segment.max(1);
            }
            if bits & HEADERS != 0 {
                first[64..72].copy_from_slice(&hexadecimal(end.chain));
                end.chain = sum_up(first);
            }
            out.extend_from_slice(first);
            rest = &mut rest[1..];
        }
    }
    while let Some((header, others)) = rest.split_first_mut() {
        if !is_header(header) {
            out.extend_from_slice(header);
            rest = others;
            continue;
        }
        let length = others.iter().position(|line| is_header(line)).unwrap_or(others.len());
        let (body, behind) = others.split_at_mut(length);
        let joined = body.concat();
        if bits & LENGTHS != 0 {
            put_number(header, 9, 12, end.next);
            put_number(header, 30, 7, body.len() as u64);
            put_number(header, 46, 10, joined.len() as u64);
            put_number(header, 67, 10, out.len() as u64);
        }
        if bits & HEADERS != 0 {
            header[90..98].copy_from_slice(&hexadecimal(end.chain));
            header[108..116].copy_from_slice(&hexadecimal(crc32c::crc32c(&joined)));
            end.chain = sum_up(header);
        }
        end.next = (number(header, 9, 12) + number(header, 30, 7)).max(1);
        out.extend_from_slice(header);
        out.extend(joined);
        rest = behind;
    }
    out
}

/// What a mark says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Marked {
    /// The last position that was acknowledged.
    pub acknowledged: u64,
    pub closed: bool,
}

/// What this mark says, if it is one to the byte.
pub fn marked(mark: &[u8]) -> Option<Marked> {
    if mark.len() != MARK_LINE {
        return None;
    }
    let (acknowledged, segment) = (number(mark, 8, 12), number(mark, 31, 12));
    let (offset, durable) = (number(mark, 53, 10), number(mark, 74, 10));
    let [chain, crc] = [&mark[94..102], &mark[132..140]].map(String::from_utf8_lossy);
    let [closed, doubt] = [mark[113], mark[123]].map(|digit| (digit == b'1') as u8);
    let same = format!(
        "{{\"mark\":{acknowledged:>12},\"segment\":{segment:>12},\"offset\":{offset:>10},\"durable\":{durable:>10},\
         \"chain\":\"{chain}\",\"closed\":{closed},\"doubt\":{doubt},\"crc\":\"{crc}\"}}\n"
    );
    let mut line = same.into_bytes();
    sum_up(line.get_mut(..MARK_LINE)?);
    (line == mark).then_some(Marked { acknowledged, closed: closed == 1 })
}
