//! Every kind of property is looked at, or named as one that walks cannot decide; every step counts, refused ones too.

#[path = "models/reserve.rs"]
mod reserve;

use leftfold::check::{Property, Shortest, walks};
use leftfold::{Decider, decider};
use proptest::prelude::*;
use reserve::*;

/// A lift for eight, in which planted mistakes are easy to see.
fn lift() -> impl Decider<Command = i8, Event = i8, State = i8, Rejection = &'static str> {
    decider(
        || 0i8,
        |people: &i8, inside: &i8| match inside + people {
            0..=8 => Ok(vec![*people]),
            9.. => Err("full"),
            _ => Err("empty"),
        },
        |inside, people: &i8| inside + people,
    )
}

fn three(_: &i8) -> Vec<i8> {
    vec![1, 2, 3, -1]
}

#[test]
fn a_property_of_the_start_fails_before_any_command() {
    let lift = lift();
    let found =
        walks(&lift).alphabet(three).property(Property::always("never empty", |n| *n > 0)).seed(1).run();
    let finding = &found.findings[0];
    assert!(finding.story.is_empty() && finding.proved_shortest());
    assert!(finding.to_string().contains("from the start, before any command"), "{finding}");
}

#[test]
fn a_property_of_steps_sees_refused_commands_and_their_stories_end_with_one() {
    let lift = lift();
    let never_full = || Property::always_step("nobody is turned away", |step| *step.outcome != Err("full"));
    let walking = || walks(&lift).alphabet(three).property(never_full()).seed(1);
    let found = walking().run();
    let finding = &found.findings[0];
    assert_eq!(finding.story.commands, [3, 3, 3], "{finding}");
    assert!(finding.proved_shortest());
    assert_eq!(finding.ending[0], ("answer", "\"full\"".to_string()));

    let found = walking().refused_let_through(0.0).run();
    assert_eq!((found.findings.len(), found.let_through), (0, 0), "none is let through");
    assert!(found.refused > 0);
}

#[test]
fn a_property_of_steps_sees_both_sides() {
    let lift = lift();
    let found = walks(&lift)
        .alphabet(three)
        .property(Property::always_step("at most two at a time", |step| {
            let (before, after): (&i8, &i8) = (step.before, step.after);
            before.abs_diff(*after) < 3
        }))
        .seed(1)
        .run();
    assert_eq!(found.findings[0].story.commands, [3]);
}

#[test]
fn what_is_meant_to_be_possible_is_seen_or_not_and_fails_nothing() {
    let lift = lift();
    let found = walks(&lift)
        .alphabet(three)
        .properties([Property::sometimes("full", |n| *n == 8), Property::sometimes("overfull", |n| *n == 9)])
        .seed(1)
        .run();
    assert_eq!(found.sometimes, [("full".to_string(), true), ("overfull".to_string(), false)]);
    assert!(found.holds());
    assert!(found.to_string().contains(" ? overfull: not seen"), "{found}");
}

#[test]
fn being_stuck_is_decided_where_there_is_an_alphabet() {
    let lift = lift();
    let only_in = |_: &i8| vec![3i8];
    let found = walks(&lift).alphabet(only_in).property(Property::never_stuck()).seed(1).run();
    assert_eq!(found.findings[0].story.commands, [3, 3]);
    assert!(found.findings[0].failed.starts_with("never stuck: "));

    let found = walks(&lift).commands(|_| Just(3i8)).property(Property::never_stuck()).seed(1).run();
    assert_eq!((found.findings.len(), found.undecided.len()), (0, 1));

    // The reserve ends: where all contracts are terminated, nothing is possible, and nothing is wrong.
    walks(&Reserve::of(2)).alphabet(alphabet(2)).property(Property::never_stuck()).seed(1).assert();
}

#[test]
fn what_walks_cannot_decide_is_named() {
    let lift = lift();
    let found = walks(&lift)
        .alphabet(three)
        .property(Property::always_possible("it can be emptied", |n| *n == 0))
        .seed(1)
        .run();
    assert_eq!(found.undecided, ["it can be emptied"]);
    assert!(found.to_string().contains("not decided by walks, explore for it"), "{found}");
}

