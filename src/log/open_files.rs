//! The segments that a handle has open to read from: a bounded number of descriptors, however many segments there are.

use super::mutex::lock;
use super::segment::Segment;
use super::storage::{Storage, StorageFile, out_of_descriptors};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};

/// How many segments of a handle are open at once. What is read next is mostly in the segment that was read last.
const MOST: usize = 16;

pub(super) struct OpenFiles {
    folder: Arc<dyn Storage>,
    /// By their first positions, the one that was used last first.
    open: Mutex<VecDeque<(u64, Arc<dyn StorageFile>)>>,
}

impl OpenFiles {
    pub(super) fn new(folder: Arc<dyn Storage>) -> Self {
        OpenFiles { folder, open: Mutex::default() }
    }

    pub(super) fn folder(&self) -> &dyn Storage {
        &*self.folder
    }

    /// The file of a segment, to be read.
    pub(super) fn get(&self, segment: &Segment) -> io::Result<Arc<dyn StorageFile>> {
        if let Some(file) = self.find(segment.first) {
            return Ok(file);
        }
        let open = || self.folder.open(&segment.name, false);
        let file: Arc<dyn StorageFile> = match open() {
            Err(error) if out_of_descriptors(&error) => {
                self.give_back();
                open()?
            }
            opened => opened?,
        }
        .into();
        let mut open = lock(&self.open);
        open.push_front((segment.first, file.clone()));
        open.truncate(MOST);
        Ok(file)
    }

    /// Closes all of them: where no descriptor is left, these are the ones that can be spared.
    pub(super) fn give_back(&self) {
        lock(&self.open).clear();
    }

    fn find(&self, first: u64) -> Option<Arc<dyn StorageFile>> {
        let mut open = lock(&self.open);
        let at = open.iter().position(|(known, _)| *known == first)?;
        if at > 0
            && let Some(found) = open.remove(at)
        {
            open.push_front(found);
        }
        open.front().map(|(_, file)| file.clone())
    }
}
