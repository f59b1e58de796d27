//! Every version of a state: go back, find what changed it, and try another past.
//!
//! A [`Timeline`] is a [`Fold`] with its history, plain events or recorded ones, and every state that the history went through.
//! Persistent collections share what they have in common, so each further version costs one path of a tree.
//!
//! ```
//! use leftfold::im::OrdMap;
//! use leftfold::timeline::Timeline;
//! use leftfold::view;
//!
//! let balances = view(OrdMap::new, |balances: OrdMap<String, i64>, (owner, amount): &(String, i64)| {
//!     balances.alter(|balance| Some(balance.unwrap_or(0) + amount), owner.clone())
//! });
//! let bank = Timeline::of(balances).extend([("petra".into(), 50), ("alex".into(), 20), ("petra".into(), -70)]);
//!
//! assert_eq!(bank.at(1)?["petra"], 50);
//! assert_eq!(bank.diff(1, 3)?.to_string(), "alex   + 20\npetra  50 → -20\n");
//!
//! // Who broke it? The first version with a negative balance, and the event that last changed that balance.
//! let broken = bank.first_where(|balances| balances.values().any(|balance| *balance < 0));
//! let blamed = bank.blame("petra")?.unwrap();
//! assert_eq!(broken, Some(blamed.version));
//! assert_eq!(*blamed.item, ("petra".to_string(), -70));
//!
//! // And what if it had not happened?
//! let other = bank.what_if().remove(3).branch()?;
//! assert_eq!(other.head()["petra"], 50);
//! # Ok::<(), leftfold::timeline::TimelineError>(())
//! ```
//!
//! | to | use |
//! |---|---|
//! | go back | [`at`](Timeline::at), [`as_at`](Timeline::as_at), [`states`](Timeline::states) |
//! | see what changed and which event changed it | [`diff`](Timeline::diff), [`blame`](Timeline::blame), [`history_of`](Timeline::history_of) |
//! | find the version at which something began | [`bisect`](Timeline::bisect) by halving, [`first_where`](Timeline::first_where) by looking at all |
//! | decide a command on an earlier state | [`decide_at`](Timeline::decide_at), [`why`](Timeline::why) |
//! | try another past | [`fork`](Timeline::fork), [`what_if`](Timeline::what_if), [`WhatIf::redecide`], [`compare`](Timeline::compare) |
//! | work without a network | [`offline`](Timeline::offline), [`Offline::rebase`] |
//! | separate what was known then from what was true then | [`effective_at`](Timeline::effective_at), [`Bitemporal`] |
//! | bound the memory of states that share nothing | [`keeping_every`](Timeline::keeping_every) |

mod bitemporal;
mod blame;
mod compare;
mod decided_again;
mod diff;
mod error;
mod going_back;
mod history_item;
mod offline;
mod past;
mod path;
mod path_step;
mod search;
mod value;
mod what_if;

pub use bitemporal::Bitemporal;
pub use blame::Blamed;
pub use compare::Comparison;
pub use decided_again::{Decision, DecisionOf, OtherGrounds, Redecision, RedecisionVerdict};
pub use diff::{Change, Diff};
pub use error::TimelineError;
pub use history_item::{HistoryItem, TimedItem};
pub use offline::{Offline, Rebased};
pub use path::Path;
pub use value::Value;
pub(crate) use value::ValueRow;
pub use what_if::{RedecidedBranch, WhatIf};

use crate::fold::Fold;
use crate::recorded::{Timestamp, Version};
use past::Past;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A fold, its history, and every version of its state.
///
/// Version 0 is the initial state, version 1 the state after the first event of this timeline, and so on; the last one is
/// the *head*. A history that was read from the middle of a stream also begins with version 1.
///
/// The items `E` are the events themselves, pairs of a time and an event, or [`Recorded`](crate::recorded::Recorded)
/// events; see [`HistoryItem`].
///
/// Memory: one state for each version, and the history. A clone or a [`fork`](Self::fork) shares both; it takes O(b) after b
/// forks of forks.
#[doc(alias = "time travel")]
pub struct Timeline<F: Fold, E = <F as Fold>::Event> {
    fold: Arc<F>,
    items: Past<E>,
    /// The states at version 0, `every`, 2 × `every`, ….
    states: Past<F::State>,
    every: usize,
    /// The last state, if it is not in `states`. `None` after a fork: it is folded again when it is needed.
    head: Option<F::State>,
    backwards: Option<Backwards>,
}

/// The first event whose time is earlier than that of the event before it.
#[derive(Clone, Copy)]
struct Backwards {
    version: usize,
    at: Timestamp,
    before: Timestamp,
}

