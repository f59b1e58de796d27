//! Real life against a model: the tasks `conform` and `gaps` of its command line.

#[cfg(feature = "xes")]
mod cases;

use super::texts::Output;
use crate::check::conform::{Conform, LivedHistory, each_history};
use crate::check::gaps::GapSearch;
use crate::fold::Fold;
use crate::model::{Model, Modelled};
use crate::page::{count, printable, with_sources};
use crate::spec::Specification;
use crate::store::Listing;
use clap::{Args, ValueEnum};
use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Real histories, and how they are read.
#[derive(Args)]
pub(super) struct Data {
    /// The folder of a log, or a file of another program in XES or CSV, gzipped or not
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// Of a log in a folder, read the streams of these categories alone
    #[arg(long, value_name = "NAME")]
    category: Vec<String>,
    #[cfg(feature = "xes")]
    #[command(flatten)]
    columns: cases::Columns,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum ConformFormat {
    /// A page for people
    Text,
    /// The report as JSON
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum GapsFormat {
    /// A page for people
    Text,
    /// The report as JSON
    Json,
    /// The missing scenarios, to be pasted into the model
    Rust,
    /// The missing scenarios in the words of the model
    Gherkin,
}

/// What takes one history after another.
trait Replaying<E> {
    fn lived(&mut self, history: LivedHistory<'_, E>);
}

impl<D: Modelled> Replaying<D::Event> for Conform<'_, D> {
    fn lived(&mut self, history: LivedHistory<'_, D::Event>) {
        Conform::lived(self, history);
    }
}

impl<D: Modelled> Replaying<D::Event> for GapSearch<'_, D> {
    fn lived(&mut self, history: LivedHistory<'_, D::Event>) {
        GapSearch::lived(self, history);
    }
}

/// Prints what the model refuses of what was lived. The exit code is 1 if there is any, or if not everything was looked at, or nothing.
pub(super) fn conform<D: Modelled>(model: &Model<D>, data: &Data, format: ConformFormat) -> Output {
    let mut replay = model.conform();
    let replayed = data.replay(model, &mut replay);
    let report = replay.finish().named(model.name());
    replayed
        .and_then(|passed_over| {
            if report.histories == 0 {
                return Err(format!(
                    "{}: there is no history in it, so nothing was replayed",
                    data.data.display()
                ));
            }
            let text = match format {
                ConformFormat::Text => format!("{report}\n"),
                ConformFormat::Json => json((model.lived_as_json()?.conformance)(&report))?,
            };
            Ok(Output { text, errors: note(passed_over), exit: u8::from(!report.holds()) })
        })
        .unwrap_or_else(|why| failed(&why))
}

/// Prints what the scenarios and what was lived leave out of each other.
pub(super) fn gaps<D: Modelled>(model: &Model<D>, data: &Data, format: GapsFormat) -> Output {
    let mut search = model.gaps();
    let replayed = data.replay(model, &mut search);
    let report = search.finish().named(model.name());
    replayed
        .and_then(|passed_over| {
            let text = match format {
                GapsFormat::Text => format!("{report}\n"),
                GapsFormat::Json => json((model.lived_as_json()?.gaps)(&report))?,
                GapsFormat::Rust => report.code(model.decider()),
                GapsFormat::Gherkin => {
                    let missing = Specification::new().scenarios(report.scenarios(model.decider()));
                    let words = model.specification().in_words().clone();
                    missing.words(words).document(format!("{}, as it is lived", model.name())).to_gherkin()
                }
            };
            Ok(Output { text, errors: note(passed_over), exit: 0 })
        })
        .unwrap_or_else(|why| failed(&why))
}

fn failed(why: &str) -> Output {
    Output { errors: format!("{}\n", printable(why)), exit: 1, ..Output::default() }
}

/// A line about events that the model does not ask for.
fn note(passed_over: usize) -> String {
    match passed_over {
        0 => String::new(),
        n => format!("passed over, as the model says: {}\n", count(n, "event", "events")),
    }
}

fn json(written: serde_json::Result<String>) -> Result<String, String> {
    written.map(|json| json + "\n").map_err(|error| format!("the report cannot be written as JSON: {error}"))
}

impl Data {
    /// Shows all histories to a replay, and returns how many events were passed over.
    fn replay<D: Modelled>(
        &self,
        model: &Model<D>,
        replay: &mut impl Replaying<<D as Fold>::Event>,
    ) -> Result<usize, String> {
        model.lived_as_json()?;
        let mut progress = Progress::new();
        let place = self.data.display();
        let read = match std::fs::metadata(&self.data) {
            Err(error) => Err(format!("{place}: it cannot be opened: {error}")),
            #[cfg(feature = "xes")]
            Ok(found) if found.is_dir() && self.columns.are_given() => Err(format!(
                "{place}: it is a folder with a log, and only files of other programs have columns, zones and encodings: leave these options out"
            )),
            Ok(found) if found.is_dir() => self.replay_log(model, replay, &mut progress).map(|()| 0),
            Ok(_) if !self.category.is_empty() => Err(format!(
                "{place}: it is a file of another program, and only a log in a folder has categories: leave `--category` out"
            )),
            #[cfg(feature = "xes")]
            Ok(_) => self.columns.replay_cases(&self.data, model, &mut |history| {
                progress.add(history.events.len());
                replay.lived(history);
            }),
            #[cfg(not(feature = "xes"))]
            Ok(_) => Err(format!(
                "{place}: it is a file, and a log is a folder; to read logs of other programs, build with the feature `xes`"
            )),
        };
        progress.clear();
        read
    }

