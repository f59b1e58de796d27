//! What a runner of process managers promises: what is owed is done at least once, and a repeat is told by its id.

use leftfold::recorded::{StreamName, Timestamp};
use leftfold::runtime::{Cause, CommandHandler, Issued, Process, ProcessRunner, Retries, RunnerError};
use leftfold::store::{Batch, EventReader, EventStore, Memory, Query, Reading};
use leftfold::{Decider, Due, Fold, Owed, ProcessManager};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Pay { order: u32 },
    Ship { order: u32 },
    Remind { order: u32 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Placed { at: Timestamp },
    Paid,
    Shipped,
    Reminded,
    Returned,
}

/// How an order stands; it is the state of both the order and of its process manager.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Order {
    placed: Option<Timestamp>,
    paid: bool,
    shipped: bool,
    reminded: bool,
}

fn evolve(order: Order, event: &Event) -> Order {
    match event {
        Event::Placed { at } => Order { placed: Some(*at), ..order },
        Event::Paid => Order { paid: true, ..order },
        Event::Shipped => Order { shipped: true, ..order },
        Event::Reminded => Order { reminded: true, ..order },
        // It goes out once more.
        Event::Returned => Order { shipped: false, ..order },
    }
}

struct Orders;

impl Fold for Orders {
    type State = Order;
    type Event = Event;

    fn initial_state(&self) -> Order {
        Order::default()
    }

    fn evolve(&self, order: Order, event: &Event) -> Order {
        evolve(order, event)
    }
}

impl Decider for Orders {
    type Command = Command;
    type Rejection = &'static str;

    fn decide(&self, command: &Command, order: &Order) -> Result<Vec<Event>, &'static str> {
        match command {
            Command::Pay { .. } => Ok(vec![Event::Paid]),
            // Ships as often as it is told to: that it is told once is the matter of ids.
            Command::Ship { .. } if order.paid => Ok(vec![Event::Shipped]),
            Command::Ship { .. } => Err("it is not paid"),
            Command::Remind { .. } => Ok(vec![Event::Reminded]),
        }
    }
}

/// Ships what is paid, and reminds after a day.
struct Shipping;

impl Fold for Shipping {
    type State = Order;
    type Event = Event;

    fn initial_state(&self) -> Order {
        Order::default()
    }

    fn evolve(&self, order: Order, event: &Event) -> Order {
        evolve(order, event)
    }
}

impl ProcessManager for Shipping {
    type Command = Command;

    fn pending(&self, order: &Order) -> Vec<Owed<Command>> {
        let mut owed = vec![];
        if order.paid && !order.shipped {
            owed.push(Owed::now("ship", Command::Ship { order: 0 }));
        }
        if let (Some(placed), false, false) = (order.placed, order.paid, order.reminded) {
            owed.push(Owed::at(placed + Duration::from_secs(86_400), "remind", Command::Remind { order: 0 }));
        }
        owed
    }
}

type Store = Arc<Memory<Event>>;

fn stream(order: u32) -> StreamName {
    StreamName::of("order", order).unwrap()
}

fn record(store: &Store, order: u32, events: impl IntoIterator<Item = Event>) {
    store.append(Batch::to(&stream(order)).events(events)).unwrap();
}

fn start() -> Timestamp {
    "2026-11-25T08:00:00Z".parse().unwrap()
}

/// A clock that stands still until it is moved.
#[derive(Clone, Default)]
struct Moved(Arc<AtomicI64>);

impl Moved {
    fn by(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }

    fn now(&self) -> Timestamp {
        start() + Duration::from_secs(self.0.load(Ordering::Relaxed) as u64)
    }
}

/// One process manager for each order; the order is told by the stream.
fn shipping(clock: &Moved) -> Process<Shipping> {
    let clock = clock.clone();
    Process::new("shipping", Query::category("order").unwrap(), Shipping)
        .per_identity(|envelope, _| envelope.stream.id().map(str::to_string))
        .clock(move || clock.now())
        .retries(Retries {
            attempts: 3,
            first_pause: Duration::from_secs(10),
            longest_pause: Duration::from_secs(15),
        })
}

