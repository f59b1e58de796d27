//! The event logs of other programs, read one case at a time: XES (IEEE 1849) and CSV, gzipped or not.
//!
//! [`CaseLog`] says how a log is read, and gives its [`LoggedCases`]. What a case means to a model is the caller's to say:
//! an event of the model for each [`LoggedEvent`], and then [`conform`](super::conform()).

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
/// A log that begins with `<` is XES, any other is CSV with a header; gzip is recognised by its first bytes. The names of
/// what is read are those of XES unless the caller says otherwise, in CSV the names of columns.
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
/// What is bounded, so that no log takes more memory than stated: a tag, a text and a row of CSV have at most 1 MiB; an
/// event and a case at most 1,024 attributes; attributes stand in each other at most 64 deep; and all events that are held
/// at once take at most as much as [`memory`](Self::memory) says.
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
    /// The names of XES, no zone, and at most 256 MiB of events held at once.
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

    /// The zone of times that say no offset. Without one, such a time is refused.
    ///
    /// When clocks are set back, an hour comes twice: such a time is taken as the earlier of the two. Rules of a zone can be
    /// written as POSIX has them: `TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3")`.
    #[must_use]
    pub fn zone(mut self, zone: TimeZone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// The encoding of a log that names none itself, such as `windows-1252`. Default: UTF-8.
    ///
    /// A byte order mark, and what an XML declaration says, count for more.
    #[must_use]
    pub fn encoding(mut self, label: impl Into<String>) -> Self {
        self.encoding = Some(label.into());
        self
    }

    /// The column with the id of the case; in XES, the attribute of events that stand in no trace. Default:
    /// `case:concept:name`.
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

    /// How many bytes the events take at most that are held at once, about: those of one case where cases stand together,
    /// and otherwise of all cases. A log that needs more is refused at the event that is one too many.
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// States that the rows of a case follow each other, in CSV and for events that stand in no trace of XES: then a case is
    /// given as soon as the next one begins, and a case that comes again is refused. Otherwise all cases are gathered first.
    #[must_use]
    pub fn cases_stand_together(mut self) -> Self {
        self.together = true;
        self
    }

    /// Begins to read; `name` is what errors call the log.
    ///
    /// # Errors
    /// When the beginning cannot be read, when the encoding is not known, and when a header lacks a column.
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
                // What cannot be read from the start has no line.
                let line = line.filter(|_| !matches!(problem, Problem::Unreadable(_)));
                Err(CaseLogError { name, line, cases: 0, events: 0, problem: Box::new(problem) })
            }
        }
    }

    /// Begins to read a file; errors call it by its path.
    ///
    /// # Errors
    /// When it cannot be opened, and as [`read`](Self::read).
    pub fn open(&self, path: impl AsRef<Path>) -> Result<LoggedCases<'static>, CaseLogError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        // A folder can be opened, and not be read.
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
pub struct LoggedCase {
    /// Its `concept:name`, or what its rows have in the column of the case.
    pub id: String,
    /// What else is said of it; nothing in CSV.
    pub attributes: Attributes,
    /// What happened in it.
    pub events: Vec<LoggedEvent>,
}

/// One event of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedEvent {
    /// Its name.
    pub activity: String,
    /// The step of the life cycle, in lower case: `schedule`, `start`, `complete`. Where a log has no life cycles, an event
    /// is usually the completion of its activity.
    pub lifecycle: Option<String>,
    /// When it happened, where the log says it.
    pub at: Option<Timestamp>,
    /// What else is said of it, as it is written. Attributes of attributes are passed over.
    pub attributes: Attributes,
    /// Where it stands: in XES the line on which it ends, in CSV the line on which its row begins.
    pub line: u64,
}

/// Names with their values, in the order of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// All names and values one after another.
    text: String,
    /// For each attribute, where its name ends and where its value ends.
    ends: Vec<(usize, usize)>,
}

impl Attributes {
    /// The value of an attribute; `None` where it has none. Time: linear in the number of attributes.
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

/// The cases of a log, one after another; nothing comes after an error.
///
/// A trace of XES is given when it ends. Rows of CSV and events that stand in no trace may be interleaved, so their cases are
/// gathered and given at the end of the log, in the order in which they begin; see [`CaseLog::cases_stand_together`].
pub struct LoggedCases<'r> {
    name: String,
    reader: LogReader<'r>,
    ended: bool,
    /// How many cases were given, and how many events they have.
    cases: usize,
    events: usize,
}

enum LogReader<'r> {
    Xes(Box<XesLog<'r>>),
    Csv(Box<CsvLog<'r>>),
}

impl LoggedCases<'_> {
    /// The error that the caller cannot take an event of the case that was given last; `why` is a sentence about it.
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
