//! Commands decided without a network are decided again on the new head, in order, and nothing is lost.

#[allow(dead_code)]
#[path = "models/bank.rs"]
mod bank;

use bank::{Bank, Command, Event, Rejection, commands, histories};
use leftfold::recorded::{StreamName, Timestamp, Version, versioned};
use leftfold::timeline::{Offline, RedecisionVerdict, TimelineError};
use leftfold::{Decider, Fold, Timeline};
use proptest::prelude::*;

fn worked(base: &Timeline<Bank>, commands: &[Command]) -> Offline<Bank> {
    let mut offline = base.offline();
    for command in commands {
        let _ = offline.handle(command.clone());
    }
    offline
}

/// The states and the events of commands given one after another.
fn run(
    mut state: bank::Accounts,
    commands: &[Command],
) -> (bank::Accounts, Vec<Result<Vec<Event>, Rejection>>) {
    let mut outcomes = Vec::new();
    for command in commands {
        let (after, outcome) = Bank.handle(state, command);
        state = after;
        outcomes.push(outcome);
    }
    (state, outcomes)
}

fn of(outcomes: &[Result<Vec<Event>, Rejection>]) -> Vec<Event> {
    outcomes.iter().flatten().flatten().cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn on_a_head_that_has_not_moved_all_are_kept(past in histories(), commands in commands(12)) {
        let base = Timeline::of(Bank).extend(past);
        let offline = worked(&base, &commands);
        let rebased = offline.rebase(&base).unwrap();
        prop_assert!(rebased.is_clean());
        prop_assert_eq!(&rebased.state, offline.state());
        let events = of(&run(base.head().into_owned(), &commands).1);
        prop_assert_eq!(rebased.events().cloned().collect::<Vec<_>>(), events);
    }

    #[test]
    fn nothing_is_lost_and_each_is_decided_on_what_the_earlier_ones_leave(
        past in histories(), meanwhile in commands(8), commands in commands(12),
    ) {
        let base = Timeline::of(Bank).extend(past);
        let offline = worked(&base, &commands);
        let server = base.clone().extend(of(&run(base.head().into_owned(), &meanwhile).1));
        let rebased = offline.rebase(&server).unwrap();

        let accepted: Vec<Command> = offline.decisions().iter().map(|decision| decision.command.clone()).collect();
        let told: Vec<Command> = rebased.decisions.iter().map(|again| again.command.clone()).collect();
        prop_assert_eq!(&told, &accepted);
        let (state, now) = run(server.head().into_owned(), &accepted);
        prop_assert_eq!(&rebased.decisions.iter().map(|again| again.now.clone()).collect::<Vec<_>>(), &now);
        prop_assert_eq!(&rebased.state, &state);
        prop_assert_eq!(rebased.onto, server.version());
        let recorded = server.extend(rebased.events().cloned());
        prop_assert_eq!(recorded.head().into_owned(), state);
        for (again, first) in rebased.decisions.iter().zip(offline.decisions()) {
            prop_assert_eq!(&again.before, &first.outcome);
            let refused = match &again.now {
                Ok(events) => events.iter().any(|event| Bank.is_refusal(event)),
                Err(_) => true,
            };
            let verdict = match (again.now == again.before, refused) {
                // On which grounds is the matter of `kept_on_other_grounds.rs`.
                (true, _) if again.grounds.is_some() => RedecisionVerdict::KeptOnOtherGrounds,
                (true, _) => RedecisionVerdict::Kept,
                (false, true) => RedecisionVerdict::Rejected,
                (false, false) => RedecisionVerdict::Changed,
            };
            prop_assert_eq!(again.verdict, verdict);
        }
    }

    #[test]
    fn commands_that_commute_are_never_reported_as_changed(
        past in histories(), meanwhile in commands(3), commands in commands(3),
    ) {
        let base = Timeline::of(Bank).extend(past);
        let offline = worked(&base, &commands);
        let local: Vec<Command> = offline.decisions().iter().map(|decision| decision.command.clone()).collect();
        let start = base.head().into_owned();
        // In one order and in the other.
        let (between, local_first) = run(start.clone(), &local);
        let (one, meanwhile_last) = run(between, &meanwhile);
        let (between, meanwhile_first) = run(start, &meanwhile);
        let (other, local_last) = run(between, &local);
        let commute = one == other && local_first == local_last && meanwhile_first == meanwhile_last;
        let rebased = offline.rebase(&base.extend(of(&meanwhile_first))).unwrap();
        let same = rebased.decisions.iter().all(|again| again.now == again.before);
        if commute {
            prop_assert!(same, "{}", rebased);
        }
        // And only they all have the same events.
        prop_assert_eq!(same, local_first == local_last);
    }

    #[test]
    fn payments_into_accounts_always_commute(
        past in histories(),
        meanwhile in prop::collection::vec((0..3u8, 0..50u32), 0..6),
        offline in prop::collection::vec((0..3u8, 0..50u32), 0..6),
    ) {
        let deposits = |of: Vec<(u8, u32)>| -> Vec<Command> {
            of.into_iter().map(|(owner, amount)| Command::Deposit { owner, amount }).collect()
        };
        let base = Timeline::of(Bank).extend(past);
        let offline = worked(&base, &deposits(offline));
        let meanwhile = of(&run(base.head().into_owned(), &deposits(meanwhile)).1);
        prop_assert!(offline.rebase(&base.extend(meanwhile)).unwrap().is_clean());
    }
}

