//! What a matcher observes: events with their times, and time that passes.

use crate::fold::Fold;
use crate::recorded::{Recorded, Timestamp};
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// What a matcher observes: that something happened, or that time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Observed<E> {
    /// Something happened.
    Event {
        /// When.
        at: Timestamp,
        /// What.
        event: E,
    },
    /// It is now at least this time. More events of the same time may follow, so only a time after `t` concludes an interval
    /// that ends at `t`.
    Time(Timestamp),
}

impl<E> Observed<E> {
    /// An event that happened at this time.
    pub fn event(at: Timestamp, event: E) -> Self {
        Observed::Event { at, event }
    }
}

/// A fold that observes events in time: a [`Matcher`](super::Matcher), or one that [collects](super::Matcher::collecting) its matches.
///
/// As a [`Fold`] it takes [`Observed`] values. Its own functions take events by reference, so that following a log copies
/// nothing.
///
/// ```
/// use leftfold::pattern::{Observer, Pattern, PatternError, SignedDuration};
/// use leftfold::recorded::{Position, StreamName};
/// use leftfold::store::{Batch, EventStore, Memory, Query, Reading};
/// use leftfold::Fold;
/// use serde::{Deserialize, Serialize};
/// use std::ops::ControlFlow;
///
/// #[derive(Clone, PartialEq, Serialize, Deserialize)]
/// enum Served { Tea, Rice }
///
/// let twice = Pattern::named("twice")
///     .start("once", |served| *served == Served::Tea)
///     .followed_by("again", |served| *served == Served::Tea)
///     .within(SignedDuration::from_hours(1))
///     .compile()?;
///
/// let store = Memory::new();
/// let table = StreamName::new("table")?;
/// store.append(Batch::to(&table).events([Served::Tea, Served::Rice, Served::Tea]))?;
///
/// let mut state = twice.initial_state();
/// let mut live = store.subscribe(Query::all(), Position::START);
/// live.catch_up(|entry| {
///     if let Some(event) = entry.event() {
///         let at = entry.envelope().recorded_at;
///         state = twice.observe(std::mem::replace(&mut state, twice.initial_state()), at, event);
///     }
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!(state.latest()?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Observer<E>: Fold<Event = Observed<E>> {
    /// The state after one more event, which happened at this time.
    ///
    /// An event without a time (`None`) takes the latest time observed before it. Before any time was observed it is
    /// skipped, and [counted](super::Matching::ignored): nobody knows how long ago it was, so it is in no interval, and
    /// what did not happen after it cannot be concluded.
    fn observe(&self, state: Self::State, at: impl Into<Option<Timestamp>>, event: &E) -> Self::State;

    /// The state when it is this time and nothing more has happened. Intervals that ended before this time are concluded,
    /// also those in which something was to be absent.
    fn advance_to(&self, state: Self::State, at: Timestamp) -> Self::State;

    /// The same observer as a fold of the events themselves; `at` reads the domain's own time from each: a [`Timestamp`], or an
    /// `Option` of it where some events have none. An event without a time takes the latest time observed before it, see
    /// [`observe`](Observer::observe).
    ///
    /// It runs over a store by [`Reading::fold`](crate::store::Reading::fold), and as a view beside other views.
    ///
    /// ```
    /// use leftfold::Fold;
    /// use leftfold::pattern::{Observer, Pattern};
    /// use leftfold::recorded::Timestamp;
    ///
    /// #[derive(Clone)]
    /// struct Reading { at: Timestamp, degrees: i32 }
    /// let rising = Pattern::named("rising")
    ///     .start("one", |_: &Reading| true)
    ///     .next("higher", |_| true)
    ///     .provided(|reading, before| before.last("one").is_some_and(|one| reading.degrees > one.event.degrees))
    ///     .compile()?
    ///     .timed_by(|reading| reading.at);
    ///
    /// let reading = |second, degrees| Reading { at: Timestamp::from_second(second).unwrap(), degrees };
    /// let state = rising.fold(&[reading(1, 20), reading(2, 19), reading(3, 22)]);
    /// assert_eq!(state.matched()?, 1);
    /// # Ok::<(), leftfold::pattern::PatternError>(())
    /// ```
    fn timed_by<T, F>(self, at: F) -> TimedBy<Self, E, F>
    where
        Self: Sized,
        F: Fn(&E) -> T,
        T: Into<Option<Timestamp>>,
    {
        TimedBy { observer: self, at, of: PhantomData }
    }

    /// The same observer as a fold of recorded events, each with the time at which it was recorded.
    fn recorded(self) -> OnRecorded<Self, E>
    where
        Self: Sized,
    {
        OnRecorded { observer: self, of: PhantomData }
    }
}

/// An observer of events with the domain's own time; made by [`Observer::timed_by`].
#[derive(Clone, Copy, Debug)]
pub struct TimedBy<O, E, F> {
    observer: O,
    at: F,
    of: PhantomData<fn(&E)>,
}

impl<E, O, T, F> Fold for TimedBy<O, E, F>
where
    O: Observer<E>,
    T: Into<Option<Timestamp>>,
    F: Fn(&E) -> T,
{
    type State = O::State;
    type Event = E;

    fn initial_state(&self) -> O::State {
        self.observer.initial_state()
    }

    #[inline]
    fn evolve(&self, state: O::State, event: &E) -> O::State {
        self.observer.observe(state, (self.at)(event), event)
    }
}

/// An observer of recorded events; made by [`Observer::recorded`].
#[derive(Clone, Copy, Debug)]
pub struct OnRecorded<O, E> {
    observer: O,
    of: PhantomData<fn(&E)>,
}

impl<E, O: Observer<E>> Fold for OnRecorded<O, E> {
    type State = O::State;
    type Event = Recorded<E>;

    fn initial_state(&self) -> O::State {
        self.observer.initial_state()
    }

    #[inline]
    fn evolve(&self, state: O::State, recorded: &Recorded<E>) -> O::State {
        self.observer.observe(state, recorded.recorded_at, &recorded.event)
    }
}
