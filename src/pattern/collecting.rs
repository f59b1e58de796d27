//! A matcher that keeps all it has found, for questions about the past.

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
pub struct Collecting<E, Q: ToOwned + ?Sized = ()> {
    matcher: Matcher<E, Q>,
}

impl<E, Q: ToOwned + ?Sized> Matcher<E, Q> {
    /// The same matcher with a state that keeps every match, for a question about the past. A state of the matcher itself has the
    /// [latest](Matching::latest) alone, so that a live view does not grow.
    pub fn collecting(self) -> Collecting<E, Q> {
        Collecting { matcher: self }
    }
}

impl<E, Q: ToOwned + ?Sized> Clone for Collecting<E, Q> {
    fn clone(&self) -> Self {
        Collecting { matcher: self.matcher.clone() }
    }
}

/// Where a matcher is, with everything that it has found; the state of [`Collecting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "E: Serialize + Clone, K: Serialize + Clone",
    deserialize = "E: Deserialize<'de> + Clone, K: Deserialize<'de> + Ord + Clone"
))]
pub struct Collected<E, K: Ord = ()> {
    matching: Matching<E, K>,
    matches: Vector<Match<E, K>>,
    timed_out: Vector<TimedOut<E, K>>,
}

impl<E, K: Ord> Collected<E, K> {
    /// Every match so far.
    ///
    /// # Errors
    /// [`Matching::error`]: what was found before it is not the whole answer.
    pub fn matches(&self) -> Result<&Vector<Match<E, K>>, PatternError> {
        self.matching.sound().map(|_| &self.matches)
    }

    /// Every partial match so far whose interval has passed, where the pattern reports them.
    ///
    /// # Errors
    /// [`Matching::error`]: what was found before it is not the whole answer.
    pub fn timed_out(&self) -> Result<&Vector<TimedOut<E, K>>, PatternError> {
        self.matching.sound().map(|_| &self.timed_out)
    }

    /// Where the matcher is.
    pub fn matching(&self) -> &Matching<E, K> {
        &self.matching
    }
}

impl<E: Clone, K: Ord + Clone> Collected<E, K> {
    /// The state after one more step of the matcher; what it has found by it is kept.
    fn after(self, step: impl FnOnce(Matching<E, K>) -> Matching<E, K>) -> Self {
        let Collected { matching, mut matches, mut timed_out } = self;
        let matching = step(matching);
        matches.extend(matching.latest().into_iter().flatten().cloned());
        timed_out.extend(matching.latest_timed_out().into_iter().flatten().cloned());
        Collected { matching, matches, timed_out }
    }
}

impl<E, Q> Fold for Collecting<E, Q>
where
    E: Clone,
    Q: ToOwned<Owned: Ord + Clone + Borrow<Q>> + Ord + ?Sized,
{
    type State = Collected<E, Q::Owned>;
    type Event = Observed<E>;

    fn initial_state(&self) -> Self::State {
        let matching = self.matcher.initial_state();
        Collected { matching, matches: Vector::new(), timed_out: Vector::new() }
    }

    fn evolve(&self, state: Self::State, observed: &Observed<E>) -> Self::State {
        state.after(|matching| self.matcher.evolve(matching, observed))
    }
}

impl<E, Q> Observer<E> for Collecting<E, Q>
where
    E: Clone,
    Q: ToOwned<Owned: Ord + Clone + Borrow<Q>> + Ord + ?Sized,
{
    #[inline]
    fn observe(&self, state: Self::State, at: Timestamp, event: &E) -> Self::State {
        state.after(|matching| self.matcher.observe(matching, at, event))
    }

    fn advance_to(&self, state: Self::State, at: Timestamp) -> Self::State {
        state.after(|matching| self.matcher.advance_to(matching, at))
    }
}
