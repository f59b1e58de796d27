//! Real processes that are killed: while they keep a projection, while they do what a process manager owes, and between
//! recording and publishing. Each is this program again, told by its environment what to do.
//!
//! `LEFTFOLD_KILLS` says how often each is killed; without it, 100 times, and less often in a build without optimization.

#[path = "processes/child.rs"]
mod child;
#[path = "disk/disk.rs"]
mod disk;

use child::{process, say, told};
use disk::Random;
use leftfold::codec::Codec;
use leftfold::log::{FileLog, FileLogOptions, Syncing};
use leftfold::recorded::{Envelope, StreamName};
use leftfold::runtime::outbox;
use leftfold::runtime::{
    Cause, CommandHandler, Emission, Folded, Issued, Process, ProcessRunner, Producer, Projection, Runner,
};
use leftfold::store::{Batch, EventReader, EventStore, Query, Reading};
use leftfold::{Fold, Owed, ProcessManager, decider, view};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

#[test]
#[ignore = "what the other processes do"]
fn a_process_of_its_own() {
    let Some((task, folder)) = told() else { return };
    let folder = folder.as_path();
    match &*task {
        "project" => project(folder),
        "owe" => owe(folder),
        "record then publish" => record_then_publish(folder),
        "change then publish" => change_then_publish(folder),
        _ => panic!("{task}"),
    }
}

fn rounds() -> u64 {
    let usual = if cfg!(debug_assertions) { 20 } else { 100 };
    std::env::var("LEFTFOLD_KILLS").map_or(usual, |text| text.parse().unwrap())
}

/// Starts a process, waits until it works, and kills it a while later. Says whether it was still at work.
fn kill(task: &str, folder: &Path, wait: Duration) -> bool {
    let mut child = process(task, folder);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "#working"), "the process works");
    sleep(wait);
    let at_work = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    at_work
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Requested { contract: u64 },
    Mailed { contract: u64 },
    Hundred { of: u64 },
}

fn open(folder: &Path) -> Arc<FileLog<Event>> {
    let options = FileLogOptions::new().sync(Syncing::Never);
    Arc::new(options.open(folder.join("log"), Codec::new().unwrap()).unwrap())
}

fn contract(number: u64) -> StreamName {
    StreamName::of("contract", number).unwrap()
}

// --------------------------------------------------------------------------------------------- a projection

/// Every contract that was requested, in the order in which they were: so that one twice or one missing is seen.
fn requests() -> impl Fold<State = Vec<u64>, Event = Event> + Send {
    view(Vec::new, |mut all: Vec<u64>, event: &Event| {
        if let Event::Requested { contract } = event {
            all.push(*contract);
        }
        all
    })
}

type Requests<F> = Projection<Folded<F>, Event>;

/// Emits an event for each hundred.
fn projection(
    log: &Arc<FileLog<Event>>,
) -> Requests<impl Fold<State = Vec<u64>, Event = Event> + Send + use<>> {
    Projection::new("requests", Query::all(), Folded::of(requests())).emitting(
        log.clone(),
        |model, _, event| {
            let of = model.look(Vec::len) as u64;
            let hundred = matches!(event, Event::Requested { .. }) && of.is_multiple_of(100);
            if hundred { vec![Emission::own(Event::Hundred { of })] } else { vec![] }
        },
    )
}

/// Appends and projects at the same time.
fn project(folder: &Path) {
    let log = open(folder);
    let projection = projection(&log).commit_every(7).commit_after(Duration::from_millis(1));
    let running = Runner::open(projection, log.clone(), folder).unwrap().start();
    say("working");
    let from = log.head().unwrap().get();
    for contract in from.. {
        log.append(Batch::to(&self::contract(contract % 50)).event(Event::Requested { contract })).unwrap();
        if contract % 64 == 0 {
            sleep(Duration::from_millis(1));
        }
    }
    drop(running);
}

