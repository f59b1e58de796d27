//! A projection takes what passes its filters, and says so when a filter cannot be asked.

use leftfold::codec::Codec;
use leftfold::log::FileLog;
use leftfold::recorded::StreamName;
use leftfold::runtime::{Folded, OnPoison, Projection, Runner, RunnerError};
use leftfold::store::{Batch, EventStore, Field, Filter, Memory, NewEvent, Query};
use leftfold::{Fold, view};
use serde::{Deserialize, Serialize};
use std::path::Path;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Sold(u64),
}

fn append(store: &impl EventStore<Event>, number: u64, new: NewEvent<Event>) {
    store.append(Batch::to(&StreamName::of("shop", number).unwrap()).record(new)).unwrap();
}

fn sold(amount: u64, country: &str) -> NewEvent<Event> {
    NewEvent::of(Event::Sold(amount)).header("country", country)
}

type Sales<F> = Projection<Folded<F>, Event>;

fn sales(filter: Filter) -> Sales<impl Fold<State = Vec<u64>, Event = Event> + Send> {
    let all = view(Vec::new, |mut all: Vec<u64>, Event::Sold(amount): &Event| {
        all.push(*amount);
        all
    });
    Projection::new("sales", Query::category("shop").unwrap(), Folded::of(all)).filter(filter)
}

fn german() -> Filter {
    Filter::header("country").equals("DE")
}

fn filtered(store: &impl EventStore<Event>, folder: &Path) {
    append(store, 1, sold(1, "DE"));
    append(store, 2, sold(2, "FR"));
    append(store, 1, NewEvent::of(Event::Sold(3)));
    append(store, 3, sold(4, "DE"));
    let mut runner = Runner::open(sales(german()), store, folder).unwrap();
    let status = runner.run_once().unwrap();
    assert_eq!((status.position.get(), status.lag), (4, 0), "its position goes on over what does not pass");
    assert_eq!(runner.model().look(Vec::clone), [1, 4]);
    append(store, 2, sold(5, "FR"));
    append(store, 2, sold(6, "DE"));
    runner.run_once().unwrap();
    drop(runner);

    let both = sales(german()).filter(Filter::on(Field::Stream).differs_from("shop-3")).from_the_start();
    let mut runner = Runner::open(both, store, folder).unwrap();
    runner.run_once().unwrap();
    assert_eq!(runner.model().look(Vec::clone), [1, 6], "all filters have to be passed");
}

#[test]
fn a_projection_takes_what_passes_its_filters_from_either_store() {
    let folder = tempfile::tempdir().unwrap();
    filtered(&Memory::new(), &folder.path().join("memory"));
    let log = FileLog::open(folder.path().join("log"), Codec::new().unwrap()).unwrap();
    filtered(&log, &folder.path().join("file"));
}

#[test]
fn an_event_that_a_filter_cannot_be_asked_about_is_one_that_cannot_be_applied() {
    let (store, folder) = (Memory::new(), tempfile::tempdir().unwrap());
    append(&store, 1, sold(1, "DE"));
    append(&store, 2, NewEvent::of(Event::Sold(2)).header("country", 49));
    append(&store, 3, sold(3, "DE"));
    let mut runner = Runner::open(sales(german()), &store, folder.path()).unwrap();
    let Err(RunnerError::Poison(poison)) = runner.run_once() else { panic!("it stops") };
    assert_eq!((poison.position.get(), poison.stream.as_str()), (2, "shop-2"));
    assert!(poison.cause.contains("header country compares a number with a text"), "{poison}");
    assert_eq!(runner.status().position.get(), 1);
    drop(runner);

    let skipping = sales(german()).on_poison(OnPoison::Skip);
    let mut runner = Runner::open(skipping, &store, folder.path()).unwrap();
    let status = runner.run_once().unwrap();
    assert_eq!((status.position.get(), status.skipped.len()), (3, 1));
    assert_eq!(runner.model().look(Vec::clone), [1, 3]);
}
