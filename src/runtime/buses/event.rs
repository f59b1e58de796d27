//! The event bus: every event to every listener.

use super::BusError;
use crate::message::Message;
use crate::page::named;
use crate::recorded::{Envelope, Position};
use crate::runtime::panics::catching_panics;
use crate::runtime::spans;
use crate::runtime::{Cause, Producer};
use crate::store::{EventReader, Query, ReadError};
use std::fmt;
use std::ops::ControlFlow;

type Listen<E> = Box<dyn Fn(&Envelope, &E) -> Result<(), Cause> + Send + Sync>;

/// Takes every event to all listeners, in the order in which they were added; there may be none.
///
/// Listeners are called one after another, by the thread that publishes. [`publish_from`](EventBus::publish_from)
/// publishes recorded events. With an [`outbox`](crate::runtime::projections::outbox()) whose producer is the bus,
/// recorded events are published after a crash too.
///
/// ```
/// use leftfold::page::with_sources;
/// use leftfold::recorded::{StreamName, Timestamp, versioned};
/// use leftfold::runtime::EventBus;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum Event { Paid, Shipped }
///
/// let bus = EventBus::new()
///     .listen("mail", |_, _| Err("no connection".into()))
///     .listen_to("counting", ["Paid"], |_, _| Ok(()))?;
///
/// let paid = &versioned(StreamName::of("order", 1).unwrap(), Timestamp::UNIX_EPOCH, [Event::Paid])[0];
/// let failed = bus.publish(&paid.envelope, &paid.event);
/// assert_eq!(with_sources(&failed[0]), "listener mail failed at position 1: no connection");
/// # Ok::<(), leftfold::runtime::BusError>(())
/// ```
#[must_use = "a bus does nothing by itself"]
pub struct EventBus<E> {
    listeners: Vec<Listener<E>>,
    stops: bool,
}

struct Listener<E> {
    name: String,
    /// The types that it listens to, without their paths; `None` for all.
    types: Option<Vec<String>>,
    listen: Listen<E>,
}

/// A listener that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[error(
    "listener {listener} failed at position {position}",
    listener = named(.listener)
)]
pub struct ListenerFailed {
    /// The name of the listener.
    pub listener: String,
    /// The position of the event.
    pub position: Position,
    /// Its error.
    pub source: Cause,
}

impl<E> Default for EventBus<E> {
    fn default() -> Self {
        EventBus::new()
    }
}

impl<E> EventBus<E> {
    /// A bus without listeners.
    pub fn new() -> Self {
        EventBus { listeners: Vec::new(), stops: false }
    }

    /// Adds a listener to every event.
    pub fn listen(
        mut self,
        name: impl Into<String>,
        listen: impl Fn(&Envelope, &E) -> Result<(), Cause> + Send + Sync + 'static,
    ) -> Self {
        self.listeners.push(Listener { name: name.into(), types: None, listen: Box::new(listen) });
        self
    }

    /// Adds a listener to events of these types.
    ///
    /// # Errors
    /// [`BusError::UnknownMessage`] when no event has such a name.
    pub fn listen_to<N: Into<String>>(
        mut self,
        name: impl Into<String>,
        types: impl IntoIterator<Item = N>,
        listen: impl Fn(&Envelope, &E) -> Result<(), Cause> + Send + Sync + 'static,
    ) -> Result<Self, BusError>
    where
        E: Message,
    {
        let types: Vec<String> = types.into_iter().map(Into::into).collect();
        let known: Vec<String> = E::names()?.iter().map(|name| name.leaf().to_string()).collect();
        if let Some(name) = types.iter().find(|name| !known.contains(name)) {
            return Err(BusError::UnknownMessage { name: name.clone(), known });
        }
        self.listeners.push(Listener { name: name.into(), types: Some(types), listen: Box::new(listen) });
        Ok(self)
    }

    /// After a listener has failed, does not call the listeners after it. Default: all listeners are called.
    pub fn stop_at_a_failure(self) -> Self {
        EventBus { stops: true, ..self }
    }

    /// Publishes an event to all listeners, and returns the failures. A panic is a failure.
    pub fn publish(&self, envelope: &Envelope, event: &E) -> Vec<ListenerFailed> {
        let span = spans::publish(envelope);
        let failed = self.call_listeners(envelope, event);
        span.text("outcome", if failed.is_empty() { "published" } else { "failed" });
        failed
    }

    fn call_listeners(&self, envelope: &Envelope, event: &E) -> Vec<ListenerFailed> {
        let mut failed = Vec::new();
        for Listener { name, types, listen } in &self.listeners {
            if types.as_ref().is_some_and(|types| !types.iter().any(|name| **name == *envelope.event_type)) {
                continue;
            }
            if let Err(source) = catching_panics(|| listen(envelope, event)) {
                failed.push(ListenerFailed { listener: name.clone(), position: envelope.position, source });
                if self.stops {
                    break;
                }
            }
        }
        failed
    }

    /// Publishes the events between two positions of a store, both included: for example those that a command has
    /// [recorded](crate::runtime::Handled::positions).
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn publish_from(
        &self,
        store: &impl EventReader<E>,
        (first, last): (Position, Position),
    ) -> Result<Vec<ListenerFailed>, ReadError> {
        let mut failed = Vec::new();
        store.visit(&Query::all().starting_at(first).until(last), &mut |entry| {
            if let Some(event) = entry.event() {
                failed.extend(self.publish(entry.envelope(), event));
            }
            ControlFlow::Continue(())
        })?;
        Ok(failed)
    }
}

/// As the producer of an outbox: an event counts as published when no listener has failed; otherwise all listeners get
/// it again.
impl<E> Producer<E> for EventBus<E> {
    fn publish(&mut self, envelope: &Envelope, event: &E) -> Result<(), Cause> {
        // The outbox has opened the span.
        match self.call_listeners(envelope, event).into_iter().next() {
            Some(failed) => Err(failed.into()),
            None => Ok(()),
        }
    }
}

impl<E> fmt::Debug for EventBus<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.listeners.iter().map(|listener| &*listener.name).collect();
        f.debug_struct("EventBus").field("listeners", &names).finish_non_exhaustive()
    }
}
