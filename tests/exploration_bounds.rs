//! What was not seen is never said to hold, and a run that ends early tells what it knows.

#[path = "models/reserve.rs"]
mod reserve;

use leftfold::check::{ExplorationBound, ExplorationVerdict, Progress, Property, PropertyAnswer, explore};
use leftfold::{Decider, Fold, decider};
use reserve::{Reserve, State, alphabet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Counts for ever.
fn counter() -> impl Decider<State = u64, Command = u64, Event = u64, Rejection = String> + Sync {
    decider(|| 0u64, |add: &u64, _: &u64| Ok(vec![*add]), |sum, add: &u64| sum + add)
}

#[test]
fn each_bound_says_what_it_was() {
    let counter = counter();
    let one = |_: &u64| [1u64];
    let below = |n: u64| Property::always("below", move |sum: &u64| *sum < n);

    let found = explore(&counter, one).depth(10).property(below(11)).run();
    assert_eq!(
        found.verdict,
        ExplorationVerdict::Bounded { depth: 10, why: vec![ExplorationBound::Depth(10)] }
    );
    assert_eq!((found.states, found.visited, found.deepest), (11, 11, 10));
    assert!(matches!(found.answer("below"), Some(PropertyAnswer::Undecided)));

    let found = explore(&counter, one).depth(10).property(below(10)).run();
    assert!(
        matches!(found.answer("below"), Some(PropertyAnswer::Violated(story)) if story.len() == 10),
        "{found}"
    );

    let found = explore(&counter, one).states(7).property(below(6)).run();
    assert_eq!(
        found.verdict,
        ExplorationVerdict::Bounded { depth: 6, why: vec![ExplorationBound::States(7)] }
    );
    assert_eq!((found.states, found.visited), (7, 7));
    assert!(
        matches!(found.answer("below"), Some(PropertyAnswer::Violated(story)) if story.len() == 6),
        "{found}"
    );

    let found = explore(&counter, one).within("below five", |sum| *sum < 5).property(below(5)).run();
    assert_eq!(
        found.verdict,
        ExplorationVerdict::Bounded { depth: 5, why: vec![ExplorationBound::Within("below five".into())] }
    );
    assert_eq!(found.states, 6);
    assert!(matches!(found.answer("below"), Some(PropertyAnswer::Violated(story)) if story.len() == 5));

    let found = explore(&counter, one).time(Duration::from_millis(30)).run();
    let ExplorationVerdict::Bounded { depth, why } = &found.verdict else { panic!("{found}") };
    assert_eq!(why, &[ExplorationBound::Time(Duration::from_millis(30))]);
    assert!(*depth > 10 && *depth <= found.deepest, "{found}");
}

#[test]
fn within_that_keeps_everything_bounds_nothing() {
    let found = explore(&Reserve::of(1), alphabet(1)).within("all", |_: &State| true).run();
    assert_eq!((found.verdict, found.states), (ExplorationVerdict::Exhausted, 132));
}

#[test]
fn an_alphabet_without_an_end_is_cut_and_said_to_be() {
    let small = decider(
        || 0u64,
        |to: &u64, _: &u64| if *to < 5 { Ok(vec![*to]) } else { Err(()) },
        |_, to: &u64| *to,
    );
    let found = explore(&small, |_: &u64| 0u64..).run();
    assert_eq!(
        found.verdict,
        ExplorationVerdict::Bounded { depth: 0, why: vec![ExplorationBound::Commands(10_000)] }
    );
    assert_eq!(found.states, 5);
    let found = explore(&small, |_: &u64| 0u64..).commands_per_state(8).run();
    assert!(found.to_string().contains("more than 8 commands in one state"), "{found}");
}

#[test]
fn a_stop_flag_ends_the_run_with_what_is_known_by_then() {
    let flag = AtomicBool::new(false);
    let counter = counter();
    let mut told: Option<Progress> = None;
    let found = explore(&counter, |_: &u64| [1u64, 2])
        .stop(&flag)
        .property(Property::always("below a hundred", |sum: &u64| *sum < 100))
        .property(Property::always("at least nothing", |_: &u64| true))
        .progress(|progress| {
            told = Some(progress.clone());
            flag.store(true, Ordering::Relaxed);
        })
        .threads(2)
        .run();
    let told = told.unwrap();
    assert!(told.states > 0 && told.rate() > 0.0);
    let ExplorationVerdict::Bounded { why, .. } = &found.verdict else { panic!("{found}") };
    assert_eq!(why, &[ExplorationBound::Stopped]);
    assert!(
        matches!(found.answer("below a hundred"), Some(PropertyAnswer::Violated(story)) if story.len() == 50)
    );
    assert!(matches!(found.answer("at least nothing"), Some(PropertyAnswer::Undecided)));
    assert!(found.to_string().contains("stopped"), "{found}");
}

#[test]
fn a_flag_that_is_set_before_lets_nothing_begin() {
    let flag = AtomicBool::new(true);
    let model = Reserve::of(1);
    let found = explore(&model, alphabet(1))
        .stop(&flag)
        .always_possible("somebody is there", |state| !state.contracts.is_empty())
        .run();
    assert_eq!(found.verdict, ExplorationVerdict::Bounded { depth: 0, why: vec![ExplorationBound::Stopped] });
    assert!(matches!(found.answer("somebody is there"), Some(PropertyAnswer::Undecided)), "{found}");
    assert_eq!((found.states, found.visited), (1, 0));
}

#[test]
fn what_can_only_be_reached_beyond_the_bound_is_undecided() {
    let up_to =
        decider(|| 0u8, |(): &(), n: &u8| if *n < 9 { Ok(vec![()]) } else { Err(()) }, |n, (): &()| n + 1);
    let end = || Property::always_possible("the end", |n: &u8| *n == 9);
    let never = || Property::always_possible("what is not", |n: &u8| *n == 10);
    let found = explore(&up_to, |_: &u8| [()]).properties([end(), never()]).depth(5).run();
    assert!(
        found.findings.iter().all(|finding| matches!(finding.answer, PropertyAnswer::Undecided)),
        "{found}"
    );
    let found = explore(&up_to, |_: &u8| [()]).properties([end(), never()]).run();
    assert!(matches!(found.answer("the end"), Some(PropertyAnswer::Holds)));
    assert!(matches!(found.answer("what is not"), Some(PropertyAnswer::Violated(story)) if story.is_empty()));
}

#[test]
fn an_exploration_may_begin_after_a_history() {
    let up_to = decider(
        || 0u8,
        |add: &u8, n: &u8| if n + add < 9 { Ok(vec![*add]) } else { Err("too far") },
        |n, add: &u8| n + add,
    );
    let found = explore(&up_to, |_: &u8| [1u8, 2])
        .from([3, 1])
        .property(Property::always("never eight", |n: &u8| *n != 8))
        .run();
    assert_eq!(found.states, 5);
    let Some(PropertyAnswer::Violated(story)) = found.answer("never eight") else { panic!("{found}") };
    assert_eq!((&story.given[..], &story.commands[..]), (&[3, 1][..], &[2, 2][..]));
    assert_eq!(story.state(&up_to), 8);
    assert_eq!(up_to.fold(&story.given), 4);
}
