//! Each word of a pattern does what its documentation says: the examples of Flink CEP's documentation, with the results that it prints, and
//! the bounds of an interval.

use leftfold::pattern::{Matcher, Observed, Observer, Pattern, SignedDuration, Skip};
use leftfold::recorded::Timestamp;
use leftfold::{Fold, given_view};

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// An event a second: `a c b1 b2`.
fn seconds(events: &'static str) -> Vec<Observed<&'static str>> {
    (0..).zip(events.split(' ')).map(|(at, event)| Observed::event(second(at), event)).collect()
}

fn is(kind: char) -> impl Fn(&&'static str) -> bool + Send + Sync + 'static {
    move |event| event.starts_with(kind)
}

/// What is found in a history, each match as its events.
fn found(pattern: Pattern<&'static str>, events: &'static str) -> Vec<String> {
    let state = pattern.compile().unwrap().collecting().fold(&seconds(events));
    let matches = state.matches().unwrap().iter();
    let told = |captures: &leftfold::pattern::Captures<&'static str>| {
        captures.iter().map(|(_, capture)| capture.event).collect::<Vec<_>>().join(" ")
    };
    matches.map(|found| told(&found.captures)).collect()
}

/// The same without the order, which is this crate's own.
fn sorted(mut all: Vec<String>) -> Vec<String> {
    all.sort();
    all
}

fn a() -> Pattern<&'static str> {
    Pattern::named("example").start("a", is('a'))
}

fn nothing() -> Vec<String> {
    Vec::new()
}

// --------------------------------------------------------------------------------------------------- contiguity

#[test]
fn next_is_the_very_next_event() {
    assert_eq!(found(a().next("b", is('b')), "a c b1 b2"), nothing());
    assert_eq!(found(a().next("b", is('b')), "a b1 b2"), ["a b1"]);
}

#[test]
fn followed_by_skips_what_does_not_match_up_to_the_first_that_does() {
    assert_eq!(found(a().followed_by("b", is('b')), "a c b1 b2"), ["a b1"]);
}

#[test]
fn followed_by_any_keeps_alternatives() {
    assert_eq!(found(a().followed_by_any("b", is('b')), "a c b1 b2"), ["a b1", "a b2"]);
}

#[test]
fn not_followed_by_ends_what_it_stands_behind() {
    let pattern = || a().not_followed_by("c", is('c')).followed_by("b", is('b'));
    assert_eq!(found(pattern(), "a b1"), ["a b1"]);
    assert_eq!(found(pattern(), "a c b1"), nothing());
    assert_eq!(found(pattern(), "a b1 c b2"), ["a b1"], "what comes after is not between");
}

#[test]
fn an_event_that_is_captured_is_not_one_that_stands_between() {
    let pattern = a().not_followed_by("no b", is('b')).followed_by("b", is('b'));
    assert_eq!(found(pattern, "a b1"), ["a b1"]);
}

#[test]
fn a_pattern_is_told_in_words() {
    let pattern = a()
        .times(2)
        .consecutive()
        .next("b", is('b'))
        .not_followed_by("c", is('c'))
        .followed_by_any("d", is('d'))
        .one_or_more()
        .combinations()
        .followed_by("e", is('e'))
        .at_least(3)
        .within(SignedDuration::from_mins(90));
    let words = "example: a 2 times (consecutive), next b, not followed by c, followed by any d one or more times (in any combination), \
                 followed by e 3 or more times, within 1h 30m";
    assert_eq!(pattern.to_string(), words);
    assert_eq!(format!("{pattern:?}"), format!("Pattern({words})"));
    let skipping = pattern.after_match(Skip::to_last("b"));
    assert_eq!(skipping.to_string(), format!("{words}; after a match, from its last b on"));
}

// --------------------------------------------------------------------------------------------------- quantifiers

#[test]
fn inside_a_step_what_does_not_match_is_skipped() {
    let pattern = a().followed_by_any("b", is('b')).one_or_more().followed_by("c", is('c'));
    assert_eq!(
        sorted(found(pattern, "a b1 d1 b2 d2 b3 c")),
        ["a b1 b2 b3 c", "a b1 b2 c", "a b1 c", "a b2 b3 c", "a b2 c", "a b3 c"]
    );
}

#[test]
fn combinations_are_all_of_them() {
    let pattern = a().followed_by_any("b", is('b')).one_or_more().combinations().followed_by("c", is('c'));
    assert_eq!(
        sorted(found(pattern, "a b1 d1 b2 d2 b3 c")),
        ["a b1 b2 b3 c", "a b1 b2 c", "a b1 b3 c", "a b1 c", "a b2 b3 c", "a b2 c", "a b3 c"]
    );
}

