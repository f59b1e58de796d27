//! Why a text is not read as a message, in sentences for people who read no Rust.

use crate::page::one_line;
use serde::de;
use std::fmt;

/// A text that is not read as a message: where it goes wrong, why, and what was perhaps meant. It prints as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// The place in the text that is not understood, in bytes.
    pub(crate) at: usize,
    pub(super) why: Why,
    /// What the text is perhaps meant to be: phrases that read, nearest first.
    pub(crate) nearest: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// No message begins like this.
    Unknown,
    /// Something else should stand here.
    Expected {
        what: String,
        found: String,
    },
    /// A field is not there.
    Missing {
        field: String,
    },
    /// A field that the message does not have.
    NoField {
        found: String,
        fields: Vec<String>,
    },
    /// A field is there twice.
    Twice {
        field: String,
    },
    /// What the type of a value says of it.
    Refused(String),
    /// The text can be read in several ways.
    Ambiguous(Vec<String>),
    TooDeep,
    TooLong,
    /// Too many ways to read it.
    Tangled,
    /// The type cannot be read from words.
    Unreadable(String),
}

impl Misread {
    pub(super) fn new(at: usize, why: Why) -> Misread {
        Misread { at, why, nearest: Vec::new() }
    }

    /// Nothing in the vocabulary begins like the text.
    #[cfg(feature = "text")]
    pub(crate) fn unknown() -> Misread {
        Misread::new(0, Why::Unknown)
    }

    /// What a reader outside serde says of a text.
    #[cfg(feature = "text")]
    pub(crate) fn refused(why: &str) -> Misread {
        Misread::new(0, Why::Refused(why.to_string()))
    }

    /// Whether another attempt says more: it got further, or as far with more to say.
    pub(crate) fn says_less_than(&self, other: &Misread) -> bool {
        let unknown = |fault: &Misread| matches!(fault.why, Why::Unknown);
        other.at > self.at || (other.at == self.at && unknown(self) && !unknown(other))
    }

    /// For a type that is outside serde, and cannot be read.
    pub(crate) fn unreadable(what: &str) -> Misread {
        Misread::new(0, Why::Unreadable(what.to_string()))
    }

    /// Whether nothing in the vocabulary begins like the text.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.why, Why::Unknown)
    }

    /// What the text can mean, as Rust code, if that is more than one thing.
    pub(crate) fn readings(&self) -> Option<&[String]> {
        match &self.why {
            Why::Ambiguous(readings) => Some(readings),
            _ => None,
        }
    }

    /// Where in the text, in bytes, it goes wrong.
    pub fn place(&self) -> usize {
        self.at
    }

    /// Phrases that can be read and resemble the text, nearest first; none if the fault says what to do.
    pub fn nearest(&self) -> &[String] {
        &self.nearest
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Why::Unknown => f.write_str("nothing in the vocabulary is said like this")?,
            Why::Expected { what, found } if found.is_empty() => {
                write!(f, "{} is expected, and nothing follows", one_line(what))?;
            }
            Why::Expected { what, found } => {
                write!(f, "{} is expected, but there is `{}`", one_line(what), one_line(found))?;
                if let Some(instead) = instead(what, found) {
                    write!(f, ": write {}", one_line(&instead))?;
                }
            }
            Why::Missing { field } => write!(f, "`{}` is missing", one_line(field))?,
            Why::NoField { found, fields } if fields.is_empty() => {
                write!(f, "nothing more is expected here, but there is `{}`", one_line(found))?;
            }
            Why::NoField { found, fields } => {
                let fields: Vec<String> =
                    fields.iter().map(|field| format!("`{}`", one_line(field))).collect();
                write!(f, "`{}` is none of its fields: {}", one_line(found), fields.join(", "))?;
            }
            Why::Twice { field } => write!(f, "`{}` is there twice", one_line(field))?,
            Why::Refused(why) => f.write_str(&one_line(why))?,
            Why::Ambiguous(readings) => {
                write!(f, "this can be read in more than one way: {}", readings.join(", or "))?;
            }
            Why::TooDeep => f.write_str("values are nested too deeply here")?,
            Why::TooLong => f.write_str("this is too long for a phrase: at most 65,536 bytes are read")?,
            Why::Tangled => {
                f.write_str("this can be read in too many ways: put lists and values in parentheses")?;
            }
            Why::Unreadable(what) => write!(
                f,
                "messages of this type cannot be read from words: {} hides its names from serde (untagged, internally tagged, or \
                 flattened)",
                one_line(what)
            )?,
        }
        match &self.nearest[..] {
            [] => Ok(()),
            nearest => {
                let nearest: Vec<String> =
                    nearest.iter().map(|phrase| format!("`{}`", one_line(phrase))).collect();
                write!(f, "; is this meant: {}?", nearest.join(", or "))
            }
        }
    }
}

/// What to write where the quotation marks of a text are missing, or are around a number.
fn instead(what: &str, found: &str) -> Option<String> {
    let value = found.split([',', ')', '…']).next()?.trim();
    let bare = value.trim_matches('"');
    let is_number = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
    match what {
        "a text in quotation marks" if !bare.is_empty() => Some(format!("\"{bare}\"")),
        _ if what.starts_with("a whole number") && value != bare && is_number => Some(bare.to_string()),
        // A point between thousands.
        _ if what.starts_with("a whole number") && is_in_thousands(value) => Some(value.replace('.', "")),
        _ => None,
    }
}

/// Whether digits are in groups of three, as in `80.000`.
fn is_in_thousands(value: &str) -> bool {
    let mut groups =
        value.split('.').map(|group| (group.len(), group.bytes().all(|byte| byte.is_ascii_digit())));
    let begins = groups.next().is_some_and(|(length, digits)| digits && (1..=3).contains(&length));
    let mut rest = groups.peekable();
    begins && rest.peek().is_some() && rest.all(|(length, digits)| digits && length == 3)
}

impl std::error::Error for Misread {}

impl de::Error for Misread {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Misread::new(usize::MAX, Why::Refused(message.to_string()))
    }

    fn missing_field(field: &'static str) -> Self {
        Misread::new(usize::MAX, Why::Missing { field: field.to_string() })
    }

    fn duplicate_field(field: &'static str) -> Self {
        Misread::new(usize::MAX, Why::Twice { field: field.to_string() })
    }
}
