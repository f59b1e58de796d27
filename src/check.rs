//! Checks: what a machine finds out about a model.
//!
//! [`conform`](conform()) replays real histories through a decider and reports what the model refuses.

pub mod conform;
mod property;
mod story;

pub use conform::{Conform, Conformance, conform};
pub use property::{Property, Step};
pub use story::Story;
