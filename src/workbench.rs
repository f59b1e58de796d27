//! Programs (feature `workbench`): the command line over a model, `check`, `spec` and `diagram`, which [`Model::main`](crate::Model::main) runs; and
//! [`log`](mod@log), tools for any event log.

mod lived;
pub mod log;
mod model;
mod replace_file;
mod texts;
mod usage;
mod watch;
