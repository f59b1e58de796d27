//! A read shows the entries of its query, in order, within its bounds, and as the log was when the read began.

use super::entries::{positions, shown};
use super::{Candidate, Dice, Fact, account, append, category, named, opened, tag};
use crate::recorded::{Envelope, Headers, Position, StreamName, Tag, Version};
use crate::store::{Batch, DELETED, DESCRIBED, EventReader, NewEvent, Query, QueryItem, Read};
use std::ops::ControlFlow;
use std::sync::mpsc;
use std::time::Duration;

fn tagged(fact: Fact, tags: &[&str]) -> NewEvent<Fact> {
    tags.iter().fold(NewEvent::of(fact), |new, text| new.tag(tag(text)))
}

/// A log of streams whose names are alike.
///
/// | position | stream | version | type | tags |
/// |---|---|---|---|---|
/// | 1 | order-1 | 1 | Opened | red, large |
/// | 2 | order-2 | 1 | Opened | red |
/// | 3 | order-1 | 2 | Deposited | large |
/// | 4 | shop-order-1 | 1 | Opened | |
/// | 5 | order | 1 | Noted | red |
/// | 6 | order-1 | 3 | Closed | red, large |
/// | 7 | orders-1 | 1 | Opened | large |
/// | 8 | order-2 | 2 | Deposited | |
/// | 9 | order-1 | 4 | Deposited | blue |
fn log(store: &impl Candidate) {
    for (stream, event) in [
        ("order-1", tagged(opened(), &["red", "large"])),
        ("order-2", tagged(opened(), &["red"])),
        ("order-1", tagged(Fact::Deposited(1), &["large"])),
        ("shop-order-1", tagged(opened(), &[])),
        ("order", tagged(Fact::Noted("alone".into()), &["red"])),
        ("order-1", tagged(Fact::Closed, &["red", "large"])),
        ("orders-1", tagged(opened(), &["large"])),
        ("order-2", tagged(Fact::Deposited(2), &[])),
        ("order-1", tagged(Fact::Deposited(3), &["blue"])),
    ] {
        append(store, Batch::to(&named(stream)).record(event));
    }
}

#[track_caller]
fn reads(store: &impl Candidate, read: impl Into<Read>, expected: &[u64], promise: &str) {
    let read = read.into();
    assert_eq!(positions(store, &read), expected, "{promise}: {read:?}");
}

/// A query finds the events of a stream, of several streams, and of a category: the part of its name before the first dash.
pub fn events_are_found_by_stream_and_by_category<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    log(&store);
    let streams = |names: &[&str]| Query::streams(names.iter().map(|name| named(name)));
    reads(&store, Query::all(), &[1, 2, 3, 4, 5, 6, 7, 8, 9], "every event");
    reads(&store, streams(&["order-1"]), &[1, 3, 6, 9], "the events of one stream");
    reads(
        &store,
        streams(&["order-2", "order-1"]),
        &[1, 2, 3, 6, 8, 9],
        "the events of several streams, in order",
    );
    reads(&store, streams(&["order-1", "order-1"]), &[1, 3, 6, 9], "a stream named twice is read once");
    reads(&store, streams(&["order-3"]), &[], "a stream that is not there has no events");
    reads(&store, streams(&["order-3", "order"]), &[5], "nor does it hide others");
    reads(&store, streams(&[]), &[], "of no streams, no events");
    reads(&store, category("order"), &[1, 2, 3, 5, 6, 8, 9], "a category is the part before the dash");
    reads(&store, category("shop"), &[4], "before the first dash, if there are several");
    let item = QueryItem { categories: vec!["shop-order".into()], ..QueryItem::default() };
    reads(&store, Query::any_of([item]), &[], "the part before another dash is none");
    reads(&store, category("orders"), &[7], "nor is a part of a name");
}

