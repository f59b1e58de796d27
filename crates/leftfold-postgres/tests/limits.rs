//! What is too much is refused before it fills the memory of a program or of the server, and says how much is allowed.

mod server;

use leftfold::codec::RawEvent;
use leftfold::recorded::StreamName;
use leftfold::store::{AppendError, Batch, EventReader, EventStore};
use leftfold_postgres::{SqlError, params};
use server::server;
use std::time::{Duration, Instant};

#[test]
fn a_statement_that_gives_too_many_rows_ends_its_transaction_before_they_are_read() {
    let Some(server) = server() else { return };
    let store = server.open(&server.fresh().most_rows(1_000));
    let rows = "select generate_series(1, $1::bigint)";
    assert_eq!(store.transaction(|sql| sql.query(rows, params![1_000_i64])).unwrap().len(), 1_000);
    // More than the server gives in the time that a statement has.
    let began = Instant::now();
    let refused = store
        .transaction(|sql| {
            sql.execute_all("create table half (text text)")?;
            let error = sql.query(rows, params![100_000_000_000_i64]).unwrap_err();
            assert!(matches!(&error, SqlError::TooManyRows { most: 1_000, .. }), "{error}");
            assert!(
                error.to_string().contains("more than 1000 rows, the most that the option most_rows allows")
            );
            // Somebody who goes on all the same gets no further.
            sql.execute_all("select 1")
        })
        .unwrap_err();
    assert!(matches!(&refused, SqlError::Lost { .. }), "{refused}");
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    let active = "select count(*) from pg_stat_activity where state = 'active' and query like 'select generate_series%'";
    let goes_on = |_: &u32| {
        std::thread::sleep(Duration::from_millis(100));
        server.sql(active) != "0"
    };
    assert!((0..30).take_while(goes_on).count() < 30, "the server goes on with it");
    assert_eq!(server.sql("select to_regclass('half') is null"), "t", "nothing of the transaction is kept");
}

#[test]
fn a_batch_beyond_what_the_server_takes_is_refused_before_it_is_sent() {
    let Some(server) = server() else { return };
    let store = server.open(&server.fresh());
    let stream = StreamName::new("a-1").unwrap();
    let large = RawEvent::new("Noted", &format!("\"{}\"", "a".repeat(128 << 20))).unwrap();
    let batch = Batch::to(&stream).events(std::iter::repeat_n(large, 8));
    let refused = store.append(batch).unwrap_err();
    assert!(matches!(&refused, AppendError::TooLarge { .. }), "{refused}");
    assert!(
        refused.to_string().contains("at most 1,023 MiB (what PostgreSQL takes in one statement)"),
        "{refused}"
    );
    assert_eq!(store.head().unwrap().get(), 0);
    store.append(Batch::to(&stream).event(RawEvent::new("Noted", "1").unwrap())).unwrap();
}