#[test]
fn every_property_that_fails_is_reported_once_with_its_own_story() {
    let found = walks(&Reserve::with_sign_unchecked(2))
        .alphabet(alphabet(2))
        .properties([never_two_late_offers(), reserve_is_kept(), never_suspended_beside_a_refund()])
        .walks(100_000)
        .seed(1)
        .run();
    let mut lengths: Vec<usize> = found.findings.iter().map(|finding| finding.story.len()).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [6, 10, 10], "{found}");
    assert!(found.walks < 100_000, "nothing is left to look for");
}

#[test]
fn a_panic_of_the_model_is_a_finding_with_its_shortest_story() {
    let jar = decider(
        || 0u8,
        |by: &u8, held: &u8| {
            if *by == 4 && *held == 7 { panic!("seven and four") } else { Ok::<_, ()>(vec![*by]) }
        },
        |held: u8, by: &u8| (held + by) % 16,
    );
    let found = walks(&jar).alphabet(|_| vec![1, 2, 3, 4]).seed(1).run();
    assert_eq!(found.findings.len(), 1);
    let finding = &found.findings[0];
    assert_eq!(said(&finding.failed), "the model panicked: seven and four");
    assert_eq!(finding.story.commands, [3, 4, 4]);
    assert!(finding.proved_shortest(), "{finding}");
}

#[test]
fn a_search_that_ends_at_its_budget_says_so() {
    let found = walks(&Reserve::of(2))
        .alphabet(alphabet(2))
        .property(never_two_late_offers())
        .walks(100_000)
        .search(100)
        .seed(1)
        .run();
    let finding = &found.findings[0];
    assert!(matches!(finding.shortest, Shortest::BudgetEnded { states: 100, up_to: 2..5 }), "{finding}");
    assert!(!finding.proved_shortest());
    assert!(finding.to_string().contains("not proved shortest: the search ended at 100 states"), "{finding}");
}

#[test]
fn walks_begin_where_they_are_told_to() {
    let reserve = Reserve::with_sign_unchecked(2);
    let found = walks(&reserve)
        .alphabet(alphabet(2))
        .from([Event::Opened(0), Event::Opened(1), Event::Offered { customer: 1, price: 6 }])
        .property(reserve_is_kept())
        .walks(20_000)
        .seed(1)
        .run();
    let finding = &found.findings[0];
    assert_eq!((finding.story.given.len(), finding.story.len()), (3, 3), "{finding}");
    assert!(finding.story.state(&reserve).reserve > RESERVE);
}

#[test]
fn the_other_values_that_fail_too_are_told() {
    let found = walks(&Reserve::with_sign_unchecked(2))
        .alphabet(alphabet(2))
        .property(reserve_is_kept())
        .walks(20_000)
        .seed(1)
        .run();
    let page = found.findings[0].to_string();
    assert!(page.contains("// also Offer { customer: 0, price: 2..=6 }"), "{page}");
}

#[test]
#[should_panic(expected = "there is room for two more")]
fn a_test_is_one_line() {
    let lift = lift();
    walks(&lift)
        .alphabet(three)
        .property(Property::always("there is room for two more", |n| *n <= 6))
        .assert();
}

#[test]
fn arguments_from_a_strategy_shrink_as_proptest_shrinks_them() {
    let till =
        decider(|| 0u64, |coins: &u64, _: &u64| Ok::<_, ()>(vec![*coins]), |sum, coins: &u64| sum + coins);
    let found = walks(&till)
        .commands(|_| 0..1_000u64)
        .property(Property::always_step("nobody brings 500 at once", |step| *step.command < 500))
        .seed(1)
        .run();
    assert_eq!(found.findings[0].story.commands, [500]);
    assert_eq!(found.findings[0].shortest, Shortest::NotSearched);
}

/// What was said, without the place where.
fn said(message: &str) -> &str {
    message.rsplit_once(" (tests/").map_or(message, |(said, _)| said)
}