/// What the handler of an order makes of a command that a process manager has issued.
fn handle(store: &Store, issued: Issued<Command>) -> Result<(), Cause> {
    let id = issued.id.as_ref().unwrap().to_string();
    let order = id.split('/').nth(1).unwrap().parse().unwrap();
    let handler = CommandHandler::in_one_stream(Orders, store.clone(), stream(order));
    handler.handle(issued)?;
    Ok(())
}

/// Every command that was issued, by its id.
type Issues = Arc<Mutex<Vec<String>>>;

type Runner<X> = ProcessRunner<Shipping, Store, X>;

fn open(
    store: &Store,
    folder: &Path,
    clock: &Moved,
    issues: &Issues,
    answer: impl Fn(Issued<Command>) -> Result<(), Cause>,
) -> Runner<impl Fn(Issued<Command>) -> Result<(), Cause>> {
    let issues = issues.clone();
    ProcessRunner::open(shipping(clock), store.clone(), folder, move |issued| {
        issues.lock().unwrap().push(issued.id.as_ref().unwrap().to_string());
        answer(issued)
    })
    .unwrap()
}

fn count(store: &Store, event: &Event) -> usize {
    store.all(Query::all()).unwrap().iter().filter(|recorded| recorded.event == *event).count()
}

#[test]
fn what_is_owed_is_done_and_leaves_the_list_when_it_is_settled() {
    let (store, folder, clock, issues) =
        (Store::default(), tempfile::tempdir().unwrap(), Moved::default(), Issues::default());
    for order in [1, 2] {
        record(&store, order, [Event::Placed { at: start() }, Event::Paid]);
    }
    let mut runner = open(&store, folder.path(), &clock, &issues, |issued| handle(&store, issued));
    let status = runner.run_once().unwrap();
    assert_eq!((status.position.get(), status.lag), (6, 0), "what follows from its commands is seen too");
    assert_eq!(*issues.lock().unwrap(), ["shipping/1/ship@2", "shipping/2/ship@4"]);
    assert!(runner.owed().is_empty());
    let shipped = &store.all(Query::stream(&stream(1))).unwrap()[2];
    let paid = &store.all(Query::stream(&stream(1))).unwrap()[1];
    assert_eq!(shipped.id.as_str(), "shipping/1/ship@2/1");
    assert_eq!(shipped.metadata.causation_id.as_ref().unwrap().as_str(), "shipping/1/ship@2");
    assert_eq!(shipped.metadata.correlation_id.as_ref().map(|id| id.as_str().to_string()), {
        let of_paid = paid.metadata.correlation_id.as_ref();
        Some(of_paid.map_or("shipping/1/ship@2".to_string(), |id| id.as_str().to_string()))
    });
    runner.run_once().unwrap();
    assert_eq!(issues.lock().unwrap().len(), 2, "nothing is done twice");
}

#[test]
fn after_a_restart_what_is_owed_is_issued_again_and_a_repeat_is_absorbed() {
    let (store, folder, clock, issues) =
        (Store::default(), tempfile::tempdir().unwrap(), Moved::default(), Issues::default());
    for order in 1..=3 {
        record(&store, order, [Event::Paid]);
    }
    // The command is handled, and the process ends before anything of it is committed: so before each start, the checkpoint
    // is taken away, or left as it was.
    for round in 0..4 {
        let mut runner = open(&store, folder.path(), &clock, &issues, |issued| handle(&store, issued));
        if round % 2 == 1 {
            runner.reset().unwrap();
        }
        runner.run_once().unwrap();
    }
    assert_eq!(count(&store, &Event::Shipped), 3);
    // An answer that is lost: the command was handled, and counts as failed.
    record(&store, 4, [Event::Paid]);
    let lost = AtomicBool::new(true);
    let mut runner = open(&store, folder.path(), &clock, &issues, |issued| {
        handle(&store, issued)?;
        if lost.swap(false, Ordering::Relaxed) { Err("no answer".into()) } else { Ok(()) }
    });
    runner.run_once().unwrap();
    assert_eq!(count(&store, &Event::Shipped), 4);
    assert!(runner.owed().is_empty(), "the event has settled it, whatever became of the answer");
}

