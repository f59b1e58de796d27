//! Another past: events put in, taken out or replaced, and what follows from that.

use super::decided_again::{DecidedAgain, DecisionOf, Verdict, decided_again};
use super::error::TimelineError;
use super::{Entry, Timeline};
use crate::decider::Decider;
use crate::fold::Fold;
use crate::recorded::Version;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// Edits of a history; made by [`Timeline::what_if`]. Nothing happens until [`branch`](Self::branch) or
/// [`redecide`](Self::redecide).
///
/// Versions are those of the timeline before any edit, so that edits do not shift each other. Of two edits that remove or
/// replace the same event, the later one counts.
#[must_use]
pub struct WhatIf<'t, F: Fold, E> {
    timeline: &'t Timeline<F, E>,
    /// By version: what is inserted after it.
    inserted: BTreeMap<Version, Vec<E>>,
    /// By version: what stands in place of its event, if anything.
    instead: BTreeMap<Version, Option<E>>,
}

impl<F, E> Timeline<F, E>
where
    F: Fold<State: Clone>,
    E: Entry<F::Event>,
{
    /// Asks what would be if the history were another.
    ///
    /// What is put into a history of recorded events needs an envelope too. Where that makes no sense, make a timeline of the
    /// events alone.
    ///
    /// ```
    /// use leftfold::{timeline::Timeline, view};
    ///
    /// let sum = Timeline::of(view(|| 0, |sum: i64, n: &i64| sum + n)).extend([5, -2, 4]);
    /// let branch = sum.what_if().insert(0, 100).remove(1).replace(3, 3).branch()?;
    /// assert_eq!(branch.entries().map(|(_, n)| *n).collect::<Vec<_>>(), [100, -2, 3]);
    /// assert_eq!(*branch.head(), 101);
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    pub fn what_if(&self) -> WhatIf<'_, F, E> {
        WhatIf { timeline: self, inserted: BTreeMap::new(), instead: BTreeMap::new() }
    }
}

impl<F, E> WhatIf<'_, F, E>
where
    F: Fold<State: Clone>,
    E: Entry<F::Event>,
{
    /// This happens after `version`; 0 is the beginning. What is inserted at the same place stays in the order of the calls.
    pub fn insert(mut self, after: impl Into<Version>, entry: E) -> Self {
        self.inserted.entry(after.into()).or_default().push(entry);
        self
    }

    /// The event that made this version does not happen.
    pub fn remove(mut self, version: impl Into<Version>) -> Self {
        self.instead.insert(version.into(), None);
        self
    }

    /// This happens instead of the event that made this version.
    pub fn replace(mut self, version: impl Into<Version>, entry: E) -> Self {
        self.instead.insert(version.into(), Some(entry));
        self
    }

    /// The timeline with the edited history. It shares all that stands before the first edit, states included, and the events
    /// behind it; what stands behind it is folded again. Later events are facts: they stay as they are. To ask what would
    /// have been decided, [`redecide`](Self::redecide).
    ///
    /// # Errors
    /// [`TimelineError::NoSuchVersion`] when an edit speaks of a version that does not exist.
    pub fn branch(self) -> Result<Timeline<F, E>, TimelineError> {
        let mut walk = self.walk()?;
        while walk.at <= walk.end {
            walk.insertions();
            walk.facts(walk.next_edit());
        }
        Ok(walk.branch)
    }

    fn walk(self) -> Result<Walk<F, E>, TimelineError> {
        for version in self.inserted.keys() {
            self.timeline.checked(*version, 0)?;
        }
        for version in self.instead.keys() {
            self.timeline.checked(*version, 1)?;
        }
        let number = |version: Version| version.get() as usize;
        let mut walk = Walk {
            branch: self.timeline.clone(),
            of: self.timeline.clone(),
            inserted: self.inserted.into_iter().map(|(at, entries)| (number(at), entries)).collect(),
            instead: self.instead.into_iter().map(|(at, entry)| (number(at), entry)).collect(),
            at: 0,
            end: self.timeline.entries.len(),
        };
        walk.at = walk.next_edit();
        walk.branch = walk.of.fork(walk.at as u64)?;
        Ok(walk)
    }
}

/// The way along an edited history, from its first edit on.
struct Walk<F: Fold, E> {
    branch: Timeline<F, E>,
    of: Timeline<F, E>,
    inserted: BTreeMap<usize, Vec<E>>,
    instead: BTreeMap<usize, Option<E>>,
    /// How many of the old events are behind.
    at: usize,
    end: usize,
}

impl<F, E> Walk<F, E>
where
    F: Fold<State: Clone>,
    E: Entry<F::Event>,
{
    /// Up to where the history goes on unchanged; what is inserted here is not looked at any more.
    fn next_edit(&self) -> usize {
        let insertion = self.inserted.keys().next().copied().unwrap_or(self.end);
        let change = self.instead.keys().next().map_or(self.end, |version| version - 1);
        insertion.min(change)
    }

    fn insertions(&mut self) {
        for entry in self.inserted.remove(&self.at).unwrap_or_default() {
            self.branch.push(entry);
        }
    }

    /// The facts up to there, and the one behind it as it is edited. At the end of the history, walks past it.
    fn facts(&mut self, until: usize) {
        if self.at < until {
            self.branch.follow(&self.of.entries, self.at..until);
            self.at = until;
            return;
        }
        if let Some(instead) = self.instead.remove(&(self.at + 1)) {
            instead.into_iter().for_each(|entry| self.branch.push(entry));
        } else if self.at < self.end {
            self.branch.follow(&self.of.entries, self.at..self.at + 1);
        }
        self.at += 1;
    }

    /// Whether an edit touches these events: the versions behind `events.start`, up to `events.end`.
    fn edits(&self, events: &Range<usize>) -> bool {
        let inside = events.start + 1..events.end;
        self.instead.range(events.start + 1..events.end + 1).next().is_some()
            || (!inside.is_empty() && self.inserted.range(inside).next().is_some())
    }
}

