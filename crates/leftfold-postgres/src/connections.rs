//! Connections: a thread that has them all, a pool of them, and what a call may end in.
//!
//! Callers never drive a future themselves, since they may be inside an async runtime of their own: work goes to the thread,
//! and the caller waits on a channel.

use crate::encryption::{Encryption, advice};
use crate::options::PostgresOptions;
use futures_util::TryStreamExt as _;
use std::collections::HashMap;
use std::error::Error as _;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Handle};
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Row, Statement};

/// A parameter of a statement, a value of any type that PostgreSQL has a column for; see [`params!`](crate::params).
pub type Param = Box<dyn ToSql + Sync + Send>;

/// The thread of the connections. It ends with this value.
pub(crate) struct Driver {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Driver {
    pub(crate) fn start() -> io::Result<Driver> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name("leftfold-postgres".into()).spawn(move || {
            let _ = runtime.block_on(stopped);
        })?;
        Ok(Driver { handle, stop: Some(stop), thread: Some(thread) })
    }

    /// Does this on the thread, and does not wait.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(work);
    }

    /// Does this on the thread, and waits for its answer.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Trouble>> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (sender, answer) = mpsc::sync_channel(1);
        self.handle.spawn(async move {
            let _ = sender.send(work.await);
        });
        answer.recv().unwrap_or_else(|_| Err(Trouble::Lost("the thread of the connections has ended".into())))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.stop.take());
        // The last owner may be a task of the thread itself.
        if let Some(thread) = self.thread.take().filter(|own| own.thread().id() != thread::current().id()) {
            let _ = thread.join();
        }
    }
}

/// Why a call failed.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// There is no connection; nothing was sent.
    Unreached(String),
    /// The connection was lost while the call was under way.
    Lost(String),
    /// The server refused the call; its transaction is undone.
    Refused(Box<DbError>),
    /// The statement gives more than this many rows.
    TooMany(usize),
}

impl Trouble {
    pub(crate) fn of(error: &tokio_postgres::Error) -> Trouble {
        match error.as_db_error() {
            Some(refused) if !ends_connection(refused) => Trouble::Refused(Box::new(refused.clone())),
            _ => Trouble::Lost(sentence(error)),
        }
    }

    pub(crate) fn code(&self) -> Option<&SqlState> {
        match self {
            Trouble::Refused(error) => Some(error.code()),
            Trouble::Unreached(_) | Trouble::Lost(_) | Trouble::TooMany(_) => None,
        }
    }

    /// What the server or the system says.
    pub(crate) fn why(&self) -> String {
        match self {
            Trouble::Unreached(why) | Trouble::Lost(why) => why.clone(),
            Trouble::Refused(error) if *error.code() == SqlState::QUERY_CANCELED => {
                format!(
                    "{}; the option statement_timeout says how long a statement may take",
                    error.message()
                )
            }
            Trouble::Refused(error) => error.message().to_string(),
            Trouble::TooMany(most) => format!("a statement gives more than {most} rows"),
        }
    }

    pub(crate) fn into_io(self) -> io::Error {
        let kind = match &self {
            Trouble::Unreached(_) => io::ErrorKind::NotConnected,
            Trouble::Lost(_) => io::ErrorKind::ConnectionReset,
            Trouble::Refused(_) | Trouble::TooMany(_) => io::ErrorKind::Other,
        };
        io::Error::new(kind, self.why())
    }
}

/// Whether the server goes away with this answer.
fn ends_connection(error: &DbError) -> bool {
    let code = error.code().code();
    code.starts_with("08") || code.starts_with("57P")
}

/// The error with its causes, in one sentence.
fn sentence(error: &tokio_postgres::Error) -> String {
    if let Some(refused) = error.as_db_error() {
        return refused.message().to_string();
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = next.source();
    }
    text
}

/// One connection, and the statements that it has prepared.
pub(crate) struct Connection {
    pub(crate) client: Client,
    task: AbortHandle,
    statements: HashMap<String, Statement>,
}

/// More kinds of statements than a program has; one that makes them without end does not fill the server.
const MOST_STATEMENTS: usize = 256;

impl Connection {
    /// The prepared statement. While it is prepared, nothing is under way that could be recorded.
    async fn statement(&mut self, sql: &str) -> Result<Statement, Trouble> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        if self.statements.len() >= MOST_STATEMENTS {
            self.statements.clear();
        }
        let prepared = self.client.prepare(sql).await.map_err(|error| match Trouble::of(&error) {
            Trouble::Lost(why) => Trouble::Unreached(why),
            trouble => trouble,
        })?;
        self.statements.insert(sql.to_string(), prepared.clone());
        Ok(prepared)
    }

    pub(crate) async fn query(
        &mut self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
        within: Duration,
        most: usize,
    ) -> Result<Vec<Row>, Trouble> {
        let began = Instant::now();
        let unanswered = || format!("the server has not answered for {} s", began.elapsed().as_secs());
        let statement = match timeout(within, self.statement(sql)).await {
            Ok(statement) => statement?,
            Err(_) => return Err(Trouble::Unreached(unanswered())),
        };
        match timeout(within, rows(&self.client, &statement, params, most)).await {
            Ok(answer) => answer,
            Err(_) => Err(Trouble::Lost(unanswered())),
        }
    }

    /// Leaves at once, whatever the server has still to say.
    pub(crate) fn abandon(self) {
        self.task.abort();
    }
}

