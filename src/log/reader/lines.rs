//! The lines of the files of a log, as tools show and export them.

use super::FileLogReader;
use crate::log::header::checked_line;
use crate::log::mutex::lock;
use crate::log::spot::Spot;
use crate::log::storage::read_full;
use crate::recorded::Position;
use crate::store::ReadError;
use std::ops::RangeInclusive;

/// The lines of the files of a log, by position; made by [`FileLogReader::lines`].
pub struct Lines<'r, E> {
    reader: &'r FileLogReader<E>,
    bytes: Vec<u8>,
}

debug_by_name!([E] Lines<'_, E>, "Lines");

/// One line of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredLine<'l> {
    whole: &'l str,
    /// What the checksum was made of: everything before it, without the brace that closes the object.
    content: &'l str,
    batch: (u64, u64),
}

impl StoredLine<'_> {
    /// The line of the file, without the line break.
    pub fn text(&self) -> &str {
        self.whole
    }

    /// The first and the last position of the batch that it was recorded in.
    pub fn batch(&self) -> RangeInclusive<Position> {
        Position::new(self.batch.0)..=Position::new(self.batch.1)
    }

    /// The same as `leftfold log export` prints it: without its checksum. The line of a larger batch names it by its first
    /// position, so that an import records its lines together.
    pub fn exported(&self) -> String {
        let (first, last) = self.batch;
        let batch = if first < last { format!(",\"batch\":{first}") } else { String::new() };
        format!("{}{batch}}}", self.content)
    }
}

impl<E> FileLogReader<E> {
    /// The lines of the entries that this reader has seen, tombstones and descriptions of streams included.
    ///
    /// ```
    /// use leftfold::recorded::{Position, StreamName};
    /// use leftfold::codec::{RawCodec, RawEvent};
    /// use leftfold::store::{Batch, EventReader, EventStore};
    /// use leftfold::log::{FileLog, FileLogReader};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let log = FileLog::open(folder.path(), RawCodec)?;
    /// log.append(Batch::to(&StreamName::of("door", 1)?).event(RawEvent::new("Opened", "null")?))?;
    ///
    /// let reader = FileLogReader::open(folder.path(), RawCodec)?;
    /// let mut lines = reader.lines();
    /// let first = lines.at(Position::new(1))?.map(|line| line.exported());
    /// assert!(first.is_some_and(|line| line.starts_with(r#"{"position":1,"stream":"door-1","version":1"#)));
    /// assert_eq!(lines.at(Position::new(2))?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lines(&self) -> Lines<'_, E> {
        Lines { reader: self, bytes: Vec::new() }
    }
}

impl<E> Lines<'_, E> {
    /// The line of the entry at this position; `None` where the reader has seen none. What was appended since is seen
    /// once the reader has been asked for anything else.
    ///
    /// # Errors
    /// [`ReadError`] when the line is not as it was written, or the file cannot be read.
    pub fn at(&mut self, position: Position) -> Result<Option<StoredLine<'_>>, ReadError> {
        let (spot, segment, batch) = {
            let following = lock(&self.reader.following);
            let log = &following.log;
            let seen = |spot: &Spot| spot.position <= log.visible;
            let Some(spot) = log.index.row(position.get()).copied().filter(seen) else { return Ok(None) };
            let Some(segment) = log.segments.get(spot.segment as usize).cloned() else { return Ok(None) };
            let Some(batch) = log.index.batch_of(spot.position) else { return Ok(None) };
            (spot, segment, batch)
        };
        self.bytes.resize(spot.length as usize, 0);
        let read = self
            .reader
            .files
            .get(&segment)
            .and_then(|file| read_full(&*file, &mut self.bytes, spot.offset.into()))
            .map_err(|source| ReadError::Storage { doing: format!("reading {}", segment.name), source })?;
        let bytes = &self.bytes[..read];
        let damaged = |why: &str| ReadError::Damaged {
            file: segment.name.clone(),
            offset: spot.offset.into(),
            why: format!("the event at position {position}: {why}"),
        };
        let content = checked_line(bytes).ok_or_else(|| damaged("its checksum does not hold"))?.len();
        let whole = std::str::from_utf8(bytes).map_err(|_| damaged("it is no UTF-8"))?;
        Ok(Some(StoredLine { whole: whole.trim_end_matches('\n'), content: &whole[..content], batch }))
    }
}
