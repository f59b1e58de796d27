//! The lines of `leftfold log export`, recorded in a stream.

use crate::move_log::{Moved, Pending, TimeAndIds, import, missing};
use crate::options::NatsOptions;
use leftfold::codec::{RawCodec, RawEvent};
use leftfold::log::{FileLog, FileLogOptions, Syncing};
use leftfold::page::with_sources;
use leftfold::store::engine::Line;
use std::error::Error;
use std::io::BufRead;
use std::mem;

/// Records the lines of a log, as `leftfold log export` and [`export`](crate::export) write them, in a stream: the same batches with
/// the same ids, times and positions. A stream that has the beginning of the log already goes on from there. Returns how many
/// entries were recorded.
///
/// All lines are read and judged before the first is recorded, and go into a temporary log meanwhile.
///
/// ```no_run
/// use leftfold_nats::{NatsOptions, import_lines};
///
/// let lines = std::fs::File::open("shop.jsonl")?;
/// import_lines(NatsOptions::new(), "nats://localhost:4222", "SHOP", &mut std::io::BufReader::new(lines))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When a line is none of a log, which the sentence names; nothing was recorded then. And as [`import`](crate::import).
pub fn import_lines(options: NatsOptions, url: &str, stream: &str, lines: &mut dyn BufRead) -> Moved<u64> {
    let folder = tempfile::tempdir()?;
    let next = TimeAndIds::new()?;
    let (times, ids) = (next.clone(), next.clone());
    let options_of_log = FileLogOptions::new().sync(Syncing::Never);
    let log = options_of_log
        .clock(move || times.time())
        .event_ids(move || ids.id())
        .open(folder.path(), RawCodec)?;
    let (mut pending, mut batch, mut first, mut position) = (Pending::default(), None, 1, 0);
    for (text, number) in lines.lines().zip(1_u64..) {
        let text = text.map_err(|why| wrong(number, &why))?;
        if text.trim().is_empty() {
            continue;
        }
        let line: Line = text.parse().map_err(|why| wrong(number, &why))?;
        position += 1;
        let found = line.position.ok_or_else(|| wrong(number, &missing("position")))?;
        if found.get() != position {
            return Err(wrong(number, &format!("its position is {found}, and {position} comes next")));
        }
        if line.batch.is_none() || line.batch != batch {
            record(&log, &next, mem::take(&mut pending), first)?;
            (batch, first) = (line.batch, number);
        }
        pending.add(line).map_err(|why| wrong(number, &why))?;
    }
    record(&log, &next, pending, first)?;
    log.close()?;
    import(options, url, stream, folder.path())
}

fn wrong(line: u64, why: &dyn std::fmt::Display) -> Box<dyn Error> {
    format!("line {line} is none of a log: {why}; nothing was recorded").into()
}

/// Records a batch in the temporary log.
fn record(log: &FileLog<RawEvent>, next: &TimeAndIds, pending: Pending, first: u64) -> Moved<()> {
    let why = match pending.append_to(log, next) {
        Ok(appended) if appended.as_ref().is_none_or(|appended| !appended.repeated) => return Ok(()),
        Ok(_) => "its ids are those of lines before it".to_string(),
        Err(error) => with_sources(&error),
    };
    Err(format!("the batch that begins in line {first} is none of a log: {why}; nothing was recorded").into())
}
