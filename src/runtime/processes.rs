//! Running process managers: their to-do lists, and the runner that dispatches what is due.

mod process;
mod retries;
mod to_do_list;

pub use process::{Process, ProcessControls, ProcessRunner, RunningProcess};
pub use retries::Retries;
pub use to_do_list::OwedItem;
