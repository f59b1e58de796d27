use crate::model::customer::CustomerNumber;
use std::io;

/// Why a row of an export, or the rest of the file, cannot be taken over.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("the file is empty: not even a header stands in it")]
    Empty,
    #[error("the file is {found}; have it exported as CSV or XML in UTF-8; nothing of this file is read")]
    Form { found: String },
    #[error(
        "the header lacks the column {missing}: {table} data has the columns {columns}; the header names {seen}; nothing of \
         this file is read"
    )]
    Header { missing: String, table: &'static str, columns: String, seen: String },
    #[error(
        "the header separates its columns by {seen}, and commas are taken: {columns}; nothing of this file is read"
    )]
    Separator { seen: &'static str, columns: String },
    #[error(
        "the header writes its columns as {seen}; they are taken as {columns}; nothing of this file is read"
    )]
    Letters { seen: String, columns: String },
    #[error("the header names the column {column} twice; nothing of this file is read")]
    ColumnTwice { column: &'static str },
    #[error("the header cannot be read: {why}; nothing of this file is read")]
    BrokenHeader { why: Box<Fault> },
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
    #[error("the value of {column} holds the character {character}, which is no text")]
    Control { column: &'static str, character: String },
    #[error(
        "the value of {column} holds bytes that are not UTF-8, or a character that was lost before: {value:?}; have the file \
         exported as UTF-8"
    )]
    Lost { column: &'static str, value: String },
    #[error("the row is longer than {at_most} bytes")]
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
    #[error("the row has <{column}> twice")]
    ElementTwice { column: &'static str },
    #[error("an element stands inside of <{column}>, where a value is expected")]
    ElementInside { column: &'static str },
    #[error("text stands beside the elements of the row: {text:?}")]
    Beside { text: String },
    #[error("a & stands in the row that begins no reference; it has to be written as &amp;")]
    Ampersand,
    #[error(
        "the row has the reference {name}, which stands for no character; a & has to be written as &amp;"
    )]
    Reference { name: String },
    #[error("elements stand in each other more than {at_most} deep; what stands before it is taken over")]
    TooDeep { at_most: usize },
    #[error("a tag, comment or section is longer than {at_most} bytes; what stands before it is taken over")]
    LongTag { at_most: usize },
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
                | Fault::Form { .. }
                | Fault::Header { .. }
                | Fault::Separator { .. }
                | Fault::Letters { .. }
                | Fault::ColumnTwice { .. }
                | Fault::BrokenHeader { .. }
                | Fault::TooDeep { .. }
                | Fault::LongTag { .. }
                | Fault::CutOff { .. }
                | Fault::Xml { .. }
                | Fault::Unreadable { .. }
        )
    }
}

/// Enough of a text to recognise it by.
pub(super) fn short(text: &str) -> String {
    up_to(text, 40)
}

/// As many characters of a text as that.
pub(super) fn up_to(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

/// Refuses a value that holds what is no text.
pub(super) fn no_text(column: &'static str, value: &str) -> Result<(), Fault> {
    let is_no_text =
        |character: &char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    if let Some(character) = value.chars().find(is_no_text) {
        return Err(Fault::Control { column, character: format!("{character:?}") });
    }
    match value.contains('\u{fffd}') {
        true => Err(Fault::Lost { column, value: short(value) }),
        false => Ok(()),
    }
}
