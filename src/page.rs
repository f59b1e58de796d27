//! Text for human eyes: outside text made printable, columns, line breaks, numbers, and what Markdown, Gherkin, Mermaid and
//! DOT require of a text.
//!
//! A text from outside (a name in a log, a field of an event, a header) may hold escape sequences, line breaks or characters
//! that change the direction of writing. [`printable`] replaces these with visible escapes, and a `Column` keeps a text within
//! its width. Values keep their texts unchanged; only printed text goes through here.

mod column;
mod letters;
pub(crate) mod markup;
mod numbers;
mod printable;
mod with_sources;
mod wrapped;

use std::fmt::{Debug, Display};

pub use printable::printable;
pub use with_sources::with_sources;

pub(crate) use column::{Column, cut, width};
pub(crate) use letters::letters_apart;
#[cfg(feature = "log")]
pub(crate) use numbers::size;
pub(crate) use numbers::{count, grouped, noun, percent};
pub(crate) use printable::{one_line, printable_lines};
pub(crate) use wrapped::{fitted, lines};

/// The width of the longest name in a sentence: a store accepts names of at most 512 bytes.
const MAX_NAME_WIDTH: usize = 512;

/// The remark on two values that are not equal but print the same text.
pub(crate) const ALIKE: &str = "they print alike, and are not equal";

/// A text inside a sentence, such as a name in an error: printable, on one line.
pub(crate) fn shown(text: impl Display) -> String {
    printable(&text.to_string()).into_owned()
}

/// A name inside a sentence: cut if it is longer than a store accepts.
pub(crate) fn named(name: impl Display) -> String {
    cut(&shown(name), MAX_NAME_WIDTH).into_owned()
}

/// A value as its `Debug` prints it, on one line.
pub(crate) fn debugged(value: &impl Debug) -> String {
    shown(format_args!("{value:?}"))
}

/// A sentence about two values that are not equal, with a remark if they print alike.
pub(crate) fn unlike<A: Debug, B: Debug>(sentence: String, one: &A, other: &B) -> String {
    match format!("{one:?}") == format!("{other:?}") {
        true => format!("{sentence} ({ALIKE})"),
        false => sentence,
    }
}
