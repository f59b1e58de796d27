//! A command line that is not understood: what is printed about it.

use crate::page::{printable, printable_lines};
use std::ffi::OsString;
use std::process::ExitCode;

/// Prints what is wrong with the command line. The error repeats its words, so they are made printable first.
pub(super) fn usage_error(
    error: clap::Error,
    parse: impl FnOnce(Vec<OsString>) -> Option<clap::Error>,
) -> ExitCode {
    let words = std::env::args_os().map(|word| printable(&word.to_string_lossy()).into_owned().into());
    match parse(words.collect()) {
        Some(error) => drop(error.print()),
        // The printable words would be understood.
        None => eprint!("{}", printable_lines(&error.to_string())),
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
