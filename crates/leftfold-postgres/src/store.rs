//! The store: a handle of a log in PostgreSQL.

use crate::append::append_all;
use crate::connections::{Driver, Param, Pool, Trouble};
use crate::encryption::Encryption;
use crate::listener::{Heard, LOOK_AFTER, listen};
use crate::listing::{Paged, Range};
use crate::options::PostgresOptions;
use crate::query::{Page, Statement};
use crate::request::{Request, unmade};
use crate::rows::{self, Rows, STREAM_COLUMNS, number, position};
use crate::schema::{self, OpenError};
use leftfold::codec::{EventCodec, RawEvent};
use leftfold::recorded::{EventId, Position, StreamName, Timestamp, Version};
use leftfold::store::{
    AppendError, Appended, Batch, Coded, Direction, Entry, EventReader, EventStore, Listing, Read, ReadError,
    StreamInfo,
};
use std::cell::RefCell;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_postgres::{Config, Row};

pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A log in PostgreSQL, as a store of events as they are stored; [`with`](Postgres::with) a codec, of the events of a model.
///
/// Appends and reads are linearizable: a read sees every batch that any handle has recorded before the read began. A clone is
/// the same handle. Handles are for many threads; those that append through one handle at the same time share a transaction.
///
/// Calls wait for the server on the caller's thread, and may be made from a worker of an async runtime, which they block.
///
/// ```no_run
/// use leftfold::codec::Codec;
/// use leftfold::recorded::StreamName;
/// use leftfold::store::{Batch, EventStore, ExpectedVersion};
/// use leftfold_postgres::Postgres;
///
/// #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// enum Event { Opened { owner: String } }
///
/// leftfold_postgres::migrate("postgres://shop@localhost/shop")?;
/// let store = Postgres::open("postgres://shop@localhost/shop")?.with(Codec::<Event>::new()?);
/// let account = StreamName::of("account", 17)?;
/// let opened = Batch::to(&account).expecting(ExpectedVersion::NoStream).event(Event::Opened { owner: "Petra".into() });
/// store.append(opened)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Postgres {
    shared: Arc<Shared>,
}

struct Shared {
    // Ends first: what works on the thread has the rest.
    driver: Driver,
    pool: Arc<Pool>,
    options: PostgresOptions,
    appender: UnboundedSender<Request>,
    heard: Arc<Heard>,
    listening: Once,
    ids: Ids,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("schema", &self.shared.options.schema).finish_non_exhaustive()
    }
}

/// Makes the tables of a log, or brings them to the form that this program knows: forward only, and nothing is removed.
///
/// Several may call it at the same time.
///
/// # Errors
/// [`OpenError`]; nothing was changed by the step that failed.
pub fn migrate(url: &str) -> Result<(), OpenError> {
    Postgres::open_with(url, PostgresOptions::new().migrating()).map(drop)
}

impl Postgres {
    /// Opens the log in schema `leftfold` of this database; its address is written as
    /// `postgres://user:password@host:5432/database`, or as `host=… user=…`. With `?sslmode=require` (feature `tls`), the
    /// connection is encrypted, and the certificate of the server has to be one that the system trusts for this host.
    ///
    /// # Errors
    /// [`OpenError`], also when the tables are not [migrated](migrate).
    pub fn open(url: &str) -> Result<Postgres, OpenError> {
        Postgres::open_with(url, PostgresOptions::new())
    }

