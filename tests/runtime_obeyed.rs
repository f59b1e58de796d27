//! What a runner is told it obeys between two events, whatever it is doing; and it shows how far it is while it does it.

use leftfold::recorded::{Envelope, StreamName};
use leftfold::runtime::{
    Cause, Checkpoint, CheckpointPlace, Controls, Emission, OnPoison, Process, ProcessControls,
    ProcessRunner, Projection, ReadModel, Runner,
};
use leftfold::store::{Batch, EventStore, Memory, Query};
use leftfold::{Owed, process_manager};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Sold,
    Emitted,
}

type Store = Arc<Memory<Event>>;

fn filled(events: usize) -> Store {
    let store = Store::default();
    store.append(Batch::to(&StreamName::new("shop").unwrap()).events(vec![Event::Sold; events])).unwrap();
    store
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Wish {
    Stop,
    Reset,
    Delete,
}

impl Wish {
    fn tell(self, controls: &Controls) {
        match self {
            Wish::Stop => controls.stop(),
            Wish::Reset => controls.reset(),
            Wish::Delete => controls.delete(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    Apply,
    Commit,
    Clear,
    Told,
}

/// A table that writes down what is asked of it. While a certain event is applied, somebody wishes for something.
#[derive(Clone, Default)]
struct Table {
    calls: Arc<Mutex<Vec<Call>>>,
    committed: Arc<Mutex<(u64, Checkpoint)>>,
    uncommitted: u64,
    applied: Arc<AtomicUsize>,
    takes: Duration,
    refuses: BTreeSet<u64>,
    wishes: Arc<OnceLock<(usize, Wish, Controls)>>,
}

impl Table {
    fn call(&self, call: Call) {
        self.calls.lock().unwrap().push(call);
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    fn applied(&self) -> usize {
        self.applied.load(Ordering::SeqCst)
    }

    fn committed(&self) -> u64 {
        self.committed.lock().unwrap().0
    }
}

impl ReadModel<Event> for Table {
    fn load(&mut self, _: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        let (count, checkpoint) = self.committed.lock().unwrap().clone();
        self.uncommitted = count;
        Ok(checkpoint)
    }

    fn apply(&mut self, envelope: &Envelope, _: &Event) -> Result<(), Cause> {
        let applied = self.applied.fetch_add(1, Ordering::SeqCst) + 1;
        self.call(Call::Apply);
        thread::sleep(self.takes);
        if let Some((_, wish, controls)) = self.wishes.get().filter(|(at, ..)| *at == applied) {
            wish.tell(controls);
            self.call(Call::Told);
        }
        if self.refuses.contains(&envelope.position.get()) {
            return Err("it is refused".into());
        }
        self.uncommitted += 1;
        Ok(())
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        self.call(Call::Commit);
        *self.committed.lock().unwrap() = (self.uncommitted, checkpoint.clone());
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.call(Call::Clear);
        *self.committed.lock().unwrap() = Default::default();
        Ok(())
    }
}

fn selling(table: &Table, store: &Store, emits: bool) -> Projection<Table, Event> {
    let projection = Projection::new("selling", Query::category("shop").unwrap(), table.clone());
    if !emits {
        return projection;
    }
    projection.emitting(store.clone(), |_, _, _| vec![Emission::own(Event::Emitted)])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn whenever_it_is_told_something_it_applies_no_further_event_before_it_has_done_so(
        events in 2..30usize,
        at in 1..60usize,
        wish in prop::sample::select(vec![Wish::Stop, Wish::Reset, Wish::Delete]),
        refuses in prop::collection::btree_set(1..30u64, 0..3),
        commit_every in prop::sample::select(vec![3usize, 10_000]),
        emits in any::<bool>(),
        once in any::<bool>(),
    ) {
        let (store, folder) = (filled(events), tempfile::tempdir().unwrap());
        let refuses: BTreeSet<u64> = refuses.into_iter().filter(|at| *at <= events as u64).collect();
        let table = Table { refuses: refuses.clone(), ..Table::default() };
        let projection = selling(&table, &store, emits).on_poison(OnPoison::Skip).commit_every(commit_every);
        let mut runner = Runner::open(projection, store.clone(), folder.path()).unwrap();
        table.wishes.set((at, wish, runner.controls())).unwrap();
        if once {
            runner.run_once().unwrap();
        } else {
            let running = runner.start();
            let begun = Instant::now();
            // Until it has ended by what it was told, or has nothing left to do.
            while running.status().lag > 0 && !(wish != Wish::Reset && table.applied() >= at) {
                prop_assert!(begun.elapsed() < Duration::from_secs(20), "{}", running.status());
                thread::sleep(Duration::from_millis(1));
            }
            let ended = if wish != Wish::Reset && table.applied() >= at { running.wait() } else { running.stop() };
            ended.1.unwrap();
            runner = ended.0;
        }
        let calls = table.calls();
        if let Some(told) = calls.iter().position(|call| *call == Call::Told) {
            let next = calls[told + 1..].iter().find(|call| **call != Call::Commit);
            let expected = if wish == Wish::Stop { None } else { Some(&Call::Clear) };
            prop_assert_eq!(next, expected, "{:?}", calls);
            if wish == Wish::Delete {
                prop_assert_eq!((calls.last(), runner.status().position.get()), (expected, 0));
            }
        }
        // And whatever it was told: in the end all is in, once.
        runner.run_once().unwrap();
        prop_assert_eq!(table.committed(), (events - refuses.len()) as u64);
        prop_assert_eq!(runner.status().lag, 0);
    }
}

#[test]
fn a_long_backlog_is_left_at_once_and_the_position_moves_meanwhile() {
    let wishes = [
        (Wish::Stop, false),
        (Wish::Reset, false),
        (Wish::Delete, false),
        (Wish::Stop, true),
        (Wish::Reset, true),
    ];
    for (wish, emits) in wishes {
        let (store, folder) = (filled(10_000), tempfile::tempdir().unwrap());
        let table = Table { takes: Duration::from_millis(2), ..Table::default() };
        let running =
            Runner::open(selling(&table, &store, emits), store.clone(), folder.path()).unwrap().start();
        let (begun, mut seen) = (Instant::now(), BTreeSet::new());
        while seen.len() < 4 {
            assert!(begun.elapsed() < Duration::from_secs(10), "the position stands still: {seen:?}");
            seen.insert(running.status().position.get());
            thread::sleep(Duration::from_millis(1));
        }
        assert!(!table.calls().contains(&Call::Commit), "it is in the middle of the backlog");
        let before = table.calls().len();
        wish.tell(&running.controls());
        let told = Instant::now();
        while wish == Wish::Reset && !table.calls().contains(&Call::Clear) {
            assert!(told.elapsed() < Duration::from_secs(10));
            thread::sleep(Duration::from_millis(1));
        }
        let ended = if wish == Wish::Reset { running.stop() } else { running.wait() };
        ended.1.unwrap();
        let meanwhile = table.calls()[before..].iter().take_while(|call| **call == Call::Apply).count();
        assert!(meanwhile <= 2, "{wish:?}: {meanwhile} further events were applied");
    }
}

#[test]
fn one_that_waits_to_try_again_stops_at_once() {
    let (store, folder) = (filled(1), tempfile::tempdir().unwrap());
    let table = Table { refuses: [1].into(), ..Table::default() };
    let projection = selling(&table, &store, false).on_poison(OnPoison::Retry(Duration::from_secs(3_600)));
    let running = Runner::open(projection, store, folder.path()).unwrap().start();
    while running.status().trouble.is_none() {
        thread::yield_now();
    }
    let begun = Instant::now();
    running.stop().1.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn one_that_is_run_once_does_what_it_is_told_and_its_answer_says_how_far_it_is() {
    let run = |wish: Wish| {
        let (store, folder) = (filled(10), tempfile::tempdir().unwrap());
        let table = Table::default();
        let mut runner = Runner::open(selling(&table, &store, false), store, folder.path()).unwrap();
        table.wishes.set((4, wish, runner.controls())).unwrap();
        let status = runner.run_once().unwrap();
        (status.position.get(), status.lag, table.applied(), table.committed())
    };
    assert_eq!(run(Wish::Stop), (4, 6, 4, 4));
    assert_eq!(run(Wish::Reset), (10, 0, 4 + 10, 10));
    assert_eq!(run(Wish::Delete), (0, 10, 4, 0));
}

#[test]
fn a_process_runner_stops_between_two_commands_and_between_two_events() {
    for at_dispatch in [true, false] {
        let (store, folder) = (filled(50), tempfile::tempdir().unwrap());
        let controls: Arc<OnceLock<ProcessControls>> = Arc::default();
        let (evolved, dispatched) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (seen, stops) = (evolved.clone(), controls.clone());
        let manager = process_manager(
            || 0u32,
            move |owed, _: &Event| {
                if seen.fetch_add(1, Ordering::SeqCst) == 20 && !at_dispatch {
                    stops.get().unwrap().stop();
                }
                owed + 1
            },
            |owed: &u32| (1..=*owed).map(|number| Owed::now(number.to_string(), ())).collect(),
        );
        let (seen, stops) = (dispatched.clone(), controls.clone());
        let process = Process::new("shipping", Query::category("shop").unwrap(), manager);
        let mut runner = ProcessRunner::open(process, store, folder.path(), move |_| {
            if seen.fetch_add(1, Ordering::SeqCst) == 7 {
                stops.get().unwrap().stop();
            }
            Ok(())
        })
        .unwrap();
        assert!(controls.set(runner.controls()).is_ok());
        let status = runner.run_once().unwrap();
        let done = (evolved.load(Ordering::SeqCst), dispatched.load(Ordering::SeqCst), status.lag);
        assert_eq!(done, if at_dispatch { (50, 8, 0) } else { (21, 0, 29) });
    }
}
