//! A log as lines of JSON, as `leftfold log export` writes them and `leftfold log import` reads them.

use crate::request::Request;
use crate::store::Postgres;
use leftfold::codec::RawEvent;
use leftfold::recorded::{EventId, Position, StreamName, Timestamp, Version};
use leftfold::store::engine::{InvalidLine, Line};
use leftfold::store::{AppendError, Batch, DESCRIBED, EventReader, ExpectedVersion, Query, ReadError, Write};
use std::collections::{HashSet, VecDeque};
use std::io::{self, BufRead, Seek, SeekFrom};
use std::ops::ControlFlow;

/// Why lines were not written or not recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinesError {
    /// A line is none. Nothing is recorded.
    #[error("line {line} cannot be read: {why}; nothing is recorded")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// A line is none which was one when it was read for the first time. The lines before its batch are recorded.
    #[error(
        "line {line} was changed during the import: {why}; the lines before its batch are recorded, and importing again goes on from \
         there"
    )]
    Changed {
        /// Its number, from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// A batch cannot be recorded. Nothing is.
    #[error("the batch that begins in line {line} cannot be recorded; nothing is")]
    Refused {
        /// The number of its first line, from 1.
        line: u64,
        /// Why.
        source: AppendError,
    },
    /// A batch was not recorded. The lines before it are; importing again goes on from there.
    #[error(
        "the batch that begins in line {line} is not recorded; the lines before it are, and importing again goes on from there"
    )]
    Append {
        /// The number of its first line, from 1.
        line: u64,
        /// Why.
        source: AppendError,
    },
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The lines could not be read or written.
    #[error("the lines could not be read or written")]
    Io(#[from] io::Error),
}

/// The outcome of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many lines were recorded.
    pub recorded: u64,
    /// How many lines had been recorded before.
    pub already_recorded: u64,
}

