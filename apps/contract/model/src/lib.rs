//! The model of the case study, as it is, and a desk that answers questions about one contract: one pure function for the browser, for
//! the server, and for tests.

#![forbid(unsafe_code)]

// The model is shared with the example, whose rooms speak to each other alone.
#[allow(missing_docs, dead_code, clippy::len_without_is_empty)]
#[path = "../../../../examples/contract"]
mod example {
    pub mod model;
}

mod desk;

pub use desk::answer;
pub use example::model;

/// Which model, and which desk: other sources have another fingerprint.
pub const FINGERPRINT: &str = env!("CONTRACT_MODEL");
