//! Logs in files that are replicas: what an origin has agreed upon is in each of them, once and in order, whatever the origin does.

use leftfold::codec::Codec;
use leftfold::conformance::{Fact, StoreWithGuard, TwoDoors};
use leftfold::log::{AgreedRound, FileLog, FileLogOptions, Origin, OriginError, Proposed, Syncing};
use leftfold::recorded::{EventId, Position, StreamName, Version};
use leftfold::store::{
    AppendError, Appended, Batch, Entry, EventReader, EventStore, Listing, NewEvent, Query, Read, ReadError,
    Reading, StreamInfo,
};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The rounds that were agreed upon, each with its first position.
#[derive(Default)]
struct Agreed {
    rounds: Mutex<Vec<AgreedRound>>,
    grown: Condvar,
}

/// What an origin does to its proposals, by their number.
type Fault = fn(usize) -> Option<Trouble>;

#[derive(Clone, Copy)]
enum Trouble {
    Refused,
    /// Its answer is lost; whether it was recorded.
    Lost(bool),
}

/// One replica's way to the origin.
struct Door {
    agreed: Arc<Agreed>,
    given: AtomicUsize,
    proposals: AtomicUsize,
    fault: Fault,
    most: usize,
}

fn entries(round: &[u8]) -> u64 {
    round.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() as u64
}

impl Origin for Door {
    fn news(&self) -> Option<AgreedRound> {
        let rounds = self.agreed.rounds.lock().unwrap();
        let round = rounds.get(self.given.load(Ordering::SeqCst))?.clone();
        self.given.fetch_add(1, Ordering::SeqCst);
        Some(round)
    }

    fn catch_up(&self) -> Result<(), OriginError> {
        Ok(())
    }

    fn propose(&self, after: Position, round: &[u8]) -> Proposed {
        assert!(round.len() <= self.most, "{} bytes", round.len());
        let error = || OriginError { doing: "proposing a round".into(), why: "planted".into() };
        let trouble = (self.fault)(self.proposals.fetch_add(1, Ordering::SeqCst));
        if let Some(Trouble::Refused) = trouble {
            return Proposed::Refused(error());
        }
        let mut rounds = self.agreed.rounds.lock().unwrap();
        let last = rounds.last().map_or(0, |round| round.first.get() + entries(&round.bytes) - 1);
        if last != after.get() {
            return Proposed::Overtaken;
        }
        if !matches!(trouble, Some(Trouble::Lost(false))) {
            rounds.push(AgreedRound { first: Position::new(last + 1), bytes: round.to_vec() });
            self.agreed.grown.notify_all();
        }
        match trouble {
            Some(_) => Proposed::Unknown(error()),
            None => Proposed::Agreed,
        }
    }

    fn most_bytes(&self) -> usize {
        self.most
    }
}

/// A replica whose reads are as fresh as its origin.
struct Fresh {
    log: FileLog<Fact>,
    agreed: Arc<Agreed>,
}

impl Fresh {
    fn log(&self) -> Result<&FileLog<Fact>, ReadError> {
        self.log.refresh()?;
        Ok(&self.log)
    }
}

impl EventReader<Fact> for Fresh {
    fn head(&self) -> Result<Position, ReadError> {
        self.log()?.head()
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, Fact>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        self.log()?.visit(read, each)
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        self.log()?.stream(stream)
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        self.log()?.streams(listing)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        self.log()?.categories(listing)
    }

    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        self.log()?.position_of(id)
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        let begun = Instant::now();
        loop {
            let head = self.log()?.head()?;
            let left = at_most.saturating_sub(begun.elapsed());
            if head > after || left.is_zero() {
                return Ok(head);
            }
            let rounds = self.agreed.rounds.lock().unwrap();
            drop(self.agreed.grown.wait_timeout(rounds, left.min(Duration::from_millis(5))).unwrap());
        }
    }
}

impl EventStore<Fact> for Fresh {
    fn append(&self, batch: Batch<Fact>) -> Result<Appended, AppendError> {
        self.log.append(batch)
    }
}

