//! Commands that are decided again, with both outcomes.

use super::error::TimelineError;
use super::{HistoryItem, Timeline};
use crate::decider::{Decider, Outcome};
use crate::fold::Fold;
use crate::page::{ALIKE, debugged, printable};
use crate::recorded::Version;
use crate::spec::{Why, explain};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A command with the version on which it was decided, and its outcome. Its events, if any, come directly after that version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision<C, E, R> {
    /// The version of the state on which it was decided.
    pub at: Version,
    /// The command.
    pub command: C,
    /// The events, or the rejection.
    pub outcome: Result<Vec<E>, R>,
}

/// A [`Decision`] of this decider.
pub type DecisionOf<D> = Decision<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// A command that was decided on one history and then again on another, with both outcomes.
///
/// Prints as a few lines: the verdict and the command, and what differs.
///
/// ```
/// use leftfold::{decider, timeline::Timeline};
///
/// // The last offer counts; accepting it says nothing about which one it is.
/// let sale = decider(
///     || None,
///     |command: &&'static str, offer: &Option<&'static str>| match *command {
///         "accept" => offer.map(|_| vec!["accepted"]).ok_or("there is no offer"),
///         offer => Ok(vec![offer]),
///     },
///     |offer, event: &&'static str| if *event == "accepted" { offer } else { Some(*event) },
/// );
/// let office = Timeline::of(sale).extend(["ten for 90"]);
/// let mut at_home = office.offline();
/// at_home.handle("accept").unwrap();
/// let rebased = at_home.rebase(&office.extend(["ten for 200"]))?;
/// assert_eq!(
///     rebased.to_string(),
///     r#"kept on other grounds  "accept"
///   before  because of "ten for 90"
///   now     because of "ten for 200"
/// "#
/// );
/// # Ok::<(), leftfold::timeline::TimelineError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Redecision<C, E, R> {
    /// The command.
    pub command: C,
    /// The first outcome.
    pub before: Result<Vec<E>, R>,
    /// The new outcome.
    pub now: Result<Vec<E>, R>,
    /// How the two compare.
    pub verdict: RedecisionVerdict,
    /// What differs about a command that was [kept on other grounds](RedecisionVerdict::KeptOnOtherGrounds).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grounds: Option<OtherGrounds<E>>,
}

/// How the new outcome of a command compares with its first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RedecisionVerdict {
    /// The same events, or the same rejection; by [`rebase`](super::Offline::rebase), on the same grounds.
    Kept,
    /// The same events as before, and perhaps they mean something else; see [`OtherGrounds`]. Ask the person who gave the command. Only
    /// [`rebase`](super::Offline::rebase) says so.
    KeptOnOtherGrounds,
    /// Accepted, with other events than before.
    Changed,
    /// Rejected, or answered with an event that is a refusal, and its first outcome was another one.
    Rejected,
    /// Not decided again, because its own events were edited.
    Edited,
}

/// Why a command of a branch that has the same events again may mean something else.
///
/// Somebody who rejects *the request* decides about one that they saw. If another request has replaced it, the events of the
/// rejection are still the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum OtherGrounds<E> {
    /// An earlier command of the branch was not simply kept; its index. It was given before this one, so the person who gave this one
    /// counted on it.
    ///
    /// It makes no difference whether the earlier command was rejected, has other events, or is itself kept on other grounds. In the last
    /// case it has to be asked about, and may be dropped. So all commands after the first that is not simply kept are asked about.
    EarlierCommand(usize),
    /// The smallest histories that give these events are not the same; see [`spec::why`](crate::spec::why()). Events are compared, and
    /// their versions are not.
    History {
        /// The smallest part of the old history.
        before: Vec<E>,
        /// The smallest part of the new history.
        now: Vec<E>,
    },
    /// The smallest histories were not found: that would take too long, or the model panics on a part of the history.
    Unknown,
}

impl<E: fmt::Debug> fmt::Display for OtherGrounds<E> {
    /// Two lines for histories, and one otherwise.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OtherGrounds::EarlierCommand(index) => {
                write!(f, "  now     after command {}, which was not simply kept", index + 1)
            }
            OtherGrounds::History { before, now } => {
                let (before, now) = (because(before), because(now));
                write!(f, "  before  {}\n  now     {}", printable(&before), printable(&now))?;
                if before == now { write!(f, "\n          ({ALIKE})") } else { Ok(()) }
            }
            OtherGrounds::Unknown => {
                f.write_str("  now     on grounds that were not found: the history is too long, or the model panics on a part of it")
            }
        }
    }
}

fn because<E: fmt::Debug>(events: &[E]) -> String {
    if events.is_empty() {
        "because of no event".to_string()
    } else {
        format!("because of {}", listed(events))
    }
}

impl fmt::Display for RedecisionVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            RedecisionVerdict::Kept => "kept",
            RedecisionVerdict::KeptOnOtherGrounds => "kept on other grounds",
            RedecisionVerdict::Changed => "changed",
            RedecisionVerdict::Rejected => "rejected",
            RedecisionVerdict::Edited => "edited",
        })
    }
}

/// Decides a command again, on this state.
pub(super) fn decided_again<D>(
    decider: &D,
    decision: &DecisionOf<D>,
    state: &D::State,
) -> Redecision<D::Command, D::Event, D::Rejection>
where
    D: Decider<Command: Clone, Event: Clone + PartialEq, Rejection: Clone + PartialEq>,
{
    let now = decider.decide(&decision.command, state);
    let refused = match &now {
        Ok(events) => events.iter().any(|event| decider.is_refusal(event)),
        Err(_) => true,
    };
    let verdict = match () {
        () if now == decision.outcome => RedecisionVerdict::Kept,
        () if refused => RedecisionVerdict::Rejected,
        () => RedecisionVerdict::Changed,
    };
    decision.redecided(now, verdict)
}

impl<C: Clone, E: Clone, R: Clone> Decision<C, E, R> {
    pub(super) fn redecided(
        &self,
        now: Result<Vec<E>, R>,
        verdict: RedecisionVerdict,
    ) -> Redecision<C, E, R> {
        let (command, before) = (self.command.clone(), self.outcome.clone());
        Redecision { command, before, now, verdict, grounds: None }
    }
}

impl<C: fmt::Debug, E: fmt::Debug, R: fmt::Debug> fmt::Display for Redecision<C, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<8}  {}", self.verdict, debugged(&self.command))?;
        match self.verdict {
            RedecisionVerdict::Kept | RedecisionVerdict::Edited => Ok(()),
            RedecisionVerdict::KeptOnOtherGrounds => {
                self.grounds.iter().try_for_each(|grounds| write!(f, "\n{grounds}"))
            }
            RedecisionVerdict::Changed | RedecisionVerdict::Rejected => {
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
        Ok(events) => listed(events),
        Err(rejection) => format!("the rejection {rejection:?}"),
    }
}

fn listed<E: fmt::Debug>(events: &[E]) -> String {
    events.iter().map(|event| format!("{event:?}")).collect::<Vec<_>>().join(", ")
}

impl<D, E> Timeline<D, E>
where
    D: Decider<State: Clone>,
    E: HistoryItem<D::Event>,
{
    /// The outcome of a command on the state of a version. Adds nothing to the timeline.
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

    /// Why a command has its outcome on this version: the shortest part of the history up to there that gives the same outcome,
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
        let history: Vec<&D::Event> = self.items.iter().take(version).map(HistoryItem::event).collect();
        Ok(explain(&*self.fold, &history, &[command]))
    }
}