#[test]
fn one_that_is_accepted_and_not_settled_is_issued_once_and_again_after_a_restart() {
    let (store, folder, clock, issues) =
        (Store::default(), tempfile::tempdir().unwrap(), Moved::default(), Issues::default());
    record(&store, 1, [Event::Paid]);
    for restart in 1..=3 {
        let mut runner = open(&store, folder.path(), &clock, &issues, |_| Ok(()));
        for _ in 0..5 {
            runner.run_once().unwrap();
            clock.by(1_000);
        }
        assert_eq!(*issues.lock().unwrap(), vec!["shipping/1/ship@1"; restart]);
        let standing = runner.owed();
        assert_eq!((standing.len(), standing[0].issued, standing[0].parked), (1, true, false));
    }
}

#[test]
fn an_item_stays_the_same_while_it_is_owed_whatever_else_happens() {
    let (store, folder, clock, issues) =
        (Store::default(), tempfile::tempdir().unwrap(), Moved::default(), Issues::default());
    record(&store, 1, [Event::Paid]);
    let mut runner = open(&store, folder.path(), &clock, &issues, |_| Err("out of boxes".into()));
    for failed in 1..=3 {
        runner.run_once().unwrap();
        assert_eq!((runner.owed()[0].failed, runner.owed()[0].since.get()), (failed, 1));
        record(&store, 1, [Event::Reminded]);
        clock.by(15);
    }
    runner.run_once().unwrap();
    assert!(runner.owed()[0].parked);
    assert_eq!(*issues.lock().unwrap(), ["shipping/1/ship@1"; 3]);
}

#[test]
fn the_same_key_owed_again_later_is_another_command() {
    let (store, folder, clock, issues) =
        (Store::default(), tempfile::tempdir().unwrap(), Moved::default(), Issues::default());
    record(&store, 1, [Event::Paid]);
    let mut runner = open(&store, folder.path(), &clock, &issues, |issued| handle(&store, issued));
    runner.run_once().unwrap();
    record(&store, 1, [Event::Returned]);
    runner.run_once().unwrap();
    assert_eq!(*issues.lock().unwrap(), ["shipping/1/ship@1", "shipping/1/ship@3"]);
    assert_eq!(count(&store, &Event::Shipped), 2);
    // And whoever folds the log from its start finds the same.
    record(&store, 1, [Event::Returned]);
    runner.reset().unwrap();
    runner.run_once().unwrap();
    assert_eq!(issues.lock().unwrap().last().unwrap(), "shipping/1/ship@5");
    assert_eq!((count(&store, &Event::Shipped), issues.lock().unwrap().len()), (3, 3));
}

#[test]
fn a_deadline_is_kept_by_the_clock_that_was_given() {
    let (store, folder, clock, issues) =
        (Store::default(), tempfile::tempdir().unwrap(), Moved::default(), Issues::default());
    record(&store, 1, [Event::Placed { at: start() }]);
    let mut runner = open(&store, folder.path(), &clock, &issues, |issued| handle(&store, issued));
    runner.run_once().unwrap();
    assert_eq!(runner.owed()[0].due, Due::At(start() + Duration::from_secs(86_400)));
    clock.by(86_399);
    runner.run_once().unwrap();
    assert_eq!(count(&store, &Event::Reminded), 0);
    clock.by(1);
    runner.run_once().unwrap();
    assert_eq!(count(&store, &Event::Reminded), 1);
    clock.by(100_000);
    runner.run_once().unwrap();
    assert_eq!(count(&store, &Event::Reminded), 1);
}

