//! The event log in files that people can read: JSON Lines, one event a line.
//!
//! | to | look at |
//! |---|---|
//! | open a log, append to it and read it | [`FileLog`], [`FileLogOptions`], [`Syncing`] |
//! | read a log while another process writes it | [`FileLogReader`] |
//! | see what opening found | [`Recovery`], [`OpenError`] |
//! | look for damage, without changing anything | [`verify()`] |
//! | make a damaged log open again | [`would_repair`], [`repair()`] |
//! | copy a log that is written to | [`copy()`] |
//! | keep a replica of a log that is agreed upon elsewhere | [`Origin`], [`FileLogOptions::open_replica`] |
//! | put a simulated disk below a log | [`Storage`] |
//!
//! The chapter `docs/the-log.md` draws the files byte by byte.

mod blocks;
mod commit;
mod copy;
mod event_ids;
mod file_names;
mod header;
mod index_claims;
mod index_file;
mod journal;
mod judge;
mod line;
mod mutex;
mod open_error;
mod open_files;
mod open_log;
mod origin;
mod other_tools;
mod reader;
mod recovery;
mod repair;
mod replica;
mod request;
mod scan;
mod segment;
mod sole_writer;
mod spot;
mod storage;
mod verify;
mod visit;
mod writer;

pub use copy::copy;
pub use journal::Syncing;
pub use open_error::OpenError;
pub use origin::{AgreedRound, Origin, OriginError, Proposed};
pub use reader::{FileLogReader, Lines, StoredLine};
pub use recovery::{Recovery, TornTail};
pub use repair::{Repair, TakenOut, repair, repair_in, would_repair, would_repair_in};
pub use storage::{FileIdentity, Folder, FolderStamp, LockedFolder, Storage, StorageFile};
pub(crate) use storage::{make_folder, put_in_place, read_small, take_away, write_beside, write_whole};
pub use verify::{Contents, DamagedPart, LogVerdict, MarkState, Verification, verify, verify_in};

use crate::codec::{EventCodec, Proofs};
use crate::recorded::{EventId, Position, StreamName, Timestamp};
use crate::store::as_stored::{as_stored, conditions_as_stored};
use crate::store::clock_and_ids::{IdPrefix, IdSource};
use crate::store::encoding::encode_event;
use crate::store::index::{EntryPosition, Listings};
use crate::store::{
    AppendError, Appended, Batch, Clock, Entry, EventReader, EventStore, Listing, NewEvent, Query, Read,
    ReadError, StreamInfo, Write, system_clock,
};
use journal::{Failed, Journal, new_segment, too_large, write_first_mark};
use mutex::lock;
use open_error::storage_failed;
use open_files::OpenFiles;
use open_log::Opening;
use other_tools::read_mark;
use recovery::{make_durable, walk_log};
use request::{EncodedEvent, Request};
use segment::file_names;
use sole_writer::{HeldFiles, Locks, make_log_folder};
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};
use storage::UNFINISHED;
use visit::visit;
use writer::Writer;

/// How a file log is opened.
///
/// ```
/// use leftfold::codec::RawCodec;
/// use leftfold::store::EventReader;
/// use leftfold::log::{FileLogOptions, Syncing};
/// use std::time::Duration;
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let often = Syncing::Every(Duration::from_millis(50));
/// let log = FileLogOptions::new().sync(often).segment_size(1 << 20).open(folder, RawCodec)?;
/// let reader = FileLogOptions::new().open_reader(folder, RawCodec)?;
/// assert_eq!(reader.head()?, log.head()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "options open nothing before `open` or `open_reader`"]
pub struct FileLogOptions {
    sync: Syncing,
    segment_size: u64,
    verifying: bool,
    clock: Clock,
    ids: Option<IdSource>,
}

debug_by_name!([] FileLogOptions, "FileLogOptions");

impl Default for FileLogOptions {
    fn default() -> Self {
        FileLogOptions::new()
    }
}

/// The most entries of one batch.
const MOST_ENTRIES: usize = 1_000_000;
/// The most bytes of the events of one batch, without the rest of their lines.
const MOST_BYTES: usize = 256 << 20;
/// How many bytes are reserved for the first event of a batch, and at most for all.
const ROOM_FOR_ONE: usize = 512;
const ROOM_FOR_ALL: usize = 16 << 20;
/// The largest setting of [`FileLogOptions::segment_size`]: offsets in a segment have 32 bits.
const LARGEST_SEGMENT: u64 = 1 << 30;

impl FileLogOptions {
    /// The default options; [`FileLog::open`] uses them.
    pub fn new() -> Self {
        FileLogOptions {
            sync: Syncing::Always,
            segment_size: 64 << 20,
            verifying: false,
            clock: system_clock(),
            ids: None,
        }
    }

