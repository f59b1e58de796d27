//! What was known when, and what was so when.

use leftfold::im::OrdMap;
use leftfold::recorded::{StreamName, Timestamp, versioned};
use leftfold::{Fold, Timeline, view};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

fn day(day: i64) -> Timestamp {
    Timestamp::from_second(day * 86_400).unwrap()
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Paid {
    by: u8,
    on: i64,
    amount: i64,
}

fn balances() -> impl Fold<State = OrdMap<u8, Vec<i64>>, Event = Paid> {
    view(OrdMap::new, |mut paid: OrdMap<u8, Vec<i64>>, event: &Paid| {
        paid.entry(event.by).or_default().push(event.amount);
        paid
    })
}

proptest! {
    #[test]
    fn a_state_as_at_and_as_of_two_times_is_the_fold_of_what_was_known_and_in_effect(
        mut log in prop::collection::vec((0..20i64, 0..3u8, 0..20i64, 0..9i64), 0..30),
        at in -1..22i64,
        of in -1..22i64,
    ) {
        log.sort_by_key(|(recorded, ..)| *recorded);
        let entries: Vec<_> =
            log.iter().map(|(recorded, by, on, amount)| (day(*recorded), Paid { by: *by, on: *on, amount: *amount })).collect();
        let timeline = Timeline::of(balances()).extend(entries.clone());
        let two = timeline.effective_at(|paid: &Paid| day(paid.on));
        let by_hand = |at: i64, of: i64| {
            let mut counted: Vec<&Paid> = entries
                .iter()
                .filter(|(recorded, paid)| *recorded <= day(at) && paid.on <= of)
                .map(|(_, paid)| paid)
                .collect();
            counted.sort_by_key(|paid| paid.on);
            balances().fold(counted)
        };
        prop_assert_eq!(two.as_at(day(at)).unwrap().as_of(day(of)), by_hand(at, of));
        prop_assert_eq!(two.as_of(day(of)), by_hand(99, of));
        // What was known at one time and then at a later one is what was known at the earlier.
        prop_assert_eq!(two.as_at(day(at)).unwrap().as_at(day(of)).unwrap().as_of(day(99)), by_hand(at.min(of), 99));
    }

    #[test]
    fn where_everything_takes_effect_when_it_is_recorded_the_two_times_are_one(
        mut days in prop::collection::vec(0..20i64, 0..30), asked in -1..22i64,
    ) {
        days.sort_unstable();
        let entries = days.iter().map(|on| (day(*on), Paid { by: 1, on: *on, amount: *on }));
        let timeline = Timeline::of(balances()).extend(entries);
        let two = timeline.effective_at(|paid: &Paid| day(paid.on));
        prop_assert_eq!(&two.as_of(day(asked)), &*timeline.as_at(day(asked)).unwrap());
        prop_assert_eq!(&two.as_at(day(asked)).unwrap().as_of(day(99)), &*timeline.as_at(day(asked)).unwrap());
    }
}

#[test]
fn recorded_events_are_known_from_the_time_of_the_store() {
    let paid = Paid { by: 1, on: 2, amount: 5 };
    let recorded = versioned(StreamName::of("payments", 1).unwrap(), day(9), [paid]);
    let timeline = Timeline::of(balances()).extend(recorded);
    let two = timeline.effective_at(|paid: &Paid| day(paid.on));
    assert!(two.as_at(day(8)).unwrap().as_of(day(5)).is_empty());
    assert_eq!(two.as_at(day(9)).unwrap().as_of(day(5))[&1], [5]);
    assert!(two.as_at(day(9)).unwrap().as_of(day(1)).is_empty());
}
