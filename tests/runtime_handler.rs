//! What a command handler promises.

#[path = "runtime/account.rs"]
mod account;

use account::{Account, Balance, Command, Counting, Event, TooLittle, deposit, stream, withdraw};
use leftfold::codec::Codec;
use leftfold::log::FileLog;
use leftfold::recorded::{CommandId, CorrelationId, StreamName, Tag};
use leftfold::runtime::{CommandHandler, HandleError, Issued};
use leftfold::store::{Batch, EventReader, EventStore, Memory, Query, Reading};
use leftfold::{Decider, Fold, decider};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

fn accounts<S: EventStore<Event>>(store: S) -> CommandHandler<Account, S> {
    CommandHandler::per_identity(Account, store, |command: &Command| {
        StreamName::of("account", command.owner())
    })
}

fn id(text: &str) -> CommandId {
    CommandId::new(text).unwrap()
}

fn balance<S: EventStore<Event>>(handler: &CommandHandler<Account, S>, owner: &str) -> u64 {
    handler.look(&stream(owner), |Balance(balance), _| *balance).unwrap()
}

#[test]
fn each_identity_has_a_stream_of_its_own_and_one_stream_may_be_shared() {
    let handler = accounts(Memory::new());
    handler.handle(deposit("petra", 10)).unwrap();
    let alex = handler.handle(deposit("alex", 5)).unwrap();
    assert_eq!((alex.stream, alex.version.get()), (stream("alex"), 1));
    assert_eq!((balance(&handler, "petra"), balance(&handler, "alex")), (10, 5));

    let shared = CommandHandler::in_one_stream(Account, Memory::new(), stream("all"));
    shared.handle(deposit("petra", 10)).unwrap();
    let alex =
        shared.handle_with(deposit("alex", 5), |Balance(balance), events| (*balance, events.len())).unwrap();
    assert_eq!((alex.stream, alex.version.get(), alex.result), (stream("all"), 2, (15, 1)));
}

#[test]
fn events_positions_and_the_callers_result_come_back() {
    let handler = accounts(Memory::new());
    handler.handle(deposit("petra", 9)).unwrap();
    let emptied = handler.handle_with(Command::Empty { owner: "petra".into() }, |state, _| state.0).unwrap();
    assert_eq!(emptied.events, [Event::Withdrawn { amount: 4 }, Event::Withdrawn { amount: 5 }]);
    let (first, last) = emptied.positions.unwrap();
    assert_eq!((first.get(), last.get(), emptied.version.get(), emptied.result), (2, 3, 3, 0));

    let looked = handler.handle(Command::Look { owner: "petra".into() }).unwrap();
    assert_eq!((looked.events.len(), looked.positions, looked.version.get()), (0, None, 3));
    let refused = handler.handle(withdraw("petra", 1)).unwrap_err();
    assert_eq!(refused.to_string(), "the command was rejected: TooLittle { balance: 0 }");
    assert_eq!(handler.store().head().unwrap().get(), 3, "neither of the two recorded anything");
}

#[test]
fn a_command_reads_nothing_of_a_stream_that_is_remembered() {
    let handler = accounts(Counting::default());
    handler.handle(deposit("petra", 1)).unwrap();
    handler.store().read_since();
    for _ in 0..1_000 {
        handler.handle(deposit("petra", 1)).unwrap();
    }
    assert_eq!(handler.store().read_since(), (0, 0), "an accepted command reads nothing");
    handler.handle(withdraw("petra", 5_000)).unwrap_err();
    assert_eq!(
        handler.store().read_since(),
        (1, 0),
        "before a rejection, it is looked whether there is more"
    );
    for number in 0..1_000 {
        handler.handle(Issued::of(deposit("petra", 1)).id(id(&format!("d-{number}")))).unwrap();
    }
    assert_eq!(handler.store().read_since(), (0, 0), "nor does one with an id");
}

