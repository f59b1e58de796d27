use crate::page::shown;
use crate::recorded::{Timestamp, Version};

/// Why a timeline has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimelineError {
    /// There are fewer events.
    #[error(
        "there is no version {asked} on this timeline: its head is version {head}; ask for one from {first} to {head}"
    )]
    NoSuchVersion {
        /// The version that was asked for.
        asked: Version,
        /// The first version that makes sense here: 0 for states, 1 for events.
        first: Version,
        /// The last version there is.
        head: Version,
    },
    /// An event was recorded earlier than one that stands before it, so that no version is *the* one of a time.
    #[error(
        "event {version} was recorded at {at}, before event {} at {before}: a time tells a version only where times do not go backwards; put the history in the order of its times", .version.get() - 1
    )]
    TimeGoesBackwards {
        /// The event that is earlier than the one before it.
        version: Version,
        /// When it was recorded.
        at: Timestamp,
        /// When the one before it was recorded.
        before: Timestamp,
    },
    /// No version has anything at this path.
    #[error("nothing has ever stood at {}, from version 0 to version {head}{}", shown(.path), suggested(.near))]
    NoSuchPath {
        /// The path that was asked for.
        path: String,
        /// The last version that was looked at.
        head: Version,
        /// Paths that do exist, in the version that goes furthest along the path; the likeliest first.
        near: Vec<String>,
    },
    /// A text that is no path.
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
    /// A decision says that its events stand where others stand, or where those of another decision do.
    #[error(
        "a command decided at version {at} is said to have had {events} events, but what stands behind that version is not what it says, or belongs to another decision"
    )]
    NotDecidedHere {
        /// The version at which it was decided.
        at: Version,
        /// How many events it had.
        events: usize,
    },
    /// Work done offline began on a history that is no beginning of this one.
    #[error(
        "the work began at version {began}, but from event {version} on this timeline is another history; decide the commands anew"
    )]
    AnotherPast {
        /// The version at which the work began.
        began: Version,
        /// The first event that is another.
        version: Version,
    },
}

fn suggested(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!("; is it one of {}?", shown(near.join(", "))),
    }
}
