//! Programs (feature `workbench`): the command line over a model, `check`, `spec`, `diagram` and others, which [`Model::main`](crate::Model::main) runs; and
//! [`log`](mod@log), tools for any event log.

pub mod log;
mod model;
mod replace_file;
mod suite;
mod texts;
mod usage;
mod watch;
