//! The same pattern answers a question about a history and about a store, runs live, triggers a process manager, and is specified like any
//! view.

use im::OrdMap;
use leftfold::pattern::{Matcher, Matching, Observed, Observer, Pattern, PatternError, SignedDuration};
use leftfold::recorded::{Position, StreamName, Timestamp};
use leftfold::store::{Batch, EventReader, EventStore, Memory, Query, Reading};
use leftfold::{
    Fold, Owed, ProcessManager, ViewScenario, WithProcess, decider, given_process, given_view,
    process_manager,
};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    UserRegistered {
        user: u64,
        at: Timestamp,
    },
    UsernameChanged {
        user: u64,
        at: Timestamp,
    },
    /// Somebody has asked the user about it.
    UserAsked {
        question: u64,
        at: Timestamp,
    },
}

impl Event {
    fn user(&self) -> Option<u64> {
        match self {
            Event::UserRegistered { user, .. } | Event::UsernameChanged { user, .. } => Some(*user),
            Event::UserAsked { .. } => None,
        }
    }

    fn at(&self) -> Timestamp {
        match self {
            Event::UserRegistered { at, .. }
            | Event::UsernameChanged { at, .. }
            | Event::UserAsked { at, .. } => *at,
        }
    }
}

fn minute(minutes: i64) -> Timestamp {
    Timestamp::from_second(60 * minutes).unwrap()
}

fn registered(user: u64, minutes: i64) -> Event {
    Event::UserRegistered { user, at: minute(minutes) }
}

fn changed(user: u64, minutes: i64) -> Event {
    Event::UsernameChanged { user, at: minute(minutes) }
}

fn changed_within(interval: SignedDuration) -> Matcher<Event, u64> {
    Pattern::named("changed soon")
        .start("registered", |event| matches!(event, Event::UserRegistered { .. }))
        .followed_by("changed", |event| matches!(event, Event::UsernameChanged { .. }))
        .within(interval)
        .partition_by(Event::user)
        .compile()
        .unwrap()
}

fn changed_soon() -> Matcher<Event, u64> {
    changed_within(SignedDuration::from_mins(5))
}

fn never_changed() -> Matcher<Event, u64> {
    Pattern::named("never changed")
        .start("registered", |event| matches!(event, Event::UserRegistered { .. }))
        .not_followed_by("changed", |event| matches!(event, Event::UsernameChanged { .. }))
        .within(SignedDuration::from_mins(5))
        .partition_by(Event::user)
        .compile()
        .unwrap()
}

/// Petra (1) after exactly five minutes, Alex (2) after seven, Sam (3) never.
fn history() -> Vec<Event> {
    vec![registered(1, 0), registered(2, 1), registered(3, 2), changed(1, 5), changed(2, 8)]
}

fn observed(events: impl IntoIterator<Item = Event>) -> Vec<Observed<Event>> {
    events.into_iter().map(|event| Observed::event(event.at(), event)).collect()
}

fn stream() -> StreamName {
    StreamName::new("users").unwrap()
}

// ------------------------------------------------------------------------------------------------- a view

#[test]
fn who_has_changed_their_name_within_five_minutes_after_they_registered() {
    let users = |minutes| {
        let matcher = changed_within(SignedDuration::from_mins(minutes)).collecting();
        let found = matcher.fold(&observed(history()));
        found.matches().unwrap().iter().map(|found| found.key).collect::<Vec<_>>()
    };
    assert_eq!(users(5), [1], "exactly five minutes is in, seven is not");
    assert!(users(4).is_empty());
    assert_eq!(users(7), [1, 2]);
}

