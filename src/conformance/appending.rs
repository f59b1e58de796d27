//! Appended batches are recorded whole, in order, and unchanged.

use super::entries::{facts, positions, shown};
use super::{Candidate, Fact, account, append, head, id, info, named, opened, refused, tag};
use crate::recorded::{CausationId, CorrelationId, Position, Scalar, Version};
use crate::store::{AppendError, Batch, ExpectedVersion, NewEvent, Query};

/// An event is read back as it was appended, with its tags and metadata.
pub fn an_event_is_read_back_as_it_was_appended<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let fact = Fact::Withdrawn { amount: 7, reason: Some("rent".into()) };
    let new = NewEvent::of(fact.clone())
        .id(id("rent-of-may"))
        .tag(tag("customer:petra"))
        .tag(tag("month:may"))
        .correlation(CorrelationId::new("conversation-1").expect("an id"))
        .causation(CausationId::new("command-1").expect("an id"))
        .header("user", "alex")
        .header("attempt", 2)
        .header("exact", i64::MAX)
        .header("share", Scalar::decimal(0.1).expect("finite"))
        .header("by hand", true);
    let metadata = new.metadata.clone();
    let appended = append(&store, Batch::to(&account("petra")).record(new));
    let events = store.read(&Query::all().into()).expect("the store can be read");
    let [event] = &events[..] else { panic!("one event was appended, and one is read: {events:?}") };
    assert_eq!(event.event, fact, "the event is as it was");
    assert_eq!(event.position, appended.first, "it has the position that the answer to the append says");
    assert_eq!(event.stream, account("petra"), "it is in the stream it was appended to");
    assert_eq!(event.version, Version::new(1), "it is the first of its stream");
    assert_eq!(&*event.event_type, "Withdrawn", "its type is the name of its variant");
    assert_eq!(event.tags, [tag("customer:petra"), tag("month:may")], "it has its tags");
    assert_eq!(event.id, id("rent-of-may"), "it has its id");
    assert_eq!(event.metadata, metadata, "it has its metadata");
}

/// Texts are read back as they were, whatever characters are in them.
pub fn texts_are_read_back_whatever_characters_are_in_them<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let texts = [
        "",
        "two\nlines\r\n",
        "a \"quoted\" \\ back\\slash",
        "tab\tand\u{0}nothing",
        "äöü 日本語 🦀",
        "\u{2028}",
        "{\"json\":1}",
        &"long ".repeat(20_000),
    ];
    for text in texts {
        let new = NewEvent::of(Fact::Noted(text.to_string())).header("said \"so\"", text);
        append(&store, Batch::to(&account("日本 \"語\"")).record(new.tag(tag("\\ \"tag\" ä"))));
    }
    let events = store.read(&Query::tagged(tag("\\ \"tag\" ä")).into()).expect("the store can be read");
    assert_eq!(events.len(), texts.len(), "every event is found by its tag");
    for (text, event) in texts.iter().zip(events) {
        assert_eq!(event.event, Fact::Noted((*text).to_string()), "the text is as it was");
        assert_eq!(event.metadata.headers["said \"so\""], Scalar::from(*text), "so is a header");
        assert_eq!(event.stream, account("日本 \"語\""), "so is the name of a stream");
    }
}

/// Positions count from one over all streams, without a gap; versions do in each stream.
pub fn positions_and_versions_count_from_one_without_a_gap<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    assert_eq!(
        store.head().expect("the store can report its head"),
        Position::START,
        "an empty log has no position"
    );
    for (stream, facts) in [("a", 1), ("b", 3), ("a", 2), ("c", 1), ("b", 1)] {
        append(&store, Batch::to(&account(stream)).events((0..facts).map(Fact::Deposited)));
    }
    let entries = shown(&store, Query::all());
    let positions: Vec<u64> = entries.iter().map(|(envelope, _)| envelope.position.get()).collect();
    assert_eq!(positions, [1, 2, 3, 4, 5, 6, 7, 8], "positions follow each other without a gap");
    let versions: Vec<(&str, u64)> =
        entries.iter().map(|(envelope, _)| (envelope.stream.as_str(), envelope.version.get())).collect();
    let (a, b, c) = ("account-a", "account-b", "account-c");
    let expected = [(a, 1), (b, 1), (b, 2), (b, 3), (a, 2), (a, 3), (c, 1), (b, 4)];
    assert_eq!(versions, expected, "versions follow each other in each stream");
    assert_eq!(head(&store), 8, "the head is the position of the last event");
}

