//! Where the batches of a replica are agreed upon.

use crate::recorded::Position;

/// Where the batches of a log are agreed upon, if the log in files is a replica: for those who write a store over a replicated
/// log, such as that of a message broker.
///
/// Concurrent appends make one *round*: one or several batches, which are proposed together and recorded all or none. Before it
/// is written into the files, a round is [proposed](Origin::propose) to follow a position; the origin agrees to one round after
/// each position. What others have proposed comes as [news](Origin::news), in order, and is written into the files as it is.
/// So every replica holds the same entries, and its index, its reading and its codecs are those of the
/// [file log](crate::log::FileLog).
///
/// Calls come from one thread at a time, while nothing else is written. They must not use the log.
pub trait Origin: Send + Sync {
    /// The next round that was agreed upon and not given yet, if it is there without waiting. A round that this replica has
    /// proposed may come again; a round must not be left out.
    fn news(&self) -> Option<AgreedRound>;

    /// Waits until every round that was agreed upon before this call is in the [news](Origin::news).
    ///
    /// # Errors
    /// [`OriginError`] when that cannot be found out.
    fn catch_up(&self) -> Result<(), OriginError>;

    /// Proposes a round to follow this position, and waits until it is decided.
    fn propose(&self, after: Position, round: &[u8]) -> Proposed;

    /// The most bytes of a round. A batch that is larger is refused.
    fn most_bytes(&self) -> usize {
        usize::MAX
    }
}

/// A round that was agreed upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreedRound {
    /// The position of its first entry.
    pub first: Position,
    /// What was [proposed](Origin::propose): lines as in the files, with an empty line between two batches.
    pub bytes: Vec<u8>,
}

/// What became of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposed {
    /// It is recorded.
    Agreed,
    /// Another round came first: nothing of this one is recorded, and the other one will be in the [news](Origin::news).
    Overtaken,
    /// The origin cannot be reached: nothing is recorded.
    Refused(OriginError),
    /// Whether it is recorded is not known. If it is, it will be in the [news](Origin::news).
    Unknown(OriginError),
}

/// What an origin could not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{doing} failed: {why}")]
pub struct OriginError {
    /// What was tried.
    pub doing: String,
    /// What went wrong.
    pub why: String,
}
