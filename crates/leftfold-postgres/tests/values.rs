//! What is hard to store comes back as it was, and what a caller does in a read or in an async worker works.

mod server;

use leftfold::codec::{Codec, RawEvent};
use leftfold::recorded::{EventId, Headers, Scalar, StreamName, Tag, Timestamp, Version};
use leftfold::store::{AppendError, Batch, EventReader, EventStore, Memory, NewEvent, Query, Reading};
use serde::{Deserialize, Serialize};
use server::server;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

fn stream(text: &str) -> StreamName {
    StreamName::new(text).unwrap()
}

fn raw(data: &str) -> RawEvent {
    RawEvent::new("Noted", data).unwrap()
}

#[test]
fn contents_come_back_byte_for_byte() {
    let Some(server) = server() else { return };
    let store = server.open(&server.fresh());
    let contents = [
        r#"{"text":"a\u0000b","small":-0.0,"large":18446744073709551615,"exact":1e400,"twice":1,"twice":2}"#,
        "{ \"spaces\" :\t[ 1,2 ] }",
        r#""\ud800 alone""#,
        "null",
        "0.10",
    ];
    let batch = contents.iter().fold(Batch::to(&stream("a-1")), |batch, data| batch.event(raw(data)));
    store.append(batch).unwrap();
    let events = store.all(Query::all()).unwrap();
    let found: Vec<&str> = events.iter().map(|recorded| recorded.event.data.get()).collect();
    assert_eq!(found, contents);
}

