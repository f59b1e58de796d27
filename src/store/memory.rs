//! A log in memory.

use super::batch::{Appended, Batch, NewEvent, Write};
use super::clock_and_ids::{Clock, IdPrefix, IdSource, system_clock};
use super::entry::Entry;
use super::error::{AppendError, ReadError, check_event_type};
use super::event_store::{EventReader, EventStore};
use super::index::{
    Hashed, Index, IndexedAs, KIND_DELETED, KIND_DESCRIBED, Listed, Listings, Lookup, Numbers, Positioned,
    Row,
};
use super::listing::{Listing, StreamInfo};
use super::query::{Direction, Read};
use super::repeated_batch::{
    STORE_MAKES, check_made_ids, check_no_id_twice, difference_from, find_repeated, given_ids, made_ids,
};
use crate::clock::{HAS_THREADS, Stopwatch};
use crate::codec::Proofs;
use crate::message::Message;
use crate::recorded::{
    Envelope, EventId, Headers, Metadata, Position, Recorded, StreamName, Timestamp, Version,
};
use std::fmt;
use std::mem;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A log in memory: it keeps the events themselves, and encodes nothing.
///
/// It keeps every promise that the file log keeps, and finds every conflict that the file log finds, but its events are gone
/// when the program ends. Appending and looking up take O(log n); a reader takes its view of the log in O(1) for each list
/// that it reads, and does not hold up a writer.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::store::{Batch, EventStore, ExpectedVersion, Memory, Query, Reading};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Opened, Deposited(u32) }
///
/// let store = Memory::new();
/// let account = StreamName::of("account", "petra")?;
/// let opened = store.append(
///     Batch::to(&account).expecting(ExpectedVersion::NoStream).events([Event::Opened, Event::Deposited(10)]),
/// )?;
/// assert_eq!(opened.last.get(), 2);
///
/// let deposits = store.all(Query::category("account")?.types(["Deposited"]))?;
/// assert_eq!(deposits[0].event, Event::Deposited(10));
/// assert_eq!(deposits[0].version.get(), 2);
///
/// let twice = store.append(Batch::to(&account).expecting(ExpectedVersion::NoStream).event(Event::Opened));
/// assert_eq!(
///     twice.unwrap_err().to_string(),
///     "stream account-petra was expected to have no event, but it is at version 2"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Memory<E> {
    log: Mutex<MemoryLog<E>>,
    grown: Condvar,
    clock: Clock,
    /// Where ids come from, if the store does not make them.
    ids: Option<IdSource>,
    handle: IdPrefix,
    proofs: Proofs,
    /// Whether each event is read back, and not only one of each shape.
    each: bool,
}

struct MemoryLog<E> {
    index: Index<Arc<StoredEntry<E>>>,
    /// The positions of ids that do not contain their position.
    ids: Hashed<EventId, u64>,
    /// The types of a batch, by their numbers: room that is used again.
    kinds: Vec<u32>,
    /// How many wait for the log to grow.
    waiting: usize,
}

struct StoredEntry<E> {
    numbers: Numbers,
    what: EntryContent<E>,
}

enum EntryContent<E> {
    Event(Recorded<E>),
    Deleted(Envelope),
    Described(Envelope, Arc<Headers>),
}

impl<E> StoredEntry<E> {
    fn entry(&self) -> Entry<'_, E> {
        match &self.what {
            EntryContent::Event(recorded) => Entry::Event(&recorded.envelope, &recorded.event),
            EntryContent::Deleted(envelope) => Entry::Deleted(envelope),
            EntryContent::Described(envelope, headers) => Entry::Described(envelope, headers),
        }
    }
}

impl<E> Positioned for Arc<StoredEntry<E>> {
    fn position(&self) -> u64 {
        self.entry().envelope().position.get()
    }
}

impl<E> Listed<Self> for Arc<StoredEntry<E>> {
    fn show(
        &self,
        _: &mut Lookup<'_, Self>,
        each: &mut dyn FnMut(&Self) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        each(self)
    }
}

impl<E> Row for Arc<StoredEntry<E>> {
    type InStream = Self;

