//! A log is copied while it is written to, and the copy is one that verifies clean and holds what was acknowledged.

#[path = "disk/disk.rs"]
mod disk;
#[path = "disk/texts.rs"]
mod texts;

use disk::Random;
use leftfold::log::{FileLog, OpenError, Syncing};
use leftfold::log::{MarkState, copy, verify};
use leftfold::store::EventReader;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
use texts::{Known, Texts, append, options, shown};

fn known(number: u64) -> Vec<Known> {
    let random = &mut Random::new(number);
    let event = |part| Known::new(number * 10 + part, number % 5, "x".repeat(random.next() as usize % 3_000));
    (0..1 + number % 3).map(event).collect()
}

fn log(folder: &Path, count: u64) -> FileLog<String> {
    let log = options().segment_size(20_000).open(folder, Texts).unwrap();
    (0..count).for_each(|number| _ = append(&log, &known(number)).unwrap());
    log
}

fn program(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_leftfold")).arg("log").args(words).output().unwrap()
}

fn segments(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".jsonl")).count()
}

/// Says that somebody is done, also when something else panics.
struct Done<'d>(&'d AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_copy_that_is_made_while_somebody_writes_is_whole_and_holds_what_was_acknowledged() {
    for sync in [Syncing::Always, Syncing::Never] {
        let (folder, copies) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let log: FileLog<String> =
            options().sync(sync).segment_size(60_000).open(folder.path(), Texts).unwrap();
        let (acknowledged, done) = (AtomicU64::new(0), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                for number in 0.. {
                    if done.load(Ordering::SeqCst) {
                        return;
                    }
                    let last = append(&log, &known(number)).unwrap().last;
                    acknowledged.store(last.get(), Ordering::SeqCst);
                }
            });
            let _done = Done(&done);
            for number in 0..if cfg!(debug_assertions) { 12 } else { 60 } {
                let to = copies.path().join(number.to_string());
                let before = acknowledged.load(Ordering::SeqCst);
                let copied = if number % 4 == 0 {
                    let called = program(&["copy", folder.path().to_str().unwrap(), to.to_str().unwrap()]);
                    assert!(called.status.success(), "{called:?}");
                    verify(&to).unwrap().whole
                } else {
                    copy(folder.path(), &to).unwrap()
                };
                assert!(copied.last.get() >= before, "{} of {before}", copied.last);
                let found = verify(&to).unwrap();
                assert!(found.is_whole() && found.whole == copied, "{found:?}");
                let reopened: FileLog<String> = options().open(&to, Texts).unwrap();
                let all: Vec<Known> = (0..).flat_map(known).take(copied.events as usize).collect();
                assert!(shown(&reopened).unwrap() == all);
                // The copy is a log of its own.
                append(&reopened, &[Known::new(u64::MAX, 1, "more".to_string())]).unwrap();
                thread::sleep(Duration::from_millis(5));
            }
        });
        assert!(segments(folder.path()) > 3, "it was to roll meanwhile");
        log.close().unwrap();
        assert!(verify(folder.path()).unwrap().is_whole());
    }
}

#[test]
fn a_copy_of_a_log_that_was_closed_is_closed_and_one_of_a_log_that_is_open_opens_without_a_doubt() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = log(folder.path(), 30);
    copy(folder.path(), to.path().join("open")).unwrap();
    log.close().unwrap();
    copy(folder.path(), to.path().join("closed")).unwrap();
    for name in ["open", "closed"] {
        let found = verify(to.path().join(name)).unwrap();
        assert!(
            found.is_whole() && found.mark == MarkState::Closed && found.possibly_lost.is_none(),
            "{found:?}"
        );
        assert_eq!(segments(&to.path().join(name)), segments(folder.path()));
    }
}

#[test]
fn a_log_without_its_mark_is_copied_as_far_as_it_is_whole_and_has_none_either() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    log(folder.path(), 30).close().unwrap();
    fs::remove_file(folder.path().join("mark")).unwrap();
    let copied = copy(folder.path(), to.path().join("copy")).unwrap();
    let found = verify(to.path().join("copy")).unwrap();
    assert!(found.is_whole() && found.mark == MarkState::Missing && found.whole == copied, "{found:?}");
}

#[test]
fn nothing_is_copied_over_a_log_and_a_log_that_is_damaged_leaves_no_copy() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    log(folder.path(), 30).close().unwrap();
    let there = to.path().join("there");
    let other = log(&there, 2);
    for _ in 0..2 {
        let refused = copy(folder.path(), &there);
        assert!(matches!(refused, Err(OpenError::Locked { .. } | OpenError::Exists { .. })), "{refused:?}");
        assert_eq!(shown(&other).unwrap().len(), other.head().unwrap().get() as usize);
    }
    drop(other);
    assert!(matches!(copy(folder.path(), &there), Err(OpenError::Exists { .. })));
    assert!(matches!(
        copy(folder.path(), folder.path()),
        Err(OpenError::Locked { .. } | OpenError::Exists { .. })
    ));
    assert!(verify(&there).unwrap().is_whole() && verify(folder.path()).unwrap().is_whole());

    let segment = folder.path().join("000000000001.jsonl");
    let mut bytes = fs::read(&segment).unwrap();
    bytes[400] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let to = to.path().join("copy");
    let refused = copy(folder.path(), &to).unwrap_err();
    assert!(
        matches!(&refused, OpenError::Corrupt { file, .. } if file.starts_with(folder.path().to_str().unwrap())),
        "{refused}"
    );
    assert!(matches!(verify(&to), Err(OpenError::Missing { .. })), "a copy of a damaged log was left");
    let called = program(&["copy", folder.path().to_str().unwrap(), to.to_str().unwrap()]);
    assert_eq!(called.status.code(), Some(1));
    assert!(String::from_utf8(called.stderr).unwrap().contains("is damaged at byte"), "{:?}", called.stdout);
}

#[test]
fn copied_file_by_file_the_mark_first_opens_and_the_mark_last_may_be_refused() {
    // What the documentation says of copying by hand.
    let folder = tempfile::tempdir().unwrap();
    let log = log(folder.path(), 30);
    let by_hand = |to: &Path, names: &[String]| {
        for name in names {
            fs::copy(folder.path().join(name), to.join(name)).unwrap();
        }
    };
    let names = || {
        let names = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".jsonl")).collect();
        names.sort_unstable();
        names
    };
    let mark = ["mark".to_string()];
    let (first, last) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let all = names();
    by_hand(first.path(), &mark);
    by_hand(last.path(), &all);
    append(&log, &known(31)).unwrap();
    by_hand(first.path(), &names());
    by_hand(last.path(), &mark);
    let opened: FileLog<String> = options().open(first.path(), Texts).unwrap();
    assert!(shown(&opened).unwrap().len() as u64 >= log.head().unwrap().get() - known(31).len() as u64);
    assert!(matches!(options().open::<String>(last.path(), Texts).map(drop), Err(OpenError::Corrupt { .. })));
}