async fn rows(
    client: &Client,
    statement: &Statement,
    params: &[&(dyn ToSql + Sync)],
    most: usize,
) -> Result<Vec<Row>, Trouble> {
    let params = params.iter().map(|param| *param as &dyn ToSql);
    let arriving = client.query_raw(statement, params).await.map_err(|error| Trouble::of(&error))?;
    let (mut arriving, mut rows) = (pin!(arriving), Vec::new());
    while let Some(row) = arriving.try_next().await.map_err(|error| Trouble::of(&error))? {
        if rows.len() == most {
            return Err(Trouble::TooMany(most));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The connections of a handle. Each is lent for one call.
pub(crate) struct Pool {
    config: Config,
    encryption: Encryption,
    set_up: String,
    free: Mutex<Vec<Connection>>,
    room: Semaphore,
    connect_within: Duration,
    pub(crate) answer_within: Duration,
    retry_for: Duration,
}

impl Pool {
    pub(crate) fn new(config: Config, encryption: Encryption, options: &PostgresOptions) -> Pool {
        let milliseconds = options.statement_timeout.as_millis();
        // Plans by the indices that are there, whatever the statistics say: tables grow after a plan is made.
        let set_up = format!(
            "set application_name = 'leftfold'; set jit = off; set enable_seqscan = off; set enable_bitmapscan = off; \
             set enable_hashjoin = off; set enable_mergejoin = off; set plan_cache_mode = force_generic_plan; \
             set statement_timeout = {milliseconds}; set default_transaction_isolation = 'read committed'; \
             select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"
        );
        Pool {
            config,
            encryption,
            set_up,
            free: Mutex::default(),
            room: Semaphore::new(options.pool),
            connect_within: options.connect_timeout,
            // The server ends a statement first, where it can.
            answer_within: options.statement_timeout + Duration::from_secs(5),
            retry_for: options.retry_for,
        }
    }

    fn free(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new connection, beside those of the pool; what arrives without being asked for goes to `heard`.
    pub(crate) async fn connect(
        &self,
        heard: impl Fn(tokio_postgres::AsyncMessage) + Send + 'static,
    ) -> Result<Connection, Trouble> {
        let unreached = |error: tokio_postgres::Error| {
            let advice = advice(&error).map_or_else(String::new, |advice| format!("; {advice}"));
            Trouble::Unreached(sentence(&error) + &advice)
        };
        let connecting = async {
            let (client, task) = self.encryption.connect(&self.config, heard).await.map_err(unreached)?;
            client.batch_execute(&self.set_up).await.map_err(unreached)?;
            Ok(Connection { client, task, statements: HashMap::new() })
        };
        timeout(self.connect_within, connecting).await.unwrap_or_else(|_| {
            let seconds = self.connect_within.as_secs_f32();
            Err(Trouble::Unreached(format!("there is no connection after {seconds} s")))
        })
    }

    /// A connection for one call; [`give_back`](Pool::give_back) takes it if it can be used again.
    pub(crate) async fn take(&self) -> Result<(Connection, SemaphorePermit<'_>), Trouble> {
        let Ok(permit) = self.room.acquire().await else {
            return Err(Trouble::Unreached("the handle is closed".into()));
        };
        while let Some(connection) = { self.free().pop() } {
            if !connection.client.is_closed() {
                return Ok((connection, permit));
            }
        }
        Ok((self.connect(|_| {}).await?, permit))
    }

    pub(crate) fn give_back(&self, connection: Connection) {
        self.free().push(connection);
    }

    /// One statement, once.
    pub(crate) async fn query(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Trouble> {
        let (mut connection, permit) = self.take().await?;
        let answer = connection.query(sql, params, self.answer_within, usize::MAX).await;
        if matches!(answer, Ok(_) | Err(Trouble::Refused(_))) {
            self.give_back(connection);
        }
        drop(permit);
        answer
    }

    /// One statement that reads: it is tried again when its connection is lost.
    pub(crate) async fn read(&self, sql: &str, params: &[Param]) -> Result<Vec<Row>, Trouble> {
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| &**param as _).collect();
        let mut patience = Patience::new(self.retry_for);
        loop {
            match self.query(sql, &params).await {
                Err(Trouble::Lost(why)) if patience.again().await => drop(why),
                Err(Trouble::Unreached(why)) if patience.has_begun() && patience.again().await => drop(why),
                answer => return answer,
            }
        }
    }

    pub(crate) fn patience(&self) -> Patience {
        Patience::new(self.retry_for)
    }
}

/// How long, and how often, something is tried again: at once, then less and less often.
pub(crate) struct Patience {
    most: Duration,
    since: Option<Instant>,
    pause: Duration,
}

impl Patience {
    fn new(most: Duration) -> Patience {
        Patience { most, since: None, pause: Duration::from_millis(2) }
    }

    /// Whether something was tried again.
    pub(crate) fn has_begun(&self) -> bool {
        self.since.is_some()
    }

    /// Whether there is time to try again; waits a little before it says so.
    pub(crate) async fn again(&mut self) -> bool {
        if self.since.get_or_insert_with(Instant::now).elapsed() >= self.most {
            return false;
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(Duration::from_millis(250));
        true
    }
}
