//! The program `leftfold`: `log` reads, checks, copies and repairs an event log in a folder, whatever its events are;
//! `runners` lists and controls those who read it. `compare` says how two explored models differ.

mod compare;
mod condition;
mod copy;
mod event_filter;
mod export;
mod import;
mod repair;
mod runners;
mod show;
mod stat;
mod streams;
mod units;
mod verify;

use super::usage::{completions, usage_error};
use crate::codec::{RawCodec, RawEvent};
use crate::log::{FileLogReader, OpenError};
use crate::page::{printable, with_sources};
use crate::runtime::RunnerError;
use crate::store::{AppendError, ReadError};
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Parser)]
#[command(
    name = "leftfold",
    version,
    about = "Functional event sourcing: tools for event logs, and for files of behaviour"
)]
struct CommandLine {
    #[command(subcommand)]
    tool: Tool,
}

#[derive(Subcommand)]
enum Tool {
    /// Read, check, copy and repair an event log
    #[command(subcommand)]
    Log(Box<Task>),
    /// Print a script with which a shell completes this program's command line
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Compare two files of behaviour, and list every kind of difference
    Compare(compare::Compare),
    /// List, stop, reset and delete runners of projections and process managers, in whatever process they run
    #[command(subcommand)]
    Runners(runners::RunnersTask),
}

#[derive(Subcommand)]
enum Task {
    /// List the streams of a log
    Streams(streams::Streams),
    /// Show events, one a line
    Show(show::Show),
    /// Read everything and say what is wrong with it; changes nothing
    Verify {
        /// The folder of the log
        folder: PathBuf,
    },
    /// Say how much is in a log, and of what
    Stat {
        /// The folder of the log
        folder: PathBuf,
    },
    /// Write events as JSON Lines that `import` reads
    Export(export::Export),
    /// Record the events of JSON Lines: of an export, or written by hand
    Import(import::Import),
    /// Copy a log into a folder that has none, also while somebody writes to it
    Copy(copy::Copy),
    /// Make a log that opening refuses one that opens; without its flag, only say what would be done
    Repair(repair::Repair),
}

/// The result of a command that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Fine,
    /// Something is wrong with the log, or with the lines to record; the command has said what.
    Wrong,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Append(#[from] AppendError),
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// The output cannot be written.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
    #[error("{doing} failed")]
    File { doing: String, source: io::Error },
    #[error("{0}")]
    Sentence(String),
    /// There is nothing to compare: a file is not read.
    #[error("{0}")]
    NotCompared(String),
}

type Outcome = Result<Ending, Failure>;

/// The program `leftfold`, with the command line it was called with.
///
/// The exit code is 0 when all is well, 1 when something is wrong with the log or a command cannot be carried out, 2 when
/// the command line is not understood. `compare` ends with 0 when two machines are the same, with 1 when they differ or are not known
/// to be the same, and with 2 when a file is not read.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     leftfold::workbench::log::main()
/// }
/// ```
pub fn main() -> ExitCode {
    match CommandLine::try_parse_from(std::env::args_os()) {
        Ok(line) => {
            let mut out = BufWriter::new(io::stdout().lock());
            let outcome = line.tool.run(&mut out).and_then(|ending| {
                out.flush()?;
                Ok(ending)
            });
            // Dropping the buffer would try to write the rest again.
            let _ = out.into_parts();
            exit_code(outcome)
        }
        Err(error) => usage_error(error, |line| CommandLine::try_parse_from(line).err()),
    }
}

/// Carries out a command line in this process, for the fuzz targets, which call the program many times a second. Returns whether
/// all is well, or a sentence if the command was not carried out.
#[cfg(fuzzing)]
#[doc(hidden)]
pub fn call(line: &[&str], out: &mut dyn Write) -> Result<bool, String> {
    let line = CommandLine::try_parse_from(line).map_err(|error| error.to_string())?;
    line.tool.run(out).map(|ending| ending == Ending::Fine).map_err(|failure| with_sources(&failure))
}

fn exit_code(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(Ending::Fine) => ExitCode::SUCCESS,
        Ok(Ending::Wrong) => ExitCode::FAILURE,
        // A reader that has seen enough, such as `head`, closes the pipe.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&with_sources(&failure));
            ExitCode::from(if matches!(failure, Failure::NotCompared(_)) { 2 } else { 1 })
        }
    }
}

/// Writes one line: a name or a text in it breaks no line, and sends nothing to the terminal.
fn say(out: &mut dyn Write, line: &str) -> io::Result<()> {
    writeln!(out, "{}", printable(line))
}

/// Like `say`, to standard error. If this cannot be written either, nothing can be done.
fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "leftfold: {}", printable(line));
}

impl Tool {
    fn run(self, out: &mut dyn Write) -> Outcome {
        let task = match self {
            Tool::Log(task) => task,
            Tool::Runners(task) => return task.run(out),
            Tool::Compare(files) => return files.run(out),
            Tool::Completions { shell } => {
                out.write_all(completions(shell, CommandLine::command(), "leftfold").as_bytes())?;
                return Ok(Ending::Fine);
            }
        };
        match *task {
            Task::Streams(streams) => streams.run(out),
            Task::Show(show) => show.run(out),
            Task::Verify { folder } => verify::run(&folder, out),
            Task::Stat { folder } => stat::run(&folder, out),
            Task::Export(export) => export.run(out),
            Task::Import(import) => import.run(out),
            Task::Copy(copy) => copy.run(out),
            Task::Repair(repair) => repair.run(out),
        }
    }
}

/// Checks that the folder exists, so that a missing one is reported as such.
fn existing(folder: &Path) -> Result<&Path, OpenError> {
    match folder.exists() {
        true => Ok(folder),
        false => Err(OpenError::Missing { place: folder.display().to_string() }),
    }
}

/// Opens a log of any events, to read it.
fn reader(folder: &Path) -> Result<FileLogReader<RawEvent>, OpenError> {
    let folder = existing(folder)?;
    FileLogReader::open(folder, RawCodec)
}

fn file(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Failure {
    let doing = doing.into();
    move |source| Failure::File { doing, source }
}

/// Whether the program understands a command line.
#[cfg(test)]
fn understood(line: &str) -> bool {
    CommandLine::try_parse_from(line.split(' ').map(std::ffi::OsString::from)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_put_together_as_it_should_be() {
        CommandLine::command().debug_assert();
        assert!(understood("leftfold log import one.jsonl two.jsonl folder"));
        assert!(understood("leftfold log show folder --stream a-1 --stream a-2 --tag x --limit 3 --json"));
        assert!(!understood("leftfold log show folder --follow --backwards"));
        assert!(!understood("leftfold log repair"));
        assert!(understood("leftfold runners reset folder cities shops --wait 3"));
        assert!(understood("leftfold runners stop folder --matching ^c"));
        assert!(!understood("leftfold runners delete folder"));
    }
}
