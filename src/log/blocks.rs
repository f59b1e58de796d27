//! Reading lines by their spots, many at once if they are close together.

use super::line::{EventLine, read_line};
use super::open_files::OpenFiles;
use super::segment::Segment;
use super::spot::Spot;
use super::storage::read_full;
use crate::store::ReadError;
use im::Vector;
use std::io;
use std::sync::Arc;

/// Reads lines of segments; close ones are read at once.
pub(super) struct Blocks<'f> {
    files: &'f OpenFiles,
    segments: Vector<Arc<Segment>>,
    buffer: Vec<u8>,
    /// Which bytes of which segment are in the buffer.
    segment: u32,
    start: u64,
    end: u64,
    /// How much was read the last time.
    part: u64,
}

/// The most that is read at once.
const PART: u64 = 1 << 18;

impl<'f> Blocks<'f> {
    pub(super) fn new(segments: Vector<Arc<Segment>>, files: &'f OpenFiles) -> Self {
        Blocks { files, segments, buffer: Vec::new(), segment: u32::MAX, start: 0, end: 0, part: 0 }
    }

    /// The line of an event, its checksum proven.
    pub(super) fn line(&mut self, spot: &Spot) -> Result<EventLine<'_>, ReadError> {
        let (from, until) = (u64::from(spot.offset), u64::from(spot.offset) + u64::from(spot.length));
        let damaged = |name: &str, why: String| ReadError::Damaged {
            file: name.to_string(),
            offset: from,
            why: format!("the event at position {}: {why}", spot.position),
        };
        if spot.segment != self.segment || from < self.start || until > self.end {
            let Some(segment) = self.segments.get(spot.segment as usize).cloned() else {
                return Err(damaged("the log", "its segment is not there".to_string()));
            };
            self.fill(&segment, spot.segment, from, until).map_err(|source| ReadError::Storage {
                doing: format!("reading {}", segment.name),
                source,
            })?;
            if until > self.end {
                return Err(damaged(&segment.name, "the file ends before it".to_string()));
            }
        }
        let bytes = &self.buffer[(from - self.start) as usize..(until - self.start) as usize];
        let name = || self.segments.get(spot.segment as usize).map_or("the log", |segment| &segment.name);
        let line = read_line(bytes).map_err(|why| damaged(name(), why))?;
        if line.position != spot.position {
            return Err(damaged(
                name(),
                format!("the line there says that it is position {}", line.position),
            ));
        }
        Ok(line)
    }

    /// Reads a line, together with the lines around it if the last one was close.
    fn fill(&mut self, segment: &Segment, number: u32, from: u64, until: u64) -> io::Result<()> {
        let near = |one: u64, other: u64| one.abs_diff(other) < PART / 4;
        let together = self.segment == number && (near(self.end, from) || near(self.start, until));
        let backwards = together && until <= self.start;
        // From one line to a whole part in a few steps, so that a few lines cost a few lines.
        self.part = if together { (self.part * 4).clamp(1 << 12, PART) } else { 0 };
        let (start, end) = match backwards {
            true => (until.saturating_sub(self.part).min(from), until),
            false => (from, (from + self.part).max(until)),
        };
        let file = self.files.get(segment)?;
        // A wrong index may give a length that is larger than the file: never take more memory than the file is long.
        let end = if end - start > PART { end.min(file.length()?.max(start)) } else { end };
        let wanted = usize::try_from(end - start).unwrap_or(usize::MAX);
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        (self.segment, self.start, self.end) = (number, start, start);
        let read = read_full(&*file, &mut self.buffer[..wanted], start)?;
        self.end = start + read as u64;
        Ok(())
    }
}
