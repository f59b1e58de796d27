//! leftfold
pub use im;

pub mod check;
pub mod decider;
pub mod fold;
pub mod message;
pub mod process;
pub mod recorded;

pub use decider::{Decider, Either, Keyed, Outcome, decider, keyed, neutral};
pub use fold::{Fold, view};
pub use process::synchronous::{Joined, ProcessRejection, WithProcess};
pub use process::{Due, Owed, ProcessManager, process_manager, synchronous};

#[doc(hidden)]
pub mod __private {
    pub use serde;
}
