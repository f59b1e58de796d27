//! Statements of a caller's own, in one transaction.

use crate::connections::{Connection, Param, Trouble};
use crate::store::Postgres;
use std::fmt;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// Why a statement failed. Its transaction is undone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqlError {
    /// The server refused it.
    #[error("PostgreSQL refused a statement: {why} ({code}): {sql}")]
    Refused {
        /// What the server says.
        why: String,
        /// Its code, such as `23505`.
        code: String,
        /// The statement.
        sql: String,
    },
    /// It gives more rows than the option [`most_rows`](crate::PostgresOptions::most_rows) allows.
    #[error(
        "a statement gives more than {most} rows, the most that the option most_rows allows; its transaction is undone: {sql}"
    )]
    TooManyRows {
        /// How many it may give.
        most: usize,
        /// The statement.
        sql: String,
    },
    /// There is no connection any more. What a commit was sent for may have happened or not.
    #[error("the connection to PostgreSQL is lost: {why}")]
    Lost {
        /// What the system says.
        why: String,
    },
}

/// The parameters of a statement: values of any types that PostgreSQL has columns for.
///
/// ```
/// let values = leftfold_postgres::params![17_i64, "petra".to_string(), None::<String>];
/// assert_eq!(values.len(), 3);
/// ```
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        ::std::vec![$(::std::boxed::Box::new($value) as ::std::boxed::Box<dyn $crate::ToSql + Sync + Send>),*]
    };
}

/// A connection with a transaction of a caller's own, beside the pool; made by [`Postgres::transaction`], and lent to the
/// closures of a [`SqlReadModel`](crate::SqlReadModel).
pub struct SqlTransaction {
    store: Postgres,
    connection: Option<Connection>,
}

impl fmt::Debug for SqlTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlTransaction").field("store", &self.store).finish_non_exhaustive()
    }
}

/// The plans of a caller's statements are the planner's own.
const AS_USUAL: &str = "reset jit; reset enable_seqscan; reset enable_bitmapscan; reset enable_hashjoin; \
                        reset enable_mergejoin; reset plan_cache_mode";

impl SqlTransaction {
    pub(crate) fn connect(store: &Postgres) -> Result<SqlTransaction, SqlError> {
        let pool = store.pool().clone();
        let connecting = async move { pool.connect(|_| {}).await };
        let connected = store.driver().run(connecting);
        let connection = Some(connected.map_err(|trouble| SqlError::Lost { why: trouble.why() })?);
        let mut transaction = SqlTransaction { store: store.clone(), connection };
        transaction.execute_all(AS_USUAL)?;
        Ok(transaction)
    }

    pub(crate) fn schema(&self) -> &str {
        self.store.schema()
    }

    /// The rows that a statement gives, at most [`most_rows`](crate::PostgresOptions::most_rows); its parameters are written as `$1`, `$2`, ….
    ///
    /// # Errors
    /// [`SqlError`].
    pub fn query(&mut self, sql: &str, params: Vec<Param>) -> Result<Vec<Row>, SqlError> {
        let (mut connection, text) = (self.taken()?, sql.to_string());
        let (within, most) = (self.store.pool().answer_within, self.store.most_rows());
        let done = self.store.driver().run(async move {
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| &**param as _).collect();
            let answer = connection.query(&text, &params, within, most).await;
            Ok((connection, answer))
        });
        self.ended(sql, done)
    }

    /// A statement whose rows are of no interest.
    ///
    /// # Errors
    /// [`SqlError`].
    pub fn execute(&mut self, sql: &str, params: Vec<Param>) -> Result<(), SqlError> {
        self.query(sql, params).map(drop)
    }

    /// Several statements without parameters, with a `;` between them.
    ///
    /// # Errors
    /// [`SqlError`].
    pub fn execute_all(&mut self, sql: &str) -> Result<(), SqlError> {
        let (connection, text) = (self.taken()?, sql.to_string());
        let done = self.store.driver().run(async move {
            let answer = connection.client.batch_execute(&text).await;
            Ok((connection, answer.map_err(|error| Trouble::of(&error))))
        });
        self.ended(sql, done)
    }

    fn taken(&mut self) -> Result<Connection, SqlError> {
        let lost = || SqlError::Lost { why: "an earlier statement has lost it".into() };
        self.connection.take().ok_or_else(lost)
    }

    fn ended<T>(
        &mut self,
        sql: &str,
        done: Result<(Connection, Result<T, Trouble>), Trouble>,
    ) -> Result<T, SqlError> {
        let lost = |trouble: &Trouble| SqlError::Lost { why: trouble.why() };
        let (connection, answer) = done.map_err(|trouble| lost(&trouble))?;
        match &answer {
            Ok(_) | Err(Trouble::Refused(_)) => self.connection = Some(connection),
            Err(Trouble::TooMany(_)) => connection.abandon(),
            Err(Trouble::Lost(_) | Trouble::Unreached(_)) => {}
        }
        let sql = sql.to_string();
        answer.map_err(|trouble| match (trouble.code(), &trouble) {
            (Some(code), _) => {
                let (why, code) = (trouble.why(), code.code().to_string());
                SqlError::Refused { why, code, sql }
            }
            (None, Trouble::TooMany(most)) => SqlError::TooManyRows { most: *most, sql },
            (None, _) => lost(&trouble),
        })
    }
}

impl Postgres {
    /// Does several statements in one transaction, on a connection of its own: all of it is kept if the function returns `Ok`,
    /// and nothing otherwise.
    ///
    /// ```no_run
    /// # let store = leftfold_postgres::Postgres::open("postgres://shop@localhost/shop")?;
    /// use leftfold_postgres::params;
    ///
    /// store.transaction(|sql| sql.execute("insert into notes (text) values ($1)", params!["a note".to_string()]))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SqlError`]; after [`SqlError::Lost`] at the end, it is not known whether it is kept.
    pub fn transaction<T>(
        &self,
        work: impl FnOnce(&mut SqlTransaction) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        let mut transaction = SqlTransaction::connect(self)?;
        transaction.execute_all("begin")?;
        // An error leaves the connection, and its transaction with it.
        let done = work(&mut transaction)?;
        transaction.execute_all("commit")?;
        Ok(done)
    }
}
