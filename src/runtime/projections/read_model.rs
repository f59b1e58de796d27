use crate::recorded::{Envelope, EventId, Position};
use crate::runtime::Cause;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How far a read model has come: kept by it together with what it has made of the events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// All that matters up to here is in.
    pub position: Position,
    /// The last event that went in, by which a log is known again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<(Position, EventId)>,
}

/// Where a projection keeps its things, and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    folder: PathBuf,
    name: String,
}

impl Place {
    pub(in crate::runtime) fn of(folder: &Path, name: &str) -> Place {
        Place { folder: folder.to_path_buf(), name: name.to_string() }
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

/// What a projection writes: something that takes events, and keeps what it makes of them together with a position.
///
/// [`Folded`](crate::runtime::Folded) is the one that comes with the kit: a fold in memory with its checkpoint in a file. Another may
/// be a table of a database, where `commit` ends a transaction that holds the rows and the checkpoint. What is asked of it:
/// after a crash at any moment, [`load`](ReadModel::load) answers with the checkpoint of the last `commit` that has
/// returned, or of one that was under way, and with exactly the events up to there.
///
/// ```
/// use leftfold::recorded::{Envelope, StreamName};
/// use leftfold::runtime::{Cause, Checkpoint, Place, Projection, ReadModel, Runner};
/// use leftfold::store::{Batch, EventStore, Memory, Query};
///
/// #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// enum Event { Sold(u32) }
///
/// /// A total that stands in a row of a table, with its checkpoint in the same row.
/// #[derive(Default)]
/// struct Total { row: (u32, Checkpoint), uncommitted: u32 }
///
/// impl ReadModel<Event> for Total {
///     fn load(&mut self, _: &Place) -> Result<Checkpoint, Cause> {
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
    /// Begins, or begins anew, where it was committed last, and forgets what was applied since; with nothing committed, at
    /// the beginning.
    ///
    /// # Errors
    /// What hindered it.
    fn load(&mut self, place: &Place) -> Result<Checkpoint, Cause>;

    /// Why something that was kept could not be used, if so: a sentence for [`Status::unread`](crate::runtime::Status::unread), asked
    /// for after each `load` and each `commit`. What cannot be used and is not made again from the log is an error of `load`
    /// instead.
    fn unread(&self) -> Option<String> {
        None
    }

    /// Takes one event.
    ///
    /// # Errors
    /// What is wrong with the event. The projection is stopped there, or passes over it, as it was
    /// [told](crate::runtime::OnPoison).
    fn apply(&mut self, envelope: &Envelope, event: &E) -> Result<(), Cause>;

    /// Learns that a stream was deleted; nothing follows from that unless it is written here.
    ///
    /// # Errors
    /// As [`apply`](ReadModel::apply).
    fn deleted(&mut self, _tombstone: &Envelope) -> Result<(), Cause> {
        Ok(())
    }

    /// Makes durable what was applied together with the checkpoint: both or neither.
    ///
    /// # Errors
    /// What hindered it; the runner then loads it again.
    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause>;

    /// Takes away everything that was made and the checkpoint, durably.
    ///
    /// # Errors
    /// What hindered it.
    fn clear(&mut self) -> Result<(), Cause>;
}
