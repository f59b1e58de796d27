//! What keeps a writer the only one, and whether its files are still those that have their names. A lock that somebody
//! removes keeps nobody out, and a file that an editor has replaced takes what nobody will read.

use super::file_names::{LOCK, MARK};
use super::open_error::{OpenError, storage_failed};
use super::storage::{FileIdentity, FolderStamp, LockedFolder, Storage, StorageFile, make_folder};
use std::any::Any;
use std::io;
use std::path::Path;

/// Makes the folder of a log, unless a log in it was opened before: its mark outlived that only together with the folder.
pub(super) fn make_log_folder(path: &Path) -> io::Result<()> {
    if path.join(MARK).exists() { Ok(()) } else { make_folder(path) }
}

/// The locks of a writer.
pub(super) struct Locks {
    /// Cannot be removed without the log.
    folder: Box<dyn LockedFolder>,
    /// What older versions look at too, as long as it lives.
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

/// What a writer holds.
pub(super) struct HeldFiles {
    /// Keeps other writers out as long as it is there.
    pub(super) locks: Option<Locks>,
    lock: Option<FileIdentity>,
    mark: Option<FileIdentity>,
    segment: Option<FileIdentity>,
    /// The stamp that the folder had when all of them were last looked at, and how often it was the same since.
    stamp: Option<FolderStamp>,
    same: u32,
}

/// How often the stamp alone is looked at: a file system may keep none that changes.
const MOST_SAME: u32 = 64;

impl HeldFiles {
    /// These locks, this mark and this last segment.
    pub(super) fn of(
        locks: Locks,
        mark: &dyn StorageFile,
        segment: &dyn StorageFile,
    ) -> io::Result<HeldFiles> {
        let (mark, segment) = (mark.identity()?, segment.identity()?);
        Ok(HeldFiles { lock: locks.lock, locks: Some(locks), mark, segment, stamp: None, same: 0 })
    }

    /// Goes on with another segment.
    pub(super) fn go_on_with(&mut self, segment: &dyn StorageFile) -> io::Result<()> {
        self.segment = segment.identity()?;
        Ok(())
    }

    /// Sees that the files are still those that have their names; where the folder looks as it did, without asking for each.
    pub(super) fn check_quickly(&mut self, folder: &dyn Storage, segment: &str) -> io::Result<()> {
        // Before the names: what changes in between changes the stamp of the next time.
        let stamp = self.locks.as_ref().map_or(Ok(None), |locks| locks.folder.stamp())?;
        if stamp.is_some() && stamp == self.stamp && self.same < MOST_SAME {
            self.same += 1;
            return Ok(());
        }
        self.check(folder, segment)?;
        (self.stamp, self.same) = (stamp.filter(FolderStamp::is_settled), 0);
        Ok(())
    }

    /// Sees that the files are still those that have their names.
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
