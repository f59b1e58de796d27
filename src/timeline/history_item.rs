//! The items of a history: events alone, or events with a time.

use crate::recorded::{Envelope, Recorded, Timestamp};

/// An item of a history: an event alone, a pair of a time and an event, or a recorded event.
///
/// Implement it for a type of your own, to make a timeline of its values without copying them.
///
/// ```
/// use leftfold::recorded::Timestamp;
/// use leftfold::timeline::{HistoryItem, TimedItem, Timeline};
/// use leftfold::view;
///
/// struct Row { amount: i64, booked: Timestamp }
///
/// impl HistoryItem<i64> for Row {
///     fn event(&self) -> &i64 {
///         &self.amount
///     }
///     fn time(&self) -> Option<Timestamp> {
///         Some(self.booked)
///     }
/// }
/// impl TimedItem<i64> for Row {}
///
/// let booked: Timestamp = "2026-11-23T09:30:00Z".parse().unwrap();
/// let balance = view(|| 0, |balance: i64, amount: &i64| balance + amount);
/// let account = Timeline::of(balance).extend([Row { amount: 5, booked }]);
/// assert_eq!(*account.as_at(booked)?, 5);
/// # Ok::<(), leftfold::timeline::TimelineError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a timeline of `{E}` cannot be made of `{Self}`",
    note = "its items are the events themselves, pairs of a `Timestamp` and an event, or `Recorded` events"
)]
pub trait HistoryItem<E> {
    /// The event.
    fn event(&self) -> &E;

    /// The time at which it was recorded, if that is known.
    fn time(&self) -> Option<Timestamp>;

    /// What the store wrote around it, if it comes from one.
    fn envelope(&self) -> Option<&Envelope> {
        None
    }
}

/// An [`HistoryItem`] whose time is always known.
#[diagnostic::on_unimplemented(
    message = "the time at which a `{Self}` was recorded is not known",
    note = "time is read from `Recorded` events, or from pairs of a `Timestamp` and an event"
)]
pub trait TimedItem<E>: HistoryItem<E> {}

impl<E> HistoryItem<E> for E {
    fn event(&self) -> &E {
        self
    }

    fn time(&self) -> Option<Timestamp> {
        None
    }
}

impl<E> HistoryItem<E> for (Timestamp, E) {
    fn event(&self) -> &E {
        &self.1
    }

    fn time(&self) -> Option<Timestamp> {
        Some(self.0)
    }
}

impl<E> TimedItem<E> for (Timestamp, E) {}

impl<E> HistoryItem<E> for Recorded<E> {
    fn event(&self) -> &E {
        &self.event
    }

    fn time(&self) -> Option<Timestamp> {
        Some(self.recorded_at)
    }

    fn envelope(&self) -> Option<&Envelope> {
        Some(&self.envelope)
    }
}

impl<E> TimedItem<E> for Recorded<E> {}
