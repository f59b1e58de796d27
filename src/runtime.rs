//! The shell around the pure core: models that run on an event store.
//!
//! | to | look at |
//! |---|---|
//! | handle commands, a stream for each identity or one for all | [`CommandHandler`], [`Issued`], [`Handled`] |
//! | decide on events of several streams | [`DecisionModel`], [`Boundary`] |
//! | keep a view up to date | [`Projection`], [`Runner`], [`Folded`], [`ReadModel`] |
//! | do what a process manager owes | [`Process`], [`ProcessRunner`], [`Standing`] |
//! | publish what was recorded, also after a crash | [`outbox()`], [`Producer`], [`Worker`] |
//! | route commands, events and questions | [`buses`] |
//! | begin a long stream in its middle | [`Snapshots`], [`take_snapshot`] |

mod boundary;
pub mod buses;
mod cache;
mod caught;
mod controls;
mod decision;
mod emitted;
mod folded;
mod handled;
mod handler;
mod issued;
mod kept;
mod known;
mod outbox;
mod process;
mod projection;
mod read_model;
mod repeated;
mod runner;
mod runner_error;
mod running;
mod snapshots;
mod snapshotting;
mod stamps;
mod stored;
mod to_do;

pub use boundary::{Boundary, TooNarrow};
pub use buses::{
    Answers, BusError, CommandBus, CommandRoutes, EventBus, ListenerFailed, QueryBus, Question, Sent,
};
pub use controls::{Activity, Controls, Poison, Status};
pub use decision::DecisionModel;
pub use folded::{Folded, FoldedReader};
pub use handled::{HandleError, Handled};
pub use handler::CommandHandler;
pub use issued::Issued;
pub use outbox::{Outbox, Producer, Worker, outbox};
pub use process::{Process, ProcessControls, ProcessRunner, Retries, RunningProcess};
pub use projection::{Emission, Link, OnPoison, Projection};
pub use read_model::{Checkpoint, Place, ReadModel};
pub use runner::Runner;
pub use runner_error::RunnerError;
pub use running::Running;
pub use snapshots::{Snapshot, SnapshotError, SnapshotStore, Snapshots};
pub use snapshotting::{Snapshotting, snapshotting, take_snapshot};
pub use to_do::Standing;

/// What went wrong, in code that the room calls and does not know.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;
