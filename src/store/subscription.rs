//! Following a query: the events that there are, then the new ones.

use super::entry::Entry;
use super::error::ReadError;
use super::event_store::EventReader;
use super::filter::Filter;
use super::query::{Query, Read};
use crate::clock::Stopwatch;
use crate::recorded::Position;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::time::Duration;

/// A query followed from a position on; made by [`subscribe`](super::Reading::subscribe).
///
/// It reads up to the head, and from there again when the log has grown. So history and what comes live are one
/// sequence, in which nothing is missing and nothing comes twice.
///
/// ```
/// use leftfold::recorded::{Position, StreamName};
/// use leftfold::store::{Batch, EventStore, Memory, Query, Reading};
/// use std::ops::ControlFlow;
/// use std::time::Duration;
///
/// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// # enum Event { Opened, Closed }
/// let store = Memory::new();
/// let door = StreamName::of("door", 1)?;
/// store.append(Batch::to(&door).event(Event::Opened))?;
///
/// let mut feed = store.subscribe(Query::category("door")?, Position::START);
/// let mut seen = Vec::new();
/// feed.catch_up(|entry| {
///     seen.push(entry.envelope().version.get());
///     ControlFlow::Continue(())
/// })?;
///
/// store.append(Batch::to(&door).event(Event::Closed))?;
/// feed.follow(Duration::ZERO, |entry| {
///     seen.push(entry.envelope().version.get());
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!(seen, [1, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Subscription<'s, S: ?Sized, E> {
    reader: &'s S,
    read: Read,
    position: Position,
    /// How many entries at `position` were shown before `each` broke off: an upcaster may make several of one event.
    shown_there: usize,
    events: PhantomData<fn() -> E>,
}

impl<'s, S: EventReader<E> + ?Sized, E> Subscription<'s, S, E> {
    pub(super) fn new(reader: &'s S, query: Query, after: Position) -> Self {
        Subscription { reader, read: query.into(), position: after, shown_there: 0, events: PhantomData }
    }

    /// Only entries whose envelope passes this filter. With several filters, an entry has to pass all of them.
    ///
    /// ```
    /// use leftfold::recorded::{Position, StreamName};
    /// use leftfold::store::{Batch, EventStore, Filter, Memory, NewEvent, Query, Reading};
    /// use std::ops::ControlFlow;
    ///
    /// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # enum Event { Opened }
    /// let store = Memory::new();
    /// let opened_by = |user: &str| NewEvent::of(Event::Opened).header("user", user);
    /// let door = StreamName::of("door", 1)?;
    /// store.append(Batch::to(&door).record(opened_by("petra")).record(opened_by("alex")))?;
    ///
    /// let hers = Filter::header("user").equals("petra");
    /// let mut feed = store.subscribe(Query::all(), Position::START).filter(hers);
    /// assert_eq!(feed.catch_up(|_| ControlFlow::Continue(()))?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn filter(self, filter: Filter) -> Self {
        Subscription { read: self.read.filter(filter), ..self }
    }

    /// The position up to which everything has been shown, entries that did not match included.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Shows the entries that are new since the last time, and returns how many. An entry at which `each`
    /// breaks off counts as shown.
    ///
    /// # Errors
    /// [`ReadError`]; what was shown before it is not shown again.
    pub fn catch_up(
        &mut self,
        mut each: impl FnMut(Entry<'_, E>) -> ControlFlow<()>,
    ) -> Result<usize, ReadError> {
        let read = match self.shown_there {
            0 => self.read.clone().after(self.position),
            _ => self.read.clone().starting_at(self.position),
        };
        let (mut shown, mut broken) = (0, false);
        let (mut at, mut skip) = (self.position, self.shown_there);
        let mut there = 0;
        let outcome = self.reader.visit(&read, &mut |entry| {
            let position = entry.envelope().position;
            if position != at {
                (at, there, skip) = (position, 0, 0);
            }
            there += 1;
            if there <= skip {
                return ControlFlow::Continue(());
            }
            shown += 1;
            let flow = each(entry);
            broken = flow.is_break();
            flow
        });
        (self.position, self.shown_there) = match outcome {
            Ok(head) if !broken => (head.max(self.position), 0),
            _ => (at, there.max(skip)),
        };
        outcome.map(|_| shown)
    }

    /// Shows the entries that there are and the new ones, until none has come for `quiet`, or `each` breaks off. Returns how
    /// many entries were shown.
    ///
    /// # Errors
    /// [`ReadError`]; what was shown before it is not shown again.
    pub fn follow(
        &mut self,
        quiet: Duration,
        mut each: impl FnMut(Entry<'_, E>) -> ControlFlow<()>,
    ) -> Result<usize, ReadError> {
        let (mut shown, mut broken) = (0, false);
        let mut silent_since = Stopwatch::start();
        loop {
            let more = self.catch_up(|entry| {
                let flow = each(entry);
                broken = flow.is_break();
                flow
            })?;
            shown += more;
            if more > 0 {
                silent_since = Stopwatch::start();
            }
            let left = quiet.saturating_sub(silent_since.elapsed());
            if broken || left.is_zero() || self.reader.wait(self.position, left)? <= self.position {
                return Ok(shown);
            }
        }
    }
}
