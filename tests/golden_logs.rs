//! A log that an earlier version of the kit has written is read by the present one, to the values that were recorded.
//!
//! The files lie in `tests/golden`. `LEFTFOLD_WRITE_GOLDEN=1 cargo test --test golden_logs -- --ignored golden_files_are_written` wrote
//! them, and writes them again. Do that only on purpose: files that the present version has written prove nothing about an earlier one.

#[path = "log_format/noted.rs"]
mod noted;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use leftfold::log::{FileLogOptions, Syncing};
use leftfold::recorded::{
    CausationId, CorrelationId, EventId, Headers, Position, Scalar, StreamName, Tag, Timestamp, Version,
};
use leftfold::store::{Batch, EventReader, EventStore, Listing, Query, Reading, StreamState};
use noted::{AsTheyAre, copy_of, emptied, golden, noted, shown};
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

fn stream(name: &str) -> StreamName {
    StreamName::new(name).unwrap()
}

fn id(text: &str) -> EventId {
    EventId::new(text).unwrap()
}

fn start() -> Timestamp {
    "2026-11-29T00:40:00.123456789Z".parse().unwrap()
}

/// A clock that goes on by a second and a half, and ids that the log makes by itself.
fn options() -> FileLogOptions {
    let looks = AtomicU64::new(0);
    FileLogOptions::new()
        .segment_size(1_000)
        .clock(move || start() + Duration::from_millis(1_500 * looks.fetch_add(1, Ordering::Relaxed)))
}

/// What is hard to keep as it is: numbers at their ends, escapes, names that are empty or those of the log's own fields.
const AWKWARD: [&str; 8] = [
    r#"{"most":18446744073709551615,"least":-9223372036854775808,"huge":1e308,"tiny":5e-324,"minus":-0.0}"#,
    r#"{"":{"":[]},"position":1,"crc":"00000000","data":{"type":"Placed","meta":{}}}"#,
    r#""\u0000 \" \\ \/ \b\f\n\r\t \u001f \u007f \u2028 \ud83e\udd80""#,
    "\"\u{2028}\u{85}\u{feff}ä🦀\"",
    r#"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"#,
    r#"{"batch":1,"batch":2}"#,
    r#"{ "spaced" : [ 1 , 2.50 , 1E+2 ] }"#,
    "false",
];

fn write_awkward(folder: &Path) {
    let log = options().open(folder, AsTheyAre).unwrap();
    let (order, talk) = (stream("shop-order-17"), stream("ein \"Gespräch\" -\\"));
    log.append(
        Batch::to(&order)
            .record(
                noted("Placed", 1, AWKWARD[0])
                    .id(id("order 17 / \"first\" \\ ä"))
                    .tag(Tag::new("customer:petra").unwrap())
                    .tag(Tag::new("ä \"quoted\" \\").unwrap())
                    .correlation(CorrelationId::new("conversation-1").unwrap())
                    .causation(CausationId::new("mail <1@example>").unwrap())
                    .header("flag", true)
                    .header("least", i64::MIN)
                    .header("third", Scalar::decimal(1.0 / 3.0).unwrap())
                    .header("large", Scalar::decimal(1e300).unwrap())
                    .header("", "the name is empty")
                    .header("text", "\u{0}\n\"\\\u{2028}🦀"),
            )
            .record(noted("Placed", 2, AWKWARD[1]))
            .and_to(&talk)
            .record(noted("ganz \"anders\"", 4_294_967_295, AWKWARD[2]).id(id("x"))),
    )
    .unwrap();
    let description = |text: &str| Headers::from([("about".to_string(), Scalar::from(text))]);
    log.append(Batch::to(&talk).describe(description("one \"quoted\""))).unwrap();
    log.append(
        Batch::to(&talk).describe(description("the last counts")).and_to(&order).describe(Headers::new()),
    )
    .unwrap();
    log.append(Batch::to(&order).record(noted("Placed", 2, AWKWARD[3]).id(id("y"))).delete()).unwrap();
    log.append(
        Batch::to(&order).expecting(Version::new(4)).record(noted("Placed", 1, AWKWARD[4]).id(id("again"))),
    )
    .unwrap();
    log.close().unwrap();
    // Behind the end of a log that was closed, by a writer that is killed: the mark says that it is open.
    let log = options().sync(Syncing::Never).open(folder, AsTheyAre).unwrap();
    log.append(Batch::to(&stream("talk")).record(noted("Said", 1, AWKWARD[5]).id(id("z")))).unwrap();
    log.append(Batch::to(&stream("talk")).record(noted("Said", 1, AWKWARD[6]))).unwrap();
    log.append(Batch::to(&stream("talk")).record(noted("Said", 1, AWKWARD[7]).id(id("ω")))).unwrap();
    std::mem::forget(log);
    let _ = fs::remove_file(folder.join("lock"));
}

