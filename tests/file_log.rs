//! The file log on a real folder: what is written is there again, as people can read it.

#[path = "disk/disk.rs"]
mod disk;
#[path = "disk/texts.rs"]
mod texts;

use leftfold::codec::{RawCodec, RawEvent};
use leftfold::log::{FileLog, FileLogOptions, FileLogReader, OpenError};
use leftfold::recorded::{EventId, Position, StreamName, Tag};
use leftfold::store::{
    AppendError, Batch, EventReader, EventStore, ExpectedVersion, NewEvent, Query, Reading,
};
use std::fs;
use texts::{Texts, at};

fn log(folder: &std::path::Path) -> FileLog<String> {
    FileLogOptions::new().clock(at).segment_size(2_000).open(folder, Texts).unwrap()
}

#[test]
fn the_file_is_json_lines_in_a_fixed_order() {
    let folder = tempfile::tempdir().unwrap();
    let stream = StreamName::of("talk", 1).unwrap();
    let log = log(folder.path());
    log.append(
        Batch::to(&stream)
            .expecting(ExpectedVersion::NoStream)
            .record(NewEvent::of("hello".to_string()).id(EventId::new("a").unwrap()))
            .record(
                NewEvent::of("\"world\"\n".to_string())
                    .id(EventId::new("b").unwrap())
                    .tag(Tag::new("loud").unwrap())
                    .header("user", "petra"),
            ),
    )
    .unwrap();
    log.close().unwrap();
    let text = fs::read_to_string(folder.path().join("000000000001.jsonl")).unwrap();
    for line in text.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    let events: Vec<&str> =
        text.lines().skip(2).map(|line| line.split(r#","crc":"#).next().unwrap()).collect();
    assert_eq!(
        events,
        [
            r#"{"position":1,"stream":"talk-1","version":1,"type":"Said","at":"2026-11-23T09:30:00Z","id":"a","data":"hello""#,
            r#"{"position":2,"stream":"talk-1","version":2,"type":"Said","tags":["loud"],"at":"2026-11-23T09:30:00Z","id":"b","meta":{"user":"petra"},"data":"\"world\"\n""#,
        ]
    );
}

#[test]
fn what_was_appended_is_there_again_after_opening_it_anew() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..5u64 {
        let log = log(folder.path());
        assert_eq!(log.head().unwrap(), Position::new(round * 21), "{}", log.recovery());
        for number in 0..20 {
            let stream = StreamName::of("talk", number % 3).unwrap();
            log.append(Batch::to(&stream).event(format!("{round}.{number}"))).unwrap();
        }
        let all = log.all(Query::all()).unwrap();
        assert_eq!(all.len() as u64, round * 21 + 20);
        assert_eq!(all.last().unwrap().event, format!("{round}.19"));
        let back = log.all(Query::category("talk").unwrap().backwards().limit(3)).unwrap();
        assert_eq!(
            back.iter().map(|r| r.position.get()).collect::<Vec<_>>(),
            [round * 21 + 20, round * 21 + 19, round * 21 + 18]
        );
        let reader = FileLogReader::open(folder.path(), Texts).unwrap();
        assert_eq!(reader.all(Query::all()).unwrap(), all);
        log.append(Batch::to(&StreamName::of("talk", 7).unwrap()).event("x".into())).ok();
        assert_eq!(reader.head().unwrap(), Position::new(round * 21 + 21));
    }
    assert!(fs::read_dir(folder.path()).unwrap().count() > 4);
}

#[test]
fn a_second_writer_is_told_that_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let _first = log(folder.path());
    let second = FileLog::<String>::open(folder.path(), Texts);
    assert!(matches!(second, Err(OpenError::Locked { .. })));
}

