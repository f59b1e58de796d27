//! A pattern that makes no sense is refused with a sentence, and an answer that would have lost something is none.

use leftfold::Fold;
use leftfold::pattern::{Late, Observed, Observer, Pattern, PatternError, SignedDuration, Skip};
use leftfold::recorded::Timestamp;

fn yes(_: &u32) -> bool {
    true
}

fn begun() -> Pattern<u32> {
    Pattern::named("p").start("a", yes)
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[track_caller]
fn refused(pattern: Pattern<u32>, sentence: &str) {
    assert_eq!(pattern.compile().unwrap_err().to_string(), sentence);
}

#[test]
fn an_empty_interval_is_refused() {
    refused(
        begun().within(SignedDuration::from_mins(-5)),
        "the pattern \"p\" is to happen within 5m ago, which is before it begins; give an interval of zero or more",
    );
}

#[test]
fn zero_times_are_refused() {
    let sentence = "the step \"a\" of the pattern \"p\" is to happen zero times; ask for one or more, or say `not_followed_by`";
    refused(begun().times(0), sentence);
    refused(begun().at_least(0), sentence);
}

#[test]
fn an_absence_that_cannot_be_concluded_or_broken_is_refused() {
    refused(
        begun().not_followed_by("b", yes),
        "the pattern \"p\" ends with the absence of \"b\" and has no interval, so it can never be concluded; say `within`",
    );
    refused(
        begun().not_followed_by("b", yes).next("c", yes),
        "the absence \"b\" of the pattern \"p\" can never be broken: nothing happens between a step and its `next`; say `followed_by`, or leave the absence out",
    );
    refused(
        begun().not_followed_by("b", yes).times(2),
        "the absence \"b\" of the pattern \"p\" cannot be counted: what does not happen happens no times; leave the quantifier out",
    );
}

#[test]
fn what_is_said_twice_is_refused() {
    refused(
        begun().followed_by("a", yes),
        "the pattern \"p\" has two steps called \"a\"; captured events are found by name, so give each its own",
    );
    refused(
        begun().within(SignedDuration::ZERO).within(SignedDuration::ZERO),
        "the pattern \"p\" has two intervals; say `within` once, for the whole pattern",
    );
    let sentence =
        "the step \"a\" of the pattern \"p\" says twice how often it is to happen; keep one of the two";
    refused(begun().times(2).at_least(2), sentence);
}

#[test]
fn how_events_of_a_step_follow_each_other_is_said_once_and_of_several() {
    let sentence = "the step \"a\" of the pattern \"p\" says how its events follow each other, but it happens once; say how often before";
    refused(begun().consecutive(), sentence);
    refused(begun().combinations(), sentence);
    let twice = begun().times(2).consecutive().combinations().compile().unwrap_err();
    assert!(matches!(twice, PatternError::SecondContiguity { .. }), "{twice}");
}

#[test]
fn a_skip_to_what_is_not_captured_is_refused() {
    let pattern = begun().not_followed_by("b", yes).followed_by("c", yes);
    refused(
        pattern.after_match(Skip::to_first("b")),
        "the pattern \"p\" is to skip to \"b\" after a match, and captures no such step; its steps are a, c",
    );
}

#[test]
fn more_steps_than_fit_are_refused() {
    let of =
        |steps: usize| (1..steps).fold(begun(), |pattern, step| pattern.followed_by(format!("{step}"), yes));
    assert!(of(64).compile().is_ok());
    refused(of(65), "the pattern \"p\" has 65 steps and absences; 64 are the most");
}

#[test]
fn no_partial_match_at_all_is_refused() {
    refused(
        begun().bounded(0),
        "the pattern \"p\" may keep no partial match, so it can never match; allow one or more",
    );
}

#[test]
fn the_first_mistake_is_told() {
    let pattern = begun().times(0).within(SignedDuration::from_secs(-1)).bounded(0);
    assert!(matches!(pattern.compile(), Err(PatternError::NoTimes { .. })));
}

#[test]
fn a_time_that_goes_backwards_ends_the_answer() {
    let matcher = begun().followed_by("b", |event| *event == 2).compile().unwrap();
    let state = matcher.fold(&[Observed::event(second(5), 1), Observed::event(second(4), 2)]);
    let error = state.latest().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the pattern \"p\" observed 1970-01-01T00:00:04Z after 1970-01-01T00:00:05Z (events seen before: 1): time goes backwards; bring the \
         events into the order of their time, or say `late_events(Late::Ignored)`"
    );
    assert_eq!(state.matched().unwrap_err(), error);
    assert_eq!(state.error(), Some(&error));

    // Whatever comes after: no answer that has lost something.
    let later = matcher.evolve(state.clone(), &Observed::event(second(6), 2));
    assert_eq!(later, state);
    let backwards = matcher.fold(&[Observed::Time(second(5)), Observed::Time(second(4))]);
    assert!(matches!(backwards.error(), Some(PatternError::Late { seen: 0, .. })));
}

