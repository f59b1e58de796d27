//! What a runner of projections promises: state and position together, and none without the other.
#![allow(missing_docs)]

use leftfold::codec::Codec;
use leftfold::log::FileLog;
use leftfold::page::with_sources;
use leftfold::recorded::{Envelope, EventId, Position, StreamName};
use leftfold::runtime::{
    Activity, Cause, Checkpoint, CheckpointPlace, Controls, Emission, Folded, FoldedReader, Link, OnPoison,
    Projection, ReadModel, Runner, RunnerError, SnapshotStore, Snapshots, snapshotting,
};
use leftfold::store::{Batch, EventReader, EventStore, Memory, NewEvent, Query, Reading};
use leftfold::{Fold, sum, view};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{fs, thread};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Shop {
    Added { city: String },
    Renamed { city: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tenth {
    pub of: u64,
}

sum! { #[derive(Clone, Debug, PartialEq)] pub enum Event { Shop(Shop), Tenth(Tenth), Link(Link) } }

type Cities = BTreeMap<String, u64>;
type Store = Arc<Memory<Event>>;

fn added(city: &str) -> Event {
    Shop::Added { city: city.into() }.into()
}

/// How many shops were added in each city. The city of nobody knows where is one over which it panics.
fn cities() -> impl Fold<State = Cities, Event = Event> + Send {
    view(Cities::new, |mut cities: Cities, event: &Event| {
        if let Event::Shop(Shop::Added { city }) = event {
            assert!(city != "nowhere", "there is no such city");
            *cities.entry(city.clone()).or_default() += 1;
        }
        cities
    })
}

fn shop(number: u64) -> StreamName {
    StreamName::of("shop", number).unwrap()
}

fn add(store: &impl EventStore<Event>, from: u64, names: &[&str]) {
    for (number, city) in (from..).zip(names) {
        store.append(Batch::to(&shop(number)).event(added(city))).unwrap();
    }
}

fn by_query(query: Query) -> Projection<Folded<impl Fold<State = Cities, Event = Event> + Send>, Event> {
    Projection::new("cities", query, Folded::of(cities()))
}

fn projection() -> Projection<Folded<impl Fold<State = Cities, Event = Event> + Send>, Event> {
    by_query(Query::category("shop").unwrap())
}

fn counted(pairs: &[(&str, u64)]) -> Cities {
    pairs.iter().map(|(city, count)| (city.to_string(), *count)).collect()
}

fn kept(folder: &Path) -> Option<(Cities, u64)> {
    let kept = Folded::of(cities()).committed(folder, "cities").unwrap();
    kept.map(|(state, position)| (state, position.get()))
}

/// Waits until it is so, or fails.
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_projection_that_is_run_once_takes_what_is_there_and_goes_on_from_there_the_next_time() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    add(&store, 1, &["Bernau", "Berlin", "Bernau"]);
    let status = Runner::open(projection(), &store, folder.path()).unwrap().run_once().unwrap();
    assert_eq!((status.position.get(), status.lag, status.activity), (3, 0, Activity::Stopped));
    assert_eq!(kept(folder.path()), Some((counted(&[("Berlin", 1), ("Bernau", 2)]), 3)));
    add(&store, 4, &["Bernau"]);
    let runner = Runner::open(projection(), &store, folder.path()).unwrap();
    assert_eq!((runner.status().position.get(), runner.status().lag), (3, 1));
    let mut runner = runner;
    runner.run_once().unwrap();
    assert_eq!(runner.model().look(Cities::clone), counted(&[("Berlin", 1), ("Bernau", 3)]));
    assert_eq!(kept(folder.path()).unwrap().1, 4);
}

#[test]
fn it_follows_what_its_query_says_from_the_position_it_was_told() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    add(&store, 1, &["Bernau", "Berlin"]);
    store.append(Batch::to(&StreamName::of("other", 1).unwrap()).event(added("Paris"))).unwrap();
    add(&store, 3, &["Bernau"]);
    let of_one_shop = by_query(Query::stream(&shop(2)));
    let mut runner = Runner::open(of_one_shop, &store, folder.path().join("one")).unwrap();
    runner.run_once().unwrap();
    assert_eq!(runner.model().look(Cities::clone), counted(&[("Berlin", 1)]));
    let late = projection().after(Position::new(2));
    let mut runner = Runner::open(late, &store, folder.path().join("late")).unwrap();
    runner.run_once().unwrap();
    assert_eq!(runner.model().look(Cities::clone), counted(&[("Bernau", 1)]));
    runner.reset().unwrap();
    runner.run_once().unwrap();
    assert_eq!(runner.model().look(Cities::clone), counted(&[("Bernau", 1)]), "also after a reset");
}

#[test]
fn one_that_is_kept_running_takes_what_comes_tells_how_far_it_is_and_stops_when_told() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let model = Folded::of(cities());
    let seen: FoldedReader<Cities> = model.reader();
    let projection = Projection::new("cities", Query::category("shop").unwrap(), model);
    let running = Runner::open(projection, store.clone(), folder.path()).unwrap().start();
    for number in 1..=200 {
        add(&store, number, &["Bernau"]);
    }
    eventually("all are seen", || seen.look(|cities| cities.get("Bernau") == Some(&200)));
    assert_eq!(seen.position(), store.head().unwrap());
    eventually("it is idle", || running.status().activity == Activity::Idle);
    let status = running.status();
    assert_eq!((status.position.get(), status.head.get(), status.lag), (200, 200, 0));
    assert_eq!(status.to_string(), "cities: idle, at position 200 of 200, 0 to go");
    let (runner, outcome) = running.stop();
    outcome.unwrap();
    assert_eq!(runner.status().activity, Activity::Stopped);
    assert_eq!(kept(folder.path()).unwrap().1, 200, "whatever ends a run commits");
}

