//! A repair leaves a log that opens and loses not a byte, also when it is broken off at any step and made again.

use leftfold::codec::{RawCodec, RawEvent};
use leftfold::log::{FileLog, FileLogOptions, OpenError, Syncing};
use leftfold::log::{Folder, Storage, StorageFile, repair, repair_in, would_repair};
use leftfold::recorded::{Position, StreamName};
use leftfold::store::{Batch, EventReader, EventStore};
use std::any::Any;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder that does so many steps, and fails from then on.
struct Failing {
    folder: Folder,
    left: Arc<AtomicUsize>,
}

fn step(left: &AtomicUsize) -> io::Result<()> {
    let took = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
    took.map(|_| ()).map_err(|_| io::Error::other("the power failed"))
}

impl Failing {
    fn file(&self, file: Box<dyn StorageFile>) -> Box<dyn StorageFile> {
        Box::new(FailingFile { file, left: self.left.clone() })
    }
}

impl Storage for Failing {
    fn place(&self) -> String {
        self.folder.place()
    }
    fn list(&self) -> io::Result<Vec<String>> {
        self.folder.list()
    }
    fn open(&self, name: &str, write: bool) -> io::Result<Box<dyn StorageFile>> {
        Ok(self.file(self.folder.open(name, write)?))
    }
    fn create(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        step(&self.left)?;
        Ok(self.file(self.folder.create(name)?))
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        step(&self.left)?;
        self.folder.rename(from, to)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        step(&self.left)?;
        self.folder.remove(name)
    }
    fn sync_folder(&self) -> io::Result<()> {
        step(&self.left)?;
        self.folder.sync_folder()
    }
    fn lock(&self, name: &str) -> io::Result<Option<Box<dyn Any + Send + Sync>>> {
        self.folder.lock(name)
    }
}

struct FailingFile {
    file: Box<dyn StorageFile>,
    left: Arc<AtomicUsize>,
}

impl StorageFile for FailingFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        step(&self.left)?;
        self.file.write_at(bytes, offset)
    }
    fn sync(&self) -> io::Result<()> {
        step(&self.left)?;
        self.file.sync()
    }
    fn truncate(&self, length: u64) -> io::Result<()> {
        step(&self.left)?;
        self.file.truncate(length)
    }
    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }
}

const NAMES: [&str; 3] = ["000000000001.jsonl", "000000000005.jsonl", "000000000009.jsonl"];

/// A log of twelve events in three segments of four.
fn counted(folder: &Path) {
    let log = FileLogOptions::new().sync(Syncing::Never).segment_size(1_100).open(folder, RawCodec).unwrap();
    for number in 1..=12 {
        let event = RawEvent::new("Counted", &format!("{{\"number\":\"{number:02}\"}}")).unwrap();
        log.append(Batch::to(&StreamName::new("count").unwrap()).event(event)).unwrap();
    }
    log.close().unwrap();
    assert!(NAMES.iter().all(|name| folder.join(name).exists()), "{:?}", Folder::at(folder).list());
}

fn edit(folder: &Path, name: &str, from: &str, to: &str) {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(folder.join(name), text.replacen(from, to, 1)).unwrap();
}

