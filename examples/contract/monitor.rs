//! How the contracts stand, what is stuck, and what is owed.

use crate::data::{Data, in_words, of_contracts};
use crate::line::Failed;
use crate::model::Event;
use crate::model::obligations::{Obligations, ToDo};
use crate::model::progress::{At, Progress, Standings};
use crate::office::process;
use jiff::{SignedDuration, Timestamp};
use leftfold::page::printable;
use leftfold::recorded::Position;
use leftfold::runtime::OwedItem;
use leftfold::store::EventReader;
use leftfold::{Fold, ProcessManager};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::time::Duration;

/// What the monitor has seen.
struct Seen {
    standings: Standings,
    todo: ToDo,
    upto: Position,
}

impl Seen {
    fn nothing() -> Seen {
        Seen { standings: Progress.initial_state(), todo: Obligations.initial_state(), upto: Position::START }
    }

    fn follow(&mut self, log: &impl EventReader<Event>) -> Result<(), Failed> {
        let mut standings = std::mem::take(&mut self.standings);
        let mut todo = std::mem::take(&mut self.todo);
        self.upto = log.visit(&of_contracts()?.after(self.upto), &mut |entry| {
            if let Some(event) = entry.event() {
                let at = entry.envelope().recorded_at;
                todo = Obligations.evolve(std::mem::take(&mut todo), event);
                standings = Progress.evolve(std::mem::take(&mut standings), &At { at, event: event.clone() });
            }
            ControlFlow::Continue(())
        })?;
        (self.standings, self.todo) = (standings, todo);
        Ok(())
    }
}

/// Prints how it stands; with `watch`, again and again.
pub fn monitor(data: &Data, stuck_after: SignedDuration, watch: bool) -> Result<bool, Failed> {
    let log = in_words(data.reader_of_something()?);
    let mut seen = Seen::nothing();
    let is_screen = watch && io::stdout().is_terminal();
    let mut last = String::new();
    loop {
        seen.follow(&log)?;
        let troubles = process()?.committed(data.projections())?;
        let page = page(&seen, &troubles, Timestamp::now(), stuck_after);
        let mut out = io::stdout().lock();
        if is_screen {
            write!(out, "\x1b[2J\x1b[H{page}")?;
        } else if page != last {
            let gap = if last.is_empty() { "" } else { "\n" };
            write!(out, "{gap}{page}")?;
        }
        out.flush()?;
        if !watch {
            return Ok(true);
        }
        drop(out);
        last = page;
        log.wait(seen.upto, Duration::from_secs(1))?;
    }
}

fn page(seen: &Seen, troubles: &[OwedItem], now: Timestamp, stuck_after: SignedDuration) -> String {
    let mut page = String::new();
    let Standings { under_way, ended } = &seen.standings;
    let _ = writeln!(
        page,
        "{} under way",
        crate::intake::counted(under_way.len() as u64, "contract", "contracts")
    );
    if !under_way.is_empty() {
        let _ = writeln!(page, "  {:>8}  {:>8}  {:<10}  {:>10}", "contract", "customer", "stage", "for");
    }
    let stuck: Vec<_> = seen.standings.stuck_since(now - stuck_after).map(|(contract, _)| contract).collect();
    for (contract, standing) in under_way {
        let since = lasting(now.duration_since(standing.since));
        let stuck = if stuck.contains(contract) { "  stuck with the signing service" } else { "" };
        let (customer, stage) = (standing.customer, standing.stage.name());
        let _ = writeln!(page, "  {contract:>8}  {customer:>8}  {stage:<10}  {since:>10}{stuck}");
    }
    let ended: Vec<String> =
        ended.iter().map(|(stage, number)| format!("{number} {}", stage.name())).collect();
    if !ended.is_empty() {
        let _ = writeln!(page, "ended: {}", ended.join(", "));
    }
    let troubles: BTreeMap<&str, &OwedItem> = troubles.iter().map(|item| (item.key.as_str(), item)).collect();
    let owed = Obligations.pending(&seen.todo);
    if owed.is_empty() {
        page.push_str("nothing is owed\n");
    } else {
        let _ = writeln!(page, "owed: {}", crate::intake::counted(owed.len() as u64, "thing", "things"));
    }
    for item in owed {
        let told = match troubles.get(item.key.as_str()) {
            Some(OwedItem { cause: Some(cause), parked, failed, .. }) => {
                let then = if *parked { "parked until it is released" } else { "to be tried again" };
                format!("  failed {failed} times, {then}: {}", printable(cause))
            }
            _ => String::new(),
        };
        let _ = writeln!(page, "  contract {}{told}", printable(&item.key.replace('/', ": ")));
    }
    page
}

/// A span of time, in its two largest units.
fn lasting(time: SignedDuration) -> String {
    let seconds = time.as_secs().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} m {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {} m", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}
