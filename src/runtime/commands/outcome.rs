//! The outcome of a command: what it recorded, or why it was not handled.

use crate::page::{debugged, named};
use crate::recorded::{CommandId, InvalidText, Position, StreamName, Version};
use crate::store::{AppendError, Conflict, ReadError};
use serde::Serialize;
use std::fmt::Debug;

/// What a command recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Handled<E, R = ()> {
    /// The events that it recorded, in order; empty when it decided that nothing happens.
    pub events: Vec<E>,
    /// Their positions in the log: of the first and of the last.
    pub positions: Option<(Position, Position)>,
    /// The stream they are in.
    pub stream: StreamName,
    /// The version of the state that `result` was made from.
    pub version: Version,
    /// Whether the command had been handled before, under the same id: nothing was recorded this time.
    pub repeated: bool,
    /// How often it was decided: more than once if others wrote at the same time.
    pub decided: u32,
    /// Why a snapshot that was due was not taken; the command was handled.
    pub snapshot_error: Option<String>,
    /// Why the snapshot could not be used when the stream was loaded; the stream was folded from its beginning. Only
    /// the first command after that says so.
    pub unusable_snapshot: Option<String>,
    /// What the caller made of the state and the events.
    pub result: R,
}

/// Why a command was not handled.
///
/// ```
/// # use leftfold::recorded::StreamName;
/// # use leftfold::runtime::CommandHandler;
/// # use leftfold::store::Memory;
/// use leftfold::runtime::HandleError;
/// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// # enum Event { Rung }
/// # #[derive(Debug)]
/// # struct Asleep;
/// # let bell = leftfold::decider(|| (), |_: &(), _: &()| Err::<Vec<Event>, _>(Asleep), |_, _: &Event| ());
/// # let handler = CommandHandler::in_one_stream(bell, Memory::new(), StreamName::new("bell")?);
/// # let command = ();
/// match handler.handle(command) {
///     Ok(handled) => println!("{} events", handled.events.len()),
///     // The model says no. This is an answer for the caller.
///     Err(HandleError::Rejected(why)) => println!("not now: {why:?}"),
///     // Many write to the same stream: try later.
///     Err(HandleError::Contended { .. }) => println!("try again"),
///     Err(other) => eprintln!("{other}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandleError<R: Debug> {
    /// The model refused it, with its own rejection. Nothing was recorded.
    #[error("the command was rejected: {}", debugged(.0))]
    Rejected(R),
    /// The command or its events made a stream name, a tag or an id that is not valid. Nothing was recorded.
    #[error("the command cannot be handled")]
    Named(#[from] InvalidText),
    /// Others wrote first, as often as it was decided. Nothing was recorded.
    #[error(
        "the command was decided {decided} times, and each time somebody else wrote first: {last}; give it again, or let the \
         handler try more often"
    )]
    Contended {
        /// How often it was decided.
        decided: u32,
        /// The last conflict.
        last: Box<Conflict>,
    },
    /// The stream was deleted. Nothing was recorded: a handler does not open a deleted stream again.
    #[error(
        "stream {stream} was deleted at version {version}; append to it at this version to open it again",
        stream = named(.stream)
    )]
    Deleted {
        /// The stream.
        stream: StreamName,
        /// The version of its tombstone.
        version: Version,
    },
    /// The stream does not have the version that the command [expects](crate::runtime::Issued::expecting): somebody else has
    /// written, or the caller has seen another stream. Nothing was recorded.
    #[error(
        "the command expects version {expected} of stream {stream}, which is at version {version}: look at it again, and decide \
         whether the command still makes sense",
        stream = named(.stream)
    )]
    Changed {
        /// The stream.
        stream: StreamName,
        /// The version that the command expects.
        expected: Version,
        /// The version that the stream has.
        version: Version,
    },
    /// The id belongs to a command of another stream. Nothing was recorded.
    #[error(
        "command id {id} is taken: its events are in stream {found}, and not in {stream}",
        id = named(.id), found = named(.found), stream = named(.stream)
    )]
    IdTaken {
        /// The id.
        id: CommandId,
        /// The stream of this command.
        stream: StreamName,
        /// The stream of the events with this id.
        found: StreamName,
    },
    /// The store did not append the events. Its error says whether anything was recorded.
    #[error(transparent)]
    Append(Box<AppendError>),
    /// The store could not be read. Nothing was recorded.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl<R: Debug> HandleError<R> {
    /// The model's rejection, if it is one.
    pub fn rejection(self) -> Option<R> {
        match self {
            HandleError::Rejected(rejection) => Some(rejection),
            _ => None,
        }
    }

    /// What it is called in a span.
    pub(super) fn outcome(&self) -> &'static str {
        match self {
            HandleError::Rejected(_) => "rejected",
            HandleError::Contended { .. } => "contended",
            HandleError::Deleted { .. } => "deleted",
            HandleError::Changed { .. } => "changed",
            HandleError::IdTaken { .. } => "id taken",
            HandleError::Named(_) | HandleError::Append(_) | HandleError::Read(_) => "failed",
        }
    }
}