    /// Opens a log with settings of your own.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_with(url: &str, options: PostgresOptions) -> Result<Postgres, OpenError> {
        schema::check_name(&options.schema)?;
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            let why =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            OpenError::Address { why }
        })?;
        config.keepalives_idle(Duration::from_secs(15));
        let encryption = Encryption::of(&mut config, &options)?;
        let unavailable = |why: std::io::Error| OpenError::Unavailable { why: why.to_string() };
        let driver = Driver::start().map_err(unavailable)?;
        let pool = Arc::new(Pool::new(config, encryption, &options));
        let (preparing, name, migrating) = (pool.clone(), options.schema.clone(), options.migrating);
        driver.run(async move { Ok(schema::prepare(&preparing, &name, migrating).await) })??;
        let (appender, requests) = unbounded_channel();
        driver.spawn(append_all(pool.clone(), options.schema.clone(), options.group, requests));
        let (heard, listening, ids) = (Arc::default(), Once::new(), Ids::new());
        Ok(Postgres { shared: Arc::new(Shared { driver, pool, options, appender, heard, listening, ids }) })
    }

    /// The log as this codec writes and reads it.
    pub fn with<E>(self, codec: impl EventCodec<E> + 'static) -> Coded<Postgres, E> {
        Coded::new(self, codec)
    }

    pub(crate) fn schema(&self) -> &str {
        &self.shared.options.schema
    }

    pub(crate) fn most_rows(&self) -> usize {
        self.shared.options.most_rows
    }

    pub(crate) fn driver(&self) -> &Driver {
        &self.shared.driver
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.shared.pool
    }

    /// The rows of a statement that reads.
    pub(crate) fn select(&self, sql: String, params: Vec<Param>) -> Result<Vec<Row>, Trouble> {
        let pool = self.shared.pool.clone();
        self.shared.driver.run(async move { pool.read(&sql, &params).await })
    }

    /// The same, where a failure is one of a read.
    pub(crate) fn rows(&self, doing: &str, sql: String, params: Vec<Param>) -> Result<Vec<Row>, ReadError> {
        let failed = |trouble: Trouble| ReadError::Storage { doing: doing.into(), source: trouble.into_io() };
        self.select(sql, params).map_err(failed)
    }

    /// Streams in the order of their names, from a name on, until one is not wanted any more.
    fn each_stream(
        &self,
        listing: &Listing,
        within: Option<&str>,
        each: &mut dyn FnMut(StreamInfo) -> Result<ControlFlow<()>, ReadError>,
    ) -> Result<(), ReadError> {
        let mut rows = match within {
            None => listing.skipped().saturating_add(listing.most()).clamp(1, 1_000),
            Some(_) => 100,
        };
        let mut range = match within {
            None => Range::of(listing),
            Some(_) => Range { from: String::new(), strict: false, before: None },
        };
        loop {
            let mut params: Vec<Param> = Vec::new();
            let mut condition = range.condition("s.name", &mut params);
            if let Some(category) = within {
                params.push(Box::new(category.to_string()));
                condition = format!("{condition} and s.category = ${} and s.last is not null", params.len());
            }
            params.push(Box::new(rows as i64));
            let sql = format!(
                "select {STREAM_COLUMNS} from {}.streams s where {condition} order by s.name limit ${}",
                self.schema(),
                params.len()
            );
            let page = self.rows("listing the streams", sql, params)?;
            for row in &page {
                let stream = rows::stream(row)?;
                range = Range { from: stream.name.to_string(), strict: true, ..range };
                if each(stream)?.is_break() {
                    return Ok(());
                }
            }
            if page.len() < rows {
                return Ok(());
            }
            rows = 1_000;
        }
    }
}

