//! The conditions of a batch are checked on the log as it is before the batch.

use super::{Candidate, Fact, account, append, category, head, info, named, opened, refused, tag};
use crate::recorded::{Headers, Position, StreamName, Version};
use crate::store::{AppendError, Batch, Conflict, ExpectedVersion, NewEvent, Query, QueryItem, StreamState};

/// Streams in every state: never written to, only described, with two events, deleted at version 2, and written again.
fn in_every_state(store: &impl Candidate) -> [(StreamName, StreamState); 5] {
    let streams = ["missing", "described", "there", "deleted", "again"].map(account);
    let [_, described, there, deleted, again] = &streams;
    append(store, Batch::to(described).describe(Headers::default()));
    append(store, Batch::to(there).events([opened(), Fact::Closed]));
    for stream in [deleted, again] {
        append(store, Batch::to(stream).event(opened()));
        append(store, Batch::to(stream).delete());
    }
    append(store, Batch::to(again).expecting(Version::new(2)).event(opened()));
    let [missing, described, there, deleted, again] = streams;
    let version = Version::new;
    [
        (missing, StreamState::Missing),
        (described, StreamState::Missing),
        (there, StreamState::At(version(2))),
        (deleted, StreamState::Deleted(version(2))),
        (again, StreamState::At(version(3))),
    ]
}

#[track_caller]
fn expectation_is_held(
    store: &impl Candidate,
    expected: ExpectedVersion,
    met_by: impl Fn(StreamState) -> bool,
) {
    for (stream, found) in in_every_state(store) {
        let batch = Batch::to(&stream).expecting(expected).event(Fact::Deposited(1));
        if met_by(found) {
            append(store, batch);
            continue;
        }
        let log_ends = Position::new(head(store));
        let why = format!("the stream {found}, and was expected {expected}");
        match refused(store, batch, &why) {
            AppendError::Conflict(conflict) => assert_eq!(
                conflict,
                Conflict::Stream { stream, expected, found, head: log_ends },
                "the conflict says which stream, what was expected, what was found, and the head of the log"
            ),
            error => panic!("{why}: that is a conflict, and not: {error}"),
        }
    }
}

/// `Any` accepts a new stream and one with events, and refuses a deleted one.
pub fn any_takes_every_stream_that_is_not_deleted<S: Candidate>(make: impl Fn() -> S) {
    expectation_is_held(&make(), ExpectedVersion::Any, |found| !matches!(found, StreamState::Deleted(_)));
}

/// A stream without an expectation must not be deleted.
pub fn a_stream_of_which_nothing_is_said_must_not_be_deleted<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    for (stream, found) in in_every_state(&store) {
        for batch in [
            Batch::to(&stream).event(Fact::Deposited(1)),
            Batch::to(&account("other")).event(opened()).and_to(&stream).event(Fact::Deposited(1)),
            Batch::to(&stream).describe(Headers::default()),
        ] {
            match found {
                StreamState::Deleted(_) => {
                    let error = refused(&store, batch, "the stream was deleted");
                    let conflict = AppendError::Conflict(Conflict::Stream {
                        stream: stream.clone(),
                        expected: ExpectedVersion::Any,
                        found,
                        head: Position::new(head(&store)),
                    });
                    assert_eq!(error.to_string(), conflict.to_string(), "the conflict says so");
                }
                _ => drop(append(&store, batch)),
            }
        }
    }
}

/// `NoStream` accepts only a stream that never had an event.
pub fn no_stream_takes_a_stream_that_never_had_an_event<S: Candidate>(make: impl Fn() -> S) {
    expectation_is_held(&make(), ExpectedVersion::NoStream, |found| found == StreamState::Missing);
}

/// `StreamExists` accepts a stream with events that is not deleted.
pub fn stream_exists_takes_a_stream_with_events<S: Candidate>(make: impl Fn() -> S) {
    expectation_is_held(&make(), ExpectedVersion::StreamExists, |found| matches!(found, StreamState::At(_)));
}

/// `Exactly` accepts a stream at this version, and none at an earlier or later one. The version of a tombstone opens the
/// stream again.
pub fn exactly_takes_a_stream_at_this_version<S: Candidate>(make: impl Fn() -> S) {
    for version in 0..5 {
        let version = Version::new(version);
        expectation_is_held(&make(), ExpectedVersion::Exactly(version), |found| match found {
            StreamState::Missing => version == Version::NONE,
            StreamState::At(at) | StreamState::Deleted(at) => version == at,
        });
    }
}

