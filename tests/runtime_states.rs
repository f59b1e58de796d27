//! A state that is kept comes back as it was, or it is said that it was not kept; and what cannot be read is said before it is
//! made again.

use leftfold::recorded::StreamName;
use leftfold::runtime::outbox;
use leftfold::runtime::{
    Cause, CommandHandler, Folded, OnPoison, Process, ProcessRunner, Projection, Runner, RunnerError,
    Snapshot, SnapshotError, SnapshotStore, Snapshots, Worker, snapshotting,
};
use leftfold::store::{Batch, EventStore, Memory, Query};
use leftfold::{Decider, Fold, Owed, ProcessManager};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

// -------------------------------------------------------------------------------------------- awkward states

/// What serde can express and JSON cannot always hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Value {
    Nothing,
    Unit(()),
    Maybe(Option<Option<Box<Value>>>),
    MaybeUnit(Option<()>),
    Float(f64),
    Single(f32),
    Wide(u128),
    Text(String),
    Sign(char),
    ByNumber(BTreeMap<i16, Value>),
    ByBool(BTreeMap<bool, u8>),
    ByPair(BTreeMap<(u8, u8), Value>),
    ByChoice(BTreeMap<Option<u8>, u8>),
    List(Vec<Value>),
    Skipped {
        shown: u8,
        #[serde(skip)]
        hidden: u8,
    },
    Defaulted {
        #[serde(default, skip_serializing_if = "is_seven")]
        size: u8,
    },
    Untagged(Untagged),
    Internally(Internally),
    Adjacently(Adjacently),
    Flat(Flat),
}