/// Types are alternatives; tags must all be there; items are alternatives.
pub fn types_are_alternatives_tags_are_not_and_items_are<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    log(&store);
    let all = Query::all;
    let types = |types: &[&str]| Query::of_types(types.iter().copied());
    reads(&store, types(&["Opened"]), &[1, 2, 4, 7], "the events of one type");
    reads(&store, types(&["Closed", "Noted", "Unheard"]), &[5, 6], "one of the types is enough");
    reads(&store, types(&[]), &[], "of no types, no events");
    reads(&store, Query::tagged(tag("red")), &[1, 2, 5, 6], "the events with a tag");
    reads(&store, Query::tagged(tag("red")).tag(tag("large")), &[1, 6], "all tags must be there");
    reads(&store, Query::tagged(tag("blue")).tag(tag("red")), &[], "also when each is there somewhere");
    reads(&store, Query::tagged(tag("re")), &[], "a tag is no prefix");
    let order = |id: &str| Query::stream(&named(&format!("order-{id}")));
    reads(&store, order("1").types(["Opened", "Deposited"]), &[1, 3, 9], "stream and type must both fit");
    reads(&store, order("1").tag(tag("large")), &[1, 3, 6], "stream and tag must both fit");
    reads(&store, category("order").types(["Opened"]).tag(tag("red")), &[1, 2], "all three must");
    reads(&store, order("1").types(["Closed"]).or(order("2")), &[2, 6, 8], "one of the items is enough");
    reads(
        &store,
        order("1").or(Query::tagged(tag("large"))),
        &[1, 3, 6, 7, 9],
        "what fits two items comes once",
    );
    reads(&store, all().or(order("1")), &[1, 2, 3, 4, 5, 6, 7, 8, 9], "what fits two items comes once");
    reads(&store, Query::any_of([]), &[], "without an item, no events");
    let either = QueryItem {
        streams: vec![named("orders-1")],
        categories: vec!["shop".into()],
        ..QueryItem::default()
    };
    reads(&store, Query::any_of([either]), &[4, 7], "streams and categories of one item are alternatives");
}

/// An event that carries a tag twice is found once.
pub fn an_event_that_carries_a_tag_twice_is_found_once<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let twice = NewEvent { tags: vec![tag("red"), tag("large"), tag("red")], ..NewEvent::of(opened()) };
    append(&store, Batch::to(&account("petra")).record(twice));
    for query in [Query::tagged(tag("red")), Query::tagged(tag("red")).tag(tag("red")), Query::all()] {
        reads(&store, query, &[1], "an event is found once");
    }
}

/// Bounds of positions are included, in both directions.
pub fn reads_are_bounded_by_positions<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    log(&store);
    let one = || Query::stream(&named("order-1"));
    let at = Position::new;
    reads(&store, one().starting_at(at(3)), &[3, 6, 9], "the first position is included");
    reads(&store, one().starting_at(at(4)), &[6, 9], "it need not be one of the query's");
    reads(&store, one().after(at(3)), &[6, 9], "after a position, it is not");
    reads(&store, one().until(at(6)), &[1, 3, 6], "the last position is included");
    reads(&store, one().until(at(5)), &[1, 3], "it need not be one of the query's");
    reads(&store, one().starting_at(at(3)).until(at(6)), &[3, 6], "both may be said");
    reads(&store, one().starting_at(at(6)).until(at(3)), &[], "nothing is between bounds that cross");
    reads(&store, one().after(at(9)), &[], "nothing comes after the last position");
    reads(&store, one().after(at(u64::MAX)), &[], "nor after the largest possible one");
    reads(&store, one().until(Position::START), &[], "nor before the first");
    reads(
        &store,
        Query::all().starting_at(at(4)).until(at(6)),
        &[4, 5, 6],
        "the whole log has the same bounds",
    );
    reads(&store, Query::all().after(at(8)), &[9], "the whole log has the same bounds");
    reads(&store, Query::all().after(at(8)).backwards(), &[9], "bounds are the same backwards");
    reads(
        &store,
        one().starting_at(at(3)).until(at(6)).backwards(),
        &[6, 3],
        "bounds are the same backwards",
    );
}

/// Bounds of versions are included, and are those of each stream.
pub fn reads_are_bounded_by_versions<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    log(&store);
    let one = || Query::stream(&named("order-1"));
    let at = Version::new;
    reads(&store, one().from_version(at(2)), &[3, 6, 9], "the first version is included");
    reads(&store, one().until_version(at(2)), &[1, 3], "the last version is included");
    reads(&store, one().from_version(at(2)).until_version(at(3)), &[3, 6], "both may be said");
    reads(
        &store,
        one().from_version(at(3)).until_version(at(2)),
        &[],
        "nothing is between bounds that cross",
    );
    reads(&store, one().from_version(Version::NONE), &[1, 3, 6, 9], "no version comes before the first");
    reads(&store, one().from_version(at(5)), &[], "nothing comes after the last version");
    reads(&store, one().until_version(at(3)).backwards(), &[6, 3, 1], "bounds are the same backwards");
    reads(
        &store,
        one().from_version(at(2)).until(Position::new(6)),
        &[3, 6],
        "positions and versions both bound",
    );
    reads(&store, category("order").from_version(at(2)), &[3, 6, 8, 9], "each stream has its own versions");
    reads(&store, Query::tagged(tag("red")).until_version(at(1)), &[1, 2, 5], "however they are found");
    reads(&store, Query::all().from_version(at(3)), &[6, 9], "however they are found");
}

