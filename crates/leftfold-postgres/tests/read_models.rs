//! Rows and position of a read model are one; snapshots are used.

mod server;

use leftfold::codec::Codec;
use leftfold::decider;
use leftfold::recorded::StreamName;
use leftfold::runtime::{CommandHandler, OnPoison, Projection, Runner};
use leftfold::store::{Batch, Coded, EventStore, Query};
use leftfold_postgres::{Postgres, SnapshotTable, SqlReadModel, params};
use serde::{Deserialize, Serialize};
use server::{Server, server};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Sold { item: String, cents: i64 },
}

fn sold(item: &str, cents: i64) -> Event {
    Event::Sold { item: item.into(), cents }
}

fn open(server: &Server) -> (Postgres, Coded<Postgres, Event>) {
    let store = server.open(&server.fresh());
    (store.clone(), store.with(Codec::new().unwrap()))
}

fn sell(store: &Coded<Postgres, Event>, events: impl IntoIterator<Item = Event>) {
    store.append(Batch::to(&StreamName::new("till-1").unwrap()).events(events)).unwrap();
}

fn sales(store: &Postgres, table: &'static str) -> SqlReadModel<Event> {
    SqlReadModel::new(store, table)
        .made_by(format!("create table if not exists {table} (item text primary key, cents bigint not null check (cents < 1000))"))
        .cleared_by(format!("delete from {table}"))
        .on_event(move |sql, _, Event::Sold { item, cents }| {
            let add = format!(
                "insert into {table} values ($1, $2) on conflict (item) do update set cents = {table}.cents + $2"
            );
            Ok(sql.execute(&add, params![item.clone(), *cents])?)
        })
}

fn rows(server: &Server, table: &str) -> String {
    server.sql(&format!("select string_agg(item || ' ' || cents, ', ' order by item) from {table}"))
}

#[test]
fn rows_and_position_are_kept_together_and_made_again_after_a_reset() {
    let Some(server) = server() else { return };
    let ((store, events), folder) = (open(server), tempfile::tempdir().unwrap());
    sell(&events, [sold("tea", 250), sold("cake", 300), sold("tea", 100)]);
    let run = |model| {
        let mut runner =
            Runner::open(Projection::new("sales", Query::all(), model), &events, folder.path()).unwrap();
        runner.run_once().map(|_| runner)
    };
    drop(run(sales(&store, "sales_a")).unwrap());
    assert_eq!(rows(server, "sales_a"), "cake 300, tea 350");
    // A new runner goes on where the rows are.
    sell(&events, [sold("tea", 1)]);
    let mut runner = run(sales(&store, "sales_a")).unwrap();
    assert_eq!(rows(server, "sales_a"), "cake 300, tea 351");
    runner.reset().unwrap();
    runner.run_once().unwrap();
    assert_eq!(rows(server, "sales_a"), "cake 300, tea 351", "nothing is counted twice");
}

#[test]
fn an_event_that_the_tables_refuse_stops_the_projection_before_it() {
    let Some(server) = server() else { return };
    let ((store, events), folder) = (open(server), tempfile::tempdir().unwrap());
    sell(&events, [sold("tea", 250), sold("tea", 900), sold("tea", 1)]);
    let projection = Projection::new("sales", Query::all(), sales(&store, "sales_b"));
    let mut runner = Runner::open(projection, &events, folder.path()).unwrap();
    let _ = runner.run_once();
    drop(runner);
    assert_eq!(rows(server, "sales_b"), "tea 250");
    let schema = store_schema(server, "sales_b");
    assert_eq!(
        server
            .sql(&format!("select checkpoint->>'position' from {schema}.read_models where name = 'sales_b'")),
        "1"
    );
}