#[test]
fn a_pattern_is_specified_like_any_view() {
    let petra = || observed([registered(1, 0), changed(1, 5)]);
    given_view(changed_soon(), petra()).then_state("Petra changed soon", |state| {
        state.latest().is_ok_and(|latest| latest.len() == 1 && latest[0].key == 1)
    });
    given_view(changed_soon().collecting(), petra())
        .and_given([Observed::Time(minute(60))])
        .then_state("what was found stays", |state| state.matches().is_ok_and(|all| all.len() == 1));

    let late = ViewScenario::named("the change after seven minutes is out")
        .given(observed([registered(2, 1), changed(2, 8)]))
        .then_state("nobody changed soon", |state: &leftfold::pattern::Matching<Event, u64>| {
            state.matched() == Ok(0)
        });
    late.assert(&changed_soon());
    let failure = late.run(&changed_within(SignedDuration::from_mins(7))).unwrap_err().to_string();
    assert!(failure.contains("nobody changed soon"), "{failure}");
    assert!(failure.contains("changed: UsernameChanged { user: 2"), "the state is shown: {failure}");
}

#[test]
fn a_pattern_stands_beside_other_views() {
    let count = leftfold::view(|| 0, |count: u32, _: &Event| count + 1);
    let (soon, count) = changed_soon().timed_by(Event::at).zip(count).fold(&history());
    assert_eq!((soon.matched(), count), (Ok(1), 5));
}

// ------------------------------------------------------------------------------------------------- a store

#[test]
fn over_a_store_by_the_domains_own_time() {
    let store = Memory::new();
    store.append(Batch::to(&stream()).events(history())).unwrap();
    let question = changed_soon().collecting().timed_by(Event::at);
    let found = store.fold(&question, Query::all()).unwrap();
    assert_eq!(found.matches().unwrap().len(), 1);
    assert_eq!(found.matches().unwrap()[0].key, 1);
}

#[test]
fn over_a_store_by_the_time_of_recording() {
    let now = Arc::new(AtomicI64::new(0));
    let clock = now.clone();
    let store = Memory::new().clock(move || minute(clock.load(Ordering::Relaxed)));
    for (recorded_at, event) in [(10, registered(1, 0)), (16, changed(1, 5))] {
        now.store(recorded_at, Ordering::Relaxed);
        store.append(Batch::to(&stream()).event(event)).unwrap();
    }
    let events = store.read(&Query::all().into()).unwrap();
    assert_eq!(changed_soon().recorded().fold(&events).matched(), Ok(0), "recorded six minutes apart");
    let six = changed_within(SignedDuration::from_mins(6)).recorded();
    assert_eq!(six.fold(&events).matched(), Ok(1));
}

