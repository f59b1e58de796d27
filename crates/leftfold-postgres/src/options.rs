//! The settings of a handle.

use crate::store::Clock;
use leftfold::recorded::Timestamp;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The settings of a [`Postgres`](crate::Postgres) store.
///
/// ```no_run
/// use leftfold_postgres::{Postgres, PostgresOptions};
/// use std::time::Duration;
///
/// let options = PostgresOptions::new().schema("shop").pool(4).statement_timeout(Duration::from_secs(10));
/// let store = Postgres::open_with("postgres://shop@localhost/shop", options)?;
/// # Ok::<(), leftfold_postgres::OpenError>(())
/// ```
#[derive(Clone)]
#[must_use = "options are a value: open a store with them"]
pub struct PostgresOptions {
    pub(crate) schema: String,
    pub(crate) pool: usize,
    pub(crate) page: usize,
    pub(crate) group: usize,
    pub(crate) most_rows: usize,
    pub(crate) statement_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) retry_for: Duration,
    pub(crate) clock: Clock,
    pub(crate) migrating: bool,
    pub(crate) root_certificate: Option<PathBuf>,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        PostgresOptions::new()
    }
}

impl PostgresOptions {
    /// The default settings.
    pub fn new() -> Self {
        PostgresOptions {
            schema: "leftfold".into(),
            pool: 8,
            page: 4_096,
            group: 4_096,
            most_rows: 1_000_000,
            statement_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            retry_for: Duration::from_secs(10),
            clock: Arc::new(Timestamp::now),
            migrating: false,
            root_certificate: None,
        }
    }

    /// The schema of the tables: a log of its own. Lower-case letters, digits and `_`. Default: `leftfold`.
    pub fn schema(self, name: impl Into<String>) -> Self {
        PostgresOptions { schema: name.into(), ..self }
    }

    /// At most this many connections are open for appends and reads; [`wait`](leftfold::store::EventReader::wait) has one more.
    /// Default: 8; at least 1.
    pub fn pool(self, connections: usize) -> Self {
        PostgresOptions { pool: connections.max(1), ..self }
    }

    /// At most this many rows are read at once, and held in memory. Default: 4,096; at least 1.
    pub fn page(self, rows: usize) -> Self {
        PostgresOptions { page: rows.max(1), ..self }
    }

    /// Batches that wait at the same time are recorded in one transaction until they have this many entries. Default: 4,096.
    pub fn group(self, entries: usize) -> Self {
        PostgresOptions { group: entries.max(1), ..self }
    }

    /// A statement of your own gives at most this many rows: one that gives more ends with
    /// [`SqlError::TooManyRows`](crate::SqlError::TooManyRows) before they fill the memory. Reads of the log need no such bound:
    /// they go [page](PostgresOptions::page) by page. Default: 1,000,000.
    pub fn most_rows(self, rows: usize) -> Self {
        PostgresOptions { most_rows: rows, ..self }
    }

    /// After this time, the server ends a statement. Default: 30 s.
    pub fn statement_timeout(self, most: Duration) -> Self {
        PostgresOptions { statement_timeout: most.max(Duration::from_millis(1)), ..self }
    }

    /// A connection has to be there after this time. Default: 5 s.
    pub fn connect_timeout(self, most: Duration) -> Self {
        PostgresOptions { connect_timeout: most, ..self }
    }

    /// For this long, a call whose connection was lost is tried again. After that, a read ends with an error, and an append
    /// with [`AppendError::Unknown`](leftfold::store::AppendError::Unknown). Default: 10 s.
    pub fn retry_for(self, most: Duration) -> Self {
        PostgresOptions { retry_for: most, ..self }
    }

    /// Takes the time at which events are recorded from here instead of the clock of this machine.
    pub fn clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        PostgresOptions { clock: Arc::new(clock), ..self }
    }

    /// Connections are encrypted, as with `sslmode=require` in the address, and the certificate of the server has to descend from
    /// one in this file, in PEM form, instead of one that the system trusts. Needs the feature `tls`.
    ///
    /// ```no_run
    /// # use leftfold_postgres::{Postgres, PostgresOptions};
    /// let options = PostgresOptions::new().root_certificate("/etc/shop/database-root.pem");
    /// let store = Postgres::open_with("postgres://shop@db.example.org/shop", options)?;
    /// # Ok::<(), leftfold_postgres::OpenError>(())
    /// ```
    pub fn root_certificate(self, pem_file: impl Into<PathBuf>) -> Self {
        PostgresOptions { root_certificate: Some(pem_file.into()), ..self }
    }

    /// Opening a store brings its tables to the form that this program knows, as [`migrate`](crate::migrate) does. Default: a
    /// store that needs it is refused.
    pub fn migrating(self) -> Self {
        PostgresOptions { migrating: true, ..self }
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions").field("schema", &self.schema).finish_non_exhaustive()
    }
}
