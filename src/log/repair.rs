//! Repairing a log that cannot be opened: everything before the first damage is kept, the rest is put aside.

use super::file_names::{MARK, segment_name};
use super::header::{Mark, SegmentHeader};
use super::line::{read_line, read_unchecked};
use super::open_error::{OpenError, storage_failed};
use super::open_log::OpenLog;
use super::other_tools::MarkFile;
use super::recovery::{FoundBatch, copy_aside, walk_log};
use super::scan::{ChainEnd, Window, walk};
use super::segment::{Segment, file_names, open_segment, segment_firsts};
use super::sole_writer::Locks;
use super::storage::{Folder, Storage, StorageFile, read_small, write_whole};
use crate::recorded::Position;
use std::io;
use std::path::Path;

/// What a repair takes out of a log; made by [`would_repair`] and [`repair`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Repair {
    /// The folder.
    pub place: String,
    /// Why opening refuses the log.
    pub refused: OpenError,
    /// The position of the last entry that is kept.
    pub last: Position,
    /// What is taken out, and under which names it is kept.
    pub taken_out: Vec<TakenOut>,
}

impl Repair {
    /// The number of events that are taken out, counting lines that can be read.
    pub fn events(&self) -> u64 {
        self.taken_out.iter().map(|part| part.events).sum()
    }
}

/// A part of a log that a repair takes out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TakenOut {
    /// The file that it was in.
    pub file: String,
    /// The byte at which it began.
    pub offset: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// The number of its lines that can be read as events.
    pub events: u64,
    /// The number of these events that are as they were written.
    pub whole: u64,
    /// The file that holds it after the repair.
    pub copy: String,
}

/// What [`repair`] would do to this log; `None` if it can be opened. Takes no lock and changes nothing.
///
/// # Errors
/// [`OpenError`] when there is no log, when it is of a format that is not known, or when it cannot be read.
pub fn would_repair(folder: impl AsRef<Path>) -> Result<Option<Repair>, OpenError> {
    would_repair_in(&Folder::at(folder.as_ref()))
}

/// The same as [`would_repair`], in a storage of your own.
///
/// # Errors
/// As there.
pub fn would_repair_in(folder: &dyn Storage) -> Result<Option<Repair>, OpenError> {
    Ok(RepairPlan::make(folder)?.map(|plan| plan.repair))
}

/// Repairs a log that cannot be opened: keeps everything before the first damage, and takes out the rest.
///
/// The parts that are taken out are kept beside the log, in files whose names end in `.damaged-…`, together with the mark.
/// Copies are durable before anything is changed; later segments are only renamed. If the repair is interrupted, the log is
/// either refused as before or repaired, and it can be repaired again. A torn tail is left to
/// [opening](super::FileLog::open).
///
/// ```
/// use leftfold::recorded::{Position, StreamName};
/// use leftfold::codec::{RawCodec, RawEvent};
/// use leftfold::log::repair;
/// use leftfold::store::{Batch, EventReader, EventStore};
/// use leftfold::log::FileLog;
///
/// let folder = tempfile::tempdir()?;
/// let log = FileLog::open(folder.path(), RawCodec)?;
/// for by in ["petra", "alex"] {
///     let opened = RawEvent::new("Opened", &format!(r#"{{"by":"{by}"}}"#))?;
///     log.append(Batch::to(&StreamName::of("door", 1)?).event(opened))?;
/// }
/// log.close()?;
/// let file = folder.path().join("000000000001.jsonl");
/// std::fs::write(&file, std::fs::read_to_string(&file)?.replace("alex", "alix"))?;
/// assert!(FileLog::open(folder.path(), RawCodec).is_err());
///
/// let repair = repair(folder.path())?.expect("opening refuses it");
/// assert_eq!(repair.events(), 1);
/// assert!(folder.path().join(&repair.taken_out[0].copy).exists());
/// assert_eq!(FileLog::open(folder.path(), RawCodec)?.head()?, Position::new(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`OpenError`] when somebody writes to the log, when it is of a format that is not known, or when the storage fails.
pub fn repair(folder: impl AsRef<Path>) -> Result<Option<Repair>, OpenError> {
    repair_in(&Folder::at(folder.as_ref()))
}

