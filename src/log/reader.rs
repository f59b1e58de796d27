//! Reading a log that another handle may write: a reader follows the mark.

mod lines;

pub use lines::{Lines, StoredLine};

use super::FileLogOptions;
use super::file_names::segment_name;
use super::header::{BatchHeader, Mark, SegmentHeader};
use super::index_file;
use super::mutex::lock;
use super::open_error::{OpenError, storage_failed};
use super::open_files::OpenFiles;
use super::open_log::{OpenLog, Opening};
use super::other_tools::{read_mark, read_mark_beside_a_writer};
use super::recovery::{FoundBatch, Recovery, walk_log};
use super::scan::{ChainEnd, Window, walk};
use super::segment::{Segment, open_segment, path, segment_firsts};
use super::storage::Storage;
use super::visit::visit;
use crate::codec::EventCodec;
use crate::recorded::{Position, StreamName};
use crate::store::as_stored::as_stored;
use crate::store::{Entry, EventReader, Listing, Read, ReadError, StreamInfo};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A file log that is only read. A writer may be at work in this process or another.
///
/// It takes no lock and writes nothing. It sees the batches that the writer has acknowledged, up to the mark; without a
/// mark, it sees every whole batch.
///
/// ```
/// use leftfold::recorded::{Position, StreamName};
/// use leftfold::codec::{RawCodec, RawEvent};
/// use leftfold::store::{Batch, EventReader, EventStore};
/// use leftfold::log::{FileLog, FileLogReader};
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let log = FileLog::open(folder, RawCodec)?;
/// let reader = FileLogReader::open(folder, RawCodec)?;
/// log.append(Batch::to(&StreamName::of("door", 1)?).event(RawEvent::new("Opened", "null")?))?;
/// assert_eq!(reader.head()?, Position::new(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FileLogReader<E> {
    files: OpenFiles,
    codec: Arc<dyn EventCodec<E>>,
    following: Mutex<FollowedLog>,
    recovery: Recovery,
}

debug_by_name!([E] FileLogReader<E>, "FileLogReader");

/// The part of the log that a reader has seen.
struct FollowedLog {
    log: OpenLog,
    /// The end of the last batch that was read.
    end: ChainEnd,
}

