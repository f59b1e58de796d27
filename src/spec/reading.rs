//! Steps of a text as scenarios: which message, which expectation each of them says.
//!
//! A scenario with a fault is left out, and all of its faults are found.

mod of_decider;
mod of_process;
mod of_view;
mod steps;

pub(super) use self::{
    of_decider::{ANSWERED, DeciderSentences, decider_scenario},
    of_process::process_scenario,
    of_view::view_scenario,
    steps::{Base, ReadingText},
};
