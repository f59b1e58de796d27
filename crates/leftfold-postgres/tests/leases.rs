//! Of several programs, one holds a lease at a time, and another takes it over within its bound.

mod server;

use leftfold_postgres::{Lease, LeaseError, Postgres, PostgresOptions};
use server::{Server, server};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, scope, sleep};
use std::time::{Duration, Instant};

/// A third of it is enough for an answer of a server on a machine that has much to do.
const BOUND: Duration = Duration::from_secs(3);

/// Asks until the lease is held, or is not for much longer than it can take.
fn wait_for(lease: &mut Lease) -> Instant {
    let begun = Instant::now();
    while !lease.hold().unwrap() {
        assert!(begun.elapsed() < 10 * BOUND, "nobody gets it");
        sleep(Duration::from_millis(20));
    }
    Instant::now()
}

/// Two handles of a log with a lease each, of which the first holds it; and when that began to be so.
fn two_leases(server: &Server) -> (Lease, Lease, Instant) {
    let options = server.fresh();
    let lease = || server.open(&options).lease("letters", BOUND).unwrap();
    let (mut one, other) = (lease(), lease());
    assert!(!one.is_held(), "nobody holds it before it is asked for");
    wait_for(&mut one);
    let began = Instant::now();
    assert!(one.hold().unwrap() && one.is_held());
    (one, other, began)
}

#[test]
fn one_holds_it_until_it_is_given_back_or_dropped() {
    let Some(server) = server() else { return };
    let (mut one, mut other, _) = two_leases(server);
    for _ in 0..8 {
        assert!(!other.hold().unwrap() && !other.is_held());
        assert!(one.hold().unwrap() && one.is_held(), "it is renewed for longer than the bound");
        sleep(BOUND / 4);
    }
    one.release().unwrap();
    assert!(other.hold().unwrap(), "it is free at once");
    let mut third = server.open(&server.fresh()).lease("letters", BOUND).unwrap();
    assert!(third.hold().unwrap(), "the lease of another log is another one");

    let (one, mut other, began) = two_leases(server);
    drop(one);
    assert!(wait_for(&mut other) < began + BOUND / 2, "a connection that is closed takes its lock with it");
}

/// Checks that the first one knew that it was over before the other one had it, and that it was neither early nor late.
fn taken_over(one: &Lease, other: &mut Lease, began: Instant) {
    let (over, taken) = scope(|scope| {
        let over = scope.spawn(|| {
            while one.is_held() {
                sleep(Duration::from_millis(1));
            }
            Instant::now()
        });
        let taken = wait_for(other);
        (over.join().unwrap(), taken)
    });
    assert!(over <= taken, "it is held by both for {:?}", over - taken);
    let after = taken - began;
    assert!(after >= BOUND && after < 2 * BOUND, "taken over after {after:?}");
}

#[test]
fn a_holder_that_does_not_renew_knows_it_before_another_takes_over() {
    let Some(server) = server() else { return };
    let (mut one, mut other, began) = two_leases(server);
    taken_over(&one, &mut other, began);
    assert!(!one.hold().unwrap(), "it is the other's now");
    other.release().unwrap();
    assert!(one.hold().unwrap(), "one that had it before may have it again");
}

/// A network before a server that keeps everything to itself while it is cut.
fn network_before(server: String) -> (Arc<AtomicBool>, String) {
    let cut = Arc::new(AtomicBool::new(false));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let is_cut = cut.clone();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (Ok(client), Ok(server)) = (client, TcpStream::connect(&server)) else { continue };
            let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
            for (mut from, mut to) in [(client, server), back] {
                let cut = is_cut.clone();
                thread::spawn(move || {
                    let mut bytes = [0; 4096];
                    while let Ok(read @ 1..) = from.read(&mut bytes) {
                        while cut.load(Ordering::SeqCst) {
                            sleep(Duration::from_millis(5));
                        }
                        if to.write_all(&bytes[..read]).is_err() {
                            break;
                        }
                    }
                });
            }
        }
    });
    (cut, address)
}

