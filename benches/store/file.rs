//! The log in files, beside what a program would do by hand: write the same bytes and sync them, read the file, parse the
//! payloads.
//!
//! Each is measured in turn with its yardstick, on a real disk but for the line that says otherwise; the table stands each
//! figure beside its bar. A bar is never asserted: the machine is shared.

mod orders;

use crate::interleaved::{Measured, compare, head, measuring, prepared_in_turn};
use criterion::{BatchSize, Criterion, Throughput};
use leftfold::codec::{Codec, EventCodec};
use leftfold::log::{FileLog, FileLogOptions, Syncing};
use leftfold::recorded::{StreamName, Version};
use leftfold::store::{Batch, EventReader, EventStore, Query};
use orders::{Batches, Event, Paid, Placed, Sent, batch};
use std::fs::{self, File};
use std::hint::black_box;
use std::io::Read;
use std::ops::{ControlFlow, Range};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How much is measured.
struct Sizes {
    rounds: usize,
    /// Rounds of what takes long.
    few_rounds: usize,
    large_batch: usize,
    /// Appends that are timed together where one is too short.
    together: usize,
    threads: usize,
    /// How long threads append in one round.
    threads_for: Duration,
    /// Events of the log that is opened and replayed.
    log: usize,
}

impl Sizes {
    fn of_this_run() -> Sizes {
        let threads = 64;
        if measuring() {
            let threads_for = Duration::from_millis(700);
            let (rounds, few_rounds, large_batch) = (101, 11, 10_000);
            return Sizes {
                rounds,
                few_rounds,
                large_batch,
                together: 1_000,
                threads,
                threads_for,
                log: 1_000_000,
            };
        }
        let threads_for = Duration::from_millis(5);
        Sizes { rounds: 2, few_rounds: 2, large_batch: 300, together: 2, threads, threads_for, log: 1_000 }
    }
}

/// A folder on the disk that the build is on: the folder for temporary files may be in memory.
fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder")
}

fn codec() -> Codec<Event> {
    Codec::new().expect("the events have names")
}

fn open(folder: &Path, sync: Syncing) -> FileLog<Event> {
    FileLogOptions::new().sync(sync).open(folder, codec()).expect("the log opens")
}

/// The segments of a log, the first first.
fn segments(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).expect("the folder").map(|file| file.expect("a file").path());
    let mut files: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|kind| kind == "jsonl")).collect();
    files.sort();
    files
}

/// The bytes that an append of this size adds to a segment, header line and event lines.
fn bytes_of(size: usize) -> Vec<u8> {
    let folder = folder();
    let log = open(folder.path(), Syncing::Never);
    let mut batches = Batches::of(size);
    log.append(batch(batches.next_parts())).expect("appended");
    let before = fs::read(&segments(folder.path())[0]).expect("the segment").len();
    log.append(batch(batches.next_parts())).expect("appended");
    fs::read(&segments(folder.path())[0]).expect("the segment").split_off(before)
}

/// A file that grows by writes, as by hand.
struct Bare {
    file: File,
    end: u64,
}

impl Bare {
    fn new(folder: &Path) -> Bare {
        Bare { file: File::create_new(folder.join("bare")).expect("a file"), end: 0 }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.file.write_all_at(bytes, self.end).expect("written");
        self.end += bytes.len() as u64;
    }
}

/// Appends of one size with a sync after each, beside a bare write of the same bytes and `fdatasync`.
fn appends(size: usize, rounds: usize) -> Measured {
    let (folder, other) = (folder(), folder());
    let log = open(folder.path(), Syncing::Always);
    let mut bare = Bare::new(other.path());
    let mut batches = Batches::of(size);
    let bytes = bytes_of(size);
    let append = |batch| log.append(batch).expect("appended");
    let mut write = || {
        bare.write(&bytes);
        bare.file.sync_data().expect("synced");
    };
    for _ in 0..rounds.min(5) {
        append(batch(batches.next_parts()));
        write();
    }
    prepared_in_turn(rounds, || (batch(batches.next_parts()), ()), append, |()| write())
}

