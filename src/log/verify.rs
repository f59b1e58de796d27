//! Verifying a whole log, without a lock and without changing anything.

mod contents;
mod damaged;
mod page;

pub use contents::Contents;
pub use damaged::DamagedPart;

use super::file_names::{INDEX, MARK, segment_name};
use super::header::Mark;
use super::index_file;
use super::open_error::OpenError;
use super::open_log::Opening;
use super::other_tools::{MarkFile, read_mark_beside_a_writer};
use super::recovery::{FoundBatch, TornTail, walk_log, walk_to_mark};
use super::segment::segment_firsts;
use super::storage::{Folder, Storage, read_small};
use contents::Counting;
use damaged::{damaged_parts, in_order};
use std::fmt;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The result of verifying a log; made by [`verify`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Verification {
    /// The folder.
    pub place: String,
    /// The contents before the first damage.
    pub whole: Contents,
    /// The state of the mark.
    pub mark: MarkState,
    /// Everything that is not as it was written: first the mark and the index, then the segments in their order.
    pub damaged: Vec<DamagedPart>,
    /// What opening the log for writing would do, if opening reads the log.
    pub verdict: LogVerdict,
    /// Whether opening uses the index beside the log, and does not read the log. The log then opens even if the verdict says
    /// that it is refused, and reading the damaged part fails. Opening with
    /// [`verifying`](crate::log::FileLogOptions::verifying) does not use the index.
    pub opens_by_index: bool,
    /// Why acknowledged batches may be missing, if nothing on the disk shows whether they are.
    pub possibly_lost: Option<String>,
}

impl Verification {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        matches!(self.verdict, LogVerdict::Whole)
    }
}

/// What opening a log for writing would do, if opening reads the log.
#[derive(Debug)]
#[non_exhaustive]
pub enum LogVerdict {
    /// Open it: everything is as it was written.
    Whole,
    /// Cut off its end, which was never proven durable, and keep a copy of it in the file that is named here.
    TornTail(TornTail),
    /// Refuse it.
    Refused(OpenError),
    /// Open it, although some lines cannot be read.
    Unreadable,
    /// Open it: every event is as it was written, but the mark or the index beside the events is not.
    WrongBeside,
}

/// The state of the mark, the file beside the log that says how far it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkState {
    /// It is not there.
    Missing,
    /// It is not as it was written.
    Damaged,
    /// The log is open for writing, or was not closed.
    Open,
    /// The log was closed.
    Closed,
}

impl MarkState {
    fn of(mark: &MarkFile) -> MarkState {
        match mark {
            MarkFile::Missing => MarkState::Missing,
            MarkFile::Damaged(_) => MarkState::Damaged,
            MarkFile::There(mark) if mark.closed => MarkState::Closed,
            MarkFile::There(_) => MarkState::Open,
        }
    }
}

impl fmt::Display for MarkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MarkState::Missing => "missing",
            MarkState::Damaged => "damaged",
            MarkState::Open => "whole; the log is open for writing, or was not closed",
            MarkState::Closed => "whole; the log was closed",
        })
    }
}

/// Reads a whole log and says what is wrong with it: every checksum, every header, the order of batches, positions and
/// versions, whether each line reads as an event, and whether the mark and the index fit. Takes no lock and changes nothing.
/// While somebody writes, it sees everything that is acknowledged, or more. A log that ends in the middle of a batch is watched
/// for up to a second, to see whether somebody is writing it.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::codec::{RawCodec, RawEvent};
/// use leftfold::log::verify;
/// use leftfold::store::{Batch, EventStore};
/// use leftfold::log::FileLog;
///
/// let folder = tempfile::tempdir()?;
/// let log = FileLog::open(folder.path(), RawCodec)?;
/// log.append(Batch::to(&StreamName::of("door", 1)?).event(RawEvent::new("Opened", r#"{"by":"petra"}"#)?))?;
/// log.close()?;
/// assert!(verify(folder.path())?.is_whole());
///
/// let file = folder.path().join("000000000001.jsonl");
/// std::fs::write(&file, std::fs::read_to_string(&file)?.replace("petra", "peter"))?;
/// let found = verify(folder.path())?;
/// assert_eq!(found.damaged[0].why, "the event at position 1 was edited: its line is not as it was written");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`OpenError`] when there is no log, when it is of a format that is not known, or when it cannot be read.
/// [`OpenError::Corrupt`] is no error of this function; it is a [`LogVerdict`].
pub fn verify(folder: impl AsRef<Path>) -> Result<Verification, OpenError> {
    verify_in(&Folder::at(folder.as_ref()))
}