/// A batch may state a condition for a stream without writing to it.
pub fn a_stream_may_be_expected_without_being_written_to<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let (rates, petra) = (account("rates"), account("petra"));
    append(&store, Batch::to(&rates).event(opened()));
    let batch =
        |version| Batch::to(&rates).expecting(Version::new(version)).and_to(&petra).event(Fact::Deposited(1));
    let error = refused(&store, batch(2), "a stream that is only looked at is not as expected");
    assert!(matches!(error, AppendError::Conflict(Conflict::Stream { stream, .. }) if stream == rates));
    append(&store, batch(1));
    assert_eq!(info(&store, &rates).state.version(), Version::new(1), "nothing was written to it");
}

/// A log whose events differ in stream, category, type and tags.
fn registered(store: &impl Candidate) {
    let with = |fact, tags: &[&str]| tags.iter().fold(NewEvent::of(fact), |new, text| new.tag(tag(text)));
    append(store, Batch::to(&account("1")).record(with(opened(), &["name:petra", "city:bern"])));
    append(store, Batch::to(&account("2")).record(with(opened(), &["name:alex", "city:bern"])));
    append(store, Batch::to(&account("2")).record(with(Fact::Closed, &["name:alex"])));
}

#[track_caller]
fn found_by(store: &impl Candidate, query: &Query, after: u64) -> Option<u64> {
    let (before, after) = (head(store), Position::new(after));
    // No query asks for its type or its tags.
    let batch = Batch::to(&account("3")).event(Fact::Noted("nothing of interest".into()));
    let Err(error) = store.append(batch.fail_if_events_match(query.clone(), after)) else { return None };
    assert_eq!(head(store), before, "what is refused is not recorded");
    let AppendError::Conflict(Conflict::EventsMatch {
        query: said,
        after: said_after,
        found,
        event_type,
        stream,
        head,
    }) = error
    else {
        panic!("an event matches {query}: that is a conflict, and not: {error}")
    };
    assert_eq!((&said, said_after), (query, after), "the conflict says which condition failed");
    assert_eq!(head.get(), before, "the conflict says the head of the log");
    let entries = store.read(&Query::all().into()).expect("the store can be read");
    let event = entries.iter().find(|event| event.position == found).expect("what was found is there");
    assert_eq!(
        (&*event.event_type, &event.stream),
        (&*event_type, &stream),
        "the conflict says what was found"
    );
    Some(found.get())
}

/// A query finds events by stream, by type and by tag. A matching event refuses the batch, and the conflict names the last
/// one.
pub fn an_event_that_matches_refuses_the_batch<S: Candidate>(make: impl Fn() -> S) {
    let petra = || tag("name:petra");
    let both = |items: [QueryItem; 2]| Query::any_of(items);
    let item = |types: &[&str], tags: &[&str]| QueryItem {
        types: types.iter().map(ToString::to_string).collect(),
        tags: tags.iter().map(|text| tag(text)).collect(),
        ..QueryItem::default()
    };
    let cases = [
        (Query::all(), Some(3)),
        (Query::any_of([]), None),
        (Query::stream(&account("1")), Some(1)),
        (Query::streams([account("1"), account("2")]), Some(3)),
        (Query::stream(&account("4")), None),
        (category("account"), Some(3)),
        (category("order"), None),
        (Query::of_types(["Opened"]), Some(2)),
        (Query::of_types(["Deposited", "Opened"]), Some(2)),
        (Query::of_types(["Deposited"]), None),
        (Query::tagged(petra()), Some(1)),
        (Query::tagged(petra()).tag(tag("city:bern")), Some(1)),
        (Query::tagged(petra()).tag(tag("name:alex")), None),
        (Query::tagged(tag("name:nobody")), None),
        (Query::tagged(tag("name:alex")).types(["Opened"]), Some(2)),
        (Query::stream(&account("1")).types(["Closed"]), None),
        (both([item(&["Closed"], &["name:petra"]), item(&["Opened"], &["city:bern"])]), Some(2)),
        (both([item(&["Closed"], &["name:petra"]), item(&["Deposited"], &[])]), None),
    ];
    for (query, found) in cases {
        let store = make();
        registered(&store);
        assert_eq!(found_by(&store, &query, 0), found, "which event is the last that matches: {query}");
    }
}

