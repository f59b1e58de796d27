//! The behaviour lock of a model on its command line, and the comparison of machines in files.

use super::texts::Output;
use crate::model::{ComparedForm, Model, Modelled};
use crate::page::printable_lines;
use std::io::{self, Write};
use std::path::Path;

/// The end of a program that could not do what it was asked to.
const NOT_DONE: u8 = 2;

const NO_LOCK: &str = "the model has no lock of its behaviour: it does not say `.behaviour(…)`\n";

/// How a comparison is written.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(super) enum Comparison {
    /// A page for people
    Text,
    /// The differences as JSON
    Json,
    /// Each difference as a scenario, with the new answer
    Gherkin,
}

/// Says what has changed, and writes the file only then. Returns the exit code.
pub(super) fn accept_behaviour<D: Modelled>(model: &Model<D>, out: &mut dyn Write) -> io::Result<u8> {
    let rewrite = match model.behaviour_rewrite() {
        None => {
            out.write_all(NO_LOCK.as_bytes())?;
            return Ok(1);
        }
        Some(Err(why)) => {
            writeln!(out, "{}", printable_lines(&why))?;
            return Ok(1);
        }
        Some(Ok(rewrite)) => rewrite,
    };
    writeln!(out, "{}", printable_lines(&rewrite.page))?;
    // What nobody could read is not accepted.
    out.flush()?;
    let (sentence, exit) = match rewrite.write() {
        Ok(sentence) => (sentence, 0),
        Err(why) => (why, 1),
    };
    writeln!(out, "{}", printable_lines(&sentence))?;
    Ok(exit)
}

/// Compares two files, or one and the model of today.
pub(super) fn compare<D: Modelled>(
    model: &Model<D>,
    old: &Path,
    new: Option<&Path>,
    form: Comparison,
) -> Output {
    let form = match form {
        Comparison::Text => ComparedForm::Text,
        Comparison::Json => ComparedForm::Json,
        Comparison::Gherkin => ComparedForm::Gherkin,
    };
    match model.compared_files(old, new, form) {
        None => Output { errors: NO_LOCK.to_string(), exit: NOT_DONE, ..Output::default() },
        Some(Err(why)) => {
            Output { errors: format!("{}\n", printable_lines(&why)), exit: NOT_DONE, ..Output::default() }
        }
        Some(Ok((text, is_same))) => Output { text, exit: u8::from(!is_same), ..Output::default() },
    }
}
