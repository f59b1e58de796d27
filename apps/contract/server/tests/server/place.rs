//! Where the logs of these tests are: in folders, or where `CONTRACT_STORE` says: on `postgres` or on `nats`, whose servers are started here.

use contract_server::store::Place;
use std::path::Path;

/// A log of its own for each folder, and for one folder always the same.
pub fn of(folder: &Path) -> Place {
    let engine = std::env::var("CONTRACT_STORE").unwrap_or_default();
    match &*engine {
        "" => Place::Folder(folder.join("log")),
        #[cfg(feature = "postgres")]
        "postgres" => on_postgres(&name_of(folder)),
        #[cfg(feature = "nats")]
        "nats" => nats::place(name_of(folder)),
        _ => {
            panic!("CONTRACT_STORE is {engine:?}: it is `postgres` or `nats`, with the feature of that name")
        }
    }
}

/// Whether several servers can have one log.
pub fn is_shared(place: &Place) -> bool {
    !matches!(place, Place::Folder(_))
}

/// What the last part of a path is, in letters that every engine takes.
#[cfg(any(feature = "nats", feature = "postgres"))]
fn name_of(folder: &Path) -> String {
    let folder = folder.parent().and_then(Path::file_name).unwrap_or_default();
    folder.as_encoded_bytes().iter().fold("log".to_string(), |name, byte| format!("{name}_{byte:02x}"))
}

#[cfg(feature = "postgres")]
#[path = "../../../../../crates/leftfold-postgres/tests/server/mod.rs"]
mod postgres;

#[cfg(feature = "postgres")]
fn on_postgres(name: &str) -> Place {
    let server = postgres::server().expect("PostgreSQL is installed");
    if server
        .sql(&format!("select from pg_database where datname = '{name}' union select where false"))
        .is_empty()
    {
        server.try_sql(&format!("create database {name}"));
    }
    Place::Postgres(server.url_of("postgres", name))
}

#[cfg(feature = "nats")]
mod nats {
    use contract_server::store::Place;
    use std::net::TcpListener;
    use std::process::{Child, Command, Stdio};
    use std::sync::OnceLock;
    use tempfile::TempDir;

    struct Server {
        port: u16,
        /// Kills the server when its input ends, at the latest with this program.
        _shell: Child,
        _folder: TempDir,
    }

    pub fn place(stream: String) -> Place {
        static SERVER: OnceLock<Server> = OnceLock::new();
        let port = SERVER.get_or_init(start).port;
        Place::Nats { servers: format!("nats://127.0.0.1:{port}"), stream }
    }

    fn start() -> Server {
        let program = std::env::var("NATS_SERVER").unwrap_or_else(|_| "nats-server".to_string());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let script = r#""$0" -js -a 127.0.0.1 -p "$1" -sd "$2" >/dev/null 2>&1 & read -r _; kill -9 $!"#;
        let mut shell = Command::new("sh");
        shell.args(["-c", script, &program, &port.to_string()]).arg(folder.path());
        Server { port, _shell: shell.stdin(Stdio::piped()).spawn().unwrap(), _folder: folder }
    }
}
