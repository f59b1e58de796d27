//! A lamp with faults: it panics, it breaks off in a way that nothing catches, and it takes its time.

use leftfold::check::Property;
use leftfold::{Decider, Fold, Model, Scenario};
use serde::{Deserialize, Serialize};
use std::hint::black_box;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    SwitchOn,
    /// Takes long, and there is always one more: a search does not come to its end.
    Flicker,
    /// Panics.
    Overload,
    /// Ends the whole instance, as a stack that is full does.
    BreakOff,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    WentOn,
    Flickered,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rejection {
    AlreadyOn,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    on: bool,
    flickered: u32,
}

pub struct Lamp;

impl Fold for Lamp {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State::default()
    }

    fn evolve(&self, state: State, event: &Event) -> State {
        match event {
            Event::WentOn => State { on: true, ..state },
            Event::Flickered => State { flickered: state.flickered.saturating_add(1), ..state },
        }
    }
}

impl Decider for Lamp {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::SwitchOn if state.on => Err(Rejection::AlreadyOn),
            Command::SwitchOn => Ok(vec![Event::WentOn]),
            Command::Flicker => {
                for step in 0..1_000_000 {
                    black_box(step);
                }
                Ok(vec![Event::Flickered])
            }
            Command::Overload => panic!("the <b>fuse</b> is gone"),
            Command::BreakOff => std::process::abort(),
        }
    }
}

pub fn model() -> Model<Lamp> {
    Model::new("lamp with faults", Lamp)
        .scenarios([Scenario::named("it goes on").when(Command::SwitchOn).then([Event::WentOn])])
        .alphabet(|_| [Command::SwitchOn, Command::Flicker])
        .properties([
            Property::always("it stays off", |state: &State| !state.on),
            Property::always("it does not flicker for ever", |state: &State| state.flickered < 1_000_000),
        ])
        .label(|state| if state.on { "on" } else { "off" })
}
