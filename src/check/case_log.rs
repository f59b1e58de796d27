//! Reads the event logs of other programs one case at a time: XES (IEEE 1849) and CSV, gzipped or not.
//!
//! [`CaseLog`] says how a log is read, and returns its [`LoggedCases`]. The caller translates each [`LoggedEvent`] into an
//! event of the model, and passes the histories to [`conform`](super::conform()).

mod csv;
mod error;
mod event_builder;
mod input;
mod open_cases;
mod xes;

pub use error::CaseLogError;
pub use jiff::tz::TimeZone;

use crate::recorded::Timestamp;
use csv::CsvLog;
use error::Problem;
use input::Text;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use xes::XesLog;

/// How a log of another program is read.
///
/// A log that begins with `<` is XES; any other is CSV with a header. Gzip is recognised by its first bytes. The names of
/// attributes, or of columns in CSV, default to those of XES.
///
/// ```
/// use leftfold::check::case_log::{CaseLog, TimeZone};
///
/// let log = "\
/// Case ID,Activity,Resource,Complete Timestamp
/// Case 1,Assign seriousness,Value 1,2012/10/09 14:50:17.000
/// Case 1,Closed,Value 2,2012/10/09 14:51:01.000
/// ";
/// let how = CaseLog::new()
///     .case("Case ID")
///     .activity("Activity")
///     .time("Complete Timestamp")
///     .zone(TimeZone::UTC);
/// let cases: Vec<_> = how.read("helpdesk.csv", log.as_bytes())?.collect::<Result<_, _>>()?;
/// assert_eq!(cases[0].id, "Case 1");
/// assert_eq!(cases[0].events[1].activity, "Closed");
/// assert_eq!(cases[0].events[1].attributes.get("Resource"), Some("Value 2"));
/// # Ok::<(), leftfold::check::CaseLogError>(())
/// ```
///
/// These bounds keep any log from taking more memory than allowed: a tag, a text and a row of CSV have at most 1 MiB; an
/// event and a case have at most 1,024 attributes; attributes are nested at most 64 deep; and the events that are held at
/// once take at most [`memory`](Self::memory) bytes.
#[derive(Clone, Debug)]
pub struct CaseLog {
    zone: Option<TimeZone>,
    encoding: Option<String>,
    case: Option<String>,
    activity: Option<String>,
    lifecycle: Option<String>,
    time: Option<String>,
    memory: usize,
    together: bool,
}

impl Default for CaseLog {
    fn default() -> Self {
        CaseLog::new()
    }
}

const CASE: &str = "case:concept:name";
const ACTIVITY: &str = "concept:name";
const LIFECYCLE: &str = "lifecycle:transition";
const TIME: &str = "time:timestamp";

/// The longest tag, text and row.
const LONGEST: usize = 1 << 20;
/// The most attributes of an event or a case, and the most columns.
const MOST_ATTRIBUTES: usize = 1024;

impl CaseLog {
    /// The defaults: the names of XES, no zone, and at most 256 MiB of events held at once.
    pub fn new() -> Self {
        CaseLog {
            zone: None,
            encoding: None,
            case: None,
            activity: None,
            lifecycle: None,
            time: None,
            memory: 256 << 20,
            together: false,
        }
    }

