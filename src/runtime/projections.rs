//! Keeping read models up to date: projections, and the runner that applies events to them.

mod controls;
mod emitted_ids;
mod folded;
mod outbox;
mod outside_requests;
mod projection;
mod read_model;
mod runner;
mod runner_error;
pub(super) mod running;

pub use controls::{Activity, Controls, OwedCounts, Poison, Status};
pub use folded::{Folded, FoldedReader};
pub use outbox::{Outbox, Producer, Worker, outbox};
pub use projection::{Emission, Link, OnPoison, Projection};
pub use read_model::{Checkpoint, CheckpointPlace, ReadModel};
pub use runner::Runner;
pub use runner_error::RunnerError;
pub use running::Running;

pub(in crate::runtime) use controls::Requests;
pub(in crate::runtime) use outside_requests::{DELETE, OutsideRequests, RESET, STOP};