    fn in_stream(&self) -> Self {
        self.clone()
    }

    fn numbers(&self) -> Numbers {
        self.numbers
    }
}

impl<E> Default for Memory<E> {
    fn default() -> Self {
        Memory::new()
    }
}

impl<E> Memory<E> {
    /// An empty log.
    pub fn new() -> Self {
        let log = MemoryLog { index: Index::new(), ids: Hashed::default(), kinds: Vec::new(), waiting: 0 };
        Memory {
            log: Mutex::new(log),
            grown: Condvar::new(),
            clock: system_clock(),
            ids: None,
            handle: IdPrefix::new(),
            proofs: Proofs::new(),
            each: false,
        }
    }

    /// Takes the time from this clock instead of the system's.
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Memory { clock: Arc::new(clock), ..self }
    }

    /// Takes the ids of events that have none from here. An id that comes twice is refused when its event is appended.
    #[must_use]
    pub fn event_ids(self, ids: impl Fn() -> EventId + Send + Sync + 'static) -> Self {
        Memory { ids: Some(Arc::new(ids)), ..self }
    }

    /// Writes and reads back every event before it accepts it, as the [file log](crate::log::FileLog) does with the events of
    /// small batches. Otherwise it does so with the first event of each shape: events of the same type, with the same fields
    /// present, lists empty or not, numbers of the same size.
    ///
    /// What a log would not give back as it was is refused either way as soon as it shows in the shape. What shows in the
    /// value alone (a field that serde skips, a text that is read as something else) is refused for certain only so.
    ///
    /// ```
    /// use leftfold::page::with_sources;
    /// use leftfold::recorded::StreamName;
    /// use leftfold::store::{Batch, EventStore, Memory};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    /// struct Opened { owner: String, #[serde(skip)] secret: u8 }
    ///
    /// let store = Memory::new().reading_back_each();
    /// let batch = |secret| {
    ///     let stream = StreamName::new("account").unwrap();
    ///     Batch::to(&stream).event(Opened { owner: "Petra".into(), secret })
    /// };
    /// store.append(batch(0)).unwrap();
    /// let refused = with_sources(&store.append(batch(7)).unwrap_err());
    /// assert!(refused.contains("type Opened is not recorded, since it would not come back as it is"), "{refused}");
    /// ```
    #[must_use]
    pub fn reading_back_each(self) -> Self {
        Memory { each: true, ..self }
    }

    fn log(&self) -> MutexGuard<'_, MemoryLog<E>> {
        // Nothing in here panics half way: a lock that another thread has poisoned holds a whole log.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Taken in O(1), so that a writer does not wait for a long list.
    fn listings(&self) -> Listings<Arc<StoredEntry<E>>> {
        self.log().index.listings()
    }
}

impl<E> fmt::Debug for Memory<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("head", &self.log().index.head()).finish_non_exhaustive()
    }
}

impl<E> EventReader<E> for Memory<E> {
    fn head(&self) -> Result<Position, ReadError> {
        Ok(Position::new(self.log().index.head()))
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, E>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        let ((from, until), (first, last)) = (read.positions(), read.versions());
        let (selection, head) = {
            let log = self.log();
            let backwards = read.direction() == Direction::Backwards;
            let versions = (first.get(), last.get());
            let selection = log.index.select(read.query(), from.get(), until.get(), versions, backwards);
            (selection, Position::new(log.index.head()))
        };
        let mut left = read.most().unwrap_or(usize::MAX);
        if left == 0 {
            return Ok(head);
        }
        let any_version = first == Version::NONE && last == Version::new(u64::MAX);
        let mut failed = None;
        selection.each(&mut |held| {
            let entry = held.entry();
            let envelope = entry.envelope();
            if !any_version && !(first..=last).contains(&envelope.version) {
                return ControlFlow::Continue(());
            }
            for filter in read.filters() {
                match filter.passes(envelope) {
                    Ok(true) => {}
                    Ok(false) => return ControlFlow::Continue(()),
                    Err(error) => {
                        failed = Some(error.into());
                        return ControlFlow::Break(());
                    }
                }
            }
            left -= 1;
            match each(entry) {
                ControlFlow::Continue(()) if left > 0 => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            }
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(head),
        }
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        Ok(self.log().index.stream(stream, u64::MAX))
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        Ok(self.listings().streams(listing, u64::MAX)?)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        Ok(self.listings().categories(listing, u64::MAX)?)
    }

    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        let log = self.log();
        Ok(log.position_of(id, &self.handle).map(Position::new))
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        let begun = Stopwatch::start();
        let mut log = self.log();
        loop {
            let head = Position::new(log.index.head());
            let left = at_most.saturating_sub(begun.elapsed());
            // Without threads nobody else appends while this one waits.
            if head > after || left.is_zero() || !HAS_THREADS {
                return Ok(head);
            }
            log.waiting += 1;
            log = self.grown.wait_timeout(log, left).unwrap_or_else(PoisonError::into_inner).0;
            log.waiting -= 1;
        }
    }
}

