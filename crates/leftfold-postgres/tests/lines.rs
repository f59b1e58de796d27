//! A log goes out as lines and comes in again as it was, also between this store and a log in files.

mod server;

use leftfold::codec::{RawCodec, RawEvent};
use leftfold::log::FileLog;
use leftfold::recorded::{Headers, StreamName, Tag};
use leftfold::store::{Batch, DESCRIBED, EventReader, EventStore, ExpectedVersion, NewEvent, Query};
use leftfold_postgres::{Imported, Postgres, export, import};
use server::server;
use std::ops::ControlFlow;

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
    let read = |store: &Postgres| import(store, &mut &lines[..]).unwrap();
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
    let imported = import(&store, &mut lines.as_bytes()).unwrap();
    assert_eq!(imported, Imported { recorded: 7, already_recorded: 0 });
    assert_eq!(entries(&store), entries(&files));
}

#[test]
fn a_line_that_is_none_is_named_and_those_before_it_are_recorded() {
    let Some(server) = server() else { return };
    let store = server.open(&server.fresh());
    let lines = "{\"stream\":\"a-1\",\"type\":\"Noted\",\"data\":1}\n{\"stream\":\"a-1\"}\n";
    let error = import(&store, &mut lines.as_bytes()).unwrap_err().to_string();
    assert!(error.starts_with("line 2 cannot be read: missing field `type`"), "{error}");
    let reserved = "{\"stream\":\"a-1\",\"type\":\"$other\",\"data\":1}\n";
    let error = import(&store, &mut reserved.as_bytes()).unwrap_err().to_string();
    assert!(error.starts_with("the batch that begins in line 1 is not recorded"), "{error}");
}
