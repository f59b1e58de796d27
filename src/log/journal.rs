//! Writing the log: segments, syncs and the mark.

use super::file_names::{MARK, segment_name};
use super::header::{Mark, SegmentHeader};
use super::open_error::{OpenError, storage_failed};
use super::open_files::OpenFiles;
use super::scan::ChainEnd;
use super::segment::Segment;
use super::sole_writer::HeldFiles;
use super::storage::{Storage, StorageFile, UNFINISHED, out_of_descriptors, write_all, write_whole};
use crate::store::AppendError;
use crate::store::clock_and_ids::IdPrefix;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// When appended events are made durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Syncing {
    /// Before `append` returns. Every answered batch outlives a power cut.
    #[default]
    Always,
    /// At this interval, in the background. A power cut may lose the batches that were answered since the last sync.
    Every(Duration),
    /// When a segment is full and when the log is closed; otherwise whenever the system decides to.
    Never,
}

/// The files of a log that its writer writes.
pub(super) struct Journal {
    pub(super) storage: Arc<dyn Storage>,
    /// The segments that are open for reading.
    pub(super) files: Arc<OpenFiles>,
    pub(super) sync: Syncing,
    pub(super) segment_size: u64,
    /// The segment that is written, and its file.
    pub(super) segment: Arc<Segment>,
    pub(super) active: Box<dyn StorageFile>,
    /// Its index among the segments.
    pub(super) number: u32,
    /// The end of the last batch, which the next one follows.
    pub(super) end: ChainEnd,
    /// The offset up to which the segment is durable.
    pub(super) durable: u64,
    pub(super) mark: Box<dyn StorageFile>,
    /// Why nothing more is written.
    pub(super) poisoned: Option<String>,
    /// Whether the log is closed.
    pub(super) closed: bool,
    /// The bytes of a round; its memory is reused.
    pub(super) buffer: Vec<u8>,
    pub(super) held_files: HeldFiles,
    /// How the ids begin that are made for events without one.
    pub(super) handle: IdPrefix,
}

/// A write that failed.
pub(super) struct Failed {
    pub(super) doing: String,
    pub(super) source: io::Error,
    /// Whether the log is exactly as it was before the write.
    pub(super) undone: bool,
}

impl Failed {
    fn lost_files(source: io::Error) -> Failed {
        Failed { doing: "keeping hold of its files".to_string(), source, undone: false }
    }

    pub(super) fn sentence(&self) -> String {
        format!("{} failed ({})", self.doing, self.source)
    }

    pub(super) fn on_opening(self) -> OpenError {
        OpenError::Storage { doing: self.doing, source: self.source }
    }

    /// The answer to a request of which the log holds nothing.
    pub(super) fn as_append_error(&self) -> AppendError {
        let doing = self.doing.clone();
        match self.source.raw_os_error() {
            Some(code) if out_of_descriptors(&self.source) => {
                AppendError::NoDescriptor { doing, source: io::Error::from_raw_os_error(code) }
            }
            _ => {
                let source = io::Error::new(self.source.kind(), self.source.to_string());
                AppendError::DiskFull { doing, source }
            }
        }
    }
}

impl Journal {
    pub(super) fn poison(&mut self, why: &str) {
        self.poisoned.get_or_insert_with(|| why.to_string());
    }

    /// Whether the next batch begins a new segment.
    pub(super) fn is_full(&self) -> bool {
        self.end.offset >= self.segment_size
    }

    /// Writes the buffer, syncs if the setting asks for it, and writes the mark. Checks before the mark that the files still
    /// belong to the log: once the mark is written, the batch counts as acknowledged.
    pub(super) fn write(&mut self, offset: u64) -> Result<(), Failed> {
        let name = &self.segment.name;
        if let Err(source) = write_all(&*self.active, &self.buffer, offset) {
            let full = source.kind() == io::ErrorKind::StorageFull;
            // Cutting off the part that was written leaves the log as it was. The cut has to be durable: otherwise a power cut
            // could bring back a batch that was answered as not recorded.
            let cut = || self.active.truncate(offset).and_then(|()| self.active.sync());
            let undone = full && cut().is_ok();
            return Err(Failed { doing: format!("writing to {name}"), source, undone });
        }
        if self.sync == Syncing::Always {
            self.make_durable()?;
        }
        let held = self.held_files.check_quickly(&*self.storage, &self.segment.name);
        held.map_err(Failed::lost_files)?;
        self.write_mark(false)
    }

    /// Checks that the open files are still the ones that readers will open by name.
    fn check_files(&self) -> Result<(), Failed> {
        self.held_files.check(&*self.storage, &self.segment.name).map_err(Failed::lost_files)
    }

    /// Whether the writer still holds its files and may write; if not, poisons the handle.
    pub(super) fn still_holds_files(&mut self) -> bool {
        if self.poisoned.is_none()
            && let Err(failed) = self.check_files()
        {
            self.poison(&failed.sentence());
        }
        self.poisoned.is_none()
    }

    fn make_durable(&mut self) -> Result<(), Failed> {
        self.active.sync().map_err(|source| Failed {
            doing: format!("syncing {}", self.segment.name),
            source,
            undone: false,
        })?;
        self.durable = self.end.offset;
        Ok(())
    }

