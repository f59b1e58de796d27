//! The bank on each store.

use leftfold_as_a_service::store;

#[test]
fn an_address_that_is_none_is_refused_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    for address in ["mysql://petra:secret@db/bank", "secret"] {
        let refused = store::open(Some(address), folder.path()).map(drop).unwrap_err().to_string();
        assert!(refused.starts_with("a store is at postgres://") && !refused.contains("secret"), "{refused}");
    }
    #[cfg(not(feature = "postgres"))]
    {
        let refused = store::open(Some("postgres://bank@db/bank"), folder.path()).map(drop).unwrap_err();
        let says = "this program was built without postgres: build it with `cargo build --features postgres`";
        assert_eq!(refused.to_string(), says);
    }
    #[cfg(feature = "nats")]
    {
        let refused = store::open(Some("nats://127.0.0.1"), folder.path()).map(drop).unwrap_err();
        assert_eq!(refused.to_string(), "the address of a stream is nats://HOST/STREAM");
    }
}

/// A deposit is posted; then a bank in another folder, on the same store, has it.
#[cfg(any(feature = "nats", feature = "postgres"))]
async fn keeps_a_deposit(address: String) {
    use crate::server::Server;
    use leftfold_as_a_service::server::Place;
    use leftfold_as_a_service::service::Limits;
    use serde_json::{Value, json};

    let folder = tempfile::tempdir().unwrap();
    let bank = async |folder: &str, store: &tempfile::TempDir| {
        let place = Place { folder: store.path().join(folder), store: Some(address.clone()) };
        Server::at(place, Limits::default()).await
    };
    let server = bank("one", &folder).await;
    server.open("petra").await;
    server.done("/accounts/petra/deposit", json!({ "cents": 500 })).await;
    server.stop().await;

    let server = bank("other", &folder).await;
    let get = async |path: &str| server.get(path).send().await.unwrap().error_for_status().unwrap();
    let petra: Value = get("/accounts/petra").await.json().await.unwrap();
    assert_eq!(petra, json!({ "Open": { "owner": "Petra", "balance": 500 } }));
    let all: Value = get("/accounts?after=2").await.json().await.unwrap();
    assert_eq!(all["petra"]["balance"], 500);
    let mut events = get("/events").await;
    let mut read = String::new();
    while !read.contains("id: 2") {
        read += std::str::from_utf8(&events.chunk().await.unwrap().expect("two events")).unwrap();
    }
    assert!(read.contains("Deposited"), "{read}");
    drop(events);
    server.stop().await;
}

#[cfg(feature = "postgres")]
#[path = "../../../../crates/leftfold-postgres/tests/server/mod.rs"]
mod postgres;

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread")]
async fn the_bank_runs_on_postgres() {
    let Some(server) = postgres::server() else { return };
    keeps_a_deposit(server.url()).await;
}

#[cfg(feature = "nats")]
#[tokio::test(flavor = "multi_thread")]
async fn the_bank_runs_on_nats() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = nats::Server::start(folder.path()) else { return };
    keeps_a_deposit(format!("nats://127.0.0.1:{}/BANK", server.port)).await;
}

#[cfg(feature = "nats")]
mod nats {
    use std::net::{TcpListener, TcpStream};
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    /// A server of NATS, until it is dropped.
    pub struct Server {
        pub port: u16,
        process: Child,
    }

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }

    impl Server {
        /// `None` where there is no `nats-server`; in CI, that is a failure.
        pub fn start(folder: &Path) -> Option<Server> {
            let program = std::env::var_os("NATS_SERVER").map_or_else(|| "nats-server".into(), PathBuf::from);
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut command = Command::new(program);
            command.args(["--jetstream", "--addr", "127.0.0.1", "--port", &port.to_string(), "--store_dir"]);
            let started = command.arg(folder).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
            let process = match started {
                Ok(process) => process,
                Err(why) => {
                    let why = format!(
                        "no nats-server ({why}): set NATS_SERVER to the program, or put it into PATH"
                    );
                    assert!(std::env::var_os("CI").is_none(), "{why}");
                    println!("skipped: {why}");
                    return None;
                }
            };
            let server = Server { port, process };
            let begun = Instant::now();
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                assert!(begun.elapsed() < Duration::from_secs(20), "the server does not listen");
                std::thread::sleep(Duration::from_millis(20));
            }
            Some(server)
        }
    }
}
