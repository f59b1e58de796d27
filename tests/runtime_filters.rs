//! A projection takes what passes its filters, and says so when a filter cannot be asked, or when its query or filters are
//! others than before.

use leftfold::codec::Codec;
use leftfold::log::FileLog;
use leftfold::recorded::StreamName;
use leftfold::runtime::{
    Folded, OnPoison, Process, ProcessRunner, Producer, Projection, Runner, RunnerError, Status, outbox,
};
use leftfold::store::{Batch, EventStore, Field, Filter, Memory, NewEvent, Query};
use leftfold::{Fold, Owed, process_manager, view};
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

// ---------------------------------------------------------------------------------- another query under the same name

const OTHER: &str = "it was folded from the events of another query, or of other filters";

fn all_sales(query: Query) -> Sales<impl Fold<State = Vec<u64>, Event = Event> + Send> {
    let all = view(Vec::new, |all: Vec<u64>, Event::Sold(amount): &Event| [all, vec![*amount]].concat());
    Projection::new("sales", query, Folded::of(all))
}

fn run<F>(projection: Sales<F>, store: &Memory<Event>, folder: &Path) -> (Vec<u64>, Status)
where
    F: Fold<State = Vec<u64>, Event = Event>,
{
    let mut runner = Runner::open(projection, store, folder).unwrap();
    let opened = runner.status();
    runner.run_once().unwrap();
    (runner.model().look(Vec::clone), opened)
}

fn begun_again(opened: &Status) -> bool {
    let told = opened.unusable_state.as_ref().is_some_and(|why| why.contains(OTHER));
    assert!(!told || opened.position.get() == 0, "{opened}");
    told
}

fn shops(numbers: &[u64]) -> Query {
    Query::streams(numbers.iter().map(|number| StreamName::of("shop", number).unwrap()))
}

#[test]
fn a_projection_with_another_query_under_its_name_begins_from_the_start_and_says_so() {
    let (store, folder) = (Memory::new(), tempfile::tempdir().unwrap());
    for number in [1, 2, 3] {
        append(&store, number, sold(number, "DE"));
    }
    let run = |query| {
        let (state, opened) = run(all_sales(query), &store, folder.path());
        (state, begun_again(&opened))
    };
    run(shops(&[1]));
    assert_eq!(run(shops(&[1])), (vec![1], false));
    assert_eq!(run(shops(&[1, 3])), (vec![1, 3], true));
    assert_eq!(run(shops(&[3, 1, 3])), (vec![1, 3], false), "the order does not matter");
    assert_eq!(run(shops(&[3]).or(shops(&[1]))), (vec![1, 3], true));
    assert_eq!(run(shops(&[1]).or(shops(&[3]))), (vec![1, 3], false), "nor does that of the items");
    assert_eq!(run(Query::of_types(["Lent"])), (vec![], true));
    assert_eq!(
        run(Query::of_types(["Lent"])),
        (vec![], false),
        "the file is replaced although no event was applied"
    );
}

#[test]
fn a_projection_with_other_filters_under_its_name_begins_from_the_start_and_says_so() {
    let (store, folder) = (Memory::new(), tempfile::tempdir().unwrap());
    append(&store, 1, sold(1, "DE"));
    append(&store, 2, sold(2, "FR"));
    let small = || Filter::header("amount").differs_from(1_000);
    let run = |filters: Vec<Filter>| {
        let projection = filters.into_iter().fold(all_sales(Query::all()), Projection::filter);
        let (state, opened) = run(projection, &store, folder.path());
        (state, begun_again(&opened))
    };
    run(vec![german()]);
    assert_eq!(run(vec![german()]), (vec![1], false));
    assert_eq!(run(vec![]), (vec![1, 2], true));
    assert_eq!(run(vec![german(), small()]), (vec![], true));
    assert_eq!(run(vec![small(), german()]), (vec![], false), "the order does not matter");
}

