//! A compiled pattern as a fold over events and time.

use super::captures::{Match, TimedOut};
use super::error::PatternError;
use super::observed::{Observed, Observer};
use super::program::{Happened, Program};
use super::state::{Deadline, Done, Matching, Partition};
use super::vocabulary::Late;
use crate::fold::Fold;
use crate::recorded::Timestamp;
use std::borrow::Borrow;
use std::fmt::{self, Debug};
use std::sync::Arc;

/// A pattern as a fold; made by [`Pattern::compile`](super::Pattern::compile).
///
/// An event costs one call of each condition. If it satisfies one, or the pattern has a strict contiguity, it also costs the search for
/// its key, O(log k) for k keys with partial matches, and the visit of the partial matches of that key. A partial match that ends costs
/// O(1) on average; the others are not looked at for it.
pub struct Matcher<E, Q: ?Sized = ()> {
    pub(super) program: Arc<Program<E>>,
    #[allow(clippy::type_complexity)]
    pub(super) key: Arc<dyn Fn(&E) -> Option<&Q> + Send + Sync>,
}

impl<E, Q: ?Sized> Clone for Matcher<E, Q> {
    fn clone(&self) -> Self {
        Matcher { program: self.program.clone(), key: self.key.clone() }
    }
}

impl<E, Q: ?Sized> Debug for Matcher<E, Q> {
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
    /// Lets it be this time. Answers whether there is anything to be done at it.
    #[inline]
    fn reach(&self, state: &mut Matching<E, Q::Owned>, at: Timestamp) -> bool {
        if state.error.is_some() {
            return false;
        }
        let program = &*self.program;
        if state.shape != program.shape {
            state.fail(self.foreign(state));
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
            state.tidy();
        }
        true
    }

    fn foreign(&self, state: &Matching<E, Q::Owned>) -> PatternError {
        PatternError::OtherShape { pattern: self.name().to_string(), shape: state.shape.to_string() }
    }

    /// Ends what began with the event of the first deadline.
    fn expire(&self, state: &mut Matching<E, Q::Owned>) {
        let Some(deadline) = state.deadlines.pop_front() else { return };
        let (start, at, key) = (deadline.start, deadline.at, deadline.key);
        let Some(partition) = state.partitions.get_mut(key.borrow()) else { return };
        let before = partition.len();
        let mut done = Vec::new();
        while partition.partials.front().is_some_and(|partial| partial.start == start) {
            let Some(partial) = partition.partials.pop_front() else { break };
            if self.program.concludes(&partial) {
                done.push(Done { start, at, captures: partial.captures });
            } else if self.program.reports && !self.program.has_matched(&partial) {
                state.timed_out.push(TimedOut { key: key.clone(), at, captures: partial.captures });
            }
        }
        let told = self.program.settle(partition, done);
        state.live = state.live + partition.len() - before;
        if partition.is_empty() {
            state.partitions.remove(key.borrow());
        }
        tell(state, key.borrow(), told);
    }

    /// Lets an event happen to the partition of its key.
    fn happen(&self, state: &mut Matching<E, Q::Owned>, key: &Q, happened: &Happened<'_, E>) {
        let program = &*self.program;
        let begins = program.begins(happened);
        let mut done = Vec::new();
        let (mut deadline, told);
        match state.partitions.get_mut(key) {
            Some(partition) => {
                let before = partition.len();
                if program.advance(partition, happened, &mut done).is_err() {
                    state.fail(self.foreign(state));
                    return;
                }
                deadline = if begins { program.begin(partition, happened, &mut done) } else { None };
                told = program.settle(partition, done);
                state.live = state.live + partition.len() - before;
                if partition.is_empty() {
                    state.partitions.remove(key);
                    deadline = None;
                }
            }
            None if begins => {
                let mut partition = Partition::new();
                deadline = program.begin(&mut partition, happened, &mut done);
                told = program.settle(&mut partition, done);
                state.live += partition.len();
                match partition.is_empty() {
                    true => deadline = None,
                    false => drop(state.partitions.insert(key.to_owned(), partition)),
                }
            }
            None => return,
        }
        if let Some(at) = deadline {
            // Begun by a pattern of this name with a longer `within`, it would end later than what begins now.
            if state.deadlines.back().is_some_and(|last| last.at > at) {
                state.fail(self.foreign(state));
                return;
            }
            let start = happened.number;
            state.deadlines.push_back(Deadline { at, start, key: key.to_owned() });
        }
        state.tidy();
        if state.live > program.bound {
            let (pattern, live, bound) = (self.name().to_string(), state.live, program.bound);
            let (seen, at) = (state.seen, happened.at);
            state.fail(PatternError::TooManyPartialMatches { pattern, live, bound, seen, at });
            return;
        }
        tell(state, key, told);
    }
}

fn tell<E, Q>(state: &mut Matching<E, Q::Owned>, key: &Q, told: Vec<Done<E>>)
where
    Q: ToOwned<Owned: Ord> + ?Sized,
{
    for Done { at, captures, .. } in told {
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
        Matching::begun(self.program.shape.clone())
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
    fn observe(&self, mut state: Self::State, at: Timestamp, event: &E) -> Self::State {
        if self.reach(&mut state, at) {
            state.seen += 1;
            let hits = self.program.hits(event);
            if (hits != 0 || self.program.strict)
                && let Some(key) = (self.key)(event)
            {
                let happened = Happened { number: state.seen, at, event, hits };
                self.happen(&mut state, key, &happened);
            }
        }
        state
    }

    fn advance_to(&self, mut state: Self::State, at: Timestamp) -> Self::State {
        self.reach(&mut state, at);
        state
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Observer, Pattern, SignedDuration};
    use super::*;

    /// What is alive bounds what is kept, also where most partial matches end long before their deadlines.
    #[test]
    fn a_state_is_not_larger_than_what_is_alive_in_it() {
        let matcher = Pattern::named("p")
            .start("even", |event: &(u64, u64)| event.1 == 0)
            .followed_by("odd", |event| event.1 == 1)
            .within(SignedDuration::from_hours(1))
            .partition_by(|event| Some(&event.0))
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
