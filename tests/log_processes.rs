//! Real processes: one that is killed while it appends as fast as it can, some that race for the lock, some that read while
//! another writes. Each is this program again, told by its environment what to do.
//!
//! `LEFTFOLD_KILLS` says how often a process is killed; without it, 200 times, and less often in a build without
//! optimization.

#[path = "processes/child.rs"]
mod child;
#[path = "disk/disk.rs"]
mod disk;
#[path = "disk/texts.rs"]
mod texts;

use child::{process, say, told};
use disk::Random;
use leftfold::log::FileLogReader;
use leftfold::log::{FileLog, OpenError};
use leftfold::recorded::Position;
use leftfold::store::EventReader;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};
use texts::{Known, Texts, append, options, shown};

fn said(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.filter_map(|line| line.strip_prefix('#').map(str::to_string))
}

fn now() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros()
}

#[test]
#[ignore = "what the other processes do"]
fn a_process_of_its_own() {
    let Some((task, folder)) = told() else { return };
    let folder = folder.as_path();
    match task.split_once(' ').unwrap_or((&task, "")) {
        ("append", threads) => append_until_killed(folder, threads.parse().unwrap()),
        ("race", _) => match options().open(folder, Texts) {
            Ok(_log) => {
                let _log: FileLog<String> = _log;
                say("writer");
                wait_for_end();
            }
            Err(OpenError::Locked { .. }) => say("locked"),
            Err(error) => say(&error.to_string()),
        },
        ("write", batches) => write_slowly(folder, batches.parse().unwrap()),
        ("read", until) => read_along(folder, until.parse().unwrap()),
        _ => panic!("{task}"),
    }
}

fn wait_for_end() {
    let _ = std::io::stdin().read(&mut [0]);
}

/// The events of one batch of a thread.
fn events(thread: u64, number: u64) -> Vec<Known> {
    let event = |part| {
        let text = "x".repeat((number * 31 % 200) as usize);
        Known { stream: format!("talk-{thread}"), id: format!("{thread}/{number}/{part}"), text }
    };
    (0..1 + number % 4).map(event).collect()
}

/// How many batches of each thread these events are: whole ones, in order.
fn batches(read: &[Known]) -> BTreeMap<u64, u64> {
    let mut counts = BTreeMap::new();
    let mut rest = read;
    while let Some(first) = rest.first() {
        let thread = first.stream.strip_prefix("talk-").unwrap().parse().unwrap();
        let count: &mut u64 = counts.entry(thread).or_default();
        let batch = events(thread, *count);
        assert!(
            rest.starts_with(&batch),
            "{batch:?} was to come, and not {:?}",
            &rest[..batch.len().min(rest.len())]
        );
        rest = &rest[batch.len()..];
        *count += 1;
    }
    counts
}

fn append_until_killed(folder: &Path, threads: u64) {
    let log: FileLog<String> = options().segment_size(20_000).open(folder, Texts).unwrap();
    let begun = batches(&shown(&log).unwrap());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (log, from) = (&log, begun.get(&thread).copied().unwrap_or(0));
            scope.spawn(move || {
                for number in from.. {
                    append(log, &events(thread, number)).unwrap();
                    say(&format!("{thread} {number}"));
                }
            });
        }
    });
}

#[test]
fn a_process_that_is_killed_has_lost_nothing_that_it_answered() {
    let usual = if cfg!(debug_assertions) { 40 } else { 200 };
    let kills = std::env::var("LEFTFOLD_KILLS").map_or(usual, |text| text.parse().unwrap());
    let begun = Instant::now();
    let (next, answers, torn) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let from = next.fetch_add(20, Ordering::Relaxed);
                    if from >= kills {
                        return;
                    }
                    // Some logs are killed several times.
                    let folder = tempfile::tempdir().unwrap();
                    for round in from..(from + 20).min(kills) {
                        let (answered, cut) = kill_once(folder.path(), round);
                        answers.fetch_add(answered, Ordering::Relaxed);
                        torn.fetch_add(cut.into(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    println!("{kills} kills, {answers:?} answers, {torn:?} torn tails cut: {:?}", begun.elapsed());
    assert!(answers.into_inner() > kills, "too few appends were answered for this to mean anything");
}

fn kill_once(folder: &Path, round: u64) -> (u64, bool) {
    let random = &mut Random::new(round);
    let mut child = process(&format!("append {}", [1, 4][(round % 2) as usize]), folder);
    let mut lines = said(&mut child);
    let mut answered: BTreeMap<u64, u64> = BTreeMap::new();
    let mut take = |line: String| {
        // What was being said when the process died may be a part of a line.
        let told = line
            .split_once(' ')
            .and_then(|(thread, number)| Some((thread.parse().ok()?, number.parse::<u64>().ok()?)));
        if let Some((thread, number)) = told {
            let known = answered.entry(thread).or_default();
            *known = (*known).max(number + 1);
        }
    };
    take(lines.next().expect("the process appends"));
    let (wait, killed) = (random.below(12_000), AtomicU64::new(0));
    let mut count = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            sleep(Duration::from_micros(wait));
            child.kill().unwrap();
            killed.store(1, Ordering::Relaxed);
        });
        for line in lines {
            count += 1;
            take(line);
        }
    });
    child.wait().unwrap();
    let log: FileLog<String> =
        options().open(folder, Texts).unwrap_or_else(|error| panic!("round {round}: {error}"));
    let there = batches(&shown(&log).unwrap());
    for (thread, answered) in &answered {
        let there = there.get(thread).copied().unwrap_or(0);
        assert!(there >= *answered, "round {round}: {there} batches are there, and {answered} were answered");
    }
    (count, log.recovery().torn.is_some())
}

