//! Files that change under a live writer: whoever lost a file acknowledges nothing more, and nobody else writes meanwhile.

#[path = "disk/disk.rs"]
mod disk;
#[path = "disk/texts.rs"]
mod texts;

use disk::Disk;
use leftfold::log::{FileLog, OpenError, Syncing};
use leftfold::store::{AppendError, EventReader, Query};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::time::Duration;
use texts::{Known, Texts, append, open, options, shown};

const SEGMENT: &str = "000000000001.jsonl";

/// What somebody does to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Removed,
    RenamedAway,
    /// Copied, and the copy given its name: as editors save, and tools that restore.
    Replaced,
    /// Copied aside, removed, and copied back.
    PutBack,
    /// Saved by an editor that keeps the old file under another name.
    SavedWithBackup,
}

const ALL: [Done; 5] =
    [Done::Removed, Done::RenamedAway, Done::Replaced, Done::PutBack, Done::SavedWithBackup];

fn change(folder: &Path, name: &str, done: Done) {
    let (file, other) = (folder.join(name), folder.join("aside"));
    match done {
        Done::Removed => fs::remove_file(file).unwrap(),
        Done::RenamedAway => fs::rename(file, other).unwrap(),
        Done::Replaced => {
            fs::copy(&file, &other).unwrap();
            fs::rename(other, file).unwrap();
        }
        Done::PutBack => {
            fs::copy(&file, &other).unwrap();
            fs::remove_file(&file).unwrap();
            fs::copy(&other, &file).unwrap();
        }
        Done::SavedWithBackup => {
            fs::rename(&file, &other).unwrap();
            fs::copy(&other, &file).unwrap();
        }
    }
}

fn known(number: u64) -> Vec<Known> {
    vec![Known::new(number, number % 3, "text".to_string())]
}

/// The name of the last segment of a folder.
fn active(folder: &Path) -> String {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".jsonl")).max().unwrap()
}

#[test]
#[cfg(unix)]
fn a_second_writer_stays_out_whatever_is_done_to_the_lock_of_the_first() {
    for done in ALL {
        let folder = tempfile::tempdir().unwrap();
        let first: FileLog<String> = options().open(folder.path(), Texts).unwrap();
        append(&first, &known(1)).unwrap();
        change(folder.path(), "lock", done);
        let second = options().open::<String>(folder.path(), Texts).map(drop);
        assert!(matches!(second, Err(OpenError::Locked { .. })), "{done:?}: {second:?}");
        let refused = leftfold::log::repair(folder.path());
        assert!(matches!(refused, Err(OpenError::Locked { .. })), "{done:?}: {refused:?}");
        // Nobody can know what else has the lock now: the first is told, and once it is gone, the next may write.
        assert!(append(&first, &known(2)).is_err(), "{done:?}");
        drop(first);
        let again: FileLog<String> = options().open(folder.path(), Texts).unwrap();
        append(&again, &known(3)).unwrap();
        assert!(shown(&again).unwrap().starts_with(&known(1)), "{done:?}");
    }
}

#[test]
#[cfg(unix)]
fn a_writer_whose_file_was_taken_says_which_and_acknowledges_nothing_more() {
    for name in [SEGMENT, "mark", "lock"] {
        for (done, settled) in ALL.into_iter().flat_map(|done| [(done, false), (done, true)]) {
            let folder = tempfile::tempdir().unwrap();
            let log: FileLog<String> = options().open(folder.path(), Texts).unwrap();
            append(&log, &known(1)).unwrap();
            if settled {
                // The folder has been as it is for a while, and is looked at as a whole.
                std::thread::sleep(Duration::from_millis(70));
                append(&log, &known(4)).unwrap();
                append(&log, &known(5)).unwrap();
            }
            change(folder.path(), name, done);
            let told = append(&log, &known(2)).unwrap_err();
            assert!(matches!(told, AppendError::Unknown { .. }), "{name} {done:?}: {told}");
            let AppendError::Unknown { why, .. } = &told else { unreachable!() };
            let what = match done {
                Done::Removed | Done::RenamedAway => "was removed or renamed",
                Done::Replaced | Done::PutBack | Done::SavedWithBackup => "was replaced by another file",
            };
            assert!(why.starts_with(&format!("`{name}` {what}")), "{name} {done:?}: {why}");
            assert!(matches!(append(&log, &known(3)), Err(AppendError::Poisoned { .. })), "{name} {done:?}");
            assert!(log.sync().is_err() && log.close().is_err(), "{name} {done:?}");
        }
    }
}

#[test]
#[cfg(unix)]
fn a_folder_that_was_moved_away_is_noticed() {
    let above = tempfile::tempdir().unwrap();
    let (place, elsewhere) = (above.path().join("log"), above.path().join("elsewhere"));
    let log: FileLog<String> = options().open(&place, Texts).unwrap();
    append(&log, &known(1)).unwrap();
    fs::rename(&place, &elsewhere).unwrap();
    let other: FileLog<String> = options().open(&place, Texts).unwrap();
    append(&other, &known(1)).unwrap();
    assert!(append(&log, &known(2)).is_err());
    append(&other, &known(3)).unwrap();
}

