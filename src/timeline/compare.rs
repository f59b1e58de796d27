//! Two timelines side by side.

use super::diff::Diff;
use super::{Entry, Timeline};
use crate::fold::Fold;
use crate::recorded::Version;
use serde::Serialize;
use std::fmt;

/// Where two timelines part, and how their heads differ. Prints both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The first version that another event has made, or that one of them lacks; nothing if both have the same history.
    pub parted: Option<Version>,
    /// The heads: of the one that was asked, and of the other.
    pub heads: (Version, Version),
    /// What changes from the head of the one to the head of the other.
    pub diff: Diff,
}

impl<F, E> Timeline<F, E>
where
    F: Fold<State: Clone>,
    E: Entry<F::Event> + PartialEq,
{
    /// Where this timeline and another part, and what differs at their heads.
    ///
    /// Histories are compared event by event, except for what the two share.
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
        let common = self.entries.common(&other.entries, PartialEq::eq);
        let same = common == self.entries.len() && common == other.entries.len();
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
