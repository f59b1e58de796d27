//! A real log against a model: which of a bank's 13,087 loan applications does it refuse, and why?
//!
//! `cargo run --release --example loan` replays the sample that stands beside this file. A path replays a log in XES,
//! gzipped or not, such as that of the BPI Challenge 2012 (van Dongen, doi:10.4121/uuid:3926db30-f712-4394-aebc-75976070e91f),
//! from which the rules in `model.rs` are learnt: 13,070 of its 13,087 cases are accepted (99.87 %), and with `--strict`,
//! which also judges the life of work items, 12,043 (92.02 %). The tasks of every model, such as `check`, `gaps LOG` and
//! `conform LOG`, are there as well.

// The rooms of this example speak to each other alone.
#![allow(unreachable_pub)]

#[path = "../shared/arguments.rs"]
mod arguments;
#[path = "../shared/failed.rs"]
mod failed;
mod log;
mod model;
#[cfg(test)]
mod tests;

use arguments::arguments;
use clap::Parser;
use failed::failed;
use indicatif::{ProgressBar, ProgressStyle};
use leftfold::Model;
use leftfold::check::conform::ConformanceOf;
use leftfold::check::{CaseLog, CaseLogError, LoggedCase};
use model::{Event, Loan};
use std::error::Error;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Replays loan applications through a model and reports what it refuses.
#[derive(Parser)]
#[command(name = "loan")]
struct Arguments {
    /// A log in XES, gzipped or not. Without it: the sample of this example.
    log: Option<PathBuf>,
    /// Also judge the life of work items: completed only once started, not started twice.
    #[arg(long)]
    strict: bool,
}

/// Every case, made up: the real log is not ours to hand on.
const SAMPLE: &[u8] = include_bytes!("sample.xes");

fn main() -> ExitCode {
    if let Some("check" | "conform" | "diagram" | "gaps" | "spec") = std::env::args().nth(1).as_deref() {
        return with_log(model::model()).main();
    }
    let Arguments { log, strict } = arguments();
    let replayed = match log {
        None => Replay::of("the sample", SAMPLE).map_err(Into::into),
        Some(path) => replay_file(&path),
    };
    let page = match replayed {
        Ok(replay) => replay.page(strict),
        Err(error) => return failed("loan", &*error),
    };
    written(io::stdout().lock().write_all(page.as_bytes()))
}

/// A model of loans that reads the bank's log.
fn with_log(model: Model<Loan>) -> Model<Loan> {
    model.case_log(CaseLog::new(), |_case, logged| {
        log::event(logged).map(Some).ok_or_else(|| log::unknown(logged))
    })
}

fn written(page: io::Result<()>) -> ExitCode {
    match page {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the page has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("loan: the page cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn replay_file(path: &Path) -> Result<Replay, Box<dyn Error>> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| format!("{name}: it cannot be opened: {error}"))?;
    if !(io::stdout().is_terminal() && io::stderr().is_terminal()) {
        return Ok(Replay::of(name, file)?);
    }
    let bar = ProgressBar::new(file.metadata().map_or(0, |metadata| metadata.len()));
    let style = ProgressStyle::with_template(" reading {bar:40} {bytes} of {total_bytes}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let replayed = Replay::of(name, bar.wrap_read(file));
    bar.finish_and_clear();
    Ok(replayed?)
}

/// One pass over a log, judged by both sets of rules.
struct Replay {
    plain: ConformanceOf<Loan>,
    strict: ConformanceOf<Loan>,
}

impl Replay {
    fn of(name: impl Into<String>, log: impl Read) -> Result<Replay, CaseLogError> {
        let (plain, strict) = (model::model(), model::strict_model());
        let (mut plain, mut strict) = (plain.conform(), strict.conform());
        let mut cases = CaseLog::new().read(name, log)?;
        while let Some(case) = cases.next() {
            let case = case?;
            let history =
                history(&case).map_err(|index| cases.refused(&case, index, unknown(&case, index)))?;
            let id = format!("case {}", case.id);
            let times: Vec<_> = case.events.iter().map(|event| event.at).collect();
            plain.dated_history(&id, &history, &times);
            strict.dated_history(&id, &history, &times);
        }
        Ok(Replay { plain: plain.finish().named("loan"), strict: strict.finish().named("loan, strict") })
    }

    /// The report that was asked for, and what the other rules would have said in a line.
    fn page(&self, strict: bool) -> String {
        let (asked, other, how) = match strict {
            true => (&self.strict, &self.plain, "without --strict"),
            false => (&self.plain, &self.strict, "with --strict"),
        };
        format!("{asked}\n\n {how}\n   {}\n", other.headline())
    }
}

/// The events of a case, or the index of the first one that the model does not know.
fn history(case: &LoggedCase) -> Result<Vec<Event>, usize> {
    (case.events.iter().enumerate()).map(|(index, event)| log::event(event).ok_or(index)).collect()
}

fn unknown(case: &LoggedCase, index: usize) -> String {
    case.events.get(index).map(log::unknown).unwrap_or_default()
}
