//! What buses promise: one handler for a command, everybody who listens for an event, answers without changes.
#![allow(missing_docs)]

use leftfold::message::{Message, Name, NameError, Phrase};
use leftfold::recorded::{CommandId, Recorded, StreamName, Timestamp, versioned};
use leftfold::runtime::outbox;
use leftfold::runtime::{
    BusError, CommandBus, CommandHandler, EventBus, Issued, QueryBus, Question, Runner, Sent, Worker,
};
use leftfold::store::{EventReader, Memory, Query, Reading};
use leftfold::{decider, sum};
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, OnceLock};
use std::thread;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum OrderCommand {
    Place,
    Close { why: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PaymentCommand {
    Pay(u32),
    Close { why: String },
}

sum! { #[derive(Clone, Debug, PartialEq)] pub enum Command { Order(OrderCommand), Payment(PaymentCommand) } }

fn place() -> Command {
    OrderCommand::Place.into()
}

fn pay(amount: u32) -> Command {
    PaymentCommand::Pay(amount).into()
}

type Said = Arc<Mutex<Vec<String>>>;

/// A handler that writes down what it gets.
fn says(said: &Said, who: &'static str) -> impl Fn(Issued<Command>) -> &'static str + Send + Sync + use<> {
    let said = said.clone();
    move |issued| {
        let id = issued.id.map_or(String::new(), |id| format!(" {id}"));
        said.lock().unwrap().push(format!("{who}: {:?}{id}", issued.command));
        who
    }
}

#[test]
fn a_command_goes_to_the_one_who_handles_it_by_name_by_part_or_altogether() {
    let said = Said::default();
    let bus = CommandBus::routes()
        .part("order", says(&said, "orders"))
        .handle(["payment.Pay"], says(&said, "paying"))
        .handle(["payment.Close"], says(&said, "closing"))
        .start()
        .unwrap();
    let sent = |command: Command| bus.send(command).unwrap().answer();
    assert_eq!(sent(place()), Some("orders"));
    assert_eq!(sent(OrderCommand::Close { why: "no".into() }.into()), Some("orders"));
    assert_eq!(sent(pay(3)), Some("paying"));
    assert_eq!(sent(PaymentCommand::Close { why: "no".into() }.into()), Some("closing"));
    let all = CommandBus::routes().all(says(&said, "all")).start().unwrap();
    assert_eq!(all.send(pay(1)).unwrap().answer(), Some("all"));
    assert_eq!(said.lock().unwrap().len(), 5);
}

#[test]
fn two_handlers_none_and_names_that_there_are_not_are_found_when_the_bus_is_to_start() {
    let said = Said::default();
    let refused = |routes: leftfold::runtime::CommandRoutes<Command, &'static str>| match routes.start() {
        Ok(_) => panic!("it starts"),
        Err(error) => error.to_string(),
    };
    let routes = CommandBus::<Command, &'static str>::routes;
    assert_eq!(
        refused(routes().part("order", says(&said, "o")).handle(["payment.Pay"], says(&said, "p"))),
        "nobody handles payment.Close: give it a route"
    );
    assert_eq!(
        refused(routes().all(says(&said, "a")).handle(["order.Place"], says(&said, "o"))),
        "order.Place is handled twice: a message goes to exactly one handler"
    );
    assert_eq!(
        refused(routes().handle(["Place"], says(&said, "o"))),
        "no message is called Place; there are order.Place, order.Close, payment.Pay, payment.Close"
    );
    assert!(refused(routes().part("ship", says(&said, "s"))).starts_with("no message is called ship"));
}

#[test]
fn a_message_that_tells_another_name_than_its_type_is_refused_when_it_is_sent() {
    struct Liar(&'static str);
    impl Message for Liar {
        fn name(&self) -> Result<Name, NameError> {
            Ok(Name::leaf_only(self.0))
        }
        fn names() -> Result<Vec<Name>, NameError> {
            Ok(vec![Name::leaf_only("Known")])
        }
        fn phrase(&self) -> Phrase {
            Phrase::new(self.0, self.0)
        }
    }
    let bus = CommandBus::routes().all(|_| ()).start().unwrap();
    bus.send(Liar("Known")).unwrap();
    assert!(matches!(bus.send(Liar("Unknown")), Err(BusError::NoHandler { name }) if name == "Unknown"));
}

type Bus = CommandBus<Command, u32>;

/// A bus whose handlers can reach it.
fn nested(handle: impl Fn(&Bus, Issued<Command>) -> u32 + Send + Sync + 'static) -> Arc<OnceLock<Bus>> {
    let bus: Arc<OnceLock<Bus>> = Arc::default();
    let own = bus.clone();
    let started = CommandBus::routes().all(move |issued| handle(own.get().unwrap(), issued)).start().unwrap();
    assert!(bus.set(started).is_ok());
    bus
}

#[test]
fn commands_sent_while_one_is_handled_wait_until_it_is_done_and_keep_their_order() {
    let said: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = said.clone();
    let bus = nested(move |bus, issued| {
        let Command::Payment(PaymentCommand::Pay(amount)) = issued.command else { panic!("payments") };
        log.lock().unwrap().push(format!("begin {amount}"));
        if amount < 4 {
            for next in [2 * amount, 2 * amount + 1] {
                assert_eq!(bus.send(pay(next)).unwrap(), Sent::Queued);
            }
        }
        log.lock().unwrap().push(format!("end {amount}"));
        amount
    });
    let sent = bus.get().unwrap().send(pay(1)).unwrap();
    assert_eq!(sent, Sent::Handled { answer: 1, followed: vec![2, 3, 4, 5, 6, 7] });
    let expected: Vec<String> = (1..=7).flat_map(|n| [format!("begin {n}"), format!("end {n}")]).collect();
    assert_eq!(*said.lock().unwrap(), expected);
}

#[test]
fn what_is_sent_meanwhile_belongs_to_the_conversation_of_its_cause() {
    let seen: Arc<Mutex<Vec<Issued<Command>>>> = Arc::default();
    let log = seen.clone();
    let bus = nested(move |bus, issued| {
        if issued.command == place() {
            bus.send(Issued::of(pay(1)).id(CommandId::new("second").unwrap())).unwrap();
        }
        if issued.command == pay(1) {
            bus.send(pay(2)).unwrap();
        }
        log.lock().unwrap().push(issued);
        0
    });
    bus.get().unwrap().send(Issued::of(place()).id(CommandId::new("first").unwrap())).unwrap();
    let told: Vec<_> = seen
        .lock()
        .unwrap()
        .iter()
        .map(|issued| {
            let metadata = &issued.metadata;
            (
                metadata.correlation_id.as_ref().map(ToString::to_string),
                metadata.causation_id.as_ref().map(ToString::to_string),
            )
        })
        .collect();
    let text = |text: &str| Some(text.to_string());
    assert_eq!(told, [(None, None), (text("first"), text("first")), (text("first"), text("second"))]);
}

#[test]
fn threads_do_not_wait_for_each_other() {
    let both = Arc::new(Barrier::new(2));
    let (inside, within) = (both.clone(), AtomicUsize::new(0));
    let bus = CommandBus::routes().all(move |_: Issued<Command>| inside.wait().is_leader()).start().unwrap();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                assert!(bus.send(place()).unwrap().answer().is_some());
                within.fetch_add(1, Ordering::Relaxed);
            });
        }
    });
    assert_eq!(within.into_inner(), 2);
}

