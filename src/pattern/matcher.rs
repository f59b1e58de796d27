//! A compiled pattern as a fold over events and time.

use super::captures::{Match, TimedOut};
use super::error::PatternError;
use super::observed::{Observed, Observer};
use super::program::{Occurrence, Program};
use super::state::{CompletedMatch, Deadline, Matching, Partition};
use super::vocabulary::Late;
use crate::fold::Fold;
use crate::recorded::Timestamp;
use std::borrow::{Borrow, Cow};
use std::fmt::{self, Debug};
use std::sync::Arc;

/// A pattern as a fold; made by [`Pattern::compile`](super::Pattern::compile).
///
/// Each event costs one call of each condition. An event that satisfies a condition also costs a look-up of its key, O(log k) for
/// k keys with partial matches, and a visit of the partial matches of that key. If the pattern has a strict contiguity, every event
/// costs that. Ending a partial match costs O(1) on average.
pub struct Matcher<E, Q: ToOwned + ?Sized = ()> {
    pub(super) program: Arc<Program<E>>,
    pub(super) key: Key<E, Q>,
}

/// The key of an event, by value or borrowed from it.
pub(super) type Key<E, Q> = Arc<dyn Fn(&E) -> Option<Cow<'_, Q>> + Send + Sync>;

impl<E, Q: ToOwned + ?Sized> Clone for Matcher<E, Q> {
    fn clone(&self) -> Self {
        Matcher { program: self.program.clone(), key: self.key.clone() }
    }
}

impl<E, Q: ToOwned + ?Sized> Debug for Matcher<E, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matcher").field("name", &self.program.shape).finish_non_exhaustive()
    }
}

impl<E, Q: ToOwned + ?Sized> Matcher<E, Q> {
    /// The name of the pattern.
    pub fn name(&self) -> &str {
        &self.program.shape
    }
}

impl<E, Q> Matcher<E, Q>
where
    E: Clone,
    Q: ToOwned<Owned: Ord + Clone + Borrow<Q>> + Ord + ?Sized,
{
    /// Moves the clock to this time and ends partial matches whose interval has passed. Returns whether an event of this time is
    /// to be matched.
    #[inline]
    fn advance_clock(&self, state: &mut Matching<E, Q::Owned>, at: Timestamp) -> bool {
        if state.error.is_some() {
            return false;
        }
        let program = &*self.program;
        if state.shape != program.shape {
            state.fail(self.foreign_state(state));
            return false;
        }
        state.latest.clear();
        state.timed_out.clear();
        if let Some(latest) = state.now
            && at < latest
        {
            match program.late {
                Late::Ignored => state.ignored += 1,
                Late::Refused => {
                    let (pattern, seen) = (self.name().to_string(), state.seen);
                    state.fail(PatternError::Late { pattern, seen, at, latest });
                }
            }
            return false;
        }
        state.now = Some(at);
        while state.deadlines.front().is_some_and(|deadline| deadline.at < at) {
            self.expire(state);
            state.drop_stale_deadlines();
        }
        true
    }

    fn foreign_state(&self, state: &Matching<E, Q::Owned>) -> PatternError {
        PatternError::OtherShape { pattern: self.name().to_string(), shape: state.shape.to_string() }
    }

    /// Ends the partial matches that belong to the first deadline.
    fn expire(&self, state: &mut Matching<E, Q::Owned>) {
        let Some(deadline) = state.deadlines.pop_front() else { return };
        let (start, at, key) = (deadline.start, deadline.at, deadline.key);
        let Some(partition) = state.partitions.get_mut(key.borrow()) else { return };
        let before = partition.len();
        let mut completed = Vec::new();
        while partition.partials.front().is_some_and(|partial| partial.start == start) {
            let Some(partial) = partition.partials.pop_front() else { break };
            if self.program.concludes(&partial) {
                completed.push(CompletedMatch { start, at, captures: partial.captures });
            } else if self.program.reports_timeouts && !self.program.has_matched(&partial) {
                state.timed_out.push(TimedOut { key: key.clone(), at, captures: partial.captures });
            }
        }
        let matches = self.program.settle(partition, completed);
        state.live = state.live + partition.len() - before;
        if partition.is_empty() {
            state.partitions.remove(key.borrow());
        }
        record_matches(state, key.borrow(), matches);
    }

    /// Applies an event to the partition of its key.
    fn apply(&self, state: &mut Matching<E, Q::Owned>, key: &Q, occurrence: &Occurrence<'_, E>) {
        let program = &*self.program;
        let begins = program.begins(occurrence);
        let mut completed = Vec::new();
        let (mut deadline, matches);
        match state.partitions.get_mut(key) {
            Some(partition) => {
                let before = partition.len();
                if program.advance(partition, occurrence, &mut completed).is_err() {
                    state.fail(self.foreign_state(state));
                    return;
                }
                deadline = if begins { program.begin(partition, occurrence, &mut completed) } else { None };
                matches = program.settle(partition, completed);
                state.live = state.live + partition.len() - before;
                if partition.is_empty() {
                    state.partitions.remove(key);
                    deadline = None;
                }
            }
            None if begins => {
                let mut partition = Partition::new();
                deadline = program.begin(&mut partition, occurrence, &mut completed);
                matches = program.settle(&mut partition, completed);
                state.live += partition.len();
                match partition.is_empty() {
                    true => deadline = None,
                    false => drop(state.partitions.insert(key.to_owned(), partition)),
                }
            }
            None => return,
        }
        if let Some(at) = deadline {
            // Deadlines are in order for one pattern. The state is from a pattern of this name with a longer `within`.
            if state.deadlines.back().is_some_and(|last| last.at > at) {
                state.fail(self.foreign_state(state));
                return;
            }
            let start = occurrence.number;
            state.deadlines.push_back(Deadline { at, start, key: key.to_owned() });
        }
        state.drop_stale_deadlines();
        if state.live > program.bound {
            let (pattern, live, bound) = (self.name().to_string(), state.live, program.bound);
            let (seen, at) = (state.seen, occurrence.at);
            state.fail(PatternError::TooManyPartialMatches { pattern, live, bound, seen, at });
            return;
        }
        record_matches(state, key, matches);
    }
}