/// Single appends without a sync in a folder that is in memory, beside bare writes of the same bytes.
fn appends_in_memory(together: usize, rounds: usize) -> Option<Measured> {
    let in_memory = || tempfile::tempdir_in("/dev/shm").ok();
    let (folder, other) = (in_memory()?, in_memory()?);
    let log = open(folder.path(), Syncing::Never);
    let mut bare = Bare::new(other.path());
    let mut batches = Batches::of(1);
    let bytes = bytes_of(1);
    let prepare = || ((0..together).map(|_| batch(batches.next_parts())).collect(), ());
    let append = |batches: Vec<_>| {
        for batch in batches {
            black_box(log.append(batch).expect("appended"));
        }
    };
    let per_append = |measured: Measured| Measured {
        one: measured.one / together as f64,
        other: measured.other / together as f64,
        ..measured
    };
    Some(per_append(prepared_in_turn(rounds, prepare, append, |()| {
        (0..together).for_each(|_| bare.write(&bytes));
    })))
}

/// Commits a second of so many threads, each with a stream of its own.
fn commits_a_second(log: &FileLog<Event>, threads: usize, during: Duration) -> f64 {
    let begun = Instant::now();
    let appending = |thread: usize| {
        let stream = StreamName::of("order", format!("{threads}of{thread}")).expect("a name of a stream");
        let mut version =
            log.stream(&stream).expect("read").map_or(Version::NONE, |info| info.state.version());
        let mut commits = 0_u64;
        while begun.elapsed() < during {
            let batch = Batch::to(&stream).expecting(version).event(Event::of(commits));
            version = log.append(batch).expect("appended").version_of(&stream).expect("written there");
            commits += 1;
        }
        commits
    };
    let commits: u64 = thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|thread| scope.spawn(move || appending(thread))).collect();
        started.into_iter().map(|thread| thread.join().expect("no thread panics")).sum()
    });
    commits as f64 / begun.elapsed().as_secs_f64()
}

/// Commits a second of many threads, of one, and their ratio with its middle half.
fn threads(sizes: &Sizes) -> Measured {
    let folder = folder();
    let log = open(folder.path(), Syncing::Always);
    let mut rounds: Vec<(f64, f64)> = (0..sizes.few_rounds)
        .map(|_| {
            let one = commits_a_second(&log, 1, sizes.threads_for);
            (commits_a_second(&log, sizes.threads, sizes.threads_for), one)
        })
        .collect();
    let mut sorted = |by: fn(&(f64, f64)) -> f64, at: f64| {
        rounds.sort_by(|one, other| by(one).total_cmp(&by(other)));
        by(&rounds[((rounds.len() - 1) as f64 * at) as usize])
    };
    let ratio: fn(&(f64, f64)) -> f64 = |(many, one)| many / one;
    Measured {
        one: sorted(|(many, _)| *many, 0.5),
        other: sorted(|(_, one)| *one, 0.5),
        ratio: sorted(ratio, 0.5),
        middle_half: (sorted(ratio, 0.25), sorted(ratio, 0.75)),
    }
}

/// A large log, closed, to be opened and replayed.
fn large_log(events: usize) -> TempDir {
    let folder = folder();
    let log = open(folder.path(), Syncing::Never);
    let mut batches = Batches::of(events.min(10_000));
    for _ in 0..events / events.min(10_000) {
        log.append(batch(batches.next_parts())).expect("appended");
    }
    log.close().expect("closed");
    folder
}

/// What a log derives from itself when it is closed; a folder without it is a log of which the index is rebuilt.
fn remove_derived(folder: &Path) {
    // Not there where nothing was derived.
    let _ = fs::remove_file(folder.join("index"));
}

