//! XML: a root around rows, each an element named after its table, around an element for each column.

#[path = "lines.rs"]
mod lines;

use super::fault::short;
use super::{Fault, Row, Table};
use lines::Lines;
use quick_xml::Reader;
use quick_xml::errors::IllFormedError;
use quick_xml::events::Event as Xml;
use std::io::{self, BufRead};

pub(super) struct XmlRows<I> {
    xml: Reader<Lines<I>>,
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
    /// One that begins no reference stands in it.
    has_ampersand: bool,
}

impl<I: BufRead> XmlRows<I> {
    pub(super) fn new(input: I) -> Self {
        XmlRows {
            xml: Reader::from_reader(Lines { input, passed: 0 }),
            buffer: Vec::new(),
            open: Vec::new(),
            begun: false,
            ended: false,
            row: Unfinished::default(),
        }
    }

    fn line(&self) -> u64 {
        self.xml.get_ref().passed + 1
    }

    fn next_row(&mut self) -> Result<Option<(Table, Row)>, Fault> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let found = loop {
            buffer.clear();
            match self.xml.read_event_into(&mut buffer) {
                // A name such as "A & B" breaks its own row, and no other.
                Err(quick_xml::Error::IllFormed(IllFormedError::UnclosedReference)) if !self.is_at_end() => {
                    self.row.has_ampersand = true;
                }
                Err(source) => break Err(self.broken(source)),
                Ok(Xml::Start(element)) => self.begin(element.local_name().into_inner().to_string()),
                Ok(Xml::Empty(element)) => {
                    self.begin(element.local_name().into_inner().to_string());
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
                    Ok(None) => match quick_xml::escape::resolve_predefined_entity(&reference) {
                        Some(text) => self.text(text),
                        None => self.text(&format!("&{};", &*reference)),
                    },
                    Err(source) => break Err(self.broken(source)),
                },
                Ok(Xml::Eof) => break self.end_of_file().map(|()| None),
                Ok(_) => {}
            }
        };
        self.buffer = buffer;
        found
    }

    fn begin(&mut self, element: String) {
        self.begun = true;
        match self.open.len() {
            1 => {
                let table = Table::ALL.into_iter().find(|table| table.name() == element);
                let columns = table.map_or(0, |table| table.columns().len());
                let values = vec![None; columns];
                self.row = Unfinished { line: self.line(), table, values, has_ampersand: false };
            }
            2 => {
                if let Some(value) = self.value(&element) {
                    value.get_or_insert_default();
                }
            }
            _ => {}
        }
        self.open.push(element);
    }

    fn value(&mut self, column: &str) -> Option<&mut Option<String>> {
        let at = self.row.table?.columns().iter().position(|known| *known == column)?;
        self.row.values.get_mut(at)
    }

    fn text(&mut self, text: &str) {
        if let [_, _, column] = self.open.as_slice() {
            let column = column.clone();
            if let Some(Some(value)) = self.value(&column) {
                value.push_str(text);
            }
        }
    }

    /// An element has ended: a row, where it is one.
    fn end(&mut self) -> Option<(Table, Row)> {
        let element = self.open.pop()?;
        if self.open.len() != 1 {
            return None;
        }
        let row = std::mem::take(&mut self.row);
        let Some(table) = row.table else {
            let command = Err(Fault::UnknownTable { element: short(&element) });
            return Some((Table::Basic, Row { line: row.line, command }));
        };
        let values = table.columns().iter().zip(&row.values);
        let values: Result<Vec<&str>, Fault> =
            values.map(|(column, value)| value.as_deref().ok_or(Fault::NoElement { column })).collect();
        let command = match row.has_ampersand {
            true => Err(Fault::Ampersand),
            false => values.and_then(|values| table.command(&values)),
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