#[test]
fn what_fails_is_tried_again_ever_later_then_parked_and_tried_again_when_it_is_released() {
    let (store, folder, clock, issues) =
        (Store::default(), tempfile::tempdir().unwrap(), Moved::default(), Issues::default());
    record(&store, 1, [Event::Paid]);
    record(&store, 2, [Event::Paid]);
    let works = AtomicBool::new(false);
    let open = || {
        open(&store, folder.path(), &clock, &issues, |issued| {
            let of_one = issued.id.as_ref().unwrap().as_str().starts_with("shipping/1/");
            if of_one && !works.load(Ordering::Relaxed) {
                Err("out of boxes".into())
            } else {
                handle(&store, issued)
            }
        })
    };
    let tried = || issues.lock().unwrap().iter().filter(|id| id.starts_with("shipping/1/")).count();
    let mut runner = open();
    runner.run_once().unwrap();
    assert_eq!(count(&store, &Event::Shipped), 1, "the other does not wait for it");
    let after = |runner: &mut Runner<_>, seconds| {
        clock.by(seconds);
        runner.run_once().unwrap();
        tried()
    };
    // After 10 seconds, and after 15 more: twice 10 would be more than the most.
    assert_eq!(tried(), 1);
    assert_eq!((after(&mut runner, 9), after(&mut runner, 1)), (1, 2));
    assert_eq!((after(&mut runner, 14), after(&mut runner, 1)), (2, 3));
    assert_eq!(after(&mut runner, 1_000_000), 3, "it is parked");
    // Also after a restart, and a program beside it sees it.
    drop(runner);
    for list in [open().owed(), shipping(&clock).committed(folder.path()).unwrap()] {
        let [item] = &list[..] else { panic!("{list:?}") };
        assert_eq!((&*item.identity, &*item.key, item.since.get(), item.failed), ("1", "ship", 1, 3));
        assert_eq!((item.cause.as_deref(), item.parked, item.again), (Some("out of boxes"), true, None));
    }
    let mut runner = open();
    assert_eq!(after(&mut runner, 1_000_000), 3, "it is parked");
    works.store(true, Ordering::Relaxed);
    assert!(!runner.release("2", "ship").unwrap() && !runner.release("1", "else").unwrap());
    assert!(runner.release("1", "ship").unwrap());
    assert_eq!((after(&mut runner, 0), count(&store, &Event::Shipped)), (4, 2));
    assert!(runner.owed().is_empty());
}

#[test]
fn a_refusal_is_tried_again_too_and_forgotten_when_it_is_settled() {
    let (store, folder, clock, issues) =
        (Store::default(), tempfile::tempdir().unwrap(), Moved::default(), Issues::default());
    record(&store, 1, [Event::Paid]);
    let mut runner = open(&store, folder.path(), &clock, &issues, |_| {
        Err(Box::<dyn std::error::Error + Send + Sync>::from("it is not paid"))
    });
    runner.run_once().unwrap();
    let standing = runner.owed();
    assert_eq!((standing[0].failed, standing[0].cause.as_deref()), (1, Some("it is not paid")));
    assert_eq!(standing[0].again, Some(start() + Duration::from_secs(10)));
    record(&store, 1, [Event::Shipped]);
    runner.run_once().unwrap();
    assert!(runner.owed().is_empty());
    record(&store, 1, [Event::Returned]);
    runner.run_once().unwrap();
    assert_eq!(runner.owed()[0].failed, 1, "the trouble is that of the new item alone");
}