/// Follows the log from where it was left, and puts down who was found.
fn catch_up(
    matcher: &Matcher<Event, u64>,
    store: &Memory<Event>,
    (stored, position): (String, Position),
    found: &mut Vec<u64>,
) -> (String, Position) {
    let mut subscription = store.subscribe(Query::all(), position);
    let mut state = Some(serde_json::from_str(&stored).unwrap());
    subscription
        .catch_up(|entry| {
            if let Some(event) = entry.event() {
                state = state.take().map(|state| matcher.observe(state, event.at(), event));
                let latest = state.iter().flat_map(|state| state.latest().unwrap());
                found.extend(latest.map(|found| found.key));
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    (serde_json::to_string(&state.unwrap()).unwrap(), subscription.position())
}

#[test]
fn live_over_a_subscription_each_match_is_told_once_when_it_is_complete() {
    let store = Memory::new();
    let matcher = changed_soon();
    let mut found = Vec::new();
    let mut at = (serde_json::to_string(&matcher.initial_state()).unwrap(), Position::START);
    let mut told = Vec::new();
    for event in history() {
        store.append(Batch::to(&stream()).event(event)).unwrap();
        // The program may end here, and begin anew from what it has stored.
        at = catch_up(&matcher, &store, at, &mut found);
        told.push(found.len());
    }
    assert_eq!((found, told), (vec![1], vec![0, 0, 0, 1, 1]));
}

#[test]
fn live_time_alone_concludes_an_absence() {
    let matcher = never_changed();
    let until_five = &history()[..4];
    let live = until_five
        .iter()
        .fold(matcher.initial_state(), |state, event| matcher.observe(state, event.at(), event));
    assert_eq!((live.matched(), live.live()), (Ok(0), 2), "Alex and Sam have time");
    let users = |state: &leftfold::pattern::Matching<Event, u64>| {
        state.latest().map(|latest| latest.iter().map(|found| found.key).collect::<Vec<_>>())
    };
    let live = matcher.advance_to(live, minute(7));
    assert_eq!(users(&live), Ok(vec![2]));
    let live = matcher.advance_to(live, minute(8));
    assert_eq!((users(&live), live.live()), (Ok(vec![3]), 0));
    let behind = matcher.advance_to(live, minute(6));
    assert!(matches!(behind.error(), Some(PatternError::Late { .. })), "a clock that is behind the log");
}

#[test]
fn over_a_long_log_as_a_loop_would_find_it() {
    let store = Memory::new();
    let mut dice = 7u64;
    let mut below = |bound: u64| {
        dice = dice.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (dice >> 33) % bound
    };
    let mut events = Vec::new();
    for user in 0..2_000 {
        let begun = below(10_000) as i64;
        events.push(registered(user, begun));
        events.extend((0..below(4)).map(|_| changed(user, begun + 1 + below(12) as i64)));
    }
    events.sort_by_key(Event::at);
    store.append(Batch::to(&stream()).events(events.clone())).unwrap();

    let expected = (0..2_000).filter(|user| {
        let of = |event: &&Event| event.user() == Some(*user);
        let begun = events
            .iter()
            .filter(of)
            .find(|event| matches!(event, Event::UserRegistered { .. }))
            .unwrap()
            .at();
        let first = events.iter().filter(of).find(|event| matches!(event, Event::UsernameChanged { .. }));
        first.is_some_and(|first| first.at().duration_since(begun) <= SignedDuration::from_mins(5))
    });
    let expected: Vec<u64> = expected.collect();
    let found = store.fold(&changed_soon().collecting().timed_by(Event::at), Query::all()).unwrap();
    let mut found: Vec<u64> = found.matches().unwrap().iter().map(|found| found.key).collect();
    found.sort_unstable();
    assert!(expected.len() > 100);
    assert_eq!(found, expected);
}

// ------------------------------------------------------------------------------------------------- a process

#[derive(Clone, Debug, PartialEq)]
enum Command {
    Record(Event),
    Ask {
        question: u64,
        user: u64,
    },
    /// The pattern has no answer any more: somebody has to look.
    Call {
        reason: String,
    },
}

/// Whoever changes their name soon is owed a question, until they are asked. What is owed is known by the number of the match.
fn asking() -> impl ProcessManager<
    Event = Event,
    Command = Command,
    State = (leftfold::pattern::Matching<Event, u64>, OrdMap<u64, u64>),
> {
    let (begun, matcher) = (changed_soon().initial_state(), changed_soon());
    process_manager(
        move || (begun.clone(), OrdMap::new()),
        move |(matching, mut questions), event: &Event| {
            let matching = matcher.observe(matching, event.at(), event);
            let latest = matching.latest().unwrap_or_default();
            questions.extend(latest.iter().map(|found| (found.number, found.key)));
            if let Event::UserAsked { question, .. } = event {
                questions.remove(question);
            }
            (matching, questions)
        },
        |(matching, questions)| {
            let ask = |(&question, &user): (&u64, &u64)| {
                Owed::now(format!("ask-{question}"), Command::Ask { question, user })
            };
            let call = |error: &PatternError| Owed::now("call", Command::Call { reason: error.to_string() });
            questions.iter().map(ask).chain(matching.error().map(call)).collect()
        },
    )
}

#[test]
fn a_match_is_owed_until_what_settles_it_has_happened() {
    given_process(asking(), [registered(1, 0)])
        .when(changed(1, 5))
        .then([Command::Ask { question: 1, user: 1 }])
        .and_when(registered(2, 6))
        .then_pending([Owed::now("ask-1", Command::Ask { question: 1, user: 1 })])
        .and_when(Event::UserAsked { question: 1, at: minute(7) })
        .then_pending([]);
    given_process(asking(), [registered(2, 1)]).when(changed(2, 8)).then_nothing();
}

#[test]
fn a_process_that_has_lost_its_pattern_says_so() {
    let process = asking();
    let state = process.fold(&[registered(1, 5), changed(1, 4)]);
    let pending = process.pending(&state);
    assert_eq!(pending.len(), 1);
    let Command::Call { reason } = &pending[0].command else { panic!("{pending:?}") };
    assert!(reason.contains("time goes backwards"), "{reason}");
}

#[test]
fn a_decider_with_a_pattern_as_its_process_asks_at_once() {
    let users = decider(
        || minute(0),
        |command: &Command, now: &Timestamp| {
            Ok::<_, String>(match command {
                Command::Record(event) => vec![event.clone()],
                Command::Ask { question, .. } => vec![Event::UserAsked { question: *question, at: *now }],
                Command::Call { .. } => vec![],
            })
        },
        |_, event: &Event| event.at(),
    );
    let commands: Vec<Command> = history().into_iter().map(Command::Record).collect();
    let (state, events) = leftfold::Decider::run(&users.with_process(asking()), &commands).unwrap();
    let asked: Vec<&Event> = events.iter().filter(|event| event.user().is_none()).collect();
    assert_eq!(asked, [&Event::UserAsked { question: 1, at: minute(5) }]);
    assert!(state.process.1.is_empty(), "nothing is owed any more");
}

/// A state that was written by hand, or damaged: a key twice counts once, and deadlines out of order are refused.
#[test]
fn a_state_that_no_matcher_has_written_is_refused_or_counted_as_it_is() {
    let partial = |start: u64, deadline: &str| {
        format!(
            r#"{{"start":{start},"deadline":"{deadline}","step":1,"count":1,"looping":false,"advancing":true,"captures":[]}}"#
        )
    };
    let state = |partitions: &[(&str, String)]| {
        let of_key =
            |(key, partials): &(&str, String)| format!(r#"["{key}",{{"partials":[{partials}],"held":[]}}]"#);
        let partitions: Vec<String> = partitions.iter().map(of_key).collect();
        format!(
            r#"{{"shape":"any","now":null,"seen":3,"ignored":0,"matched":0,"partitions":[{}],"latest":[],"timed_out":[],"error":null}}"#,
            partitions.join(",")
        )
    };
    let read = |text: &str| serde_json::from_str::<Matching<u8, String>>(text);
    let (early, late) = ("1970-01-01T01:00:00Z", "1970-01-01T02:00:00Z");
    let twice = read(&state(&[("a", partial(1, early)), ("a", partial(2, late))])).unwrap();
    assert_eq!(twice.live(), 1);
    let again = read(&serde_json::to_string(&twice).unwrap()).unwrap();
    assert_eq!((again.live(), &again), (1, &twice));
    let refused = read(&state(&[("a", partial(1, late)), ("b", partial(2, early))])).unwrap_err().to_string();
    assert!(refused.contains("a partial match that began later ends earlier"), "{refused}");
}

/// A pattern whose `within` was made shorter and that kept its name: it says so, as with a name that was changed.
#[test]
fn a_state_of_a_pattern_that_was_changed_under_its_name_is_refused() {
    let matcher = |hours: i64| {
        Pattern::named("twice")
            .start("one", |_: &u8| true)
            .followed_by("other", |number: &u8| *number == 9)
            .within(SignedDuration::from_hours(hours))
            .compile()
            .unwrap()
    };
    let at = |second: i64| Timestamp::from_second(second).unwrap();
    let (long, short) = (matcher(3), matcher(1));
    let state = long.observe(long.initial_state(), at(0), &1);
    let text = serde_json::to_string(&state).unwrap();
    let state = short.observe(serde_json::from_str(&text).unwrap(), at(1), &1);
    assert!(matches!(state.error(), Some(PatternError::OtherShape { .. })), "{:?}", state.error());
    let text = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<Matching<u8>>(&text).unwrap(), state, "what was written is read");
}
