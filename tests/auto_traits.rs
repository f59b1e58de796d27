//! What can be shared between threads, printed for a programmer, and written as JSON.

use leftfold::check::{
    Explore, Law, LawReport, Property, SpaceCoverage, Story, Walks, drive, explore, walks,
};
use leftfold::spec::ScenarioCase;
use leftfold::{Decider, Model, Scenario, Specification, decider};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::LazyLock;

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Command {
    SwitchOn,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    WentOn,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Rejection {
    AlreadyOn,
}

#[derive(Clone, Debug)]
struct Lamp;

impl leftfold::Fold for Lamp {
    type State = bool;
    type Event = Event;

    fn initial_state(&self) -> bool {
        false
    }

    fn evolve(&self, _: bool, _: &Event) -> bool {
        true
    }
}

impl Decider for Lamp {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, _: &Command, on: &bool) -> Result<Vec<Event>, Rejection> {
        if *on { Err(Rejection::AlreadyOn) } else { Ok(vec![Event::WentOn]) }
    }
}

static MODEL: LazyLock<Model<Lamp>> = LazyLock::new(|| {
    Model::new("lamp", Lamp)
        .scenarios([Scenario::named("it goes on").when(Command::SwitchOn).then([Event::WentOn])])
        .alphabet(|_| [Command::SwitchOn])
        .properties([Property::always("it is on or off", |_| true)])
        .laws(Law::of_functions())
        .walked(10)
        .explored(10)
});

fn is_shared<T: Send + Sync + Debug>(_: &T) {}

#[test]
fn a_model_in_a_static_is_checked_by_several_threads() {
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| MODEL.check().assert());
        }
    });
}

#[test]
fn scenarios_run_on_the_threads_of_a_test_harness() {
    let cases = MODEL.specification().cases(MODEL.decider());
    let held = std::thread::scope(|scope| {
        let runs: Vec<_> = cases.iter().map(|case| scope.spawn(move || case.run().is_ok())).collect();
        runs.into_iter().map(|run| run.join().expect("no scenario panics")).collect::<Vec<_>>()
    });
    assert_eq!(held, [true]);
}

#[test]
fn what_describes_a_check_is_shared_between_threads() {
    is_shared(&*MODEL);
    is_shared(MODEL.specification());
    is_shared(&MODEL.check());
    is_shared(&Law::<Lamp>::of_functions());
    is_shared(&Law::<Lamp>::messages_survive_serde());
    is_shared(&Law::<Lamp>::a_snapshot_is_the_state());
    is_shared(&explore(&Lamp, |_: &bool| [Command::SwitchOn]).progress(|_| {}));
    is_shared(&walks(&Lamp).alphabet(|_| [Command::SwitchOn]).count_states().classify("any", |_, _| true));
    is_shared(&drive(walks(&Lamp).alphabet(|_| [Command::SwitchOn]), || Lamp));
    is_shared(&drive(walks(&Lamp).alphabet(|_| [Command::SwitchOn]), || Lamp).answers(|_, _| Ok(vec![])));
    fn named<T: Send + Sync + Debug>() {}
    named::<Specification<Lamp>>();
    named::<ScenarioCase<'static>>();
    named::<Law<Lamp>>();
    named::<Explore<'static, Lamp, fn(&bool) -> [Command; 1]>>();
    named::<Walks<Lamp>>();
    named::<LawReport<Lamp>>();
    named::<SpaceCoverage<Lamp>>();
    named::<Story<Lamp>>();
}

#[test]
fn a_state_need_not_be_shared_between_threads() {
    let counter = decider(
        || Rc::new(Cell::new(0)),
        |_: &Command, _: &Rc<Cell<u8>>| Ok::<_, Rejection>(vec![Event::WentOn]),
        |state, _: &Event| state,
    );
    let scenario = Scenario::named("it goes on").when(Command::SwitchOn).then([Event::WentOn]);
    Model::new("counter", counter).scenarios([scenario]).check().assert();
}

/// What callers may hold as an object, such as one of several stores.
#[cfg(feature = "runtime")]
#[test]
fn what_stands_for_several_is_an_object() {
    use leftfold::codec::{Codec, EventCodec};
    use leftfold::runtime::{Folded, ReadModel, SnapshotStore, Snapshots};
    use leftfold::store::{EventReader, EventStore, Memory};

    let store: Box<dyn EventStore<Event>> = Box::new(Memory::<Event>::new());
    let reader: &dyn EventReader<Event> = &Memory::<Event>::new();
    let codec: Box<dyn EventCodec<Event>> = Box::new(Codec::new().expect("the events have names"));
    let model: Box<dyn ReadModel<Event>> =
        Box::new(Folded::of(leftfold::view(|| 0u8, |n: u8, _: &Event| n + 1)));
    let folder = tempfile::tempdir().expect("a folder");
    let snapshots: Box<dyn SnapshotStore<bool>> = Box::new(Snapshots::in_folder(folder.path(), 1));
    assert_eq!(store.head().ok(), reader.head().ok());
    assert!(codec.encode(&Event::WentOn, &mut Vec::new()).is_ok());
    assert!(snapshots.check(&true).is_ok());
    drop(model);
}
