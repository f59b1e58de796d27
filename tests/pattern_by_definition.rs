//! A matcher finds what the definition of a pattern says, at the moment at which it can be known, in the order promised, and keeps no more
//! than what is still open.

#[path = "patterns/definition.rs"]
mod definition;
#[path = "patterns/random.rs"]
mod random;

use definition::{by_definition, placed_in_time};
use leftfold::Fold;
use leftfold::pattern::{Observed, Observer};
use proptest::prelude::*;
use random::{After, Contiguity, Description, Happened, description, history, told_matches, told_timeouts};

fn agree(description: &Description, observed: &[Observed<Happened>]) -> Result<usize, TestCaseError> {
    let matcher = description.matcher().unwrap();
    let expected = by_definition(description, observed);
    let mut state = matcher.initial_state();
    let mut matched = 0;
    for (observed, (matches, mut timed_out, live)) in observed.iter().zip(expected) {
        state = matcher.evolve(state, observed);
        prop_assert_eq!(told_matches(state.latest().unwrap()), matches.clone(), "matches at {:?}", observed);
        // The order of alternatives of one beginning is not promised.
        let mut told = told_timeouts(state.latest_timed_out().unwrap());
        told.sort();
        timed_out.sort();
        prop_assert_eq!(told, timed_out, "timed out at {:?}", observed);
        prop_assert_eq!(state.live(), live, "alive after {:?}", observed);
        matched += matches.len();
    }
    prop_assert_eq!(state.matched().unwrap(), matched as u64);
    Ok(matched)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn a_matcher_finds_what_the_definition_says(description in description(), observed in history(13)) {
        agree(&description, &observed)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, ..ProptestConfig::default() })]

    /// Events without a time happen at the latest time observed; before the first time, they are skipped and counted.
    #[test]
    fn an_event_without_a_time_has_its_place_by_definition(
        description in description(),
        observed in history(13),
        without_time in prop::collection::vec(prop::bool::weighted(0.4), 13),
    ) {
        let observed: Vec<(Option<_>, Option<Happened>)> = observed.into_iter().zip(without_time).map(|(one, without)| {
            match one {
                Observed::Event { at, event } => ((!without).then_some(at), Some(event)),
                Observed::Time(at) => (Some(at), None),
            }
        }).collect();
        let placed = placed_in_time(&observed);
        let known: Vec<Observed<Happened>> = placed.iter().flatten().cloned().collect();
        agree(&description, &known)?;

        let matcher = description.matcher().unwrap();
        let (mut state, mut with_times) = (matcher.initial_state(), matcher.initial_state());
        for ((at, event), placed) in observed.iter().zip(&placed) {
            state = match (at, event) {
                (at, Some(event)) => matcher.observe(state, *at, event),
                (Some(at), None) => matcher.advance_to(state, *at),
                (None, None) => unreachable!("time that passes has a time"),
            };
            if let Some(placed) = placed {
                with_times = matcher.evolve(with_times, placed);
            }
            prop_assert_eq!(told_matches(state.latest().unwrap()), told_matches(with_times.latest().unwrap()));
            prop_assert_eq!(state.now(), with_times.now());
        }
        prop_assert_eq!(state.ignored(), placed.iter().filter(|placed| placed.is_none()).count() as u64);
        prop_assert_eq!((state.seen(), state.matched()), (with_times.seen(), with_times.matched()));
    }
}

/// The property above would hold of a matcher and a definition that both find nothing.
#[test]
fn the_random_histories_match_in_every_contiguity_quantifier_and_strategy() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

    let mut runner =
        TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut found = std::collections::BTreeMap::<&str, usize>::new();
    for _ in 0..5_000 {
        let description = description().new_tree(&mut runner).unwrap().current();
        let observed = history(13).new_tree(&mut runner).unwrap().current();
        if agree(&description, &observed).unwrap() == 0 {
            continue;
        }
        let mut count = |what| *found.entry(what).or_default() += 1;
        for (number, step) in description.steps.iter().enumerate() {
            match (number, step.contiguity) {
                (0, _) => {}
                (_, Contiguity::Strict) => count("next"),
                (_, Contiguity::Relaxed) => count("followed by"),
                (_, Contiguity::Any) => count("followed by any"),
            }
            match (step.times, step.inner) {
                (None, _) => {}
                (Some((_, u32::MAX)), Contiguity::Strict) => count("at least, consecutive"),
                (Some((_, u32::MAX)), Contiguity::Relaxed) => count("at least"),
                (Some((_, u32::MAX)), Contiguity::Any) => count("at least, combinations"),
                (Some((1, _)), _) => count("times 1"),
                (Some(_), Contiguity::Strict) => count("times, consecutive"),
                (Some(_), Contiguity::Relaxed) => count("times"),
                (Some(_), Contiguity::Any) => count("times, combinations"),
            }
            if number > 0 && !step.absent.is_empty() {
                count("absence between");
            }
        }
        if !description.ending.is_empty() {
            count("absence at the end");
        }
        count(match description.after {
            After::Nothing => "no skip",
            After::ToNext => "skip to next",
            After::PastLastEvent => "skip past last event",
            After::ToFirst(_) => "skip to first",
            After::ToLast(_) => "skip to last",
        });
    }
    assert_eq!(found.len(), 17, "{found:?}");
    assert!(found.values().all(|&times| times >= 10), "{found:?}");
}
