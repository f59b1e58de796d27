//! Many threads append under conditions: what they are answered is what one of them alone would have been answered, in the
//! order of positions.

#[path = "disk/disk.rs"]
mod disk;
#[path = "disk/texts.rs"]
mod texts;

use disk::{Call, Disk, Fault, Random, Trouble};
use leftfold::log::{FileLog, Syncing};
use leftfold::log::{Storage, StorageFile};
use leftfold::recorded::{Position, StreamName, Tag, Version};
use leftfold::store::{
    AppendError, Appended, Batch, Conflict, EventReader, EventStore, ExpectedVersion, NewEvent, Query,
    Reading,
};
use std::any::Any;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use texts::{Known, Texts, append, open, options, shown, two_together};

const THREADS: u64 = 16;
const EACH: u64 = if cfg!(debug_assertions) { 400 } else { 2_000 };
const STREAMS: u64 = 24;

/// What a thread believed when it appended.
#[derive(Clone, Copy, Debug)]
enum Belief {
    Version { stream: u64, version: u64 },
    NothingTagged { stream: u64, tag: u64, after: u64 },
}

/// What came of it.
#[derive(Clone, Debug)]
enum Came {
    Recorded { first: u64, count: u64, version: u64 },
    Refused { head: u64, version: Option<u64> },
}

fn stream(number: u64) -> StreamName {
    StreamName::of("seat", number).unwrap()
}

fn tag(number: u64) -> Tag {
    Tag::new(format!("row:{number}")).unwrap()
}

/// Appends what one thread appends, and remembers what it believed and what came of it.
fn work(log: &FileLog<String>, thread: u64) -> Vec<(Belief, Came)> {
    let random = &mut Random::new(thread);
    let mut versions: HashMap<u64, u64> = HashMap::new();
    let (mut seen, mut done) = (0, Vec::new());
    for number in 0..EACH {
        let (to, of) = (random.below(STREAMS), random.below(STREAMS / 3));
        let event = |part| NewEvent::of(format!("{thread}.{number}.{part}")).tag(tag(of));
        let count = 1 + random.below(3);
        let batch = (0..count).fold(Batch::to(&stream(to)), |batch, part| batch.record(event(part)));
        let (belief, batch) = if random.one_in(3) {
            let belief = Belief::NothingTagged { stream: to, tag: of, after: seen };
            (belief, batch.fail_if_events_match(Query::tagged(tag(of)), Position::new(seen)))
        } else {
            let version = *versions.get(&to).unwrap_or(&0);
            let belief = Belief::Version { stream: to, version };
            (belief, batch.expecting(ExpectedVersion::Exactly(Version::new(version))))
        };
        let came = match log.append(batch) {
            Ok(appended) => {
                let Appended { first, last, .. } = appended;
                let version = appended.version_of(&stream(to)).map_or(0, Version::get);
                versions.insert(to, version);
                seen = seen.max(last.get());
                Came::Recorded { first: first.get(), count, version }
            }
            Err(AppendError::Conflict(Conflict::Stream { found, head, .. })) => {
                versions.insert(to, found.version().get());
                Came::Refused { head: head.get(), version: Some(found.version().get()) }
            }
            Err(AppendError::Conflict(Conflict::EventsMatch { head, .. })) => {
                seen = seen.max(head.get());
                Came::Refused { head: head.get(), version: None }
            }
            Err(error) => panic!("{error}"),
        };
        done.push((belief, came));
    }
    done
}

