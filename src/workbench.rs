//! Programs (feature `workbench`): the command line over a model, `check`, `spec` and `diagram`, which [`Model::main`](crate::Model::main) runs; and
//! [`log`](mod@log), tools for any event log.

pub mod log;
mod model;
mod replace_file;
#[cfg(feature = "serve")]
mod serve;
mod texts;
mod usage;
mod watch;

#[cfg(feature = "serve")]
pub use serve::PageServer;