    /// When appended events are made durable. Default: before each answer.
    pub fn sync(self, sync: Syncing) -> Self {
        FileLogOptions { sync, ..self }
    }

    /// The size in bytes at which a segment is full, so that the next batch begins a new one. Default: 64 MiB.
    pub fn segment_size(self, bytes: u64) -> Self {
        FileLogOptions { segment_size: bytes, ..self }
    }

    /// Proves the whole log when it is opened, and refuses it if anything is not as it was written.
    ///
    /// Without this, a log that was closed and has at least 10,000 entries is opened by the `index` beside it: opening
    /// proves the two ends of each segment, and reading proves each event ([`ReadError::Damaged`]). With it, opening takes
    /// as long as reading the log. A smaller log, and one that was not closed, is always proven. [`verify`] proves a log
    /// without opening it.
    ///
    /// ```
    /// use leftfold::codec::RawCodec;
    /// use leftfold::log::{FileLogOptions, OpenError};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// let log = match FileLogOptions::new().verifying().open(folder, RawCodec) {
    ///     Err(OpenError::Corrupt { file, offset, .. }) => panic!("look at byte {offset} of {file}"),
    ///     opened => opened?,
    /// };
    /// # drop(log);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verifying(self) -> Self {
        FileLogOptions { verifying: true, ..self }
    }

    /// Takes the time from this clock. Default: the system's clock.
    pub fn clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        FileLogOptions { clock: Arc::new(clock), ..self }
    }

    /// Takes the ids of events that have none from this source. An id that it makes twice is refused when its event is
    /// appended. Default: ids of the log's own.
    pub fn event_ids(self, ids: impl Fn() -> EventId + Send + Sync + 'static) -> Self {
        FileLogOptions { ids: Some(Arc::new(ids)), ..self }
    }

    /// Opens the log in a folder for writing. Makes the folder and the log if they do not exist.
    ///
    /// # Errors
    /// [`OpenError`]: locked elsewhere, damaged, or not readable.
    pub fn open<E>(
        self,
        folder: impl AsRef<Path>,
        codec: impl EventCodec<E> + 'static,
    ) -> Result<FileLog<E>, OpenError> {
        let folder = folder.as_ref();
        make_log_folder(folder).map_err(storage_failed(format!("making the folder {}", folder.display())))?;
        self.open_in(Arc::new(Folder::at(folder)), codec)
    }

    /// Opens the log in a folder for reading only.
    ///
    /// # Errors
    /// [`OpenError`]: missing, damaged, or not readable.
    pub fn open_reader<E>(
        self,
        folder: impl AsRef<Path>,
        codec: impl EventCodec<E> + 'static,
    ) -> Result<FileLogReader<E>, OpenError> {
        self.open_reader_in(Arc::new(Folder::at(folder.as_ref())), codec)
    }

    /// The same as [`open_reader`](FileLogOptions::open_reader), in a storage of your own.
    ///
    /// # Errors
    /// As there.
    pub fn open_reader_in<E>(
        self,
        folder: Arc<dyn Storage>,
        codec: impl EventCodec<E> + 'static,
    ) -> Result<FileLogReader<E>, OpenError> {
        FileLogReader::open_in(folder, Arc::new(codec), self.verifying)
    }

    /// The same as [`open`](FileLogOptions::open), in a storage of your own.
    ///
    /// # Errors
    /// As there.
    pub fn open_in<E>(
        self,
        folder: Arc<dyn Storage>,
        codec: impl EventCodec<E> + 'static,
    ) -> Result<FileLog<E>, OpenError> {
        self.open_writer(folder, codec, None)
    }

    fn open_writer<E>(
        self,
        folder: Arc<dyn Storage>,
        codec: impl EventCodec<E> + 'static,
        origin: Option<Arc<dyn Origin>>,
    ) -> Result<FileLog<E>, OpenError> {
        if self.segment_size > LARGEST_SEGMENT {
            let what = format!("segments of {} bytes; at most {LARGEST_SEGMENT}", self.segment_size);
            return Err(OpenError::Setting { what });
        }
        let locks = Locks::take(&*folder)?;
        let mark = read_mark(&*folder)?.mark().filter(|_| !self.verifying);
        let (walked, mut log) = match index_file::read(&*folder, mark.as_ref()) {
            Some(indexed) => indexed,
            None => {
                let mut opening = Opening::new();
                let walked = walk_log(&*folder, true, &mut |found| opening.add_found(&found))?;
                (walked, opening.finish())
            }
        };
        log.segments = walked.segments.into_iter().map(Arc::new).collect();
        remove_unfinished(&*folder)?;
        let (mut end, recovery) = (walked.end, walked.recovery);
        let (segment, active) = match log.segments.back() {
            Some(last) => {
                // Accepted batches may not have reached the disk yet, and the next header will say that they have.
                let active = make_durable(&*folder, last, walked.proven, end.offset)?;
                (last.clone(), active)
            }
            None => {
                let (first, active, crc) = new_segment(&*folder, 1, 0).map_err(Failed::on_opening)?;
                let first = Arc::new(first);
                end = scan::ChainEnd { offset: header::SegmentHeader::LENGTH as u64, chain: crc, next: 1 };
                log.segments.push_back(first.clone());
                (first, active)
            }
        };
        let mark = header::Mark {
            segment: segment.first,
            offset: end.offset,
            durable: end.offset,
            position: end.next - 1,
            chain: end.chain,
            closed: false,
            doubt: self.sync != Syncing::Always || recovery.possibly_lost.is_some(),
        };
        let mark_file = write_first_mark(&*folder, mark, walked.mark.mark().is_some())?;
        let held_files = HeldFiles::of(locks, &*mark_file, &*active)
            .map_err(storage_failed("looking at the open files"))?;
        let journal = Journal {
            files: Arc::new(OpenFiles::new(folder.clone())),
            storage: folder,
            sync: self.sync,
            // Larger than the first line: so a batch always fits after it.
            segment_size: self.segment_size.max(header::SegmentHeader::LENGTH as u64 + 1),
            number: u32::try_from(log.segments.len() - 1).unwrap_or(u32::MAX),
            segment,
            active,
            end,
            durable: end.offset,
            mark: mark_file,
            poisoned: None,
            closed: false,
            buffer: Vec::new(),
            held_files,
            handle: IdPrefix::new(),
        };
        let writer = Arc::new(Writer::new(journal, log, self.clock, self.ids, origin));
        let open = match self.sync {
            Syncing::Every(interval) => Some(keep_durable(Arc::downgrade(&writer), interval)),
            _ => None,
        };
        Ok(FileLog { writer, codec: Arc::new(codec), proofs: Proofs::new(), recovery, _open: open })
    }
}

