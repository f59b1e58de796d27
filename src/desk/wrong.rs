//! Why a question is not answered.

/// Why a question is not answered: a sentence.
#[derive(Debug)]
pub(super) struct Wrong(pub(super) String);
