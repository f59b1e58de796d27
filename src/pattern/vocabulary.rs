//! The words in which a pattern says what may stand between two events, and what happens after a match.

use std::sync::Arc;

/// What happens to other beginnings when a match is found.
///
/// What began first goes first. So where the strategy lets a match discard what began after it, a match waits while a partial match
/// that began before it is alive. Among matches with the same first event, the one completed first goes first; among those completed at
/// once, the one that takes the earlier events. The strategies are those of Flink CEP. With the pattern `b`, one or more, and `next` a
/// `c`, the history `b1 b2 b3 c` gives
///
/// | strategy | matches |
/// |---|---|
/// | `Nothing`, `ToNext`, `ToFirst("b")` | `b1 b2 b3 c`, `b2 b3 c`, `b3 c` |
/// | `ToLast("b")` | `b1 b2 b3 c`, `b3 c` |
/// | `PastLastEvent` | `b1 b2 b3 c` |
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Skip {
    /// Every match is told, at once. The default.
    #[default]
    Nothing,
    /// Discards what began with the first event of the match: one match for each beginning.
    ToNext,
    /// Discards what began up to the last event of the match: no event is in two matches.
    PastLastEvent,
    /// Discards what began before the first event that this step has captured.
    ToFirst(Arc<str>),
    /// Discards what began before the last event that this step has captured.
    ToLast(Arc<str>),
}

impl Skip {
    /// [`Skip::ToFirst`] of this step.
    pub fn to_first(step: impl Into<Arc<str>>) -> Self {
        Skip::ToFirst(step.into())
    }

    /// [`Skip::ToLast`] of this step.
    pub fn to_last(step: impl Into<Arc<str>>) -> Self {
        Skip::ToLast(step.into())
    }
}

/// What becomes of an event that is older than the latest time seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Late {
    /// It is an error, and the answer ends with it. The default.
    #[default]
    Refused,
    /// It is passed over and [counted](super::Matching::ignored).
    Ignored,
}

/// What may stand between two captured events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contiguity {
    /// Nothing.
    Strict,
    /// What does not satisfy the condition of the later one.
    Relaxed,
    /// Anything.
    Any,
}

impl Contiguity {
    /// Whether the same partial match may still be continued by a later event, after one that it took or did not take.
    pub(super) fn goes_on(self, taken: bool) -> bool {
        match self {
            Contiguity::Strict => false,
            Contiguity::Relaxed => !taken,
            Contiguity::Any => true,
        }
    }
}
