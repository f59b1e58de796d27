//! Text for human eyes: outside text made printable, columns, line breaks, numbers, and what Markdown, Gherkin, Mermaid and
//! DOT ask of a text.
//!
//! A text from outside (a name in a log, a field of an event, a header) may hold escape sequences, line breaks or marks that
//! turn the direction of writing. [`printable`] shows these as marks, and a [`Column`] keeps a text within its width.
//! Values keep their texts as they are; only what is printed goes through here.

mod column;
pub(crate) mod markup;
mod numbers;
mod printable;
mod wrapped;

use std::fmt::{Debug, Display};

pub use column::Column;
pub use printable::printable;

pub(crate) use column::{cut, width};
pub(crate) use numbers::{count, grouped, noun, percent};
pub(crate) use printable::{one_line, printable_lines};
pub(crate) use wrapped::{fitted, lines};

/// The columns of a name in a sentence: as many as the longest name has bytes.
const LONGEST_SHOWN: usize = 512;

/// What is said of two values that are not equal and print the same text.
pub(crate) const ALIKE: &str = "they print alike, and are not equal";

/// Something that is printed inside of a sentence, such as a name in an error.
pub(crate) fn shown(text: impl Display) -> String {
    printable(&text.to_string()).into_owned()
}

/// A name inside of a sentence: whole where a store would take it, cut where it is longer.
pub(crate) fn named(name: impl Display) -> String {
    cut(&shown(name), LONGEST_SHOWN).into_owned()
}

/// A value as it prints for programmers: on one line, whatever its `Debug` writes.
pub(crate) fn debugged(value: &impl Debug) -> String {
    shown(format_args!("{value:?}"))
}

/// A sentence about two values that are not equal, which says so where it could not be seen.
pub(crate) fn unlike<A: Debug, B: Debug>(sentence: String, one: &A, other: &B) -> String {
    match format!("{one:?}") == format!("{other:?}") {
        true => format!("{sentence} ({ALIKE})"),
        false => sentence,
    }
}
