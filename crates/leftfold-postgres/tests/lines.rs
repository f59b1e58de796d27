//! A log goes out as lines and comes in again as it was, also between this store and a log in files.

mod server;

use leftfold::codec::{RawCodec, RawEvent};
use leftfold::log::FileLog;
use leftfold::recorded::{Headers, StreamName, Tag};
use leftfold::store::{Batch, DESCRIBED, EventReader, EventStore, ExpectedVersion, NewEvent, Query};
use leftfold_postgres::{Imported, Postgres, PostgresOptions, export, import};
use server::server;
use std::io::{Cursor, Seek as _, Write as _};
use std::ops::ControlFlow;
use std::process::{Command, Stdio};

fn stream(text: &str) -> StreamName {
    StreamName::new(text).unwrap()
}

fn entries(store: &dyn EventReader<RawEvent>) -> Vec<String> {
    let mut entries = Vec::new();
    let read = Query::all().or(Query::of_types([DESCRIBED]));
    store
        .visit(&read.into(), &mut |entry| {
            entries.push(format!("{entry:?}"));
            ControlFlow::Continue(())
        })
        .unwrap();
    entries
}

fn fill(store: &impl EventStore<RawEvent>) {
    let event = |data: &str| NewEvent::of(RawEvent::new("Noted", data).unwrap());
    let headers = Headers::from([("owner".to_string(), "petra".into())]);
    let (a, b) = (stream("a-1"), stream("b-1"));
    let tagged = event(r#"{"text":"\u0000"}"#).tag(Tag::new("t").unwrap()).header("user", "alex");
    store.append(Batch::to(&a).record(tagged).and_to(&b).record(event("-0.0")).record(event("2"))).unwrap();
    store.append(Batch::to(&a).describe(headers)).unwrap();
    let deleted = store.append(Batch::to(&a).delete()).unwrap();
    let version = deleted.version_of(&a).unwrap();
    store.append(Batch::to(&a).expecting(ExpectedVersion::Exactly(version)).record(event("3"))).unwrap();
    store.append(Batch::to(&b).record(event("4"))).unwrap();
}

#[test]
fn a_log_comes_in_as_it_went_out_and_an_import_can_be_repeated() {
    let Some(server) = server() else { return };
    let (one, other) = (server.open(&server.fresh()), server.open(&server.fresh()));
    fill(&one);
    let mut lines = Vec::new();
    assert_eq!(export(&one, &mut lines).unwrap(), 7);
    let batches =
        String::from_utf8_lossy(&lines).lines().map(|line| line.contains("\"batch\":1")).collect::<Vec<_>>();
    assert_eq!(batches, [true, true, true, false, false, false, false], "a batch of several says so");
    let read = |store: &Postgres| import(store, &mut Cursor::new(&lines)).unwrap();
    assert_eq!(read(&other), Imported { recorded: 7, already_recorded: 0 });
    assert_eq!(entries(&other), entries(&one));
    assert_eq!(read(&other), Imported { recorded: 0, already_recorded: 7 });
    let mut again = Vec::new();
    export(&other, &mut again).unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), String::from_utf8(lines).unwrap(), "batches are the same");
}

#[test]
fn a_log_in_files_moves_to_the_database() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().unwrap();
    let files = FileLog::open(folder.path(), RawCodec).unwrap();
    fill(&files);
    let store = server.open(&server.fresh());
    // The lines of the file, as they are, are lines of an export with their checksums.
    let mut lines = String::new();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap_or_default();
        lines.extend(
            text.lines().filter(|line| line.starts_with("{\"position\"")).map(|line| format!("{line}\n")),
        );
    }
    let imported = import(&store, &mut Cursor::new(lines)).unwrap();
    assert_eq!(imported, Imported { recorded: 7, already_recorded: 0 });
    assert_eq!(entries(&store), entries(&files));
}

#[test]
fn a_file_with_a_wrong_line_at_its_end_leaves_the_log_as_it_was() {
    let Some(server) = server() else { return };
    let store = server.open(&server.fresh());
    let lines = "{\"stream\":\"a-1\",\"type\":\"Noted\",\"data\":1}\n{\"stream\":\"a-1\"}\n";
    let refused = |lines: &[u8], why: &str| {
        let error = import(&store, &mut Cursor::new(lines)).unwrap_err().to_string();
        assert!(error.starts_with(why), "{error}");
        assert_eq!(store.head().unwrap().get(), 0, "{error}");
    };
    refused(lines.as_bytes(), "line 2 cannot be read: missing field `type`");
    let fine = "{\"stream\":\"a-1\",\"type\":\"Noted\",\"data\":1}\n\n";
    let after = |line: &str| fine.to_string() + line;
    let reserved = after("{\"stream\":\"a-1\",\"type\":\"$other\",\"data\":1}\n");
    refused(
        reserved.as_bytes(),
        "line 3 cannot be read: type $other cannot be written: names that begin with `$`",
    );
    let named_twice = after("{\"stream\":\"a-1\",\"stream\":\"a-2\",\"type\":\"Noted\",\"data\":1}\n");
    refused(named_twice.as_bytes(), "line 3 cannot be read: duplicate field `stream` (at character ");
    let described = after("{\"stream\":\"a-1\",\"type\":\"$described\",\"data\":[1]}\n");
    refused(described.as_bytes(), "line 3 cannot be read: ");
    let twice = "{\"stream\":\"a-1\",\"type\":\"N\",\"id\":\"a\",\"batch\":1,\"data\":1}\n".repeat(2);
    refused(after(&twice).as_bytes(), "the batch that begins in line 3 cannot be recorded");
    refused(&[after("").as_bytes(), b"\xff\n"].concat(), "line 3 cannot be read: ");
    assert_eq!(import(&store, &mut Cursor::new(fine)).unwrap().recorded, 1);
}

/// The program reads a pipe and a file; a file is read from where it is.
#[test]
fn the_program_imports_a_pipe_and_a_file() {
    let Some(server) = server() else { return };
    let one = server.open(&server.fresh());
    fill(&one);
    let mut lines = Vec::new();
    export(&one, &mut lines).unwrap();
    let other = server.open(&PostgresOptions::new().schema("of_program").migrating());
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&lines).unwrap();
    file.rewind().unwrap();
    let import = |input: Stdio, piped: &[u8]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_leftfold-postgres"));
        program.args(["import", &server.url(), "of_program"]).stdin(input).stdout(Stdio::piped());
        let mut running = program.spawn().unwrap();
        if let Some(mut input) = running.stdin.take() {
            input.write_all(piped).unwrap();
        }
        String::from_utf8(running.wait_with_output().unwrap().stdout).unwrap()
    };
    assert_eq!(import(Stdio::piped(), &lines), "7 lines recorded, 0 recorded before\n");
    assert_eq!(import(file.into(), b""), "0 lines recorded, 7 recorded before\n");
    assert_eq!(entries(&other), entries(&one));
}