    /// The zone of times without an offset. Without a zone, such times are refused.
    ///
    /// When clocks are set back, an hour occurs twice: a time in it is read as the earlier of the two. The rules of a zone can
    /// be written as in POSIX: `TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3")`.
    #[must_use]
    pub fn zone(mut self, zone: TimeZone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// The encoding of a log that does not name one, such as `windows-1252`. Default: UTF-8.
    ///
    /// A byte order mark or an XML declaration takes precedence.
    #[must_use]
    pub fn encoding(mut self, label: impl Into<String>) -> Self {
        self.encoding = Some(label.into());
        self
    }

    /// The column with the id of the case; in XES, that attribute of events outside of traces. Default: `case:concept:name`.
    #[must_use]
    pub fn case(mut self, name: impl Into<String>) -> Self {
        self.case = Some(name.into());
        self
    }

    /// The column or attribute with the name of an event. Default: `concept:name`.
    #[must_use]
    pub fn activity(mut self, name: impl Into<String>) -> Self {
        self.activity = Some(name.into());
        self
    }

    /// The column or attribute with the step of the life cycle. Default: `lifecycle:transition`, where there is one.
    #[must_use]
    pub fn lifecycle(mut self, name: impl Into<String>) -> Self {
        self.lifecycle = Some(name.into());
        self
    }

    /// The column or attribute with the time of an event. Default: `time:timestamp`, where there is one.
    #[must_use]
    pub fn time(mut self, name: impl Into<String>) -> Self {
        self.time = Some(name.into());
        self
    }

    /// About how many bytes the events that are held at once may take: those of one case if the rows of a case follow each
    /// other, otherwise those of all cases. Default: 256 MiB. A log that needs more is refused at the first event over the
    /// bound.
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// Says that the rows of a case follow each other, in CSV and for events outside of traces in XES. Then a case is returned
    /// as soon as the next one begins, and a case that appears again is refused. Otherwise all cases are collected first.
    #[must_use]
    pub fn cases_stand_together(mut self) -> Self {
        self.together = true;
        self
    }

    /// Begins to read a log. Errors call it `name`.
    ///
    /// # Errors
    /// If the beginning cannot be read, the encoding is not known, or the header lacks a column.
    pub fn read<'r>(
        &self,
        name: impl Into<String>,
        input: impl Read + 'r,
    ) -> Result<LoggedCases<'r>, CaseLogError> {
        let name = name.into();
        let begin = || {
            let text = Text::of(input, self.encoding.as_deref()).map_err(|problem| (Some(1), problem))?;
            match text.begins_with_tag {
                true => Ok(LogReader::Xes(Box::new(XesLog::new(self.clone(), text)))),
                false => Ok(LogReader::Csv(Box::new(CsvLog::new(self.clone(), text)?))),
            }
        };
        match begin() {
            Ok(reader) => Ok(LoggedCases { name, reader, ended: false, cases: 0, events: 0 }),
            Err((line, problem)) => {
                // A log that cannot be read at all has no line to name.
                let line = line.filter(|_| !matches!(problem, Problem::Unreadable(_)));
                Err(CaseLogError { name, line, cases: 0, events: 0, problem: Box::new(problem) })
            }
        }
    }

    /// Begins to read a file. Errors call it by its path.
    ///
    /// # Errors
    /// If it cannot be opened, and those of [`read`](Self::read).
    pub fn open(&self, path: impl AsRef<Path>) -> Result<LoggedCases<'static>, CaseLogError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        // A folder can be opened, but not read.
        let opened = File::open(path).and_then(|file| match file.metadata()?.is_dir() {
            true => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            false => Ok(file),
        });
        match opened {
            Ok(file) => self.read(name, file),
            Err(error) => {
                let problem = Box::new(Problem::Unreadable(error));
                Err(CaseLogError { name, line: None, cases: 0, events: 0, problem })
            }
        }
    }

    fn case_name(&self) -> &str {
        self.case.as_deref().unwrap_or(CASE)
    }

    fn activity_name(&self) -> &str {
        self.activity.as_deref().unwrap_or(ACTIVITY)
    }

    fn lifecycle_name(&self) -> &str {
        self.lifecycle.as_deref().unwrap_or(LIFECYCLE)
    }

    fn time_name(&self) -> &str {
        self.time.as_deref().unwrap_or(TIME)
    }
}

/// One case of a log: its events in the order of the log, which need not be that of their times.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LoggedCase {
    /// Its `concept:name`, or the value of its rows in the column of the case.
    pub id: String,
    /// Its other attributes; empty in CSV.
    pub attributes: Attributes,
    /// Its events.
    pub events: Vec<LoggedEvent>,
}

/// One event of a case.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LoggedEvent {
    /// Its name.
    pub activity: String,
    /// The step of the life cycle, in lower case: `schedule`, `start`, `complete`. Where a log has no life cycles, an event
    /// is usually the completion of its activity.
    pub lifecycle: Option<String>,
    /// When it happened, if the log says so.
    pub at: Option<Timestamp>,
    /// Its other attributes, as they are written. Attributes of attributes are ignored.
    pub attributes: Attributes,
    /// Its line: in XES the line on which it ends, in CSV the line on which its row begins.
    pub line: u64,
}

