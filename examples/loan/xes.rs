//! Logs in XES, the XML of process mining (IEEE 1849), read one case at a time.

#[path = "lines.rs"]
mod lines;

use flate2::bufread::MultiGzDecoder;
use jiff::Timestamp;
use lines::Lines;
use quick_xml::events::{BytesStart, Event as Xml};
use quick_xml::{Reader, XmlVersion};
use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// One case of a log: a `trace` with its events in the order of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its `concept:name`.
    pub id: String,
    /// What happened in it.
    pub entries: Vec<Entry>,
}

/// One event of a case, as the log has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its `concept:name`.
    pub activity: String,
    /// Its `lifecycle:transition`.
    pub lifecycle: String,
    /// Its `time:timestamp`.
    pub at: Timestamp,
    /// The line on which it ends.
    pub line: u64,
}

/// The cases of a log, one after another, never more than one in memory; nothing comes after an error.
///
/// Gzip is recognised by its first bytes, whatever the file is called.
pub struct Cases<'r> {
    name: String,
    xml: Reader<Lines<Box<dyn BufRead + 'r>>>,
    buffer: Vec<u8>,
    /// The elements that are open, outermost first.
    open: Vec<Element>,
    /// The root has been seen.
    begun: bool,
    ended: bool,
    case: Option<Unfinished>,
    entry: Draft,
    cases: usize,
    events: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Element {
    Log,
    Trace,
    Event,
    Attribute,
}

/// A case whose name may still come.
#[derive(Default)]
struct Unfinished {
    id: Option<String>,
    entries: Vec<Entry>,
}

/// An event whose attributes come one by one.
#[derive(Default)]
struct Draft {
    activity: Option<String>,
    lifecycle: Option<String>,
    at: Option<Timestamp>,
}

const CONCEPT_NAME: &str = "concept:name";
const LIFECYCLE: &str = "lifecycle:transition";
const TIMESTAMP: &str = "time:timestamp";