impl<E: Message + PartialEq> EventStore<E> for Memory<E> {
    fn append(&self, batch: Batch<E>) -> Result<Appended, AppendError> {
        let (writes, conditions) = batch.into_parts();
        if writes.is_empty() {
            return Err(AppendError::Empty);
        }
        for write in &writes {
            if let Write::Event(_, new) = write {
                self.proofs.of_message(&new.event, self.each).map_err(AppendError::Unwritable)?;
            }
        }
        // The user's closures are asked before the lock is taken: they may panic, wait, or ask the store themselves.
        let (recorded_at, made) = ((self.clock)(), made_ids(&writes, self.ids.as_ref()));
        let mut log = self.log();
        let mut kinds = mem::take(&mut log.kinds);
        kinds.clear();
        for write in &writes {
            kinds.push(log.kind(write)?);
        }
        let find = |id: &EventId| log.find(id, &self.handle);
        let differs = |write: &Write<E>, place: usize, at: u64| Ok(log.differs(write, kinds[place], at));
        let is_batch = |first, count| Ok(log.index.is_batch(first, count));
        if let Some(first) = find_repeated(&writes, find, differs, is_batch)? {
            let version = |place: usize| log.index.row(first + place as u64).map_or(0, |held| held.version());
            let streams = writes.iter().enumerate().filter(|(_, write)| write.is_of_stream());
            let versions = streams.map(|(place, write)| (write.stream(), version(place)));
            return Ok(Appended::of(first, writes.len(), true, versions));
        }
        log.index.check(&writes, &conditions)?;
        let first = log.index.head() + 1;
        match &self.ids {
            Some(_) => check_made_ids(&writes, &made, |id| log.ids.get(id).copied())?,
            None => check_no_id_twice(given_ids(&writes).map(|(_, id)| id))?,
        }
        let mut made = made.into_iter();
        let count = writes.len();
        let mut versions: Vec<(StreamName, Version)> = Vec::new();
        for ((mut write, kind), position) in writes.into_iter().zip(&kinds).zip(first..) {
            let id = match made.next().or_else(|| write.take_id()) {
                Some(id) => {
                    log.ids.insert(id.clone(), position);
                    id
                }
                None => self.handle.id(position),
            };
            if !write.is_of_stream() {
                log.add(write, *kind, id, recorded_at);
                continue;
            }
            if versions.last().is_none_or(|(last, _)| last != write.stream()) {
                versions.push((write.stream().clone(), Version::NONE));
            }
            let version = log.add(write, *kind, id, recorded_at);
            if let Some((_, of_last)) = versions.last_mut() {
                *of_last = version;
            }
        }
        log.index.end_batch();
        log.kinds = kinds;
        let waited_for = log.waiting > 0;
        drop(log);
        // A call to the system, also where nobody listens.
        if waited_for {
            self.grown.notify_all();
        }
        Ok(Appended::with_versions(first, count, false, versions))
    }
}

impl<E> StoredEntry<E> {
    fn version(&self) -> u64 {
        self.entry().envelope().version.get()
    }
}

