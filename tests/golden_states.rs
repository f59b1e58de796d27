//! States that an earlier version of the runtime has kept are where the present one goes on.
//!
//! The files lie in `tests/golden`. `LEFTFOLD_WRITE_GOLDEN=1 cargo test --test golden_states -- --ignored golden_files_are_written` wrote
//! them, and writes them again. Do that only on purpose: files that the present version has written prove nothing about an earlier one.

#[path = "log_format/noted.rs"]
mod noted;

use leftfold::recorded::{CorrelationId, EventId, Position, StreamName, Timestamp, Version};
use leftfold::runtime::{
    Cause, CommandHandler, Folded, Issued, OwedItem, Process, ProcessRunner, Projection, Retries, Runner,
    SnapshotStore, Snapshots, take_snapshot,
};
use leftfold::store::{Batch, EventStore, Memory, NewEvent, Query};
use leftfold::{Decider, Due, Fold, Owed, ProcessManager, view};
use noted::{copy_of, emptied, golden};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn stream(name: &str) -> StreamName {
    StreamName::new(name).unwrap()
}

fn id(text: &str) -> EventId {
    EventId::new(text).unwrap()
}

fn start() -> Timestamp {
    "2026-11-29T00:40:00.123456789Z".parse().unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Pay,
    Ship,
    Remind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Placed { at: Timestamp, items: Vec<String> },
    Paid,
    Shipped,
}

/// How an order stands: the state of the decider and of its process manager.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Order {
    placed: Option<Timestamp>,
    items: Vec<String>,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum State {
    #[default]
    Open,
    Paid,
    Shipped,
}

struct Orders;

impl Fold for Orders {
    type State = Order;
    type Event = Event;

    fn initial_state(&self) -> Order {
        Order::default()
    }

    fn evolve(&self, order: Order, event: &Event) -> Order {
        match event {
            Event::Placed { at, items } => Order { placed: Some(*at), items: items.clone(), ..order },
            Event::Paid => Order { state: State::Paid, ..order },
            Event::Shipped => Order { state: State::Shipped, ..order },
        }
    }
}

impl Decider for Orders {
    type Command = Command;
    type Rejection = &'static str;

    fn decide(&self, command: &Command, _: &Order) -> Result<Vec<Event>, &'static str> {
        match command {
            Command::Pay => Ok(vec![Event::Paid]),
            Command::Ship => Ok(vec![Event::Shipped]),
            Command::Remind => Ok(vec![]),
        }
    }
}

impl ProcessManager for Orders {
    type Command = Command;

    fn pending(&self, order: &Order) -> Vec<Owed<Command>> {
        match (order.state, order.placed) {
            (State::Paid, _) => vec![Owed::now("ship", Command::Ship)],
            (State::Open, Some(placed)) => {
                vec![Owed::at(placed + Duration::from_secs(86_400), "remind", Command::Remind)]
            }
            _ => vec![],
        }
    }
}

/// What the states are folded of.
fn orders() -> Arc<Memory<Event>> {
    let store = Arc::new(Memory::new().clock(start));
    let placed = |items: &[&str]| Event::Placed {
        at: start(),
        items: items.iter().map(ToString::to_string).collect(),
    };
    let events = [
        (1, placed(&["tea", "\"cups\""])),
        (2, placed(&["ä"])),
        (1, Event::Paid),
        (3, Event::Paid),
        (4, Event::Paid),
        (4, Event::Shipped),
    ];
    for ((order, event), number) in events.into_iter().zip(1..) {
        let conversation = CorrelationId::new(format!("conversation {order}")).unwrap();
        let new = NewEvent::of(event).id(id(&format!("event {number}"))).correlation(conversation);
        store.append(Batch::to(&StreamName::of("order", order).unwrap()).record(new)).unwrap();
    }
    store
}

/// Counts the events of each stream.
fn counts() -> Folded<impl Fold<State = BTreeMap<String, (u64, Option<State>)>, Event = Event>> {
    Folded::of(view(BTreeMap::new, |mut counts: BTreeMap<String, (u64, Option<State>)>, event: &Event| {
        let (name, state) = match event {
            Event::Placed { .. } => ("placed", None),
            Event::Paid => ("paid", Some(State::Paid)),
            Event::Shipped => ("shipped", Some(State::Shipped)),
        };
        counts.entry(name.to_string()).or_insert((0, state)).0 += 1;
        counts
    }))
    .revision(3)
}

fn shipping(now: Timestamp) -> Process<Orders> {
    Process::new("shipping", Query::category("order").unwrap(), Orders)
        .per_identity(|envelope, _| envelope.stream.id().map(str::to_string))
        .clock(move || now)
        .retries(Retries {
            attempts: 2,
            first_pause: Duration::from_secs(10),
            longest_pause: Duration::from_secs(15),
        })
}

fn write_states(folder: &Path) {
    let store = orders();
    take_snapshot(&*store, &Orders, &Snapshots::in_folder(folder, 1), &stream("order-1")).unwrap();
    let mut runner =
        Runner::open(Projection::new("counts", Query::all(), counts()), store.clone(), folder).unwrap();
    runner.run_once().unwrap();
    // Order 3 is refused twice, and parked; order 1 is refused once, and waits; order 2 waits for its day.
    for (now, refused) in [(start(), "3/"), (start() + Duration::from_secs(60), "")] {
        let dispatch = |issued: Issued<Command>| -> Result<(), Cause> {
            let id = issued.id.unwrap();
            if id.as_str().contains(refused) { Err(format!("\"no\" to {id}").into()) } else { Ok(()) }
        };
        let mut runner = ProcessRunner::open(shipping(now), store.clone(), folder, dispatch).unwrap();
        runner.run_once().unwrap();
    }
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            fs::remove_file(path).unwrap();
        }
    }
}

