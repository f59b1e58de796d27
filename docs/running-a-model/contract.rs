// The model of the chapter, for its later blocks, and contracts 17 and 18 with a request each.
use leftfold::{Decider, Fold, Owed, ProcessManager};
use serde::{Deserialize, Serialize};
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    Request { contract: u32, percent: u32 },
    Mail { contract: u32 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    Requested { contract: u32, percent: u32 },
    Mailed { contract: u32 },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Rejection { TooMuch { at_most: u32 }, AlreadyRequested, NothingRequested }

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conditions { pub requested: bool, pub mailed: bool }

pub struct Contract;

impl Fold for Contract {
    type State = Conditions;
    type Event = Event;

    fn initial_state(&self) -> Conditions {
        Conditions::default()
    }

    fn evolve(&self, conditions: Conditions, event: &Event) -> Conditions {
        match event {
            Event::Requested { .. } => Conditions { requested: true, ..conditions },
            Event::Mailed { .. } => Conditions { mailed: true, ..conditions },
        }
    }
}

impl Decider for Contract {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, conditions: &Conditions) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Request { percent: 31.., .. } => Err(Rejection::TooMuch { at_most: 30 }),
            Command::Request { .. } if conditions.requested => Err(Rejection::AlreadyRequested),
            Command::Request { contract, percent } => {
                Ok(vec![Event::Requested { contract: *contract, percent: *percent }])
            }
            Command::Mail { .. } if !conditions.requested => Err(Rejection::NothingRequested),
            Command::Mail { contract } => Ok(vec![Event::Mailed { contract: *contract }]),
        }
    }
}

// The process manager is a fold of the same events: a mail is owed from the request until it is sent.
pub struct Mailing;

impl Fold for Mailing {
    type State = Option<u32>;
    type Event = Event;

    fn initial_state(&self) -> Option<u32> {
        None
    }

    fn evolve(&self, _: Option<u32>, event: &Event) -> Option<u32> {
        match event {
            Event::Requested { contract, .. } => Some(*contract),
            Event::Mailed { .. } => None,
        }
    }
}

impl ProcessManager for Mailing {
    type Command = Command;

    fn pending(&self, owed: &Option<u32>) -> Vec<Owed<Command>> {
        owed.iter().map(|contract| Owed::now("mail", Command::Mail { contract: *contract })).collect()
    }
}
use leftfold::recorded::{CommandId, StreamName};
use leftfold::runtime::{CommandHandler, Issued};
use leftfold::store::Memory;
use std::sync::Arc;

pub type Contracts = Arc<CommandHandler<Contract, Arc<Memory<Event>>>>;

pub fn two_requests() -> (Arc<Memory<Event>>, Contracts) {
    let log = Arc::new(Memory::new());
    let contracts = Arc::new(CommandHandler::per_identity(Contract, log.clone(), |command: &Command| match command {
        Command::Request { contract, .. } | Command::Mail { contract } => StreamName::of("contract", contract),
    }));
    for (row, contract, percent) in [("row-1", 17, 20), ("row-2", 18, 10)] {
        let request = Issued::of(Command::Request { contract, percent }).id(CommandId::new(row).unwrap());
        contracts.handle(request).unwrap();
    }
    (log, contracts)
}
