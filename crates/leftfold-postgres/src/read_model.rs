//! Read models in tables: their rows and their position are kept in one transaction.

use crate::params;
use crate::store::Postgres;
use crate::transaction::{SqlError, SqlTransaction};
use leftfold::recorded::Envelope;
use leftfold::runtime::{Cause, Checkpoint, CheckpointPlace, ReadModel};
use std::fmt;

type Apply<E> = Box<dyn FnMut(&mut SqlTransaction, &Envelope, &E) -> Result<(), Cause> + Send>;
type Deleted = Box<dyn FnMut(&mut SqlTransaction, &Envelope) -> Result<(), Cause> + Send>;

/// A read model in tables of the database of a store, with its position in the same transaction: after a crash at any moment,
/// the rows are made of exactly the events up to the position.
///
/// Two runners of one read model, in different processes, do not both write: the one that comes late gets an error.
///
/// ```no_run
/// use leftfold::codec::Codec;
/// use leftfold::runtime::{Projection, Runner};
/// use leftfold::store::Query;
/// use leftfold_postgres::{Postgres, SqlReadModel, params};
///
/// #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// enum Event { Sold { item: String, cents: i64 } }
///
/// let database = Postgres::open("postgres://shop@localhost/shop")?;
/// let store = database.clone().with(Codec::<Event>::new()?);
/// let sales = SqlReadModel::new(&database, "sales")
///     .made_by("create table if not exists sales (item text primary key, cents bigint not null)")
///     .cleared_by("delete from sales")
///     .on_event(|sql, _, Event::Sold { item, cents }| {
///         let add = "insert into sales values ($1, $2) on conflict (item) do update set cents = sales.cents + $2";
///         Ok(sql.execute(add, params![item.clone(), *cents])?)
///     });
/// let mut runner = Runner::open(Projection::new("sales", Query::all(), sales), store, "runners")?;
/// runner.run_once()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Rebuilt beside the old one
///
/// A new form of a read model is made under a new name, `sales_2` in a table `sales_2`, while readers use the old one. When its
/// runner has caught up, it is stopped, and both are swapped in one transaction; from then on, a runner has the new one under
/// the old name:
///
/// ```no_run
/// # let store = leftfold_postgres::Postgres::open("postgres://shop@localhost/shop")?;
/// use leftfold_postgres::SqlReadModel;
///
/// store.transaction(|sql| {
///     sql.execute_all("alter table sales rename to sales_before; alter table sales_2 rename to sales")?;
///     SqlReadModel::<()>::rename(sql, "sales_2", "sales")
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SqlReadModel<E> {
    store: Postgres,
    name: String,
    made_by: String,
    cleared_by: String,
    apply: Apply<E>,
    deleted: Deleted,
    session: Option<SqlTransaction>,
    /// Whether a transaction is open.
    begun: bool,
    /// The checkpoint as it is stored, as long as this one is the only writer.
    stored: Option<String>,
}

impl<E> fmt::Debug for SqlReadModel<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlReadModel").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Another process has moved the position of the read model.
#[derive(Debug, thiserror::Error)]
#[error("the read model {name} was changed by another runner; stop one of them")]
struct Moved {
    name: String,
}

impl<E> SqlReadModel<E> {
    /// A read model without tables yet, whose position is kept under this name.
    pub fn new(store: &Postgres, name: impl Into<String>) -> Self {
        SqlReadModel {
            store: store.clone(),
            name: name.into(),
            made_by: String::new(),
            cleared_by: String::new(),
            apply: Box::new(|_, _, _| Ok(())),
            deleted: Box::new(|_, _| Ok(())),
            session: None,
            begun: false,
            stored: None,
        }
    }

    /// These statements make its tables; they are executed each time it is loaded (`create table if not exists …`).
    #[must_use]
    pub fn made_by(self, statements: impl Into<String>) -> Self {
        SqlReadModel { made_by: statements.into(), ..self }
    }

    /// These statements empty its tables, before it is built again from the first event.
    #[must_use]
    pub fn cleared_by(self, statements: impl Into<String>) -> Self {
        SqlReadModel { cleared_by: statements.into(), ..self }
    }

