//! A timeline gives the state of every version, whatever it keeps and whatever it was made of.

#[allow(dead_code)]
#[path = "models/bank.rs"]
mod bank;

use bank::{Bank, Event, histories};
use leftfold::recorded::{StreamName, Timestamp, Version, versioned};
use leftfold::store::{Batch, EventStore, Memory, Query, Reading};
use leftfold::timeline::TimelineError;
use leftfold::{Fold, Timeline, view};
use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

proptest! {
    #[test]
    fn the_state_at_a_version_is_the_fold_of_so_many_events(events in histories()) {
        let timeline = Timeline::of(Bank).extend(events.clone());
        prop_assert_eq!(timeline.version(), Version::new(events.len() as u64));
        for version in 0..=events.len() {
            let state = timeline.at(version as u64).unwrap();
            prop_assert!(matches!(state, Cow::Borrowed(_)), "kept, not folded again");
            prop_assert_eq!(state.into_owned(), Bank.fold(&events[..version]));
        }
        let states: Vec<_> = timeline.states().map(|(version, state)| (version.get(), state.into_owned())).collect();
        let folded: Vec<_> = (0..=events.len()).map(|v| (v as u64, Bank.fold(&events[..v]))).collect();
        prop_assert_eq!(states, folded);
    }

    #[test]
    fn keeping_every_kth_gives_the_answers_of_keeping_all(events in histories(), k in 0..9usize, forked in 0..60u64) {
        let all = Timeline::of(Bank).extend(events.clone());
        let some = Timeline::of(Bank).keeping_every(k).extend(events.clone());
        let late = all.clone().keeping_every(k);
        // A branch of one that keeps few goes on as well.
        let forked = forked.min(events.len() as u64);
        let grown = some.fork(forked).unwrap().extend(events[forked as usize..].iter().cloned());
        for other in [&some, &late, &grown] {
            prop_assert_eq!(all.head(), other.head());
            prop_assert_eq!(all.states().collect::<Vec<_>>(), other.states().collect::<Vec<_>>());
            for version in 0..=all.version().get() {
                prop_assert_eq!(all.at(version).unwrap(), other.at(version).unwrap());
            }
            prop_assert_eq!(all.diff(forked, 0), other.diff(forked, 0));
            for path in [".", "refused", "accounts.1", "accounts.1.balance", "accounts.7"] {
                prop_assert_eq!(all.blame(path), other.blame(path));
                prop_assert_eq!(all.history_of(path), other.history_of(path));
            }
            prop_assert_eq!(all.bisect(|state| state.refused > 1), other.bisect(|state| state.refused > 1));
            let empty = |state: &bank::Accounts| state.accounts.is_empty();
            prop_assert_eq!(all.first_where(empty), other.first_where(empty));
        }
    }

    #[test]
    fn plain_timed_and_recorded_events_have_the_same_states(events in histories(), from in 0..100i64) {
        let plain = Timeline::of(Bank).extend(events.clone());
        let timed = Timeline::of(Bank).extend((from..).map(at).zip(events.clone()));
        let recorded = Timeline::of(Bank).extend(versioned(StreamName::of("bank", 1).unwrap(), at(from), events));
        prop_assert_eq!(plain.states().collect::<Vec<_>>(), timed.states().collect::<Vec<_>>());
        prop_assert_eq!(plain.states().collect::<Vec<_>>(), recorded.states().collect::<Vec<_>>());
    }

    #[test]
    fn as_at_a_time_is_the_fold_of_what_was_recorded_by_then(
        mut times in prop::collection::vec(0..30i64, 0..30),
        asked in -1..32i64,
        k in 1..5usize,
    ) {
        times.sort_unstable();
        let sum = || view(|| 0, |sum: i64, n: &i64| sum + n);
        let timeline = Timeline::of(sum()).keeping_every(k).extend(times.iter().map(|second| (at(*second), *second + 1)));
        let by_then: Vec<i64> = times.iter().filter(|second| **second <= asked).map(|second| second + 1).collect();
        prop_assert_eq!(*timeline.as_at(at(asked)).unwrap(), by_then.iter().sum::<i64>());
        prop_assert_eq!(timeline.version_as_at(at(asked)).unwrap(), Version::new(by_then.len() as u64));
    }

    #[test]
    fn bisecting_finds_what_scanning_finds_in_few_calls(amounts in prop::collection::vec(0..9u64, 0..300), limit in 0..700u64) {
        let timeline = Timeline::of(view(|| 0, |sum: u64, n: &u64| sum + n)).extend(amounts);
        let mut calls = 0;
        let found = timeline.bisect(|sum| {
            calls += 1;
            *sum >= limit
        });
        prop_assert_eq!(found, timeline.first_where(|sum| *sum >= limit));
        prop_assert!(calls <= 10, "{} calls for {} versions", calls, timeline.version());
    }
}

#[test]
fn what_comes_and_goes_is_found_by_scanning_where_halving_does_not_look() {
    let sum = Timeline::of(view(|| 0, |sum: i64, n: &i64| sum + n)).extend([1, -5, 5, 1, 1]);
    assert_eq!(sum.first_where(|sum| *sum < 0), Some(Version::new(2)));
    assert_eq!(sum.bisect(|sum| *sum < 0), None);
    assert_eq!(sum.first_where(|sum| *sum == 0), Some(Version::NONE));
}

