//! Logs move into streams and out of them, entry by entry as they were.

mod common;

use common::Servers;
use leftfold::codec::Codec;
use leftfold::conformance::Fact;
use leftfold::log::FileLog;
use leftfold::recorded::{EventId, Scalar, StreamName, Tag, Version};
use leftfold::store::{Batch, EventStore, NewEvent};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn name(of: &str) -> StreamName {
    StreamName::of("account", of).unwrap()
}

fn log_in(folder: &Path) -> FileLog<Fact> {
    FileLog::open(folder, Codec::new().unwrap()).unwrap()
}

fn tool(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_leftfold-nats")).args(arguments).output().unwrap()
}

/// Runs the program, which must succeed.
fn done(arguments: &[&str]) -> String {
    let output = tool(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The lines of the log in a folder, as they are exported.
fn exported_lines(folder: &Path) -> Vec<String> {
    let reader = leftfold::log::FileLogOptions::new()
        .open_reader::<leftfold::codec::RawEvent>(folder, leftfold::codec::RawCodec)
        .unwrap();
    let head = leftfold::store::EventReader::head(&reader).unwrap().get();
    let mut lines = reader.lines();
    (1..=head)
        .map(|at| lines.at(leftfold::recorded::Position::new(at)).unwrap().unwrap().exported())
        .collect()
}

#[test]
fn a_log_goes_into_a_stream_and_out_of_it_as_it_was() {
    let servers = Servers::shared(1);
    let (url, stream) = (servers.url(), servers.new_stream());
    let folder = tempfile::tempdir().unwrap();
    let log = log_in(folder.path());
    let (one, two) = (name("one"), name("two"));
    let told = NewEvent::of(Fact::Noted("\u{0000}".into()))
        .id(EventId::new("given").unwrap())
        .tag(Tag::new("odd").unwrap())
        .header("by", Scalar::from("petra"));
    log.append(Batch::to(&one).event(Fact::Deposited(1)).and_to(&two).record(told)).unwrap();
    log.append(
        Batch::to(&one).describe([("owner".to_string(), Scalar::from("petra"))].into_iter().collect()),
    )
    .unwrap();
    log.append(Batch::to(&one).delete()).unwrap();
    log.append(Batch::to(&one).expecting(Version::new(2)).event(Fact::Closed)).unwrap();
    log.close().unwrap();

    let text = folder.path().to_str().unwrap();
    done(&["import", &url, &stream, text]);
    // Again, it has nothing to do; and it goes on with what is new.
    done(&["import", &url, &stream, text]);
    let log = log_in(folder.path());
    log.append(Batch::to(&two).event(Fact::Closed)).unwrap();
    log.close().unwrap();
    done(&["import", &url, &stream, text]);

    let exported = done(&["export", &url, &stream]);
    assert_eq!(exported.lines().collect::<Vec<_>>(), exported_lines(folder.path()));
    assert!(exported.lines().next().unwrap().ends_with(",\"batch\":1}"), "{exported}");

    // Another log is not put after it.
    let other = tempfile::tempdir().unwrap();
    let log = log_in(other.path());
    (0..10).for_each(|amount| drop(log.append(Batch::to(&one).event(Fact::Deposited(amount))).unwrap()));
    log.close().unwrap();
    let refused = tool(&["import", &url, &stream, other.path().to_str().unwrap()]);
    let sentence = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && sentence.contains("another entry at position 1 than this log"),
        "{sentence}"
    );
}

/// A log whose beginning was changed, and whose end was not, is another log.
#[test]
fn lines_that_differ_in_the_midst_are_those_of_another_log() {
    let servers = Servers::shared(1);
    let url = servers.url();
    let lines = lines_of_a_log(&url, servers);
    let stream = servers.new_stream();
    assert!(lines_into(&url, &stream, lines.as_bytes()).status.success());
    let changed = lines.replacen("\"data\":7", "\"data\":8", 1);
    assert_ne!(changed, lines);
    let refused = lines_into(&url, &stream, changed.as_bytes());
    assert!(
        !refused.status.success() && said(&refused).contains("another entry at position 6"),
        "{}",
        said(&refused)
    );
    assert_eq!(done(&["export", &url, &stream]), lines);
}

/// Runs `import` with these lines as its input.
fn lines_into(url: &str, stream: &str, lines: &[u8]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_leftfold-nats"));
    program.args(["import", url, stream]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = program.spawn().unwrap();
    // It may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(lines);
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The lines of a log with batches, tags, odd values, a description, a deletion and a stream that is opened again.
fn lines_of_a_log(url: &str, servers: &Servers) -> String {
    let stream = servers.new_stream();
    let store = leftfold_nats::Nats::<Fact>::open(url, &stream, Codec::new().unwrap()).unwrap();
    let (one, two) = (name("one"), name("two"));
    let odd = NewEvent::of(Fact::Noted("\u{0000}\u{2028}".into()))
        .tag(Tag::new("odd").unwrap())
        .header("by", Scalar::from(i64::MIN));
    store.append(Batch::to(&one).event(Fact::Deposited(1)).and_to(&two).record(odd)).unwrap();
    let owner = [("owner".to_string(), Scalar::from("petra"))].into_iter().collect();
    store.append(Batch::to(&one).describe(owner)).unwrap();
    store.append(Batch::to(&one).delete()).unwrap();
    store
        .append(Batch::to(&one).expecting(Version::new(2)).events([Fact::Closed, Fact::Deposited(7)]))
        .unwrap();
    store.append(Batch::to(&two).event(Fact::Closed)).unwrap();
    store.close().unwrap();
    done(&["export", url, &stream])
}

#[test]
fn the_lines_of_a_log_go_into_a_stream_as_they_came_out_of_another() {
    let servers = Servers::shared(1);
    let url = servers.url();
    let lines = lines_of_a_log(&url, servers);
    assert_eq!(lines.lines().count(), 7);

    let stream = servers.new_stream();
    let output = lines_into(&url, &stream, lines.as_bytes());
    assert!(output.status.success() && said(&output).starts_with("7 entries recorded"), "{}", said(&output));
    assert_eq!(done(&["export", &url, &stream]), lines);
    let output = lines_into(&url, &stream, lines.as_bytes());
    assert!(output.status.success() && said(&output).starts_with("0 entries recorded"), "{}", said(&output));

    // As after an interruption: the stream has the beginning of the log, and the file all of it.
    let (stream, folder) = (servers.new_stream(), tempfile::tempdir().unwrap());
    let beginning: String = lines.lines().take(3).map(|line| format!("{line}\n")).collect();
    assert!(lines_into(&url, &stream, beginning.as_bytes()).status.success());
    let file = folder.path().join("lines.jsonl");
    std::fs::write(&file, &lines).unwrap();
    done(&["import", &url, &stream, file.to_str().unwrap()]);
    assert_eq!(done(&["export", &url, &stream]), lines);
}

#[test]
fn a_line_that_is_none_is_named_and_nothing_is_recorded() {
    let servers = Servers::shared(1);
    let url = servers.url();
    let lines = lines_of_a_log(&url, servers);
    let stream = servers.new_stream();
    let changed = |at: usize, from: &str, to: &str| -> String {
        let change = |(number, line): (usize, &str)| match number + 1 == at {
            true => format!("{}\n", line.replacen(from, to, 1)),
            false => format!("{line}\n"),
        };
        let changed: String = lines.lines().enumerate().map(change).collect();
        assert_ne!(changed, lines, "{from} is in line {at}");
        changed
    };
    for (lines, expected) in [
        (changed(3, "{", ""), "line 3 is none of a log: "),
        (
            changed(3, "\"position\":3", "\"position\":4"),
            "line 3 is none of a log: its position is 4, and 3 comes next",
        ),
        (
            changed(4, "\"data\":null", "\"data\":1"),
            "line 4 is none of a log: the data of a deletion is null",
        ),
        (changed(4, "\"data\"", "\"tags\":[\"t\"],\"data\""), "line 4 is none of a log: a line of type "),
        (changed(7, "\"version\":2", "\"version\":0"), "line 7 is none of a log: it says version 0"),
        (changed(7, "\"version\":2", "\"version\":9"), "the batch that begins in line 7 is none of a log: "),
        (
            changed(7, "\"type\":\"Closed\"", "\"type\":\"$Closed\""),
            "line 7 is none of a log: type $Closed cannot be written: names that begin with `$` are the store's own",
        ),
        (
            changed(7, "\"stream\":", "\"stream\":\"account-one\",\"stream\":"),
            "line 7 is none of a log: duplicate field `stream` (at character ",
        ),
        (
            changed(7, "\"version\":2,", ""),
            "line 7 is none of a log: missing field `version`; a line of a log says ",
        ),
        (changed(7, "\"position\":7,", ""), "line 7 is none of a log: missing field `position`; "),
        (changed(7, "\"data\"", "\"colour\":1,\"data\""), "line 7 is none of a log: unknown field `colour`"),
        (
            lines.lines().skip(2).map(|line| format!("{line}\n")).collect(),
            "line 1 is none of a log: its position is 3, and 1 comes next",
        ),
    ] {
        let output = lines_into(&url, &stream, lines.as_bytes());
        let said = said(&output);
        assert!(!output.status.success() && said.starts_with(expected), "{said}");
        assert!(said.ends_with("; nothing was recorded\n"), "{said}");
    }
    let mut twice: Vec<String> = lines.lines().map(str::to_string).collect();
    twice.push(twice[6].replacen("\"position\":7", "\"position\":8", 1));
    let twice = said(&lines_into(&url, &stream, twice.join("\n").as_bytes()));
    assert!(twice.contains("line 8 is none of a log: its ids are those of lines before it"), "{twice}");
    let bytes = said(&lines_into(&url, &stream, b"\xff\n"));
    assert!(bytes.starts_with("line 1 is none of a log: "), "{bytes}");
    let missing = tool(&["import", &url, &stream, "/nowhere/at/all.jsonl"]);
    assert!(said(&missing).starts_with("/nowhere/at/all.jsonl cannot be read: "), "{}", said(&missing));
    assert_eq!(done(&["export", &url, &stream]), "", "nothing is there");
}
