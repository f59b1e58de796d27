//! Opening a log: what is accepted, what is cut off, and what is refused.

use super::file_names::{MARK, segment_name};
use super::header::{BatchHeader, Mark, SegmentHeader};
use super::open_error::{OpenError, storage_failed};
use super::other_tools::{MarkFile, read_mark};
use super::scan::{ChainEnd, Damage, Window, proof_after, walk};
use super::segment::{Segment, file_names, open_segment, path, segment_firsts};
use super::storage::{Storage, StorageFile, UNFINISHED, read_full, write_all};
use serde::Serialize;
use std::fmt;
use std::io;
use std::ops::Range;

/// What opening a log found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Recovery {
    /// Whether there was no log, and an empty one was made.
    pub made: bool,
    /// Whether it had been closed.
    pub closed: bool,
    /// The part that was cut off its end.
    pub torn: Option<TornTail>,
    /// Why acknowledged batches may be missing, if nothing on the disk shows whether they are.
    pub possibly_lost: Option<String>,
}

/// The end of a log that was never proven durable, and was cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TornTail {
    /// The file.
    pub file: String,
    /// Where it was cut.
    pub offset: u64,
    /// How many bytes were cut off.
    pub bytes: u64,
    /// The file that holds them now.
    pub copy: String,
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.torn, self.closed) {
            (Some(TornTail { file, offset, bytes, copy }), _) => {
                write!(
                    f,
                    "{bytes} bytes at the end of {file}, from byte {offset} on, were no whole batch; they are kept in {copy}"
                )?;
            }
            (None, _) if self.made => f.write_str("there was no log, and an empty one was made")?,
            (None, true) => f.write_str("the log was closed")?,
            (None, false) => f.write_str("the log was not closed, and is whole as far as it goes")?,
        }
        match &self.possibly_lost {
            Some(why) => write!(f, ". {why}"),
            None => Ok(()),
        }
    }
}

/// A batch that was found in a log.
pub(super) struct FoundBatch<'b> {
    pub(super) segment: usize,
    /// Where the lines of the batch begin.
    pub(super) body_at: u64,
    pub(super) header: &'b BatchHeader,
    pub(super) body: &'b [u8],
}