fn is_seven(size: &u8) -> bool {
    *size == 7
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Small(u8),
    Large(u64),
    Text(String),
    Maybe(Option<u8>),
    Named { size: u8 },
    AlsoNamed { size: u8, by: Option<u8> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Internally {
    Empty,
    Counted { by: BTreeMap<u8, u8> },
    Wide { number: u128 },
    Flat(Flat),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Adjacently {
    Empty,
    Maybe(Option<Option<u8>>),
    Pair(u8, f64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    name: String,
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

fn value() -> impl Strategy<Value = Value> {
    let float = prop_oneof![any::<f64>(), Just(f64::INFINITY), Just(-0.0), Just(f64::NAN), Just(1.5)];
    let name = prop::sample::select(vec!["name", "kind", "a", ""]).prop_map(str::to_string);
    let flat = move || {
        (any::<String>(), prop::collection::btree_map(name.clone(), any::<u8>(), 0..3))
            .prop_map(|(name, rest)| Flat { name, rest })
    };
    let untagged = prop_oneof![
        any::<u8>().prop_map(Untagged::Small),
        any::<u64>().prop_map(Untagged::Large),
        any::<String>().prop_map(Untagged::Text),
        any::<Option<u8>>().prop_map(Untagged::Maybe),
        any::<u8>().prop_map(|size| Untagged::Named { size }),
        any::<(u8, Option<u8>)>().prop_map(|(size, by)| Untagged::AlsoNamed { size, by }),
    ];
    let internally = prop_oneof![
        Just(Internally::Empty),
        prop::collection::btree_map(any::<u8>(), any::<u8>(), 0..2).prop_map(|by| Internally::Counted { by }),
        any::<u128>().prop_map(|number| Internally::Wide { number }),
        flat().prop_map(Internally::Flat),
    ];
    let adjacently = prop_oneof![
        Just(Adjacently::Empty),
        any::<Option<Option<u8>>>().prop_map(Adjacently::Maybe),
        (any::<u8>(), float.clone()).prop_map(|(one, other)| Adjacently::Pair(one, other)),
    ];
    let leaf = prop_oneof![
        Just(Value::Nothing),
        Just(Value::Unit(())),
        any::<Option<()>>().prop_map(Value::MaybeUnit),
        float.prop_map(Value::Float),
        any::<f32>().prop_map(Value::Single),
        any::<u128>().prop_map(Value::Wide),
        any::<String>().prop_map(Value::Text),
        any::<char>().prop_map(Value::Sign),
        prop::collection::btree_map(any::<bool>(), any::<u8>(), 0..3).prop_map(Value::ByBool),
        prop::collection::btree_map(any::<Option<u8>>(), any::<u8>(), 0..3).prop_map(Value::ByChoice),
        (any::<u8>(), 0..2u8).prop_map(|(shown, hidden)| Value::Skipped { shown, hidden }),
        (6..9u8).prop_map(|size| Value::Defaulted { size }),
        untagged.prop_map(Value::Untagged),
        internally.prop_map(Value::Internally),
        adjacently.prop_map(Value::Adjacently),
        flat().prop_map(Value::Flat),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::option::of(prop::option::of(inner.clone().prop_map(Box::new))).prop_map(Value::Maybe),
            prop::collection::btree_map(any::<i16>(), inner.clone(), 0..3).prop_map(Value::ByNumber),
            prop::collection::btree_map(any::<(u8, u8)>(), inner.clone(), 0..2).prop_map(Value::ByPair),
            prop::collection::vec(inner, 0..3).prop_map(Value::List),
        ]
    })
}

// -------------------------------------------------------------------------------- a model that goes through them

/// The state becomes the value with this number: events are plain, whatever the states are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Became(usize),
}

/// What is on a tray: the values that it became, the last one open on top.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Tray {
    open: Value,
    below: Vec<Value>,
}

#[derive(Clone)]
struct Trays {
    initially: Value,
    values: Arc<Vec<Value>>,
    folded: Arc<AtomicUsize>,
}

impl Trays {
    fn of(initially: Value, values: &[Value]) -> Trays {
        Trays { initially, values: Arc::new(values.to_vec()), folded: Arc::default() }
    }
}

impl Fold for Trays {
    type State = Tray;
    type Event = Event;

    fn initial_state(&self) -> Tray {
        Tray { open: self.initially.clone(), below: Vec::new() }
    }

    fn evolve(&self, mut tray: Tray, Event::Became(number): &Event) -> Tray {
        self.folded.fetch_add(1, Ordering::Relaxed);
        tray.below.push(std::mem::replace(&mut tray.open, self.values[*number].clone()));
        tray
    }
}

impl Decider for Trays {
    type Command = usize;
    type Rejection = Tray;

    fn decide(&self, number: &usize, tray: &Tray) -> Result<Vec<Event>, Tray> {
        // An answer in which all of the state is.
        if *number == usize::MAX { Err(tray.clone()) } else { Ok(vec![Event::Became(*number)]) }
    }
}

impl ProcessManager for Trays {
    type Command = ();

    fn pending(&self, tray: &Tray) -> Vec<Owed<()>> {
        vec![Owed::now(format!("look at {}", tray.below.len()), ())]
    }
}

fn shop() -> StreamName {
    StreamName::of("shop", 1).unwrap()
}

type Store = Arc<Memory<Event>>;

fn became(store: &Store, number: usize) {
    store.append(Batch::to(&shop()).event(Event::Became(number))).unwrap();
}

fn folding(trays: &Trays) -> Projection<Folded<Trays>, Event> {
    Projection::new("trays", Query::all(), Folded::of(trays.clone()))
}

/// Two states that are the same also where they are not equal to themselves.
fn same(one: &impl std::fmt::Debug, other: &impl std::fmt::Debug) -> bool {
    format!("{one:?}") == format!("{other:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(120) })]

    #[test]
    fn a_read_model_comes_back_as_it_was_or_its_commit_has_failed(values in prop::collection::vec(value(), 1..4)) {
        let (store, folder, trays) =
            (Store::default(), tempfile::tempdir().unwrap(), Trays::of(Value::Nothing, &values));
        for number in 0..values.len() {
            became(&store, number);
            let mut runner = Runner::open(folding(&trays), store.clone(), folder.path()).unwrap();
            let before = runner.model().look(Tray::clone);
            match runner.run_once() {
                Ok(_) => {
                    let expected = trays.fold(&(0..=number).map(Event::Became).collect::<Vec<_>>());
                    let (kept, _) = Folded::of(trays.clone()).committed(folder.path(), "trays").unwrap().unwrap();
                    prop_assert!(same(&kept, &expected), "{kept:?}, and not {expected:?}");
                }
                Err(error) => {
                    let told = leftfold::page::with_sources(&error);
                    prop_assert!(told.starts_with("committing trays failed: Tray"), "{told}");
                    prop_assert_eq!(runner.status().trouble, Some(told));
                    let kept = Folded::of(trays.clone()).committed(folder.path(), "trays").unwrap();
                    prop_assert!(kept.is_none_or(|(kept, _)| same(&kept, &before)), "the file is as it was");
                    break;
                }
            }
        }
    }

    #[test]
    fn with_snapshots_of_any_state_every_command_is_answered_as_without(values in prop::collection::vec(value(), 1..4)) {
        let (store, folder, trays) =
            (Store::default(), tempfile::tempdir().unwrap(), Trays::of(Value::Nothing, &values));
        let handler = || {
            let handler = CommandHandler::in_one_stream(trays.clone(), store.clone(), shop());
            handler.snapshots(Snapshots::in_folder(folder.path(), 1), 1).unwrap()
        };
        for number in 0..values.len() {
            let handled = handler().handle(number).unwrap();
            prop_assert_eq!(handled.unusable_snapshot, None);
            let expected = trays.fold(&(0..=number).map(Event::Became).collect::<Vec<_>>());
            let fresh = handler();
            let answer = fresh.handle(usize::MAX).unwrap_err().rejection().unwrap();
            prop_assert!(same(&answer, &expected), "{answer:?}, and not {expected:?}");
            let kept = Snapshots::<Tray>::in_folder(folder.path(), 1).load(&shop()).unwrap();
            let is_kept = kept.is_some_and(|kept| kept.version == handled.version);
            prop_assert_eq!(is_kept, handled.snapshot_error.is_none(), "{:?}", handled.snapshot_error);
        }
    }

    #[test]
    fn nothing_is_handed_over_from_a_list_that_does_not_come_back_as_it_was(
        values in prop::collection::vec(value(), 1..4),
        per_identity in any::<bool>(),
    ) {
        let (store, folder, trays) =
            (Store::default(), tempfile::tempdir().unwrap(), Trays::of(Value::Nothing, &values));
        let handed = Arc::new(AtomicUsize::new(0));
        for number in 0..values.len() {
            became(&store, number);
            let mut process = Process::new("looking", Query::all(), trays.clone());
            if per_identity {
                process = process.per_identity(|envelope, _| Some(envelope.stream.to_string()));
            }
            let counted = handed.clone();
            let mut runner = ProcessRunner::open(process, store.clone(), folder.path(), move |_| {
                counted.fetch_add(1, Ordering::Relaxed);
                Ok(())
            })
            .unwrap();
            handed.store(0, Ordering::Relaxed);
            let outcome = runner.run_once();
            let (standing, handed) = (runner.owed(), handed.load(Ordering::Relaxed));
            drop(runner);
            let folded = trays.folded.swap(0, Ordering::Relaxed);
            let again =
                ProcessRunner::open(Process::new("looking", Query::all(), trays.clone()), store.clone(), folder.path(), |_| Ok(()));
            match outcome {
                Ok(_) => {
                    prop_assert_eq!((handed, folded), (1, 1));
                    prop_assert_eq!(again.unwrap().owed().len(), standing.len());
                }
                Err(error) => {
                    prop_assert_eq!(handed, 0);
                    let told = leftfold::page::with_sources(&error);
                    prop_assert!(told.starts_with("committing looking failed: ") && told.contains("Tray"), "{told}");
                    break;
                }
            }
        }
    }
}

// ------------------------------------------------------------------------------------------------- the examples

/// Each a value that JSON does not hold as it is, and what is said of it.
fn awkward() -> Vec<(Value, &'static str)> {
    vec![
        (Value::Maybe(Some(None)), "Tray.open.Maybe: it holds `Some` of nothing"),
        (Value::Float(f64::INFINITY), "Tray.open.Float: it holds the number inf"),
        (Value::Skipped { shown: 1, hidden: 1 }, "Tray: it would be read back as another value"),
        (Value::ByPair([((1, 2), Value::Nothing)].into()), "Tray.open.ByPair: key must be a string"),
    ]
}

#[test]
fn an_initial_state_that_does_not_come_back_is_named_before_anything_is_handled_or_handed_over() {
    for (value, words) in awkward() {
        let (store, folder, trays) =
            (Store::default(), tempfile::tempdir().unwrap(), Trays::of(value, &[Value::Nothing]));
        became(&store, 0);
        let refused = |error: &RunnerError| {
            assert!(matches!(error, RunnerError::Model { doing: "loading", .. }), "{error}");
            let told = leftfold::page::with_sources(error);
            assert!(told.contains(words), "{told}");
        };
        refused(&Runner::open(folding(&trays), store.clone(), folder.path()).map(drop).unwrap_err());
        let process = Process::new("looking", Query::all(), trays.clone());
        let opened =
            ProcessRunner::open(process, store.clone(), folder.path(), |_| panic!("it was handed over"));
        refused(&opened.map(drop).unwrap_err());
        let snapshots = || Snapshots::in_folder(folder.path(), 1);
        let taking = snapshotting("taking", Query::all(), trays.clone(), store.clone(), snapshots(), 1);
        refused(&Runner::open(taking, store.clone(), folder.path()).map(drop).unwrap_err());
        let handler = CommandHandler::in_one_stream(trays, store, shop()).snapshots(snapshots(), 1);
        let error = handler.map(drop).unwrap_err();
        assert!(matches!(&error, SnapshotError::Unfit { .. }), "{error}");
        assert!(leftfold::page::with_sources(&error).contains(words), "{error}");
    }
}

#[test]
fn a_runner_that_is_kept_running_says_what_of_a_state_cannot_be_kept_and_hands_nothing_over() {
    for (value, words) in awkward() {
        let (store, folder, trays) =
            (Store::default(), tempfile::tempdir().unwrap(), Trays::of(Value::Nothing, &[value]));
        became(&store, 0);
        let process = Process::new("looking", Query::all(), trays.clone())
            .per_identity(|envelope, _| Some(envelope.stream.to_string()));
        let opened =
            ProcessRunner::open(process, store.clone(), folder.path(), |_| panic!("it was handed over"));
        let looking = opened.unwrap().start();
        let reading =
            Runner::open(folding(&trays).commit_after(Duration::ZERO), store.clone(), folder.path())
                .unwrap()
                .start();
        let begun = Instant::now();
        while looking.controls().status().trouble.is_none() || reading.status().trouble.is_none() {
            assert!(begun.elapsed() < Duration::from_secs(20));
            thread::sleep(Duration::from_millis(2));
        }
        let told = looking.controls().status().trouble.unwrap();
        assert!(
            told.starts_with(&format!(
                "committing looking failed: the state of shop-1 cannot be kept: {words}"
            )),
            "{told}"
        );
        let told = reading.status().trouble.unwrap();
        assert!(told.starts_with(&format!("committing trays failed: {words}")), "{told}");
        assert!(looking.controls().owed().iter().all(|item| !item.issued && item.failed == 0));
    }
}

#[test]
fn a_handler_does_not_accept_what_it_has_rejected_because_a_snapshot_says_something_else() {
    /// Whether the door is known to be open, known to be closed, or neither is known.
    type Door = Option<Option<u32>>;
    let door = || {
        leftfold::decider(
            || None,
            |knock: &bool, door: &Door| match (knock, door) {
                (false, _) => Ok(vec![Event::Became(0)]),
                (true, Some(None)) => Err("it is closed"),
                (true, _) => Ok(vec![Event::Became(1)]),
            },
            |_, Event::Became(number): &Event| Some(number.checked_sub(1).map(|_| 7)),
        )
    };
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let handler = || {
        let handler = CommandHandler::in_one_stream(door(), store.clone(), shop()).remember(0);
        handler.snapshots(Snapshots::in_folder(folder.path(), 1), 1).unwrap()
    };
    let told = handler().handle(false).unwrap().snapshot_error.unwrap();
    assert!(told.contains("it holds `Some` of nothing"), "{told}");
    assert_eq!(handler().handle(true).unwrap_err().rejection(), Some("it is closed"));
}

/// Damages the only file in a folder with this ending.
fn damage(folder: &Path, file: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("crc", "crC", 1)).unwrap();
}

#[test]
fn a_kept_file_that_cannot_be_read_is_said_before_it_is_made_again() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let trays = Trays::of(Value::Nothing, &[Value::Nothing, Value::Unit(())]);
    became(&store, 0);
    let is_reported = |why: Option<String>, file: &str| {
        let expected = format!(
            "the file {} could not be read (it is damaged, or was edited: its checksum does not fit); its state is \
             folded again from the log",
            folder.path().join(file).display()
        );
        assert_eq!(why, Some(expected));
    };

    let open = || Runner::open(folding(&trays), store.clone(), folder.path()).unwrap();
    open().run_once().unwrap();
    damage(folder.path(), "trays.json");
    let mut runner = open();
    assert_eq!(runner.status().position.get(), 0);
    is_reported(runner.status().unusable_state, "trays.json");
    is_reported(runner.run_once().unwrap().unusable_state, "trays.json");
    assert!(runner.status().to_string().contains("could not be read"), "{}", runner.status());
    runner.reset().unwrap();
    assert_eq!(
        (runner.status().unusable_state, open_again(runner, &open).status().unusable_state),
        (None, None)
    );

    let looking = || Process::new("looking", Query::all(), trays.clone());
    let open = || ProcessRunner::open(looking(), store.clone(), folder.path(), |_| Ok(())).unwrap();
    open().run_once().unwrap();
    damage(folder.path(), "looking.json");
    is_reported(open().status().unusable_state, "looking.json");

    let publishing =
        || outbox("publishing", Query::all(), Worker::start(|_| Ok(()))).on_poison(OnPoison::Stop);
    let open = || Runner::open(publishing(), store.clone(), folder.path()).unwrap();
    open().run_once().unwrap();
    damage(folder.path(), "publishing.json");
    is_reported(open().status().unusable_state, "publishing.json");
}

