//! What is in an event comes back as it was, and what is too large is refused by name.

mod common;

use common::Servers;
use leftfold::codec::Codec;
use leftfold::recorded::{Position, StreamName};
use leftfold::store::{AppendError, Batch, EventReader, EventStore, Query, Reading};
use leftfold_nats::{Freshness, Nats};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Said { text: String, number: f64, large: u64 },
}

fn said(text: &str) -> Event {
    Event::Said { text: text.to_string(), number: -0.0, large: u64::MAX }
}

fn open(servers: &Servers, stream: &str) -> Nats<Event> {
    let options = servers.options().freshness(Freshness::Linearizable);
    options.open(&servers.url(), stream, Codec::new().unwrap()).unwrap()
}

fn name() -> StreamName {
    StreamName::of("talk", "one").unwrap()
}

#[test]
fn odd_values_and_the_time_come_back_through_another_handle() {
    let servers = Servers::shared(1);
    let stream = servers.new_stream();
    let (one, other) = (open(servers, &stream), open(servers, &stream));
    let odd = said("nothing \u{0000}, lines \n\n\u{2028}, \u{1F600}");
    one.append(Batch::to(&name()).event(odd.clone())).unwrap();
    one.append(Batch::to(&name()).events([said("two"), said("three")])).unwrap();

    let (mine, others) = (one.all(Query::all()).unwrap(), other.all(Query::all()).unwrap());
    assert_eq!(mine, others);
    assert_eq!(others[0].event, odd);
    let Event::Said { number, large, .. } = &others[0].event;
    assert!(number.is_sign_negative());
    assert_eq!(*large, u64::MAX);
    // Nanoseconds: three times of the system's clock are hardly all on whole microseconds.
    assert!(others.iter().any(|event| event.envelope.recorded_at.subsec_nanosecond() % 1_000 != 0));
}

#[test]
fn ten_thousand_events_are_one_message_and_more_than_a_message_takes_is_refused() {
    let servers = Servers::shared(1);
    let stream = servers.new_stream();
    let (one, other) = (open(servers, &stream), open(servers, &stream));
    let large =
        Batch::to(&name()).events((0..10_000).map(|_| said("as long as it takes to be too much in the end")));
    let refused = one.append(large).unwrap_err();
    assert!(matches!(&refused, AppendError::TooLarge { .. }), "{refused}");
    assert!(refused.to_string().contains("bytes"), "{refused}");
    assert_eq!(one.head().unwrap(), Position::new(0));

    one.append(Batch::to(&name()).events((0..3_000).map(|_| said("short")))).unwrap();
    assert_eq!(other.all(Query::all()).unwrap().len(), 3_000);
}

#[test]
fn concurrent_batches_that_do_not_fit_into_one_message_take_several() {
    let servers = Servers::shared(1);
    let store = open(servers, &servers.new_stream());
    let text = "x".repeat(300_000);
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| store.append(Batch::to(&name()).event(said(&text))).unwrap());
        }
    });
    assert_eq!(store.head().unwrap(), Position::new(12));
}

#[test]
fn a_copy_goes_on_in_a_new_file_when_one_is_full() {
    let servers = Servers::shared(1);
    let (stream, folder) = (servers.new_stream(), tempfile::tempdir().unwrap());
    let options = servers.options().folder(folder.path());
    let store: Nats<Event> = options.open(&servers.url(), &stream, Codec::new().unwrap()).unwrap();
    let text = "x".repeat(1_000_000);
    (0..70).for_each(|_| drop(store.append(Batch::to(&name()).event(said(&text))).unwrap()));
    store.close().unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap();
    let files = files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().ends_with(".jsonl"));
    assert_eq!(files.count(), 2);
    assert_eq!(open(servers, &stream).head().unwrap(), Position::new(70));
}

#[test]
fn a_visitor_may_append() {
    let servers = Servers::shared(1);
    let store = open(servers, &servers.new_stream());
    store.append(Batch::to(&name()).event(said("one"))).unwrap();
    let head = store
        .visit(&Query::all().into(), &mut |_| {
            store.append(Batch::to(&name()).event(said("two"))).unwrap();
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((head, store.head().unwrap()), (Position::new(1), Position::new(2)));
}

#[test]
fn a_store_is_opened_used_and_dropped_on_a_worker_of_a_runtime() {
    let servers = Servers::shared(1);
    let stream = servers.new_stream();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let work = runtime.spawn(async move {
        let store = open(servers, &stream);
        store.append(Batch::to(&name()).event(said("one"))).unwrap();
        assert_eq!(store.head().unwrap(), Position::new(1));
        store.close().unwrap();
    });
    runtime.block_on(work).unwrap();
}

#[test]
fn what_others_append_arrives_without_being_asked_for() {
    let servers = Servers::shared(1);
    let stream = servers.new_stream();
    let one = open(servers, &stream);
    let other: Nats<Event> = servers.options().open(&servers.url(), &stream, Codec::new().unwrap()).unwrap();
    one.append(Batch::to(&name()).event(said("one"))).unwrap();
    assert_eq!(other.wait(Position::new(0), Duration::from_secs(10)).unwrap(), Position::new(1));
    assert_eq!(other.all(Query::all()).unwrap().len(), 1);
}