/// A backward read is the same read from its end, and a limit counts from where the read begins.
pub fn reads_go_backwards_and_end_at_their_limit<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    log(&store);
    let one = || Query::stream(&named("order-1"));
    reads(&store, one().backwards(), &[9, 6, 3, 1], "the last comes first");
    reads(&store, Query::all().backwards(), &[9, 8, 7, 6, 5, 4, 3, 2, 1], "the last comes first");
    let several = one().or(Query::tagged(tag("large"))).backwards();
    reads(&store, several, &[9, 7, 6, 3, 1], "also over several items");
    reads(&store, one().limit(2), &[1, 3], "a limit is how many there are at most");
    reads(&store, one().backwards().limit(2), &[9, 6], "counted from where the read begins");
    reads(&store, one().limit(0), &[], "at most none");
    reads(&store, one().limit(99), &[1, 3, 6, 9], "fewer than the limit may be there");
    reads(&store, one().after(Position::new(1)).limit(1), &[3], "a limit counts within the bounds");
    reads(&store, one().from_version(Version::new(3)).limit(1), &[6], "a limit counts within the bounds");
    reads(&store, one().types(["Deposited"]).limit(1), &[3], "a limit counts what fits");
}

/// A read finds the same as checking every event, for random logs and random reads.
pub fn every_read_is_what_a_look_at_every_event_finds<S: Candidate>(make: impl Fn() -> S) {
    for seed in 0..8 {
        let mut dice = Dice::new(seed);
        let store = make();
        let streams: Vec<StreamName> =
            ["a-1", "a-2", "b-1", "a-b-1", "alone"].iter().map(|name| named(name)).collect();
        let tags: Vec<Tag> = ["red", "green", "blue"].iter().map(|text| tag(text)).collect();
        for _ in 0..15 {
            append(&store, random_batch(&mut dice, &store, &streams, &tags));
        }
        let everything = shown(&store, Query::all().or(Query::of_types([DESCRIBED])));
        for _ in 0..150 {
            let read = random_read(&mut dice, &streams, &tags);
            let mut expected: Vec<&Envelope> = everything
                .iter()
                .map(|(envelope, _)| envelope)
                .filter(|envelope| read.matches(envelope))
                .collect();
            if read.direction() == crate::store::Direction::Backwards {
                expected.reverse();
            }
            expected.truncate(read.most().unwrap_or(usize::MAX));
            let found = shown(&store, &read);
            let found: Vec<&Envelope> = found.iter().map(|(envelope, _)| envelope).collect();
            assert_eq!(
                found, expected,
                "a read finds the same as checking every event (seed {seed}): {read:?}"
            );
        }
    }
}

fn random_batch(
    dice: &mut Dice,
    store: &impl Candidate,
    streams: &[StreamName],
    tags: &[Tag],
) -> Batch<Fact> {
    let mut batch = Batch::to(&streams[0]);
    for _ in 0..=dice.below(4) {
        let stream = dice.one_of(streams).clone();
        let state = store.stream(&stream).expect("the store can look up a stream");
        batch = batch.and_to(&stream);
        if let Some(info) = state {
            batch = batch.expecting(info.state.version());
        }
        batch = match dice.below(9) {
            0 => batch.delete(),
            1 => batch.describe(Headers::from([("n".into(), (dice.below(9) as i64).into())])),
            number => {
                let fact = [opened(), Fact::Deposited(1), Fact::Closed][number % 3].clone();
                batch.record(NewEvent { tags: dice.some_of(tags, 2), ..NewEvent::of(fact) })
            }
        };
        // A stream without events can only be deleted if that is expected.
        batch = if store.stream(&stream).is_ok_and(|info| info.is_none()) {
            batch.expecting(Version::NONE)
        } else {
            batch
        };
    }
    batch
}