#[test]
fn it_commits_when_enough_was_applied_and_when_enough_time_has_passed() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let never = Duration::from_secs(3_600);
    let running =
        Runner::open(projection().commit_every(10).commit_after(never), store.clone(), folder.path())
            .unwrap()
            .start();
    add(&store, 1, &["Bernau"; 25]);
    eventually("all are applied", || running.status().position.get() == 25);
    eventually("twenty are committed", || kept(folder.path()).is_some_and(|(_, position)| position >= 20));
    assert!(kept(folder.path()).unwrap().1 < 25, "the rest is not");
    drop(running);
    assert_eq!(kept(folder.path()).unwrap().1, 25);
    let soon = Runner::open(projection().commit_after(Duration::ZERO), store.clone(), folder.path())
        .unwrap()
        .start();
    add(&store, 26, &["Bernau"]);
    eventually("it is committed without being told to", || kept(folder.path()).unwrap().1 == 26);
    drop(soon);
}

#[test]
fn reset_and_rebuild_give_the_identical_read_model() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    add(&store, 1, &["Bernau", "Berlin", "Paris", "Bernau"]);
    let mut runner = Runner::open(projection(), &store, folder.path()).unwrap();
    runner.run_once().unwrap();
    let file = folder.path().join("cities.json");
    let before = fs::read(&file).unwrap();
    runner.reset().unwrap();
    assert_eq!((runner.status().position.get(), kept(folder.path())), (0, None));
    assert!(runner.model().look(Cities::is_empty));
    runner.run_once().unwrap();
    assert_eq!(fs::read(&file).unwrap(), before);

    let folded = Arc::new(AtomicUsize::new(0));
    let (counted, inner) = (folded.clone(), cities());
    let counting = view(Cities::new, move |state: Cities, event: &Event| {
        counted.fetch_add(1, Ordering::Relaxed);
        inner.evolve(state, event)
    });
    let projection = Projection::new("cities", Query::all(), Folded::of(counting));
    let running = Runner::open(projection, store.clone(), folder.path().join("other")).unwrap().start();
    eventually("it has caught up", || folded.load(Ordering::Relaxed) == 4);
    running.controls().reset();
    eventually("it has begun anew", || folded.load(Ordering::Relaxed) == 8);
    let (other, outcome) = running.stop();
    outcome.unwrap();
    runner.controls().reset();
    // One that nobody runs obeys when it is run next.
    assert_eq!(runner.status().position.get(), 4);
    runner.run_once().unwrap();
    assert_eq!(runner.model().look(Cities::clone), other.model().look(Cities::clone));
}

#[test]
fn a_deleted_projection_leaves_nothing_and_may_be_made_again() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    add(&store, 1, &["Bernau"]);
    let mut runner = Runner::open(projection(), store.clone(), folder.path()).unwrap();
    runner.run_once().unwrap();
    runner.delete().unwrap();
    assert_eq!(kept(folder.path()), None);

    let running = Runner::open(projection(), store.clone(), folder.path()).unwrap().start();
    eventually("it has caught up", || running.status().position.get() == 1);
    running.controls().delete();
    let (_, outcome) = running.wait();
    outcome.unwrap();
    assert_eq!(kept(folder.path()), None);
    Runner::open(projection(), store, folder.path()).unwrap().run_once().unwrap();
    assert_eq!(kept(folder.path()).unwrap().1, 1);
}

