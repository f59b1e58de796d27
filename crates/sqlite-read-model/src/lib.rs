//! A read model in SQLite: its rows and its position are kept in one transaction. After a crash at any moment, the rows are made
//! of exactly the events up to the position.
//!
//! An example to be copied: another read model has other tables, and another `apply`.

use leftfold::recorded::Envelope;
use leftfold::runtime::{Cause, Checkpoint, CheckpointPlace, ReadModel};
use rusqlite::{Connection, OptionalExtension as _};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;

/// What is recorded at the till.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// An item was sold.
    Sold {
        /// What it is called.
        item: String,
        /// Its price.
        cents: i64,
    },
}

/// The sums of what was sold, by item.
#[derive(Debug)]
pub struct Sales {
    database: Connection,
    name: String,
    /// The checkpoint as it is stored, as long as nobody else stores one.
    stored: Option<String>,
}

#[derive(Debug, thiserror::Error)]
#[error("the read model {name} was changed by another runner; stop one of them")]
struct Moved {
    name: String,
}

const TABLES: &str = "
    pragma journal_mode = wal;
    create table if not exists sales (item text primary key, cents integer not null check (cents >= 0)) strict;
    create table if not exists positions (name text primary key, checkpoint text not null) strict;";

impl Sales {
    /// The sums in this file, under this name; both are made if need be.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn open(file: &Path, name: &str) -> rusqlite::Result<Sales> {
        let database = Connection::open(file)?;
        // Another runner or a backup may write for a moment.
        database.busy_timeout(Duration::from_secs(5))?;
        database.execute_batch(TABLES)?;
        Ok(Sales { database, name: name.into(), stored: None })
    }

    fn checkpoint(&self) -> rusqlite::Result<Option<String>> {
        let mut stored = self.database.prepare_cached("select checkpoint from positions where name = ?1")?;
        stored.query_row([&self.name], |row| row.get(0)).optional()
    }

    /// Begins a transaction where none is open. From its first statement on, nobody else writes.
    fn begin(&mut self) -> Result<(), Cause> {
        if self.database.is_autocommit() {
            self.database.execute_batch("begin immediate")?;
            if self.checkpoint()? != self.stored {
                return Err(Moved { name: self.name.clone() }.into());
            }
        }
        Ok(())
    }

    fn undo(&mut self) -> rusqlite::Result<()> {
        if self.database.is_autocommit() { Ok(()) } else { self.database.execute_batch("rollback") }
    }
}

impl ReadModel<Event> for Sales {
    fn load(&mut self, _: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        self.undo()?;
        self.stored = self.checkpoint()?;
        Ok(self.stored.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default())
    }

    fn apply(&mut self, _: &Envelope, Event::Sold { item, cents }: &Event) -> Result<(), Cause> {
        self.begin()?;
        let add =
            "insert into sales values (?1, ?2) on conflict do update set cents = cents + excluded.cents";
        self.database.prepare_cached(add)?.execute((item, cents))?;
        Ok(())
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        self.begin()?;
        let checkpoint = serde_json::to_string(checkpoint)?;
        let keep = "insert into positions values (?1, ?2) on conflict do update set checkpoint = excluded.checkpoint";
        self.database.prepare_cached(keep)?.execute((&self.name, &checkpoint))?;
        self.database.execute_batch("commit")?;
        self.stored = Some(checkpoint);
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.undo()?;
        self.begin()?;
        self.database.execute("delete from sales", ())?;
        self.database.execute("delete from positions where name = ?1", [&self.name])?;
        self.database.execute_batch("commit")?;
        self.stored = None;
        Ok(())
    }
}
