//! `leftfold log stat`: says how much is in a log, and of what.

use super::units::{counted, number, size, time_ago};
use super::{Ending, Outcome, existing, say};
use crate::log::{Contents, verify};
use crate::page::Column;
use crate::recorded::Timestamp;
use std::io::{self, Write};
use std::path::Path;

pub(super) fn run(folder: &Path, out: &mut dyn Write) -> Outcome {
    let found = verify(existing(folder)?)?;
    let contents = &found.whole;
    let now = Timestamp::now();
    let entries = contents.events + contents.tombstones + contents.descriptions;
    let mut line = |name: &str, value: String| say(out, &format!("{name:<12}  {value}"));
    line("log", found.place.clone())?;
    line("events", number(contents.events))?;
    if contents.tombstones > 0 {
        line("tombstones", number(contents.tombstones))?;
    }
    if contents.descriptions > 0 {
        line("descriptions", number(contents.descriptions))?;
    }
    line("batches", number(contents.batches))?;
    line("segments", number(contents.segments))?;
    line("streams", format!("{} in {}", number(contents.streams), counted(contents.categories, "category")))?;
    let each = match entries {
        0 => String::new(),
        entries => format!(", {} an entry", size(contents.bytes.div_ceil(entries))),
    };
    line("size", format!("{}{each}", size(contents.bytes)))?;
    if let (Some(first), Some(last)) = (contents.first_at, contents.last_at) {
        line("first", time_ago(first, now))?;
        line("last", time_ago(last, now))?;
    }
    line("mark", found.mark.to_string())?;
    types(contents, out)?;
    if found.is_whole() {
        found.possibly_lost_line().iter().try_for_each(|line| say(out, line))?;
        return Ok(Ending::Fine);
    }
    writeln!(out)?;
    found.verdict_lines().iter().chain(&found.possibly_lost_line()).try_for_each(|line| say(out, line))?;
    say(out, "`leftfold log verify` says more; the figures above count what is before any damage to events")?;
    Ok(Ending::Wrong)
}

/// The greatest width of a column; longer text is cut.
const WIDEST: usize = 64;

/// The types, the most frequent first.
fn types(contents: &Contents, out: &mut dyn Write) -> io::Result<()> {
    if contents.types.is_empty() {
        return Ok(());
    }
    let mut types: Vec<_> = contents.types.iter().collect();
    types.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let names = Column::of(WIDEST, types.iter().map(|(name, _)| name));
    let counts = Column::of(WIDEST, types.iter().map(|(_, count)| number(count)));
    writeln!(out)?;
    say(out, "types")?;
    for (name, count) in types {
        let share = *count as f64 * 100.0 / contents.events.max(1) as f64;
        say(out, &format!("  {}  {}  {share:>5.1} %", names.left(name), counts.right(&number(count))))?;
    }
    Ok(())
}
