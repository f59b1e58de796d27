//! A door that falls shut, for the classroom (`docs/thirty-minutes-in-class.md`): `cargo run --example door -- serve`. Somebody can be locked out;
//! exploration finds out how.

use leftfold::check::Property;
use leftfold::{Decider, Fold, Model, Scenario};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Command {
    OpenDoor,
    ShutDoor,
    GoOut,
    GoIn,
    TakeKey,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    DoorOpened,
    DoorShut,
    WentOut,
    WentIn,
    KeyTaken,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Rejection {
    AlreadySo,
    DoorIsShut,
    KeyIsInside,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct State {
    open: bool,
    outside: bool,
    has_key: bool,
}

/// A door without a handle on its outside, and somebody who lives there.
struct Door;

impl Fold for Door {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State { open: false, outside: false, has_key: false }
    }

    fn evolve(&self, state: State, event: &Event) -> State {
        match event {
            Event::DoorOpened => State { open: true, ..state },
            Event::DoorShut => State { open: false, ..state },
            Event::WentOut => State { outside: true, ..state },
            Event::WentIn => State { outside: false, ..state },
            Event::KeyTaken => State { has_key: true, ..state },
        }
    }
}

impl Decider for Door {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        use Command::*;
        use Rejection::*;
        let State { open, outside, has_key } = *state;
        let (already_so, event) = match command {
            OpenDoor => (open, Event::DoorOpened),
            ShutDoor => (!open, Event::DoorShut),
            GoOut => (outside, Event::WentOut),
            GoIn => (!outside, Event::WentIn),
            TakeKey => (has_key, Event::KeyTaken),
        };
        match command {
            _ if already_so => Err(AlreadySo),
            GoOut | GoIn if !open => Err(DoorIsShut),
            OpenDoor | TakeKey if outside && !has_key => Err(KeyIsInside),
            _ => Ok(vec![event]),
        }
    }
}

fn model() -> Model<Door> {
    use Command::*;
    Model::new("door", Door)
        .alphabet(|_| [OpenDoor, ShutDoor, GoOut, GoIn, TakeKey])
        .label(|state| match (state.outside, state.open) {
            (false, false) => "inside, door shut",
            (false, true) => "inside, door open",
            (true, true) => "outside, door open",
            (true, false) if state.has_key => "outside, door shut",
            (true, false) => "locked out",
        })
        .properties([
            Property::never_stuck(),
            Property::always_possible("one can get home", |state: &State| !state.outside),
        ])
        .explored(10)
        .scenarios([
            Scenario::named("the open door lets somebody out")
                .given([Event::DoorOpened])
                .when(GoOut)
                .then([Event::WentOut]),
            Scenario::named("the key opens the door from outside")
                .given([Event::DoorOpened, Event::KeyTaken, Event::WentOut, Event::DoorShut])
                .when(OpenDoor)
                .then([Event::DoorOpened]),
        ])
}

fn main() -> std::process::ExitCode {
    model().main_with_page()
}

#[test]
fn the_scenarios_hold_and_both_properties_fail() {
    let report = model().check();
    let failing: Vec<&str> = report.failures().map(|finding| &*finding.name).collect();
    assert_eq!(failing, ["never stuck", "one can get home"]);
}
