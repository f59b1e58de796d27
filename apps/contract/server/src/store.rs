//! Where the log is: in a folder, in a database or in a stream of messages. To everything else it is one and the same.

use crate::business::Terms;
use crate::data::Record;
use leftfold::codec::Codec;
use leftfold::log::{FileLogOptions, OpenError};
use leftfold::runtime::Cause;
use leftfold::store::EventStore;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// The log of the business, wherever it is.
pub type Log = Arc<dyn EventStore<Record> + Send + Sync>;

/// For how long the last writer of a folder is waited for, and how often it is looked whether it has gone.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(25);

/// Where a log is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Files in this folder: one server at a time.
    Folder(PathBuf),
    /// A database, by its address: any number of servers.
    Postgres(String),
    /// A stream of NATS: any number of servers.
    Nats { servers: String, stream: String },
}

impl FromStr for Place {
    type Err = String;

    fn from_str(said: &str) -> Result<Place, String> {
        let Some((scheme, rest)) = said.split_once("://") else {
            return match said.contains("host=") {
                true => Err("a database is written as postgres://user:password@host/database".to_string()),
                false => Ok(Place::Folder(said.into())),
            };
        };
        // Each server may be written with its own scheme.
        let named = rest.rsplit_once('/').filter(|(servers, _)| !servers.ends_with('/'));
        match (scheme, named) {
            ("postgres" | "postgresql", _) => Ok(Place::Postgres(said.to_string())),
            ("nats" | "tls", Some((servers, stream))) if !servers.is_empty() && !stream.is_empty() => {
                Ok(Place::Nats { servers: format!("{scheme}://{servers}"), stream: stream.to_string() })
            }
            ("nats" | "tls", _) => {
                Err("an address of NATS ends in the name of a stream, as nats://one:4222,two:4222/CONTRACTS"
                    .to_string())
            }
            _ => Err(format!("{scheme}:// is no address of a log: say postgres://…, nats://… or a folder")),
        }
    }
}

/// That one server at a time is on duty, of all that have this log.
pub struct Lease {
    pub held: Box<dyn Held>,
    /// For how long it is held, from the moment when a call of `hold` began.
    pub bound: Duration,
}

/// A lease of an engine. It is given back when it is dropped.
pub trait Held: Send {
    /// Takes it or renews it; whether this server has it.
    fn hold(&mut self) -> Result<bool, Cause>;

    /// Whether this server has it still, as far as it knows.
    fn is_held(&self) -> bool;
}

#[cfg(feature = "postgres")]
impl Held for leftfold_postgres::Lease {
    fn hold(&mut self) -> Result<bool, Cause> {
        Ok(self.hold()?)
    }

    fn is_held(&self) -> bool {
        self.is_held()
    }
}

#[cfg(feature = "nats")]
impl Held for leftfold_nats::Lease {
    fn hold(&mut self) -> Result<bool, Cause> {
        Ok(self.hold()?)
    }

    fn is_held(&self) -> bool {
        self.is_held()
    }
}

/// A log that is open.
pub struct Store {
    pub log: Log,
    /// `None` where nobody else can have the log.
    pub lease: Option<Lease>,
    close: Box<dyn FnOnce() -> Result<(), Cause> + Send + Sync>,
}

impl Store {
    /// The log, the lease, and what closes the log when nobody has it any more.
    pub fn into_parts(self) -> (Log, Option<Lease>, impl FnOnce(Log) -> Result<(), Cause>) {
        let Store { log, lease, close } = self;
        (log, lease, |log| {
            drop(log);
            close()
        })
    }

    /// Closes it.
    pub fn close(self) -> Result<(), Cause> {
        let (log, lease, close) = self.into_parts();
        drop(lease);
        close(log)
    }
}

/// Opens the log. Blocks; one that was never there is made.
pub fn open(terms: &Terms) -> Result<Store, Cause> {
    match &terms.store {
        Place::Folder(folder) => in_folder(terms, folder),
        Place::Postgres(address) => on_postgres(terms, address),
        Place::Nats { servers, stream } => on_nats(terms, servers, stream),
    }
}

fn in_folder(terms: &Terms, folder: &Path) -> Result<Store, Cause> {
    let begun = Instant::now();
    let log = loop {
        let clock = terms.clock.clone();
        let options = FileLogOptions::default().sync(terms.sync).clock(move || clock());
        match options.open(folder, Codec::new()?) {
            Err(OpenError::Locked { .. }) if begun.elapsed() < PATIENCE => thread::sleep(LOOK),
            opened => break Arc::new(opened?),
        }
    };
    let close = {
        let log = log.clone();
        move || Ok(Arc::into_inner(log).ok_or(IN_USE)?.close()?)
    };
    Ok(Store { log, lease: None, close: Box::new(close) })
}

const IN_USE: &str = "somebody still uses the log, so it was not closed";
/// The name of the lease.
#[cfg(any(feature = "nats", feature = "postgres"))]
const DUTY: &str = "duty";

#[cfg(feature = "postgres")]
fn on_postgres(terms: &Terms, address: &str) -> Result<Store, Cause> {
    use leftfold_postgres::{Postgres, PostgresOptions};
    let clock = terms.clock.clone();
    let options = PostgresOptions::new()
        .schema("contract")
        .pool(16)
        .statement_timeout(terms.patience)
        .connect_timeout(terms.patience)
        .retry_for(terms.patience)
        .migrating()
        .clock(move || clock());
    let store = Postgres::open_with(address, options)?;
    let held = Box::new(store.lease(DUTY, terms.lease)?);
    let log = Arc::new(store.with(Codec::new()?));
    Ok(Store { log, lease: Some(Lease { held, bound: terms.lease }), close: Box::new(|| Ok(())) })
}

#[cfg(feature = "nats")]
fn on_nats(terms: &Terms, servers: &str, stream: &str) -> Result<Store, Cause> {
    use leftfold_nats::NatsOptions;
    let clock = terms.clock.clone();
    let options = NatsOptions::new()
        .replicas(terms.replicas)
        .timeout(terms.patience)
        .folder(terms.data.folder().join("copy"))
        .clock(move || clock());
    let store = Arc::new(options.open(servers, stream, Codec::new()?)?);
    let held = Box::new(store.lease(DUTY, terms.lease)?);
    let close = {
        let store = store.clone();
        move || Ok(Arc::into_inner(store).ok_or(IN_USE)?.close()?)
    };
    Ok(Store { log: store, lease: Some(Lease { held, bound: terms.lease }), close: Box::new(close) })
}

#[cfg(not(feature = "postgres"))]
fn on_postgres(_: &Terms, _: &str) -> Result<Store, Cause> {
    Err("this server knows no PostgreSQL: build it with `--features postgres`".into())
}

#[cfg(not(feature = "nats"))]
fn on_nats(_: &Terms, _: &str, _: &str) -> Result<Store, Cause> {
    Err("this server knows no NATS: build it with `--features nats`".into())
}
