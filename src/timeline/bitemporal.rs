//! Two times: when something was recorded, and when it took effect.

use super::error::TimelineError;
use super::{Entry, Timed, Timeline};
use crate::fold::Fold;
use crate::recorded::Timestamp;
use std::fmt;

/// A timeline read by two times: *as at* is what was recorded by then, *as of* is what was in effect then; made by
/// [`Timeline::effective_at`].
///
/// Events count in the order in which they took effect, those of the same moment in the order in which they were recorded.
/// So a correction, recorded later, of a fact of the same moment replaces it.
///
/// The words are those of bitemporal databases: *transaction time* and *valid time* (R. Snodgrass, "Developing
/// Time-Oriented Database Applications in SQL", 1999).
pub struct Bitemporal<'t, F: Fold, E> {
    timeline: &'t Timeline<F, E>,
    /// When each event took effect, and where it stands in the history; in order.
    effects: Vec<(Timestamp, usize)>,
    /// How many events of the history are known.
    known: usize,
}

impl<F, E> Timeline<F, E>
where
    F: Fold<State: Clone>,
    E: Entry<F::Event>,
{
    /// Reads the timeline by two times; the function says when an event took effect. O(n log n), once.
    ///
    /// ```
    /// use leftfold::recorded::Timestamp;
    /// use leftfold::{timeline::Timeline, view};
    ///
    /// struct Priced { from: Timestamp, cents: u32 }
    ///
    /// let on = |day: u8| -> Timestamp { format!("2026-11-{day:02}T00:00:00Z").parse().unwrap() };
    /// let price = view(|| 0, |_: u32, priced: &Priced| priced.cents);
    /// let log = [
    ///     (on(1), Priced { from: on(1), cents: 100 }),
    ///     // On the 10th it is recorded that the price has been 90 since the 5th.
    ///     (on(10), Priced { from: on(5), cents: 90 }),
    /// ];
    /// let price = Timeline::of(price).extend(log);
    /// let price = price.effective_at(|priced: &Priced| priced.from);
    /// assert_eq!(price.as_of(on(7)), 90);
    /// assert_eq!(price.as_at(on(8))?.as_of(on(7)), 100);
    /// assert_eq!(price.as_of(on(4)), 100);
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    pub fn effective_at(&self, effective_at: impl Fn(&F::Event) -> Timestamp) -> Bitemporal<'_, F, E> {
        let mut effects: Vec<(Timestamp, usize)> =
            self.entries.iter().map(|entry| effective_at(entry.event())).zip(0..).collect();
        effects.sort_unstable();
        Bitemporal { timeline: self, effects, known: self.entries.len() }
    }
}

impl<F, E> Bitemporal<'_, F, E>
where
    F: Fold<State: Clone>,
    E: Entry<F::Event>,
{
    /// The same with only what was recorded at this time or before: what was known then.
    ///
    /// # Errors
    /// [`TimelineError::TimeGoesBackwards`] when the recorded times do.
    pub fn as_at(&self, recorded: Timestamp) -> Result<Self, TimelineError>
    where
        E: Timed<F::Event>,
    {
        let known = self.timeline.recorded_by(recorded)?.min(self.known);
        Ok(Bitemporal { timeline: self.timeline, effects: self.effects.clone(), known })
    }

    /// The state in effect at this time, by all that is known: with the events that had taken effect then or before.
    /// O(n).
    pub fn as_of(&self, effective: Timestamp) -> F::State {
        let fold = &*self.timeline.fold;
        let in_effect = self.effects.iter().take_while(|(at, _)| *at <= effective);
        let known =
            in_effect.filter_map(|(_, at)| self.timeline.entries.get(*at).filter(|_| *at < self.known));
        fold.fold_from(fold.initial_state(), known.map(Entry::event))
    }
}

impl<F: Fold, E> fmt::Debug for Bitemporal<'_, F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bitemporal").field("known", &self.known).finish_non_exhaustive()
    }
}
