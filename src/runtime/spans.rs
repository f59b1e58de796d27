//! The spans of feature `tracing`. Without the feature, each function here only runs what it is given.
//!
//! Fields are names, streams, positions, counts and outcomes. The macros look at a field only when a subscriber wants the span.
#![cfg_attr(not(feature = "tracing"), allow(unused_variables))]

#[cfg(feature = "tracing")]
use super::trace_context::traceparent;
#[cfg(feature = "tracing")]
use crate::message::Message;
use crate::recorded::{Envelope, Metadata, Position, StreamName};
#[cfg(feature = "tracing")]
use std::borrow::Cow;
use std::marker::PhantomData;
#[cfg(feature = "tracing")]
use tracing::field::Empty;

/// A span that is open until it is dropped.
#[must_use]
pub(super) struct Span(#[cfg(feature = "tracing")] tracing::span::EnteredSpan);

#[cfg(feature = "tracing")]
macro_rules! open {
    ($level:ident, $($span:tt)*) => {
        Span(tracing::span!(target: "leftfold", tracing::Level::$level, $($span)*).entered())
    };
}
#[cfg(not(feature = "tracing"))]
macro_rules! open {
    ($($span:tt)*) => {
        Span()
    };
}

impl Span {
    pub(super) fn text(&self, field: &'static str, text: &str) {
        #[cfg(feature = "tracing")]
        self.0.record(field, text);
    }

    pub(super) fn number(&self, field: &'static str, number: u64) {
        #[cfg(feature = "tracing")]
        self.0.record(field, number);
    }
}

/// How a handler finds the name of a command: by its type, unless its values have names.
pub(super) struct CommandName<C> {
    #[cfg(feature = "tracing")]
    name: fn(&C) -> Option<Cow<'static, str>>,
    command: PhantomData<fn(&C)>,
}

impl<C> CommandName<C> {
    /// The name of the type, without the path to it.
    pub(super) fn of_the_type() -> Self {
        CommandName {
            #[cfg(feature = "tracing")]
            name: |_| None,
            command: PhantomData,
        }
    }

    /// The name of the value: of a variant, for example.
    #[cfg(feature = "tracing")]
    pub(super) fn of_the_value() -> Self
    where
        C: Message,
    {
        CommandName {
            name: |command| match command.leaf_as_written() {
                Some(leaf) => Some(Cow::Borrowed(leaf)),
                None => Some(Cow::Owned(command.name().ok()?.leaf().to_string())),
            },
            command: PhantomData,
        }
    }

    #[cfg(feature = "tracing")]
    fn of(&self, command: &C) -> Cow<'static, str> {
        let of_the_type = || {
            let whole = std::any::type_name::<C>();
            let path = whole.split('<').next().unwrap_or(whole);
            Cow::Borrowed(path.rsplit("::").next().unwrap_or(path))
        };
        (self.name)(command).unwrap_or_else(of_the_type)
    }
}

/// A command, from the moment it is given until it is answered.
pub(super) fn handle<C>(
    stream: &StreamName,
    name: &CommandName<C>,
    command: &C,
    metadata: &Metadata,
) -> Span {
    open!(
        INFO,
        "handle",
        stream = stream.as_str(),
        command = &*name.of(command),
        traceparent = traceparent(metadata),
        attempts = Empty,
        outcome = Empty
    )
}

/// Reading what a decision depends on.
pub(super) fn load<T>(run: impl FnOnce() -> T) -> T {
    let _span = open!(DEBUG, "load");
    run()
}

pub(super) fn decide<T>(run: impl FnOnce() -> T) -> T {
    let _span = open!(DEBUG, "decide");
    run()
}

pub(super) fn append(size: usize) -> Span {
    open!(DEBUG, "append", size = size as u64, position = Empty, outcome = Empty)
}

pub(super) fn evolve<T>(events: usize, run: impl FnOnce() -> T) -> T {
    let _span = open!(DEBUG, "evolve", events = events as u64);
    run()
}

/// The command of an item that a process manager owes since this position.
pub(super) fn dispatch(process: &str, since: Position, metadata: &Metadata) -> Span {
    open!(
        INFO,
        "dispatch",
        process = process,
        since = since.get(),
        traceparent = traceparent(metadata),
        outcome = Empty
    )
}

/// An event on its way to listeners, or to the producer of an outbox.
pub(super) fn publish(envelope: &Envelope) -> Span {
    open!(
        INFO,
        "publish",
        event = &*envelope.event_type,
        position = envelope.position.get(),
        traceparent = traceparent(&envelope.metadata),
        outcome = Empty
    )
}

/// A page of a runner. Its span opens with the first event: a runner that waits for events has none.
pub(super) struct Page {
    from: Position,
    span: Option<Span>,
    #[cfg(feature = "tracing")]
    traceparents: Vec<String>,
}

/// A page of a rebuild may have events of a thousand traces; its span lists only the first.
#[cfg(feature = "tracing")]
const MOST_TRACES: usize = 16;

impl Page {
    pub(super) fn after(from: Position) -> Page {
        Page {
            from,
            span: None,
            #[cfg(feature = "tracing")]
            traceparents: Vec::new(),
        }
    }

    /// An event that is applied next.
    pub(super) fn event(&mut self, projection: &str, envelope: &Envelope) {
        let Page { from, span, .. } = self;
        let span = span.get_or_insert_with(|| {
            open!(
                INFO,
                "project",
                name = projection,
                from = from.get(),
                to = Empty,
                lag = Empty,
                poison = Empty,
                traceparent = Empty
            )
        });
        #[cfg(feature = "tracing")]
        if !span.0.is_disabled()
            && let Some(traceparent) = traceparent(&envelope.metadata)
            && self.traceparents.len() < MOST_TRACES
            && !self.traceparents.iter().any(|seen| seen == traceparent)
        {
            self.traceparents.push(traceparent.to_string());
        }
    }

    /// The page ends before an event that cannot be applied.
    pub(super) fn ends_before(&self, poison: Position) {
        if let Some(span) = &self.span {
            span.number("poison", poison.get());
            self.record_traceparents(span);
        }
    }

    /// All events up to this position are applied.
    pub(super) fn ends_at(&self, to: Position, head: Position) {
        if let Some(span) = &self.span {
            span.number("to", to.get());
            span.number("lag", head.get().saturating_sub(to.get()));
            self.record_traceparents(span);
        }
    }

    fn record_traceparents(&self, span: &Span) {
        #[cfg(feature = "tracing")]
        if !self.traceparents.is_empty() {
            span.text("traceparent", &self.traceparents.join(" "));
        }
    }
}
