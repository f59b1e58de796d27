//! Rows and position are one, also after a crash and beside a second runner; the book quotes the example.

use leftfold::recorded::StreamName;
use leftfold::runtime::{Projection, Runner};
use leftfold::store::{Batch, EventStore, Memory, Query};
use rusqlite::Connection;
use sqlite_read_model::{Event, Sales};
use std::fs;
use std::path::Path;

fn sell(store: &Memory<Event>, item: &str, cents: i64) {
    let sold = Event::Sold { item: item.into(), cents };
    store.append(Batch::to(&StreamName::of("till", 1).unwrap()).event(sold)).unwrap();
}

fn runner<'s>(
    store: &'s Memory<Event>,
    folder: &Path,
    runners: &str,
) -> Runner<Event, Sales, &'s Memory<Event>> {
    let sales = Sales::open(&folder.join("sales.db"), "sales").unwrap();
    Runner::open(Projection::new("sales", Query::all(), sales), store, folder.join(runners)).unwrap()
}

/// As another program reads them, which sees what is committed.
fn rows(folder: &Path) -> String {
    let database = Connection::open(folder.join("sales.db")).unwrap();
    let rows = "select coalesce(group_concat(item || ' ' || cents, ', '), '') from (select * from sales order by item)";
    database.query_row(rows, (), |row| row.get(0)).unwrap()
}

#[test]
fn rows_and_position_are_kept_together_and_made_again_after_a_reset() {
    let (store, folder) = (Memory::new(), tempfile::tempdir().unwrap());
    for (item, cents) in [("tea", 250), ("cake", 300), ("tea", 100)] {
        sell(&store, item, cents);
    }
    runner(&store, folder.path(), "runners").run_once().unwrap();
    assert_eq!(rows(folder.path()), "cake 300, tea 350");
    // A new runner goes on where the rows are.
    sell(&store, "tea", 1);
    let mut runner = runner(&store, folder.path(), "runners");
    runner.run_once().unwrap();
    assert_eq!(rows(folder.path()), "cake 300, tea 351");
    runner.reset().unwrap();
    runner.run_once().unwrap();
    assert_eq!(rows(folder.path()), "cake 300, tea 351", "nothing is counted twice");
}

#[test]
fn an_event_that_the_table_refuses_leaves_the_rows_at_the_event_before() {
    let (store, folder) = (Memory::new(), tempfile::tempdir().unwrap());
    for (item, cents) in [("tea", 250), ("cake", -1), ("tea", 100)] {
        sell(&store, item, cents);
    }
    for _ in 0..2 {
        let _ = runner(&store, folder.path(), "runners").run_once();
        assert_eq!(rows(folder.path()), "tea 250");
    }
}

#[test]
fn a_second_runner_elsewhere_writes_nothing() {
    let (store, folder) = (Memory::new(), tempfile::tempdir().unwrap());
    sell(&store, "tea", 250);
    let (mut one, mut other) = (runner(&store, folder.path(), "one"), runner(&store, folder.path(), "other"));
    one.run_once().unwrap();
    let _ = other.run_once();
    assert_eq!(rows(folder.path()), "tea 250", "the event is counted once");
}

#[test]
fn the_book_quotes_the_example() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let chapter = fs::read_to_string(package.join("../../docs/running-a-model.md")).unwrap();
    // What it says of PostgreSQL stands in the documentation of that package, and is compiled there.
    let documentation = fs::read_to_string(package.join("../leftfold-postgres/src/read_model.rs")).unwrap();
    let source = fs::read_to_string(package.join("src/lib.rs")).unwrap() + &documentation.replace("/// ", "");
    let (_, section) = chapter.split_once("## A read model in SQL").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let quotes: Vec<_> = section.split("```rust,ignore\n").skip(1).collect();
    assert!(!quotes.is_empty());
    for quote in quotes {
        let (quote, _) = quote.split_once("```").unwrap();
        assert!(source.contains(quote), "the example does not have\n\n{quote}");
    }
}
