//! Copying a log, even while somebody writes to it.

use super::file_names::{MARK, segment_first, segment_name};
use super::header::Mark;
use super::open_error::{OpenError, storage_failed};
use super::other_tools::{MarkFile, read_mark_beside_a_writer};
use super::recovery::{walk_log, write_part};
use super::segment::{file_names, path, segment_firsts};
use super::sole_writer::{Locks, make_log_folder};
use super::storage::{Folder, Storage, write_whole};
use super::verify::{Contents, LogVerdict, verify_in};
use std::path::Path;

/// Copies a log into a folder that has none, even while somebody writes to it: up to the mark at the time when copying begins.
///
/// The mark is read first, and each segment is copied up to it. (Files that other tools copy one by one, the mark last, may
/// not fit: the mark then goes beyond the segments, and opening refuses the copy.) Before this function returns, the copy is
/// durable and has been read as a whole. Other files of the folder are not copied; the `index` is made again when it is
/// needed.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::codec::{RawCodec, RawEvent};
/// use leftfold::log::{copy, verify};
/// use leftfold::store::{Batch, EventStore};
/// use leftfold::log::FileLog;
///
/// let (folder, backup) = (tempfile::tempdir()?, tempfile::tempdir()?);
/// let log = FileLog::open(folder.path(), RawCodec)?;
/// log.append(Batch::to(&StreamName::of("door", 1)?).event(RawEvent::new("Opened", "null")?))?;
///
/// let copied = copy(folder.path(), backup.path().join("doors"))?;
/// assert_eq!(copied.events, 1);
/// assert!(verify(backup.path().join("doors"))?.is_whole());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`OpenError`] if there is no log to copy, if the target folder has one, if the log is damaged, or if the storage fails. An
/// unfinished copy is removed.
pub fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<Contents, OpenError> {
    let (from, to) = (Folder::at(from.as_ref()), to.as_ref());
    // First, so that no folder is made for a log that cannot be copied.
    let plan = CopyPlan::make(&from)?;
    make_log_folder(to).map_err(storage_failed(format!("making the folder {}", to.display())))?;
    plan.carry_out(&from, &Folder::at(to))
}

/// What is copied.
struct CopyPlan {
    mark: Option<Mark>,
    /// The first positions of the segments, and how much of each is copied.
    segments: Vec<(u64, u64)>,
}

impl CopyPlan {
    fn make(from: &dyn Storage) -> Result<CopyPlan, OpenError> {
        // Before the folder is listed, so that every segment up to the mark is in the list.
        let mark = read_mark_beside_a_writer(from)?;
        let firsts = segment_firsts(from)?;
        match mark {
            MarkFile::There(mark) => {
                let until = |first: u64| if first == mark.segment { mark.offset } else { u64::MAX };
                let known = firsts.into_iter().filter(|first| *first <= mark.segment);
                // The copy is durable, and nobody writes to it.
                let of_copy = Mark { durable: mark.offset, closed: !mark.doubt, ..mark };
                let segments = known.map(|first| (first, until(first))).collect();
                Ok(CopyPlan { mark: Some(of_copy), segments })
            }
            MarkFile::Damaged(why) => {
                let why = format!("{why}; without it, nothing says how far the log may be copied");
                Err(OpenError::Corrupt { file: path(from, MARK), offset: 0, batch: None, why })
            }
            MarkFile::Missing if firsts.is_empty() => Err(OpenError::Missing { place: from.place() }),
            MarkFile::Missing => {
                let walked = walk_log(from, false, &mut |_| Ok(()))?;
                let last = firsts.last().copied();
                let until = |first: u64| if Some(first) == last { walked.end.offset } else { u64::MAX };
                Ok(CopyPlan {
                    mark: None,
                    segments: firsts.iter().map(|first| (*first, until(*first))).collect(),
                })
            }
        }
    }

    fn carry_out(&self, from: &dyn Storage, to: &dyn Storage) -> Result<Contents, OpenError> {
        let _locks = Locks::take(to)?;
        if file_names(to)?.iter().any(|name| name == MARK || segment_first(name).is_some()) {
            return Err(OpenError::Exists { place: to.place() });
        }
        let copied = self.write(from, to).and_then(|()| match verify_in(to)? {
            found if matches!(found.verdict, LogVerdict::Whole | LogVerdict::Unreadable) => Ok(found.whole),
            found => Err(self.refused(from, to, found.verdict)),
        });
        if copied.is_err() {
            for name in self.segments.iter().map(|(first, _)| segment_name(*first)).chain([MARK.to_string()])
            {
                // Files that were not made yet cannot be removed.
                let _ = to.remove(&name);
            }
        }
        copied
    }

    fn write(&self, from: &dyn Storage, to: &dyn Storage) -> Result<(), OpenError> {
        let copying = |name: &str| storage_failed(format!("copying {}", path(from, name)));
        // The mark first: an interrupted copy ends before its mark, and is refused.
        if let Some(mark) = &self.mark {
            let line =
                mark.line().ok_or_else(|| OpenError::Setting { what: "so many events".to_string() })?;
            write_whole(to, MARK, &line).map_err(copying(MARK))?;
        }
        for (first, until) in &self.segments {
            let name = &segment_name(*first);
            let file = from.open(name, false).map_err(copying(name))?;
            let until = file.length().map_err(copying(name))?.min(*until);
            let copy = to.create(name).map_err(copying(name))?;
            write_part(&*file, 0..until, &*copy, 0).map_err(copying(name))?;
            copy.sync().map_err(copying(name))?;
        }
        to.sync_folder().map_err(storage_failed(format!("copying {}", from.place())))
    }

    /// Why a copy is not whole: usually because the log is not.
    fn refused(&self, from: &dyn Storage, to: &dyn Storage, verdict: LogVerdict) -> OpenError {
        match (walk_log(from, false, &mut |_| Ok(())), verdict) {
            (Err(error), _) | (Ok(_), LogVerdict::Refused(error)) => error,
            (Ok(_), _) => {
                let why = "the copy is not whole: the log was changed while it was copied".to_string();
                OpenError::Corrupt { file: to.place(), offset: 0, batch: None, why }
            }
        }
    }
}