#[test]
fn what_was_settled_by_the_item_before_it_is_not_issued() {
    /// Two ways to the same: either settles both.
    struct Both;
    impl Fold for Both {
        type State = bool;
        type Event = Event;
        fn initial_state(&self) -> bool {
            false
        }
        fn evolve(&self, open: bool, event: &Event) -> bool {
            match event {
                Event::Paid => true,
                Event::Shipped => false,
                _ => open,
            }
        }
    }
    impl ProcessManager for Both {
        type Command = u32;
        fn pending(&self, open: &bool) -> Vec<Owed<u32>> {
            if *open { (1..=2).map(|way| Owed::now(way.to_string(), way)).collect() } else { vec![] }
        }
    }
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    record(&store, 1, [Event::Paid]);
    let shipped = store.clone();
    let mut runner = ProcessRunner::open(
        Process::new("both", Query::all(), Both),
        store.clone(),
        folder.path(),
        move |issued| {
            assert_eq!(issued.command, 1);
            record(&shipped, 1, [Event::Shipped]);
            Ok(())
        },
    )
    .unwrap();
    runner.run_once().unwrap();
    assert_eq!(store.head().unwrap().get(), 2);
}

#[test]
fn one_that_is_kept_running_does_what_comes_and_lets_be_released_from_elsewhere() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let works = Arc::new(AtomicBool::new(false));
    let (orders, fails) = (store.clone(), works.clone());
    let process = shipping(&Moved::default()).retries(Retries { attempts: 1, ..Retries::default() });
    let running = ProcessRunner::open(process, store.clone(), folder.path(), move |issued| {
        if fails.load(Ordering::Relaxed) { handle(&orders, issued) } else { Err("out of boxes".into()) }
    })
    .unwrap()
    .start();
    let controls = running.controls();
    let eventually = |what: &str, is_so: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
            thread::sleep(Duration::from_millis(2));
        }
    };
    record(&store, 1, [Event::Paid]);
    eventually("it is parked", &|| controls.owed().first().is_some_and(|item| item.parked));
    works.store(true, Ordering::Relaxed);
    record(&store, 2, [Event::Paid]);
    eventually("the other is shipped", &|| count(&store, &Event::Shipped) == 1);
    controls.release("1", "ship");
    eventually("it is shipped", &|| count(&store, &Event::Shipped) == 2);
    eventually("nothing is owed", &|| controls.owed().is_empty());
    let (runner, outcome) = running.stop();
    outcome.unwrap();
    assert!(runner.owed().is_empty());
}

#[test]
fn one_that_is_kept_running_commits_when_it_is_time_and_not_for_each_item() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let orders = store.clone();
    let never = shipping(&Moved::default()).commit_after(Duration::from_secs(3_600));
    let handled = move |issued| handle(&orders, issued);
    let running = ProcessRunner::open(never, store.clone(), folder.path(), handled).unwrap().start();
    let file = folder.path().join("shipping.json");
    for order in 1..=3 {
        record(&store, order, [Event::Paid]);
        let begun = Instant::now();
        while count(&store, &Event::Shipped) < order as usize {
            assert!(begun.elapsed() < Duration::from_secs(20));
            thread::sleep(Duration::from_millis(1));
        }
    }
    assert!(!file.exists(), "all instances were written, though an hour has not gone by");
    running.stop().1.unwrap();
    assert!(file.exists());
}

#[test]
fn a_list_of_another_log_is_refused_and_can_be_begun_anew() {
    let (store, folder, clock) = (Store::default(), tempfile::tempdir().unwrap(), Moved::default());
    record(&store, 1, [Event::Paid]);
    let open =
        |store: &Store, process| ProcessRunner::open(process, store.clone(), folder.path(), |_| Ok(()));
    open(&store, shipping(&clock)).unwrap().run_once().unwrap();

    let other = Store::default();
    record(&other, 2, [Event::Paid]);
    let refused = open(&other, shipping(&clock)).map(|_| ()).unwrap_err();
    assert!(matches!(refused, RunnerError::OtherLog { .. }), "{refused}");
    let mut runner = open(&other, shipping(&clock).from_the_start()).unwrap();
    assert!(runner.owed().is_empty());
    runner.run_once().unwrap();
    let owed: Vec<_> = runner.owed().into_iter().map(|item| item.identity).collect();
    assert_eq!(owed, ["2"]);
    drop(runner);
    assert_eq!(shipping(&clock).committed(folder.path()).unwrap().len(), 1);
}

