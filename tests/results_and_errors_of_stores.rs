//! What stores and runners answer can be written as JSON; their errors go between threads, name what they come from once, and
//! are one text with all of it; names and ids are read from texts.

use leftfold::codec::{CodecError, RawEvent};
use leftfold::conformance::contract::RefusalReason;
use leftfold::log::{OpenError, Recovery};
use leftfold::page::with_sources;
use leftfold::recorded::{
    CausationId, CommandId, CorrelationId, EventId, InvalidText, Position, StreamName, Tag, Version,
};
use leftfold::runtime::{
    Activity, BusError, FoundRunner, HandleError, Handled, ListenerFailed, OwedItem, Poison, RequestAnswer,
    RunnerError, RunnerRequest, Sent, Snapshot, SnapshotError, Status,
};
use leftfold::store::{
    AppendError, Appended, Batch, Conflict, EventReader, EventStore, ExpectedVersion, InvalidRegex, Listing,
    Loaded, Memory, ReadError, Reading, StreamInfo, StreamState, UnlikeValues,
};
use serde::Serialize;
use serde_json::{json, to_value};
use std::error::Error;
use std::io;

fn is_an_error<X: Error + Send + Sync + 'static>() {}

fn is_serialized<T: Serialize + std::fmt::Debug>() {}

#[test]
fn errors_go_between_threads_and_into_boxes() {
    is_an_error::<InvalidText>();
    is_an_error::<Conflict>();
    is_an_error::<AppendError>();
    is_an_error::<ReadError>();
    is_an_error::<UnlikeValues>();
    is_an_error::<InvalidRegex>();
    is_an_error::<CodecError>();
    is_an_error::<OpenError>();
    is_an_error::<RunnerError>();
    is_an_error::<Poison>();
    is_an_error::<HandleError<String>>();
    is_an_error::<SnapshotError>();
    is_an_error::<BusError>();
    is_an_error::<ListenerFailed>();
    is_an_error::<RefusalReason>();
}

#[test]
fn answers_of_stores_and_runners_can_be_written() {
    is_serialized::<Appended>();
    is_serialized::<Conflict>();
    is_serialized::<Loaded<u64>>();
    is_serialized::<StreamInfo>();
    is_serialized::<StreamState>();
    is_serialized::<ExpectedVersion>();
    is_serialized::<Recovery>();
    is_serialized::<Handled<String, u64>>();
    is_serialized::<Sent<u64>>();
    is_serialized::<Snapshot<u64>>();
    is_serialized::<Status>();
    is_serialized::<Activity>();
    is_serialized::<Poison>();
    is_serialized::<OwedItem>();
    is_serialized::<FoundRunner>();
    is_serialized::<RunnerRequest>();
    is_serialized::<RequestAnswer>();

    let (store, door) = (Memory::new(), StreamName::of("door", 1).unwrap());
    let opened =
        || Batch::to(&door).expecting(ExpectedVersion::NoStream).event(RawEvent::new("Opened", "1").unwrap());
    let appended = to_value(store.append(opened()).unwrap()).unwrap();
    assert_eq!(appended, json!({"first": 1, "last": 1, "versions": [["door-1", 1]], "repeated": false}));
    let Err(AppendError::Conflict(conflict)) = store.append(opened()) else { panic!("it is there") };
    let stream = json!({"stream": "door-1", "expected": "NoStream", "found": {"At": 1}, "head": 1});
    assert_eq!(to_value(conflict).unwrap(), json!({"Stream": stream}));
    let info = &store.streams(&Listing::all()).unwrap()[0];
    let written = json!({"name": "door-1", "state": {"At": 1}, "first": 1, "last": 1, "metadata": {}});
    assert_eq!(to_value(info).unwrap(), written);
    assert_eq!(store.all(leftfold::store::Query::all()).unwrap().len(), 1);
}

/// The error and what it comes from: the sentence of none holds that of its source.
fn says_it_once(error: &(dyn Error + 'static), whole: &str) {
    let source = error.source().expect("it comes from another");
    assert!(!error.to_string().contains(&source.to_string()), "{error}");
    assert_eq!(with_sources(error), whole);
}

#[test]
fn an_error_leaves_what_it_comes_from_to_its_source() {
    let gone = || io::Error::other("the disk is gone");
    let (doing, stream) = (|| "reading the log".to_string(), StreamName::of("door", 1).unwrap());
    let storage = || ReadError::Storage { doing: doing(), source: gone() };
    says_it_once(&storage(), "reading the log failed: the disk is gone");
    says_it_once(&AppendError::Read(storage()), "reading the log failed: the disk is gone");
    says_it_once(
        &OpenError::Storage { doing: doing(), source: gone() },
        "reading the log failed: the disk is gone",
    );
    says_it_once(
        &RunnerError::Folder { doing: doing(), source: gone() },
        "reading the log failed: the disk is gone",
    );
    let full = AppendError::NoDescriptor { doing: doing(), source: gone() };
    says_it_once(
        &full,
        "no file can be opened any more: reading the log; nothing was recorded, append again when some are closed, or raise \
         the limit of open files: the disk is gone",
    );
    let position = Position::new(3);
    let unmapped = ReadError::Unmapped { position, stream: stream.clone(), source: gone().into() };
    says_it_once(&unmapped, "the event at position 3 of stream door-1 cannot be mapped: the disk is gone");
    let model = RunnerError::Model { doing: "committing", name: "doors".to_string(), source: gone().into() };
    says_it_once(&model, "committing doors failed: the disk is gone");
    let emitted = RunnerError::Emitted { name: "doors".to_string(), source: Box::new(full) };
    assert!(with_sources(&emitted).ends_with("open files: the disk is gone"));
    let refused = Box::new(AppendError::Empty);
    says_it_once(
        &BusError::NotRecorded(refused),
        "the message was not recorded, and will not be handled: the batch writes nothing; there is nothing to append",
    );
    let named = HandleError::<String>::Named(StreamName::new("").unwrap_err());
    says_it_once(&named, r#"the command cannot be handled: "" cannot be the name of a stream: it is empty"#);
    let unfit = SnapshotError::Unfit { source: gone().into() };
    says_it_once(&unfit, "no snapshots can be kept of such states: the disk is gone");
    let hostile = RunnerError::Folder { doing: doing(), source: io::Error::other("a\u{1b}[2Jb\nc") };
    assert_eq!(with_sources(&hostile), r"reading the log failed: a\u{1b}[2Jb\nc");
}

#[test]
fn names_and_ids_are_read_from_texts() {
    let uuid = "550e8400-e29b-41d4-a716-446655440000";
    let stream = StreamName::of("order", uuid).unwrap();
    assert_eq!((stream.category(), stream.id()), ("order", Some(uuid)));
    assert_eq!(format!("order-{uuid}").parse(), Ok(stream.clone()));
    assert_eq!(StreamName::try_from(stream.as_str()), Ok(stream));
    assert_eq!(("a".parse(), "b".parse()), (EventId::new("a"), CommandId::new("b")));
    assert_eq!(("a".parse(), "b".parse()), (CorrelationId::new("a"), CausationId::new("b")));
    assert_eq!((Tag::try_from("a"), Tag::try_from("a".to_string())), (Tag::new("a"), Tag::new("a")));
    assert_eq!("".parse::<Tag>().unwrap_err().to_string(), r#""" cannot be a tag: it is empty"#);
    assert!("a\nb".parse::<StreamName>().is_err());
    assert_eq!(("7".parse(), "0".parse()), (Ok(Position::new(7)), Ok(Version::NONE)));
    assert!("-1".parse::<Version>().is_err() && "".parse::<Position>().is_err());
}
