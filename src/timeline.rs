//! Every version of a state: go back, ask what changed it, and try another past.
//!
//! A [`Timeline`] is a [`Fold`] with its history, plain events or recorded ones, and every state that the
//! history went through. States of persistent collections share what they have in common, so that keeping all of them costs
//! one path of a tree a version.
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
//! // Who broke it? The first version at which a balance is negative, and the event that last changed this one.
//! let broken = bank.first_where(|balances| balances.values().any(|balance| *balance < 0));
//! let blamed = bank.blame("petra")?.unwrap();
//! assert_eq!(broken, Some(blamed.version));
//! assert_eq!(*blamed.entry, ("petra".to_string(), -70));
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
//! | see what changed | [`diff`](Timeline::diff), [`blame`](Timeline::blame), [`history_of`](Timeline::history_of) |
//! | find where something began | [`bisect`](Timeline::bisect) by halving, [`first_where`](Timeline::first_where) by looking at all |
//! | ask a decider again | [`decide_at`](Timeline::decide_at), [`why`](Timeline::why) |
//! | try another past | [`fork`](Timeline::fork), [`what_if`](Timeline::what_if), [`WhatIf::redecide`], [`compare`](Timeline::compare) |
//! | work without a network | [`offline`](Timeline::offline), [`Offline::rebase`] |
//! | tell what was known from what was so | [`effective_at`](Timeline::effective_at), [`Bitemporal`] |
//! | bound the memory of states that share nothing | [`keeping_every`](Timeline::keeping_every) |

mod bitemporal;
mod blame;
mod compare;
mod decided_again;
mod diff;
mod entry;
mod error;
mod going_back;
mod offline;
mod past;
mod path;
mod search;
mod value;
mod what_if;

pub use bitemporal::Bitemporal;
pub use blame::Blamed;
pub use compare::Comparison;
pub use decided_again::{DecidedAgain, Decision, DecisionOf, Verdict};
pub use diff::{Change, Diff};
pub use entry::{Entry, Timed};
pub use error::TimelineError;
pub use offline::{Offline, Rebased};
pub use path::Path;
pub use value::Value;
pub use what_if::{Redecided, WhatIf};

use crate::fold::Fold;
use crate::recorded::{Timestamp, Version};
use past::Past;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A fold, its history, and every version of its state.
///
/// Version 0 is the initial state, version 1 the state after the first event of this timeline, and so on; the last one is
/// the *head*. A history that was read from the middle of a stream has its own count here.
///
/// The items `E` are the events themselves, pairs of a time and an event, or [`Recorded`](crate::recorded::Recorded)
/// events; see [`Entry`].
///
/// Memory: one state a version, and the history. A clone or a [`fork`](Self::fork) shares both, in O(b) for the b branchings
/// it comes from.
pub struct Timeline<F: Fold, E = <F as Fold>::Event> {
    fold: Arc<F>,
    entries: Past<E>,
    /// The states at version 0, `every`, 2 × `every`, ….
    kept: Past<F::State>,
    every: usize,
    /// The last state, where it is not kept and not to be folded again.
    head: Option<F::State>,
    backwards: Option<Backwards>,
}

/// The first event that was recorded before its predecessor.
#[derive(Clone, Copy)]
struct Backwards {
    version: usize,
    at: Timestamp,
    before: Timestamp,
}

impl<F, E> Timeline<F, E>
where
    F: Fold<State: Clone>,
    E: Entry<F::Event>,
{
    /// A timeline on which nothing has happened. Every version is kept.
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
        Self::shared(Arc::new(fold), 1)
    }

    fn shared(fold: Arc<F>, every: usize) -> Self {
        let mut kept = Past::new();
        kept.push(fold.initial_state());
        Timeline { fold, entries: Past::new(), kept, every, head: None, backwards: None }
    }

    /// Keeps every `k`-th version and folds again what lies between: for states that do not share, such as a `BTreeMap`.
    ///
    /// The answers are the same. Memory: at most `n / k + 2` states for `n` events. [`at`](Self::at) then folds fewer than
    /// `k` events and gives a state of its own. 0 counts as 1: every version is kept. O(n).
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
        let mut timeline = Self::shared(Arc::clone(&self.fold), k.max(1));
        timeline.follow(&self.entries, 0..self.entries.len());
        timeline
    }

    /// One more event. Costs one `evolve`, and a copy of what the state does not share with the one before.
    pub fn push(&mut self, entry: E) {
        self.advance(&entry, self.entries.len() + 1, self.entries.last().and_then(Entry::time));
        self.entries.push(entry);
    }

    /// The timeline with further events, in order.
    #[must_use]
    pub fn extend(mut self, entries: impl IntoIterator<Item = E>) -> Self {
        let entries = entries.into_iter();
        let (more, _) = entries.size_hint();
        self.entries.reserve(more);
        self.kept.reserve(more / self.every);
        entries.for_each(|entry| self.push(entry));
        self
    }

    /// Goes on with these entries of another history, and shares them.
    fn follow(&mut self, entries: &Past<E>, range: Range<usize>) {
        let (mut version, mut before) = (self.entries.len(), self.entries.last().and_then(Entry::time));
        for entry in range.clone().filter_map(|at| entries.get(at)) {
            version += 1;
            self.advance(entry, version, before);
            before = entry.time();
        }
        self.entries.share(entries, range);
    }

    /// Folds an entry that is to make this version, and looks whether time goes on.
    fn advance(&mut self, entry: &E, version: usize, before: Option<Timestamp>) {
        if self.every == 1 {
            let state = self.kept.last().cloned().unwrap_or_else(|| self.fold.initial_state());
            self.kept.push(self.fold.evolve(state, entry.event()));
        } else {
            let state = self.head.take().unwrap_or_else(|| self.refolded(version - 1));
            let state = self.fold.evolve(state, entry.event());
            if version.is_multiple_of(self.every) {
                self.kept.push(state.clone());
            }
            self.head = Some(state);
        }
        if let (None, Some(before), Some(at)) = (self.backwards, before, entry.time())
            && at < before
        {
            self.backwards = Some(Backwards { version, at, before });
        }
    }

    /// A timeline of the first `version` events, which shares them and their states, and goes on by itself.
    ///
    /// # Errors
    /// [`TimelineError::NoSuchVersion`].
    pub fn fork(&self, version: impl Into<Version>) -> Result<Self, TimelineError> {
        let version = self.checked(version.into(), 0)?;
        Ok(Timeline {
            fold: Arc::clone(&self.fold),
            entries: self.entries.first(version),
            kept: self.kept.first(version / self.every + 1),
            every: self.every,
            head: if version == self.entries.len() { self.head.clone() } else { None },
            backwards: self.backwards.filter(|backwards| backwards.version <= version),
        })
    }
}

impl<F: Fold<State: Clone>, E> Clone for Timeline<F, E> {
    /// Shares the history and its states.
    fn clone(&self) -> Self {
        Timeline {
            fold: Arc::clone(&self.fold),
            entries: self.entries.clone(),
            kept: self.kept.clone(),
            every: self.every,
            head: self.head.clone(),
            backwards: self.backwards,
        }
    }
}

impl<F: Fold, E> fmt::Debug for Timeline<F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Timeline");
        shown
            .field("version", &self.entries.len())
            .field("keeping_every", &self.every)
            .finish_non_exhaustive()
    }
}
