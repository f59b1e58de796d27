//! Two processes append to one log, and connections and backends are killed throughout: what was acknowledged is there once,
//! in order, without a gap.

mod server;

use leftfold::codec::RawEvent;
use leftfold::recorded::{EventId, StreamName, Version};
use leftfold::store::{AppendError, Batch, EventReader, EventStore, NewEvent, Query, Reading};
use leftfold_postgres::{Postgres, PostgresOptions};
use server::{Server, server};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

const CHILD: &str = "LEFTFOLD_POSTGRES_CHILD";
const SCHEMA: &str = "between_processes";
const PROCESSES: u64 = 3;
const EACH: u64 = 60;

fn stream(text: &str) -> StreamName {
    StreamName::new(text).unwrap()
}

fn said(text: &str) -> RawEvent {
    RawEvent::new("Said", &format!("{text:?}")).unwrap()
}

/// The part of one process: it adds to streams that the others add to as well, at the version that it has read.
fn add_under_expectations(store: &Postgres, who: &str) {
    let mut conflicts = 0;
    for number in 0..EACH {
        let stream = stream(&format!("shared-{}", number % 4));
        loop {
            let at = store.stream(&stream).unwrap().map_or(Version::NONE, |info| info.state.version());
            let batch = Batch::to(&stream).expecting(at);
            let batch =
                batch.event(said(&format!("{who} {number}"))).event(said(&format!("{who} {number} again")));
            match store.append(batch) {
                Ok(appended) => {
                    let after = appended.version_of(&stream);
                    assert_eq!(
                        after,
                        Some(Version::new(at.get() + 2)),
                        "the stream was at the version that was expected"
                    );
                    break;
                }
                Err(AppendError::Conflict(_)) => conflicts += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }
    println!("{who}: {conflicts} conflicts");
}

/// Not a test of its own: the other process of the next one.
#[test]
fn as_another_process() {
    let Ok(given) = std::env::var(CHILD) else { return };
    let (who, url) = given.split_once(' ').unwrap();
    add_under_expectations(&Postgres::open_with(url, PostgresOptions::new().schema(SCHEMA)).unwrap(), who);
}

#[test]
fn processes_that_append_to_the_same_streams_lose_and_repeat_nothing() {
    let Some(server) = server() else { return };
    let store = server.open(&PostgresOptions::new().schema(SCHEMA).migrating());
    let others: Vec<_> = (1..PROCESSES)
        .map(|number| {
            Command::new(std::env::current_exe().unwrap())
                .args(["as_another_process", "--exact"])
                .env(CHILD, format!("process{number} {}", server.url()))
                .spawn()
                .unwrap()
        })
        .collect();
    add_under_expectations(&store, "process0");
    for mut other in others {
        assert!(other.wait().unwrap().success(), "the other process has added all it had to");
    }
    let events = store.all(Query::all()).unwrap();
    assert_eq!(events.len() as u64, PROCESSES * EACH * 2);
    let mut versions = std::collections::HashMap::new();
    let mut texts = std::collections::HashSet::new();
    for (event, position) in events.iter().zip(1..) {
        assert_eq!(event.position.get(), position, "there is no gap");
        let version = versions.entry(&event.stream).or_insert(0);
        *version += 1;
        assert_eq!(event.version.get(), *version, "versions of a stream have no gap");
        assert!(texts.insert(event.event.data.get().to_string()), "{} is there once", event.event.data);
    }
    for pair in events.chunks(2) {
        let first = pair[0].event.data.get().trim_end_matches('"');
        assert_eq!(pair[1].event.data.get(), format!("{first} again\""), "batches are whole");
    }
}

/// Default: a few seconds.
fn duration() -> Duration {
    let seconds = std::env::var("LEFTFOLD_KILL_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(5))
}

const WRITERS: u64 = 16;

/// Appends at expected versions until it is enough; answers with how many batches were acknowledged.
fn write(store: &Postgres, writer: u64, is_enough: impl Fn() -> bool, seen: &[AtomicU64; 3]) -> u64 {
    let stream = stream(&format!("writer-{writer}"));
    let mut done = 0;
    while !is_enough() {
        let mut ids: Option<Vec<EventId>> = (done % 2 == 0)
            .then(|| (0..3).map(|event| EventId::new(format!("{writer}-{done}-{event}")).unwrap()).collect());
        loop {
            let mut batch = Batch::to(&stream).expecting(Version::new(done * 3));
            for event in 0..3 {
                let mut new = NewEvent::of(said(&format!("{writer} {done} {event}")));
                new.id = ids.as_ref().map(|ids| ids[event].clone());
                batch = batch.record(new);
            }
            match store.append(batch) {
                Ok(appended) => {
                    assert_eq!(appended.version_of(&stream), Some(Version::new(done * 3 + 3)));
                    seen[2].fetch_add(u64::from(appended.repeated), Ordering::Relaxed);
                    break;
                }
                Err(AppendError::Unavailable { .. }) => {
                    seen[0].fetch_add(1, Ordering::Relaxed);
                    sleep(Duration::from_millis(5));
                }
                Err(AppendError::Unknown { ids: known, .. }) => {
                    seen[1].fetch_add(1, Ordering::Relaxed);
                    ids = Some(known);
                }
                Err(error) => panic!("writer {writer}, batch {done}: {error}"),
            }
        }
        done += 1;
    }
    done
}

/// Sixteen writers through two handles, while `kill` is called again and again; it counts in `kills`.
fn under_kills(server: &Server, patience: Duration, kills: &AtomicU64, kill: impl Fn() + Sync) {
    let options = server.fresh().retry_for(patience);
    let stores = [server.open(&options), server.open(&options)];
    let seen = [const { AtomicU64::new(0) }; 3];
    let ended = AtomicBool::new(false);
    let began = Instant::now();
    // A server on a busy machine takes its time to recover.
    let is_enough = || {
        let most = if kills.load(Ordering::Relaxed) > 5 { 0 } else { 60 };
        began.elapsed() > duration() + Duration::from_secs(most)
    };
    let counts: Vec<u64> = scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                kill();
            }
        });
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (store, seen, is_enough) = (&stores[writer as usize % 2], &seen, &is_enough);
                scope.spawn(move || write(store, writer, is_enough, seen))
            })
            .collect();
        let counts: Vec<_> = writers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        ended.store(true, Ordering::Relaxed);
        counts.into_iter().map(Result::unwrap).collect()
    });
    let read = |store: &Postgres| loop {
        match store.all(Query::all()) {
            Ok(events) => return events,
            Err(_) => sleep(Duration::from_millis(50)),
        }
    };
    let events = read(&stores[0]);
    let total: u64 = counts.iter().sum();
    let [unavailable, unknown, repeats] = seen.map(AtomicU64::into_inner);
    println!(
        "{total} batches acknowledged, {repeats} of them as repeats; {unavailable} times unavailable, {unknown} times unknown"
    );
    assert_eq!(events.len() as u64, total * 3, "every acknowledged batch is there once, and nothing else");
    assert!(
        events.iter().zip(1..).all(|(event, position)| event.position.get() == position),
        "there is no gap"
    );
    for writer in 0..WRITERS {
        let name = stream(&format!("writer-{writer}"));
        let of_writer = events.iter().filter(|event| event.stream == name);
        let found: Vec<&str> = of_writer.map(|event| event.event.data.get()).collect();
        let expected: Vec<String> = (0..counts[writer as usize] * 3)
            .map(|number| format!("\"{writer} {} {}\"", number / 3, number % 3))
            .collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn connections_that_are_ended_throughout_lose_and_repeat_nothing() {
    let Some(server) = server() else { return };
    let kills = AtomicU64::new(0);
    under_kills(server, Duration::from_secs(10), &kills, || {
        let ended = server.try_sql(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity \
             where application_name = 'leftfold' and query like '%log_%'",
        );
        kills.fetch_add(ended.map_or(0, |count| count.parse().unwrap_or(0)), Ordering::Relaxed);
        sleep(Duration::from_millis(10));
    });
    println!("{} connections ended", kills.load(Ordering::Relaxed));
    assert!(kills.into_inner() > 5);
}

#[test]
fn backends_that_are_killed_throughout_lose_and_repeat_nothing() {
    let Some(shared) = server() else { return };
    // One of its own: one killed backend takes all others with it.
    let server = Server::start(shared.programs());
    let kills = AtomicU64::new(0);
    // Shorter than a recovery of the server may take: some outcomes are unknown.
    under_kills(&server, Duration::from_millis(100), &kills, || {
        let backends =
            "select pid from pg_stat_activity where application_name = 'leftfold' order by random() limit 1";
        if let Some(pid) = server.try_sql(backends).filter(|pid| !pid.is_empty()) {
            kills.fetch_add(1, Ordering::Relaxed);
            let _ = Command::new("kill").args(["-9", &pid]).status();
        }
        sleep(Duration::from_millis(300));
    });
    println!("{} backends killed", kills.load(Ordering::Relaxed));
    assert!(kills.into_inner() > 5);
}

#[test]
fn large_batches_whose_connection_ends_on_the_way_are_recorded_whole_and_once() {
    let Some(server) = server() else { return };
    let store = server.open(&server.fresh());
    let (kills, large) = (AtomicU64::new(0), 3_000);
    let append = || {
        let (mut batches, until) = (0, Instant::now() + Duration::from_secs(30));
        while kills.load(Ordering::Relaxed) < 2 && Instant::now() < until {
            let events = (0..large).map(|event| said(&format!("{batches} {event}")));
            let batch = Batch::to(&stream("a-1")).expecting(Version::new(batches * large)).events(events);
            let appended = store.append(batch).unwrap();
            assert_eq!((appended.first.get(), appended.repeated), (batches * large + 1, false));
            batches += 1;
        }
        batches
    };
    let kill = || {
        let killed = server.try_sql(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity \
             where application_name = 'leftfold' and state = 'active' and query like 'copy log_%'",
        );
        kills.fetch_add(killed.map_or(0, |count| count.parse().unwrap_or(0)), Ordering::Relaxed);
    };
    let batches = scope(|scope| {
        let appending = scope.spawn(append);
        while !appending.is_finished() {
            kill();
        }
        appending.join().unwrap()
    });
    assert!(kills.into_inner() >= 2, "no connection was ended");
    let events = store.all(Query::all()).unwrap();
    assert_eq!(events.len() as u64, batches * large);
    for (event, number) in events.iter().zip(0..) {
        assert_eq!(event.position.get(), number + 1);
        assert_eq!(event.event.data.get(), format!("\"{} {}\"", number / large, number % large));
    }
}
