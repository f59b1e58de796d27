//! Work without a network: commands are decided on a local branch, and decided again when the network is back.

use super::decided_again::{
    Decision, DecisionOf, OtherGrounds, Redecision, RedecisionVerdict, decided_again,
};
use super::error::TimelineError;
use super::{HistoryItem, Timeline};
use crate::decider::Decider;
use crate::fold::Fold;
use crate::recorded::Version;
use crate::spec::{Patience, grounds};
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
    /// assert_eq!(verdicts, [RedecisionVerdict::Rejected, RedecisionVerdict::KeptOnOtherGrounds]);
    /// assert_eq!(
    ///     rebased.to_string(),
    ///     "rejected  6
    ///   before  -6
    ///   now     the rejection 5
    /// kept on other grounds  3
    ///   now     after command 1, which was not simply kept
    /// "
    /// );
    ///
    /// // Petra still wants the 3: these events are to be recorded after version 2.
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
    /// Every command is reported: kept (the same events), kept on other grounds (the same events, and perhaps with another meaning; see
    /// [`OtherGrounds`]), changed (other events, shown beside the old ones) or rejected (with the rejection). A rejected command
    /// adds no events, except where the model records the refusal as an event. If the head has not moved, all commands are kept.
    ///
    /// Grounds are looked for up to the first command that is not simply kept, and in one call by folding not many more than two million
    /// events. Where they are not found, the command counts as kept on other grounds: asking once too often does less harm than
    /// recording what nobody meant.
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
        let has_moved = self.base.version() < head.version();
        let mut grounds = has_moved.then(|| Grounds::of(decider, &self.base, head));
        let mut fallen = None;
        for (index, decision) in self.decisions.iter().enumerate() {
            let mut again = decided_again(decider, decision, &state);
            state = decider.fold_from(state, again.now.iter().flatten());
            if again.verdict == RedecisionVerdict::Kept {
                again.grounds = match (fallen, &mut grounds) {
                    (Some(earlier), _) => Some(OtherGrounds::EarlierCommand(earlier)),
                    (None, Some(grounds)) => grounds.others(decision),
                    (None, None) => None,
                };
                if again.grounds.is_some() {
                    again.verdict = RedecisionVerdict::KeptOnOtherGrounds;
                }
            }
            if fallen.is_none() && again.verdict != RedecisionVerdict::Kept {
                fallen = Some(index);
            }
            decisions.push(again);
        }
        Ok(Rebased { onto: head.version(), state, decisions })
    }
}

/// What the commands of a branch rest on, as long as all of them were simply kept.
struct Grounds<'r, D: Decider> {
    decider: &'r D,
    before: Vec<&'r D::Event>,
    now: Vec<&'r D::Event>,
    patience: Patience,
}

impl<'r, D> Grounds<'r, D>
where
    D: Decider<State: Clone, Event: Clone + PartialEq, Rejection: PartialEq>,
{
    fn of<E: HistoryItem<D::Event>>(
        decider: &'r D,
        base: &'r Timeline<D, E>,
        head: &'r Timeline<D, E>,
    ) -> Grounds<'r, D> {
        let events = |of: &'r Timeline<D, E>| of.items.iter().map(HistoryItem::event).collect();
        Grounds { decider, before: events(base), now: events(head), patience: Patience::new() }
    }

    /// What differs about the grounds of the next decision, if anything does.
    fn others(&mut self, decision: &'r DecisionOf<D>) -> Option<OtherGrounds<D::Event>> {
        let before = grounds(self.decider, &self.before, &decision.command, &mut self.patience);
        let now = grounds(self.decider, &self.now, &decision.command, &mut self.patience);
        // The events of a kept command are the same in both histories.
        for history in [&mut self.before, &mut self.now] {
            history.extend(decision.outcome.iter().flatten());
        }
        let owned = |events: Vec<&D::Event>| events.into_iter().cloned().collect();
        match (before, now) {
            (Some(before), Some(now)) if before == now => None,
            (Some(before), Some(now)) => {
                Some(OtherGrounds::History { before: owned(before), now: owned(now) })
            }
            _ => Some(OtherGrounds::Unknown),
        }
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

    /// Whether every command was simply kept, so that nobody has to be asked.
    pub fn is_clean(&self) -> bool {
        self.decisions.iter().all(|again| again.verdict == RedecisionVerdict::Kept)
    }
}

impl<S, C: fmt::Debug, E: fmt::Debug, R: fmt::Debug> fmt::Display for Rebased<S, C, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decisions.iter().try_for_each(|again| writeln!(f, "{again}"))
    }
}
