//! Logs move into streams and out of them, entry by entry as they were.

mod common;

use common::Servers;
use leftfold::codec::Codec;
use leftfold::conformance::Fact;
use leftfold::log::FileLog;
use leftfold::recorded::{EventId, Scalar, StreamName, Tag, Version};
use leftfold::store::{Batch, EventStore, NewEvent};
use std::path::Path;
use std::process::{Command, Output};

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

/// The lines of the log in a folder without what belongs to the files.
fn plain_lines(folder: &Path) -> Vec<String> {
    let reader = leftfold::log::FileLogOptions::new()
        .open_reader::<leftfold::codec::RawEvent>(folder, leftfold::codec::RawCodec)
        .unwrap();
    let head = leftfold::store::EventReader::head(&reader).unwrap().get();
    let mut lines = reader.lines();
    (1..=head).map(|at| lines.at(leftfold::recorded::Position::new(at)).unwrap().unwrap().plain()).collect()
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
    let mine = plain_lines(folder.path());
    assert_eq!(exported.lines().count(), mine.len());
    for (exported, mine) in exported.lines().zip(&mine) {
        let without_end = &mine[..mine.len() - 1];
        assert!(exported.starts_with(without_end), "{exported} is {mine}");
    }
    assert!(exported.lines().next().unwrap().ends_with(",\"batch\":1}"), "{exported}");

    // Another log is not put after it.
    let other = tempfile::tempdir().unwrap();
    let log = log_in(other.path());
    (0..10).for_each(|amount| drop(log.append(Batch::to(&one).event(Fact::Deposited(amount))).unwrap()));
    log.close().unwrap();
    let refused = tool(&["import", &url, &stream, other.path().to_str().unwrap()]);
    let sentence = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && sentence.contains("other entries than this log"), "{sentence}");
}
