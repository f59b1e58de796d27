//! `leftfold log verify`: reads everything and says what is wrong with it.

use super::units::{counted, size, time_ago, took};
use super::{Ending, Outcome, existing, say};
use crate::log::{Contents, LogVerdict, MarkState, OpenError, Verification, verify};
use crate::recorded::Timestamp;
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

pub(super) fn run(folder: &Path, out: &mut dyn Write) -> Outcome {
    let begun = Instant::now();
    let found = verify(existing(folder)?)?;
    let long = took(begun.elapsed());
    let Verification { place, whole, mark, .. } = &found;
    if found.is_whole() {
        say(out, &format!("{place} is whole: {}; looked through in {long}", extent(whole)))?;
        if let Some(at) = whole.last_at {
            say(out, &format!("the last entry was recorded at {}", time_ago(at, Timestamp::now())))?;
        }
        say(out, &format!("the mark is {mark}"))?;
        possibly_lost(&found, out)?;
        return Ok(Ending::Fine);
    }
    say(out, &format!("{place} {}; looked through in {long}", wrong(&found)))?;
    writeln!(out)?;
    for part in &found.damaged {
        say(out, &format!("  {part}"))?;
    }
    if !found.damaged.is_empty() {
        writeln!(out)?;
    }
    if *mark != MarkState::Closed {
        say(out, &format!("the mark is {mark}"))?;
    }
    if !matches!(found.verdict, LogVerdict::Unreadable | LogVerdict::WrongBeside) {
        match whole.batches {
            0 => say(out, "no batch before that is whole")?,
            _ => say(out, &format!("everything before that is whole: {}", extent(whole)))?,
        }
    } else {
        say(out, &format!("in it: {}", extent(whole)))?;
    }
    verdict(&found, out)?;
    possibly_lost(&found, out)?;
    Ok(Ending::Wrong)
}

/// What is wrong, in a few words.
fn wrong(found: &Verification) -> &'static str {
    match found.verdict {
        LogVerdict::Refused(OpenError::Foreign { .. }) => "has a foreign file in it",
        LogVerdict::Refused(OpenError::Rewritten { .. }) => "was rewritten by another tool",
        LogVerdict::WrongBeside => "has a damaged file beside its events",
        _ => "is damaged",
    }
}

/// How much a log holds, in units for people.
pub(super) fn extent(contents: &Contents) -> String {
    let mut parts = vec![counted(contents.events, "event")];
    for (count, one) in [(contents.tombstones, "tombstone"), (contents.descriptions, "description")] {
        if count > 0 {
            parts.push(counted(count, one));
        }
    }
    format!(
        "{} in {}, {}, {}",
        parts.join(", "),
        counted(contents.batches, "batch"),
        counted(contents.segments, "segment"),
        size(contents.bytes)
    )
}

pub(super) fn verdict(found: &Verification, out: &mut dyn Write) -> io::Result<()> {
    match &found.verdict {
        LogVerdict::Whole => say(out, "verdict: whole"),
        LogVerdict::TornTail(tail) => {
            let (bytes, offset) = (size(tail.bytes), tail.offset);
            say(
                out,
                &format!(
                    "verdict: a torn tail. Opening the log cuts off {bytes} at the end of {}, from byte {offset} on, and keeps \
                 them in {}",
                    tail.file, tail.copy
                ),
            )
        }
        LogVerdict::Refused(why @ (OpenError::Foreign { .. } | OpenError::Rewritten { .. })) => {
            say(out, &format!("verdict: opening the log refuses it, and nothing is damaged: {why}"))
        }
        LogVerdict::Refused(why) => {
            say(out, &format!("verdict: corruption. Opening the log refuses it: {why}"))?;
            if found.opens_by_index {
                let until =
                    "as long as the index beside it fits: what is damaged is then refused when it is read";
                say(out, &format!("it opens all the same {until}"))?;
            }
            Ok(())
        }
        LogVerdict::Unreadable => {
            say(out, "verdict: the log opens, and reading it ends with an error at the lines above")
        }
        LogVerdict::WrongBeside => say(
            out,
            "verdict: every event is as it was written; the file beside them that is named above is not",
        ),
    }
}

pub(super) fn possibly_lost(found: &Verification, out: &mut dyn Write) -> io::Result<()> {
    match &found.possibly_lost {
        Some(why) => say(out, &format!("possibly lost: {why}")),
        None => Ok(()),
    }
}
