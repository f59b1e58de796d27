//! Requests of other processes: files beside the checkpoint of a runner, which it removes when it has obeyed.
//!
//! A file that is there is a request; what is in it does not matter. A runner looks for them between two batches. It removes a
//! file after it has obeyed and before it goes on, so a request is obeyed, or stays.

use super::controls::Requests;
use crate::log::{Folder, Storage};
use crate::runtime::state_file::file_name;
use std::io;
use std::path::{Path, PathBuf};

/// The endings of the files.
pub(in crate::runtime) const STOP: &str = ".stop";
pub(in crate::runtime) const RESET: &str = ".reset";
pub(in crate::runtime) const DELETE: &str = ".delete";

/// The files by which a runner is asked from outside.
#[derive(Debug)]
pub(in crate::runtime) struct OutsideRequests {
    folder: PathBuf,
    file: String,
}

impl OutsideRequests {
    pub(in crate::runtime) fn of(folder: &Path, name: &str) -> OutsideRequests {
        OutsideRequests { folder: folder.to_path_buf(), file: file_name(name) }
    }

    /// What is requested. A folder that cannot be looked at has no requests; the next commit reports it.
    pub(in crate::runtime) fn there(&self) -> Requests {
        let there = |ending: &str| self.folder.join(format!("{}{ending}", self.file)).exists();
        Requests { stop: there(STOP), reset: there(RESET), delete: there(DELETE) }
    }

    /// Makes a request that outlasts a power cut.
    pub(in crate::runtime) fn ask(&self, ending: &str) -> io::Result<()> {
        let folder = Folder::at(&self.folder);
        folder.create(&format!("{}{ending}", self.file))?.sync()?;
        folder.sync_folder()
    }

    /// Shows that these were obeyed. What was done for them is durable first.
    pub(in crate::runtime) fn obeyed(&self, requests: Requests) -> io::Result<()> {
        if !requests.any() {
            return Ok(());
        }
        let folder = Folder::at(&self.folder);
        folder.sync_folder()?;
        for (obeyed, ending) in [(requests.stop, STOP), (requests.reset, RESET), (requests.delete, DELETE)] {
            if obeyed {
                match folder.remove(&format!("{}{ending}", self.file)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        folder.sync_folder()
    }
}