#[test]
fn a_projection_that_is_killed_goes_on_without_a_gap_and_without_a_repeat() {
    let (folder, random) = (tempfile::tempdir().unwrap(), &mut Random::new(1));
    let (mut behind, mut committed_before) = (0, 0);
    for round in 0..rounds() {
        if round % 10 == 0 && round > 0 {
            // Short logs, many beginnings.
            fs::remove_dir_all(folder.path()).unwrap();
            fs::create_dir_all(folder.path()).unwrap();
            committed_before = 0;
        }
        assert!(
            kill("project", folder.path(), Duration::from_micros(random.below(15_000))),
            "it was at work"
        );
        let log = open(folder.path());
        let events = log.all(Query::all()).unwrap();
        let until = |position: u64| {
            let before = events.iter().filter(|recorded| recorded.position.get() <= position);
            requests().fold(before.map(|recorded| &recorded.event))
        };
        // What is kept is the fold of the log up to its position.
        if let Some((state, position)) = Folded::of(requests()).committed(folder.path(), "requests").unwrap()
        {
            assert!(position.get() >= committed_before, "round {round}: a checkpoint went back");
            assert_eq!(state, until(position.get()), "round {round}");
            committed_before = position.get();
            behind += u64::from(position.get() < events.len() as u64);
        }
        // Whoever goes on from there ends where a fold from scratch does.
        let mut runner = Runner::open(projection(&log), log.clone(), folder.path()).unwrap();
        runner.run_once().unwrap();
        let state = runner.model().look(Vec::clone);
        assert_eq!(state, until(u64::MAX), "round {round}");
        // Each hundred was emitted, and once.
        let events = log.all(Query::all()).unwrap();
        let hundreds: Vec<u64> = events
            .iter()
            .filter_map(|recorded| match recorded.event {
                Event::Hundred { of } => Some(of),
                _ => None,
            })
            .collect();
        let expected: Vec<u64> = (1..=state.len() as u64 / 100).map(|number| number * 100).collect();
        assert_eq!(hundreds, expected, "round {round}");
    }
    println!("{} rounds, {behind} of them with events that were not committed", rounds());
    assert!(behind * 4 > rounds(), "the kills were to come while something was not committed: {behind}");
}

// --------------------------------------------------------------------------------------- a process manager

/// Owes a mail for every request.
struct Mailing;

impl Fold for Mailing {
    type State = BTreeSet<u64>;
    type Event = Event;

    fn initial_state(&self) -> BTreeSet<u64> {
        BTreeSet::new()
    }

    fn evolve(&self, mut owed: BTreeSet<u64>, event: &Event) -> BTreeSet<u64> {
        match event {
            Event::Requested { contract } => drop(owed.insert(*contract)),
            Event::Mailed { contract } => drop(owed.remove(contract)),
            Event::Hundred { .. } => {}
        }
        owed
    }
}

impl ProcessManager for Mailing {
    type Command = u64;

    fn pending(&self, owed: &BTreeSet<u64>) -> Vec<Owed<u64>> {
        owed.iter().map(|contract| Owed::now(format!("mail {contract}"), *contract)).collect()
    }
}

fn mailing() -> Process<Mailing> {
    Process::new("mailing", Query::category("contract").unwrap(), Mailing)
        .per_identity(|envelope, _| Some(envelope.stream.to_string()))
        .commit_after(Duration::from_millis(1))
}

/// The handler of mails; a mail is a line in a file, and after it, an event.
fn mails(folder: &Path, log: &Arc<FileLog<Event>>) -> impl Fn(Issued<u64>) -> Result<(), Cause> + use<> {
    let (log, file) = (log.clone(), folder.join("mails"));
    let settling = decider(
        || (),
        |contract: &u64, (): &()| Ok::<_, String>(vec![Event::Mailed { contract: *contract }]),
        |(), _: &Event| (),
    );
    let handler =
        CommandHandler::per_identity(settling, log, |number| StreamName::of("contract", number % 50));
    move |issued: Issued<u64>| {
        let id = issued.id.as_ref().map(ToString::to_string).unwrap_or_default();
        let mut mails = OpenOptions::new().append(true).create(true).open(&file)?;
        // At once, so that no part of a line is written.
        mails.write_all(format!("{}\t{id}\n", issued.command).as_bytes())?;
        handler.handle(issued)?;
        Ok(())
    }
}

fn owe(folder: &Path) {
    let log = open(folder);
    let dispatch = mails(folder, &log);
    let running = ProcessRunner::open(mailing(), log.clone(), folder, dispatch).unwrap().start();
    say("working");
    let from = log.head().unwrap().get();
    for contract in from.. {
        log.append(Batch::to(&self::contract(contract % 50)).event(Event::Requested { contract })).unwrap();
        sleep(Duration::from_micros(50));
    }
    drop(running);
}

