//! The tables: whether they are of the form that this program knows, and how they come to it.

use crate::connections::{Connection, Pool, Trouble};
use std::collections::BTreeSet;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// Forward only: each makes of one version the next. What is released is never changed, and nothing is dropped.
const MIGRATIONS: [&str; 1] = [include_str!("schema_1.sql")];

/// What the newest version has.
const TABLES: [&str; 7] = ["events", "head", "read_models", "snapshots", "streams", "tags", "versions"];
const FUNCTIONS: [&str; 2] = ["append", "last_match"];

/// Why a store was not opened, or its tables were not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The text does not say where a database is.
    #[error(
        "this is no address of a database: {why}; one is written as postgres://user:password@host:5432/database"
    )]
    Address {
        /// What is wrong.
        why: String,
    },
    /// The name of the schema is not one that is used as it is.
    #[error(
        "{name:?} cannot be the schema of a log: a name has at most 48 lower-case letters, digits and `_`, begins with a letter \
         and not with pg_"
    )]
    SchemaName {
        /// The name.
        name: String,
    },
    /// The server cannot be reached, or does not let this user in.
    #[error("the database cannot be opened: {why}")]
    Unavailable {
        /// What the server or the system says.
        why: String,
    },
    /// The connection has to be encrypted, and cannot be.
    #[error("the connection to the database cannot be encrypted: {why}")]
    Encryption {
        /// What is missing.
        why: String,
    },
    /// There are no tables of a log.
    #[error(
        "schema {schema} has no log yet: call leftfold_postgres::migrate, or `leftfold-postgres migrate`, to make its tables"
    )]
    NotMigrated {
        /// The schema.
        schema: String,
    },
    /// The tables have an older form.
    #[error(
        "the log in schema {schema} has version {found}, and this program works with version {known}: call \
         leftfold_postgres::migrate, or `leftfold-postgres migrate`"
    )]
    Older {
        /// The schema.
        schema: String,
        /// The version of the tables.
        found: u32,
        /// The version of this program.
        known: u32,
    },
    /// The tables have a newer form than this program knows.
    #[error(
        "the log in schema {schema} has version {found}, and this program knows up to version {known}: use a newer one"
    )]
    Newer {
        /// The schema.
        schema: String,
        /// The version of the tables.
        found: u32,
        /// The version of this program.
        known: u32,
    },
    /// The version says that something is there which is not.
    #[error(
        "the log in schema {schema} has version {found}, but is without {missing}: somebody removed it, or restored a part of a \
         backup; restore the whole schema"
    )]
    Incomplete {
        /// The schema.
        schema: String,
        /// The version that is written there.
        found: u32,
        /// What is missing.
        missing: String,
    },
    /// The schema holds other tables of the same names.
    #[error(
        "schema {schema} holds {table}, which is none of a log: nothing was changed; choose another schema for the log"
    )]
    Foreign {
        /// The schema.
        schema: String,
        /// The table or function.
        table: String,
    },
    /// The database stores texts in another encoding than UTF-8.
    #[error(
        "the database stores texts as {found}, and events need UTF8: create the database with encoding 'UTF8'"
    )]
    Encoding {
        /// Its encoding.
        found: String,
    },
    /// The server refused a statement of a migration; nothing was changed.
    #[error("the tables in schema {schema} could not be made: {why}; nothing was changed")]
    Refused {
        /// The schema.
        schema: String,
        /// What the server says.
        why: String,
    },
}

impl From<Trouble> for OpenError {
    fn from(trouble: Trouble) -> OpenError {
        OpenError::Unavailable { why: trouble.why() }
    }
}

pub(crate) fn check_name(name: &str) -> Result<(), OpenError> {
    let mut bytes = name.bytes();
    let begins = bytes.next().is_some_and(|first| first.is_ascii_lowercase());
    let goes_on = bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if begins && goes_on && name.len() <= 48 && !name.starts_with("pg_") {
        return Ok(());
    }
    Err(OpenError::SchemaName { name: name.to_string() })
}