#[test]
fn a_handler_that_panics_leaves_a_bus_that_works() {
    let bus = nested(|bus, issued| {
        if issued.command == pay(13) {
            bus.send(pay(1)).unwrap();
            panic!("planted");
        }
        7
    });
    let bus = bus.get().unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| bus.send(pay(13)))).is_err());
    assert_eq!(bus.send(pay(2)).unwrap(), Sent::Handled { answer: 7, followed: vec![] });
}

#[test]
fn middleware_is_run_around_every_handler_the_first_one_outermost() {
    let said = Said::default();
    let around = |who: &'static str| {
        let said = said.clone();
        move |issued: Issued<Command>, next: &dyn Fn(Issued<Command>) -> &'static str| {
            said.lock().unwrap().push(format!("{who} before"));
            let answer = next(issued.id(CommandId::new(who).unwrap()));
            said.lock().unwrap().push(format!("{who} behind"));
            answer
        }
    };
    let bus = CommandBus::routes()
        .all(says(&said, "handler"))
        .around(around("outer"))
        .around(around("inner"))
        .start()
        .unwrap();
    bus.send(place()).unwrap();
    assert_eq!(
        *said.lock().unwrap(),
        ["outer before", "inner before", "handler: Order(Place) inner", "inner behind", "outer behind"]
    );
    let closed = CommandBus::routes().all(says(&said, "handler")).around(|_, _| "refused").start().unwrap();
    assert_eq!(closed.send(place()).unwrap().answer(), Some("refused"));
    assert_eq!(said.lock().unwrap().len(), 5, "the handler is not reached");
}

