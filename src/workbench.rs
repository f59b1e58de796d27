//! Programs (feature `workbench`): the command line over a model, `check`, `spec`, `diagram` and others, which [`Model::main`](crate::Model::main) runs; and
//! [`log`](mod@log), tools for any event log.

mod any_message;
mod behaviour;
mod diagram;
mod lived;
pub mod log;
mod model;
mod mutate;
#[cfg(feature = "serve")]
mod serve;
mod suite;
mod texts;
mod usage;
mod watch;

#[cfg(feature = "serve")]
pub use serve::PageServer;
