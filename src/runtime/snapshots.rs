//! Snapshots of streams: where they are stored, and the store that comes with the kit, a folder.

use super::Cause;
use super::panics::catching_panics;
use super::state_file::{StateFiles, StateHeader, StoredState, check_round_trip};
use crate::page::named;
use crate::recorded::{EventId, Position, StreamName, Version};
use crate::store::{EventReader, Query, ReadError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// The state of a stream at a version, stored so that the stream need not be folded from its beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot<S> {
    /// The state.
    pub state: S,
    /// The version of the state.
    pub version: Version,
    /// The id of the event with this version. If the stream has another event there, the snapshot is of another log.
    pub event: EventId,
}

/// A place where snapshots are stored. Snapshots are derived: without them, every answer is the same and takes longer.
///
/// An implementation returns only states that the present fold has made; [`Snapshots`] sees to that by a hash. A panic
/// in an implementation counts as its error.
pub trait SnapshotStore<S>: Send + Sync {
    /// The snapshot of a stream, or `None`.
    ///
    /// # Errors
    /// Why the stored snapshot cannot be used. The stream is then folded from its beginning, and
    /// [`Handled::unusable_snapshot`](super::Handled::unusable_snapshot) says why.
    fn load(&self, stream: &StreamName) -> Result<Option<Snapshot<S>>, Cause>;

    /// Stores the state of a stream, in place of its last snapshot.
    ///
    /// # Errors
    /// What went wrong; also when the state would not be loaded as it is.
    fn save(&self, stream: &StreamName, version: Version, event: &EventId, state: &S) -> Result<(), Cause>;

    /// Checks that a state can be stored. It is called with the initial state before anything is handled. Default:
    /// every state can be stored.
    ///
    /// # Errors
    /// Which part of the state would not be loaded as it is.
    fn check(&self, _state: &S) -> Result<(), Cause> {
        Ok(())
    }
}

impl<S, T: SnapshotStore<S> + ?Sized> SnapshotStore<S> for Arc<T> {
    fn load(&self, stream: &StreamName) -> Result<Option<Snapshot<S>>, Cause> {
        (**self).load(stream)
    }

    fn save(&self, stream: &StreamName, version: Version, event: &EventId, state: &S) -> Result<(), Cause> {
        (**self).save(stream, version, event, state)
    }

    fn check(&self, state: &S) -> Result<(), Cause> {
        (**self).check(state)
    }
}

/// Snapshots in a folder, a file for each stream: three lines of JSON.
///
/// A file holds a hash of the revision and of the state's shape, as serde describes it. A snapshot is not used if
/// either has changed, if the file is damaged, or if it is of another log. The handler then says so, and folds the
/// stream from its beginning. A state is stored only if it reads back from its JSON as an equal state.
///
/// Increase the revision when `evolve` makes another state of the same events: the hash cannot see that.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::runtime::{CommandHandler, Snapshots};
/// use leftfold::store::Memory;
/// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// # enum Event { Rung }
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// # let store = Memory::new();
/// # fn rings() -> impl leftfold::Decider<State = u64, Command = (), Event = Event, Rejection = ()> {
/// #     leftfold::decider(|| 0, |_: &(), _: &u64| Ok::<_, ()>(vec![Event::Rung]), |n, _: &Event| n + 1)
/// # }
/// let bell = StreamName::new("bell")?;
/// let handler = CommandHandler::in_one_stream(rings(), &store, bell.clone())
///     .snapshots(Snapshots::in_folder(folder, 1), 100)?;
/// for _ in 0..250 {
///     handler.handle(())?;
/// }
/// // A new handler loads the state at 200, and folds the 50 events after it.
/// let handler = CommandHandler::in_one_stream(rings(), &store, bell.clone())
///     .snapshots(Snapshots::in_folder(folder, 1), 100)?;
/// assert_eq!(handler.look(&bell, |times, version| (*times, version.get()))?, (250, 250));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Snapshots<S> {
    states: StateFiles<S>,
}

debug_by_name!([S] Snapshots<S>, "Snapshots");

impl<S: Serialize + DeserializeOwned + PartialEq> Snapshots<S> {
    /// Snapshots in this folder. The folder is made with the first snapshot.
    pub fn in_folder(folder: impl AsRef<Path>, revision: u32) -> Snapshots<S> {
        Snapshots { states: StateFiles::in_folder(folder.as_ref(), revision) }
    }

    /// Deletes the snapshot of a stream, if there is one.
    ///
    /// # Errors
    /// The error of the file system.
    pub fn delete(&self, stream: &StreamName) -> io::Result<()> {
        self.states.remove(stream.as_str())
    }
}

impl<S: Serialize + DeserializeOwned + PartialEq> SnapshotStore<S> for Snapshots<S> {
    fn load(&self, stream: &StreamName) -> Result<Option<Snapshot<S>>, Cause> {
        let (header, state) = match self.states.read(stream.as_str())? {
            StoredState::State(header, state) => (header, state),
            StoredState::Missing => return Ok(None),
            StoredState::NotUsable(why) => return Err(why.into()),
        };
        let (Some(version), Some((_, event))) = (header.version, header.event) else {
            return Err(format!("the file of the name {stream} is no snapshot").into());
        };
        Ok(Some(Snapshot { state, version, event }))
    }

    fn save(&self, stream: &StreamName, version: Version, event: &EventId, state: &S) -> Result<(), Cause> {
        let header = StateHeader {
            of: stream.to_string(),
            version: Some(version),
            event: Some((Position::START, event.clone())),
            ..StateHeader::default()
        };
        self.states.write(header, state)
    }

    fn check(&self, state: &S) -> Result<(), Cause> {
        check_round_trip(state)
    }
}

/// Why a snapshot was not taken, or why none can be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The stream could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The snapshot could not be stored.
    #[error(
        "the snapshot of stream {stream} at version {version} cannot be kept",
        stream = named(.stream)
    )]
    Save {
        /// The stream.
        stream: StreamName,
        /// The version.
        version: Version,
        /// The error of the snapshot store.
        source: Cause,
    },
    /// The initial state cannot be stored as it is.
    #[error("no snapshots can be kept of such states")]
    Unfit {
        /// What the snapshot store says of the initial state.
        source: Cause,
    },
}

pub(super) fn take_snapshot_at<E, S>(
    store: &impl EventReader<E>,
    snapshots: &dyn SnapshotStore<S>,
    stream: &StreamName,
    version: Version,
    state: &S,
) -> Result<(), SnapshotError> {
    let Some(event) = event_id_at(store, stream, version)? else { return Ok(()) };
    let saved = catching_panics(|| snapshots.save(stream, version, &event, state));
    saved.map_err(|source| SnapshotError::Save { stream: stream.clone(), version, source })
}

/// The id of the event with this version in its stream; `None` for a tombstone.
pub(super) fn event_id_at<E>(
    store: &impl EventReader<E>,
    stream: &StreamName,
    version: Version,
) -> Result<Option<EventId>, ReadError> {
    let mut found = None;
    let read = Query::stream(stream).from_version(version).until_version(version);
    store.visit(&read, &mut |entry| {
        found = entry.event().map(|_| entry.envelope().id.clone());
        ControlFlow::Break(())
    })?;
    Ok(found)
}
