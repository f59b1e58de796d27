//! Verifying a log beside its writer takes what is being written for what it is.

#[path = "disk/disk.rs"]
mod disk;

use disk::{Call, Disk, Fault, Trouble};
use leftfold::codec::{RawCodec, RawEvent};
use leftfold::log::{FileLog, FileLogOptions};
use leftfold::log::{Folder, LogVerdict, MarkState, Storage, StorageFile, verify, verify_in};
use leftfold::recorded::StreamName;
use leftfold::store::{Batch, EventReader, EventStore};
use std::any::Any;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SEGMENT: &str = "000000000001.jsonl";

fn append(log: &FileLog<RawEvent>) {
    let event = RawEvent::new("Opened", "null").unwrap();
    log.append(Batch::to(&StreamName::new("door-1").unwrap()).event(event)).unwrap();
}

/// A folder whose writer is halfway through a batch, and acknowledges it once the segment has been looked at.
struct Writing {
    folder: Folder,
    place: PathBuf,
    done: Vec<(&'static str, Vec<u8>)>,
    looked: AtomicBool,
}

impl Storage for Writing {
    fn place(&self) -> String {
        self.folder.place()
    }
    fn list(&self) -> io::Result<Vec<String>> {
        self.folder.list()
    }
    fn open(&self, name: &str, write: bool) -> io::Result<Box<dyn StorageFile>> {
        match name {
            SEGMENT => self.looked.store(true, Ordering::Relaxed),
            "mark" if self.looked.load(Ordering::Relaxed) => {
                for (name, bytes) in &self.done {
                    fs::write(self.place.join(name), bytes)?;
                }
            }
            _ => {}
        }
        self.folder.open(name, write)
    }
    fn create(&self, _: &str) -> io::Result<Box<dyn StorageFile>> {
        Err(io::Error::other("verifying changes nothing"))
    }
    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        Err(io::Error::other("verifying changes nothing"))
    }
    fn remove(&self, _: &str) -> io::Result<()> {
        Err(io::Error::other("verifying changes nothing"))
    }
    fn sync_folder(&self) -> io::Result<()> {
        Err(io::Error::other("verifying changes nothing"))
    }
    fn lock(&self, _: &str) -> io::Result<Option<Box<dyn Any + Send + Sync>>> {
        Err(io::Error::other("verifying takes no lock"))
    }
}

/// The files of a log whose second batch is half written, and those that it has afterwards.
fn halfway(place: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::open(folder.path(), RawCodec).unwrap();
    let read = |name: &'static str| (name, fs::read(folder.path().join(name)).unwrap());
    append(&log);
    let before = [read(SEGMENT), read("mark")];
    append(&log);
    let after = vec![read(SEGMENT), read("mark")];
    let half = before[0].1.len() + 50;
    fs::write(place.join(SEGMENT), &after[0].1[..half]).unwrap();
    fs::write(place.join("mark"), &before[1].1).unwrap();
    after
}

#[test]
fn a_batch_that_is_being_written_is_no_torn_tail() {
    let folder = tempfile::tempdir().unwrap();
    let done = halfway(folder.path());
    let place = folder.path().to_path_buf();
    let looked = AtomicBool::new(false);
    let found = verify_in(&Writing { folder: Folder::at(&place), place, done, looked }).unwrap();
    assert!(found.is_whole(), "{found:?}");
    assert_eq!((found.whole.events, found.mark), (2, MarkState::Open));
}

#[test]
fn a_batch_that_stays_half_written_is_one() {
    let folder = tempfile::tempdir().unwrap();
    halfway(folder.path());
    let found = verify(folder.path()).unwrap();
    assert!(matches!(found.verdict, LogVerdict::TornTail(_)), "{found:?}");
    assert_eq!(found.whole.events, 1);
}

#[test]
fn a_log_is_verified_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLogOptions::new().segment_size(2_000).open(folder.path(), RawCodec).unwrap();
    append(&log);
    let (log, done) = (&log, &AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while !done.load(Ordering::Relaxed) {
                append(log);
            }
        });
        let found: Vec<_> = (0..20).map(|_| verify(folder.path())).collect();
        done.store(true, Ordering::Relaxed);
        for found in found {
            let found = found.unwrap();
            assert!(found.is_whole(), "{found:?}");
        }
    });
}

#[test]
fn a_batch_that_is_written_in_many_slow_steps_is_at_no_moment_a_torn_tail() {
    let disk = Disk::new();
    let options = FileLogOptions::new().segment_size(100_000);
    let log = options.open_in(Arc::new(disk.clone()), RawCodec).unwrap();
    append(&log);
    // Each call writes a third of what is left: most of the time, a batch is there in part.
    disk.fail([Fault { call: Some(Call::Write), from: 0, times: u64::MAX, trouble: Trouble::Short }]);
    disk.slow_writes(Duration::from_millis(4));
    let (log, done) = (&log, &AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while !done.load(Ordering::Relaxed) {
                let event = |_| RawEvent::new("Opened", &format!("\"{}\"", "x".repeat(2_000))).unwrap();
                log.append(Batch::to(&StreamName::new("door-1").unwrap()).events((0..20).map(event)))
                    .unwrap();
            }
        });
        let mut events = 0;
        // Looked at many times, and until some batches came; on a machine that is busy elsewhere that takes a while.
        let begun = std::time::Instant::now();
        let mut found = Vec::new();
        while found.len() < 60 || log.head().unwrap().get() < 60 && begun.elapsed().as_secs() < 60 {
            found.push(verify_in(&disk));
        }
        found.push(verify_in(&disk));
        done.store(true, Ordering::Relaxed);
        for found in found {
            let found = found.unwrap();
            assert!(found.is_whole(), "{found:?}");
            // What was acknowledged before is never missing afterwards.
            assert!(found.whole.events >= events, "{} of {events}", found.whole.events);
            events = found.whole.events;
        }
        assert!(events > 20, "it was to be written meanwhile");
    });
}
