//! Snapshots: used when they fit, ignored when they do not; without them everything is as it is with them.

#[path = "runtime/account.rs"]
mod account;

use account::{Account, Balance, Command, Counting, Event, deposit, stream, withdraw};
use leftfold::recorded::{EventId, StreamName, Version};
use leftfold::runtime::{
    Cause, CommandHandler, Snapshot, SnapshotError, SnapshotStore, Snapshots, take_snapshot,
};
use leftfold::store::{Batch, EventStore, Memory};
use leftfold::{Decider, decider};
use std::fs;
use std::path::Path;

type Handler<'s> = CommandHandler<Account, &'s Counting>;

fn fresh<'s>(store: &'s Counting, folder: &Path, every: u64) -> Handler<'s> {
    CommandHandler::per_identity(Account, store, |command: &Command| {
        StreamName::of("account", command.owner())
    })
    .snapshots(Snapshots::in_folder(folder, 1), every)
    .unwrap()
}

fn balance(handler: &Handler<'_>) -> (u64, u64) {
    handler.look(&stream("petra"), |Balance(balance), version| (*balance, version.get())).unwrap()
}

/// Deposits so often, one by one.
fn grown(store: &Counting, folder: &Path, times: u64, every: u64) {
    let handler = fresh(store, folder, every);
    for _ in 0..times {
        handler.handle(deposit("petra", 1)).unwrap();
    }
    store.read_since();
}

/// How many events a handler that begins anew reads.
fn read_by_a_fresh_handler(store: &Counting, folder: &Path) -> usize {
    store.read_since();
    assert_eq!(balance(&fresh(store, folder, 0)), (250, 250));
    store.read_since().1
}

#[test]
fn a_stream_is_begun_at_its_snapshot_and_deleting_it_changes_nothing_but_time() {
    let (store, folder) = (Counting::default(), tempfile::tempdir().unwrap());
    grown(&store, folder.path(), 250, 100);
    // The one that the snapshot ends with, to see that it is the same, and those behind it.
    assert_eq!(read_by_a_fresh_handler(&store, folder.path()), 1 + 50);
    Snapshots::<Balance>::in_folder(folder.path(), 1).delete(&stream("petra")).unwrap();
    assert_eq!(read_by_a_fresh_handler(&store, folder.path()), 250);
}

#[test]
fn a_snapshot_is_taken_whenever_a_multiple_is_passed_also_within_one_command() {
    let (store, folder) = (Counting::default(), tempfile::tempdir().unwrap());
    let handler = fresh(&store, folder.path(), 2);
    let snapshots = Snapshots::<Balance>::in_folder(folder.path(), 1);
    let kept = || snapshots.load(&stream("petra")).unwrap().map(|kept| (kept.version.get(), kept.state.0));
    handler.handle(deposit("petra", 9)).unwrap();
    assert_eq!(kept(), None);
    let emptied = handler.handle(Command::Empty { owner: "petra".into() }).unwrap();
    assert_eq!((kept(), emptied.snapshot_error), (Some((3, 0)), None));
    handler.handle(deposit("petra", 1)).unwrap();
    assert_eq!(kept(), Some((4, 1)));
    handler.handle(deposit("petra", 1)).unwrap();
    assert_eq!(kept(), Some((4, 1)));
}

#[test]
fn a_snapshot_is_taken_on_request() {
    let (store, folder) = (Counting::default(), tempfile::tempdir().unwrap());
    grown(&store, folder.path(), 250, 0);
    let snapshots = Snapshots::in_folder(folder.path(), 1);
    assert_eq!(take_snapshot(&store, &Account, &snapshots, &stream("petra")).unwrap(), Version::new(250));
    assert_eq!(read_by_a_fresh_handler(&store, folder.path()), 1);
    assert_eq!(take_snapshot(&store, &Account, &snapshots, &stream("nobody")).unwrap(), Version::NONE);
    assert!(snapshots.load(&stream("nobody")).unwrap().is_none());
}

#[test]
fn a_snapshot_of_another_revision_or_shape_is_ignored() {
    let (store, folder) = (Counting::default(), tempfile::tempdir().unwrap());
    grown(&store, folder.path(), 10, 10);
    let snapshots =
        |revision| Snapshots::<Balance>::in_folder(folder.path(), revision).load(&stream("petra"));
    assert!(snapshots(1).unwrap().is_some());
    let told = snapshots(2).unwrap_err().to_string();
    assert!(told.contains("its state has another shape, or is of another revision"), "{told}");
    // The number reads as that of another type, but it is of another shape.
    assert_eq!(serde_json::from_str::<u32>("10").unwrap(), 10);
    assert!(Snapshots::<u32>::in_folder(folder.path(), 1).load(&stream("petra")).is_err());
}

