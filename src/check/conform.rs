//! Real histories against a model: every event is asked for again, and what the model refuses is reported.
//!
//! A model is written from what people say happens; a log holds what did. For each event of a recorded history the
//! command that would have caused it is decided against the state folded so far. [`conform`] does this for many
//! histories, [`Conform`] for one at a time, and both end in a [`Conformance`]: a value that prints as a page.
//!
//! Known elsewhere as *conformance checking* or *token replay* in process mining; here the model is the decider itself.

mod page;

use crate::decider::Decider;
use crate::fold::Fold;
use crate::message::{self, Message, NameError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, btree_map::Entry};
use std::fmt;

/// Replays histories through a decider and reports what it refuses.
///
/// Each history is an id and its events, oldest first. `command_for` gives the command that would have caused an event;
/// `None` means that the event follows from something outside this decider, and is folded without a question.
///
/// An event is accepted when its command is decided to be exactly the events with which the history goes on. A decision
/// of three events stands for three recorded ones; the two later ones are not asked for again. Everything else is a
/// refusal: a rejection, or a decision for other events (none at all, or a part that the history lacks). A refused event
/// is folded all the same, for a fact cannot be refused, and the replay goes on.
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

/// A replay under way, fed one history at a time: for a log that does not fit into memory, or to show progress.
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

struct OpenGroup<D: Decider> {
    histories: usize,
    histories_in_all: usize,
    /// The history counted last in `histories_in_all`, by its number.
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
    /// A replay that has read nothing yet; `command_for` as for [`conform`].
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

    /// Replays one whole history from the initial state: the number of its events that were refused, 0 when the model
    /// accepts it.
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
        // The map has sorted them by reason and command already, and the sort is stable.
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

/// How many recorded events the answer accounts for, or why it does not.
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

/// The reason of a [`Group`] whose command was accepted, with other events than the recorded ones.
pub const DECIDED_OTHERWISE: &str = "decided otherwise";

/// The [`Conformance`] of a decider's own messages.
pub type ConformanceOf<D> =
    Conformance<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// What came of replaying histories through a model: the counts, and the refusals grouped by reason.
///
/// `Display` prints a page of at most 80 columns, each group with its shortest example as given-when-then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conformance<C, E, R> {
    /// What was replayed, for the title of the page.
    pub name: Option<String>,
    /// How many histories were replayed.
    pub histories: usize,
    /// How many of them the model accepts from their first event to their last.
    pub accepted: usize,
    /// How many events they hold.
    pub events: usize,
    /// How many commands were decided. A decision of several events is one.
    pub decided: usize,
    /// How many events were folded without a question, because no command belongs to them.
    pub unasked: usize,
    /// The refusals by reason and command; the one that most histories run into first stands first.
    pub groups: Vec<Group<C, E, R>>,
}

impl<C, E, R> Conformance<C, E, R> {
    /// The same report with a title.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How many histories hold an event that the model refuses.
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
pub struct Group<C, E, R> {
    /// The name of the rejection, or [`DECIDED_OTHERWISE`]. A rejection whose type hides its name is named by `Debug`.
    pub reason: String,
    /// The name of the command.
    pub command: String,
    /// How many histories have their first refusal here. The sum over all groups is [`Conformance::refused`].
    pub histories: usize,
    /// How many histories hold such a refusal, also behind an earlier one.
    pub histories_in_all: usize,
    /// How many events were refused so, wherever they stand.
    pub refusals: usize,
    /// The shortest way there; one without an earlier refusal, if there is any.
    pub example: Example<C, E, R>,
}

/// One refusal with everything that led to it, as given-when-then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example<C, E, R> {
    /// The id of the history.
    pub history: String,
    /// All events before the refused one. The refused one has the version `given.len() + 1`.
    pub given: Vec<E>,
    /// How many events among those in `given` had been refused already.
    pub earlier_refusals: usize,
    /// The command that would have caused the event.
    pub when: C,
    /// What the model answered.
    pub refusal: Refusal<E, R>,
    /// What was recorded all the same: as many events as the decision had, at least one.
    pub recorded: Vec<E>,
}

/// How a model does not agree with a fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Refusal<E, R> {
    /// Its rules forbid the command.
    Rejected(R),
    /// It allows the command, and these other events would have happened; perhaps none.
    DecidedOtherwise(Vec<E>),
}

#[cfg(test)]
mod tests;