fn replica_of(agreed: &Arc<Agreed>, folder: &Path, fault: Fault, most: usize) -> Fresh {
    let (given, proposals) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let door = Arc::new(Door { agreed: agreed.clone(), given, proposals, fault, most });
    let options = FileLogOptions::new().sync(Syncing::Never).segment_size(100_000);
    let log = options.open_replica(folder, Codec::new().unwrap(), door).unwrap();
    Fresh { log, agreed: agreed.clone() }
}

fn replica(agreed: &Arc<Agreed>, folder: &Path) -> Fresh {
    replica_of(agreed, folder, |_| None, usize::MAX)
}

mod through_one_door {
    use super::*;

    fn make() -> StoreWithGuard<Fresh, TempDir> {
        let folder = tempfile::tempdir().unwrap();
        StoreWithGuard::new(replica(&Arc::default(), folder.path()), folder)
    }

    leftfold::conformance!(make);
}

mod through_two_doors {
    use super::*;

    fn make() -> StoreWithGuard<TwoDoors<Fresh>, TempDir> {
        let (folder, agreed) = (tempfile::tempdir().unwrap(), Arc::default());
        let door = |name| replica(&agreed, &folder.path().join(name));
        StoreWithGuard::new(TwoDoors::new(door("one"), door("other")), folder)
    }

    leftfold::conformance!(make);
}

fn stream(id: impl std::fmt::Display) -> StreamName {
    StreamName::of("account", id).unwrap()
}

/// Every line of both files, whatever is around them.
fn lines(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|name| name == "jsonl"));
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    let all: Vec<String> =
        texts.flat_map(|text| text.lines().map(str::to_string).collect::<Vec<_>>()).collect();
    all.into_iter().filter(|line| line.starts_with("{\"position\"")).collect()
}

/// Writers of two replicas, whose proposals are refused or lost now and then, each append every event under its own id until it
/// is answered: every event is there once, and both replicas hold the same lines.
#[test]
fn what_is_acknowledged_is_in_every_replica_once_whatever_the_origin_does() {
    let trouble: Fault = |number| match number % 7 {
        2 => Some(Trouble::Refused),
        4 => Some(Trouble::Lost(true)),
        6 => Some(Trouble::Lost(false)),
        _ => None,
    };
    let (folder, agreed) = (tempfile::tempdir().unwrap(), Arc::default());
    let places = ["one", "other"].map(|name| folder.path().join(name));
    let replicas = [0, 1].map(|at| replica_of(&agreed, &places[at], trouble, 2_000));
    let (writers, each) = (4, 50u64);
    let append_until_known = |store: &Fresh, writer: usize, number: u64| {
        let id = EventId::new(format!("w{writer}-{number}")).unwrap();
        for _ in 0..1_000 {
            let own = NewEvent::of(Fact::Deposited(number as u32)).id(id.clone());
            let batch = Batch::to(&stream(writer)).expecting(Version::new(number)).record(own);
            match store.append(batch.and_to(&stream("all")).event(Fact::Closed)) {
                Ok(_) => return,
                Err(AppendError::Unavailable { .. }) => {}
                Err(AppendError::Unknown { ids, .. }) => assert_eq!(ids[0], id),
                Err(error) => panic!("{error}"),
            }
        }
        panic!("never answered");
    };
    thread::scope(|scope| {
        for writer in 0..writers {
            let store = &replicas[writer % 2];
            scope.spawn(move || (0..each).for_each(|number| append_until_known(store, writer, number)));
        }
    });
    let all = writers as u64 * each;
    for store in &replicas {
        assert_eq!(store.head().unwrap().get(), 2 * all);
        for writer in 0..writers {
            let events = store.all(Query::stream(&stream(writer))).unwrap();
            let numbers: Vec<_> = events.into_iter().map(|event| event.event.clone()).collect();
            assert_eq!(numbers, (0..each as u32).map(Fact::Deposited).collect::<Vec<_>>());
        }
        assert_eq!(store.stream(&stream("all")).unwrap().unwrap().state.version(), Version::new(all));
    }
    drop(replicas);
    assert_eq!(lines(&places[0]).len() as u64, 2 * all);
    assert_eq!(lines(&places[0]), lines(&places[1]));
    assert!(leftfold::log::verify(&places[0]).unwrap().is_whole());
}

