//! Reads a log in CSV with a header.

use super::error::{Problem, short};
use super::event_builder::EventBuilder;
use super::input::Text;
use super::open_cases::OpenCases;
use super::{CaseLog, LoggedCase, MOST_ATTRIBUTES};
use std::io::BufRead;

/// A log in CSV with a header.
pub(super) struct CsvLog<'r> {
    how: CaseLog,
    text: Text<'r>,
    separator: u8,
    columns: Columns,
    row: CsvRow,
    /// The line on which the row begins.
    line: u64,
    ended: bool,
    open_cases: OpenCases,
    pub(super) events: usize,
}

/// The possible separators; the header shows which one is used.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

impl<'r> CsvLog<'r> {
    pub(super) fn new(how: CaseLog, mut text: Text<'r>) -> Result<Self, (Option<u64>, Problem)> {
        let line = text.line();
        let header = header(&how, &mut text).map_err(|problem| (Some(line), problem))?;
        let (separator, columns) = header;
        Ok(CsvLog {
            how,
            text,
            separator,
            columns,
            row: CsvRow::default(),
            line,
            ended: false,
            open_cases: OpenCases::default(),
            events: 0,
        })
    }

    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn next_case(&mut self) -> Result<Option<LoggedCase>, Problem> {
        while !self.ended {
            if let Some(case) = self.next_row()? {
                return Ok(Some(case));
            }
        }
        Ok(self.open_cases.next())
    }

    /// Reads a row. Returns the case that ended before it, if any.
    fn next_row(&mut self) -> Result<Option<LoggedCase>, Problem> {
        self.line = self.text.line();
        self.row.clear();
        self.text.next_piece();
        loop {
            let bytes = self.text.fill_buf()?;
            if bytes.is_empty() {
                self.ended = true;
                if !self.row.finish()? {
                    return Ok(None);
                }
                break;
            }
            let length = bytes.len();
            let taken = self.row.feed(bytes, self.separator)?;
            self.text.consume(taken.unwrap_or(length));
            if taken.is_some() {
                break;
            }
        }
        let values: Vec<&str> = self.row.values()?;
        if let [value] = values[..]
            && value.trim().is_empty()
        {
            return Ok(None);
        }
        let columns = &self.columns;
        if values.len() != columns.names.len() {
            return Err(Problem::Values { values: values.len(), columns: columns.names.len() });
        }
        let mut event = EventBuilder::default();
        let id = values[columns.case];
        let of = || match id {
            "" => "the row".to_string(),
            id => format!("an event of case {:?}", short(id, 40)),
        };
        for (at, value) in values.iter().enumerate() {
            let name = columns.name(at, &self.how);
            if !(name.is_empty() || value.is_empty()) {
                event.add_attribute(&self.how, name, value, true, of)?;
            }
        }
        let missing = || Problem::Missing { of: of(), key: self.how.case_name().to_string() };
        let case = event.case.take().ok_or_else(missing)?;
        let event = event.build(&self.how, self.line, of)?;
        let ended = self.open_cases.add(&self.how, case, event)?;
        self.events += 1;
        Ok(ended)
    }
}

/// The columns of a log, and the indices of those with a meaning.
struct Columns {
    names: Vec<String>,
    case: usize,
    activity: usize,
    lifecycle: Option<usize>,
    time: Option<usize>,
}

impl Columns {
    /// Finds the columns with a meaning, or says which are missing.
    fn of(how: &CaseLog, names: Vec<String>) -> Result<Columns, (Vec<String>, String)> {
        let find = |name: &str| {
            let alike = || {
                let mut alike =
                    names.iter().enumerate().filter(|(_, known)| known.eq_ignore_ascii_case(name));
                alike.next().filter(|_| alike.next().is_none()).map(|(at, _)| at)
            };
            names.iter().position(|known| known == name).or_else(alike)
        };
        let case = find(how.case_name());
        let activity = find(how.activity_name());
        let lifecycle = find(how.lifecycle_name());
        let time = find(how.time_name());
        let mut missing = Vec::new();
        for (name, what, place, is_needed) in [
            (how.case_name(), "the case", case, true),
            (how.activity_name(), "the activity", activity, true),
            (how.lifecycle_name(), "the life cycle", lifecycle, how.lifecycle.is_some()),
            (how.time_name(), "the time", time, how.time.is_some()),
        ] {
            if place.is_none() && is_needed {
                missing.push(format!("{name:?} for {what}"));
            }
        }
        match (case, activity) {
            (Some(case), Some(activity)) if missing.is_empty() => {
                Ok(Columns { case, activity, lifecycle, time, names })
            }
            _ => Err((names, missing.join(" and "))),
        }
    }

