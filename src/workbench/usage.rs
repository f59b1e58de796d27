//! A command line that is not understood, and one that a shell completes.

use crate::page::{printable, printable_lines};
use clap_complete::{Shell, generate};
use std::ffi::OsString;
use std::path::Path;
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

/// The script with which a shell completes the command line of this program, by the name with which it was called.
pub(super) fn completions(shell: Shell, mut command: clap::Command, name: &str) -> String {
    let called = std::env::args_os().next().unwrap_or_default();
    let stem = Path::new(&called).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = printable(stem.as_deref().unwrap_or(name)).into_owned();
    let mut script = Vec::new();
    generate(shell, &mut command, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
