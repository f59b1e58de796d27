//! What an outbox promises: whatever was recorded is published, at least once.

use leftfold::recorded::{Envelope, Recorded, StreamName};
use leftfold::runtime::outbox;
use leftfold::runtime::{Cause, Producer, Runner, RunnerError, Worker};
use leftfold::store::{Batch, EventStore, Memory, Query};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Accepted(u32),
    Ignored,
}

type Store = Arc<Memory<Event>>;

fn filled(count: u32) -> Store {
    let store = Store::default();
    let stream = StreamName::new("contracts").unwrap();
    for number in 1..=count {
        store.append(Batch::to(&stream).events([Event::Accepted(number), Event::Ignored])).unwrap();
    }
    store
}

/// A queue that fails at some calls, and loses what was not flushed.
#[derive(Clone, Default)]
struct Queue {
    safe: Arc<Mutex<Vec<u32>>>,
    pending: Vec<u32>,
    calls: Arc<AtomicUsize>,
    fails_at: Vec<usize>,
}

impl Queue {
    fn call(&self) -> Result<(), Cause> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if self.fails_at.contains(&call) { Err("the line is dead".into()) } else { Ok(()) }
    }
}

impl Producer<Event> for Queue {
    fn publish(&mut self, _: &Envelope, event: &Event) -> Result<(), Cause> {
        let Event::Accepted(number) = event else { panic!("it was not asked for") };
        self.call()?;
        self.pending.push(*number);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Cause> {
        let pending = std::mem::take(&mut self.pending);
        self.call()?;
        self.safe.lock().unwrap().extend(pending);
        Ok(())
    }
}

fn open<Q: Producer<Event>>(
    store: &Store,
    folder: &Path,
    producer: Q,
) -> Runner<Event, leftfold::runtime::Outbox<Q>, Store> {
    let projection = outbox("mailing", Query::of_types(["Accepted"]), producer).commit_every(4);
    Runner::open(projection, store.clone(), folder).unwrap()
}

#[test]
fn what_matches_is_published_in_order_and_once_where_nothing_fails() {
    let (store, folder, queue) = (filled(10), tempfile::tempdir().unwrap(), Queue::default());
    open(&store, folder.path(), queue.clone()).run_once().unwrap();
    open(&store, folder.path(), queue.clone()).run_once().unwrap();
    assert_eq!(*queue.safe.lock().unwrap(), (1..=10).collect::<Vec<_>>());
}

#[test]
fn whichever_call_fails_everything_arrives_and_the_first_time_in_order() {
    // Ten messages in commits of four: thirteen calls.
    for fails_at in 1..=13 {
        let (store, folder) = (filled(10), tempfile::tempdir().unwrap());
        let queue = Queue { fails_at: vec![fails_at], ..Queue::default() };
        // The process ends at the failure, and another goes on.
        let failed = open(&store, folder.path(), queue.clone()).run_once();
        assert!(
            matches!(failed, Err(RunnerError::Poison(_) | RunnerError::Model { .. })),
            "call {fails_at} fails"
        );
        open(&store, folder.path(), queue.clone()).run_once().unwrap();
        let safe = queue.safe.lock().unwrap();
        let mut seen = Vec::new();
        for number in safe.iter() {
            if !seen.contains(number) {
                seen.push(*number);
            }
        }
        assert_eq!(seen, (1..=10).collect::<Vec<_>>(), "call {fails_at}: {safe:?}");
        assert!(safe.len() - seen.len() < 4, "at most what was not committed comes twice: {safe:?}");
    }
}

#[test]
fn a_position_counts_as_published_only_when_it_is_flushed() {
    let (store, folder) = (filled(10), tempfile::tempdir().unwrap());
    // The flush behind the second four fails.
    let queue = Queue { fails_at: vec![10], ..Queue::default() };
    let mut runner = open(&store, folder.path(), queue.clone());
    runner.run_once().unwrap_err();
    assert_eq!(runner.status().position.get(), 7, "the fourth message");
    assert_eq!(*queue.safe.lock().unwrap(), [1, 2, 3, 4]);
}

#[test]
fn a_worker_takes_messages_in_order_and_what_it_fails_at_comes_again() {
    let (store, folder) = (filled(3_000), tempfile::tempdir().unwrap());
    let taken: Arc<Mutex<Vec<u32>>> = Arc::default();
    let failures = Arc::new(AtomicUsize::new(0));
    let (log, fails) = (taken.clone(), failures.clone());
    let worker = Worker::start(move |recorded: &Recorded<Event>| {
        let Event::Accepted(number) = recorded.event else { panic!("it was not asked for") };
        match (number, fails.load(Ordering::Relaxed)) {
            (1_234, 0) => {
                fails.fetch_add(1, Ordering::Relaxed);
                return Err("not now".into());
            }
            (2_345, 1) => {
                fails.fetch_add(1, Ordering::Relaxed);
                panic!("not now either");
            }
            _ => log.lock().unwrap().push(number),
        }
        Ok(())
    });
    let projection = outbox("mailing", Query::of_types(["Accepted"]), worker).commit_every(100);
    let projection = projection.on_poison(leftfold::runtime::OnPoison::Retry(Duration::from_millis(1)));
    let running = Runner::open(projection, store.clone(), folder.path()).unwrap().start();
    let begun = Instant::now();
    while running.status().lag > 0 || taken.lock().unwrap().last() != Some(&3_000) {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", running.status());
        std::thread::sleep(Duration::from_millis(2));
    }
    running.stop().1.unwrap();
    assert_eq!(failures.load(Ordering::Relaxed), 2);
    let mut times: BTreeMap<u32, usize> = BTreeMap::new();
    let taken = taken.lock().unwrap();
    taken.iter().for_each(|number| *times.entry(*number).or_default() += 1);
    assert_eq!(times.len(), 3_000, "each at least once");
    assert!(taken.len() < 3_000 + 2 * 100 + 200, "no more comes again than was not flushed: {}", taken.len());
}

#[test]
fn messages_that_wait_when_the_worker_is_dropped_come_again() {
    let (store, folder) = (filled(50), tempfile::tempdir().unwrap());
    let (begun, go_on) = std::sync::mpsc::channel::<()>();
    let first = Mutex::new(Some(begun));
    let mut worker = Worker::start(move |_: &Recorded<Event>| {
        drop(first.lock().unwrap().take());
        Ok(())
    });
    // Handed over past the outbox, and dropped while most of them wait: nobody has said that they were published.
    let recorded = leftfold::store::Reading::all(&store, Query::of_types(["Accepted"])).unwrap();
    for message in &recorded {
        worker.publish(&message.envelope, &message.event).unwrap();
    }
    let _ = go_on.recv();
    drop(worker);
    let queue = Queue::default();
    open(&store, folder.path(), queue.clone()).run_once().unwrap();
    assert_eq!(queue.safe.lock().unwrap().len(), 50);
}

#[test]
fn a_message_that_panics_when_it_is_dropped_ends_no_worker() {
    /// Panics when it is dropped by another thread than the one it was made in.
    #[derive(Clone)]
    struct Bomb(std::thread::ThreadId);
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(std::thread::current().id() == self.0, "planted");
        }
    }
    let taken = Arc::new(AtomicUsize::new(0));
    let seen = taken.clone();
    let mut worker = Worker::start(move |_: &Recorded<Bomb>| {
        seen.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    let at = leftfold::recorded::Timestamp::UNIX_EPOCH;
    let stream = StreamName::new("bombs").unwrap();
    let bomb = || Bomb(std::thread::current().id());
    let envelope = leftfold::recorded::versioned(stream, at, [Event::Ignored])[0].envelope.clone();
    for round in 1..=3 {
        // The first is taken, and drops the others with it; a publication may be told so already.
        let told = (0..3).find_map(|_| worker.publish(&envelope, &bomb()).err());
        let told = told.or_else(|| Producer::<Bomb>::flush(&mut worker).err()).unwrap();
        assert_eq!(told.to_string(), "it panicked: planted", "{round}");
        while Producer::<Bomb>::flush(&mut worker).is_err() {}
        assert!(taken.load(Ordering::SeqCst) >= round, "the worker goes on");
    }
}
