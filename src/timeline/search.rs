//! Find the version at which something began.

use super::{HistoryItem, Timeline};
use crate::fold::Fold;
use crate::recorded::Version;
use std::ops::ControlFlow;

impl<F, E> Timeline<F, E>
where
    F: Fold<State: Clone>,
    E: HistoryItem<F::Event>,
{
    /// The first version at which `holds` is true, by halving: O(log n) calls. Once true, `holds` must stay true.
    ///
    /// For other predicates use [`first_where`](Self::first_where). With one that changes back and forth, this returns *a*
    /// version at which it becomes true, if it is true at the head, and `None` otherwise.
    ///
    /// After `git bisect`.
    ///
    /// ```
    /// use leftfold::{timeline::Timeline, view};
    ///
    /// let sum = Timeline::of(view(|| 0, |sum: u64, n: &u64| sum + n)).extend(1..=1_000);
    /// assert_eq!(sum.bisect(|sum| *sum >= 100).map(|version| version.get()), Some(14));
    /// assert_eq!(sum.bisect(|sum| *sum > 1_000_000), None);
    /// ```
    pub fn bisect(&self, mut holds: impl FnMut(&F::State) -> bool) -> Option<Version> {
        let (mut low, mut high) = (0, self.items.len());
        if !holds(&self.state(high)) {
            return None;
        }
        // It holds at `high`, and not at `low - 1`.
        while low < high {
            let middle = low + (high - low) / 2;
            match holds(&self.state(middle)) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        Some(Version::new(high as u64))
    }

    /// The first version at which `holds` is true. Looks at one version after another: O(n).
    ///
    /// ```
    /// use leftfold::{timeline::Timeline, view};
    ///
    /// let sum = Timeline::of(view(|| 0, |sum: i64, n: &i64| sum + n)).extend([5, -9, 7]);
    /// assert_eq!(sum.first_where(|sum| *sum < 0).map(|version| version.get()), Some(2));
    /// ```
    pub fn first_where(&self, mut holds: impl FnMut(&F::State) -> bool) -> Option<Version> {
        let mut found = None;
        self.pass(0..self.items.len() + 1, |version, state| match holds(state) {
            true => {
                found = Some(Version::new(version as u64));
                ControlFlow::Break(())
            }
            false => ControlFlow::Continue(()),
        });
        found
    }
}