/// How long a writer may take for a batch before its beginning counts as a torn tail; and the time between two looks.
const PATIENCE: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(20);

/// The same as [`verify`], in a storage of your own.
///
/// # Errors
/// As there.
pub fn verify_in(folder: &dyn Storage) -> Result<Verification, OpenError> {
    let mark = read_mark_beside_a_writer(folder)?;
    let before = end_of(folder);
    let found = look_through(folder, &mark, Extent::Everything);
    let may_be_written = match &mark {
        MarkFile::Missing => false,
        MarkFile::Damaged(_) => true,
        MarkFile::There(mark) => !mark.closed,
    };
    let incomplete = found.as_ref().is_ok_and(|found| {
        matches!(found.verdict, LogVerdict::TornTail(_) | LogVerdict::Refused(OpenError::Corrupt { .. }))
    });
    if !(may_be_written && incomplete) {
        return found;
    }
    // A batch that is being written looks like a torn tail, and a segment that was just begun looks like a missing one. While
    // somebody writes, only the part up to the mark has to be whole.
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        sleep(LOOK);
        if end_of(folder) != before {
            let mark = read_mark_beside_a_writer(folder)?;
            let extent = if mark.mark().is_some() { Extent::Acknowledged } else { Extent::Everything };
            return look_through(folder, &mark, extent);
        }
    }
    found
}

/// The parts of a log that change with every write: the mark, the last segment, and its length.
fn end_of(folder: &dyn Storage) -> Option<(Option<Vec<u8>>, u64, u64)> {
    let last = *segment_firsts(folder).ok()?.last()?;
    let length = folder.open(&segment_name(last), false).and_then(|file| file.length()).ok()?;
    Some((read_small(folder, MARK, 2 * Mark::LENGTH as u64).ok()?, last, length))
}

/// How much of a log is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Everything,
    /// As far as the mark says.
    Acknowledged,
}

fn look_through(folder: &dyn Storage, mark: &MarkFile, extent: Extent) -> Result<Verification, OpenError> {
    let mut opening = Opening::new();
    let mut counting = Counting::default();
    let mut take = |found: FoundBatch<'_>| {
        opening.add_found(&found)?;
        counting.add(&found);
        Ok(())
    };
    let walked = match (mark, extent) {
        (MarkFile::There(mark), Extent::Acknowledged) => walk_to_mark(folder, *mark, &mut take),
        // Exactly what opening does, so that the verdict is what opening would say.
        _ => walk_log(folder, false, &mut take),
    };
    let mut possibly_lost = None;
    let (verdict, mut damaged) = match walked {
        Ok(walked) => {
            if walked.segments.is_empty() && *mark == MarkFile::Missing {
                return Err(OpenError::Missing { place: folder.place() });
            }
            possibly_lost = walked.recovery.possibly_lost;
            match walked.recovery.torn {
                Some(tail) => (LogVerdict::TornTail(tail), damaged_parts(folder)?),
                None if counting.unreadable.is_empty() => (LogVerdict::Whole, Vec::new()),
                None => (LogVerdict::Unreadable, Vec::new()),
            }
        }
        Err(error @ OpenError::Corrupt { .. }) => (LogVerdict::Refused(error), damaged_parts(folder)?),
        // Nothing is damaged: the verdict says all there is to say.
        Err(error @ (OpenError::Foreign { .. } | OpenError::Rewritten { .. })) => {
            (LogVerdict::Refused(error), Vec::new())
        }
        Err(error) => return Err(error),
    };
    let read = matches!(verdict, LogVerdict::Whole | LogVerdict::Unreadable);
    if let MarkFile::Damaged(why) = mark {
        damaged.push(DamagedPart::beside(MARK, format!("the mark is damaged: {why}")));
    }
    if read
        && extent == Extent::Everything
        && let Some(why) = index_file::wrong(folder, mark.mark().as_ref(), &opening)
    {
        let why = format!("the index is wrong: {why}; remove it, and the log is read without it");
        damaged.push(DamagedPart::beside(INDEX, why));
    }
    let verdict = match verdict {
        LogVerdict::Whole if !damaged.is_empty() => LogVerdict::WrongBeside,
        verdict => verdict,
    };
    let shared = opening.finish();
    let (whole, unreadable) = counting.end(folder, &shared, read && extent == Extent::Everything)?;
    let damaged = in_order(damaged, unreadable);
    let opens_by_index = index_file::read(folder, mark.mark().as_ref()).is_some();
    let mark = MarkState::of(mark);
    Ok(Verification { place: folder.place(), whole, mark, damaged, verdict, opens_by_index, possibly_lost })
}