/// Runs it, lets it go, and opens another.
fn open_again<R>(mut runner: Runner<Event, Folded<Trays>, Store>, open: &dyn Fn() -> R) -> R {
    runner.run_once().unwrap();
    drop(runner);
    open()
}

#[test]
fn a_snapshot_that_cannot_be_used_is_said_once_by_the_first_command_that_is_handled() {
    let (store, folder) = (Store::default(), tempfile::tempdir().unwrap());
    let trays = Trays::of(Value::Nothing, &[Value::Nothing]);
    let fresh = |revision| {
        let handler = CommandHandler::in_one_stream(trays.clone(), store.clone(), shop());
        handler.snapshots(Snapshots::in_folder(folder.path(), revision), 1).unwrap()
    };
    fresh(1).handle(0).unwrap();
    let said = |handler: &CommandHandler<Trays, Store>, words: &str| {
        handler.look(&shop(), |_, version| version).unwrap();
        handler.handle(usize::MAX).unwrap_err();
        let told = handler.handle(0).unwrap().unusable_snapshot.unwrap();
        assert!(told.starts_with("the snapshot of stream shop-1 ") && told.contains(words), "{told}");
        assert_eq!(handler.handle(0).unwrap().unusable_snapshot, None);
    };
    damage(folder.path(), "shop-1.json");
    said(&fresh(1), "its checksum does not fit");
    assert_eq!(fresh(1).handle(0).unwrap().unusable_snapshot, None, "another one was taken");
    said(&fresh(2), "its state has another shape, or is of another revision");
    fs::remove_file(folder.path().join("shop-1.json")).unwrap();
    fs::create_dir(folder.path().join("shop-1.json")).unwrap();
    let handler = fresh(1);
    let handled = handler.handle(0).unwrap();
    assert!(handled.unusable_snapshot.is_some() && handled.snapshot_error.is_some(), "{handled:?}");
    fs::remove_dir(folder.path().join("shop-1.json")).unwrap();

    handler.handle(0).unwrap();
    let other = CommandHandler::in_one_stream(trays.clone(), Store::default(), shop());
    let other = other.snapshots(Snapshots::in_folder(folder.path(), 1), 100).unwrap();
    said(&other, "is of another log");
}

