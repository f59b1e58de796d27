//! What is appended at once: a batch of events with its conditions, and where it was recorded.

use super::query::Query;
use crate::recorded::{
    CausationId, CorrelationId, EventId, Headers, Metadata, Position, Scalar, StreamName, Tag, Version,
};
use serde::Serialize;
use std::collections::HashSet;
use std::fmt;
use std::mem;

/// An event to be recorded, with its id, tags and metadata.
///
/// ```
/// use leftfold::recorded::{EventId, Tag};
/// use leftfold::store::NewEvent;
///
/// let paid = NewEvent::of("paid 10")
///     .id(EventId::new("payment-4711")?)
///     .tag(Tag::new("customer:petra")?)
///     .header("user", "alex");
/// # let _ = paid;
/// # Ok::<(), leftfold::recorded::InvalidText>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent<E> {
    /// What happened.
    pub event: E,
    /// The id under which recording it again changes nothing; without one, the store makes one.
    pub id: Option<EventId>,
    /// Labels by which it is found.
    pub tags: Vec<Tag>,
    /// Who, why, from where.
    pub metadata: Metadata,
}

impl<E> NewEvent<E> {
    /// This event, without an id, tags or metadata.
    pub fn of(event: E) -> NewEvent<E> {
        NewEvent { event, id: None, tags: Vec::new(), metadata: Metadata::default() }
    }

    /// Under this id, recording it again changes nothing.
    #[must_use]
    pub fn id(self, id: EventId) -> Self {
        NewEvent { id: Some(id), ..self }
    }

    /// With one more tag; a tag it has already is not added.
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Self {
        if !self.tags.contains(&tag) {
            self.tags.push(tag);
        }
        self
    }

    /// With this header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Scalar>) -> Self {
        self.metadata.headers.insert(name.into(), value.into());
        self
    }

    /// As part of this conversation.
    #[must_use]
    pub fn correlation(mut self, id: CorrelationId) -> Self {
        self.metadata.correlation_id = Some(id);
        self
    }

    /// As caused by this message.
    #[must_use]
    pub fn causation(mut self, id: CausationId) -> Self {
        self.metadata.causation_id = Some(id);
        self
    }

    /// The same around another event.
    pub fn map<F>(self, change: impl FnOnce(E) -> F) -> NewEvent<F> {
        NewEvent { event: change(self.event), id: self.id, tags: self.tags, metadata: self.metadata }
    }
}

/// What a writer expects of a stream.
///
/// ```
/// use leftfold::recorded::{StreamName, Version};
/// use leftfold::store::{Batch, EventStore, ExpectedVersion, Memory};
/// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// # enum Event { Opened, Closed }
/// let (store, account) = (Memory::new(), StreamName::of("account", 17)?);
/// store.append(Batch::to(&account).expecting(ExpectedVersion::NoStream).event(Event::Opened))?;
///
/// // With a version: the batch is appended only if no event has come since.
/// let late = store.append(Batch::to(&account).expecting(Version::NONE).event(Event::Closed));
/// assert_eq!(
///     late.unwrap_err().to_string(),
///     "stream account-17 was expected to have no event, but it is at version 1"
/// );
/// store.append(Batch::to(&account).expecting(Version::new(1)).event(Event::Closed))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub enum ExpectedVersion {
    /// It may be there or not, but it has not been deleted.
    #[default]
    Any,
    /// It has no event, and never had one.
    NoStream,
    /// It has events, and has not been deleted.
    StreamExists,
    /// Its last event has this version. [`Version::NONE`] is as good as [`NoStream`](ExpectedVersion::NoStream). The
    /// version of a tombstone opens a deleted stream again, on purpose; its versions go on.
    Exactly(Version),
}

impl From<Version> for ExpectedVersion {
    fn from(version: Version) -> Self {
        ExpectedVersion::Exactly(version)
    }
}

impl fmt::Display for ExpectedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExpectedVersion::Any => f.write_str("not to be deleted"),
            ExpectedVersion::NoStream | ExpectedVersion::Exactly(Version::NONE) => {
                f.write_str("to have no event")
            }
            ExpectedVersion::StreamExists => f.write_str("to have events"),
            ExpectedVersion::Exactly(version) => write!(f, "to be at version {version}"),
        }
    }
}

