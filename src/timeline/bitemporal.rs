//! Two times of an event: when it was recorded, and when it took effect.

use super::error::TimelineError;
use super::{HistoryItem, TimedItem, Timeline};
use crate::fold::Fold;
use crate::recorded::Timestamp;
use std::fmt;

/// A timeline with two times; made by [`Timeline::effective_at`]. *As at* a time means what was recorded by then, *as of* a time
/// means what was in effect then.
///
/// Events are folded in the order in which they took effect; events of the same moment, in the order in which they were
/// recorded. So an event that is recorded later corrects an earlier one of the same moment.
///
/// The words are those of bitemporal databases: *transaction time* and *valid time* (R. Snodgrass, "Developing
/// Time-Oriented Database Applications in SQL", 1999).
pub struct Bitemporal<'t, F: Fold, E> {
    timeline: &'t Timeline<F, E>,
    /// When each event took effect, and its index in the history; in order.
    effects: Vec<(Timestamp, usize)>,
    /// How many events of the history count.
    known: usize,
}

impl<F, E> Timeline<F, E>
where
    F: Fold<State: Clone>,
    E: HistoryItem<F::Event>,
{
    /// This timeline with two times; the function returns the time at which an event took effect. O(n log n).
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
            self.items.iter().map(|item| effective_at(item.event())).zip(0..).collect();
        effects.sort_unstable();
        Bitemporal { timeline: self, effects, known: self.items.len() }
    }
}

impl<F, E> Bitemporal<'_, F, E>
where
    F: Fold<State: Clone>,
    E: HistoryItem<F::Event>,
{
    /// The same timeline with only the events that were recorded at this time or before: what was known then.
    ///
    /// # Errors
    /// [`TimelineError::TimeGoesBackwards`] when an event was recorded before the event in front of it.
    pub fn as_at(&self, recorded: Timestamp) -> Result<Self, TimelineError>
    where
        E: TimedItem<F::Event>,
    {
        let known = self.timeline.recorded_by(recorded)?.min(self.known);
        Ok(Bitemporal { timeline: self.timeline, effects: self.effects.clone(), known })
    }

    /// The state in effect at this time: all known events that took effect then or before, folded. O(n).
    pub fn as_of(&self, effective: Timestamp) -> F::State {
        let fold = &*self.timeline.fold;
        let in_effect = self.effects.iter().take_while(|(at, _)| *at <= effective);
        let known = in_effect.filter_map(|(_, at)| self.timeline.items.get(*at).filter(|_| *at < self.known));
        fold.fold_from(fold.initial_state(), known.map(HistoryItem::event))
    }
}

impl<F: Fold, E> fmt::Debug for Bitemporal<'_, F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bitemporal").field("known", &self.known).finish_non_exhaustive()
    }
}