#[test]
fn a_store_of_snapshots_that_panics_is_a_store_that_has_failed() {
    struct Panicking(Mutex<&'static str>);
    impl Panicking {
        fn call(&self, function: &str) {
            let panics = *self.0.lock().unwrap();
            assert_ne!(function, panics, "planted");
        }
    }
    impl SnapshotStore<Tray> for Panicking {
        fn load(&self, _: &StreamName) -> Result<Option<Snapshot<Tray>>, Cause> {
            self.call("load");
            Ok(None)
        }
        fn save(
            &self,
            _: &StreamName,
            _: leftfold::recorded::Version,
            _: &leftfold::recorded::EventId,
            _: &Tray,
        ) -> Result<(), Cause> {
            self.call("save");
            Ok(())
        }
        fn check(&self, _: &Tray) -> Result<(), Cause> {
            self.call("check");
            Ok(())
        }
    }
    let handled = |panics| {
        let trays = Trays::of(Value::Nothing, &[Value::Nothing]);
        let handler = CommandHandler::in_one_stream(trays, Store::default(), shop());
        handler.snapshots(Panicking(Mutex::new(panics)), 1).map(|handler| handler.handle(0).unwrap())
    };
    let load = handled("load").unwrap();
    assert!(load.unusable_snapshot.unwrap().contains("it panicked") && load.snapshot_error.is_none());
    let save = handled("save").unwrap();
    assert!(save.snapshot_error.unwrap().contains("it panicked") && save.unusable_snapshot.is_none());
    assert!(leftfold::page::with_sources(&handled("check").unwrap_err()).contains("it panicked"));
}

/// A large state is read back while its file is written: it takes the place of the one before only if it is proven.
#[test]
fn a_large_state_that_does_not_come_back_leaves_the_one_before() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Large {
        texts: Vec<String>,
        #[serde(skip)]
        hidden: bool,
    }
    let large = || {
        leftfold::view(Large::default, |mut large: Large, event: &Event| {
            let Event::Became(number) = event;
            large.texts.push("x".repeat(100_000));
            large.hidden = *number > 0;
            large
        })
    };
    let store = Store::default();
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        Runner::open(
            Projection::new("large", Query::all(), Folded::of(large())),
            store.clone(),
            folder.path(),
        )
    };
    let mut runner = open().unwrap();
    became(&store, 0);
    runner.run_once().unwrap();
    became(&store, 1);
    let refused = leftfold::page::with_sources(&runner.run_once().unwrap_err());
    assert!(refused.contains("Large: it would be read back as another value"), "{refused}");
    let (kept, position) = Folded::of(large()).committed(folder.path(), "large").unwrap().unwrap();
    assert_eq!((kept.texts.len(), position.get()), (1, 1));
    let files: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(files.iter().all(|name| !name.to_string_lossy().contains("unfinished")), "{files:?}");
    drop(runner);
    became(&store, 0);
    open().unwrap().run_once().unwrap();
    assert_eq!(Folded::of(large()).committed(folder.path(), "large").unwrap().unwrap().1.get(), 3);
}
