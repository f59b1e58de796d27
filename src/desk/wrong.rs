//! A question that is not answered.

/// Why it is not: a sentence.
#[derive(Debug)]
pub(super) struct Wrong(pub(super) String);
