//! The compiled form of a pattern, and what one event does to the partial matches of one key.

use super::captures::{Capture, Captures};
use super::state::{CompletedMatch, Partial, Partition};
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
    /// The conditions of steps and absences that depend on the event alone, in the order of their bits.
    pub(super) conditions: Vec<Condition<E>>,
    pub(super) steps: Vec<Step<E>>,
    /// Events that may not happen after the last step, up to the end of the interval.
    pub(super) ending: Vec<Requirement<E>>,
    pub(super) interval: Option<SignedDuration>,
    pub(super) skip: Skip,
    pub(super) late: Late,
    pub(super) reports_timeouts: bool,
    pub(super) bound: usize,
    /// Whether a match waits while a partial match that began earlier is alive, because that one may discard it.
    pub(super) waits: bool,
    /// Whether an event that satisfies nothing can end a partial match.
    pub(super) strict: bool,
}

/// A step that captures events.
pub(super) struct Step<E> {
    pub(super) name: Arc<str>,
    pub(super) requirement: Requirement<E>,
    /// How its first event follows the previous step.
    pub(super) contiguity: Contiguity,
    /// How its events follow each other.
    pub(super) inner: Contiguity,
    pub(super) min: u32,
    /// `u32::MAX` means any number.
    pub(super) max: u32,
    /// Events that may not happen between the previous step and this one.
    pub(super) absent: Vec<Requirement<E>>,
}

/// What an event has to satisfy: a condition on the event alone, by its bit, and one that also depends on earlier captures.
pub(super) struct Requirement<E> {
    pub(super) bit: u64,
    pub(super) provided: Option<Provided<E>>,
}

/// An event with the conditions that it satisfies. Each condition is called once, not once for each partial match.
pub(super) struct Occurrence<'e, E> {
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) event: &'e E,
    pub(super) satisfied: u64,
}

impl<E> Requirement<E> {
    #[inline]
    fn is_met_by(&self, occurrence: &Occurrence<'_, E>, before: &Captures<E>) -> bool {
        occurrence.satisfied & self.bit != 0
            && (self.provided.as_ref()).is_none_or(|provided| provided(occurrence.event, before))
    }
}

/// The state belongs to another pattern.
pub(super) struct ForeignState;

impl<E> Program<E> {
    #[inline]
    pub(super) fn satisfied(&self, event: &E) -> u64 {
        let conditions = self.conditions.iter().enumerate();
        conditions.fold(0, |satisfied, (bit, condition)| satisfied | u64::from(condition(event)) << bit)
    }

    pub(super) fn begins(&self, occurrence: &Occurrence<'_, E>) -> bool {
        self.steps.first().is_some_and(|first| first.requirement.is_met_by(occurrence, &Captures::none()))
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

    /// The order of matches that are completed at once: by the first event, then by the numbers of the other events, then by the
    /// steps that captured them.
    fn order(&self, one: &CompletedMatch<E>, other: &CompletedMatch<E>) -> Ordering {
        let captured = |completed: &CompletedMatch<E>| -> Vec<_> {
            let captures = completed.captures.iter();
            captures.map(|(name, capture)| (capture.number, self.position(name))).collect()
        };
        one.start.cmp(&other.start).then_with(|| captured(one).cmp(&captured(other)))
    }

    /// Takes completed matches of a partition and returns those to report now, in order. The others wait in the partition.
    pub(super) fn settle(
        &self,
        partition: &mut Partition<E>,
        mut completed: Vec<CompletedMatch<E>>,
    ) -> Vec<CompletedMatch<E>> {
        if completed.len() > 1 {
            completed.sort_by(|one, other| self.order(one, other));
        }
        if self.skip == Skip::Nothing || completed.is_empty() && partition.held.is_empty() {
            return completed;
        }
        for found in completed {
            let at = partition.held.partition_point(|held| held.start <= found.start);
            partition.held.insert(at, found);
        }
        let mut reported = Vec::new();
        while let Some(first) = partition.held.first() {
            if self.waits && partition.partials.front().is_some_and(|partial| partial.start < first.start) {
                break;
            }
            let first = partition.held.remove(0);
            let from = self.discards_before(&first);
            partition.held.retain(|held| held.start >= from);
            while partition.partials.front().is_some_and(|partial| partial.start < from) {
                partition.partials.pop_front();
            }
            reported.push(first);
        }
        reported
    }

    /// The number of the first event with which matches may begin after this one; what began earlier is discarded.
    fn discards_before(&self, completed: &CompletedMatch<E>) -> u64 {
        let number = |capture: Option<&Capture<E>>| capture.map_or(0, |capture| capture.number);
        match &self.skip {
            Skip::Nothing => 0,
            Skip::ToNext => completed.start + 1,
            Skip::PastLastEvent => number(completed.captures.newest()) + 1,
            Skip::ToFirst(step) => number(completed.captures.first(step)),
            Skip::ToLast(step) => number(completed.captures.last(step)),
        }
    }
}

impl<E: Clone> Program<E> {
    /// Begins a match with this event. Returns its deadline, if a partial match of it is alive.
    pub(super) fn begin(
        &self,
        partition: &mut Partition<E>,
        occurrence: &Occurrence<'_, E>,
        completed: &mut Vec<CompletedMatch<E>>,
    ) -> Option<Timestamp> {
        let deadline =
            self.interval.map(|interval| occurrence.at.checked_add(interval).unwrap_or(Timestamp::MAX));
        let first = Partial {
            start: occurrence.number,
            deadline,
            step: 0,
            count: 0,
            looping: false,
            advancing: false,
            captures: Captures::none(),
        };
        let alive = partition.partials.len();
        self.capture(&first, 0, 1, occurrence, partition, completed);
        deadline.filter(|_| partition.partials.len() > alive)
    }