/// More entries than a log needs to have an index: small ones, in three streams, with and without tags and given ids.
const LARGE: u64 = 10_050;

fn write_large(folder: &Path) {
    let written = tempfile::tempdir().unwrap();
    let log = options().segment_size(600_000).open(written.path(), AsTheyAre).unwrap();
    for first in (1..=LARGE - 2).step_by(402) {
        let mut batch = Batch::to(&stream("count-0"));
        for number in first..(first + 402).min(LARGE - 1) {
            let event = noted(["Even", "Odd"][(number % 2) as usize], 1, &number.to_string());
            let event = if number % 5 == 0 { event.id(id(&format!("given-{number}"))) } else { event };
            let event = if number % 100 == 0 { event.tag(Tag::new("hundreds").unwrap()) } else { event };
            batch = batch.and_to(&stream(&format!("count-{}", number % 3))).record(event);
        }
        log.append(batch).unwrap();
    }
    let description = Headers::from([("owner".to_string(), Scalar::from("petra"))]);
    log.append(Batch::to(&stream("count-1")).describe(description)).unwrap();
    log.append(Batch::to(&stream("count-2")).delete()).unwrap();
    log.close().unwrap();
    compress(written.path(), folder);
}

/// Copies the files of a log, compressed, as the text is long and says little.
fn compress(written: &Path, folder: &Path) {
    for entry in fs::read_dir(written).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name != "lock" {
            let file = fs::File::create(folder.join(format!("{name}.gz"))).unwrap();
            let mut packed = GzEncoder::new(file, Compression::best());
            packed.write_all(&fs::read(written.join(&name)).unwrap()).unwrap();
            packed.finish().unwrap();
        }
    }
}

/// Names of streams whose category an earlier rule ended at the last `-`: enough entries that the log has an index.
const DASHED: [&str; 4] = ["shop-order-17", "shop-order-18", "shop-17", "plain"];

fn write_dashes(folder: &Path) {
    let written = tempfile::tempdir().unwrap();
    let log = options().segment_size(600_000).open(written.path(), AsTheyAre).unwrap();
    for first in (0..LARGE).step_by(402) {
        let mut batch = Batch::to(&stream(DASHED[0]));
        for number in first..(first + 402).min(LARGE) {
            let event = noted("Counted", 1, &number.to_string());
            batch = batch.and_to(&stream(DASHED[(number % 4) as usize])).record(event);
        }
        log.append(batch).unwrap();
    }
    log.close().unwrap();
    compress(written.path(), folder);
}

/// A log that is kept compressed, in a folder that may be written to.
fn unpacked(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(golden(name)).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = Vec::new();
        GzDecoder::new(fs::File::open(&path).unwrap()).read_to_end(&mut bytes).unwrap();
        fs::write(folder.path().join(path.file_stem().unwrap()), bytes).unwrap();
    }
    folder
}

/// Headers that are called as fields of the metadata are: which event has which ids and headers. `None` for an id that is absent.
type Named = (&'static str, Option<&'static str>, Option<&'static str>, Vec<(&'static str, Scalar)>);

