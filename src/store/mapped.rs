//! A log whose events are mapped to those of another model.

use super::entry::Entry;
use super::error::ReadError;
use super::event_store::EventReader;
use super::listing::{Listing, StreamInfo};
use super::query::Read;
use crate::decider::{Keyed, keyed};
use crate::recorded::{Envelope, EventId, Position, StreamName};
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::str::FromStr;
use std::time::Duration;

/// A log whose events are mapped: a reader that shows what a function makes of each event and its envelope.
///
/// So a log whose streams say *who* and whose events say *what* is read as a model of all streams wants it: with the key in
/// the event. Positions, streams and versions stay those of the log, and queries see the events as they are stored. Nothing
/// can be appended through it.
///
/// ```
/// use leftfold::recorded::{Envelope, StreamName};
/// use leftfold::store::{Batch, EventStore, Mapped, Memory, Query, Reading};
/// use leftfold::{Decider, decider, keyed};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Deposited(u32) }
///
/// let account = decider(
///     || 0,
///     |amount: &u32, _: &u32| Ok::<_, ()>(vec![Event::Deposited(*amount)]),
///     |balance, Event::Deposited(amount)| balance + amount,
/// );
///
/// let store = Memory::new();
/// store.append(Batch::to(&StreamName::of("account", 17)?).event(Event::Deposited(10)))?;
/// store.append(Batch::to(&StreamName::of("account", 18)?).event(Event::Deposited(20)))?;
///
/// let accounts = account.many::<u32>();
/// let log = Mapped::new(&store, |envelope: &Envelope, event: &Event| {
///     let number = envelope.stream.id().unwrap_or_default().parse::<u32>();
///     number.map(|number| keyed(number, event.clone()))
/// });
/// let balances = log.fold(&accounts, Query::category("account")?)?;
/// assert_eq!(balances[&18], 20);
///
/// store.append(Batch::to(&StreamName::of("account", "petra")?).event(Event::Deposited(30)))?;
/// assert_eq!(
///     leftfold::page::with_sources(&log.fold(&accounts, Query::all()).unwrap_err()),
///     "the event at position 3 of stream account-petra cannot be mapped: invalid digit found in string"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Mapped<S, E, M> {
    store: S,
    map: M,
    of: PhantomData<fn(E)>,
}

impl<S, E, M> Mapped<S, E, M> {
    /// The events of a store, mapped by this function.
    pub fn new<F, X>(store: S, map: M) -> Self
    where
        M: Fn(&Envelope, &E) -> Result<F, X>,
    {
        Mapped { store, map, of: PhantomData }
    }
}

/// A function that gives each event the key that its stream is named by.
pub type KeyOfStream<K, E> = fn(&Envelope, &E) -> Result<Keyed<K, E>, NoKey>;

/// A stream whose name holds no key of the type that is read.
#[derive(Debug, thiserror::Error)]
#[error("after the category, the name of the stream is no `{expected}`: {why}")]
#[non_exhaustive]
pub struct NoKey {
    /// The Rust type of the key.
    pub expected: &'static str,
    /// What is wrong with it.
    pub why: String,
}

impl<S, E, K> Mapped<S, E, KeyOfStream<K, E>>
where
    E: Clone,
    K: FromStr<Err: fmt::Display>,
{
    /// The events of a store with the keys that their streams are named by, so that the model of one key is read as
    /// [`many`](crate::Decider::many) of it: events of stream `account-17` get the key 17.
    ///
    /// ```
    /// use leftfold::recorded::StreamName;
    /// use leftfold::store::{Batch, EventStore, Mapped, Memory, Query, Reading};
    /// use leftfold::{Keyed, view};
    /// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # enum Event { Deposited(u32) }
    ///
    /// let store = Memory::new();
    /// store.append(Batch::to(&StreamName::of("account", 17)?).event(Event::Deposited(10)))?;
    ///
    /// let keys = view(Vec::new, |mut keys: Vec<u32>, event: &Keyed<u32, Event>| {
    ///     keys.push(event.key);
    ///     keys
    /// });
    /// assert_eq!(Mapped::keyed(&store).fold(&keys, Query::category("account")?)?, [17]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// An event of a stream without such a key is an error of the read, [`ReadError::Unmapped`].
    pub fn keyed(store: S) -> Self {
        Mapped::new(store, |envelope, event: &E| {
            let why = match envelope.stream.id().map(str::parse::<K>) {
                Some(Ok(key)) => return Ok(keyed(key, event.clone())),
                Some(Err(error)) => error.to_string(),
                None => "it is a category alone".to_string(),
            };
            Err(NoKey { expected: std::any::type_name::<K>(), why })
        })
    }
}

impl<S: Clone, E, M: Clone> Clone for Mapped<S, E, M> {
    fn clone(&self) -> Self {
        Mapped { store: self.store.clone(), map: self.map.clone(), of: PhantomData }
    }
}

impl<S: fmt::Debug, E, M> fmt::Debug for Mapped<S, E, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mapped").field("store", &self.store).finish_non_exhaustive()
    }
}

impl<S, E, M, F, X> EventReader<F> for Mapped<S, E, M>
where
    S: EventReader<E>,
    M: Fn(&Envelope, &E) -> Result<F, X>,
    X: Into<Box<dyn Error + Send + Sync>>,
{
    fn head(&self) -> Result<Position, ReadError> {
        self.store.head()
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, F>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        let mut failed = None;
        let head = self.store.visit(read, &mut |entry| match entry {
            Entry::Event(envelope, event) => match (self.map)(envelope, event) {
                Ok(mapped) => each(Entry::Event(envelope, &mapped)),
                Err(source) => {
                    let (position, stream) = (envelope.position, envelope.stream.clone());
                    failed = Some(ReadError::Unmapped { position, stream, source: source.into() });
                    ControlFlow::Break(())
                }
            },
            Entry::Deleted(envelope) => each(Entry::Deleted(envelope)),
            Entry::Described(envelope, headers) => each(Entry::Described(envelope, headers)),
        })?;
        failed.map_or(Ok(head), Err)
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        self.store.stream(stream)
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        self.store.streams(listing)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        self.store.categories(listing)
    }

    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        self.store.position_of(id)
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        self.store.wait(after, at_most)
    }
}
