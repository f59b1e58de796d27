//! Running process managers: the to-do list they keep, and the runner that hands over what is due.

mod process;
mod to_do_list;

pub use process::{Process, ProcessControls, ProcessRunner, Retries, RunningProcess};
pub use to_do_list::Standing;
