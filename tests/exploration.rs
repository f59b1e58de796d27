//! Exploration visits every state there is, once, and finds the shortest history to what is wrong.

#[path = "models/reserve.rs"]
mod reserve;

use leftfold::check::{ExplorationVerdict, PropertyAnswer, explore};
use reserve::{Reserve, alphabet};

#[test]
fn every_state_of_the_reserve_is_found_once() {
    for (customers, states) in [(1, 132), (2, 14_288)] {
        let found =
            explore(&Reserve::of(customers), alphabet(customers)).property(reserve::reserve_is_kept()).run();
        assert_eq!(found.verdict, ExplorationVerdict::Exhausted);
        assert_eq!(found.states, states, "with {customers} customers");
        assert_eq!(found.visited, states);
        assert!(found.holds(), "{found}");
    }
}

#[test]
fn states_kept_and_fingerprints_are_counted_alike() {
    let kept = explore(&Reserve::of(2), alphabet(2)).keep_states().run();
    let compact = explore(&Reserve::of(2), alphabet(2)).compact().run();
    let exact = explore(&Reserve::of(2), alphabet(2)).run();
    for found in [&kept, &compact] {
        assert_eq!(
            (found.states, found.accepted, found.refused, found.deepest),
            (exact.states, exact.accepted, exact.refused, exact.deepest)
        );
    }
    assert!(compact.collision.is_some_and(|p| p > 0.0 && p < 1e-30), "{:?}", compact.collision);
    assert!(exact.collision.is_none());
}

#[test]
#[ignore = "takes a minute without optimization"]
fn every_state_of_three_customers_is_found_once() {
    let found = explore(&Reserve::of(3), alphabet(3)).property(reserve::reserve_is_kept()).threads(2).run();
    assert_eq!((found.states, found.deepest), (1_365_440, 24));
    assert!(found.holds(), "{found}");
}

#[test]
fn planted_bugs_are_found_with_their_shortest_histories() {
    let unchecked = Reserve::with_sign_unchecked(2);
    for (model, property, commands) in [
        (unchecked, reserve::reserve_is_kept(), 6),
        (Reserve::of(2), reserve::never_suspended_beside_a_refund(), 10),
        (Reserve::of(2), reserve::never_two_late_offers(), 10),
    ] {
        let found = explore(&model, alphabet(2)).property(property.clone()).until_decided().run();
        let Some(PropertyAnswer::Violated(story)) = found.answer(property.name()) else { panic!("{found}") };
        assert_eq!(story.len(), commands, "{found}");
        let again = explore(&model, alphabet(2)).property(property.clone()).depth(commands - 1).run();
        assert!(matches!(again.answer(property.name()), Some(PropertyAnswer::Undecided)), "{again}");
    }
}

#[test]
fn all_violated_properties_are_reported_each_with_its_own_history() {
    let found = explore(&Reserve::of(2), alphabet(2))
        .properties([reserve::never_suspended_beside_a_refund(), reserve::never_two_late_offers()])
        .run();
    let lengths: Vec<_> =
        found.violations().map(|finding| finding.answer.story().map(leftfold::check::Story::len)).collect();
    assert_eq!(lengths, [Some(10), Some(10)]);
}