/// The same as [`repair`], in a storage of your own.
///
/// # Errors
/// As there.
pub fn repair_in(folder: &dyn Storage) -> Result<Option<Repair>, OpenError> {
    let place = folder.place();
    // A folder without a log gets no lock file.
    if segment_firsts(folder)?.is_empty() && !file_names(folder)?.iter().any(|name| name == MARK) {
        return Err(OpenError::Missing { place });
    }
    let _locks = Locks::take(folder)?;
    let Some(plan) = RepairPlan::make(folder)? else { return Ok(None) };
    plan.carry_out(folder).map_err(storage_failed(format!("repairing the log in {place}")))?;
    // Reads the kept part once more, to be sure that it can be opened.
    walk_log(folder, false, &mut |_| Ok(()))?;
    Ok(Some(plan.repair))
}

/// The steps of a repair.
struct RepairPlan {
    repair: Repair,
    /// The last segment that is kept, and the end of its last good batch; anything after that is taken out.
    kept: Option<(Segment, ChainEnd)>,
    /// Whether the first part that is taken out is the tail of that segment.
    cut: bool,
    /// The name under which the mark is kept.
    mark: String,
}

impl RepairPlan {
    /// Finds the longest whole beginning of the log; `None` if the log can be opened.
    fn make(folder: &dyn Storage) -> Result<Option<RepairPlan>, OpenError> {
        let mut log = OpenLog::new();
        let refused = match walk_log(folder, false, &mut |found| log.add_found(&found)) {
            Ok(walked) if walked.segments.is_empty() && walked.mark == MarkFile::Missing => {
                return Err(OpenError::Missing { place: folder.place() });
            }
            Ok(_) => return Ok(None),
            Err(refused @ OpenError::Corrupt { .. }) => refused,
            Err(error) => return Err(error),
        };
        let mut names = TakenNames(file_names(folder)?);
        let (kept, length, left) = longest_beginning(folder)?;
        let mut taken_out = Vec::new();
        let cut = match &kept {
            Some((segment, end)) if end.offset < length => {
                let copy = names.free(&format!("{}.damaged-{}", segment.name, end.offset));
                let file = folder
                    .open(&segment.name, false)
                    .map_err(storage_failed(format!("opening {}", segment.name)))?;
                taken_out.push(part(&segment.name, &*file, end.offset..length, copy)?);
                true
            }
            _ => false,
        };
        for first in left {
            let name = segment_name(first);
            let file = folder.open(&name, false).map_err(storage_failed(format!("opening {name}")))?;
            let length = file.length().map_err(storage_failed(format!("reading {name}")))?;
            let copy = names.free(&format!("{name}.damaged-0"));
            taken_out.push(part(&name, &*file, 0..length, copy)?);
        }
        let last = kept.as_ref().map_or(0, |(_, end)| end.next - 1);
        let mark = names.free(&format!("{MARK}.damaged-{last}"));
        let repair = Repair { place: folder.place(), refused, last: Position::new(last), taken_out };
        Ok(Some(RepairPlan { repair, kept, cut, mark }))
    }

    /// Copies first. The changes then come in an order in which the log, if they are interrupted, is either refused or opens
    /// with exactly the kept events.
    fn carry_out(&self, folder: &dyn Storage) -> io::Result<()> {
        let mut whole_segments = &self.repair.taken_out[..];
        if let (Some((segment, end)), true, [tail, others @ ..]) = (&self.kept, self.cut, whole_segments) {
            let file = folder.open(&segment.name, false)?;
            copy_aside(folder, &*file, end.offset..tail.offset + tail.bytes, &tail.copy)?;
            whole_segments = others;
        }
        // All of it, whatever its length: it may not be a mark any more.
        if let Some(mark) = read_small(folder, MARK, u64::MAX)? {
            write_whole(folder, &self.mark, &mark)?;
        }
        // In order: while a later segment is left, it does not follow the kept part, so the log is refused.
        for part in whole_segments {
            folder.rename(&part.file, &part.copy)?;
            folder.sync_folder()?;
        }
        let Some((segment, end)) = &self.kept else {
            if read_small(folder, MARK, 0)?.is_some() {
                folder.remove(MARK)?;
            }
            return folder.sync_folder();
        };
        let file = folder.open(&segment.name, true)?;
        if self.cut {
            file.truncate(end.offset)?;
        }
        file.sync()?;
        let mark = Mark {
            segment: segment.first,
            offset: end.offset,
            durable: end.offset,
            position: end.next - 1,
            chain: end.chain,
            closed: true,
            doubt: false,
        };
        let line = mark.line().ok_or_else(|| io::Error::other("a number is too large for the mark"))?;
        write_whole(folder, MARK, &line)?;
        Ok(())
    }
}