#[test]
fn an_id_answers_with_where_it_stands_also_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let stream = StreamName::of("talk", 1).unwrap();
    let batch = |text: &str| {
        Batch::to(&stream)
            .expecting(ExpectedVersion::NoStream)
            .record(NewEvent::of(text.to_string()).id(EventId::new("a").unwrap()))
    };
    let first = log(folder.path());
    assert!(first.recovery().made, "{}", first.recovery());
    let appended = first.append(batch("hello")).unwrap();
    drop(first);
    let again = log(folder.path());
    assert!(again.recovery().closed && !again.recovery().made);
    let repeated = again.append(batch("hello")).unwrap();
    assert!(repeated.repeated);
    assert_eq!(repeated.first, appended.first);
    let other = again.append(batch("goodbye")).unwrap_err();
    assert!(matches!(other, AppendError::IdTaken { .. }), "{other}");
}

#[test]
fn an_id_that_the_log_made_tells_its_event_after_opening_again_and_in_a_copy_of_the_log() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let stream = StreamName::of("talk", 1).unwrap();
    let say = |text: &str| Batch::to(&stream).event(text.to_string());
    let with = |text: &str, id: &EventId| {
        let new = NewEvent::of(text.to_string()).id(id.clone());
        Batch::to(&stream).expecting(ExpectedVersion::Any).record(new)
    };
    let first = log(folder.path());
    first.append(say("one")).unwrap();
    first.append(say("two")).unwrap();
    let ids: Vec<EventId> =
        first.all(Query::all()).unwrap().into_iter().map(|event| event.id.clone()).collect();
    // The id of the event to come is not given away: nobody may take it before.
    let next = EventId::new(ids[1].as_str().replace("-2", "-3")).unwrap();
    let early = first.append(with("three", &next)).unwrap_err().to_string();
    assert!(early.contains("made by the store, for events to come"), "{early}");
    drop(first);

    let again = log(folder.path());
    let repeated = again.append(with("two", &ids[1])).unwrap();
    assert_eq!((repeated.first.get(), repeated.repeated), (2, true));
    assert!(matches!(again.append(with("one", &ids[1])), Err(AppendError::IdTaken { .. })));
    assert!(
        !again.append(with("three", &next)).unwrap().repeated,
        "the handle that would have made it is gone"
    );

    // In another log it stands elsewhere, and is found there as any id is.
    let copy = log(other.path());
    copy.append(say("before")).unwrap();
    copy.append(with("one", &ids[0])).unwrap();
    copy.append(with("two", &ids[1])).unwrap();
    let twice = with("x", &EventId::new("0123456789ab-4").unwrap());
    let twice = twice.record(NewEvent::of("y".to_string()).id(EventId::new("0123456789ab-4").unwrap()));
    assert!(
        matches!(copy.append(twice), Err(AppendError::IdTaken { .. })),
        "also one that tells its position"
    );
    for _ in 0..2 {
        let repeated = copy.append(with("one", &ids[0])).unwrap();
        assert_eq!((repeated.first.get(), repeated.repeated), (2, true));
    }
    drop(copy);
    let copy = log(other.path());
    assert_eq!(copy.append(with("two", &ids[1])).unwrap().first.get(), 3);
}

/// A log that is large enough to leave its index beside it, closed.
fn large(folder: &std::path::Path) -> Vec<leftfold::recorded::Recorded<String>> {
    let log = FileLogOptions::new().clock(at).segment_size(500_000).open(folder, Texts).unwrap();
    for batch in 0..12 {
        let stream = StreamName::of("talk", batch % 5).unwrap();
        let mut events = Batch::to(&stream);
        for number in 0..1_000 {
            let id = EventId::new(format!("{batch}/{number}")).unwrap();
            let tag = Tag::new(format!("n:{}", number % 7)).unwrap();
            let new = NewEvent::of(format!("{batch}.{number}")).tag(tag);
            events = events.record(if number % 2 == 1 { new.id(id) } else { new });
        }
        log.append(events).unwrap();
    }
    log.append(Batch::to(&StreamName::of("talk", 1).unwrap()).delete()).unwrap();
    let headers = [("owner".to_string(), "petra".into())].into();
    log.append(Batch::to(&StreamName::of("talk", 2).unwrap()).describe(headers)).unwrap();
    log.append(Batch::to(&StreamName::of("talk", "with-dashes").unwrap()).event("a".into())).unwrap();
    let all = log.all(Query::all()).unwrap();
    log.close().unwrap();
    all
}

