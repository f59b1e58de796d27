//! `leftfold log streams`: lists the streams or categories of a log.

use super::condition::condition;
use super::units::number;
use super::{Ending, Failure, Outcome, reader, say};
use crate::page::Column;
use crate::store::{EventReader, Filter, Listing, StreamInfo, StreamState};
use clap::Args;
use std::io::{self, Write};
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct Streams {
    /// The folder of the log
    folder: PathBuf,
    /// Only those whose names begin with this text
    #[arg(long, value_name = "TEXT", default_value = "")]
    prefix: String,
    /// Only those in whose names this regular expression is found; `^` and `$` bind it to the whole
    #[arg(long, value_name = "REGEX")]
    matching: Option<String>,
    /// Only streams whose metadata passes, such as "header owner = petra"; given several times, all conditions
    #[arg(long = "where", value_name = "CONDITION", value_parser = condition)]
    conditions: Vec<Filter>,
    /// List categories instead of streams
    #[arg(long)]
    categories: bool,
    /// Pass over the first ones
    #[arg(long, value_name = "N", default_value_t = 0)]
    skip: usize,
    /// At most this number
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

impl Streams {
    pub(super) fn run(self, out: &mut dyn Write) -> Outcome {
        let reader = reader(&self.folder)?;
        let listing = Listing::prefix(self.prefix).skip(self.skip).limit(self.limit.unwrap_or(usize::MAX));
        let listing = self.conditions.into_iter().fold(listing, Listing::filter);
        let listing = match self.matching {
            None => listing,
            Some(regex) => listing.matching(regex).map_err(|error| Failure::Sentence(error.to_string()))?,
        };
        if self.categories {
            for category in reader.categories(&listing)? {
                say(out, category.as_ref())?;
            }
        } else {
            let rows: Vec<_> = reader.streams(&listing)?.iter().map(row).collect();
            if !rows.is_empty() {
                table(out, &rows)?;
            }
        }
        Ok(Ending::Fine)
    }
}

const HEADS: [&str; 6] = ["stream", "version", "state", "first", "last", "metadata"];

fn row(info: &StreamInfo) -> [String; 6] {
    let state = match info.state {
        StreamState::Missing => "empty",
        StreamState::At(_) => "open",
        StreamState::Deleted(_) => "deleted",
    };
    let position = |position: Option<crate::recorded::Position>| {
        position.map_or_else(|| "-".to_string(), |position| number(position.get()))
    };
    let metadata: Vec<_> = info.metadata.iter().map(|(name, value)| format!("{name}={value}")).collect();
    [
        info.name.to_string(),
        number(info.state.version().get()),
        state.to_string(),
        position(info.first),
        position(info.last),
        metadata.join(" "),
    ]
}

/// The greatest width of a column; longer text is cut.
const WIDEST: usize = 80;

/// Names to the left, numbers to the right.
fn table(out: &mut dyn Write, rows: &[[String; 6]]) -> io::Result<()> {
    let heads = HEADS.map(str::to_string);
    let columns: [Column; 6] =
        std::array::from_fn(|at| Column::of(WIDEST, std::iter::once(&heads).chain(rows).map(|row| &row[at])));
    for row in std::iter::once(&heads).chain(rows) {
        let cells: Vec<_> = row
            .iter()
            .zip(columns)
            .enumerate()
            .map(|(at, (cell, column))| match at {
                1 | 3 | 4 => column.right(cell),
                _ => column.left(cell),
            })
            .collect();
        say(out, cells.join("  ").trim_end())?;
    }
    Ok(())
}