fn record_matches<E, Q>(state: &mut Matching<E, Q::Owned>, key: &Q, matches: Vec<CompletedMatch<E>>)
where
    Q: ToOwned<Owned: Ord> + ?Sized,
{
    for CompletedMatch { at, captures, .. } in matches {
        state.matched += 1;
        state.latest.push(Match { number: state.matched, key: key.to_owned(), at, captures });
    }
}

impl<E, Q> Fold for Matcher<E, Q>
where
    E: Clone,
    Q: ToOwned<Owned: Ord + Clone + Borrow<Q>> + Ord + ?Sized,
{
    type State = Matching<E, Q::Owned>;
    type Event = Observed<E>;

    fn initial_state(&self) -> Self::State {
        Matching::initial(self.program.shape.clone())
    }

    #[inline]
    fn evolve(&self, state: Self::State, observed: &Observed<E>) -> Self::State {
        match observed {
            Observed::Event { at, event } => self.observe(state, *at, event),
            Observed::Time(at) => self.advance_to(state, *at),
        }
    }
}

impl<E, Q> Observer<E> for Matcher<E, Q>
where
    E: Clone,
    Q: ToOwned<Owned: Ord + Clone + Borrow<Q>> + Ord + ?Sized,
{
    #[inline]
    fn observe(&self, mut state: Self::State, at: impl Into<Option<Timestamp>>, event: &E) -> Self::State {
        let Some(at) = at.into().or(state.now) else {
            if state.error.is_none() {
                state.ignored += 1;
            }
            return state;
        };
        if self.advance_clock(&mut state, at) {
            state.seen += 1;
            let satisfied = self.program.satisfied(event);
            if (satisfied != 0 || self.program.strict)
                && let Some(key) = (self.key)(event)
            {
                let occurrence = Occurrence { number: state.seen, at, event, satisfied };
                self.apply(&mut state, &key, &occurrence);
            }
        }
        state
    }

    fn advance_to(&self, mut state: Self::State, at: Timestamp) -> Self::State {
        self.advance_clock(&mut state, at);
        state
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Observer, Pattern, SignedDuration};
    use super::*;

    /// Also if most partial matches end long before their deadlines.
    #[test]
    fn a_state_is_not_larger_than_the_partial_matches_alive_in_it() {
        let matcher = Pattern::named("p")
            .start("even", |event: &(u64, u64)| event.1 == 0)
            .followed_by("odd", |event| event.1 == 1)
            .within(SignedDuration::from_hours(1))
            .partition_by(|event| Some(event.0))
            .compile()
            .unwrap();
        let mut state = matcher.initial_state();
        for key in 0..5_000 {
            let at = Timestamp::from_second(key as i64).unwrap();
            // Every hundredth waits for its deadline.
            for what in if key % 100 == 0 { 0..1 } else { 0..2 } {
                state = matcher.observe(state, at, &(key, what));
                assert_eq!(state.partitions.len(), state.live());
                assert!(state.deadlines.len() <= 2 * state.live() + 64);
            }
        }
        assert_eq!(state.matched(), Ok(4_950));
        assert_eq!(state.live(), 36, "of one hour");
        let state = matcher.advance_to(state, Timestamp::from_second(10_000).unwrap());
        assert_eq!((state.live(), state.partitions.len(), state.deadlines.len()), (0, 0, 0));
    }
}