/// A `c`, then one `a` or more, then a `b`.
fn c_a_b(inside: fn(Pattern<&'static str>) -> Pattern<&'static str>) -> Vec<String> {
    let c = Pattern::named("example").start("start", is('c')).followed_by("middle", is('a')).one_or_more();
    found(inside(c).followed_by("end", is('b')), "c d a1 a2 a3 d a4 b")
}

#[test]
fn one_or_more_stops_at_each_place_where_it_can() {
    assert_eq!(c_a_b(|pattern| pattern), ["c a1 a2 a3 a4 b", "c a1 a2 a3 b", "c a1 a2 b", "c a1 b"]);
}

#[test]
fn consecutive_stops_at_the_first_that_does_not_match() {
    assert_eq!(c_a_b(Pattern::consecutive), ["c a1 a2 a3 b", "c a1 a2 b", "c a1 b"]);
}

#[test]
fn combinations_of_followed_by_begin_anywhere_behind_the_first() {
    // Flink's page also lists combinations without `a1`; its `followedBy` takes the first `a`, and so does this one.
    assert_eq!(
        c_a_b(Pattern::combinations),
        [
            "c a1 a2 a3 a4 b",
            "c a1 a2 a3 b",
            "c a1 a2 a4 b",
            "c a1 a2 b",
            "c a1 a3 a4 b",
            "c a1 a3 b",
            "c a1 a4 b",
            "c a1 b"
        ]
    );
}

#[test]
fn times_is_exactly_so_often() {
    assert_eq!(found(a().times(2).next("b", is('b')), "a1 a2 a3 b"), ["a2 a3 b"]);
    assert_eq!(found(a().times(2), "a1 x a2 a3"), ["a1 a2", "a2 a3"]);
    assert_eq!(found(a().times(2).consecutive(), "a1 x a2 a3"), ["a2 a3"]);
}

#[test]
fn at_least_is_so_often_or_more() {
    assert_eq!(found(a().at_least(2).next("b", is('b')), "a1 a2 a3 b"), ["a1 a2 a3 b", "a2 a3 b"]);
}

// --------------------------------------------------------------------------------------------------- skip strategies

fn b_c(skip: Skip) -> Vec<String> {
    let pattern = Pattern::named("example").start("b", is('b')).one_or_more().next("c", is('c'));
    found(pattern.after_match(skip), "b1 b2 b3 c")
}

#[test]
fn a_skip_strategy_discards_what_its_table_says() {
    let all = ["b1 b2 b3 c", "b2 b3 c", "b3 c"];
    assert_eq!(b_c(Skip::Nothing), all);
    assert_eq!(b_c(Skip::ToNext), all);
    assert_eq!(b_c(Skip::to_first("b")), all);
    assert_eq!(b_c(Skip::to_last("b")), ["b1 b2 b3 c", "b3 c"]);
    assert_eq!(b_c(Skip::PastLastEvent), ["b1 b2 b3 c"]);
}

#[test]
fn skipping_to_next_leaves_one_match_for_each_beginning() {
    let pattern = || a().followed_by("b", is('b')).one_or_more();
    assert_eq!(found(pattern(), "a b1 b2 b3"), ["a b1", "a b1 b2", "a b1 b2 b3"]);
    assert_eq!(found(pattern().after_match(Skip::ToNext), "a b1 b2 b3"), ["a b1"]);
}

#[test]
fn skipping_to_the_first_of_a_later_step_passes_over_beginnings_before_it() {
    let any_of =
        |kinds: &'static str| move |event: &&'static str| event.starts_with(|kind| kinds.contains(kind));
    let pattern = || {
        Pattern::named("example")
            .start("first", any_of("abc"))
            .next("second", any_of("bc"))
            .next("c", is('c'))
            .one_or_more()
            .consecutive()
            .next("d", is('d'))
    };
    let history = "a b c1 c2 c3 d";
    assert_eq!(found(pattern(), history), ["a b c1 c2 c3 d", "b c1 c2 c3 d", "c1 c2 c3 d"]);
    let skipped = found(pattern().after_match(Skip::to_first("c")), history);
    assert_eq!(skipped, ["a b c1 c2 c3 d", "c1 c2 c3 d"]);
}

#[test]
fn a_match_waits_for_one_that_began_before_it() {
    // What began with a1 may still become a match, and would discard the one that began with a2.
    let pattern = || {
        a().followed_by("end", |event: &&'static str| event.ends_with('!'))
            .provided(|end, before| before.first("a").is_some_and(|a| a.event[1..2] == end[1..2]))
            .within(SignedDuration::from_secs(10))
            .after_match(Skip::PastLastEvent)
    };
    assert_eq!(found(pattern(), "a1 a2 x2! x1!"), ["a1 x1!"]);
    assert_eq!(found(pattern(), "a1 a2 x2!"), nothing(), "it waits");
    let mut history = seconds("a1 a2 x2!");
    history.push(Observed::Time(second(11)));
    let state = pattern().compile().unwrap().fold(&history);
    assert_eq!(state.latest().unwrap().len(), 1, "a1 can end no longer, so a2 is told");
}

// --------------------------------------------------------------------------------------------------- time

fn undone_within_ten_seconds() -> Matcher<&'static str> {
    let pattern = a().not_followed_by("b", is('b')).within(SignedDuration::from_secs(10));
    pattern.reporting_timeouts().compile().unwrap()
}

#[test]
fn the_end_of_an_interval_is_in_it() {
    let soon = a().followed_by("b", is('b')).within(SignedDuration::from_secs(10)).compile().unwrap();
    let b_at = |at| [Observed::event(second(5), "a"), Observed::event(at, "b")];
    given_view(&soon, b_at(second(15))).then_state("it is a match", |state| state.matched() == Ok(1));
    let too_late = second(15) + SignedDuration::from_nanos(1);
    given_view(&soon, b_at(too_late)).then_state("it is none", |state| state.matched() == Ok(0));
}

#[test]
fn an_interval_of_zero_is_one_moment() {
    let at_once = a().followed_by("b", is('b')).within(SignedDuration::ZERO).compile().unwrap();
    let a_then_b =
        |seconds: i64| [Observed::event(second(5), "a"), Observed::event(second(5 + seconds), "b")];
    assert_eq!(at_once.fold(&a_then_b(0)).matched(), Ok(1));
    assert_eq!(at_once.fold(&a_then_b(1)).matched(), Ok(0));
}

#[test]
fn an_absence_is_concluded_once_the_interval_has_passed() {
    let undone = undone_within_ten_seconds();
    let given =
        |now| given_view(undone_within_ten_seconds(), [Observed::event(second(0), "a"), Observed::Time(now)]);
    given(second(10)).then_state("a b may still come in this very second", |state| state.live() == 1);
    given(second(11)).then_state("none has come", |state| {
        state.latest().is_ok_and(|latest| latest.len() == 1 && latest[0].at == second(10))
            && state.live() == 0
    });
    let b_in_time =
        [Observed::event(second(0), "a"), Observed::event(second(10), "b"), Observed::Time(second(11))];
    assert_eq!(undone.fold(&b_in_time).matched(), Ok(0));
    let b_too_late = [Observed::event(second(0), "a"), Observed::event(second(11), "b")];
    assert_eq!(undone.fold(&b_too_late).matched(), Ok(1), "the event that comes too late concludes it");
}

#[test]
fn what_times_out_is_told_on_request() {
    let pattern =
        || a().followed_by("b", is('b')).followed_by("c", is('c')).within(SignedDuration::from_secs(10));
    let mut history = seconds("a1 a2 b");
    history.push(Observed::Time(second(11)));
    let told = |pattern: Pattern<&'static str>| {
        let state = pattern.compile().unwrap().fold(&history);
        let told = state.latest_timed_out().unwrap().iter();
        told.map(|timed_out| (timed_out.at, timed_out.captures.iter().count())).collect::<Vec<_>>()
    };
    assert_eq!(told(pattern().reporting_timeouts()), [(second(10), 2)], "a2 has a second left");
    assert_eq!(told(pattern()), []);
}

