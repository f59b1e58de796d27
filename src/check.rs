//! Checks: what a machine finds out about a model.
//!
//! [`walks`] lets a model live random lives, and shrinks what it finds. [`conform`](conform()) replays real histories through a decider and reports what the model refuses.

mod caught;
pub mod conform;
mod finding;
mod property;
mod shrink;
mod story;
pub mod strategy;

pub use conform::{Conform, Conformance, conform};
pub use finding::{Finding, Shortest};
pub use property::{Property, Step};
pub use shrink::Also;
pub use story::Story;
pub use strategy::{Walkable, Walking, Walks, walks};