#[test]
fn a_second_runner_of_the_same_name_is_refused() {
    let (store, folder, clock, issues) =
        (Store::default(), tempfile::tempdir().unwrap(), Moved::default(), Issues::default());
    let _first = open(&store, folder.path(), &clock, &issues, |_| Ok(()));
    let refused =
        ProcessRunner::open(shipping(&clock), store.clone(), folder.path(), |_| Ok(())).err().unwrap();
    assert!(matches!(refused, RunnerError::RunElsewhere { .. }), "{refused}");
}

#[test]
fn one_process_manager_for_all_and_one_for_each_identity_owe_the_same() {
    let store = Store::default();
    let clock = Moved::default();
    let issued = |process: Process<Shipping>| {
        let folder = tempfile::tempdir().unwrap();
        let issued: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
        let seen = issued.clone();
        let mut runner = ProcessRunner::open(process, store.clone(), folder.path(), move |issued| {
            *seen.lock().unwrap().entry(issued.id.unwrap().to_string()).or_default() += 1;
            Ok(())
        })
        .unwrap();
        runner.run_once().unwrap();
        issued.lock().unwrap().clone()
    };
    record(&store, 7, [Event::Paid, Event::Shipped, Event::Returned]);
    let for_all = issued(Process::new("shipping", Query::stream(&stream(7)), Shipping));
    let for_each = issued(shipping(&clock));
    assert_eq!(for_all.into_iter().collect::<Vec<_>>(), [("shipping/ship@3".to_string(), 1)]);
    assert_eq!(for_each.into_iter().collect::<Vec<_>>(), [("shipping/7/ship@3".to_string(), 1)]);
}

// ------------------------------------------------------------------------------------------- a key that is owed twice

/// Owes two items: under one key, unless it is mended.
fn reminders(mended: bool) -> impl ProcessManager<State = u32, Event = Event, Command = Command> {
    leftfold::process_manager(
        || 0,
        |placed: u32, event: &Event| if matches!(event, Event::Placed { .. }) { placed + 1 } else { placed },
        move |placed| {
            let key = |order| if mended { format!("remind {order}") } else { "remind".to_string() };
            (1..=*placed).map(|order| Owed::now(key(order), Command::Remind { order })).collect()
        },
    )
}

const TWICE: &str = "the key \"remind\" is owed twice at once: of two items with one key, only one is done; give each item a key of \
                     its own";

#[test]
fn of_a_list_that_holds_a_key_twice_nothing_is_dispatched_and_the_status_says_so() {
    let (store, folder, issues) = (Store::default(), tempfile::tempdir().unwrap(), Issues::default());
    record(&store, 1, [Event::Paid, Event::Placed { at: start() }, Event::Placed { at: start() }]);
    let run = |mended| {
        let process = Process::new("reminders", Query::category("order").unwrap(), reminders(mended));
        let issued = issues.clone();
        let mut runner = ProcessRunner::open(process, store.clone(), folder.path(), move |one| {
            issued.lock().unwrap().push(one.id.unwrap().to_string());
            Ok(())
        })
        .unwrap();
        let outcome = runner.run_once();
        (outcome, runner.status())
    };
    for _ in 0..2 {
        let (outcome, status) = run(false);
        assert!(matches!(outcome, Err(RunnerError::Poison(_))), "{outcome:?}");
        assert_eq!((status.position.get(), status.poison.unwrap().cause), (2, TWICE.to_string()));
        assert!(issues.lock().unwrap().is_empty());
    }
    run(true).0.unwrap();
    assert_eq!(
        *issues.lock().unwrap(),
        ["reminders/remind 1@3", "reminders/remind 2@3"],
        "the event is met again"
    );
}