/// An edited history in which recorded commands were decided again; see [`WhatIf::redecide`]. Prints one decision after
/// another.
pub struct Redecided<D: Decider> {
    /// The edited history, with the events that the commands have now.
    pub branch: Timeline<D>,
    /// Each command, in the order in which they were decided.
    pub decisions: Vec<DecidedAgain<D::Command, D::Event, D::Rejection>>,
}

impl<D> WhatIf<'_, D, D::Event>
where
    D: Decider<State: Clone, Command: Clone, Event: Clone + PartialEq, Rejection: Clone + PartialEq>,
{
    /// The edited history, in which recorded commands are decided again on the state that they find now.
    ///
    /// What a decision says its events are, is replaced by what is decided now; commands whose own events are edited are not
    /// decided again, for the edit says what happened. Events that no decision speaks of are facts and stay. Decisions that
    /// stand before the first edit are kept. Each decision is reported once, in the order of the versions they were decided
    /// on.
    ///
    /// ```
    /// use leftfold::{decider, recorded::Version, timeline::{Decision, Timeline, Verdict}};
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
    /// // Had only 5 been paid in, 4 could still be taken out; the other 5 could not.
    /// let redecided = till.what_if().replace(1, 5).redecide(&decisions)?;
    /// let verdicts: Vec<Verdict> = redecided.decisions.iter().map(|again| again.verdict).collect();
    /// assert_eq!(verdicts, [Verdict::Kept, Verdict::Rejected]);
    /// assert_eq!(redecided.decisions[1].now, Err(4));
    /// assert_eq!(*redecided.branch.head(), 4);
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    ///
    /// # Errors
    /// [`TimelineError::NoSuchVersion`]; [`TimelineError::NotDecidedHere`] when the history does not have the events of a
    /// decision where it was decided, or when two decisions claim the same ones.
    pub fn redecide(self, decisions: &[DecisionOf<D>]) -> Result<Redecided<D>, TimelineError> {
        let placed = self.timeline.placed(decisions)?;
        let mut walk = self.walk()?;
        let mut told = Vec::with_capacity(placed.len());
        let mut placed = placed.into_iter().peekable();
        while walk.at <= walk.end {
            walk.insertions();
            let at = walk.at;
            while let Some((events, decision)) = placed.next_if(|(events, _)| events.start <= at) {
                // Before the first edit, or edited itself.
                if events.start < at || walk.edits(&events) {
                    let verdict = if events.end <= at { Verdict::Kept } else { Verdict::Edited };
                    told.push(decision.told(decision.outcome.clone(), verdict));
                    continue;
                }
                let again = decided_again(&*walk.branch.fold, decision, &walk.branch.head());
                again.now.iter().flatten().for_each(|event| walk.branch.push(event.clone()));
                told.push(again);
                walk.at = events.end;
            }
            if walk.at == at {
                let decided = placed.peek().map_or(walk.end, |(events, _)| events.start.max(at));
                walk.facts(walk.next_edit().min(decided));
            }
        }
        Ok(Redecided { branch: walk.branch, decisions: told })
    }
}

impl<D> Timeline<D>
where
    D: Decider<State: Clone, Event: PartialEq>,
{
    /// Decisions in the order of their versions, each with where its events stand: those behind `start`, up to `end`.
    #[allow(clippy::type_complexity)]
    fn placed<'d>(
        &self,
        decisions: &'d [DecisionOf<D>],
    ) -> Result<Vec<(Range<usize>, &'d DecisionOf<D>)>, TimelineError> {
        let mut placed = Vec::with_capacity(decisions.len());
        for decision in decisions {
            let start = self.checked(decision.at, 0)?;
            let events: &[D::Event] = decision.outcome.as_deref().unwrap_or_default();
            let stands = |(i, event): (usize, &D::Event)| self.entries.get(start + i) == Some(event);
            if !events.iter().enumerate().all(stands) {
                return Err(TimelineError::NotDecidedHere { at: decision.at, events: events.len() });
            }
            placed.push((start..start + events.len(), decision));
        }
        // Those without events were decided before the one whose events stand there.
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

impl<D: Decider> fmt::Debug for Redecided<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdicts: Vec<Verdict> = self.decisions.iter().map(|again| again.verdict).collect();
        f.debug_struct("Redecided")
            .field("branch", &self.branch)
            .field("verdicts", &verdicts)
            .finish_non_exhaustive()
    }
}

impl<D> fmt::Display for Redecided<D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug, Rejection: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decisions.iter().try_for_each(|again| writeln!(f, "{again}"))
    }
}