#[test]
fn kept_changed_and_rejected_are_shown_with_both_outcomes() {
    let base = Timeline::of(Bank).extend([
        Event::Opened { owner: 1 },
        Event::Opened { owner: 2 },
        Event::Deposited { owner: 1, amount: 50 },
    ]);
    let mut offline = base.offline();
    assert_eq!(offline.began_at(), Version::new(3));
    offline.handle(Command::Deposit { owner: 2, amount: 5 }).unwrap();
    offline.handle(Command::Withdraw { owner: 1, amount: 10 }).unwrap();
    offline.handle(Command::Withdraw { owner: 1, amount: 35 }).unwrap();
    assert_eq!(offline.handle(Command::Open { owner: 1 }), Err(Rejection::AlreadyOpen));
    offline.handle(Command::Close { owner: 2 }).unwrap();
    assert_eq!(offline.state().accounts[&1].balance, 5);
    assert_eq!(offline.decisions()[3].at, Version::new(6));

    let server = base.extend([
        Event::Withdrawn { owner: 1, amount: 8, left: 42 },
        Event::Closed { owner: 2 },
        Event::Opened { owner: 2 },
    ]);
    let rebased = offline.rebase(&server).unwrap();
    assert_eq!(
        rebased.to_string(),
        "kept      Deposit { owner: 2, amount: 5 }
changed   Withdraw { owner: 1, amount: 10 }
  before  Withdrawn { owner: 1, amount: 10, left: 40 }
  now     Withdrawn { owner: 1, amount: 10, left: 32 }
rejected  Withdraw { owner: 1, amount: 35 }
  before  Withdrawn { owner: 1, amount: 35, left: 5 }
  now     WithdrawalRefused { owner: 1, amount: 35 }
kept on other grounds  Close { owner: 2 }
  now     after command 2, which was not simply kept
"
    );
    assert!(!rebased.is_clean());
    assert_eq!((rebased.onto, rebased.events().count()), (Version::new(6), 5));
}

#[test]
fn a_timeline_of_recorded_events_is_worked_on_as_well() {
    let at: Timestamp = "2026-11-23T09:30:00Z".parse().unwrap();
    let recorded = |events: Vec<Event>| versioned(StreamName::of("bank", 1).unwrap(), at, events);
    let events = vec![Event::Opened { owner: 1 }, Event::Deposited { owner: 1, amount: 5 }];
    let base = Timeline::of(Bank).extend(recorded(events.clone()));
    let mut offline = base.offline();
    offline.handle(Command::Deposit { owner: 1, amount: 7 }).unwrap();
    // The new head is read from the store anew, and shares nothing with the old one.
    let more = events.into_iter().chain([Event::Deposited { owner: 1, amount: 1 }]).collect();
    let rebased = offline.rebase(&Timeline::of(Bank).extend(recorded(more))).unwrap();
    assert!(rebased.is_clean());
    assert_eq!(rebased.state.accounts[&1].balance, 13);
}

#[test]
fn a_head_with_another_past_is_an_error() {
    let base =
        Timeline::of(Bank).extend([Event::Opened { owner: 1 }, Event::Deposited { owner: 1, amount: 5 }]);
    let mut offline = base.offline();
    offline.handle(Command::Deposit { owner: 1, amount: 7 }).unwrap();
    let wrong = TimelineError::AnotherPast { began: Version::new(2), version: Version::new(2) };
    let edited = base.what_if().replace(2, Event::Deposited { owner: 1, amount: 6 }).branch().unwrap();
    assert_eq!(offline.rebase(&edited).unwrap_err(), wrong);
    assert_eq!(
        offline.rebase(&base.fork(1).unwrap()).unwrap_err().to_string(),
        "the work began at version 2, but from event 2 on this timeline has another history; decide the commands again"
    );
}

#[test]
fn a_fold_that_is_borrowed_serves_as_well() {
    let timeline = Timeline::of(&Bank).extend([Event::Opened { owner: 1 }]);
    let mut offline = timeline.offline();
    offline.handle(Command::Deposit { owner: 1, amount: 7 }).unwrap();
    assert_eq!(Bank.fold(timeline.items().map(|(_, event)| event)), *timeline.head());
    assert!(offline.rebase(&timeline).unwrap().is_clean());
}
