use super::captures::{Captures, Match, TimedOut};
use super::error::PatternError;
use crate::recorded::Timestamp;
use im::{OrdMap, Vector};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::VecDeque;
use std::fmt::{self, Debug};
use std::sync::Arc;

/// How many deadlines of partial matches that are gone may wait beside those that are alive before they are cleared away.
const STALE: usize = 64;

/// Where a matcher is: the state of a [`Matcher`](super::Matcher). It is data alone, and serializes.
///
/// Its size is that of the partial matches that are alive, and of the matches found last. It carries the pattern's name as the
/// name of its shape: a matcher of another name does not go on from it, but says so.
#[derive(Clone, Serialize, Deserialize)]
#[serde(
    try_from = "Stored<E, K>",
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
    /// How many partial matches and held matches stand in the partitions.
    #[serde(skip_serializing)]
    pub(super) live: usize,
    /// When the partial matches end, in the order in which they began. Of those that are gone some may still stand here.
    #[serde(skip_serializing)]
    pub(super) deadlines: Vector<Deadline<K>>,
}

/// What is alive of one key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Partition<E> {
    /// In the order in which they began.
    pub(super) partials: VecDeque<Partial<E>>,
    /// Matches that wait until it is clear that none which began earlier takes their place.
    pub(super) held: Vec<Done<E>>,
}

/// The beginning of a match.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Partial<E> {
    /// The number of its first event.
    pub(super) start: u64,
    /// The last moment at which it can be completed.
    pub(super) deadline: Option<Timestamp>,
    /// The step that has captured last.
    pub(super) step: usize,
    /// How many events this step has captured.
    pub(super) count: u32,
    /// Whether this step may capture one more.
    pub(super) looping: bool,
    /// Whether the step after it, or the absence at the end, may follow.
    pub(super) advancing: bool,
    pub(super) captures: Captures<E>,
}

/// A match before it is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Done<E> {
    pub(super) start: u64,
    pub(super) at: Timestamp,
    pub(super) captures: Captures<E>,
}

/// When the partial matches that began with one event end.
#[derive(Clone)]
pub(super) struct Deadline<K> {
    pub(super) at: Timestamp,
    pub(super) start: u64,
    pub(super) key: K,
}

impl<E> Partition<E> {
    pub(super) fn new() -> Self {
        // Most partitions never hold a second one.
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
    pub(super) fn begun(shape: Arc<str>) -> Self {
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

    pub(super) fn sound(&self) -> Result<&Self, PatternError> {
        self.error().map_or(Ok(self), |error| Err(error.clone()))
    }

    /// The matches that were completed by what was observed last, in the order of their first events.
    ///
    /// # Errors
    /// [`error`](Matching::error).
    pub fn latest(&self) -> Result<&[Match<E, K>], PatternError> {
        self.sound().map(|matching| &*matching.latest)
    }

    /// The partial matches that ran out of time by what was observed last, where the pattern
    /// [reports them](super::Pattern::reporting_timeouts).
    ///
    /// # Errors
    /// [`error`](Matching::error).
    pub fn latest_timed_out(&self) -> Result<&[TimedOut<E, K>], PatternError> {
        self.sound().map(|matching| &*matching.timed_out)
    }

    /// How many matches there were so far.
    ///
    /// # Errors
    /// [`error`](Matching::error).
    pub fn matched(&self) -> Result<u64, PatternError> {
        self.sound().map(|matching| matching.matched)
    }

    /// What went wrong, if anything did: an event that came too late, too many partial matches, a state of another pattern.
    ///
    /// From then on the state stays as it is, whatever is observed. An answer that has lost something is no answer, so every
    /// question is answered with the error until the history is folded again, with the events in order or with another
    /// setting.
    pub fn error(&self) -> Option<&PatternError> {
        self.error.as_deref()
    }

    /// How many partial matches are alive; matches that a [skip strategy](super::Skip) holds back count too.
    pub fn live(&self) -> usize {
        self.live
    }

    /// How many events were seen, those that were ignored not among them.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// How many events and times were ignored because they came [too late](super::Late::Ignored).
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// The latest time that was observed.
    pub fn now(&self) -> Option<Timestamp> {
        self.now
    }
}

impl<E: Clone, K: Ord + Clone> Matching<E, K> {
    /// Clears deadlines away where more than half of them are of partial matches that are gone. O(1) on average.
    pub(super) fn tidy(&mut self) {
        if self.deadlines.len() > 2 * self.live + STALE {
            let alive = |end: &&Deadline<K>| {
                self.partitions.get(&end.key).is_some_and(|partition| partition.has(end.start))
            };
            self.deadlines = self.deadlines.iter().filter(alive).cloned().collect();
        }
    }

    /// Stands still from here on.
    pub(super) fn fail(&mut self, error: PatternError) {
        self.partitions = OrdMap::new();
        self.deadlines = Vector::new();
        self.live = 0;
        self.error = Some(Box::new(error));
    }
}

/// What of a matching is data; the rest follows from it.
macro_rules! told {
    ($matching:expr, $with:ident) => {
        $with!($matching, shape, now, seen, ignored, matched, partitions, latest, timed_out, error)
    };
}

impl<E: PartialEq, K: Ord> PartialEq for Matching<E, K> {
    fn eq(&self, other: &Self) -> bool {
        macro_rules! all_equal {
            ($one:expr, $($field:ident),*) => { $($one.$field == other.$field)&&* };
        }
        told!(self, all_equal)
    }
}

impl<E: Debug, K: Ord + Debug> Debug for Matching<E, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        macro_rules! all_told {
            ($one:expr, $($field:ident),*) => {
                f.debug_struct("Matching")$(.field(stringify!($field), &$one.$field))*.finish()
            };
        }
        told!(self, all_told)
    }
}

/// A map as a list of pairs: keys may be anything, and most formats want texts as the keys of a map.
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
struct Stored<E, K> {
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

/// Refuses what no matcher has written: deadlines are looked at in the order in which the partial matches began.
impl<E: Clone, K: Ord + Clone> TryFrom<Stored<E, K>> for Matching<E, K> {
    type Error = &'static str;

    fn try_from(stored: Stored<E, K>) -> Result<Self, &'static str> {
        let mut deadlines = Vec::new();
        let mut live = 0;
        // Of a key that is there twice, one partition is left, and that one is counted.
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
