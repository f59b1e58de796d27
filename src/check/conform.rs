//! Compares a model with real histories: each event is decided again, and the report says what the model refuses.
//!
//! A model is written from what people say happens; a log records what did happen. For each event of a recorded history,
//! the command that would have caused it is decided on the state folded so far. [`conform`] does this for many histories,
//! and [`Conform`] for one at a time. The result of both is a [`Conformance`]: a value that prints as a page.
//!
//! Process mining knows this as *conformance checking* or *token replay*. Here the model is the decider itself.

mod page;

use crate::decider::Decider;
use crate::fold::Fold;
use crate::message::{self, Message, NameError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, btree_map::Entry};
use std::fmt;

/// Replays histories through a decider and reports what it refuses.
///
/// Each history is an id and its events, oldest first. `command_for` returns the command that would have caused an event;
/// `None` means that the event was caused outside of this decider, so it is folded without a decision.
///
/// An event is accepted if its command is decided as exactly the next events of the history. A decision of three events
/// accepts three recorded ones; the two later ones are not decided again. Everything else is a refusal: a rejection, or
/// a decision for other events (none, or one that the history lacks). A refused event is still folded, because it did
/// happen, and the replay continues.
///
/// ```
/// use leftfold::check::conform;
/// use leftfold::decider;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Door { Opened, Closed }
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Move { Open, Close }
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Refused { AlreadySo }
///
/// let door = decider(
///     || false,
///     |command: &Move, open: &bool| match (command, open) {
///         (Move::Open, false) => Ok(vec![Door::Opened]),
///         (Move::Close, true) => Ok(vec![Door::Closed]),
///         _ => Err(Refused::AlreadySo),
///     },
///     |_, event: &Door| *event == Door::Opened,
/// );
/// let log = [
///     ("front", vec![Door::Opened, Door::Closed]),
///     ("back", vec![Door::Opened, Door::Opened]),
/// ];
/// let found = conform(&door, log, |event| match event {
///     Door::Opened => Some(Move::Open),
///     Door::Closed => Some(Move::Close),
/// });
/// assert_eq!((found.histories, found.accepted), (2, 1));
/// assert_eq!(found.groups[0].reason, "AlreadySo");
/// assert_eq!(found.groups[0].example.history, "back");
/// ```
///
/// Time: one `decide` and one `evolve` an event. Memory: one history, and one example for each reason.
pub fn conform<D, I, H>(
    decider: &D,
    histories: impl IntoIterator<Item = (I, H)>,
    command_for: impl Fn(&D::Event) -> Option<D::Command>,
) -> ConformanceOf<D>
where
    D: Decider,
    D::Command: fmt::Debug + Message,
    D::Event: Clone + PartialEq,
    D::Rejection: fmt::Debug + Message,
    I: fmt::Display,
    H: AsRef<[D::Event]>,
{
    let mut conform = Conform::new(decider, command_for);
    for (id, events) in histories {
        conform.history(id, events.as_ref());
    }
    conform.finish()
}

/// A replay that receives one history at a time: for a log that does not fit into memory, or to show progress.
///
/// ```
/// use leftfold::{check::Conform, decider};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize)]
/// # struct Add(u32);
/// # #[derive(Debug, Serialize, Deserialize)]
/// # struct TooMuch;
///
/// let jar = decider(
///     || 0,
///     |Add(n): &Add, sum: &u32| if sum + n > 10 { Err(TooMuch) } else { Ok(vec![*n]) },
///     |sum, n: &u32| sum + n,
/// );
/// let mut replay = Conform::new(&jar, |n: &u32| Some(Add(*n)));
/// assert_eq!(replay.history("monday", &[4, 4]), 0);
/// assert_eq!(replay.history("tuesday", &[7, 4, 1]), 2);
/// assert_eq!(replay.finish().accepted, 1);
/// ```
pub struct Conform<'d, D: Decider, F> {
    decider: &'d D,
    command_for: F,
    histories: usize,
    accepted: usize,
    events: usize,
    decided: usize,
    unasked: usize,
    groups: BTreeMap<(String, String), OpenGroup<D>>,
}

