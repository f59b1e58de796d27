//! Logs that move: from a folder into a stream, and out of a stream as lines.

use crate::options::NatsOptions;
use leftfold::codec::{RawCodec, RawEvent};
use leftfold::log::FileLogOptions;
use leftfold::recorded::{EventId, InvalidText, Position, StreamName, Timestamp, Version};
use leftfold::store::engine::Line;
use leftfold::store::{
    AppendError, Appended, Batch, DESCRIBED, EventReader, EventStore, Query, Write as Entry,
};
use std::collections::{HashSet, VecDeque};
use std::error::Error;
use std::io::Write;
use std::mem;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a movement ends with.
pub(crate) type Moved<T> = Result<T, Box<dyn Error>>;

/// Writes every entry of a stream as a line, as `leftfold log export` writes them and `leftfold log import` reads them. Returns
/// how many.
///
/// # Errors
/// When the stream or its copy cannot be read, or the lines cannot be written.
pub fn export(options: NatsOptions, url: &str, stream: &str, out: &mut dyn Write) -> Moved<u64> {
    // The copy is read as any log in files, and removed afterwards.
    let folder = tempfile::tempdir()?;
    options.folder(folder.path()).open(url, stream, RawCodec)?.close()?;
    let reader = FileLogOptions::new().open_reader::<RawEvent>(folder.path(), RawCodec)?;
    let head = reader.head()?.get();
    let mut lines = reader.lines();
    for position in 1..=head {
        let Some(line) = lines.at(Position::new(position))? else { break };
        writeln!(out, "{}", line.exported())?;
    }
    Ok(head)
}

/// Records the log in a folder in a stream: the same batches with the same ids, times and positions. A stream that has the
/// beginning of the log already goes on from there. Returns how many entries were recorded.
///
/// # Errors
/// When the stream has other entries, or the log cannot be read or recorded; what was recorded before stays, and importing again
/// goes on from there.
pub fn import(options: NatsOptions, url: &str, stream: &str, folder: impl AsRef<Path>) -> Moved<u64> {
    let reader = FileLogOptions::new().open_reader::<RawEvent>(folder, RawCodec)?;
    let next = TimeAndIds::new()?;
    let (times, ids) = (next.clone(), next.clone());
    let store = options
        .clock(move || times.time())
        .event_ids(move || ids.id())
        .open::<RawEvent>(url, stream, RawCodec)?;
    let head = store.head()?;
    if let Some(position) = first_difference(&store, &reader, head)? {
        return Err(format!(
            "stream {stream} has another entry at position {position} than this log; import into an empty one"
        )
        .into());
    }
    let begin = Position::new(head.get() + 1);
    let mut lines = reader.lines();
    let (mut pending, mut recorded, mut failed) = (Pending::default(), 0, None);
    reader.visit(&every_entry().starting_at(begin), &mut |entry| {
        let mut take = || -> Moved<()> {
            let position = entry.envelope().position;
            let Some(line) = lines.at(position)? else { return Ok(()) };
            pending.add(Line::of(entry, line.batch()))?;
            if *line.batch().end() == position {
                let count = pending.count;
                mem::take(&mut pending).append_to(&store, &next)?;
                recorded += count;
            }
            Ok(())
        };
        match take() {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    store.close()?;
    failed.map_or(Ok(recorded), Err)
}

fn every_entry() -> Query {
    Query::all().or(Query::all().types([DESCRIBED]))
}

/// The first position up to `head` at which two logs do not have the same entry. Reads both, a page at a time.
fn first_difference(
    one: &dyn EventReader<RawEvent>,
    other: &dyn EventReader<RawEvent>,
    head: Position,
) -> Moved<Option<u64>> {
    const PAGE: u64 = 1_024;
    let mut begin = 1;
    while begin <= head.get() {
        let end = head.get().min(begin + PAGE - 1);
        let page = |log: &dyn EventReader<RawEvent>| -> Moved<Vec<String>> {
            let read = every_entry().starting_at(Position::new(begin)).until(Position::new(end));
            let mut lines = Vec::new();
            log.visit(&read, &mut |entry| {
                let position = entry.envelope().position;
                lines.push(Line::of(entry, position..=position).to_string());
                ControlFlow::Continue(())
            })?;
            Ok(lines)
        };
        let (one, other) = (page(one)?, page(other)?);
        if one != other {
            let same = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
            return Ok(Some(begin + same as u64));
        }
        begin = end + 1;
    }
    Ok(None)
}

/// The time and the ids of the entries that a store is to record next.
#[derive(Clone)]
pub(crate) struct TimeAndIds {
    next: Arc<Mutex<(Timestamp, VecDeque<EventId>)>>,
    spare: EventId,
}

impl TimeAndIds {
    pub(crate) fn new() -> Result<Self, InvalidText> {
        let next = Arc::new(Mutex::new((Timestamp::UNIX_EPOCH, VecDeque::new())));
        Ok(TimeAndIds { next, spare: EventId::new("import")? })
    }

    fn next(&self) -> MutexGuard<'_, (Timestamp, VecDeque<EventId>)> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn time(&self) -> Timestamp {
        self.next().0
    }

    pub(crate) fn id(&self) -> EventId {
        // There is one for every entry that asks; the spare one, given twice, would be refused.
        self.next().1.pop_front().unwrap_or_else(|| self.spare.clone())
    }
}

/// Why a line is none of a log.
pub(crate) fn missing(field: &str) -> String {
    format!("missing field `{field}`; a line of a log says its position, version, time and id")
}

/// A batch that is read entry by entry.
#[derive(Default)]
pub(crate) struct Pending {
    batch: Option<Batch<RawEvent>>,
    at: Timestamp,
    /// The ids of the entries that cannot carry one.
    ids: VecDeque<EventId>,
    streams: HashSet<StreamName>,
    count: u64,
}

impl Pending {
    /// Adds an entry, or says why it is none of a log.
    pub(crate) fn add(&mut self, line: Line) -> Result<(), String> {
        let Line { write, id, at, version, .. } = line;
        let version = version.ok_or_else(|| missing("version"))?.get();
        let (at, id) = (at.ok_or_else(|| missing("at"))?, id.ok_or_else(|| missing("id"))?);
        let before = version
            .checked_sub(u64::from(write.is_of_stream()))
            .ok_or("it says version 0, and versions of a stream begin with 1")?;
        let stream = write.stream().clone();
        let mut batch = match self.batch.take() {
            Some(batch) => batch.and_to(&stream),
            None => Batch::to(&stream),
        };
        // A stream is expected as it was before the batch: so one that was deleted is opened again.
        if self.streams.insert(stream) {
            batch = batch.expecting(Version::new(before));
        }
        if !matches!(write, Entry::Event(..)) {
            self.ids.push_back(id);
        }
        self.batch = Some(match write {
            Entry::Event(_, event) => batch.record(event),
            Entry::Delete(_) => batch.delete(),
            Entry::Describe(_, headers) => batch.describe(headers),
        });
        (self.at, self.count) = (at, self.count + 1);
        Ok(())
    }

    /// Appends the batch with its time and its ids; `None` if there is none.
    pub(crate) fn append_to(
        self,
        store: &impl EventStore<RawEvent>,
        next: &TimeAndIds,
    ) -> Result<Option<Appended>, AppendError> {
        *next.next() = (self.at, self.ids);
        self.batch.map(|batch| store.append(batch)).transpose()
    }
}
