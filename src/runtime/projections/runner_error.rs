//! The errors of runners.

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
    /// No runner of this name was ever opened in this folder, or it was deleted.
    #[error("there is no runner {name} in {place}", name = named(.name), place = shown(.place))]
    NoSuchRunner {
        /// The name of the projection.
        name: String,
        /// The folder.
        place: String,
    },
    /// Its lock file was removed or replaced while it ran. Nothing more is committed.
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
    /// The name is not valid as the name of a stream.
    #[error(transparent)]
    Named(#[from] InvalidText),
    /// The checkpoint belongs to another log;
    /// [`Projection::from_the_start`](crate::runtime::Projection::from_the_start) deletes it.
    #[error(
        "{name} was committed at position {position} of another log than this one, whose {found}; begin it \
         from the start, or give it another folder",
        name = named(.name)
    )]
    OtherLog {
        /// The name of the projection.
        name: String,
        /// The position of the checkpoint.
        position: Position,
        /// What this log has instead.
        found: String,
    },
    /// It has stopped before an event that cannot be applied. All events before it are committed.
    #[error("stopped: {0}")]
    Poison(Box<Poison>),
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The read model failed or panicked, or other code that the runner calls: the store, a clock.
    #[error(
        "{doing} {name} failed",
        doing = shown(.doing), name = named(.name)
    )]
    Model {
        /// What was tried.
        doing: &'static str,
        /// The name of the projection.
        name: String,
        /// Its error.
        source: Cause,
    },
    /// The store refused an event that the projection emits. Nothing after the last commit counts as done.
    #[error(
        "{name} could not emit what follows from position {position}; if it emits something else than before, give it \
         another name",
        name = named(.name)
    )]
    Emit {
        /// The name of the projection.
        name: String,
        /// The position of the event that it comes from.
        position: Position,
        /// The error of the store.
        source: Box<AppendError>,
    },
    /// The stream that the projection emits to could not be deleted. Nothing else was deleted; delete it again.
    #[error("the stream that {name} emits to could not be deleted; delete it again", name = named(.name))]
    Emitted {
        /// The name of the projection.
        name: String,
        /// The error of the store.
        source: Box<AppendError>,
    },
    /// Its thread has panicked where no panic is expected. What was committed is safe.
    #[error("the thread that ran {name} has died: {cause}", name = named(.name), cause = shown(.cause))]
    Died {
        /// The name of the projection.
        name: String,
        /// What the panic said.
        cause: String,
    },
    /// The folder cannot be used.
    #[error(
        "{doing} failed",
        doing = shown(.doing)
    )]
    Folder {
        /// What was tried.
        doing: String,
        /// The error of the file system.
        source: io::Error,
    },
}
