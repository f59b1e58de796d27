//! What a projection writes to: the trait of read models, and their checkpoints.

use crate::recorded::{Envelope, EventId, Position};
use crate::runtime::Cause;
use crate::store::{Filter, Query, QueryItem};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// How far a read model is: stored by the read model together with its content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Every matching event up to this position is applied.
    pub position: Position,
    /// The last event that was applied. It shows whether a log is this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<(Position, EventId)>,
}

/// The folder and the name under which a projection stores its checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointPlace {
    folder: PathBuf,
    name: String,
    /// A hash of the query and the filters; `None` where they are not known.
    events: Option<String>,
}

impl CheckpointPlace {
    pub(in crate::runtime) fn of(folder: &Path, name: &str) -> CheckpointPlace {
        CheckpointPlace { folder: folder.to_path_buf(), name: name.to_string(), events: None }
    }

    /// The same place, for a projection of the events that match this query and pass these filters.
    pub(in crate::runtime) fn of_events(self, query: &Query, filters: &[Filter]) -> CheckpointPlace {
        CheckpointPlace { events: hash_of_events(query, filters), ..self }
    }

    /// A hash of the query and the filters; `None` where they are not known.
    pub(in crate::runtime) fn events(&self) -> Option<&str> {
        self.events.as_deref()
    }

    /// The folder of the runner.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The name of the projection.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// A hash of a query and filters in their JSON. The order of the parts of a query and of the filters does not matter.
fn hash_of_events(query: &Query, filters: &[Filter]) -> Option<String> {
    let mut items = query.items().iter().map(json_of_item).collect::<Option<Vec<_>>>()?;
    let mut filters = filters.iter().map(json_of).collect::<Option<Vec<_>>>()?;
    items.sort_unstable();
    items.dedup();
    filters.sort_unstable();
    filters.dedup();
    Some(format!("{:016x}", xxh3_64(json_of(&(items, filters))?.as_bytes())))
}

fn json_of_item(item: &QueryItem) -> Option<String> {
    let QueryItem { mut streams, mut categories, mut types, mut tags } = item.clone();
    streams.sort_unstable();
    streams.dedup();
    categories.sort_unstable();
    categories.dedup();
    types.sort_unstable();
    types.dedup();
    tags.sort_unstable();
    tags.dedup();
    json_of(&(streams, categories, types, tags))
}

fn json_of(value: &impl Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}

/// A receiver of events that stores what it makes of them together with a position.
///
/// [`Folded`](crate::runtime::Folded) comes with the kit: a fold in memory with its checkpoint in a file. Another may
/// be a table of a database, where `commit` ends a transaction that holds the rows and the checkpoint. After a crash at
/// any moment, [`load`](ReadModel::load) has to return the checkpoint of the last `commit` that has returned, or of one
/// that had begun, and the content has to be made of exactly the events up to there.
///
/// ```
/// use leftfold::recorded::{Envelope, StreamName};
/// use leftfold::runtime::{Cause, Checkpoint, CheckpointPlace, Projection, ReadModel, Runner};
/// use leftfold::store::{Batch, EventStore, Memory, Query};
///
/// #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// enum Event { Sold(u32) }
///
/// /// A total in a row of a table, with its checkpoint in the same row.
/// #[derive(Default)]
/// struct Total { row: (u32, Checkpoint), uncommitted: u32 }
///
/// impl ReadModel<Event> for Total {
///     fn load(&mut self, _: &CheckpointPlace) -> Result<Checkpoint, Cause> {
///         self.uncommitted = self.row.0;
///         Ok(self.row.1.clone())
///     }
///     fn apply(&mut self, _: &Envelope, Event::Sold(cents): &Event) -> Result<(), Cause> {
///         self.uncommitted += cents;
///         Ok(())
///     }
///     fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
///         self.row = (self.uncommitted, checkpoint.clone());
///         Ok(())
///     }
///     fn clear(&mut self) -> Result<(), Cause> {
///         self.row = (0, Checkpoint::default());
///         Ok(())
///     }
/// }
///
/// let store = Memory::new();
/// store.append(Batch::to(&StreamName::of("till", 1)?).events([Event::Sold(250), Event::Sold(100)]))?;
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let mut runner = Runner::open(Projection::new("total", Query::all(), Total::default()), &store, folder)?;
/// runner.run_once()?;
/// assert_eq!(runner.model().row.0, 350);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait ReadModel<E> {
    /// Goes to the state that was committed last, and forgets the events that were applied since. If nothing was
    /// committed, it goes to the beginning.
    ///
    /// # Errors
    /// What went wrong.
    fn load(&mut self, place: &CheckpointPlace) -> Result<Checkpoint, Cause>;

    /// Why a stored state could not be used, if so: a sentence for [`Status::unusable_state`](crate::runtime::Status::unusable_state).
    /// It is asked for after each `load` and each `commit`. A state that cannot be used and cannot be folded again from
    /// the log is an error of `load` instead. Default: `None`.
    fn unusable_state(&self) -> Option<String> {
        None
    }

    /// Applies one event.
    ///
    /// # Errors
    /// What is wrong with the event. The projection stops before the event or skips it, as
    /// [`OnPoison`](crate::runtime::OnPoison) says.
    fn apply(&mut self, envelope: &Envelope, event: &E) -> Result<(), Cause>;

    /// Applies the deletion of a stream. Default: nothing happens.
    ///
    /// # Errors
    /// As [`apply`](ReadModel::apply).
    fn deleted(&mut self, _tombstone: &Envelope) -> Result<(), Cause> {
        Ok(())
    }

    /// Makes the applied events and the checkpoint durable: both or neither.
    ///
    /// # Errors
    /// What went wrong. The runner then loads the read model again.
    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause>;

    /// Deletes the content and the checkpoint, durably.
    ///
    /// # Errors
    /// What went wrong.
    fn clear(&mut self) -> Result<(), Cause>;
}