    fn write_mark(&mut self, closed: bool) -> Result<(), Failed> {
        let failed = |source| Failed { doing: "writing the mark".to_string(), source, undone: false };
        let mark = self.mark(closed);
        let line = mark.line().ok_or_else(|| failed(io::Error::other("a number is too large for it")))?;
        write_all(&*self.mark, &line, 0).map_err(failed)
    }

    pub(super) fn mark(&self, closed: bool) -> Mark {
        Mark {
            segment: self.segment.first,
            offset: self.end.offset,
            durable: self.durable,
            position: self.end.next - 1,
            chain: self.end.chain,
            closed,
            doubt: !closed && self.sync != Syncing::Always,
        }
    }

    /// Makes every batch durable, and records that in the mark.
    pub(super) fn sync_now(&mut self) -> Result<(), String> {
        if !self.still_holds_files() {
            return Err(self.poisoned.clone().unwrap_or_default());
        }
        if self.durable == self.end.offset {
            return Ok(());
        }
        let synced = self.make_durable().and_then(|()| self.write_mark(false));
        synced.map_err(|failed| {
            let why = failed.sentence();
            self.poison(&why);
            why
        })
    }

    /// Makes everything durable, and records in the mark that the log is closed.
    pub(super) fn close(&mut self) -> Result<(), String> {
        if self.closed {
            return Ok(());
        }
        if !self.still_holds_files() {
            return Err(self.poisoned.clone().unwrap_or_default());
        }
        let closed = match self.durable < self.end.offset {
            true => self.make_durable(),
            false => Ok(()),
        };
        let closed = closed.and_then(|()| self.write_mark(true)).and_then(|()| {
            self.mark.sync().map_err(|source| Failed {
                doing: "syncing the mark".to_string(),
                source,
                undone: false,
            })
        });
        self.closed = closed.is_ok();
        closed.map_err(|failed| {
            let why = failed.sentence();
            self.poison(&why);
            why
        })
    }

    /// Begins a new segment. The old one is durable before the new one exists, so damage in it is never a torn tail.
    pub(super) fn roll(&mut self) -> Result<Arc<Segment>, Failed> {
        self.check_files()?;
        if self.durable < self.end.offset {
            self.make_durable()?;
        }
        let first = self.end.next;
        let begin = || new_segment(&*self.storage, first, self.end.chain);
        let (segment, active, crc) = match begin() {
            Err(failed) if out_of_descriptors(&failed.source) => {
                self.files.give_back();
                begin()?
            }
            begun => begun?,
        };
        let doing = || format!("beginning {}", segment.name);
        let held = self.held_files.go_on_with(&*active);
        held.map_err(|source| Failed { doing: doing(), source, undone: false })?;
        (self.segment, self.active) = (Arc::new(segment), active);
        self.number += 1;
        self.end = ChainEnd { offset: SegmentHeader::LENGTH as u64, chain: crc, next: first };
        self.durable = self.end.offset;
        Ok(self.segment.clone())
    }
}

/// Writes durably that the log is open. So batches that are written from now on are never mistaken for lines that somebody
/// wrote by hand into a closed log.
pub(super) fn write_first_mark(
    folder: &dyn Storage,
    mark: Mark,
    there: bool,
) -> Result<Box<dyn StorageFile>, OpenError> {
    let marking = || storage_failed("writing the mark");
    let line = mark.line().ok_or_else(|| OpenError::Setting { what: "so many events".to_string() })?;
    if !there {
        return write_whole(folder, MARK, &line).map_err(marking());
    }
    let file = folder.open(MARK, true).map_err(marking())?;
    write_all(&*file, &line, 0).map_err(marking())?;
    file.sync().map_err(marking())?;
    Ok(file)
}

pub(super) fn too_large(found: &str) -> AppendError {
    AppendError::TooLarge { found: found.to_string(), most: "1,000,000 entries and 256 MiB".to_string() }
}

/// Makes a new segment with its first line: whole, or not at all.
///
/// If no descriptor is left for the last step, an empty segment may remain. The next attempt makes the same segment again,
/// and nothing is written to the segment before it until then.
pub(super) fn new_segment(
    storage: &dyn Storage,
    first: u64,
    previous: u32,
) -> Result<(Segment, Box<dyn StorageFile>, u32), Failed> {
    let name = segment_name(first);
    let doing = format!("beginning {name}");
    let failed = |undone| {
        let doing = doing.clone();
        move |source: io::Error| Failed {
            undone: out_of_descriptors(&source) || undone && source.kind() == io::ErrorKind::StorageFull,
            doing,
            source,
        }
    };
    let (header, line) = SegmentHeader::new(first, previous)
        .ok_or_else(|| failed(false)(io::Error::other("its position is too large")))?;
    let unfinished = format!("{name}{UNFINISHED}");
    let file = storage.create(&unfinished).map_err(failed(true))?;
    write_all(&*file, &line, 0).map_err(failed(true))?;
    file.sync().map_err(failed(false))?;
    storage.rename(&unfinished, &name).map_err(failed(false))?;
    storage.sync_folder().map_err(failed(false))?;
    Ok((Segment { name, first }, file, header.crc))
}