fn named() -> Vec<Named> {
    vec![
        ("text beside the id", Some("c-1"), None, vec![("correlation_id", "another".into())]),
        ("number beside the id", Some("c-2"), None, vec![("correlation_id", 7.into())]),
        ("flag beside the id", None, Some("m-3"), vec![("causation_id", true.into())]),
        ("unfit text beside the id", Some("c-4"), None, vec![("correlation_id", "".into())]),
        (
            "both ids, both headers",
            Some("c-5"),
            Some("m-5"),
            vec![("causation_id", "m".into()), ("correlation_id", "c".into()), ("user", "petra".into())],
        ),
        ("number and no id", None, None, vec![("correlation_id", 7.into())]),
        ("empty text and no id", None, None, vec![("causation_id", "".into())]),
        ("control character and no id", None, None, vec![("correlation_id", "two\nlines".into())]),
        ("the other id alone", Some("c-9"), None, vec![("causation_id", 9.into())]),
        ("headers", Some("c-10"), None, vec![("headers", "a text".into())]),
    ]
}

fn write_headers(folder: &Path) {
    let log = options().open(folder, AsTheyAre).unwrap();
    for (event, correlation, causation, headers) in named() {
        let mut new = noted("Said", 1, &serde_json::to_string(event).unwrap()).id(id(event));
        new.metadata.correlation_id = correlation.map(|id| CorrelationId::new(id).unwrap());
        new.metadata.causation_id = causation.map(|id| CausationId::new(id).unwrap());
        new.metadata.headers = headers.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
        log.append(Batch::to(&stream("talk")).record(new)).unwrap();
    }
    // A header with a text that might be an id, and no id beside it: nothing tells it from the id.
    let alike = noted("Said", 1, "\"alike\"").id(id("alike")).header("correlation_id", "c-11");
    log.append(Batch::to(&stream("talk")).record(alike)).unwrap();
    log.close().unwrap();
    let _ = fs::remove_file(folder.join("lock"));
}

#[test]
#[ignore = "writes the files that the other tests read"]
fn golden_files_are_written() {
    assert!(std::env::var_os("LEFTFOLD_WRITE_GOLDEN").is_some(), "only on purpose");
    write_awkward(&emptied("log-awkward"));
    write_large(&emptied("log-large"));
    write_headers(&emptied("log-headers"));
    write_dashes(&emptied("log-dashes"));
}

const SHOWN_AWKWARD: [&str; 12] = [
    "1 shop-order-17 1 2026-11-29T00:40:00.123456789Z order 17 / \"first\" \\ ä [\"customer:petra\", \"ä \\\"quoted\\\" \\\\\"] \
     {\"correlation_id\":\"conversation-1\",\"causation_id\":\"mail <1@example>\",\"\":\"the name is empty\",\"flag\":true,\
     \"large\":1e+300,\"least\":-9223372036854775808,\"text\":\"\\u0000\\n\\\"\\\\\u{2028}🦀\",\"third\":0.3333333333333333} \
     Placed 1 {\"most\":18446744073709551615,\"least\":-9223372036854775808,\"huge\":1e308,\"tiny\":5e-324,\"minus\":-0.0}",
    r#"2 shop-order-17 2 2026-11-29T00:40:00.123456789Z 8a1c781758c3-2 [] {} Placed 2 {"":{"":[]},"position":1,"crc":"00000000","data":{"type":"Placed","meta":{}}}"#,
    r#"3 ein "Gespräch" -\ 1 2026-11-29T00:40:00.123456789Z x [] {} ganz "anders" 4294967295 "\u0000 \" \\ \/ \b\f\n\r\t \u001f \u007f \u2028 \ud83e\udd80""#,
    "7 shop-order-17 3 2026-11-29T00:40:04.623456789Z y [] {} Placed 2 \"\u{2028}\u{85}\u{feff}ä🦀\"",
    "8 shop-order-17 4 2026-11-29T00:40:04.623456789Z 8a1c781758c3-8 [] {} deleted",
    "9 shop-order-17 5 2026-11-29T00:40:06.123456789Z again [] {} Placed 1 [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    r#"10 talk 1 2026-11-29T00:40:00.123456789Z z [] {} Said 1 {"batch":1,"batch":2}"#,
    r#"11 talk 2 2026-11-29T00:40:01.623456789Z 8b26dd6d1468-11 [] {} Said 1 { "spaced" : [ 1 , 2.50 , 1E+2 ] }"#,
    "12 talk 3 2026-11-29T00:40:03.123456789Z ω [] {} Said 1 false",
    r#"4 ein "Gespräch" -\ 1 2026-11-29T00:40:01.623456789Z 8a1c781758c3-4 [] {} described {"about":"one \"quoted\""}"#,
    r#"5 ein "Gespräch" -\ 1 2026-11-29T00:40:03.123456789Z 8a1c781758c3-5 [] {} described {"about":"the last counts"}"#,
    "6 shop-order-17 2 2026-11-29T00:40:03.123456789Z 8a1c781758c3-6 [] {} described {}",
];

