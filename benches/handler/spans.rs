//! The spans that a command has, written by hand: what the feature `tracing` adds to a command while nobody subscribes.

use leftfold::recorded::StreamName;
use std::hint::black_box;
use tracing::field::Empty;
use tracing::{Level, span};

/// At most this many nanoseconds a command.
pub(crate) const BAR: f64 = 40.0;

pub(crate) fn spans_of(commands: usize, stream: &StreamName) {
    for _ in 0..commands {
        let stream = black_box(stream);
        let handle =
            span!(target: "leftfold", Level::INFO, "handle", stream = stream.as_str(), command = "Deposit",
            traceparent = None::<&str>, attempts = Empty, outcome = Empty)
            .entered();
        span!(target: "leftfold", Level::DEBUG, "load").in_scope(|| black_box(()));
        span!(target: "leftfold", Level::DEBUG, "decide").in_scope(|| black_box(()));
        let append =
            span!(target: "leftfold", Level::DEBUG, "append", size = 1u64, position = Empty, outcome = Empty)
                .entered();
        append.record("position", black_box(1u64));
        append.record("outcome", "appended");
        drop(append);
        span!(target: "leftfold", Level::DEBUG, "evolve", events = 1u64).in_scope(|| black_box(()));
        handle.record("attempts", black_box(1u64));
        handle.record("outcome", "recorded");
    }
}