#[test]
fn what_others_wrote_is_folded_from_where_the_handler_was() {
    let handler = accounts(Counting::default());
    for _ in 0..100 {
        handler.handle(deposit("petra", 1)).unwrap();
    }
    let store = handler.store();
    for _ in 0..3 {
        store.append(Batch::to(&stream("petra")).event(Event::Withdrawn { amount: 10 })).unwrap();
    }
    store.read_since();
    let deposited = handler.handle_with(deposit("petra", 1), |state, _| state.0).unwrap();
    assert_eq!((deposited.result, deposited.decided, deposited.version.get()), (71, 2, 104));
    assert_eq!(store.read_since(), (1, 3), "the three events, and not the hundred before them");
}

#[test]
fn a_rejection_is_given_only_on_what_the_store_says_now() {
    let store = Arc::new(Memory::new());
    let (here, there) = (accounts(store.clone()), accounts(store.clone()));
    here.handle(deposit("petra", 10)).unwrap();
    // The handler here still believes that there are ten.
    there.handle(deposit("petra", 90)).unwrap();
    assert_eq!(here.handle(withdraw("petra", 50)).unwrap().decided, 2);
    there.handle(withdraw("petra", 45)).unwrap();
    // And now it believes that there are fifty, and would take them.
    let refused = here.handle(withdraw("petra", 50)).unwrap_err();
    assert_eq!(refused.rejection(), Some(TooLittle { balance: 5 }));
    // An empty answer is one that depends on the state as well.
    there.handle(withdraw("petra", 5)).unwrap();
    here.handle(Command::Empty { owner: "petra".into() }).unwrap();
    there.handle(deposit("petra", 7)).unwrap();
    assert_eq!(here.handle(Command::Empty { owner: "petra".into() }).unwrap().events.len(), 2);
}

