//! Code of a user that panics, at any call, ends nothing: it has failed, which is said, and nothing is lost or done twice.

#[path = "runtime/faults.rs"]
mod faults;

use faults::{Faulty, Plan};
use leftfold::recorded::{Envelope, StreamName, Timestamp};
use leftfold::runtime::{
    Activity, Cause, Checkpoint, CheckpointPlace, CommandBus, CommandHandler, Emission, Folded, Issued,
    OnPoison, Process, ProcessRunner, Projection, ReadModel, Retries, Runner, RunnerError, Sent,
};
use leftfold::store::{Batch, EventStore, Memory, Query, Reading};
use leftfold::{Decider, Fold, Owed, ProcessManager, view};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

// ---------------------------------------------------------------------------------------------- projections

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Sold,
    Emitted,
}

type Store = Arc<Memory<Event>>;

/// The positions that are in, and the checkpoint they were committed with.
type Rows = (Vec<u64>, Checkpoint);

/// A table with transactions, whose every function may panic: before it does anything, and behind it.
#[derive(Clone)]
struct Table {
    plan: Plan,
    committed: Arc<Mutex<Rows>>,
    /// How often everything was taken away.
    cleared: Arc<AtomicUsize>,
    transaction: Vec<u64>,
}

impl Table {
    fn of(plan: &Plan) -> Table {
        Table {
            plan: plan.clone(),
            committed: Arc::default(),
            cleared: Arc::default(),
            transaction: Vec::new(),
        }
    }

    fn rows(&self) -> Vec<u64> {
        self.committed.lock().unwrap().0.clone()
    }
}

impl ReadModel<Event> for Table {
    fn load(&mut self, _: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        self.plan.call("load");
        self.transaction.clear();
        Ok(self.committed.lock().unwrap().1.clone())
    }

    fn apply(&mut self, envelope: &Envelope, _: &Event) -> Result<(), Cause> {
        self.plan.call("apply");
        self.transaction.push(envelope.position.get());
        self.plan.call("apply behind");
        Ok(())
    }

    fn deleted(&mut self, tombstone: &Envelope) -> Result<(), Cause> {
        self.plan.call("apply");
        self.transaction.push(tombstone.position.get());
        Ok(())
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        self.plan.call("commit");
        {
            let mut committed = self.committed.lock().unwrap();
            committed.0.append(&mut self.transaction);
            committed.1 = checkpoint.clone();
        }
        self.plan.call("commit behind");
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.plan.call("clear");
        *self.committed.lock().unwrap() = Rows::default();
        self.cleared.fetch_add(1, Ordering::Relaxed);
        self.plan.call("clear behind");
        Ok(())
    }
}

/// What is in memory is shown on, although it was not committed: there is nowhere to read it again from.
#[test]
fn a_store_that_is_away_for_a_while_takes_nothing_from_what_is_shown() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let stream = StreamName::new("shop").unwrap();
    store.append(Batch::to(&stream).events([Event::Sold, Event::Sold])).unwrap();
    let plan = Plan::of((6..100_000).map(|call| ("unreadable", call)));
    let model = Folded::of(view(|| 0u32, |sold, _: &Event| sold + 1));
    let shown = model.reader();
    let projection = Projection::new("sold", Query::all(), model).commit_after(Duration::from_secs(3_600));
    let faulty = Faulty { store: store.clone(), plan };
    let running = Runner::open(projection, faulty, folder.path()).unwrap().start();
    eventually("both are in", || shown.look(|sold| *sold) == 2 || running.status().trouble.is_some());
    eventually("it says that it cannot be read", || running.status().trouble.is_some());
    assert_eq!(shown.look(|sold| *sold), 2);
    running.stop().1.unwrap();
}

const OF_A_PROJECTION: [&str; 11] = [
    "load",
    "apply",
    "apply behind",
    "commit",
    "commit behind",
    "clear",
    "clear behind",
    "emit",
    "append",
    "visit",
    "head",
];

/// So many entries, of which the last is a deletion.
fn filled(entries: u64) -> Store {
    let store = Store::default();
    let shop = |number| StreamName::of("shop", number).unwrap();
    for number in 1..entries {
        store.append(Batch::to(&shop(number)).event(Event::Sold)).unwrap();
    }
    store.append(Batch::to(&shop(1)).delete()).unwrap();
    store
}