impl<'r> Cases<'r> {
    /// Begins to read; `name` is what errors call the input.
    ///
    /// # Errors
    /// When not even the first bytes can be read.
    pub fn new(name: impl Into<String>, mut input: impl Read + 'r) -> Result<Self, LogError> {
        let name = name.into();
        let mut first = Vec::new();
        if let Err(error) = input.by_ref().take(2).read_to_end(&mut first) {
            return Err(LogError::before_reading(name, error));
        }
        let gzipped = first == [0x1f, 0x8b];
        let input = BufReader::with_capacity(1 << 16, Cursor::new(first).chain(input));
        let input: Box<dyn BufRead + 'r> = match gzipped {
            true => Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(input))),
            false => Box::new(input),
        };
        Ok(Cases {
            name,
            xml: Reader::from_reader(Lines { input, passed: 0 }),
            buffer: Vec::new(),
            open: Vec::new(),
            begun: false,
            ended: false,
            case: None,
            entry: Draft::default(),
            cases: 0,
            events: 0,
        })
    }

    /// The error that an entry of the case read last is unknown to whoever reads the log.
    pub fn unknown(&self, case: &Case, index: usize) -> LogError {
        let entry = case.entries.get(index);
        LogError {
            name: self.name.clone(),
            line: entry.map(|entry| entry.line),
            cases: self.cases.saturating_sub(1),
            events: self.events.saturating_sub(case.entries.len()) + index,
            problem: Box::new(Problem::Unknown {
                case: case.id.clone(),
                activity: entry.map(|entry| entry.activity.clone()).unwrap_or_default(),
                lifecycle: entry.map(|entry| entry.lifecycle.clone()).unwrap_or_default(),
            }),
        }
    }

    fn line(&self) -> u64 {
        self.xml.get_ref().passed + 1
    }

    fn next_case(&mut self) -> Result<Option<Case>, Problem> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let found = loop {
            buffer.clear();
            let done = match self.xml.read_event_into(&mut buffer) {
                Err(error) => Err(Problem::from(error)),
                Ok(Xml::Start(element)) => self.begin(&element).map(|()| None),
                Ok(Xml::Empty(element)) => self.begin(&element).and_then(|()| self.end()),
                Ok(Xml::End(_)) => self.end(),
                Ok(Xml::Text(text)) => self.text(&text).map(|()| None),
                Ok(Xml::CData(text)) => self.text(&text).map(|()| None),
                Ok(Xml::Eof) => break self.end_of_file().map(|()| None),
                Ok(_) => Ok(None),
            };
            match done {
                Ok(None) => {}
                found => break found,
            }
        };
        self.buffer = buffer;
        found
    }

    fn begin(&mut self, element: &BytesStart<'_>) -> Result<(), Problem> {
        let name = element.local_name();
        let kind = match (self.open.last(), name.into_inner()) {
            (None, _) if self.begun => return Err(Problem::Behind),
            (None, "log") => Element::Log,
            (None, other) => return Err(Problem::NotXes(format!("<{}>", short(other)))),
            (Some(Element::Log), "trace") => Element::Trace,
            (Some(Element::Trace), "event") => Element::Event,
            (Some(_), _) => Element::Attribute,
        };
        match (self.open.last(), kind) {
            (_, Element::Trace) => self.case = Some(Unfinished::default()),
            (_, Element::Event) => self.entry = Draft::default(),
            (Some(&parent @ (Element::Trace | Element::Event)), Element::Attribute) => {
                self.attribute(parent, element)?;
            }
            _ => {}
        }
        self.begun = true;
        self.open.push(kind);
        Ok(())
    }

    fn attribute(&mut self, parent: Element, element: &BytesStart<'_>) -> Result<(), Problem> {
        let (mut key, mut value) = (None, None);
        for attribute in element.attributes() {
            let attribute = attribute.map_err(|error| Problem::Xml(error.into()))?;
            match attribute.key.into_inner() {
                "key" => key = Some(attribute.normalized_value(XmlVersion::Implicit1_0)?),
                "value" => value = Some(attribute.normalized_value(XmlVersion::Implicit1_0)?),
                _ => {}
            }
        }
        let (Some(key), Some(value)) = (key, value) else {
            return Ok(());
        };
        match (parent, &*key) {
            (Element::Trace, CONCEPT_NAME) => {
                if let Some(case) = &mut self.case {
                    case.id = Some(value.into_owned());
                }
            }
            (Element::Event, CONCEPT_NAME) => self.entry.activity = Some(value.into_owned()),
            (Element::Event, LIFECYCLE) => self.entry.lifecycle = Some(value.into_owned()),
            (Element::Event, TIMESTAMP) => match value.parse() {
                Ok(at) => self.entry.at = Some(at),
                Err(source) => {
                    return Err(Problem::Time { case: self.case_id(), text: short(&value), source });
                }
            },
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self) -> Result<Option<Case>, Problem> {
        match self.open.pop() {
            Some(Element::Event) => {
                let entry = std::mem::take(&mut self.entry);
                let missing = |key| Problem::Missing { case: self.case_id(), key };
                let entry = Entry {
                    activity: entry.activity.ok_or_else(|| missing(CONCEPT_NAME))?,
                    lifecycle: entry.lifecycle.ok_or_else(|| missing(LIFECYCLE))?,
                    at: entry.at.ok_or_else(|| missing(TIMESTAMP))?,
                    line: self.line(),
                };
                self.events += 1;
                if let Some(case) = &mut self.case {
                    case.entries.push(entry);
                }
                Ok(None)
            }
            Some(Element::Trace) => {
                let case = self.case.take().unwrap_or_default();
                let id = case.id.ok_or(Problem::Nameless)?;
                self.cases += 1;
                Ok(Some(Case { id, entries: case.entries }))
            }
            _ => Ok(None),
        }
    }

    fn text(&self, text: &str) -> Result<(), Problem> {
        match text.trim() {
            "" => Ok(()),
            _ if !self.open.is_empty() => Ok(()),
            _ if self.begun => Err(Problem::Behind),
            text => Err(Problem::NotXes(format!("{:?}", short(text)))),
        }
    }

    fn end_of_file(&self) -> Result<(), Problem> {
        match self.open.last() {
            Some(element) => Err(Problem::Unfinished(match element {
                Element::Log => "the log",
                Element::Trace => "a case",
                Element::Event => "an event",
                Element::Attribute => "an attribute",
            })),
            None if self.begun => Ok(()),
            None => Err(Problem::Empty),
        }
    }

    fn case_id(&self) -> String {
        let id = self.case.as_ref().and_then(|case| case.id.clone());
        id.unwrap_or_else(|| "(not named yet)".to_string())
    }
}

