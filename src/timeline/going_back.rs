//! Going back: the state at a version, at a time, at each version.

use super::error::TimelineError;
use super::{HistoryItem, TimedItem, Timeline};
use crate::fold::Fold;
use crate::recorded::{Timestamp, Version};
use std::borrow::Cow;
use std::ops::ControlFlow::{self, Break, Continue};
use std::ops::Range;

impl<F, E> Timeline<F, E>
where
    F: Fold<State: Clone>,
    E: HistoryItem<F::Event>,
{
    /// The state at a version; 0 is the initial state.
    ///
    /// If every version is kept, the state is borrowed in O(1), or in O(log b) after b forks of forks. If every k-th is kept, fewer
    /// than k events are folded and the state is owned.
    ///
    /// ```
    /// use leftfold::{timeline::Timeline, view};
    ///
    /// let sum = Timeline::of(view(|| 0, |sum: i64, n: &i64| sum + n)).extend([5, -2]);
    /// assert_eq!(*sum.at(1)?, 5);
    /// assert_eq!(
    ///     sum.at(3).unwrap_err().to_string(),
    ///     "there is no version 3 on this timeline: its head is version 2; ask for one from 0 to 2"
    /// );
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    ///
    /// # Errors
    /// [`TimelineError::NoSuchVersion`].
    pub fn at(&self, version: impl Into<Version>) -> Result<Cow<'_, F::State>, TimelineError> {
        let version = self.checked(version.into(), 0)?;
        Ok(self.state(version))
    }

    /// The last state.
    pub fn head(&self) -> Cow<'_, F::State> {
        self.state(self.items.len())
    }

    /// The version of the last state, which is the number of events.
    pub fn version(&self) -> Version {
        Version::new(self.items.len() as u64)
    }

    /// The state at this time: with all events that were recorded then or before.
    ///
    /// Before the first event this is the initial state. O(log n), and then as [`at`](Self::at).
    ///
    /// ```
    /// use leftfold::recorded::Timestamp;
    /// use leftfold::{timeline::Timeline, view};
    ///
    /// let on = |day: &str| -> Timestamp { format!("2026-11-{day}T12:00:00Z").parse().unwrap() };
    /// let sum = Timeline::of(view(|| 0, |sum: i64, n: &i64| sum + n)).extend([(on("02"), 5), (on("09"), -2)]);
    /// assert_eq!((*sum.as_at(on("08"))?, *sum.as_at(on("09"))?), (5, 3));
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    ///
    /// # Errors
    /// [`TimelineError::TimeGoesBackwards`] when an event was recorded before the event in front of it.
    pub fn as_at(&self, time: Timestamp) -> Result<Cow<'_, F::State>, TimelineError>
    where
        E: TimedItem<F::Event>,
    {
        Ok(self.state(self.recorded_by(time)?))
    }

    /// The last version that was recorded at this time or before; 0 before the first event.
    ///
    /// # Errors
    /// [`TimelineError::TimeGoesBackwards`].
    pub fn version_as_at(&self, time: Timestamp) -> Result<Version, TimelineError>
    where
        E: TimedItem<F::Event>,
    {
        Ok(Version::new(self.recorded_by(time)? as u64))
    }

    pub(super) fn recorded_by(&self, time: Timestamp) -> Result<usize, TimelineError> {
        if let Some(backwards) = self.backwards {
            return Err(TimelineError::TimeGoesBackwards {
                version: Version::new(backwards.version as u64),
                at: backwards.at,
                before: backwards.before,
            });
        }
        let (mut low, mut high) = (0, self.items.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.items.get(middle).and_then(HistoryItem::time) {
                Some(recorded_at) if recorded_at > time => high = middle,
                _ => low = middle + 1,
            }
        }
        Ok(low)
    }

    /// All versions of the state, from the initial one to the head. O(n) in all.
    ///
    /// ```
    /// use leftfold::{timeline::Timeline, view};
    ///
    /// let sum = Timeline::of(view(|| 0, |sum: i64, n: &i64| sum + n)).extend([5, -2]);
    /// assert_eq!(sum.states().map(|(_, sum)| *sum).collect::<Vec<_>>(), [0, 5, 3]);
    /// ```
    pub fn states(&self) -> impl Iterator<Item = (Version, Cow<'_, F::State>)> {
        let mut last: Option<F::State> = None;
        (0..=self.items.len()).map(move |version| {
            let state = match (last.take(), version.checked_sub(1).and_then(|at| self.items.get(at))) {
                (Some(before), Some(item)) if !self.is_kept(version) => {
                    Cow::Owned(self.fold.evolve(before, item.event()))
                }
                _ => self.state(version),
            };
            if self.every > 1 {
                last = Some(state.clone().into_owned());
            }
            (Version::new(version as u64), state)
        })
    }

    /// The items of the history, oldest first, each with the version that its event made.
    pub fn items(&self) -> impl Iterator<Item = (Version, &E)> {
        (1..).map(Version::new).zip(self.items.iter())
    }

    /// The item whose event made this version; 1 for the first.
    ///
    /// # Errors
    /// [`TimelineError::NoSuchVersion`].
    pub fn item(&self, version: impl Into<Version>) -> Result<&E, TimelineError> {
        let version = version.into();
        let at = self.checked(version, 1)?;
        self.items.get(at - 1).ok_or_else(|| self.no_such_version(version, 1))
    }

    pub(super) fn checked(&self, version: Version, first: usize) -> Result<usize, TimelineError> {
        match usize::try_from(version.get()) {
            Ok(at) if (first..=self.items.len()).contains(&at) => Ok(at),
            _ => Err(self.no_such_version(version, first)),
        }
    }

    fn no_such_version(&self, requested: Version, first: usize) -> TimelineError {
        TimelineError::NoSuchVersion { requested, first: Version::new(first as u64), head: self.version() }
    }

    fn is_kept(&self, version: usize) -> bool {
        version.is_multiple_of(self.every)
    }

    /// The state at a version that exists.
    pub(super) fn state(&self, version: usize) -> Cow<'_, F::State> {
        match (self.states.get(version / self.every), &self.head) {
            (Some(kept), _) if self.is_kept(version) => Cow::Borrowed(kept),
            (_, Some(head)) if version == self.items.len() => Cow::Borrowed(head),
            _ => Cow::Owned(self.refolded(version)),
        }
    }

    /// The state at a version that exists, folded from the last kept version before it.
    pub(super) fn refolded(&self, version: usize) -> F::State {
        let mut state = None;
        self.pass(version..version + 1, |_, at| {
            state = Some(at.clone());
            Break(())
        });
        state.unwrap_or_else(|| self.fold.initial_state())
    }

    /// Calls `each` with the states of these versions, in order and by reference, until it returns `Break`.
    pub(super) fn pass(
        &self,
        versions: Range<usize>,
        mut each: impl FnMut(usize, &F::State) -> ControlFlow<()>,
    ) {
        if self.every == 1 {
            for version in versions {
                match self.states.get(version).map(|state| each(version, state)) {
                    Some(Continue(())) => {}
                    Some(Break(())) | None => return,
                }
            }
            return;
        }
        let kept = (versions.start / self.every).min(self.states.len() - 1);
        let Some(mut state) = self.states.get(kept).cloned() else { return };
        for version in kept * self.every..versions.end {
            if version >= versions.start && each(version, &state).is_break() {
                return;
            }
            if let Some(item) = self.items.get(version) {
                state = self.fold.evolve(state, item.event());
            }
        }
    }
}
