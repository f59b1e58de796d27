//! What a pattern is compiled to, and what one event does to the partial matches of one key.

use super::captures::{Capture, Captures};
use super::state::{Done, Partial, Partition};
use super::vocabulary::{Contiguity, Late, Skip};
use crate::recorded::Timestamp;
use jiff::SignedDuration;
use std::cmp::Ordering;
use std::sync::Arc;

pub(super) type Condition<E> = Arc<dyn Fn(&E) -> bool + Send + Sync>;
pub(super) type Provided<E> = Arc<dyn Fn(&E, &Captures<E>) -> bool + Send + Sync>;

/// A pattern, ready to be matched.
pub(super) struct Program<E> {
    pub(super) shape: Arc<str>,
    /// The conditions of steps and absences that look at the event alone, in the order of their bits.
    pub(super) conditions: Vec<Condition<E>>,
    pub(super) steps: Vec<Step<E>>,
    /// What may not happen at the end.
    pub(super) ending: Vec<Asked<E>>,
    pub(super) interval: Option<SignedDuration>,
    pub(super) skip: Skip,
    pub(super) late: Late,
    pub(super) reports: bool,
    pub(super) bound: usize,
    /// Whether what began earlier may discard what began later, so that this has to wait for it.
    pub(super) waits: bool,
    /// Whether an event that satisfies nothing can end a partial match.
    pub(super) strict: bool,
}

/// A step that captures events.
pub(super) struct Step<E> {
    pub(super) name: Arc<str>,
    pub(super) asked: Asked<E>,
    /// How its first event follows the step before.
    pub(super) contiguity: Contiguity,
    /// How its events follow each other.
    pub(super) inner: Contiguity,
    pub(super) min: u32,
    /// The largest number stands for any.
    pub(super) max: u32,
    /// What may not happen between the step before and this one.
    pub(super) absent: Vec<Asked<E>>,
}

/// What an event is asked: the bit of its condition, and what depends on the events captured before.
pub(super) struct Asked<E> {
    pub(super) bit: u64,
    pub(super) provided: Option<Provided<E>>,
}

/// An event, and which conditions it satisfies: each is asked once, however many partial matches there are.
pub(super) struct Happened<'e, E> {
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) event: &'e E,
    pub(super) hits: u64,
}

impl<E> Asked<E> {
    #[inline]
    fn by(&self, happened: &Happened<'_, E>, before: &Captures<E>) -> bool {
        happened.hits & self.bit != 0
            && (self.provided.as_ref()).is_none_or(|provided| provided(happened.event, before))
    }
}

/// A state that was not made by this pattern.
pub(super) struct Foreign;

impl<E> Program<E> {
    #[inline]
    pub(super) fn hits(&self, event: &E) -> u64 {
        let conditions = self.conditions.iter().enumerate();
        conditions.fold(0, |hits, (bit, condition)| hits | u64::from(condition(event)) << bit)
    }

    pub(super) fn begins(&self, happened: &Happened<'_, E>) -> bool {
        self.steps.first().is_some_and(|first| first.asked.by(happened, &Captures::none()))
    }

    /// Whether this partial match is a match once its interval has passed.
    pub(super) fn concludes(&self, partial: &Partial<E>) -> bool {
        !self.ending.is_empty() && partial.step + 1 == self.steps.len() && partial.advancing
    }

    /// Whether this partial match was a match already.
    pub(super) fn has_matched(&self, partial: &Partial<E>) -> bool {
        let Some(last) = self.steps.last() else { return false };
        self.ending.is_empty() && partial.step + 1 == self.steps.len() && partial.count >= last.min
    }

    fn position(&self, name: &str) -> usize {
        self.steps.iter().position(|step| *step.name == *name).unwrap_or(usize::MAX)
    }

    /// What goes first among matches that are completed at once: what began first; then what takes the earlier events; then what
    /// gives an event to the earlier step.
    fn order(&self, one: &Done<E>, other: &Done<E>) -> Ordering {
        let taken = |done: &Done<E>| -> Vec<_> {
            let captures = done.captures.iter();
            captures.map(|(name, capture)| (capture.number, self.position(name))).collect()
        };
        one.start.cmp(&other.start).then_with(|| taken(one).cmp(&taken(other)))
    }

