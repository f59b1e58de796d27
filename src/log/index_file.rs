//! The index of a log that was closed, in a file beside it, so that a large log is opened without reading it. The file is
//! derived from the log and may be removed. It is used if its checksum holds and if it agrees with the mark, with the lengths
//! of the segments, and with the headers at both ends of each; otherwise the log is read.

mod against_log;

use super::event_ids::IdTable;
use super::file_names::INDEX;
use super::header::{BatchHeader, Mark, SegmentHeader};
use super::index_claims::IndexClaims;
use super::open_log::{OpenLog, Opening};
use super::other_tools::MarkFile;
use super::recovery::{Recovery, Walked};
use super::scan::{ChainEnd, Window, walk};
use super::segment::{Segment, open_segment};
use super::spot::Spot;
use super::storage::{Storage, StorageFile, UNFINISHED, read_full, read_small, write_all};
use crate::recorded::{Headers, Tag};
use crate::store::index::{KIND_DESCRIBED, Loading};
pub(super) use against_log::wrong;
use serde::{Deserialize, Serialize};
use std::io;
use std::sync::Arc;

/// The number of entries below which reading the log is as quick as reading its index.
const WORTH_IT: u64 = 10_000;

const MAGIC: &[u8; 8] = b"lfindex2";

/// All but the long arrays.
#[derive(Serialize, Deserialize)]
struct Small {
    /// The last segment, its length, the last position and the last checksum: as the mark has them.
    segment: u64,
    offset: u64,
    position: u64,
    chain: u32,
    /// The first positions and the lengths of all segments.
    segments: Vec<(u64, u64)>,
    streams: Vec<String>,
    kinds: Vec<String>,
    tags: Vec<(String, Vec<u32>)>,
    /// The metadata of streams, as JSON.
    described: Vec<(u32, u64, String)>,
    batches: u64,
    ids: u64,
}

/// Writes the index of a log that is about to be closed. It is not synced: a part that a power cut leaves will not be used.
pub(super) fn write(folder: &dyn Storage, mark: &Mark, log: &OpenLog) -> io::Result<()> {
    if mark.position < WORTH_IT {
        return Ok(());
    }
    let loading = log.index.unloaded();
    let lengths = log.segments.iter().map(|segment| {
        let file = folder.open(&segment.name, false)?;
        Ok((segment.first, file.length()?))
    });
    let described = loading.described.iter().map(|(stream, position, headers)| {
        Ok((*stream, *position, serde_json::to_string(&**headers).map_err(io::Error::other)?))
    });
    let ids = log.ids.all();
    let small = Small {
        segment: mark.segment,
        offset: mark.offset,
        position: mark.position,
        chain: mark.chain,
        segments: lengths.collect::<io::Result<_>>()?,
        streams: loading.streams.iter().map(|stream| stream.name.as_str().to_string()).collect(),
        kinds: loading.kinds.names.iter().map(ToString::to_string).collect(),
        tags: loading.tags.iter().map(|(tag, at)| (tag.as_str().to_string(), at.clone())).collect(),
        described: described.collect::<io::Result<_>>()?,
        batches: loading.batches.len() as u64,
        ids: ids.len() as u64,
    };
    let small = postcard::to_allocvec(&small).map_err(io::Error::other)?;
    let mut out = Vec::with_capacity(small.len() + loading.rows.len() * 32);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&(small.len() as u64).to_le_bytes());
    out.extend_from_slice(&small);
    for column in [Spot::offset_of, Spot::length_of, Spot::stream_of, Spot::kind_of] {
        out.extend(loading.rows.iter().flat_map(|spot| column(spot).to_le_bytes()));
    }
    out.extend(loading.batches.iter().flat_map(|end| (*end as u32).to_le_bytes()));
    out.extend(ids.iter().flat_map(|(hash, _)| hash.to_le_bytes()));
    out.extend(ids.iter().flat_map(|(_, position)| (*position as u32).to_le_bytes()));
    let crc = crc32c::crc32c(&out[12..]);
    out[8..12].copy_from_slice(&crc.to_le_bytes());
    let unfinished = format!("{INDEX}{UNFINISHED}");
    write_all(&*folder.create(&unfinished)?, &out, 0)?;
    folder.rename(&unfinished, INDEX)
}