/// An event whose outcome was unknown is appended again under the id that the handle had made for it.
#[test]
fn ids_that_were_made_for_an_unknown_outcome_can_be_given() {
    for recorded in [false, true] {
        let (folder, agreed) = (tempfile::tempdir().unwrap(), Arc::default());
        let lost: Fault = if recorded {
            |number| (number == 0).then_some(Trouble::Lost(true))
        } else {
            |number| (number == 0).then_some(Trouble::Lost(false))
        };
        let store = replica_of(&agreed, folder.path(), lost, usize::MAX);
        let batch = || Batch::to(&stream(1)).event(Fact::Closed);
        let ids = match store.append(batch()) {
            Err(AppendError::Unknown { ids, .. }) => ids,
            answer => panic!("{answer:?}"),
        };
        store.append(Batch::to(&stream(2)).event(Fact::Closed)).unwrap();
        let again = store
            .append(Batch::to(&stream(1)).record(NewEvent::of(Fact::Closed).id(ids[0].clone())))
            .unwrap();
        assert_eq!((again.repeated, again.first.get()), (recorded, if recorded { 1 } else { 2 }));
        assert_eq!(store.head().unwrap().get(), 2);
        let fresh = store.append(batch()).unwrap();
        assert_eq!(fresh.first.get(), 3, "ids that are made later are new");
    }
}

/// A batch that is larger than a round may be is refused; rounds of several batches stay below.
#[test]
fn a_batch_beyond_the_size_of_a_round_is_refused() {
    let (folder, agreed) = (tempfile::tempdir().unwrap(), Arc::default());
    let store = replica_of(&agreed, folder.path(), |_| None, 3_000);
    let batch = |count| Batch::to(&stream(1)).events((0..count).map(Fact::Deposited));
    let refused = store.append(batch(100)).unwrap_err();
    assert!(matches!(&refused, AppendError::TooLarge { most, .. } if most == "3000 bytes"), "{refused}");
    assert_eq!(store.head().unwrap(), Position::START);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..20).for_each(|_| drop(store.append(batch(5)).unwrap())));
        }
    });
    assert_eq!(store.head().unwrap().get(), 800);
}

/// The files of one log are no replica of another; they stay as they are.
#[test]
fn files_of_another_log_are_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let one = replica(&Arc::default(), folder.path());
    one.append(Batch::to(&stream(1)).event(Fact::Closed)).unwrap();
    drop(one);
    let agreed = Arc::default();
    let others = tempfile::tempdir().unwrap();
    replica(&agreed, others.path()).append(Batch::to(&stream(1)).event(Fact::Deposited(1))).unwrap();
    let other = replica(&agreed, folder.path());
    let refused = other.log.refresh().unwrap_err();
    let said = leftfold::page::with_sources(&refused);
    assert_eq!(
        said,
        "taking over the round at position 1 failed: position 1 is another event here: these are files of another log"
    );
    assert!(matches!(
        other.append(Batch::to(&stream(1)).event(Fact::Closed)),
        Err(AppendError::Poisoned { .. })
    ));
    drop(other);
    assert_eq!(lines(folder.path()).len(), 1);
}

/// A replica that is opened again goes on where its files end.
#[test]
fn a_replica_goes_on_where_its_files_end() {
    let (folder, agreed) = (tempfile::tempdir().unwrap(), Arc::default());
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    let first = replica(&agreed, &one);
    for number in 0..10 {
        first.append(Batch::to(&stream(number % 3)).events([Fact::Closed, Fact::Deposited(number)])).unwrap();
    }
    drop(first);
    replica(&agreed, &other).append(Batch::to(&stream(1)).event(Fact::Closed)).unwrap();
    let again = replica(&agreed, &one);
    assert_eq!(again.log.head().unwrap().get(), 20);
    assert_eq!(again.head().unwrap().get(), 21);
    again.append(Batch::to(&stream(1)).event(Fact::Closed)).unwrap();
    drop(again);
    drop(replica(&agreed, &other).head());
    assert_eq!(lines(&one), lines(&other));
}