/// Removes files that a crash left half made.
fn remove_unfinished(folder: &dyn Storage) -> Result<(), OpenError> {
    for name in file_names(folder)?.iter().filter(|name| name.ends_with(UNFINISHED)) {
        folder.remove(name).map_err(storage_failed(format!("removing {name}")))?;
    }
    Ok(())
}

/// Syncs in the background until the log is closed. Closing drops its end of the channel, which ends the thread at once.
fn keep_durable(writer: Weak<Writer>, interval: Duration) -> Sender<Infallible> {
    let (open, closed) = mpsc::channel::<Infallible>();
    thread::spawn(move || {
        while closed.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
            let Some(writer) = writer.upgrade() else { return };
            // A failure poisons the log, and the next append returns it.
            let _ = lock(&writer.journal).sync_now();
        }
    });
    open
}

/// An event log in a folder of files that people can read: JSON Lines, one event a line.
///
/// One handle writes; any number of [readers](FileLogReader) read, in this process and in others. Threads share the handle,
/// and batches that they append at the same time are made durable together. By default a batch is durable when `append`
/// returns; [`FileLogOptions::sync`] changes that. A batch costs one write and one sync; finding a stream, a type or a tag
/// costs a look at the index in memory.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::codec::Codec;
/// use leftfold::store::{Batch, EventStore, ExpectedVersion, Query, Reading};
/// use leftfold::log::FileLog;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Opened, Deposited { amount: u32 } }
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let account = StreamName::of("account", "petra")?;
/// let log = FileLog::<Event>::open(folder, Codec::new()?)?;
/// log.append(
///     Batch::to(&account)
///         .expecting(ExpectedVersion::NoStream)
///         .events([Event::Opened, Event::Deposited { amount: 10 }]),
/// )?;
/// log.close()?;
///
/// let text = std::fs::read_to_string(folder.join("000000000001.jsonl"))?;
/// assert!(text.contains(r#""type":"Deposited""#) && text.contains(r#""data":{"amount":10}"#));
///
/// let again = FileLog::<Event>::open(folder, Codec::new()?)?;
/// assert!(again.recovery().closed);
/// assert_eq!(again.all(Query::stream(&account))?[1].event, Event::Deposited { amount: 10 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FileLog<E> {
    writer: Arc<Writer>,
    codec: Arc<dyn EventCodec<E>>,
    proofs: Proofs,
    recovery: Recovery,
    /// Keeps the thread alive that syncs at intervals.
    _open: Option<Sender<Infallible>>,
}

debug_by_name!([E] FileLog<E>, "FileLog");

impl<E> FileLog<E> {
    /// Opens the log in a folder for writing, with the default [options](FileLogOptions).
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(folder: impl AsRef<Path>, codec: impl EventCodec<E> + 'static) -> Result<Self, OpenError> {
        FileLogOptions::new().open(folder, codec)
    }