    /// The name of a column, as the caller calls it.
    fn name<'n>(&'n self, at: usize, how: &'n CaseLog) -> &'n str {
        match Some(at) {
            at if at == Some(self.case) => how.case_name(),
            at if at == Some(self.activity) => how.activity_name(),
            at if at == self.lifecycle => how.lifecycle_name(),
            at if at == self.time => how.time_name(),
            _ => &self.names[at],
        }
    }
}

/// Reads the header: the separator and the columns.
fn header(how: &CaseLog, text: &mut Text<'_>) -> Result<(u8, Columns), Problem> {
    let mut line = Vec::new();
    text.next_piece();
    text.read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Err(Problem::Empty);
    }
    // If no separator finds all columns, the error is that of the separator that finds most.
    let mut widest: Option<Problem> = None;
    let mut columns_seen = 0;
    for separator in SEPARATORS {
        let mut row = CsvRow::default();
        let read = row.feed(&line, separator).and_then(|taken| match taken {
            Some(_) => Ok(true),
            None => row.finish(),
        });
        if let Err(problem) = read {
            widest.get_or_insert(problem);
            continue;
        }
        let names: Vec<String> = row.values()?.iter().map(|name| name.trim().to_string()).collect();
        if names.len() > MOST_ATTRIBUTES {
            return Err(Problem::TooManyColumns);
        }
        match Columns::of(how, names) {
            Ok(columns) => {
                let mut seen = std::collections::HashSet::new();
                let twice = columns.names.iter().find(|name| !(name.is_empty() || seen.insert(*name)));
                return match twice {
                    Some(name) => Err(Problem::ColumnTwice(short(name, 40))),
                    None => Ok((separator, columns)),
                };
            }
            Err((names, missing)) if names.len() > columns_seen => {
                columns_seen = names.len();
                let seen: Vec<String> =
                    names.iter().take(20).map(|name| format!("{:?}", short(name, 40))).collect();
                let more = if names.len() > 20 { ", …" } else { "" };
                widest = Some(Problem::Columns { missing, seen: format!("{}{more}", seen.join(", ")) });
            }
            Err(_) => {}
        }
    }
    Err(widest.unwrap_or(Problem::Empty))
}

/// The values of a row. Its memory is reused.
#[derive(Default)]
struct CsvRow {
    /// All values one after another.
    text: Vec<u8>,
    ends: Vec<usize>,
    at: RowState,
}

/// Where in a row the next byte is.
#[derive(Clone, Copy, Default, PartialEq)]
enum RowState {
    #[default]
    ValueBegins,
    Plain,
    Quoted,
    /// After a quote that may be the last.
    Quote,
    CarriageReturn,
}

impl CsvRow {
    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.at = RowState::ValueBegins;
    }

    /// Takes bytes up to the end of the row, and returns how many; `None` if the row continues after them.
    fn feed(&mut self, bytes: &[u8], separator: u8) -> Result<Option<usize>, Problem> {
        for (number, byte) in bytes.iter().copied().enumerate() {
            match (self.at, byte) {
                (RowState::Quoted, b'"') => self.at = RowState::Quote,
                (RowState::Quoted, _) => self.text.push(byte),
                (_, b'\n') => {
                    self.ends.push(self.text.len());
                    return Ok(Some(number + 1));
                }
                (RowState::CarriageReturn, _) => return Err(Problem::CarriageReturn),
                (RowState::ValueBegins, b'"') => self.at = RowState::Quoted,
                (RowState::Quote, b'"') => {
                    self.text.push(byte);
                    self.at = RowState::Quoted;
                }
                (_, b'\r') => self.at = RowState::CarriageReturn,
                _ if byte == separator => {
                    self.ends.push(self.text.len());
                    self.at = RowState::ValueBegins;
                }
                (RowState::Quote, _) => return Err(Problem::QuoteInside),
                _ => {
                    self.text.push(byte);
                    self.at = RowState::Plain;
                }
            }
        }
        Ok(None)
    }

    /// Ends a row at the end of the log. Returns whether there was one.
    fn finish(&mut self) -> Result<bool, Problem> {
        if self.at == RowState::Quoted {
            return Err(Problem::QuoteOpen);
        }
        if self.text.is_empty() && self.ends.is_empty() && self.at == RowState::ValueBegins {
            return Ok(false);
        }
        self.ends.push(self.text.len());
        Ok(true)
    }

    fn values(&self) -> Result<Vec<&str>, Problem> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        let values = begins.zip(&self.ends).map(|(begin, end)| std::str::from_utf8(&self.text[begin..*end]));
        values.collect::<Result<_, _>>().map_err(|_| Problem::Malformed { encoding: "UTF-8" })
    }
}
