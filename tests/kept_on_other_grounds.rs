//! A command that was decided without a network and has the same events again may mean something else. Then it is not simply kept.

#[allow(dead_code)]
#[path = "models/bank.rs"]
mod bank;

use bank::{Bank, commands, histories};
use leftfold::spec::why;
use leftfold::timeline::{Offline, OtherGrounds, Rebased, RedecisionVerdict};
use leftfold::{Decider, Fold, Timeline};
use proptest::prelude::*;
use std::fmt::Debug;

/// Somebody asks, somebody else may ask for another thing instead, and a third person decides about whatever is asked for.
#[derive(Clone, Copy, Debug)]
struct Requests;

#[derive(Clone, Debug, PartialEq)]
enum Command {
    Request(u8),
    Withdraw,
    Reject,
    Note(u8),
}

#[derive(Clone, Debug, PartialEq)]
enum Event {
    Requested(u8),
    Withdrawn,
    Rejected,
    Noted(u8),
}

#[derive(Clone, Debug, PartialEq)]
struct NothingRequested;

impl Fold for Requests {
    type State = Option<u8>;
    type Event = Event;

    fn initial_state(&self) -> Option<u8> {
        None
    }

    fn evolve(&self, request: Option<u8>, event: &Event) -> Option<u8> {
        match event {
            Event::Requested(request) => Some(*request),
            Event::Withdrawn | Event::Rejected => None,
            Event::Noted(_) => request,
        }
    }
}

impl Decider for Requests {
    type Command = Command;
    type Rejection = NothingRequested;

    fn decide(&self, command: &Command, request: &Option<u8>) -> Result<Vec<Event>, NothingRequested> {
        match (command, request) {
            (Command::Request(request), _) => Ok(vec![Event::Requested(*request)]),
            (Command::Note(note), _) => Ok(vec![Event::Noted(*note)]),
            (_, None) => Err(NothingRequested),
            (Command::Withdraw, Some(_)) => Ok(vec![Event::Withdrawn]),
            (Command::Reject, Some(_)) => Ok(vec![Event::Rejected]),
        }
    }
}

fn asked() -> impl Strategy<Value = Vec<Command>> {
    let command = prop_oneof![
        (0..3u8).prop_map(Command::Request),
        Just(Command::Withdraw),
        Just(Command::Reject),
        (0..2u8).prop_map(Command::Note),
    ];
    prop::collection::vec(command, 0..8)
}

/// The events of commands given one after another, without those that are rejected.
fn happened<D: Decider<Event: Clone>>(
    decider: &D,
    before: &[D::Event],
    commands: &[D::Command],
) -> Vec<D::Event> {
    let mut history = before.to_vec();
    for command in commands {
        history.extend(decider.decide(command, &decider.fold(&history)).unwrap_or_default());
    }
    history.split_off(before.len())
}

fn worked<D>(decider: D, known: &[D::Event], commands: &[D::Command]) -> Offline<D>
where
    D: Decider<State: Clone, Command: Clone, Event: Clone>,
{
    let mut offline = Timeline::of(decider).extend(known.iter().cloned()).offline();
    for command in commands {
        let _ = offline.handle(command.clone());
    }
    offline
}

type RebasedOf<D> =
    Rebased<<D as Fold>::State, <D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// The work of these commands, rebased onto what `meanwhile` has made of the history.
fn rebased<D>(
    decider: D,
    past: &[D::Event],
    meanwhile: &[D::Command],
    commands: &[D::Command],
) -> (Offline<D>, RebasedOf<D>, Vec<D::Event>)
where
    D: Decider<State: Clone, Command: Clone, Event: Clone + PartialEq, Rejection: Clone + PartialEq> + Copy,
{
    let offline = worked(decider, past, commands);
    let head = [past, &happened(&decider, past, meanwhile)].concat();
    let rebased = offline.rebase(&Timeline::of(decider).extend(head.iter().cloned())).unwrap();
    (offline, rebased, head)
}

/// The events of the smallest part of a history with this answer.
fn grounds<D>(decider: &D, history: &[D::Event], command: &D::Command) -> Vec<D::Event>
where
    D: Decider<Event: Clone + PartialEq, Rejection: PartialEq>,
{
    let why = why(decider, history, command).expect("these histories are short");
    why.enough.iter().map(|version| history[version.get() as usize - 1].clone()).collect()
}