#[test]
fn a_holder_that_is_cut_off_holds_it_until_its_bound_is_over_and_no_longer() {
    let Some(server) = server() else { return };
    let options = server.fresh();
    let url = server.url();
    let (host, database) = url.split_once('@').unwrap().1.split_once('/').unwrap();
    let (cut, address) = network_before(host.to_string());
    let far =
        Postgres::open_with(&format!("postgres://postgres@{address}/{database}"), options.clone()).unwrap();
    let (mut one, mut other) =
        (far.lease("letters", BOUND).unwrap(), server.open(&options).lease("letters", BOUND).unwrap());
    wait_for(&mut one);
    let began = Instant::now();
    assert!(one.hold().unwrap());
    cut.store(true, Ordering::SeqCst);
    let error = one.hold().unwrap_err();
    assert!(matches!(&error, LeaseError::Unavailable { .. }), "{error}");
    let said = error.to_string();
    assert!(said.starts_with("lease letters was not renewed: the server has not answered"), "{said}");
    assert!(one.is_held(), "it is not given up before its time, in which it may be used");
    assert!(!other.hold().unwrap());
    taken_over(&one, &mut other, began);
    assert!(one.hold().is_err() && !one.is_held());
    cut.store(false, Ordering::SeqCst);
    assert!(!one.hold().unwrap());
    other.release().unwrap();
    wait_for(&mut one);
}

#[test]
fn a_session_that_the_server_ends_is_noticed_and_replaced() {
    let Some(server) = server() else { return };
    let options = server.fresh();
    let lease = || server.open(&options).lease("ended", BOUND).unwrap();
    let (mut one, mut other) = (lease(), lease());
    wait_for(&mut one);
    let end = "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity \
               where application_name = 'leftfold lease ended'";
    assert_eq!(server.sql(end), "1");
    let begun = Instant::now();
    while one.is_held() {
        assert!(begun.elapsed() < BOUND / 2, "it has lost its lock");
    }
    assert!(other.hold().unwrap(), "the lock is free");
    assert!(!one.hold().unwrap(), "it asks again with another session");
    other.release().unwrap();
    assert!(one.hold().unwrap());
    assert_eq!(server.sql(end), "1");
    assert!(one.hold().unwrap(), "one call notices it, and takes it again");
}

#[test]
fn a_server_that_is_away_is_an_error_and_gives_nothing_away_too_early() {
    let Some(shared) = server() else { return };
    let server = Server::start(shared.programs());
    let (mut one, mut other, _) = two_leases(&server);
    assert!(!other.hold().unwrap());
    let stopped = Instant::now();
    server.stop();
    let error = one.hold().unwrap_err().to_string();
    assert!(error.starts_with("lease letters was not renewed: "), "{error}");
    assert!(stopped.elapsed() < 5 * BOUND && !one.is_held());
    server.go_on();
    let store = server.open(&PostgresOptions::new().schema("long").migrating());
    let mut long = store.lease("letters", Duration::from_secs(600)).unwrap();
    assert!(!long.hold().unwrap(), "somebody who is cut off may have had it before the stop");
    wait_for(&mut other);
    assert!(!one.hold().unwrap());
}

#[test]
fn threads_that_take_and_give_back_are_never_two_inside() {
    let Some(server) = server() else { return };
    let options: PostgresOptions = server.fresh();
    let (store, inside, turns) = (server.open(&options), AtomicU32::new(0), AtomicU32::new(0));
    wait_for(&mut store.lease("turns", BOUND).unwrap());
    scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let until = Instant::now() + BOUND;
                let mut lease = store.lease("turns", BOUND).unwrap();
                while Instant::now() < until {
                    if lease.hold().unwrap() {
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
                        sleep(Duration::from_millis(5));
                        inside.fetch_sub(1, Ordering::SeqCst);
                        turns.fetch_add(1, Ordering::SeqCst);
                        lease.release().unwrap();
                        lease = store.lease("turns", BOUND).unwrap();
                    }
                    sleep(Duration::from_millis(2));
                }
            });
        }
    });
    assert!(turns.into_inner() > 4, "each release lets another in");
}

#[test]
fn names_and_bounds_that_a_lease_cannot_have_are_refused() {
    let Some(server) = server() else { return };
    let store = server.open(&server.fresh());
    for name in ["", "two words", "a.b", "é", "'; drop table x; --", &"x".repeat(41)] {
        let error = store.lease(name, BOUND).unwrap_err().to_string();
        assert!(error.starts_with("a lease cannot have the name"), "{error}");
    }
    for bound in [Duration::ZERO, Duration::from_millis(99), Duration::from_secs(86_401)] {
        let error = store.lease("letters", bound).unwrap_err().to_string();
        assert!(error.starts_with("a lease cannot have a bound of"), "{error}");
    }
}