/// How far a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum StreamState {
    /// It never had an event.
    Missing,
    /// Its last event has this version.
    At(Version),
    /// It was deleted; the tombstone has this version.
    Deleted(Version),
}

impl StreamState {
    /// The version of the last event, or of the tombstone.
    pub fn version(self) -> Version {
        match self {
            StreamState::Missing => Version::NONE,
            StreamState::At(version) | StreamState::Deleted(version) => version,
        }
    }

    /// Whether a writer who expects this may write.
    pub fn meets(self, expected: ExpectedVersion) -> bool {
        match expected {
            ExpectedVersion::Any => !matches!(self, StreamState::Deleted(_)),
            ExpectedVersion::NoStream => self == StreamState::Missing,
            ExpectedVersion::StreamExists => matches!(self, StreamState::At(_)),
            ExpectedVersion::Exactly(version) => self.version() == version,
        }
    }
}

impl fmt::Display for StreamState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StreamState::Missing => f.write_str("has no event"),
            StreamState::At(version) => write!(f, "is at version {version}"),
            StreamState::Deleted(version) => write!(f, "was deleted at version {version}"),
        }
    }
}

/// One thing that a batch writes.
#[derive(Clone, Debug, PartialEq)]
pub enum Write<E> {
    /// An event, at the end of the stream.
    Event(StreamName, NewEvent<E>),
    /// A tombstone, at the end of the stream.
    Delete(StreamName),
    /// The stream's metadata, in place of what it was; no event of the stream.
    Describe(StreamName, Headers),
}

impl<E> Write<E> {
    /// The stream it goes to.
    pub fn stream(&self) -> &StreamName {
        match self {
            Write::Event(stream, _) | Write::Delete(stream) | Write::Describe(stream, _) => stream,
        }
    }

    pub(crate) fn take_id(&mut self) -> Option<EventId> {
        if let Write::Event(_, new) = self { new.id.take() } else { None }
    }

    /// Whether it is an entry of its stream, with a version of its own there.
    pub fn is_of_stream(&self) -> bool {
        !matches!(self, Write::Describe(..))
    }

    /// What is expected of its stream if the batch does not say it.
    pub fn default_expectation(&self) -> ExpectedVersion {
        match self {
            Write::Event(..) | Write::Describe(..) => ExpectedVersion::Any,
            Write::Delete(_) => ExpectedVersion::StreamExists,
        }
    }
}

/// A condition on the log under which a batch is appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendCondition {
    /// The stream is as expected.
    Stream(StreamName, ExpectedVersion),
    /// No event after this position matches the query.
    NoMatch(Query, Position),
}

/// Events that are appended together, all or none, to one or several streams, under conditions.
///
/// All conditions are checked on the log as it is before the batch. A stream without a condition of its own is expected
/// not to be deleted.
///
/// ```
/// use leftfold::recorded::{Position, StreamName, Tag};
/// use leftfold::store::{Batch, ExpectedVersion, Query};
///
/// let (petra, alex) = (StreamName::of("account", "petra")?, StreamName::of("account", "alex")?);
/// let transfer = Batch::to(&petra)
///     .expecting(ExpectedVersion::StreamExists)
///     .event("ten taken out")
///     .and_to(&alex)
///     .event("ten paid in");
///
/// // Nobody may have taken the name since we looked.
/// let taken = Query::tagged(Tag::new("name:petra")?);
/// let registration = Batch::to(&petra).event("petra registered").fail_if_events_match(taken, Position::new(17));
/// # let _ = (transfer, registration);
/// # Ok::<(), leftfold::recorded::InvalidText>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a batch is a value: nothing is recorded before it is appended"]
pub struct Batch<E> {
    stream: StreamName,
    writes: Vec<Write<E>>,
    conditions: Vec<AppendCondition>,
}

impl<E> Batch<E> {
    /// A batch whose events go to this stream, until [another](Batch::and_to) is named.
    pub fn to(stream: &StreamName) -> Batch<E> {
        Batch { stream: stream.clone(), writes: Vec::new(), conditions: Vec::new() }
    }