#[test]
fn a_large_log_is_opened_by_the_index_beside_it_and_without_it_and_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let all = large(folder.path());
    let index = folder.path().join("index");
    let kept = fs::read(&index).expect("a large log leaves its index beside it");
    let tag = Query::tagged(Tag::new("n:3").unwrap());
    let seen = |what: &str| {
        let log = FileLogOptions::new().clock(at).open(folder.path(), Texts).unwrap();
        assert_eq!(log.all(Query::all()).unwrap(), all, "{what}");
        let tagged = log.all(&tag).unwrap();
        let streams = log.streams(&leftfold::store::Listing::all()).unwrap();
        let repeated = log.append(
            Batch::to(&StreamName::of("talk", 3).unwrap())
                .record(NewEvent::of("3.17".into()).id(EventId::new("3/17").unwrap())),
        );
        assert!(matches!(repeated, Err(AppendError::IdTaken { .. })), "{what}: {repeated:?}");
        let made = log.append(
            Batch::to(&StreamName::of("talk", 3).unwrap())
                .record(NewEvent::of("3.18".into()).id(all[3_018].id.clone())),
        );
        assert!(matches!(made, Err(AppendError::IdTaken { .. })), "{what}: {made:?}");
        // Categories are not stored: an index that was written by another rule for them does no harm.
        let categories = log.categories(&leftfold::store::Listing::all()).unwrap();
        assert_eq!(categories, ["talk"], "{what}");
        let of_talk = log.all(Query::category("talk").unwrap()).unwrap();
        assert_eq!(of_talk, all, "{what}");
        (tagged, streams)
    };
    let by_index = seen("by the index");
    fs::remove_file(&index).unwrap();
    let by_reading = seen("by reading");
    assert_eq!(by_index, by_reading);
    // Damage to it costs time and nothing else.
    for at in [0, 9, 20, kept.len() / 2, kept.len() - 1] {
        let mut damaged = kept.clone();
        damaged[at] ^= 1;
        fs::write(&index, damaged).unwrap();
        assert_eq!(seen("by a damaged index"), by_reading);
    }
    // One of another log is not believed.
    fs::write(&index, &kept).unwrap();
    let log = FileLogOptions::new().clock(at).open(folder.path(), Texts).unwrap();
    log.append(Batch::to(&StreamName::of("talk", 4).unwrap()).event("new".into())).unwrap();
    drop(log);
    fs::write(&index, &kept).unwrap();
    let log = FileLog::<String>::open(folder.path(), Texts).unwrap();
    assert_eq!(log.head().unwrap().get(), all.len() as u64 + 3);
    let reader = FileLogReader::open(folder.path(), Texts).unwrap();
    assert_eq!(reader.all(Query::all()).unwrap(), log.all(Query::all()).unwrap());
}

#[test]
fn damage_to_an_event_is_found_when_it_is_read_although_the_index_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    large(folder.path());
    let segment = folder.path().join("000000000001.jsonl");
    let mut bytes = fs::read(&segment).unwrap();
    let found = bytes.windows(6).position(|window| window == b"\"0.17\"").unwrap();
    bytes[found + 1] = b'9';
    fs::write(&segment, bytes).unwrap();
    let log = FileLog::<String>::open(folder.path(), Texts).unwrap();
    let error = log.all(Query::all()).unwrap_err().to_string();
    assert!(error.contains("position 18") && error.contains("000000000001.jsonl"), "{error}");
}

#[test]
fn an_id_under_another_type_is_refused_though_the_content_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::open(folder.path(), RawCodec).unwrap();
    let of_type = |event_type: &str| {
        let event = RawEvent::new(event_type, r#"{"amount":1}"#).unwrap();
        Batch::to(&StreamName::of("account", 1).unwrap())
            .record(NewEvent::of(event).id(EventId::new("a").unwrap()))
    };
    log.append(of_type("Deposited")).unwrap();
    let error = log.append(of_type("Withdrawn")).unwrap_err().to_string();
    assert_eq!(error, "event id a is taken: position 1 holds Deposited, and not Withdrawn");
    assert!(log.append(of_type("Deposited")).unwrap().repeated);
}