#[test]
fn a_file_of_an_earlier_version_is_used_and_gets_the_hash_with_the_next_commit() {
    let (store, folder) = (Memory::new(), tempfile::tempdir().unwrap());
    append(&store, 1, sold(1, "DE"));
    run(all_sales(shops(&[1])), &store, folder.path());
    let path = folder.path().join("sales.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, rest) = text.split_once(",\"events\":\"").expect("it holds a hash");
    let (header, state) = rest.split_once("\",").and_then(|(_, rest)| rest.split_once('\n')).unwrap();
    let earlier = format!("{begin},{header}\n{}\n", state.lines().next().unwrap());
    let crc = crc32c::crc32c(earlier.as_bytes());
    std::fs::write(&path, format!("{earlier}{{\"crc\":\"{crc:08x}\"}}\n")).unwrap();

    append(&store, 2, sold(2, "DE"));
    let (state, opened) = run(all_sales(shops(&[1, 2])), &store, folder.path());
    assert_eq!(
        (state, opened.position.get(), opened.unusable_state),
        (vec![1, 2], 1, None),
        "nobody knows its query"
    );
    let (_, opened) = run(all_sales(shops(&[1])), &store, folder.path());
    assert!(begun_again(&opened));
}

#[test]
fn a_process_with_another_query_under_its_name_begins_from_the_start_and_says_so() {
    let (store, folder) = (Memory::new(), tempfile::tempdir().unwrap());
    append(&store, 1, sold(1, "DE"));
    append(&store, 2, sold(2, "DE"));
    let process = |query| {
        let letters = process_manager(
            Vec::new,
            |all: Vec<u64>, Event::Sold(amount): &Event| [all, vec![*amount]].concat(),
            |all| all.iter().map(|amount| Owed::now(amount.to_string(), *amount)).collect(),
        );
        Process::new("letters", query, letters)
    };
    let run = |query| {
        let issued = std::sync::Mutex::new(Vec::new());
        let dispatch = |one: leftfold::runtime::Issued<u64>| {
            issued.lock().unwrap().push(one.command);
            Ok(())
        };
        let mut runner = ProcessRunner::open(process(query), &store, folder.path(), dispatch).unwrap();
        let begun_again = begun_again(&runner.status());
        runner.run_once().unwrap();
        drop(runner);
        (issued.into_inner().unwrap(), begun_again)
    };
    run(shops(&[2]));
    assert_eq!(process(shops(&[2])).committed(folder.path()).unwrap().len(), 1);
    assert_eq!(
        process(shops(&[1, 2])).committed(folder.path()).unwrap().len(),
        0,
        "no stored state can be used"
    );
    assert_eq!(run(shops(&[2])), (vec![2], false));
    assert_eq!(run(shops(&[1, 2])), (vec![1, 2], true));
}

#[test]
fn an_outbox_with_another_query_goes_on_because_what_was_published_is_not_published_again() {
    struct Kept<'a>(&'a std::sync::Mutex<Vec<u64>>);
    impl Producer<Event> for Kept<'_> {
        fn publish(
            &mut self,
            _: &leftfold::recorded::Envelope,
            Event::Sold(amount): &Event,
        ) -> Result<(), leftfold::runtime::Cause> {
            self.0.lock().unwrap().push(*amount);
            Ok(())
        }
    }
    let (store, folder, sent) = (Memory::new(), tempfile::tempdir().unwrap(), std::sync::Mutex::default());
    append(&store, 1, sold(1, "DE"));
    let run = |query| {
        let mut runner = Runner::open(outbox("mails", query, Kept(&sent)), &store, folder.path()).unwrap();
        assert_eq!(runner.run_once().unwrap().unusable_state, None);
    };
    run(shops(&[1]));
    append(&store, 2, sold(2, "DE"));
    run(shops(&[1, 2]));
    assert_eq!(*sent.lock().unwrap(), [1, 2]);
}
