//! leftfold
#![warn(unreachable_pub)]
pub use im;

pub mod check;
pub mod decider;
pub mod fold;
pub mod message;
pub mod model;
pub mod process;
pub mod recorded;
pub mod spec;
#[cfg(feature = "workbench")]
pub mod workbench;

pub use decider::{Decider, Either, Keyed, Outcome, decider, keyed, neutral};
pub use fold::{Fold, view};
pub use model::{Model, Modelled, Report};
pub use process::synchronous::{Joined, ProcessRejection, WithProcess};
pub use process::{Due, Owed, ProcessManager, process_manager, synchronous};
pub use spec::{ProcessScenario, Scenario, Specification, ViewScenario, given, given_process, given_view};

#[doc(hidden)]
pub mod __private {
    pub use serde;
}