#[test]
fn a_stored_stream_becomes_a_timeline_with_the_times_of_the_store() {
    let store = Memory::new();
    let stream = StreamName::of("bank", 1).unwrap();
    let events = [Event::Opened { owner: 1 }, Event::Deposited { owner: 1, amount: 5 }];
    for event in events.clone() {
        store.append(Batch::to(&stream).event(event)).unwrap();
    }
    let bank = Timeline::of(Bank).extend(store.all(Query::stream(&stream)).unwrap());
    let first = bank.item(1).unwrap().recorded_at;
    let last = bank.item(2).unwrap().recorded_at;
    assert_eq!(*bank.as_at(last).unwrap(), Bank.fold(&events));
    assert!(bank.as_at(first).unwrap().accounts.contains_key(&1));
    assert!(bank.as_at(first - std::time::Duration::from_nanos(1)).unwrap().accounts.is_empty());
    assert_eq!(bank.blame("accounts.1.balance").unwrap().unwrap().item.event, events[1]);
}

#[test]
fn a_branch_shares_states_and_history_and_goes_its_own_way() {
    let events: Vec<u64> = (0..1_000).collect();
    let counts = || {
        view(BTreeMap::new, |mut counts: BTreeMap<u64, u32>, n: &u64| {
            *counts.entry(n % 10).or_default() += 1;
            counts
        })
    };
    for k in [1, 7] {
        let trunk = Timeline::of(counts()).keeping_every(k).extend(events.clone());
        let mut branch = trunk.fork(700).unwrap();
        branch.push(3);
        let mut twig = branch.fork(701).unwrap();
        twig.push(4);
        branch.push(5);
        for version in (0..=700).step_by(k) {
            let (Cow::Borrowed(one), Cow::Borrowed(other)) =
                (trunk.at(version as u64).unwrap(), twig.at(version as u64).unwrap())
            else {
                panic!("version {version} is not kept");
            };
            assert!(std::ptr::eq(one, other), "version {version} is a copy");
        }
        assert!((1..=700).all(|v| std::ptr::eq(trunk.item(v as u64).unwrap(), twig.item(v as u64).unwrap())));
        let heads = |last: &[u64]| counts().fold(events[..700].iter().chain(last));
        assert_eq!(*branch.head(), heads(&[3, 5]));
        assert_eq!(*twig.head(), heads(&[3, 4]));
        assert_eq!(*trunk.head(), counts().fold(&events));
    }
}

#[test]
fn an_event_that_panics_leaves_the_timeline_as_it_was() {
    let inverse = || view(|| 100, |state: i64, n: &i64| state / n);
    for k in [1, 3] {
        let mut timeline = Timeline::of(inverse()).keeping_every(k).extend([2, 5]);
        let pushed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| timeline.push(0)));
        assert!(pushed.is_err());
        assert_eq!((*timeline.head(), timeline.version()), (10, Version::new(2)));
        timeline.push(2);
        assert_eq!((*timeline.head(), *timeline.at(2).unwrap()), (5, 10));
    }
}

#[test]
fn a_version_that_does_not_exist_is_an_error_that_says_which_do() {
    let sum = Timeline::of(view(|| 0, |sum: i64, n: &i64| sum + n)).extend([5, -2]);
    let wrong = TimelineError::NoSuchVersion {
        requested: Version::new(3),
        first: Version::NONE,
        head: Version::new(2),
    };
    assert_eq!(sum.at(3), Err(wrong.clone()));
    assert_eq!(sum.fork(3).unwrap_err(), wrong);
    assert_eq!(
        sum.diff(0, u64::MAX).unwrap_err().to_string(),
        format!(
            "there is no version {} on this timeline: its head is version 2; ask for one from 0 to 2",
            u64::MAX
        )
    );
    assert_eq!(
        sum.item(0).unwrap_err().to_string(),
        "there is no version 0 on this timeline: its head is version 2; ask for one from 1 to 2"
    );
}

#[test]
fn a_time_that_goes_backwards_is_an_error_that_names_the_event() {
    let sum = || view(|| 0, |sum: i64, n: &i64| sum + n);
    let timeline = Timeline::of(sum()).extend([(at(10), 5), (at(20), 7), (at(15), 1), (at(3), 1)]);
    let message = "event 3 was recorded at 1970-01-01T00:00:15Z, before event 2 at 1970-01-01T00:00:20Z: a version can be \
                   found by its time only if times do not go backwards; put the history in the order of its times";
    assert_eq!(timeline.as_at(at(30)).unwrap_err().to_string(), message);
    assert_eq!(timeline.effective_at(|_| at(0)).as_at(at(30)).unwrap_err().to_string(), message);
    // Its versions are as good as ever, and so is a branch from before.
    assert_eq!(*timeline.at(3).unwrap(), 13);
    assert_eq!(*timeline.fork(2).unwrap().as_at(at(19)).unwrap(), 5);
    // An edit can put it right, and another can make it wrong.
    assert_eq!(*timeline.what_if().remove(3).remove(4).branch().unwrap().as_at(at(19)).unwrap(), 5);
    let straight = Timeline::of(sum()).extend([(at(10), 5), (at(20), 7)]);
    assert!(straight.what_if().insert(2, (at(11), 1)).branch().unwrap().as_at(at(30)).is_err());
}