/// Checks the tables; with `migrate`, brings them to the newest version first.
pub(crate) async fn prepare(pool: &Pool, schema: &str, migrate: bool) -> Result<(), OpenError> {
    let mut connection = pool.connect(|_| {}).await?;
    let encoding: String =
        ask(&mut connection, pool, "select current_setting('server_encoding')", &[]).await?[0].get(0);
    if encoding != "UTF8" {
        return Err(OpenError::Encoding { found: encoding });
    }
    loop {
        let found = version(&mut connection, pool, schema).await?;
        let (found, known) = (found, MIGRATIONS.len() as u32);
        let schema = schema.to_string();
        match found {
            _ if found > known => return Err(OpenError::Newer { schema, found, known }),
            _ if found == known => return Ok(()),
            _ if migrate => step(&mut connection, &schema, found).await?,
            0 => return Err(OpenError::NotMigrated { schema }),
            _ => return Err(OpenError::Older { schema, found, known }),
        }
    }
}

async fn ask(
    connection: &mut Connection,
    pool: &Pool,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, Trouble> {
    connection.query(sql, params, pool.answer_within, usize::MAX).await
}

/// The version of the tables; 0 if there are none.
async fn version(connection: &mut Connection, pool: &Pool, schema: &str) -> Result<u32, OpenError> {
    let owned = |name: &str| schema.to_string() + "." + name;
    let there = "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace \
                 where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f') \
                 union select p.proname::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1";
    let there = ask(connection, pool, there, &[&schema]).await?;
    let there: BTreeSet<String> = there.iter().map(|row| row.get(0)).collect();
    let ours = || TABLES.iter().chain(&FUNCTIONS).copied();
    let foreign = |table: &str| OpenError::Foreign { schema: schema.to_string(), table: owned(table) };
    if !there.contains("versions") {
        return ours().find(|name| there.contains(*name)).map_or(Ok(0), |name| Err(foreign(name)));
    }
    let marked = "select obj_description(format('%I.versions', $1::text)::regclass) is not distinct from $2";
    let marked: bool = ask(connection, pool, marked, &[&schema, &MARK]).await?[0].get(0);
    if !marked {
        return Err(foreign("versions"));
    }
    let newest = format!("select coalesce(max(number), 0) from {schema}.versions");
    let newest: i32 = ask(connection, pool, &newest, &[]).await?[0].get(0);
    let found = u32::try_from(newest).unwrap_or(0);
    let missing = ours().find(|name| !there.contains(*name));
    match missing.filter(|_| found == MIGRATIONS.len() as u32) {
        Some(missing) => {
            Err(OpenError::Incomplete { schema: schema.to_string(), found, missing: owned(missing) })
        }
        None => Ok(found),
    }
}

/// By this comment, the table of versions is known as one of a log.
const MARK: &str = "versions of a log of leftfold";

/// One migration in one transaction; whoever comes second waits for it, and then finds it done.
async fn step(connection: &mut Connection, schema: &str, from: u32) -> Result<(), OpenError> {
    let refused =
        |error: tokio_postgres::Error| OpenError::Refused { schema: schema.to_string(), why: why(&error) };
    let transaction = connection.client.transaction().await.map_err(refused)?;
    let lock = "select pg_advisory_xact_lock(hashtextextended('leftfold ' || $1::text, 0))";
    transaction.query(lock, &[&schema]).await.map_err(refused)?;
    if from == 0 {
        let known = "select exists(select 1 from pg_namespace where nspname = $1)";
        if !transaction.query_one(known, &[&schema]).await.map_err(refused)?.get::<_, bool>(0) {
            transaction.batch_execute(&format!("create schema {schema}")).await.map_err(refused)?;
        }
        let table = format!(
            "create table if not exists {schema}.versions (number integer primary key, at timestamptz not null default now()); \
             comment on table {schema}.versions is '{MARK}'"
        );
        transaction.batch_execute(&table).await.map_err(refused)?;
    }
    let number = from as i32 + 1;
    let done = format!("insert into {schema}.versions (number) values ($1) on conflict do nothing");
    if transaction.execute(&done, &[&number]).await.map_err(refused)? == 1 {
        let migration = MIGRATIONS[from as usize].replace("{schema}", schema);
        transaction.batch_execute(&migration).await.map_err(refused)?;
    }
    transaction.commit().await.map_err(refused)
}

fn why(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |refused| refused.message().to_string())
}
