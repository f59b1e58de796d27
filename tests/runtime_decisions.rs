//! What a decision model promises: decisions on whatever events a query finds.

use leftfold::codec::Codec;
use leftfold::log::{FileLogOptions, Syncing};
use leftfold::recorded::{CommandId, InvalidText, Position, StreamName, Tag};
use leftfold::runtime::{Cause, DecisionModel, HandleError, Issued};
use leftfold::store::{Batch, EventReader, EventStore, Memory, NewEvent, Query, Reading};
use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};
use std::panic::catch_unwind;
use std::sync::{Arc, Barrier};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    Register { user: u32, email: String },
    ChangeEmail { user: u32, from: String, to: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Registered { email: String },
    EmailGivenUp { email: String },
    LoggedIn,
}

#[derive(Clone, Debug, PartialEq)]
struct Taken;

/// Whether the email that a command asks for is taken: a fold of what happened to this email alone.
struct Emails;

impl Fold for Emails {
    type State = bool;
    type Event = Event;

    fn initial_state(&self) -> bool {
        false
    }

    fn evolve(&self, taken: bool, event: &Event) -> bool {
        match event {
            Event::Registered { .. } => true,
            Event::EmailGivenUp { .. } => false,
            Event::LoggedIn => taken,
        }
    }
}

impl Decider for Emails {
    type Command = Command;
    type Rejection = Taken;

    fn decide(&self, command: &Command, taken: &bool) -> Result<Vec<Event>, Taken> {
        match command {
            _ if *taken => Err(Taken),
            Command::Register { email, .. } => Ok(vec![Event::Registered { email: email.clone() }]),
            Command::ChangeEmail { from, to, .. } => {
                Ok(vec![Event::EmailGivenUp { email: from.clone() }, Event::Registered { email: to.clone() }])
            }
        }
    }
}

fn email_tag(email: &str) -> Result<Tag, InvalidText> {
    Tag::new(format!("email:{email}"))
}

fn asked_for(command: &Command) -> Result<Tag, InvalidText> {
    match command {
        Command::Register { email, .. } | Command::ChangeEmail { to: email, .. } => email_tag(email),
    }
}

fn tags(event: &Event) -> Result<Vec<Tag>, InvalidText> {
    match event {
        Event::Registered { email } | Event::EmailGivenUp { email } => Ok(vec![email_tag(email)?]),
        Event::LoggedIn => Ok(vec![]),
    }
}

fn user(command: &Command) -> Result<StreamName, InvalidText> {
    match command {
        Command::Register { user, .. } | Command::ChangeEmail { user, .. } => StreamName::of("user", user),
    }
}

fn emails<S: EventStore<Event>>(store: S) -> DecisionModel<Emails, S> {
    DecisionModel::new(Emails, store, |command| Ok(Query::tagged(asked_for(command)?)), user).tags(tags)
}

fn register(user: u32, email: &str) -> Command {
    Command::Register { user, email: email.into() }
}

