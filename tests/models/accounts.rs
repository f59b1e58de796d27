//! The account of the examples with its state in other forms, and with other rules, as models that lock their behaviour.
#![allow(dead_code)]

use crate::account::{Account, Command, Event, Rejection, State, commands};
use leftfold::{Decider, Fold, Model};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The account with another rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ruled {
    /// No change at all.
    AsEver,
    /// One more than there is can be withdrawn: an answer that other balances have already had.
    Overdraft,
    /// A balance of six panics when the account is closed.
    Panics,
    /// No account is ever at its end.
    Endless,
    /// The initial state panics.
    NeverBegins,
}

impl Fold for Ruled {
    type State = State;
    type Event = Event;
    fn initial_state(&self) -> State {
        assert!(*self != Ruled::NeverBegins, "no account today");
        State::New
    }
    fn evolve(&self, state: State, event: &Event) -> State {
        Account.evolve(state, event)
    }
}

impl Decider for Ruled {
    type Command = Command;
    type Rejection = Rejection;
    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        match (self, command, state) {
            (Ruled::Overdraft, Command::Withdraw(amount), State::Open { balance, .. })
                if *amount > 0 && *amount == balance + 1 =>
            {
                Ok(vec![Event::Withdrawn(*amount)])
            }
            (Ruled::Panics, Command::CloseAccount, State::Open { balance: 6, .. }) => panic!("six"),
            _ => Account.decide(command, state),
        }
    }
    fn is_terminal(&self, state: &State) -> bool {
        *self != Ruled::Endless && Account.is_terminal(state)
    }
}

pub fn ruled(rule: Ruled, file: impl Into<PathBuf>) -> Model<Ruled> {
    Model::new("account", rule).alphabet(commands).behaviour(file)
}

pub fn reversed(file: impl Into<PathBuf>) -> Model<Ruled> {
    let alphabet = |state: &State| commands(state).into_iter().rev();
    Model::new("account", Ruled::AsEver).alphabet(alphabet).behaviour(file)
}

/// The account with one more field, which decides nothing.
pub struct Wider;

impl Fold for Wider {
    type State = (State, String);
    type Event = Event;
    fn initial_state(&self) -> (State, String) {
        (State::New, String::new())
    }
    fn evolve(&self, (state, _): (State, String), event: &Event) -> (State, String) {
        (Account.evolve(state, event), format!("{event:?}"))
    }
}

impl Decider for Wider {
    type Command = Command;
    type Rejection = Rejection;
    fn decide(&self, command: &Command, (state, _): &(State, String)) -> Result<Vec<Event>, Rejection> {
        Account.decide(command, state)
    }
    fn is_terminal(&self, (state, _): &(State, String)) -> bool {
        Account.is_terminal(state)
    }
}

pub fn wider(file: impl Into<PathBuf>) -> Model<Wider> {
    Model::new("account", Wider).alphabet(|(state, _)| commands(state)).behaviour(file)
}

/// The account with its state in another form. Where it counts, it counts its events as well, and has no end.
pub struct Sheets {
    pub counts: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sheet {
    owner: Option<String>,
    was_closed: bool,
    balance: u64,
    events: u64,
}

impl Sheet {
    fn state(&self) -> State {
        match &self.owner {
            Some(owner) => State::Open { owner: owner.clone(), balance: self.balance },
            None if self.was_closed => State::Closed,
            None => State::New,
        }
    }
}

impl Fold for Sheets {
    type State = Sheet;
    type Event = Event;
    fn initial_state(&self) -> Sheet {
        Sheet { owner: None, was_closed: false, balance: 0, events: 0 }
    }
    fn evolve(&self, sheet: Sheet, event: &Event) -> Sheet {
        let sheet = Sheet { events: sheet.events + u64::from(self.counts), ..sheet };
        match event {
            Event::AccountOpened { owner } => Sheet { owner: Some(owner.clone()), ..sheet },
            Event::Deposited(amount) => Sheet { balance: sheet.balance + amount, ..sheet },
            Event::Withdrawn(amount) => Sheet { balance: sheet.balance - amount, ..sheet },
            Event::AccountClosed => Sheet { owner: None, was_closed: true, ..sheet },
        }
    }
}

impl Decider for Sheets {
    type Command = Command;
    type Rejection = Rejection;
    fn decide(&self, command: &Command, sheet: &Sheet) -> Result<Vec<Event>, Rejection> {
        Account.decide(command, &sheet.state())
    }
    fn is_terminal(&self, sheet: &Sheet) -> bool {
        sheet.was_closed
    }
}

pub fn sheets(counts: bool, file: impl Into<PathBuf>) -> Model<Sheets> {
    Model::new("account", Sheets { counts })
        .alphabet(|sheet: &Sheet| commands(&sheet.state()))
        .behaviour(file)
}
