//! Runners are listed, stopped, reset and deleted from another process. Each runner is this program again, told by its
//! environment what to do.

#[path = "processes/child.rs"]
mod child;

use child::{process, say, told};
use leftfold::codec::Codec;
use leftfold::log::{FileLog, FileLogReader};
use leftfold::recorded::{Envelope, EventId, Position, StreamName};
use leftfold::runtime::{
    Cause, Checkpoint, CheckpointPlace, Folded, FoundRunner, Process, ProcessRunner, Projection, ReadModel,
    RequestAnswer, Runner, RunnerError, RunnerRequest, Runners, SnapshotStore, Snapshots,
};
use leftfold::store::{Batch, EventStore, Listing, Memory, Query};
use leftfold::{Fold, process_manager, view};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(20);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Added { city: String },
}

fn counts() -> impl Fold<State = u64, Event = Event> + Send {
    view(|| 0, |count: u64, _: &Event| count + 1)
}

/// A read model that says when it is cleared.
struct Says<M>(M);

impl<M: ReadModel<Event>> ReadModel<Event> for Says<M> {
    fn load(&mut self, place: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        self.0.load(place)
    }

    fn apply(&mut self, envelope: &Envelope, event: &Event) -> Result<(), Cause> {
        self.0.apply(envelope, event)
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        self.0.commit(checkpoint)
    }

    fn clear(&mut self) -> Result<(), Cause> {
        say("cleared");
        self.0.clear()
    }
}

#[test]
#[ignore = "what the other processes do"]
fn a_process_of_its_own() {
    let Some((task, folder)) = told() else { return };
    let log = FileLogReader::open(folder.join("log"), Codec::new().unwrap()).unwrap();
    let model = Says(Folded::of(counts()));
    let projection = Projection::new(task, Query::all(), model).commit_after(Duration::from_millis(1));
    let mut runner = Runner::open(projection, log, folder.join("runners")).unwrap();
    say("open");
    runner.keep_running().unwrap();
    say("ended");
}

/// What a child says, and the child.
struct Running(Child, Receiver<String>);

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended is not there to be killed.
        let _ = self.0.kill();
    }
}

impl Running {
    fn start(name: &str, folder: &Path) -> Running {
        let mut child = process(name, folder);
        let (lines, (says, said)) = (BufReader::new(child.stdout.take().unwrap()).lines(), channel());
        thread::spawn(move || {
            let lines = lines.map_while(Result::ok);
            lines
                .filter_map(|line| line.strip_prefix('#').map(str::to_string))
                .for_each(|line| _ = says.send(line));
        });
        let running = Running(child, said);
        assert_eq!(running.says(), "open");
        running
    }

    fn says(&self) -> String {
        self.1.recv_timeout(SOON).expect("it says something")
    }

    fn ends(mut self) -> Vec<String> {
        assert!(self.0.wait().unwrap().success());
        self.1.iter().collect()
    }
}

fn cities(folder: &Path, count: usize) {
    let log = FileLog::open(folder.join("log"), Codec::new().unwrap()).unwrap();
    let added = Event::Added { city: "Bernau".into() };
    log.append(Batch::to(&StreamName::of("city", 1).unwrap()).events(vec![added; count])).unwrap();
    log.close().unwrap();
}

fn found(folder: &Path) -> Vec<FoundRunner> {
    Runners::in_folder(folder.join("runners")).list(&Listing::all()).unwrap()
}

fn reaches(folder: &Path, position: u64) {
    let begun = Instant::now();
    let there = Some(Position::new(position));
    while found(folder).iter().any(|runner| runner.position != there) {
        assert!(begun.elapsed() < SOON, "{:?}", found(folder));
        sleep(Duration::from_millis(2));
    }
}

fn texts(folder: &Path) -> Vec<String> {
    found(folder).iter().map(ToString::to_string).collect()
}

