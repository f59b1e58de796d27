//! What the three kinds of scenarios share when they say what they expect.

use std::sync::Arc;

pub(super) type Predicate<T> = Arc<dyn Fn(&T) -> bool + Send + Sync>;

/// What a scenario without an expectation should have expected.
pub(super) const NOTHING_EXPECTED: &str = "something: add `.when(…).then(…)`, or make it an open question";

/// Whether two sentences have the same words: a document says each on one line.
pub(super) fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}
