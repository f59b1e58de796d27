//! Taking snapshots beside the commands: of one stream at once, or of all streams by a projection.

use super::Cause;
use super::checkpoint_file::CheckpointFile;
use super::commands::loaded_stream::LoadedStream;
use super::snapshots::{SnapshotError, SnapshotStore, take_snapshot_at};
use super::{Checkpoint, CheckpointPlace, Projection, ReadModel};
use crate::fold::Fold;
use crate::recorded::{Envelope, StreamName, Version};
use crate::store::{EventReader, Query};
use std::collections::BTreeSet;
use std::fmt;

/// Stores the state that a stream has now, and returns its version. It folds on from the last snapshot; one that cannot
/// be used is replaced. A stream that is empty or deleted has no snapshot.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::runtime::{SnapshotStore, Snapshots, take_snapshot};
/// use leftfold::store::{Batch, EventStore, Memory};
/// use leftfold::view;
/// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// # enum Event { Rung }
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let (store, bell) = (Memory::new(), StreamName::new("bell")?);
/// store.append(Batch::to(&bell).events([Event::Rung, Event::Rung]))?;
/// let snapshots = Snapshots::in_folder(folder, 1);
///
/// let version = take_snapshot(&store, &view(|| 0u64, |n, _: &Event| n + 1), &snapshots, &bell)?;
/// assert_eq!(version.get(), 2);
/// assert_eq!(snapshots.load(&bell).unwrap().map(|snapshot| snapshot.state), Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`SnapshotError`].
pub fn take_snapshot<E, F: Fold<Event = E>>(
    store: &impl EventReader<E>,
    fold: &F,
    snapshots: &dyn SnapshotStore<F::State>,
    stream: &StreamName,
) -> Result<Version, SnapshotError> {
    Ok(take(store, fold, snapshots, stream)?.0)
}

/// Like `take_snapshot`; also says why the last snapshot could not be used.
fn take<E, F: Fold<Event = E>>(
    store: &impl EventReader<E>,
    fold: &F,
    snapshots: &dyn SnapshotStore<F::State>,
    stream: &StreamName,
) -> Result<(Version, Option<String>), SnapshotError> {
    let loaded = LoadedStream::load(store, fold, Some(snapshots), stream)?;
    if loaded.version > Version::NONE {
        take_snapshot_at(store, snapshots, stream, loaded.version, &loaded.state)?;
    }
    Ok((loaded.version, loaded.unusable_snapshot))
}

/// The read model that takes snapshots; made by [`snapshotting`].
pub struct Snapshotting<F, S, T> {
    fold: F,
    store: S,
    snapshots: T,
    every: u64,
    due: BTreeSet<StreamName>,
    file: CheckpointFile<()>,
    /// Why the last snapshot that could not be used was not usable.
    unusable_snapshot: Option<String>,
}

/// A projection that takes the snapshots, so that no command has to.
///
/// Whenever a stream has passed a multiple of `every` events, the next commit of the projection stores the state that
/// the stream has then.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::runtime::{Runner, SnapshotStore, Snapshots, snapshotting};
/// use leftfold::store::{Batch, EventStore, Memory, Query};
/// use leftfold::view;
/// use std::sync::Arc;
/// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// # enum Event { Rung }
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
///
/// let store = Arc::new(Memory::new());
/// let bell = StreamName::of("bell", 1)?;
/// store.append(Batch::to(&bell).events(vec![Event::Rung; 250]))?;
///
/// let rings = view(|| 0u64, |rings, _: &Event| rings + 1);
/// let snapshots = Arc::new(Snapshots::in_folder(folder.join("snapshots"), 1));
/// let taking = snapshotting("snapshots", Query::category("bell")?, rings, store.clone(), snapshots.clone(), 100);
/// Runner::open(taking, store, folder)?.run_once()?;
/// assert_eq!(snapshots.load(&bell).unwrap().map(|snapshot| snapshot.state), Some(250));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn snapshotting<F, S, T>(
    name: impl Into<String>,
    query: Query,
    fold: F,
    store: S,
    snapshots: T,
    every: u64,
) -> Projection<Snapshotting<F, S, T>, F::Event>
where
    F: Fold,
    S: EventReader<F::Event>,
    T: SnapshotStore<F::State>,
{
    let (due, file) = (BTreeSet::new(), CheckpointFile::of_revision(1));
    Projection::new(
        name,
        query,
        Snapshotting { fold, store, snapshots, every, due, file, unusable_snapshot: None },
    )
}

impl<F, S, T> ReadModel<F::Event> for Snapshotting<F, S, T>
where
    F: Fold,
    S: EventReader<F::Event>,
    T: SnapshotStore<F::State>,
{
    fn load(&mut self, place: &CheckpointPlace) -> Result<Checkpoint, Cause> {
        self.due.clear();
        self.snapshots.check(&self.fold.initial_state())?;
        Ok(self.file.load(place)?.1)
    }

    fn unusable_state(&self) -> Option<String> {
        self.unusable_snapshot.clone().or_else(|| self.file.unusable_state())
    }

    fn apply(&mut self, envelope: &Envelope, _: &F::Event) -> Result<(), Cause> {
        if envelope.version.get().is_multiple_of(self.every) {
            self.due.insert(envelope.stream.clone());
        }
        Ok(())
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), Cause> {
        for stream in std::mem::take(&mut self.due) {
            let (_, unusable) = take(&self.store, &self.fold, &self.snapshots, &stream)?;
            self.unusable_snapshot = unusable.or(self.unusable_snapshot.take());
        }
        self.file.commit(checkpoint, &())
    }

    fn clear(&mut self) -> Result<(), Cause> {
        self.unusable_snapshot = None;
        self.file.clear()
    }
}

impl<F, S, T> fmt::Debug for Snapshotting<F, S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshotting").field("every", &self.every).finish_non_exhaustive()
    }
}
