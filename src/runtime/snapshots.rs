use super::Cause;
use super::panics::caught;
use super::state_file::{Found, States, Upto, keeps};
use crate::page::{named, shown};
use crate::recorded::{EventId, Position, StreamName, Version};
use crate::store::{EventReader, Query, ReadError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// The state of a stream at a version, kept so that the stream need not be folded from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot<S> {
    /// The state.
    pub state: S,
    /// The version it is at.
    pub version: Version,
    /// The id of the event that has this version: where the stream has another there, the snapshot is of another log.
    pub event: EventId,
}

/// Where snapshots are kept. They are derived: without them everything is as it is with them, and takes longer.
///
/// Whoever implements it answers only with a state that the present fold has made; [`Snapshots`] sees to that by a hash. A
/// panic in it is an error of it.
pub trait SnapshotStore<S>: Send + Sync {
    /// The snapshot of a stream, if there is one.
    ///
    /// # Errors
    /// Why the one that is there cannot be used. The stream is then folded from its beginning, and
    /// [`Handled::unread_snapshot`](super::Handled::unread_snapshot) says why.
    fn load(&self, stream: &StreamName) -> Result<Option<Snapshot<S>>, Cause>;

    /// Keeps the state of a stream, in place of what was kept of it.
    ///
    /// # Errors
    /// What hindered it; also when the state would not be loaded as it is.
    fn save(&self, stream: &StreamName, version: Version, event: &EventId, state: &S) -> Result<(), Cause>;

    /// Sees whether states like this one can be kept; asked of the initial state before anything is handled. Unless it is
    /// overridden, they can.
    ///
    /// # Errors
    /// What of the state would not be loaded as it is.
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
/// A file carries a hash of the state's shape, as serde tells it, and of a revision. Where either is another than it was,
/// and where the file is damaged or of another log, the snapshot is not used, which is said, and the stream is folded from
/// its beginning. A state is kept once it was read back from its JSON and was equal.
/// Count the revision up when `evolve` makes something else of the same events: that cannot be seen from outside.
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
/// // A handler that begins anew loads the state at 200, and folds the 50 events behind it.
/// let handler = CommandHandler::in_one_stream(rings(), &store, bell.clone())
///     .snapshots(Snapshots::in_folder(folder, 1), 100)?;
/// assert_eq!(handler.look(&bell, |times, version| (*times, version.get()))?, (250, 250));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Snapshots<S> {
    states: States<S>,
}

impl<S: Serialize + DeserializeOwned + PartialEq> Snapshots<S> {
    /// Snapshots in this folder, which is made when the first is taken.
    pub fn in_folder(folder: impl AsRef<Path>, revision: u32) -> Snapshots<S> {
        Snapshots { states: States::in_folder(folder.as_ref(), revision) }
    }

    /// Takes the snapshot of a stream away.
    ///
    /// # Errors
    /// What the system says.
    pub fn delete(&self, stream: &StreamName) -> io::Result<()> {
        self.states.remove(stream.as_str())
    }
}

impl<S: Serialize + DeserializeOwned + PartialEq> SnapshotStore<S> for Snapshots<S> {
    fn load(&self, stream: &StreamName) -> Result<Option<Snapshot<S>>, Cause> {
        let (upto, state) = match self.states.read(stream.as_str())? {
            Found::State(upto, state) => (upto, state),
            Found::Nothing => return Ok(None),
            Found::Unread(why) => return Err(why.into()),
        };
        let (Some(version), Some((_, event))) = (upto.version, upto.event) else {
            return Err(format!("what is kept under the name {stream} is no snapshot").into());
        };
        Ok(Some(Snapshot { state, version, event }))
    }

    fn save(&self, stream: &StreamName, version: Version, event: &EventId, state: &S) -> Result<(), Cause> {
        let upto = Upto {
            of: stream.to_string(),
            version: Some(version),
            event: Some((Position::START, event.clone())),
            ..Upto::default()
        };
        self.states.write(upto, state)
    }

    fn check(&self, state: &S) -> Result<(), Cause> {
        keeps(state)
    }
}

/// Why a snapshot was not taken, or why none can be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The stream could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The snapshot could not be kept.
    #[error(
        "the snapshot of stream {stream} at version {version} cannot be kept: {source}",
        stream = named(.stream), source = shown(.source)
    )]
    Save {
        /// Of which stream.
        stream: StreamName,
        /// At which version.
        version: Version,
        /// What the store of snapshots says.
        source: Cause,
    },
    /// Not even the initial state can be kept.
    #[error("no snapshots can be kept of such states: {source}")]
    Unfit {
        /// What the store of snapshots says of the initial state.
        source: Cause,
    },
}

pub(super) fn take_at<E, S>(
    store: &impl EventReader<E>,
    snapshots: &dyn SnapshotStore<S>,
    stream: &StreamName,
    version: Version,
    state: &S,
) -> Result<(), SnapshotError> {
    let Some(event) = event_at(store, stream, version)? else { return Ok(()) };
    let saved = caught(|| snapshots.save(stream, version, &event, state));
    saved.map_err(|source| SnapshotError::Save { stream: stream.clone(), version, source })
}

/// The id of the event that has this version in its stream; of none if a tombstone has it.
pub(super) fn event_at<E>(
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
