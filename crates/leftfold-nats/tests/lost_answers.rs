//! Answers and proposals that a network loses: a batch is recorded once, and its answer is right.

mod common;

use common::Servers;
use common::network::Network;
use leftfold::codec::Codec;
use leftfold::conformance::Fact;
use leftfold::recorded::{Position, StreamName, Version};
use leftfold::store::{AppendError, Batch, Conflict, EventReader, EventStore, Query, Reading};
use leftfold_nats::Nats;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

fn open(url: &str, stream: &str) -> Nats<Fact> {
    leftfold_nats::NatsOptions::new().open(url, stream, Codec::new().unwrap()).unwrap()
}

/// A handle whose network loses things, and one with a good network.
fn two_handles() -> (Arc<Network>, Nats<Fact>, Nats<Fact>) {
    let servers = Servers::shared(1);
    let (url, stream) = (servers.url(), servers.new_stream());
    let (network, address) = Network::before(url.rsplit('@').next().unwrap().to_string());
    let far = open(&format!("nats://leftfold:secret@{address}"), &stream);
    (network, far, open(&url, &stream))
}

fn account() -> StreamName {
    StreamName::of("account", "one").unwrap()
}

fn deposited(amount: u32, after: u64) -> Batch<Fact> {
    Batch::to(&account()).expecting(Version::new(after)).event(Fact::Deposited(amount))
}

#[test]
fn a_batch_whose_answer_is_lost_is_found_in_the_stream() {
    let (network, far, near) = two_handles();
    far.append(deposited(1, 0)).unwrap();
    network.loses_answers.store(true, Ordering::SeqCst);
    thread::scope(|scope| {
        let answer = scope.spawn(|| far.append(deposited(2, 1)));
        assert_eq!(
            near.wait(Position::new(1), Duration::from_secs(10)).unwrap(),
            Position::new(2),
            "it is recorded"
        );
        // The next try is under way when the network works again.
        thread::sleep(Duration::from_millis(1_200));
        network.loses_answers.store(false, Ordering::SeqCst);
        let appended = answer.join().unwrap().unwrap();
        assert_eq!((appended.first, appended.last), (Position::new(2), Position::new(2)));
    });
    // Another one follows it, and nothing was recorded twice.
    near.append(deposited(3, 2)).unwrap();
    far.append(deposited(4, 3)).unwrap();
    assert_eq!(far.all(Query::all()).unwrap().len(), 4);
}

#[test]
fn a_proposal_that_is_lost_is_judged_by_what_came_first() {
    let (network, far, near) = two_handles();
    far.append(deposited(1, 0)).unwrap();
    network.loses_questions.store(true, Ordering::SeqCst);
    thread::scope(|scope| {
        let any = scope.spawn(|| far.append(Batch::to(&account()).event(Fact::Deposited(2))));
        thread::sleep(Duration::from_millis(200));
        near.append(deposited(3, 1)).unwrap();
        network.loses_questions.store(false, Ordering::SeqCst);
        assert_eq!(any.join().unwrap().unwrap().first, Position::new(3));
    });
    network.loses_questions.store(true, Ordering::SeqCst);
    thread::scope(|scope| {
        let late = scope.spawn(|| far.append(deposited(4, 3)));
        thread::sleep(Duration::from_millis(200));
        near.append(deposited(5, 3)).unwrap();
        network.loses_questions.store(false, Ordering::SeqCst);
        let refused = late.join().unwrap().unwrap_err();
        assert!(matches!(&refused, AppendError::Conflict(Conflict::Stream { .. })), "{refused}");
    });
    assert_eq!(near.all(Query::all()).unwrap().len(), 4);
}