#[test]
fn a_second_runner_of_the_same_name_is_refused_as_long_as_the_first_is_there() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let first = Runner::open(projection(), &store, folder.path()).unwrap();
    let refused = Runner::open(projection(), &store, folder.path()).unwrap_err();
    let place = folder.path().display();
    assert_eq!(
        refused.to_string(),
        format!("cities is run by somebody else: its lock in {place} is held; stop that runner first")
    );
    let other = Projection::new("other", Query::all(), Folded::of(cities()));
    Runner::open(other, &store, folder.path()).unwrap();
    drop(first);
    Runner::open(projection(), &store, folder.path()).unwrap();
}

#[test]
fn a_poison_event_stops_it_with_position_and_cause_and_all_before_it_is_committed() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    add(&store, 1, &["Bernau", "Berlin", "nowhere", "Bernau"]);
    let mut runner = Runner::open(projection(), &store, folder.path()).unwrap();
    for _ in 0..2 {
        let error = runner.run_once().unwrap_err();
        assert_eq!(
            error.to_string(),
            "stopped: the event at position 3 of stream shop-3 cannot be applied: it panicked: there is no such city"
        );
        let status = runner.status();
        assert_eq!((status.position.get(), status.lag, status.activity), (2, 2, Activity::Stopped));
        assert_eq!(status.poison.unwrap().position.get(), 3);
        assert_eq!(kept(folder.path()), Some((counted(&[("Berlin", 1), ("Bernau", 1)]), 2)));
        assert_eq!(runner.model().look(Cities::clone), counted(&[("Berlin", 1), ("Bernau", 1)]));
    }
    drop(runner);
    let running = Runner::open(projection(), store, folder.path()).unwrap().start();
    let (_, outcome) = running.wait();
    assert!(matches!(outcome, Err(RunnerError::Poison(poison)) if poison.position.get() == 3));
}

#[test]
fn it_passes_over_poison_when_it_is_told_to_and_says_what_it_has_passed_over() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    add(&store, 1, &["nowhere", "Bernau", "nowhere", "nowhere", "Bernau", "nowhere"]);
    let mut runner =
        Runner::open(projection().on_poison(OnPoison::Skip).commit_every(2), &store, folder.path()).unwrap();
    let status = runner.run_once().unwrap();
    assert_eq!((status.position.get(), status.poison), (6, None));
    let skipped: Vec<u64> = status.skipped.iter().map(|poison| poison.position.get()).collect();
    assert_eq!(skipped, [1, 3, 4, 6]);
    assert_eq!(kept(folder.path()), Some((counted(&[("Bernau", 2)]), 6)));
}

#[test]
fn an_event_that_cannot_be_read_is_poison_too() {
    let folder = tempfile::tempdir().unwrap();
    {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        enum Newer {
            Added { city: String },
            Moved,
        }
        let log = FileLog::<Newer>::open(folder.path().join("log"), Codec::new().unwrap()).unwrap();
        let added = || Newer::Added { city: "Bernau".into() };
        log.append(Batch::to(&shop(1)).events([added(), Newer::Moved, added()])).unwrap();
    }
    let log = Arc::new(FileLog::<Event>::open(folder.path().join("log"), Codec::new().unwrap()).unwrap());
    let mut runner = Runner::open(projection(), log.clone(), folder.path()).unwrap();
    let error = runner.run_once().unwrap_err().to_string();
    assert!(
        error.starts_with("stopped: the event at position 2 of stream shop-1 cannot be applied"),
        "{error}"
    );
    assert_eq!(kept(folder.path()), Some((counted(&[("Bernau", 1)]), 1)));
    drop(runner);
    let mut runner = Runner::open(projection().on_poison(OnPoison::Skip), log, folder.path()).unwrap();
    assert_eq!(runner.run_once().unwrap().position.get(), 3);
    assert_eq!(kept(folder.path()), Some((counted(&[("Bernau", 2)]), 3)));
}

