//! NATS servers on this machine, for tests.
#![allow(dead_code, reason = "each test target uses a part of it")]

pub mod network;
pub mod nodes;

use async_nats::jetstream;
use leftfold_nats::NatsOptions;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Servers that store durably before they acknowledge. They end with this process, however it ends.
pub struct Servers {
    folder: TempDir,
    ports: Vec<u16>,
    running: Mutex<Vec<Option<Running>>>,
    made: AtomicU64,
}

struct Running {
    /// A shell that kills the server when its input ends.
    shell: Child,
    server: String,
}

/// The program of the server. Where there is none, the tests of this target are skipped, and in CI they fail.
fn program() -> PathBuf {
    let named = std::env::var_os("NATS_SERVER").map(PathBuf::from);
    let in_path = || {
        let folders = std::env::var_os("PATH")?;
        std::env::split_paths(&folders).map(|folder| folder.join("nats-server")).find(|file| file.is_file())
    };
    if let Some(program) = named.filter(|file| file.is_file()).or_else(in_path) {
        return program;
    }
    let why = "no nats-server: set NATS_SERVER to the program, or put it into PATH";
    assert!(std::env::var_os("CI").is_none(), "{why}");
    // Past the harness, which shows nothing that a passing test prints.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
    std::process::exit(0);
}

impl Servers {
    pub fn start(count: usize) -> Self {
        program();
        let sockets: Vec<TcpListener> =
            (0..2 * count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<u16> = sockets.iter().map(|socket| socket.local_addr().unwrap().port()).collect();
        drop(sockets);
        let (ports, routes) = ports.split_at(count);
        let folder = tempfile::Builder::new().prefix("leftfold-nats-servers").tempdir().unwrap();
        let all: Vec<String> = routes.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
        for (at, port) in ports.iter().enumerate() {
            let data = folder.path().join(format!("data{at}"));
            let mut text = format!(
                "server_name: n{at}\nlisten: 127.0.0.1:{port}\n\
                 jetstream {{ store_dir: {data:?}, sync_interval: always, max_memory_store: 64MB, max_file_store: 8GB }}\n\
                 accounts {{ $SYS {{ users: [{{user: sys, password: sys}}] }}, A {{ jetstream: enabled, users: [{{user: leftfold, password: secret}}] }} }}\n"
            );
            if count > 1 {
                let (route, routes) = (routes[at], all.join(", "));
                text += &format!("cluster {{ name: test, listen: 127.0.0.1:{route}, routes: [{routes}] }}\n");
            }
            std::fs::write(folder.path().join(format!("{at}.conf")), text).unwrap();
        }
        let running = Mutex::new((0..count).map(|_| None).collect());
        let servers = Servers { folder, ports: ports.to_vec(), running, made: AtomicU64::new(0) };
        (0..count).for_each(|at| servers.start_one(at));
        servers
    }

    /// A cluster that all tests of this process share.
    pub fn shared(count: usize) -> &'static Servers {
        static ONE: OnceLock<Servers> = OnceLock::new();
        static THREE: OnceLock<Servers> = OnceLock::new();
        match count {
            1 => ONE.get_or_init(|| Servers::start(1)),
            _ => THREE.get_or_init(|| Servers::start(3)),
        }
    }

    pub fn start_one(&self, at: usize) {
        // Without a last word, this process has ended: what the servers have is not needed any more.
        let script = r#""$0" -c "$1" >>"$2" 2>&1 & echo $!; read -r word; kill -9 $! 2>&-; [ "$word" ] || rm -rf "$3""#;
        let log = self.folder.path().join(format!("{at}.log"));
        let mut shell = Command::new("sh")
            .arg("-c")
            .arg(script)
            .arg(program())
            .arg(self.folder.path().join(format!("{at}.conf")))
            .arg(log)
            .arg(self.folder.path())
            // A signal from the terminal is for the tests alone.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut server = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut server).unwrap();
        let server = server.trim().to_string();
        assert!(!server.is_empty(), "the shell says which process it started");
        self.running.lock().unwrap()[at] = Some(Running { shell, server });
    }

    fn signal(&self, at: usize, signal: &str) {
        let running = self.running.lock().unwrap();
        let Some(running) = &running[at] else { return };
        let _ = Command::new("kill").arg(signal).arg(&running.server).stderr(Stdio::null()).status();
    }

    pub fn kill(&self, at: usize) {
        self.signal(at, "-9");
        if let Some(mut running) = self.running.lock().unwrap()[at].take() {
            if let Some(mut input) = running.shell.stdin.take() {
                let _ = input.write_all(b"keep\n");
            }
            let _ = running.shell.wait();
        }
    }

    pub fn pause(&self, at: usize) {
        self.signal(at, "-STOP");
    }

    pub fn go_on(&self, at: usize) {
        self.signal(at, "-CONT");
    }

    /// The addresses of all servers.
    pub fn url(&self) -> String {
        let one = |port: &u16| format!("nats://leftfold:secret@127.0.0.1:{port}");
        self.ports.iter().map(one).collect::<Vec<_>>().join(",")
    }

    pub fn options(&self) -> NatsOptions {
        NatsOptions::new().replicas(self.ports.len()).timeout(Duration::from_secs(20))
    }

    /// A name that no stream has yet.
    pub fn new_stream(&self) -> String {
        format!("S{}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    /// Does something with a client of its own.
    pub fn with_context<T>(&self, work: impl AsyncFnOnce(jetstream::Context) -> T) -> T {
        with_context(&self.url(), work)
    }

    /// Which server leads a stream.
    pub fn leader(&self, stream: &str) -> usize {
        leader(&self.url(), stream)
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        (0..self.ports.len()).for_each(|at| self.kill(at));
    }
}

/// Does something with a client of its own.
pub fn with_context<T>(url: &str, work: impl AsyncFnOnce(jetstream::Context) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let addresses: Vec<String> = url.split(',').map(str::to_string).collect();
        let client = async_nats::ConnectOptions::new()
            .user_and_password("leftfold".to_string(), "secret".to_string())
            .retry_on_initial_connect()
            .connect(addresses)
            .await
            .unwrap();
        work(jetstream::new(client)).await
    })
}

/// Which server leads a stream: the number in its name.
pub fn leader(url: &str, stream: &str) -> usize {
    let begun = Instant::now();
    loop {
        let leader = with_context(url, async |mut context| {
            // While there is none, the question is not answered.
            context.set_timeout(Duration::from_millis(300));
            let stream = context.get_stream(stream).await.ok()?;
            stream.cached_info().cluster.as_ref()?.leader.clone()
        });
        if let Some(at) = leader.and_then(|name| name.strip_prefix('n')?.parse().ok()) {
            return at;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "stream {stream} has no leader");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// For how long a test goes on: seconds in an environment variable.
pub fn seconds(variable: &str, default: u64) -> Duration {
    let given = std::env::var(variable).ok().and_then(|text| text.parse().ok());
    Duration::from_secs(given.unwrap_or(default))
}