#[test]
fn appends_of_many_threads_are_as_if_one_came_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let log: FileLog<String> =
        options().sync(Syncing::Never).segment_size(400_000).open(folder.path(), Texts).unwrap();
    let done: Vec<Vec<(Belief, Came)>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn({
                    let log = &log;
                    move || work(log, thread)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });

    // What was recorded, by position: positions without a gap, each once.
    let mut recorded: Vec<(u64, u64, u64, Belief)> = Vec::new();
    for (belief, came) in done.iter().flatten() {
        if let Came::Recorded { first, count, version } = came {
            recorded.push((*first, *count, *version, *belief));
        }
    }
    recorded.sort_unstable_by_key(|(first, ..)| *first);
    let mut next = 1;
    // The serial model: how far every stream is behind every batch, and where each tag stands.
    let mut versions: HashMap<u64, Vec<(u64, u64)>> = HashMap::new();
    let mut tagged: HashMap<u64, Vec<u64>> = HashMap::new();
    let events = log.all(Query::all()).unwrap();
    for (first, count, version, belief) in &recorded {
        assert_eq!(*first, next, "a gap, or a position twice");
        next += count;
        let (Belief::Version { stream: to, .. } | Belief::NothingTagged { stream: to, .. }) = *belief;
        let before = versions.get(&to).and_then(|steps| steps.last()).map_or(0, |(_, version)| *version);
        assert_eq!(*version, before + count);
        match *belief {
            Belief::Version { version, .. } => {
                assert_eq!(version, before, "recorded on a belief that was wrong");
            }
            Belief::NothingTagged { tag, after, .. } => {
                let last = tagged.get(&tag).and_then(|positions| positions.last());
                assert!(
                    last.is_none_or(|last| *last <= after),
                    "recorded although position {last:?} matches"
                );
            }
        }
        versions.entry(to).or_default().push((*first + count - 1, *version));
        for position in *first..first + count {
            let event = &events[position as usize - 1];
            let row = event.tags[0].as_str().strip_prefix("row:").unwrap().parse().unwrap();
            tagged.entry(row).or_default().push(position);
            assert_eq!((event.position.get(), event.stream.clone()), (position, stream(to)));
        }
    }
    assert_eq!(log.head().unwrap().get(), next - 1);
    assert_eq!(events.len() as u64, next - 1);

    // What was refused was refused on the log as it was up to the head that the refusal names.
    let mut refused = 0;
    for (belief, came) in done.iter().flatten() {
        let Came::Refused { head, version: found } = came else { continue };
        refused += 1;
        match *belief {
            Belief::Version { stream, version } => {
                let steps = versions.get(&stream).map_or(&[][..], Vec::as_slice);
                let there =
                    steps.iter().rev().find(|(last, _)| last <= head).map_or(0, |(_, version)| *version);
                assert_eq!(Some(there), *found, "refused for a version that the stream did not have");
                assert_ne!(there, version, "refused although the belief was right");
            }
            Belief::NothingTagged { tag, after, .. } => {
                let matches = tagged[&tag].iter().any(|position| *position > after && position <= head);
                assert!(matches, "refused although nothing matched up to {head}");
            }
        }
    }
    println!("{} recorded, {refused} refused, {} events", recorded.len(), events.len());
    assert_eq!(recorded.len() + refused, (THREADS * EACH) as usize);
    assert!(recorded.len() > 500 && refused > 200);

    log.close().unwrap();
    let again: FileLog<String> = options().open(folder.path(), Texts).unwrap();
    assert_eq!(again.all(Query::all()).unwrap(), events);
}

#[test]
fn of_threads_that_append_together_no_answer_is_lost_when_the_power_fails() {
    let mut together = 0;
    for seed in 0..if cfg!(debug_assertions) { 80 } else { 400 } {
        let random = &mut Random::new(seed);
        let disk = Disk::new();
        let segment_size = [900, 1 << 20][(seed % 2) as usize];
        let log = open(options().segment_size(segment_size), &disk).unwrap();
        // It takes a moment to sync, so that others queue meanwhile.
        disk.slow_syncs(std::time::Duration::from_micros(100));
        let before = disk.changes();
        disk.dies_at(random.below(90), seed);
        let event = |thread: u64, number: u64, part: u64| {
            Known::new(
                thread * 1_000 + number * 10 + part,
                thread,
                "x".repeat(((number * 37 + thread) % 90) as usize),
            )
        };
        let answered: Vec<u64> = std::thread::scope(|scope| {
            let appending = |thread| {
                let log = &log;
                move || {
                    (0..12)
                        .take_while(|number| {
                            append(log, &[event(thread, *number, 0), event(thread, *number, 1)]).is_ok()
                        })
                        .count() as u64
                }
            };
            let threads: Vec<_> = (0..4).map(|thread| scope.spawn(appending(thread))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        together += u64::from((disk.changes() - before) < 3 * answered.iter().sum::<u64>());
        let next = if seed % 3 == 0 { disk.kill() } else { disk.power_cut(seed) };
        drop(log);
        let again = open(options(), &next).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let read = shown(&again).unwrap();
        for (thread, answered) in (0..4).zip(answered) {
            let there: Vec<&Known> =
                read.iter().filter(|known| known.stream == format!("talk-{thread}")).collect();
            assert!(there.len().is_multiple_of(2), "seed {seed}: a part of a batch");
            let count = there.len() as u64 / 2;
            assert!(
                count == answered || count == answered + 1,
                "seed {seed}: {count} there, {answered} answered"
            );
            let all = (0..count).flat_map(|number| [event(thread, number, 0), event(thread, number, 1)]);
            assert!(there.into_iter().cloned().eq(all), "seed {seed}: another order");
        }
    }
    assert!(together > 20, "appends were to be made durable together, and were in {together} runs");
}

/// A storage of somebody's own that panics when it is written to.
struct Panicking {
    disk: Disk,
    panics: Arc<AtomicBool>,
}

struct PanickingFile {
    file: Box<dyn StorageFile>,
    panics: Arc<AtomicBool>,
}

impl Storage for Panicking {
    fn place(&self) -> String {
        self.disk.place()
    }
    fn list(&self) -> io::Result<Vec<String>> {
        self.disk.list()
    }
    fn open(&self, name: &str, write: bool) -> io::Result<Box<dyn StorageFile>> {
        let file = self.disk.open(name, write)?;
        Ok(Box::new(PanickingFile { file, panics: self.panics.clone() }))
    }
    fn create(&self, name: &str) -> io::Result<Box<dyn StorageFile>> {
        let file = self.disk.create(name)?;
        Ok(Box::new(PanickingFile { file, panics: self.panics.clone() }))
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.disk.remove(name)
    }
    fn sync_folder(&self) -> io::Result<()> {
        self.disk.sync_folder()
    }
    fn lock(&self, name: &str) -> io::Result<Option<Box<dyn Any + Send + Sync>>> {
        self.disk.lock(name)
    }
}

impl StorageFile for PanickingFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        assert!(!self.panics.load(Ordering::Relaxed), "the storage is broken");
        self.file.write_at(bytes, offset)
    }
    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
    fn truncate(&self, length: u64) -> io::Result<()> {
        self.file.truncate(length)
    }
    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }
}