#[test]
#[ignore = "writes the files that the other tests read"]
fn golden_files_are_written() {
    assert!(std::env::var_os("LEFTFOLD_WRITE_GOLDEN").is_some(), "only on purpose");
    write_states(&emptied("state-1"));
}

/// The state of order 1.
fn order_1() -> Order {
    Order { placed: Some(start()), items: vec!["tea".into(), "\"cups\"".into()], state: State::Paid }
}

#[test]
fn a_snapshot_of_an_earlier_version_is_where_a_handler_begins() {
    let folder = copy_of(&golden("state-1"));
    let snapshot = Snapshots::<Order>::in_folder(folder.path(), 1).load(&stream("order-1")).unwrap().unwrap();
    assert_eq!(
        (snapshot.state, snapshot.version, snapshot.event),
        (order_1(), Version::new(2), id("event 3"))
    );
    let handler = CommandHandler::in_one_stream(Orders, orders(), stream("order-1"))
        .snapshots(Snapshots::in_folder(folder.path(), 1), 1)
        .unwrap();
    let shipped = handler.handle_with(Command::Ship, |order, _| order.clone()).unwrap();
    assert_eq!(shipped.result, Order { state: State::Shipped, ..order_1() });
    let snapshot = Snapshots::<Order>::in_folder(folder.path(), 1).load(&stream("order-1")).unwrap().unwrap();
    assert_eq!((snapshot.state.state, snapshot.version), (State::Shipped, Version::new(3)));
}

#[test]
fn a_projection_goes_on_behind_the_state_of_an_earlier_version() {
    let folder = copy_of(&golden("state-1"));
    let expected =
        [("paid", (3, Some(State::Paid))), ("placed", (2, None)), ("shipped", (1, Some(State::Shipped)))];
    let expected: BTreeMap<String, _> =
        expected.into_iter().map(|(name, count)| (name.to_string(), count)).collect();
    let (counted, position) = counts().committed(folder.path(), "counts").unwrap().unwrap();
    assert_eq!((&counted, position), (&expected, Position::new(6)));
    let store = orders();
    store.append(Batch::to(&stream("order-5")).event(Event::Paid)).unwrap();
    let projection = Projection::new("counts", Query::all(), counts());
    let mut runner = Runner::open(projection, store, folder.path()).unwrap();
    assert_eq!(runner.status().position, Position::new(6), "nothing is folded again");
    runner.run_once().unwrap();
    assert_eq!(runner.model().look(|counts| counts["paid"].0), 4);
}

#[test]
fn what_a_process_manager_owed_under_an_earlier_version_is_still_owed() {
    let folder = copy_of(&golden("state-1"));
    let minute = start() + Duration::from_secs(60);
    let day = start() + Duration::from_secs(86_400);
    let standing = |identity: &str, key: &str, due, since, failed, again| {
        let cause = (failed > 0).then(|| format!("\"no\" to shipping/{identity}/ship@{since}"));
        (identity.to_string(), key.to_string(), due, Position::new(since), failed, cause, again, failed == 2)
    };
    let expected = [
        standing("1", "ship", Due::Now, 3, 1, Some(minute + Duration::from_secs(10))),
        standing("2", "remind", Due::At(day), 2, 0, None),
        standing("3", "ship", Due::Now, 4, 2, None),
    ];
    let seen = |item: OwedItem| {
        assert!(!item.issued);
        let OwedItem { identity, key, due, since, failed, cause, again, parked, .. } = item;
        (identity, key, due, since, failed, cause, again, parked)
    };
    let owed = shipping(start()).committed(folder.path()).unwrap();
    assert_eq!(owed.into_iter().map(seen).collect::<Vec<_>>(), expected);

    // A day later, what waits is issued under the ids that it had; what is parked, when it is released.
    let issued = Arc::new(Mutex::new(Vec::new()));
    let ids = || std::mem::take(&mut *issued.lock().unwrap());
    let dispatch = |command: Issued<Command>| -> Result<(), Cause> {
        let correlation = command.metadata.correlation_id.unwrap().to_string();
        issued.lock().unwrap().push((command.id.unwrap().to_string(), correlation));
        Ok(())
    };
    let mut runner = ProcessRunner::open(shipping(day), orders(), folder.path(), dispatch).unwrap();
    assert_eq!(runner.owed().into_iter().map(seen).collect::<Vec<_>>(), expected);
    runner.run_once().unwrap();
    let pair = |id: &str, conversation: &str| (id.to_string(), conversation.to_string());
    assert_eq!(
        ids(),
        [pair("shipping/1/ship@3", "conversation 1"), pair("shipping/2/remind@2", "conversation 2")]
    );
    assert!(runner.release("3", "ship").unwrap());
    runner.run_once().unwrap();
    assert_eq!(ids(), [pair("shipping/3/ship@4", "conversation 3")]);
}
