//! How an example reads its command line.

use clap::{Error, Parser};
use leftfold::page::printable;
use std::ffi::OsString;

/// The arguments. Where they are not understood, the program ends with a sentence that repeats them as they print.
pub fn arguments<T: Parser>() -> T {
    T::try_parse().unwrap_or_else(|error| as_printed::<T>(error, std::env::args_os()).exit())
}

/// The same error about the same words, without what would move a terminal's text.
fn as_printed<T: Parser>(error: Error, words: impl Iterator<Item = OsString>) -> Error {
    let words = words.map(|word| printable(&word.to_string_lossy()).into_owned());
    match T::try_parse_from(words) {
        Err(error) => error,
        // Only the words as they are were wrong.
        Ok(_) => Error::raw(error.kind(), format!("{}\n", printable(error.to_string().trim_end()))),
    }
}

#[cfg(test)]
mod tests {
    use super::as_printed;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        count: u8,
    }

    #[test]
    fn a_word_that_is_not_understood_is_repeated_as_it_prints() {
        for wrong in ["--\u{202e}gnorw", "\u{9b}31m", "\u{1b}[2J"] {
            let line = ["program", wrong];
            let error = Line::try_parse_from(line).map(|line| line.count).unwrap_err();
            let shown = as_printed::<Line>(error, line.map(Into::into).into_iter()).to_string();
            assert!(!shown.contains(['\u{202e}', '\u{9b}', '\u{1b}']), "{shown:?}");
        }
    }
}
