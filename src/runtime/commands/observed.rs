//! What can be seen of a handler from outside: its counts, and the span of each command.

use super::event_metadata::PreparedCommand;
use super::outcome::{HandleError, Handled};
use crate::recorded::StreamName;
use crate::runtime::spans::{self, CommandName};
use crate::store::{AppendError, Appended, Batch, EventStore};
use serde::Serialize;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a handler has done since it was made, as numbers that only grow. Each command is in one of the first four when it is
/// answered; one that panicked is in none.
///
/// Any exporter can take them. In the text form of Prometheus, together with the lag of a projection:
///
/// ```
/// # use leftfold::recorded::StreamName;
/// # use leftfold::runtime::{CommandHandler, Folded, Projection, Runner};
/// # use leftfold::store::{Memory, Query};
/// # use std::sync::Arc;
/// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// # enum Event { Rung }
/// # let bell = leftfold::decider(
/// #     || false, |_: &(), rung: &bool| if *rung { Err("rung") } else { Ok(vec![Event::Rung]) }, |_, _: &Event| true);
/// # let store = Arc::new(Memory::new());
/// # let folder = tempfile::tempdir()?;
/// # let rings = leftfold::view(|| 0u32, |times, _: &Event| times + 1);
/// # let runner = Runner::open(Projection::new("rings", Query::all(), Folded::of(rings)), store.clone(), folder.path())?;
/// # let handler = CommandHandler::in_one_stream(bell, store, StreamName::new("bell")?);
/// handler.handle(())?;
/// handler.handle(()).unwrap_err();
///
/// let (counts, status) = (handler.counts(), runner.status());
/// let page = [
///     format!("commands_total{{outcome=\"handled\"}} {}", counts.handled),
///     format!("commands_total{{outcome=\"repeated\"}} {}", counts.repeated),
///     format!("commands_total{{outcome=\"refused\"}} {}", counts.refused),
///     format!("commands_total{{outcome=\"failed\"}} {}", counts.failed),
///     format!("append_conflicts_total {}", counts.conflicts),
///     format!("projection_lag{{name={:?}}} {}", status.name, status.lag),
/// ]
/// .join("\n");
/// assert!(page.starts_with("commands_total{outcome=\"handled\"} 1\n"));
/// assert!(page.contains("{outcome=\"refused\"} 1\n"));
/// assert!(page.ends_with("\nprojection_lag{name=\"rings\"} 0"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HandlerCounts {
    /// Commands that were handled now, also those that decided that nothing happens.
    pub handled: u64,
    /// Commands that had been handled before, under the same id.
    pub repeated: u64,
    /// Commands that the model [rejected](HandleError::Rejected).
    pub refused: u64,
    /// Commands that ended with any other [`HandleError`].
    pub failed: u64,
    /// Appends that were refused because somebody else had written first. The command was decided again, unless it was
    /// [`Contended`](HandleError::Contended).
    pub conflicts: u64,
}

/// The counts of a handler while it works, and how it names commands in spans.
pub(super) struct Observed<C> {
    handled: AtomicU64,
    repeated: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    conflicts: AtomicU64,
    pub(super) command_name: CommandName<C>,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl<C> Observed<C> {
    pub(super) fn new() -> Self {
        Observed {
            handled: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            conflicts: AtomicU64::new(0),
            command_name: CommandName::of_the_type(),
        }
    }

    pub(super) fn counts(&self) -> HandlerCounts {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        HandlerCounts {
            handled: count(&self.handled),
            repeated: count(&self.repeated),
            refused: count(&self.refused),
            failed: count(&self.failed),
            conflicts: count(&self.conflicts),
        }
    }

    /// Counts a command as failed if no stream, or no query, can be made of it.
    pub(super) fn named<T, X>(&self, made: Result<T, X>) -> Result<T, X> {
        made.inspect_err(|_| count(&self.failed))
    }

    /// Handles a command in its span, and counts it; `run` gets a counter of its decisions.
    pub(super) fn handle<E, R, X: Debug>(
        &self,
        stream: &StreamName,
        prepared: &PreparedCommand<C>,
        run: impl FnOnce(&mut u32) -> Result<Handled<E, R>, HandleError<X>>,
    ) -> Result<Handled<E, R>, HandleError<X>> {
        let span = spans::handle(stream, &self.command_name, &prepared.command, &prepared.metadata);
        let mut decided = 0;
        let answer = run(&mut decided);
        let (counter, outcome) = match &answer {
            Ok(handled) if handled.repeated => (&self.repeated, "repeated"),
            Ok(handled) if handled.events.is_empty() => (&self.handled, "nothing"),
            Ok(_) => (&self.handled, "recorded"),
            Err(error @ HandleError::Rejected(_)) => (&self.refused, error.outcome()),
            Err(error) => (&self.failed, error.outcome()),
        };
        count(counter);
        span.number("attempts", decided.into());
        span.text("outcome", outcome);
        answer
    }

    /// Appends a batch in a span, and counts a conflict.
    pub(super) fn append<E>(
        &self,
        store: &impl EventStore<E>,
        size: usize,
        batch: Batch<E>,
    ) -> Result<Appended, AppendError> {
        let span = spans::append(size);
        let answer = store.append(batch);
        let outcome = match &answer {
            Ok(appended) => {
                span.number("position", appended.first.get());
                if appended.repeated { "repeated" } else { "appended" }
            }
            Err(AppendError::Conflict(_)) => {
                count(&self.conflicts);
                "conflict"
            }
            Err(AppendError::IdTaken { .. }) => "id taken",
            Err(_) => "failed",
        };
        span.text("outcome", outcome);
        answer
    }
}
