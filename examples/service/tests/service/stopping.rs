//! Stopping: what has begun is finished, and the log is closed.

use crate::server::log_of;
use leftfold::keyed;
use leftfold::runtime::Issued;
use leftfold_as_a_service::account::{Command, State};
use leftfold_as_a_service::bank::Bank;
use leftfold_as_a_service::service::{Limits, NoAnswer, Service};
use leftfold_as_a_service::store;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{self, Child, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

fn open(folder: &Path, limits: Limits) -> (Arc<Bank>, Service) {
    let bank = Arc::new(Bank::open(store::open(None, folder).unwrap(), folder).unwrap());
    let service = Service::of(&bank, limits);
    (bank, service)
}

/// A call that has begun, and goes on until the sender is dropped.
async fn slow_call(service: &Service) -> (JoinHandle<Result<(), NoAnswer>>, mpsc::Sender<()>) {
    let ((begin, begun), (release, released)) = (oneshot::channel(), mpsc::channel());
    let service = service.clone();
    let slow = tokio::spawn(async move {
        let call = service.call(move |_| {
            begin.send(()).unwrap();
            assert!(released.recv().is_err());
        });
        call.await
    });
    begun.await.unwrap();
    (slow, release)
}

fn opening() -> Issued<leftfold::Keyed<String, Command>> {
    Issued::of(keyed("petra".to_string(), Command::Open { owner: "Petra".to_string() }))
}

/// A client that goes away takes nothing back: its future is dropped, and its command is recorded all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_client_has_gone_is_finished_before_the_log_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (bank, service) = open(folder.path(), Limits::default());
    let slow = service.call(|bank| {
        thread::sleep(Duration::from_millis(300));
        bank.handle(opening()).unwrap();
    });
    assert!(timeout(Duration::from_millis(50), slow).await.is_err(), "the client goes away");
    service.close(bank).await.unwrap();
    assert_eq!(log_of(folder.path()).len(), 1);
}

/// A client that goes away while it waits for a thread has not given its command.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_waits_is_taken_back_with_its_client() {
    let folder = tempfile::tempdir().unwrap();
    let (bank, service) = open(folder.path(), Limits { calls: 1, ..Limits::default() });
    let (slow, release) = slow_call(&service).await;
    let waiting = service.call(|bank| bank.handle(opening()).map(drop).unwrap());
    assert!(timeout(Duration::from_millis(50), waiting).await.is_err());
    drop(release);
    slow.await.unwrap().unwrap();
    service.close(bank).await.unwrap();
    assert!(log_of(folder.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_not_kept_waiting_for_ever_and_one_that_panics_gives_its_thread_back() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { calls: 1, patience: Duration::from_millis(50), ..Limits::default() };
    let (bank, service) = open(folder.path(), limits);
    let panicked = service.call(|_| panic!("planted")).await;
    assert!(matches!(panicked, Err::<(), _>(NoAnswer::Panicked(_))));
    let (slow, release) = slow_call(&service).await;
    assert!(matches!(service.call(|_| ()).await, Err(NoAnswer::Busy)));
    drop(release);
    slow.await.unwrap().unwrap();
    let (account, _) = service.call(|bank| bank.account("petra")).await.unwrap().unwrap();
    assert_eq!(account, State::New);
    service.close(bank).await.unwrap();
}

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// Starts it, and answers with its address as well.
    fn start(folder: &Path) -> (Program, String) {
        let mut program = process::Command::new(env!("CARGO_BIN_EXE_service"));
        let program = program.arg(folder).arg("127.0.0.1:0").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = Program(program.spawn().unwrap());
        let mut line = String::new();
        BufReader::new(program.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (program, line.trim().strip_prefix("listening on ").unwrap().to_string())
    }
}

/// The program itself, with its log taken from under it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_log_is_for_the_operator() {
    let folder = tempfile::tempdir().unwrap();
    let (mut program, address) = Program::start(folder.path());
    let client = reqwest::Client::new();
    let post = |id: &str| {
        let owner = serde_json::json!({ "owner": "Petra" });
        client.post(format!("{address}/accounts/{id}/open")).json(&owner).send()
    };
    assert!(post("petra").await.unwrap().status().is_success());
    fs::remove_dir_all(folder.path().join("log")).unwrap();
    let failed = post("alex").await.unwrap();
    assert_eq!(failed.status(), reqwest::StatusCode::INTERNAL_SERVER_ERROR);
    let problem = failed.json::<serde_json::Value>().await.unwrap();
    let says_nothing =
        serde_json::json!({ "type": "about:blank", "title": "something went wrong here", "status": 500 });
    assert_eq!(problem, says_nothing);
    program.0.kill().unwrap();
    let mut said = String::new();
    program.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.starts_with("whether the batch was recorded is not known: "), "{said}");
}

/// The program itself, asked to end while a client posts.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_asked_to_end_closes_its_log() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        let (mut program, address) = Program::start(folder.path());
        let client = reqwest::Client::new();
        let mut acknowledged = 0;
        let owner = serde_json::json!({ "owner": "Petra" });
        let mut ending = None;
        for account in 0.. {
            let post = client.post(format!("{address}/accounts/{account}/open")).json(&owner).send();
            match post.await {
                Ok(answer) if answer.status().is_success() => acknowledged += 1,
                _ => break,
            }
            if acknowledged == 20 {
                let pid = program.0.id().to_string();
                ending = Some(process::Command::new("kill").args([signal, &pid]).status().unwrap());
            }
        }
        assert!(ending.is_some_and(|status| status.success()), "it answers until it is asked to end");
        assert!(program.0.wait().unwrap().success());
        assert!(log_of(folder.path()).len() >= acknowledged);
    }
}
