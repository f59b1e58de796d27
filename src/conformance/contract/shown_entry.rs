//! What a read shows, in a form that can be compared: of a store, and of the log of the contract.

use super::log::{ContractEntry, ContractLog};
use crate::conformance::Fact;
use crate::conformance::entries::EntryContent;
use crate::recorded::{Envelope, Headers, Tag};
use crate::store::{DESCRIBED, Entry, EventReader, Query, Read};
use std::ops::ControlFlow;

/// The part of an entry that does not depend on the store's clock and the ids that it makes. The last two are its event, or
/// the metadata of its stream.
pub(super) type ShownEntry = (u64, String, u64, String, Vec<Tag>, Option<Fact>, Option<Headers>);

fn seen(envelope: &Envelope, fact: Option<&Fact>, headers: Option<&Headers>) -> ShownEntry {
    (
        envelope.position.get(),
        envelope.stream.to_string(),
        envelope.version.get(),
        envelope.event_type.to_string(),
        envelope.tags.clone(),
        fact.cloned(),
        headers.cloned(),
    )
}

pub(super) fn shown_by_store(store: &impl EventReader<Fact>, read: &Read) -> (Vec<ShownEntry>, u64) {
    let mut all = Vec::new();
    let head = store.visit(read, &mut |entry| {
        all.push(match entry {
            Entry::Event(envelope, event) => seen(envelope, Some(event), None),
            Entry::Deleted(envelope) => seen(envelope, None, None),
            Entry::Described(envelope, headers) => seen(envelope, None, Some(headers)),
        });
        ControlFlow::Continue(())
    });
    (all, head.expect("the store can be read").get())
}

pub(super) fn shown_by_log(log: &ContractLog, read: &Read) -> Vec<ShownEntry> {
    let written = |written: &&ContractEntry| match &written.what {
        EntryContent::Event(fact) => seen(&written.envelope, Some(fact), None),
        EntryContent::Deleted => seen(&written.envelope, None, None),
        EntryContent::Described(headers) => seen(&written.envelope, None, Some(headers)),
    };
    log.read(read).iter().map(written).collect()
}

/// A read of all entries, including the metadata of streams.
pub(super) fn everything() -> Read {
    Query::all().or(Query::of_types([DESCRIBED])).into()
}
