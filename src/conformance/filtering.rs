//! Filters select events by their metadata and envelope.

use super::entries::positions;
use super::{Candidate, Fact, account, append, id, named, opened};
use crate::recorded::{CausationId, CorrelationId, Position, Scalar, Timestamp};
use crate::store::{Batch, Field, Filter, Filtered, NewEvent, Query, Read, ReadError};
use std::ops::ControlFlow;

/// Events whose header `amount` is 1, 5, 10, missing, and 5 again.
fn amounts(store: &impl Candidate) {
    for amount in [Some(1), Some(5), Some(10), None, Some(5)] {
        let new = NewEvent::of(Fact::Deposited(0));
        let new = match amount {
            Some(amount) => new.header("amount", amount),
            None => new.header("other", 5),
        };
        append(store, Batch::to(&account("petra")).record(new));
    }
}

#[track_caller]
fn passes(store: &impl Candidate, filter: Filter, expected: &[u64], promise: &str) {
    let filter_text = filter.to_string();
    assert_eq!(positions(store, Query::all().filter(filter)), expected, "{promise}: {filter_text}");
}

#[track_caller]
fn unlike(store: &impl Candidate, read: Read, at: u64) {
    let (read_text, mut seen) = (format!("{read:?}"), Vec::new());
    let outcome = store.visit(&read, &mut |entry| {
        seen.push(entry.envelope().position.get());
        ControlFlow::Continue(())
    });
    match outcome {
        Err(ReadError::Unlike(unlike)) => {
            assert!(
                matches!(&unlike.place, Filtered::Entry(position, _) if position.get() == at),
                "the error says at which event the values are unlike: {read_text}: {unlike:?}"
            );
        }
        Err(error) => panic!("comparing unlike values is an error of its own, and not: {error}: {read_text}"),
        Ok(_) => panic!("comparing unlike values is an error, and not false: {read_text}: {seen:?}"),
    }
}

/// Each comparison finds what it says.
pub fn each_comparison_finds_what_it_says<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    amounts(&store);
    let amount = || Filter::header("amount");
    passes(&store, amount().equals(5), &[2, 5], "equal");
    passes(&store, amount().differs_from(5), &[1, 3], "unequal");
    passes(&store, amount().less_than(5), &[1], "less");
    passes(&store, amount().at_most(5), &[1, 2, 5], "less or equal");
    passes(&store, amount().more_than(5), &[3], "more");
    passes(&store, amount().at_least(5), &[2, 3, 5], "more or equal");
    passes(&store, amount().one_of([1, 10, 99]), &[1, 3], "one of several");
    passes(&store, amount().none_of([1, 10, 99]), &[2, 5], "none of several");
    passes(&store, amount().one_of::<i64>([]), &[], "one of none");
    passes(&store, amount().none_of::<i64>([]), &[1, 2, 3, 5], "none of none");
}

/// A missing key matches nothing, not even a filter for a difference.
pub fn a_missing_key_never_matches<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    amounts(&store);
    let other = || Filter::header("other");
    passes(&store, other().equals(5), &[4], "the one event that has the key");
    for filter in [
        other().differs_from(6),
        other().less_than(6),
        other().at_most(6),
        other().more_than(4),
        other().at_least(4),
        other().one_of([5]),
        other().none_of([6]),
    ] {
        passes(&store, filter, &[4], "a missing key never matches");
    }
    let nobody = || Filter::header("nobody");
    passes(&store, nobody().differs_from("petra"), &[], "a missing key differs from nothing");
    passes(&store, nobody().none_of(["petra"]), &[], "a missing key is not outside of a list");
    passes(&store, nobody().matches("").expect("a pattern"), &[], "a missing key is no text");
    passes(&store, Filter::on(Field::CorrelationId).differs_from("x"), &[], "nor does a missing id match");
    passes(&store, Filter::on(Field::CausationId).none_of(["x"]), &[], "nor does a missing id match");
}

/// Comparing values of different kinds is an error that says where, and not false.
pub fn comparing_unlike_values_is_an_error<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    amounts(&store);
    let amount = || Filter::header("amount");
    for filter in [
        amount().equals("5"),
        amount().differs_from("5"),
        amount().less_than(true),
        amount().at_least("5"),
        amount().one_of(["5"]),
        amount().none_of(["5"]),
        amount().equals(Timestamp::UNIX_EPOCH),
        amount().matches("5").expect("a pattern"),
        Filter::on(Field::Position).equals("1"),
        Filter::on(Field::Stream).equals(1),
        Filter::on(Field::RecordedAt).less_than("2026-01-01T00:00:00Z"),
        Filter::on(Field::RecordedAt).matches("2026").expect("a pattern"),
    ] {
        unlike(&store, Query::all().filter(filter.clone()), 1);
        unlike(&store, Query::stream(&account("petra")).filter(filter.clone()).backwards(), 5);
    }
    let mixed = vec![Scalar::from(1), Scalar::from("5")];
    unlike(&store, Query::all().filter(amount().one_of(mixed)), 1);
    let other = Filter::header("other").equals("5");
    unlike(&store, Query::all().filter(other.clone()), 4);
    assert_eq!(
        positions(&store, Query::all().filter(other).until(Position::new(3))),
        [0; 0],
        "an event that is not read is not compared"
    );
}