/// Takes the batches that are found, in order; refuses lines with a sentence.
pub(super) type TakeBatch<'t> = &'t mut dyn FnMut(FoundBatch<'_>) -> Result<(), String>;

/// The result of reading a log from its first byte to its last good one.
pub(super) struct Walked {
    pub(super) segments: Vec<Segment>,
    /// The end of the last good batch.
    pub(super) end: ChainEnd,
    /// The offset up to which something shows that the last segment was synced.
    pub(super) proven: u64,
    pub(super) mark: MarkFile,
    pub(super) recovery: Recovery,
}

/// Reads a whole log. With `repair`, a torn tail is copied aside and cut off; without, it is ignored.
pub(super) fn walk_log(folder: &dyn Storage, repair: bool, take: TakeBatch<'_>) -> Result<Walked, OpenError> {
    // The mark first: batches that a writer records meanwhile then come after it, and none is missing before it.
    let mark = read_mark(folder)?;
    walk_segments(folder, mark, &segment_firsts(folder)?, u64::MAX, repair, take)
}

/// Reads a log up to its mark: that part is whole, even while a writer goes on.
pub(super) fn walk_to_mark(
    folder: &dyn Storage,
    mark: Mark,
    take: TakeBatch<'_>,
) -> Result<Walked, OpenError> {
    let mut firsts = segment_firsts(folder)?;
    firsts.retain(|first| *first <= mark.segment);
    walk_segments(folder, MarkFile::There(mark), &firsts, mark.offset, false, take)
}

/// Walks along these segments, the last of them up to this byte.
fn walk_segments(
    folder: &dyn Storage,
    mark_file: MarkFile,
    firsts: &[u64],
    until: u64,
    repair: bool,
    take: TakeBatch<'_>,
) -> Result<Walked, OpenError> {
    let mark = mark_file.mark();
    let mut recovery = Recovery { closed: mark.is_some_and(|mark| mark.closed), ..Recovery::default() };
    let mut segments: Vec<Segment> = Vec::with_capacity(firsts.len());
    let mut end = ChainEnd { offset: 0, chain: 0, next: 1 };
    let mut proven = 0;
    for (number, first) in firsts.iter().enumerate() {
        let expected = *first == end.next && mark.is_none_or(|mark| mark.segment >= *first);
        let (segment, file, header) = open_segment(folder, *first, expected)?;
        let corrupt = |damage: Damage, proof: &str| OpenError::Corrupt {
            file: path(folder, &segment.name),
            offset: damage.offset,
            batch: damage.batch,
            why: format!("{}{proof}", damage.why),
        };
        if header.previous != end.chain || *first != end.next {
            let why = "it does not follow the segment before it; one between them is missing".to_string();
            return Err(corrupt(Damage::of_segment(why), ""));
        }
        let reading = || storage_failed(format!("reading {}", segment.name));
        let last = number + 1 == firsts.len();
        let length = file.length().map_err(reading())?.min(if last { until } else { u64::MAX });
        let mut window = Window::new(&*file, length);
        let begins = ChainEnd { offset: SegmentHeader::LENGTH as u64, chain: header.crc, next: *first };
        proven = begins.offset;
        let (walked_to, damage) = walk(&mut window, begins, &mut |at, header, body| {
            proven = proven.max(header.durable);
            take(FoundBatch { segment: number, body_at: at + BatchHeader::LENGTH as u64, header, body })
        })
        .map_err(reading())?;
        end = walked_to;
        let marked = mark.filter(|mark| mark.segment == *first);
        if let Some(damage) = damage {
            if damage.rewritten {
                return Err(OpenError::Rewritten { file: path(folder, &segment.name), how: damage.why });
            }
            if !last {
                return Err(corrupt(damage, "; a later segment shows that this one was whole"));
            }
            if let Some(proof) = proof_after(&mut window, damage.offset).map_err(reading())? {
                return Err(corrupt(
                    damage,
                    &format!("; the batch at byte {proof} shows that it was durable"),
                ));
            }
            if marked.is_some_and(|mark| damage.offset < mark.durable)
                || mark.is_some_and(|mark| mark.segment > *first)
            {
                return Err(corrupt(damage, "; the mark shows that it was durable"));
            }
            if damage.whole {
                return Err(corrupt(damage, "; its checksums hold, so it was written like this"));
            }
            if recovery.closed {
                return Err(corrupt(
                    damage,
                    "; the log was closed before this was written, so it was written by hand",
                ));
            }
            let tail = cut(folder, &segment, &*file, end.offset..length, repair)?;
            recovery.possibly_lost = Some(match &mark_file {
                MarkFile::There(mark) if mark.segment == *first && mark.offset > end.offset => {
                    NOT_DURABLE.to_string()
                }
                MarkFile::There(mark) if mark.doubt => DOUBT.to_string(),
                MarkFile::There(_) => {
                    "Had the power failed and its last batch been acknowledged, that batch is lost: \
                                       the disk did not keep what it had promised"
                        .to_string()
                }
                without => without_mark(without, "its last batches had been acknowledged"),
            });
            recovery.torn = Some(tail);
        }
        segments.push(segment);
    }
    beyond(folder, &mark_file, segments.last(), end)?;
    let unproven = |mark: Mark| {
        segments.last().is_some_and(|last| mark.segment == last.first) && mark.offset > end.offset
    };
    if recovery.possibly_lost.is_none() && mark.is_some_and(unproven) {
        recovery.possibly_lost = Some(NOT_DURABLE.to_string());
    }
    if mark.is_none() && !segments.is_empty() && recovery.possibly_lost.is_none() {
        let lost = "batches had been acknowledged after the last one";
        recovery.possibly_lost = Some(without_mark(&mark_file, lost));
    }
    if recovery.possibly_lost.is_none() && mark.is_some_and(|mark| mark.doubt) {
        recovery.possibly_lost = Some(DOUBT.to_string());
    }
    recovery.made = segments.is_empty() && mark_file == MarkFile::Missing;
    let marked = mark.filter(|mark| segments.last().is_some_and(|last| mark.segment == last.first));
    let proven = match marked {
        Some(mark) if mark.closed => end.offset,
        Some(mark) => proven.max(mark.durable),
        None => proven,
    };
    Ok(Walked { segments, end, proven, mark: mark_file, recovery })
}

/// The sentence about batches that may be lost, without a mark that would show it.
fn without_mark(mark: &MarkFile, lost: &str) -> String {
    let mark = match mark {
        MarkFile::Damaged(why) => format!("damaged ({why})"),
        MarkFile::Missing | MarkFile::There(_) => "missing".to_string(),
    };
    format!("The mark is {mark}, so that nothing shows whether {lost}: they may be lost")
}

const DOUBT: &str = "The log was not closed, and was written to by a handle that acknowledges before it syncs, or \
                     that had found batches missing itself: if the power failed, acknowledged batches may be lost";

const NOT_DURABLE: &str =
    "Batches are lost that had been acknowledged before they were durable, as the log's setting allows";

/// Refuses a log that ends before what its mark says was durable.
fn beyond(
    folder: &dyn Storage,
    mark: &MarkFile,
    last: Option<&Segment>,
    end: ChainEnd,
) -> Result<(), OpenError> {
    let mark = match mark {
        MarkFile::There(mark) => *mark,
        MarkFile::Damaged(why) if last.is_none() => {
            let why = format!(
                "it is damaged ({why}), and no segment is there: a log was in this folder; restore it, or remove the mark to \
                 begin a new one"
            );
            return Err(OpenError::Corrupt { file: path(folder, MARK), offset: 0, batch: None, why });
        }
        MarkFile::Damaged(_) | MarkFile::Missing => return Ok(()),
    };
    let (name, first) = last.map_or_else(|| (segment_name(1), 0), |last| (last.name.clone(), last.first));
    let missing = mark.segment > first || (mark.segment == first && mark.durable > end.offset);
    let other = mark.segment == first && mark.offset == end.offset && mark.chain != end.chain;
    let why = match (missing, other) {
        (true, _) => format!(
            "the log ends there, but the mark shows that it was durable up to byte {} of {}",
            mark.durable,
            segment_name(mark.segment)
        ),
        (false, true) => "the last batch before it is not the one that the mark was written for".to_string(),
        (false, false) => return Ok(()),
    };
    Err(OpenError::Corrupt { file: path(folder, &name), offset: end.offset, batch: None, why })
}

/// Copies the end of a segment aside, and cuts it off.
fn cut(
    folder: &dyn Storage,
    segment: &Segment,
    file: &dyn StorageFile,
    torn: Range<u64>,
    repair: bool,
) -> Result<TornTail, OpenError> {
    let offset = torn.start;
    let taken = file_names(folder)?;
    let mut copy = format!("{}.torn-{offset}", segment.name);
    // Earlier copies stay as they are.
    for number in 2.. {
        if !taken.contains(&copy) {
            break;
        }
        copy = format!("{}.torn-{offset}-{number}", segment.name);
    }
    let tail = TornTail { file: segment.name.clone(), offset, bytes: torn.end - offset, copy };
    if repair {
        let failed = || storage_failed(format!("cutting off the torn end of {}", segment.name));
        copy_aside(folder, file, torn, &tail.copy).map_err(failed())?;
        let whole = folder.open(&segment.name, true).map_err(failed())?;
        whole.truncate(offset).map_err(failed())?;
    }
    Ok(tail)
}

/// Copies a part of a segment to a file of its own, durable before anything else is done.
pub(super) fn copy_aside(
    folder: &dyn Storage,
    file: &dyn StorageFile,
    part: Range<u64>,
    name: &str,
) -> io::Result<()> {
    let unfinished = format!("{name}{UNFINISHED}");
    let copy = folder.create(&unfinished)?;
    write_part(file, part, &*copy, 0)?;
    copy.sync()?;
    folder.rename(&unfinished, name)?;
    folder.sync_folder()
}

/// Makes durable what was accepted: the names of the segments, and the part of the last one that nothing shows to be durable.
/// Returns that segment, open for writing.
///
/// That part is written again before it is synced. After a sync that failed, the system may take bytes for written that the
/// disk does not have, and a second sync alone would succeed and change nothing.
pub(super) fn make_durable(
    folder: &dyn Storage,
    last: &Segment,
    proven: u64,
    until: u64,
) -> Result<Box<dyn StorageFile>, OpenError> {
    let failed = || storage_failed(format!("making {} durable", last.name));
    let file = folder.open(&last.name, true).map_err(failed())?;
    write_part(&*file, proven..until, &*file, proven).map_err(failed())?;
    file.sync().map_err(failed())?;
    folder.sync_folder().map_err(failed())?;
    Ok(file)
}

pub(super) fn write_part(
    from: &dyn StorageFile,
    part: Range<u64>,
    to: &dyn StorageFile,
    offset: u64,
) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    let mut at = part.start;
    while at < part.end {
        let count = usize::try_from(part.end - at).unwrap_or(usize::MAX).min(buffer.len());
        let read = read_full(from, &mut buffer[..count], at)?;
        if read == 0 {
            break;
        }
        write_all(to, &buffer[..read], offset + (at - part.start))?;
        at += read as u64;
    }
    Ok(())
}