#[test]
fn commands_of_many_threads_and_several_handlers_are_decided_one_after_another() {
    let store = Arc::new(Memory::new());
    let handlers = [accounts(store.clone()).attempts(1_000), accounts(store.clone()).attempts(1_000)];
    handlers[0].handle(deposit("petra", 502)).unwrap();
    // What one of them remembers is old once the other has written.
    handlers[1].handle(withdraw("petra", 1)).unwrap();
    assert_eq!(handlers[0].handle(withdraw("petra", 1)).unwrap().decided, 2);
    let (taken, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (handler, taken, refused) = (&handlers[thread % 2], &taken, &refused);
            scope.spawn(move || {
                for _ in 0..100 {
                    match handler.handle(withdraw("petra", 1)) {
                        Ok(_) => {
                            taken.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(HandleError::Rejected(TooLittle { balance })) => {
                            assert_eq!(balance, 0);
                            refused.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
    assert_eq!((taken.into_inner(), refused.into_inner()), (500, 300), "no money twice, and none left");
    assert_eq!(store.load(&Account, &stream("petra")).unwrap().state, Balance(0));
}

/// A decider into whose decision somebody else writes each time.
fn disturbed(
    store: Arc<Memory<Event>>,
    times: u64,
) -> impl Decider<Command = (), Event = Event, Rejection = (), State = u64> {
    let disturbed = AtomicU64::new(0);
    decider(
        || 0,
        move |_: &(), state: &u64| {
            if disturbed.fetch_add(1, Ordering::Relaxed) < times {
                store.append(Batch::to(&stream("petra")).event(Event::Deposited { amount: 1 })).unwrap();
            }
            Ok(vec![Event::Withdrawn { amount: *state }])
        },
        |state, event: &Event| match event {
            Event::Deposited { amount } => state + amount,
            Event::Withdrawn { amount } => state - amount,
        },
    )
}

#[test]
fn rivals_are_folded_and_the_command_decided_again_up_to_a_bound() {
    let store = Arc::new(Memory::new());
    let handler = CommandHandler::in_one_stream(disturbed(store.clone(), 3), store.clone(), stream("petra"));
    let handled = handler.handle(()).unwrap();
    assert_eq!((handled.decided, handled.events), (4, vec![Event::Withdrawn { amount: 3 }]));

    let store = Arc::new(Memory::new());
    let handler =
        CommandHandler::in_one_stream(disturbed(store.clone(), 100), store.clone(), stream("petra"))
            .attempts(3);
    let error = handler.handle(()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the command was decided 3 times, and each time somebody else wrote first: stream account-petra was expected to be at \
         version 2, but it is at version 3; give it again, or let the handler try more often"
    );
    assert!(matches!(error, HandleError::Contended { decided: 3, .. }));
}

/// A repeat on a handler that remembers the stream, and on one that does not.
fn on_old_and_new(
    store: &Arc<Memory<Event>>,
    old: &CommandHandler<Account, Arc<Memory<Event>>>,
    issued: Issued<Command>,
    events: &[Event],
) {
    let head = store.head().unwrap();
    for handler in [old, &accounts(store.clone())] {
        let repeated = handler.handle_with(issued.clone(), |state, _| state.0).unwrap();
        assert!(repeated.repeated);
        assert_eq!(repeated.events, events);
        let there = store.all(Query::all()).unwrap();
        let (first, last) = repeated.positions.unwrap();
        let told: Vec<Event> = there[first.get() as usize - 1..last.get() as usize]
            .iter()
            .map(|recorded| recorded.event.clone())
            .collect();
        assert_eq!(told, events, "the positions are where the events stand");
        assert_eq!(
            repeated.result,
            store.load(&Account, &stream("petra")).unwrap().state.0,
            "the state of today"
        );
    }
    assert_eq!(store.head().unwrap(), head, "a repeat records nothing");
}

#[test]
fn a_command_with_an_id_is_handled_once_whatever_would_be_decided_now() {
    let store = Arc::new(Memory::new());
    let handler = accounts(store.clone());
    let five = || Issued::of(deposit("petra", 5)).id(id("five"));
    let take = || Issued::of(withdraw("petra", 4)).id(id("take"));
    let empty = || Issued::of(Command::Empty { owner: "petra".into() }).id(id("empty"));
    handler.handle(five()).unwrap();
    on_old_and_new(&store, &handler, five(), &[Event::Deposited { amount: 5 }]);
    handler.handle(take()).unwrap();
    // It would be refused now.
    on_old_and_new(&store, &handler, take(), &[Event::Withdrawn { amount: 4 }]);
    handler.handle(deposit("petra", 6)).unwrap();
    let emptied = handler.handle(empty()).unwrap().events;
    assert_eq!(emptied.len(), 2);
    // Nothing would follow from it now; then other events, then fewer, then the same first one and another second.
    on_old_and_new(&store, &handler, empty(), &emptied);
    for amount in [100, 1, 6] {
        handler.handle(deposit("petra", amount)).unwrap();
        on_old_and_new(&store, &handler, empty(), &emptied);
    }
    on_old_and_new(&store, &handler, five(), &[Event::Deposited { amount: 5 }]);
}

#[test]
fn a_repeat_is_told_also_when_others_have_written_meanwhile() {
    let store = Arc::new(Memory::new());
    let (here, there) = (accounts(store.clone()), accounts(store.clone()));
    let issued = || Issued::of(deposit("petra", 5)).id(id("five"));
    here.handle(deposit("petra", 1)).unwrap();
    // The first answer was lost on the way, say; the sender asks another handler.
    there.handle(issued()).unwrap();
    there.handle(deposit("petra", 3)).unwrap();
    let repeated = here.handle_with(issued(), |state, _| state.0).unwrap();
    assert_eq!((repeated.repeated, repeated.result, repeated.version.get()), (true, 9, 3));
    assert_eq!(here.handle_with(deposit("petra", 1), |state, _| state.0).unwrap().result, 10);
}

#[test]
fn of_threads_with_the_same_command_one_records() {
    let store = Arc::new(Memory::new());
    let handlers: Vec<_> = (0..8).map(|_| accounts(store.clone())).collect();
    let first = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for handler in &handlers {
            scope.spawn(|| {
                for number in 0..50 {
                    let handled = handler
                        .handle(Issued::of(deposit("petra", number)).id(id(&format!("c-{number}"))))
                        .unwrap();
                    assert_eq!(handled.events, [Event::Deposited { amount: number }]);
                    first.fetch_add(u64::from(!handled.repeated), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!((first.into_inner(), store.head().unwrap().get()), (50, 50));
}

#[test]
fn an_id_that_stands_for_a_command_of_another_stream_is_refused() {
    let handler = accounts(Memory::new());
    handler.handle(Issued::of(deposit("petra", 5)).id(id("one"))).unwrap();
    for command in [deposit("alex", 5), withdraw("alex", 5)] {
        let error = handler.handle(Issued::of(command).id(id("one"))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "command id one is taken: its events are in stream account-petra, and not in account-alex"
        );
    }
    assert_eq!(balance(&handler, "alex"), 0);
}

#[test]
fn what_left_no_trace_is_decided_anew() {
    let handler = accounts(Memory::new());
    let take = || Issued::of(withdraw("petra", 5)).id(id("take"));
    handler.handle(take()).unwrap_err();
    handler.handle(deposit("petra", 5)).unwrap();
    assert!(!handler.handle(take()).unwrap().repeated);
}

#[test]
fn every_event_carries_its_conversation_its_cause_and_what_enrichers_add() {
    let handler = accounts(Memory::new())
        .enrich(|command: &Command, metadata| {
            metadata.headers.insert("owner".into(), command.owner().into());
        })
        .enrich(|_, metadata| {
            let seen = metadata.headers.len() as i64;
            metadata.headers.insert("seen".into(), seen.into());
        })
        .tags(|event| match event {
            Event::Deposited { .. } => Ok(vec![Tag::new("in")?]),
            Event::Withdrawn { .. } => Ok(vec![Tag::new("out")?]),
        });
    handler.handle(deposit("petra", 9)).unwrap();
    let emptied = Issued::of(Command::Empty { owner: "petra".into() })
        .id(id("empty"))
        .correlation(CorrelationId::new("talk").unwrap())
        .header("user", "alex");
    handler.handle(emptied).unwrap();
    let events = handler.store().all(Query::all()).unwrap();
    let first = &events[0].metadata;
    let cause = first.causation_id.as_ref().unwrap().as_str();
    assert_eq!(
        first.correlation_id.as_ref().unwrap().as_str(),
        cause,
        "a command without a conversation begins one"
    );
    for (recorded, number) in events[1..].iter().zip(1..) {
        let metadata = &recorded.metadata;
        assert_eq!(recorded.id.as_str(), format!("empty/{number}"));
        assert_eq!(metadata.correlation_id.as_ref().unwrap().as_str(), "talk");
        assert_eq!(metadata.causation_id.as_ref().unwrap().as_str(), "empty");
        assert_eq!(metadata.headers["user"], "alex".into());
        assert_eq!(metadata.headers["owner"], "petra".into());
        assert_eq!(
            metadata.headers["seen"],
            2i64.into(),
            "the second enricher sees what the first has added"
        );
        assert_eq!(recorded.tags, [Tag::new("out").unwrap()]);
    }
    assert_eq!(events[0].tags, [Tag::new("in").unwrap()]);
}

#[test]
fn ids_of_commands_come_from_where_they_are_told_to_come_from() {
    let handler = accounts(Memory::new()).command_ids(|| CommandId::new("always this one").unwrap());
    handler.handle(deposit("petra", 1)).unwrap();
    handler.handle(deposit("petra", 1)).unwrap();
    let events = handler.store().all(Query::all()).unwrap();
    assert!(
        events
            .iter()
            .all(|event| event.metadata.causation_id.as_ref().unwrap().as_str() == "always this one")
    );
    assert_eq!(events.len(), 2, "a made id tells the cause; it makes no command a repeat");
}

#[test]
fn a_deleted_stream_is_not_opened_again_by_a_command() {
    let store = Arc::new(Memory::new());
    let (here, fresh) = (accounts(store.clone()), accounts(store.clone()));
    here.handle(deposit("petra", 10)).unwrap();
    store.append(Batch::to(&stream("petra")).delete()).unwrap();
    for handler in [&here, &fresh] {
        for command in [deposit("petra", 1), withdraw("petra", 1)] {
            let error = handler.handle(command).unwrap_err();
            assert_eq!(
                error.to_string(),
                "stream account-petra was deleted at version 2; append to it at this version to open it again"
            );
        }
    }
    // Whoever opens it on purpose gets an account that begins anew.
    let opened = Batch::to(&stream("petra"))
        .expecting(leftfold::recorded::Version::new(2))
        .event(Event::Deposited { amount: 3 });
    store.append(opened).unwrap();
    for handler in [&here, &fresh] {
        assert_eq!(balance(handler, "petra"), 3, "what was before the deletion is not in the state");
        handler.handle(deposit("petra", 0)).unwrap();
    }
}

#[test]
fn a_panic_in_the_model_leaves_a_handler_that_works() {
    let panics = Arc::new(AtomicBool::new(false));
    let (in_decide, in_evolve) = (panics.clone(), panics.clone());
    let counter = decider(
        || 0u64,
        move |at: &&str, _: &u64| {
            assert!(!(in_decide.load(Ordering::Relaxed) && *at == "decide"), "planted");
            Ok::<_, ()>(vec![Event::Deposited { amount: 1 }])
        },
        move |state, _: &Event| {
            assert!(!in_evolve.swap(false, Ordering::Relaxed), "planted");
            state + 1
        },
    );
    let handler = CommandHandler::in_one_stream(counter, Memory::new(), stream("petra"));
    handler.handle("").unwrap();
    for at in ["decide", "evolve"] {
        panics.store(true, Ordering::Relaxed);
        assert!(catch_unwind(AssertUnwindSafe(|| handler.handle(at))).is_err());
        panics.store(false, Ordering::Relaxed);
        let there = handler.store().head().unwrap().get();
        let handled = handler.handle_with("", |state, _| *state).unwrap();
        assert_eq!((handled.result, handled.version.get()), (there + 1, there + 1), "{at}");
    }
}

#[test]
fn no_more_streams_are_remembered_than_it_was_told() {
    for bound in [0, 1, 10] {
        let handler = accounts(Memory::new()).remember(bound);
        for round in 1..=3 {
            for owner in 0..100 {
                let handled =
                    handler.handle_with(deposit(&format!("o{owner}"), 1), |state, _| state.0).unwrap();
                assert_eq!(handled.result, round);
            }
        }
        assert!(handler.remembered() <= bound.next_multiple_of(2), "{}", handler.remembered());
    }
}

#[test]
fn a_log_in_files_is_as_good_as_memory() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..2 {
        let log = FileLog::<Event>::open(folder.path(), Codec::new().unwrap()).unwrap();
        let handler = accounts(log);
        let five = handler.handle(Issued::of(deposit("petra", 5)).id(id("five"))).unwrap();
        assert_eq!(five.repeated, round > 0);
        if round == 0 {
            handler.handle(Issued::of(withdraw("petra", 5)).id(id("take"))).unwrap();
        }
        let again = handler.handle(Issued::of(withdraw("petra", 5)).id(id("take"))).unwrap();
        assert_eq!((again.repeated, again.events), (true, vec![Event::Withdrawn { amount: 5 }]));
        assert_eq!(balance(&handler, "petra"), 0);
    }
}

#[test]
fn folding_the_log_from_its_beginning_gives_the_state_that_is_remembered() {
    let handler = accounts(Memory::new());
    for number in 0..200u64 {
        let _ = handler.handle(deposit("petra", number % 7));
        let _ = handler.handle(withdraw("petra", number % 11));
        let events = handler.store().all(Query::stream(&stream("petra"))).unwrap();
        let folded = Account.fold(events.iter().map(|recorded| &recorded.event));
        assert_eq!(Balance(balance(&handler, "petra")), folded);
    }
}