impl<F, E> Timeline<F, E>
where
    F: Fold<State: Clone>,
    E: HistoryItem<F::Event>,
{
    /// A timeline without events. It keeps every version.
    ///
    /// ```
    /// use leftfold::{timeline::Timeline, view};
    ///
    /// let mut sum = Timeline::of(view(|| 0, |sum: i64, n: &i64| sum + n));
    /// sum.push(5);
    /// assert_eq!((*sum.head(), *sum.at(0)?), (5, 0));
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    pub fn of(fold: F) -> Self {
        Self::empty(Arc::new(fold), 1)
    }

    fn empty(fold: Arc<F>, every: usize) -> Self {
        let mut states = Past::new();
        states.push(fold.initial_state());
        Timeline { fold, items: Past::new(), states, every, head: None, backwards: None }
    }

    /// Keeps only every `k`-th version, for states that do not share memory, such as a `BTreeMap`. Default: every version.
    ///
    /// All answers stay the same. Memory: at most `n / k + 2` states for `n` events. For a version between two that are kept,
    /// [`at`](Self::at) folds fewer than `k` events and returns an owned state. 0 counts as 1. O(n).
    ///
    /// ```
    /// use leftfold::{timeline::Timeline, view};
    /// use std::collections::BTreeSet;
    ///
    /// let seen = view(BTreeSet::new, |mut seen: BTreeSet<u32>, n: &u32| { seen.insert(n % 100); seen });
    /// let timeline = Timeline::of(seen).keeping_every(50).extend(0..1_000);
    /// assert_eq!(timeline.at(77)?.len(), 77);
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    #[must_use]
    pub fn keeping_every(self, k: usize) -> Self {
        let mut timeline = Self::empty(Arc::clone(&self.fold), k.max(1));
        timeline.follow(&self.items, 0..self.items.len());
        timeline
    }

    /// Adds an event. Costs one `evolve`, and a copy of what the new state does not share with the previous one.
    pub fn push(&mut self, item: E) {
        self.advance(&item, self.items.len() + 1, self.items.last().and_then(HistoryItem::time));
        self.items.push(item);
    }

    /// The timeline with further events, in order.
    #[must_use]
    pub fn extend(mut self, items: impl IntoIterator<Item = E>) -> Self {
        let items = items.into_iter();
        let (more, _) = items.size_hint();
        self.items.reserve(more);
        self.states.reserve(more / self.every);
        items.for_each(|item| self.push(item));
        self
    }

    /// Adds these items of another history, and shares them.
    fn follow(&mut self, items: &Past<E>, range: Range<usize>) {
        let (mut version, mut before) = (self.items.len(), self.items.last().and_then(HistoryItem::time));
        for item in range.clone().filter_map(|at| items.get(at)) {
            version += 1;
            self.advance(item, version, before);
            before = item.time();
        }
        self.items.share(items, range);
    }

    /// Folds the item that makes this version, and compares its time with that of the item before it.
    fn advance(&mut self, item: &E, version: usize, before: Option<Timestamp>) {
        if self.every == 1 {
            let state = self.states.last().cloned().unwrap_or_else(|| self.fold.initial_state());
            self.states.push(self.fold.evolve(state, item.event()));
        } else {
            let state = self.head.take().unwrap_or_else(|| self.refolded(version - 1));
            let state = self.fold.evolve(state, item.event());
            if version.is_multiple_of(self.every) {
                self.states.push(state.clone());
            }
            self.head = Some(state);
        }
        if let (None, Some(before), Some(at)) = (self.backwards, before, item.time())
            && at < before
        {
            self.backwards = Some(Backwards { version, at, before });
        }
    }

    /// A timeline of the first `version` events, which shares them and their states with this one.
    ///
    /// # Errors
    /// [`TimelineError::NoSuchVersion`].
    pub fn fork(&self, version: impl Into<Version>) -> Result<Self, TimelineError> {
        let version = self.checked(version.into(), 0)?;
        Ok(Timeline {
            fold: Arc::clone(&self.fold),
            items: self.items.first(version),
            states: self.states.first(version / self.every + 1),
            every: self.every,
            head: if version == self.items.len() { self.head.clone() } else { None },
            backwards: self.backwards.filter(|backwards| backwards.version <= version),
        })
    }
}

impl<F: Fold<State: Clone>, E> Clone for Timeline<F, E> {
    /// Shares the history and its states.
    fn clone(&self) -> Self {
        Timeline {
            fold: Arc::clone(&self.fold),
            items: self.items.clone(),
            states: self.states.clone(),
            every: self.every,
            head: self.head.clone(),
            backwards: self.backwards,
        }
    }
}

impl<F: Fold, E> fmt::Debug for Timeline<F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Timeline");
        shown.field("version", &self.items.len()).field("keeping_every", &self.every).finish_non_exhaustive()
    }
}