#[test]
fn every_mail_that_is_owed_is_sent_whenever_the_process_is_killed_and_a_repeat_is_told_by_its_id() {
    let (folder, random) = (tempfile::tempdir().unwrap(), &mut Random::new(2));
    let mut twice = 0;
    for round in 0..rounds() {
        if round % 10 == 0 && round > 0 {
            fs::remove_dir_all(folder.path()).unwrap();
            fs::create_dir_all(folder.path()).unwrap();
        }
        assert!(kill("owe", folder.path(), Duration::from_micros(random.below(15_000))), "it was at work");
        let log = open(folder.path());
        let mut runner =
            ProcessRunner::open(mailing(), log.clone(), folder.path(), mails(folder.path(), &log)).unwrap();
        runner.run_once().unwrap();
        assert!(runner.owed().is_empty(), "round {round}: nothing is owed any more");
        let events = log.all(Query::all()).unwrap();
        let requested: BTreeSet<u64> = events
            .iter()
            .filter_map(|recorded| match recorded.event {
                Event::Requested { contract } => Some(contract),
                _ => None,
            })
            .collect();
        // Killed before anything was asked for, it has not begun a file.
        let mut mailed: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for line in fs::read_to_string(folder.path().join("mails")).unwrap_or_default().lines() {
            let (contract, id) = line.split_once('\t').unwrap();
            mailed.entry(contract.parse().unwrap()).or_default().push(id.to_string());
        }
        assert!(mailed.keys().copied().eq(requested.iter().copied()), "round {round}: every mail is there");
        for (contract, ids) in &mailed {
            assert!(
                ids.iter().all(|id| *id == ids[0]),
                "round {round}: contract {contract} has mails {ids:?}"
            );
            twice += u64::from(ids.len() > 1);
        }
        let settled = events.iter().filter(|recorded| matches!(recorded.event, Event::Mailed { .. })).count();
        assert_eq!(settled, requested.len(), "round {round}: each is settled once");
    }
    println!("{} rounds, {twice} mails came twice under one id", rounds());
}

// ------------------------------------------------------------------------------------- record, then publish

/// A queue in a file: a line for each message.
struct Lines(std::path::PathBuf);

impl Producer<Event> for Lines {
    fn publish(&mut self, envelope: &Envelope, _: &Event) -> Result<(), Cause> {
        let mut lines = OpenOptions::new().append(true).create(true).open(&self.0)?;
        Ok(lines.write_all(format!("{}\n", envelope.position).as_bytes())?)
    }
}

/// Records, and dies before it publishes.
fn record_then_publish(folder: &Path) {
    let log = open(folder);
    let mut runner =
        Runner::open(outbox("lines", Query::all(), Lines(folder.join("lines"))), log.clone(), folder)
            .unwrap();
    log.append(Batch::to(&contract(1)).event(Event::Requested { contract: 1 })).unwrap();
    say("working");
    sleep(Duration::from_secs(60));
    runner.run_once().unwrap();
}

/// Changes its state, a number in a file, and dies before it publishes.
fn change_then_publish(folder: &Path) {
    fs::write(folder.join("state"), "1").unwrap();
    say("working");
    sleep(Duration::from_secs(60));
    let mut lines = OpenOptions::new().append(true).create(true).open(folder.join("lines")).unwrap();
    lines.write_all(b"1\n").unwrap();
}

#[test]
fn what_was_recorded_is_published_although_the_process_died_in_between_and_what_was_changed_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let lines = || fs::read_to_string(folder.path().join("lines")).unwrap_or_default();
    assert!(kill("record then publish", folder.path(), Duration::ZERO));
    assert_eq!(lines(), "", "nothing was published");
    let log = open(folder.path());
    assert_eq!(log.head().unwrap().get(), 1, "it was recorded");
    // Whoever starts again publishes it, and publishes it once.
    for _ in 0..2 {
        let to_lines = outbox("lines", Query::all(), Lines(folder.path().join("lines")));
        Runner::open(to_lines, log.clone(), folder.path()).unwrap().run_once().unwrap();
    }
    assert_eq!(lines(), "1\n");

    // The contrast: a state that is changed, and a message that follows. After the crash, the state says that all is done,
    // and nothing is left that tells of the message.
    let folder = tempfile::tempdir().unwrap();
    assert!(kill("change then publish", folder.path(), Duration::ZERO));
    assert_eq!(fs::read_to_string(folder.path().join("state")).unwrap(), "1");
    assert!(!folder.path().join("lines").exists(), "the message is lost");
}
