//! Counting what a log holds.

use super::damaged::DamagedPart;
use crate::log::file_names::segment_name;
use crate::log::header::{BatchHeader, SegmentHeader};
use crate::log::line::{EventLine, read_line, read_unchecked, readable};
use crate::log::open_error::{OpenError, storage_failed};
use crate::log::open_log::OpenLog;
use crate::log::recovery::FoundBatch;
use crate::log::segment::segment_firsts;
use crate::log::storage::Storage;
use crate::recorded::{Position, Timestamp};
use crate::store::{DELETED, DESCRIBED, Listing};
use std::collections::BTreeMap;

/// How much a log holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contents {
    /// How many files hold it.
    pub segments: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many batches were appended.
    pub batches: u64,
    /// How many events.
    pub events: u64,
    /// How many deletions of streams.
    pub tombstones: u64,
    /// How many descriptions of streams.
    pub descriptions: u64,
    /// How many streams have events or were described.
    pub streams: u64,
    /// How many categories have events.
    pub categories: u64,
    /// How many events there are of each type.
    pub types: BTreeMap<String, u64>,
    /// The position of the last entry.
    pub last: Position,
    /// When the first entry was recorded.
    pub first_at: Option<Timestamp>,
    /// When the last entry was recorded.
    pub last_at: Option<Timestamp>,
}

/// Counts what is found, batch by batch.
#[derive(Default)]
pub(super) struct Counting {
    contents: Contents,
    /// Segments that have batches, and the bytes of these.
    segments: u64,
    bytes: u64,
    /// The time of the last line as it is written, and as it was read.
    at: Option<(Vec<u8>, Timestamp)>,
    /// Lines in whole batches that cannot be read: with the number of their segment.
    pub(super) unreadable: Vec<(usize, DamagedPart)>,
}

impl Counting {
    /// Counts a batch whose checksum holds.
    pub(super) fn add(&mut self, found: &FoundBatch<'_>) {
        self.contents.batches += 1;
        self.segments = found.segment as u64 + 1;
        self.bytes += BatchHeader::LENGTH as u64 + found.header.bytes;
        let mut offset = found.body_at;
        for (line, position) in found.body.split_inclusive(|byte| *byte == b'\n').zip(found.header.first..) {
            self.contents.last = Position::new(position);
            if let Err(why) = self.add_line(line) {
                let part = DamagedPart {
                    file: String::new(),
                    offset,
                    batch: Some(Position::new(found.header.first)),
                    position: Some(Position::new(position)),
                    why: format!("the event at position {position} cannot be read: {why}"),
                };
                self.unreadable.push((found.segment, part));
            }
            offset += line.len() as u64;
        }
    }

    fn add_line(&mut self, bytes: &[u8]) -> Result<(), String> {
        // What can be read is counted, also where something else about the line is wrong.
        let line = read_unchecked(bytes)?;
        match line.event_type()? {
            DELETED => self.contents.tombstones += 1,
            DESCRIBED => self.contents.descriptions += 1,
            event_type => {
                self.contents.events += 1;
                match self.contents.types.get_mut(event_type) {
                    Some(count) => *count += 1,
                    None => {
                        self.contents.types.insert(event_type.to_string(), 1);
                    }
                }
            }
        }
        self.at(&line)?;
        read_line(bytes)?;
        readable(&line)
    }

    fn at(&mut self, line: &EventLine<'_>) -> Result<(), String> {
        let at = match &self.at {
            Some((text, at)) if text == line.at() => *at,
            _ => {
                let at = line.recorded_at()?;
                self.at = Some((line.at().to_vec(), at));
                at
            }
        };
        self.contents.first_at.get_or_insert(at);
        self.contents.last_at = Some(at);
        Ok(())
    }

    /// The sum, and the lines that cannot be read.
    pub(super) fn end(
        self,
        folder: &dyn Storage,
        shared: &OpenLog,
        to_the_end: bool,
    ) -> Result<(Contents, Vec<DamagedPart>), OpenError> {
        let Counting { mut contents, unreadable, .. } = self;
        let firsts = segment_firsts(folder)?;
        let mut parts = Vec::with_capacity(unreadable.len());
        for (segment, part) in unreadable {
            let file = firsts.get(segment).map_or_else(String::new, |first| segment_name(*first));
            parts.push(DamagedPart { file, ..part });
        }
        let listings = shared.index.listings();
        contents.streams =
            listings.streams(&Listing::all(), contents.last.get()).map_or(0, |all| all.len() as u64);
        contents.categories =
            listings.categories(&Listing::all(), contents.last.get()).map_or(0, |all| all.len() as u64);
        if !to_the_end {
            contents.segments = self.segments;
            contents.bytes = self.bytes + self.segments * SegmentHeader::LENGTH as u64;
            return Ok((contents, parts));
        }
        contents.segments = firsts.len() as u64;
        for first in firsts {
            let name = segment_name(first);
            let length = folder.open(&name, false).and_then(|file| file.length());
            contents.bytes += length.map_err(storage_failed(format!("reading {name}")))?;
        }
        Ok((contents, parts))
    }
}
