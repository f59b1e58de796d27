//! What is found is the same for any number of threads.

#[path = "models/reserve.rs"]
mod reserve;

use leftfold::check::{Property, explore};
use reserve::{Contract, Reserve, State, alphabet};

fn properties() -> Vec<Property<Reserve>> {
    vec![
        reserve::reserve_is_kept(),
        reserve::never_suspended_beside_a_refund(),
        reserve::never_two_late_offers(),
        Property::always_step("a refusal changes nothing", |step| {
            step.outcome.is_ok() || step.before == step.after
        }),
        Property::sometimes("somebody is suspended", |state: &State| {
            state.contracts.values().any(|contract| matches!(contract, Contract::Suspended { .. }))
        }),
        Property::never_stuck(),
        Property::always_possible("all can be ended", |state: &State| {
            state.contracts.values().all(|contract| matches!(contract, Contract::Terminated { .. }))
        }),
    ]
}

#[test]
fn pages_and_counts_are_the_same_for_any_number_of_threads() {
    let page = |threads: usize, unchecked: bool| {
        let model = if unchecked { Reserve::with_sign_unchecked(2) } else { Reserve::of(2) };
        let found =
            explore(&model, alphabet(2)).properties(properties()).threads(threads).states(20_000).run();
        (found.to_string(), found.states, found.accepted, found.refused)
    };
    for unchecked in [false, true] {
        let one = page(1, unchecked);
        for threads in [2, 3] {
            assert_eq!(page(threads, unchecked), one);
        }
    }
}