    /// What follows goes to this stream.
    pub fn and_to(self, stream: &StreamName) -> Self {
        Batch { stream: stream.clone(), ..self }
    }

    /// What the writer expects of the stream named last.
    pub fn expecting(mut self, expected: impl Into<ExpectedVersion>) -> Self {
        self.conditions.push(AppendCondition::Stream(self.stream.clone(), expected.into()));
        self
    }

    /// One event.
    pub fn event(self, event: E) -> Self {
        self.record(NewEvent::of(event))
    }

    /// Several events, in this order.
    pub fn events(self, events: impl IntoIterator<Item = E>) -> Self {
        events.into_iter().fold(self, Batch::event)
    }

    /// One event, with its id, tags and metadata.
    pub fn record(mut self, event: NewEvent<E>) -> Self {
        self.writes.push(Write::Event(self.stream.clone(), event));
        self
    }

    /// Deletes the stream named last: appends a tombstone. Nothing is taken out of the log.
    ///
    /// By default, it is refused if the stream has no events or was deleted before; [`expecting`](Batch::expecting) says
    /// otherwise.
    pub fn delete(mut self) -> Self {
        self.writes.push(Write::Delete(self.stream.clone()));
        self
    }

    /// Writes the metadata of the stream named last, in place of what it was. The stream's version stays as it is.
    pub fn describe(mut self, headers: Headers) -> Self {
        self.writes.push(Write::Describe(self.stream.clone(), headers));
        self
    }

    /// Appends only if no event after position `after` matches the query: the decision is still based on every event.
    pub fn fail_if_events_match(mut self, query: Query, after: Position) -> Self {
        self.conditions.push(AppendCondition::NoMatch(query, after));
        self
    }

    /// What it writes, in order.
    pub fn writes(&self) -> &[Write<E>] {
        &self.writes
    }

    /// Its conditions, in order.
    pub fn conditions(&self) -> &[AppendCondition] {
        &self.conditions
    }

    /// Its writes and conditions.
    pub fn into_parts(self) -> (Vec<Write<E>>, Vec<AppendCondition>) {
        (self.writes, self.conditions)
    }

    /// The same batch under other conditions.
    pub(crate) fn under(self, conditions: Vec<AppendCondition>) -> Self {
        Batch { conditions, ..self }
    }

    /// The same batch of other events under other conditions, where all events can be changed.
    pub(super) fn try_map<F, X>(
        self,
        mut change: impl FnMut(NewEvent<E>) -> Result<NewEvent<F>, X>,
        conditions: impl FnOnce(Vec<AppendCondition>) -> Vec<AppendCondition>,
    ) -> Result<Batch<F>, X> {
        let writes = self.writes.into_iter().map(|write| {
            Ok(match write {
                Write::Event(stream, event) => Write::Event(stream, change(event)?),
                Write::Delete(stream) => Write::Delete(stream),
                Write::Describe(stream, headers) => Write::Describe(stream, headers),
            })
        });
        let writes = writes.collect::<Result<_, X>>()?;
        Ok(Batch { stream: self.stream, writes, conditions: conditions(self.conditions) })
    }

    /// The same batch of other events.
    pub fn map<F>(self, mut change: impl FnMut(E) -> F) -> Batch<F> {
        let writes = self.writes.into_iter().map(|write| match write {
            Write::Event(stream, event) => Write::Event(stream, event.map(&mut change)),
            Write::Delete(stream) => Write::Delete(stream),
            Write::Describe(stream, headers) => Write::Describe(stream, headers),
        });
        Batch { stream: self.stream, writes: writes.collect(), conditions: self.conditions }
    }
}