#[test]
fn an_error_comes_through_what_is_collected_and_stored() {
    let matcher = begun().compile().unwrap().collecting();
    let state = matcher.fold(&[Observed::event(second(5), 1), Observed::event(second(4), 2)]);
    assert!(state.matches().is_err() && state.timed_out().is_err());
    let stored = serde_json::to_string(state.matching()).unwrap();
    let restored: leftfold::pattern::Matching<u32> = serde_json::from_str(&stored).unwrap();
    assert_eq!(restored.error(), state.matching().error());
}

#[test]
fn a_late_event_is_passed_over_where_that_is_said() {
    let pattern = begun().followed_by("b", |event| *event == 2).late_events(Late::Ignored);
    let history =
        [Observed::event(second(5), 1), Observed::event(second(4), 2), Observed::event(second(5), 2)];
    let state = pattern.compile().unwrap().fold(&history);
    assert_eq!((state.matched(), state.seen(), state.ignored()), (Ok(1), 2, 1));
}

#[test]
fn events_of_the_same_time_are_not_late() {
    let matcher = begun().next("b", yes).compile().unwrap();
    assert_eq!(matcher.fold(&[1, 2].map(|event| Observed::event(second(5), event))).matched(), Ok(1));
}

#[test]
fn one_partial_match_too_many_ends_the_answer() {
    let matcher = begun().followed_by("b", |event| *event == 9).bounded(3).compile().unwrap();
    let three = [1, 2, 3].map(|event| Observed::event(second(5), event));
    let state = matcher.fold(&three);
    assert_eq!((state.error(), state.live()), (None, 3));
    let state = matcher.evolve(state, &Observed::event(second(6), 4));
    assert_eq!(
        state.latest().unwrap_err().to_string(),
        "the pattern \"p\" has 4 partial matches after 4 events, at 1970-01-01T00:00:06Z, and may keep 3; partition it, shorten its interval, \
         or raise `bounded`"
    );
    assert_eq!(state.live(), 0, "what is of no use is not kept");
}

#[test]
fn what_doubles_with_each_event_meets_the_bound() {
    let pattern = begun().one_or_more().combinations().followed_by("b", |event| *event == 9);
    let matcher = pattern.compile().unwrap();
    let history: Vec<_> = (0..1_000).map(|event| Observed::event(second(event), 1)).collect();
    let error = matcher.fold(&history).error().cloned();
    assert!(
        matches!(error, Some(PatternError::TooManyPartialMatches { bound: 100_000, seen: 17, .. })),
        "{error:?}"
    );
}

#[test]
fn matches_that_wait_for_others_count_against_the_bound() {
    let pattern = begun().followed_by("b", |event| *event == 9).provided(|_, before| {
        // What began first never ends.
        before.first("a").is_some_and(|a| a.number > 1)
    });
    let matcher = pattern.after_match(Skip::PastLastEvent).bounded(10).compile().unwrap();
    let history: Vec<_> =
        (0..20).map(|event| Observed::event(second(event), if event % 2 == 1 { 9 } else { 1 })).collect();
    assert!(matches!(matcher.fold(&history).error(), Some(PatternError::TooManyPartialMatches { .. })));
}

#[test]
fn a_state_of_another_pattern_is_not_taken_for_ones_own() {
    let (one, other) = (begun().compile().unwrap(), Pattern::named("q").start("a", yes).compile().unwrap());
    let state = one.fold(&[Observed::event(second(1), 1)]);
    let state = other.observe(state, second(2), &1);
    assert_eq!(
        state.latest().unwrap_err().to_string(),
        "the pattern \"q\" was given a state of \"p\"; fold the history again from the start"
    );
}

#[test]
fn a_state_that_names_a_step_which_is_not_there_is_refused() {
    let long = begun().followed_by("b", yes).followed_by("c", |event| *event == 9).compile().unwrap();
    let short = begun().times(2).compile().unwrap();
    let state = long.fold(&[1, 2].map(|event| Observed::event(second(1), event)));
    let state = short.observe(state, second(2), &9);
    assert!(matches!(state.error(), Some(PatternError::OtherShape { .. })));
}
