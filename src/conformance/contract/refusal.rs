//! Why the contract refuses a batch.

use crate::store::{AppendError, Conflict};
use std::fmt;

/// All reasons to refuse a batch. A store may report any of them.
#[derive(Clone, Debug, PartialEq)]
pub struct RefusedBatch(pub Vec<RefusalReason>);

/// One reason to refuse a batch.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusalReason {
    /// It writes nothing.
    #[error("the batch writes nothing")]
    Empty,
    /// One of its ids belongs to another entry.
    #[error("an event id of the batch is taken")]
    IdTaken,
    /// A condition does not hold.
    #[error(transparent)]
    Conflict(#[from] Conflict),
}

impl RefusedBatch {
    /// Whether an error of a store is one of the reasons.
    pub fn allows(&self, error: &AppendError) -> bool {
        self.0.iter().any(|reason| match (reason, error) {
            (RefusalReason::Empty, AppendError::Empty)
            | (RefusalReason::IdTaken, AppendError::IdTaken { .. }) => true,
            (RefusalReason::Conflict(expected), AppendError::Conflict(found)) => expected == found,
            _ => false,
        })
    }
}

impl fmt::Display for RefusedBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&reasons.join("; "))
    }
}
