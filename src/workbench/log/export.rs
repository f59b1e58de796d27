//! `leftfold log export`: writes events as JSON Lines that `import` reads.

use super::event_filter::EventFilter;
use super::units::{counted, size};
use super::{Ending, Failure, Outcome, file, reader, say};
use crate::codec::RawEvent;
use crate::log::FileLogReader;
use crate::store::EventReader;
use clap::Args;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(super) struct Export {
    /// The folder of the log
    folder: PathBuf,
    #[command(flatten)]
    chosen: EventFilter,
    /// The file to write, in place of one that may be there; standard output by default
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub(super) fn run(self, out: &mut dyn Write) -> Outcome {
        let reader = reader(&self.folder)?;
        let Some(path) = &self.output else {
            write(&reader, &self.chosen, &mut |line| Ok(writeln!(out, "{line}")?))?;
            return Ok(Ending::Fine);
        };
        let (lines, bytes) = to_file(&reader, &self.chosen, path)?;
        say(out, &format!("{} written to {}, {}", counted(lines, "line"), path.display(), size(bytes)))?;
        Ok(Ending::Fine)
    }
}

/// Writes a file that is whole or missing. Returns its lines and bytes.
fn to_file(
    reader: &FileLogReader<RawEvent>,
    chosen: &EventFilter,
    path: &Path,
) -> Result<(u64, u64), Failure> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    let writing = || file(format!("writing {}", path.display()));
    let mut writer = BufWriter::new(File::create(&unfinished).map_err(writing())?);
    let (mut lines, mut bytes) = (0, 0);
    write(reader, chosen, &mut |line| {
        (lines, bytes) = (lines + 1, bytes + line.len() as u64 + 1);
        writeln!(writer, "{line}").map_err(writing())
    })?;
    writer.flush().and_then(|()| writer.get_ref().sync_all()).map_err(writing())?;
    fs::rename(&unfinished, path).map_err(writing())?;
    Ok((lines, bytes))
}

/// Calls `each` with every chosen line, as it is exported.
fn write(
    reader: &FileLogReader<RawEvent>,
    chosen: &EventFilter,
    each: &mut dyn FnMut(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut lines = reader.lines();
    let mut failed = None;
    reader.visit(&chosen.read(), &mut |entry| {
        let given = lines.at(entry.envelope().position).map_err(Failure::from).and_then(|line| match line {
            Some(line) => each(&line.exported()),
            None => Ok(()),
        });
        match given {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                failed = Some(failure);
                ControlFlow::Break(())
            }
        }
    })?;
    failed.map_or(Ok(()), Err)
}