    /// What opening the log found.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// Makes every appended event durable.
    ///
    /// # Errors
    /// [`AppendError::Poisoned`] when this fails or an earlier write failed; the handle then takes no more events.
    pub fn sync(&self) -> Result<(), AppendError> {
        lock(&self.writer.journal).sync_now().map_err(|why| AppendError::Poisoned { why })
    }

    /// Closes the log and records that nothing is missing. Dropping the handle does the same, and ignores a failure.
    ///
    /// # Errors
    /// [`AppendError::Poisoned`] when the log could not be closed; the next opening then reads and proves all of it.
    pub fn close(self) -> Result<(), AppendError> {
        self.writer.close().map_err(|why| AppendError::Poisoned { why })
    }

    fn listings(&self) -> (Listings<EntryPosition>, u64) {
        let log = lock(&self.writer.log);
        (log.index.listings(), log.visible)
    }
}

impl<E: PartialEq> FileLog<E> {
    fn encode(&self, batch: Batch<E>) -> Result<Request, AppendError> {
        let (writes, conditions) = batch.into_parts();
        if writes.is_empty() {
            return Err(AppendError::Empty);
        }
        if writes.len() > MOST_ENTRIES {
            return Err(too_large(&format!("{} entries", writes.len())));
        }
        let mut data = Vec::with_capacity(ROOM_FOR_ONE);
        let count = writes.len();
        let mut encode = |(place, write)| {
            if place == 1 {
                // The other events are likely about as long as the first.
                data.reserve(data.len().saturating_mul(count).min(ROOM_FOR_ALL));
            }
            let write = match write {
                Write::Event(stream, new) => Write::Event(stream, self.encode_event(new, &mut data, count)?),
                Write::Delete(stream) => Write::Delete(stream),
                Write::Describe(stream, headers) => Write::Describe(stream, headers),
            };
            if data.len() > MOST_BYTES {
                return Err(too_large(&format!("more than {} bytes", data.len())));
            }
            Ok(write)
        };
        // Collecting reuses the memory of the events if encoded events are no larger.
        let writes = writes.into_iter().enumerate().map(&mut encode).collect::<Result<Vec<_>, _>>()?;
        let conditions = conditions_as_stored(&*self.codec, conditions);
        Ok(Request { writes, conditions, data })
    }

    /// Encodes one event of a batch of `events`.
    fn encode_event(
        &self,
        new: NewEvent<E>,
        data: &mut Vec<u8>,
        events: usize,
    ) -> Result<NewEvent<EncodedEvent>, AppendError> {
        let NewEvent { event, id, tags, metadata } = new;
        let start = data.len();
        let (event_type, schema) = encode_event(&*self.codec, &self.proofs, &event, data, events)?;
        let event = EncodedEvent { event_type, schema, data: start..data.len() };
        Ok(NewEvent { event, id, tags, metadata })
    }
}

impl<E> Drop for FileLog<E> {
    fn drop(&mut self) {
        let _ = self.writer.close();
        // The thread that syncs may keep the journal a moment longer; nothing more is written.
        lock(&self.writer.journal).held_files.locks = None;
    }
}

impl<E> EventReader<E> for FileLog<E> {
    fn head(&self) -> Result<Position, ReadError> {
        Ok(Position::new(lock(&self.writer.log).visible))
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, E>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        let query = as_stored(&*self.codec, read.query());
        let snapshot = lock(&self.writer.log).snapshot(read, query.as_ref());
        visit(&*self.codec, &snapshot, &self.writer.files, read, each)?;
        Ok(snapshot.head)
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        let log = lock(&self.writer.log);
        Ok(log.index.stream(stream, log.visible))
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        let (listings, visible) = self.listings();
        Ok(listings.streams(listing, visible)?)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        let (listings, visible) = self.listings();
        Ok(listings.categories(listing, visible)?)
    }

    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        // The positions whose ids have this hash; seldom more than one.
        let alike: Vec<u64> = {
            let log = lock(&self.writer.log);
            log.ids.find(id.as_str()).filter(|position| *position <= log.visible).collect()
        };
        for position in alike.into_iter().map(Position::new) {
            let mut same = false;
            self.visit(&Query::all().starting_at(position).until(position), &mut |entry| {
                same = entry.envelope().id == *id;
                ControlFlow::Break(())
            })?;
            if same {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        let begun = Instant::now();
        let mut log = lock(&self.writer.log);
        loop {
            let left = at_most.saturating_sub(begun.elapsed());
            if Position::new(log.visible) > after || left.is_zero() {
                return Ok(Position::new(log.visible));
            }
            let waited = self.writer.grown.wait_timeout(log, left);
            log = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl<E: PartialEq> EventStore<E> for FileLog<E> {
    fn append(&self, batch: Batch<E>) -> Result<Appended, AppendError> {
        self.writer.append(self.encode(batch)?)
    }
}
