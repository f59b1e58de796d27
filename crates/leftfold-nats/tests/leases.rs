//! Of several programs, one holds a lease at a time, and another takes it over within its bound.

mod common;

use async_nats::jetstream::stream::{Config, RetentionPolicy, StorageType};
use common::Servers;
use common::network::Network;
use leftfold::codec::{RawCodec, RawEvent};
use leftfold_nats::{Lease, LeaseError, Nats};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

/// A third of it is enough for an answer of a server on a machine that has much to do.
const BOUND: Duration = Duration::from_secs(3);

fn open(servers: &Servers, stream: &str) -> Nats<RawEvent> {
    servers.options().open(&servers.url(), stream, RawCodec).unwrap()
}

/// Asks until the lease is held, or is not for much longer than it can take.
fn wait_for(lease: &mut Lease) -> Instant {
    let begun = Instant::now();
    while !lease.hold().unwrap() {
        assert!(begun.elapsed() < 10 * BOUND, "nobody gets it");
        sleep(Duration::from_millis(20));
    }
    Instant::now()
}

/// Two handles of a stream with a lease each, of which the first holds it; and when that began to be so.
fn two_leases(servers: &Servers) -> (Lease, Lease, Instant) {
    let stream = servers.new_stream();
    let lease = || open(servers, &stream).lease("letters", BOUND).unwrap();
    let (mut one, other) = (lease(), lease());
    assert!(!one.is_held(), "nobody holds it before it is asked for");
    let began = Instant::now();
    assert!(one.hold().unwrap() && one.is_held());
    (one, other, began)
}

#[test]
fn one_holds_it_until_it_is_given_back_or_dropped() {
    let servers = Servers::shared(1);
    let (mut one, mut other, _) = two_leases(servers);
    for _ in 0..8 {
        assert!(!other.hold().unwrap() && !other.is_held());
        assert!(one.hold().unwrap() && one.is_held(), "it is renewed for longer than the bound");
        sleep(BOUND / 4);
    }
    one.release().unwrap();
    assert!(other.hold().unwrap(), "it is free at once");
    let mut third = open(servers, &servers.new_stream()).lease("letters", BOUND).unwrap();
    assert!(third.hold().unwrap(), "the lease of another stream is another one");

    let (one, mut other, _) = two_leases(servers);
    drop(one);
    assert!(other.hold().unwrap(), "dropping it gives it back");
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
    let (mut one, mut other, began) = two_leases(Servers::shared(3));
    assert!(!other.hold().unwrap(), "it sees the last renewal");
    taken_over(&one, &mut other, began);
    assert!(!one.hold().unwrap(), "it is the other's now");
    other.release().unwrap();
    assert!(one.hold().unwrap(), "one that had it before may have it again");
}

#[test]
fn a_holder_that_is_cut_off_holds_it_until_its_bound_is_over_and_no_longer() {
    let servers = Servers::shared(1);
    let (url, stream) = (servers.url(), servers.new_stream());
    let (network, address) = Network::before(url.rsplit('@').next().unwrap().to_string());
    let far = format!("nats://leftfold:secret@{address}");
    let far = servers.options().open::<RawEvent>(&far, &stream, RawCodec).unwrap();
    let mut one = far.lease("letters", BOUND).unwrap();
    let mut other = open(servers, &stream).lease("letters", BOUND).unwrap();
    assert!(one.hold().unwrap());
    network.loses_questions.store(true, Ordering::SeqCst);
    network.loses_answers.store(true, Ordering::SeqCst);
    let error = one.hold().unwrap_err();
    assert!(matches!(&error, LeaseError::Unavailable { .. }), "{error}");
    assert!(error.to_string().starts_with("lease letters was not renewed: "), "{error}");
    assert!(one.is_held(), "it is not given up before its time");
    let seen = Instant::now();
    assert!(!other.hold().unwrap());
    taken_over(&one, &mut other, seen);
    assert!(one.hold().is_err() && !one.is_held());
    network.loses_questions.store(false, Ordering::SeqCst);
    network.loses_answers.store(false, Ordering::SeqCst);
    let begun = Instant::now();
    let held = loop {
        match one.hold() {
            Ok(held) => break held,
            Err(error) => assert!(begun.elapsed() < 10 * BOUND, "{error}"),
        }
        sleep(Duration::from_millis(50));
    };
    assert!(!held, "the other renewed nothing since, but has it for its bound");
    other.release().unwrap();
    assert!(one.hold().unwrap());
}