fn selling(table: &Table, store: &Store, emits: bool) -> Projection<Table, Event> {
    let projection = Projection::new("selling", Query::category("shop").unwrap(), table.clone());
    if !emits {
        return projection;
    }
    let (plan, store) = (table.plan.clone(), Faulty { store: store.clone(), plan: table.plan.clone() });
    projection.emitting(store, move |_, _, _| {
        plan.call("emit");
        vec![Emission::own(Event::Emitted)]
    })
}

fn panics(functions: &'static [&'static str]) -> impl Strategy<Value = Vec<(&'static str, usize)>> {
    prop::collection::vec((prop::sample::select(functions), 1..14usize), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn whatever_panics_when_a_projection_runs_every_event_is_in_once(
        panics in panics(&OF_A_PROJECTION),
        events in 2..12u64,
        commit_every in 1..6usize,
        skips in any::<bool>(),
        emits in any::<bool>(),
        reopens in any::<bool>(),
        resets in prop::option::of(0..3usize),
    ) {
        let (store, folder, plan) = (filled(events), tempfile::tempdir().unwrap(), Plan::of(panics.clone()));
        let (table, log) = (Table::of(&plan), Faulty { store: store.clone(), plan: plan.clone() });
        let on_poison = if skips { OnPoison::Skip } else { OnPoison::Stop };
        let mut skipped = BTreeSet::new();
        let mut kept = None;
        let mut done = false;
        for round in 0..40 {
            let projection = selling(&table, &store, emits).on_poison(on_poison).commit_every(commit_every);
            let mut runner = match kept.take() {
                Some(runner) => runner,
                None => match Runner::open(projection, log.clone(), folder.path()) {
                    Ok(runner) => runner,
                    Err(error) => {
                        prop_assert!(leftfold::page::with_sources(&error).contains("planned in"), "{error}");
                        continue;
                    }
                },
            };
            if resets == Some(round) {
                runner.controls().reset();
            }
            let cleared = table.cleared.load(Ordering::Relaxed);
            let outcome = runner.run_once();
            let status = runner.status();
            // A reset that failed before it took anything away leaves skipped what was skipped.
            if table.cleared.load(Ordering::Relaxed) > cleared {
                skipped.clear();
            }
            prop_assert_eq!(status.activity, Activity::Stopped);
            skipped.extend(status.skipped.iter().map(|poison| poison.position.get()));
            match outcome {
                Ok(status) => {
                    done = resets.is_none_or(|at| at <= round);
                    prop_assert_eq!((status.lag, &status.trouble), (0, &None));
                }
                Err(RunnerError::Poison(poison)) => {
                    prop_assert!(!skips && poison.cause.contains("planned in"), "{poison}");
                    prop_assert_eq!(status.poison, Some(*poison));
                }
                Err(error) => {
                    prop_assert!(leftfold::page::with_sources(&error).contains("planned in"), "{error}");
                    prop_assert_eq!(status.trouble, Some(leftfold::page::with_sources(&error)));
                }
            }
            if done {
                break;
            }
            kept = (!reopens).then_some(runner);
        }
        prop_assert!(done, "it never caught up");
        let rows: Vec<u64> = (1..=events).filter(|position| !skipped.contains(position)).collect();
        prop_assert_eq!(table.rows(), rows);
        let is_planned = |function| panics.iter().any(|(planned, _)| planned == &function);
        prop_assert!(skipped.is_empty() || ["apply", "apply behind", "emit"].into_iter().any(is_planned));

        let own = store.all(Query::stream(&StreamName::new("selling").unwrap())).unwrap();
        let sources: BTreeSet<String> = own.into_iter().map(|emitted| emitted.id.to_string()).collect();
        let emitted: BTreeSet<String> =
            (1..events).filter(|_| emits).map(|position| format!("selling/{position}/1")).collect();
        if skipped.is_empty() {
            prop_assert_eq!(sources, emitted);
        } else {
            prop_assert!(sources.is_subset(&emitted));
        }
    }
}

#[test]
fn whatever_panics_once_while_a_projection_is_kept_running_it_goes_on() {
    let mut running = Vec::new();
    for function in OF_A_PROJECTION.into_iter().chain(["wait"]) {
        let (store, folder) = (filled(8), tempfile::tempdir().unwrap());
        // Loading and the head are also asked for when the runner is opened.
        let plan = Plan::of([(function, if ["load", "head"].contains(&function) { 3 } else { 1 })]);
        let table = Table::of(&plan);
        let projection = selling(&table, &store, true)
            .on_poison(OnPoison::Retry(Duration::from_millis(1)))
            .commit_after(Duration::ZERO)
            .commit_every(3);
        let log = Faulty { store: store.clone(), plan: plan.clone() };
        let run = Runner::open(projection, log, folder.path()).unwrap().start();
        run.controls().reset();
        running.push((function, run, store, folder, table));
    }
    for (function, run, store, _folder, table) in running {
        eventually(&format!("{function} was called again"), || table.plan.calls(function) > 1);
        eventually(&format!("it goes on after {function}"), || table.rows() == Vec::from_iter(1..=8));
        store.append(Batch::to(&StreamName::of("shop", 100).unwrap()).event(Event::Sold)).unwrap();
        eventually(&format!("it takes more after {function}"), || table.rows().len() == 9);
        eventually(&format!("nothing is wrong after {function}"), || {
            let status = run.status();
            status.trouble.is_none() && status.poison.is_none() && status.lag == 0
        });
        let (runner, outcome) = run.stop();
        outcome.unwrap();
        assert_eq!(runner.status().activity, Activity::Stopped, "{function}");
        let emitted = store.all(Query::stream(&StreamName::new("selling").unwrap())).unwrap();
        assert_eq!((emitted.len(), table.rows().len()), (8, 9), "{function}");
    }
}

// ---------------------------------------------------------------------------------------- process managers

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Order {
    Placed,
    Shipped(u32),
}

/// Ships what was placed; each of its functions may panic.
struct Shipping(Plan);

/// How often a thing was placed, and which of these were shipped. Writing it may panic.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct Counts {
    placed: u32,
    shipped: BTreeSet<u32>,
    #[serde(skip)]
    plan: OfNoAccount,
}

