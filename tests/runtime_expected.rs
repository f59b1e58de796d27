//! A command that expects a version is decided on that version, or not at all.

use leftfold::Decider;
use leftfold::decider;
use leftfold::recorded::{CommandId, StreamName, Version};
use leftfold::runtime::{BusError, CommandBus, CommandHandler, DecisionModel, HandleError, Issued};
use leftfold::store::{Memory, Query};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Counted(u32),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Count(u32),
}

fn counter() -> impl Decider<Command = Command, Event = Event, Rejection = String, State = u32> {
    decider(
        || 0,
        |Command::Count(n): &Command, _: &u32| match n {
            0 => Err("nothing".to_string()),
            n => Ok(vec![Event::Counted(*n)]),
        },
        |sum, Event::Counted(n): &Event| sum + n,
    )
}

fn stream() -> StreamName {
    StreamName::new("counter").unwrap()
}

fn changed<R>(error: HandleError<R>) -> (u64, u64)
where
    R: std::fmt::Debug,
{
    match error {
        HandleError::Changed { expected, version, .. } => (expected.get(), version.get()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_command_is_decided_on_the_version_that_it_expects() {
    let handler = CommandHandler::in_one_stream(counter(), Memory::new(), stream());
    let expecting = |n, version| Issued::of(Command::Count(n)).expecting(Version::new(version));
    assert_eq!(handler.handle(expecting(1, 0)).unwrap().version, Version::new(1));
    assert_eq!(handler.handle(expecting(2, 1)).unwrap().version, Version::new(2));
    // Older, and newer than there is.
    assert_eq!(changed(handler.handle(expecting(3, 1)).unwrap_err()), (1, 2));
    assert_eq!(changed(handler.handle(expecting(3, 9)).unwrap_err()), (9, 2));
    // What would be rejected is not decided either: the caller has not seen the state it is rejected on.
    assert_eq!(changed(handler.handle(expecting(0, 1)).unwrap_err()), (1, 2));
    assert!(matches!(handler.handle(expecting(0, 2)), Err(HandleError::Rejected(_))));
    assert_eq!(handler.look(&stream(), |sum, version| (*sum, version.get())).unwrap(), (3, 2));
}

#[test]
fn what_others_have_written_counts_whatever_the_handler_remembers() {
    let store = Memory::new();
    let here = CommandHandler::in_one_stream(counter(), &store, stream());
    let there = CommandHandler::in_one_stream(counter(), &store, stream());
    here.handle(Command::Count(1)).unwrap();
    there.handle(Command::Count(1)).unwrap();
    let seen_there = Issued::of(Command::Count(1)).expecting(Version::new(2));
    assert_eq!(here.handle(seen_there).unwrap().version, Version::new(3));
    let stale = Issued::of(Command::Count(1)).expecting(Version::new(2));
    assert_eq!(changed(there.handle(stale).unwrap_err()), (2, 3));
}

#[test]
fn a_repeat_is_answered_although_the_version_has_gone_on() {
    let handler = CommandHandler::in_one_stream(counter(), Memory::new(), stream());
    let form =
        || Issued::of(Command::Count(5)).id(CommandId::new("form-1").unwrap()).expecting(Version::NONE);
    assert!(!handler.handle(form()).unwrap().repeated);
    handler.handle(Command::Count(1)).unwrap();
    let again = handler.handle(form()).unwrap();
    assert_eq!((again.repeated, again.events), (true, vec![Event::Counted(5)]));
}

#[test]
fn of_many_who_have_seen_the_same_version_one_is_accepted() {
    let store = Memory::new();
    let accepted = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let handler = CommandHandler::in_one_stream(counter(), &store, stream());
                match handler.handle(Issued::of(Command::Count(1)).expecting(Version::NONE)) {
                    Ok(_) => {
                        accepted.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(error) => assert_eq!(changed(error), (0, 1)),
                }
            });
        }
    });
    assert_eq!(accepted.into_inner(), 1);
}

#[test]
fn a_decision_model_expects_the_version_of_the_stream_it_appends_to() {
    let store = Memory::new();
    let handler = DecisionModel::new(counter(), &store, |_| Ok(Query::all()), |_| Ok(stream()));
    let expecting = |n, version| Issued::of(Command::Count(n)).expecting(Version::new(version));
    assert_eq!(handler.handle(expecting(1, 0)).unwrap().version, Version::new(1));
    assert_eq!(changed(handler.handle(expecting(1, 0)).unwrap_err()), (0, 1));
    assert_eq!(handler.handle(expecting(1, 1)).unwrap().version, Version::new(2));
}

#[test]
fn a_command_for_later_cannot_expect_a_version() {
    let bus = CommandBus::<Command, ()>::routes()
        .later(["Count"], Memory::<Command>::new(), StreamName::new("commands").unwrap())
        .start()
        .unwrap();
    assert!(bus.send(Command::Count(1)).is_ok());
    let refused = bus.send(Issued::of(Command::Count(1)).expecting(Version::NONE)).unwrap_err();
    assert!(matches!(refused, BusError::ExpectsVersion), "{refused}");
}
