//! Another past: events inserted, removed or replaced, and what follows from that.

use super::decided_again::{DecisionOf, Redecision, RedecisionVerdict, decided_again};
use super::error::TimelineError;
use super::{HistoryItem, Timeline};
use crate::decider::Decider;
use crate::fold::Fold;
use crate::recorded::Version;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// Edits of a history; made by [`Timeline::what_if`], applied by [`branch`](Self::branch) or [`redecide`](Self::redecide).
///
/// Versions are those of the timeline before any edit, so edits do not shift each other. If two edits remove or replace the
/// same event, the later one counts.
#[must_use]
pub struct WhatIf<'t, F: Fold, E> {
    timeline: &'t Timeline<F, E>,
    /// By version: the items inserted after it.
    inserted: BTreeMap<Version, Vec<E>>,
    /// By version: the item that replaces its event, or `None` if the event is removed.
    replaced: BTreeMap<Version, Option<E>>,
}

debug_by_name!([F: Fold, E] WhatIf<'_, F, E>, "WhatIf");

impl<F, E> Timeline<F, E>
where
    F: Fold<State: Clone>,
    E: HistoryItem<F::Event>,
{
    /// Begins to edit the history, to see what would be if it were another.
    ///
    /// Items inserted into a history of recorded events need an envelope too. If you have none, make a timeline of the events
    /// alone.
    ///
    /// ```
    /// use leftfold::{timeline::Timeline, view};
    ///
    /// let sum = Timeline::of(view(|| 0, |sum: i64, n: &i64| sum + n)).extend([5, -2, 4]);
    /// let branch = sum.what_if().insert(0, 100).remove(1).replace(3, 3).branch()?;
    /// assert_eq!(branch.items().map(|(_, n)| *n).collect::<Vec<_>>(), [100, -2, 3]);
    /// assert_eq!(*branch.head(), 101);
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    pub fn what_if(&self) -> WhatIf<'_, F, E> {
        WhatIf { timeline: self, inserted: BTreeMap::new(), replaced: BTreeMap::new() }
    }
}

impl<F, E> WhatIf<'_, F, E>
where
    F: Fold<State: Clone>,
    E: HistoryItem<F::Event>,
{
    /// Inserts an item after `version`; 0 is the beginning. Items inserted after the same version stay in the order of the calls.
    pub fn insert(mut self, after: impl Into<Version>, item: E) -> Self {
        self.inserted.entry(after.into()).or_default().push(item);
        self
    }

    /// Removes the event that made this version.
    pub fn remove(mut self, version: impl Into<Version>) -> Self {
        self.replaced.insert(version.into(), None);
        self
    }

    /// Replaces the event that made this version.
    pub fn replace(mut self, version: impl Into<Version>, item: E) -> Self {
        self.replaced.insert(version.into(), Some(item));
        self
    }

    /// The timeline with the edited history.
    ///
    /// It shares all events, and the states before the first edit; the states after it are folded again. Events after an edit are
    /// facts and do not change. To see what would have been decided, use [`redecide`](Self::redecide).
    ///
    /// # Errors
    /// [`TimelineError::NoSuchVersion`] when an edit names a version that does not exist.
    pub fn branch(self) -> Result<Timeline<F, E>, TimelineError> {
        let mut walk = self.walk()?;
        while walk.at <= walk.end {
            walk.insertions();
            walk.old_events(walk.next_edit());
        }
        Ok(walk.branch)
    }

    fn walk(self) -> Result<Walk<F, E>, TimelineError> {
        for version in self.inserted.keys() {
            self.timeline.checked(*version, 0)?;
        }
        for version in self.replaced.keys() {
            self.timeline.checked(*version, 1)?;
        }
        let number = |version: Version| version.get() as usize;
        let mut walk = Walk {
            branch: self.timeline.clone(),
            original: self.timeline.clone(),
            inserted: self.inserted.into_iter().map(|(at, items)| (number(at), items)).collect(),
            replaced: self.replaced.into_iter().map(|(at, item)| (number(at), item)).collect(),
            at: 0,
            end: self.timeline.items.len(),
        };
        walk.at = walk.next_edit();
        walk.branch = walk.original.fork(walk.at as u64)?;
        Ok(walk)
    }
}

