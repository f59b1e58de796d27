//! Three servers with a network namespace each, joined by a bridge that can lose one of them.

use super::program;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Runs a test of this program, a `#[ignore]`d one, in a network namespace of its own. Where the kernel does not permit that, it
/// says so, and nothing is tested.
pub fn in_a_network_of_its_own(test: &str) {
    program();
    // What the kernel does not permit is passed over everywhere; what is not installed, not in CI.
    for name in ["ip", "unshare"] {
        let installed = Command::new(name).arg("-V").output().is_ok();
        assert!(installed || std::env::var_os("CI").is_none(), "{name} is not installed");
    }
    let mut refused = String::new();
    // Root may have a network of its own, and others where they may have users of their own.
    for how in ["-n", "-rn"] {
        let needed = "ip link set lo up && ip link add name joint type bridge && ip link add name h1 type veth peer name n1 \
                      && unshare -n true";
        let tried = Command::new("unshare").args([how, "sh", "-c", needed]).output();
        match tried {
            Ok(output) if output.status.success() => {
                let mut child = Command::new("unshare");
                child.arg(how).arg(std::env::current_exe().unwrap());
                child.args(["--exact", test, "--ignored", "--nocapture"]);
                let output = child.output().unwrap();
                println!("{}", String::from_utf8_lossy(&output.stdout));
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{test} in a network of its own: {said}");
                return;
            }
            Ok(output) => refused = String::from_utf8_lossy(&output.stderr).trim().to_string(),
            Err(error) => refused = format!("unshare: {error}"),
        }
    }
    // Past the harness, which shows nothing that a passing test prints.
    let _ = writeln!(std::io::stderr(), "skipped: no network namespaces here: {refused}");
}

/// They end with this value, and with this process.
pub struct Nodes {
    shells: Vec<Child>,
    _folder: TempDir,
}

/// A link to the bridge, over which the servers reach each other, and one to this process. Waits for both, and runs the server until
/// the input ends.
const NODE: &str = r#"echo $$; read -r word
ip link set lo up
ip address add 10.77.0.$1/24 dev n$1 && ip link set n$1 up
ip address add 10.78.$1.2/24 dev c$1 && ip link set c$1 up
"$2" -c "$3" >"$4" 2>&1 </dev/null &
read -r word; kill -9 $!; wait"#;

impl Nodes {
    /// Starts them; this process is in a network namespace of its own.
    pub fn start() -> Nodes {
        let folder = tempfile::Builder::new().prefix("leftfold-nats-nodes").tempdir().unwrap();
        ip("link set lo up");
        ip("link add name joint type bridge");
        ip("link set joint up");
        let start = |node: usize| {
            let (data, conf) =
                (folder.path().join(format!("{node}")), folder.path().join(format!("{node}.conf")));
            let text = format!(
                "server_name: n{node}\nlisten: 0.0.0.0:4222\n\
                 jetstream {{ store_dir: {data:?}, sync_interval: always, max_file_store: 1GB }}\n\
                 cluster {{ name: test, listen: 0.0.0.0:6222, no_advertise: true, \
                 routes: [nats://10.77.0.1:6222, nats://10.77.0.2:6222, nats://10.77.0.3:6222] }}\n"
            );
            std::fs::write(&conf, text).unwrap();
            let mut shell = Command::new("unshare")
                .args(["-n", "sh", "-c", NODE, "node", &node.to_string()])
                .args([program(), conf, folder.path().join(format!("{node}.log"))])
                // A signal from the terminal is for the tests alone.
                .process_group(0)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut process = String::new();
            BufReader::new(shell.stdout.take().unwrap()).read_line(&mut process).unwrap();
            let process = process.trim();
            ip(&format!("link add h{node} type veth peer name n{node} netns {process}"));
            ip(&format!("link set h{node} master joint"));
            ip(&format!("link set h{node} up"));
            ip(&format!("link add d{node} type veth peer name c{node} netns {process}"));
            ip(&format!("address add 10.78.{node}.1/24 dev d{node}"));
            ip(&format!("link set d{node} up"));
            shell.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
            shell
        };
        Nodes { shells: (1..=3).map(start).collect(), _folder: folder }
    }

    /// The addresses of some of them, 1 to 3.
    pub fn url(&self, nodes: &[usize]) -> String {
        let one = |node: &usize| format!("nats://10.78.{node}.2:4222");
        nodes.iter().map(one).collect::<Vec<_>>().join(",")
    }

    /// Cuts one off from the others. This process reaches it as before.
    pub fn cut_off(&self, node: usize) {
        ip(&format!("link set h{node} down"));
    }

    pub fn heal(&self, node: usize) {
        ip(&format!("link set h{node} up"));
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        for shell in &mut self.shells {
            drop(shell.stdin.take());
            let _ = shell.wait();
        }
    }
}

fn ip(arguments: &str) {
    let output = Command::new("ip").args(arguments.split(' ')).output().unwrap();
    assert!(output.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}