#[test]
fn an_interval_beyond_the_end_of_time_ends_there() {
    let pattern = a().followed_by("b", is('b')).within(SignedDuration::MAX).compile().unwrap();
    assert_eq!(pattern.fold(&seconds("a b")).matched(), Ok(1));
}

// --------------------------------------------------------------------------------------------------- captured events

#[test]
fn a_condition_may_look_at_what_was_captured_before() {
    let rising = Pattern::named("rising")
        .start("first", |_: &u32| true)
        .next("higher", |_| true)
        .times(2)
        .consecutive()
        .provided(|value, before| before.iter().last().is_some_and(|(_, last)| *value > last.event))
        .compile()
        .unwrap();
    let history = [5u32, 1, 2, 3, 2].map(|value| Observed::event(second(value.into()), value));
    let unordered = rising.fold(&history);
    assert!(unordered.error().is_some(), "the times fall");
    let history: Vec<_> =
        (0..).zip([5u32, 1, 2, 3, 2]).map(|(at, value)| Observed::event(second(at), value)).collect();
    let state = rising.collecting().fold(&history);
    let found = &state.matches().unwrap()[0];
    assert_eq!(found.captures.first("first").map(|capture| (capture.number, capture.event)), Some((2, 1)));
    assert_eq!(found.captures.last("higher").map(|capture| capture.event), Some(3));
    assert_eq!(found.captures.all("higher").len(), 2);
    assert!(found.captures.first("lower").is_none());
    assert_eq!(state.matches().unwrap().len(), 1);
}

