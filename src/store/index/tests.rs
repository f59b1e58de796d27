//! The index finds what a scan of all entries finds.

use super::super::query::{Direction, Query, QueryItem, Read};
use super::{
    DELETED, DESCRIBED, EntryPosition, Index, IndexedAs, KIND_DELETED, KIND_DESCRIBED, Listed, Lookup,
    Numbers, Positioned, Row,
};
use crate::recorded::{Envelope, EventId, Headers, Metadata, Position, StreamName, Tag, Timestamp, Version};
use crate::store::Listing;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::ops::ControlFlow;
use std::sync::Arc;

/// An entry with its envelope.
type Entry = Arc<(Envelope, Numbers)>;

/// An entry that its stream's list holds as it is: as in the memory store.
#[derive(Clone)]
struct Whole(Entry);

/// An entry that its stream's list holds by its position: as in the file store.
#[derive(Clone)]
struct Placed(Entry);

impl Positioned for Whole {
    fn position(&self) -> u64 {
        self.0.0.position.get()
    }
}

impl Positioned for Placed {
    fn position(&self) -> u64 {
        self.0.0.position.get()
    }
}

impl Listed<Whole> for Whole {
    fn show(
        &self,
        _: &mut Lookup<'_, Whole>,
        each: &mut dyn FnMut(&Whole) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        each(self)
    }
}

impl Row for Whole {
    type InStream = Whole;

    fn in_stream(&self) -> Whole {
        self.clone()
    }

    fn numbers(&self) -> Numbers {
        self.0.1
    }
}

impl Row for Placed {
    type InStream = EntryPosition;

    fn in_stream(&self) -> EntryPosition {
        EntryPosition(self.position())
    }

    fn numbers(&self) -> Numbers {
        self.0.1
    }
}

trait OfEntry: Row {
    fn of(entry: Entry) -> Self;
    fn entry(&self) -> &Entry;
}

impl OfEntry for Whole {
    fn of(entry: Entry) -> Whole {
        Whole(entry)
    }

    fn entry(&self) -> &Entry {
        &self.0
    }
}

impl OfEntry for Placed {
    fn of(entry: Entry) -> Placed {
        Placed(entry)
    }

    fn entry(&self) -> &Entry {
        &self.0
    }
}

const STREAMS: [&str; 6] = ["a-1", "a-2", "b-1", "a-b-1", "alone", "b-2"];
const CATEGORIES: [&str; 4] = ["a", "b", "a-b", "alone"];
const TYPES: [&str; 5] = ["Opened", "Moved", "Closed", DELETED, DESCRIBED];
const TAGS: [&str; 3] = ["red", "green", "blue"];

/// What is added to a log: a stream, a type and tags, the same tag perhaps twice.
type Added = (&'static str, &'static str, Vec<&'static str>);

fn added() -> impl Strategy<Value = Added> {
    let kind = prop_oneof![6 => select(&TYPES[..3]), 1 => select(&TYPES[3..])];
    (select(&STREAMS[..5]), kind, prop::collection::vec(select(&TAGS[..]), 0..4)).prop_map(
        |(stream, kind, tags)| (stream, kind, if kind.starts_with('$') { Vec::new() } else { tags }),
    )
}

fn tags(names: &[&str]) -> Vec<Tag> {
    names.iter().map(|name| Tag::new(*name).unwrap()).collect()
}

fn add<R: OfEntry>(index: &mut Index<R>, (stream, kind, names): &Added) {
    let place = index.numbers_of_text(stream, kind).unwrap();
    let described = place.kind == KIND_DESCRIBED;
    let envelope = Envelope {
        position: Position::new(index.head() + 1),
        stream: StreamName::new(*stream).unwrap(),
        version: Version::new(index.version(place.stream) + u64::from(!described)),
        event_type: (*kind).into(),
        tags: tags(names),
        recorded_at: Timestamp::UNIX_EPOCH,
        id: EventId::new("id").unwrap(),
        metadata: Metadata::default(),
    };
    let headers = Headers::from([("at".to_string(), (index.head() as i64).into())]);
    let row = R::of(Arc::new((envelope, place)));
    let kind = if described { IndexedAs::Described(headers.into()) } else { IndexedAs::OfStream };
    index.add(row, &tags(names), kind);
    index.end_batch();
}

fn index<R: OfEntry>(log: &[Added]) -> Index<R> {
    let mut index = Index::new();
    log.iter().for_each(|added| add(&mut index, added));
    index
}

fn item() -> impl Strategy<Value = QueryItem> {
    let some = |names: &'static [&'static str], most| {
        prop_oneof![Just(Vec::new()), subsequence(names, 0..=most)]
            .prop_map(|names| names.into_iter().map(str::to_string).collect::<Vec<_>>())
    };
    (some(&STREAMS, 3), some(&CATEGORIES, 2), some(&TYPES, 3), some(&TAGS, 2)).prop_map(
        |(streams, categories, types, tags)| QueryItem {
            streams: streams.into_iter().map(|name| StreamName::new(name).unwrap()).collect(),
            categories,
            types,
            tags: tags.into_iter().map(|tag| Tag::new(tag).unwrap()).collect(),
        },
    )
}

