//! The import of an export: every row is a command, many are on their way at once, and those of one customer keep their order.

use crate::business::Business;
use crate::export::{Row, Rows};
use crate::model::customer::{CustomerCommand, CustomerNumber};
use crate::writers::BY;
use leftfold::Keyed;
use leftfold::page::printable;
use leftfold::runtime::{Cause, HandleError, Issued};
use serde::Serialize;
use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

/// So many rows are on their way at once: they share a sync of the log.
const ABREAST: usize = 128;
/// How many rows wait for one of these.
const WAITING: usize = 16;
/// After so many rows, something is said.
const ROWS_A_WORD: u64 = 1_000;
/// So many rows that fail are named.
const NAMED: u64 = 1_000;

/// What is said while an import goes on. Prints as one line of JSON.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Word {
    So {
        rows: u64,
        bytes: u64,
        of: u64,
    },
    Failed {
        failed: FailedRow,
    },
    Done {
        done: Done,
    },
    /// The log takes no more.
    Stopped {
        stopped: String,
    },
}

#[derive(Clone, Debug, Serialize)]
pub struct FailedRow {
    pub line: u64,
    pub why: String,
}

/// What has become of the rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Done {
    pub rows: u64,
    pub recorded: u64,
    pub failed: u64,
    pub seconds: f64,
}

type Asked = (u64, Keyed<CustomerNumber, CustomerCommand>);

struct Intake<'b, S> {
    business: &'b Business,
    by: &'b str,
    bytes: AtomicU64,
    of: u64,
    stopped: AtomicBool,
    told: Mutex<(Done, S)>,
}

/// Imports a file. What is to be said goes to `say`. Blocks until the last row is on the disk.
pub fn import(
    business: &Business,
    file: File,
    by: &str,
    say: impl FnMut(Word) + Send,
) -> Result<Done, Cause> {
    let begun = Instant::now();
    let of = file.metadata()?.len();
    let told = Mutex::new((Done::default(), say));
    let intake = Intake { business, by, bytes: AtomicU64::new(0), of, stopped: AtomicBool::new(false), told };
    let rows = Rows::of(file)?;
    thread::scope(|threads| {
        let workers: Vec<_> = (0..ABREAST)
            .map(|_| {
                let (to_worker, rows) = sync_channel(WAITING);
                let intake = &intake;
                threads.spawn(move || intake.work(&rows));
                to_worker
            })
            .collect();
        intake.read(rows, |asked: Asked| {
            let worker = &workers[asked.1.key.0 as usize % ABREAST];
            worker.send(asked).is_ok()
        });
    });
    let (done, mut say) = intake.told.into_inner().unwrap_or_else(PoisonError::into_inner);
    let done = Done { seconds: begun.elapsed().as_secs_f64(), ..done };
    if !intake.stopped.into_inner() {
        say(Word::Done { done: done.clone() });
    }
    Ok(done)
}

impl<S: FnMut(Word) + Send> Intake<'_, S> {
    /// Reads the rows, and hands each to its worker.
    fn read(&self, mut rows: Rows, mut hand: impl FnMut(Asked) -> bool) {
        while let Some(Row { line, command }) = rows.next() {
            self.bytes.store(rows.bytes(), Ordering::Relaxed);
            let handed = match command {
                Ok(command) => hand((line, command)),
                Err(fault) => {
                    self.taken(u64::from(!fault.ends_the_file()), Err((line, fault.to_string())));
                    true
                }
            };
            if !handed || self.stopped.load(Ordering::Acquire) {
                return;
            }
        }
    }

    fn work(&self, rows: &Receiver<Asked>) {
        for (line, command) in rows {
            let issued = Issued::of(command).header(BY, self.by);
            match self.business.writers().customers.handle(issued) {
                Ok(handled) => self.taken(1, Ok(handled.events.len() as u64)),
                Err(HandleError::Rejected(why)) => self.taken(1, Err((line, why.to_string()))),
                Err(error) => return self.stop(line, &error),
            }
        }
    }

    fn told(&self) -> MutexGuard<'_, (Done, S)> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A row is done with: so many events were recorded, or why it failed.
    fn taken(&self, rows: u64, became: Result<u64, (u64, String)>) {
        let (done, say) = &mut *self.told();
        done.rows += rows;
        match became {
            Ok(events) => done.recorded += events,
            Err((line, why)) => {
                done.failed += 1;
                if done.failed <= NAMED {
                    say(Word::Failed { failed: FailedRow { line, why: printable(&why).into_owned() } });
                }
            }
        }
        if rows > 0 && done.rows.is_multiple_of(ROWS_A_WORD) {
            say(Word::So { rows: done.rows, bytes: self.bytes.load(Ordering::Relaxed), of: self.of });
        }
    }

    /// The log takes no more: the rest of the rows would fail as this one.
    fn stop(&self, line: u64, error: &(dyn std::error::Error + 'static)) {
        if !self.stopped.swap(true, Ordering::AcqRel) {
            crate::business::report("an import ended early", error);
            let why = format!("the import ended at line {line}: the log takes no more");
            (self.told().1)(Word::Stopped { stopped: why });
        }
    }
}
