//! Checks: what a machine finds out about a model.
//!
//! [`walks`] lets a model live random lives, and shrinks what it finds. [`conform`](conform()) replays real histories through a decider and reports what the model refuses.

mod caught;
pub mod conform;
pub mod drive;
mod finding;
pub mod laws;
mod property;
mod shrink;
mod story;
pub mod strategy;

pub use conform::{Conform, Conformance, conform};
pub use drive::{Driven, drive};
pub use finding::{Finding, Shortest};
pub use laws::{Law, LawReport, laws};
pub use property::{Property, Step};
pub use shrink::Also;
pub use story::Story;
#[cfg(feature = "proptest")]
pub use strategy::histories;
pub use strategy::{Walkable, Walking, Walks, walks};
