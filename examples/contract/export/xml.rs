//! XML: a root around rows, each an element named after its table, around an element for each column.

use super::fault::short;
use super::pieces::{Pieces, TooLong};
use super::{Fault, LONGEST_ROW, Row, Table};
use quick_xml::Reader;
use quick_xml::errors::IllFormedError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event as Xml;
use std::io::{self, BufRead};

pub(super) struct XmlRows<I> {
    xml: Reader<Pieces<I>>,
    buffer: Vec<u8>,
    open: Vec<String>,
    begun: bool,
    ended: bool,
    row: Unfinished,
}

/// A row whose values still come.
#[derive(Default)]
struct Unfinished {
    line: u64,
    table: Option<Table>,
    /// One for each column of the table.
    values: Vec<Option<String>>,
    /// Where in the file it begins.
    from: u64,
    /// What is wrong with it.
    fault: Option<Fault>,
}

impl Unfinished {
    /// Takes what is wrong, unless something was wrong before.
    fn wrong(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }
}

/// How deep elements may stand in each other.
const DEEPEST: usize = 16;

impl<I: BufRead> XmlRows<I> {
    pub(super) fn new(input: I) -> Self {
        XmlRows {
            xml: Reader::from_reader(Pieces::new(input, LONGEST_ROW)),
            buffer: Vec::new(),
            open: Vec::new(),
            begun: false,
            ended: false,
            row: Unfinished::default(),
        }
    }

    fn line(&self) -> u64 {
        self.xml.get_ref().lines + 1
    }

