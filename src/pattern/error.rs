//! What is wrong with a pattern, or with the events that it is matched against.

use crate::recorded::Timestamp;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// Why a pattern does not compile, or why its matcher has stopped.
///
/// [`Pattern::compile`](super::Pattern::compile) returns errors of the first kind. `evolve` cannot return an error, so those of
/// the second kind go into the state: a [`Matching`](super::Matching) with an error no longer changes, and returns the error
/// from every question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// The interval of `within` is negative.
    #[error(
        "the pattern {pattern:?} is to happen within {interval:#}, which is before it begins; give an interval of zero or more"
    )]
    EmptyInterval {
        /// The pattern's name.
        pattern: String,
        /// The interval that was given.
        interval: SignedDuration,
    },
    /// The pattern calls `within` twice.
    #[error("the pattern {pattern:?} has two intervals; say `within` once, for the whole pattern")]
    SecondInterval {
        /// The pattern's name.
        pattern: String,
    },
    /// A step is to be captured zero times.
    #[error(
        "the step {step:?} of the pattern {pattern:?} is to happen zero times; ask for one or more, or say `not_followed_by`"
    )]
    NoTimes {
        /// The pattern's name.
        pattern: String,
        /// The step's name.
        step: String,
    },
    /// A step has two quantifiers.
    #[error(
        "the step {step:?} of the pattern {pattern:?} says twice how often it is to happen; keep one of the two"
    )]
    SecondQuantifier {
        /// The pattern's name.
        pattern: String,
        /// The step's name.
        step: String,
    },
    /// A step has both `consecutive` and `combinations`, or one of them twice.
    #[error(
        "the step {step:?} of the pattern {pattern:?} says twice how its events follow each other; keep one of `consecutive` and `combinations`"
    )]
    SecondContiguity {
        /// The pattern's name.
        pattern: String,
        /// The step's name.
        step: String,
    },
    /// `consecutive` or `combinations` of a step that happens once.
    #[error(
        "the step {step:?} of the pattern {pattern:?} says how its events follow each other, but it happens once; say how often before"
    )]
    NothingRepeated {
        /// The pattern's name.
        pattern: String,
        /// The step's name.
        step: String,
    },
    /// An absence with a quantifier.
    #[error(
        "the absence {step:?} of the pattern {pattern:?} cannot be counted: what does not happen happens no times; leave the quantifier out"
    )]
    CountedAbsence {
        /// The pattern's name.
        pattern: String,
        /// The step's name.
        step: String,
    },
    /// Two steps of one name.
    #[error(
        "the pattern {pattern:?} has two steps called {step:?}; captured events are found by name, so give each its own"
    )]
    NameTwice {
        /// The pattern's name.
        pattern: String,
        /// The name.
        step: String,
    },
    /// The pattern ends with an absence and has no interval.
    #[error(
        "the pattern {pattern:?} ends with the absence of {step:?} and has no interval, so it can never be concluded; say `within`"
    )]
    EndlessAbsence {
        /// The pattern's name.
        pattern: String,
        /// The step's name.
        step: String,
    },
    /// An absence before a step with strict contiguity.
    #[error(
        "the absence {step:?} of the pattern {pattern:?} can never be broken: nothing happens between a step and its `next`; say `followed_by`, or leave the absence out"
    )]
    NothingBetween {
        /// The pattern's name.
        pattern: String,
        /// The step's name.
        step: String,
    },
    /// A skip strategy names a step that captures nothing.
    #[error(
        "the pattern {pattern:?} is to skip to {step:?} after a match, and captures no such step; its steps are {known}"
    )]
    UnknownStep {
        /// The pattern's name.
        pattern: String,
        /// The name that was given.
        step: String,
        /// The names there are.
        known: String,
    },
    /// More conditions than a pattern can have.
    #[error("the pattern {pattern:?} has {steps} steps and absences; 64 are the most")]
    TooManySteps {
        /// The pattern's name.
        pattern: String,
        /// How many it has.
        steps: usize,
    },
    /// The bound on partial matches is zero.
    #[error("the pattern {pattern:?} may keep no partial match, so it can never match; allow one or more")]
    NoPartialMatch {
        /// The pattern's name.
        pattern: String,
    },
    /// An event, or the time, is older than the latest time observed.
    #[error(
        "the pattern {pattern:?} observed {at} after {latest} (events seen before: {seen}): time goes backwards; bring the events into the \
         order of their time, or say `late_events(Late::Ignored)`"
    )]
    Late {
        /// The pattern's name.
        pattern: String,
        /// How many events were seen before.
        seen: u64,
        /// The time of the late event.
        at: Timestamp,
        /// The latest time observed before it.
        latest: Timestamp,
    },
    /// There are more partial matches than the pattern may keep.
    #[error(
        "the pattern {pattern:?} has {live} partial matches after {seen} events, at {at}, and may keep {bound}; partition it, shorten its \
         interval, or raise `bounded`"
    )]
    TooManyPartialMatches {
        /// The pattern's name.
        pattern: String,
        /// How many there would be.
        live: usize,
        /// How many there may be.
        bound: usize,
        /// How many events were seen, the one that broke the bound among them.
        seen: u64,
        /// Its time.
        at: Timestamp,
    },
    /// The state belongs to another pattern.
    #[error("the pattern {pattern:?} was given a state of {shape:?}; fold the history again from the start")]
    OtherShape {
        /// The pattern's name.
        pattern: String,
        /// The pattern's name that is written in the state.
        shape: String,
    },
}