#[test]
fn a_checkpoint_that_is_damaged_or_of_another_revision_is_folded_anew() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    add(&store, 1, &["Bernau", "Berlin"]);
    Runner::open(projection(), &store, folder.path()).unwrap().run_once().unwrap();
    let file = folder.path().join("cities.json");
    let text = fs::read_to_string(&file).unwrap();
    for damaged in [text.replace(":1", ":7"), text[..40].to_string(), String::new()] {
        assert_ne!(damaged, text);
        fs::write(&file, damaged).unwrap();
        let mut runner = Runner::open(projection(), &store, folder.path()).unwrap();
        assert_eq!(runner.status().position.get(), 0);
        runner.run_once().unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
    let newer = Projection::new("cities", Query::all(), Folded::of(cities()).revision(2));
    assert_eq!(Runner::open(newer, &store, folder.path()).unwrap().status().position.get(), 0);
}

#[test]
fn a_checkpoint_of_another_log_is_refused_and_can_be_taken_away() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    add(&store, 1, &["Bernau", "Berlin"]);
    Runner::open(projection(), &store, folder.path()).unwrap().run_once().unwrap();
    let shorter = Store::default();
    add(&shorter, 1, &["Paris"]);
    let refused = Runner::open(projection(), &shorter, folder.path()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "cities was committed at position 2 of another log than this one, whose last position is 1; begin it from the \
         start, or give it another folder"
    );
    let other = Store::default();
    add(&other, 1, &["Paris", "Paris", "Paris"]);
    let refused = Runner::open(projection(), &other, folder.path()).unwrap_err().to_string();
    assert!(refused.contains("whose event there has the id"), "{refused}");
    let mut runner = Runner::open(projection().from_the_start(), &other, folder.path()).unwrap();
    assert_eq!((runner.status().position.get(), runner.model().look(BTreeMap::len)), (0, 0));
    assert!(kept(folder.path()).is_none());
    runner.run_once().unwrap();
    drop(runner);
    assert_eq!(kept(folder.path()).unwrap(), (counted(&[("Paris", 3)]), 3));
    Runner::open(projection(), &other, folder.path()).unwrap();
}

/// A read model that looks at what its runner says it is doing whenever it is called.
struct Watched<M> {
    model: M,
    controls: Arc<Mutex<Option<Controls>>>,
    seen: Arc<Mutex<Vec<(&'static str, Activity)>>>,
}

impl<M> Watched<M> {
    fn look(&self, call: &'static str) {
        if let Some(controls) = &*self.controls.lock().unwrap() {
            let mut seen = self.seen.lock().unwrap();
            let now = (call, controls.status().activity);
            if seen.last() != Some(&now) {
                seen.push(now);
            }
        }
    }
}

impl<M: ReadModel<Event>> ReadModel<Event> for Watched<M> {
    fn load(&mut self, place: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        self.model.load(place)
    }

    fn apply(&mut self, envelope: &Envelope, event: &Event) -> Result<(), Cause> {
        self.look("apply");
        if matches!(event, Event::Shop(Shop::Added { city }) if city == "Berlin") {
            self.controls.lock().unwrap().as_ref().unwrap().stop();
            self.look("told to stop");
        }
        self.model.apply(envelope, event)
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        self.look("commit");
        self.model.commit(checkpoint)
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.look("clear");
        self.model.clear()
    }
}

#[test]
fn it_says_what_it_is_doing() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let (controls, seen) = (Arc::default(), Arc::<Mutex<Vec<_>>>::default());
    let open = || {
        let model =
            Watched { model: Folded::of(cities()), controls: Arc::clone(&controls), seen: seen.clone() };
        let projection =
            Projection::new("cities", Query::all(), model).commit_after(Duration::from_secs(3_600));
        let runner = Runner::open(projection, store.clone(), folder.path()).unwrap();
        *controls.lock().unwrap() = Some(runner.controls());
        runner
    };
    let runner = open();
    assert_eq!(runner.status().activity, Activity::Stopped);
    let running = runner.start();
    add(&store, 1, &["Bernau"]);
    eventually("it is idle behind the event", || {
        running.status().position.get() == 1 && running.status().activity == Activity::Idle
    });
    running.controls().reset();
    eventually("it has begun anew", || seen.lock().unwrap().len() == 3 && running.status().lag == 0);
    add(&store, 2, &["Berlin"]);
    let (mut runner, outcome) = running.wait();
    outcome.unwrap();
    assert_eq!(runner.status().activity, Activity::Stopped);
    runner.reset().unwrap();
    assert_eq!(runner.status().activity, Activity::Stopped);
    runner.delete().unwrap();
    assert_eq!(controls.lock().unwrap().as_ref().unwrap().status().activity, Activity::Stopped);