#[test]
fn an_event_that_is_skipped_takes_nothing_else_with_it() {
    let Some(server) = server() else { return };
    let ((store, events), folder) = (open(server), tempfile::tempdir().unwrap());
    sell(&events, [sold("tea", 250), sold("tea", 900), sold("tea", 1)]);
    let projection =
        Projection::new("sales", Query::all(), sales(&store, "sales_e")).on_poison(OnPoison::Skip);
    Runner::open(projection, &events, folder.path()).unwrap().run_once().unwrap();
    assert_eq!(rows(server, "sales_e"), "tea 251");
}

/// The schema that has the position of a read model.
fn store_schema(server: &Server, model: &str) -> String {
    let schemas = server.sql("select string_agg(nspname, ' ') from pg_namespace where nspname like 'log_%'");
    let has = |schema: &&str| {
        server.try_sql(&format!("select 1 from {schema}.read_models where name = '{model}'")).as_deref()
            == Some("1")
    };
    schemas.split(' ').find(has).unwrap().to_string()
}

#[test]
fn a_read_model_is_built_beside_the_old_one_and_swapped() {
    let Some(server) = server() else { return };
    let ((store, events), folder) = (open(server), tempfile::tempdir().unwrap());
    sell(&events, [sold("tea", 250)]);
    for table in ["sales_c", "sales_c2"] {
        let projection = Projection::new(table, Query::all(), sales(&store, table));
        Runner::open(projection, &events, folder.path()).unwrap().run_once().unwrap();
        sell(&events, [sold("tea", 1)]);
    }
    store
        .transaction(|sql| {
            sql.execute_all(
                "alter table sales_c rename to sales_c_before; alter table sales_c2 rename to sales_c",
            )?;
            SqlReadModel::<Event>::rename(sql, "sales_c2", "sales_c")
        })
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let projection = Projection::new("sales_c", Query::all(), sales(&store, "sales_c"));
    Runner::open(projection, &events, folder.path()).unwrap().run_once().unwrap();
    assert_eq!(
        (rows(server, "sales_c"), rows(server, "sales_c_before")),
        ("tea 252".into(), "tea 250".into())
    );
}

#[test]
fn a_second_runner_elsewhere_writes_nothing() {
    let Some(server) = server() else { return };
    let (store, events) = open(server);
    sell(&events, [sold("tea", 250)]);
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let open = |folder: usize| {
        let projection = Projection::new("sales", Query::all(), sales(&store, "sales_d"));
        Runner::open(projection, &events, folders[folder].path()).unwrap()
    };
    let (mut one, mut other) = (open(0), open(1));
    one.run_once().unwrap();
    let _ = other.run_once();
    let _ = other.run_once();
    assert_eq!(rows(server, "sales_d"), "tea 250", "the event is counted once");
}

#[test]
fn snapshots_are_used_and_those_of_another_revision_are_not() {
    let Some(server) = server() else { return };
    let (store, _) = open(server);
    let events = store.clone().with(Codec::<Event>::new().unwrap());
    let stream = StreamName::new("till-1").unwrap();
    let handler = |revision| {
        let decide = |_: &(), _: &i64| Ok::<_, ()>(vec![sold("tea", 1)]);
        let counting = decider(|| 0_i64, decide, |sum: i64, Event::Sold { cents, .. }: &Event| sum + cents);
        CommandHandler::in_one_stream(counting, &events, stream.clone())
            .snapshots(SnapshotTable::new(&store, "sum", revision), 10)
            .unwrap()
    };
    let first = handler(1);
    (0..25).for_each(|_| drop(first.handle(()).unwrap()));
    for revision in [1, 2] {
        let handled = handler(revision).handle(()).unwrap();
        let unusable = handled.unusable_snapshot.as_deref().unwrap_or("none");
        assert_eq!(
            unusable.contains("of revision 1, and this fold has revision 2"),
            revision == 2,
            "{unusable}"
        );
        assert_eq!(handler(revision).look(&stream, |sum, _| *sum).unwrap(), 25 + i64::from(revision));
    }
}
