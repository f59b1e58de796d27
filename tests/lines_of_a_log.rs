//! An entry that is written as a line is read back as the same, and its line is the one that a log in files exports.

use leftfold::codec::{RawCodec, RawEvent};
use leftfold::log::{FileLogOptions, Syncing};
use leftfold::recorded::{
    CausationId, CorrelationId, Envelope, EventId, Headers, Metadata, Position, Scalar, StreamName, Tag,
    Timestamp, Version,
};
use leftfold::store::engine::Line;
use leftfold::store::{Batch, DESCRIBED, Entry, EventReader, EventStore, NewEvent, Query};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::ops::ControlFlow;

fn name<T: std::fmt::Debug>(of: fn(String) -> Option<T>) -> impl Strategy<Value = T> {
    prop_oneof![any::<String>(), Just("\"\\\u{2028}".to_string()), Just("é".repeat(256))]
        .prop_filter_map("a name", of)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), Just("\u{0}\n\r\t\u{7f}\"\\".to_string())]
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![Just(u64::MAX), Just(0), any::<u64>()]
}

fn headers() -> impl Strategy<Value = Headers> {
    let value = prop_oneof![
        any::<bool>().prop_map(Scalar::from),
        any::<i64>().prop_map(Scalar::from),
        prop_oneof![Just(-0.0), Just(f64::MAX), any::<f64>()].prop_filter_map("finite", Scalar::decimal),
        text().prop_map(Scalar::from),
    ];
    let name = prop_oneof![
        text(),
        select(&["correlation_id", "causation_id", "headers", "stream"][..]).prop_map(String::from)
    ];
    btree_map(name, value, 0..4)
}

/// JSON of all kinds, also such as a number that no `f64` is.
fn json() -> impl Strategy<Value = String> {
    const ODD: [&str; 9] = [
        "null",
        "-0.0",
        "1e400",
        "18446744073709551616",
        r#""\u0000""#,
        r#""\ud800""#,
        "{\n  \"x\": [1,\r\n2]\n}",
        r#"{"a":1,"a":2}"#,
        r#"{"stream":"x","batch":7}"#,
    ];
    prop_oneof![
        select(&ODD[..]).prop_map(String::from),
        text().prop_map(|text| serde_json::to_string(&text).unwrap()),
        any::<f64>().prop_map(|number| serde_json::to_string(&number).unwrap()),
    ]
}

fn event() -> impl Strategy<Value = NewEvent<RawEvent>> {
    let event_type = name(|text| Some(text).filter(|text| Tag::new(text).is_ok() && !text.starts_with('$')));
    let event =
        (event_type, json(), prop_oneof![Just(1), 1..=u32::MAX]).prop_map(|(event_type, data, schema)| {
            RawEvent { schema, ..RawEvent::new(event_type, &data).unwrap() }
        });
    let correlation = option::of(name(|text| CorrelationId::new(text).ok()));
    let causation = option::of(name(|text| CausationId::new(text).ok()));
    let metadata = (correlation, causation, headers()).prop_map(|(correlation_id, causation_id, headers)| {
        Metadata { correlation_id, causation_id, headers }
    });
    (event, vec(name(|text| Tag::new(text).ok()), 0..3), metadata)
        .prop_map(|(event, tags, metadata)| NewEvent { event, id: None, tags, metadata })
}

#[derive(Clone, Debug)]
enum Written {
    Event(NewEvent<RawEvent>),
    Deletion,
    Description(Headers),
}

fn written() -> impl Strategy<Value = Written> {
    prop_oneof![
        3 => event().prop_map(Written::Event),
        1 => Just(Written::Deletion),
        1 => headers().prop_map(Written::Description),
    ]
}

fn at() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        Just(Timestamp::MIN),
        Just(Timestamp::MAX),
        (-400_000_000_000..300_000_000_000i64, 0..1_000_000_000i32)
            .prop_filter_map("a time", |(seconds, nanoseconds)| Timestamp::new(seconds, nanoseconds).ok()),
    ]
}

proptest! {
    #[test]
    fn what_is_written_as_a_line_is_read_back_as_the_same(
        written in written(),
        (position, version, last) in (number(), number(), number()),
        stream in name(|text| StreamName::new(text).ok()),
        id in name(|text| EventId::new(text).ok()),
        recorded_at in at(),
    ) {
        let position = Position::new(position);
        let mut envelope = Envelope {
            position, stream, version: Version::new(version), event_type: "any".into(), tags: Vec::new(),
            recorded_at, id, metadata: Metadata::default(),
        };
        if let Written::Event(new) = &written {
            (envelope.tags, envelope.metadata) = (new.tags.clone(), new.metadata.clone());
        }
        let entry = match &written {
            Written::Event(new) => Entry::Event(&envelope, &new.event),
            Written::Deletion => Entry::Deleted(&envelope),
            Written::Description(headers) => Entry::Described(&envelope, headers),
        };
        let line = Line::of(entry, position..=Position::new(last));
        prop_assert_eq!(line.batch, (position.get() < last).then_some(position.get()));
        let text = line.to_string();
        prop_assert!(!text.contains(['\n', '\r']), "{} is one line", text);
        let read: Line = text.parse().map_err(|why| TestCaseError::fail(format!("{text}: {why}")))?;
        prop_assert_eq!(&read, &line);
        prop_assert_eq!(read.to_string(), text, "also what compares equal, such as zeros");
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_line_of_an_entry_is_the_one_that_a_log_in_files_exports(
        batches in vec(vec(written(), 1..4), 1..4),
        at in at(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let options = FileLogOptions::new().sync(Syncing::Never).clock(move || at);
        let log = options.open::<RawEvent>(folder.path(), RawCodec).unwrap();
        for (written, number) in batches.into_iter().zip(0..) {
            // The streams of a batch are its own, so that a deletion deletes what is there.
            let mut batch = Batch::to(&StreamName::of("a", number).unwrap()).event(RawEvent::new("A", "0").unwrap());
            for (written, part) in written.into_iter().zip(0..) {
                batch = batch.and_to(&StreamName::of("b", format_args!("{number}-{part}")).unwrap());
                batch = match written {
                    Written::Event(new) => batch.record(new),
                    Written::Deletion => batch.event(RawEvent::new("A", "0").unwrap()).delete(),
                    Written::Description(headers) => batch.describe(headers),
                };
            }
            log.append(batch).unwrap();
            log.append(Batch::to(&StreamName::of("c", number).unwrap()).event(RawEvent::new("A", "0").unwrap()))
                .unwrap();
        }
        log.close().unwrap();
        let reader = FileLogOptions::new().open_reader::<RawEvent>(folder.path(), RawCodec).unwrap();
        let (mut lines, mut compared) = (reader.lines(), Vec::new());
        let every_entry = Query::all().or(Query::of_types([DESCRIBED]));
        reader.visit(&every_entry.into(), &mut |entry| {
            let line = lines.at(entry.envelope().position).unwrap().unwrap();
            compared.push((Line::of(entry, line.batch()).to_string(), line.exported()));
            ControlFlow::Continue(())
        }).unwrap();
        prop_assert_eq!(compared.len() as u64, reader.head().unwrap().get());
        for (written, exported) in compared {
            prop_assert_eq!(written, exported);
        }
    }
}