impl Iterator for Cases<'_> {
    type Item = Result<Case, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.next_case() {
            Ok(Some(case)) => Some(Ok(case)),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(problem) => {
                self.ended = true;
                Some(Err(LogError {
                    name: self.name.clone(),
                    line: Some(self.line()),
                    cases: self.cases,
                    events: self.events,
                    problem: Box::new(problem),
                }))
            }
        }
    }
}

/// Enough of a text to recognise it by.
fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

/// What stopped the reading of a log, where, and how far it had come.
#[derive(Debug)]
pub struct LogError {
    name: String,
    line: Option<u64>,
    cases: usize,
    events: usize,
    // Boxed: an error is rare, and the way of every case without one should not carry its room.
    problem: Box<Problem>,
}

impl LogError {
    /// The log could not be opened.
    pub fn before_reading(name: impl Into<String>, error: io::Error) -> LogError {
        LogError {
            name: name.into(),
            line: None,
            cases: 0,
            events: 0,
            problem: Box::new(Problem::Unreadable(error)),
        }
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}; ", self.problem)?;
        let noun = |n, one, many| if n == 1 { one } else { many };
        match (self.cases, self.events) {
            (0, 0) => f.write_str("nothing had been read before it"),
            (cases, events) => write!(
                f,
                "{cases} whole {} and {events} {} had been read before it",
                noun(cases, "case", "cases"),
                noun(events, "event", "events"),
            ),
        }
    }
}

impl std::error::Error for LogError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.problem.source()
    }
}

/// What is wrong with a log.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    #[error("it holds no XML at all")]
    Empty,
    #[error("the compressed data ends too early, the file is cut off")]
    CutOff(#[source] quick_xml::Error),
    #[error("the data cannot be read: {0}")]
    Data(#[source] quick_xml::Error),
    #[error("the XML is broken: {0}")]
    Xml(#[source] quick_xml::Error),
    #[error("it is no XES log, it begins with {0} instead of <log>")]
    NotXes(String),
    #[error("it ends inside of {0}, the file is cut off")]
    Unfinished(&'static str),
    #[error("something follows behind the end of the log")]
    Behind,
    #[error("a case has no {CONCEPT_NAME}")]
    Nameless,
    #[error("an event of case {case} has no {key}")]
    Missing { case: String, key: &'static str },
    #[error("an event of case {case} has the {TIMESTAMP} {text:?}, which is no date and time with an offset")]
    Time { case: String, text: String, source: jiff::Error },
    #[error(
        "case {case} holds the activity {activity:?}, lifecycle {lifecycle:?}, which the model does not know"
    )]
    Unknown { case: String, activity: String, lifecycle: String },
}

impl From<quick_xml::Error> for Problem {
    fn from(error: quick_xml::Error) -> Problem {
        match &error {
            quick_xml::Error::Io(io) if io.kind() == io::ErrorKind::UnexpectedEof => Problem::CutOff(error),
            quick_xml::Error::Io(_) => Problem::Data(error),
            _ => Problem::Xml(error),
        }
    }
}