/// A way to damage a log, and the position up to which it is whole.
type Damage = (&'static str, u64, fn(&Path));

const DAMAGES: [Damage; 8] = [
    ("an edited line, and no mark", 2, |folder| {
        edit(folder, NAMES[0], "\"03\"", "\"30\"");
        fs::remove_file(folder.join("mark")).unwrap();
    }),
    ("an edited line", 6, |folder| edit(folder, NAMES[1], "\"07\"", "\"70\"")),
    ("an edited line in the first batch of a segment", 8, |folder| {
        edit(folder, NAMES[2], "\"09\"", "\"90\"");
    }),
    ("a segment that is missing", 4, |folder| fs::remove_file(folder.join(NAMES[1])).unwrap()),
    ("the first line of a segment", 4, |folder| edit(folder, NAMES[1], "\"log\"", "\"lag\"")),
    ("the first line of all", 0, |folder| edit(folder, NAMES[0], "\"log\"", "\"lag\"")),
    ("an end that is gone", 11, |folder| {
        let text = fs::read_to_string(folder.join(NAMES[2])).unwrap();
        let end = text.rfind("{\"batch\"").unwrap();
        fs::write(folder.join(NAMES[2]), &text[..end]).unwrap();
    }),
    ("a line written by hand", 12, |folder| {
        let text = fs::read_to_string(folder.join(NAMES[2])).unwrap();
        fs::write(folder.join(NAMES[2]), format!("{text}{{\"by\":\"hand\"}}\n")).unwrap();
    }),
];

/// Every line of every file of the log that is still there after the damage.
fn lines(folder: &Path) -> Vec<String> {
    let all = Folder::at(folder).list().unwrap().into_iter().filter(|name| name != "lock");
    let text: String = all.map(|name| fs::read_to_string(folder.join(name)).unwrap()).collect();
    text.lines().map(str::to_string).collect()
}

#[test]
fn a_repaired_log_opens_with_all_that_stood_before_the_damage() {
    for (what, last, damage) in DAMAGES {
        let folder = tempfile::tempdir().unwrap();
        counted(folder.path());
        damage(folder.path());
        let before = lines(folder.path());
        assert!(matches!(FileLog::open(folder.path(), RawCodec), Err(OpenError::Corrupt { .. })), "{what}");
        let planned = would_repair(folder.path()).unwrap().expect(what);
        assert_eq!(lines(folder.path()), before, "{what}: nothing is changed by looking");
        let done = repair(folder.path()).unwrap().expect(what);
        assert_eq!(planned.taken_out, done.taken_out, "{what}");
        assert_eq!(done.last, Position::new(last), "{what}");
        let after = lines(folder.path());
        assert!(before.iter().all(|line| after.contains(line)), "{what}: not a line is lost");
        let log = FileLog::open(folder.path(), RawCodec).unwrap();
        assert_eq!(log.head().unwrap(), Position::new(last), "{what}");
        assert_eq!(log.recovery().closed, last > 0, "{what}: nothing is left to be looked for");
        assert!(log.recovery().torn.is_none() && log.recovery().possibly_lost.is_none(), "{what}");
        let more =
            Batch::to(&StreamName::new("count").unwrap()).event(RawEvent::new("Counted", "1").unwrap());
        assert_eq!(log.append(more).unwrap().first, Position::new(last + 1), "{what}");
    }
}

#[test]
fn a_repair_that_is_broken_off_can_be_made_again() {
    for (what, last, damage) in DAMAGES {
        for steps in 0.. {
            let folder = tempfile::tempdir().unwrap();
            counted(folder.path());
            damage(folder.path());
            let before = lines(folder.path());
            let left = Arc::new(AtomicUsize::new(steps));
            let failing = Failing { folder: Folder::at(folder.path()), left: left.clone() };
            let first = repair_in(&failing);
            let after = lines(folder.path());
            assert!(before.iter().all(|line| after.contains(line)), "{what}, {steps} steps: a line is lost");
            match FileLog::open(folder.path(), RawCodec) {
                Ok(log) => assert_eq!(log.head().unwrap(), Position::new(last), "{what}, {steps} steps"),
                Err(OpenError::Corrupt { .. }) => {
                    assert!(first.is_err(), "{what}, {steps} steps");
                    repair(folder.path()).unwrap().expect(what);
                }
                Err(error) => panic!("{what}, {steps} steps: {error}"),
            }
            let log = FileLog::open(folder.path(), RawCodec).unwrap();
            assert_eq!(log.head().unwrap(), Position::new(last), "{what}, {steps} steps");
            drop(log);
            let after = lines(folder.path());
            assert!(before.iter().all(|line| after.contains(line)), "{what}, {steps} steps: a line is lost");
            if left.load(Ordering::Relaxed) > 0 {
                assert!(steps > 3 && first.is_ok(), "{what}: {steps} steps were enough");
                break;
            }
        }
    }
}

#[test]
fn a_log_that_opens_is_not_repaired() {
    let folder = tempfile::tempdir().unwrap();
    counted(folder.path());
    let before = lines(folder.path());
    assert!(repair(folder.path()).unwrap().is_none());
    assert_eq!(lines(folder.path()), before);
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(repair(empty.path()), Err(OpenError::Missing { .. })));
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0, "not even a lock is made");
}