#[test]
fn a_log_of_an_earlier_writer_reads_as_it_was_written_however_awkward_its_contents() {
    let folder = copy_of(&golden("log-awkward"));
    let reader = options().open_reader(folder.path(), AsTheyAre).unwrap();
    assert_eq!(shown(&reader), SHOWN_AWKWARD);
    let log = options().verifying().open(folder.path(), AsTheyAre).unwrap();
    assert!(!log.recovery().closed && log.recovery().torn.is_none(), "{}", log.recovery());
    let lost = log.recovery().possibly_lost.as_deref().unwrap();
    assert!(lost.contains("acknowledges before it syncs"), "{lost}");
    assert_eq!(shown(&log), SHOWN_AWKWARD);

    // Ids that were given, and ids that the log has made, are found again; so are streams and tags.
    for (text, position) in
        [("order 17 / \"first\" \\ ä", 1), ("8a1c781758c3-2", 2), ("ω", 12), ("8b26dd6d1468-11", 11)]
    {
        assert_eq!(log.position_of(&id(text)).unwrap(), Some(Position::new(position)), "{text}");
    }
    assert_eq!(log.position_of(&id("8a1c781758c3-3")).unwrap(), None);
    let tagged = log.all(Query::all().tag(Tag::new("ä \"quoted\" \\").unwrap())).unwrap();
    assert_eq!(tagged.iter().map(|event| event.position.get()).collect::<Vec<_>>(), [1]);
    let first = &tagged[0].metadata;
    assert_eq!(first.headers["third"], Scalar::decimal(1.0 / 3.0).unwrap());
    assert_eq!(first.headers["least"], Scalar::Integer(i64::MIN));
    let talk = log.stream(&stream("ein \"Gespräch\" -\\")).unwrap().unwrap();
    assert_eq!(talk.metadata, Headers::from([("about".to_string(), "the last counts".into())]));
    let order = log.stream(&stream("shop-order-17")).unwrap().unwrap();
    assert_eq!((order.state, order.metadata), (StreamState::At(Version::new(5)), Headers::new()));
    // Its category was `shop-order` once.
    let of_shop = log.all(Query::category("shop").unwrap()).unwrap();
    assert_eq!(of_shop.iter().map(|event| event.position.get()).collect::<Vec<_>>(), [1, 2, 7, 9]);
    assert_eq!(log.categories(&Listing::prefix("shop")).unwrap(), ["shop"]);

    // What is new is recorded after the last event.
    let appended =
        log.append(Batch::to(&stream("new")).record(noted("Said", 1, "13").id(id("new")))).unwrap();
    assert_eq!(appended.version_of(&stream("new")), Some(Version::new(1)));
    log.close().unwrap();
    let again = options().verifying().open(folder.path(), AsTheyAre).unwrap();
    assert_eq!(again.position_of(&id("new")).unwrap(), Some(Position::new(13)));
}

