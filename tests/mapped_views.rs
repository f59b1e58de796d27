//! A log in other words shows every entry where it stands, and says where it has no words.

use leftfold::recorded::{Envelope, EventId, Position, StreamName};
use leftfold::runtime::{Folded, OnPoison, Projection, Runner, RunnerError};
use leftfold::store::{
    Batch, DELETED, DESCRIBED, Entry, EventReader, EventStore, Listing, Mapped, Memory, NewEvent, Query,
    ReadError, Reading,
};
use leftfold::{Keyed, keyed, view};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Deposited(u32),
    Withdrawn(u32),
}

type Store = Arc<Memory<Event>>;

fn account(id: &str) -> StreamName {
    StreamName::of("account", id).unwrap()
}

/// Two accounts, the first of which was closed and described.
fn bank() -> Store {
    let store = Store::default();
    store.append(Batch::to(&account("17")).event(Event::Deposited(10)).event(Event::Withdrawn(4))).unwrap();
    store.append(Batch::to(&account("18")).event(Event::Deposited(20))).unwrap();
    store.append(Batch::to(&account("17")).describe([("owner".to_string(), "Petra".into())].into())).unwrap();
    store.append(Batch::to(&account("17")).delete()).unwrap();
    store
}

type Told = Keyed<u32, Event>;

fn in_words(store: Store) -> Mapped<Store, Event, impl Fn(&Envelope, &Event) -> Result<Told, String>> {
    Mapped::new(store, |envelope, event: &Event| {
        let id = envelope.stream.id().unwrap_or_default();
        let number = id.parse().map_err(|_| format!("{id} is no number"))?;
        Ok(keyed(number, event.clone()))
    })
}

#[test]
fn every_entry_is_shown_where_it_stands() {
    let log = in_words(bank());
    let mut shown = Vec::new();
    let everything = Query::all().types(["Deposited", "Withdrawn", DELETED, DESCRIBED]);
    let head = log
        .visit(&everything.into(), &mut |entry| {
            let envelope = entry.envelope();
            let what = match entry {
                Entry::Event(_, told) => format!("{} {:?}", told.key, told.message),
                Entry::Deleted(_) => "deleted".to_string(),
                Entry::Described(_, headers) => format!("of {}", headers["owner"]),
            };
            shown.push((envelope.position.get(), envelope.version.get(), what));
            ControlFlow::Continue(())
        })
        .unwrap();
    let shown: Vec<_> =
        shown.iter().map(|(position, version, what)| (*position, *version, &**what)).collect();
    assert_eq!(
        shown,
        [
            (1, 1, "17 Deposited(10)"),
            (2, 2, "17 Withdrawn(4)"),
            (3, 1, "18 Deposited(20)"),
            (4, 2, "of Petra"),
            (5, 3, "deleted"),
        ]
    );
    assert_eq!(head.get(), 5);
}

#[test]
fn a_query_asks_for_what_is_stored_and_may_be_broken_off() {
    let log = in_words(bank());
    let found = log.all(Query::stream(&account("17")).types(["Withdrawn"])).unwrap();
    assert_eq!(
        found.iter().map(|recorded| &recorded.event).collect::<Vec<_>>(),
        [&keyed(17, Event::Withdrawn(4))]
    );
    let mut seen = 0;
    log.visit(&Query::all().into(), &mut |_| {
        seen += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(seen, 1);
}

#[test]
fn what_is_asked_of_the_log_itself_is_answered_by_it() {
    let store = bank();
    let id = EventId::new("known").unwrap();
    store.append(Batch::to(&account("18")).record(NewEvent::of(Event::Deposited(1)).id(id.clone()))).unwrap();
    let log = in_words(store.clone());
    assert_eq!(log.head().unwrap(), store.head().unwrap());
    assert_eq!(log.position_of(&id).unwrap(), Some(Position::new(6)));
    assert_eq!(log.stream(&account("17")).unwrap(), store.stream(&account("17")).unwrap());
    assert_eq!(log.streams(&Listing::all()).unwrap(), store.streams(&Listing::all()).unwrap());
    assert_eq!(log.categories(&Listing::all()).unwrap(), ["account"]);
    assert_eq!(log.wait(Position::new(5), Duration::from_secs(20)).unwrap().get(), 6);
}

#[test]
fn what_has_no_words_ends_a_read_with_where_it_stands() {
    let store = bank();
    store.append(Batch::to(&account("petra")).event(Event::Deposited(1))).unwrap();
    store.append(Batch::to(&account("18")).event(Event::Deposited(2))).unwrap();
    let mut seen = Vec::new();
    let error = in_words(store)
        .visit(&Query::all().into(), &mut |entry| {
            seen.push(entry.envelope().position.get());
            ControlFlow::Continue(())
        })
        .unwrap_err();
    assert_eq!(seen, [1, 2, 3, 5]);
    assert!(
        matches!(&error, ReadError::Unmapped { position, stream, .. } if position.get() == 6 && *stream == account("petra"))
    );
    assert_eq!(
        leftfold::page::with_sources(&error),
        "the event at position 6 of stream account-petra cannot be mapped: petra is no number"
    );
}

#[test]
fn for_a_projection_it_is_poison() {
    let store = bank();
    store.append(Batch::to(&account("petra")).event(Event::Deposited(1))).unwrap();
    store.append(Batch::to(&account("18")).event(Event::Deposited(2))).unwrap();
    let counts = || {
        Folded::of(view(BTreeMap::new, |mut counts: BTreeMap<u32, u32>, event: &Told| {
            *counts.entry(event.key).or_default() += 1;
            counts
        }))
    };
    let folder = tempfile::tempdir().unwrap();
    let stopping = Projection::new("stopping", Query::all(), counts());
    let mut runner = Runner::open(stopping, in_words(store.clone()), folder.path()).unwrap();
    match runner.run_once().unwrap_err() {
        RunnerError::Poison(poison) => {
            assert_eq!((poison.position.get(), &*poison.cause), (6, "petra is no number"));
        }
        other => panic!("{other}"),
    }
    assert_eq!(runner.status().position.get(), 5);

    let skipping = Projection::new("skipping", Query::all(), counts()).on_poison(OnPoison::Skip);
    let mut runner = Runner::open(skipping, in_words(store), folder.path()).unwrap();
    let status = runner.run_once().unwrap();
    assert_eq!((status.position.get(), status.skipped.len()), (7, 1));
    assert_eq!(runner.model().look(Clone::clone), BTreeMap::from([(17, 2), (18, 2)]));
}
