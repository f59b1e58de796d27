//! The program itself, killed at any moment.

use crate::place;
use crate::support::{Server, Session, beside, meet, recorded, signed_in};
use contract_server::store::Place;
use reqwest::StatusCode;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program, which is killed when it is dropped.
pub struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    pub fn start(data: &Path, options: &[&str]) -> (Program, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_contract-server"));
        command
            .arg(data)
            .args(["--address", "127.0.0.1:0", "--customers", "0", "--signing-delay", "0s"])
            .args(options)
            .stdout(Stdio::piped());
        let command = match place::of(data) {
            Place::Folder(log) => command.arg("--store").arg(log),
            Place::Postgres(address) => command.args(["--store", &address]),
            Place::Nats { servers, stream } => command.args(["--store", &format!("{servers}/{stream}")]),
        };
        let mut program = Program(command.spawn().unwrap());
        let lines = BufReader::new(program.0.stdout.take().unwrap()).lines();
        let said: Vec<String> = lines.map_while(Result::ok).take(2).collect();
        assert!(said[0].contains("judged by the server"), "{said:?}");
        let address = said[1].strip_prefix("listening on ").unwrap().to_string();
        (program, address)
    }

    fn terminate(mut self) {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status().unwrap();
        assert!(asked.success());
        assert!(self.0.wait().unwrap().success());
    }
}

/// How long a log is by now, to whoever looks from outside.
fn length_of(data: &Path) -> Box<dyn Fn() -> u64 + Send> {
    match place::of(data) {
        Place::Folder(log) => Box::new(move || {
            let files = fs::read_dir(&log).into_iter().flatten().flatten();
            files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum()
        }),
        place => {
            let (folder, store) = beside(place);
            Box::new(move || {
                let _kept = &folder;
                store.log.head().unwrap().get()
            })
        }
    }
}

/// Kills the program as soon as the log has grown: what it has written it has not answered yet, most of the time.
fn kill_when_it_has_written(mut program: Program, length: impl Fn() -> u64, before: u64) {
    let begun = Instant::now();
    while length() <= before {
        assert!(begun.elapsed() < Duration::from_secs(10), "nothing is written");
        std::hint::spin_loop();
    }
    program.0.kill().unwrap();
    program.0.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_append_and_answer_nothing_is_lost_and_nothing_twice() {
    let server = Server::with_customers().await;
    let folder = server.stop().await;
    let data = folder.path().join("data");
    let (mut promised, mut repeated) = (Vec::new(), 0);
    for round in 0..12u64 {
        let (program, address) = Program::start(&data, &[]);
        let petra = signed_in(&address, "account-manager", "Petra").await;
        let key = format!("round-{round}");
        let command = meet(1, &format!("2027-01-{:02}", round + 1));
        let length = length_of(&data);
        let before = length();
        let killer = tokio::task::spawn_blocking(move || kill_when_it_has_written(program, length, before));
        let unanswered = petra.asking(1, round, &key, &command).send().await;
        killer.await.unwrap();
        drop(unanswered);

        // The page has no answer, so it asks again, with the same key.
        let (program, address) = Program::start(&data, &[]);
        let petra = Session { address, ..petra };
        let (status, answer) = petra.command(1, round, &key, &command).await;
        assert_eq!((status, &answer["version"]), (StatusCode::OK, &json!(round + 1)), "{answer}");
        repeated += u32::from(answer["repeated"] == true);
        promised.push(format!("page/{key}/1"));
        program.terminate();
    }
    let mut found: BTreeMap<String, u32> = BTreeMap::new();
    for recorded in recorded(&data) {
        *found.entry(recorded.id.to_string()).or_default() += 1;
    }
    promised.sort();
    assert!(found.keys().eq(&promised) && found.values().all(|times| *times == 1), "{found:?}");
    assert!(repeated > 0, "it was never killed in between");
}

#[test]
fn asked_to_stop_while_it_fills_a_log_it_does_not_fill_it_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_contract-server"));
    command
        .arg(folder.path())
        .args(["--address", "127.0.0.1:0", "--customers", "200000"])
        .stderr(Stdio::piped());
    let mut child = Program(command.stdout(Stdio::piped()).spawn().unwrap());
    let said = BufReader::new(child.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    assert!(said.contains("beginning with 200000 customers"), "{said}");
    Command::new("kill").arg(child.0.id().to_string()).status().unwrap();
    let begun = Instant::now();
    let ended = loop {
        match child.0.try_wait().unwrap() {
            Some(ended) => break ended,
            None => std::thread::sleep(Duration::from_millis(20)),
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "it goes on");
    };
    assert_eq!(ended.code(), Some(1));
}

#[test]
fn the_command_line_refuses_what_others_could_reach() {
    let no_database = if cfg!(feature = "postgres") { "cannot be opened" } else { "knows no PostgreSQL" };
    for (arguments, said) in [
        (["--address", "0.0.0.0:0"], "can be reached from other machines"),
        (["--address", "127.0.0.1:x"], "invalid"),
        (["--signing-delay", "-1s"], "not negative"),
        (["--lease", "0s"], "a second at least"),
        (["--store", "ftp://host/log"], "ftp:// is no address of a log"),
        (["--store", "nats://host"], "the name of a stream"),
        (["--store", "nats://one,nats://two"], "the name of a stream"),
        (["--store", "host=localhost password=sEcret"], "postgres://"),
        (["--store", "mysql://user:sEcret@host/log"], "mysql:// is no address of a log"),
        (["--store", "nats://user:sEcret@host"], "the name of a stream"),
        (["--store", "postgres://user:sEcret@127.0.0.1:1/none"], no_database),
        (["--page", "/nowhere/at/all"], "/nowhere/at/all"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_contract-server"));
        let line = arguments.join("=");
        let ended =
            command.arg(folder.path().join("data")).args(["--customers", "0", &line]).output().unwrap();
        let error = String::from_utf8(ended.stderr).unwrap();
        assert!(!ended.status.success() && error.contains(said), "{line}: {error}");
        assert!(!error.contains("sEcret"), "{line}: {error}");
    }
}