/// Takes a batch that was found after the indexed ones.
type TakeIntoLog<'t> = &'t mut dyn FnMut(&mut OpenLog, &FoundBatch<'_>) -> Result<(), String>;

/// How often the mark is looked at while a reader waits.
const LOOK: Duration = Duration::from_millis(5);

impl<E> FileLogReader<E> {
    /// Opens the log in a folder for reading alone, with the usual [options](super::FileLogOptions).
    ///
    /// # Errors
    /// [`OpenError`]: missing, damaged, or not to be read.
    pub fn open(folder: impl AsRef<Path>, codec: impl EventCodec<E> + 'static) -> Result<Self, OpenError> {
        FileLogOptions::new().open_reader(folder, codec)
    }

    pub(super) fn open_in(
        folder: Arc<dyn Storage>,
        codec: Arc<dyn EventCodec<E>>,
        verifying: bool,
    ) -> Result<Self, OpenError> {
        let mut following =
            FollowedLog { log: OpenLog::new(), end: ChainEnd { offset: 0, chain: 0, next: 1 } };
        let mut recovery = Recovery::default();
        let (files, folder) = (OpenFiles::new(folder.clone()), &*folder);
        let mark = read_mark_beside_a_writer(folder)?.mark();
        if let Some((walked, log)) = index_file::read(folder, mark.as_ref().filter(|_| !verifying)) {
            let segments = walked.segments.into_iter().map(Arc::new).collect();
            let following = FollowedLog { log: OpenLog { segments, ..log }, end: walked.end };
            let recovery = walked.recovery;
            return Ok(FileLogReader { files, codec, following: Mutex::new(following), recovery });
        }
        match mark {
            Some(mark) => {
                recovery.closed = mark.closed;
                let mut opening = Opening::new();
                following.catch_up(&files, &mark, &mut |_, found| opening.add_found(found))?;
                following.loaded(opening);
            }
            None if segment_firsts(folder)?.is_empty() => {
                return Err(OpenError::Missing { place: folder.place() });
            }
            None => {
                let mut opening = Opening::new();
                let walked = walk_log(folder, false, &mut |found| opening.add_found(&found))?;
                following.log.segments = walked.segments.into_iter().map(Arc::new).collect();
                following.loaded(opening);
                following.end = walked.end;
                recovery = walked.recovery;
            }
        }
        Ok(FileLogReader { files, codec, following: Mutex::new(following), recovery })
    }

    /// What opening the log found. A reader changes nothing.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// Reads the mark, and adds the batches that are new to the index.
    fn refresh<R>(&self, then: impl FnOnce(&OpenLog) -> R) -> Result<R, ReadError> {
        let mut following = lock(&self.following);
        if let Some(mark) = read_mark(self.files.folder()).map_err(read_error)?.mark()
            && mark.position > following.log.visible
        {
            following.catch_up(&self.files, &mark, &mut OpenLog::add_found).map_err(read_error)?;
            following.log.visible = following.log.index.head();
        }
        Ok(then(&following.log))
    }
}

impl FollowedLog {
    /// Takes the index of a log that was read as a whole.
    fn loaded(&mut self, opening: Opening) {
        let segments = std::mem::take(&mut self.log.segments);
        self.log = OpenLog { segments, ..opening.finish() };
    }

    /// Reads on up to the mark; `take` takes what is found.
    fn catch_up(&mut self, files: &OpenFiles, mark: &Mark, take: TakeIntoLog<'_>) -> Result<(), OpenError> {
        let folder = files.folder();
        loop {
            if self.log.segments.is_empty() || self.at_end(files, mark)? {
                let first = self.end.next;
                if first > mark.segment {
                    return Err(self.lost(folder, mark));
                }
                self.begin(folder, first, mark)?;
            }
            let Some(segment) = self.log.segments.back().cloned() else { return Ok(()) };
            let last = segment.first >= mark.segment;
            self.read_segment(files, &segment, last.then_some(mark.offset), take)?;
            if last {
                if self.end.offset < mark.offset {
                    return Err(self.lost(folder, mark));
                }
                return Ok(());
            }
        }
    }

    /// Whether the segment that is read has been read to its end, and another follows.
    fn at_end(&self, files: &OpenFiles, mark: &Mark) -> Result<bool, OpenError> {
        let Some(segment) = self.log.segments.back() else { return Ok(true) };
        let failed = storage_failed(format!("reading {}", path(files.folder(), &segment.name)));
        let length = || files.get(segment)?.length();
        Ok(segment.first < mark.segment && self.end.offset >= length().map_err(failed)?)
    }

    fn begin(&mut self, folder: &dyn Storage, first: u64, mark: &Mark) -> Result<(), OpenError> {
        let (segment, _, header) = match open_segment(folder, first, true) {
            Err(OpenError::Storage { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Err(self.lost(folder, mark));
            }
            opened => opened?,
        };
        if header.previous != self.end.chain {
            let why = "it does not follow the segment before it".to_string();
            return Err(OpenError::Corrupt {
                file: path(folder, &segment.name),
                offset: 0,
                batch: None,
                why,
            });
        }
        self.end = ChainEnd { offset: SegmentHeader::LENGTH as u64, chain: header.crc, next: first };
        self.log.segments.push_back(Arc::new(segment));
        Ok(())
    }

    fn read_segment(
        &mut self,
        files: &OpenFiles,
        segment: &Segment,
        until: Option<u64>,
        take: TakeIntoLog<'_>,
    ) -> Result<(), OpenError> {
        let folder = files.folder();
        let reading = || storage_failed(format!("reading {}", path(folder, &segment.name)));
        let file = files.get(segment).map_err(reading())?;
        let length = file.length().map_err(reading())?;
        let mut window = Window::new(&*file, until.map_or(length, |until| until.min(length)));
        let number = self.log.segments.len() - 1;
        let log = &mut self.log;
        let walked = walk(&mut window, self.end, &mut |at, header, body| {
            let body_at = at + BatchHeader::LENGTH as u64;
            take(log, &FoundBatch { segment: number, body_at, header, body })
        });
        if let Ok((end, _)) = &walked {
            self.end = *end;
        }
        if !matches!(walked, Ok((_, None))) {
            // Lines of an unfinished batch were added to the index; the batch is read again the next time.
            self.log.index.cut(self.end.next - 1);
        }
        match walked.map_err(reading())?.1 {
            None => Ok(()),
            Some(damage) if damage.rewritten => {
                Err(OpenError::Rewritten { file: path(folder, &segment.name), how: damage.why })
            }
            Some(damage) => Err(OpenError::Corrupt {
                file: path(folder, &segment.name),
                offset: damage.offset,
                batch: damage.batch,
                why: format!("{}; the mark shows that it was whole", damage.why),
            }),
        }
    }

    fn lost(&self, folder: &dyn Storage, mark: &Mark) -> OpenError {
        let name = self.log.segments.back().map_or_else(|| segment_name(1), |segment| segment.name.clone());
        OpenError::Corrupt {
            file: path(folder, &name),
            offset: self.end.offset,
            batch: None,
            why: format!(
                "the log ends there, but the mark says that it goes on to position {}",
                mark.position
            ),
        }
    }
}

fn read_error(error: OpenError) -> ReadError {
    match error {
        OpenError::Corrupt { file, offset, why, .. } => ReadError::Damaged { file, offset, why },
        OpenError::Storage { doing, source } => ReadError::Storage { doing, source },
        other => {
            ReadError::Storage { doing: "opening the log".to_string(), source: std::io::Error::other(other) }
        }
    }
}

impl<E> EventReader<E> for FileLogReader<E> {
    fn head(&self) -> Result<Position, ReadError> {
        self.refresh(|log| Position::new(log.visible))
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, E>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        let query = as_stored(&*self.codec, read.query());
        let snapshot = self.refresh(|log| log.snapshot(read, query.as_ref()))?;
        visit(&*self.codec, &snapshot, &self.files, read, each)?;
        Ok(snapshot.head)
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        self.refresh(|log| log.index.stream(stream, log.visible))
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        let (listings, visible) = self.refresh(|log| (log.index.listings(), log.visible))?;
        Ok(listings.streams(listing, visible)?)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        let (listings, visible) = self.refresh(|log| (log.index.listings(), log.visible))?;
        Ok(listings.categories(listing, visible)?)
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        let begun = Instant::now();
        loop {
            let head = self.head()?;
            let left = at_most.saturating_sub(begun.elapsed());
            if head > after || left.is_zero() {
                return Ok(head);
            }
            sleep(left.min(LOOK));
        }
    }
}
