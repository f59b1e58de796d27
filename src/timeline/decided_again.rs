//! Commands that are decided again, and what became of them.

use super::error::TimelineError;
use super::{Entry, Timeline};
use crate::decider::{Decider, Outcome};
use crate::fold::Fold;
use crate::page::{ALIKE, debugged, printable};
use crate::recorded::Version;
use crate::spec::{Why, explain};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A command with the version it was decided on, and what came of it. Its events, if any, stand behind that version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision<C, E, R> {
    /// The version of the state on which it was decided.
    pub at: Version,
    /// What somebody wanted.
    pub command: C,
    /// The events, or the rejection.
    pub outcome: Result<Vec<E>, R>,
}

/// A [`Decision`] of this decider.
pub type DecisionOf<D> = Decision<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// A command that was decided on one history and then again on another, with both outcomes.
///
/// Prints as a few lines: the verdict and the command, and what differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedAgain<C, E, R> {
    /// What somebody wanted.
    pub command: C,
    /// What came of it first.
    pub before: Result<Vec<E>, R>,
    /// What comes of it now.
    pub now: Result<Vec<E>, R>,
    /// How the two compare.
    pub verdict: Verdict,
}

/// What became of a command that was decided again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// The same events, or the same rejection.
    Kept,
    /// Accepted, with other events than before.
    Changed,
    /// Rejected, or answered with an event that is a refusal; and before it was not, or for another reason.
    Rejected,
    /// Not decided again: somebody edited the events that it had.
    Edited,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Kept => "kept",
            Verdict::Changed => "changed",
            Verdict::Rejected => "rejected",
            Verdict::Edited => "edited",
        })
    }
}

/// Decides a command of earlier once more, on this state.
pub(super) fn decided_again<D>(
    decider: &D,
    decision: &DecisionOf<D>,
    state: &D::State,
) -> DecidedAgain<D::Command, D::Event, D::Rejection>
where
    D: Decider<Command: Clone, Event: Clone + PartialEq, Rejection: Clone + PartialEq>,
{
    let now = decider.decide(&decision.command, state);
    let refused = match &now {
        Ok(events) => events.iter().any(|event| decider.is_refusal(event)),
        Err(_) => true,
    };
    let verdict = match () {
        () if now == decision.outcome => Verdict::Kept,
        () if refused => Verdict::Rejected,
        () => Verdict::Changed,
    };
    decision.told(now, verdict)
}

impl<C: Clone, E: Clone, R: Clone> Decision<C, E, R> {
    pub(super) fn told(&self, now: Result<Vec<E>, R>, verdict: Verdict) -> DecidedAgain<C, E, R> {
        DecidedAgain { command: self.command.clone(), before: self.outcome.clone(), now, verdict }
    }
}

impl<C: fmt::Debug, E: fmt::Debug, R: fmt::Debug> fmt::Display for DecidedAgain<C, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<8}  {}", self.verdict, debugged(&self.command))?;
        match self.verdict {
            Verdict::Kept | Verdict::Edited => Ok(()),
            Verdict::Changed | Verdict::Rejected => {
                let (before, now) = (outcome(&self.before), outcome(&self.now));
                write!(f, "\n  before  {}\n  now     {}", printable(&before), printable(&now))?;
                if before == now { write!(f, "\n          ({ALIKE})") } else { Ok(()) }
            }
        }
    }
}

/// An outcome on one line.
fn outcome<E: fmt::Debug, R: fmt::Debug>(outcome: &Result<Vec<E>, R>) -> String {
    match outcome {
        Ok(events) if events.is_empty() => "no event".to_string(),
        Ok(events) => events.iter().map(|event| format!("{event:?}")).collect::<Vec<_>>().join(", "),
        Err(rejection) => format!("the rejection {rejection:?}"),
    }
}

impl<D, E> Timeline<D, E>
where
    D: Decider<State: Clone>,
    E: Entry<D::Event>,
{
    /// What the decider answers to a command on the state of a version. Nothing is added.
    ///
    /// ```
    /// use leftfold::{decider, timeline::Timeline};
    ///
    /// let till = decider(
    ///     || 0,
    ///     |out: &i32, sum: &i32| if out > sum { Err(*sum) } else { Ok(vec![-out]) },
    ///     |sum, moved: &i32| sum + moved,
    /// );
    /// let till = Timeline::of(till).extend([1, 2, 10, 3]);
    /// assert_eq!(till.decide_at(2, &10)?, Err(3));
    /// assert_eq!(till.decide_at(3, &10)?, Ok(vec![-10]));
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    ///
    /// # Errors
    /// [`TimelineError::NoSuchVersion`]. The rejection is in the outcome.
    pub fn decide_at(
        &self,
        version: impl Into<Version>,
        command: &D::Command,
    ) -> Result<Outcome<D>, TimelineError> {
        Ok(self.fold.decide(command, &*self.at(version)?))
    }

    /// Why the decider answers so on this version: the shortest part of the history up to there that gives the same answer,
    /// and the events without which it would be another. See [`spec::why`](crate::spec::why()).
    ///
    /// `None` when the search would take too long, or when the model panics on a part of the history.
    ///
    /// # Errors
    /// [`TimelineError::NoSuchVersion`].
    pub fn why(&self, version: impl Into<Version>, command: &D::Command) -> Result<Option<Why>, TimelineError>
    where
        D::Event: PartialEq,
        D::Rejection: PartialEq,
    {
        let version = self.checked(version.into(), 0)?;
        let history: Vec<&D::Event> = self.entries.iter().take(version).map(Entry::event).collect();
        Ok(explain(&*self.fold, &history, &[command]))
    }
}
