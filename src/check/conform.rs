//! Compares a model with real histories: each event is decided again, and the report says what the model refuses.
//!
//! A model is written from what people say happens; a log records what did happen. For each event of a recorded history,
//! the command that would have caused it is decided on the state folded so far. [`conform`] does this for many histories,
//! [`conform_log`] for the streams of an event store, and [`Conform`] for one history at a time. The result of each is a
//! [`Conformance`]: a value that prints as a page.
//!
//! Process mining knows this as *conformance checking* or *token replay*. Here the model is the decider itself.

mod counted;
mod hidden;
pub(super) mod page;
mod replay;
mod report;
mod streams;

pub(super) use replay::{Decided, Decision};
pub use report::{
    Conformance, ConformanceOf, CutHistory, DECIDED_OTHERWISE, Example, Group, HiddenSteps, PANICKED, Refusal,
};
pub(crate) use streams::{LivedHistory, each_history};

use crate::decider::Decider;
use crate::message::Message;
use crate::recorded::Timestamp;
use crate::store::{EventReader, Listing, ReadError};
use counted::Counted;
use hidden::Hidden;
use replay::replay;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

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
pub fn conform<'d, D, I, H>(
    decider: &'d D,
    histories: impl IntoIterator<Item = (I, H)>,
    command_for: impl Fn(&D::Event) -> Option<D::Command> + 'd,
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

/// Replays the streams of an event store through a decider, each as one history.
///
/// `caused_by` returns the command that would have caused an event, as for [`conform`]; it also sees when the event was
/// recorded, for commands that carry the time. The report calls each history by the name of its stream. A stream that was
/// deleted and written again is two histories. To set more than this function does, begin with [`Conform::caused_by`].
///
/// ```
/// use leftfold::check::conform_log;
/// use leftfold::recorded::StreamName;
/// use leftfold::store::{Batch, EventStore, Listing, Memory};
/// use leftfold::decider;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] struct Add(u32);
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] struct Added(u32);
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] struct TooMuch;
///
/// let jar = decider(
///     || 0,
///     |Add(n): &Add, sum: &u32| if sum + n > 10 { Err(TooMuch) } else { Ok(vec![Added(*n)]) },
///     |sum, Added(n): &Added| sum + n,
/// );
/// let store = Memory::new();
/// store.append(Batch::to(&StreamName::of("jar", 1)?).events([Added(4), Added(6)]))?;
/// store.append(Batch::to(&StreamName::of("jar", 2)?).events([Added(7), Added(8)]))?;
///
/// let found = conform_log(&jar, &store, &Listing::prefix("jar-"), |lived| Some(Add(lived.event.0)))?;
/// assert_eq!((found.histories, found.accepted), (2, 1));
/// assert_eq!(found.groups[0].example.history, "jar-2");
/// assert!(found.groups[0].example.at.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Time: one look-up a stream, and one `decide` and one `evolve` an event. Memory: one stream, and one example for each reason.
///
/// # Errors
/// [`ReadError`] when the storage cannot be read. An event that cannot be read ends its history, which is reported as
/// [cut](Conformance::cut).
pub fn conform_log<'d, D>(
    decider: &'d D,
    reader: &(impl EventReader<D::Event> + ?Sized),
    listing: &Listing,
    caused_by: impl Fn(&LivedEvent<'_, D::Event>) -> Option<D::Command> + 'd,
) -> Result<ConformanceOf<D>, ReadError>
where
    D: Decider,
    D::Command: fmt::Debug + Message,
    D::Event: Clone + PartialEq,
    D::Rejection: fmt::Debug + Message,
{
    let mut conform = Conform::caused_by(decider, caused_by);
    conform.log(reader, listing)?;
    Ok(conform.finish())
}