#[test]
fn a_storage_that_panics_poisons_the_handle_and_keeps_nobody_waiting() {
    let (disk, panics) = (Disk::new(), Arc::new(AtomicBool::new(false)));
    disk.slow_syncs(std::time::Duration::from_millis(1));
    let storage = Panicking { disk: disk.clone(), panics: panics.clone() };
    let log: FileLog<String> = options().open_in(Arc::new(storage), Texts).unwrap();
    let answered = &AtomicU64::new(0);
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let appending = |thread: u64| {
            let (log, panics) = (&log, &panics);
            move || {
                (0..5)
                    .map(|number| append(log, &[Known::new(thread * 10 + number, thread, String::new())]))
                    .inspect(|outcome| {
                        let count = answered.fetch_add(outcome.is_ok().into(), Ordering::Relaxed);
                        panics.store(count > 4, Ordering::Relaxed);
                    })
                    .collect::<Vec<_>>()
            }
        };
        let threads: Vec<_> = (0..8).map(|thread| scope.spawn(appending(thread))).collect();
        threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 1, "the panic is one thread's");
    for outcome in outcomes.iter().flatten().flatten() {
        let told = matches!(outcome, Ok(_) | Err(AppendError::Unknown { .. } | AppendError::Poisoned { .. }));
        assert!(told, "{outcome:?}");
    }
    assert!(matches!(append(&log, &[Known::new(500, 1, String::new())]), Err(AppendError::Poisoned { .. })));
    let seen = shown(&log).unwrap().len() as u64;
    assert!(seen >= answered.load(Ordering::Relaxed));
    drop(log);
    panics.store(false, Ordering::Relaxed);
    // What was being written when it panicked was acknowledged to nobody, and may be there: one event of each thread.
    let there = shown(&open(options(), &disk).unwrap()).unwrap().len() as u64;
    assert!((seen..=seen + 8).contains(&there), "{there}, and {seen} were seen");
}

#[test]
fn a_log_that_was_dropped_can_be_opened_at_once_however_often_it_syncs() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..300 {
        let often = Syncing::Every(std::time::Duration::from_micros(20));
        let log: FileLog<String> = options().sync(often).open(folder.path(), Texts).unwrap();
        append(&log, &[Known::new(round, 1, "x".into())]).unwrap();
        if round % 2 == 0 {
            log.close().unwrap();
        }
    }
}

#[test]
fn a_batch_that_is_repeated_within_one_commit_is_never_refused_where_the_first_may_be_recorded() {
    let mut repeated = 0;
    for round in 0..60 {
        let disk = Disk::new();
        let failing = disk.clone();
        let fails = Fault { call: Some(Call::Sync), from: 0, times: 1, trouble: Trouble::Broken };
        let batches = [1, 2, 2].map(|number| vec![Known::new(number, number, "once".into())]);
        let Some((_log, outcomes)) = two_together(&disk, move || failing.fail([fails]), batches) else {
            continue;
        };
        assert!(outcomes[0].is_ok());
        for outcome in &outcomes[1..] {
            let Err(AppendError::Unknown { ids, .. }) = outcome else { panic!("round {round}: {outcome:?}") };
            assert_eq!(ids.len(), 1);
        }
        repeated += 1;
    }
    assert!(repeated > 10, "the batch was to be repeated within one commit, and was {repeated} times");
}

/// A log that syncs once an hour ends its thread when it is closed, and not an hour later.
#[cfg(target_os = "linux")]
#[test]
fn a_log_that_was_closed_leaves_no_thread_behind() {
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    let before = threads();
    let hourly = Syncing::Every(std::time::Duration::from_secs(3_600));
    for _ in 0..200 {
        let log = options().sync(hourly).open_in(Arc::new(Disk::new()), Texts).unwrap();
        log.close().unwrap();
    }
    // Other tests may have threads of their own meanwhile.
    let begun = std::time::Instant::now();
    while threads() > before + 100 {
        assert!(begun.elapsed().as_secs() < 30, "{} threads, and {before} before", threads());
        std::thread::yield_now();
    }
}
