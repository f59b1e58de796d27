//! `leftfold compare`: two machines in files, without the types of any model.

use super::{Ending, Failure, Outcome};
use crate::check::compare::machine_with_machine;
use crate::model::read_machine;
use crate::page::printable_lines;
use crate::workbench::any_message::AnyMessage;
use clap::{Args, ValueEnum};
use std::io::Write;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Compare {
    /// The file of before
    old: PathBuf,
    /// The file of after
    new: PathBuf,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// A page for people
    Text,
    /// The differences as JSON
    Json,
}

impl Compare {
    pub(super) fn run(self, out: &mut dyn Write) -> Outcome {
        let machine = |path: &PathBuf| {
            read_machine::<AnyMessage, AnyMessage, AnyMessage>(path).map_err(Failure::NotCompared)
        };
        let (old, new) = (machine(&self.old)?, machine(&self.new)?);
        let found = machine_with_machine(&old, &new);
        match self.format {
            Form::Text => write!(out, "{}", printable_lines(&found.to_string()))?,
            Form::Json => {
                let json = serde_json::to_string_pretty(&found);
                writeln!(out, "{}", json.map_err(|error| Failure::NotCompared(error.to_string()))?)?;
            }
        }
        Ok(if found.is_same() { Ending::Fine } else { Ending::Wrong })
    }
}
