//! Where the bank keeps its events: files in a folder, or an engine. It is all that knows which.

use crate::account::Event;
use leftfold::codec::Codec;
use leftfold::log::FileLog;
use leftfold::runtime::Cause;
use leftfold::store::EventStore;
#[cfg(feature = "nats")]
use leftfold_nats::{Nats, NatsOptions};
#[cfg(feature = "postgres")]
use leftfold_postgres::{Postgres, PostgresOptions};
use std::path::Path;
use std::sync::Arc;

/// A log of any store.
pub type Log = Arc<dyn Store>;

/// What the bank needs of a store: it appends and reads, and closes it in the end.
pub trait Store: EventStore<Event> + Send + Sync {
    /// Closes the store, if this is its last owner.
    fn close(self: Arc<Self>) -> Result<(), Cause>;
}

impl Store for FileLog<Event> {
    fn close(self: Arc<Self>) -> Result<(), Cause> {
        Ok(Arc::into_inner(self).map_or(Ok(()), FileLog::close)?)
    }
}

#[cfg(feature = "nats")]
impl Store for Nats<Event> {
    fn close(self: Arc<Self>) -> Result<(), Cause> {
        Ok(Arc::into_inner(self).map_or(Ok(()), Nats::close)?)
    }
}

#[cfg(feature = "postgres")]
impl Store for leftfold::store::Coded<Postgres, Event> {
    /// Its connections end with its last owner, and all that was acknowledged is in the database.
    fn close(self: Arc<Self>) -> Result<(), Cause> {
        Ok(())
    }
}

/// Opens the log: `postgres://USER@HOST/DATABASE`, `nats://HOST/STREAM`, or `None` for files. The folder has the files, or the copy
/// of the stream. Blocks.
pub fn open(address: Option<&str>, folder: &Path) -> Result<Log, Cause> {
    let log = folder.join("log");
    let Some(address) = address else { return Ok(Arc::new(FileLog::open(log, Codec::new()?)?)) };
    match address.split_once("://") {
        #[cfg(feature = "postgres")]
        Some(("postgres", _)) => {
            let database = Postgres::open_with(address, PostgresOptions::new().migrating())?;
            Ok(Arc::new(database.with(Codec::new()?)))
        }
        #[cfg(feature = "nats")]
        Some(("nats", servers)) => {
            let named = servers.rsplit_once('/').filter(|(_, stream)| !stream.is_empty());
            let (servers, stream) = named.ok_or("the address of a stream is nats://HOST/STREAM")?;
            Ok(Arc::new(NatsOptions::new().folder(log).open(servers, stream, Codec::new()?)?))
        }
        Some((engine, _)) if ["postgres", "nats"].contains(&engine) => Err(format!(
            "this program was built without {engine}: build it with `cargo build --features {engine}`"
        )
        .into()),
        _ => {
            Err("a store is at postgres://USER@HOST/DATABASE or nats://HOST/STREAM; without one, it is files"
                .into())
        }
    }
}
