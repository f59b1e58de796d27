use super::controls::Poison;
use crate::page::{named, shown};
use crate::recorded::{InvalidText, Position};
use crate::runtime::Cause;
use crate::store::{AppendError, ReadError};
use std::io;

/// Why a runner was not opened, or has stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunnerError {
    /// Another runner has this name in this folder.
    #[error(
        "{name} is run by somebody else: its lock in {place} is held; stop that runner first",
        name = named(.name), place = shown(.place)
    )]
    RunElsewhere {
        /// The name of the projection.
        name: String,
        /// The folder.
        place: String,
    },
    /// Its lock was removed or replaced while it ran. Nothing more is committed.
    #[error(
        "{name} does not go on: its lock {lock} was removed or replaced while it ran, so another runner may be at work; open it \
         again",
        name = named(.name), lock = shown(.lock)
    )]
    LockLost {
        /// The name of the projection.
        name: String,
        /// The file.
        lock: String,
    },
    /// The name is none that a stream can have.
    #[error(transparent)]
    Named(#[from] InvalidText),
    /// The checkpoint does not belong to this log; [`Projection::anew`](crate::runtime::Projection::anew) begins without it.
    #[error(
        "{name} was committed at position {position} of another log than this one, whose {found}; begin it anew, or give \
         it another folder",
        name = named(.name)
    )]
    OtherLog {
        /// The name of the projection.
        name: String,
        /// The position of the checkpoint.
        position: Position,
        /// What stands in this log instead.
        found: String,
    },
    /// It has stopped before an event that cannot be taken. All before it is committed.
    #[error("stopped: {0}")]
    Poison(Box<Poison>),
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The read model failed or panicked, or other code that the runner calls: the store, a clock.
    #[error(
        "{doing} {name} failed: {source}",
        doing = shown(.doing), name = named(.name), source = shown(.source)
    )]
    Model {
        /// What was tried.
        doing: &'static str,
        /// The name of the projection.
        name: String,
        /// What it says.
        source: Cause,
    },
    /// What the projection emits was not taken by the store. Nothing behind the last commit counts as done.
    #[error(
        "{name} could not emit what follows from position {position}: {source}; if it emits something else than before, give it \
         another name",
        name = named(.name), source = shown(.source)
    )]
    Emit {
        /// The name of the projection.
        name: String,
        /// The position of the event that it comes from.
        position: Position,
        /// What the store says.
        source: Box<AppendError>,
    },
    /// The thread that ran it has panicked outside of all code that may panic. What was committed stands.
    #[error("the thread that ran {name} has died: {cause}", name = named(.name), cause = shown(.cause))]
    Died {
        /// The name of the projection.
        name: String,
        /// What the panic said.
        cause: String,
    },
    /// The folder cannot be used.
    #[error(
        "{doing} failed: {source}",
        doing = shown(.doing), source = shown(.source)
    )]
    Folder {
        /// What was tried.
        doing: String,
        /// What the system says.
        source: io::Error,
    },
}