/// A plan that goes along with a state, and is no part of it.
#[derive(Clone, Default)]
struct OfNoAccount(Option<Plan>);

impl PartialEq for OfNoAccount {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl std::fmt::Debug for OfNoAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a plan")
    }
}

impl Serialize for Counts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(plan) = &self.plan.0 {
            plan.call("write");
        }
        #[derive(Serialize)]
        struct Written<'c> {
            placed: u32,
            shipped: &'c BTreeSet<u32>,
        }
        Written { placed: self.placed, shipped: &self.shipped }.serialize(serializer)
    }
}

impl Fold for Shipping {
    type State = Counts;
    type Event = Order;

    fn initial_state(&self) -> Counts {
        self.0.call("initial state");
        Counts { plan: OfNoAccount(Some(self.0.clone())), ..Counts::default() }
    }

    fn evolve(&self, mut counts: Counts, event: &Order) -> Counts {
        self.0.call("evolve");
        match event {
            Order::Placed => counts.placed += 1,
            Order::Shipped(number) => assert!(counts.shipped.insert(*number), "it was shipped twice"),
        }
        counts
    }
}

impl ProcessManager for Shipping {
    type Command = u32;

    fn pending(&self, counts: &Counts) -> Vec<Owed<u32>> {
        self.0.call("pending");
        let left = (1..=counts.placed).filter(|number| !counts.shipped.contains(number));
        left.map(|number| Owed::now(number.to_string(), number)).collect()
    }
}

const OF_A_PROCESS: [&str; 10] = [
    "initial state",
    "evolve",
    "pending",
    "identify",
    "clock",
    "dispatch",
    "dispatch behind",
    "write",
    "visit",
    "head",
];

/// What was handed over: the ids in the order in which they came, with the number of the opening.
type Handed = Arc<Mutex<Vec<(usize, String)>>>;

fn order(number: u64) -> StreamName {
    StreamName::of("order", number).unwrap()
}

fn placed(orders: u64, times: usize) -> Arc<Memory<Order>> {
    let store = Arc::new(Memory::new());
    for number in 1..=orders {
        store.append(Batch::to(&order(number)).events(vec![Order::Placed; times])).unwrap();
    }
    store
}