#[test]
fn two_conditions_said_of_one_step_both_hold() {
    let pattern = |least: u32| {
        Pattern::named("both")
            .start("any", |_: &u32| true)
            .next("next", |_| true)
            .provided(|next, before| before.first("any").is_some_and(|any| *next > any.event))
            .provided(move |next, _| *next >= least)
            .compile()
            .unwrap()
    };
    let history = [Observed::event(second(1), 1u32), Observed::event(second(2), 2)];
    assert_eq!(pattern(2).fold(&history).matched(), Ok(1));
    assert_eq!(pattern(3).fold(&history).matched(), Ok(0), "the second does not");
    let history = [Observed::event(second(1), 3u32), Observed::event(second(2), 3)];
    assert_eq!(pattern(3).fold(&history).matched(), Ok(0), "the first does not");
}

#[test]
fn each_key_is_matched_by_itself() {
    let pattern = Pattern::named("by key")
        .start("a", |event: &(&str, char)| event.1 == 'a')
        .next("b", |event| event.1 == 'b')
        .partition_by_ref(|event| (!event.0.is_empty()).then_some(event.0))
        .compile()
        .unwrap();
    let events = [("petra", 'a'), ("alex", 'b'), ("", 'x'), ("petra", 'b'), ("alex", 'a'), ("petra", 'b')];
    let history: Vec<_> = (0..).zip(events).map(|(at, event)| Observed::event(second(at), event)).collect();
    let state = pattern.collecting().fold(&history);
    let keys: Vec<&str> = state.matches().unwrap().iter().map(|found| found.key.as_str()).collect();
    assert_eq!(keys, ["petra"], "what happens to others, or to nobody, stands between nothing");
}

/// Two of the same doctor and slot: neither the event has such a pair inside, nor can it be borrowed.
#[test]
fn a_key_may_be_computed() {
    let twice = Pattern::named("booked twice")
        .start("one", |_: &(u8, &str)| true)
        .followed_by("other", |_| true)
        .partition_by(|(doctor, slot)| (*doctor > 0).then(|| format!("{doctor} at {slot}")))
        .compile()
        .unwrap()
        .collecting();
    let events = [(1, "nine"), (2, "nine"), (0, "ten"), (1, "ten"), (0, "ten"), (2, "nine")];
    let state = twice.timed_by(|_| second(1)).fold(&events);
    let keys: Vec<&str> = state.matches().unwrap().iter().map(|found| found.key.as_str()).collect();
    assert_eq!(keys, ["2 at nine"]);
}

#[test]
fn events_may_have_no_time() {
    let soon = Pattern::named("soon")
        .start("a", |event: &(Option<i64>, char)| event.1 == 'a')
        .followed_by("b", |event| event.1 == 'b')
        .within(SignedDuration::from_secs(5))
        .compile()
        .unwrap()
        .timed_by(|(at, _)| at.map(second));
    let found = |events: &[(Option<i64>, char)]| {
        let state = soon.fold(events);
        (state.matched().unwrap(), state.ignored())
    };
    assert_eq!(found(&[(Some(1), 'a'), (None, 'b')]), (1, 0), "at the time of the event before it");
    assert_eq!(found(&[(Some(1), 'a'), (Some(9), 'x'), (None, 'b')]), (0, 0), "which is too late here");
    assert_eq!(found(&[(None, 'a'), (Some(1), 'b')]), (0, 1), "nobody knows whether it was soon");
    assert_eq!(found(&[(None, 'a'), (None, 'b')]), (0, 2));
}

/// Whatever happened before the first time may have happened long ago: no absence since then is concluded.
#[test]
fn nothing_is_absent_after_an_event_whose_time_nobody_knows() {
    let unanswered = Pattern::named("unanswered")
        .start("asked", |event: &(Option<i64>, char)| event.1 == 'a')
        .not_followed_by("answered", |event| event.1 == 'b')
        .within(SignedDuration::from_secs(5))
        .compile()
        .unwrap()
        .timed_by(|(at, _)| at.map(second));
    assert_eq!(unanswered.fold(&[(None, 'a'), (Some(100), 'x')]).matched(), Ok(0));
    assert_eq!(unanswered.fold(&[(Some(1), 'x'), (None, 'a'), (Some(100), 'x')]).matched(), Ok(1));
}
