//! The state of a matcher: partial matches by key, their deadlines, and the latest matches.

use super::captures::{Captures, Match, TimedOut};
use super::error::PatternError;
use crate::recorded::Timestamp;
use im::{OrdMap, Vector};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::VecDeque;
use std::fmt::{self, Debug};
use std::sync::Arc;

/// How many deadlines of ended partial matches may stay in the queue, beyond one for each that is alive, before they are removed.
const MAX_STALE_DEADLINES: usize = 64;

/// The state of a [`Matcher`](super::Matcher). It is plain data, and serializes.
///
/// It holds the partial matches that are alive and the latest matches. It also holds the pattern's name: a matcher of another
/// name answers with [`PatternError::OtherShape`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(
    try_from = "StoredMatching<E, K>",
    bound(
        serialize = "E: Serialize, K: Serialize",
        deserialize = "E: Deserialize<'de>, K: Deserialize<'de> + Ord + Clone, E: Clone"
    )
)]
pub struct Matching<E, K: Ord = ()> {
    pub(super) shape: Arc<str>,
    pub(super) now: Option<Timestamp>,
    pub(super) seen: u64,
    pub(super) ignored: u64,
    pub(super) matched: u64,
    #[serde(serialize_with = "pairs")]
    pub(super) partitions: OrdMap<K, Partition<E>>,
    pub(super) latest: Vec<Match<E, K>>,
    pub(super) timed_out: Vec<TimedOut<E, K>>,
    pub(super) error: Option<Box<PatternError>>,
    /// How many partial matches and held matches the partitions hold.
    #[serde(skip_serializing)]
    pub(super) live: usize,
    /// When the partial matches end, in the order in which they began. Some may belong to partial matches that have ended.
    #[serde(skip_serializing)]
    pub(super) deadlines: Vector<Deadline<K>>,
}

/// The partial matches of one key, and the matches that wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Partition<E> {
    /// In the order in which they began.
    pub(super) partials: VecDeque<Partial<E>>,
    /// Matches that wait until no partial match that began earlier can discard them.
    pub(super) held: Vec<CompletedMatch<E>>,
}

/// A match that is not complete yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Partial<E> {
    /// The number of its first event.
    pub(super) start: u64,
    /// The last moment at which it can be completed.
    pub(super) deadline: Option<Timestamp>,
    /// The step that captured the last event.
    pub(super) step: usize,
    /// How many events this step has captured.
    pub(super) count: u32,
    /// Whether this step may capture one more.
    pub(super) looping: bool,
    /// Whether the next step, or the absence at the end, may follow.
    pub(super) advancing: bool,
    pub(super) captures: Captures<E>,
}

/// A match before it is reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CompletedMatch<E> {
    pub(super) start: u64,
    pub(super) at: Timestamp,
    pub(super) captures: Captures<E>,
}

/// When the partial matches end that have this first event.
#[derive(Clone)]
pub(super) struct Deadline<K> {
    pub(super) at: Timestamp,
    pub(super) start: u64,
    pub(super) key: K,
}

