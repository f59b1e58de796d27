//! The batches and reads worth trying on a log. They use few streams, types, tags and ids, so that they conflict often.

use super::{ContractEntry, ContractLog};
use crate::conformance::Fact;
use crate::conformance::entries::EntryContent;
use crate::recorded::{EventId, Headers, Position, StreamName, Tag, Version};
use crate::store::{Batch, DELETED, ExpectedVersion, NewEvent, Query, Read};

fn stream(name: &str) -> StreamName {
    StreamName::new(name).expect("the alphabet's names are names")
}

fn tag(text: &str) -> Tag {
    Tag::new(text).expect("the alphabet's tags are tags")
}

fn streams() -> [StreamName; 3] {
    ["account-a", "account-b", "note-a"].map(stream)
}

/// All batches worth trying.
pub(super) fn alphabet(log: &ContractLog) -> Vec<Batch<Fact>> {
    let mut batches = Vec::new();
    let deposit = |to: &StreamName| Batch::to(to).event(Fact::Deposited(1));
    for stream in &streams() {
        let at = log.state(stream).version().get();
        batches.push(deposit(stream));
        batches.push(Batch::to(stream).delete());
        batches.push(Batch::to(stream).record(NewEvent::of(Fact::Closed).tag(tag("red")).tag(tag("blue"))));
        for key in ["owner", "limit"] {
            batches.push(Batch::to(stream).describe(Headers::from([(key.to_string(), 1.into())])));
        }
        for expected in [
            ExpectedVersion::Any,
            ExpectedVersion::NoStream,
            ExpectedVersion::StreamExists,
            Version::new(at).into(),
            Version::new(at + 1).into(),
            Version::new(at.saturating_sub(1)).into(),
        ] {
            batches.push(deposit(stream).expecting(expected));
            batches.push(Batch::to(stream).delete().expecting(expected));
            for other in streams().iter().filter(|other| *other != stream) {
                let both = deposit(other).expecting(log.state(other).version()).and_to(stream);
                batches.push(both.expecting(expected).event(Fact::Closed));
                batches.push(deposit(other).and_to(stream).expecting(expected).event(Fact::Closed));
            }
        }
        for number in 1..=2 {
            let id = |text: &str| EventId::new(text).expect("the alphabet's ids are ids");
            let event = |name: &str| NewEvent::of(Fact::Deposited(number)).id(id(name));
            batches.push(Batch::to(stream).record(event("one")));
            batches.push(Batch::to(stream).record(event("two")).event(Fact::Closed).record(event("three")));
        }
    }
    let head = log.head().get();
    for query in queries() {
        for after in [0, head / 2, head] {
            batches
                .push(deposit(&stream("note-b")).fail_if_events_match(query.clone(), Position::new(after)));
        }
    }
    batches.extend(again(log));
    batches
}

/// The last batches with an id, unchanged.
fn again(log: &ContractLog) -> Vec<Batch<Fact>> {
    let mut firsts: Vec<u64> =
        log.entries().filter(|written| written.given.is_some()).map(|it| it.batch).collect();
    firsts.dedup();
    let again = |first: &u64| {
        let batch = Batch::to(&stream("note-b"));
        log.entries().filter(|written| written.batch == *first).fold(batch, |batch, written| {
            let ContractEntry { envelope, what, given, .. } = written;
            let batch = batch.and_to(&envelope.stream);
            match what.clone() {
                EntryContent::Event(fact) => batch.record(NewEvent {
                    id: given.clone(),
                    tags: envelope.tags.clone(),
                    ..NewEvent::of(fact)
                }),
                EntryContent::Deleted => batch.delete(),
                EntryContent::Described(headers) => batch.describe(headers),
            }
        })
    };
    firsts.iter().rev().take(3).map(again).collect()
}

fn queries() -> Vec<Query> {
    let account = || Query::stream(&stream("account-a"));
    vec![
        Query::category("account").expect("a category"),
        account().types(["Closed", DELETED]),
        Query::tagged(tag("red")).tag(tag("blue")).or(Query::stream(&stream("note-a"))),
        Query::of_types(["Deposited"]),
    ]
}

/// Reads that show whether a log with this head is as it should be.
pub(super) fn reads(head: Position) -> Vec<Read> {
    let middle = Position::new(head.get() / 2);
    let mut reads = vec![Query::all().backwards(), Query::all().after(middle).limit(2)];
    for query in queries() {
        reads.push(query.clone().backwards().limit(2));
        reads.push(query.from_version(Version::new(2)));
    }
    reads
}
