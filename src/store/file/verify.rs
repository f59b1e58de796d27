//! Looking through a whole log, without a lock and without changing anything.

mod contents;
mod damaged;

pub use contents::Contents;
pub use damaged::DamagedPart;

use super::header::Mark;
use super::recovery::{MARK, OpenError, TornTail, read_mark, storage as failed, walk_log};
use super::shared::Shared;
use super::sidecar;
use super::storage::{Folder, Storage, read_small};
use contents::Counting;
use damaged::{damaged_parts, in_order};
use std::fmt;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// What was found in a log; made by [`verify`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Verification {
    /// The folder.
    pub place: String,
    /// What is whole: all that stands before the first damage.
    pub whole: Contents,
    /// What the file beside the log that tells how far it is looks like.
    pub mark: MarkState,
    /// Everything that is not as it was written, in the order of the files.
    pub damaged: Vec<DamagedPart>,
    /// What opening the log for writing would do, where it reads the log.
    pub verdict: Verdict,
    /// Whether opening believes the index beside the log, and does not read the log: it then opens also where the verdict
    /// says that it is refused, and reading what is damaged fails. Opening with
    /// [`verifying`](crate::store::FileLogOptions::verifying) does not ask the index.
    pub opens_by_index: bool,
    /// Why a batch may be missing that had been acknowledged, where nothing on the disk can tell.
    pub possibly_lost: Option<String>,
}

impl Verification {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        matches!(self.verdict, Verdict::Whole)
    }
}

/// What opening a log for writing would do, where it reads the log.
#[derive(Debug)]
#[non_exhaustive]
pub enum Verdict {
    /// Open it: everything is as it was written.
    Whole,
    /// Cut off its end, which was never proven durable, and keep a copy under the name that stands here.
    TornTail(TornTail),
    /// Refuse it.
    Refused(OpenError),
    /// Open it, although some lines cannot be read.
    Unreadable,
}

/// The state of the mark, the file beside the log that tells how far it is.
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
/// versions, and whether each line reads as an event. Takes no lock and changes nothing; beside a writer, it sees what the
/// writer has written.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::store::codec::{RawCodec, RawEvent};
/// use leftfold::store::file::verify;
/// use leftfold::store::{Batch, EventStore, FileLog};
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
/// [`OpenError::Corrupt`] is no error of this function; it is a [`Verdict`].
pub fn verify(folder: impl AsRef<Path>) -> Result<Verification, OpenError> {
    verify_in(&Folder::at(folder.as_ref()))
}

/// How often a log is looked through anew while somebody writes to it.
const ATTEMPTS: usize = 10;
/// How long the writer of a batch may take to acknowledge it before what it wrote is held for damage.
const PATIENCE: Duration = Duration::from_millis(100);

/// The same as [`verify`], in a storage of your own.
///
/// # Errors
/// As there.
pub fn verify_in(folder: &dyn Storage) -> Result<Verification, OpenError> {
    let mut mark = mark_bytes(folder)?;
    for _ in 1..ATTEMPTS {
        let found = look_through(folder, mark.as_deref());
        let open = matches!(state_of(mark.as_deref()), MarkState::Open | MarkState::Damaged);
        if !open || found.as_ref().is_ok_and(Verification::is_whole) {
            return found;
        }
        // A batch that is being written looks like a torn tail, and a segment that was just begun like a missing one.
        sleep(PATIENCE);
        let later = mark_bytes(folder)?;
        if later == mark {
            return found;
        }
        mark = later;
    }
    look_through(folder, mark.as_deref())
}

fn mark_bytes(folder: &dyn Storage) -> Result<Option<Vec<u8>>, OpenError> {
    read_small(folder, MARK, 2 * Mark::LENGTH as u64).map_err(failed("reading the mark"))
}

fn state_of(mark: Option<&[u8]>) -> MarkState {
    match mark {
        None => MarkState::Missing,
        Some(bytes) => match Mark::read(bytes).filter(|_| bytes.len() == Mark::LENGTH) {
            None => MarkState::Damaged,
            Some(mark) if mark.closed => MarkState::Closed,
            Some(_) => MarkState::Open,
        },
    }
}

fn look_through(folder: &dyn Storage, mark: Option<&[u8]>) -> Result<Verification, OpenError> {
    let mut shared = Shared::new();
    let mut counting = Counting::default();
    // Exactly what opening does, so that the verdict is what opening would say.
    let walked = walk_log(folder, false, &mut |found| {
        shared.add_found(&found)?;
        counting.add(&found);
        Ok(())
    });
    let mark = state_of(mark);
    let mut possibly_lost = None;
    let (verdict, damaged) = match walked {
        Ok(walked) => {
            if walked.segments.is_empty() && mark == MarkState::Missing {
                return Err(OpenError::Missing { place: folder.place() });
            }
            possibly_lost = walked.recovery.possibly_lost;
            match walked.recovery.torn {
                Some(tail) => (Verdict::TornTail(tail), damaged_parts(folder)?),
                None if counting.unreadable.is_empty() => (Verdict::Whole, Vec::new()),
                None => (Verdict::Unreadable, Vec::new()),
            }
        }
        Err(error @ OpenError::Corrupt { .. }) => (Verdict::Refused(error), damaged_parts(folder)?),
        Err(error) => return Err(error),
    };
    let to_the_end = matches!(verdict, Verdict::Whole | Verdict::Unreadable);
    let (whole, unreadable) = counting.end(folder, &shared, to_the_end)?;
    let damaged = in_order(damaged, unreadable);
    let opens_by_index = sidecar::read(folder, read_mark(folder)?.as_ref(), false).is_some();
    Ok(Verification { place: folder.place(), whole, mark, damaged, verdict, opens_by_index, possibly_lost })
}