    /// What an event does to its rows. After an error, the transaction is undone, and the runner applies the events before
    /// this one again.
    #[must_use]
    pub fn on_event(
        self,
        apply: impl FnMut(&mut SqlTransaction, &Envelope, &E) -> Result<(), Cause> + Send + 'static,
    ) -> Self {
        SqlReadModel { apply: Box::new(apply), ..self }
    }

    /// What the deletion of a stream does to its rows. Default: nothing.
    #[must_use]
    pub fn on_deleted(
        self,
        deleted: impl FnMut(&mut SqlTransaction, &Envelope) -> Result<(), Cause> + Send + 'static,
    ) -> Self {
        SqlReadModel { deleted: Box::new(deleted), ..self }
    }

    /// Gives the position of a read model, in place of the one that the other name has; see
    /// [above](SqlReadModel#rebuilt-beside-the-old-one).
    ///
    /// # Errors
    /// [`SqlError`].
    pub fn rename(sql: &mut SqlTransaction, from: &str, to: &str) -> Result<(), SqlError> {
        let table = format!("{}.read_models", sql.schema());
        sql.execute(&format!("delete from {table} where name = $1"), params![to.to_string()])?;
        let moved = format!("update {table} set name = $2 where name = $1");
        sql.execute(&moved, params![from.to_string(), to.to_string()])
    }

    fn table(&self) -> String {
        format!("{}.read_models", self.store.schema())
    }

    /// The open transaction; begins one where none is. It holds the row of the position, so that nobody else moves it.
    fn transaction(&mut self) -> Result<&mut SqlTransaction, Cause> {
        self.parts().map(|(session, ..)| session)
    }

    /// The open transaction, and what is done in it.
    fn parts(&mut self) -> Result<(&mut SqlTransaction, &mut Apply<E>, &mut Deleted), Cause> {
        let table = self.table();
        let session = match &mut self.session {
            Some(session) => session,
            none => none.insert(SqlTransaction::connect(&self.store)?),
        };
        if !self.begun {
            session.execute_all("begin")?;
            let stored = format!("select checkpoint::text from {table} where name = $1 for update");
            let rows = session.query(&stored, params![self.name.clone()])?;
            if rows.first().map(|row| row.get::<_, String>(0)) != self.stored {
                return Err(Moved { name: self.name.clone() }.into());
            }
            self.begun = true;
        }
        Ok((session, &mut self.apply, &mut self.deleted))
    }

    fn end(&mut self, checkpoint: Option<String>) -> Result<(), Cause> {
        let (table, name) = (self.table(), self.name.clone());
        let session = self.transaction()?;
        match &checkpoint {
            Some(checkpoint) => {
                let kept = format!(
                    "insert into {table} (name, checkpoint) values ($1, $2::text::json) \
                     on conflict (name) do update set checkpoint = excluded.checkpoint"
                );
                session.execute(&kept, params![name, checkpoint.clone()])?;
            }
            None => session.execute(&format!("delete from {table} where name = $1"), params![name])?,
        }
        session.execute_all("commit")?;
        (self.stored, self.begun) = (checkpoint, false);
        Ok(())
    }
}

impl<E> ReadModel<E> for SqlReadModel<E> {
    fn load(&mut self, _: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        // With its connection, a transaction that is open ends undone.
        (self.session, self.begun) = (None, false);
        let mut session = SqlTransaction::connect(&self.store)?;
        session.execute_all(&self.made_by)?;
        let stored = format!("select checkpoint::text from {} where name = $1", self.table());
        let rows = session.query(&stored, params![self.name.clone()])?;
        self.stored = rows.first().map(|row| row.get(0));
        self.session = Some(session);
        Ok(self.stored.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default())
    }

    fn apply(&mut self, envelope: &Envelope, event: &E) -> Result<(), Cause> {
        let (session, apply, _) = self.parts()?;
        apply(session, envelope, event)
    }

    fn deleted(&mut self, tombstone: &Envelope) -> Result<(), Cause> {
        let (session, _, deleted) = self.parts()?;
        deleted(session, tombstone)
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        let checkpoint = serde_json::to_string(checkpoint)?;
        self.end(Some(checkpoint))
    }

    fn clear(&mut self) -> Result<(), Cause> {
        let statements = self.cleared_by.clone();
        self.transaction()?.execute_all(&statements)?;
        self.end(None)
    }
}
