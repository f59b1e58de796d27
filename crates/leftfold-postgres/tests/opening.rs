//! What is opened is what this program knows: everything else is refused with a sentence, and left as it is.

mod server;

use leftfold::codec::RawEvent;
use leftfold::recorded::StreamName;
use leftfold::store::{AppendError, Batch, EventReader, EventStore};
use leftfold_postgres::{OpenError, Postgres, PostgresOptions};
use server::{Server, server};
use std::time::Duration;

fn refused(url: &str, options: PostgresOptions) -> String {
    Postgres::open_with(url, options).unwrap_err().to_string()
}

fn plain(schema: &str) -> PostgresOptions {
    PostgresOptions::new().schema(schema)
}

#[track_caller]
fn says(said: &str, what: &str) {
    assert!(said.contains(what), "{said:?} does not say {what:?}");
}

#[test]
fn a_log_that_is_not_there_is_made_by_migrating_alone() {
    let Some(server) = server() else { return };
    says(
        &refused(&server.url(), plain("absent")),
        "schema absent has no log yet: call leftfold_postgres::migrate",
    );
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| Postgres::open_with(&server.url(), plain("absent").migrating()).unwrap());
        }
    });
    assert_eq!(Postgres::open_with(&server.url(), plain("absent")).unwrap().head().unwrap().get(), 0);
    assert_eq!(server.sql("select count(*) from absent.versions"), "1");
}

#[test]
fn another_version_and_half_a_log_are_refused() {
    let Some(server) = server() else { return };
    drop(Postgres::open_with(&server.url(), plain("versions").migrating()).unwrap());
    server.sql("insert into versions.versions (number) values (7)");
    for options in [plain("versions"), plain("versions").migrating()] {
        says(&refused(&server.url(), options), "has version 7, and this program knows up to version 1");
    }
    server.sql("delete from versions.versions where number = 7; drop table versions.tags");
    for options in [plain("versions"), plain("versions").migrating()] {
        says(&refused(&server.url(), options), "has version 1, but is without versions.tags");
    }
    server.sql("create table versions.tags (); drop function versions.append");
    says(&refused(&server.url(), plain("versions")), "is without versions.append");
}

#[test]
fn tables_of_somebody_else_are_left_alone() {
    let Some(server) = server() else { return };
    server.sql("create schema theirs; create table theirs.events (what text); insert into theirs.events values ('kept')");
    let error = Postgres::open_with(&server.url(), plain("theirs").migrating()).unwrap_err();
    assert!(matches!(&error, OpenError::Foreign { table, .. } if table == "theirs.events"), "{error}");
    server.sql("create table theirs.versions (number int)");
    says(&refused(&server.url(), plain("theirs").migrating()), "theirs.versions, which is none of a log");
    assert_eq!(server.sql("select what from theirs.events"), "kept");
}

#[test]
fn who_is_not_let_in_reads_why() {
    let Some(server) = server() else { return };
    says(&refused(&server.url_of("nobody", "postgres"), plain("a")), r#"role "nobody" does not exist"#);
    says(&refused(&server.url_of("postgres", "nowhere"), plain("a")), r#"database "nowhere" does not exist"#);
    says(&refused("postgres://postgres@127.0.0.1:1/postgres", plain("a")), "the database cannot be opened");
    says(&refused("http://example.org", plain("a")), "this is no address of a database");
    says(&refused(&server.url(), plain("a; drop table b")), "cannot be the schema of a log");
    server.sql("create database narrow encoding 'SQL_ASCII' locale 'C' template template0");
    says(&refused(&server.url_of("postgres", "narrow"), plain("a")), "stores texts as SQL_ASCII");
}

fn noted() -> Batch<RawEvent> {
    Batch::to(&StreamName::new("a-1").unwrap()).event(RawEvent::new("Noted", "1").unwrap())
}

#[test]
fn a_server_that_goes_away_is_reported_and_found_again() {
    let Some(shared) = server() else { return };
    // One of its own: the others go on.
    let server = Server::start(shared.programs());
    let store = server.open(&server.fresh().retry_for(Duration::from_secs(1)));
    store.append(noted()).unwrap();
    server.stop();
    let append = store.append(noted()).unwrap_err();
    assert!(matches!(&append, AppendError::Unavailable { .. }), "{append}");
    says(&append.to_string(), "nothing was recorded, append again when it answers");
    let read = store.head().unwrap_err();
    says(&read.to_string(), "reading the head failed");
    says(&std::error::Error::source(&read).unwrap().to_string(), "connect");
    server.go_on();
    store.append(noted()).unwrap();
    assert_eq!(store.head().unwrap().get(), 2);
}

#[test]
fn a_statement_that_takes_too_long_is_ended() {
    let Some(server) = server() else { return };
    let options = plain("slow").migrating().statement_timeout(Duration::from_millis(300));
    let store = server.open(&options);
    store.append(noted()).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| server.sql("begin; lock table slow.head; select pg_sleep(1.5); commit"));
        std::thread::sleep(Duration::from_millis(500));
        let append = store.append(noted()).unwrap_err();
        assert!(matches!(&append, AppendError::Unavailable { .. }), "{append}");
        says(&append.to_string(), "statement_timeout");
    });
    assert_eq!(store.append(noted()).unwrap().first.get(), 2);
}