#[test]
fn the_name_of_a_stream_may_be_any() {
    let folder = tempfile::tempdir().unwrap();
    let snapshots = Snapshots::<u64>::in_folder(folder.path(), 1);
    // As long as a name may be, and far longer than that of a file.
    let long = "x".repeat(511);
    let names = ["a", "A", "..", "/", "../a", "a b", "ä", "a%20b", "con", &long, &format!("{long}y")];
    let names: Vec<StreamName> = names.iter().map(|name| StreamName::new(name).unwrap()).collect();
    let id = EventId::new("one").unwrap();
    for (name, number) in names.iter().zip(0..) {
        snapshots.save(name, Version::new(1), &id, &number).unwrap();
    }
    for (name, number) in names.iter().zip(0..) {
        assert_eq!(snapshots.load(name).unwrap().unwrap().state, number, "{name}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), names.len());
}

/// The file of the only snapshot in a folder.
fn file(folder: &Path) -> std::path::PathBuf {
    fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
}

#[test]
fn a_damaged_snapshot_is_ignored_wherever_the_damage_is() {
    let (store, folder) = (Counting::default(), tempfile::tempdir().unwrap());
    grown(&store, folder.path(), 250, 100);
    let file = file(folder.path());
    let whole = fs::read(&file).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(&file, &damaged).unwrap();
        assert_eq!(balance(&fresh(&store, folder.path(), 0)), (250, 250), "byte {at}");
        fs::write(&file, &whole[..at]).unwrap();
        assert_eq!(balance(&fresh(&store, folder.path(), 0)), (250, 250), "cut at {at}");
    }
    fs::write(&file, &whole).unwrap();
    assert_eq!(read_by_a_fresh_handler(&store, folder.path()), 51);
    // A number that is edited by hand is no state that was folded.
    let edited = String::from_utf8(whole).unwrap().replace("\n200\n", "\n900\n");
    fs::write(&file, edited).unwrap();
    assert_eq!(read_by_a_fresh_handler(&store, folder.path()), 250);
}

#[test]
fn a_snapshot_of_another_log_is_ignored() {
    let (store, folder) = (Counting::default(), tempfile::tempdir().unwrap());
    grown(&store, folder.path(), 10, 10);
    // Another log, in which the stream is longer, has another history, or is not there at all.
    for (length, amount) in [(20, 3), (10, 3), (5, 3), (0, 0)] {
        let other = Counting::default();
        for _ in 0..length {
            other.append(Batch::to(&stream("petra")).event(Event::Deposited { amount })).unwrap();
        }
        assert_eq!(balance(&fresh(&other, folder.path(), 0)), (length * amount, length));
    }
}

#[test]
fn a_snapshot_does_not_bring_a_deleted_stream_back() {
    let (store, folder) = (Counting::default(), tempfile::tempdir().unwrap());
    grown(&store, folder.path(), 10, 10);
    store.append(Batch::to(&stream("petra")).delete()).unwrap();
    let handler = fresh(&store, folder.path(), 10);
    assert_eq!(balance(&handler), (0, 11));
    handler.handle(deposit("petra", 1)).unwrap_err();
}

#[test]
fn a_snapshot_that_cannot_be_taken_is_told_and_the_command_is_handled() {
    struct Full;
    impl SnapshotStore<Balance> for Full {
        fn load(&self, _: &StreamName) -> Result<Option<Snapshot<Balance>>, Cause> {
            Ok(None)
        }
        fn save(&self, _: &StreamName, _: Version, _: &EventId, _: &Balance) -> Result<(), Cause> {
            Err("there is no space".into())
        }
    }
    let handler =
        CommandHandler::in_one_stream(Account, Memory::new(), stream("petra")).snapshots(Full, 1).unwrap();
    let handled = handler.handle(deposit("petra", 3)).unwrap();
    let told = "the snapshot of stream account-petra at version 1 cannot be kept: there is no space";
    assert_eq!(handled.snapshot_error.as_deref(), Some(told));
    handler.handle(withdraw("petra", 3)).unwrap();
    let error = take_snapshot(handler.store(), &Account, &Full, &stream("petra")).unwrap_err();
    assert!(matches!(&error, SnapshotError::Save { version, .. } if *version == Version::new(2)), "{error}");
}

#[test]
fn with_snapshots_or_without_every_command_is_answered_alike() {
    let folder = tempfile::tempdir().unwrap();
    let plain = CommandHandler::in_one_stream(Account, Memory::new(), stream("petra"));
    // Nothing is remembered, so that every command loads its state from the snapshot.
    let kept = |every| {
        CommandHandler::in_one_stream(Account, Memory::new(), stream("petra"))
            .remember(0)
            .snapshots(Snapshots::in_folder(folder.path().join(format!("{every}")), 1), every)
            .unwrap()
    };
    let handlers = [kept(1), kept(7), kept(50)];
    for number in 0..300u64 {
        let command = match number * 7 % 5 {
            0 => withdraw("petra", number % 13),
            1 => Command::Empty { owner: "petra".into() },
            _ => deposit("petra", number % 4),
        };
        let told = |handler: &CommandHandler<Account, Memory<Event>>| {
            let handled = handler.handle_with(command.clone(), |Balance(balance), _| *balance);
            handled.map(|h| (h.events, h.version, h.result)).map_err(|error| error.to_string())
        };
        let expected = told(&plain);
        for handler in &handlers {
            assert_eq!(told(handler), expected);
        }
    }
}

#[test]
fn a_state_whose_shape_serde_does_not_tell_is_kept_under_its_type() {
    #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Flattened {
        count: u64,
        #[serde(flatten)]
        rest: std::collections::BTreeMap<String, u64>,
    }
    fn counted() -> impl Decider<Command = (), Event = Event, Rejection = (), State = Flattened> {
        decider(
            Flattened::default,
            |(): &(), _: &Flattened| Ok(vec![Event::Deposited { amount: 1 }]),
            |state, _: &Event| Flattened { count: state.count + 1, ..state },
        )
    }
    let (store, folder) = (Memory::new(), tempfile::tempdir().unwrap());
    let handler = || {
        CommandHandler::in_one_stream(counted(), &store, stream("petra"))
            .remember(0)
            .snapshots(Snapshots::in_folder(folder.path(), 1), 1)
            .unwrap()
    };
    handler().handle(()).unwrap();
    assert_eq!(handler().handle_with((), |state, _| state.count).unwrap().result, 2);
    assert!(Snapshots::<Flattened>::in_folder(folder.path(), 1).load(&stream("petra")).unwrap().is_some());
}