debug_by_name!([D: Decider, F] Conform<'_, D, F>, "Conform");

struct OpenGroup<D: Decider> {
    histories: usize,
    histories_in_all: usize,
    /// The number of the last history counted in `histories_in_all`.
    counted: usize,
    refusals: usize,
    example: Example<D::Command, D::Event, D::Rejection>,
}

impl<'d, D, F> Conform<'d, D, F>
where
    D: Decider,
    D::Command: fmt::Debug + Message,
    D::Event: Clone + PartialEq,
    D::Rejection: fmt::Debug + Message,
    F: Fn(&D::Event) -> Option<D::Command>,
{
    /// A replay that has read nothing yet, with `command_for` as in [`conform`].
    pub fn new(decider: &'d D, command_for: F) -> Self {
        Conform {
            decider,
            command_for,
            histories: 0,
            accepted: 0,
            events: 0,
            decided: 0,
            unasked: 0,
            groups: BTreeMap::new(),
        }
    }

    /// Replays one whole history from the initial state. Returns how many of its events were refused: 0 if the model accepts
    /// it.
    pub fn history(&mut self, id: impl fmt::Display, events: &[D::Event]) -> usize {
        self.histories += 1;
        self.events += events.len();
        let mut refused = 0;
        let mut state = self.decider.initial_state();
        let mut next = 0;
        while let Some(event) = events.get(next) {
            let mut consumed = 1;
            match (self.command_for)(event) {
                None => self.unasked += 1,
                Some(command) => {
                    self.decided += 1;
                    match answer(self.decider.decide(&command, &state), &events[next..]) {
                        Ok(accepted) => consumed = accepted,
                        Err(refusal) => {
                            self.refused(&id, events, next, command, refusal, refused);
                            refused += 1;
                        }
                    }
                }
            }
            state = self.decider.fold_from(state, &events[next..next + consumed]);
            next += consumed;
        }
        if refused == 0 {
            self.accepted += 1;
        }
        refused
    }

    /// The report on everything that was replayed.
    pub fn finish(self) -> ConformanceOf<D> {
        let mut groups: Vec<_> = self
            .groups
            .into_iter()
            .map(|((reason, command), group)| Group {
                reason,
                command,
                histories: group.histories,
                histories_in_all: group.histories_in_all,
                refusals: group.refusals,
                example: group.example,
            })
            .collect();
        // The map has already sorted them by reason and command, and this sort is stable.
        groups.sort_by_key(|group| (std::cmp::Reverse(group.histories), std::cmp::Reverse(group.refusals)));
        Conformance {
            name: None,
            histories: self.histories,
            accepted: self.accepted,
            events: self.events,
            decided: self.decided,
            unasked: self.unasked,
            groups,
        }
    }

    fn refused(
        &mut self,
        id: &impl fmt::Display,
        events: &[D::Event],
        at: usize,
        command: D::Command,
        refusal: Refusal<D::Event, D::Rejection>,
        earlier: usize,
    ) {
        let reason = match &refusal {
            Refusal::Rejected(rejection) => named(message::name(rejection), rejection),
            Refusal::DecidedOtherwise(_) => DECIDED_OTHERWISE.to_string(),
        };
        let key = (reason, named(message::name(&command), &command));
        let first = usize::from(earlier == 0);
        let example = || Example {
            history: id.to_string(),
            given: events[..at].to_vec(),
            earlier_refusals: earlier,
            when: command,
            recorded: {
                let shown = match &refusal {
                    Refusal::DecidedOtherwise(decided) => decided.len().max(1),
                    Refusal::Rejected(_) => 1,
                };
                events[at..].iter().take(shown).cloned().collect()
            },
            refusal,
        };
        match self.groups.entry(key) {
            Entry::Vacant(free) => {
                free.insert(OpenGroup {
                    histories: first,
                    histories_in_all: 1,
                    counted: self.histories,
                    refusals: 1,
                    example: example(),
                });
            }
            Entry::Occupied(group) => {
                let group = group.into_mut();
                group.histories += first;
                group.histories_in_all += usize::from(group.counted != self.histories);
                group.counted = self.histories;
                group.refusals += 1;
                if (earlier, at) < (group.example.earlier_refusals, group.example.given.len()) {
                    group.example = example();
                }
            }
        }
    }
}

/// How many recorded events the decision accounts for, or why it accounts for none.
fn answer<E: PartialEq, R>(decided: Result<Vec<E>, R>, recorded: &[E]) -> Result<usize, Refusal<E, R>> {
    match decided {
        Ok(decided) if !decided.is_empty() && recorded.starts_with(&decided) => Ok(decided.len()),
        Ok(decided) => Err(Refusal::DecidedOtherwise(decided)),
        Err(rejection) => Err(Refusal::Rejected(rejection)),
    }
}

fn named<M: fmt::Debug>(name: Result<message::Name, NameError>, message: &M) -> String {
    name.map_or_else(|_| format!("{message:?}"), |name| name.to_string())
}

/// The reason of a [`Group`] whose command was accepted with other events than the recorded ones.
pub const DECIDED_OTHERWISE: &str = "decided otherwise";

/// The [`Conformance`] of a decider's own messages.
pub type ConformanceOf<D> =
    Conformance<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// The result of replaying histories through a model: counts, and the refusals grouped by reason.
///
/// `Display` prints a page of at most 80 columns, each group with its shortest example as given-when-then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Conformance<C, E, R> {
    /// The title of the page: what was replayed.
    pub name: Option<String>,
    /// How many histories were replayed.
    pub histories: usize,
    /// How many of them the model accepts from their first event to their last.
    pub accepted: usize,
    /// How many events they contain.
    pub events: usize,
    /// How many commands were decided. A decision of several events counts once.
    pub decided: usize,
    /// How many events were folded without a decision, because no command belongs to them.
    pub unasked: usize,
    /// The refusals by reason and command, starting with the one that most histories meet first.
    pub groups: Vec<Group<C, E, R>>,
}

