//! `leftfold log show`: shows events, one a line, also those that are still to come.

use super::event_filter::EventFilter;
use super::units::{number, time};
use super::{Ending, Failure, Outcome, reader};
use crate::codec::RawEvent;
use crate::log::{FileLogReader, Lines};
use crate::page::{Column, printable};
use crate::recorded::{Envelope, Headers, Scalar};
use crate::store::{Entry, EventReader, ReadError, Reading};
use clap::Args;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args)]
pub(super) struct Show {
    /// The folder of the log
    folder: PathBuf,
    #[command(flatten)]
    chosen: EventFilter,
    /// Show the last first
    #[arg(long, conflicts_with = "follow")]
    backwards: bool,
    /// Go on with events that are appended, until interrupted
    #[arg(long)]
    follow: bool,
    /// Print the lines as they are in the log
    #[arg(long)]
    json: bool,
}

/// How long the log may be silent before it is asked again.
const SILENCE: Duration = Duration::from_secs(3_600);

impl Show {
    pub(super) fn run(self, out: &mut dyn Write) -> Outcome {
        let reader = reader(&self.folder)?;
        let mut page = Page {
            lines: reader.lines(),
            json: self.json,
            flush: self.follow,
            position: number(reader.head()?.get()).len(),
            stream: Column::capped(WIDEST).at_least(16),
            event_type: Column::capped(WIDEST).at_least(10),
            out,
        };
        match self.follow {
            true => follow(&reader, &self.chosen, &mut page)?,
            false => {
                let read = self.chosen.read();
                let read = if self.backwards { read.backwards() } else { read };
                let mut failed = None;
                reader.visit(&read, &mut |entry| stop_at(&mut failed, page.show(entry)))?;
                failed.map_or(Ok(()), Err)?;
            }
        }
        Ok(Ending::Fine)
    }
}

/// Keeps a failure, and ends the reading at it.
fn stop_at(failed: &mut Option<Failure>, shown: Result<(), Failure>) -> ControlFlow<()> {
    match shown {
        Ok(()) => ControlFlow::Continue(()),
        Err(failure) => {
            *failed = Some(failure);
            ControlFlow::Break(())
        }
    }
}

/// Shows the events of the log and those to come. A subscription takes only a query, so all other options are checked here.
fn follow(
    reader: &FileLogReader<RawEvent>,
    chosen: &EventFilter,
    page: &mut Page<'_>,
) -> Result<(), Failure> {
    let (from, until) = chosen.positions();
    let (first, last) = chosen.versions();
    let before = crate::recorded::Position::new(from.get().saturating_sub(1));
    let mut feed = reader.subscribe(chosen.query(), before);
    let (mut left, mut failed) = (chosen.limit(), None);
    let mut over = left == 0 || until <= before;
    while !over {
        feed.follow(SILENCE, |entry| {
            let envelope = entry.envelope();
            let mut show = || -> Result<(), Failure> {
                for condition in chosen.conditions() {
                    if !condition.passes(envelope).map_err(ReadError::from)? {
                        return Ok(());
                    }
                }
                if (first..=last).contains(&envelope.version) && envelope.position <= until {
                    left -= 1;
                    page.show(entry)?;
                }
                Ok(())
            };
            let flow = stop_at(&mut failed, show());
            over = flow.is_break() || left == 0 || envelope.position >= until;
            if over { ControlFlow::Break(()) } else { flow }
        })?;
    }
    failed.map_or(Ok(()), Err)
}

/// The output, and the columns of its lines.
struct Page<'p> {
    out: &'p mut dyn Write,
    lines: Lines<'p, RawEvent>,
    json: bool,
    /// Whether each line is flushed.
    flush: bool,
    /// The widths of the columns, which grow with their content.
    position: usize,
    stream: Column,
    event_type: Column,
}

/// The greatest width of a column. A longer name is cut; `--json` shows it whole.
const WIDEST: usize = 64;

impl Page<'_> {
    fn show(&mut self, entry: Entry<'_, RawEvent>) -> Result<(), Failure> {
        if self.json {
            let line = self.lines.at(entry.envelope().position)?;
            writeln!(self.out, "{}", line.as_ref().map_or("", |line| line.text()))?;
        } else {
            let row = self.row(entry)?;
            writeln!(self.out, "{row}")?;
        }
        if self.flush {
            self.out.flush()?;
        }
        Ok(())
    }

    /// An entry on one line.
    fn row(&mut self, entry: Entry<'_, RawEvent>) -> Result<String, Failure> {
        let Envelope { position, stream, version, recorded_at, tags, .. } = entry.envelope();
        let stream = match entry {
            Entry::Described(..) => stream.to_string(),
            _ => format!("{stream}@{version}"),
        };
        self.stream.fit(&stream);
        let what = match entry {
            Entry::Event(envelope, event) => {
                let schema = event.schema;
                let mut event_type = envelope.event_type.to_string();
                if schema != 1 {
                    event_type = format!("{event_type} (schema {schema})");
                }
                self.event_type.fit(&event_type);
                format!("{}  {}", self.event_type.left(&event_type), printable(event.data.get()))
            }
            Entry::Deleted(_) => "the stream was deleted".to_string(),
            Entry::Described(_, headers) => format!("the stream was described: {}", words(headers)),
        };
        let tags: String = tags.iter().map(|tag| format!("  #{}", printable(tag.as_str()))).collect();
        let (wide, position) = (self.position, number(position.get()));
        let stream = self.stream.left(&stream);
        Ok(format!("{position:>wide$}  {}  {stream}  {what}{tags}", time(*recorded_at)))
    }
}

fn words(headers: &Headers) -> String {
    if headers.is_empty() {
        return "nothing is known of it".to_string();
    }
    let said = |(name, value): (&String, &Scalar)| match value {
        Scalar::Text(text) => format!("{} is {text:?}", printable(name)),
        value => format!("{} is {value}", printable(name)),
    };
    headers.iter().map(said).collect::<Vec<_>>().join(", ")
}