#[test]
fn headers_come_back_as_they_were() {
    let Some(server) = server() else { return };
    let at: Timestamp = "2026-11-23T09:30:00.123456789Z".parse().unwrap();
    let before: Timestamp = "-009998-01-02T00:00:00.000000001Z".parse().unwrap();
    for at in [at, before] {
        let store = server.open(&server.fresh().clock(move || at));
        let mut headers = Headers::new();
        headers.insert("nul \0".into(), "\0".into());
        headers.insert("zero".into(), Scalar::decimal(-0.0).unwrap());
        headers.insert("most".into(), i64::MAX.into());
        let mut event = NewEvent::of(raw("1")).tag(Tag::new("ä:\u{10ffff}").unwrap());
        event.metadata.headers = headers.clone();
        store.append(Batch::to(&stream("a-1")).record(event).describe(headers.clone())).unwrap();
        let found = &store.all(Query::all()).unwrap()[0];
        assert_eq!(found.metadata.headers, headers);
        assert!(
            matches!(&found.metadata.headers["zero"], Scalar::Decimal(zero) if zero.get().is_sign_negative()),
            "-0.0 is not 0.0"
        );
        assert_eq!((found.recorded_at, found.tags[0].as_str()), (at, "ä:\u{10ffff}"));
        assert_eq!(store.stream(&stream("a-1")).unwrap().unwrap().metadata, headers);
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Counted { number: u64, small: f64, text: String },
}

#[test]
fn ten_thousand_events_of_a_model_are_one_batch() {
    let Some(server) = server() else { return };
    let store = server.open(&server.fresh().page(700)).with(Codec::new().unwrap());
    let event = |number: u64| Event::Counted { number: u64::MAX - number, small: -0.0, text: "\0".into() };
    let id = EventId::new("first").unwrap();
    let batch = || {
        let batch = Batch::to(&stream("a-1")).record(NewEvent::of(event(0)).id(id.clone()));
        batch.events((1..10_000).map(event)).expecting(Version::NONE)
    };
    let appended = store.append(batch()).unwrap();
    assert_eq!((appended.first.get(), appended.last.get(), appended.repeated), (1, 10_000, false));
    let events = store.all(Query::all()).unwrap();
    assert!(events.iter().zip(0..).all(|(recorded, number)| recorded.event == event(number)));
    assert_eq!(events.len(), 10_000);
    assert_eq!(store.append(batch()).unwrap().last, appended.last, "the same batch again is a repeat");
    assert_eq!(store.head().unwrap().get(), 10_000);
}

#[test]
fn an_append_inside_a_visit_works_with_one_connection() {
    let Some(server) = server() else { return };
    let store = server.open(&server.fresh().pool(1).page(3));
    store.append(Batch::to(&stream("a-1")).events((0..10).map(|_| raw("1")))).unwrap();
    let mut shown = 0;
    store
        .visit(&Query::all().into(), &mut |_| {
            store.append(Batch::to(&stream("b-1")).event(raw("2"))).unwrap();
            shown += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((shown, store.head().unwrap().get()), (10, 20), "a read sees the log as it was");
}

#[test]
fn calls_from_a_worker_of_an_async_runtime_work() {
    let Some(server) = server() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let options = server.fresh();
    let url = server.url();
    let work = runtime.spawn(async move {
        let store = leftfold_postgres::Postgres::open_with(&url, options).unwrap();
        store.append(Batch::to(&stream("a-1")).event(raw("1"))).unwrap();
        store.wait(store.head().unwrap(), Duration::from_millis(10)).unwrap();
        store.all(Query::all()).unwrap().len()
    });
    assert_eq!(runtime.block_on(work).unwrap(), 1);
}

#[test]
fn many_streams_tags_and_items_are_read_once_each_in_order() {
    let Some(server) = server() else { return };
    let store = server.open(&server.fresh().page(7));
    let mut batch = Batch::to(&stream("a-0"));
    for number in 0..100 {
        let tag = |count: u32| Tag::new(format!("t{}", number % count)).unwrap();
        batch = batch.and_to(&stream(&format!("s{}-{}", number % 3, number % 10)));
        batch = batch.record(NewEvent::of(raw("1")).tag(tag(5)).tag(tag(7)));
    }
    store.append(batch).unwrap();
    let query = Query::streams((0..10).map(|number| stream(&format!("s1-{number}"))))
        .or(Query::tagged(Tag::new("t3").unwrap()))
        .or(Query::category("s2").unwrap().types(["Noted", "Other"]))
        .or(Query::tagged(Tag::new("t1").unwrap()).tag(Tag::new("t4").unwrap()));
    let all = store.all(Query::all()).unwrap();
    let expected: Vec<u64> =
        all.iter().filter(|event| query.matches(&event.envelope)).map(|event| event.position.get()).collect();
    let positions = |read: leftfold::store::Read| -> Vec<u64> {
        store.all(read).unwrap().iter().map(|event| event.position.get()).collect()
    };
    assert!(expected.len() > 40 && expected.len() < 100, "{}", expected.len());
    assert_eq!(positions((&query).into()), expected);
    let backwards: Vec<u64> = expected.iter().rev().copied().collect();
    assert_eq!(positions(query.backwards()), backwards);
}

#[test]
fn a_reader_who_waits_is_woken_at_once_and_also_without_a_listener() {
    let Some(server) = server() else { return };
    let options = server.fresh();
    let (writer, reader) = (server.open(&options), server.open(&options));
    for lost in [false, true] {
        let after = reader.head().unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| reader.wait(after, Duration::from_secs(20)).unwrap());
            std::thread::sleep(Duration::from_millis(150));
            if lost {
                server.sql(
                    "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen log_%'",
                );
                server.sql(
                    "select pg_terminate_backend(pid) from pg_stat_activity \
                     where application_name = 'leftfold' and query like 'select position from %head'",
                );
            }
            let began = Instant::now();
            writer.append(Batch::to(&stream("a-1")).event(raw("1"))).unwrap();
            assert!(waiting.join().unwrap() > after);
            let bound = if lost { Duration::from_secs(2) } else { Duration::from_millis(250) };
            assert!(began.elapsed() < bound, "woken after {:?}", began.elapsed());
        });
    }
}

