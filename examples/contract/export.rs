//! What the legacy system exports every night: tables of customers as CSV or XML, read a row at a time.
//!
//! Each row is a command or a sentence that says why it is none. A row that is broken takes no other with it.

mod csv;
mod fault;
mod form;
pub mod generate;
mod pieces;
mod xml;

pub use fault::Fault;

use crate::model::customer::{
    BasicData, CustomerCommand, CustomerNumber, DeskwareData, InvoiceData, InvoiceFormat, Segment,
};
use form::Form;
use leftfold::{Keyed, keyed};
use std::cell::Cell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;
use std::rc::Rc;

/// One row of an export.
#[derive(Debug)]
pub struct Row {
    /// Where it begins.
    pub line: u64,
    /// What it asks for, or why it asks for nothing.
    pub command: Result<Keyed<CustomerNumber, CustomerCommand>, Fault>,
}

/// The tables of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Table {
    /// Who and where
    Basic,
    /// Where the invoices go
    Invoice,
    /// What the sales department keeps
    Deskware,
}

impl Table {
    pub const ALL: [Table; 3] = [Table::Basic, Table::Invoice, Table::Deskware];

    pub fn name(self) -> &'static str {
        match self {
            Table::Basic => "basic",
            Table::Invoice => "invoice",
            Table::Deskware => "deskware",
        }
    }

    /// The first is the number of the customer.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Table::Basic => &["customer", "name", "street", "postcode", "city", "segment"],
            Table::Invoice => &["customer", "email", "format"],
            Table::Deskware => &["customer", "account_manager", "sales_area", "turnover"],
        }
    }

    /// The command that a row of this table is; `values` has one for each column, in their order.
    fn command(self, values: &[&str]) -> Result<Keyed<CustomerNumber, CustomerCommand>, Fault> {
        let value = |at: usize| values.get(at).copied().unwrap_or_default().trim();
        for (at, column) in self.columns().iter().enumerate() {
            fault::no_text(column, value(at))?;
        }
        let text = |at: usize| value(at).to_string();
        let number = CustomerNumber(whole_number("customer", value(0))?);
        let command = match self {
            Table::Basic => CustomerCommand::ImportBasicCustomerData(BasicData {
                name: text(1),
                street: text(2),
                postcode: text(3),
                city: text(4),
                segment: segment(value(5))?,
            }),
            Table::Invoice => CustomerCommand::ImportDigitalInvoiceData(InvoiceData {
                email: text(1),
                format: match value(2) {
                    "pdf" => InvoiceFormat::Pdf,
                    "xml" => InvoiceFormat::Xml,
                    other => return Err(Fault::choice("format", other, "pdf or xml")),
                },
            }),
            Table::Deskware => CustomerCommand::ImportCustomerDeskwareData(DeskwareData {
                account_manager: text(1),
                sales_area: whole_number("sales_area", value(2))?,
                turnover: whole_number("turnover", value(3))?,
            }),
        };
        Ok(keyed(number, command))
    }
}

fn whole_number<N: std::str::FromStr>(column: &'static str, text: &str) -> Result<N, Fault> {
    text.parse().map_err(|_| Fault::NotANumber { column, value: fault::short(text) })
}

fn segment(text: &str) -> Result<Segment, Fault> {
    Segment::named(text)
        .ok_or_else(|| Fault::choice("segment", text, "boutique, chain, department-store or online"))
}

/// No row is longer, however it is written.
const LONGEST_ROW: usize = 64 << 10;

/// The rows of an export, one after another, never more than one in memory.
pub struct Rows {
    rows: Box<dyn Iterator<Item = (Table, Row)>>,
    read: Rc<Cell<u64>>,
    /// On which line each customer of each table stands.
    seen: HashMap<(Table, CustomerNumber), u64>,
}

impl Rows {
    /// Opens a file: XML when it begins with `<`, CSV otherwise, whatever it is called.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path) -> io::Result<Rows> {
        Rows::of(File::open(path)?)
    }

    /// The rows of whatever can be read.
    ///
    /// # Errors
    /// When not even the first bytes can be read.
    pub fn of(input: impl Read + 'static) -> io::Result<Rows> {
        let read = Rc::new(Cell::new(0));
        let mut input = Counted { input, read: read.clone() };
        let mut begin = Vec::new();
        input.by_ref().take(form::LOOKED_AT).read_to_end(&mut begin)?;
        let form = form::of(&begin);
        let input = BufReader::with_capacity(1 << 16, Cursor::new(begin).chain(input));
        let rows: Box<dyn Iterator<Item = (Table, Row)>> = match form {
            Ok(Form::Xml) => Box::new(xml::XmlRows::new(input)),
            Ok(Form::Csv) => Box::new(csv::CsvRows::new(input)),
            Err(fault) => Box::new(std::iter::once((Table::Basic, Row { line: 1, command: Err(fault) }))),
        };
        Ok(Rows { rows, read, seen: HashMap::new() })
    }

    /// How many bytes have been read.
    pub fn bytes(&self) -> u64 {
        self.read.get()
    }
}

impl Iterator for Rows {
    type Item = Row;

    /// A customer who stands in a table twice is taken over once.
    fn next(&mut self) -> Option<Row> {
        let (table, mut row) = self.rows.next()?;
        if let Ok(command) = &row.command {
            let first = *self.seen.entry((table, command.key)).or_insert(row.line);
            if first != row.line {
                row.command = Err(Fault::Duplicate { customer: command.key, line: first });
            }
        }
        Some(row)
    }
}

/// Counts the bytes that were read.
struct Counted<R> {
    input: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(into)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