/// Builds the edited history, from its first edit on.
struct Walk<F: Fold, E> {
    branch: Timeline<F, E>,
    original: Timeline<F, E>,
    inserted: BTreeMap<usize, Vec<E>>,
    replaced: BTreeMap<usize, Option<E>>,
    /// How many events of the original history are done.
    at: usize,
    end: usize,
}

impl<F, E> Walk<F, E>
where
    F: Fold<State: Clone>,
    E: HistoryItem<F::Event>,
{
    /// The index of the next edit that is not applied yet.
    fn next_edit(&self) -> usize {
        let insertion = self.inserted.keys().next().copied().unwrap_or(self.end);
        let change = self.replaced.keys().next().map_or(self.end, |version| version - 1);
        insertion.min(change)
    }

    fn insertions(&mut self) {
        for item in self.inserted.remove(&self.at).unwrap_or_default() {
            self.branch.push(item);
        }
    }

    /// Adds the original events up to `until`; if there are none, the next event as it is edited. At the end of the history,
    /// goes one past it.
    fn old_events(&mut self, until: usize) {
        if self.at < until {
            self.branch.follow(&self.original.items, self.at..until);
            self.at = until;
            return;
        }
        if let Some(replacement) = self.replaced.remove(&(self.at + 1)) {
            replacement.into_iter().for_each(|item| self.branch.push(item));
        } else if self.at < self.end {
            self.branch.follow(&self.original.items, self.at..self.at + 1);
        }
        self.at += 1;
    }

    /// Whether an edit touches these events: the versions after `events.start`, up to `events.end`.
    fn edits(&self, events: &Range<usize>) -> bool {
        let inside = events.start + 1..events.end;
        self.replaced.range(events.start + 1..events.end + 1).next().is_some()
            || (!inside.is_empty() && self.inserted.range(inside).next().is_some())
    }
}

/// An edited history in which recorded commands were decided again; made by [`WhatIf::redecide`]. Prints one decision after
/// another.
#[non_exhaustive]
pub struct RedecidedBranch<D: Decider> {
    /// The edited history, with the events that the commands have now.
    pub branch: Timeline<D>,
    /// Each command, in the order in which they were decided.
    pub decisions: Vec<Redecision<D::Command, D::Event, D::Rejection>>,
}