/// An event of a real history.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LivedEvent<'e, E> {
    /// The event.
    pub event: &'e E,
    /// When it happened or was recorded, if the log says so.
    pub at: Option<Timestamp>,
    /// The id of its history.
    pub history: &'e str,
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
pub struct Conform<'d, D: Decider> {
    decider: &'d D,
    caused_by: CausedBy<'d, D>,
    hidden: Option<Hidden<'d, D>>,
    key_of: Option<KeyOf<'d, D>>,
    counted: Counted<D>,
}

type CausedBy<'d, D> =
    Box<dyn Fn(&LivedEvent<'_, <D as crate::fold::Fold>::Event>) -> Option<<D as Decider>::Command> + 'd>;
type KeyOf<'d, D> = Box<dyn Fn(&<D as crate::fold::Fold>::Event) -> String + 'd>;

/// Events, and the time of each.
type DatedEvents<E> = (Vec<E>, Vec<Option<Timestamp>>);

debug_by_name!([D: Decider] Conform<'_, D>, "Conform");

impl<'d, D> Conform<'d, D>
where
    D: Decider,
    D::Command: fmt::Debug + Message,
    D::Event: Clone + PartialEq,
    D::Rejection: fmt::Debug + Message,
{
    /// A replay that has read nothing yet, with `command_for` as in [`conform`].
    pub fn new(decider: &'d D, command_for: impl Fn(&D::Event) -> Option<D::Command> + 'd) -> Self {
        Conform::caused_by(decider, move |lived| command_for(lived.event))
    }

    /// A replay that has read nothing yet, whose commands may depend on the time of an event.
    pub fn caused_by(
        decider: &'d D,
        caused_by: impl Fn(&LivedEvent<'_, D::Event>) -> Option<D::Command> + 'd,
    ) -> Self {
        let counted = Counted::default();
        Conform { decider, caused_by: Box::new(caused_by), hidden: None, key_of: None, counted }
    }

    /// Allows steps that the log does not show: before an event that would be refused, at most `most` of these commands may have
    /// been accepted, if the event is accepted then.
    ///
    /// The fewest commands are searched for. The report counts them, and marks their events in examples. At most 1,000 states
    /// are tried before one event.
    ///
    /// ```
    /// use leftfold::{check::Conform, decider};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] enum Move { Unlock, Open }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] enum Door { Unlocked, Opened }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] struct IsLocked;
    ///
    /// let door = decider(
    ///     || false,
    ///     |command: &Move, unlocked: &bool| match command {
    ///         Move::Unlock => Ok(vec![Door::Unlocked]),
    ///         Move::Open if *unlocked => Ok(vec![Door::Opened]),
    ///         Move::Open => Err(IsLocked),
    ///     },
    ///     |unlocked, event: &Door| unlocked || *event == Door::Unlocked,
    /// );
    /// // The log knows of no keys.
    /// let mut replay = Conform::new(&door, |_| Some(Move::Open)).hidden(1, |_| [Move::Unlock]);
    /// assert_eq!(replay.history("front", &[Door::Opened, Door::Opened]), 0);
    /// let found = replay.finish();
    /// assert_eq!((found.hidden[0].command.as_str(), found.hidden[0].times), ("Unlock", 1));
    /// ```
    #[must_use]
    pub fn hidden<I>(self, most: usize, commands: impl Fn(&D::State) -> I + 'd) -> Self
    where
        D::State: Clone,
        I: IntoIterator<Item = D::Command>,
    {
        Conform { hidden: Some(Hidden::new(most, commands)), ..self }
    }

    /// Replays the events of each key as a history of its own: for a stream with the events of several instances, which know
    /// nothing of each other, as those of [`many`](Decider::many).
    #[must_use]
    pub fn each_key<K: fmt::Display>(self, key: impl Fn(&D::Event) -> K + 'd) -> Self {
        Conform { key_of: Some(Box::new(move |event| key(event).to_string())), ..self }
    }

    /// Replays one whole history from the initial state. Returns how many of its events were refused: 0 if the model accepts
    /// it.
    pub fn history(&mut self, id: impl fmt::Display, events: &[D::Event]) -> usize {
        self.dated_history(id, events, &[])
    }

    /// Replays one whole history whose events have these times, in the same order. An event without a time is one at which
    /// `times` has `None`, or has ended.
    pub fn dated_history(
        &mut self,
        id: impl fmt::Display,
        events: &[D::Event],
        times: &[Option<Timestamp>],
    ) -> usize {
        let id = &id.to_string();
        self.lived(LivedHistory { id, events, times, unreadable: None })
    }

    /// Replays the listed streams of an event store, each as one history; see [`conform_log`].
    ///
    /// # Errors
    /// [`ReadError`] when the storage cannot be read.
    pub fn log(
        &mut self,
        reader: &(impl EventReader<D::Event> + ?Sized),
        listing: &Listing,
    ) -> Result<(), ReadError> {
        each_history(reader, listing, &mut |history| {
            self.lived(history.as_lived());
            ControlFlow::Continue(())
        })
    }

    pub(crate) fn lived(&mut self, history: LivedHistory<'_, D::Event>) -> usize {
        self.observed(history, &mut |_, _, _| ())
    }

    /// Replays a history; `seen` is shown each decision with the id and the time.
    pub(in crate::check) fn observed(
        &mut self,
        history: LivedHistory<'_, D::Event>,
        seen: Seen<'_, D>,
    ) -> usize {
        let LivedHistory { id, events, times, unreadable } = history;
        let Some(key_of) = &self.key_of else { return self.one(history, seen) };
        let mut by_key: BTreeMap<String, DatedEvents<D::Event>> = BTreeMap::new();
        for (index, event) in events.iter().enumerate() {
            let (events, dates) = by_key.entry(key_of(event)).or_default();
            events.push(event.clone());
            dates.push(times.get(index).copied().flatten());
        }
        let mut refused = 0;
        for (key, (events, times)) in &by_key {
            let id = format!("{id}, {key}");
            refused += self.one(LivedHistory { id: &id, events, times, unreadable: None }, seen);
        }
        if unreadable.is_some() {
            // Nobody knows the key of the event.
            refused += self.one(LivedHistory { id, events: &[], times: &[], unreadable }, seen);
        }
        refused
    }

    fn one(&mut self, history: LivedHistory<'_, D::Event>, seen: Seen<'_, D>) -> usize {
        let LivedHistory { id, events, times, unreadable } = history;
        let counted = &mut self.counted;
        counted.histories += 1;
        counted.events += events.len();
        let at = |index: usize| times.get(index).copied().flatten();
        let (mut refused, mut unasked) = (0, 0);
        let command_for = |index: usize| {
            let command = (self.caused_by)(&LivedEvent { event: &events[index], at: at(index), history: id });
            unasked += usize::from(command.is_none());
            command
        };
        let (gave_up, ended) = replay(self.decider, events, command_for, self.hidden.as_ref(), |decision| {
            let at = at(decision.path.next);
            seen(&decision, id, at);
            refused += usize::from(counted.decision(id, at, decision));
        });
        counted.unasked += unasked;
        counted.hidden_cut += gave_up;
        let ended = match unreadable {
            Some(why) if ended.is_ok() => Err((events.len(), why.to_string())),
            _ => ended,
        };
        match ended {
            Ok(()) if refused == 0 => counted.accepted += 1,
            Ok(()) => {}
            Err((events, why)) => {
                counted.cut += usize::from(refused == 0);
                counted.cut_history(id, events, why);
            }
        }
        refused
    }

    /// The report on everything that was replayed.
    pub fn finish(self) -> ConformanceOf<D> {
        self.counted.report()
    }

    pub(in crate::check) fn decider(&self) -> &'d D {
        self.decider
    }
}

/// What is shown each decision, with the id of its history and the time of the event.
pub(in crate::check) type Seen<'s, D> = &'s mut dyn FnMut(&Decision<'_, D>, &str, Option<Timestamp>);

#[cfg(test)]
mod tests;
