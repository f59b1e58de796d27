//! What every event store can do.

use super::batch::{Appended, Batch, StreamState};
use super::entry::Entry;
use super::error::{AppendError, ReadError};
use super::filter::{Field, Filter};
use super::query::{Query, Read};
use crate::recorded::{EventId, Headers, Position, Recorded, StreamName};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// A log of events that can be read. A handle that has this alone cannot append.
///
/// ```
/// use leftfold::store::{EventReader, Query};
///
/// fn how_often(log: &dyn EventReader<String>, word: &str) -> usize {
///     let events = log.read(&Query::all().into()).unwrap_or_default();
///     events.iter().filter(|said| said.event == word).count()
/// }
/// # let _ = how_often;
/// ```
///
/// ```compile_fail,E0599
/// use leftfold::recorded::StreamName;
/// use leftfold::store::{Batch, EventReader};
///
/// fn say(log: &dyn EventReader<String>, stream: &StreamName) {
///     let _ = log.append(Batch::to(stream).event("hello".to_string()));
/// }
/// ```
///
/// Every read sees the log as it is when the read begins, whatever is appended meanwhile, and keeps no writer waiting.
pub trait EventReader<E> {
    /// The position of the last entry that reads see.
    ///
    /// # Errors
    /// When the storage cannot be read.
    fn head(&self) -> Result<Position, ReadError>;

    /// Shows every entry of the read to `each`, in order and by reference, until it breaks off. Answers with the position
    /// up to which the log was there when the read began, entries that did not match included.
    ///
    /// # Errors
    /// [`ReadError`]; what was shown before it is right.
    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, E>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError>;

    /// The stream of this name, if it was ever written to or described.
    ///
    /// # Errors
    /// When the storage cannot be read.
    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError>;

    /// Streams by name, in the order of their names, deleted ones included.
    ///
    /// # Errors
    /// When the storage cannot be read.
    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError>;

    /// The names of the categories that have entries, in order; those of deleted streams too.
    ///
    /// # Errors
    /// When the storage cannot be read.
    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError>;

    /// The position of the event with this id, if there is one. The stores of this kit look it up; the default
    /// implementation reads every event.
    ///
    /// # Errors
    /// When the storage cannot be read.
    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        let mut found = None;
        self.visit(&Query::all().filter(Filter::on(Field::Id).equals(id.as_str())), &mut |entry| {
            found = Some(entry.envelope().position);
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    /// Waits until the log goes beyond `after`, or for `at_most`; answers with the head.
    ///
    /// # Errors
    /// When the storage cannot be read.
    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError>;

    /// All events of a read, as values. Tombstones are passed over; [`visit`](EventReader::visit) shows them.
    ///
    /// # Errors
    /// [`ReadError`].
    fn read(&self, read: &Read) -> Result<Vec<Recorded<E>>, ReadError>
    where
        E: Clone,
    {
        let mut events = Vec::new();
        self.visit(read, &mut |entry| {
            events.extend(entry.recorded());
            ControlFlow::Continue(())
        })?;
        Ok(events)
    }
}

/// A log of events that can be read and appended to.
pub trait EventStore<E>: EventReader<E> {
    /// Records a batch, all of it or nothing.
    ///
    /// A batch whose event ids are recorded already is answered with its positions, and its conditions are not checked
    /// again. It is the same batch when it writes as many entries, to the same streams, with the same types, tags and
    /// events; metadata may differ.
    ///
    /// # Errors
    /// [`AppendError`]; each says whether anything was recorded.
    fn append(&self, batch: Batch<E>) -> Result<Appended, AppendError>;
}

macro_rules! forwarded {
    ($($pointer:ty),*) => {
        $(impl<E, S: EventReader<E> + ?Sized> EventReader<E> for $pointer {
            fn head(&self) -> Result<Position, ReadError> {
                (**self).head()
            }

            fn visit(
                &self,
                read: &Read,
                each: &mut dyn FnMut(Entry<'_, E>) -> ControlFlow<()>,
            ) -> Result<Position, ReadError> {
                (**self).visit(read, each)
            }

            fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
                (**self).stream(stream)
            }

            fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
                (**self).streams(listing)
            }

            fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
                (**self).categories(listing)
            }

            fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
                (**self).position_of(id)
            }

            fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
                (**self).wait(after, at_most)
            }
        }

        impl<E, S: EventStore<E> + ?Sized> EventStore<E> for $pointer {
            fn append(&self, batch: Batch<E>) -> Result<Appended, AppendError> {
                (**self).append(batch)
            }
        })*
    };
}

forwarded!(&S, Box<S>, Arc<S>);

/// What is known about a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamInfo {
    /// Its name.
    pub name: StreamName,
    /// How far it is.
    pub state: StreamState,
    /// The position of its first event.
    pub first: Option<Position>,
    /// The position of its last event, or of its tombstone.
    pub last: Option<Position>,
    /// What it was described with last.
    pub metadata: Headers,
}

/// Which names of a list, and how many of them.
///
/// ```
/// use leftfold::store::Listing;
///
/// let second_page = Listing::prefix("order-").after("order-119").limit(20);
/// assert!(second_page.names("order-17"));
/// assert!(!Listing::exactly("order").names("order-17"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Listing {
    name: String,
    exactly: bool,
    after: String,
    skip: usize,
    limit: usize,
}

impl Listing {
    /// All names.
    pub fn all() -> Listing {
        Listing::prefix("")
    }

    /// This name alone.
    pub fn exactly(name: impl Into<String>) -> Listing {
        Listing { exactly: true, ..Listing::prefix(name) }
    }

    /// All names that begin so.
    pub fn prefix(prefix: impl Into<String>) -> Listing {
        Listing { name: prefix.into(), exactly: false, after: String::new(), skip: 0, limit: usize::MAX }
    }

    /// Only names that come after this one: the next page begins after the last name of this page, and costs as much as the
    /// first.
    #[must_use]
    pub fn after(self, name: impl Into<String>) -> Listing {
        Listing { after: name.into(), ..self }
    }

    /// Without the first ones.
    #[must_use]
    pub fn skip(self, skip: usize) -> Listing {
        Listing { skip, ..self }
    }

    /// At most `limit` names.
    #[must_use]
    pub fn limit(self, limit: usize) -> Listing {
        Listing { limit, ..self }
    }

    /// Whether a name is listed, apart from [`skip`](Listing::skip) and [`limit`](Listing::limit).
    pub fn names(&self, name: &str) -> bool {
        let named = if self.exactly { name == self.name } else { name.starts_with(&self.name) };
        named && (self.after.is_empty() || name > &*self.after)
    }

    /// Whether every listed name comes after this one.
    pub(crate) fn begins_after(&self, name: &str) -> bool {
        name < &*self.name || !self.after.is_empty() && name <= &*self.after
    }

    /// What every name among them begins with.
    pub fn begins(&self) -> &str {
        &self.name
    }

    /// The name after which the list begins; empty if it begins with the first.
    pub(crate) fn after_name(&self) -> &str {
        &self.after
    }

    /// How many names are looked at for a page at most: those that are skipped, and those that are listed.
    pub(crate) fn reach(&self) -> usize {
        self.skip.saturating_add(self.limit)
    }

    /// The items that are listed, of items in the order of their names: for implementations of a store.
    pub fn pick<T>(&self, items: impl IntoIterator<Item = T>, name: impl Fn(&T) -> &str) -> Vec<T> {
        items.into_iter().filter(|item| self.names(name(item))).skip(self.skip).take(self.limit).collect()
    }
}
