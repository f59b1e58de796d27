//! What each fuzz target does with its bytes. A target fails by a panic: of the kit, or of the promise it is held to here.

mod case_log;
/// The reader of exports, and the model whose commands it makes.
#[allow(dead_code, unreachable_pub, unused_imports)]
#[path = "../../examples/contract"]
mod case_study {
    pub(crate) mod export;
    pub(crate) mod model;
}
mod checkpoint;
mod condition;
#[path = "../../tests/disk/disk.rs"]
mod disk;
mod exports;
mod folder;
mod import_line;
mod log_folder;
mod pattern_state;
mod right_checksums;
mod schema_lock;
mod specification;
mod typed_codec;

// What the case study calls its model.
use case_study::model;

pub use case_log::case_log;
pub use checkpoint::checkpoint;
pub use condition::condition;
pub use exports::exports;
pub use import_line::import_line;
pub use log_folder::log_folder;
pub use pattern_state::pattern_state;
pub use schema_lock::schema_lock;
pub use specification::{seeds as specifications, specification};
pub use typed_codec::typed_codec;

/// What targets begin with that only the present version can write.
pub mod seeds {
    pub use crate::checkpoint::seeds as checkpoint;
    pub use crate::pattern_state::seeds as pattern_state;
    pub use crate::schema_lock::seeds as schema_lock;
    pub use crate::specifications as specification;
}
