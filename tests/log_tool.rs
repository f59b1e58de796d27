//! The program `leftfold log`, as it is called on a command line.

use leftfold::codec::{RawCodec, RawEvent};
use leftfold::log::{FileLog, FileLogOptions};
use leftfold::recorded::{EventId, Headers, Scalar, StreamName, Tag, Timestamp};
use leftfold::store::{Batch, EventStore, NewEvent};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a call of the program came to.
#[derive(Debug)]
struct Called {
    exit: i32,
    out: String,
    err: String,
}

fn program(line: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leftfold"));
    let place = folder.to_str().unwrap();
    command.arg("log").args(line.iter().map(|word| if *word == "FOLDER" { place } else { word }));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Calls `leftfold log` with these words, the folder in place of `FOLDER`, and this on its standard input.
fn call_with(line: &[&str], folder: &Path, input: &str) -> Called {
    let mut child = program(line, folder).spawn().unwrap();
    match child.stdin.take().unwrap().write_all(input.as_bytes()) {
        // A line that is refused at once is refused before its input is read.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        written => written.unwrap(),
    }
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Called { exit: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn call(line: &[&str], folder: &Path) -> Called {
    call_with(line, folder, "")
}

fn fine(line: &[&str], folder: &Path) -> String {
    let called = call(line, folder);
    assert_eq!((called.exit, &*called.err), (0, ""), "{line:?}: {called:?}");
    called.out
}

fn options() -> FileLogOptions {
    let at: Timestamp = "2026-11-23T09:30:00.25Z".parse().unwrap();
    let number = std::sync::atomic::AtomicU64::new(1);
    let id = move || format!("id-{}", number.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    FileLogOptions::new().clock(move || at).event_ids(move || EventId::new(id()).unwrap())
}

fn stream(name: &str) -> StreamName {
    StreamName::new(name).unwrap()
}

fn event(event_type: &str, data: &str) -> RawEvent {
    RawEvent::new(event_type, data).unwrap()
}

/// A log with two accounts and an order: events, tags, headers, a description and a tombstone, in six batches.
fn bank() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let log = options().open(folder.path(), RawCodec).unwrap();
    fill(&log);
    log.close().unwrap();
    folder
}

fn fill(log: &FileLog<RawEvent>) {
    let (petra, alex, order) = (stream("account-petra"), stream("account-alex"), stream("order-17"));
    let headers = Headers::from([("colour".to_string(), Scalar::from("red"))]);
    let paid = NewEvent::of(event("Deposited", r#"{"amount":10}"#))
        .id(EventId::new("paid").unwrap())
        .tag(Tag::new("customer:petra").unwrap())
        .header("user", "petra");
    for batch in [
        Batch::to(&petra).event(event("Opened", r#"{"owner":"Petra"}"#)),
        Batch::to(&petra).record(paid).and_to(&alex).event(event("Opened", r#"{"owner":"Alex"}"#)),
        Batch::to(&order).event(event("Placed", r#"{"total":3}"#)),
        Batch::to(&alex).describe(headers),
        Batch::to(&alex).delete(),
        Batch::to(&petra).event(event("Withdrawn", r#"{"amount":4}"#)),
    ] {
        log.append(batch).unwrap();
    }
}

/// The files of a folder and what is in them; the lock is no part of the log.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = all.map(|path| (path.file_name().unwrap().to_str().unwrap().to_string(), path));
    named.filter(|(name, _)| name != "lock").map(|(name, path)| (name, fs::read(path).unwrap())).collect()
}

fn segment(folder: &Path) -> PathBuf {
    folder.join("000000000001.jsonl")
}

/// Changes the text of a file.
fn edit(path: &Path, change: impl FnOnce(&str) -> String) {
    let text = fs::read_to_string(path).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed, "nothing was edited");
    fs::write(path, changed).unwrap();
}

/// The positions that a page of `show` begins its lines with.
fn positions(page: &str) -> Vec<u64> {
    page.lines().map(|line| line.split_whitespace().next().unwrap().parse().unwrap()).collect()
}

#[test]
fn streams_are_a_table() {
    let folder = bank();
    let expected = "\
stream         version  state    first  last  metadata
account-alex         2  deleted      3     6  colour=red
account-petra        3  open         1     7
order-17             1  open         4     4
";
    assert_eq!(fine(&["streams", "FOLDER"], folder.path()), expected);
    let second = fine(&["streams", "FOLDER", "--prefix", "account-", "--skip", "1"], folder.path());
    assert!(second.lines().count() == 2 && second.contains("account-petra"), "{second}");
    let first = fine(&["streams", "FOLDER", "--limit", "1"], folder.path());
    assert!(first.lines().count() == 2 && first.contains("account-alex"), "{first}");
    assert_eq!(fine(&["streams", "FOLDER", "--categories"], folder.path()), "account\norder\n");
}

#[test]
fn every_entry_is_one_line_in_words() {
    let expected = r#"1  2026-11-23T09:30:00Z  account-petra@1   Opened      {"owner":"Petra"}
2  2026-11-23T09:30:00Z  account-petra@2   Deposited   {"amount":10}  #customer:petra
3  2026-11-23T09:30:00Z  account-alex@1    Opened      {"owner":"Alex"}
4  2026-11-23T09:30:00Z  order-17@1        Placed      {"total":3}
5  2026-11-23T09:30:00Z  account-alex      the stream was described: colour is "red"
6  2026-11-23T09:30:00Z  account-alex@2    the stream was deleted
7  2026-11-23T09:30:00Z  account-petra@3   Withdrawn   {"amount":4}
"#;
    assert_eq!(fine(&["show", "FOLDER"], bank().path()), expected);
}

#[test]
fn each_filter_narrows_what_is_shown() {
    let folder = bank();
    let shown = |words: &[&str]| positions(&fine(&[&["show", "FOLDER"], words].concat(), folder.path()));
    assert_eq!(shown(&["--stream", "account-petra"]), [1, 2, 7]);
    assert_eq!(shown(&["--stream", "account-alex", "--stream", "order-17"]), [3, 4, 5, 6]);
    assert_eq!(shown(&["--category", "account"]), [1, 2, 3, 5, 6, 7]);
    assert_eq!(shown(&["--type", "Opened", "--type", "$deleted"]), [1, 3, 6]);
    assert_eq!(shown(&["--tag", "customer:petra"]), [2]);
    assert_eq!(shown(&["--tag", "customer:petra", "--tag", "late"]), [0u64; 0]);
    assert_eq!(shown(&["--from-position", "3", "--until-position", "4"]), [3, 4]);
    assert_eq!(shown(&["--stream", "account-petra", "--from-version", "2", "--until-version", "2"]), [2]);
    assert_eq!(shown(&["--where", "header user = petra"]), [2]);
    assert_eq!(shown(&["--where", "position > 3", "--where", "type ~ ^With"]), [7]);
    assert_eq!(shown(&["--where", "at > 2026-11-24"]), [0u64; 0]);
    assert_eq!(shown(&["--limit", "2"]), [1, 2]);
    assert_eq!(shown(&["--backwards", "--limit", "2"]), [7, 6]);
}

#[test]
fn as_json_the_stored_lines_are_shown() {
    let folder = bank();
    let shown = fine(&["show", "FOLDER", "--json"], folder.path());
    let stored = fs::read_to_string(segment(folder.path())).unwrap();
    let events: String = stored
        .lines()
        .filter(|line| line.starts_with("{\"position\""))
        .fold(String::new(), |text, line| text + line + "\n");
    assert_eq!(shown, events);
}

#[test]
fn what_is_appended_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let log = options().open(folder.path(), RawCodec).unwrap();
    fill(&log);
    let line = [
        "show",
        "FOLDER",
        "--follow",
        "--stream",
        "account-petra",
        "--where",
        "version != 2",
        "--limit",
        "3",
    ];
    let mut child = program(&line, folder.path()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || out.next().map(Result::unwrap).unwrap_or_default();
    assert!(next().starts_with("1 ") && next().starts_with("7 "));
    let append = |batch| log.append(batch).unwrap();
    append(Batch::to(&stream("order-17")).event(event("Paid", "null")));
    append(Batch::to(&stream("account-petra")).event(event("Closed", "null")));
    let last = next();
    assert!(last.starts_with("9 ") && last.contains("account-petra@4") && last.contains("Closed"), "{last}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_whole_log_is_verified_with_its_counts() {
    let folder = bank();
    let said = fine(&["verify", "FOLDER"], folder.path());
    assert!(
        said.contains(" is whole: 5 events, 1 tombstone, 1 description in 6 batches, 1 segment, ")
            && said.contains(" KiB; looked through in ")
            && said.contains("recorded at 2026-11-23T09:30:00Z (")
            && said.contains("the mark is whole; the log was closed"),
        "{said}"
    );
}

#[test]
fn an_edited_line_is_named_with_its_position_and_nothing_is_changed() {
    let folder = bank();
    edit(&segment(folder.path()), |text| text.replace("{\"amount\":10}", "{\"amount\":1000}"));
    let before = files(folder.path());
    let called = call(&["verify", "FOLDER"], folder.path());
    assert_eq!(called.exit, 1);
    let at = fs::read_to_string(segment(folder.path())).unwrap().find("{\"position\":2").unwrap();
    let named = format!(
        "000000000001.jsonl, byte {at}, in the batch that begins at position 2: the event at position 2 was edited"
    );
    assert!(called.out.contains(&named), "{}", called.out);
    assert!(called.out.contains("verdict: corruption. Opening the log refuses it: "), "{}", called.out);
    assert!(called.out.contains("everything before that is whole: 1 event in 1 batch"), "{}", called.out);
    assert_eq!(files(folder.path()), before);
    assert!(FileLog::open(folder.path(), RawCodec).is_err(), "the verdict is what opening says");
}

#[test]
fn verifying_goes_on_behind_every_damage() {
    let folder = tempfile::tempdir().unwrap();
    let log = options().segment_size(600).open(folder.path(), RawCodec).unwrap();
    (0..3).for_each(|round| {
        for number in 0..4 {
            let data = format!(r#"{{"number":{}}}"#, round * 4 + number);
            log.append(Batch::to(&stream("count-1")).event(event("Counted", &data))).unwrap();
        }
    });
    log.close().unwrap();
    let segments: Vec<_> = files(folder.path()).into_keys().filter(|name| name.ends_with(".jsonl")).collect();
    assert!(segments.len() > 3, "{segments:?}");
    for (name, number) in segments.iter().zip(["0", "2", "4"]) {
        let number = format!("\"number\":{number}");
        edit(&folder.path().join(name), |text| text.replace(&number, "\"number\":77"));
    }
    // And one whose header is gone.
    let last = folder.path().join(segments.last().unwrap());
    edit(&last, |text| text.replacen("{\"batch\"", "{\"botch\"", 1));
    let called = call(&["verify", "FOLDER"], folder.path());
    let said: Vec<_> = called.out.lines().filter(|line| line.starts_with("  ")).collect();
    assert_eq!((called.exit, said.len()), (1, 4), "{}", called.out);
    for (said, position) in said.iter().zip([1, 3, 5]) {
        assert!(said.contains(&format!("the event at position {position} was edited")), "{said}");
    }
    assert!(
        said[3].contains(&segments[segments.len() - 1]) && said[3].contains("no whole batch header"),
        "{}",
        said[3]
    );
}

#[test]
fn a_torn_tail_is_no_corruption() {
    let folder = tempfile::tempdir().unwrap();
    let log = options().open(folder.path(), RawCodec).unwrap();
    fill(&log);
    // As a power cut leaves it: not closed, the last batch half written.
    let whole = fs::read(segment(folder.path())).unwrap();
    let copy = tempfile::tempdir().unwrap();
    fs::write(segment(copy.path()), [&whole[..], b"{\"batch\":           8,\"cou"].concat()).unwrap();
    fs::copy(folder.path().join("mark"), copy.path().join("mark")).unwrap();
    let called = call(&["verify", "FOLDER"], copy.path());
    assert_eq!(called.exit, 1);
    let verdict = format!(
        "verdict: a torn tail. Opening the log cuts off 26 bytes at the end of 000000000001.jsonl, from byte {} on",
        whole.len()
    );
    assert!(called.out.contains(&verdict), "{}", called.out);
    assert!(FileLog::open(copy.path(), RawCodec).is_ok(), "the verdict is what opening does");
}

#[test]
fn lines_without_a_header_are_told_from_a_header_that_is_not_whole() {
    let folder = bank();
    let more = r#"{"position":8,"stream":"account-petra","version":4,"type":"Deposited","at":"2026-11-23T09:30:00Z","id":"x","data":{"amount":9}}"#;
    edit(&segment(folder.path()), |text| format!("{text}{more}\n"));
    let called = call(&["verify", "FOLDER"], folder.path());
    assert!(called.out.contains("there is an event without the header of a batch"), "{}", called.out);
    assert!(called.out.contains("so it was written by hand; nothing was changed"), "{}", called.out);
}

#[test]
fn stat_counts_what_there_is() {
    let said = fine(&["stat", "FOLDER"], bank().path());
    for line in [
        "events        5",
        "tombstones    1",
        "descriptions  1",
        "batches       6",
        "segments      1",
        "streams       3 in 2 categories",
        "first         2026-11-23T09:30:00Z (",
        "mark          whole; the log was closed",
        "  Opened     2   40.0 %",
        "  Withdrawn  1   20.0 %",
    ] {
        assert!(said.lines().any(|said| said.starts_with(line)), "{line}\nis missing in\n{said}");
    }
    assert!(said.lines().any(|line| line.starts_with("size") && line.ends_with(" bytes an entry")), "{said}");
}

#[test]
fn what_was_exported_is_imported_as_the_same_log() {
    let (folder, copy) = (bank(), tempfile::tempdir().unwrap());
    let (file, log) = (copy.path().join("export.jsonl"), copy.path().join("log"));
    let said = fine(&["export", "FOLDER", "--output", file.to_str().unwrap()], folder.path());
    assert!(said.starts_with("7 lines written to "), "{said}");
    let said = fine(&["import", file.to_str().unwrap(), "FOLDER"], &log);
    assert!(said.contains("7 lines recorded in ") && said.contains("at positions 1 to 7"), "{said}");
    let lines = |folder: &Path| fine(&["show", "FOLDER", "--json"], folder);
    assert_eq!(lines(&log), lines(folder.path()), "ids, times, tags, metadata and positions, byte for byte");
    let exported = fs::read_to_string(&file).unwrap();
    assert!(!exported.contains("crc") && exported.lines().count() == 7, "{exported}");
    let whole = |folder: &Path| {
        let said = fine(&["verify", "FOLDER"], folder);
        said.split_once(" is whole: ")
            .and_then(|(_, rest)| rest.split_once(" segment"))
            .unwrap()
            .0
            .to_string()
    };
    assert_eq!(whole(&log), whole(folder.path()));
    assert!(whole(&log).contains(" in 6 batches, "), "{}", whole(&log));
    assert_eq!(fine(&["export", "FOLDER"], &log), exported, "exported again, it is the same");
}

#[test]
fn lines_that_say_the_same_batch_are_recorded_together_and_others_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let line = |rest: &str| format!("{{\"stream\":\"talk-1\",\"type\":\"Said\",\"data\":1{rest}}}\n");
    let batches = |folder: &Path| {
        let text = fs::read_to_string(segment(folder)).unwrap();
        let headers = text.lines().filter_map(|line| line.strip_prefix("{\"batch\":")?.split(',').nth(1));
        let counts = headers.map(|count| count.split(':').nth(1).unwrap().trim().parse().unwrap());
        counts.collect::<Vec<u64>>()
    };
    let lines =
        ["", "", ",\"batch\":7", ",\"batch\":7", ",\"batch\":8", ",\"batch\":7", ""].map(line).concat();
    let called = call_with(&["import", "-", "FOLDER"], folder.path(), &lines);
    assert_eq!(called.exit, 0, "{called:?}");
    assert_eq!(batches(folder.path()), [1, 1, 2, 1, 1, 1]);
    // What a filter leaves of a batch stays together.
    let bank = bank();
    let exported = fine(&["export", "FOLDER", "--category", "account"], bank.path());
    assert_eq!(exported.matches("\"batch\":2}").count(), 2, "{exported}");
    let copy = tempfile::tempdir().unwrap();
    assert_eq!(call_with(&["import", "-", "FOLDER"], copy.path(), &exported).exit, 0);
    assert_eq!(batches(copy.path()), [1, 2, 1, 1, 1]);
    // A batch has one time.
    let at = |second: u64, batch: &str| line(&format!(",\"at\":\"2026-11-23T09:30:0{second}Z\"{batch}"));
    let lines = [at(1, ""), at(2, ",\"batch\":1"), at(3, ",\"batch\":1")].concat();
    let called = call_with(&["import", "-", "FOLDER"], copy.path(), &lines);
    assert_eq!(called.exit, 1);
    assert!(called.err.contains("line 3: the lines of batch 1 say one time"), "{called:?}");
}

#[test]
fn importing_again_changes_nothing() {
    let (folder, copy) = (bank(), tempfile::tempdir().unwrap());
    let exported = fine(&["export", "FOLDER"], folder.path());
    let import = |input: &str| call_with(&["import", "-", "FOLDER"], copy.path(), input);
    assert!(import(&exported).out.contains("7 lines recorded"));
    let before = fs::read(segment(copy.path())).unwrap();
    let again = import(&exported);
    assert_eq!(again.exit, 0);
    assert!(
        again.out.contains("nothing recorded in ") && again.out.contains("7 lines recorded before"),
        "{again:?}"
    );
    assert_eq!(fs::read(segment(copy.path())).unwrap(), before);
    let other = import(&exported.replace("{\"amount\":10}", "{\"amount\":11}"));
    assert_eq!(other.exit, 1);
    assert!(other.err.contains("line 2: the id paid is taken"), "{other:?}");
}

#[test]
fn json_that_a_log_takes_and_no_number_or_text_of_rust_is_comes_in_and_goes_out() {
    let folder = tempfile::tempdir().unwrap();
    let line =
        |id: u8, data: &str| format!(r#"{{"stream":"a","type":"B","id":"{id}","data":{data}}}"#) + "\n";
    let lines = line(1, "1e400") + &line(2, r#""\ud800""#) + &line(3, "[1e400,\r2]") + &line(4, "\"1e400\"");
    let called = call_with(&["import", "-", "FOLDER"], folder.path(), &lines);
    assert!(called.exit == 0 && called.out.contains("4 lines recorded"), "{called:?}");
    let exported = fine(&["export", "FOLDER"], folder.path());
    for lines in [&*lines, &exported] {
        let again = call_with(&["import", "-", "FOLDER"], folder.path(), lines);
        assert!(again.exit == 0 && again.out.contains("4 lines recorded before"), "{again:?}");
    }
    let other = call_with(&["import", "-", "FOLDER"], folder.path(), &line(1, "\"1e400\""));
    assert!(other.err.contains("the id 1 is taken"), "{other:?}");
}

#[test]
fn a_log_is_made_of_lines_written_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let plain = "\u{feff}// What happened at the bank.\r\n\r
{\"stream\":\"account-1\",\"type\":\"Opened\",\"data\":{\"owner\": \"Petra\"}}\r
  // later
{\"at\":\"2026-11-23T10:00:00Z\",\"stream\":\"account-1\",\"type\":\"Paid\",\"schema\":2,\"data\":5,\"tags\":[\"x\"]}
";
    let called = call_with(&["import", "-", "FOLDER"], folder.path(), plain);
    assert_eq!(called.exit, 0, "{called:?}");
    let shown = fine(&["show", "FOLDER"], folder.path());
    let lines: Vec<_> = shown.lines().collect();
    assert!(lines[0].ends_with("account-1@1       Opened      {\"owner\": \"Petra\"}"), "{shown}");
    let second = "2  2026-11-23T10:00:00Z  account-1@2       Paid (schema 2)  5  #x";
    assert_eq!(lines[1], second);
    let first: Timestamp = lines[0].split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(Timestamp::now().as_second() - first.as_second() < 600, "recorded now: {shown}");
}

#[test]
fn a_wrong_line_is_refused_by_file_and_number_and_its_file_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good.jsonl"), folder.path().join("bad.jsonl"));
    fs::write(&good, "{\"stream\":\"a-1\",\"type\":\"Opened\",\"data\":1}\n").unwrap();
    fs::write(
        &bad,
        "{\"stream\":\"b-1\",\"type\":\"Opened\",\"data\":1}\n{\"stream\":\"b-1\",\"typ\":\"Paid\",\"data\":1}\n",
    )
    .unwrap();
    let log = folder.path().join("log");
    let line = ["import", bad.to_str().unwrap(), good.to_str().unwrap(), "FOLDER"];
    let called = call(&line, &log);
    assert_eq!(called.exit, 1);
    assert!(called.err.contains("bad.jsonl, line 2: unknown field `typ`"), "{called:?}");
    assert!(called.err.contains("a line looks like {\"stream\""), "{called:?}");
    assert!(called.err.contains("nothing of ") && called.out.contains("1 line recorded"), "{called:?}");
    assert_eq!(fine(&["streams", "FOLDER", "--categories"], &log), "a\n");

    let going = call(&["import", bad.to_str().unwrap(), "FOLDER", "--keep-going"], &log);
    assert_eq!(going.exit, 1);
    assert!(going.out.contains("1 line recorded") && going.out.contains("1 line refused"), "{going:?}");
    assert_eq!(fine(&["streams", "FOLDER", "--categories"], &log), "a\nb\n");
}

#[cfg(unix)]
#[test]
fn what_can_be_read_only_once_is_imported_like_a_file() {
    let lines = "{\"stream\":\"a-1\",\"type\":\"Opened\",\"data\":1}\n{\"stream\":\"a-1\",\"type\":\"Paid\",\"data\":2}\n";
    for flags in [&[][..], &["--keep-going"]] {
        let folder = tempfile::tempdir().unwrap();
        let called = call_with(&[&["import", "/dev/stdin", "FOLDER"], flags].concat(), folder.path(), lines);
        assert_eq!((called.exit, called.err.as_str()), (0, ""), "{called:?}");
        assert!(called.out.contains("2 lines recorded"), "{called:?}");
        let wrong = lines.replace("Paid", "");
        let called = call_with(&[&["import", "/dev/stdin", "FOLDER"], flags].concat(), folder.path(), &wrong);
        assert_eq!(called.exit, 1);
        assert!(called.err.contains("/dev/stdin, line 2: "), "{called:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let twice = call_with(&["import", "-", "-", "FOLDER"], folder.path(), lines);
    assert_eq!(twice.exit, 1);
    assert!(twice.err.contains("standard input, `-`, is given twice"), "{twice:?}");
}

#[test]
fn a_line_that_is_too_long_takes_no_other_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("long.jsonl");
    let line = |number: u8| format!("{{\"stream\":\"a-{number}\",\"type\":\"Opened\",\"data\":1}}\n");
    fs::write(&file, line(1)).unwrap();
    let mut open = fs::OpenOptions::new().append(true).open(&file).unwrap();
    // Zeros, which take no room on the disk.
    open.set_len(300 << 20).unwrap();
    open.write_all(format!("\n{}\n{}", line(2), line(3)).as_bytes()).unwrap();
    let log = folder.path().join("log");
    let called = call(&["import", file.to_str().unwrap(), "FOLDER", "--keep-going"], &log);
    assert_eq!(called.exit, 1);
    let why = "long.jsonl, line 2: the line is longer than 268,435,456 bytes, the most that a log takes";
    assert!(called.err.contains(why) && called.err.lines().count() == 1, "{called:?}");
    assert!(called.out.contains("3 lines recorded") && called.out.contains("1 line refused"), "{called:?}");
}

#[test]
fn a_deleted_stream_is_opened_again_only_on_purpose() {
    let folder = tempfile::tempdir().unwrap();
    let import = |input: &str| call_with(&["import", "-", "FOLDER"], folder.path(), input);
    let opened = "{\"stream\":\"a-1\",\"type\":\"Opened\",\"data\":1}\n";
    let deleted = "{\"stream\":\"a-1\",\"type\":\"$deleted\",\"data\":null}\n";
    assert_eq!(import(&format!("{opened}{deleted}")).exit, 0);
    let refused = import(opened);
    assert!(
        refused.err.contains("was deleted at version 2") && refused.err.contains("\"version\":3"),
        "{refused:?}"
    );
    assert!(import(deleted).err.contains("so that it cannot be deleted"));
    assert_eq!(import(&opened.replace("\"data\"", "\"version\":3,\"data\"")).exit, 0);
    assert!(fine(&["verify", "FOLDER"], folder.path()).contains("2 events, 1 tombstone"));
}

#[test]
fn a_filtered_export_can_be_imported_at_other_positions() {
    let (folder, copy) = (bank(), tempfile::tempdir().unwrap());
    let exported =
        fine(&["export", "FOLDER", "--stream", "account-petra", "--from-position", "2"], folder.path());
    let called = call_with(&["import", "-", "FOLDER"], copy.path(), &exported);
    assert_eq!(called.exit, 0, "{called:?}");
    assert!(called.out.contains("2 are at another position than the file says"), "{called:?}");
    assert_eq!(positions(&fine(&["show", "FOLDER"], copy.path())), [1, 2]);
}

#[test]
fn repair_says_what_it_would_do_and_does_it_only_when_told() {
    let folder = bank();
    edit(&segment(folder.path()), |text| text.replace("{\"total\":3}", "{\"total\":4}"));
    let before = files(folder.path());
    let planned = call(&["repair", "FOLDER"], folder.path());
    assert_eq!(planned.exit, 1);
    assert!(planned.out.contains("would be taken out: 000000000001.jsonl, from byte "), "{planned:?}");
    assert!(planned.out.contains("with 4 events, of which 3 are as written; kept in "), "{planned:?}");
    assert!(planned.out.contains("would be kept: everything up to position 3"), "{planned:?}");
    assert!(planned.out.contains("nothing was changed"), "{planned:?}");
    assert_eq!(files(folder.path()), before);

    let done = fine(&["repair", "FOLDER", "--cut-at-damage"], folder.path());
    assert!(done.contains("4 events out of the log, which opens again"), "{done}");
    let after = files(folder.path());
    let (name, aside) = after.iter().find(|(name, _)| name.contains(".jsonl.damaged-")).unwrap();
    assert!(done.contains(&format!("kept in {name}")), "{done}");
    let kept = &after["000000000001.jsonl"];
    assert_eq!([&kept[..], aside].concat(), before["000000000001.jsonl"], "not a byte is lost");
    assert_eq!(after["mark.damaged-3"], before["mark"]);
    assert!(fine(&["verify", "FOLDER"], folder.path()).contains("is whole: 3 events in 2 batches"));
    assert!(fine(&["repair", "FOLDER", "--cut-at-damage"], folder.path()).contains("needs no repair"));
}

#[test]
fn a_log_that_somebody_writes_is_not_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let _log = options().open(folder.path(), RawCodec).unwrap();
    let called = call(&["repair", "FOLDER", "--cut-at-damage"], folder.path());
    assert_eq!(called.exit, 1);
    assert!(called.err.contains("is open for writing elsewhere"), "{called:?}");
}

#[test]
fn what_cannot_be_done_is_a_sentence_on_standard_error() {
    let nowhere = tempfile::tempdir().unwrap().path().join("nowhere");
    for task in ["streams", "show", "verify", "stat", "export", "repair"] {
        let called = call(&[task, "FOLDER"], &nowhere);
        assert_eq!((called.exit, &*called.out), (1, ""), "{task}");
        assert!(called.err.starts_with("leftfold: there is no log in "), "{task}: {}", called.err);
    }
    assert!(!nowhere.exists());
    let called = call(&["import", "missing.jsonl", "FOLDER"], &nowhere);
    assert!(called.exit == 1 && called.err.contains("reading missing.jsonl failed"), "{called:?}");
    assert!(!nowhere.exists(), "no log is made for a file that is not there");
}

#[test]
fn a_command_line_that_is_not_understood_ends_with_two() {
    let folder = bank();
    for line in [
        &["show", "FOLDER", "--where", "colour = red"][..],
        &["show", "FOLDER", "--follow", "--backwards"],
        &["show", "FOLDER", "--tag", ""],
        &["mend", "FOLDER"],
        &["import", "FOLDER"],
    ] {
        let called = call(line, folder.path());
        assert_eq!((called.exit, &*called.out), (2, ""), "{line:?}");
        assert!(called.err.starts_with("error: "), "{line:?}: {}", called.err);
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_the_output_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let log = options().open(folder.path(), RawCodec).unwrap();
    let many = (0..5_000).map(|number| event("Counted", &number.to_string()));
    log.append(Batch::to(&stream("count-1")).events(many)).unwrap();
    log.close().unwrap();
    let mut child = program(&["show", "FOLDER"], folder.path()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    drop(out);
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), &*ended.stderr), (Some(0), &b""[..]));
}

#[test]
fn a_damage_that_the_index_hides_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let log = options().open(folder.path(), RawCodec).unwrap();
    // The last batch is proven when the log is opened.
    for numbers in [10_000..20_000, 20_000..20_001] {
        let many = numbers.map(|number| event("Counted", &number.to_string()));
        log.append(Batch::to(&stream("count-1")).events(many)).unwrap();
    }
    log.close().unwrap();
    edit(&segment(folder.path()), |text| text.replace("\"data\":10776", "\"data\":10777"));
    let called = call(&["verify", "FOLDER"], folder.path());
    assert_eq!(called.exit, 1);
    assert!(called.out.contains("the event at position 777 was edited"), "{}", called.out);
    assert!(called.out.contains("opens all the same as long as the index beside it fits"), "{}", called.out);
    fs::remove_file(folder.path().join("index")).unwrap();
    let called = call(&["verify", "FOLDER"], folder.path());
    assert!(!called.out.contains("opens all the same"), "{}", called.out);
    // Nothing was chosen by the index: what was kept opens, with or without it.
    fine(&["repair", "FOLDER", "--cut-at-damage"], folder.path());
    assert!(fine(&["verify", "FOLDER"], folder.path()).contains("0 events"));
}