impl EventReader<RawEvent> for Postgres {
    fn head(&self) -> Result<Position, ReadError> {
        let rows = self.rows(
            "reading the head",
            format!("select position from {}.head", self.schema()),
            Vec::new(),
        )?;
        Ok(position(rows.first().map_or(0, |row| row.get(0))))
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, RawEvent>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        let Some(statement) = Statement::of(self.schema(), read).filter(|_| read.most() != Some(0)) else {
            return self.head();
        };
        let backwards = read.direction() == Direction::Backwards;
        let most = self.shared.options.page;
        let mut left = read.most().unwrap_or(usize::MAX);
        // A filter lets fewer through than are read.
        let wanted = |left: usize| if read.filters().is_empty() { left } else { usize::MAX };
        let mut page = Page::first(read, FIRST_PAGE.min(most).min(wanted(left)));
        let mut head = None;
        let mut reading = Rows::default();
        loop {
            let found = self.rows("reading events", statement.sql.clone(), statement.params(page))?;
            let seen = match head {
                Some(seen) => seen,
                None => {
                    let now = found.iter().find_map(rows::head).unwrap_or(0);
                    page.positions.1 = page.positions.1.min(now);
                    *head.insert(position(now))
                }
            };
            let (mut last, mut count) = (None, 0);
            for row in found.iter().filter(|row| rows::head(row).is_none()) {
                count += 1;
                let entry = reading.entry(row)?;
                let envelope = entry.envelope();
                last = Some((envelope.position, envelope.version));
                let mut passes = true;
                for filter in read.filters() {
                    passes = passes && filter.passes(envelope)?;
                }
                if passes {
                    left -= 1;
                    if each(entry.entry()).is_break() || left == 0 {
                        return Ok(seen);
                    }
                }
            }
            let Some((at, of_version)) = last.filter(|_| count as i64 == page.rows) else { return Ok(seen) };
            page.after(at, of_version, &statement, backwards);
            page.rows = number((count * 8).min(most).min(wanted(left)) as u64);
        }
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        let sql = format!("select {STREAM_COLUMNS} from {}.streams s where s.name = $1", self.schema());
        let rows = self.rows("looking up a stream", sql, vec![Box::new(stream.to_string())])?;
        rows.first().map(rows::stream).transpose()
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        let mut page = Paged::of(listing);
        if page.is_full() {
            return Ok(page.items);
        }
        self.each_stream(listing, None, &mut |stream| {
            Ok(match listing.names(stream.name.as_str()) && listing.passes(&stream)? {
                true => page.add(stream),
                false => ControlFlow::Continue(()),
            })
        })?;
        Ok(page.items)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        let mut page = Paged::of(listing);
        let mut range = Range::of(listing);
        const AT_ONCE: usize = 256;
        while !page.is_full() {
            // From each category to the next, with its first stream; filters look at streams.
            let mut params: Vec<Param> = Vec::new();
            let schema = self.schema();
            let condition = range.condition("s.category", &mut params);
            let bound = range.condition_before("s.category", &mut params);
            let sql = format!(
                "with recursive c as ( \
                   (select s.category, {STREAM_COLUMNS} from {schema}.streams s where {condition} and s.last is not null \
                    order by s.category, s.name limit 1) \
                   union all \
                   select n.* from c cross join lateral ( \
                     select s.category, {STREAM_COLUMNS} from {schema}.streams s \
                     where s.category > c.category{bound} and s.last is not null order by s.category, s.name limit 1) n \
                 ) select name, version, deleted, first, last, meta, category from c limit {AT_ONCE}"
            );
            let found = self.rows("listing the categories", sql, params)?;
            for row in &found {
                let category: String = row.get(6);
                range = Range { from: category.clone(), strict: true, ..range };
                if !listing.names(&category) {
                    continue;
                }
                let mut passes = listing.passes(&rows::stream(row)?)?;
                if !passes {
                    self.each_stream(listing, Some(&category), &mut |stream| {
                        passes = listing.passes(&stream)?;
                        Ok(if passes { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
                    })?;
                }
                if passes && page.add(category).is_break() {
                    break;
                }
            }
            if found.len() < AT_ONCE {
                break;
            }
        }
        Ok(page.items)
    }

    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        let sql = format!("select position from {}.events where id = $1", self.schema());
        let rows = self.rows("looking up an event id", sql, vec![Box::new(id.to_string())])?;
        Ok(rows.first().map(|row| position(row.get(0))))
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        let began = Instant::now();
        let shared = &self.shared;
        loop {
            let head = self.head()?;
            let left = at_most.saturating_sub(began.elapsed());
            if head > after || left.is_zero() {
                return Ok(head);
            }
            shared.listening.call_once(|| {
                let heard = Arc::downgrade(&shared.heard);
                shared.driver.spawn(listen(shared.pool.clone(), shared.options.schema.clone(), heard));
            });
            if let Some(head) = shared.heard.beyond(number(after.get()), left.min(LOOK_AFTER)) {
                return Ok(position(head));
            }
        }
    }
}

/// Most streams are folded in one page.
const FIRST_PAGE: usize = 128;

impl Page {
    /// Goes on after this entry.
    fn after(&mut self, at: Position, of_version: Version, statement: &Statement, backwards: bool) {
        let (at, of_version) = (number(at.get()), number(of_version.get()));
        match backwards {
            true => self.positions.1 = at - 1,
            false => self.positions.0 = at + 1,
        }
        if statement.in_one_stream {
            match backwards {
                true => self.versions.1 = of_version,
                false => self.versions.0 = of_version,
            }
        }
    }
}

impl EventStore<RawEvent> for Postgres {
    fn append(&self, batch: Batch<RawEvent>) -> Result<Appended, AppendError> {
        self.append_with(batch, (self.shared.options.clock)(), VecDeque::new())
    }
}

impl Postgres {
    /// Appends at this time; entries that have no id take one of these, in order, and a new one where there is none.
    pub(crate) fn append_with(
        &self,
        batch: Batch<RawEvent>,
        recorded_at: Timestamp,
        ids: VecDeque<Option<EventId>>,
    ) -> Result<Appended, AppendError> {
        let shared = &self.shared;
        let (sender, answer) = mpsc::sync_channel(1);
        let ids = RefCell::new(ids);
        let make_id = || ids.borrow_mut().pop_front().flatten().map_or_else(|| shared.ids.make(), Ok);
        let request = Request::new(batch, recorded_at, make_id, sender)?;
        let ids = request.ids.clone();
        let unanswered = || AppendError::Unknown {
            doing: "appending to PostgreSQL".into(),
            ids,
            why: "the thread of the connections has ended".into(),
        };
        if shared.appender.send(request).is_err() {
            return Err(unanswered());
        }
        let (request, answer) = answer.recv().map_err(|_| unanswered())?;
        self.answered(&request, answer)
    }

    /// The first and the last position of each batch of several entries.
    pub(crate) fn batches(&self) -> Result<BTreeMap<u64, u64>, ReadError> {
        let sql = format!(
            "select position, position + batch_count - 1 from {}.events \
             where batch_count > 1 and position = batch_first order by position",
            self.schema()
        );
        let rows = self.rows("reading the batches", sql, Vec::new())?;
        Ok(rows.iter().map(|row| (row.get::<_, i64>(0) as u64, row.get::<_, i64>(1) as u64)).collect())
    }
}

/// Makes ids that no other handle makes: 64 bits of the system's randomness, and a number.
struct Ids {
    handle: u64,
    made: AtomicU64,
}

impl Ids {
    fn new() -> Ids {
        Ids { handle: RandomState::new().build_hasher().finish(), made: AtomicU64::new(0) }
    }

    fn make(&self) -> Result<EventId, AppendError> {
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        EventId::new(format!("{:016x}-{number}", self.handle)).map_err(|why| unmade(&why))
    }
}