    /// Applies an event to every partial match of a partition.
    #[inline]
    pub(super) fn advance(
        &self,
        partition: &mut Partition<E>,
        occurrence: &Occurrence<'_, E>,
        completed: &mut Vec<CompletedMatch<E>>,
    ) -> Result<(), ForeignState> {
        // In place: each partial match is taken from the front, and its continuations go to the back.
        for _ in 0..partition.partials.len() {
            let Some(mut partial) = partition.partials.pop_front() else { break };
            let step = self.steps.get(partial.step).ok_or(ForeignState)?;
            if partial.looping {
                let takes = step.requirement.is_met_by(occurrence, &partial.captures);
                if takes {
                    let count = partial.count.saturating_add(1);
                    self.capture(&partial, partial.step, count, occurrence, partition, completed);
                }
                partial.looping = step.inner.continues(takes);
            }
            if partial.advancing {
                let next = partial.step + 1;
                let absent = match self.steps.get(next) {
                    Some(step) => {
                        let takes = step.requirement.is_met_by(occurrence, &partial.captures);
                        if takes {
                            self.capture(&partial, next, 1, occurrence, partition, completed);
                        }
                        partial.advancing = step.contiguity.continues(takes);
                        &step.absent
                    }
                    None => &self.ending,
                };
                if absent.iter().any(|absence| absence.is_met_by(occurrence, &partial.captures)) {
                    partial.advancing = false;
                }
            }
            if partial.looping || partial.advancing {
                partition.partials.push_back(partial);
            }
        }
        Ok(())
    }

    /// Continues a partial match with the event, captured by this step.
    fn capture(
        &self,
        before: &Partial<E>,
        step: usize,
        count: u32,
        occurrence: &Occurrence<'_, E>,
        partition: &mut Partition<E>,
        completed: &mut Vec<CompletedMatch<E>>,
    ) {
        let Some(Step { name, min, max, .. }) = self.steps.get(step) else { return };
        let Occurrence { number, at, event, satisfied: _ } = *occurrence;
        let captures = before.captures.and(name.clone(), Capture { number, at, event: event.clone() });
        let (enough, last) = (count >= *min, step + 1 == self.steps.len());
        if enough && last && self.ending.is_empty() {
            completed.push(CompletedMatch { start: before.start, at, captures: captures.clone() });
        }
        let (looping, advancing) = (count < *max, enough && (!last || !self.ending.is_empty()));
        if looping || advancing {
            let Partial { start, deadline, .. } = *before;
            let partial = Partial { start, deadline, step, count, looping, advancing, captures };
            partition.partials.push_back(partial);
        }
    }
}
