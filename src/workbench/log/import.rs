//! `leftfold log import`: records events from JSON Lines, each line judged before anything of its file is recorded.

mod already_recorded;

use super::units::{counted, number};
use super::{Ending, Failure, Outcome, complain, file, say};
use crate::codec::{RawCodec, RawEvent};
use crate::log::{FileLog, FileLogOptions, Syncing};
use crate::page::with_sources;
use crate::recorded::{EventId, Position, StreamName, Timestamp, Version};
use crate::store::engine::{InvalidLine, Line};
use crate::store::{Batch, EventStore, Write as Entry, unique_ids};
use already_recorded::{Judge, JudgeError, Judged, RecordedEvents};
use clap::Args;
use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Args)]
pub(super) struct Import {
    /// Files of JSON Lines; `-` is standard input. Lines that follow each other and say the same `batch` are recorded as
    /// one batch, all others one by one
    #[arg(required = true, num_args = 1.., value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The folder of the log, made if need be
    folder: PathBuf,
    /// Pass over lines that are wrong, instead of refusing their file
    #[arg(long)]
    keep_going: bool,
}

/// The time and the ids that the log uses for its next entries: those of the lines, where the lines have them.
#[derive(Clone, Default)]
struct NextTimeAndIds {
    at: Arc<Mutex<Option<Timestamp>>>,
    ids: Arc<Mutex<VecDeque<Option<EventId>>>>,
}

impl NextTimeAndIds {
    fn options(&self) -> FileLogOptions {
        let (at, ids, unique) = (self.at.clone(), self.ids.clone(), unique_ids());
        FileLogOptions::new()
            // Made durable once, when the log is closed.
            .sync(Syncing::Never)
            .clock(move || at.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(Timestamp::now))
            .event_ids(move || {
                let next = ids.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                next.flatten().unwrap_or_else(|| unique())
            })
    }

    fn set_next(&self, at: Option<Timestamp>, next_ids: VecDeque<Option<EventId>>) {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) = at;
        *self.ids.lock().unwrap_or_else(PoisonError::into_inner) = next_ids;
    }
}

/// The counts of an import.
#[derive(Default)]
struct Tally {
    recorded: u64,
    first: Option<Position>,
    last: Option<Position>,
    /// Lines that were recorded before this import.
    already_recorded: u64,
    /// Lines with a position that were recorded at another.
    moved: u64,
    refused: u64,
}

impl Import {
    pub(super) fn run(self, out: &mut dyn Write) -> Outcome {
        if self.files.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
            return Err(Failure::Sentence(
                "standard input, `-`, is given twice, and can be read once".to_string(),
            ));
        }
        // No log is made for files that are not there.
        let sources = self.files.iter().map(|path| Source::of(path)).collect::<Result<Vec<_>, _>>()?;
        let next = NextTimeAndIds::default();
        let log = next.options().open(&self.folder, RawCodec)?;
        let mut recorded = RecordedEvents::of(&super::reader(&self.folder)?)?;
        let mut tally = Tally::default();
        for source in &sources {
            if !self.keep_going {
                let judge = Judge { log: &log, recorded: &recorded, assumed: RecordedEvents::default() };
                let wrong = judge_lines(source, judge, &mut |_, _| Ok(()))?.1;
                if wrong > 0 {
                    tally.refused += wrong;
                    let name = source.name();
                    complain(&format!("nothing of {name} was recorded"));
                    continue;
                }
            }
            let judge = Judge { log: &log, recorded: &recorded, assumed: RecordedEvents::default() };
            let mut pending = Pending { log: &log, next: &next, source, lines: Vec::new() };
            let (assumed, wrong) =
                judge_lines(source, judge, &mut |number, judged| pending.take(number, judged, &mut tally))?;
            pending.append(&mut tally)?;
            // A file that is changed meanwhile may have lines that are wrong only now.
            tally.refused += wrong;
            recorded.add(assumed);
        }
        log.close()?;
        tally.print(&self.folder, out)?;
        Ok(if tally.refused == 0 { Ending::Fine } else { Ending::Wrong })
    }
}

