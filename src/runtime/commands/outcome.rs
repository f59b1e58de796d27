use crate::page::{debugged, named};
use crate::recorded::{CommandId, InvalidText, Position, StreamName, Version};
use crate::store::{AppendError, Conflict, ReadError};
use std::fmt::Debug;

/// What a command has brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handled<E, R = ()> {
    /// The events that it recorded, in order; none when the decision was that nothing happens.
    pub events: Vec<E>,
    /// Where they stand in the log: the first and the last.
    pub positions: Option<(Position, Position)>,
    /// The stream they are in.
    pub stream: StreamName,
    /// The version of the state that `result` was made from.
    pub version: Version,
    /// Whether the command had been handled before, under the same id: nothing was recorded this time.
    pub repeated: bool,
    /// How often it was decided: more than once when others wrote at the same time.
    pub decided: u32,
    /// Why a snapshot that was due was not taken; the command is handled all the same.
    pub no_snapshot: Option<String>,
    /// Why the snapshot that there was could not be used when the stream was loaded: it was folded from its beginning. Said
    /// once, by the first command that is handled after that.
    pub unread_snapshot: Option<String>,
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
///     // The model says no: that is an answer, for whoever asked.
///     Err(HandleError::Rejected(why)) => println!("not now: {why:?}"),
///     // Many write to the same stream: later, perhaps.
///     Err(HandleError::Contended { .. }) => println!("try again"),
///     Err(other) => eprintln!("{other}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandleError<R: Debug> {
    /// The model refuses it: its own rejection. Nothing was recorded.
    #[error("the command was rejected: {}", debugged(.0))]
    Rejected(R),
    /// What was made from the command or its events cannot be a stream's name, a tag or an id. Nothing was recorded.
    #[error("the command cannot be handled: {0}")]
    Named(#[from] InvalidText),
    /// Others wrote each time before it was appended. Nothing was recorded.
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
    /// The stream was deleted. Nothing was recorded; a handler opens no deleted stream again.
    #[error(
        "stream {stream} was deleted at version {version}; append to it at this version to open it again",
        stream = named(.stream)
    )]
    Deleted {
        /// Which stream.
        stream: StreamName,
        /// The version of its tombstone.
        version: Version,
    },
    /// The id stands for a command of another stream. Nothing was recorded.
    #[error(
        "command id {id} is taken: its events are in stream {found}, and not in {stream}",
        id = named(.id), found = named(.found), stream = named(.stream)
    )]
    IdTaken {
        /// The id.
        id: CommandId,
        /// Where this command writes.
        stream: StreamName,
        /// Where the events of the id are.
        found: StreamName,
    },
    /// The store did not take the events; it says whether anything was recorded.
    #[error(transparent)]
    Append(Box<AppendError>),
    /// The store could not be read. Nothing was recorded.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl<R: Debug> HandleError<R> {
    /// The model's rejection, if that is what it is.
    pub fn rejection(self) -> Option<R> {
        match self {
            HandleError::Rejected(rejection) => Some(rejection),
            _ => None,
        }
    }
}