fn shipping(plan: &Plan, time: &Arc<AtomicI64>, attempts: u32) -> Process<Shipping> {
    let (identifying, telling, time) = (plan.clone(), plan.clone(), time.clone());
    Process::new("shipping", Query::category("order").unwrap(), Shipping(plan.clone()))
        .per_identity(move |envelope, _| {
            identifying.call("identify");
            envelope.stream.id().map(str::to_string)
        })
        .clock(move || {
            telling.call("clock");
            Timestamp::from_second(time.load(Ordering::Relaxed)).unwrap()
        })
        .retries(Retries {
            attempts,
            first_pause: Duration::from_secs(10),
            longest_pause: Duration::from_secs(10),
        })
}

/// Ships an order, once for each id.
fn ship(store: &Arc<Memory<Order>>, issued: &Issued<u32>) -> Result<(), Cause> {
    struct Orders;
    impl Fold for Orders {
        type State = ();
        type Event = Order;
        fn initial_state(&self) {}
        fn evolve(&self, (): (), _: &Order) {}
    }
    impl Decider for Orders {
        type Command = u32;
        type Rejection = ();
        fn decide(&self, number: &u32, (): &()) -> Result<Vec<Order>, ()> {
            Ok(vec![Order::Shipped(*number)])
        }
    }
    let id = issued.id.as_ref().unwrap().to_string();
    let number = id.split('/').nth(1).unwrap().parse().unwrap();
    CommandHandler::in_one_stream(Orders, store.clone(), order(number)).handle(issued.clone())?;
    Ok(())
}

fn shipped(store: &Arc<Memory<Order>>) -> usize {
    let all = store.all(Query::all()).unwrap();
    all.iter().filter(|recorded| matches!(recorded.event, Order::Shipped(_))).count()
}

type Orders = Arc<Memory<Order>>;
type Dispatch = Box<dyn Fn(Issued<u32>) -> Result<(), Cause> + Send>;

fn open(
    (plan, time, attempts): (&Plan, &Arc<AtomicI64>, u32),
    store: &Orders,
    (handed, opening): (&Handed, usize),
    folder: &Path,
) -> Result<ProcessRunner<Shipping, Faulty<Orders>, Dispatch>, RunnerError> {
    let (dispatching, orders, handed) = (plan.clone(), store.clone(), handed.clone());
    let log = Faulty { store: store.clone(), plan: plan.clone() };
    let dispatch: Dispatch = Box::new(move |issued| {
        dispatching.call("dispatch");
        ship(&orders, &issued)?;
        handed.lock().unwrap().push((opening, issued.id.unwrap().to_string()));
        dispatching.call("dispatch behind");
        Ok(())
    });
    ProcessRunner::open(shipping(plan, time, attempts), log, folder, dispatch)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn whatever_panics_when_a_process_runs_everything_owed_is_done_once(
        panics in panics(&OF_A_PROCESS),
        orders in 1..4u64,
        times in 1..3usize,
        attempts in 1..4u32,
        reopens in any::<bool>(),
    ) {
        let (store, folder) = (placed(orders, times), tempfile::tempdir().unwrap());
        let (plan, time, handed) = (Plan::of(panics.clone()), Arc::new(AtomicI64::new(0)), Handed::default());
        let (mut kept, mut done, mut openings) = (None, false, 0);
        for _ in 0..60 {
            let mut runner = match kept.take() {
                Some(runner) => runner,
                None => {
                    openings += 1;
                    match open((&plan, &time, attempts), &store, (&handed, openings), folder.path()) {
                        Ok(runner) => runner,
                        Err(error) => {
                            prop_assert!(leftfold::page::with_sources(&error).contains("planned in"), "{error}");
                            continue;
                        }
                    }
                }
            };
            let outcome = runner.run_once();
            let (status, standing) = (runner.status(), runner.owed());
            prop_assert_eq!(status.activity, Activity::Stopped);
            if let Err(error) = &outcome {
                prop_assert!(leftfold::page::with_sources(&error).contains("planned in"), "{error}");
                prop_assert!(status.poison.is_some() || status.trouble == Some(leftfold::page::with_sources(&error)), "{status}");
            }
            for item in &standing {
                if let Some(cause) = &item.cause {
                    prop_assert!(cause.contains("planned in"), "{cause}");
                    prop_assert_eq!(item.parked, item.failed >= attempts, "parked as the policy says");
                }
                if item.parked && outcome.is_ok() {
                    let _ = runner.release(&item.identity, &item.key);
                }
            }
            if outcome.is_ok() && standing.is_empty() {
                done = true;
                break;
            }
            time.fetch_add(10, Ordering::Relaxed);
            kept = (!reopens).then_some(runner);
        }
        prop_assert!(done, "something is still owed");
        prop_assert_eq!(shipped(&store), orders as usize * times, "each is done once");

        // In one opening, what was accepted is not handed over again.
        let mut times_handed: BTreeMap<_, usize> = BTreeMap::new();
        for handed in handed.lock().unwrap().iter() {
            *times_handed.entry(handed.clone()).or_default() += 1;
        }
        let lost_answers = panics.iter().filter(|(function, _)| *function == "dispatch behind").count();
        let again: usize = times_handed.values().map(|times| times - 1).sum();
        prop_assert!(again <= lost_answers, "{times_handed:?}");
    }
}