#[test]
fn a_runner_of_another_process_is_listed_reset_stopped_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    cities(folder, 500);
    let runners = Runners::in_folder(folder.join("runners"));
    let running = Running::start("all cities", folder);
    reaches(folder, 500);
    assert_eq!(texts(folder), ["all cities: running, at position 500"]);

    assert_eq!(runners.reset("all cities", SOON).unwrap(), RequestAnswer::Done);
    assert_eq!(running.says(), "cleared");
    assert!(found(folder)[0].requests.is_empty(), "it is acknowledged");
    reaches(folder, 500);
    assert_eq!(runners.stop("all cities", SOON).unwrap(), RequestAnswer::Done);
    assert_eq!(running.ends(), ["ended"], "it was reset once");
    assert_eq!(texts(folder), ["all cities: not running, at position 500"]);
    assert_eq!(runners.stop("all cities", SOON).unwrap(), RequestAnswer::NotRunning);

    let running = Running::start("all cities", folder);
    assert_eq!(runners.delete("all cities", SOON).unwrap(), RequestAnswer::Done);
    assert_eq!(running.ends(), ["cleared", "ended"], "a stop that found nobody is no request");
    assert_eq!(texts(folder), ["all cities: not running, no checkpoint in this folder"]);
}

#[test]
fn a_request_that_a_crash_has_left_is_obeyed_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    cities(folder, 300);
    let mut running = Running::start("cities", folder);
    reaches(folder, 300);
    running.0.kill().unwrap();
    running.0.wait().unwrap();
    // As it is between asking and obeying.
    let request = folder.join("runners/cities.json.reset");
    fs::write(&request, "").unwrap();
    assert_eq!(texts(folder), ["cities: not running, at position 300, asked to reset"]);

    let running = Running::start("cities", folder);
    assert_eq!(running.says(), "cleared");
    let begun = Instant::now();
    while texts(folder) != ["cities: running, at position 300"] {
        assert!(begun.elapsed() < SOON, "{:?}", texts(folder));
    }
    assert!(!request.exists());
    assert_eq!(Runners::in_folder(folder.join("runners")).stop("cities", SOON).unwrap(), RequestAnswer::Done);
    assert_eq!(running.ends(), ["ended"]);
}

#[test]
fn a_runner_that_nobody_runs_is_reset_and_deleted_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    cities(folder, 3);
    let runners = Runners::in_folder(folder.join("runners"));
    for name in ["a", "b"] {
        let running = Running::start(name, folder);
        reaches(folder, 3);
        assert_eq!(runners.stop(name, SOON).unwrap(), RequestAnswer::Done);
        running.ends();
    }
    // A snapshot is no runner.
    let snapshots = Snapshots::<u64>::in_folder(folder.join("runners"), 1);
    let stream = StreamName::of("city", 1).unwrap();
    snapshots.save(&stream, 3.into(), &EventId::new("last").unwrap(), &3).unwrap();
    let names: Vec<String> = found(folder).into_iter().map(|runner| runner.name).collect();
    assert_eq!(names, ["a", "b"]);
    let matching = Listing::all().matching("^[b-z]").unwrap();
    assert_eq!(runners.list(&matching).unwrap().len(), 1, "by pattern");

    assert_eq!(runners.reset("a", Duration::ZERO).unwrap(), RequestAnswer::Done);
    assert_eq!(runners.delete("b", Duration::ZERO).unwrap(), RequestAnswer::Done);
    assert_eq!(texts(folder), ["a: not running, no checkpoint in this folder"]);
    assert_eq!(runners.reset("a", Duration::ZERO).unwrap(), RequestAnswer::Waiting);
    assert_eq!(found(folder)[0].requests, [RunnerRequest::Reset], "the read model may be elsewhere");
    let unknown = runners.stop("b", Duration::ZERO);
    assert!(matches!(unknown, Err(RunnerError::NoSuchRunner { .. })), "{unknown:?}");
    let running = Running::start("a", folder);
    assert_eq!(running.says(), "cleared", "it is obeyed when it is run next");
    assert_eq!(runners.stop("a", SOON).unwrap(), RequestAnswer::Done);
    running.ends();
}