/// Reads all of a log's bytes into one buffer, which is used again.
fn read_plainly(folder: &Path) -> u64 {
    let mut buffer = vec![0; 1 << 20];
    let mut read = 0;
    for segment in segments(folder) {
        let mut file = File::open(segment).expect("a segment");
        loop {
            match file.read(&mut buffer).expect("read") {
                0 => break,
                more => read += black_box(&buffer[..more]).len() as u64,
            }
        }
    }
    read
}

/// Opens a log, with its index rebuilt or as it was left, beside a plain read of its files.
fn opening(folder: &Path, rebuilt: bool, rounds: usize) -> Measured {
    read_plainly(folder);
    let prepare = || {
        if rebuilt {
            remove_derived(folder);
        }
        ((), ())
    };
    // The log is dropped, and so closed, outside of the time.
    prepared_in_turn(rounds, prepare, |()| open(folder, Syncing::Always), |()| read_plainly(folder))
}

/// The payloads of the events of a large log, each with its type.
struct Payloads {
    bytes: Vec<u8>,
    each: Vec<(&'static str, Range<usize>)>,
}

impl Payloads {
    fn of(events: usize) -> Payloads {
        let (mut bytes, mut each) = (Vec::new(), Vec::with_capacity(events));
        for number in 0..events as u64 {
            let (event_type, content) = Event::of(number).content();
            each.push((event_type, bytes.len()..bytes.len() + content.len()));
            bytes.extend(content);
        }
        Payloads { bytes, each }
    }

    /// Parses all of them, and nothing else.
    fn parse(&self) -> u64 {
        let mut folded = 0;
        for (event_type, range) in &self.each {
            let bytes = &self.bytes[range.clone()];
            let event = match *event_type {
                "Placed" => Event::Placed(serde_json::from_slice::<Placed>(bytes).expect("placed")),
                "Paid" => Event::Paid(serde_json::from_slice::<Paid>(bytes).expect("paid")),
                _ => Event::Sent(serde_json::from_slice::<Sent>(bytes).expect("sent")),
            };
            folded += look_at(&event);
        }
        folded
    }
}

/// So that every event is needed.
fn look_at(event: &Event) -> u64 {
    match event {
        Event::Placed(placed) => placed.items.iter().map(|item| item.cents).sum(),
        Event::Paid(paid) => paid.cents,
        Event::Sent(sent) => sent.grams.into(),
    }
}

fn replay(log: &FileLog<Event>) -> u64 {
    let mut folded = 0;
    let visited = log.visit(&Query::all().into(), &mut |entry| {
        folded += entry.event().map_or(0, look_at);
        ControlFlow::Continue(())
    });
    visited.expect("the log is read");
    folded
}

/// Reads all events of a large log as values, beside parsing their payloads alone.
fn replaying(folder: &Path, events: usize, rounds: usize) -> Measured {
    let log = open(folder, Syncing::Always);
    let payloads = Payloads::of(events);
    assert_eq!(replay(&log), payloads.parse());
    prepared_in_turn(rounds, || ((), ()), |()| replay(&log), |()| payloads.parse())
}

/// What the codec costs of an append: beside `serde_json` on the content alone.
fn compare_encoding() {
    let what = "an event into JSON";
    if !asked_for(what) {
        return;
    }
    let events: Vec<Event> = (0..1_000).map(Event::of).collect();
    let codec = codec();
    let encode = || {
        let mut data = Vec::new();
        for event in &events {
            black_box(codec.encode(event, &mut data).expect("encoded"));
        }
        data
    };
    let by_hand = || {
        let mut data = Vec::new();
        events.iter().for_each(|event| data.extend(event.content().1));
        data
    };
    assert_eq!(encode(), by_hand());
    if !measuring() {
        return;
    }
    head();
    compare(what, events.len(), None, encode, by_hand);
}

/// The table: each figure beside its bar. An argument of the run that is no flag picks the lines that contain it.
pub(crate) fn compare_all() {
    let sizes = Sizes::of_this_run();
    println!(
        "\n{:<52} {:>12} {:>12} {:>7} (middle half)",
        "the log in files, medians of interleaved runs", "leftfold", "yardstick", "ratio"
    );
    for (size, rounds, bar) in [
        (1, 10 * sizes.rounds, 1.15),
        (100, 2 * sizes.rounds, 1.6),
        (sizes.large_batch, sizes.rounds.min(51), 2.0),
    ] {
        let what = format!("append {size} and sync / bare write and fdatasync");
        if asked_for(&what) {
            line(&what, &appends(size, rounds), MICROSECONDS, at_most(bar));
        }
    }
    let what = "append 1 in memory, no sync / bare write";
    if asked_for(what) {
        match appends_in_memory(sizes.together, sizes.rounds) {
            None => println!("{what}: there is no /dev/shm here"),
            Some(measured) => {
                let held = held(measured.one <= 6e-6);
                line(what, &measured, MICROSECONDS, |_| format!("bar 6 µs, {held}"));
            }
        }
    }
    let what = format!("commits, {} threads / 1 thread", sizes.threads);
    if asked_for(&what) {
        line(&what, &threads(&sizes), (1.0, "/s"), at_least(8.0));
    }
    compare_large_log(&sizes);
    compare_encoding();
}

/// What is done with a log of many events.
fn compare_large_log(sizes: &Sizes) {
    let (rebuilt, kept, replayed) = (
        "open, index rebuilt / plain read",
        "open after a clean close / plain read",
        "typed replay / from_slice of payloads",
    );
    if ![rebuilt, kept, replayed].into_iter().any(asked_for) {
        return;
    }
    let folder = large_log(sizes.log);
    if asked_for(rebuilt) {
        let measured = opening(folder.path(), true, sizes.few_rounds);
        line(rebuilt, &measured, (1e3, "ms"), |ratio| {
            let (ratio, time) = (held(ratio <= 8.0), held(measured.one <= 0.3));
            format!("bar 8x, {ratio}; 300 ms, {time}")
        });
    }
    if asked_for(kept) {
        let measured = opening(folder.path(), false, sizes.few_rounds);
        let held = held(measured.one <= 0.05);
        line(kept, &measured, (1e3, "ms"), |_| format!("bar 50 ms, {held}"));
    }
    if asked_for(replayed) {
        let measured = replaying(folder.path(), sizes.log, sizes.few_rounds);
        line(replayed, &measured, (1e9 / sizes.log as f64, "ns"), at_most(1.0 / 0.7));
    }
}

fn asked_for(what: &str) -> bool {
    std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).all(|part| what.contains(&part))
}