/// Names with their values, in the order of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// All names and values one after another.
    text: String,
    /// For each attribute, the end of its name and the end of its value.
    ends: Vec<(usize, usize)>,
}

impl Attributes {
    /// The value of an attribute, if there is one of this name. Time: linear in the number of attributes.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let begins = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        begins
            .zip(&self.ends)
            .map(|(begin, (name, value))| (&self.text[begin..*name], &self.text[*name..*value]))
    }

    fn push(&mut self, name: &str, value: &str) {
        self.text.reserve(name.len() + value.len());
        self.text.push_str(name);
        let middle = self.text.len();
        self.text.push_str(value);
        self.ends.push((middle, self.text.len()));
    }

    /// About how many bytes they take.
    fn bytes(&self) -> usize {
        self.text.len() + self.ends.len() * size_of::<(usize, usize)>()
    }
}

impl LoggedEvent {
    /// About how many bytes it takes.
    fn bytes(&self) -> usize {
        let texts = self.activity.len() + self.lifecycle.as_ref().map_or(0, String::len);
        size_of::<LoggedEvent>() + texts + self.attributes.bytes()
    }
}

/// An iterator over the cases of a log. It ends after an error.
///
/// A trace of XES is returned when it ends. Rows of CSV and events outside of traces may be interleaved, so their cases are
/// collected and returned at the end of the log, in the order in which they begin; see [`CaseLog::cases_stand_together`].
pub struct LoggedCases<'r> {
    name: String,
    reader: LogReader<'r>,
    ended: bool,
    /// How many cases were returned, and how many events they have.
    cases: usize,
    events: usize,
}

debug_by_name!([] LoggedCases<'_>, "LoggedCases");

enum LogReader<'r> {
    Xes(Box<XesLog<'r>>),
    Csv(Box<CsvLog<'r>>),
}

impl LoggedCases<'_> {
    /// The error for a caller that cannot use an event of the last returned case; `why` is a sentence about it.
    ///
    /// ```
    /// use leftfold::check::CaseLog;
    ///
    /// let log = "case:concept:name,concept:name\n17,opened\n17,vanished\n";
    /// let mut cases = CaseLog::new().read("doors.csv", log.as_bytes())?;
    /// let case = cases.next().expect("one case")?;
    /// assert_eq!(
    ///     cases.refused(&case, 1, "a door does not vanish").to_string(),
    ///     "doors.csv, line 3: case \"17\": a door does not vanish; 0 whole cases and 1 event had been read before it"
    /// );
    /// # Ok::<(), leftfold::check::CaseLogError>(())
    /// ```
    pub fn refused(&self, case: &LoggedCase, index: usize, why: impl Display) -> CaseLogError {
        CaseLogError {
            name: self.name.clone(),
            line: case.events.get(index).map(|event| event.line),
            cases: self.cases.saturating_sub(1),
            events: self.events.saturating_sub(case.events.len()) + index,
            problem: Box::new(Problem::Refused { case: case.id.clone(), why: why.to_string() }),
        }
    }
}

impl Iterator for LoggedCases<'_> {
    type Item = Result<LoggedCase, CaseLogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let found = match &mut self.reader {
            LogReader::Xes(log) => log.next_case().map_err(|problem| (log.line(), log.events, problem)),
            LogReader::Csv(log) => log.next_case().map_err(|problem| (log.line(), log.events, problem)),
        };
        match found {
            Ok(Some(case)) => {
                self.cases += 1;
                self.events += case.events.len();
                Some(Ok(case))
            }
            Ok(None) => {
                self.ended = true;
                None
            }
            Err((line, events, problem)) => {
                self.ended = true;
                Some(Err(CaseLogError {
                    name: self.name.clone(),
                    line: Some(line),
                    cases: self.cases,
                    events,
                    problem: Box::new(problem),
                }))
            }
        }
    }
}