#[test]
fn a_renewal_whose_answer_is_lost_is_found_to_be_ones_own() {
    let servers = Servers::shared(1);
    let (url, stream) = (servers.url(), servers.new_stream());
    let (network, address) = Network::before(url.rsplit('@').next().unwrap().to_string());
    let far = format!("nats://leftfold:secret@{address}");
    let far = servers.options().open::<RawEvent>(&far, &stream, RawCodec).unwrap();
    let mut lease = far.lease("letters", Duration::from_secs(6)).unwrap();
    assert!(lease.hold().unwrap());
    network.loses_answers.store(true, Ordering::SeqCst);
    assert!(lease.hold().is_err() && lease.is_held());
    network.loses_answers.store(false, Ordering::SeqCst);
    let begun = Instant::now();
    while lease.hold().is_err() {
        assert!(begun.elapsed() < 10 * BOUND, "the network works again");
        sleep(Duration::from_millis(50));
    }
    assert!(lease.is_held(), "nobody else was there");
    let recorded = servers.with_context(async |context| {
        let stream = context.get_stream(format!("{stream}_LEASES")).await.unwrap();
        stream.cached_info().state.last_sequence
    });
    assert!(recorded >= 3, "the renewal without an answer was recorded");
}

#[test]
fn a_server_that_is_away_is_an_error_and_forgets_nothing() {
    let servers = Servers::start(1);
    let (mut one, mut other, _) = two_leases(&servers);
    assert!(!other.hold().unwrap());
    servers.kill(0);
    let error = one.hold().unwrap_err().to_string();
    assert!(error.starts_with("lease letters was not renewed: "), "{error}");
    servers.start_one(0);
    let begun = Instant::now();
    let held = loop {
        match one.hold() {
            Ok(held) => break held,
            Err(error) => assert!(begun.elapsed() < 10 * BOUND, "{error}"),
        }
        sleep(Duration::from_millis(50));
    };
    assert!(held, "it is still the one that had it last");
    assert!(!other.hold().unwrap());
}

#[test]
fn threads_that_take_and_give_back_are_never_two_inside() {
    let servers = Servers::shared(3);
    let store = open(servers, &servers.new_stream());
    let (inside, turns) = (AtomicU32::new(0), AtomicU32::new(0));
    scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let until = Instant::now() + BOUND;
                let mut lease = store.lease("turns", 3 * BOUND).unwrap();
                while Instant::now() < until {
                    if lease.hold().unwrap() {
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
                        sleep(Duration::from_millis(5));
                        inside.fetch_sub(1, Ordering::SeqCst);
                        turns.fetch_add(1, Ordering::SeqCst);
                        lease.release().unwrap();
                        lease = store.lease("turns", 3 * BOUND).unwrap();
                    }
                    sleep(Duration::from_millis(2));
                }
            });
        }
    });
    assert!(turns.into_inner() > 4, "each release lets another in");
}

#[test]
fn what_a_lease_cannot_have_is_refused() {
    let servers = Servers::shared(1);
    let stream = servers.new_stream();
    let store = open(servers, &stream);
    for name in ["", "two words", "a.b", "é", "*", ">", &"x".repeat(41)] {
        let error = store.lease(name, BOUND).unwrap_err().to_string();
        assert!(error.starts_with("a lease cannot have the name"), "{error}");
    }
    for bound in [Duration::ZERO, Duration::from_millis(99), Duration::from_secs(86_401)] {
        let error = store.lease("letters", bound).unwrap_err().to_string();
        assert!(error.starts_with("a lease cannot have a bound of"), "{error}");
    }
    // A stream of somebody else in the place of the leases.
    let mut config = Config {
        name: format!("{stream}_LEASES"),
        subjects: vec![format!("leftfold.{stream}.leases.*")],
        max_age: Duration::from_secs(60),
        ..Config::default()
    };
    servers.with_context(async |context| context.create_stream(config.clone()).await.unwrap());
    let mut lease = store.lease("letters", BOUND).unwrap();
    let error = lease.hold().unwrap_err().to_string();
    assert!(error.contains("removes messages (max_age, max_msgs or max_bytes)"), "{error}");
    config.max_age = Duration::ZERO;
    servers.with_context(async |context| {
        context.update_stream(config).await.unwrap();
        let subject = format!("leftfold.{stream}.leases.letters");
        context.publish(subject, "something else".into()).await.unwrap().await.unwrap();
    });
    let error = lease.hold().unwrap_err().to_string();
    assert!(error.contains(&format!("message 1 of stream {stream}_LEASES is not one of a lease")), "{error}");
}

/// A stream that has the name of that of the leases, and is another or forgets what it is given.
#[test]
fn a_stream_that_is_not_one_of_leases_is_refused() {
    type Change = fn(&mut Config, &str);
    let servers = Servers::shared(1);
    let cases: [(Change, _); 3] = [
        (|config, stream| config.subjects = vec![format!("else.{stream}.>")], "does not take the subject"),
        (|config, _| config.storage = StorageType::Memory, "forgets messages"),
        (|config, _| config.retention = RetentionPolicy::WorkQueue, "forgets messages"),
    ];
    for (change, said) in cases {
        let stream = servers.new_stream();
        let store = open(servers, &stream);
        let mut config = Config {
            name: format!("{stream}_LEASES"),
            subjects: vec![format!("leftfold.{stream}.leases.*")],
            ..Config::default()
        };
        change(&mut config, &stream);
        servers.with_context(async |context| context.create_stream(config).await.unwrap());
        let error = store.lease("letters", BOUND).unwrap().hold().unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}