/// Of 8 threads that want the same emails for different users, each email goes to one.
fn registered_once(store: &(impl EventStore<Event> + Sync), count: u32) {
    let together = Barrier::new(8);
    let winners: Vec<Result<Vec<u32>, String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                // A model for each thread: what they share is the store alone.
                let (model, together) = (emails(store), &together);
                scope.spawn(move || {
                    // A thread that fails goes on, so that the others do not wait for ever.
                    let mut won = Ok(Vec::new());
                    for number in 0..count {
                        together.wait();
                        match model
                            .handle(register(thread * count + number, &format!("{number}@example.org")))
                        {
                            Ok(_) => won.iter_mut().for_each(|won| won.push(number)),
                            Err(HandleError::Rejected(Taken)) => {}
                            Err(error) => won = Err(error.to_string()),
                        }
                    }
                    won
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut all: Vec<u32> = winners.into_iter().flat_map(Result::unwrap).collect();
    all.sort_unstable();
    assert_eq!(all, (0..count).collect::<Vec<_>>(), "each email once");
    assert_eq!(store.head().unwrap().get(), u64::from(count));
}

#[test]
fn an_email_is_unique_over_all_users_under_eight_threads() {
    registered_once(&Memory::new(), 400);
    let folder = tempfile::tempdir().unwrap();
    let log = FileLogOptions::new().sync(Syncing::Never).open(folder.path(), Codec::new().unwrap()).unwrap();
    registered_once(&log, 100);
}

#[test]
fn an_email_that_was_given_up_can_be_registered_again() {
    let model = emails(Memory::new());
    model.handle(register(1, "petra@a")).unwrap();
    model.handle(register(2, "petra@a")).unwrap_err();
    let change = Command::ChangeEmail { user: 1, from: "petra@a".into(), to: "petra@b".into() };
    let changed = model.handle_with(change, |taken, events| (*taken, events.len())).unwrap();
    assert_eq!((changed.result, changed.version.get()), ((true, 2), 3));
    model.handle(register(2, "petra@a")).unwrap();
    model.handle(register(3, "petra@b")).unwrap_err();
}

/// A decider into whose decision others write each time.
struct Disturbed(Arc<Memory<Event>>, NewEvent<Event>);

impl Fold for Disturbed {
    type State = u32;
    type Event = Event;

    fn initial_state(&self) -> u32 {
        0
    }

    fn evolve(&self, seen: u32, _: &Event) -> u32 {
        seen + 1
    }
}

impl Decider for Disturbed {
    type Command = ();
    type Rejection = ();

    fn decide(&self, (): &(), seen: &u32) -> Result<Vec<Event>, ()> {
        if *seen < 5 {
            self.0.append(Batch::to(&StreamName::new("others").unwrap()).record(self.1.clone())).unwrap();
        }
        Ok(vec![Event::Registered { email: format!("{seen}@example.org") }])
    }
}

fn disturbed_by(event: NewEvent<Event>, attempts: u32) -> Result<u32, HandleError<()>> {
    let store = Arc::new(Memory::new());
    let model = DecisionModel::new(
        Disturbed(store.clone(), event),
        store,
        |()| Ok(Query::of_types(["Registered"]).tag(Tag::new("email:petra@a")?)),
        |()| StreamName::new("decided"),
    )
    .attempts(attempts);
    model.handle(()).map(|handled| handled.decided)
}

#[test]
fn an_event_that_matches_is_folded_and_the_command_decided_again_up_to_a_bound() {
    let rival =
        NewEvent::of(Event::Registered { email: "petra@a".into() }).tag(email_tag("petra@a").unwrap());
    assert_eq!(disturbed_by(rival.clone(), 16).unwrap(), 6);
    let error = disturbed_by(rival, 3).unwrap_err();
    assert!(matches!(error, HandleError::Contended { decided: 3, .. }));
    assert!(error.to_string().contains("matches what no event after position 2 was to match"), "{error}");
}

#[test]
fn events_that_do_not_match_are_in_nobodys_way() {
    let of_another =
        NewEvent::of(Event::Registered { email: "alex@a".into() }).tag(email_tag("alex@a").unwrap());
    assert_eq!(disturbed_by(of_another, 16).unwrap(), 1);
    let of_another_type = NewEvent::of(Event::LoggedIn).tag(email_tag("petra@a").unwrap());
    assert_eq!(disturbed_by(of_another_type, 16).unwrap(), 1);
}

#[test]
fn a_command_with_an_id_is_handled_once() {
    let model = emails(Memory::new());
    let petra = || Issued::of(register(1, "petra@a")).id(CommandId::new("r-1").unwrap());
    let first = model.handle(petra()).unwrap();
    // It would be refused now: the email is taken, by herself.
    let again = model.handle(petra()).unwrap();
    assert_eq!((again.repeated, &again.events, again.positions), (true, &first.events, first.positions));
    // And now it would be accepted once more.
    let change = Command::ChangeEmail { user: 1, from: "petra@a".into(), to: "petra@b".into() };
    model.handle(Issued::of(change.clone()).id(CommandId::new("c-1").unwrap())).unwrap();
    assert!(model.handle(petra()).unwrap().repeated);
    assert!(model.handle(Issued::of(change).id(CommandId::new("c-1").unwrap())).unwrap().repeated);
    assert_eq!(model.store().head().unwrap().get(), 3);
    let elsewhere =
        model.handle(Issued::of(register(2, "else@a")).id(CommandId::new("r-1").unwrap())).unwrap_err();
    assert!(matches!(elsewhere, HandleError::IdTaken { .. }), "{elsewhere}");
}

#[test]
fn every_event_carries_its_conversation_and_its_cause() {
    let model = emails(Memory::new()).enrich(|_, metadata| {
        metadata.headers.insert("by".into(), "alex".into());
    });
    model.handle(Issued::of(register(1, "petra@a")).id(CommandId::new("r-1").unwrap())).unwrap();
    let recorded = &model.store().all(Query::all()).unwrap()[0];
    assert_eq!(recorded.id.as_str(), "r-1/1");
    assert_eq!(recorded.metadata.causation_id.as_ref().unwrap().as_str(), "r-1");
    assert_eq!(recorded.metadata.correlation_id.as_ref().unwrap().as_str(), "r-1");
    assert_eq!(recorded.metadata.headers["by"], "alex".into());
}

#[test]
fn a_command_of_which_no_query_can_be_made_is_refused_with_a_sentence() {
    let error = emails(Memory::new()).handle(register(1, "petra\n@a")).unwrap_err();
    assert_eq!(
        leftfold::page::with_sources(&error),
        r#"the command cannot be handled: "email:petra\n@a" cannot be a tag: it holds a control character"#
    );
}

/// A history with two users, one of whom has changed her email and logs in.
fn history() -> Result<Memory<Event>, Cause> {
    let model = emails(Memory::new());
    model.handle(register(1, "petra@a"))?;
    model.handle(register(2, "alex@a"))?;
    model.handle(Command::ChangeEmail { user: 1, from: "petra@a".into(), to: "petra@b".into() })?;
    let store = Memory::new();
    for recorded in model.store().all(Query::all())? {
        let new = NewEvent { tags: recorded.envelope.tags, ..NewEvent::of(recorded.event) };
        store.append(Batch::to(&recorded.envelope.stream).record(new).event(Event::LoggedIn))?;
    }
    Ok(store)
}

fn attempts() -> Vec<Command> {
    ["petra@a", "alex@a", "petra@b", "new@a"].map(|email| register(3, email)).into()
}

#[test]
fn events_outside_of_a_query_that_is_wide_enough_change_no_decision() {
    let store = history().unwrap();
    // Emails that the decider cannot tell apart come under one tag each, so its fold reads no event of another email.
    struct OfOne;
    impl Fold for OfOne {
        type State = leftfold::im::OrdSet<String>;
        type Event = Event;
        fn initial_state(&self) -> Self::State {
            leftfold::im::OrdSet::new()
        }
        fn evolve(&self, taken: Self::State, event: &Event) -> Self::State {
            match event {
                Event::Registered { email } => taken.update(email.clone()),
                Event::EmailGivenUp { email } => taken.without(email),
                Event::LoggedIn => taken,
            }
        }
    }
    impl Decider for OfOne {
        type Command = Command;
        type Rejection = Taken;
        fn decide(&self, command: &Command, taken: &Self::State) -> Result<Vec<Event>, Taken> {
            let (Command::Register { email, .. } | Command::ChangeEmail { to: email, .. }) = command;
            match taken.contains(email) {
                true => Err(Taken),
                false => Ok(vec![Event::Registered { email: email.clone() }]),
            }
        }
    }
    let history = store.all(Query::all()).unwrap();
    let wide = DecisionModel::new(OfOne, &store, |command| Ok(Query::tagged(asked_for(command)?)), user);
    let boundary = wide.boundary(&history, attempts()).unwrap();
    boundary.assert();
    assert!(boundary.holds());
    assert_eq!(boundary.to_string(), "4 commands: none of 28 events outside of their queries matters");

    // Only registrations: that an email was given up is not seen.
    let narrow = DecisionModel::new(
        OfOne,
        &store,
        |command| Ok(Query::of_types(["Registered"]).tag(asked_for(command)?)),
        user,
    );
    let boundary = narrow.boundary(&history, attempts()).unwrap();
    assert_eq!(
        boundary.to_string(),
        r#"1 of 4 commands have a boundary that is too narrow

command   Register { user: 3, email: "petra@a" }
query     type Registered, tag email:petra@a
decided   Err(Taken)
but       Ok([Registered { email: "petra@a" }])
with      5 EmailGivenUp { email: "petra@a" }, in user-1, tagged email:petra@a"#
    );
    let told = catch_unwind(std::panic::AssertUnwindSafe(|| boundary.assert())).unwrap_err();
    assert!(told.downcast_ref::<String>().unwrap().contains("too narrow"));
}

#[test]
fn events_that_hide_each_other_are_found_one_by_one() {
    // What is counted up and down again leaves no trace in the sum of both, but each of them matters.
    let store = Memory::new();
    let petra = StreamName::new("petra").unwrap();
    store.append(Batch::to(&petra).event(Event::LoggedIn)).unwrap();
    store.append(Batch::to(&petra).event(Event::Registered { email: "a".into() })).unwrap();
    store.append(Batch::to(&petra).event(Event::EmailGivenUp { email: "a".into() })).unwrap();
    let history = store.all(Query::all()).unwrap();
    let narrow = DecisionModel::new(Emails, store, |_| Ok(Query::of_types(["LoggedIn"])), user);
    let boundary = narrow.boundary(&history, [register(1, "a")]).unwrap();
    assert_eq!(boundary.too_narrow[0].matter, [history[1].clone()]);
}

#[test]
fn a_history_without_events_outside_finds_nothing_out_and_says_so() {
    let store = history().unwrap();
    let all = DecisionModel::new(Emails, &store, |_| Ok(Query::all()), user);
    let boundary = all.boundary(&store.all(Query::all()).unwrap(), attempts()).unwrap();
    assert!(boundary.holds());
    let told = catch_unwind(std::panic::AssertUnwindSafe(|| boundary.assert())).unwrap_err();
    assert!(told.downcast_ref::<String>().unwrap().ends_with("give a history with other events too"));
}

#[test]
fn a_decision_is_made_on_what_was_there_when_it_read() {
    let store = Memory::new();
    let model = emails(&store);
    model.handle(register(1, "petra@a")).unwrap();
    let taken = Query::tagged(email_tag("petra@a").unwrap());
    let refused = store.append(
        Batch::to(&StreamName::of("user", 9).unwrap())
            .event(Event::Registered { email: "petra@a".into() })
            .fail_if_events_match(taken, Position::START),
    );
    assert!(refused.is_err(), "what the model has recorded is found by its tags");
}
