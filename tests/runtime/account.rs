//! Accounts, as the tests of the runtime run them, and a store that counts what is read.
#![allow(dead_code)]

use leftfold::recorded::{EventId, Position, StreamName};
use leftfold::store::{
    AppendError, Appended, Batch, Entry, EventReader, EventStore, Listing, Memory, Read, ReadError,
    StreamInfo,
};
use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    Deposit {
        owner: String,
        amount: u64,
    },
    Withdraw {
        owner: String,
        amount: u64,
    },
    /// Takes out what is there, in two parts.
    Empty {
        owner: String,
    },
    /// Nothing follows from looking.
    Look {
        owner: String,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    Deposited { amount: u64 },
    Withdrawn { amount: u64 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TooLittle {
    pub balance: u64,
}

/// Not `Clone`: nobody copies a state.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Balance(pub u64);

pub struct Account;

impl Fold for Account {
    type State = Balance;
    type Event = Event;

    fn initial_state(&self) -> Balance {
        Balance(0)
    }

    fn evolve(&self, Balance(balance): Balance, event: &Event) -> Balance {
        match event {
            Event::Deposited { amount } => Balance(balance + amount),
            Event::Withdrawn { amount } => Balance(balance - amount),
        }
    }
}

impl Decider for Account {
    type Command = Command;
    type Rejection = TooLittle;

    fn decide(&self, command: &Command, Balance(balance): &Balance) -> Result<Vec<Event>, TooLittle> {
        match command {
            Command::Deposit { amount, .. } => Ok(vec![Event::Deposited { amount: *amount }]),
            Command::Withdraw { amount, .. } if amount > balance => Err(TooLittle { balance: *balance }),
            Command::Withdraw { amount, .. } => Ok(vec![Event::Withdrawn { amount: *amount }]),
            Command::Empty { .. } => {
                let first = balance / 2;
                let parts = [first, balance - first];
                Ok(parts
                    .into_iter()
                    .filter(|amount| *amount > 0)
                    .map(|amount| Event::Withdrawn { amount })
                    .collect())
            }
            Command::Look { .. } => Ok(vec![]),
        }
    }
}

impl Command {
    pub fn owner(&self) -> &str {
        match self {
            Command::Deposit { owner, .. }
            | Command::Withdraw { owner, .. }
            | Command::Empty { owner }
            | Command::Look { owner } => owner,
        }
    }
}

pub fn deposit(owner: &str, amount: u64) -> Command {
    Command::Deposit { owner: owner.into(), amount }
}

pub fn withdraw(owner: &str, amount: u64) -> Command {
    Command::Withdraw { owner: owner.into(), amount }
}

pub fn stream(owner: &str) -> StreamName {
    StreamName::of("account", owner).unwrap()
}

/// A memory store that counts what is read of it.
#[derive(Default)]
pub struct Counting {
    pub store: Memory<Event>,
    pub reads: AtomicUsize,
    pub entries: AtomicUsize,
}

impl Counting {
    /// How many reads there were since the last time, and of how many entries.
    pub fn read_since(&self) -> (usize, usize) {
        (self.reads.swap(0, Ordering::Relaxed), self.entries.swap(0, Ordering::Relaxed))
    }
}

impl EventReader<Event> for Counting {
    fn head(&self) -> Result<Position, ReadError> {
        self.store.head()
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, Event>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.store.visit(read, &mut |entry| {
            self.entries.fetch_add(1, Ordering::Relaxed);
            each(entry)
        })
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        self.store.stream(stream)
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        self.store.streams(listing)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        self.store.categories(listing)
    }

    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        self.store.position_of(id)
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        self.store.wait(after, at_most)
    }
}

impl EventStore<Event> for Counting {
    fn append(&self, batch: Batch<Event>) -> Result<Appended, AppendError> {
        self.store.append(batch)
    }
}