/// What a batch expects of the streams of which its conditions say nothing, in the order in which it is judged: each stream
/// once, as it is before the batch, by the first event or tombstone that it is to have, and by its metadata where it is to
/// have neither.
pub(super) fn unsaid_expectations<E, X>(
    writes: &[Write<E>],
    conditions: &[AppendCondition],
    mut each: impl FnMut(&StreamName, ExpectedVersion) -> Result<(), X>,
) -> Result<(), X> {
    let mut said = conditions.iter().filter_map(|condition| match condition {
        AppendCondition::Stream(stream, _) => Some(stream),
        AppendCondition::NoMatch(..) => None,
    });
    let of_streams = writes.iter().filter(|write| write.is_of_stream());
    let mut unsaid = of_streams.chain(writes.iter().filter(|write| !write.is_of_stream()));
    // Most batches are for one stream, and need no table of what was judged.
    if let Some(stream) = only_stream(writes) {
        let write = unsaid.next().filter(|_| !said.any(|known| known == stream));
        return write.map_or(Ok(()), |write| each(stream, write.default_expectation()));
    }
    let mut judged: HashSet<&StreamName, foldhash::fast::FixedState> = said.collect();
    let mut last = None;
    for write in unsaid {
        let stream = Some(write.stream());
        if mem::replace(&mut last, stream) != stream && judged.insert(write.stream()) {
            each(write.stream(), write.default_expectation())?;
        }
    }
    Ok(())
}

/// The stream of all that is written, if it is one.
fn only_stream<E>(writes: &[Write<E>]) -> Option<&StreamName> {
    let stream = writes.first()?.stream();
    writes.iter().all(|write| write.stream() == stream).then_some(stream)
}

/// Where a batch was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Appended {
    /// The position of its first entry; the others follow without a gap.
    pub first: Position,
    /// The position of its last entry.
    pub last: Position,
    /// The version of each stream that it wrote to, after its last entry there; in the order of their names.
    pub versions: Vec<(StreamName, Version)>,
    /// Whether it had been recorded before, under the same event ids; nothing was written this time.
    pub repeated: bool,
}

impl Appended {
    /// What a store answers: `count` entries from `first` on. `versions` has the version of each stream after the batch; of
    /// a stream that is there more than once, the last one counts. Takes O(n log n) in the streams.
    ///
    /// ```
    /// use leftfold::recorded::{Position, StreamName, Version};
    /// use leftfold::store::Appended;
    ///
    /// let (order, stock) = (StreamName::of("order", 17)?, StreamName::of("stock", 4)?);
    /// let versions = [(stock.clone(), Version::new(9)), (order, Version::new(1)), (stock.clone(), Version::new(10))];
    /// let appended = Appended::new(Position::new(70), 3, false, versions);
    /// assert_eq!(appended.last, Position::new(72));
    /// assert_eq!(appended.version_of(&stock), Some(Version::new(10)));
    /// # Ok::<(), leftfold::recorded::InvalidText>(())
    /// ```
    pub fn new(
        first: Position,
        count: usize,
        repeated: bool,
        versions: impl IntoIterator<Item = (StreamName, Version)>,
    ) -> Appended {
        Appended::with_versions(first.get(), count, repeated, versions.into_iter().collect())
    }

    /// Entries that follow each other, with the versions of those that belong to a stream, in order.
    pub(crate) fn of<'w>(
        first: u64,
        count: usize,
        repeated: bool,
        of_stream: impl Iterator<Item = (&'w StreamName, u64)>,
    ) -> Appended {
        let mut versions: Vec<(StreamName, Version)> = Vec::new();
        for (stream, version) in of_stream {
            let version = Version::new(version);
            match versions.last_mut() {
                Some((last, at)) if last == stream => *at = version,
                _ => versions.push((stream.clone(), version)),
            }
        }
        Appended::with_versions(first, count, repeated, versions)
    }

    /// The same of versions in the order of the batch.
    pub(crate) fn with_versions(
        first: u64,
        count: usize,
        repeated: bool,
        mut versions: Vec<(StreamName, Version)>,
    ) -> Appended {
        // The sort is stable: of equal names, the later one comes after the earlier one.
        versions.sort_by(|(one, _), (other, _)| one.cmp(other));
        versions.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                earlier.1 = later.1;
            }
            same
        });
        let last = first + (count as u64).saturating_sub(1);
        Appended { first: Position::new(first), last: Position::new(last), versions, repeated }
    }

    /// The version of this stream after the batch, if it wrote there.
    pub fn version_of(&self, stream: &StreamName) -> Option<Version> {
        let at = self.versions.binary_search_by(|(name, _)| name.cmp(stream)).ok()?;
        Some(self.versions[at].1)
    }
}