#[test]
fn a_stored_list_that_has_come_to_hold_a_key_twice_is_refused() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    record(&store, 1, [Event::Placed { at: start() }, Event::Placed { at: start() }]);
    let open = |mended| {
        let identity =
            |envelope: &leftfold::recorded::Envelope, _: &Event| envelope.stream.id().map(str::to_string);
        let process = Process::new("reminders", Query::all(), reminders(mended)).per_identity(identity);
        ProcessRunner::open(process, store.clone(), folder.path(), move |_| {
            assert!(mended, "nothing is dispatched");
            Ok(())
        })
        .unwrap()
    };
    open(true).run_once().unwrap();
    // The stored keys are made those of the process manager that holds them twice.
    let file = folder.path().join("reminders.json");
    let text = std::fs::read_to_string(&file).unwrap().replacen("\"remind 1\"", "\"remind\"", 1);
    let lines: Vec<&str> = text.lines().take(2).collect();
    let whole = format!("{}\n{}\n", lines[0], lines[1]);
    let crc = crc32c::crc32c(whole.as_bytes());
    std::fs::write(&file, format!("{whole}{{\"crc\":\"{crc:08x}\"}}\n")).unwrap();
    let mut runner = open(false);
    runner.run_once().unwrap_err();
    let trouble = runner.status().trouble.unwrap();
    assert_eq!(
        trouble,
        format!("dispatching what is owed by reminders failed: in the to-do list of 1, {TWICE}")
    );
    assert!(runner.status().to_string().contains(TWICE), "{}", runner.status());
}

// ------------------------------------------------------------------------------------------------ what the status says

#[test]
fn the_status_counts_what_is_owed_failing_parked_and_accepted_but_not_settled() {
    let (store, folder, clock) = (Store::default(), tempfile::tempdir().unwrap(), Moved::default());
    for order in [1, 2, 3] {
        record(&store, order, [Event::Paid]);
    }
    record(&store, 4, [Event::Placed { at: start() }]);
    let broken = AtomicBool::new(true);
    let open = || {
        let process = shipping(&clock).retries(Retries { attempts: 2, ..Retries::default() });
        ProcessRunner::open(process, store.clone(), folder.path(), |issued: Issued<Command>| {
            match issued.id.as_ref().unwrap().as_str() {
                "shipping/1/ship@1" => Err("the outbox is broken".into()),
                "shipping/2/ship@2" if broken.load(Ordering::Relaxed) => Err("not now".into()),
                _ => Ok(()),
            }
        })
        .unwrap()
    };
    let mut runner = open();
    let controls = runner.controls();
    assert_eq!(runner.status().to_string(), "shipping: stopped, at position 0 of 4, 4 to go");
    let shown = "shipping: stopped, at position 4 of 4, 0 to go; 4 owed, 2 of them failing, 1 accepted and not settled";
    assert_eq!(runner.run_once().unwrap().to_string(), shown);
    assert_eq!((runner.status(), controls.status()), (controls.status(), runner.status()));

    clock.by(1_000);
    broken.store(false, Ordering::Relaxed);
    let owed = runner.run_once().unwrap().owed.unwrap();
    assert_eq!((owed.owed, owed.failing, owed.parked, owed.unsettled), (4, 0, 1, 2));
    assert_eq!(owed.to_string(), "4 owed, 1 of them parked, 2 accepted and not settled");
    drop(runner);

    let runner = open();
    let owed = runner.controls().status().owed.unwrap();
    assert_eq!(
        owed.to_string(),
        "4 owed, 1 of them parked",
        "what was accepted is known since it was opened"
    );
    record(&store, 1, [Event::Shipped]);
    let mut runner = runner;
    assert_eq!(runner.run_once().unwrap().owed.unwrap().parked, 0);
}