/// A line that was judged.
type Taken<'t> = &'t mut dyn FnMut(u64, (Line, Judged)) -> Result<(), Failure>;

/// Judges every line of a source and reports wrong ones. Returns what the log would have with these lines, and how many are wrong.
fn judge_lines(
    source: &Source,
    mut judge: Judge<'_>,
    take: Taken<'_>,
) -> Result<(RecordedEvents, u64), Failure> {
    let (mut wrong, mut before) = (0, None);
    source.lines(&mut |number, text| {
        let parsed = text.and_then(|text| text.parse().map_err(|why: InvalidLine| format!("{why}; {LINES}")));
        let judged = parsed.map_err(JudgeError::Refused).and_then(|parsed: Line| {
            if let (Some(batch), Some((same, at))) = (parsed.batch, before.replace((parsed.batch, parsed.at)))
                && same == parsed.batch
                && at != parsed.at
            {
                let why = format!("the lines of batch {batch} say one time or none, and this one another");
                return Err(JudgeError::Refused(why));
            }
            let judged = judge.judge(&parsed)?;
            Ok((parsed, judged))
        });
        match judged {
            Ok(judged) => take(number, judged),
            Err(JudgeError::Read(error)) => Err(error.into()),
            Err(JudgeError::Refused(why)) => {
                wrong += 1;
                complain(&format!("{}, line {number}: {why}", source.name()));
                Ok(())
            }
        }
    })?;
    Ok((judge.assumed, wrong))
}

const LINES: &str = r#"a line looks like {"stream":"account-1","type":"Opened","data":{"owner":"Petra"}}"#;

/// Lines that will be appended as one batch.
struct Pending<'p> {
    log: &'p FileLog<RawEvent>,
    next: &'p NextTimeAndIds,
    source: &'p Source,
    lines: Vec<(u64, Line, Version)>,
}

impl Pending<'_> {
    fn take(&mut self, number: u64, line: (Line, Judged), tally: &mut Tally) -> Result<(), Failure> {
        let (parsed, judged) = line;
        let Judged::New(before) = judged else {
            tally.already_recorded += 1;
            return Ok(());
        };
        let together =
            |(_, last, _): &(u64, Line, Version)| parsed.batch.is_some() && last.batch == parsed.batch;
        if !self.lines.last().is_some_and(together) {
            self.append(tally)?;
        }
        self.lines.push((number, parsed, before));
        Ok(())
    }

    fn append(&mut self, tally: &mut Tally) -> Result<(), Failure> {
        let lines = std::mem::take(&mut self.lines);
        let (Some((first, begin, _)), Some((last, ..))) = (lines.first(), lines.last()) else {
            return Ok(());
        };
        let numbers = (*first, *last);
        // The store asks for an id where an event has none, and for deletions and descriptions, which cannot carry one.
        let ids = lines.iter().filter_map(|(_, parsed, _)| match &parsed.write {
            Entry::Event(_, event) if event.id.is_some() => None,
            Entry::Event(..) => Some(None),
            Entry::Delete(_) | Entry::Describe(..) => Some(parsed.id.clone()),
        });
        self.next.set_next(begin.at, ids.collect());
        let mut positions = Vec::with_capacity(lines.len());
        let mut batch = Batch::to(begin.write.stream());
        let mut expected: HashSet<StreamName> = HashSet::new();
        let count = lines.len() as u64;
        for (_, parsed, before) in lines {
            positions.push(parsed.position);
            batch = batch.and_to(parsed.write.stream());
            // Whether a stream may be written to was judged already.
            if expected.insert(parsed.write.stream().clone()) {
                batch = batch.expecting(before);
            }
            batch = match parsed.write {
                Entry::Event(_, event) => batch.record(event),
                Entry::Delete(_) => batch.delete(),
                Entry::Describe(_, headers) => batch.describe(headers),
            };
        }
        let appended = self.log.append(batch).map_err(|error| {
            let (name, (first, last)) = (self.source.name(), numbers);
            let before = "the lines before them are recorded; importing again goes on from there";
            Failure::Sentence(format!("{name}, lines {first} to {last}: {}; {before}", with_sources(&error)))
        })?;
        tally.recorded += count;
        tally.first.get_or_insert(appended.first);
        tally.last = Some(appended.last);
        let moved = positions.iter().zip(appended.first.get()..);
        tally.moved += moved.filter(|(said, at)| said.is_some_and(|said| said.get() != *at)).count() as u64;
        Ok(())
    }
}

