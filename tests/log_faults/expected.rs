//! What must come of a damaged log, said from what is known of it: where its batches stand, that each was synced and
//! answered before the next began, and whether its mark is there.

use super::cases::{Damage, File};
use super::texts::Known;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// How the process that had the log open came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Closed,
    Killed,
    KilledAndMarkLost,
}

/// A segment and where its batches stand.
pub struct Laid {
    pub name: String,
    pub bytes: Arc<Vec<u8>>,
    /// The header line of each batch.
    pub headers: Vec<Range<usize>>,
    /// The line of each event.
    events: Vec<Range<usize>>,
}

impl Laid {
    /// Finds the lines: those of headers begin with `{"batch":`, those of events with `{"position":`.
    pub fn of(name: String, bytes: Arc<Vec<u8>>) -> Laid {
        let (mut headers, mut events, mut start) = (Vec::new(), Vec::new(), 0);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let range = start..start + line.len();
            start = range.end;
            if line.starts_with(b"{\"batch\":") {
                let durable = format!("\"durable\":{:>10},", range.start);
                assert!(String::from_utf8_lossy(line).contains(&durable), "all before a batch was durable");
                headers.push(range);
            } else if line.starts_with(b"{\"position\":") {
                events.push(range);
            } else {
                assert_eq!(range.start, 0);
            }
        }
        Laid { name, bytes, headers, events }
    }

    /// The lines of its events.
    pub fn lines(&self) -> impl Iterator<Item = Range<usize>> {
        self.events.iter().cloned()
    }

    /// Where the batch begins to which this byte belongs; 0 for the first line.
    fn batch_of(&self, at: usize) -> usize {
        self.headers.iter().rev().map(|header| header.start).find(|start| *start <= at).unwrap_or(0)
    }

    fn events_before(&self, at: usize) -> usize {
        self.events.iter().filter(|line| line.start < at).count()
    }
}

/// A log of which everything is known.
pub struct Log {
    pub segments: Vec<Laid>,
    /// Its batches.
    pub known: Vec<Vec<Known>>,
    pub killed_mark: Arc<Vec<u8>>,
    pub closed_mark: Arc<Vec<u8>>,
    /// What was left beside it when it was closed, if it is a large one.
    pub index: Option<Arc<Vec<u8>>>,
    /// The bytes of the batch that would have come.
    pub next: Vec<u8>,
}

impl Log {
    /// Whether a segment is cut off between two of its lines.
    pub fn is_boundary(&self, damage: &Damage) -> bool {
        match damage {
            Damage::Truncate { file: File::Segment(number), length } => {
                *length == 0 || self.segments[*number].bytes[*length - 1] == b'\n'
            }
            _ => false,
        }
    }

    /// The files of the log, damaged.
    pub fn damaged(&self, damage: &Damage, end: End) -> BTreeMap<String, Arc<Vec<u8>>> {
        let file = damage.file(self.segments.len());
        let mut files = BTreeMap::new();
        for (number, segment) in self.segments.iter().enumerate() {
            let mut bytes = segment.bytes.clone();
            if file == File::Segment(number) && *damage != Damage::None {
                damage.apply(Arc::make_mut(&mut bytes), &self.next);
            }
            files.insert(segment.name.clone(), bytes);
        }
        if end != End::KilledAndMarkLost {
            let mut mark =
                if end == End::Closed { self.closed_mark.clone() } else { self.killed_mark.clone() };
            if file == File::Mark {
                damage.apply(Arc::make_mut(&mut mark), &[]);
            }
            files.insert("mark".to_string(), mark);
        }
        if let Some(index) = self.index.clone().filter(|_| end == End::Closed) {
            files.insert("index".to_string(), index);
        }
        files
    }
}

/// What must come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is there.
    Whole {
        reported: bool,
    },
    /// The log ends at a whole batch before its end: nothing shows that, but that something may be missing is said.
    Ends {
        events: usize,
    },
    /// What stands behind this offset is cut off.
    Cut {
        events: usize,
        file: String,
        offset: usize,
        reported: bool,
    },
    Refused {
        file: String,
        offset: usize,
    },
}

impl Verdict {
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Whole { reported: false } => "whole",
            Verdict::Whole { reported: true } => "whole, reported",
            Verdict::Ends { .. } => "ends before, reported",
            Verdict::Cut { reported: false, .. } => "cut",
            Verdict::Cut { reported: true, .. } => "cut, reported",
            Verdict::Refused { .. } => "refused",
        }
    }
}

/// The verdict on a damage.
pub fn expected(log: &Log, damage: &Damage, end: End, files: &BTreeMap<String, Arc<Vec<u8>>>) -> Verdict {
    let last = log.segments.len() - 1;
    let number = match damage.file(log.segments.len()) {
        // No mark is as good as none that was lost, and says nothing about the log.
        File::Mark => return Verdict::Whole { reported: true },
        File::Segment(number) => number,
    };
    let (segment, found) = (&log.segments[number], &files[&log.segments[number].name]);
    let lost = end == End::KilledAndMarkLost;
    let refused = |offset| Verdict::Refused { file: segment.name.clone(), offset };
    let differs = first_difference(&segment.bytes, found);
    if differs == segment.bytes.len() {
        if found.len() == differs {
            return Verdict::Whole { reported: lost };
        }
        // Something stands behind the end that is no whole batch: nobody was told that it is there.
        return match end {
            End::Closed => refused(differs),
            _ => Verdict::Cut {
                events: log.known.iter().map(Vec::len).sum(),
                file: segment.name.clone(),
                offset: differs,
                reported: lost,
            },
        };
    }
    // Everything up to the end was answered, so everything was durable. Who has the mark, or a later segment, knows that.
    let begins = segment.batch_of(differs);
    let at_boundary = differs == found.len() && begins == differs;
    if begins == 0 {
        return refused(0);
    }
    if number < last {
        let next = log.segments[number + 1].name.clone();
        return if at_boundary { Verdict::Refused { file: next, offset: 0 } } else { refused(begins) };
    }
    if !lost {
        return refused(begins);
    }
    let before: usize = log.segments[..last].iter().map(|segment| segment.lines().count()).sum();
    if at_boundary {
        return Verdict::Ends { events: before + segment.events_before(differs) };
    }
    // Without the mark, only a later header can know: one that is whole, wherever it stands now, and was written when
    // what is damaged had been made durable.
    if segment
        .headers
        .iter()
        .any(|header| header.start > begins && stands_behind(segment, header, found, begins))
    {
        return refused(begins);
    }
    Verdict::Cut {
        events: before + segment.events_before(begins),
        file: segment.name.clone(),
        offset: begins,
        reported: true,
    }
}

/// Where two files begin to differ: block by block, since there are many to compare.
fn first_difference(one: &[u8], other: &[u8]) -> usize {
    let common = one.len().min(other.len());
    let block = (0..common).step_by(1024).find(|from| {
        let until = (from + 1024).min(common);
        one[*from..until] != other[*from..until]
    });
    let from = block.unwrap_or(common);
    (from..common).find(|at| one[*at] != other[*at]).unwrap_or(common)
}

/// Whether a header line stands somewhere behind this offset, as it was written.
fn stands_behind(segment: &Laid, header: &Range<usize>, found: &[u8], offset: usize) -> bool {
    let line = &segment.bytes[header.clone()];
    // Most often it stands where it was.
    found.get(header.clone()) == Some(line)
        || found.get(offset + 1..).is_some_and(|rest| rest.windows(line.len()).any(|window| window == line))
}
