//! However many segments a log has, a handle keeps a bounded number of them open; and a process that has no descriptor left
//! is told so, loses nothing, and goes on when there is one again.
#![cfg(unix)]

#[path = "processes/child.rs"]
mod child;
#[path = "disk/disk.rs"]
mod disk;
#[path = "disk/texts.rs"]
mod texts;

use child::{say, told};
use leftfold::log::{FileLog, Syncing};
use leftfold::log::{FileLogReader, copy, verify};
use leftfold::store::AppendError;
use std::fs::File;
use std::path::Path;
use std::process::Command;
use texts::{Known, Texts, append, options, shown};

const SEGMENTS: u64 = 1_150;
/// How many files a process may have open.
const LIMIT: u64 = 96;

fn known(number: u64) -> Vec<Known> {
    vec![Known::new(number, number % 7, "text".to_string())]
}

fn open(folder: &Path) -> FileLog<String> {
    // Every batch fills its segment.
    options().sync(Syncing::Never).segment_size(0).open(folder, Texts).unwrap()
}

#[test]
#[ignore = "what the other processes do"]
fn a_process_of_its_own() {
    let Some((task, folder)) = told() else { return };
    let folder = folder.as_path();
    match &*task {
        "many" => many(folder),
        "none" => none(folder),
        _ => panic!("{task}"),
    }
    say("done");
}

/// Runs a task in a process that may have so many files open.
fn limited(task: &str, folder: &Path) {
    let line = format!("ulimit -n {LIMIT} && exec \"$0\" --exact a_process_of_its_own --ignored --nocapture");
    let output = Command::new("sh")
        .args(["-c", &line])
        .arg(std::env::current_exe().unwrap())
        .env("LEFTFOLD_TASK", task)
        .env("LEFTFOLD_FOLDER", folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.lines().any(|line| line == "#done"), "{said}\n{err}");
}

fn open_now() -> usize {
    std::fs::read_dir("/dev/fd").map_or(0, Iterator::count)
}

fn many(folder: &Path) {
    let log = open(folder);
    let reader: FileLogReader<String> = options().open_reader(folder, Texts).unwrap();
    let all: Vec<Known> = (0..SEGMENTS).flat_map(known).collect();
    all.iter().for_each(|event| _ = append(&log, std::slice::from_ref(event)).unwrap());
    // The writer, a reader that has followed, and one that comes later.
    assert_eq!(shown(&log).unwrap(), all);
    assert_eq!(shown(&reader).unwrap(), all);
    let late: FileLogReader<String> = options().open_reader(folder, Texts).unwrap();
    assert_eq!(shown(&late).unwrap(), all);
    assert!(open_now() < LIMIT as usize, "{} files are open", open_now());
    // Ids are looked up all over the log.
    assert!(append(&log, &known(3)).unwrap().repeated);
    drop((reader, late));
    log.close().unwrap();
    let again = open(folder);
    assert!(again.recovery().closed);
    assert_eq!(shown(&again).unwrap(), all);
    append(&again, &known(SEGMENTS)).unwrap();
    drop(again);
    assert!(verify(folder).unwrap().is_whole());
    assert_eq!(copy(folder, folder.join("copy")).unwrap().segments, SEGMENTS + 1);
}

#[test]
fn a_log_of_more_segments_than_a_process_may_have_files_open_is_written_and_read() {
    let folder = tempfile::tempdir().unwrap();
    limited("many", folder.path());
}

fn none(folder: &Path) {
    let log = open(folder);
    let mut there = Vec::new();
    let mut number = 0;
    let mut append_one = |there: &mut Vec<Known>| {
        number += 1;
        append(&log, &known(number)).map(|_| there.extend(known(number)))
    };
    (0..50).for_each(|_| append_one(&mut there).unwrap());
    assert_eq!(shown(&log).unwrap(), there);
    for left in 0..4 {
        // Everything that can be opened is, except so many. What the log has open to read from, it gives back first.
        let mut hoard = Vec::new();
        let mut refused = 0;
        for _ in 0..200 {
            while let Ok(file) = File::open(folder.join("mark")) {
                hoard.push(file);
            }
            hoard.truncate(hoard.len().saturating_sub(left));
            match append_one(&mut there) {
                Ok(()) => {}
                Err(AppendError::NoDescriptor { .. }) => refused += 1,
                Err(error) => panic!("{left} left: {error}"),
            }
        }
        assert!(refused > 0 || left > 1, "{left} left: nothing was refused");
        drop(hoard);
        append_one(&mut there).unwrap();
        assert_eq!(shown(&log).unwrap(), there);
    }
    log.close().unwrap();
    assert_eq!(shown(&open(folder)).unwrap(), there);
}

#[test]
fn a_process_that_has_no_descriptor_left_is_told_so_and_goes_on_when_it_has_one_again() {
    let folder = tempfile::tempdir().unwrap();
    limited("none", folder.path());
}