// ---------------------------------------------------------------------------------------- the async switch

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    Paid(u32),
    Placed,
}

#[test]
fn a_command_that_is_switched_is_recorded_and_handled_later_under_its_id_also_when_it_comes_twice() {
    let commands = Arc::new(Memory::<Command>::new());
    let payments = decider(
        || (),
        |command: &Command, (): &()| match command {
            Command::Payment(PaymentCommand::Pay(amount)) => Ok(vec![Event::Paid(*amount)]),
            _ => Err("not a payment"),
        },
        |(), _: &Event| (),
    );
    let stream = StreamName::new("payments").unwrap();
    let handler = Arc::new(CommandHandler::in_one_stream(payments, Memory::new(), stream));
    let bus = CommandBus::routes()
        .part("order", |_| "at once")
        .handle(["payment.Close"], |_| "at once")
        .later(["payment.Pay"], commands.clone(), StreamName::new("commands").unwrap())
        .start()
        .unwrap();
    let three = || Issued::of(pay(3)).id(CommandId::new("three").unwrap()).header("user", "petra");
    assert_eq!(bus.send(place()).unwrap().answer(), Some("at once"));
    assert!(matches!(bus.send(three()).unwrap(), Sent::Recorded(position) if position.get() == 1));
    assert!(matches!(bus.send(three()).unwrap(), Sent::Recorded(position) if position.get() == 1));
    assert!(matches!(bus.send(pay(4)).unwrap(), Sent::Recorded(position) if position.get() == 2));
    assert_eq!(handler.store().head().unwrap().get(), 0, "nothing is handled yet");

    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let own = handler.clone();
        let worker = Worker::start(move |recorded: &Recorded<Command>| {
            own.handle(Issued::recorded(recorded))?;
            Ok(())
        });
        let mut runner =
            Runner::open(outbox("payments", Query::all(), worker), commands.clone(), folder.path()).unwrap();
        runner.run_once().unwrap();
        // Everything is handed over once more, and nothing happens twice.
        runner.reset().unwrap();
    }
    let events = handler.store().all(Query::all()).unwrap();
    let paid: Vec<_> = events.iter().map(|recorded| &recorded.event).collect();
    assert_eq!(paid, [&Event::Paid(3), &Event::Paid(4)]);
    assert_eq!(events[0].id.as_str(), "three/1");
    assert_eq!(events[0].metadata.headers["user"], "petra".into());
}

// ------------------------------------------------------------------------------------------------- events

fn paid(amount: u32) -> Recorded<Event> {
    versioned(StreamName::of("order", 1).unwrap(), Timestamp::UNIX_EPOCH, [Event::Paid(amount)]).remove(0)
}

#[test]
fn every_listener_hears_an_event_whoever_fails_unless_that_is_asked_for() {
    let heard: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let bus = || {
        let (one, three) = (heard.clone(), heard.clone());
        EventBus::new()
            .listen("one", move |_, _| {
                one.lock().unwrap().push("one");
                Ok(())
            })
            .listen("two", |_, _| panic!("no paper"))
            .listen("none", |_, _| Err("no ink".into()))
            .listen("three", move |_, _| {
                three.lock().unwrap().push("three");
                Ok(())
            })
    };
    let failed = |bus: EventBus<Event>| {
        let paid = paid(3);
        bus.publish(&paid.envelope, &paid.event)
            .iter()
            .map(|failed| leftfold::page::with_sources(failed))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        failed(bus()),
        [
            "listener two failed at position 1: it panicked: no paper",
            "listener none failed at position 1: no ink"
        ]
    );
    assert_eq!(*heard.lock().unwrap(), ["one", "three"]);
    assert_eq!(failed(bus().stop_at_a_failure()).len(), 1);
    assert_eq!(*heard.lock().unwrap(), ["one", "three", "one"]);
    assert!(failed(EventBus::new()).is_empty(), "nobody has to listen");
}

