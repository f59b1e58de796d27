//! A matcher is a fold: fed event by event, fed at once and gone on from a stored state at any point, it is in the same state and tells
//! the same.

#[path = "patterns/random.rs"]
mod random;

use leftfold::Fold;
use leftfold::pattern::{CollectedMatches, Matching, Observed, Observer};
use leftfold::recorded::Timestamp;
use proptest::prelude::*;
use random::{Happened, description, history, told_all, told_matches, told_timeouts};

type State = Matching<Happened, u8>;

/// Written as JSON and read again.
fn stored(state: &State) -> State {
    serde_json::from_str(&serde_json::to_string(state).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn event_by_event_at_once_and_from_a_stored_state_are_the_same(
        description in description(),
        observed in history(20),
    ) {
        let matcher = description.matcher().unwrap();
        let at_once = matcher.fold(&observed);

        let mut state = matcher.initial_state();
        let mut restored = matcher.initial_state();
        for observed in &observed {
            // Somebody keeps the state before: it is not changed by what comes after.
            let (before, told) = (state.clone(), format!("{state:?}"));
            state = matcher.evolve(state, observed);
            prop_assert_eq!(told, format!("{before:?}"));
            // And from a state that is stored and read again before every single event.
            restored = matcher.evolve(stored(&restored), observed);
            prop_assert_eq!(&restored, &state);
            prop_assert_eq!(restored.live(), state.live());
        }
        prop_assert_eq!(&state, &at_once);
        let bytes = postcard::to_allocvec(&state).unwrap();
        prop_assert_eq!(&postcard::from_bytes::<State>(&bytes).unwrap(), &state);
    }

    #[test]
    fn resumed_at_any_point_all_the_rest_is_told_alike(
        description in description(),
        observed in history(20),
        cut in any::<prop::sample::Index>(),
    ) {
        let cut = cut.index(observed.len() + 1);
        let matcher = description.matcher().unwrap().collecting();
        let at_once = matcher.fold(&observed);
        let half = matcher.fold(&observed[..cut]);
        let half: CollectedMatches<Happened, u8> =
            serde_json::from_str(&serde_json::to_string(&half).unwrap()).unwrap();
        prop_assert_eq!(matcher.fold_from(half, &observed[cut..]), at_once);
    }

    #[test]
    fn what_is_collected_is_what_was_told(description in description(), observed in history(20)) {
        let matcher = description.matcher().unwrap();
        let collected = matcher.clone().collecting().fold(&observed);
        let (mut matches, mut timed_out) = (Vec::new(), Vec::new());
        let mut state = matcher.initial_state();
        for observed in &observed {
            state = matcher.evolve(state, observed);
            matches.extend(told_matches(state.latest().unwrap()));
            timed_out.extend(told_timeouts(state.latest_timed_out().unwrap()));
        }
        prop_assert_eq!(told_all(collected.matches().unwrap()), matches);
        prop_assert_eq!(told_timeouts(collected.timed_out().unwrap()), timed_out);
    }

    #[test]
    fn time_told_beside_events_changes_no_match(description in description(), observed in history(20)) {
        // Each time is told once more before its event: what ends before it has ended then.
        let ticking: Vec<Observed<Happened>> = observed.iter().flat_map(|observed| {
            let (Observed::Event { at, .. } | Observed::Time(at)) = observed;
            [Observed::Time(*at), observed.clone()]
        }).collect();
        let matcher = description.matcher().unwrap().collecting();
        prop_assert_eq!(
            told_all(matcher.fold(&ticking).matches().unwrap()),
            told_all(matcher.fold(&observed).matches().unwrap())
        );
    }

    #[test]
    fn by_value_and_by_reference_are_the_same(description in description(), observed in history(20)) {
        let matcher = description.matcher().unwrap();
        let by_reference = observed.iter().fold(matcher.initial_state(), |state, observed| match observed {
            Observed::Event { at, event } => matcher.observe(state, *at, event),
            Observed::Time(at) => matcher.advance_to(state, *at),
        });
        prop_assert_eq!(matcher.fold(&observed), by_reference);
    }

    #[test]
    fn a_late_event_that_is_ignored_leaves_no_trace_but_its_count(
        description in description(),
        observed in history(20),
        (at, back) in (any::<prop::sample::Index>(), 1i64..20),
        late in (0u8..2, 0u8..4, 0u8..5),
    ) {
        let pattern = description.pattern().late_events(leftfold::pattern::Late::Ignored);
        let matcher = pattern.bounded(1_000_000).compile().unwrap().collecting();
        let at = at.index(observed.len() + 1);
        let now = matcher.fold(&observed[..at]).matching().now();
        let mut with_late = observed.clone();
        let (key, kind, value) = late;
        let late = Happened { key: Some(key), kind, value };
        if let Some(now) = now {
            let before = Timestamp::from_second(now.as_second() - back).unwrap();
            with_late.insert(at, Observed::event(before, late));
        }
        let (with_late, without) = (matcher.fold(&with_late), matcher.fold(&observed));
        prop_assert_eq!(with_late.matches(), without.matches());
        prop_assert_eq!(with_late.matching().seen(), without.matching().seen());
        prop_assert_eq!(with_late.matching().ignored(), u64::from(now.is_some()));
    }
}
