//! The chapter on the log is true: its program is the example, its files are what the program writes, its drawings lie over
//! these files byte for byte, and the outputs of its exercise are what `leftfold log` says.

#[path = "../examples/ledger/main.rs"]
#[allow(dead_code)]
mod ledger;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CHAPTER: &str = include_str!("../docs/the-log.md");
const PROGRAM: &str = include_str!("../examples/ledger/main.rs");
const SEGMENT: &str = "000000000001.jsonl";

/// The contents of the fenced blocks of a kind.
fn blocks(kind: &str) -> Vec<&'static str> {
    let fence = format!("```{kind}\n");
    CHAPTER.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// The ledger, written anew.
fn written() -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("ledger");
    ledger::write_ledger(&folder).unwrap();
    (place, folder)
}

#[test]
fn the_program_in_the_chapter_is_the_example() {
    let program = &PROGRAM[PROGRAM.find("use ").unwrap()..];
    assert_eq!(blocks("rust"), [program]);
}

#[test]
fn the_files_in_the_chapter_are_what_the_program_writes() {
    let (_place, folder) = written();
    let shown = blocks("json");
    assert_eq!(shown[0], fs::read_to_string(folder.join(SEGMENT)).unwrap());
    let mark = shown.iter().find(|block| block.starts_with("{\"mark\"")).unwrap();
    assert_eq!(**mark, fs::read_to_string(folder.join("mark")).unwrap());
}

/// The rows of the table behind a heading: offset, width, and what stands there.
fn drawing(heading: &str) -> Vec<(usize, usize, String)> {
    let behind = CHAPTER.split(heading).nth(1).unwrap_or_else(|| panic!("no {heading}"));
    let table =
        behind.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let there = cells[3].trim_matches('`').replace('·', " ").replace('↵', "\n");
        (cells[1].parse().unwrap(), cells[2].parse().unwrap(), there)
    };
    table.skip(2).map(row).collect()
}

#[test]
fn the_drawings_lie_over_the_lines_byte_for_byte() {
    let (_place, folder) = written();
    let segment = fs::read_to_string(folder.join(SEGMENT)).unwrap();
    let mut lines = segment.split_inclusive('\n');
    let (first, header) = (lines.next().unwrap(), lines.next().unwrap());
    let mark = fs::read_to_string(folder.join("mark")).unwrap();
    for (heading, line) in [
        ("### The first line of a segment", first),
        ("### The header of a batch", header),
        ("### The mark", &mark),
    ] {
        let mut end = 0;
        for (offset, width, there) in drawing(heading) {
            assert_eq!(offset, end, "{heading}: a gap before byte {offset}");
            assert_eq!(line.get(offset..offset + width), Some(&*there), "{heading}, byte {offset}");
            end = offset + width;
        }
        assert_eq!(end, line.len(), "{heading}: the whole line is drawn");
    }
}

#[test]
fn the_line_of_an_event_ends_as_the_chapter_says() {
    let (_place, folder) = written();
    let segment = fs::read_to_string(folder.join(SEGMENT)).unwrap();
    assert!(CHAPTER.contains("Its last 19 bytes are always the same"));
    let mut events = segment.split_inclusive('\n').filter(|line| line.starts_with("{\"position\""));
    assert!(events.all(|line| {
        let end = &line[line.len() - 19..];
        end.starts_with(",\"crc\":\"") && end.ends_with("\"}\n")
    }));
}

/// What the program says to this, the folder named as the chapter names it.
fn said(folder: &Path, line: &[&str], input: Option<&Path>) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leftfold"));
    let place = folder.to_str().unwrap();
    command.arg("log").args(line.iter().map(|word| if *word == "FOLDER" { place } else { word }));
    command.stdin(input.map_or_else(Stdio::null, |file| fs::File::open(file).unwrap().into()));
    let output = command.output().unwrap();
    let all = [output.stdout, output.stderr].concat();
    String::from_utf8(all).unwrap().replace(place, "target/ledger")
}

/// Whether the chapter shows this, but for how long something took or is ago.
#[track_caller]
fn is_shown(output: &str) {
    assert!(!output.is_empty());
    for line in output.lines() {
        let timeless = ["looked through in ", "09:30:00Z ("].iter().find_map(|time| line.find(time));
        let line = &line[..timeless.unwrap_or(line.len())];
        assert!(CHAPTER.contains(line), "the chapter does not show\n{line}\nof\n{output}");
    }
}

fn edit(folder: &Path, change: impl FnOnce(String) -> String) {
    let path = folder.join(SEGMENT);
    let text = change(fs::read_to_string(&path).unwrap());
    fs::write(path, text).unwrap();
}

const VERIFY: &[&str] = &["verify", "FOLDER"];

#[test]
fn a_whole_log_looks_as_the_chapter_shows() {
    let (_place, folder) = written();
    is_shown(&said(&folder, VERIFY, None));
    is_shown(&said(&folder, &["streams", "FOLDER"], None));
    let shown = ["show", "FOLDER", "--category", "account", "--where", "type != Opened"];
    let shown = said(&folder, &shown, None);
    assert!(CHAPTER.contains(&shown), "{shown}");
}

#[test]
fn an_edited_amount_is_told_as_the_chapter_shows() {
    let (_place, folder) = written();
    edit(&folder, |text| text.replace("\"amount\":10}", "\"amount\":10000}"));
    is_shown(&said(&folder, VERIFY, None));
    edit(&folder, |text| text.replace("\"amount\":10000}", "\"amount\":10}"));
    assert!(said(&folder, VERIFY, None).contains("is whole"));
}

#[test]
fn a_line_written_by_hand_is_told_as_the_chapter_shows() {
    let (_place, folder) = written();
    let line = blocks("json").into_iter().find(|block| block.starts_with("{\"position\":6")).unwrap();
    edit(&folder, |text| text + line);
    is_shown(&said(&folder, VERIFY, None));
}

#[test]
fn a_file_that_was_cut_is_told_as_the_chapter_shows() {
    let (_place, folder) = written();
    edit(&folder, |text| text[..1200].to_string());
    is_shown(&said(&folder, VERIFY, None));
    fs::remove_file(folder.join("mark")).unwrap();
    is_shown(&said(&folder, VERIFY, None));
}

#[test]
fn a_repair_is_told_as_the_chapter_shows() {
    let (place, folder) = written();
    edit(&folder, |text| text.replace("\"owner\":\"Alex\"", "\"owner\":\"Axel\""));
    is_shown(&said(&folder, &["repair", "FOLDER"], None));
    is_shown(&said(&folder, &["repair", "FOLDER", "--cut-at-damage"], None));
    let aside = fs::read_to_string(folder.join(format!("{SEGMENT}.damaged-523"))).unwrap();
    let (unedited, plain) = (
        |line: &&str| line.starts_with("{\"position\"") && !line.contains("Axel"),
        place.path().join("plain"),
    );
    fs::write(&plain, aside.lines().filter(unedited).map(|line| format!("{line}\n")).collect::<String>())
        .unwrap();
    is_shown(&said(&folder, &["import", "-", "FOLDER"], Some(&plain)));
    assert!(said(&folder, VERIFY, None).contains("is whole: 4 events"));
}

#[test]
fn a_line_by_hand_needs_no_more_than_the_chapter_says() {
    let (place, _folder) = written();
    let line = blocks("json").into_iter().find(|block| block.starts_with("{\"stream\"")).unwrap();
    let plain = place.path().join("plain");
    fs::write(&plain, line).unwrap();
    assert!(
        said(&place.path().join("new"), &["import", "-", "FOLDER"], Some(&plain)).contains("1 line recorded")
    );
}
