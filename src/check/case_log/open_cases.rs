//! Cases whose events are outside of traces: collected until the log, or the case, ends.

use super::error::{Problem, short};
use super::{CaseLog, LoggedCase, LoggedEvent};
use std::collections::{HashMap, HashSet, VecDeque};
use xxhash_rust::xxh3::xxh3_128;

#[derive(Default)]
pub(super) struct OpenCases {
    cases: VecDeque<LoggedCase>,
    /// The index of each case. Unused where the events of a case follow each other.
    indices: HashMap<String, usize>,
    /// The fingerprints of the cases that have begun, where the events of a case follow each other.
    begun: HashSet<u128>,
    bytes: usize,
}

impl OpenCases {
    /// Adds an event. Returns the case before it if the events of a case follow each other and a new case begins.
    pub(super) fn add(
        &mut self,
        log: &CaseLog,
        case: String,
        event: LoggedEvent,
    ) -> Result<Option<LoggedCase>, Problem> {
        let bytes = event.bytes();
        let mut ended = None;
        let place = match log.together {
            true if self.cases.back().is_some_and(|last| last.id == case) => 0,
            true => {
                if !self.begun.insert(xxh3_128(case.as_bytes())) {
                    return Err(Problem::CaseAgain { case: short(&case, 40) });
                }
                ended = self.cases.pop_front();
                self.bytes = self.begun.len() * size_of::<u128>();
                self.begin(case)
            }
            false => match self.indices.get(&case) {
                Some(place) => *place,
                None => {
                    self.indices.insert(case.clone(), self.cases.len());
                    self.bytes += case.len();
                    self.begin(case)
                }
            },
        };
        self.bytes += bytes;
        if self.bytes > log.memory {
            let remedy = match log.together {
                true => "or have longer cases cut",
                false => "or state that cases stand together, where they do",
            };
            return Err(Problem::TooMuch { memory: log.memory, remedy });
        }
        self.cases[place].events.push(event);
        Ok(ended)
    }

    fn begin(&mut self, id: String) -> usize {
        self.bytes += size_of::<LoggedCase>() + id.len();
        self.cases.push_back(LoggedCase { id, ..LoggedCase::default() });
        self.cases.len() - 1
    }

    /// The next remaining case, at the end of the log.
    pub(super) fn next(&mut self) -> Option<LoggedCase> {
        self.cases.pop_front()
    }
}