fn random_read(dice: &mut Dice, streams: &[StreamName], tags: &[Tag]) -> Read {
    let mut items = Vec::new();
    for _ in 0..dice.below(4) {
        let some = |dice: &mut Dice, names: &[&str], most| -> Vec<String> {
            dice.some_of(names, most).iter().map(ToString::to_string).collect()
        };
        items.push(QueryItem {
            streams: dice.some_of(streams, 1),
            categories: some(dice, &["a", "b", "a-b", "alone", "none"], 1),
            types: some(dice, &["Opened", "Deposited", "Closed", DELETED, DESCRIBED], 2),
            tags: dice.some_of(tags, 1),
        });
    }
    let mut read = Read::from(Query::any_of(items));
    if dice.below(3) == 0 {
        read = read.starting_at(Position::new(dice.below(30) as u64));
    }
    if dice.below(3) == 0 {
        read = read.until(Position::new(dice.below(50) as u64));
    }
    if dice.below(4) == 0 {
        read = read.from_version(Version::new(dice.below(6) as u64));
    }
    if dice.below(4) == 0 {
        read = read.until_version(Version::new(dice.below(9) as u64));
    }
    if dice.below(2) == 0 {
        read = read.backwards();
    }
    if dice.below(3) == 0 {
        read = read.limit(dice.below(6));
    }
    read
}

/// A read sees the log as it is when the read begins, whatever is appended meanwhile, and reports its head at that time.
pub fn a_read_sees_the_log_as_it_was_when_it_began<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let petra = account("petra");
    for query in [Query::all(), Query::stream(&petra), Query::of_types(["Deposited"]).or(category("account"))]
    {
        append(&store, Batch::to(&petra).events((0..3).map(Fact::Deposited)));
        let before = positions(&store, &query);
        let (mut seen, mut appended) = (Vec::new(), false);
        let head = store.visit(&query.clone().into(), &mut |entry| {
            if !std::mem::replace(&mut appended, true) {
                append(&store, Batch::to(&petra).events((0..200).map(Fact::Deposited)));
            }
            seen.push(entry.envelope().position.get());
            ControlFlow::Continue(())
        });
        assert_eq!(seen, before, "what is appended while a read goes on is not seen by it: {query}");
        let head = head.expect("the store can be read").get();
        assert_eq!(
            Some(head),
            before.last().copied(),
            "a read reports the head of the log when it began: {query}"
        );
        assert_eq!(positions(&store, &query).len(), before.len() + 200, "the next read sees it");
    }
}

/// A reader does not keep a writer waiting, however long it takes.
pub fn a_reader_does_not_keep_a_writer_waiting<S: Candidate>(make: impl Fn() -> S) {
    let store = &make();
    append(store, Batch::to(&account("petra")).events((0..3).map(Fact::Deposited)));
    let mut waited = false;
    let outcome = std::thread::scope(|scope| {
        store.visit(&Query::all().into(), &mut |_| {
            let (done, written) = mpsc::channel();
            scope.spawn(move || {
                append(store, Batch::to(&account("alex")).event(opened()));
                // If it took too long, nobody receives this.
                let _ = done.send(());
            });
            waited |= written.recv_timeout(Duration::from_secs(5)).is_err();
            if waited { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    });
    outcome.expect("the store can be read");
    assert!(!waited, "a writer goes on while a reader reads");
}

/// A read that is stopped shows nothing more, and still reports the head of the log.
pub fn a_read_ends_where_it_is_broken_off<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    log(&store);
    let one = Query::stream(&named("order-1"));
    for query in [Query::all(), one.clone(), one.or(Query::of_types(["Opened"]))] {
        for read in [Read::from(&query), query.clone().backwards()] {
            let (expected, mut seen) = (positions(&store, &read), Vec::new());
            let head = store.visit(&read, &mut |entry| {
                seen.push(entry.envelope().position.get());
                if seen.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            assert_eq!(
                seen,
                expected[..2],
                "a read that is stopped at the second entry has shown two: {read:?}"
            );
            assert_eq!(
                head.expect("the store can be read").get(),
                9,
                "it reports the head of the log: {read:?}"
            );
        }
    }
}

/// A read reports the head of the log, including entries that do not match.
pub fn a_read_tells_how_far_the_log_was<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    log(&store);
    let head = |read: Read| {
        store.visit(&read, &mut |_| ControlFlow::Continue(())).expect("the store can be read").get()
    };
    for read in [
        Query::all().into(),
        Query::stream(&named("nowhere")).into(),
        Query::any_of([]).into(),
        Query::all().limit(1),
        Query::all().limit(0),
        Query::all().until(Position::new(3)),
        Query::all().backwards(),
    ] {
        assert_eq!(head(read.clone()), 9, "the answer to a read is the head of the log: {read:?}");
    }
    fn readable(store: &impl EventReader<Fact>) -> u64 {
        store.head().expect("the store can report its head").get()
    }
    assert_eq!(readable(&store), 9, "and so is the head itself");
}
