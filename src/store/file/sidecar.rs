//! The index of a log that was closed, in a file beside it: so that a large log opens without being read. It is derived
//! and disposable. It is believed when its checksum holds and it says the same of the log as the mark, the lengths of the
//! segments, and the headers at both ends of each; otherwise the log is read.

use super::header::{BatchHeader, Mark, SegmentHeader};
use super::ids::Ids;
use super::recovery::{OpenError, Recovery, Segment, Walked, open_segment};
use super::scan::{Place, Window, walk};
use super::shared::{Opening, Shared, Spot};
use super::storage::{Storage, UNFINISHED, read_full, write_all};
use crate::recorded::{Headers, Tag};
use crate::store::index::Loading;
use serde::{Deserialize, Serialize};
use std::io;
use std::sync::Arc;

/// The file.
pub(super) const SIDECAR: &str = "index";

/// Smaller logs are read as quickly as their index.
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

/// Writes the index of a log that is about to be closed. Nothing is synced: what a power cut leaves of it will not be
/// believed.
pub(super) fn write(folder: &dyn Storage, mark: &Mark, shared: &Shared) -> io::Result<()> {
    if mark.position < WORTH_IT {
        return Ok(());
    }
    let loading = shared.index.unloaded();
    let lengths = shared.segments.iter().map(|segment| Ok((segment.first, segment.file.length()?)));
    let described = loading.described.iter().map(|(stream, position, headers)| {
        Ok((*stream, *position, serde_json::to_string(&**headers).map_err(io::Error::other)?))
    });
    let ids = shared.ids.all();
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
    let unfinished = format!("{SIDECAR}{UNFINISHED}");
    write_all(&*folder.create(&unfinished)?, &out, 0)?;
    folder.rename(&unfinished, SIDECAR)
}

/// A closed log by its index, if there is one that can be believed.
pub(super) fn read(folder: &dyn Storage, mark: Option<&Mark>, write: bool) -> Option<(Walked, Shared)> {
    let mark = mark.filter(|mark| mark.closed && mark.position >= WORTH_IT)?;
    let file = folder.open(SIDECAR, false).ok()?;
    let mut bytes = vec![0; usize::try_from(file.length().ok()?).ok()?];
    if read_full(&*file, &mut bytes, 0).ok()? != bytes.len() {
        return None;
    }
    let body = bytes.strip_prefix(MAGIC)?;
    let (crc, body) = body.split_at_checked(4)?;
    if crc32c::crc32c(body).to_le_bytes() != crc {
        return None;
    }
    let (length, body) = body.split_at_checked(8)?;
    let length = usize::try_from(u64::from_le_bytes(length.try_into().ok()?)).ok()?;
    let (small, arrays) = body.split_at_checked(length)?;
    let small: Small = postcard::from_bytes(small).ok()?;
    let same = (small.segment, small.offset, small.position, small.chain)
        == (mark.segment, mark.offset, mark.position, mark.chain);
    if !same {
        return None;
    }
    let segments = small
        .segments
        .iter()
        .map(|(first, length)| same_segment(folder, *first, *length, write).ok().flatten())
        .collect::<Option<Vec<_>>>()?;
    let opening = opened(&small, arrays)?;
    prove_ends(&opening, &segments, mark)?;
    let shared = opening.finish_sorted();
    let segments = segments.into_iter().map(|(segment, _)| segment).collect();
    let place = Place { offset: mark.offset, chain: mark.chain, next: mark.position + 1 };
    let recovery = Recovery { closed: true, ..Recovery::default() };
    Some((Walked { segments, place, proven: mark.offset, mark: Some(*mark), recovery }, shared))
}

/// A segment, if it is as long as it was.
fn same_segment(
    folder: &dyn Storage,
    first: u64,
    length: u64,
    write: bool,
) -> Result<Option<(Segment, SegmentHeader)>, OpenError> {
    let (segment, header) = open_segment(folder, first, write)?;
    Ok(segment.file.length().is_ok_and(|found| found == length).then_some((segment, header)))
}

/// Sees that each segment ends with the very header behind which the next one, or the mark, was written, and that the last
/// batch of all is whole; `None` where it does not. Headers are a chain: so each segment is the one that was written, though
/// what stands between its ends may be damaged.
fn prove_ends(opening: &Opening, segments: &[(Segment, SegmentHeader)], mark: &Mark) -> Option<()> {
    let Loading { rows, batches, .. } = &opening.loading;
    for (number, (segment, header)) in segments.iter().enumerate() {
        let next = segments.get(number + 1).map(|(_, next)| (next.first.saturating_sub(1), next.previous));
        let (end, chain) = next.unwrap_or((mark.position, mark.chain));
        if end < segment.first {
            // It was begun, and nothing was written to it.
            (header.crc == chain).then_some(())?;
            continue;
        }
        let batch = batches.binary_search(&end).ok()?;
        let before = batch.checked_sub(1).map_or(0, |before| batches[before]);
        let row = rows.get(usize::try_from(before).ok()?)?;
        let at = u64::from(row.offset).checked_sub(BatchHeader::LENGTH as u64)?;
        let mut line = [0; BatchHeader::LENGTH];
        let read = read_full(&*segment.file, &mut line, at).ok()?;
        let found = BatchHeader::read(&line[..read])?;
        let length = segment.file.length().ok()?;
        let until = at + BatchHeader::LENGTH as u64 + found.bytes;
        ((found.crc, found.first, until) == (chain, before + 1, length)).then_some(())?;
        if next.is_none() {
            let begins = Place { offset: at, chain: found.previous, next: found.first };
            let mut window = Window::new(&*segment.file, length);
            let (_, damage) = walk(&mut window, begins, &mut |_, _, _| Ok(())).ok()?;
            damage.is_none().then_some(())?;
        }
    }
    Some(())
}

/// The log that the arrays tell of; `None` where they contradict each other.
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
    let mut segment = 0;
    let columns = words(offsets).zip(words(lengths)).zip(words(streams).zip(words(kinds)));
    for (position, ((offset, length), (stream, kind))) in (1..).zip(columns) {
        while small.segments.get(segment + 1).is_some_and(|(first, _)| *first <= position) {
            segment += 1;
        }
        let place = loading.place_of(stream, kind)?;
        loading.rows.push(Spot { position, segment: segment as u32, offset, length, place });
    }
    for (tag, positions) in &small.tags {
        if positions.iter().any(|position| *position == 0 || *position as usize > count) {
            return None;
        }
        loading.tags.push((Tag::new(tag).ok()?, positions.clone()));
    }
    for (stream, position, headers) in &small.described {
        if *stream as usize >= loading.streams.len() {
            return None;
        }
        let headers: Headers = serde_json::from_str(headers).ok()?;
        loading.described.push((*stream, *position, Arc::new(headers)));
    }
    loading.batches = words(batches).map(u64::from).collect();
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
        self.place.stream
    }

    fn kind_of(&self) -> u32 {
        self.place.kind
    }
}

impl Ids {
    /// All hashes with their positions, in order.
    fn all(&self) -> Vec<(u64, u64)> {
        let mut all: Vec<(u64, u64)> = self.iter().collect();
        all.sort_unstable();
        all
    }
}