impl<E> Partition<E> {
    pub(super) fn new() -> Self {
        // Most partitions never hold a second partial match.
        Partition { partials: VecDeque::with_capacity(1), held: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.partials.len() + self.held.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn has(&self, start: u64) -> bool {
        self.partials.binary_search_by_key(&start, |partial| partial.start).is_ok()
    }
}

impl<E, K: Ord> Matching<E, K> {
    pub(super) fn initial(shape: Arc<str>) -> Self {
        Matching {
            shape,
            now: None,
            seen: 0,
            ignored: 0,
            matched: 0,
            partitions: OrdMap::new(),
            latest: Vec::new(),
            timed_out: Vec::new(),
            error: None,
            live: 0,
            deadlines: Vector::new(),
        }
    }

    pub(super) fn unless_failed(&self) -> Result<&Self, PatternError> {
        self.error().map_or(Ok(self), |error| Err(error.clone()))
    }

    /// The matches that the last observation completed, in the order of their first events.
    ///
    /// # Errors
    /// [`error`](Matching::error).
    pub fn latest(&self) -> Result<&[Match<E, K>], PatternError> {
        self.unless_failed().map(|matching| &*matching.latest)
    }

    /// The partial matches whose interval ended with the last observation, if the pattern
    /// [reports them](super::Pattern::reporting_timeouts).
    ///
    /// # Errors
    /// [`error`](Matching::error).
    pub fn latest_timed_out(&self) -> Result<&[TimedOut<E, K>], PatternError> {
        self.unless_failed().map(|matching| &*matching.timed_out)
    }

    /// The number of matches so far.
    ///
    /// # Errors
    /// [`error`](Matching::error).
    pub fn matched(&self) -> Result<u64, PatternError> {
        self.unless_failed().map(|matching| matching.matched)
    }

    /// Why the matcher has stopped, if it has: an event came too late, there were too many partial matches, or the state is of
    /// another pattern.
    ///
    /// After an error the state no longer changes, and every question returns the error, because matches may be missing. Fold
    /// the history again, with the events in order or with another setting.
    pub fn error(&self) -> Option<&PatternError> {
        self.error.as_deref()
    }

    /// The number of partial matches that are alive, and of matches that a [skip strategy](super::Skip) holds back.
    pub fn live(&self) -> usize {
        self.live
    }

    /// The number of events seen, without those that were ignored.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// The number of events and times that were ignored: they came [too late](super::Late::Ignored), or had no time before any
    /// was [observed](super::Observer::observe).
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// The latest time observed.
    pub fn now(&self) -> Option<Timestamp> {
        self.now
    }
}

impl<E: Clone, K: Ord + Clone> Matching<E, K> {
    /// Removes the deadlines of ended partial matches when they are more than half of the queue. O(1) on average.
    pub(super) fn drop_stale_deadlines(&mut self) {
        if self.deadlines.len() > 2 * self.live + MAX_STALE_DEADLINES {
            let alive = |end: &&Deadline<K>| {
                self.partitions.get(&end.key).is_some_and(|partition| partition.has(end.start))
            };
            self.deadlines = self.deadlines.iter().filter(alive).cloned().collect();
        }
    }

    /// Stops with this error.
    pub(super) fn fail(&mut self, error: PatternError) {
        self.partitions = OrdMap::new();
        self.deadlines = Vector::new();
        self.live = 0;
        self.error = Some(Box::new(error));
    }
}

/// Passes the fields of a matching that are stored to a macro; the others are computed from them.
macro_rules! with_stored_fields {
    ($matching:expr, $with:ident) => {
        $with!($matching, shape, now, seen, ignored, matched, partitions, latest, timed_out, error)
    };
}

impl<E: PartialEq, K: Ord> PartialEq for Matching<E, K> {
    fn eq(&self, other: &Self) -> bool {
        macro_rules! all_equal {
            ($one:expr, $($field:ident),*) => { $($one.$field == other.$field)&&* };
        }
        with_stored_fields!(self, all_equal)
    }
}

impl<E: Debug, K: Ord + Debug> Debug for Matching<E, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        macro_rules! all_printed {
            ($one:expr, $($field:ident),*) => {
                f.debug_struct("Matching")$(.field(stringify!($field), &$one.$field))*.finish()
            };
        }
        with_stored_fields!(self, all_printed)
    }
}

/// A map as a list of pairs: keys may have any type, but most formats require texts as the keys of a map.
fn pairs<K, E, S>(partitions: &OrdMap<K, Partition<E>>, serializer: S) -> Result<S::Ok, S::Error>
where
    K: Ord + Serialize,
    E: Serialize,
    S: Serializer,
{
    serializer.collect_seq(partitions.iter())
}

/// A matching as it is stored.
#[derive(Deserialize)]
#[serde(bound(deserialize = "E: Deserialize<'de>, K: Deserialize<'de>"))]
struct StoredMatching<E, K> {
    shape: Arc<str>,
    now: Option<Timestamp>,
    seen: u64,
    ignored: u64,
    matched: u64,
    partitions: Vec<(K, Partition<E>)>,
    latest: Vec<Match<E, K>>,
    timed_out: Vec<TimedOut<E, K>>,
    error: Option<Box<PatternError>>,
}

/// Refuses a state that no matcher has written: deadlines must be in the order in which the partial matches began.
impl<E: Clone, K: Ord + Clone> TryFrom<StoredMatching<E, K>> for Matching<E, K> {
    type Error = &'static str;

    fn try_from(stored: StoredMatching<E, K>) -> Result<Self, &'static str> {
        let mut deadlines = Vec::new();
        let mut live = 0;
        // If a key is there twice, only one of its partitions is kept. So count after that.
        let partitions: OrdMap<K, Partition<E>> = stored.partitions.into_iter().collect();
        for (key, partition) in &partitions {
            live += partition.len();
            let mut last = None;
            for Partial { start, deadline, .. } in &partition.partials {
                if let Some(at) = *deadline
                    && last != Some(*start)
                {
                    deadlines.push(Deadline { at, start: *start, key: key.clone() });
                    last = Some(*start);
                }
            }
        }
        deadlines.sort_by_key(|deadline| deadline.start);
        if !deadlines.is_sorted_by_key(|deadline| deadline.at) {
            return Err("a partial match that began later ends earlier, which no matcher writes");
        }
        Ok(Matching {
            shape: stored.shape,
            now: stored.now,
            seen: stored.seen,
            ignored: stored.ignored,
            matched: stored.matched,
            partitions,
            latest: stored.latest,
            timed_out: stored.timed_out,
            error: stored.error,
            live,
            deadlines: deadlines.into(),
        })
    }
}
