//! Handling commands: what a command becomes on an event store.

mod boundary;
mod command_handler;
mod decision_model;
mod event_metadata;
mod issued;
mod outcome;
mod repeated_command;
mod stream_cache;
pub(super) mod stream_state;

pub use boundary::{Boundary, TooNarrow};
pub use command_handler::CommandHandler;
pub use decision_model::DecisionModel;
pub use issued::Issued;
pub use outcome::{HandleError, Handled};
