//! Accounts of several owners: a state with a map in it, events that tell what is left, commands that commute and some
//! that do not.

use leftfold::im::OrdMap;
use leftfold::{Decider, Fold};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    Open { owner: u8 },
    Deposit { owner: u8, amount: u32 },
    Withdraw { owner: u8, amount: u32 },
    Close { owner: u8 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    Opened { owner: u8 },
    Deposited { owner: u8, amount: u32 },
    Withdrawn { owner: u8, amount: u32, left: u32 },
    WithdrawalRefused { owner: u8, amount: u32 },
    Closed { owner: u8 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rejection {
    AlreadyOpen,
    NotOpen,
    NotEmpty { balance: u32 },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub balance: u32,
    pub moves: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Accounts {
    pub accounts: OrdMap<u8, Account>,
    pub refused: u32,
}

pub struct Bank;

impl Fold for Bank {
    type State = Accounts;
    type Event = Event;

    fn initial_state(&self) -> Accounts {
        Accounts::default()
    }

    fn evolve(&self, mut state: Accounts, event: &Event) -> Accounts {
        match event {
            Event::Opened { owner } => {
                state.accounts.insert(*owner, Account::default());
            }
            Event::Deposited { owner, amount } => {
                if let Some(account) = state.accounts.get_mut(owner) {
                    account.balance = account.balance.saturating_add(*amount);
                    account.moves += 1;
                }
            }
            Event::Withdrawn { owner, amount, .. } => {
                if let Some(account) = state.accounts.get_mut(owner) {
                    account.balance = account.balance.saturating_sub(*amount);
                    account.moves += 1;
                }
            }
            Event::WithdrawalRefused { .. } => state.refused += 1,
            Event::Closed { owner } => {
                state.accounts.remove(owner);
            }
        }
        state
    }
}

impl Decider for Bank {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &Accounts) -> Result<Vec<Event>, Rejection> {
        let (Command::Open { owner }
        | Command::Deposit { owner, .. }
        | Command::Withdraw { owner, .. }
        | Command::Close { owner }) = *command;
        match (command, state.accounts.get(&owner)) {
            (Command::Open { .. }, None) => Ok(vec![Event::Opened { owner }]),
            (Command::Open { .. }, Some(_)) => Err(Rejection::AlreadyOpen),
            (_, None) => Err(Rejection::NotOpen),
            (Command::Deposit { amount: 0, .. }, Some(_)) => Ok(vec![]),
            (Command::Deposit { amount, .. }, Some(_)) => {
                Ok(vec![Event::Deposited { owner, amount: *amount }])
            }
            (Command::Withdraw { amount, .. }, Some(account)) => match account.balance.checked_sub(*amount) {
                Some(left) => Ok(vec![Event::Withdrawn { owner, amount: *amount, left }]),
                None => Ok(vec![Event::WithdrawalRefused { owner, amount: *amount }]),
            },
            // What is left is taken out first: two events of one command.
            (Command::Close { .. }, Some(account)) if account.balance > 100 => {
                Err(Rejection::NotEmpty { balance: account.balance })
            }
            (Command::Close { .. }, Some(account)) if account.balance > 0 => Ok(vec![
                Event::Withdrawn { owner, amount: account.balance, left: 0 },
                Event::Closed { owner },
            ]),
            (Command::Close { .. }, Some(_)) => Ok(vec![Event::Closed { owner }]),
        }
    }

    fn is_refusal(&self, event: &Event) -> bool {
        matches!(event, Event::WithdrawalRefused { .. })
    }
}

pub fn commands(at_most: usize) -> impl Strategy<Value = Vec<Command>> {
    let owner = 0..3u8;
    let command = prop_oneof![
        1 => owner.clone().prop_map(|owner| Command::Open { owner }),
        3 => (owner.clone(), 0..80u32).prop_map(|(owner, amount)| Command::Deposit { owner, amount }),
        2 => (owner.clone(), 0..80u32).prop_map(|(owner, amount)| Command::Withdraw { owner, amount }),
        1 => owner.prop_map(|owner| Command::Close { owner }),
    ];
    prop::collection::vec(command, 0..=at_most)
}

/// The history of commands given one after another, where what is rejected leaves nothing.
pub fn history(commands: &[Command]) -> Vec<Event> {
    let (mut state, mut history) = (Bank.initial_state(), Vec::new());
    for command in commands {
        let (after, outcome) = Bank.handle(state, command);
        state = after;
        history.extend(outcome.unwrap_or_default());
    }
    history
}

pub fn histories() -> impl Strategy<Value = Vec<Event>> {
    // All accounts are open at first, so that something happens.
    let open = (0..3).map(|owner| Command::Open { owner });
    commands(40).prop_map(move |commands| history(&open.clone().chain(commands).collect::<Vec<_>>()))
}
