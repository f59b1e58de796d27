//! What other tools do to the folder of a log is told apart from damage: changed line ends, byte order marks, files that are
//! not the log's, and what is no file at all. And a mark that is damaged is told apart from one that is missing.

use leftfold::codec::{RawCodec, RawEvent};
use leftfold::log::{FileLog, FileLogOptions, FileLogReader, OpenError};
use leftfold::log::{LogVerdict, MarkState, repair, verify, would_repair};
use leftfold::recorded::StreamName;
use leftfold::store::{Batch, EventReader, EventStore};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const FIRST: &str = "000000000001.jsonl";

/// A log of several segments and batches of several events, closed or left open.
fn log(closed: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLogOptions::new().segment_size(1_500).open(folder.path(), RawCodec).unwrap();
    for number in 0..12 {
        let event = || RawEvent::new("Said", &format!(r#"{{"text":"line\r\nend {number}"}}"#)).unwrap();
        log.append(Batch::to(&StreamName::of("talk", number % 3).unwrap()).events([event(), event()]))
            .unwrap();
    }
    if closed {
        log.close().unwrap();
    } else {
        // As a process that was killed leaves it.
        let files: Vec<_> = names(folder.path());
        let copy = tempfile::tempdir().unwrap();
        for name in files {
            fs::copy(folder.path().join(&name), copy.path().join(&name)).unwrap();
        }
        return copy;
    }
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names
}

fn segments(folder: &Path) -> Vec<String> {
    names(folder).into_iter().filter(|name| name.ends_with(".jsonl")).collect()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    names(folder).into_iter().map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

fn open(folder: &Path) -> Result<FileLog<RawEvent>, OpenError> {
    FileLog::open(folder, RawCodec)
}

fn read(folder: &Path) -> Result<FileLogReader<RawEvent>, OpenError> {
    FileLogReader::open(folder, RawCodec)
}

fn crlf(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8(bytes.to_vec()).unwrap().replace('\n', "\r\n").into_bytes()
}

/// What a tool does to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Crlf,
    Bom,
    Both,
}

impl Tool {
    fn rewrite(self, bytes: &[u8]) -> Vec<u8> {
        let bom = &b"\xef\xbb\xbf"[..];
        match self {
            Tool::Crlf => crlf(bytes),
            Tool::Bom => [bom, bytes].concat(),
            Tool::Both => [bom, &crlf(bytes)].concat(),
        }
    }

    fn said(self) -> &'static [&'static str] {
        match self {
            Tool::Crlf => &["CRLF"],
            Tool::Bom => &["byte order mark (BOM)"],
            Tool::Both => &["CRLF", "byte order mark (BOM)"],
        }
    }
}

#[test]
fn a_text_that_a_tool_has_rewritten_is_recognised_wherever_it_is_and_the_remedy_is_said() {
    for tool in [Tool::Crlf, Tool::Bom, Tool::Both] {
        for closed in [true, false] {
            let count = segments(log(closed).path()).len();
            // One segment, or all files, as git does.
            for which in 0..=count {
                let folder = log(closed);
                let path = folder.path();
                let chosen: Vec<String> = match segments(path).get(which) {
                    Some(one) => vec![one.clone()],
                    None => segments(path).into_iter().chain(["mark".to_string()]).collect(),
                };
                for name in &chosen {
                    let bytes = fs::read(path.join(name)).unwrap();
                    fs::write(path.join(name), tool.rewrite(&bytes)).unwrap();
                }
                let before = files(path);
                let told = format!("{tool:?} of {chosen:?}");
                for error in [open(path).map(drop).unwrap_err(), repair(path).map(drop).unwrap_err()] {
                    let sentence = error.to_string();
                    assert!(matches!(error, OpenError::Rewritten { .. }), "{told}: {sentence}");
                    for part in tool.said().iter().chain(&[&*chosen[0], "`* -text`", "`.gitattributes`"]) {
                        assert!(sentence.contains(part), "{told}: {sentence}");
                    }
                }
                let found = verify(path).unwrap();
                assert!(
                    matches!(found.verdict, LogVerdict::Refused(OpenError::Rewritten { .. })),
                    "{told}: {found:?}"
                );
                assert!(would_repair(path).is_err());
                assert_eq!(
                    files(path).into_iter().filter(|(name, _)| name != "lock").collect::<BTreeMap<_, _>>(),
                    before.into_iter().filter(|(name, _)| name != "lock").collect(),
                    "{told}: something was changed"
                );
                if which < count {
                    continue;
                }
                // Undone, it is the log that it was.
                for name in &chosen {
                    let text = String::from_utf8(fs::read(path.join(name)).unwrap()).unwrap();
                    fs::write(path.join(name), text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
                        .unwrap();
                }
                assert!(verify(path).unwrap().is_whole());
                assert_eq!(open(path).unwrap().head().unwrap().get(), 24);
            }
        }
    }
}

#[test]
fn lines_that_were_rewritten_in_the_midst_of_a_segment_are_recognised_too() {
    // From any line on, as an editor does that joins two halves.
    let lines = fs::read_to_string(log(false).path().join(FIRST)).unwrap().lines().count();
    for from in 1..lines {
        let folder = log(false);
        let path = folder.path().join(FIRST);
        let text = fs::read_to_string(&path).unwrap();
        let ends = |place: usize| if place >= from { "\r\n" } else { "\n" };
        let changed: String =
            text.lines().enumerate().map(|(place, line)| format!("{line}{}", ends(place))).collect();
        fs::write(&path, changed).unwrap();
        let error = open(folder.path()).map(drop).unwrap_err();
        assert!(matches!(error, OpenError::Rewritten { .. }), "line {from}: {error}");
        assert!(error.to_string().contains("CRLF"), "line {from}: {error}");
    }
}

#[test]
fn a_mark_that_is_damaged_is_told_apart_from_one_that_is_missing() {
    let whole = |folder: &Path| fs::read(folder.join("mark")).unwrap();
    type Damage = fn(Vec<u8>) -> Vec<u8>;
    let damages: [(&str, Damage); 6] = [
        ("it is not as it was written", |mut mark| {
            mark[20] ^= 1;
            mark
        }),
        ("it is not as it was written", |mark| mark[..60].to_vec()),
        ("it is not as it was written", |_| Vec::new()),
        ("its line ends were changed to CRLF", |mark| crlf(&mark)),
        ("a byte order mark (BOM) was put before its first line", |mark| Tool::Bom.rewrite(&mark)),
        ("it is not a mark, and not a file of this log", |_| b"remember the milk\n".to_vec()),
    ];
    for closed in [true, false] {
        for (why, damage) in damages {
            let folder = log(closed);
            let path = folder.path();
            fs::write(path.join("mark"), damage(whole(path))).unwrap();
            let found = verify(path).unwrap();
            assert_eq!(found.mark, MarkState::Damaged);
            assert!(
                !found.is_whole() && matches!(found.verdict, LogVerdict::WrongBeside),
                "{why}: {found:?}"
            );
            assert!(
                found.damaged[0].file == "mark" && found.damaged[0].why.contains(why),
                "{why}: {found:?}"
            );
            assert_eq!(found.whole.events, 24);
            let lost = format!("The mark is damaged ({why}");
            for said in [
                found.possibly_lost,
                read(path).unwrap().recovery().possibly_lost.clone(),
                open(path).unwrap().recovery().possibly_lost.clone(),
            ] {
                assert!(said.as_ref().is_some_and(|said| said.starts_with(&lost)), "{why}: {said:?}");
            }
            // Opening it has written the mark again.
            assert!(verify(path).unwrap().is_whole());
        }
        let folder = log(closed);
        fs::remove_file(folder.path().join("mark")).unwrap();
        let found = verify(folder.path()).unwrap();
        assert_eq!(found.mark, MarkState::Missing);
        assert!(found.is_whole() && found.possibly_lost.unwrap().starts_with("The mark is missing"));
    }
}

/// A log was here, of which a damaged mark is left: no new one is begun in its place.
#[test]
fn a_damaged_mark_without_a_segment_begins_no_new_log() {
    let folder = log(true);
    for segment in segments(folder.path()) {
        fs::remove_file(folder.path().join(segment)).unwrap();
    }
    let mark = fs::read(folder.path().join("mark")).unwrap();
    for damaged in [&mark[..60], b"remember the milk\n", &mark] {
        fs::write(folder.path().join("mark"), damaged).unwrap();
        let refused = open(folder.path()).expect_err("it is refused");
        assert!(matches!(refused, OpenError::Corrupt { .. }), "{refused}");
        assert_eq!(fs::read(folder.path().join("mark")).unwrap(), damaged, "it is left as it was");
        assert!(verify(folder.path()).map_or(true, |found| !found.is_whole()));
    }
    let said = {
        fs::write(folder.path().join("mark"), &mark[..60]).unwrap();
        open(folder.path()).expect_err("it is refused").to_string()
    };
    assert!(said.contains("no segment is there: a log was in this folder"), "{said}");
}

#[test]
fn a_log_that_is_not_there_is_missing_to_all_who_read_it() {
    let folder = tempfile::tempdir().unwrap();
    for place in [folder.path().to_path_buf(), folder.path().join("nowhere"), folder.path().join("no/where")]
    {
        let missing = |outcome: Result<(), OpenError>| matches!(outcome, Err(OpenError::Missing { .. }));
        assert!(missing(read(&place).map(drop)), "{}", place.display());
        assert!(missing(verify(&place).map(drop)), "{}", place.display());
        assert!(missing(repair(&place).map(drop)), "{}", place.display());
        assert!(missing(would_repair(&place).map(drop)), "{}", place.display());
        assert!(missing(leftfold::log::copy(&place, folder.path().join("copy")).map(drop)));
        assert!(!folder.path().join("nowhere").exists() && !folder.path().join("copy").exists());
    }
}

#[test]
fn a_foreign_file_with_the_name_of_a_segment_is_called_foreign_and_left_alone() {
    let contents: [&[u8]; 4] = [
        b"remember the milk\n",
        b"{\"name\":\"petra\"}\n{\"name\":\"alex\"}\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"x",
    ];
    for closed in [true, false] {
        for (content, name) in contents.iter().flat_map(|content| {
            ["000000000099.jsonl", "000000000025.jsonl", "000000000000.jsonl"].map(|name| (content, name))
        }) {
            let folder = log(closed);
            let path = folder.path();
            fs::write(path.join(name), content).unwrap();
            for error in [open(path).map(drop).unwrap_err(), repair(path).map(drop).unwrap_err()] {
                assert!(matches!(error, OpenError::Foreign { .. }), "{name}: {error}");
                assert!(!error.to_string().contains("damage") && error.to_string().contains(name), "{error}");
            }
            assert!(matches!(verify(path).unwrap().verdict, LogVerdict::Refused(OpenError::Foreign { .. })));
            assert_eq!(fs::read(path.join(name)).unwrap(), *content);
            fs::remove_file(path.join(name)).unwrap();
            assert_eq!(open(path).unwrap().head().unwrap().get(), 24);
        }
        // Any other name is nobody's business.
        let folder = log(closed);
        for name in
            ["notes.txt", ".gitattributes", ".000000000001.jsonl.swp", "000000000001.jsonl~", "1.jsonl"]
        {
            fs::write(folder.path().join(name), "remember the milk\n").unwrap();
        }
        assert!(verify(folder.path()).unwrap().is_whole());
        assert_eq!(open(folder.path()).unwrap().head().unwrap().get(), 24);
    }
}

/// Does something that might never end, and says so if it does not.
fn in_time<T: Send + 'static>(what: String, does: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, waits) = mpsc::channel();
    thread::spawn(move || _ = done.send(does()));
    waits.recv_timeout(Duration::from_secs(30)).unwrap_or_else(|_| panic!("{what} hangs"))
}

#[test]
#[cfg(unix)]
fn what_is_no_file_hangs_nobody_and_is_named() {
    fn pipe(path: &Path) {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }
    type Make = fn(&Path);
    let makes: [(&str, Make); 3] = [
        ("a named pipe", pipe),
        ("a folder", |path| fs::create_dir(path).unwrap()),
        ("a device", |path| std::os::unix::fs::symlink("/dev/zero", path).unwrap()),
    ];
    for (kind, make) in makes {
        for name in ["mark", "lock", FIRST, "index"] {
            let folder = log(true);
            let path = folder.path().to_path_buf();
            let _ = fs::remove_file(path.join(name));
            make(&path.join(name));
            let said = |outcome: Result<(), OpenError>, what: &str| {
                let sentence = outcome.map_err(|error| leftfold::page::with_sources(&error)).expect_err(what);
                assert!(sentence.contains(&format!("`{name}` is {kind}")), "{what} of {name}: {sentence}");
            };
            let place = path.clone();
            let opened = in_time(format!("opening with {kind} as {name}"), move || open(&place).map(drop));
            let place = path.clone();
            let verified = in_time(format!("verifying with {kind} as {name}"), move || verify(&place));
            let place = path.clone();
            let reading = in_time(format!("reading with {kind} as {name}"), move || read(&place).map(drop));
            match name {
                // It is derived, and a small log does not need it: what is wrong with it is said by who looks.
                "index" => {
                    opened.unwrap();
                    reading.unwrap();
                    let found = verified.unwrap();
                    assert!(
                        !found.is_whole() && found.damaged[0].why.contains(&format!("`index` is {kind}")),
                        "{found:?}"
                    );
                }
                "lock" => {
                    said(opened, "opening");
                    // Who only reads takes no lock.
                    reading.unwrap();
                    assert!(verified.unwrap().is_whole());
                }
                _ => {
                    said(opened, "opening");
                    said(reading, "reading");
                    said(verified.map(drop), "verifying");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any bytes beside a log and in it: an end, and a reason that is not empty; a foreign file is never cut, moved or changed.
    #[test]
    fn any_file_with_the_name_of_a_later_segment_is_left_as_it_is(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let folder = log(true);
        let name = "000000000500.jsonl";
        fs::write(folder.path().join(name), &bytes).unwrap();
        let error = open(folder.path()).map(drop).unwrap_err();
        prop_assert!(matches!(error, OpenError::Foreign { .. } | OpenError::Corrupt { .. }), "{error}");
        prop_assert!(error.to_string().contains(name), "{error}");
        prop_assert_eq!(fs::read(folder.path().join(name)).unwrap(), bytes);
    }
}

#[test]
#[cfg(unix)]
fn the_program_says_what_is_wrong_beside_the_events_and_ends_with_one() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 7] = [
        ("the mark is damaged", |folder| fs::write(folder.join("mark"), "x").unwrap()),
        ("the index is wrong", |folder| fs::write(folder.join("index"), "x").unwrap()),
        ("`mark` is a named pipe", |folder| {
            fs::remove_file(folder.join("mark")).unwrap();
            assert!(Command::new("mkfifo").arg(folder.join("mark")).status().unwrap().success());
        }),
        ("is a foreign file", |folder| fs::write(folder.join("000000000099.jsonl"), "milk\n").unwrap()),
        ("changed to CRLF", |folder| {
            let path = folder.join(FIRST);
            fs::write(&path, crlf(&fs::read(&path).unwrap())).unwrap();
        }),
        ("changed to CRLF", |folder| {
            let path = folder.join("mark");
            fs::write(&path, crlf(&fs::read(&path).unwrap())).unwrap();
        }),
        ("there is no log in", |folder| fs::remove_dir_all(folder).unwrap()),
    ];
    for (sentence, change) in changes {
        let folder = log(true);
        change(folder.path());
        for task in ["verify", "stat"] {
            let mut program = Command::new(env!("CARGO_BIN_EXE_leftfold"));
            let called = program.args(["log", task]).arg(folder.path()).output().unwrap();
            let said = [called.stdout, called.stderr].concat();
            let said = String::from_utf8(said).unwrap();
            assert_eq!(called.status.code(), Some(1), "{sentence}: {said}");
            assert!(task == "stat" || said.contains(sentence), "{sentence}: {said}");
            assert!(!said.contains("corruption"), "{sentence}: {said}");
        }
    }
}
