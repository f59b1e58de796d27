//! Two timelines side by side.

use super::diff::Diff;
use super::{HistoryItem, Timeline};
use crate::fold::Fold;
use crate::recorded::Version;
use serde::Serialize;
use std::fmt;

/// The version at which two timelines part, and how their heads differ. Prints both.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// The first version that different events made, or that only one of them has; `None` if both have the same history.
    pub parted: Option<Version>,
    /// The heads: first that of the timeline on which `compare` was called, then that of the other.
    pub heads: (Version, Version),
    /// What changes from the first head to the second.
    pub diff: Diff,
}

impl<F, E> Timeline<F, E>
where
    F: Fold<State: Clone>,
    E: HistoryItem<F::Event> + PartialEq,
{
    /// The version at which this timeline and another part, and what differs at their heads.
    ///
    /// Compares the histories event by event, except for the events that the two share.
    ///
    /// ```
    /// use leftfold::{timeline::Timeline, view};
    ///
    /// let sum = Timeline::of(view(|| 0, |sum: i64, n: &i64| sum + n)).extend([5, -2, 4]);
    /// let other = sum.what_if().replace(2, 2).branch()?;
    /// assert_eq!(sum.compare(&other).to_string(), "they part at version 2\n.  7 → 11\n");
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    pub fn compare(&self, other: &Self) -> Comparison
    where
        F::State: Serialize,
    {
        Comparison {
            parted: self.parted(other),
            heads: (self.version(), other.version()),
            diff: Diff::of(&*self.head(), &*other.head()),
        }
    }

    pub(super) fn parted(&self, other: &Self) -> Option<Version> {
        let common = self.items.common(&other.items, PartialEq::eq);
        let same = common == self.items.len() && common == other.items.len();
        (!same).then(|| Version::new(common as u64 + 1))
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.parted, self.heads) {
            (None, _) => return writeln!(f, "both have the same history"),
            (Some(at), (one, _)) if at > one => writeln!(f, "the other goes on from version {at}")?,
            (Some(at), (_, other)) if at > other => writeln!(f, "the other ends before version {at}")?,
            (Some(at), _) => writeln!(f, "they part at version {at}")?,
        }
        self.diff.fmt(f)
    }
}
