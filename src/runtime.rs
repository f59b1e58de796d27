//! The shell around the pure core: models that run on an event store.
//!
//! | to | look at |
//! |---|---|
//! | handle commands, a stream for each identity or one for all | [`CommandHandler`], [`Issued`], [`Handled`] |
//! | decide on events of several streams | [`DecisionModel`], [`Boundary`] |
//! | keep a view up to date | [`Projection`], [`Runner`], [`Folded`], [`ReadModel`] |
//! | list, stop, reset and delete runners from another process | [`Runners`], the program `leftfold runners` |
//! | do what a process manager owes | [`Process`], [`ProcessRunner`], [`OwedItem`] |
//! | publish what was recorded, also after a crash | [`outbox()`], [`Producer`], [`Worker`] |
//! | route commands, events and questions | [`buses`] |
//! | begin a long stream in its middle | [`Snapshots`], [`take_snapshot`] |

pub mod buses;
mod checkpoint_file;
mod commands;
mod panics;
mod processes;
mod projections;
mod runners;
mod snapshot_projection;
mod snapshots;
mod state_file;

pub use buses::{
    BusError, CommandBus, CommandRoutes, EventBus, ListenerFailed, QueryBus, QueryRoutes, Question, Sent,
};
pub use commands::{Boundary, CommandHandler, DecisionModel, HandleError, Handled, Issued, OfKey, TooNarrow};
pub use processes::{OwedItem, Process, ProcessControls, ProcessRunner, Retries, RunningProcess};
pub use projections::{
    Activity, Checkpoint, CheckpointPlace, Controls, Emission, Folded, FoldedReader, Link, OnPoison, Outbox,
    OwedCounts, Poison, Producer, Projection, ReadModel, Runner, RunnerError, Running, Status, Worker,
    outbox,
};
pub use runners::{FoundRunner, RequestAnswer, RunnerRequest, Runners};
pub use snapshot_projection::{Snapshotting, snapshotting, take_snapshot};
pub use snapshots::{Snapshot, SnapshotError, SnapshotStore, Snapshots};

/// An error of code that the caller supplies: a read model, a port, a snapshot store.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;
