//! An error for a person: its sentence, and those of the errors that it comes from.

use super::printable::printable;
use std::error::Error;

/// An error with all that it comes from, as one text: `reading the log failed: the disk is gone`. The errors of this kit say
/// what was tried, and leave why it failed to their [`source`](Error::source).
///
/// It is [printable](super::printable). A source whose text is the end of what is there already is not repeated.
///
/// ```
/// use leftfold::page::with_sources;
/// use leftfold::store::ReadError;
/// use std::io;
///
/// let error = ReadError::Storage { doing: "reading the log".to_string(), source: io::Error::other("the disk is gone") };
/// assert_eq!(error.to_string(), "reading the log failed");
/// assert_eq!(with_sources(&error), "reading the log failed: the disk is gone");
/// ```
pub fn with_sources(error: &dyn Error) -> String {
    let mut text = printable(&error.to_string()).into_owned();
    let mut source = error.source();
    while let Some(error) = source {
        let words = printable(&error.to_string()).into_owned();
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        source = error.source();
    }
    text
}