/// Numbers compare as numbers, whether whole or not, and however large.
pub fn numbers_compare_as_numbers<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let decimal = |number| Scalar::decimal(number).expect("finite");
    let large = (1_i64 << 53) + 1;
    for number in [Scalar::from(2), decimal(2.5), Scalar::from(3), Scalar::from(large), decimal(1e300)] {
        append(&store, Batch::to(&account("petra")).record(NewEvent::of(opened()).header("n", number)));
    }
    let n = || Filter::header("n");
    passes(&store, n().less_than(decimal(2.5)), &[1], "a whole number beside one that is not");
    passes(&store, n().at_least(decimal(2.5)), &[2, 3, 4, 5], "a whole number beside one that is not");
    passes(&store, n().more_than(2), &[2, 3, 4, 5], "and the other way round");
    passes(&store, n().equals(large), &[4], "whole numbers have 64 bits");
    passes(&store, n().equals(large - 1), &[], "whole numbers have 64 bits");
    passes(&store, n().more_than(decimal((large - 1) as f64)), &[4, 5], "also beside one that is not whole");
    passes(&store, n().one_of([decimal(2.5), Scalar::from(3)]), &[2, 3], "also in a list");
    for number in [i64::MIN, i64::MAX] {
        append(&store, Batch::to(&account("petra")).record(NewEvent::of(opened()).header("n", number)));
    }
    passes(&store, n().at_least(decimal(1e300)), &[5], "the largest whole number is less than that");
    passes(&store, n().at_most(decimal(-1e300)), &[], "the least whole number is more than that");
}

/// Filters can use every field of the envelope, and regular expressions for texts.
pub fn every_field_of_the_envelope_can_be_asked_for<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let new = NewEvent::of(opened())
        .id(id("import-17"))
        .correlation(CorrelationId::new("talk-1").expect("an id"))
        .causation(CausationId::new("command-9").expect("an id"))
        .header("user", "petra")
        .header("by hand", true);
    append(&store, Batch::to(&named("shop-account-1")).record(new));
    append(&store, Batch::to(&account("2")).record(NewEvent::of(opened()).header("user", "alex")));
    append(&store, Batch::to(&account("2")).event(Fact::Closed));
    let on = Filter::on;
    passes(&store, on(Field::Position).more_than(1), &[2, 3], "the position");
    passes(&store, on(Field::Version).equals(2), &[3], "the version");
    passes(&store, on(Field::Stream).equals("account-2"), &[2, 3], "the stream");
    passes(&store, on(Field::Category).equals("shop"), &[1], "the category");
    passes(&store, on(Field::Type).one_of(["Closed"]), &[3], "the type");
    passes(&store, on(Field::Id).equals("import-17"), &[1], "the id");
    passes(&store, on(Field::CorrelationId).equals("talk-1"), &[1], "the correlation id");
    passes(&store, on(Field::CausationId).less_than("command-91"), &[1], "the causation id");
    passes(&store, Filter::header("user").more_than("b"), &[1], "a text compares as a text");
    passes(&store, Filter::header("by hand").equals(true), &[1], "a flag compares as a flag");
    let matches = |field, pattern: &str| on(field).matches(pattern).expect("a pattern");
    passes(&store, matches(Field::Id, "^import-[0-9]+$"), &[1], "a regular expression, bound to the whole");
    passes(&store, matches(Field::Stream, "count"), &[1, 2, 3], "a regular expression, found anywhere");
    passes(
        &store,
        matches(Field::Type, "^(Closed|Deposited)$"),
        &[3],
        "a regular expression of alternatives",
    );
    let times = store.read(&Query::all().into()).expect("the store can be read");
    let times: Vec<Timestamp> = times.iter().map(|event| event.recorded_at).collect();
    let (first, last) = (times.iter().min().expect("three"), times.iter().max().expect("three"));
    passes(&store, on(Field::RecordedAt).at_least(*first), &[1, 2, 3], "the time");
    passes(&store, on(Field::RecordedAt).less_than(*first), &[], "nothing is earlier than the earliest");
    passes(&store, on(Field::RecordedAt).more_than(*last), &[], "nothing is later than the latest");
}

/// An event must pass all filters, and a limit counts the events that do.
pub fn filters_must_all_be_passed_and_a_limit_counts_what_does<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    amounts(&store);
    let (few, some) = (|| Filter::header("amount").at_most(5), || Filter::header("amount").at_least(5));
    let read = || Query::all().filter(few()).filter(some());
    assert_eq!(positions(&store, read()), [2, 5], "both filters must be passed");
    assert_eq!(positions(&store, read().limit(1)), [2], "a limit counts what passes");
    assert_eq!(positions(&store, read().limit(1).backwards()), [5], "also backwards");
    assert_eq!(positions(&store, read().after(Position::new(2))), [5], "within the bounds");
    let stream = Query::stream(&account("petra")).types(["Deposited"]);
    assert_eq!(positions(&store, stream.filter(few())), [1, 2, 5], "filters and queries go together");
}
