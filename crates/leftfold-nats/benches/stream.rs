//! How fast a store in a stream is, on three servers of this machine that store durably before they acknowledge.
//!
//! `NATS_SERVER=… cargo bench` prints a table; numbers in the environment make it smaller: `EVENTS` (for the start), `SECONDS`.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Servers, seconds};
use leftfold::codec::Codec;
use leftfold::recorded::StreamName;
use leftfold::store::{Batch, EventReader, EventStore};
use leftfold_nats::{Freshness, Nats};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Deposited { amount: u64, reason: String },
}

fn event(amount: u64) -> Event {
    Event::Deposited { amount, reason: "salary of the month".to_string() }
}

fn open(servers: &Servers, stream: &str) -> Nats<Event> {
    servers.options().open(&servers.url(), stream, Codec::new().unwrap()).unwrap()
}

/// How many batches of one event the threads append in a second, each to a stream of its own.
fn rate(stores: &[Nats<Event>], threads: usize) -> f64 {
    let time = seconds("SECONDS", 5);
    let over = AtomicBool::new(false);
    let begun = Instant::now();
    let appended: u64 = thread::scope(|scope| {
        let append = |thread: usize| {
            let (store, name) =
                (&stores[thread % stores.len()], StreamName::of("account", thread.to_string()).unwrap());
            let mut appended = 0;
            while !over.load(Ordering::Relaxed) {
                store.append(Batch::to(&name).event(event(appended))).unwrap();
                appended += 1;
            }
            appended
        };
        let threads: Vec<_> = (0..threads).map(|thread| scope.spawn(move || append(thread))).collect();
        thread::sleep(time);
        over.store(true, Ordering::Relaxed);
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    appended as f64 / begun.elapsed().as_secs_f64()
}

fn main() {
    let servers = Servers::start(3);
    let stream = servers.new_stream();
    let one = [open(&servers, &stream)];
    for (threads, bar) in [(1, "-"), (16, "5,000"), (64, "10,000")] {
        println!(
            "{threads:>2} threads, one handle: {:>8.0} batches a second (bar: {bar})",
            rate(&one, threads)
        );
    }
    let begun = Instant::now();
    let name = StreamName::of("account", "one").unwrap();
    (0..500).for_each(|amount| drop(one[0].append(Batch::to(&name).event(event(amount))).unwrap()));
    println!("one append: {:.2} ms", begun.elapsed().as_secs_f64() * 2.0);
    drop(one);
    let stream = servers.new_stream();
    let many: Vec<Nats<Event>> = (0..16).map(|_| open(&servers, &stream)).collect();
    println!("16 threads, 16 handles: {:>6.0} batches a second", rate(&many, 16));
    drop(many);

    let events: u64 = std::env::var("EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let (stream, folder) = (servers.new_stream(), tempfile::tempdir().unwrap());
    let open_kept = || -> Nats<Event> {
        let options = servers.options().folder(folder.path()).freshness(Freshness::Linearizable);
        options.open(&servers.url(), &stream, Codec::new().unwrap()).unwrap()
    };
    let store = open_kept();
    let begun = Instant::now();
    for hundred in 0..events / 100 {
        let name = StreamName::of("account", (hundred % 1_000).to_string()).unwrap();
        store.append(Batch::to(&name).events((0..100).map(event))).unwrap();
    }
    println!("{events} events in batches of 100: {:.1} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    store.close().unwrap();
    println!("closing: {:.2} s", begun.elapsed().as_secs_f64());
    for _ in 0..3 {
        let begun = Instant::now();
        let store = open_kept();
        let opened = begun.elapsed();
        assert_eq!(store.head().unwrap().get(), events);
        store.close().unwrap();
        println!("start with {events} events, copy kept: {:.3} s (bar: 1 s)", opened.as_secs_f64());
    }
    let begun = Instant::now();
    drop(open(&servers, &stream));
    println!("start with {events} events, without a copy: {:.1} s", begun.elapsed().as_secs_f64());
}