impl<C, E, R> Conformance<C, E, R> {
    /// The same report with a title.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How many histories contain an event that the model refuses.
    pub fn refused(&self) -> usize {
        self.histories - self.accepted
    }

    /// The share of accepted histories, from 0 to 1; `None` when there was no history.
    pub fn share(&self) -> Option<f64> {
        (self.histories > 0).then(|| self.accepted as f64 / self.histories as f64)
    }
}

/// Refusals of one command for one reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Group<C, E, R> {
    /// The name of the rejection, or [`DECIDED_OTHERWISE`]. A rejection whose type hides its name is named by `Debug`.
    pub reason: String,
    /// The name of the command.
    pub command: String,
    /// How many histories have their first refusal here. The sum over all groups is [`Conformance::refused`].
    pub histories: usize,
    /// How many histories contain such a refusal, also after an earlier one.
    pub histories_in_all: usize,
    /// How many events were refused for this reason.
    pub refusals: usize,
    /// The shortest example; one without an earlier refusal, if there is any.
    pub example: Example<C, E, R>,
}

/// One refusal with everything that led to it, as given-when-then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Example<C, E, R> {
    /// The id of the history.
    pub history: String,
    /// All events before the refused one. The refused one has the version `given.len() + 1`.
    pub given: Vec<E>,
    /// How many events in `given` had already been refused.
    pub earlier_refusals: usize,
    /// The command that would have caused the event.
    pub when: C,
    /// What the model answered.
    pub refusal: Refusal<E, R>,
    /// What was recorded instead: as many events as the decision had, and at least one.
    pub recorded: Vec<E>,
}

/// How a model disagrees with a recorded event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal<E, R> {
    /// Its rules forbid the command.
    Rejected(R),
    /// It allows the command, but these other events would have happened; there may be none.
    DecidedOtherwise(Vec<E>),
}

#[cfg(test)]
mod tests;
