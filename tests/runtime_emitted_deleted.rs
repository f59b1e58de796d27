//! A projection is deleted without what it has emitted, or together with it, as the caller says.
#![allow(missing_docs)]

use leftfold::recorded::StreamName;
use leftfold::runtime::{Emission, Folded, Link, Projection, Runner, RunnerError};
use leftfold::store::{Batch, EventReader, EventStore, Memory, Query, Reading, StreamState};
use leftfold::{Fold, sum, view};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sold;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Second;

sum! { #[derive(Clone, Debug, PartialEq)] pub enum Event { Sold(Sold), Second(Second), Link(Link) } }

type Store = Arc<Memory<Event>>;

fn stream(name: &str) -> StreamName {
    StreamName::new(name).unwrap()
}

/// Emits an event for each second sale, and links all.
fn sales(
    store: &Store,
    name: &str,
) -> Projection<Folded<impl Fold<State = u64, Event = Event> + Send + use<>>, Event> {
    let counts = view(|| 0, |count: u64, _: &Event| count + 1);
    Projection::new(name, Query::category("shop").unwrap(), Folded::of(counts)).emitting(
        store.clone(),
        |model, envelope, _| {
            let mut emitted = vec![Emission::link_to(stream("links"), envelope)];
            emitted.extend(model.look(|count| count % 2 == 0).then(|| Emission::own(Second)));
            emitted
        },
    )
}

fn ran(folder: &Path) -> (Store, Runner<Event, Folded<impl Fold<State = u64, Event = Event> + Send>, Store>) {
    let store = Store::default();
    store.append(Batch::to(&stream("shop-1")).events([(); 5].map(|()| Sold.into()))).unwrap();
    let mut runner = Runner::open(sales(&store, "sales"), store.clone(), folder).unwrap();
    runner.run_once().unwrap();
    (store, runner)
}

fn state(store: &Store, name: &str) -> StreamState {
    store.stream(&stream(name)).unwrap().map_or(StreamState::Missing, |info| info.state)
}

#[test]
fn what_a_projection_has_emitted_stays_when_it_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (store, runner) = ran(folder.path());
    runner.delete().unwrap();
    assert_eq!(state(&store, "sales"), StreamState::At(2.into()));
    let mut again = Runner::open(sales(&store, "sales"), store.clone(), folder.path()).unwrap();
    assert_eq!(again.run_once().unwrap().lag, 0);
    assert_eq!(state(&store, "sales"), StreamState::At(2.into()), "nothing is emitted twice");
}

#[test]
fn what_a_projection_has_emitted_is_deleted_with_it_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let (store, runner) = ran(folder.path());
    runner.delete_with_emitted().unwrap();
    assert_eq!(state(&store, "sales"), StreamState::Deleted(3.into()));
    assert_eq!(state(&store, "links"), StreamState::At(5.into()), "links in other streams stay");
    assert_eq!(store.all(Query::stream(&stream("sales"))).unwrap().len(), 2, "the log forgets nothing");
    assert!(!folder.path().join("sales.json").exists());

    // Again, as after a failure half way: the stream is deleted already.
    Runner::open(sales(&store, "sales"), store.clone(), folder.path())
        .unwrap()
        .delete_with_emitted()
        .unwrap();
    assert_eq!(state(&store, "sales"), StreamState::Deleted(3.into()));

    // Another name begins another stream.
    Runner::open(sales(&store, "sales again"), store.clone(), folder.path()).unwrap().run_once().unwrap();
    assert_eq!(state(&store, "sales again"), StreamState::At(2.into()));
}

#[test]
fn a_projection_that_emits_nothing_has_nothing_to_delete_but_its_read_model() {
    let folder = tempfile::tempdir().unwrap();
    let counts = view(|| 0u64, |count, _: &Event| count + 1);
    let projection = Projection::new("counts", Query::all(), Folded::of(counts));
    let store = Store::default();
    store.append(Batch::to(&stream("shop-1")).event(Sold.into())).unwrap();
    let mut runner = Runner::open(projection, store.clone(), folder.path()).unwrap();
    runner.run_once().unwrap();
    let deleted: Result<(), RunnerError> = runner.delete_with_emitted();
    deleted.unwrap();
    assert_eq!(state(&store, "counts"), StreamState::Missing);
    assert!(!folder.path().join("counts.json").exists());
}
