//! What can be wrong with the log of another program, and the error that reports it.

use super::{LONGEST, MOST_ATTRIBUTES};
use crate::page::shown;
use crate::recorded::moment::NotAMoment;
use std::fmt;
use std::io;

/// What stopped the reading of a log, where, and how much had been read.
#[derive(Debug)]
pub struct CaseLogError {
    pub(super) name: String,
    pub(super) line: Option<u64>,
    pub(super) cases: usize,
    pub(super) events: usize,
    // Boxed: an error is rare, and results without one should not carry its room.
    pub(super) problem: Box<Problem>,
}

impl CaseLogError {
    /// The line that it is about, counted from 1; `None` where nothing was read.
    pub fn line(&self) -> Option<u64> {
        self.line
    }
}

impl fmt::Display for CaseLogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.name))?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}; ", shown(&self.problem))?;
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

impl std::error::Error for CaseLogError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.problem.source()
    }
}

/// What is wrong with a log.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("it cannot be read")]
    Unreadable(#[source] io::Error),
    #[error("it is empty")]
    Empty,
    #[error("the compressed data ends too early, the file is cut off")]
    CutOff(#[source] io::Error),
    #[error(
        "the encoding {0:?} is not known; UTF-8, UTF-16 and those of the WHATWG's list are, such as windows-1252"
    )]
    Encoding(String),
    #[error("the bytes here are no text in {encoding}; say in which encoding the log is written")]
    Malformed { encoding: &'static str },
    #[error("a tag, text or row here is longer than {LONGEST} bytes, the most that is read")]
    TooLong,
    #[error("the events that are held at once take more than {memory} bytes; allow more memory, {remedy}")]
    TooMuch { memory: usize, remedy: &'static str },
    #[error("the XML is broken: {}", short(&.0.to_string(), 200))]
    Xml(quick_xml::Error),
    #[error("it is no XES log, it begins with {0} instead of <log>")]
    NotXes(String),
    #[error("<{0}> is misplaced; traces belong in the log, and events in a trace or in the log")]
    Misplaced(String),
    #[error("it ends inside of {0}, the file is cut off")]
    Unfinished(&'static str),
    #[error("something follows after the end of the log")]
    Trailing,
    #[error("attributes are nested more than {0} deep")]
    TooDeep(usize),
    #[error("{of} has more than {MOST_ATTRIBUTES} attributes")]
    TooMany { of: String },
    #[error("an attribute has no key")]
    NoKey,
    #[error("{of} has the attribute {key:?} twice")]
    Repeated { of: String, key: String },
    #[error("a <global> stands after the first case or event, which were read without it")]
    LateGlobal,
    #[error("a case has no {key:?}")]
    Nameless { key: String },
    #[error("{of} has no {key:?}")]
    Missing { of: String, key: String },
    #[error("an event is in no trace and has no {key:?} that names its case; say which attribute does")]
    NoCase { key: String },
    #[error("{of} has the {key} {text:?}, which {why}{}", remedy(.why))]
    Time { of: String, key: String, text: String, why: NotAMoment },
    #[error("the row has {values} values instead of the {columns} that the header names")]
    Values { values: usize, columns: usize },
    #[error("a quote is opened here and not closed")]
    QuoteOpen,
    #[error("a quote ends in the middle of a value; a quote inside of quotes is written twice")]
    QuoteInside,
    #[error("a carriage return is in the middle of a line")]
    CarriageReturn,
    #[error("the header has no column {missing}; its columns are {seen}")]
    Columns { missing: String, seen: String },
    #[error("the header has the column {0:?} twice")]
    ColumnTwice(String),
    #[error("the header has more than {MOST_ATTRIBUTES} columns")]
    TooManyColumns,
    #[error("case {case:?} comes again, though the cases were said to stand together")]
    CaseAgain { case: String },
    #[error("case {case:?}: {why}")]
    Refused { case: String, why: String },
}

/// Why the text of a log ends early. It travels inside an `io::Error`.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnreadableText {
    #[error("longer than {LONGEST} bytes")]
    TooLong,
    #[error("no text in {encoding}")]
    Malformed { encoding: &'static str },
}

fn remedy(why: &NotAMoment) -> &'static str {
    match why {
        NotAMoment::NoOffset => "; state the zone of the log",
        _ => "",
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Problem {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<UnreadableText>()) {
            Some(UnreadableText::TooLong) => Problem::TooLong,
            Some(UnreadableText::Malformed { encoding }) => Problem::Malformed { encoding },
            None if error.kind() == io::ErrorKind::UnexpectedEof => Problem::CutOff(error),
            None => Problem::Unreadable(error),
        }
    }
}

impl From<quick_xml::Error> for Problem {
    fn from(error: quick_xml::Error) -> Problem {
        let quick_xml::Error::Io(shared) = error else { return Problem::Xml(error) };
        match std::sync::Arc::try_unwrap(shared) {
            Ok(error) => Problem::from(error),
            Err(shared) => Problem::Unreadable(io::Error::new(shared.kind(), shared)),
        }
    }
}

/// Enough of a text to recognise it by.
pub(super) fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
