//! A log of format 1, as it was written once, opens and reads as it was written, for ever.
//!
//! `LEFTFOLD_WRITE_GOLDEN` writes its files anew, as long as no version of the format has been published.

#[path = "log_format/noted.rs"]
mod noted;

use leftfold::log::FileLogOptions;
use leftfold::recorded::{EventId, Headers, Scalar, StreamName, Tag, Timestamp};
use leftfold::store::{Batch, EventReader, EventStore, Query, Reading};
use noted::{AsTheyAre, golden, noted, shown};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

fn format_1() -> PathBuf {
    golden("log-format-1")
}

fn options() -> FileLogOptions {
    let (seconds, ids) = (AtomicU64::new(0), AtomicU64::new(0));
    FileLogOptions::new()
        .segment_size(1_200)
        .clock(move || {
            let first: Timestamp = "2026-11-23T09:30:00Z".parse().unwrap();
            first + std::time::Duration::from_millis(1_500 * seconds.fetch_add(1, Ordering::Relaxed))
        })
        .event_ids(move || EventId::new(format!("made-{}", ids.fetch_add(1, Ordering::Relaxed) + 1)).unwrap())
}

/// Everything that a log can hold: several events a batch, over several streams, with tags, metadata, names that are
/// escaped, a second schema, a tombstone, a description.
fn write(folder: &Path) {
    let log = options().open(folder, AsTheyAre).unwrap();
    let stream = |name: &str| StreamName::new(name).unwrap();
    let (order, quoted) = (stream("order-17"), stream("talk-\"ä\""));
    let tag = |text: &str| Tag::new(text).unwrap();
    let description = Headers::from([
        ("owner".to_string(), Scalar::from("petra")),
        ("retention".to_string(), Scalar::from(7)),
        ("share".to_string(), Scalar::decimal(0.5).unwrap()),
        ("open".to_string(), Scalar::from(true)),
    ]);
    let batches = [
        Batch::to(&order)
            .record(
                noted("Placed", 1, "{\"items\":[1,2,3],\"note\":\"\\\"two\\\" for 3 €\"}")
                    .id(EventId::new("first").unwrap()),
            )
            .record(
                noted("Paid", 2, "{\"amount\":{\"cents\":1250}}").tag(tag("customer:petra")).tag(tag("paid")),
            )
            .and_to(&quoted)
            .record(noted("Said", 1, "\"batch\"").header("user", "alex").header("\"quoted\"", 3)),
        Batch::to(&order).describe(description),
        Batch::to(&quoted).record(noted("Said", 1, "null")).delete(),
        Batch::to(&order).record(noted("Sent", 1, "{}").tag(tag("customer:petra"))),
    ];
    for batch in batches {
        log.append(batch).unwrap();
    }
    log.close().unwrap();
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files =
        entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()));
    files.filter(|(name, _)| name.ends_with(".jsonl") || name == "mark").collect()
}

const TOLD: [&str; 7] = [
    r#"1 order-17 1 2026-11-23T09:30:00Z first [] {} Placed 1 {"items":[1,2,3],"note":"\"two\" for 3 €"}"#,
    r#"2 order-17 2 2026-11-23T09:30:00Z made-1 ["customer:petra", "paid"] {} Paid 2 {"amount":{"cents":1250}}"#,
    r#"3 talk-"ä" 1 2026-11-23T09:30:00Z made-2 [] {"\"quoted\"":3,"user":"alex"} Said 1 "batch""#,
    r#"5 talk-"ä" 2 2026-11-23T09:30:03Z made-4 [] {} Said 1 null"#,
    r#"6 talk-"ä" 3 2026-11-23T09:30:03Z made-5 [] {} deleted"#,
    r#"7 order-17 3 2026-11-23T09:30:04.5Z made-6 ["customer:petra"] {} Sent 1 {}"#,
    r#"4 order-17 2 2026-11-23T09:30:01.5Z made-3 [] {} described {"open":true,"owner":"petra","retention":7,"share":0.5}"#,
];

#[test]
fn a_log_of_format_1_opens_and_reads_as_it_was_written() {
    if std::env::var_os("LEFTFOLD_WRITE_GOLDEN").is_some() {
        let _ = fs::remove_dir_all(format_1());
        write(&format_1());
        let _ = fs::remove_file(format_1().join("lock"));
    }
    assert_eq!(files(&format_1()).len(), 3, "two segments and a mark");
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files(&format_1()) {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let reader = options().open_reader(folder.path(), AsTheyAre).unwrap();
    assert_eq!(shown(&reader), TOLD);
    let log = options().open(folder.path(), AsTheyAre).unwrap();
    assert!(log.recovery().closed, "{}", log.recovery());
    assert_eq!(log.recovery().possibly_lost, None);
    assert_eq!(shown(&log), TOLD);
    let described = log.stream(&StreamName::new("order-17").unwrap()).unwrap().unwrap();
    let metadata = serde_json::to_string(&described.metadata).unwrap();
    assert_eq!(metadata, r#"{"open":true,"owner":"petra","retention":7,"share":0.5}"#);

    // It can be written to as if it were of today.
    let first = noted("Placed", 1, "{ \"items\": [1,2,3], \"note\": \"\\\"two\\\" for 3 €\" }")
        .id(EventId::new("first").unwrap());
    let taken = log.append(Batch::to(&StreamName::new("order-17").unwrap()).record(first));
    assert!(taken.is_err(), "the id of a batch of three stands for one event: {taken:?}");
    log.append(
        Batch::to(&StreamName::new("order-18").unwrap())
            .record(noted("Placed", 1, "1").id(EventId::new("today").unwrap())),
    )
    .unwrap();
    drop(log);
    let again = options().open(folder.path(), AsTheyAre).unwrap();
    assert_eq!(again.all(Query::all()).unwrap().len(), 6);
}

#[test]
fn what_is_written_today_is_of_format_1_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let text = |files: BTreeMap<String, Vec<u8>>| -> BTreeMap<String, String> {
        files.into_iter().map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap())).collect()
    };
    let (today, golden) = (text(files(folder.path())), text(files(&format_1())));
    assert_eq!(today.keys().collect::<Vec<_>>(), golden.keys().collect::<Vec<_>>());
    for (name, written) in &golden {
        assert_eq!(&today[name], written, "{name}");
        for line in written.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
    }
}
