//! The account with fmodel-rust; its messages are those of the other peers too.

use fmodel_rust::decider::Decider;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Deposit { amount: u32 },
    Withdraw { amount: u32 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    Opened { owner: String },
    Deposited { amount: u32 },
    Withdrawn { amount: u32 },
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("insufficient funds: the balance is {balance}")]
pub struct InsufficientFunds {
    pub balance: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub owner: String,
    pub balance: u32,
}

pub fn evolve(state: &State, event: &Event) -> State {
    let mut state = state.clone();
    match event {
        Event::Opened { owner } => state.owner = owner.clone(),
        Event::Deposited { amount } => state.balance += amount,
        Event::Withdrawn { amount } => state.balance = state.balance.saturating_sub(*amount),
    }
    state
}

pub fn decide(command: &Command, state: &State) -> Result<Vec<Event>, InsufficientFunds> {
    match *command {
        Command::Deposit { amount } => Ok(vec![Event::Deposited { amount }]),
        Command::Withdraw { amount } if amount > state.balance => {
            Err(InsufficientFunds { balance: state.balance })
        }
        Command::Withdraw { amount } => Ok(vec![Event::Withdrawn { amount }]),
    }
}

/// Takes out one more than was asked for.
pub fn decide_wrongly(command: &Command, _: &State) -> Result<Vec<Event>, InsufficientFunds> {
    match *command {
        Command::Deposit { amount } => Ok(vec![Event::Deposited { amount }]),
        Command::Withdraw { amount } => Ok(vec![Event::Withdrawn { amount: amount + 1 }]),
    }
}

/// Knows no overdraft rule.
pub fn decide_forgetfully(command: &Command, _: &State) -> Result<Vec<Event>, InsufficientFunds> {
    match *command {
        Command::Deposit { amount } => Ok(vec![Event::Deposited { amount }]),
        Command::Withdraw { amount } => Ok(vec![Event::Withdrawn { amount }]),
    }
}

type Account = Decider<'static, Command, State, Event, InsufficientFunds>;

pub fn account() -> Account {
    deciding(decide)
}

pub fn wrong_account() -> Account {
    deciding(decide_wrongly)
}

pub fn forgetful_account() -> Account {
    deciding(decide_forgetfully)
}

fn deciding(decide: fn(&Command, &State) -> Result<Vec<Event>, InsufficientFunds>) -> Account {
    Decider { decide: Box::new(decide), evolve: Box::new(evolve), initial_state: Box::new(State::default) }
}
