//! Keeping out a second writer, and checking that the open files still have their names. A lock file that somebody removes
//! keeps nobody out, and events that are written to a file that an editor has replaced are lost.

use super::file_names::{LOCK, MARK};
use super::open_error::{OpenError, storage_failed};
use super::storage::{FileIdentity, FolderStamp, LockedFolder, Storage, StorageFile, make_folder};
use std::any::Any;
use std::io;
use std::path::Path;

/// Makes the folder of a log. If a log was opened in it before, the folder is durable already.
pub(super) fn make_log_folder(path: &Path) -> io::Result<()> {
    if path.join(MARK).exists() { Ok(()) } else { make_folder(path) }
}

/// The locks of a writer.
pub(super) struct Locks {
    /// The lock of the folder, which cannot be removed without the log.
    folder: Box<dyn LockedFolder>,
    /// The lock file, for file systems that cannot lock folders and for older versions; locked as long as this lives.
    _file: Box<dyn Any + Send + Sync>,
    lock: Option<FileIdentity>,
}

impl Locks {
    /// Locks a log for one writer.
    pub(super) fn take(folder: &dyn Storage) -> Result<Locks, OpenError> {
        let place = folder.place();
        let locking = || storage_failed(format!("locking {place}"));
        let Some(locked) = folder.lock_folder().map_err(locking())? else {
            return Err(OpenError::Locked { place });
        };
        let Some(file) = folder.lock(LOCK).map_err(locking())? else {
            return Err(OpenError::Locked { place });
        };
        let lock = folder.identity(LOCK).map_err(locking())?;
        Ok(Locks { folder: locked, _file: file, lock })
    }
}

/// The locks of a writer, and the files that it has open.
pub(super) struct HeldFiles {
    /// Keep other writers out until they are dropped.
    pub(super) locks: Option<Locks>,
    lock: Option<FileIdentity>,
    mark: Option<FileIdentity>,
    segment: Option<FileIdentity>,
    /// The stamp of the folder when all names were last checked, and how often it was the same since.
    stamp: Option<FolderStamp>,
    same: u32,
}

/// How often an unchanged stamp is enough: the stamps of some file systems never change.
const MOST_SAME: u32 = 64;

impl HeldFiles {
    /// Begins to hold these locks, this mark and this last segment.
    pub(super) fn of(
        locks: Locks,
        mark: &dyn StorageFile,
        segment: &dyn StorageFile,
    ) -> io::Result<HeldFiles> {
        let (mark, segment) = (mark.identity()?, segment.identity()?);
        Ok(HeldFiles { lock: locks.lock, locks: Some(locks), mark, segment, stamp: None, same: 0 })
    }

    /// Holds this segment in place of the last one.
    pub(super) fn go_on_with(&mut self, segment: &dyn StorageFile) -> io::Result<()> {
        self.segment = segment.identity()?;
        Ok(())
    }

    /// Checks that the open files still have their names. If the stamp of the folder has not changed, the names are not
    /// looked up.
    pub(super) fn check_quickly(&mut self, folder: &dyn Storage, segment: &str) -> io::Result<()> {
        // Before the names are checked: a change in between then shows in the next stamp.
        let stamp = self.locks.as_ref().map_or(Ok(None), |locks| locks.folder.stamp())?;
        if stamp.is_some() && stamp == self.stamp && self.same < MOST_SAME {
            self.same += 1;
            return Ok(());
        }
        self.check(folder, segment)?;
        (self.stamp, self.same) = (stamp.filter(FolderStamp::is_settled), 0);
        Ok(())
    }

    /// Checks that the open files still have their names.
    pub(super) fn check(&self, folder: &dyn Storage, segment: &str) -> io::Result<()> {
        for (name, held) in [(segment, self.segment), (MARK, self.mark), (LOCK, self.lock)] {
            let Some(held) = held else { continue };
            let lost = match folder.identity(name) {
                Ok(there) if there == Some(held) => continue,
                Ok(_) => "was replaced by another file",
                Err(error) if error.kind() == io::ErrorKind::NotFound => "was removed or renamed",
                Err(error) => return Err(error),
            };
            let why = match name {
                LOCK => "another writer may be at work",
                _ => "what this handle writes is in the file that had the name before",
            };
            return Err(io::Error::other(format!("`{name}` {lost} while the log was open: {why}")));
        }
        Ok(())
    }
}
