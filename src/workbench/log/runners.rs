//! `leftfold runners`: lists the runners of a folder, and asks them to stop, to begin again or to delete what they keep.

use super::units::number;
use super::{Ending, Failure, Outcome, say};
use crate::page::{Column, shown};
use crate::runtime::{FoundRunner, RequestAnswer, RunnerError, RunnerRequest, Runners};
use crate::store::Listing;
use clap::{Args, Subcommand};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Subcommand)]
pub(super) enum RunnersTask {
    /// List the runners whose checkpoints and locks are in a folder
    List(List),
    /// End the runs of runners
    Stop(Asked),
    /// Delete the read models of runners, so that they begin from the start
    Reset(Asked),
    /// Delete the read models of runners and end their runs; events that they have emitted stay
    Delete(Asked),
}

#[derive(Args)]
pub(super) struct List {
    /// The folder that the runners were opened with
    folder: PathBuf,
    /// Only those in whose names this regular expression is found; `^` and `$` bind it to the whole
    #[arg(long, value_name = "REGEX")]
    matching: Option<String>,
    /// Write one line of JSON for each
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Asked {
    /// The folder that the runners were opened with
    folder: PathBuf,
    /// Their names
    #[arg(required_unless_present = "matching")]
    names: Vec<String>,
    /// Those in whose names this regular expression is found, too; `^` and `$` bind it to the whole
    #[arg(long, value_name = "REGEX")]
    matching: Option<String>,
    /// Wait at most this long for each to obey; the request stays after that
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

impl RunnersTask {
    pub(super) fn run(self, out: &mut dyn Write) -> Outcome {
        match self {
            RunnersTask::List(list) => list.run(out),
            RunnersTask::Stop(asked) => asked.run(RunnerRequest::Stop, out),
            RunnersTask::Reset(asked) => asked.run(RunnerRequest::Reset, out),
            RunnersTask::Delete(asked) => asked.run(RunnerRequest::Delete, out),
        }
    }
}

fn listing(matching: Option<String>) -> Result<Listing, Failure> {
    match matching {
        None => Ok(Listing::all()),
        Some(regex) => Listing::all().matching(regex).map_err(|error| Failure::Sentence(error.to_string())),
    }
}

impl List {
    fn run(self, out: &mut dyn Write) -> Outcome {
        let found = Runners::in_folder(&self.folder).list(&listing(self.matching)?)?;
        if self.json {
            for runner in &found {
                let line =
                    serde_json::to_string(runner).map_err(|error| Failure::Sentence(error.to_string()))?;
                say(out, &line)?;
            }
        } else if !found.is_empty() {
            table(out, &found)?;
        }
        Ok(Ending::Fine)
    }
}

impl Asked {
    fn run(self, request: RunnerRequest, out: &mut dyn Write) -> Outcome {
        let (runners, wait) = (Runners::in_folder(&self.folder), Duration::from_secs(self.wait));
        let mut names = self.names;
        if self.matching.is_some() {
            names.extend(runners.list(&listing(self.matching)?)?.into_iter().map(|runner| runner.name));
        }
        let mut ending = Ending::Fine;
        for name in names {
            let answer = match request {
                RunnerRequest::Stop => runners.stop(&name, wait),
                RunnerRequest::Reset => runners.reset(&name, wait),
                RunnerRequest::Delete => runners.delete(&name, wait),
            };
            let answer = match answer {
                Ok(RequestAnswer::Done) => match request {
                    RunnerRequest::Stop => "stopped",
                    RunnerRequest::Reset => "reset",
                    RunnerRequest::Delete => "deleted",
                }
                .to_string(),
                Ok(RequestAnswer::NotRunning) => "nobody runs it".to_string(),
                Ok(RequestAnswer::Waiting) => {
                    ending = Ending::Wrong;
                    format!(
                        "not yet: the request to {request} stays, and is obeyed when it is looked for next"
                    )
                }
                Err(unknown @ RunnerError::NoSuchRunner { .. }) => {
                    ending = Ending::Wrong;
                    unknown.to_string()
                }
                Err(error) => return Err(error.into()),
            };
            say(out, &format!("{}: {answer}", shown(&name)))?;
        }
        Ok(ending)
    }
}

/// The greatest width of a column; longer text is cut.
const WIDEST: usize = 80;

fn row(runner: &FoundRunner) -> [String; 4] {
    let position = runner.position.map_or_else(|| "-".to_string(), |position| number(position.get()));
    let running = if runner.running { "running" } else { "not running" };
    let requests: Vec<String> = runner.requests.iter().map(ToString::to_string).collect();
    [runner.name.clone(), position, running.to_string(), requests.join(", ")]
}

fn table(out: &mut dyn Write, found: &[FoundRunner]) -> io::Result<()> {
    let mut rows = vec![["runner", "position", "state", "asked to"].map(str::to_string)];
    rows.extend(found.iter().map(row));
    let columns: [Column; 4] = std::array::from_fn(|at| Column::of(WIDEST, rows.iter().map(|row| &row[at])));
    for row in &rows {
        let [name, position, state, asked] = row;
        let line = [
            columns[0].left(name),
            columns[1].right(position),
            columns[2].left(state),
            columns[3].left(asked),
        ];
        say(out, line.join("  ").trim_end())?;
    }
    Ok(())
}
