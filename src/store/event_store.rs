//! What every event store can do.

use super::batch::{Appended, Batch};
use super::entry::Entry;
use super::error::{AppendError, ReadError};
use super::filter::{Field, Filter};
use super::listing::{Listing, StreamInfo};
use super::query::{Query, Read};
use crate::recorded::{EventId, Position, Recorded, StreamName};
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
/// Every read sees the log as it is when the read begins, whatever is appended meanwhile, and keeps no writer waiting. What
/// other handles have appended by then is seen too, unless the store's own documentation says otherwise: one that reads a local
/// copy of a log may see their events a moment later. What a handle has appended, it sees in any case.
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

    /// Streams by name and metadata, in the order of their names, deleted ones included.
    ///
    /// # Errors
    /// When the storage cannot be read, or a filter of the listing compares unlike values.
    #[doc(alias = "fetchStreamNames")]
    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError>;

    /// The names of the categories that have entries, in order; those of deleted streams too. With filters, those of the
    /// streams that pass.
    ///
    /// # Errors
    /// When the storage cannot be read, or a filter of the listing compares unlike values.
    #[doc(alias = "fetchCategoryNames")]
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
    #[doc(alias = "appendTo")]
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
