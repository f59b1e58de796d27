//! The import: every row of an export goes as a command onto the customer command bus.

use crate::data::Data;
use crate::export::{Row, Rows};
use crate::line::Failed;
use crate::office::{Office, Refused};
use crate::ports::of;
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::SignedDuration;
use leftfold::log::Syncing;
use leftfold::page::printable;
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// So many rows are made durable together.
const ROWS_A_SYNC: u64 = 1_000;
/// After so many rows the progress bar moves.
const ROWS_A_MOVE: u64 = 500;

/// What has become of the rows.
#[derive(Debug, Default)]
struct Tally {
    rows: u64,
    recorded: u64,
    failed: u64,
}

/// Imports files, one after another. A row that fails is told and logged, and the others go on.
pub fn import(data: &Data, files: &[PathBuf]) -> Result<bool, Failed> {
    let office = Office::open(data, Syncing::Never, SignedDuration::ZERO)?;
    let failures = data.folder().join("failed-entries.log");
    let mut intake =
        Intake { office, bar: bar(files), failures: None, path: failures, tally: Tally::default() };
    // What failed the last time is none of this time's.
    match fs::remove_file(&intake.path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(of(&intake.path)(error).into());
        }
        _ => {}
    }
    let begun = Instant::now();
    let mut before = 0;
    for file in files {
        intake.file(file, before)?;
        before += fs::metadata(file).map_or(0, |metadata| metadata.len());
    }
    intake.office.log().sync()?;
    intake.bar.finish_and_clear();
    intake.tell(begun)
}

/// How much of all files has been read. Only a terminal sees it.
fn bar(files: &[PathBuf]) -> ProgressBar {
    let bytes = files.iter().filter_map(|file| Some(fs::metadata(file).ok()?.len())).sum();
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

struct Intake {
    office: Office,
    bar: ProgressBar,
    /// Where failing rows are logged; made when the first one fails.
    failures: Option<BufWriter<File>>,
    path: PathBuf,
    tally: Tally,
}

impl Intake {
    fn file(&mut self, file: &Path, before: u64) -> Result<(), Failed> {
        let mut rows = match Rows::open(file) {
            Ok(rows) => rows,
            Err(error) => return self.failed(&format!("{}: it cannot be opened: {error}", file.display())),
        };
        let begun = Instant::now();
        let earlier = self.tally.rows;
        while let Some(Row { line, command }) = rows.next() {
            let told = |why: &dyn std::fmt::Display| format!("{}:{line}: {why}", file.display());
            match command {
                Ok(command) => {
                    self.tally.rows += 1;
                    match self.office.customer_command_bus.send(command)?.answer() {
                        Some(Ok(events)) => self.tally.recorded += events as u64,
                        Some(Err(Refused::Rejected(why))) => self.failed(&told(&why))?,
                        Some(Err(failed)) => return Err(told(&failed).into()),
                        None => return Err("the command is handled later".into()),
                    }
                }
                Err(fault) => {
                    self.tally.rows += u64::from(!fault.ends_the_file());
                    self.failed(&told(&fault))?;
                }
            }
            if self.tally.rows.is_multiple_of(ROWS_A_SYNC) {
                self.office.log().sync()?;
            }
            if self.tally.rows.is_multiple_of(ROWS_A_MOVE) {
                let rate = (self.tally.rows - earlier) as f64 / begun.elapsed().as_secs_f64().max(1e-3);
                self.bar.set_position(before + rows.bytes());
                self.bar.set_message(format!("{} rows, {rate:.0} a second", HumanCount(self.tally.rows)));
            }
        }
        Ok(())
    }

    /// Tells an entry that failed, on the screen and in the file of failures.
    fn failed(&mut self, told: &str) -> Result<(), Failed> {
        let told = &*printable(told);
        self.tally.failed += 1;
        let failures = match &mut self.failures {
            Some(failures) => failures,
            none => none.insert(BufWriter::new(File::create(&self.path).map_err(of(&self.path))?)),
        };
        writeln!(failures, "{told}").map_err(of(&self.path))?;
        match io::stderr().is_terminal() {
            true => self.bar.println(told),
            false => eprintln!("{told}"),
        }
        Ok(())
    }

    fn tell(mut self, begun: Instant) -> Result<bool, Failed> {
        if let Some(failures) = &mut self.failures {
            failures.flush().map_err(of(&self.path))?;
        }
        let Tally { rows, recorded, failed } = self.tally;
        let mut out = io::stdout().lock();
        let seconds = begun.elapsed().as_secs_f64();
        writeln!(
            out,
            "{} in {seconds:.1} s, {} a second; {} recorded",
            counted(rows, "row", "rows"),
            HumanCount((rows as f64 / seconds.max(1e-3)) as u64),
            counted(recorded, "event", "events"),
        )?;
        if failed == 0 {
            return Ok(true);
        }
        let entries = counted(failed, "entry", "entries");
        let place = self.path.display().to_string();
        writeln!(out, "{entries} failed, details in {}", printable(&place))?;
        Ok(false)
    }
}

pub fn counted(number: u64, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{} {many}", HumanCount(number)),
    }
}
