//! Snapshots of streams in a table.

use crate::connections::Trouble;
use crate::params;
use crate::store::Postgres;
use leftfold::recorded::{EventId, StreamName, Version};
use leftfold::runtime::{Cause, Snapshot, SnapshotStore};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::marker::PhantomData;

/// Snapshots in the database of a store: a row for each stream.
///
/// Increase the revision when the state has another shape, or `evolve` makes another state of the same events: snapshots of
/// another revision are not used.
///
/// ```no_run
/// use leftfold_postgres::{Postgres, SnapshotTable};
///
/// let store = Postgres::open("postgres://shop@localhost/shop")?;
/// let snapshots: SnapshotTable<u64> = SnapshotTable::new(&store, "balance", 1);
/// # let _ = snapshots;
/// # Ok::<(), leftfold_postgres::OpenError>(())
/// ```
///
/// They are given to [`CommandHandler::snapshots`](leftfold::runtime::CommandHandler::snapshots).
pub struct SnapshotTable<S> {
    store: Postgres,
    name: String,
    revision: u32,
    states: PhantomData<fn() -> S>,
}

impl<S> fmt::Debug for SnapshotTable<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotTable")
            .field("name", &self.name)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("the snapshot of stream {stream} is of revision {found}, and this fold has revision {revision}")]
    OtherRevision { stream: StreamName, found: i64, revision: u32 },
    #[error("a state cannot be stored, since its JSON reads back as another one: {json}")]
    Unfaithful { json: String },
}

impl<S> SnapshotTable<S> {
    /// The snapshots of one fold, under a name of its own.
    pub fn new(store: &Postgres, name: impl Into<String>, revision: u32) -> Self {
        SnapshotTable { store: store.clone(), name: name.into(), revision, states: PhantomData }
    }

    fn table(&self) -> String {
        format!("{}.snapshots", self.store.schema())
    }
}

/// The JSON of a state that reads back as it was.
fn json_of<S: Serialize + DeserializeOwned + PartialEq>(state: &S) -> Result<String, Cause> {
    let json = serde_json::to_string(state)?;
    match serde_json::from_str::<S>(&json)? == *state {
        true => Ok(json),
        false => Err(Unusable::Unfaithful { json: json.chars().take(200).collect() }.into()),
    }
}

impl<S: Serialize + DeserializeOwned + PartialEq> SnapshotStore<S> for SnapshotTable<S> {
    fn load(&self, stream: &StreamName) -> Result<Option<Snapshot<S>>, Cause> {
        let sql = format!(
            "select revision, version, event, state::text from {} where name = $1 and stream = $2",
            self.table()
        );
        let found = self.store.select(sql, params![self.name.clone(), stream.to_string()]);
        let rows = found.map_err(Trouble::into_io)?;
        let Some(row) = rows.first() else { return Ok(None) };
        let found: i64 = row.try_get(0)?;
        if found != i64::from(self.revision) {
            return Err(
                Unusable::OtherRevision { stream: stream.clone(), found, revision: self.revision }.into()
            );
        }
        Ok(Some(Snapshot {
            state: serde_json::from_str(row.try_get(3)?)?,
            version: crate::rows::version(row.try_get(1)?),
            event: EventId::new(row.try_get::<_, &str>(2)?)?,
        }))
    }

    fn save(&self, stream: &StreamName, version: Version, event: &EventId, state: &S) -> Result<(), Cause> {
        let table = self.table();
        // A later snapshot is not replaced by one that comes late.
        let sql = format!(
            "insert into {table} as s (name, stream, revision, version, event, state) values ($1, $2, $3, $4, $5, $6::text::json) \
             on conflict (name, stream) do update set revision = excluded.revision, version = excluded.version, \
             event = excluded.event, state = excluded.state where s.revision <> excluded.revision or s.version < excluded.version"
        );
        let params = params![
            self.name.clone(),
            stream.to_string(),
            i64::from(self.revision),
            crate::rows::number(version.get()),
            event.to_string(),
            json_of(state)?,
        ];
        self.store.select(sql, params).map(drop).map_err(|trouble| trouble.into_io().into())
    }

    fn check(&self, state: &S) -> Result<(), Cause> {
        json_of(state).map(drop)
    }
}
