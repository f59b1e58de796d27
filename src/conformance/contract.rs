//! The contract of an event store as a decider: the log alone decides what a store answers.
//!
//! A command is a batch, its events are the recorded entries, and a rejection lists the reasons to refuse the batch.
//! [`conformance!`](crate::conformance!) compares it with a real store by [`drive`](crate::check::drive()).
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
mod concurrent_run;
mod log;
pub mod operations;
mod refusal;
mod shown_entry;

pub use super::entries::EntryContent;
pub use log::{AcceptedBatch, ContractEntry, ContractLog};
pub use refusal::{RefusalReason, RefusedBatch};

use super::Fact;
use crate::decider::Decider;
use crate::fold::Fold;
use crate::store::Batch;

/// The contract of an event store, as a decider.
#[derive(Clone, Copy, Debug)]
pub struct Contract;

impl Fold for Contract {
    type State = ContractLog;
    type Event = ContractEntry;

    fn initial_state(&self) -> ContractLog {
        ContractLog::default()
    }

    fn evolve(&self, log: ContractLog, written: &ContractEntry) -> ContractLog {
        log.with(written.clone())
    }
}

impl Decider for Contract {
    type Command = Batch<Fact>;
    type Rejection = RefusedBatch;

    fn decide(&self, batch: &Batch<Fact>, log: &ContractLog) -> Result<Vec<ContractEntry>, RefusedBatch> {
        log.answer(batch).map(|answer| answer.written)
    }
}
