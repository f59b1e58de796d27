//! Why a timeline has no answer.

use crate::page::shown;
use crate::recorded::{Timestamp, Version};

/// Why a timeline has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimelineError {
    /// The timeline has no such version.
    #[error(
        "there is no version {requested} on this timeline: its head is version {head}; ask for one from {first} to {head}"
    )]
    NoSuchVersion {
        /// The version that was asked for.
        requested: Version,
        /// The first version that makes sense here: 0 for states, 1 for events.
        first: Version,
        /// The last version there is.
        head: Version,
    },
    /// An event was recorded earlier than the event before it, so a time does not belong to exactly one version.
    #[error(
        "event {version} was recorded at {at}, before event {} at {before}: a version can be found by its time only if times do not go backwards; put the history in the order of its times", .version.get() - 1
    )]
    TimeGoesBackwards {
        /// The event that is earlier than the one before it.
        version: Version,
        /// When it was recorded.
        at: Timestamp,
        /// When the one before it was recorded.
        before: Timestamp,
    },
    /// No version has a value at this path.
    #[error("there has never been a value at {}, from version 0 to version {head}{}", shown(.path), suggested(.near))]
    NoSuchPath {
        /// The path that was asked for.
        path: String,
        /// The last version that was looked at.
        head: Version,
        /// Paths that do exist, in the version that has the longest part of the path; the likeliest first.
        near: Vec<String>,
    },
    /// The text is not a path.
    #[error(
        "{text:?} is no path: {why}; a path is the names on the way to a value with dots between them, as in accounts.petra.balance, or a single dot for the whole state",
        why = shown(.why)
    )]
    InvalidPath {
        /// The text.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The events after the version of a decision are not the events of that decision, or belong to another decision.
    #[error(
        "a command decided at version {at} is recorded with {events} events, but the events after that version are others, or belong to another decision"
    )]
    NotDecidedHere {
        /// The version at which it was decided.
        at: Version,
        /// How many events it had.
        events: usize,
    },
    /// The offline work began on a history that this timeline does not begin with.
    #[error(
        "the work began at version {began}, but from event {version} on this timeline has another history; decide the commands again"
    )]
    AnotherPast {
        /// The version at which the work began.
        began: Version,
        /// The first event that differs.
        version: Version,
    },
}

fn suggested(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!("; is it one of {}?", shown(near.join(", "))),
    }
}
