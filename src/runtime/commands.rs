//! Handling commands: from a command to the events that it records.

mod boundary;
mod command_handler;
mod decision_model;
mod event_metadata;
mod issued;
mod keyed_handler;
pub(super) mod loaded_stream;
mod observed;
mod outcome;
mod repeated_command;
mod stream_cache;

pub use boundary::{Boundary, TooNarrow};
pub use command_handler::CommandHandler;
pub use decision_model::DecisionModel;
pub use issued::Issued;
pub use keyed_handler::OfKey;
pub use observed::HandlerCounts;
pub use outcome::{HandleError, Handled};