    let before = std::mem::take(&mut *seen.lock().unwrap());
    assert_eq!(
        before,
        [
            ("apply", Activity::Running),
            ("clear", Activity::Resetting),
            ("apply", Activity::Running),
            ("told to stop", Activity::Stopping),
            ("commit", Activity::Stopping),
            ("clear", Activity::Resetting),
            ("clear", Activity::Deleting),
        ]
    );

    // The same where it was told before it is run.
    let runner = open();
    runner.controls().delete();
    runner.start().wait().1.unwrap();
    assert_eq!(*seen.lock().unwrap(), [("clear", Activity::Deleting)]);
}

/// A read model whose commits take their time.
struct Slow<M> {
    model: M,
    commits: Arc<AtomicUsize>,
}

impl<M: ReadModel<Event>> ReadModel<Event> for Slow<M> {
    fn load(&mut self, place: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        self.model.load(place)
    }

    fn apply(&mut self, envelope: &Envelope, event: &Event) -> Result<(), Cause> {
        self.model.apply(envelope, event)
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(20));
        self.model.commit(checkpoint)
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.model.clear()
    }
}

#[test]
fn commits_that_take_long_are_made_seldom_unless_they_are_to_be_made_at_once() {
    let commits_within = |after: Duration| {
        let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
        let commits = Arc::new(AtomicUsize::new(0));
        let slow = Slow { model: Folded::of(cities()), commits: commits.clone() };
        let projection = Projection::new("cities", Query::all(), slow).commit_after(after);
        let running = Runner::open(projection, store.clone(), folder.path()).unwrap().start();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(1) {
            add(&store, 1, &["Bernau"]);
            thread::sleep(Duration::from_millis(2));
        }
        let so_far = commits.load(Ordering::Relaxed);
        running.stop().1.unwrap();
        so_far
    };
    let (seldom, at_once) = (commits_within(Duration::from_millis(1)), commits_within(Duration::ZERO));
    assert!((1..=4).contains(&seldom), "{seldom} commits of at least 20 ms within a second");
    assert!(at_once > seldom, "{at_once} and {seldom}");
}

#[test]
fn what_is_applied_and_not_committed_when_the_process_ends_is_applied_again() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    add(&store, 1, &["Bernau"; 25]);
    // A crash: the runner is gone without having been told to stop.
    let seen = {
        let never = projection().commit_every(10).commit_after(Duration::from_secs(3_600));
        let running = Runner::open(never, store.clone(), folder.path()).unwrap().start();
        eventually("all are applied", || running.status().position.get() == 25);
        fs::copy(folder.path().join("cities.json"), folder.path().join("at the crash")).unwrap();
        drop(running);
        fs::rename(folder.path().join("at the crash"), folder.path().join("cities.json")).unwrap();
        kept(folder.path()).unwrap()
    };
    assert_eq!(seen, (counted(&[("Bernau", 20)]), 20));
    Runner::open(projection(), &store, folder.path()).unwrap().run_once().unwrap();
    assert_eq!(kept(folder.path()).unwrap(), (counted(&[("Bernau", 25)]), 25));
}

// ------------------------------------------------------------------------------------------------- emitting

/// A read model that fails to commit from some commit on.
struct Failing<M> {
    model: M,
    commits: Arc<AtomicUsize>,
}

impl<M: ReadModel<Event>> ReadModel<Event> for Failing<M> {
    fn load(&mut self, place: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        self.model.load(place)
    }

    fn apply(&mut self, envelope: &Envelope, event: &Event) -> Result<(), Cause> {
        self.model.apply(envelope, event)
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        let left =
            self.commits.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        match left {
            Ok(_) => self.model.commit(checkpoint),
            Err(_) => Err("the power is gone".into()),
        }
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.model.clear()
    }
}

type Emitting<F> = Projection<Failing<Folded<F>>, Event>;

/// Emits every tenth shop of all, and links every shop to its city. Commits so often, and fails then.
fn emitting(
    store: &Store,
    commits: usize,
) -> Emitting<impl Fold<State = Cities, Event = Event> + Send + use<>> {
    let model = Failing { model: Folded::of(cities()), commits: Arc::new(AtomicUsize::new(commits)) };
    Projection::new("cities", Query::all(), model).emitting(store.clone(), |model, envelope, event| {
        let Event::Shop(Shop::Added { city }) = event else { return vec![] };
        let of = model.model.look(|cities| cities.values().sum::<u64>());
        let city = StreamName::of("city", city).unwrap();
        let mut emitted = vec![Emission::link_to(city, envelope)];
        if of.is_multiple_of(10) {
            emitted.push(Emission::own(Tenth { of }));
        }
        emitted
    })
}

