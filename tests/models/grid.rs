//! Two counters: a model of many small states, each with two steps.

use leftfold::check::Property;
use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug)]
pub struct Grid {
    pub side: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State(pub u16, pub u16);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    Right,
    Up,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    WentRight,
    WentUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rejection {
    AtTheEdge,
}

impl Fold for Grid {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State(0, 0)
    }

    fn evolve(&self, State(x, y): State, event: &Event) -> State {
        match event {
            Event::WentRight => State(x + 1, y),
            Event::WentUp => State(x, y + 1),
        }
    }
}

impl Decider for Grid {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, State(x, y): &State) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Right if x + 1 < self.side => Ok(vec![Event::WentRight]),
            Command::Up if y + 1 < self.side => Ok(vec![Event::WentUp]),
            _ => Err(Rejection::AtTheEdge),
        }
    }
}

pub fn alphabet(_: &State) -> [Command; 2] {
    [Command::Right, Command::Up]
}

pub fn inside(side: u16) -> Property<Grid> {
    Property::always("inside", move |State(x, _): &State| *x < side)
}