    fn next_row(&mut self) -> Result<Option<(Table, Row)>, Fault> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let found = loop {
            buffer.clear();
            self.xml.get_mut().next_piece();
            match self.xml.read_event_into(&mut buffer) {
                // A name such as "A & B" breaks its own row, and no other.
                Err(quick_xml::Error::IllFormed(IllFormedError::UnclosedReference)) if !self.is_at_end() => {
                    self.row.wrong(Fault::Ampersand);
                }
                Err(source) => break Err(self.broken(source)),
                Ok(Xml::Start(element)) => {
                    if let Err(fault) = self.begin(element.local_name().into_inner().to_string()) {
                        break Err(fault);
                    }
                }
                Ok(Xml::Empty(element)) => {
                    if let Err(fault) = self.begin(element.local_name().into_inner().to_string()) {
                        break Err(fault);
                    }
                    if let Some(row) = self.end() {
                        break Ok(Some(row));
                    }
                }
                Ok(Xml::End(_)) => {
                    if let Some(row) = self.end() {
                        break Ok(Some(row));
                    }
                }
                Ok(Xml::Text(text)) => self.text(&text),
                Ok(Xml::CData(text)) => self.text(&text),
                Ok(Xml::GeneralRef(reference)) => match reference.resolve_char_ref() {
                    Ok(Some(character)) => self.text(character.encode_utf8(&mut [0; 4])),
                    Ok(None) if let Some(text) = resolve_predefined_entity(&reference) => self.text(text),
                    _ => self.row.wrong(Fault::Reference { name: format!("&{};", short(&reference)) }),
                },
                Ok(Xml::Eof) => break self.end_of_file().map(|()| None),
                Ok(_) => {}
            }
        };
        self.buffer = buffer;
        found
    }

    fn begin(&mut self, element: String) -> Result<(), Fault> {
        self.begun = true;
        if self.open.len() == DEEPEST {
            return Err(Fault::TooDeep { at_most: DEEPEST });
        }
        match self.open.len() {
            1 => {
                let table = Table::ALL.into_iter().find(|table| table.name() == element);
                let columns = table.map_or(0, |table| table.columns().len());
                let (line, from) = (self.line(), self.xml.get_ref().bytes);
                self.row = Unfinished { line, table, values: vec![None; columns], from, fault: None };
            }
            2 => {
                if let Some((column, at)) = self.column(&element) {
                    match &mut self.row.values[at] {
                        Some(_) => self.row.wrong(Fault::ElementTwice { column }),
                        value => *value = Some(String::new()),
                    }
                }
            }
            _ => {
                let inside = self.open.get(2).and_then(|column| self.column(column));
                if let Some((column, _)) = inside {
                    self.row.wrong(Fault::ElementInside { column });
                }
            }
        }
        self.open.push(element);
        Ok(())
    }

    /// A column of the row's table, and where it stands in it.
    fn column(&self, element: &str) -> Option<(&'static str, usize)> {
        let at = self.row.table?.columns().iter().position(|known| *known == element)?;
        Some((self.row.table?.columns()[at], at))
    }

    fn text(&mut self, text: &str) {
        match self.open.as_slice() {
            // A row that is too long is kept no further.
            [_, _, ..] if self.xml.get_ref().bytes - self.row.from > LONGEST_ROW as u64 => {
                self.row.fault = Some(Fault::TooLong { at_most: LONGEST_ROW });
            }
            [_, _] if !text.trim().is_empty() => self.row.wrong(Fault::Beside { text: short(text.trim()) }),
            [_, _, column] => {
                if let Some((_, at)) = self.column(column)
                    && let Some(value) = &mut self.row.values[at]
                {
                    value.push_str(text);
                }
            }
            _ => {}
        }
    }

    /// An element has ended: a row, where it is one.
    fn end(&mut self) -> Option<(Table, Row)> {
        let element = self.open.pop()?;
        if self.open.len() != 1 {
            return None;
        }
        let mut row = std::mem::take(&mut self.row);
        if self.xml.get_ref().bytes - row.from > LONGEST_ROW as u64 {
            row.fault = Some(Fault::TooLong { at_most: LONGEST_ROW });
        }
        let Some(table) = row.table else {
            let command = Err(Fault::UnknownTable { element: short(&element) });
            return Some((Table::Basic, Row { line: row.line, command }));
        };
        let values = table.columns().iter().zip(&row.values);
        let values: Result<Vec<&str>, Fault> =
            values.map(|(column, value)| value.as_deref().ok_or(Fault::NoElement { column })).collect();
        let command = match row.fault {
            Some(fault) => Err(fault),
            None => values.and_then(|values| table.command(&values)),
        };
        Some((table, Row { line: row.line, command }))
    }

    fn is_at_end(&mut self) -> bool {
        self.xml.get_mut().fill_buf().is_ok_and(<[u8]>::is_empty)
    }

    fn end_of_file(&self) -> Result<(), Fault> {
        match self.open.as_slice() {
            [] if self.begun => Ok(()),
            [] => Err(Fault::Empty),
            _ => Err(self.cut_off()),
        }
    }

    fn cut_off(&self) -> Fault {
        let inside = match self.open.as_slice() {
            [] | [_] => "the list of rows".to_string(),
            [_, row] => format!("a row <{row}>"),
            [_, row, column, ..] => format!("<{column}> of a row <{row}>"),
        };
        Fault::CutOff { inside }
    }

    /// A file that ends inside of a tag is cut off too.
    fn broken(&self, source: quick_xml::Error) -> Fault {
        match source {
            quick_xml::Error::Io(source)
                if source.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<TooLong>) =>
            {
                Fault::LongTag { at_most: LONGEST_ROW }
            }
            quick_xml::Error::Io(source) => {
                Fault::Unreadable { source: io::Error::new(source.kind(), source.to_string()) }
            }
            quick_xml::Error::Syntax(_) => self.cut_off(),
            quick_xml::Error::IllFormed(IllFormedError::UnclosedReference) => self.cut_off(),
            source => Fault::Xml { source },
        }
    }
}

impl<I: BufRead> Iterator for XmlRows<I> {
    type Item = (Table, Row);

    fn next(&mut self) -> Option<(Table, Row)> {
        if self.ended {
            return None;
        }
        match self.next_row() {
            Ok(found) => {
                self.ended = found.is_none();
                found
            }
            Err(fault) => {
                self.ended = true;
                Some((Table::Basic, Row { line: self.line(), command: Err(fault) }))
            }
        }
    }
}