const ALWAYS: usize = usize::MAX;

/// What is emitted, by stream.
fn emitted(store: &Store) -> Vec<(String, Event)> {
    let events = store.all(Query::all()).unwrap().into_iter();
    events
        .filter(|recorded| recorded.stream.category() != "shop")
        .map(|recorded| (recorded.stream.to_string(), recorded.event))
        .collect()
}

#[test]
fn events_and_links_are_emitted_with_their_cause_and_are_not_projected_again() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    add(&store, 1, &["Bernau"; 10]);
    let mut runner = Runner::open(emitting(&store, ALWAYS), store.clone(), folder.path()).unwrap();
    for _ in 0..3 {
        runner.run_once().unwrap();
        assert_eq!(emitted(&store).len(), 11);
    }
    assert_eq!(runner.status().lag, 0);
    let own = store.all(Query::stream(&StreamName::new("cities").unwrap())).unwrap();
    let [tenth] = &own[..] else { panic!("one is the tenth: {own:?}") };
    assert_eq!(tenth.event, Tenth { of: 10 }.into());
    let source = &store.all(Query::stream(&shop(10))).unwrap()[0];
    assert_eq!(tenth.metadata.causation_id.as_ref().unwrap().as_str(), source.id.as_str());
    assert_eq!(tenth.id, EventId::new("cities/10/2").unwrap());
    let links = store.all(Query::stream(&StreamName::of("city", "Bernau").unwrap())).unwrap();
    assert_eq!(links.len(), 10);
    let Event::Link(link) = &links[3].event else { panic!("{links:?}") };
    assert_eq!(link.follow(&store).unwrap().unwrap(), store.all(Query::stream(&shop(4))).unwrap()[0]);
}

#[test]
fn what_follows_from_what_it_has_emitted_itself_is_nothing() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    add(&store, 1, &["Bernau", "Berlin"]);
    // It would go on for ever: one for every event that there is.
    let echo =
        Projection::new("echo", Query::all(), Folded::of(view(|| 0, |count: u64, _: &Event| count + 1)))
            .emitting(store.clone(), |_, _, _| vec![Emission::own(Tenth { of: 0 })]);
    let mut runner = Runner::open(echo, store.clone(), folder.path()).unwrap();
    for _ in 0..3 {
        runner.run_once().unwrap();
    }
    assert_eq!((runner.model().look(|count| *count), store.head().unwrap().get()), (2, 4));
}

#[test]
fn after_a_crash_or_a_reset_nothing_is_emitted_twice_and_nothing_is_missing() {
    let emitted_at_once = |store: &Store, folder: &Path| {
        let mut runner = Runner::open(emitting(store, ALWAYS), store.clone(), folder).unwrap();
        runner.run_once().unwrap();
        runner.model().model.look(Cities::clone)
    };
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    add(&store, 1, &["Bernau"; 35]);
    let state = emitted_at_once(&store, folder.path());
    let expected = emitted(&store);
    assert_eq!(expected.len(), 35 + 3);
    // A crash behind each of the commits: what was emitted since is not known to have been.
    let mut repeated = 0;
    for commits in 0..18 {
        let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
        add(&store, 1, &["Bernau"; 35]);
        let crashing = emitting(&store, commits).commit_every(2);
        let mut runner = Runner::open(crashing, store.clone(), folder.path()).unwrap();
        let crash = runner.run_once().unwrap_err();
        assert_eq!(with_sources(&crash), "committing cities failed: the power is gone");
        drop(runner);
        let committed = kept(folder.path()).map_or(0, |(_, position)| position as usize);
        repeated += emitted(&store).len() - committed;
        assert_eq!(emitted_at_once(&store, folder.path()), state);
        assert_eq!(emitted(&store), expected, "after a crash behind {commits} commits");

        let mut runner = Runner::open(emitting(&store, ALWAYS), store.clone(), folder.path()).unwrap();
        runner.reset().unwrap();
        runner.run_once().unwrap();
        assert_eq!(
            (emitted(&store), runner.model().model.look(Cities::clone)),
            (expected.clone(), state.clone())
        );
    }
    assert!(repeated >= 2 * 17, "after each crash, something was emitted that was not committed");
}

