//! What may happen between two captured events, what a match discards, and what becomes of late events.

use std::sync::Arc;

/// Which other partial matches a match discards.
///
/// Matches are reported in the order of their first events. If the strategy lets an earlier match discard later ones, a match
/// waits while a partial match that began before it is alive. Of matches with the same first event, the one completed first is
/// reported first; of those completed at once, the one with the earlier events. The strategies are those of Flink CEP. The
/// pattern `b`, one or more times, and `next` a `c`, finds in the history `b1 b2 b3 c`
///
/// | strategy | matches |
/// |---|---|
/// | `Nothing`, `ToNext`, `ToFirst("b")` | `b1 b2 b3 c`, `b2 b3 c`, `b3 c` |
/// | `ToLast("b")` | `b1 b2 b3 c`, `b3 c` |
/// | `PastLastEvent` | `b1 b2 b3 c` |
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Skip {
    /// A match discards nothing: every match is reported, at once. The default.
    #[default]
    Nothing,
    /// Discards partial matches with the same first event: one match for each first event.
    ToNext,
    /// Discards partial matches that began up to the last event of the match: no event is in two matches.
    PastLastEvent,
    /// Discards partial matches that began before the first event that this step captured.
    ToFirst(Arc<str>),
    /// Discards partial matches that began before the last event that this step captured.
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

/// What a matcher does with an event that is older than the latest time it has observed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Late {
    /// The matcher stops with an [error](super::Matching::error). The default.
    #[default]
    Refused,
    /// The matcher skips the event and [counts](super::Matching::ignored) it.
    Ignored,
}

/// Which events may happen between two captured events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contiguity {
    /// None.
    Strict,
    /// Those that do not satisfy the condition of the later one.
    Relaxed,
    /// All.
    Any,
}

impl Contiguity {
    /// Whether a later event may still continue the same partial match, after an event that it took or did not take.
    pub(super) fn continues(self, taken: bool) -> bool {
        match self {
            Contiguity::Strict => false,
            Contiguity::Relaxed => !taken,
            Contiguity::Any => true,
        }
    }
}
