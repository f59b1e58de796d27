//! The contract of an event store, written as a decider: what a store answers is decided from the log alone.
//!
//! A command is a batch, what happens is what is recorded of it, and a rejection gives the reasons why nothing is.
//! [`drive`](crate::check::drive()) compares it with a real store; [`conformance!`](crate::conformance!) does.
//!
//! ```
//! use leftfold::conformance::contract::Contract;
//! use leftfold::recorded::StreamName;
//! use leftfold::conformance::Fact;
//! use leftfold::store::{Batch, ExpectedVersion};
//! use leftfold::{Decider, Fold};
//!
//! let account = StreamName::of("account", "petra")?;
//! let batch = Batch::to(&account).expecting(ExpectedVersion::NoStream).event(Fact::Deposited(10));
//! let log = Contract.initial_state();
//! let recorded = Contract.decide(&batch, &log).expect("the log is empty");
//! assert_eq!(recorded[0].envelope.version.get(), 1);
//!
//! let log = Contract.fold_from(log, &recorded);
//! assert_eq!(
//!     Contract.decide(&batch, &log).unwrap_err().to_string(),
//!     "stream account-petra was expected to have no event, but it is at version 1"
//! );
//! # Ok::<(), leftfold::recorded::InvalidText>(())
//! ```

mod alphabet;
mod log;
mod threads;
pub mod together;

pub use log::{Answer, Log, What, Written};

use super::Fact;
use crate::decider::Decider;
use crate::fold::Fold;
use crate::store::{AppendError, Batch, Conflict};
use std::fmt;

/// The contract of an event store, as a decider.
#[derive(Clone, Copy, Debug)]
pub struct Contract;

impl Fold for Contract {
    type State = Log;
    type Event = Written;

    fn initial_state(&self) -> Log {
        Log::default()
    }

    fn evolve(&self, log: Log, written: &Written) -> Log {
        log.with(written.clone())
    }
}

impl Decider for Contract {
    type Command = Batch<Fact>;
    type Rejection = Refused;

    fn decide(&self, batch: &Batch<Fact>, log: &Log) -> Result<Vec<Written>, Refused> {
        log.answer(batch).map(|answer| answer.written)
    }
}

/// Why a batch is refused: any of the reasons may be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused(pub Vec<Reason>);

/// One reason to refuse a batch.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Reason {
    /// It writes nothing.
    #[error("the batch writes nothing")]
    Empty,
    /// One of its ids stands for something else.
    #[error("an event id of the batch is taken")]
    IdTaken,
    /// A condition does not hold.
    #[error(transparent)]
    Conflict(#[from] Conflict),
}

impl Refused {
    /// Whether an error is one of the reasons.
    pub fn allows(&self, error: &AppendError) -> bool {
        self.0.iter().any(|reason| match (reason, error) {
            (Reason::Empty, AppendError::Empty) | (Reason::IdTaken, AppendError::IdTaken { .. }) => true,
            (Reason::Conflict(expected), AppendError::Conflict(found)) => expected == found,
            _ => false,
        })
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&reasons.join("; "))
    }
}
