//! Cases whose events do not stand in a trace: gathered until the log, or the case, is at its end.

use super::error::{Problem, short};
use super::{CaseLog, LoggedCase, LoggedEvent};
use std::collections::{HashMap, HashSet, VecDeque};
use xxhash_rust::xxh3::xxh3_128;

#[derive(Default)]
pub(super) struct OpenCases {
    cases: VecDeque<LoggedCase>,
    /// Where each case stands; empty where cases stand together.
    places: HashMap<String, usize>,
    /// The fingerprints of the cases that have begun, where cases stand together.
    begun: HashSet<u128>,
    bytes: usize,
}

impl OpenCases {
    /// Adds an event. Answers with the case before it, where cases stand together and another begins.
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
            false => match self.places.get(&case) {
                Some(place) => *place,
                None => {
                    self.places.insert(case.clone(), self.cases.len());
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

    /// The next of what is left, at the end of the log.
    pub(super) fn next(&mut self) -> Option<LoggedCase> {
        self.cases.pop_front()
    }
}
