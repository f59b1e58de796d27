//! What a timeline is made of.

use crate::recorded::{Recorded, Timestamp};

/// An item of a history: an event alone, with a time, or with all that a store wrote around it.
///
/// Implement it for rows of your own, to make a timeline of them without a copy.
///
/// ```
/// use leftfold::recorded::Timestamp;
/// use leftfold::timeline::{Entry, Timed, Timeline};
/// use leftfold::view;
///
/// struct Row { amount: i64, booked: Timestamp }
///
/// impl Entry<i64> for Row {
///     fn event(&self) -> &i64 {
///         &self.amount
///     }
///     fn time(&self) -> Option<Timestamp> {
///         Some(self.booked)
///     }
/// }
/// impl Timed<i64> for Row {}
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
pub trait Entry<E> {
    /// What happened.
    fn event(&self) -> &E;

    /// When it was recorded, if that is known.
    fn time(&self) -> Option<Timestamp>;
}

/// An [`Entry`] whose time is always known.
#[diagnostic::on_unimplemented(
    message = "nothing tells when a `{Self}` was recorded",
    note = "time is read from `Recorded` events, or from pairs of a `Timestamp` and an event"
)]
pub trait Timed<E>: Entry<E> {}

impl<E> Entry<E> for E {
    fn event(&self) -> &E {
        self
    }

    fn time(&self) -> Option<Timestamp> {
        None
    }
}

impl<E> Entry<E> for (Timestamp, E) {
    fn event(&self) -> &E {
        &self.1
    }

    fn time(&self) -> Option<Timestamp> {
        Some(self.0)
    }
}

impl<E> Timed<E> for (Timestamp, E) {}

impl<E> Entry<E> for Recorded<E> {
    fn event(&self) -> &E {
        &self.event
    }

    fn time(&self) -> Option<Timestamp> {
        Some(self.recorded_at)
    }
}

impl<E> Timed<E> for Recorded<E> {}