/// A batch for several streams is recorded in its order, one entry after the other, and the answer says where.
pub fn a_batch_is_recorded_in_order_across_streams<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let (petra, alex) = (account("petra"), account("alex"));
    append(&store, Batch::to(&petra).event(opened()));
    let transfer = Batch::to(&petra)
        .event(Fact::Deposited(1))
        .and_to(&alex)
        .event(Fact::Deposited(2))
        .and_to(&petra)
        .event(Fact::Deposited(3))
        .event(Fact::Deposited(4));
    let appended = append(&store, transfer);
    assert_eq!(
        (appended.first.get(), appended.last.get()),
        (2, 5),
        "the answer says the positions of the batch"
    );
    assert_eq!(appended.version_of(&petra), Some(Version::new(4)), "and at which version each stream is");
    assert_eq!(appended.version_of(&alex), Some(Version::new(1)), "and at which version each stream is");
    assert_eq!(appended.versions.len(), 2, "it names the streams it wrote to, and no others");
    assert!(!appended.repeated, "it had not been recorded before");
    let recorded = facts(&store, Query::all().after(Position::new(1)));
    assert_eq!(recorded, [1, 2, 3, 4].map(Fact::Deposited), "the order of the batch is the order of the log");
}

/// A batch is recorded whole or not at all, even if only the last of its conditions fails.
pub fn a_batch_is_recorded_whole_or_not_at_all<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let (petra, alex) = (account("petra"), account("alex"));
    append(&store, Batch::to(&alex).event(opened()));
    let transfer = || {
        Batch::to(&petra)
            .expecting(ExpectedVersion::NoStream)
            .event(Fact::Deposited(1))
            .and_to(&alex)
            .event(Fact::Deposited(2))
    };
    refused(&store, transfer().expecting(ExpectedVersion::NoStream), "the last stream is not as expected");
    refused(
        &store,
        transfer().fail_if_events_match(Query::of_types(["Opened"]), Position::START),
        "an event matches",
    );
    assert_eq!(
        store.stream(&petra).expect("the store can be read"),
        None,
        "nothing was written to the first stream"
    );
    assert_eq!(positions(&store, Query::stream(&petra)), [0; 0], "and nothing is read from it");
    assert_eq!(info(&store, &alex).state.version(), Version::new(1), "nor was anything written to the last");
    append(&store, transfer());
    assert_eq!(head(&store), 3, "without the failing condition, the whole batch is recorded");
}

/// A batch that writes nothing is refused, whatever it expects.
pub fn a_batch_that_writes_nothing_is_refused<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    for batch in [
        Batch::to(&account("petra")),
        Batch::to(&account("petra")).expecting(ExpectedVersion::NoStream),
        Batch::to(&account("petra")).fail_if_events_match(Query::all(), Position::START),
    ] {
        let error = refused(&store, batch, "there is nothing to append");
        assert!(
            matches!(error, AppendError::Empty),
            "the error says that there is nothing to append: {error}"
        );
    }
}

/// Events without ids get ids of their own, and are recorded each time.
pub fn events_without_ids_get_ids_of_their_own<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let batch = || Batch::to(&account("petra")).events([Fact::Deposited(1), Fact::Deposited(1)]);
    append(&store, batch());
    let again = append(&store, batch());
    assert!(!again.repeated, "without ids, the same events happen again");
    let entries = shown(&store, Query::all());
    assert_eq!(entries.len(), 4, "they are recorded each time");
    let mut ids: Vec<_> = entries.iter().map(|(envelope, _)| envelope.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4, "no id comes twice");
}

/// A large batch is as atomic as a small one, and is read back whole.
pub fn a_large_batch_is_read_back_whole<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let streams: Vec<_> = (0..7).map(|number| named(&format!("account-{number}"))).collect();
    let mut batch = Batch::to(&streams[0]);
    for number in 0..1_000 {
        batch = batch.and_to(&streams[number as usize % 7]).event(Fact::Deposited(number));
    }
    append(&store, batch);
    assert_eq!(
        facts(&store, Query::all()),
        (0..1_000).map(Fact::Deposited).collect::<Vec<_>>(),
        "all of it is read"
    );
    let of_third = facts(&store, Query::stream(&streams[3]));
    assert_eq!(
        of_third,
        (0..1_000).filter(|n| n % 7 == 3).map(Fact::Deposited).collect::<Vec<_>>(),
        "and of a stream"
    );
}