/// By what seconds are multiplied, and what they are then.
const MICROSECONDS: (f64, &str) = (1e6, "µs");

fn line(what: &str, measured: &Measured, (scale, unit): (f64, &str), bar: impl Fn(f64) -> String) {
    let Measured { one, other, ratio, middle_half: (low, high) } = measured;
    println!(
        "{what:<52} {:>9.1} {unit} {:>9.1} {unit} {ratio:>6.2}x ({low:.2}-{high:.2})   {}",
        one * scale,
        other * scale,
        bar(*ratio)
    );
}

fn at_most(bar: f64) -> impl Fn(f64) -> String {
    move |ratio| format!("bar at most {bar:.2}x, {}", held(ratio <= bar))
}

fn at_least(bar: f64) -> impl Fn(f64) -> String {
    move |ratio| format!("bar at least {bar:.0}x, {}", held(ratio >= bar))
}

fn held(held: bool) -> &'static str {
    if held { "held" } else { "MISSED" }
}

/// Appends without a sync, where the disk does not hide what the program does.
pub(crate) fn appending(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("append to a log in files, without a sync");
    group.sample_size(10).measurement_time(Duration::from_secs(2));
    for size in [1, 100] {
        let folder = folder();
        let log = open(folder.path(), Syncing::Never);
        let mut batches = Batches::of(size);
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(format!("a batch of {size}"), |bencher| {
            let prepare = || batch(batches.next_parts());
            bencher.iter_batched(
                prepare,
                |batch| log.append(batch).expect("appended"),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}
