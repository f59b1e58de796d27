//! Two jugs of three and five gallons, a fountain, and the wish for exactly four gallons: the riddle of *Die Hard with a
//! Vengeance*, much told among people who check models (L. Lamport, "The TLA+ Video Course", lecture 4).

use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Command {
    Fill(Jug),
    Empty(Jug),
    PourFrom(Jug),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Event {
    Filled(Jug),
    Emptied(Jug),
    Poured { from: Jug, gallons: u8 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rejection {
    AlreadyFull,
    AlreadyEmpty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Jug {
    Small,
    Big,
}

impl Jug {
    fn size(self) -> u8 {
        match self {
            Jug::Small => 3,
            Jug::Big => 5,
        }
    }

    fn other(self) -> Jug {
        match self {
            Jug::Small => Jug::Big,
            Jug::Big => Jug::Small,
        }
    }
}

/// Gallons in each jug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    pub small: u8,
    pub big: u8,
}

impl State {
    fn of(self, jug: Jug) -> u8 {
        match jug {
            Jug::Small => self.small,
            Jug::Big => self.big,
        }
    }

    fn with(self, jug: Jug, gallons: u8) -> State {
        match jug {
            Jug::Small => State { small: gallons, ..self },
            Jug::Big => State { big: gallons, ..self },
        }
    }
}

pub struct Jugs;

impl Fold for Jugs {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State { small: 0, big: 0 }
    }

    fn evolve(&self, state: State, event: &Event) -> State {
        match *event {
            Event::Filled(jug) => state.with(jug, jug.size()),
            Event::Emptied(jug) => state.with(jug, 0),
            Event::Poured { from, gallons } => state
                .with(from, state.of(from).saturating_sub(gallons))
                .with(from.other(), state.of(from.other()).saturating_add(gallons)),
        }
    }
}

impl Decider for Jugs {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        match *command {
            Command::Fill(jug) if state.of(jug) == jug.size() => Err(Rejection::AlreadyFull),
            Command::Fill(jug) => Ok(vec![Event::Filled(jug)]),
            Command::Empty(jug) | Command::PourFrom(jug) if state.of(jug) == 0 => {
                Err(Rejection::AlreadyEmpty)
            }
            Command::Empty(jug) => Ok(vec![Event::Emptied(jug)]),
            Command::PourFrom(jug) => {
                let room = jug.other().size() - state.of(jug.other());
                match state.of(jug).min(room) {
                    0 => Err(Rejection::AlreadyFull),
                    gallons => Ok(vec![Event::Poured { from: jug, gallons }]),
                }
            }
        }
    }
}

/// Everything that can be done with two jugs.
pub fn moves() -> Vec<Command> {
    [Jug::Small, Jug::Big]
        .into_iter()
        .flat_map(|jug| [Command::Fill(jug), Command::Empty(jug), Command::PourFrom(jug)])
        .collect()
}
