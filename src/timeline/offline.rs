//! Work without a network: commands are decided on a local branch, and decided again when the network is back.

use super::decided_again::{Decision, DecisionOf, Redecision, RedecisionVerdict, decided_again};
use super::error::TimelineError;
use super::{HistoryItem, Timeline};
use crate::decider::Decider;
use crate::fold::Fold;
use crate::recorded::Version;
use std::fmt;

/// A local branch of a timeline and the commands that were decided on it; made by [`Timeline::offline`].
pub struct Offline<D: Decider, E = <D as Fold>::Event> {
    base: Timeline<D, E>,
    state: D::State,
    version: Version,
    decisions: Vec<DecisionOf<D>>,
}

impl<D, E> Timeline<D, E>
where
    D: Decider<State: Clone>,
    E: HistoryItem<D::Event>,
{
    /// A local branch of the head, for commands that are decided without a network.
    ///
    /// ```
    /// use leftfold::{decider, timeline::{Timeline, RedecisionVerdict}};
    ///
    /// let till = decider(
    ///     || 0,
    ///     |out: &i32, sum: &i32| if out > sum { Err(*sum) } else { Ok(vec![-out]) },
    ///     |sum, moved: &i32| sum + moved,
    /// );
    /// let server = Timeline::of(till).extend([10]);
    /// let mut petra = server.offline();
    /// assert_eq!(petra.handle(6), Ok(&[-6][..]));
    /// assert_eq!(petra.handle(3), Ok(&[-3][..]));
    ///
    /// // Meanwhile somebody else takes 5 out.
    /// let server = server.extend([-5]);
    /// let rebased = petra.rebase(&server)?;
    /// let verdicts: Vec<RedecisionVerdict> = rebased.decisions.iter().map(|again| again.verdict).collect();
    /// assert_eq!(verdicts, [RedecisionVerdict::Rejected, RedecisionVerdict::Kept]);
    /// assert_eq!(rebased.to_string(), "rejected  6\n  before  -6\n  now     the rejection 5\nkept      3\n");
    ///
    /// // These events are to be recorded after version 2.
    /// let server = server.extend(rebased.events().copied());
    /// assert_eq!(*server.head(), 2);
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    pub fn offline(&self) -> Offline<D, E> {
        Offline {
            base: self.clone(),
            state: self.head().into_owned(),
            version: self.version(),
            decisions: Vec::new(),
        }
    }
}

impl<D, E> Offline<D, E>
where
    D: Decider<State: Clone>,
    E: HistoryItem<D::Event>,
{
    /// Decides a command on the local state, and keeps it with its events for [`rebase`](Self::rebase).
    ///
    /// # Errors
    /// The rejection. A rejected command is not decided again: its sender already has the answer.
    pub fn handle(&mut self, command: D::Command) -> Result<&[D::Event], D::Rejection> {
        let events = self.base.fold.decide(&command, &self.state)?;
        let state = self.base.fold.fold_from(self.state.clone(), &events);
        let at = self.version;
        self.version = Version::new(at.get() + events.len() as u64);
        self.state = state;
        self.decisions.push(Decision { at, command, outcome: Ok(events) });
        let last = self.decisions.last().and_then(|decision| decision.outcome.as_deref().ok());
        Ok(last.unwrap_or_default())
    }

    /// The local state.
    pub fn state(&self) -> &D::State {
        &self.state
    }

    /// The version of the timeline at which the work began.
    pub fn began_at(&self) -> Version {
        self.base.version()
    }

    /// The accepted commands, in order, each with its events and the version it was decided on.
    pub fn decisions(&self) -> &[DecisionOf<D>] {
        &self.decisions
    }

    /// Decides the commands again on a newer head, in order, each on the state that the earlier ones leave.
    ///
    /// Every command is reported: kept (the same events), changed (other events, shown beside the old ones) or rejected (with the
    /// rejection). A rejected command adds no events, except where the model records the refusal as an event. If the head has not
    /// moved, all commands are kept.
    ///
    /// # Errors
    /// [`TimelineError::AnotherPast`] when `head` does not begin with the history on which the work began.
    #[allow(clippy::type_complexity)]
    pub fn rebase(
        &self,
        head: &Timeline<D, E>,
    ) -> Result<Rebased<D::State, D::Command, D::Event, D::Rejection>, TimelineError>
    where
        E: PartialEq,
        D: Decider<Command: Clone, Event: Clone + PartialEq, Rejection: Clone + PartialEq>,
    {
        if let Some(version) = self.base.parted(head)
            && version <= self.base.version()
        {
            return Err(TimelineError::AnotherPast { began: self.base.version(), version });
        }
        let decider = &*head.fold;
        let mut state = head.head().into_owned();
        let mut decisions = Vec::with_capacity(self.decisions.len());
        for decision in &self.decisions {
            let again = decided_again(decider, decision, &state);
            state = decider.fold_from(state, again.now.iter().flatten());
            decisions.push(again);
        }
        Ok(Rebased { onto: head.version(), state, decisions })
    }
}

impl<D: Decider, E> fmt::Debug for Offline<D, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offline")
            .field("base", &self.base)
            .field("decisions", &self.decisions.len())
            .finish_non_exhaustive()
    }
}

/// Offline work decided again on a new head. Nothing is recorded yet: append [`events`](Self::events) after
/// [`onto`](Self::onto), and rebase again if that is a conflict. Prints one command after another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rebased<S, C, E, R> {
    /// The version of the head on which the commands were decided again.
    pub onto: Version,
    /// The state after all of them.
    pub state: S,
    /// Each command with its old and its new outcome, in order.
    pub decisions: Vec<Redecision<C, E, R>>,
}

impl<S, C, E, R> Rebased<S, C, E, R> {
    /// The events to record, in order.
    pub fn events(&self) -> impl Iterator<Item = &E> {
        self.decisions.iter().filter_map(|again| again.now.as_ref().ok()).flatten()
    }

    /// Whether every command was kept.
    pub fn is_clean(&self) -> bool {
        self.decisions.iter().all(|again| again.verdict == RedecisionVerdict::Kept)
    }
}

impl<S, C: fmt::Debug, E: fmt::Debug, R: fmt::Debug> fmt::Display for Rebased<S, C, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decisions.iter().try_for_each(|again| writeln!(f, "{again}"))
    }
}
