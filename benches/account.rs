//! The model under measurement, as a decider and as somebody would write it by hand.

use leftfold::{Decider, Fold};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Command {
    Deposit { amount: u64 },
    Withdraw { amount: u64 },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Deposited { amount: u64 },
    Withdrawn { amount: u64 },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InsufficientFunds {
    pub(crate) balance: u64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    pub(crate) balance: u64,
    pub(crate) movements: u32,
}

/// An account that is never overdrawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account;

impl Fold for Account {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State::default()
    }

    fn evolve(&self, state: State, event: &Event) -> State {
        let movements = state.movements + 1;
        match event {
            Event::Deposited { amount } => State { balance: state.balance + amount, movements },
            Event::Withdrawn { amount } => State { balance: state.balance - amount, movements },
        }
    }
}

impl Decider for Account {
    type Command = Command;
    type Rejection = InsufficientFunds;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, InsufficientFunds> {
        state.decide(command)
    }
}

/// By hand: the state changes in place.
impl State {
    pub(crate) fn apply(&mut self, event: &Event) {
        self.movements += 1;
        match event {
            Event::Deposited { amount } => self.balance += amount,
            Event::Withdrawn { amount } => self.balance -= amount,
        }
    }

    pub(crate) fn decide(&self, command: &Command) -> Result<Vec<Event>, InsufficientFunds> {
        match *command {
            Command::Deposit { amount } => Ok(vec![Event::Deposited { amount }]),
            Command::Withdraw { amount } if amount > self.balance => {
                Err(InsufficientFunds { balance: self.balance })
            }
            Command::Withdraw { amount } => Ok(vec![Event::Withdrawn { amount }]),
        }
    }
}

/// Random numbers that are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % bound
    }
}