#[test]
fn one_that_emits_something_else_than_before_stops_and_says_so() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    add(&store, 1, &["Bernau", "Berlin"]);
    let other = |of: u64| {
        projection().emitting(store.clone(), move |_, envelope, _| match envelope.position.get() {
            2 => vec![Emission::own(Tenth { of })],
            _ => vec![],
        })
    };
    Runner::open(other(1), store.clone(), folder.path()).unwrap().run_once().unwrap();
    let mut runner = Runner::open(other(2), store.clone(), folder.path()).unwrap();
    runner.reset().unwrap();
    let error = runner.run_once().unwrap_err();
    assert_eq!(
        with_sources(&error),
        "cities could not emit what follows from position 2; if it emits something else than before, give it another name: \
         event id cities/2/1 is taken: position 3 holds Tenth with another content"
    );
    assert_eq!(runner.status().position.get(), 0, "what was not emitted does not count as done");
}

// --------------------------------------------------------------------------------------- other read models

/// The rows of the table, and its checkpoint.
type Rows = (Vec<(u64, String)>, Checkpoint);

/// A table of a database, as far as it matters here: rows and a checkpoint that change together, when a transaction ends.
#[derive(Clone, Default)]
struct Table {
    committed: Arc<Mutex<Rows>>,
    transaction: Vec<(u64, String)>,
    refuses: Arc<AtomicBool>,
}

impl ReadModel<Event> for Table {
    fn load(&mut self, _: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        self.transaction.clear();
        Ok(self.committed.lock().unwrap().1.clone())
    }

    fn apply(&mut self, envelope: &Envelope, event: &Event) -> Result<(), Cause> {
        if self.refuses.load(Ordering::Relaxed) {
            return Err("no connection".into());
        }
        if let Event::Shop(Shop::Added { city }) = event {
            self.transaction.push((envelope.position.get(), city.clone()));
        }
        Ok(())
    }

    fn deleted(&mut self, tombstone: &Envelope) -> Result<(), Cause> {
        self.transaction.push((tombstone.position.get(), format!("{} is gone", tombstone.stream)));
        Ok(())
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        let mut committed = self.committed.lock().unwrap();
        committed.0.append(&mut self.transaction);
        committed.1 = checkpoint.clone();
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Cause> {
        *self.committed.lock().unwrap() = Default::default();
        Ok(())
    }
}

impl Table {
    fn rows(&self) -> Vec<(u64, String)> {
        self.committed.lock().unwrap().0.clone()
    }
}

#[test]
fn a_table_that_commits_with_its_checkpoint_is_a_read_model_too() {
    let (store, folder, table) = (Store::default(), tempfile::tempdir().unwrap(), Table::default());
    add(&store, 1, &["Bernau", "Berlin", "Paris"]);
    store.append(Batch::to(&shop(2)).delete()).unwrap();
    let open = |folder: &Path| {
        Runner::open(
            Projection::new("table", Query::all(), table.clone()).commit_every(2),
            store.clone(),
            folder,
        )
        .unwrap()
    };
    open(folder.path()).run_once().unwrap();
    let rows = [(1, "Bernau"), (2, "Berlin"), (3, "Paris"), (4, "shop-2 is gone")]
        .map(|(at, row)| (at, row.to_string()));
    assert_eq!(table.rows(), rows);
    open(folder.path()).run_once().unwrap();
    assert_eq!(table.rows(), rows, "nothing comes twice");
    let mut runner = open(folder.path());
    runner.reset().unwrap();
    assert!(table.rows().is_empty());
    runner.run_once().unwrap();
    assert_eq!(table.rows(), rows);
}

#[test]
fn a_read_model_that_fails_for_a_while_is_tried_again_until_it_does_not() {
    let (store, folder, table) = (Store::default(), tempfile::tempdir().unwrap(), Table::default());
    add(&store, 1, &["Bernau"]);
    table.refuses.store(true, Ordering::Relaxed);
    let soon = Duration::from_millis(5);
    let projection = Projection::new("table", Query::all(), table.clone()).on_poison(OnPoison::Retry(soon));
    let running =
        Runner::open(projection.commit_after(Duration::ZERO), store.clone(), folder.path()).unwrap().start();
    eventually("it says that it fails", || running.status().trouble.is_some());
    let told = running.status().trouble.unwrap();
    assert_eq!(told, "the event at position 1 of stream shop-1 cannot be applied: no connection");
    add(&store, 2, &["Berlin"]);
    table.refuses.store(false, Ordering::Relaxed);
    eventually("both are in", || table.rows().len() == 2);
    eventually("nothing is wrong any more", || running.status().trouble.is_none());
    running.stop().1.unwrap();
}

#[test]
fn a_commit_that_fails_loses_nothing() {
    let (store, folder, table) = (Store::default(), tempfile::tempdir().unwrap(), Table::default());
    add(&store, 1, &["Bernau", "Berlin", "Paris"]);
    let commits = Arc::new(AtomicUsize::new(1));
    let failing = Failing { model: table.clone(), commits: commits.clone() };
    let projection = Projection::new("table", Query::all(), failing).commit_every(2);
    let mut runner = Runner::open(projection, store.clone(), folder.path()).unwrap();
    runner.run_once().unwrap_err();
    assert_eq!((table.rows().len(), runner.status().position.get()), (2, 2));
    commits.store(9, Ordering::Relaxed);
    runner.run_once().unwrap();
    assert_eq!(table.rows().len(), 3);
}

#[test]
fn a_projection_takes_snapshots_of_streams_that_have_grown() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let snapshots = Arc::new(Snapshots::in_folder(folder.path().join("snapshots"), 1));
    let open = || {
        let taking = snapshotting(
            "snapshots",
            Query::category("shop").unwrap(),
            cities(),
            store.clone(),
            snapshots.clone(),
            10,
        );
        Runner::open(taking, store.clone(), folder.path()).unwrap()
    };
    for (stream, count) in [(1, 25), (2, 9), (3, 10)] {
        store.append(Batch::to(&shop(stream)).events(vec![added("Bernau"); count])).unwrap();
    }
    open().run_once().unwrap();
    let taken = |stream| {
        snapshots
            .load(&shop(stream))
            .unwrap()
            .map(|snapshot| (snapshot.version.get(), snapshot.state["Bernau"]))
    };
    assert_eq!([taken(1), taken(2), taken(3)], [Some((25, 25)), None, Some((10, 10))]);
    store.append(Batch::to(&shop(2)).record(NewEvent::of(added("Bernau")))).unwrap();
    open().run_once().unwrap();
    assert_eq!([taken(1), taken(2), taken(3)], [Some((25, 25)), Some((10, 10)), Some((10, 10))]);
}