#[test]
fn a_listener_hears_the_types_it_asked_for_and_asks_for_none_that_there_is_not() {
    let heard = Arc::new(AtomicUsize::new(0));
    let counts = heard.clone();
    let bus = EventBus::new()
        .listen_to("placed", ["Placed"], move |_, _| {
            counts.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
        .unwrap();
    let paid = paid(3);
    bus.publish(&paid.envelope, &paid.event);
    assert_eq!(heard.load(Ordering::Relaxed), 0);
    let placed =
        versioned(StreamName::new("order").unwrap(), Timestamp::UNIX_EPOCH, [Event::Placed]).remove(0);
    bus.publish(&placed.envelope, &placed.event);
    assert_eq!(heard.load(Ordering::Relaxed), 1);
    let unknown = EventBus::<Event>::new().listen_to("x", ["Sent"], |_, _| Ok(())).unwrap_err();
    assert_eq!(unknown.to_string(), "no message is called Sent; there are Paid, Placed");
}

#[test]
fn what_a_command_has_recorded_is_published_in_line_or_behind_an_outbox() {
    let counter = decider(
        || (),
        |amount: &u32, (): &()| Ok::<_, ()>(vec![Event::Placed, Event::Paid(*amount)]),
        |(), _: &Event| (),
    );
    let store = Arc::new(Memory::new());
    let handler = CommandHandler::in_one_stream(counter, store.clone(), StreamName::new("order").unwrap());
    let heard: Arc<Mutex<Vec<u64>>> = Arc::default();
    let works = Arc::new(AtomicBool::new(true));
    let bus = || {
        let (heard, works) = (heard.clone(), works.clone());
        EventBus::new().listen("positions", move |envelope, _: &Event| {
            if !works.load(Ordering::Relaxed) {
                return Err("closed".into());
            }
            heard.lock().unwrap().push(envelope.position.get());
            Ok(())
        })
    };
    let handled = handler.handle(1).unwrap();
    assert!(bus().publish_from(&store, handled.positions.unwrap()).unwrap().is_empty());
    assert_eq!(*heard.lock().unwrap(), [1, 2]);
    let handled = handler.handle(2).unwrap();
    assert!(bus().publish_from(&store, handled.positions.unwrap()).unwrap().is_empty());
    assert_eq!(*heard.lock().unwrap(), [1, 2, 3, 4]);

    heard.lock().unwrap().clear();
    let folder = tempfile::tempdir().unwrap();
    let mut runner = Runner::open(outbox("bus", Query::all(), bus()), store.clone(), folder.path()).unwrap();
    works.store(false, Ordering::Relaxed);
    runner.run_once().unwrap_err();
    works.store(true, Ordering::Relaxed);
    runner.run_once().unwrap();
    assert_eq!(*heard.lock().unwrap(), [1, 2, 3, 4]);
}

// ---------------------------------------------------------------------------------------------- questions

struct HowMany;

impl Question for HowMany {
    type Answer = usize;
}

struct Nobody;

impl Question for Nobody {
    type Answer = ();
}

#[test]
fn a_question_goes_to_the_one_who_answers_it() {
    let named: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = named.clone();
    let bus = QueryBus::over(vec![1, 2, 3])
        .answer(|all, _: &HowMany| all.len())
        .expect::<HowMany>()
        .around(move |name, run| {
            log.lock().unwrap().push(name.to_string());
            run();
        })
        .start()
        .unwrap();
    assert_eq!(bus.ask(&HowMany).unwrap(), 3);
    assert!(named.lock().unwrap()[0].ends_with("HowMany"));
    let error = bus.ask(&Nobody).unwrap_err().to_string();
    assert!(error.starts_with("nobody handles ") && error.ends_with("Nobody: give it a route"), "{error}");

    let twice = QueryBus::over(()).answer(|(), _: &HowMany| 1).answer(|(), _: &HowMany| 2).start();
    assert!(matches!(twice, Err(BusError::TwoHandlers { .. })));
    let missing = QueryBus::over(()).answer(|(), _: &HowMany| 1).expect::<Nobody>().start();
    assert!(matches!(missing, Err(BusError::NoHandler { .. })));
    let withheld = QueryBus::over(()).answer(|(), _: &HowMany| 1).around(|_, _| ()).start().unwrap();
    assert!(matches!(withheld.ask(&HowMany), Err(BusError::NotAnswered { .. })));
}
