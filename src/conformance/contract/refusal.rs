//! Why the contract refuses a batch.

use crate::store::{AppendError, Conflict};
use std::fmt;

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
