//! Temporal queries: who has changed their username within five minutes after they registered?
//!
//! `cargo run --release --example temporal_query` asks this of a generated log of 100,000 users, and of users who come while it
//! looks on. Then it asks seven questions of loan applications: of the log of the BPI Challenge 2012 where it lies beside the project, and
//! else of the sample of the loan example. A path asks them of any such log in XES.

// The rooms of this example speak to each other alone.
#![allow(unreachable_pub)]

#[path = "../shared/arguments.rs"]
mod arguments;
#[path = "../shared/failed.rs"]
mod failed;
mod loans;
#[path = "../loan/log.rs"]
mod log;
mod model;
#[path = "../shared/page.rs"]
mod page;
#[cfg(test)]
mod tests;
mod users;

use arguments::arguments;
use clap::Parser;
use failed::failed;
use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Asks questions about time of a log.
#[derive(Parser)]
#[command(name = "temporal_query")]
struct Arguments {
    /// A log of loan applications in XES, gzipped or not.
    log: Option<PathBuf>,
    /// How soon after they registered users are to have changed their name.
    #[arg(long, default_value_t = 5)]
    minutes: i64,
    /// How many users the generated log has, ten events each.
    #[arg(long, default_value_t = 100_000)]
    users: u64,
}

/// The log of the BPI Challenge 2012, for those who have it beside the project: it is not ours to hand on.
const REAL_LOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/bpic2012.xes.gz");

/// Made up, and as small as that.
const SAMPLE: &[u8] = include_bytes!("../loan/sample.xes");

fn main() -> ExitCode {
    match asked(arguments()) {
        Ok(page) => page::printed("temporal_query", &page),
        Err(error) => failed("temporal_query", &*error),
    }
}

fn asked(Arguments { log, minutes, users }: Arguments) -> Result<String, Box<dyn Error>> {
    let open = |path: &Path| {
        File::open(path).map_err(|error| format!("{}: it cannot be opened: {error}", path.display()))
    };
    let real = Path::new(REAL_LOG);
    let (name, input): (String, Box<dyn Read>) = match log {
        Some(path) => (path.display().to_string(), Box::new(open(&path)?)),
        None if real.exists() => ("the log of the BPI Challenge 2012".into(), Box::new(open(real)?)),
        None => ("the sample of the loan example".into(), Box::new(SAMPLE)),
    };
    let mut page = users::asked(users, minutes)?;
    page += &format!("\n{}\n", loans::asked(&name, input)?);
    Ok(page)
}
