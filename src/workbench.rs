//! Programs (feature `workbench`): the command line over a model, `check`, `spec` and `diagram`, which [`Model::main`](crate::Model::main) runs; and
//! [`log`](mod@log), tools for any event log.

pub mod log;
mod model;
mod mutate;
mod replace_file;
mod texts;
mod usage;
mod watch;
