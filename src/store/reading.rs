//! What people do with a reader of events: load a stream, fold, follow.

use super::entry::Entry;
use super::error::ReadError;
use super::event_store::EventReader;
use super::query::{Query, Read};
use super::subscription::Subscription;
use super::typed::Typed;
use crate::fold::Fold;
use crate::message::Umbrella;
use crate::recorded::{InvalidText, Position, Recorded, StreamName, Version};
use serde::Serialize;
use std::ops::ControlFlow;

/// What people do with a reader, in one line each.
pub trait Reading<E>: EventReader<E> {
    /// The state of one stream: the left fold of its events, with its version. A deleted stream begins again after its
    /// tombstone.
    ///
    /// A command is handled so: load, decide, and append if no event has come in between.
    ///
    /// ```
    /// use leftfold::recorded::StreamName;
    /// use leftfold::store::{AppendError, Batch, EventStore, Memory, Reading};
    /// use leftfold::{Decider, decider};
    ///
    /// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # enum Event { Counted }
    /// struct Full;
    /// let hall = decider(
    ///     || 0,
    ///     |_guest: &&str, guests: &u32| if *guests < 2 { Ok(vec![Event::Counted]) } else { Err(Full) },
    ///     |guests: u32, _: &Event| guests + 1,
    /// );
    /// let store = Memory::new();
    /// let stream = StreamName::of("hall", 1)?;
    ///
    /// for guest in ["Petra", "Alex", "Kim"] {
    ///     let loaded = store.load(&hall, &stream)?;
    ///     match hall.decide(&guest, &loaded.state) {
    ///         Ok(events) => match store.append(Batch::to(&stream).expecting(loaded.version).events(events)) {
    ///             Err(AppendError::Conflict(why)) => println!("somebody was faster, so load and decide again: {why}"),
    ///             answer => _ = answer?,
    ///         },
    ///         Err(Full) => assert_eq!((guest, loaded.state), ("Kim", 2)),
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ReadError`].
    fn load<F: Fold<Event = E>>(&self, fold: &F, stream: &StreamName) -> Result<Loaded<F::State>, ReadError> {
        let mut version = Version::NONE;
        let mut state = Some(fold.initial_state());
        let head = self.visit(&Query::stream(stream).into(), &mut |entry| {
            version = entry.envelope().version;
            state = match entry {
                Entry::Event(_, event) => state.take().map(|state| fold.evolve(state, event)),
                Entry::Deleted(_) | Entry::Described(..) => Some(fold.initial_state()),
            };
            ControlFlow::Continue(())
        })?;
        // Only taken while `evolve` runs, and a panic there does not come back here.
        let state = state.unwrap_or_else(|| fold.initial_state());
        Ok(Loaded { state, version, head })
    }

    /// The left fold of all events of a read, tombstones passed over.
    ///
    /// # Errors
    /// [`ReadError`].
    fn fold<F: Fold<Event = E>>(&self, fold: &F, read: impl Into<Read>) -> Result<F::State, ReadError> {
        let mut state = Some(fold.initial_state());
        self.visit(&read.into(), &mut |entry| {
            if let Some(event) = entry.event() {
                state = state.take().map(|state| fold.evolve(state, event));
            }
            ControlFlow::Continue(())
        })?;
        Ok(state.unwrap_or_else(|| fold.initial_state()))
    }

    /// All events of a read, as values; see [`EventReader::read`].
    ///
    /// # Errors
    /// [`ReadError`].
    fn all(&self, read: impl Into<Read>) -> Result<Vec<Recorded<E>>, ReadError>
    where
        E: Clone,
    {
        self.read(&read.into())
    }

    /// The part of the store that is this category, as a store of one of the parts of the umbrella event; see [`Typed`].
    ///
    /// # Errors
    /// [`InvalidText`] when the category holds a `-`: no stream has such a category.
    fn category<P>(&self, category: impl Into<String>) -> Result<Typed<&Self, E, P>, InvalidText>
    where
        E: Umbrella<P>,
    {
        Typed::new(self, category)
    }

    /// Follows a query from a position on: the events that there are, then the new ones, without a gap or a repeat.
    fn subscribe(&self, query: Query, after: Position) -> Subscription<'_, Self, E> {
        Subscription::new(self, query, after)
    }
}

impl<E, S: EventReader<E> + ?Sized> Reading<E> for S {}

/// A state that was loaded, and how far the log was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Loaded<S> {
    /// The state.
    pub state: S,
    /// The version of the stream's last event, or of its tombstone: what to [expect](super::Batch::expecting) when appending.
    pub version: Version,
    /// The position of the log's last entry.
    pub head: Position,
}