/// Opens a closed log by its index, if there is one that can be used.
pub(super) fn read(folder: &dyn Storage, mark: Option<&Mark>) -> Option<(Walked, OpenLog)> {
    let mark = mark.filter(|mark| mark.closed && mark.position >= WORTH_IT)?;
    let bytes = read_small(folder, INDEX, u64::MAX).ok()??;
    let (small, arrays) = parts(&bytes)?;
    if !small.fits(mark) {
        return None;
    }
    let opening = opened(&small, arrays)?;
    let segments = proven(folder, &small, &opening, mark)?;
    let claims = IndexClaims::of(&opening.loading);
    let log = OpenLog { index_claims: Some(Arc::new(claims)), ..opening.finish_sorted() };
    let end = ChainEnd { offset: mark.offset, chain: mark.chain, next: mark.position + 1 };
    let recovery = Recovery { closed: true, ..Recovery::default() };
    Some((Walked { segments, end, proven: mark.offset, mark: MarkFile::There(*mark), recovery }, log))
}

/// The two parts of the file, if its checksum holds.
fn parts(bytes: &[u8]) -> Option<(Small, &[u8])> {
    let body = bytes.strip_prefix(MAGIC)?;
    let (crc, body) = body.split_at_checked(4)?;
    if crc32c::crc32c(body).to_le_bytes() != crc {
        return None;
    }
    let (length, body) = body.split_at_checked(8)?;
    let length = usize::try_from(u64::from_le_bytes(length.try_into().ok()?)).ok()?;
    let (small, arrays) = body.split_at_checked(length)?;
    Some((postcard::from_bytes(small).ok()?, arrays))
}

impl Small {
    /// Whether it was written for the log that this mark was written for.
    fn fits(&self, mark: &Mark) -> bool {
        (self.segment, self.offset, self.position, self.chain)
            == (mark.segment, mark.offset, mark.position, mark.chain)
    }
}

/// The segments, if each is as long as it was, if each ends with the header that the next segment or the mark names as the
/// last one, and if the last batch of all is whole. Headers are a chain, so this proves that each segment is the one that was
/// written; the part between its ends may still be damaged.
fn proven(folder: &dyn Storage, small: &Small, opening: &Opening, mark: &Mark) -> Option<Vec<Segment>> {
    let Loading { rows, batches, .. } = &opening.loading;
    let mut segments = Vec::with_capacity(small.segments.len());
    // The segment before, with its file and length, which the header of the next one proves.
    let mut before: Option<(Segment, Box<dyn StorageFile>, SegmentHeader, u64)> = None;
    let mut prove =
        |segment: Segment, file: &dyn StorageFile, header: SegmentHeader, length, end, chain, last| {
            if end < segment.first {
                // It was begun, and nothing was written to it.
                (header.crc == chain).then_some(())?;
            } else {
                let batch = batches.binary_search(&end).ok()?;
                let first = batch.checked_sub(1).map_or(0, |before| batches[before]);
                let row = rows.get(usize::try_from(first).ok()?)?;
                let at = u64::from(row.offset).checked_sub(BatchHeader::LENGTH as u64)?;
                prove_end(file, at, (chain, first + 1), length, last)?;
            }
            segments.push(segment);
            Some(())
        };
    for (first, length) in &small.segments {
        let (segment, file, header) = open_segment(folder, *first, true).ok()?;
        if file.length().ok()? != *length {
            return None;
        }
        if let Some((before, file, own, length)) = before.take() {
            prove(before, &*file, own, length, header.first.saturating_sub(1), header.previous, false)?;
        }
        before = Some((segment, file, header, *length));
    }
    let (last, file, header, length) = before?;
    prove(last, &*file, header, length, mark.position, mark.chain, true)?;
    Some(segments)
}

