//! Why there is no machine.

use super::super::explore::Unfit;
use crate::page::shown;

/// Why an exploration gives no machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MachineError {
    /// The model cannot be explored.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// States that are not equal count as the same.
    #[error(
        "a machine needs states that are the same only where they are equal: leave out `.abstracted(…)` and `.symmetry(…)`"
    )]
    NotExact,
    /// The model panics before the first command.
    #[error("the model panicked at its first state: {message}", message = shown(.message))]
    Panicked {
        /// What it said.
        message: String,
    },
    /// The function that labels nodes panics.
    #[error("the function that labels the nodes of the machine panicked: {message}", message = shown(.message))]
    LabelPanicked {
        /// What it said.
        message: String,
    },
    /// A state is to be a label, and cannot be written as JSON.
    #[error("a state of the model cannot be written as JSON: {why}", why = shown(.why))]
    State {
        /// What serde says.
        why: String,
    },
    /// A message cannot be written as JSON.
    #[error("a machine knows messages by their JSON, and this {kind} has none: {why}", why = shown(.why))]
    Message {
        /// `command`, `event` or `rejection`.
        kind: &'static str,
        /// What serde says.
        why: String,
    },
}

fn first_line(found: &str) -> String {
    match found.trim() {
        "" => "its first line is empty".to_string(),
        _ => format!("its first line is {}", shown(found)),
    }
}

/// Why a text is not read as a [`Machine`](super::Machine).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MachineFileError {
    /// The text does not begin as the file of a machine does.
    #[error("this is not the file of a machine: {}", first_line(.found))]
    NotAMachine {
        /// The beginning of the first line; empty if there is nothing in it.
        found: String,
    },
    /// The file has a format that this version does not know.
    #[error(
        "the machine is written in format {found}, and this version of leftfold reads format {known}: write it again with this version, or read it with a newer one"
    )]
    OtherFormat {
        /// The format of the file.
        found: u64,
        /// The format that is read.
        known: u64,
    },
    /// The end of the file is missing.
    #[error(
        "the file of the machine ends after line {lines}, before its last line: it was cut. Write it again from the model"
    )]
    Cut {
        /// How many lines there are.
        lines: usize,
    },
    /// The content is not the one that was written.
    #[error(
        "the file of the machine was changed after it was written: its checksum differs. Write it again from the model"
    )]
    Changed,
    /// A line is none of a machine, or does not fit the others.
    #[error("line {line} of the machine is wrong: {why}. Write the file again from the model", why = shown(.why))]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// A message is none of the types it is read as.
    #[error("the {kind} on line {line} of the machine is not one of this model: {why}. Read the file with the types of the model that wrote it, or write it again", why = shown(.why))]
    OtherMessages {
        /// The number of the line, from 1.
        line: usize,
        /// `command`, `event` or `rejection`.
        kind: &'static str,
        /// What serde says.
        why: String,
    },
}
