//! The log that `docs/the-log.md` shows, and that its exercise damages: `cargo run --example ledger`.

use leftfold::codec::Codec;
use leftfold::log::FileLogOptions;
use leftfold::recorded::{EventId, StreamName, Tag, Timestamp};
use leftfold::store::{Batch, EventStore, ExpectedVersion, NewEvent};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Opened { owner: String },
    Deposited { amount: u64 },
    Withdrawn { amount: u64 },
}

/// Writes a log of two accounts: five events in three batches.
pub(crate) fn write_ledger(folder: &Path) -> Result<(), Box<dyn Error>> {
    // The store takes the time from its clock; this one stands still, so that the file is the same every time.
    let at: Timestamp = "2026-11-23T09:30:00Z".parse()?;
    let log = FileLogOptions::new().clock(move || at).open(folder, Codec::<Event>::new()?)?;

    let petra = StreamName::of("account", "petra")?;
    let alex = StreamName::of("account", "alex")?;
    let event = |id: &str, event: Event| Ok::<_, Box<dyn Error>>(NewEvent::of(event).id(EventId::new(id)?));
    log.append(
        Batch::to(&petra)
            .expecting(ExpectedVersion::NoStream)
            .record(event("p1", Event::Opened { owner: "Petra".into() })?)
            .record(event("p2", Event::Deposited { amount: 10 })?),
    )?;
    log.append(Batch::to(&alex).record(event("a1", Event::Opened { owner: "Alex".into() })?))?;
    // Two streams in one batch: both events are recorded, or neither.
    let transfer = Tag::new("transfer:1")?;
    log.append(
        Batch::to(&petra)
            .record(event("t1", Event::Withdrawn { amount: 4 })?.tag(transfer.clone()))
            .and_to(&alex)
            .record(event("t2", Event::Deposited { amount: 4 })?.tag(transfer).header("user", "petra")),
    )?;
    log.close()?;
    Ok(())
}

fn main() -> ExitCode {
    match written(Path::new("target/ledger")) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("ledger: {}", leftfold::page::with_sources(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Writes the log and gives the text of its file.
fn written(folder: &Path) -> Result<String, Box<dyn Error>> {
    // Each time from the beginning: what you did to the files in the exercise is gone.
    if folder.exists() {
        fs::remove_dir_all(folder)
            .map_err(|error| format!("{} cannot be removed: {error}", folder.display()))?;
    }
    write_ledger(folder)?;
    let file = folder.join("000000000001.jsonl");
    Ok(fs::read_to_string(&file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?)
}
