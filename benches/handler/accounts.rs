//! Accounts with a stream each, and the commands that come to them.

use leftfold::recorded::StreamName;
use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) account: StreamName,
    /// Taken out, where it is negative.
    pub(crate) amount: i64,
    pub(crate) reason: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Event {
    Deposited { amount: u64, reason: String },
    Withdrawn { amount: u64, reason: String },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TooLittle {
    pub(crate) balance: u64,
}

impl std::fmt::Display for TooLittle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there are {}", self.balance)
    }
}

impl std::error::Error for TooLittle {}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Account;

impl Fold for Account {
    type State = u64;
    type Event = Event;

    fn initial_state(&self) -> u64 {
        0
    }

    fn evolve(&self, balance: u64, event: &Event) -> u64 {
        match event {
            Event::Deposited { amount, .. } => balance + amount,
            Event::Withdrawn { amount, .. } => balance - amount,
        }
    }
}

impl Decider for Account {
    type Command = Command;
    type Rejection = TooLittle;

    fn decide(&self, command: &Command, balance: &u64) -> Result<Vec<Event>, TooLittle> {
        let (amount, reason) = (command.amount.unsigned_abs(), command.reason.clone());
        match command.amount {
            0.. => Ok(vec![Event::Deposited { amount, reason }]),
            _ if amount > *balance => Err(TooLittle { balance: *balance }),
            _ => Ok(vec![Event::Withdrawn { amount, reason }]),
        }
    }
}

/// So many commands for so many accounts, in no order that helps anybody; about one of a hundred is refused. Each has a
/// reason of so many bytes.
pub(crate) fn commands(count: usize, accounts: u64, reason: usize) -> Vec<Command> {
    let mut dice = 17u64;
    let mut below = |bound: u64| {
        dice = dice.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (dice >> 33) % bound
    };
    let mut next = || Command {
        account: StreamName::of("account", below(accounts)).expect("a name of a stream"),
        amount: below(150) as i64 - 50,
        reason: "x".repeat(reason),
    };
    (0..count).map(|_| next()).collect()
}