#[test]
fn of_processes_that_race_for_a_log_one_writes() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        let mut racers: Vec<Child> = (0..8).map(|_| process("race", folder.path())).collect();
        let mut lines: Vec<_> = racers.iter_mut().map(said).collect();
        let outcomes: Vec<String> = lines.iter_mut().map(|lines| lines.next().unwrap()).collect();
        let count = |what| outcomes.iter().filter(|outcome| *outcome == what).count();
        assert_eq!((count("writer"), count("locked")), (1, 7), "{outcomes:?}");
        // Killed or not, who held the log gives it free.
        for racer in &mut racers {
            racer.kill().unwrap();
            racer.wait().unwrap();
        }
    }
    options().open::<String>(folder.path(), Texts).unwrap();
}

fn write_slowly(folder: &Path, count: u64) {
    let log: FileLog<String> = options().segment_size(1_500).open(folder, Texts).unwrap();
    for number in 0..count {
        let begun = now();
        let appended = append(&log, &events(0, number)).unwrap();
        say(&format!("{} {begun} {}", appended.last, now()));
        sleep(Duration::from_millis(1));
    }
    say("done");
    wait_for_end();
}

fn read_along(folder: &Path, until: u64) {
    let reader: FileLogReader<String> = loop {
        match options().open_reader(folder, Texts) {
            Ok(reader) => break reader,
            Err(OpenError::Missing { .. }) => sleep(Duration::from_millis(1)),
            Err(error) => return say(&format!("failed: {error}")),
        }
    };
    let mut seen = Position::START;
    while seen.get() < until {
        match reader.wait(seen, Duration::from_secs(5)) {
            Ok(head) => {
                let at = now();
                // What is there, with its texts, is as it was appended, and ends where a batch does.
                let read = shown(&reader).unwrap();
                assert!(read.len() as u64 >= head.get());
                batches(&read);
                say(&format!("{head} {at}"));
                seen = head;
            }
            Err(error) => return say(&format!("failed: {error}")),
        }
    }
}

#[test]
fn readers_of_other_processes_see_what_was_answered_and_see_it_within_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let count = 400;
    let last: u64 = (0..count).map(|number| events(0, number).len() as u64).sum();
    let mut writer = process(&format!("write {count}"), folder.path());
    let mut readers: Vec<Child> = (0..2).map(|_| process(&format!("read {last}"), folder.path())).collect();
    let numbers = |line: &str| line.split(' ').map(|number| number.parse().unwrap()).collect::<Vec<u128>>();
    // Listened to until the end: a program that tells nobody any more fails.
    let mut lines = said(&mut writer);
    let written: Vec<Vec<u128>> =
        lines.by_ref().take_while(|line| line != "done").map(|line| numbers(&line)).collect();
    assert_eq!(written.len() as u64, count);
    for reader in &mut readers {
        let seen: Vec<Vec<u128>> = said(reader)
            .map(|line| if line.starts_with("failed") { panic!("a reader {line}") } else { numbers(&line) })
            .collect();
        assert!(reader.wait().unwrap().success(), "a reader saw something that was not appended");
        let mut slowest = 0;
        for written in &written {
            let [position, begun, answered] = written[..] else { panic!("{written:?}") };
            let seen = seen.iter().find(|seen| seen[0] >= position).expect("every event is seen");
            assert!(seen[1] >= begun, "position {position} was seen before it was appended");
            slowest = slowest.max(seen[1].saturating_sub(answered));
        }
        println!("{} looks, the slowest event was seen after {slowest} µs", seen.len());
        assert!(slowest < 1_000_000, "an event was seen after {slowest} µs");
        assert!(seen.len() > 20, "the reader was to follow, and looked {} times", seen.len());
    }
    drop(writer.stdin.take());
    writer.wait().unwrap();
    let segments = std::fs::read_dir(folder.path()).unwrap().count();
    assert!(segments > 50, "the log was to roll, and has {segments} files");
}

#[test]
#[cfg(unix)]
fn a_log_that_was_dropped_can_be_opened_again_while_processes_are_being_started() {
    let (folder, done) = (tempfile::tempdir().unwrap(), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while done.load(Ordering::Relaxed) == 0 {
                    Command::new("true").status().unwrap();
                }
            });
        }
        let opened = (0..400).try_for_each(|_| options().open::<String>(folder.path(), Texts).map(drop));
        done.store(1, Ordering::Relaxed);
        opened.unwrap();
    });
}