/// Only events after the position count: those that the decision was made on may match.
pub fn only_events_after_the_position_refuse_the_batch<S: Candidate>(make: impl Fn() -> S) {
    let alex = Query::tagged(tag("name:alex"));
    let cases = [(0, Some(3)), (1, Some(3)), (2, Some(3)), (3, None), (4, None), (u64::MAX, None)];
    for (after, found) in cases {
        let store = make();
        registered(&store);
        assert_eq!(
            found_by(&store, &alex, after),
            found,
            "which event after position {after} is the last that matches"
        );
    }
    let store = make();
    registered(&store);
    assert_eq!(
        found_by(&store, &alex.types(["Opened"]), 2),
        None,
        "an earlier event that matches does not count"
    );
}

/// All conditions must hold, in whatever order they are stated.
pub fn all_conditions_have_to_hold<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    registered(&store);
    let petra = || Query::tagged(tag("name:petra"));
    let batch = || Batch::to(&account("1")).expecting(Version::new(1)).event(Fact::Deposited(1));
    refused(
        &store,
        batch().fail_if_events_match(petra(), Position::START),
        "the stream is as expected, but an event matches",
    );
    let closed = Query::of_types(["Withdrawn"]);
    let stale = Batch::to(&account("1")).fail_if_events_match(closed.clone(), Position::START);
    refused(
        &store,
        stale.event(opened()).expecting(Version::new(2)),
        "no event matches, but the stream is not as expected",
    );
    refused(
        &store,
        batch()
            .fail_if_events_match(closed.clone(), Position::START)
            .fail_if_events_match(petra(), Position::START),
        "one query finds nothing, but the other does",
    );
    append(
        &store,
        batch().fail_if_events_match(closed, Position::START).fail_if_events_match(petra(), Position::new(1)),
    );
}

/// Conditions are checked on the log before the batch: its own events neither meet nor break them.
pub fn conditions_are_judged_before_the_batch<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let stream = account("petra");
    let batch = Batch::to(&stream)
        .expecting(ExpectedVersion::NoStream)
        .event(opened())
        .expecting(ExpectedVersion::NoStream)
        .event(Fact::Closed)
        .fail_if_events_match(Query::of_types(["Opened"]), Position::START);
    append(&store, batch);
    assert_eq!(head(&store), 2, "the events of a batch do not conflict with the batch itself");
    let own = Batch::to(&named("account-new")).event(opened()).expecting(ExpectedVersion::StreamExists);
    refused(&store, own, "the event that would make the stream exist is part of the batch");
}

/// A conflict contains enough to read the new events and to append again.
pub fn a_conflict_carries_what_is_needed_to_try_again<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let stream = account("petra");
    append(&store, Batch::to(&stream).event(opened()));
    let read = store.head().expect("the store can report its head");
    append(&store, Batch::to(&stream).event(Fact::Deposited(1)));
    append(&store, Batch::to(&account("alex")).event(opened()));

    let late = || Batch::to(&stream).event(Fact::Deposited(2));
    let error = refused(&store, late().expecting(Version::new(1)), "the stream has gone on");
    let AppendError::Conflict(Conflict::Stream { found, head, .. }) = error else {
        panic!("a conflict: {error}")
    };
    let new = store.read(&Query::stream(&stream).after(read).until(head)).expect("the store can be read");
    assert_eq!(
        new.iter().map(|event| &event.event).collect::<Vec<_>>(),
        [&Fact::Deposited(1)],
        "what is new can be read"
    );
    append(&store, late().expecting(found.version()));

    let deposits = || Query::stream(&stream).types(["Deposited"]);
    let error = refused(&store, late().fail_if_events_match(deposits(), read), "there are new deposits");
    let AppendError::Conflict(Conflict::EventsMatch { head, .. }) = error else {
        panic!("a conflict: {error}")
    };
    assert_eq!(super::head(&store), head.get(), "nothing is new after the head that the conflict reports");
    append(&store, late().fail_if_events_match(deposits(), head));
}
