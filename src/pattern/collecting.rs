//! A matcher that keeps every match, for questions about the past.

use super::captures::{Match, TimedOut};
use super::error::PatternError;
use super::matcher::Matcher;
use super::observed::{Observed, Observer};
use super::state::Matching;
use crate::fold::Fold;
use crate::recorded::Timestamp;
use im::Vector;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;

/// A matcher that keeps every match it finds; made by [`Matcher::collecting`].
pub struct CollectingMatcher<E, Q: ToOwned + ?Sized = ()> {
    matcher: Matcher<E, Q>,
}

debug_by_name!([E, Q: ToOwned + ?Sized] CollectingMatcher<E, Q>, "CollectingMatcher");

impl<E, Q: ToOwned + ?Sized> Matcher<E, Q> {
    /// The same matcher with a state that keeps every match, for a question about the past.
    ///
    /// The state of the matcher itself holds only the [latest](Matching::latest) matches, so that a live view does not grow.
    pub fn collecting(self) -> CollectingMatcher<E, Q> {
        CollectingMatcher { matcher: self }
    }
}

impl<E, Q: ToOwned + ?Sized> Clone for CollectingMatcher<E, Q> {
    fn clone(&self) -> Self {
        CollectingMatcher { matcher: self.matcher.clone() }
    }
}

/// The state of a matcher and every match it has found; the state of [`CollectingMatcher`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "E: Serialize + Clone, K: Serialize + Clone",
    deserialize = "E: Deserialize<'de> + Clone, K: Deserialize<'de> + Ord + Clone"
))]
pub struct CollectedMatches<E, K: Ord = ()> {
    matching: Matching<E, K>,
    matches: Vector<Match<E, K>>,
    timed_out: Vector<TimedOut<E, K>>,
}

impl<E, K: Ord> CollectedMatches<E, K> {
    /// Every match so far.
    ///
    /// # Errors
    /// [`Matching::error`]: after an error, the matches found so far are not all there are.
    pub fn matches(&self) -> Result<&Vector<Match<E, K>>, PatternError> {
        self.matching.unless_failed().map(|_| &self.matches)
    }

    /// Every partial match so far whose interval has passed, if the pattern
    /// [reports them](super::Pattern::reporting_timeouts).
    ///
    /// # Errors
    /// [`Matching::error`]: after an error, the timeouts found so far are not all there are.
    pub fn timed_out(&self) -> Result<&Vector<TimedOut<E, K>>, PatternError> {
        self.matching.unless_failed().map(|_| &self.timed_out)
    }

    /// The state of the matcher.
    pub fn matching(&self) -> &Matching<E, K> {
        &self.matching
    }
}

impl<E: Clone, K: Ord + Clone> CollectedMatches<E, K> {
    /// The state after one more step of the matcher, with the matches that the step found.
    fn after(self, step: impl FnOnce(Matching<E, K>) -> Matching<E, K>) -> Self {
        let CollectedMatches { matching, mut matches, mut timed_out } = self;
        let matching = step(matching);
        matches.extend(matching.latest().into_iter().flatten().cloned());
        timed_out.extend(matching.latest_timed_out().into_iter().flatten().cloned());
        CollectedMatches { matching, matches, timed_out }
    }
}

impl<E, Q> Fold for CollectingMatcher<E, Q>
where
    E: Clone,
    Q: ToOwned<Owned: Ord + Clone + Borrow<Q>> + Ord + ?Sized,
{
    type State = CollectedMatches<E, Q::Owned>;
    type Event = Observed<E>;

    fn initial_state(&self) -> Self::State {
        let matching = self.matcher.initial_state();
        CollectedMatches { matching, matches: Vector::new(), timed_out: Vector::new() }
    }

    fn evolve(&self, state: Self::State, observed: &Observed<E>) -> Self::State {
        state.after(|matching| self.matcher.evolve(matching, observed))
    }
}

impl<E, Q> Observer<E> for CollectingMatcher<E, Q>
where
    E: Clone,
    Q: ToOwned<Owned: Ord + Clone + Borrow<Q>> + Ord + ?Sized,
{
    #[inline]
    fn observe(&self, state: Self::State, at: impl Into<Option<Timestamp>>, event: &E) -> Self::State {
        state.after(|matching| self.matcher.observe(matching, at, event))
    }

    fn advance_to(&self, state: Self::State, at: Timestamp) -> Self::State {
        state.after(|matching| self.matcher.advance_to(matching, at))
    }
}