#[test]
fn json_that_the_server_does_not_take_is_refused_and_hurts_nobody_else() {
    let Some(server) = server() else { return };
    let store = server.open(&server.fresh());
    let deep = "[".repeat(200_000) + &"]".repeat(200_000);
    std::thread::scope(|scope| {
        let others: Vec<_> = (0..8)
            .map(|number| {
                let store = &store;
                let at = stream(&format!("a-{number}"));
                scope.spawn(move || {
                    (0..10).for_each(|_| {
                        store.append(Batch::to(&at).event(raw("1"))).unwrap();
                    });
                })
            })
            .collect();
        let refused = store.append(Batch::to(&stream("b-1")).event(raw(&deep))).unwrap_err();
        assert!(matches!(&refused, AppendError::Unwritable(_)), "{refused}");
        others.into_iter().for_each(|other| other.join().unwrap());
    });
    assert_eq!(store.head().unwrap().get(), 80);
    assert_eq!(store.stream(&stream("b-1")).unwrap(), None);
}

/// A batch of many entries goes another way to the server than a small one, to the same rows.
#[test]
fn a_large_batch_is_recorded_as_the_memory_store_records_it() {
    let Some(server) = server() else { return };
    let at: Timestamp = "2026-11-23T09:30:00.123456789Z".parse().unwrap();
    let number = AtomicU32::new(0);
    let memory = Memory::<RawEvent>::new().clock(move || at);
    let store = server.open(&server.fresh().page(700).clock(move || at));
    let large = || {
        let id = || EventId::new(format!("id-{}", number.fetch_add(1, Ordering::Relaxed))).unwrap();
        let headers = Headers::from([("owner".to_string(), "petra".into())]);
        (0..400)
            .fold(Batch::to(&stream("a-1")), |batch, number| {
                let tag = |text: &str| Tag::new(text).unwrap();
                let event = |data: &str| NewEvent::of(raw(data)).id(id());
                let tagged = event(r#"{"text":"\u0000"}"#)
                    .tag(tag("t"))
                    .tag(tag(&format!("n:{number}")))
                    .tag(tag("t"));
                let batch =
                    batch.and_to(&stream("a-1")).record(event("-0.0")).record(tagged.header("user", "ä"));
                batch.and_to(&StreamName::of("b", number).unwrap()).record(event("1")).record(event("2"))
            })
            .and_to(&stream("b-7"))
            .describe(headers)
    };
    // With rows before it.
    for batch in
        [Batch::to(&stream("a-1")).record(NewEvent::of(raw("1")).id(EventId::new("first").unwrap())), large()]
    {
        store.append(batch.clone()).unwrap();
        memory.append(batch).unwrap();
    }
    let queries = || {
        let tagged = |text: &str| Query::tagged(Tag::new(text).unwrap());
        [
            Query::all(),
            Query::stream(&stream("a-1")),
            tagged("t"),
            tagged("n:17"),
            Query::category("b").unwrap(),
        ]
    };
    for query in queries() {
        assert_eq!(store.all(&query).unwrap(), memory.all(&query).unwrap(), "{query:?}");
    }
    assert_eq!(store.stream(&stream("b-7")).unwrap(), memory.stream(&stream("b-7")).unwrap());

    // What does not hold, and what the database does not take, leaves nothing, and the next one is recorded.
    let refused = store.append(large().expecting(Version::NONE)).unwrap_err();
    assert!(matches!(&refused, AppendError::Conflict(_)), "{refused}");
    let deep = "[".repeat(200_000) + &"]".repeat(200_000);
    let refused = store.append(large().and_to(&stream("c-1")).event(raw(&deep))).unwrap_err();
    assert!(matches!(&refused, AppendError::Unwritable(_)), "{refused}");
    let batch = large();
    let first = store.append(batch.clone()).unwrap();
    let again = store.append(batch).unwrap();
    assert_eq!((first.repeated, again.repeated, again.first), (false, true, first.first));
    assert_eq!(store.head().unwrap(), first.last);
}
