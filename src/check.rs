//! Checks: what a machine finds out about a model.
//!
//! [`explore`](explore()) visits every state that a model can reach, and finds the shortest history to what is wrong.
//! [`conform`](conform()) replays real histories through a decider and reports what the model refuses.

pub mod conform;
mod coverage;
pub mod explore;
mod graph;
mod property;
mod story;

pub use conform::{Conform, Conformance, conform};
pub use coverage::{SpaceCell, SpaceCoverage};
pub use explore::{Answer, Bound, Exploration, Explore, Progress, Unfit, Verdict, explore};
pub use graph::{Came, Edge, Graph};
pub use property::{Property, Step};
pub use story::Story;