/// Checks that there is a batch header at this byte, with this checksum and first position, and that its batch ends with the
/// segment; in the last segment, also that the batch is whole.
fn prove_end(file: &dyn StorageFile, at: u64, is: (u32, u64), length: u64, last: bool) -> Option<()> {
    let mut line = [0; BatchHeader::LENGTH];
    let read = read_full(file, &mut line, at).ok()?;
    let found = BatchHeader::read(&line[..read])?;
    let until = at + BatchHeader::LENGTH as u64 + found.bytes;
    ((found.crc, found.first) == is && until == length).then_some(())?;
    if last {
        let begins = ChainEnd { offset: at, chain: found.previous, next: found.first };
        let mut window = Window::new(file, length);
        let (_, damage) = walk(&mut window, begins, &mut |_, _, _| Ok(())).ok()?;
        damage.is_none().then_some(())?;
    }
    Some(())
}

/// The log that the arrays describe; `None` if they contradict each other.
fn opened(small: &Small, arrays: &[u8]) -> Option<Opening> {
    let count = usize::try_from(small.position).ok()?;
    let mut left = arrays;
    let mut take = |items: usize, width: usize| {
        let (taken, rest) = left.split_at_checked(items.checked_mul(width)?)?;
        left = rest;
        Some(taken)
    };
    let (offsets, lengths) = (take(count, 4)?, take(count, 4)?);
    let (streams, kinds) = (take(count, 4)?, take(count, 4)?);
    let batches = take(usize::try_from(small.batches).ok()?, 4)?;
    let ids = usize::try_from(small.ids).ok()?;
    let (hashes, positions) = (take(ids, 8)?, take(ids, 4)?);

    let mut loading = Loading::new();
    for name in &small.streams {
        loading.stream(name).ok()?;
    }
    small.kinds.iter().for_each(|name| {
        loading.kinds.number(name);
    });
    if loading.streams.len() != small.streams.len() || loading.kinds.names.len() != small.kinds.len() {
        return None;
    }
    loading.rows.reserve_exact(count);
    // No line overlaps another or reaches beyond its segment: an offset or a length that is not true is found here.
    let (mut segment, mut free) = (0, SegmentHeader::LENGTH as u64);
    let columns = words(offsets).zip(words(lengths)).zip(words(streams).zip(words(kinds)));
    for (position, ((offset, length), (stream, kind))) in (1..).zip(columns) {
        while small.segments.get(segment + 1).is_some_and(|(first, _)| *first <= position) {
            (segment, free) = (segment + 1, SegmentHeader::LENGTH as u64);
        }
        let until = u64::from(offset) + u64::from(length);
        if u64::from(offset) < free || until > small.segments.get(segment)?.1 {
            return None;
        }
        free = until;
        let numbers = loading.numbers_of(stream, kind)?;
        loading.rows.push(Spot { position, segment: segment as u32, offset, length, numbers });
    }
    for (tag, positions) in &small.tags {
        let in_order = positions.is_sorted_by(|one, next| one < next);
        if !in_order || positions.iter().any(|position| *position == 0 || *position as usize > count) {
            return None;
        }
        loading.tags.push((Tag::stored(tag).ok()?, positions.clone()));
    }
    for (stream, position, headers) in &small.described {
        let row = loading.rows.get(usize::try_from(position.checked_sub(1)?).ok()?)?;
        if (row.numbers.stream, row.numbers.kind) != (*stream, KIND_DESCRIBED) {
            return None;
        }
        let headers: Headers = serde_json::from_str(headers).ok()?;
        loading.described.push((*stream, *position, Arc::new(headers)));
    }
    loading.batches = words(batches).map(u64::from).collect();
    if !loading.batches.is_sorted_by(|one, next| one < next)
        || loading.batches.last() != Some(&small.position)
    {
        return None;
    }
    let hashes = hashes.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes));
    Some(Opening { loading, ids: hashes.zip(words(positions).map(u64::from)).collect() })
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes))
}

impl Spot {
    fn offset_of(&self) -> u32 {
        self.offset
    }

    fn length_of(&self) -> u32 {
        self.length
    }

    fn stream_of(&self) -> u32 {
        self.numbers.stream
    }

    fn kind_of(&self) -> u32 {
        self.numbers.kind
    }
}

impl IdTable {
    /// All hashes with their positions, in order.
    fn all(&self) -> Vec<(u64, u64)> {
        let mut all: Vec<(u64, u64)> = self.iter().collect();
        all.sort_unstable();
        all
    }
}
