//! A run of a log, the same each time: what is appended, where it is synced, closed and opened again.

use super::disk::{Disk, Random};
use super::texts::{Known, append, open, options};
use leftfold::log::{FileLogOptions, Syncing};

/// What an answer promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// That it is durable.
    Durable,
    /// That it is recorded, and durable after the next sync.
    Later,
}

enum Step {
    Append(Vec<Known>),
    Sync,
    Close,
}

/// What a process does with a log.
pub struct Script {
    pub number: u64,
    pub promise: Promise,
    segment_size: u64,
    steps: Vec<Step>,
}

/// How far a run came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ran {
    /// How many batches were answered.
    pub answered: usize,
    /// How many were durable by then, as the log has promised.
    pub durable: usize,
}

impl Script {
    pub fn new(number: u64, promise: Promise) -> Script {
        let random = &mut Random::new(number);
        let (mut steps, mut event) = (Vec::new(), 0);
        for _ in 0..6 + random.below(6) {
            let batch = (0..1 + random.below(4)).map(|_| {
                event += 1;
                // Some batches are smaller than a sector of the disk, some are several.
                let length = if random.one_in(4) { random.below(1500) } else { random.below(60) };
                let text = "sold \"two\" for 3 € ".chars().cycle().take(length as usize).collect();
                Known::new(event, random.below(3), text)
            });
            steps.push(Step::Append(batch.collect()));
            match random.below(6) {
                0 => steps.push(Step::Sync),
                1 => steps.push(Step::Close),
                _ => {}
            }
        }
        // Most runs fill several segments.
        let segment_size = [700, 1500, 4000, 1 << 20][(number % 4) as usize];
        Script { number, promise, segment_size, steps }
    }

    pub fn options(&self) -> FileLogOptions {
        let sync = match self.promise {
            Promise::Durable => Syncing::Always,
            Promise::Later => Syncing::Never,
        };
        options().sync(sync).segment_size(self.segment_size)
    }

    pub fn batches(&self) -> Vec<Vec<Known>> {
        let of = |step: &Step| match step {
            Step::Append(batch) => Some(batch.clone()),
            Step::Sync | Step::Close => None,
        };
        self.steps.iter().filter_map(of).collect()
    }

    /// Runs as far as the process lives.
    pub fn run(&self, disk: &Disk) -> Ran {
        let mut ran = Ran::default();
        let Ok(mut log) = open(self.options(), disk) else { return ran };
        for step in &self.steps {
            match step {
                Step::Append(batch) => {
                    if append(&log, batch).is_err() {
                        return ran;
                    }
                    ran.answered += 1;
                    if self.promise == Promise::Durable {
                        ran.durable = ran.answered;
                    }
                }
                Step::Sync => {
                    if log.sync().is_err() {
                        return ran;
                    }
                    ran.durable = ran.answered;
                }
                Step::Close => {
                    if log.close().is_err() {
                        return ran;
                    }
                    ran.durable = ran.answered;
                    match open(self.options(), disk) {
                        Ok(again) => log = again,
                        Err(_) => return ran,
                    }
                }
            }
        }
        ran
    }
}