#[test]
#[cfg(unix)]
fn a_loss_is_noticed_when_nothing_is_appended_any_more() {
    for name in [SEGMENT, "mark", "lock"] {
        // At the syncs in the background.
        let folder = tempfile::tempdir().unwrap();
        let often = Syncing::Every(Duration::from_millis(1));
        let log: FileLog<String> = options().sync(often).open(folder.path(), Texts).unwrap();
        append(&log, &known(1)).unwrap();
        log.sync().unwrap();
        change(folder.path(), name, Done::Replaced);
        let begun = std::time::Instant::now();
        while log.sync().is_ok() {
            assert!(begun.elapsed() < Duration::from_secs(20), "{name}: never noticed");
        }
        drop(log);
        // When it is closed.
        let folder = tempfile::tempdir().unwrap();
        let log: FileLog<String> = options().sync(Syncing::Never).open(folder.path(), Texts).unwrap();
        append(&log, &known(1)).unwrap();
        change(folder.path(), name, Done::Replaced);
        let before = fs::read(folder.path().join("mark")).unwrap();
        assert!(matches!(log.close(), Err(AppendError::Poisoned { .. })), "{name}");
        assert_eq!(
            fs::read(folder.path().join("mark")).unwrap(),
            before,
            "{name}: it says that it was closed"
        );
    }
}

/// What happens to a log that is open.
#[derive(Clone, Copy, Debug)]
enum Step {
    Append,
    Sync,
    Read,
    OpenSecond,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![4 => Just(Step::Append), 1 => Just(Step::Sync), 1 => Just(Step::Read), 1 => Just(Step::OpenSecond)];
    proptest::collection::vec(step, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 48 } else { 400 }))]

    /// Of all that was acknowledged nothing is lost, and what is acknowledged is in the files that have the names.
    #[test]
    #[cfg(unix)]
    fn whatever_is_done_to_a_file_nothing_is_acknowledged_that_is_not_in_the_log(
        before in steps(),
        after in steps(),
        done in proptest::sample::select(ALL.to_vec()),
        of in proptest::sample::select(vec!["segment", "mark", "lock"]),
        sync in proptest::sample::select(vec![Syncing::Always, Syncing::Never, Syncing::Every(Duration::from_millis(1))]),
        segment_size in proptest::sample::select(vec![300, 900, 1 << 20]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let log: FileLog<String> = options().sync(sync).segment_size(segment_size).open(folder.path(), Texts).unwrap();
        let (mut number, mut acknowledged) = (0, Vec::new());
        let mut take = |steps: &[Step], lost: bool, acknowledged: &mut Vec<Known>| -> Result<(), TestCaseError> {
            for step in steps {
                match step {
                    Step::Append => {
                        number += 1;
                        let told = append(&log, &known(number));
                        prop_assert!(told.is_ok() != lost, "{told:?}");
                        if told.is_ok() {
                            acknowledged.extend(known(number));
                        }
                    }
                    Step::Sync => prop_assert!(log.sync().is_ok() != lost),
                    // What it has read so far stays readable, or is refused.
                    Step::Read => {
                        if let Ok(read) = shown(&log) {
                            prop_assert!(read == *acknowledged);
                        }
                    }
                    Step::OpenSecond => {
                        let second = options().open::<String>(folder.path(), Texts).map(drop);
                        prop_assert!(matches!(second, Err(OpenError::Locked { .. })), "{second:?}");
                    }
                }
            }
            Ok(())
        };
        take(&before, false, &mut acknowledged)?;
        let name = if of == "segment" { active(folder.path()) } else { of.to_string() };
        change(folder.path(), &name, done);
        take(&after, true, &mut acknowledged)?;
        prop_assert!(log.close().is_err());
        // A segment that is gone is gone, and that is said; all others hold what was acknowledged.
        match options().open::<String>(folder.path(), Texts) {
            Ok(again) => prop_assert!(shown(&again).unwrap().starts_with(&acknowledged)),
            Err(error) => {
                let gone = of == "segment" && matches!(done, Done::Removed | Done::RenamedAway);
                prop_assert!(gone && matches!(error, OpenError::Corrupt { .. }), "{error}");
            }
        }
    }
}

#[test]
fn a_simulated_disk_tells_the_same() {
    for name in [SEGMENT, "mark", "lock"] {
        let disk = Disk::new();
        let log = open(options(), &disk).unwrap();
        append(&log, &known(1)).unwrap();
        let bytes = disk.file(name).unwrap().to_vec();
        disk.replace(name, bytes);
        assert!(matches!(open(options(), &disk).map(drop), Err(OpenError::Locked { .. })), "{name}");
        assert!(matches!(append(&log, &known(2)), Err(AppendError::Unknown { .. })), "{name}");
        drop(log);
        assert_eq!(shown(&open(options(), &disk).unwrap()).unwrap()[..1], known(1)[..]);
    }
}

#[test]
#[cfg(unix)]
fn a_segment_before_the_last_may_be_saved_by_an_editor_that_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let log: FileLog<String> = options().segment_size(300).open(folder.path(), Texts).unwrap();
    (0..10).for_each(|number| _ = append(&log, &known(number)).unwrap());
    change(folder.path(), SEGMENT, Done::Replaced);
    append(&log, &known(10)).unwrap();
    assert_eq!(log.head().unwrap().get(), 11);
    assert_eq!(leftfold::store::Reading::all(&log, Query::all()).unwrap().len(), 11);
    log.close().unwrap();
}
