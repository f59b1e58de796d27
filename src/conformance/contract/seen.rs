//! What a read shows, in a form that can be compared: of a store, and of the log of the contract.

use super::log::{Log, What, Written};
use crate::conformance::Fact;
use crate::recorded::{Envelope, Headers, Tag};
use crate::store::{DESCRIBED, Entry, EventReader, Query, Read};
use std::ops::ControlFlow;

/// What of an entry does not depend on the store's clock and on the ids it makes; at the end its event, or what its stream
/// was described with.
pub(super) type Seen = (u64, String, u64, String, Vec<Tag>, Option<Fact>, Option<Headers>);

fn seen(envelope: &Envelope, fact: Option<&Fact>, headers: Option<&Headers>) -> Seen {
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

pub(super) fn seen_in_store(store: &impl EventReader<Fact>, read: &Read) -> (Vec<Seen>, u64) {
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

pub(super) fn seen_in_log(log: &Log, read: &Read) -> Vec<Seen> {
    let written = |written: &&Written| match &written.what {
        What::Event(fact) => seen(&written.envelope, Some(fact), None),
        What::Deleted => seen(&written.envelope, None, None),
        What::Described(headers) => seen(&written.envelope, None, Some(headers)),
    };
    log.read(read).iter().map(written).collect()
}

/// Everything, the metadata of streams included.
pub(super) fn everything() -> Read {
    Query::all().or(Query::of_types([DESCRIBED])).into()
}