/// A bound at which most of a log of 40 entries lies, or none.
fn bound(none: u64) -> impl Strategy<Value = u64> {
    prop_oneof![2 => Just(none), 3 => 0..45u64]
}

fn read() -> impl Strategy<Value = Read> {
    let versions = || prop_oneof![3 => Just(None), 1 => (0..8u64).prop_map(Some)];
    (
        prop::collection::vec(item(), 0..4),
        (bound(0), bound(u64::MAX)),
        (versions(), versions()),
        any::<bool>(),
        prop::option::of(0..5usize),
    )
        .prop_map(|(items, (from, until), versions, backwards, limit)| {
            let mut read = Query::any_of(items).starting_at(Position::new(from)).until(Position::new(until));
            if let Some(version) = versions.0 {
                read = read.from_version(Version::new(version));
            }
            if let Some(version) = versions.1 {
                read = read.until_version(Version::new(version));
            }
            let read = if backwards { read.backwards() } else { read };
            limit.map_or(read.clone(), |limit| read.limit(limit))
        })
}

/// The positions that a selection shows, with what the reader of it does.
fn selected<R: OfEntry>(index: &Index<R>, read: &Read) -> Vec<u64> {
    let ((from, until), (first, last)) = (read.positions(), read.versions());
    let backwards = read.direction() == Direction::Backwards;
    let selection = index.select(read.query(), from.get(), until.get(), (first.get(), last.get()), backwards);
    let mut found = Vec::new();
    let most = read.most().unwrap_or(usize::MAX);
    selection.each(&mut |row| {
        if found.len() == most {
            return ControlFlow::Break(());
        }
        if (first..=last).contains(&row.entry().0.version) {
            found.push(row.position());
        }
        ControlFlow::Continue(())
    });
    found
}

