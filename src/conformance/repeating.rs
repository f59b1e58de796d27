//! Event ids make repeated appends idempotent.

use super::{Candidate, Fact, account, append, head, id, info, opened, refused, tag};
use crate::recorded::{EventId, Headers, Position, Version};
use crate::store::{AppendError, Batch, ExpectedVersion, NewEvent, Query};

fn event(number: u32, text: &str) -> NewEvent<Fact> {
    NewEvent::of(Fact::Deposited(number)).id(id(text))
}

#[track_caller]
fn taken(store: &impl Candidate, batch: Batch<Fact>, by: &EventId, why: &str) {
    match refused(store, batch, why) {
        AppendError::IdTaken { id, .. } => assert_eq!(&id, by, "the error says which id is taken"),
        error => panic!("{why}: the error says that the id is taken, and not: {error}"),
    }
}

/// The same batch again is answered with the positions that it got before, and nothing is recorded.
pub fn the_same_batch_again_is_answered_with_the_positions_it_got<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let (petra, alex) = (account("petra"), account("alex"));
    append(&store, Batch::to(&alex).event(opened()));
    let batch = || {
        Batch::to(&petra)
            .record(event(1, "one").tag(tag("t")))
            .and_to(&alex)
            .record(event(2, "two"))
            .event(Fact::Closed)
    };
    let first = append(&store, batch());
    append(&store, Batch::to(&petra).event(Fact::Closed));
    let again = append(&store, batch());
    assert_eq!(head(&store), 5, "nothing was recorded again");
    assert_eq!(
        (again.first, again.last),
        (first.first, first.last),
        "the answer says the positions it got before"
    );
    assert_eq!(again.versions, first.versions, "and the versions after the batch, not those of today");
    assert!(again.repeated && !first.repeated, "and says that it is a repeat");
}

/// A repeated batch is answered even if its conditions no longer hold, because it was accepted when they did.
pub fn a_repeated_batch_is_answered_though_its_conditions_hold_no_more<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let petra = account("petra");
    let batch = || {
        Batch::to(&petra)
            .expecting(ExpectedVersion::NoStream)
            .record(event(1, "one"))
            .fail_if_events_match(Query::of_types(["Deposited"]), Position::START)
    };
    let first = append(&store, batch());
    let again = append(&store, batch());
    assert_eq!((again.first, again.repeated), (first.first, true), "it is the same batch");
    append(&store, Batch::to(&petra).delete());
    let again = append(&store, batch());
    assert_eq!((again.first, again.repeated), (first.first, true), "also when the stream was deleted since");
}

/// The same batch with other metadata is the same batch, and the recorded metadata stays.
pub fn a_repeat_with_other_metadata_is_a_repeat<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let batch =
        |attempt: i32| Batch::to(&account("petra")).record(event(1, "one").header("attempt", attempt));
    append(&store, batch(1));
    assert!(append(&store, batch(2)).repeated, "metadata does not make it another batch");
    let events = store.read(&Query::all().into()).expect("the store can be read");
    assert_eq!(events[0].metadata.headers["attempt"], 1.into(), "the metadata is that of the first time");
}

/// The same id with another event, type, stream or other tags is an error, and nothing is recorded.
pub fn the_same_id_with_other_content_is_refused<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let (petra, alex) = (account("petra"), account("alex"));
    let one = id("one");
    append(&store, Batch::to(&petra).record(event(1, "one").tag(tag("a")).tag(tag("b"))));
    let tagged = |new: NewEvent<Fact>| new.tag(tag("a")).tag(tag("b"));
    append(&store, Batch::to(&petra).event(opened()));
    let cases = [
        (Batch::to(&petra).record(tagged(event(2, "one"))), "the event is another"),
        (
            Batch::to(&petra).record(tagged(NewEvent::of(Fact::Closed).id(one.clone()))),
            "the type of the event is another",
        ),
        (Batch::to(&alex).record(tagged(event(1, "one"))), "the stream is another"),
        (Batch::to(&petra).record(event(1, "one").tag(tag("a"))), "a tag is missing"),
        (Batch::to(&petra).record(tagged(event(1, "one")).tag(tag("c"))), "there is one more tag"),
        (Batch::to(&petra).record(event(1, "one")), "there are no tags"),
        (Batch::to(&petra).record(event(1, "one").tag(tag("a")).tag(tag("c"))), "a tag is another"),
    ];
    for (batch, why) in cases {
        taken(&store, batch.expecting(ExpectedVersion::Any), &one, why);
    }
}

