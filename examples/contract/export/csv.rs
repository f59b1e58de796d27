//! CSV, a line at a time.
//!
//! A reader of whole files would take everything behind a quote that was left open for one value. Here a row that is not
//! whole on its line may go on for a few more; where that does not help, only its first line is given up.

use super::fault::{short, up_to};
use super::{Fault, LONGEST_ROW, Row, Table};
use csv_core::{ReadRecordResult, Reader};
use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// A row goes on for at most so many lines.
const MOST_LINES: usize = 5;

pub(super) struct CsvRows<I> {
    input: I,
    parser: Parser,
    /// Lines that were read and not taken yet.
    ahead: VecDeque<Line>,
    /// How many lines were read.
    lines: u64,
    header: Option<Header>,
    ended: bool,
}

struct Line {
    number: u64,
    /// Without its end.
    bytes: Result<Vec<u8>, Fault>,
}

struct Header {
    table: Table,
    /// How many columns there are, ours and others.
    columns: usize,
    /// Where each of our columns stands.
    at: Vec<usize>,
}

impl<I: BufRead> CsvRows<I> {
    pub(super) fn new(input: I) -> Self {
        CsvRows { input, parser: Parser::new(), ahead: VecDeque::new(), lines: 0, header: None, ended: false }
    }

    /// The line `at` lines ahead that is not empty.
    fn line(&mut self, at: usize) -> Option<&Line> {
        while self.ahead.len() <= at {
            let mut bytes = Vec::new();
            self.lines += 1;
            let bytes = match read_line(&mut self.input, &mut bytes) {
                Ok(0) => {
                    self.lines -= 1;
                    return None;
                }
                Ok(_) if bytes.len() > LONGEST_ROW => Err(Fault::TooLong { at_most: LONGEST_ROW }),
                Ok(_) => Ok(bytes),
                Err(source) => Err(Fault::Unreadable { source }),
            };
            self.ahead.push_back(Line { number: self.lines, bytes });
        }
        self.ahead.get(at)
    }

    fn next_line(&mut self) -> Option<Line> {
        self.line(0)?;
        self.ahead.pop_front()
    }

    /// The table that the header names most columns of.
    fn read_header(&mut self) -> Result<Header, (u64, Fault)> {
        let Some(Line { number, bytes }) = self.next_line() else { return Err((1, Fault::Empty)) };
        let broken = |why: Fault| (number, Fault::BrokenHeader { why: Box::new(why) });
        let bytes = bytes.map_err(broken)?;
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
        let names = match self.parser.parse(bytes) {
            Parsed::Row => self.parser.names(),
            Parsed::Open => return Err(broken(Fault::QuoteOpen)),
            Parsed::Rest => return Err(broken(Fault::CarriageReturn)),
        };
        header(&names, bytes).map_err(|fault| (number, fault))
    }

    fn row(&mut self, header: &Header, first: Line) -> Row {
        let line = first.number;
        let command = first.bytes.and_then(|bytes| match self.parser.parse(&bytes) {
            Parsed::Row => self.parser.command(header),
            Parsed::Rest => Err(Fault::CarriageReturn),
            Parsed::Open => Err(self.goes_on(header, line, bytes)),
        });
        Row { line, command }
    }

    /// What is wrong with a row that is not whole on its line. The lines on which it goes on are taken only where they are
    /// rows with it, and none on its own.
    fn goes_on(&mut self, header: &Header, line: u64, mut bytes: Vec<u8>) -> Fault {
        for more in 0..MOST_LINES - 1 {
            let Some(Line { bytes: Ok(next), .. }) = self.line(more) else { break };
            let next = next.clone();
            let is_whole = matches!(self.parser.parse(&next), Parsed::Row);
            if is_whole && self.parser.ends.len() == header.columns {
                break;
            }
            bytes.push(b'\n');
            bytes.extend(next);
            match self.parser.parse(&bytes) {
                Parsed::Row if self.parser.ends.len() == header.columns => {
                    self.ahead.drain(..=more);
                    let broken = self.parser.values().position(|value| value.contains(&b'\n'));
                    let ours = broken.and_then(|at| header.at.iter().position(|column| *column == at));
                    let column = ours.map_or("a column that is not ours", |at| header.table.columns()[at]);
                    return Fault::LineBreak { column: column.into(), until: line + more as u64 + 1 };
                }
                Parsed::Open => {}
                _ => break,
            }
        }
        Fault::QuoteOpen
    }
}

impl<I: BufRead> Iterator for CsvRows<I> {
    type Item = (Table, Row);

    fn next(&mut self) -> Option<(Table, Row)> {
        if self.ended {
            return None;
        }
        let header = match self.header.take().map_or_else(|| self.read_header(), Ok) {
            Ok(header) => header,
            Err((line, fault)) => {
                self.ended = true;
                return Some((Table::Basic, Row { line, command: Err(fault) }));
            }
        };
        let first = loop {
            let line = self.next_line()?;
            if line.bytes.as_ref().map_or(true, |bytes| !bytes.trim_ascii().is_empty()) {
                break line;
            }
        };
        let row = self.row(&header, first);
        self.ended = row.command.as_ref().is_err_and(Fault::ends_the_file);
        let table = header.table;
        self.header = Some(header);
        Some((table, row))
    }
}