#[test]
fn a_panic_over_one_item_parks_it_and_holds_up_no_other_and_a_runner_that_is_opened_again_goes_on() {
    let (store, folder) = (placed(3, 1), tempfile::tempdir().unwrap());
    // The calls of the first of three items: each time it is tried, it panics.
    let plan = Plan::of([("dispatch", 1), ("dispatch", 4)]);
    let (time, handed) = (Arc::default(), Handed::default());
    let run = open((&plan, &time, 2), &store, (&handed, 1), folder.path()).unwrap().start();
    let controls = run.controls();
    eventually("the others are done", || shipped(&store) == 2);
    assert_eq!(controls.owed()[0].cause.as_deref(), Some("it panicked: planned in dispatch"));
    time.fetch_add(10, Ordering::Relaxed);
    eventually("it is parked", || controls.owed()[0].parked);
    assert!(matches!(controls.status().activity, Activity::Running | Activity::Idle));
    let (runner, outcome) = run.stop();
    outcome.unwrap();
    drop(runner);

    let mut runner = open((&plan, &time, 2), &store, (&handed, 2), folder.path()).unwrap();
    runner.run_once().unwrap();
    assert!(runner.owed()[0].parked && runner.owed()[0].failed == 2);
    assert!(runner.release("1", "1").unwrap());
    runner.run_once().unwrap();
    assert!(runner.owed().is_empty() && shipped(&store) == 3);
}

#[test]
fn a_clock_that_panics_is_asked_again_and_the_status_says_so_meanwhile() {
    let (store, folder) = (placed(1, 1), tempfile::tempdir().unwrap());
    let (plan, time, handed) = (Plan::of([("clock", 1)]), Arc::default(), Handed::default());
    let run = open((&plan, &time, 1), &store, (&handed, 1), folder.path()).unwrap().start();
    let controls = run.controls();
    eventually("it says so", || controls.status().trouble.is_some());
    let told = "asking the clock of shipping failed: it panicked: planned in clock";
    assert_eq!(controls.status().trouble.as_deref(), Some(told));
    eventually("it is asked again", || shipped(&store) == 1 && controls.status().trouble.is_none());
    run.stop().1.unwrap();
}

// ------------------------------------------------------------------------------------------------------- buses

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Task {
    First,
    Then(u32),
}

#[test]
fn commands_that_wait_for_a_handler_that_panics_are_handled_and_the_panic_goes_to_the_sender() {
    let plan = Plan::of([("handle", 1), ("handle", 3)]);
    let handled: Arc<Mutex<Vec<u32>>> = Arc::default();
    let bus: Arc<OnceLock<CommandBus<Task, ()>>> = Arc::default();
    let (inner, seen) = (bus.clone(), handled.clone());
    let started = CommandBus::routes().all(move |issued: Issued<Task>| {
        if let Task::Then(number) = issued.command {
            plan.call("handle");
            seen.lock().unwrap().push(number);
        } else {
            for number in 0..4 {
                assert_eq!(inner.get().unwrap().send(Task::Then(number)).unwrap(), Sent::Queued);
            }
            plan.call("handle");
        }
    });
    let bus = bus.get_or_init(|| started.start().unwrap());
    let told = catch_unwind(AssertUnwindSafe(|| bus.send(Task::First))).unwrap_err();
    assert_eq!(told.downcast_ref::<String>().unwrap(), "planned in handle");
    assert_eq!(*handled.lock().unwrap(), [0, 2, 3]);
    assert_eq!(bus.send(Task::Then(7)).unwrap(), Sent::Handled { answer: (), followed: vec![] });
}
