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
//! | count commands, refusals and conflicts; see how far a runner is | [`HandlerCounts`], [`Status`] |
//!
//! # Traces
//!
//! With the feature `tracing`, handlers and runners open spans for any subscriber of that crate, under the target `leftfold`:
//!
//! | span | of | fields |
//! |---|---|---|
//! | `handle` | a command | `stream`, `command`, `attempts`, `outcome` |
//! | `load`, `decide`, `append`, `evolve` | in it, at the level `DEBUG` | `append`: `size`, `position`, `outcome`; `evolve`: `events` |
//! | `project` | a page of events that a runner applies | `name`, `from`, `to`, `lag`, `poison` |
//! | `dispatch` | a command of a process runner | `process`, `since`: the position of the event that caused it, `outcome` |
//! | `publish` | an event on a bus or in an outbox | `event`: its type, `position`, `outcome` |
//!
//! No field has contents of commands, events, rejections or states. `command` is the name of the command's type, or of its
//! variant after a call of `CommandHandler::named`.
//!
//! A command may carry the header `traceparent` of the [W3C Trace Context](https://www.w3.org/TR/trace-context/):
//! `Issued::of(command).header("traceparent", text)`, or by [`enrich`](CommandHandler::enrich). Its events have it then, and so
//! have the commands that a [`ProcessRunner`] issues because of them and the events that a projection
//! [emits](Projection::emitting) because of them, with `tracestate`. This needs no feature: it is metadata, and nobody reads it
//! on the way. With the feature, the spans `handle`, `project`, `dispatch` and `publish` have it as the field
//! `traceparent`; a page of several traces has the first 16, with blanks between them.

pub mod buses;
mod checkpoint_file;
mod commands;
mod panics;
mod processes;
mod projections;
mod runners;
mod snapshot_projection;
mod snapshots;
mod spans;
mod state_file;
mod trace_context;

pub use buses::{
    BusError, CommandBus, CommandRoutes, EventBus, ListenerFailed, QueryBus, QueryRoutes, Question, Sent,
};
pub use commands::{
    Boundary, CommandHandler, DecisionModel, HandleError, Handled, HandlerCounts, Issued, OfKey, TooNarrow,
};
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
