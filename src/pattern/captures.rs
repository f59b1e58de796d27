//! Captured events: a persistent list that partial matches share, and the matches that are made of it.

use crate::recorded::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::{self, Debug};
use std::sync::Arc;

/// One event that a step has captured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Capture<E> {
    /// Its number among all events that the matcher has seen, 1 for the first.
    pub number: u64,
    /// Its time.
    pub at: Timestamp,
    /// The event.
    pub event: E,
}

/// The captured events of a match, each with the name of its step, in the order in which they happened.
///
/// ```
/// use leftfold::Fold;
/// use leftfold::pattern::{Observed, Pattern, PatternError};
/// use leftfold::recorded::Timestamp;
///
/// let pattern = Pattern::named("p").start("odd", |n: &u32| n % 2 == 1).times(2).next("even", |n| n % 2 == 0).compile()?;
/// let now = Timestamp::UNIX_EPOCH;
/// let state = pattern.fold(&[1, 3, 4].map(|n| Observed::event(now, n)));
/// let captures = &state.latest()?[0].captures;
/// assert_eq!(captures.first("odd").map(|capture| capture.event), Some(1));
/// assert_eq!(captures.last("odd").map(|capture| capture.event), Some(3));
/// assert_eq!(captures.iter().map(|(step, _)| step).collect::<Vec<_>>(), ["odd", "odd", "even"]);
/// # Ok::<(), PatternError>(())
/// ```
///
/// A persistent list: partial matches with the same first events share them. Every call takes O(n) for n captured events.
pub struct Captures<E> {
    newest: Option<Arc<Node<E>>>,
}

struct Node<E> {
    step: Arc<str>,
    capture: Capture<E>,
    before: Captures<E>,
}

impl<E> Captures<E> {
    pub(super) fn none() -> Self {
        Captures { newest: None }
    }

    /// This list with one more event.
    pub(super) fn and(&self, step: Arc<str>, capture: Capture<E>) -> Self {
        Captures { newest: Some(Arc::new(Node { step, capture, before: self.clone() })) }
    }

    fn newest_first(&self) -> impl Iterator<Item = (&str, &Capture<E>)> {
        let mut at = self;
        std::iter::from_fn(move || {
            let node = at.newest.as_deref()?;
            at = &node.before;
            Some((&*node.step, &node.capture))
        })
    }

    /// All captured events, oldest first, each with the name of its step.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Capture<E>)> {
        let mut all: Vec<_> = self.newest_first().collect();
        all.reverse();
        all.into_iter()
    }

    /// The first event that this step has captured.
    pub fn first(&self, step: &str) -> Option<&Capture<E>> {
        self.newest_first().filter(|(name, _)| *name == step).last().map(|(_, capture)| capture)
    }

    /// The last event that this step has captured.
    pub fn last(&self, step: &str) -> Option<&Capture<E>> {
        self.newest_first().find(|(name, _)| *name == step).map(|(_, capture)| capture)
    }

    /// All events that this step has captured, oldest first.
    pub fn all(&self, step: &str) -> Vec<&Capture<E>> {
        self.iter().filter(|(name, _)| *name == step).map(|(_, capture)| capture).collect()
    }

    /// The event captured last, whatever its step.
    pub(super) fn newest(&self) -> Option<&Capture<E>> {
        self.newest.as_deref().map(|node| &node.capture)
    }
}

impl<E> Clone for Captures<E> {
    fn clone(&self) -> Self {
        Captures { newest: self.newest.clone() }
    }
}

/// Drops the list in a loop. Node by node, the drop would recurse as deep as the list is long.
impl<E> Drop for Captures<E> {
    fn drop(&mut self) {
        let mut newest = self.newest.take();
        while let Some(mut node) = newest.and_then(Arc::into_inner) {
            newest = node.before.newest.take();
        }
    }
}

impl<E: PartialEq> PartialEq for Captures<E> {
    fn eq(&self, other: &Self) -> bool {
        let same = |one: &Option<Arc<Node<E>>>, other: &Option<Arc<Node<E>>>| match (one, other) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        same(&self.newest, &other.newest) || self.newest_first().eq(other.newest_first())
    }
}

impl<E: Eq> Eq for Captures<E> {}

impl<E: Debug> Debug for Captures<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// One captured event in a line.
        struct CaptureLine<'a, E>(&'a str, &'a Capture<E>);
        impl<E: Debug> Debug for CaptureLine<'_, E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let CaptureLine(step, Capture { number, at, event }) = self;
                write!(f, "{step}: {event:?} (event {number}, {at})")
            }
        }
        f.debug_list().entries(self.iter().map(|(step, capture)| CaptureLine(step, capture))).finish()
    }
}

/// One captured event as it is stored.
#[derive(Serialize, Deserialize)]
struct StoredCapture<C> {
    step: Arc<str>,
    captured: C,
}

impl<E: Serialize> Serialize for Captures<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Some formats write the length first, so the captures are collected.
        let all: Vec<_> =
            self.iter().map(|(step, captured)| StoredCapture { step: step.into(), captured }).collect();
        all.serialize(serializer)
    }
}

impl<'de, E: Deserialize<'de>> Deserialize<'de> for Captures<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = Vec::<StoredCapture<Capture<E>>>::deserialize(deserializer)?;
        let none = Captures::none();
        Ok(all.into_iter().fold(none, |before, stored| before.and(stored.step, stored.captured)))
    }
}

/// Events that satisfy a pattern together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "E: Serialize, K: Serialize",
    deserialize = "E: Deserialize<'de>, K: Deserialize<'de>"
))]
#[non_exhaustive]
pub struct Match<E, K = ()> {
    /// Its number among all matches, 1 for the first. Every fold of the same history gives the same number, so it can be the
    /// key of what is [owed](crate::Owed) for the match.
    pub number: u64,
    /// The key of its partition; `()` if the pattern has no partition.
    pub key: K,
    /// The time at which it was completed: the time of its last event, or the end of the interval if the pattern ends with an
    /// absence.
    pub at: Timestamp,
    /// The events, by the names of their steps.
    pub captures: Captures<E>,
}

/// A partial match whose interval has passed; reported if the pattern
/// [reports timeouts](super::Pattern::reporting_timeouts).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "E: Serialize, K: Serialize",
    deserialize = "E: Deserialize<'de>, K: Deserialize<'de>"
))]
#[non_exhaustive]
pub struct TimedOut<E, K = ()> {
    /// The key of its partition; `()` if the pattern has no partition.
    pub key: K,
    /// The last moment at which it could have been completed.
    pub at: Timestamp,
    /// The events so far, by the names of their steps.
    pub captures: Captures<E>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(numbers: std::ops::RangeInclusive<u64>) -> Captures<u64> {
        let capture = |number| Capture { number, at: Timestamp::UNIX_EPOCH, event: number };
        numbers.fold(Captures::none(), |captures, number| captures.and("n".into(), capture(number)))
    }

    #[test]
    fn a_list_of_a_million_events_is_dropped_without_a_deep_stack() {
        let all = captured(1..=1_000_000);
        let also = all.clone();
        drop(all);
        assert_eq!(also.first("n").map(|capture| capture.event), Some(1));
        drop(also);
    }

    #[test]
    fn a_list_that_others_hold_is_left_to_them() {
        let beginning = captured(1..=3);
        let longer = beginning.and("m".into(), Capture { number: 4, at: Timestamp::MIN, event: 4 });
        drop(longer);
        assert_eq!(beginning.all("n").len(), 3);
    }
}