#[test]
fn a_large_log_of_an_earlier_writer_reads_the_same_with_its_index_and_without() {
    for without in [false, true] {
        let folder = unpacked("log-large");
        assert!(folder.path().join("index").exists());
        if without {
            fs::remove_file(folder.path().join("index")).unwrap();
        }
        let log = options().open(folder.path(), AsTheyAre).unwrap();
        assert!(log.recovery().closed && log.recovery().possibly_lost.is_none(), "{}", log.recovery());
        let events = log.all(Query::all()).unwrap();
        assert_eq!(events.len() as u64, LARGE - 2, "the last two entries are a description and a tombstone");
        let mut versions = [0; 3];
        for (event, number) in events.iter().zip(1..) {
            let kind = ["Even", "Odd"][(number % 2) as usize];
            assert_eq!(event.position, Position::new(number));
            assert_eq!(event.stream, stream(&format!("count-{}", number % 3)));
            versions[(number % 3) as usize] += 1;
            assert_eq!(event.version, Version::new(versions[(number % 3) as usize]));
            assert_eq!(event.event, (kind.to_string(), 1, number.to_string()));
            assert_eq!(event.recorded_at, start() + Duration::from_millis(1_500 * ((number - 1) / 402)));
            assert_eq!(event.id.as_str() == format!("given-{number}"), number % 5 == 0, "{}", event.id);
            assert_eq!(event.tags.len(), usize::from(number % 100 == 0));
        }
        for number in [1, 5, 402, 4_020, 4_021, 10_045, LARGE - 2] {
            let event = &events[number as usize - 1];
            assert_eq!(log.position_of(&event.id).unwrap(), Some(event.position), "{}", event.id);
        }
        assert_eq!(log.position_of(&id("given-7")).unwrap(), None);
        let hundreds = log.all(Query::all().tag(Tag::new("hundreds").unwrap())).unwrap();
        assert_eq!(hundreds.len(), 100);
        let [described, deleted] =
            ["count-1", "count-2"].map(|name| log.stream(&stream(name)).unwrap().unwrap());
        assert_eq!(described.metadata, Headers::from([("owner".to_string(), "petra".into())]));
        assert_eq!(described.state, StreamState::At(Version::new(3_350)));
        assert_eq!(deleted.state, StreamState::Deleted(Version::new(3_350)));
    }
}

#[test]
fn headers_that_an_earlier_writer_put_beside_ids_of_the_same_name_are_read_as_headers() {
    let folder = copy_of(&golden("log-headers"));
    let log = options().open(folder.path(), AsTheyAre).unwrap();
    let events = log.all(Query::all()).unwrap();
    assert_eq!(events.len(), named().len() + 1);
    for (event, (name, correlation, causation, headers)) in events.iter().zip(named()) {
        assert_eq!(event.id.as_str(), name);
        assert_eq!(event.metadata.correlation_id.as_ref().map(CorrelationId::as_str), correlation, "{name}");
        assert_eq!(event.metadata.causation_id.as_ref().map(CausationId::as_str), causation, "{name}");
        let read: Vec<(&str, Scalar)> =
            event.metadata.headers.iter().map(|(name, value)| (&**name, value.clone())).collect();
        assert_eq!(read, headers, "{name}");
    }
    // Of one entry, the text is the id.
    let alike = &events.last().unwrap().metadata;
    assert_eq!(alike.correlation_id.as_ref().map(CorrelationId::as_str), Some("c-11"));
    assert!(alike.headers.is_empty());
}

#[test]
fn an_index_of_an_earlier_writer_knows_categories_by_the_first_dash() {
    for without in [false, true] {
        let folder = unpacked("log-dashes");
        assert!(folder.path().join("index").exists());
        if without {
            fs::remove_file(folder.path().join("index")).unwrap();
        }
        let log = options().open(folder.path(), AsTheyAre).unwrap();
        assert!(log.recovery().closed && log.recovery().possibly_lost.is_none(), "{}", log.recovery());
        assert_eq!(log.categories(&Listing::all()).unwrap(), ["plain", "shop"]);
        let of_shop = log.all(Query::category("shop").unwrap()).unwrap();
        let numbers = (0..LARGE).filter(|number| number % 4 != 3).map(|number| number.to_string());
        assert!(of_shop.iter().map(|event| event.event.2.clone()).eq(numbers));
        let first = &of_shop[0];
        assert_eq!(
            (first.stream.as_str(), first.stream.category(), first.stream.id()),
            ("shop-order-17", "shop", Some("order-17"))
        );
        // It is written on, and the new event is found beside the old ones.
        log.append(Batch::to(&stream("shop-550e8400-e29b")).record(noted("Counted", 1, "\"new\""))).unwrap();
        let last = log.all(Query::category("shop").unwrap()).unwrap().pop().unwrap();
        assert_eq!(last.stream.id(), Some("550e8400-e29b"));
    }
}