    /// Takes completed matches of a partition; gives those that are to be told now, in their order.
    pub(super) fn settle(&self, partition: &mut Partition<E>, mut done: Vec<Done<E>>) -> Vec<Done<E>> {
        if done.len() > 1 {
            done.sort_by(|one, other| self.order(one, other));
        }
        if self.skip == Skip::Nothing || done.is_empty() && partition.held.is_empty() {
            return done;
        }
        for match_found in done {
            let behind = partition.held.partition_point(|held| held.start <= match_found.start);
            partition.held.insert(behind, match_found);
        }
        let mut told = Vec::new();
        while let Some(first) = partition.held.first() {
            if self.waits && partition.partials.front().is_some_and(|partial| partial.start < first.start) {
                break;
            }
            let first = partition.held.remove(0);
            let from = self.goes_on_from(&first);
            partition.held.retain(|held| held.start >= from);
            while partition.partials.front().is_some_and(|partial| partial.start < from) {
                partition.partials.pop_front();
            }
            told.push(first);
        }
        told
    }

    /// What began before the event of this number is discarded once the match is told.
    fn goes_on_from(&self, done: &Done<E>) -> u64 {
        let number = |capture: Option<&Capture<E>>| capture.map_or(0, |capture| capture.number);
        match &self.skip {
            Skip::Nothing => 0,
            Skip::ToNext => done.start + 1,
            Skip::PastLastEvent => number(done.captures.newest()) + 1,
            Skip::ToFirst(step) => number(done.captures.first(step)),
            Skip::ToLast(step) => number(done.captures.last(step)),
        }
    }
}

impl<E: Clone> Program<E> {
    /// Begins a match with this event.
    pub(super) fn begin(
        &self,
        partition: &mut Partition<E>,
        happened: &Happened<'_, E>,
        done: &mut Vec<Done<E>>,
    ) -> Option<Timestamp> {
        let deadline =
            self.interval.map(|interval| happened.at.checked_add(interval).unwrap_or(Timestamp::MAX));
        let first = Partial {
            start: happened.number,
            deadline,
            step: 0,
            count: 0,
            looping: false,
            advancing: false,
            captures: Captures::none(),
        };
        let alive = partition.partials.len();
        self.capture(&first, 0, 1, happened, partition, done);
        deadline.filter(|_| partition.partials.len() > alive)
    }

    /// Lets an event happen to every partial match of a partition.
    #[inline]
    pub(super) fn advance(
        &self,
        partition: &mut Partition<E>,
        happened: &Happened<'_, E>,
        done: &mut Vec<Done<E>>,
    ) -> Result<(), Foreign> {
        // In place: each is taken from the front, and what becomes of it goes to the back.
        for _ in 0..partition.partials.len() {
            let Some(mut partial) = partition.partials.pop_front() else { break };
            let step = self.steps.get(partial.step).ok_or(Foreign)?;
            if partial.looping {
                let takes = step.asked.by(happened, &partial.captures);
                if takes {
                    let count = partial.count.saturating_add(1);
                    self.capture(&partial, partial.step, count, happened, partition, done);
                }
                partial.looping = step.inner.goes_on(takes);
            }
            if partial.advancing {
                let next = partial.step + 1;
                let absent = match self.steps.get(next) {
                    Some(step) => {
                        let takes = step.asked.by(happened, &partial.captures);
                        if takes {
                            self.capture(&partial, next, 1, happened, partition, done);
                        }
                        partial.advancing = step.contiguity.goes_on(takes);
                        &step.absent
                    }
                    None => &self.ending,
                };
                if absent.iter().any(|absence| absence.by(happened, &partial.captures)) {
                    partial.advancing = false;
                }
            }
            if partial.looping || partial.advancing {
                partition.partials.push_back(partial);
            }
        }
        Ok(())
    }

    /// What becomes of a partial match when this step captures the event.
    fn capture(
        &self,
        before: &Partial<E>,
        step: usize,
        count: u32,
        happened: &Happened<'_, E>,
        partition: &mut Partition<E>,
        done: &mut Vec<Done<E>>,
    ) {
        let Some(Step { name, min, max, .. }) = self.steps.get(step) else { return };
        let Happened { number, at, event, hits: _ } = *happened;
        let captures = before.captures.and(name.clone(), Capture { number, at, event: event.clone() });
        let (enough, last) = (count >= *min, step + 1 == self.steps.len());
        if enough && last && self.ending.is_empty() {
            done.push(Done { start: before.start, at, captures: captures.clone() });
        }
        let (looping, advancing) = (count < *max, enough && (!last || !self.ending.is_empty()));
        if looping || advancing {
            let Partial { start, deadline, .. } = *before;
            let partial = Partial { start, deadline, step, count, looping, advancing, captures };
            partition.partials.push_back(partial);
        }
    }
}
