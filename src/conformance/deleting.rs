//! Deleting a stream is logical: it adds a tombstone at the end of the stream, and removes nothing from the log.

use super::entries::{EntryContent, positions, shown};
use super::{Candidate, Fact, account, append, category, info, listed, opened, refused, tag};
use crate::fold;
use crate::recorded::{Headers, Position, Version};
use crate::store::{
    AppendError, Batch, Conflict, DELETED, ExpectedVersion, Listing, Query, Reading, StreamState,
};

fn deleted(store: &impl Candidate) {
    let petra = account("petra");
    append(store, Batch::to(&petra).events([opened(), Fact::Deposited(1)]));
    append(store, Batch::to(&account("alex")).event(opened()));
    let appended = append(store, Batch::to(&petra).expecting(Version::new(2)).delete());
    assert_eq!(
        appended.version_of(&petra),
        Some(Version::new(3)),
        "the tombstone has a version of its stream"
    );
}

/// A deleted stream ends with a tombstone, which reads show, and its events are still there.
pub fn a_deleted_stream_ends_with_a_tombstone_and_keeps_its_events<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let petra = account("petra");
    deleted(&store);
    let entries = shown(&store, Query::stream(&petra));
    let whats: Vec<_> =
        entries.iter().map(|(at, what)| (at.position.get(), at.version.get(), what.clone())).collect();
    let expected = [
        (1, 1, EntryContent::Event(opened())),
        (2, 2, EntryContent::Event(Fact::Deposited(1))),
        (4, 3, EntryContent::Deleted),
    ];
    assert_eq!(
        whats, expected,
        "the events are still there, and the tombstone says that the stream is deleted"
    );
    assert_eq!(&*entries[2].0.event_type, DELETED, "a tombstone has a type of its own");
    assert_eq!(positions(&store, Query::of_types([DELETED])), [4], "by which it is found");
    assert_eq!(
        positions(&store, category("account").backwards().limit(1)),
        [4],
        "and it belongs to its category"
    );
    let events = store.read(&Query::stream(&petra).into()).expect("the store can be read");
    assert_eq!(events.len(), 2, "a read of events skips it");
}

/// The information about a deleted stream says that it is deleted; the stream is still listed.
pub fn a_deleted_stream_is_known_to_be_deleted<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let petra = account("petra");
    append(&store, Batch::to(&petra).describe(Headers::from([("owner".to_string(), "petra".into())])));
    deleted(&store);
    let known = info(&store, &petra);
    assert_eq!(
        known.state,
        StreamState::Deleted(Version::new(3)),
        "it is deleted, at the version of its tombstone"
    );
    assert_eq!(
        (known.first, known.last),
        (Some(Position::new(2)), Some(Position::new(5))),
        "the tombstone is the last entry"
    );
    assert_eq!(known.metadata["owner"], "petra".into(), "its metadata is still there");
    assert_eq!(
        listed(&store, &Listing::prefix("account-")),
        ["account-alex", "account-petra"],
        "it is still listed"
    );
    let categories = store.categories(&Listing::all()).expect("the store can list its categories");
    assert_eq!(categories, ["account"], "and so is its category");
}

/// A deleted stream accepts no more events, unless it is written again on purpose; then its versions continue.
pub fn a_deleted_stream_is_written_again_only_on_purpose_and_its_versions_go_on<S: Candidate>(
    make: impl Fn() -> S,
) {
    let store = make();
    let petra = account("petra");
    deleted(&store);
    let batch = || Batch::to(&petra).event(opened());
    for unaware in [
        batch(),
        batch().expecting(ExpectedVersion::Any),
        batch().expecting(ExpectedVersion::NoStream),
        batch().expecting(ExpectedVersion::StreamExists),
        batch().expecting(Version::new(2)),
    ] {
        let error = refused(&store, unaware, "the stream was deleted");
        let AppendError::Conflict(Conflict::Stream { found, .. }) = error else {
            panic!("a conflict: {error}")
        };
        assert_eq!(
            found,
            StreamState::Deleted(Version::new(3)),
            "the conflict says that the stream was deleted"
        );
    }
    let again = append(&store, batch().expecting(Version::new(3)));
    assert_eq!(again.version_of(&petra), Some(Version::new(4)), "its versions continue after the tombstone");
    assert_eq!(info(&store, &petra).state, StreamState::At(Version::new(4)), "it is no longer deleted");
    assert_eq!(positions(&store, Query::stream(&petra)), [1, 2, 4, 5], "all that ever was in it is read");
    let versions: Vec<u64> =
        shown(&store, Query::stream(&petra)).iter().map(|(at, _)| at.version.get()).collect();
    assert_eq!(versions, [1, 2, 3, 4], "no version comes twice");
    append(&store, Batch::to(&petra).event(Fact::Closed));
    append(&store, Batch::to(&petra).delete());
    assert_eq!(info(&store, &petra).state, StreamState::Deleted(Version::new(6)), "it can be deleted again");
}

/// If a deleted stream is written again, its state starts from the beginning, after the tombstone.
pub fn a_state_begins_again_after_a_tombstone<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let petra = account("petra");
    deleted(&store);
    let count = fold::view(|| 0, |count: u32, _: &Fact| count + 1);
    let load = || {
        let loaded = store.load(&count, &petra).expect("the store can be read");
        (loaded.state, loaded.version.get(), loaded.head.get())
    };
    assert_eq!(load(), (0, 3, 4), "a deleted stream has the initial state, at the version of its tombstone");
    append(&store, Batch::to(&petra).expecting(Version::new(3)).event(opened()));
    assert_eq!(load(), (1, 4, 5), "the events before the tombstone are not in the state");
}

/// Only a stream with events can be deleted, and only once.
pub fn only_a_stream_with_events_can_be_deleted_and_only_once<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    deleted(&store);
    let described = || Headers::from([("owner".to_string(), "alex".into())]);
    for (batch, found) in [
        (Batch::to(&account("nobody")).delete(), StreamState::Missing),
        (Batch::to(&account("nobody")).describe(described()).delete(), StreamState::Missing),
        (Batch::to(&account("petra")).delete(), StreamState::Deleted(Version::new(3))),
    ] {
        let error = refused(&store, batch, "there is nothing to delete");
        let AppendError::Conflict(Conflict::Stream { found: state, expected, .. }) = error else {
            panic!("a conflict: {error}")
        };
        assert_eq!(
            (state, expected),
            (found, ExpectedVersion::StreamExists),
            "the conflict says the state of the stream"
        );
    }
    append(&store, Batch::to(&account("alex")).event(Fact::Closed).delete());
    assert_eq!(
        info(&store, &account("alex")).state,
        StreamState::Deleted(Version::new(3)),
        "a last event may come with it"
    );
}

/// Conditions count a tombstone as an event, so that nobody misses it.
pub fn a_tombstone_is_seen_by_those_who_must_not_miss_an_event<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    deleted(&store);
    let batch = || Batch::to(&account("other")).event(opened());
    let unchanged = |query: Query| batch().fail_if_events_match(query, Position::new(3));
    for query in [Query::stream(&account("petra")), category("account"), Query::of_types([DELETED])] {
        refused(&store, unchanged(query), "the stream was deleted after the position");
    }
    append(&store, unchanged(Query::of_types(["Opened"])));
    let tagged = Query::tagged(tag("name:petra"));
    append(&store, batch().fail_if_events_match(tagged, Position::START));
}
