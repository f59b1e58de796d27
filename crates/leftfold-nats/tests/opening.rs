//! What is opened, and what is refused with a sentence.

mod common;

use async_nats::jetstream::stream::{Config, StorageType};
use common::Servers;
use futures_util::StreamExt;
use leftfold::codec::{Codec, RawCodec};
use leftfold::log::{FileLog, OpenError};
use leftfold::recorded::{Position, StreamName};
use leftfold::store::{AppendError, Batch, EventReader, EventStore, Query, Reading};
use leftfold_nats::{Nats, NatsOptions, OpenNatsError};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{Duration, Instant};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Counted(u32),
}

fn name() -> StreamName {
    StreamName::of("count", "one").unwrap()
}

fn open(options: NatsOptions, servers: &Servers, stream: &str) -> Result<Nats<Event>, OpenNatsError> {
    options.open(&servers.url(), stream, Codec::new().unwrap())
}

fn open_in(folder: &Path, servers: &Servers, stream: &str) -> Result<Nats<Event>, OpenNatsError> {
    open(servers.options().folder(folder), servers, stream)
}

fn count(store: &Nats<Event>, numbers: std::ops::Range<u32>) {
    for number in numbers {
        store.append(Batch::to(&name()).event(Event::Counted(number))).unwrap();
    }
}

/// The stream with the settings of a store, changed.
fn made(servers: &Servers, stream: &str, change: impl FnOnce(&mut Config)) {
    let mut config = Config {
        name: stream.to_string(),
        subjects: vec![format!("leftfold.{stream}")],
        storage: StorageType::File,
        deny_delete: true,
        deny_purge: true,
        ..Config::default()
    };
    change(&mut config);
    servers.with_context(async |context| context.create_stream(config).await.unwrap());
}

fn remove(servers: &Servers, stream: &str) {
    servers.with_context(async |context| context.delete_stream(stream).await.unwrap());
}

#[test]
fn a_copy_that_was_kept_goes_on_where_it_was() {
    let servers = Servers::shared(1);
    let (stream, folder) = (servers.new_stream(), tempfile::tempdir().unwrap());
    let kept = open_in(folder.path(), servers, &stream).unwrap();
    count(&kept, 0..50);
    kept.close().unwrap();
    count(&open(servers.options(), servers, &stream).unwrap(), 50..100);

    let kept = open_in(folder.path(), servers, &stream).unwrap();
    assert_eq!(kept.head().unwrap(), Position::new(100));
    // It got what it lacked and the message before that, and no other.
    let got = servers.with_context(async |context| {
        let stream = context.get_stream(&stream).await.unwrap();
        let consumers: Vec<_> = stream.consumers().map(Result::unwrap).collect().await;
        consumers
            .into_iter()
            .filter(|consumer| consumer.delivered.stream_sequence == 100)
            .map(|consumer| consumer.delivered.consumer_sequence)
            .min()
    });
    assert_eq!(got, Some(51));
    count(&kept, 100..101);
    let numbers: Vec<Event> = kept.all(Query::all()).unwrap().into_iter().map(|event| event.event).collect();
    assert_eq!(numbers, (0..101).map(Event::Counted).collect::<Vec<_>>());

    // The folder belongs to one handle at a time.
    let second = open_in(folder.path(), servers, &stream).unwrap_err();
    assert!(matches!(second, OpenNatsError::Copy(OpenError::Locked { .. })), "{second}");
}

#[test]
fn a_copy_that_lost_its_end_takes_it_over_again() {
    let servers = Servers::shared(1);
    let (stream, folder) = (servers.new_stream(), tempfile::tempdir().unwrap());
    let kept = open_in(folder.path(), servers, &stream).unwrap();
    count(&kept, 0..40);
    kept.close().unwrap();
    // As after a power cut: the files are those of an earlier moment.
    let earlier = tempfile::tempdir().unwrap();
    let kept = open_in(earlier.path(), servers, &stream).unwrap();
    let text = |folder: &Path| std::fs::read_to_string(folder.join("000000000001.jsonl")).unwrap();
    let whole = text(folder.path());
    drop(kept);
    let cut = whole.len() / 2;
    for file in ["mark", "index"] {
        let _ = std::fs::remove_file(folder.path().join(file));
    }
    std::fs::write(folder.path().join("000000000001.jsonl"), &whole[..cut]).unwrap();
    let again = open_in(folder.path(), servers, &stream).unwrap();
    assert_eq!(again.head().unwrap(), Position::new(40));
    again.close().unwrap();
    assert_eq!(text(folder.path()).lines().count(), whole.lines().count());
}

#[test]
fn a_stream_that_could_lose_events_is_refused_with_its_setting() {
    let servers = Servers::shared(1);
    type Change = fn(&mut Config);
    let changes: [(&str, Change); 6] = [
        ("max_msgs", |config| config.max_messages = 10),
        ("max_bytes", |config| config.max_bytes = 1_000_000),
        ("max_age", |config| config.max_age = Duration::from_secs(3600)),
        ("deny_delete", |config| config.deny_delete = false),
        ("memory", |config| config.storage = StorageType::Memory),
        ("subjects", |config| config.subjects.push(format!("other.{}", config.name))),
    ];
    for (word, change) in changes {
        let stream = servers.new_stream();
        made(servers, &stream, change);
        let refused = open(servers.options(), servers, &stream).unwrap_err();
        assert!(
            matches!(refused, OpenNatsError::Unsafe { .. }) && refused.to_string().contains(word),
            "{refused}"
        );
    }
    let stream = servers.new_stream();
    made(servers, &stream, |_| {});
    open(servers.options(), servers, &stream).unwrap();
}

