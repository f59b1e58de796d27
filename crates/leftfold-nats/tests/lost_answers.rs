//! Answers and proposals that a network loses: a batch is recorded once, and its answer is right.

mod common;

use common::Servers;
use leftfold::codec::Codec;
use leftfold::conformance::Fact;
use leftfold::recorded::{Position, StreamName, Version};
use leftfold::store::{AppendError, Batch, Conflict, EventReader, EventStore, Query, Reading};
use leftfold_nats::Nats;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// A network between a client and a server that loses what it is told to lose. Connections that lost something are cut when
/// it works again.
#[derive(Default)]
struct Network {
    loses_questions: AtomicBool,
    loses_answers: AtomicBool,
}

impl Network {
    /// Listens in place of the server at this address; returns the address.
    fn before(server: String) -> (Arc<Network>, String) {
        let network = Arc::new(Network::default());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let of_connections = network.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(&server)) else { continue };
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let network = of_connections.clone();
                thread::spawn(move || pass_on(from, to, &network.loses_questions));
                let network = of_connections.clone();
                thread::spawn(move || pass_on(server, client, &network.loses_answers));
            }
        });
        (network, address)
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, loses: &AtomicBool) {
    from.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    let (mut bytes, mut lost) = ([0; 65536], false);
    loop {
        if lost && !loses.load(Ordering::SeqCst) {
            break;
        }
        match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(_) if loses.load(Ordering::SeqCst) => lost = true,
            Ok(read) if to.write_all(&bytes[..read]).is_err() => break,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

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
