//! For those who write a store over an engine, such as a database: what a batch is judged by, apart from the engine.
//!
//! Such a store implements [`EventReader`](super::EventReader) and [`EventStore`](super::EventStore) for
//! [`RawEvent`]; [`Coded`](super::Coded) makes a store of a model's events of it, and
//! [`conformance!`](crate::conformance!) says whether it keeps its promises. In this order a batch is judged:
//!
//! 1. [`check`]: what is wrong with the batch alone.
//! 2. [`repeated`]: a batch that was recorded before is answered, whatever its conditions say.
//! 3. [`conditions`]: the first that does not hold is the answer, a [`Conflict`](super::Conflict).
//!
//! All of it holds for the log as it is before the batch; the engine sees to it that nothing comes between.
//!
//! A [`Line`] is an entry as `leftfold log export` prints it: in such lines a log moves from one engine to another.

mod line;

pub use line::{InvalidLine, Line};

use super::batch::{AppendCondition, Appended, Batch, Write, unsaid_expectations};
use super::entry::{DELETED, DESCRIBED, Entry};
use super::error::{AppendError, check_event_type};
use super::repeated_batch::{check_no_id_twice, difference_from, find_repeated, given_ids, same_json};
use crate::codec::RawEvent;
use crate::recorded::{Envelope, EventId, Headers, Position, Recorded, Version};

/// An entry of a log as it is stored, as a value.
#[derive(Clone, Debug, PartialEq)]
pub enum StoredEntry {
    /// Something happened.
    Event(Recorded<RawEvent>),
    /// A tombstone.
    Deleted(Envelope),
    /// The metadata of a stream.
    Described(Envelope, Headers),
}

impl StoredEntry {
    /// The entry, as a read shows it.
    pub fn entry(&self) -> Entry<'_, RawEvent> {
        match self {
            StoredEntry::Event(recorded) => Entry::Event(&recorded.envelope, &recorded.event),
            StoredEntry::Deleted(envelope) => Entry::Deleted(envelope),
            StoredEntry::Described(envelope, headers) => Entry::Described(envelope, headers),
        }
    }

    /// What the store wrote around it.
    pub fn envelope(&self) -> &Envelope {
        self.entry().envelope()
    }
}

/// What a repeated batch is compared with: entries that are recorded.
pub trait Recordings {
    /// The position of the entry with this id.
    ///
    /// # Errors
    /// When the engine cannot be asked.
    fn position_of(&self, id: &EventId) -> Result<Option<Position>, AppendError>;

    /// The entry at this position.
    ///
    /// # Errors
    /// When the engine cannot be asked.
    fn entry(&self, at: Position) -> Result<Option<StoredEntry>, AppendError>;

    /// Whether these entries, and no others, were recorded as one batch.
    ///
    /// # Errors
    /// When the engine cannot be asked.
    fn is_batch(&self, first: Position, count: usize) -> Result<bool, AppendError>;
}

/// Refuses a batch that no store takes: one that is empty, has a type that cannot be stored, or an id twice. Takes O(n).
///
/// # Errors
/// [`AppendError`]; nothing is recorded then.
pub fn check(batch: &Batch<RawEvent>) -> Result<(), AppendError> {
    if batch.writes().is_empty() {
        return Err(AppendError::Empty);
    }
    for write in batch.writes() {
        if let Write::Event(_, new) = write {
            check_event_type(&new.event.event_type)?;
        }
    }
    check_no_id_twice(given_ids(batch.writes()).map(|(_, id)| id))
}

/// What a batch expects, in the order in which it is judged: its conditions, then what it expects of the other streams
/// that it writes to. Takes O(n).
///
/// ```
/// use leftfold::codec::RawEvent;
/// use leftfold::recorded::StreamName;
/// use leftfold::store::{AppendCondition, Batch, ExpectedVersion, engine};
///
/// let (order, stock) = (StreamName::of("order", 17)?, StreamName::of("stock", 4)?);
/// let batch = Batch::<RawEvent>::to(&stock).delete().and_to(&order).expecting(ExpectedVersion::NoStream);
/// assert_eq!(
///     engine::conditions(&batch),
///     [
///         AppendCondition::Stream(order, ExpectedVersion::NoStream),
///         AppendCondition::Stream(stock, ExpectedVersion::StreamExists),
///     ]
/// );
/// # Ok::<(), leftfold::recorded::InvalidText>(())
/// ```
pub fn conditions(batch: &Batch<RawEvent>) -> Vec<AppendCondition> {
    let mut all = batch.conditions().to_vec();
    // Nothing is refused here.
    let _ = unsaid_expectations(batch.writes(), batch.conditions(), |stream, expected| {
        all.push(AppendCondition::Stream(stream.clone(), expected));
        Ok::<(), ()>(())
    });
    all
}

/// The answer to a batch that was recorded before, under the ids of its events; `None` if it is new. Asks for each given id,
/// and for each entry of a batch that is there.
///
/// # Errors
/// [`AppendError::IdTaken`] when its ids are those of other entries; and the errors of `recorded`.
pub fn repeated(batch: &Batch<RawEvent>, recorded: &dyn Recordings) -> Result<Option<Appended>, AppendError> {
    let writes = batch.writes();
    let find = |id: &EventId| Ok(recorded.position_of(id)?.map(Position::get));
    let differs = |write: &Write<RawEvent>, _: usize, at: u64| {
        let Some(entry) = recorded.entry(Position::new(at))? else {
            return Ok(Some("the log ends before the batch does".to_string()));
        };
        let (event_type, same) = match (write, &entry) {
            (Write::Event(_, new), StoredEntry::Event(known)) => {
                let (new, known) = (&new.event, &known.event);
                let same = || same_json(new.data.get().as_bytes(), known.data.get().as_bytes());
                (&*new.event_type, new.schema == known.schema && same())
            }
            (Write::Event(_, new), _) => (&*new.event.event_type, false),
            (Write::Delete(_), known) => (DELETED, matches!(known, StoredEntry::Deleted(_))),
            (Write::Describe(_, headers), StoredEntry::Described(_, known)) => (DESCRIBED, headers == known),
            (Write::Describe(..), _) => (DESCRIBED, false),
        };
        Ok(difference_from(entry.envelope(), write, event_type, same))
    };
    let is_batch = |first, count| recorded.is_batch(Position::new(first), count);
    let Some(first) = find_repeated(writes, find, differs, is_batch)? else { return Ok(None) };
    let mut versions = Vec::new();
    for (write, position) in writes.iter().zip(first..) {
        if write.is_of_stream() {
            let entry = recorded.entry(Position::new(position))?;
            let version = entry.map_or(Version::NONE, |entry| entry.envelope().version);
            versions.push((write.stream().clone(), version));
        }
    }
    Ok(Some(Appended::new(Position::new(first), writes.len(), true, versions)))
}