/// Somebody takes the lock of a running projection for stale: the next runner gets in, and the first commits nothing more.
#[test]
fn a_runner_whose_lock_was_removed_commits_nothing_more() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let mut first = Runner::open(projection(), store.clone(), folder.path()).unwrap();
    fs::remove_file(folder.path().join("cities.json.lock")).unwrap();
    let mut second = Runner::open(projection(), store.clone(), folder.path()).unwrap();
    add(&store, 1, &["Bern"]);
    let lost = first.run_once().unwrap_err();
    assert!(matches!(lost, RunnerError::LockLost { .. }), "{lost}");
    assert!(
        lost.to_string().starts_with("cities does not go on: its lock cities.json.lock was removed"),
        "{lost}"
    );
    assert_eq!(kept(folder.path()), None, "nothing is committed by the first");
    second.run_once().unwrap();
    assert_eq!(kept(folder.path()), Some((counted(&[("Bern", 1)]), 1)));
}

/// A read model whose commits take long.
struct Weighty(Arc<AtomicUsize>);

impl ReadModel<Event> for Weighty {
    fn load(&mut self, _: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        Ok(Checkpoint::default())
    }
    fn apply(&mut self, _: &Envelope, _: &Event) -> Result<(), Cause> {
        Ok(())
    }
    fn commit(&mut self, _: &Checkpoint) -> Result<(), Cause> {
        self.0.fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(100));
        Ok(())
    }
    fn clear(&mut self) -> Result<(), Cause> {
        Ok(())
    }
}

#[test]
fn a_runner_that_catches_up_commits_less_often_the_longer_a_commit_takes() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    for _ in 0..10 {
        store.append(Batch::to(&shop(1)).events((0..10_000).map(|_| added("Bern")))).unwrap();
    }
    let commits = |projection: fn(Weighty) -> Projection<Weighty, Event>| {
        let count = Arc::new(AtomicUsize::new(0));
        let mut runner =
            Runner::open(projection(Weighty(count.clone())), store.clone(), folder.path()).unwrap();
        assert_eq!(runner.run_once().unwrap().position.get(), 100_000);
        count.load(Ordering::Relaxed)
    };
    let by_itself = commits(|slow| Projection::new("slow", Query::all(), slow));
    assert!(by_itself < 9, "{by_itself} commits; ten would be one each 10,000 events");
    // A number that is asked for holds.
    assert_eq!(commits(|slow| Projection::new("slow", Query::all(), slow).commit_every(20_000)), 5);
}