#[test]
fn a_long_way_to_catch_up_is_ended_between_two_batches() {
    let (folder, store) = (tempfile::tempdir().unwrap(), Arc::new(Memory::new()));
    let added = Event::Added { city: "Bernau".into() };
    let stream = StreamName::of("city", 1).unwrap();
    store.append(Batch::to(&stream).events(vec![added; 100_000])).unwrap();
    let slow = view(
        || 0,
        |count: u64, _: &Event| {
            sleep(Duration::from_millis(1));
            count + 1
        },
    );
    let projection = Projection::new("slow", Query::all(), Folded::of(slow)).commit_every(10);
    let mut runner = Runner::open(projection, store, folder.path()).unwrap();
    let run = thread::spawn(move || runner.run_once().map(|status| (status.lag, status.position.get())));
    let runners = Runners::in_folder(folder.path());
    assert_eq!(runners.stop("slow", SOON).unwrap(), RequestAnswer::Done);
    let (lag, position) = run.join().unwrap().unwrap();
    assert!(lag > 0 && position % 10 == 0, "{lag} after {position}");
    assert!(runners.list(&Listing::all()).unwrap()[0].requests.is_empty());
}

#[test]
fn a_process_runner_obeys_too() {
    let (folder, store) = (tempfile::tempdir().unwrap(), Arc::new(Memory::<Event>::new()));
    let nothing = process_manager(
        || 0,
        |count: u64, _: &Event| count + 1,
        |_: &u64| Vec::<leftfold::Owed<Event>>::new(),
    );
    let process = Process::new("mailing", Query::all(), nothing);
    let running = ProcessRunner::open(process, store, folder.path(), |_| Ok(())).unwrap().start();
    let runners = Runners::in_folder(folder.path());
    assert!(runners.list(&Listing::all()).unwrap()[0].running);
    assert_eq!(runners.reset("mailing", SOON).unwrap(), RequestAnswer::Done);
    assert_eq!(runners.stop("mailing", SOON).unwrap(), RequestAnswer::Done);
    running.stop().1.unwrap();
}

/// Calls the program, with the folder of the runners in place of `FOLDER`.
fn leftfold(folder: &Path, line: &[&str]) -> Output {
    let folder = folder.join("runners");
    let words = line.iter().map(|word| if *word == "FOLDER" { folder.to_str().unwrap() } else { word });
    Command::new(env!("CARGO_BIN_EXE_leftfold")).arg("runners").args(words).output().unwrap()
}

fn says(folder: &Path, line: &[&str]) -> (bool, String) {
    let output = leftfold(folder, line);
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn the_program_lists_runners_and_asks_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    cities(folder, 1_500);
    let running = Running::start("all cities", folder);
    reaches(folder, 1_500);
    assert_eq!(
        says(folder, &["list", "FOLDER"]),
        (true, "runner      position  state    asked to\nall cities     1,500  running\n".to_string())
    );
    let json = r#"{"name":"all cities","position":1500,"running":true,"requests":[]}"#;
    assert_eq!(says(folder, &["list", "FOLDER", "--json"]), (true, format!("{json}\n")));
    assert_eq!(says(folder, &["list", "FOLDER", "--matching", "^x"]), (true, String::new()));
    assert_eq!(says(folder, &["reset", "FOLDER", "all cities"]), (true, "all cities: reset\n".to_string()));
    let stopped = "all cities: stopped\n".to_string();
    assert_eq!(says(folder, &["stop", "FOLDER", "--matching", "cities$"]), (true, stopped));
    assert_eq!(running.ends(), ["cleared", "ended"]);
    let nobody = "all cities: nobody runs it\n".to_string();
    assert_eq!(says(folder, &["stop", "FOLDER", "all cities"]), (true, nobody));
    let deleted = "all cities: deleted\n".to_string();
    assert_eq!(says(folder, &["delete", "FOLDER", "all cities"]), (true, deleted));
    let (fine, text) = says(folder, &["reset", "FOLDER", "all cities"]);
    assert!(!fine && text.starts_with("all cities: there is no runner all cities in "), "{text}");
    let (fine, text) = says(&folder.join("elsewhere"), &["list", "FOLDER"]);
    assert!(!fine && text.starts_with("leftfold: reading the folder "), "{text}");
}