#[test]
fn a_message_that_somebody_else_wrote_is_refused_whenever_it_comes() {
    let servers = Servers::shared(1);
    let stream = servers.new_stream();
    let store = open(servers.options(), servers, &stream).unwrap();
    count(&store, 0..1);
    servers.with_context(async |context| {
        context.publish(format!("leftfold.{stream}"), "hello".into()).await.unwrap().await.unwrap();
    });
    let begun = Instant::now();
    let refused = loop {
        if let Err(refused) = store.head() {
            break refused;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "the foreign message is seen");
        std::thread::sleep(Duration::from_millis(10));
    };
    let source = std::error::Error::source(&refused).unwrap().to_string();
    assert!(
        source.contains("message 2 of stream") && source.contains("not written by leftfold-nats"),
        "{source}"
    );
    let refused = store.append(Batch::to(&name()).event(Event::Counted(1))).unwrap_err();
    assert!(matches!(&refused, AppendError::Unavailable { .. }), "{refused}");
    let refused = open(servers.options(), servers, &stream).unwrap_err();
    assert!(matches!(refused, OpenNatsError::Foreign { .. }), "{refused}");
}

#[test]
fn a_stream_that_was_made_again_leaves_its_old_copy_alone() {
    let servers = Servers::shared(1);
    let (stream, folder) = (servers.new_stream(), tempfile::tempdir().unwrap());
    let kept = open_in(folder.path(), servers, &stream).unwrap();
    count(&kept, 0..3);
    kept.close().unwrap();
    remove(servers, &stream);
    count(&open(servers.options(), servers, &stream).unwrap(), 0..1);
    let refused = open_in(folder.path(), servers, &stream).unwrap_err();
    assert!(matches!(refused, OpenNatsError::Remade { .. }), "{refused}");

    // Even where the file says that it is the same stream.
    let other = tempfile::tempdir().unwrap();
    open_in(other.path(), servers, &stream).unwrap().close().unwrap();
    std::fs::copy(other.path().join("origin.json"), folder.path().join("origin.json")).unwrap();
    let refused = open_in(folder.path(), servers, &stream).unwrap_err();
    assert!(matches!(refused, OpenNatsError::Shorter { end: 1, copy: 3, .. }), "{refused}");
    count(&open(servers.options(), servers, &stream).unwrap(), 1..3);
    let refused = open_in(folder.path(), servers, &stream).unwrap_err();
    assert!(refused.to_string().contains("files of another log"), "{refused}");
    let log = FileLog::<Event>::open(folder.path(), Codec::new().unwrap()).unwrap();
    assert_eq!(log.head().unwrap(), Position::new(3));
}

#[test]
fn a_store_whose_stream_is_made_again_says_so() {
    let servers = Servers::shared(1);
    let stream = servers.new_stream();
    let store = open(servers.options().timeout(Duration::from_secs(2)), servers, &stream).unwrap();
    count(&store, 0..1);
    remove(servers, &stream);
    made(servers, &stream, |_| {});
    let begun = Instant::now();
    let refused = loop {
        match store.append(Batch::to(&name()).event(Event::Counted(1))) {
            Err(refused) if refused.to_string().contains("made again") => break refused,
            Err(AppendError::Unavailable { .. } | AppendError::Unknown { .. }) => {}
            other => panic!("{other:?}"),
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "the new stream is seen");
    };
    assert!(matches!(refused, AppendError::Unavailable { .. }), "{refused}");
    assert!(store.head().is_err());
}

#[test]
fn a_log_that_is_no_copy_is_not_made_one() {
    let servers = Servers::shared(1);
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::<Event>::open(folder.path(), Codec::new().unwrap()).unwrap();
    log.append(Batch::to(&name()).event(Event::Counted(0))).unwrap();
    log.close().unwrap();
    let refused = open_in(folder.path(), servers, &servers.new_stream()).unwrap_err();
    assert!(matches!(refused, OpenNatsError::NotACopy { .. }), "{refused}");
}

#[test]
fn a_server_that_is_not_there_or_lets_nobody_in_is_named_within_the_time() {
    let servers = Servers::shared(1);
    let begun = Instant::now();
    let options = NatsOptions::new().timeout(Duration::from_secs(1));
    let refused = options.open("nats://127.0.0.1:1", "S", RawCodec).unwrap_err();
    assert!(matches!(refused, OpenNatsError::Unreachable { .. }), "{refused}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());

    let options = servers.options().user("leftfold", "wrong");
    let refused = options.open(&servers.url(), "S", RawCodec).unwrap_err();
    assert!(matches!(refused, OpenNatsError::Credentials { .. }), "{refused}");
    assert!(!refused.to_string().contains("secret"), "{refused}");

    let options = servers.options().credentials("/nowhere/at/all.creds");
    let refused = options.open(&servers.url(), "S", RawCodec).unwrap_err();
    assert!(matches!(refused, OpenNatsError::CredentialsFile { .. }), "{refused}");

    let options = servers.options().timeout(Duration::from_secs(3));
    let refused = options.open(&servers.url(), "a name with spaces", RawCodec).unwrap_err();
    assert!(matches!(refused, OpenNatsError::Stream { .. }), "{refused}");
}