impl<D> WhatIf<'_, D, D::Event>
where
    D: Decider<State: Clone, Command: Clone, Event: Clone + PartialEq, Rejection: Clone + PartialEq>,
{
    /// The edited history, in which recorded commands are decided again on the state that they now meet.
    ///
    /// The new events of a decision replace its old ones. A command whose own events are edited is not decided again: the edit
    /// says what happened. Events that belong to no decision are facts and stay. Decisions before the first edit are kept. Each
    /// decision is reported once, in the order of the versions at which they were decided.
    ///
    /// ```
    /// use leftfold::{decider, recorded::Version, timeline::{Decision, Timeline, RedecisionVerdict}};
    ///
    /// let till = decider(
    ///     || 0,
    ///     |out: &i32, sum: &i32| if out > sum { Err(*sum) } else { Ok(vec![-out]) },
    ///     |sum, moved: &i32| sum + moved,
    /// );
    /// let till = Timeline::of(till).extend([10, -4, 3, -5]);
    /// let decisions = [
    ///     Decision { at: Version::new(1), command: 4, outcome: Ok(vec![-4]) },
    ///     Decision { at: Version::new(3), command: 5, outcome: Ok(vec![-5]) },
    /// ];
    /// // If only 5 had been paid in, 4 could still be taken out; the other 5 could not.
    /// let redecided = till.what_if().replace(1, 5).redecide(&decisions)?;
    /// let verdicts: Vec<RedecisionVerdict> = redecided.decisions.iter().map(|again| again.verdict).collect();
    /// assert_eq!(verdicts, [RedecisionVerdict::Kept, RedecisionVerdict::Rejected]);
    /// assert_eq!(redecided.decisions[1].now, Err(4));
    /// assert_eq!(*redecided.branch.head(), 4);
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    ///
    /// # Errors
    /// [`TimelineError::NoSuchVersion`]; [`TimelineError::NotDecidedHere`] when the history does not have the events of a
    /// decision after its version, or when two decisions claim the same events.
    pub fn redecide(self, decisions: &[DecisionOf<D>]) -> Result<RedecidedBranch<D>, TimelineError> {
        let placed = self.timeline.placed(decisions)?;
        let mut walk = self.walk()?;
        let mut reported = Vec::with_capacity(placed.len());
        let mut placed = placed.into_iter().peekable();
        while walk.at <= walk.end {
            walk.insertions();
            let at = walk.at;
            while let Some((events, decision)) = placed.next_if(|(events, _)| events.start <= at) {
                // It is before the first edit, or its own events are edited.
                if events.start < at || walk.edits(&events) {
                    let verdict =
                        if events.end <= at { RedecisionVerdict::Kept } else { RedecisionVerdict::Edited };
                    reported.push(decision.redecided(decision.outcome.clone(), verdict));
                    continue;
                }
                let again = decided_again(&*walk.branch.fold, decision, &walk.branch.head());
                again.now.iter().flatten().for_each(|event| walk.branch.push(event.clone()));
                reported.push(again);
                walk.at = events.end;
            }
            if walk.at == at {
                let decided = placed.peek().map_or(walk.end, |(events, _)| events.start.max(at));
                walk.old_events(walk.next_edit().min(decided));
            }
        }
        Ok(RedecidedBranch { branch: walk.branch, decisions: reported })
    }
}

impl<D> Timeline<D>
where
    D: Decider<State: Clone, Event: PartialEq>,
{
    /// Decisions in the order of their versions, each with its events: those after version `start`, up to `end`.
    #[allow(clippy::type_complexity)]
    fn placed<'d>(
        &self,
        decisions: &'d [DecisionOf<D>],
    ) -> Result<Vec<(Range<usize>, &'d DecisionOf<D>)>, TimelineError> {
        let mut placed = Vec::with_capacity(decisions.len());
        for decision in decisions {
            let start = self.checked(decision.at, 0)?;
            let events: &[D::Event] = decision.outcome.as_deref().unwrap_or_default();
            let is_recorded = |(i, event): (usize, &D::Event)| self.items.get(start + i) == Some(event);
            if !events.iter().enumerate().all(is_recorded) {
                return Err(TimelineError::NotDecidedHere { at: decision.at, events: events.len() });
            }
            placed.push((start..start + events.len(), decision));
        }
        // At the same version, decisions without events come first: they were decided before the one that has events.
        placed.sort_by_key(|(events, _)| (events.start, events.end));
        for pair in placed.windows(2) {
            if let [(one, _), (other, decision)] = pair
                && other.start < one.end
            {
                return Err(TimelineError::NotDecidedHere { at: decision.at, events: other.len() });
            }
        }
        Ok(placed)
    }
}

impl<D: Decider> fmt::Debug for RedecidedBranch<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdicts: Vec<RedecisionVerdict> = self.decisions.iter().map(|again| again.verdict).collect();
        f.debug_struct("RedecidedBranch")
            .field("branch", &self.branch)
            .field("verdicts", &verdicts)
            .finish_non_exhaustive()
    }
}

impl<D> fmt::Display for RedecidedBranch<D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug, Rejection: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decisions.iter().try_for_each(|again| writeln!(f, "{again}"))
    }
}
