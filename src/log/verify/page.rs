//! The page of a verification: what is in a log, and what is wrong with it.

use super::{Contents, LogVerdict, MarkState, Verification};
use crate::log::open_error::OpenError;
use crate::page::{count, printable, size};
use crate::recorded::Timestamp;
use std::fmt;

/// Prints how much it holds: "3 events in 2 batches, 1 segment, 1.2 KiB".
impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&count(self.events, "event", "events"))?;
        for (number, one, many) in
            [(self.tombstones, "tombstone", "tombstones"), (self.descriptions, "description", "descriptions")]
        {
            if number > 0 {
                write!(f, ", {}", count(number, one, many))?;
            }
        }
        let (batches, segments) =
            (count(self.batches, "batch", "batches"), count(self.segments, "segment", "segments"));
        write!(f, " in {batches}, {segments}, {}", size(self.bytes))
    }
}

/// Prints the page of `leftfold log verify`: the contents, what is wrong, and the verdict.
impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines("", |at| format!("{at:.0}")).iter().try_for_each(|line| writeln!(f, "{}", printable(line)))
    }
}

impl Verification {
    /// The lines of the page. `took` ends the first one; a moment is written by `moment`.
    pub(crate) fn lines(&self, took: &str, moment: impl Fn(Timestamp) -> String) -> Vec<String> {
        let Verification { place, whole, mark, .. } = self;
        if self.is_whole() {
            let mut lines = vec![format!("{place} is whole: {whole}{took}")];
            lines.extend(whole.last_at.map(|at| format!("the last entry was recorded at {}", moment(at))));
            lines.push(format!("the mark is {mark}"));
            lines.extend(self.possibly_lost_line());
            return lines;
        }
        let mut lines = vec![format!("{place} {}{took}", self.what_is_wrong()), String::new()];
        lines.extend(self.damaged.iter().map(|part| format!("  {part}")));
        if !self.damaged.is_empty() {
            lines.push(String::new());
        }
        if *mark != MarkState::Closed {
            lines.push(format!("the mark is {mark}"));
        }
        lines.push(match (&self.verdict, whole.batches) {
            (LogVerdict::Unreadable | LogVerdict::WrongBeside, _) => format!("in it: {whole}"),
            (_, 0) => "no batch before that is whole".to_string(),
            _ => format!("everything before that is whole: {whole}"),
        });
        lines.extend(self.verdict_lines());
        lines.extend(self.possibly_lost_line());
        lines
    }

    /// What is wrong, in a few words.
    fn what_is_wrong(&self) -> &'static str {
        match self.verdict {
            LogVerdict::Refused(OpenError::Foreign { .. }) => "has a foreign file in it",
            LogVerdict::Refused(OpenError::Rewritten { .. }) => "was rewritten by another tool",
            LogVerdict::WrongBeside => "has a damaged file beside its events",
            _ => "is damaged",
        }
    }

    pub(crate) fn verdict_lines(&self) -> Vec<String> {
        let mut lines = vec![format!("verdict: {}", self.verdict)];
        if self.opens_by_index
            && let LogVerdict::Refused(why) = &self.verdict
            && !matches!(why, OpenError::Foreign { .. } | OpenError::Rewritten { .. })
        {
            let until =
                "as long as the index beside it fits: what is damaged is then refused when it is read";
            lines.push(format!("it opens all the same {until}"));
        }
        lines
    }

    pub(crate) fn possibly_lost_line(&self) -> Option<String> {
        self.possibly_lost.as_ref().map(|why| format!("possibly lost: {why}"))
    }
}

impl fmt::Display for LogVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogVerdict::Whole => f.write_str("whole"),
            LogVerdict::TornTail(tail) => write!(
                f,
                "a torn tail. Opening the log cuts off {} at the end of {}, from byte {} on, and keeps them in {}",
                size(tail.bytes),
                tail.file,
                tail.offset,
                tail.copy
            ),
            LogVerdict::Refused(why @ (OpenError::Foreign { .. } | OpenError::Rewritten { .. })) => {
                write!(f, "opening the log refuses it, and nothing is damaged: {why}")
            }
            LogVerdict::Refused(why) => write!(f, "corruption. Opening the log refuses it: {why}"),
            LogVerdict::Unreadable => {
                f.write_str("the log opens, and reading it ends with an error at the lines above")
            }
            LogVerdict::WrongBeside => f.write_str(
                "every event is as it was written; the file beside them that is named above is not",
            ),
        }
    }
}