impl<E: Message> MemoryLog<E> {
    /// The number of the type of what is written. Its name is looked at when it comes for the first time.
    fn kind(&mut self, write: &Write<E>) -> Result<u32, AppendError> {
        let new = match write {
            Write::Event(_, new) => new,
            Write::Delete(_) => return Ok(KIND_DELETED),
            Write::Describe(..) => return Ok(KIND_DESCRIBED),
        };
        let known = new.event.leaf_as_written().and_then(|leaf| self.index.find_kind(leaf));
        if let Some(kind) = known.filter(|kind| ![KIND_DELETED, KIND_DESCRIBED].contains(kind)) {
            return Ok(kind);
        }
        let name = new.event.name()?;
        let alike = E::names()?.into_iter().find(|known| known.leaf() == name.leaf() && *known != name);
        match (name.leaf(), alike) {
            (_, Some(other)) => Err(AppendError::Ambiguous { one: name, other }),
            (leaf, None) => {
                check_event_type(leaf)?;
                Ok(self.index.number_kind(leaf))
            }
        }
    }
}

impl<E> MemoryLog<E> {
    /// The position of the entry with this id.
    fn position_of(&self, id: &EventId, handle: &IdPrefix) -> Option<u64> {
        // An id that the store has made contains its position.
        match handle.number(id) {
            Some(at) => self.index.row(at).filter(|held| held.entry().envelope().id == *id).map(|_| at),
            None => self.ids.get(id).copied(),
        }
    }

    /// The same for an id that somebody gives.
    fn find(&self, id: &EventId, handle: &IdPrefix) -> Result<Option<u64>, AppendError> {
        match self.position_of(id, handle) {
            None if handle.number(id).is_some() => {
                Err(AppendError::IdTaken { id: id.clone(), why: STORE_MAKES.to_string() })
            }
            found => Ok(found),
        }
    }

    /// Adds an entry, and returns the version that its stream has then.
    fn add(&mut self, write: Write<E>, kind: u32, id: EventId, recorded_at: Timestamp) -> Version {
        let numbers = self.index.numbers_of_kind(write.stream(), kind);
        // Metadata is no event of the stream: it has the version of the last one.
        let version = Version::new(self.index.version(numbers.stream) + u64::from(write.is_of_stream()));
        let position = Position::new(self.index.head() + 1);
        let event_type = self.index.kind(numbers.kind).clone();
        let envelope = |stream, tags, metadata| Envelope {
            position,
            stream,
            version,
            event_type,
            tags,
            recorded_at,
            id,
            metadata,
        };
        let (what, kind) = match write {
            Write::Event(stream, NewEvent { event, tags, metadata, .. }) => {
                let envelope = envelope(stream, tags, metadata);
                (EntryContent::Event(Recorded { envelope, event }), IndexedAs::OfStream)
            }
            Write::Delete(stream) => (
                EntryContent::Deleted(envelope(stream, Vec::new(), Metadata::default())),
                IndexedAs::OfStream,
            ),
            Write::Describe(stream, headers) => {
                let (envelope, headers) =
                    (envelope(stream, Vec::new(), Metadata::default()), Arc::new(headers));
                (EntryContent::Described(envelope, headers.clone()), IndexedAs::Described(headers))
            }
        };
        let held = Arc::new(StoredEntry { numbers, what });
        self.index.add(held.clone(), &held.entry().envelope().tags, kind);
        version
    }
}

impl<E: PartialEq> MemoryLog<E> {
    /// In what the entry at a position differs from what would be written.
    fn differs(&self, write: &Write<E>, kind: u32, at: u64) -> Option<String> {
        let event_type = &**self.index.kind(kind);
        let Some(held) = self.index.row(at) else {
            return Some(format!("there is nothing at position {at}, where {event_type} would be"));
        };
        let envelope = held.entry().envelope();
        let same = match (&held.what, write) {
            (EntryContent::Event(recorded), Write::Event(_, new)) => recorded.event == new.event,
            (EntryContent::Deleted(_), Write::Delete(_)) => true,
            (EntryContent::Described(_, known), Write::Describe(_, headers)) => **known == *headers,
            _ => false,
        };
        difference_from(envelope, write, event_type, same)
    }
}
