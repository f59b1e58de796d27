use crate::model::customer::CustomerNumber;
use std::io;

/// Why a row of an export, or the rest of the file, cannot be taken over.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("the file is empty: not even a header stands in it")]
    Empty,
    #[error(
        "the header lacks the column {missing}: {table} data has the columns {columns}; nothing of this file is read"
    )]
    Header { missing: String, table: &'static str, columns: String },
    #[error("the row has {found} instead of the {columns} that the header names")]
    Values { found: String, columns: usize },
    #[error("the value of {column} is not UTF-8: {value:?}; have the file exported as UTF-8")]
    NotUtf8 { column: String, value: String },
    #[error("the value of {column} holds a line break; the row goes on to line {until}")]
    LineBreak { column: String, until: u64 },
    #[error("a quote is opened and not closed again on this line, nor soon after it")]
    QuoteOpen,
    #[error("a carriage return stands in the middle of the line")]
    CarriageReturn,
    #[error("the line is longer than {at_most} bytes")]
    TooLong { at_most: usize },
    #[error("{column} is no whole number, or too large a one: {value:?}")]
    NotANumber { column: &'static str, value: String },
    #[error("{column} is {value:?}, which is not {choices}")]
    Choice { column: &'static str, value: String, choices: &'static str },
    #[error("customer {customer} stands on line {line} already; that row holds")]
    Duplicate { customer: CustomerNumber, line: u64 },
    #[error("<{element}> is none of the tables <basic>, <invoice> and <deskware>")]
    UnknownTable { element: String },
    #[error("the row has no <{column}>")]
    NoElement { column: &'static str },
    #[error("a & stands in the row that begins no reference; it has to be written as &amp;")]
    Ampersand,
    #[error("the file is cut off inside of {inside}; what stands before it is taken over")]
    CutOff { inside: String },
    #[error(
        "the XML is broken here: {source}; what stands before it is taken over, what follows is not read"
    )]
    Xml { source: quick_xml::Error },
    #[error("the file cannot be read any further: {source}; what stands before it is taken over")]
    Unreadable { source: io::Error },
}

impl Fault {
    pub(super) fn choice(column: &'static str, value: &str, choices: &'static str) -> Fault {
        Fault::Choice { column, value: short(value), choices }
    }

    /// Whether nothing of the file comes behind it.
    pub fn ends_the_file(&self) -> bool {
        matches!(
            self,
            Fault::Empty
                | Fault::Header { .. }
                | Fault::CutOff { .. }
                | Fault::Xml { .. }
                | Fault::Unreadable { .. }
        )
    }
}

/// Enough of a text to recognise it by.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