/// The table that a header names most columns of; of tables that it names equally well, the first.
fn table_of(names: &[String], is: impl Fn(&str, &str) -> bool) -> Table {
    let is = &is;
    let named = |table: &Table| {
        table.columns().iter().filter(|column| names.iter().any(|name| is(name, column))).count()
    };
    Table::ALL.into_iter().rev().max_by_key(named).unwrap_or(Table::Basic)
}

/// What a header means that names these columns; what was seen, and what would be taken, where it does not name all.
fn header(names: &[String], bytes: &[u8]) -> Result<Header, Fault> {
    let exactly = |name: &str, column: &str| name == column;
    let in_other_letters = |name: &str, column: &str| name.eq_ignore_ascii_case(column);
    let table = table_of(names, exactly);
    let place = |column: &&str| names.iter().position(|name| name == column);
    let missing: Vec<&str> =
        table.columns().iter().filter(|column| place(column).is_none()).copied().collect();
    if missing.is_empty() {
        let twice = |column: &&&str| names.iter().filter(|name| name == *column).count() > 1;
        if let Some(column) = table.columns().iter().find(twice) {
            return Err(Fault::ColumnTwice { column });
        }
        return Ok(Header {
            table,
            columns: names.len(),
            at: table.columns().iter().filter_map(place).collect(),
        });
    }
    let has_all = |names: &[String]| {
        let table = table_of(names, in_other_letters);
        let named = |column: &&str| names.iter().any(|name| in_other_letters(name, column));
        table.columns().iter().all(named).then_some(table)
    };
    if let Some(table) = has_all(names) {
        return Err(Fault::Letters {
            seen: up_to(&names.join(", "), 200),
            columns: table.columns().join(", "),
        });
    }
    let text = String::from_utf8_lossy(bytes);
    for (separator, seen) in [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")] {
        let names: Vec<String> =
            text.split(separator).map(|name| name.trim().trim_matches('"').into()).collect();
        if let Some(table) = has_all(&names) {
            return Err(Fault::Separator { seen, columns: table.columns().join(",") });
        }
    }
    Err(Fault::Header {
        missing: missing.join(", "),
        table: table.name(),
        columns: table.columns().join(", "),
        seen: up_to(&names.join(", "), 200),
    })
}

/// Reads a line without its end; of one that is too long, no more than shows it. Answers with how many bytes were taken.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    let taken = input.by_ref().take(LONGEST_ROW as u64 + 2).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    } else if line.len() > LONGEST_ROW {
        input.skip_until(b'\n')?;
    }
    Ok(taken)
}

/// One row at a time, in memory that is used again.
struct Parser {
    reader: Reader,
    output: Vec<u8>,
    ends: Vec<usize>,
}

enum Parsed {
    /// A whole row: its values are there.
    Row,
    /// A quote is open at the end.
    Open,
    /// Something follows behind the row.
    Rest,
}

impl Parser {
    fn new() -> Self {
        Parser { reader: Reader::new(), output: Vec::new(), ends: Vec::new() }
    }

    fn parse(&mut self, line: &[u8]) -> Parsed {
        self.reader.reset();
        // Values are shorter than the line, and there are at most as many as bytes, and one.
        self.output.resize(line.len().max(self.output.len()), 0);
        self.ends.clear();
        self.ends.resize(line.len() + 1, 0);
        let (mut read, mut written, mut fields) = (0, 0, 0);
        loop {
            // The end of the line is its own input, so that a row is never ended by the end of the input.
            let input = if read < line.len() { &line[read..] } else { b"\n".as_slice() };
            let (result, taken, wrote, ended) =
                self.reader.read_record(input, &mut self.output[written..], &mut self.ends[fields..]);
            let at_end = read >= line.len();
            read += taken;
            written += wrote;
            fields += ended;
            match result {
                ReadRecordResult::Record => {
                    self.ends.truncate(fields);
                    return if at_end { Parsed::Row } else { Parsed::Rest };
                }
                ReadRecordResult::InputEmpty if at_end => return Parsed::Open,
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.output.resize(self.output.len() + 64, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() + 16, 0),
                ReadRecordResult::End => return Parsed::Open,
            }
        }
    }

    fn names(&self) -> Vec<String> {
        self.values().map(|name| String::from_utf8_lossy(name).trim().into()).collect()
    }

    fn values(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| &self.output[begin..*end])
    }

    fn command(
        &self,
        header: &Header,
    ) -> Result<leftfold::Keyed<super::CustomerNumber, super::CustomerCommand>, Fault> {
        if self.ends.len() != header.columns {
            let found = match self.ends.len() {
                1 => "1 value".to_string(),
                many => format!("{many} values"),
            };
            return Err(Fault::Values { found, columns: header.columns });
        }
        let all: Vec<&[u8]> = self.values().collect();
        let columns = header.table.columns().iter().zip(&header.at);
        let values = columns.map(|(column, at)| {
            std::str::from_utf8(all[*at]).map_err(|_| {
                let value = short(&String::from_utf8_lossy(all[*at]));
                Fault::NotUtf8 { column: column.to_string(), value }
            })
        });
        header.table.command(&values.collect::<Result<Vec<_>, _>>()?)
    }
}