/// A batch is repeated whole or not at all: one that shares only some ids with a recorded batch is another batch, and
/// refused.
pub fn a_batch_is_repeated_whole_or_not_at_all<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let (petra, one) = (account("petra"), id("one"));
    append(
        &store,
        Batch::to(&petra).record(event(1, "one")).record(event(2, "two")).event(Fact::Deposited(3)),
    );
    append(&store, Batch::to(&petra).event(Fact::Deposited(4)));
    append(&store, Batch::to(&petra).record(event(5, "five")));
    let to = || Batch::to(&petra);
    let whole = || to().record(event(1, "one")).record(event(2, "two")).event(Fact::Deposited(3));
    taken(&store, to().record(event(1, "one")), &one, "the rest of the batch is missing");
    taken(&store, to().record(event(1, "one")).record(event(2, "two")), &one, "its last event is missing");
    taken(&store, whole().event(Fact::Deposited(4)), &one, "its last event was recorded in another batch");
    taken(&store, whole().record(event(9, "nine")), &one, "its last event is not recorded");
    taken(
        &store,
        to().record(event(5, "five")).event(Fact::Deposited(6)),
        &id("five"),
        "its last event is not recorded",
    );
    for batch in [
        to().record(event(2, "two")).record(event(1, "one")).event(Fact::Deposited(3)),
        to().record(event(9, "nine")).record(event(1, "one")),
        to().event(opened()).record(event(1, "one")),
        to().record(event(1, "one")).record(event(5, "five")),
        to().record(event(1, "one"))
            .event(Fact::Deposited(2))
            .event(Fact::Deposited(3))
            .event(Fact::Deposited(9)),
    ] {
        let error = refused(&store, batch, "it is another batch");
        assert!(matches!(error, AppendError::IdTaken { .. }), "the error says that an id is taken: {error}");
    }
    assert!(append(&store, whole()).repeated, "the whole batch is a repeat");
    let alike = |ids: [&str; 3]| ids.iter().fold(to(), |batch, id| batch.record(event(7, id)));
    append(&store, alike(["a", "b", "c"]));
    taken(&store, alike(["a", "c", "b"]), &id("c"), "its events are alike, but in another order");
    append(&store, to().event(Fact::Deposited(8)).record(event(8, "last")));
    let first = to().record(event(8, "first")).record(event(8, "last"));
    taken(&store, first, &id("last"), "its first event is alike, and was recorded under another id");
}

/// A batch with the same id twice is refused, also if the id is recorded.
pub fn an_id_that_a_batch_has_twice_is_refused<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let petra = account("petra");
    let twice = || Batch::to(&petra).record(event(1, "one")).record(event(1, "one"));
    taken(&store, twice(), &id("one"), "the batch has the id twice");
    append(&store, Batch::to(&petra).record(event(1, "one")));
    taken(&store, twice(), &id("one"), "the id is recorded, and the batch has it twice");
    assert_eq!(info(&store, &petra).state.version(), Version::new(1), "the stream is as it was");
}

/// An id that the store made works like a given one.
pub fn an_id_that_the_store_made_is_as_good_as_a_given_one<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let petra = account("petra");
    append(&store, Batch::to(&petra).event(opened()));
    append(&store, Batch::to(&petra).event(Fact::Deposited(1)));
    let events = store.read(&Query::all().into()).expect("the store can be read");
    let made = events[1].id.clone();
    let again = |fact| Batch::to(&petra).record(NewEvent::of(fact).id(made.clone()));
    let repeated = append(&store, again(Fact::Deposited(1)));
    assert_eq!(
        (repeated.first.get(), repeated.repeated),
        (2, true),
        "the same event under its id is a repeat"
    );
    taken(&store, again(Fact::Deposited(2)), &made, "another event under its id is refused");
}

/// Tombstones and metadata of a batch are repeated with it.
pub fn tombstones_and_metadata_are_repeated_with_their_batch<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let (petra, alex) = (account("petra"), account("alex"));
    append(&store, Batch::to(&alex).event(opened()));
    let described = |text: &str| Headers::from([("owner".to_string(), text.into())]);
    let batch =
        |text| Batch::to(&petra).describe(described(text)).record(event(1, "one")).and_to(&alex).delete();
    let first = append(&store, batch("petra"));
    assert_eq!(first.versions.len(), 2, "both streams have a new version");
    let again = append(&store, batch("petra"));
    assert_eq!((again.first, again.repeated), (first.first, true), "it is the same batch");
    assert_eq!(again.versions, first.versions, "and the answer is the same");
    taken(&store, batch("alex"), &id("one"), "the stream is described otherwise");
}

/// An event is found by its id, whether given or made by the store. An unknown id is not found.
pub fn an_event_is_found_by_its_id<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let (petra, alex) = (account("petra"), account("alex"));
    append(&store, Batch::to(&alex).event(opened()));
    append(&store, Batch::to(&petra).event(opened()).record(event(1, "one")));
    let found = |id: &EventId| store.position_of(id).expect("the store can look up an id");
    assert_eq!(
        found(&id("one")),
        Some(Position::new(3)),
        "the event is at the position where it was appended"
    );
    assert_eq!(found(&id("another")), None, "an unknown id is not found");
    for recorded in store.read(&Query::all().into()).expect("the store can be read") {
        assert_eq!(found(&recorded.id), Some(recorded.position), "every event is found by its id");
    }
}
