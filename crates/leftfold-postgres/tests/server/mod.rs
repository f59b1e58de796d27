//! A PostgreSQL server for the tests of one program: in a temporary folder, on a free port, gone when the program ends.
#![allow(dead_code, reason = "each test program uses a part of it")]

use leftfold_postgres::{Postgres, PostgresOptions};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A server that runs until its standard input is closed, which happens at the latest with the end of this program.
pub struct Server {
    folder: PathBuf,
    port: u16,
    programs: PathBuf,
    _watched: (Child, Option<ChildStdin>),
}

/// The server of this program; `None` where PostgreSQL is not installed. There, `CI` makes it a failure.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let Some(programs) = programs() else {
            assert!(
                std::env::var_os("CI").is_none(),
                "PostgreSQL is not installed: apt-get install postgresql"
            );
            println!("skipped: PostgreSQL is not installed");
            return None;
        };
        Some(Server::start(programs))
    });
    server.as_ref()
}

/// The folder of `initdb`.
fn programs() -> Option<PathBuf> {
    let listed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = listed.map(|version| version.path().join("bin")).collect();
    folders.sort_by(|one, other| other.cmp(one));
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders
        .into_iter()
        .find(|folder| ["initdb", "pg_ctl", "psql"].iter().all(|name| folder.join(name).exists()))
}

/// A server refuses to run as root.
fn as_other_than_root(program: &Path) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.starts_with(b"0\n"));
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

fn succeeded(output: &Output, what: &str) {
    let said =
        || String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{what}: {}", said());
}

impl Server {
    pub fn start(programs: PathBuf) -> Server {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|at| at.local_addr()).unwrap().port();
        let folder = std::env::temp_dir().join(format!("pg-leftfold-{}-{port}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let _ = Command::new("chown").arg("postgres").arg(&folder).output();
        let data = folder.join("data");
        let mut initdb = as_other_than_root(&programs.join("initdb"));
        initdb.arg("-D").arg(&data).args([
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]);
        succeeded(&initdb.current_dir(&folder).output().unwrap(), "initdb");
        let settings = format!(
            "port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nmax_connections = 300\n",
            folder.display()
        );
        let file = data.join("postgresql.conf");
        fs::write(&file, fs::read_to_string(&file).unwrap() + &settings).unwrap();
        // A signal to the whole group, such as from Ctrl-C, does not keep it from stopping the server.
        let stop = format!(
            "trap '' INT TERM HUP; cat >/dev/null; {} -D {} -m immediate stop >/dev/null 2>&1; rm -rf {}",
            as_text(&as_other_than_root(&programs.join("pg_ctl"))),
            data.display(),
            folder.display()
        );
        let mut watching = Command::new("sh").args(["-c", &stop]).stdin(Stdio::piped()).spawn().unwrap();
        let input = watching.stdin.take();
        let server = Server { folder, port, programs, _watched: (watching, input) };
        server.go_on();
        server
    }

    fn control(&self, arguments: &[&str]) {
        let mut command = as_other_than_root(&self.programs.join("pg_ctl"));
        command
            .arg("-D")
            .arg(self.folder.join("data"))
            .args(["-w", "-l"])
            .arg(self.folder.join("log"))
            .args(arguments);
        // What the server inherits stays open as long as it runs.
        let status =
            command.current_dir(&self.folder).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert!(status.success(), "pg_ctl {arguments:?}");
    }

    pub fn go_on(&self) {
        self.control(&["start"]);
    }

    pub fn stop(&self) {
        self.control(&["-m", "immediate", "stop"]);
    }

    pub fn programs(&self) -> PathBuf {
        self.programs.clone()
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn url(&self) -> String {
        self.url_of("postgres", "postgres")
    }

    pub fn url_of(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// What the server answers to statements of a test, outside of the store.
    pub fn sql(&self, statements: &str) -> String {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.url(), "-c", statements]);
        let output = psql.output().unwrap();
        succeeded(&output, statements);
        String::from_utf8_lossy(&output.stdout).trim().to_string()
    }

    /// The same, where it may fail, such as when the server is about to go away.
    pub fn try_sql(&self, statements: &str) -> Option<String> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-d", &self.url(), "-c", statements]);
        let output = psql.output().unwrap();
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_string())
    }

    /// An empty log of its own.
    pub fn fresh(&self) -> PostgresOptions {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("log_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        PostgresOptions::new().schema(name).migrating()
    }

    pub fn open(&self, options: &PostgresOptions) -> Postgres {
        Postgres::open_with(&self.url(), options.clone()).unwrap()
    }
}

fn as_text(command: &Command) -> String {
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(command.get_program().to_string_lossy().into_owned())
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}