/// The same, without an index.
fn filtered<R: OfEntry>(index: &Index<R>, read: &Read) -> Vec<u64> {
    let rows = (1..=index.head()).map(|position| index.row(position).unwrap());
    let mut found: Vec<u64> =
        rows.filter(|row| read.matches(&row.entry().0)).map(Positioned::position).collect();
    if read.direction() == Direction::Backwards {
        found.reverse();
    }
    found.truncate(read.most().unwrap_or(usize::MAX));
    found
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn a_selection_is_what_a_look_at_every_entry_finds(log in prop::collection::vec(added(), 0..40), read in read()) {
        let whole = index::<Whole>(&log);
        prop_assert_eq!(selected(&whole, &read), filtered(&whole, &read), "{:?}", read);
        let at = index::<Placed>(&log);
        prop_assert_eq!(selected(&at, &read), filtered(&at, &read), "{:?}", read);
    }

    #[test]
    fn an_index_that_was_made_at_once_goes_on_as_one_that_grew(
        log in prop::collection::vec(added(), 0..40),
        more in prop::collection::vec(added(), 0..20),
        read in read(),
        left in 0..60u64,
    ) {
        let mut grown = index::<Placed>(&log);
        let mut made = Index::<Placed>::loaded(grown.unloaded());
        for added in &more {
            add(&mut grown, added);
            add(&mut made, added);
        }
        prop_assert_eq!(selected(&made, &read), filtered(&grown, &read), "{:?}", read);
        grown.cut(left);
        made.cut(left);
        prop_assert_eq!(selected(&made, &read), selected(&grown, &read), "cut, {:?}", read);
        prop_assert_eq!(made.head(), grown.head());
        for position in 0..=made.head() {
            let (made, grown) = (made.listings(), grown.listings());
            prop_assert_eq!(made.streams(&Listing::all(), position), grown.streams(&Listing::all(), position));
            prop_assert_eq!(made.categories(&Listing::all(), position), grown.categories(&Listing::all(), position));
        }
    }

    #[test]
    fn what_is_listed_as_of_a_position_is_what_a_log_up_to_there_lists(log in prop::collection::vec(added(), 0..30)) {
        let whole = index::<Placed>(&log);
        for position in 0..=log.len() {
            let (until, before) = (position as u64, index::<Placed>(&log[..position]));
            for name in STREAMS.map(|name| StreamName::new(name).unwrap()) {
                prop_assert_eq!(whole.stream(&name, until), before.stream(&name, u64::MAX), "{} at {}", name, until);
            }
            let (whole, before) = (whole.listings(), before.listings());
            let all = Listing::all();
            prop_assert_eq!(whole.streams(&all, until), before.streams(&all, u64::MAX), "at {}", until);
            prop_assert_eq!(whole.categories(&all, until), before.categories(&all, u64::MAX), "at {}", until);
        }
    }

    #[test]
    fn an_index_that_was_cut_is_one_that_never_held_more(
        log in prop::collection::vec(added(), 0..40),
        more in prop::collection::vec(added(), 0..5),
        read in read(),
        left in 0..40usize,
    ) {
        let left = left.min(log.len());
        let (mut cut, mut never) = (index::<Placed>(&log), index::<Placed>(&log[..left]));
        cut.cut(left as u64);
        more.iter().for_each(|added| {
            add(&mut cut, added);
            add(&mut never, added);
        });
        prop_assert_eq!(selected(&cut, &read), selected(&never, &read));
        prop_assert_eq!(cut.head(), never.head());
        for name in STREAMS.map(|name| StreamName::new(name).unwrap()) {
            prop_assert_eq!(cut.stream(&name, u64::MAX), never.stream(&name, u64::MAX));
        }
        for position in 0..=cut.head() {
            let (cut, never) = (cut.listings(), never.listings());
            let all = Listing::all();
            prop_assert_eq!(cut.streams(&all, position), never.streams(&all, position));
            prop_assert_eq!(cut.categories(&all, position), never.categories(&all, position));
        }
        for first in 1..=cut.head() {
            for count in 1..4 {
                prop_assert_eq!(cut.is_batch(first, count), never.is_batch(first, count));
            }
        }
    }
}

#[test]
fn an_event_that_carries_a_tag_twice_is_listed_once() {
    let index = index::<Placed>(&[("a-1", "Opened", vec!["red", "green", "red"])]);
    let red = Query::tagged(Tag::new("red").unwrap());
    assert_eq!(selected(&index, &red.into()), [1]);
}

#[test]
fn a_batch_is_told_by_where_it_begins_and_ends() {
    let mut index = index::<Placed>(&[("a-1", "Opened", vec![]), ("a-1", "Moved", vec![])]);
    let place = index.numbers_of_text("a-1", "Closed").unwrap();
    for _ in 0..2 {
        let mut envelope = index.row(1).unwrap().0.0.clone();
        envelope.position = Position::new(index.head() + 1);
        index.add(Placed(Arc::new((envelope, place))), &[], IndexedAs::OfStream);
    }
    index.end_batch();
    assert!(index.is_batch(1, 1) && index.is_batch(2, 1) && index.is_batch(3, 2));
    assert!(!index.is_batch(1, 2) && !index.is_batch(3, 1) && !index.is_batch(4, 1) && !index.is_batch(2, 3));
    let batches = [1, 2, 3, 4].map(|position| index.batch_of(position).unwrap());
    assert_eq!(batches, [(1, 1), (2, 2), (3, 4), (3, 4)]);
    assert_eq!(index.batch_of(5), None);
    assert_eq!(index.kind(KIND_DELETED).as_ref(), DELETED);
}
