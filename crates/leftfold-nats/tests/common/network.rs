//! A network that loses things, for tests.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// A network between a client and a server that loses what it is told to lose. Connections that lost something are cut when
/// it works again.
#[derive(Default)]
pub struct Network {
    pub loses_questions: AtomicBool,
    pub loses_answers: AtomicBool,
}

impl Network {
    /// Listens in place of the server at this address; returns the address.
    pub fn before(server: String) -> (Arc<Network>, String) {
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