/// Compares each verdict with the definition, computed from nothing but `decide`, `fold` and `why`.
fn check<D>(decider: D, past: &[D::Event], meanwhile: &[D::Command], commands: &[D::Command])
where
    D: Decider<
            State: Clone,
            Command: Clone + Debug + PartialEq,
            Event: Clone + Debug + PartialEq,
            Rejection: Clone + Debug + PartialEq,
        > + Copy,
{
    let (offline, rebased, mut now) = rebased(decider, past, meanwhile, commands);
    let has_moved = now.len() > past.len();
    let mut before = past.to_vec();
    let mut fallen = None;
    for (index, (first, again)) in offline.decisions().iter().zip(&rebased.decisions).enumerate() {
        let outcome = decider.decide(&first.command, &decider.fold(&now));
        let refused =
            outcome.as_ref().map_or(true, |events| events.iter().any(|event| decider.is_refusal(event)));
        let (old, new) =
            (grounds(&decider, &before, &first.command), grounds(&decider, &now, &first.command));
        let (verdict, others) = if outcome != first.outcome {
            (if refused { RedecisionVerdict::Rejected } else { RedecisionVerdict::Changed }, None)
        } else if let Some(earlier) = fallen {
            (RedecisionVerdict::KeptOnOtherGrounds, Some(OtherGrounds::EarlierCommand(earlier)))
        } else if has_moved && old != new {
            (RedecisionVerdict::KeptOnOtherGrounds, Some(OtherGrounds::History { before: old, now: new }))
        } else {
            (RedecisionVerdict::Kept, None)
        };
        assert_eq!((again.verdict, &again.grounds), (verdict, &others), "{:?}", again.command);
        if verdict != RedecisionVerdict::Kept {
            fallen = fallen.or(Some(index));
        }
        before.extend(first.outcome.iter().flatten().cloned());
        now.extend(outcome.iter().flatten().cloned());
    }
    assert_eq!(rebased.is_clean(), fallen.is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_verdict_of_a_request_follows_the_definition(past in asked(), meanwhile in asked(), commands in asked()) {
        let past = happened(&Requests, &[], &past);
        check(Requests, &past, &meanwhile, &commands);
        // On a head that has not moved, everything is simply kept.
        check(Requests, &past, &[], &commands);
        prop_assert!(rebased(Requests, &past, &[], &commands).1.is_clean());
    }

    #[test]
    fn every_verdict_of_a_bank_follows_the_definition(
        past in histories(), meanwhile in commands(6), commands in commands(6),
    ) {
        check(&Bank, &past, &meanwhile, &commands);
        prop_assert!(rebased(&Bank, &past, &[], &commands).1.is_clean());
    }

    /// What the model means by it, which no verdict on events alone can know.
    #[test]
    fn a_rejection_that_is_simply_kept_rejects_the_request_that_was_seen(
        past in asked(), meanwhile in asked(), commands in asked(),
    ) {
        let past = happened(&Requests, &[], &past);
        let (offline, rebased, mut now) = rebased(Requests, &past, &meanwhile, &commands);
        let mut before = past;
        for (first, again) in offline.decisions().iter().zip(&rebased.decisions) {
            let (seen, met) = (Requests.fold(&before), Requests.fold(&now));
            if again.command == Command::Reject && again.verdict == RedecisionVerdict::Kept {
                prop_assert_eq!(seen, met);
            }
            before.extend(first.outcome.iter().flatten().cloned());
            now.extend(again.now.iter().flatten().cloned());
        }
    }
}

#[test]
fn the_rejection_of_a_request_that_was_replaced_is_asked_about() {
    let commands = [Command::Note(1), Command::Reject, Command::Note(2)];
    let (_, rebased, _) = rebased(Requests, &[Event::Requested(1)], &[Command::Request(2)], &commands);
    assert_eq!(
        rebased.to_string(),
        "kept      Note(1)
kept on other grounds  Reject
  before  because of Requested(1)
  now     because of Requested(2)
kept on other grounds  Note(2)
  now     after command 2, which was not simply kept
"
    );
    assert!(!rebased.is_clean());
    // Whoever is asked may see it elsewhere.
    let again = serde_json::to_value(RedecisionVerdict::KeptOnOtherGrounds).unwrap();
    assert_eq!(again, "KeptOnOtherGrounds");
}

/// Counts, and answers once there are enough.
#[derive(Clone, Copy, Debug)]
struct Counter {
    enough: u32,
    /// Whether it panics on a history that does not count from 0.
    is_fragile: bool,
}

impl Fold for Counter {
    type State = u32;
    type Event = u32;

    fn initial_state(&self) -> u32 {
        0
    }

    fn evolve(&self, count: u32, at: &u32) -> u32 {
        assert!(!self.is_fragile || *at == count, "a part of a history that cannot happen");
        count + 1
    }
}

impl Decider for Counter {
    type Command = ();
    type Rejection = ();

    fn decide(&self, (): &(), count: &u32) -> Result<Vec<u32>, ()> {
        if *count < self.enough { Err(()) } else { Ok(vec![]) }
    }
}

fn counted(counter: Counter, events: u32, commands: u32, meanwhile: u32) -> RebasedOf<Counter> {
    let base = Timeline::of(counter).extend(0..events);
    let mut offline = base.offline();
    for _ in 0..commands {
        offline.handle(()).unwrap();
    }
    offline.rebase(&base.extend(events..events + meanwhile)).unwrap()
}

#[test]
fn where_the_model_panics_on_a_part_of_the_history_the_command_is_asked_about() {
    let fragile = Counter { enough: 5, is_fragile: true };
    assert!(counted(fragile, 7, 1, 0).is_clean(), "nothing has happened meanwhile");
    let rebased = counted(fragile, 7, 1, 1);
    assert_eq!(rebased.decisions[0].grounds, Some(OtherGrounds::Unknown));
    assert_eq!(rebased.decisions[0].verdict, RedecisionVerdict::KeptOnOtherGrounds);
    assert!(rebased.to_string().contains("grounds that were not found"), "{rebased}");
}

#[test]
fn where_grounds_take_too_long_to_find_the_command_is_asked_about_in_bounded_time() {
    // Every event matters, so the search would fold thousands of millions of events for each command.
    let rebased = counted(Counter { enough: 20_000, is_fragile: false }, 20_000, 1_000, 1);
    assert_eq!(rebased.decisions[0].grounds, Some(OtherGrounds::Unknown));
    assert_eq!(rebased.decisions[999].grounds, Some(OtherGrounds::EarlierCommand(0)));
    // No event matters, which is found at once.
    assert!(counted(Counter { enough: 0, is_fragile: false }, 20_000, 10, 1).is_clean());
}