/// The last segment that is kept with the end of its last good batch, the length of its file, and the other segments.
type Beginning = (Option<(Segment, ChainEnd)>, u64, Vec<u64>);

fn longest_beginning(folder: &dyn Storage) -> Result<Beginning, OpenError> {
    let firsts = segment_firsts(folder)?;
    let mut log = OpenLog::new();
    let mut kept: Option<(Segment, ChainEnd)> = None;
    for (number, first) in firsts.iter().enumerate() {
        let before = kept.as_ref().map_or(ChainEnd { offset: 0, chain: 0, next: 1 }, |(_, end)| *end);
        let length = before.offset;
        let left = |from: usize| firsts[from..].to_vec();
        let (segment, file, header) = match open_segment(folder, *first, true) {
            Ok(opened) => opened,
            Err(OpenError::Corrupt { .. }) => return Ok((kept, length, left(number))),
            Err(error) => return Err(error),
        };
        if header.previous != before.chain || *first != before.next {
            return Ok((kept, length, left(number)));
        }
        let reading = || storage_failed(format!("reading {}", segment.name));
        let length = file.length().map_err(reading())?;
        let mut window = Window::new(&*file, length);
        let begins = ChainEnd { offset: SegmentHeader::LENGTH as u64, chain: header.crc, next: *first };
        let (end, damage) = walk(&mut window, begins, &mut |at, header, body| {
            let body_at = at + super::header::BatchHeader::LENGTH as u64;
            log.add_found(&FoundBatch { segment: number, body_at, header, body })
        })
        .map_err(reading())?;
        kept = Some((segment, end));
        if damage.is_some() {
            return Ok((kept, length, left(number + 1)));
        }
    }
    let length = kept.as_ref().map_or(0, |(_, end)| end.offset);
    Ok((kept, length, Vec::new()))
}

/// The names that files have, and those that the repair will give.
struct TakenNames(Vec<String>);

impl TakenNames {
    fn free(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_string();
        for number in 2.. {
            if !self.0.contains(&name) {
                break;
            }
            name = format!("{wanted}-{number}");
        }
        self.0.push(name.clone());
        name
    }
}

fn part(
    name: &str,
    file: &dyn StorageFile,
    range: std::ops::Range<u64>,
    copy: String,
) -> Result<TakenOut, OpenError> {
    let (events, whole) = count(file, range.clone()).map_err(storage_failed(format!("reading {name}")))?;
    let bytes = range.end - range.start;
    Ok(TakenOut { file: name.to_string(), offset: range.start, bytes, events, whole, copy })
}

/// The number of bytes that are read at once.
const PART: usize = 1 << 18;

/// The number of lines that can be read as events, and the number of those that are as they were written.
fn count(file: &dyn StorageFile, range: std::ops::Range<u64>) -> io::Result<(u64, u64)> {
    let mut window = Window::new(file, range.end);
    let (mut at, mut size, mut events, mut whole) = (range.start, PART, 0, 0);
    while at < range.end {
        let bytes = window.get(at, size)?;
        if bytes.is_empty() {
            break;
        }
        let ends = at + bytes.len() as u64 >= range.end;
        let lines = match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => &bytes[..=end],
            None if ends => bytes,
            // The line is longer than the bytes that were read.
            None => {
                size = size.saturating_mul(2);
                continue;
            }
        };
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            events += u64::from(read_unchecked(line).is_ok());
            whole += u64::from(read_line(line).is_ok());
        }
        at += lines.len() as u64;
        size = PART;
    }
    Ok((events, whole))
}
