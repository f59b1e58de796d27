//! The search over all customers: a projection that is built at night or kept running, and asked at any time.

use crate::data::{CONTRACT, CUSTOMER, Data, in_words};
use crate::line::Failed;
use crate::model::search::{Found, Index, Search, Wanted};
use leftfold::Fold;
use leftfold::page::printable;
use leftfold::recorded::{InvalidText, Position};
use leftfold::runtime::{Folded, Projection, Runner};
use leftfold::store::{EventReader, Query};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// The name of the projection.
const SEARCH: &str = "search";

/// After so many events at the latest, the index is kept.
const EVENTS_A_COMMIT: usize = 1_000_000;

/// What is done with the projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Projecting {
    Once,
    KeepRunning,
    Rebuild,
    Delete,
}

fn what_is_searched() -> Result<Query, InvalidText> {
    Ok(Query::category(CUSTOMER)?.or(Query::category(CONTRACT)?))
}

pub fn project(data: &Data, keep_after: Duration, how: Projecting) -> Result<bool, Failed> {
    let log = in_words(data.reader_of_something()?);
    // The whole index is written each time, so that a long way to catch up is made in few steps.
    let projection = Projection::new(SEARCH, what_is_searched()?, Folded::of(Search))
        .commit_after(keep_after)
        .commit_every(EVENTS_A_COMMIT);
    // What is kept may be of another log: of one from a backup, perhaps.
    let projection = match how {
        Projecting::Rebuild | Projecting::Delete => projection.from_the_start(),
        Projecting::Once | Projecting::KeepRunning => projection,
    };
    let mut runner = Runner::open(projection, log, data.projections())?;
    let mut out = io::stdout();
    match how {
        Projecting::Once | Projecting::Rebuild => {}
        Projecting::Delete => {
            runner.delete()?;
            writeln!(out, "the search index is deleted; `project` builds it anew")?;
            return Ok(true);
        }
        Projecting::KeepRunning => {
            writeln!(out, "keeping the search index up to date, until it is interrupted")?;
            runner.keep_running()?;
            return Ok(true);
        }
    }
    let status = runner.run_once()?;
    let shops = runner.model().look(Index::len);
    writeln!(out, "{status}; {}", counted(shops))?;
    Ok(true)
}

/// The index as it was kept last, with what was recorded since: always what the log says. Without an index, all of the
/// log is folded.
pub fn index(data: &Data) -> Result<Index, Failed> {
    let kept = Folded::of(Search).committed(data.projections(), SEARCH)?;
    let (index, after) = kept.unwrap_or_else(|| (Search.initial_state(), Position::START));
    let log = in_words(data.reader_of_something()?);
    // A log that is shorter than what was kept of it is another one.
    let (index, after) = match after > log.head()? {
        true => (Search.initial_state(), Position::START),
        false => (index, after),
    };
    let mut index = Some(index);
    log.visit(&what_is_searched()?.after(after), &mut |entry| {
        if let Some(event) = entry.event() {
            index = index.take().map(|index| Search.evolve(index, event));
        }
        ControlFlow::Continue(())
    })?;
    // Only taken while `evolve` runs.
    Ok(index.unwrap_or_default())
}

/// Prints who was found, at most so many.
pub fn search(data: &Data, wanted: &Wanted, most: usize, timed: bool) -> Result<bool, Failed> {
    let begun = Instant::now();
    let index = index(data)?;
    let ready = Instant::now();
    let found: Vec<_> = index.find(wanted).collect();
    let done = Instant::now();
    let mut out = io::stdout().lock();
    for (number, shop) in found.iter().take(most) {
        writeln!(out, "{number:>8}  {}", told(shop))?;
    }
    if found.is_empty() {
        writeln!(out, "nobody is found")?;
    }
    if found.len() > most {
        writeln!(out, "          and {} more; `--limit` shows them", found.len() - most)?;
    }
    if timed {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let (opening, searching) = (ready.duration_since(begun), done.duration_since(ready));
        let (opening, searching) = (milliseconds(opening), milliseconds(searching));
        writeln!(out, "opened in {opening:.1} ms, searched {} in {searching:.1} ms", counted(index.len()))?;
    }
    Ok(true)
}

fn counted(customers: usize) -> String {
    crate::intake::counted(customers as u64, "customer", "customers")
}

fn told(Found { name, street, postcode, city, segment, contracts, .. }: &Found) -> String {
    let segment = segment.map_or("", |segment| segment.name());
    let contracts: Vec<String> =
        contracts.iter().map(|(number, stage)| format!("contract {number} {}", stage.name())).collect();
    let contracts =
        if contracts.is_empty() { String::new() } else { format!("  [{}]", contracts.join(", ")) };
    printable(&format!("{name}, {street}, {postcode} {city}, {segment}{contracts}")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_customer_of_any_name_is_one_row(name in any::<String>(), city in "[a-z\u{1b}\n\u{202e}\u{9b}]{0,9}") {
            let mut found = Found::default();
            (found.name, found.city) = (name, city);
            let row = told(&found);
            prop_assert!(!row.chars().any(|char| char.is_control() || char == '\u{202e}'), "{row:?}");
        }
    }
}