    fn replay_log<D: Modelled>(
        &self,
        model: &Model<D>,
        replay: &mut impl Replaying<<D as Fold>::Event>,
        progress: &mut Progress,
    ) -> Result<(), String> {
        let place = self.data.display();
        let reader = model.open_log(&self.data).map_err(|error| with_sources(&*error))?;
        let mut show = |listing: &Listing| {
            let mut histories = 0;
            let read = each_history(&*reader, listing, &mut |history| {
                let history = history.as_lived();
                histories += 1;
                progress.add(history.events.len());
                replay.lived(history);
                ControlFlow::Continue(())
            });
            read.map(|()| histories).map_err(|error| format!("{place}: {}", with_sources(&error)))
        };
        if self.category.is_empty() {
            return show(&Listing::all()).map(|_| ());
        }
        for category in self.category.iter().collect::<BTreeSet<_>>() {
            // A stream may have the name of its category alone.
            let found = show(&Listing::exactly(category))? + show(&Listing::prefix(format!("{category}-")))?;
            if found == 0 {
                return Err(format!("{place}: no stream of category {category:?} has an event"));
            }
        }
        Ok(())
    }
}

/// How long a replay runs before its progress is shown, and how often it is shown then.
const QUIET: Duration = Duration::from_millis(500);
const OFTEN: Duration = Duration::from_millis(100);

/// The progress of a long replay: one line on a terminal, nothing anywhere else.
struct Progress {
    is_wanted: bool,
    is_shown: bool,
    due: Instant,
    histories: usize,
    events: usize,
}

impl Progress {
    fn new() -> Self {
        let is_wanted = io::stderr().is_terminal();
        Progress { is_wanted, is_shown: false, due: Instant::now() + QUIET, histories: 0, events: 0 }
    }

    fn add(&mut self, events: usize) {
        if !self.is_wanted {
            return;
        }
        self.histories += 1;
        self.events += events;
        let now = Instant::now();
        if now >= self.due {
            self.due = now + OFTEN;
            self.is_shown = true;
            let (histories, events) =
                (count(self.histories, "history", "histories"), count(self.events, "event", "events"));
            // If the line cannot be written, nobody is reading it.
            let _ = write!(io::stderr(), "\r\x1b[Kreplayed {histories}, {events}");
        }
    }

    fn clear(&self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests;