/// Writes every entry of a log as a line of JSON, in the form of `leftfold log export`. Returns how many there are.
///
/// # Errors
/// [`LinesError`], when the log cannot be read or the lines cannot be written.
pub fn export(store: &Postgres, out: &mut dyn io::Write) -> Result<u64, LinesError> {
    let (mut count, mut failed) = (0, None);
    let batches = store.batches()?;
    // The metadata of streams is shown to those alone who name its type.
    let read = Query::all().or(Query::of_types([DESCRIBED]));
    store.visit(&read.into(), &mut |entry| {
        count += 1;
        let at = entry.envelope().position;
        let batch = batches.range(..=at.get()).next_back().filter(|(_, last)| at.get() <= **last);
        let batch = batch.map_or(at..=at, |(first, last)| Position::new(*first)..=Position::new(*last));
        match writeln!(out, "{}", Line::of(entry, batch)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    failed.map_or(Ok(count), |error| Err(error.into()))
}

/// Records lines, with the times and ids that they have. Lines whose ids are recorded are passed over, so that an import can be
/// repeated. Versions and positions are counted by this log.
///
/// Lines are read twice: all are judged before the first is recorded. What only the database can refuse, such as an id that it
/// has for another event, is found when its batch is recorded, after the batches before it.
///
/// ```no_run
/// use std::fs::File;
/// use std::io::BufReader;
///
/// # let store = leftfold_postgres::Postgres::open("postgres://shop@localhost/shop")?;
/// let imported = leftfold_postgres::import(&store, &mut BufReader::new(File::open("log.jsonl")?))?;
/// println!("{} lines recorded", imported.recorded);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`LinesError`], which says what is recorded.
pub fn import(store: &Postgres, lines: &mut (impl BufRead + Seek)) -> Result<Imported, LinesError> {
    let begin = lines.stream_position()?;
    each_batch(lines, &mut LinesOfBatch::judge)?;
    lines.seek(SeekFrom::Start(begin))?;
    let mut imported = Imported::default();
    each_batch(lines, &mut |batch| batch.record(store, &mut imported)).map_err(|error| match error {
        // It could be read a moment ago.
        LinesError::Line { line, why } => LinesError::Changed { line, why },
        other => other,
    })?;
    Ok(imported)
}

/// The version of a stream in the log.
type VersionOf<'v> = dyn FnMut(&StreamName) -> Result<Version, LinesError> + 'v;

/// Lines that are recorded together, with their numbers.
#[derive(Default)]
struct LinesOfBatch(Vec<(u64, Line)>);

/// Calls `each` with the lines of each batch.
fn each_batch(
    lines: &mut impl BufRead,
    each: &mut dyn FnMut(LinesOfBatch) -> Result<(), LinesError>,
) -> Result<(), LinesError> {
    let mut pending = LinesOfBatch::default();
    for (text, number) in lines.lines().zip(1..) {
        let wrong = |why: String| LinesError::Line { line: number, why };
        let text = text.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => wrong(error.to_string()),
            _ => error.into(),
        })?;
        if text.trim().is_empty() {
            continue;
        }
        let line: Line = text.parse().map_err(|why: InvalidLine| wrong(why.to_string()))?;
        let together = |(_, last): &(u64, Line)| line.batch.is_some() && last.batch == line.batch;
        if pending.0.last().is_some_and(|last| !together(last)) {
            each(std::mem::take(&mut pending))?;
        }
        pending.0.push((number, line));
    }
    if pending.0.is_empty() { Ok(()) } else { each(pending) }
}

impl LinesOfBatch {
    fn first(&self) -> u64 {
        self.0.first().map_or(0, |(number, _)| *number)
    }

    fn at(&self) -> Timestamp {
        self.0.first().and_then(|(_, line)| line.at).unwrap_or_else(Timestamp::now)
    }

    /// Whether it can be recorded, as far as its lines say.
    fn judge(self) -> Result<(), LinesError> {
        let (first, at) = (self.first(), self.at());
        let (batch, ids) = self.batch(&mut |_| Ok(Version::NONE))?;
        let judged = Request::judge(batch, at, ids);
        judged.map_err(|source| LinesError::Refused { line: first, source })
    }

    fn record(self, store: &Postgres, imported: &mut Imported) -> Result<(), LinesError> {
        let (count, first, at) = (self.0.len() as u64, self.first(), self.at());
        // A batch is recorded whole: its first id says of all.
        if let Some((_, Line { id: Some(id), write: Write::Delete(_) | Write::Describe(..), .. })) =
            self.0.first()
            && store.position_of(id)?.is_some()
        {
            imported.already_recorded += count;
            return Ok(());
        }
        let mut version = |stream: &StreamName| -> Result<Version, LinesError> {
            Ok(store.stream(stream)?.map_or(Version::NONE, |info| info.state.version()))
        };
        let (batch, ids) = self.batch(&mut version)?;
        let appended =
            store.append_with(batch, at, ids).map_err(|source| LinesError::Append { line: first, source })?;
        match appended.repeated {
            true => imported.already_recorded += count,
            false => imported.recorded += count,
        }
        Ok(())
    }

    /// As a batch, with the ids of those entries that are given none in it.
    fn batch(
        self,
        version_of: &mut VersionOf<'_>,
    ) -> Result<(Batch<RawEvent>, VecDeque<Option<EventId>>), LinesError> {
        let Some((_, first)) = self.0.first() else {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        };
        let mut batch = Batch::to(first.write.stream());
        let (mut streams, mut ids) = (HashSet::new(), VecDeque::new());
        for (_, Line { write, id, version, .. }) in self.0 {
            let stream = write.stream();
            batch = batch.and_to(stream);
            // A stream that was deleted is written again as in the log that the lines are from.
            if !streams.contains(stream) {
                let known = version_of(stream)?;
                if version.is_some_and(|version| version.get() == known.get() + 1) {
                    batch = batch.expecting(ExpectedVersion::Exactly(known));
                }
                streams.insert(stream.clone());
            }
            if id.is_none() || !matches!(write, Write::Event(..)) {
                ids.push_back(id);
            }
            batch = match write {
                Write::Event(_, event) => batch.record(event),
                Write::Delete(_) => batch.delete(),
                Write::Describe(_, headers) => batch.describe(headers),
            };
        }
        Ok((batch, ids))
    }
}