impl Tally {
    fn print(&self, folder: &Path, out: &mut dyn Write) -> io::Result<()> {
        match (self.first, self.last) {
            (Some(first), Some(last)) => {
                let (lines, place) = (counted(self.recorded, "line"), folder.display());
                let at = match first == last {
                    true => format!("position {}", number(first.get())),
                    false => format!("positions {} to {}", number(first.get()), number(last.get())),
                };
                say(out, &format!("{lines} recorded in {place}, at {at}"))?;
            }
            _ => say(out, &format!("nothing recorded in {}", folder.display()))?,
        }
        if self.moved > 0 {
            say(out, &format!("{} at another position than the file says", counted(self.moved, "is")))?;
        }
        if self.already_recorded > 0 {
            say(out, &format!("{} recorded before", counted(self.already_recorded, "line")))?;
        }
        if self.refused > 0 {
            say(out, &format!("{} refused", counted(self.refused, "line")))?;
        }
        Ok(())
    }
}

/// A source of lines. Lines are read twice, so an input that can be read only once is kept in memory.
enum Source {
    File(PathBuf),
    /// The name and the bytes of an input.
    Input(String, Vec<u8>),
}

/// Gets lines with their numbers.
type EachLine<'e> = &'e mut dyn FnMut(u64, Result<&str, String>) -> Result<(), Failure>;

/// The longest line in bytes; no batch of a log is longer.
const LONGEST: u64 = 256 << 20;

impl Source {
    fn of(path: &Path) -> Result<Source, Failure> {
        let in_memory = |name: String, mut input: Box<dyn Read>| {
            let mut bytes = Vec::new();
            input.read_to_end(&mut bytes).map_err(file(format!("reading {name}")))?;
            Ok(Source::Input(name, bytes))
        };
        if path == Path::new("-") {
            return in_memory("standard input".to_string(), Box::new(io::stdin()));
        }
        let reading = || file(format!("reading {}", path.display()));
        let opened = File::open(path).map_err(reading())?;
        // A pipe gives each byte once.
        match opened.metadata().map_err(reading())?.is_file() {
            true => Ok(Source::File(path.to_path_buf())),
            false => in_memory(path.display().to_string(), Box::new(opened)),
        }
    }

    fn name(&self) -> String {
        match self {
            Source::File(path) => path.display().to_string(),
            Source::Input(name, _) => name.clone(),
        }
    }

    /// Calls `each` with every line that is not empty and no comment, and its number; or with a sentence if it cannot be read.
    fn lines(&self, each: EachLine<'_>) -> Result<(), Failure> {
        let reading = || file(format!("reading {}", self.name()));
        let mut reader: Box<dyn BufRead + '_> = match self {
            Source::File(path) => Box::new(BufReader::new(File::open(path).map_err(reading())?)),
            Source::Input(_, bytes) => Box::new(&bytes[..]),
        };
        let (mut line, most) = (Vec::new(), number(LONGEST));
        for number in 1.. {
            line.clear();
            let read = (&mut reader).take(LONGEST + 1).read_until(b'\n', &mut line).map_err(reading())?;
            if read == 0 {
                break;
            }
            if read as u64 > LONGEST && line.last() != Some(&b'\n') {
                reader.skip_until(b'\n').map_err(reading())?;
                each(
                    number,
                    Err(format!("the line is longer than {most} bytes, the most that a log takes")),
                )?;
                continue;
            }
            // Some editors write a byte order mark before the first line.
            let bytes = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(&line);
            match std::str::from_utf8(bytes).map(str::trim) {
                Ok(text) if text.is_empty() || text.starts_with("//") => {}
                Ok(text) => each(number, Ok(text))?,
                Err(_) => each(number, Err("the line is no UTF-8".to_string()))?,
            }
        }
        Ok(())
    }
}
