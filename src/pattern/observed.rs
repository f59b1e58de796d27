use super::captures::{Match, TimedOut};
use super::error::PatternError;
use super::matcher::Matcher;
use super::state::Matching;
use crate::fold::Fold;
use crate::recorded::{Recorded, Timestamp};
use im::Vector;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::marker::PhantomData;

/// What a matcher is told: that something happened, or that time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Observed<E> {
    /// Something happened.
    Event {
        /// When.
        at: Timestamp,
        /// What.
        event: E,
    },
    /// It is at least this time now. Further events of the very same time may still come, so an interval that ends at `t` is
    /// concluded by the first time after `t`.
    Time(Timestamp),
}

impl<E> Observed<E> {
    /// Something happened at this time.
    pub fn event(at: Timestamp, event: E) -> Self {
        Observed::Event { at, event }
    }
}

/// A fold that observes events in time: a [`Matcher`], or one that [collects](Matcher::collecting) what it finds.
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
    /// The state after one more event.
    fn observe(&self, state: Self::State, at: Timestamp, event: &E) -> Self::State;

    /// The state once it is this time and nothing more has happened: what could have been completed only before this time is
    /// concluded, absences among it.
    fn advance_to(&self, state: Self::State, at: Timestamp) -> Self::State;

    /// The same as a fold of the events themselves, each with the domain's own time. So it runs over a store by
    /// [`Reading::fold`](crate::store::Reading::fold), and as a view beside other views.
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
    fn timed_by<F>(self, at: F) -> TimedBy<Self, E, F>
    where
        Self: Sized,
        F: Fn(&E) -> Timestamp,
    {
        TimedBy { observer: self, at, of: PhantomData }
    }

    /// The same as a fold of what a store gives back, each event with the time at which it was recorded.
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

impl<E, O: Observer<E>, F: Fn(&E) -> Timestamp> Fold for TimedBy<O, E, F> {
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

/// A matcher that keeps every match it finds; made by [`Matcher::collecting`].
pub struct Collecting<E, Q: ToOwned + ?Sized = ()> {
    matcher: Matcher<E, Q>,
}

impl<E, Q: ToOwned + ?Sized> Collecting<E, Q> {
    pub(super) fn new(matcher: Matcher<E, Q>) -> Self {
        Collecting { matcher }
    }
}

impl<E, Q: ToOwned + ?Sized> Clone for Collecting<E, Q> {
    fn clone(&self) -> Self {
        Collecting { matcher: self.matcher.clone() }
    }
}

/// Where a matcher is, with everything that it has found; the state of [`Collecting`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "E: Serialize + Clone, K: Serialize + Clone",
    deserialize = "E: Deserialize<'de> + Clone, K: Deserialize<'de> + Ord + Clone"
))]
pub struct Collected<E, K: Ord = ()> {
    matching: Matching<E, K>,
    matches: Vector<Match<E, K>>,
    timed_out: Vector<TimedOut<E, K>>,
}

impl<E, K: Ord> Collected<E, K> {
    /// Every match so far.
    ///
    /// # Errors
    /// [`Matching::error`]: what was found before it is not the whole answer.
    pub fn matches(&self) -> Result<&Vector<Match<E, K>>, PatternError> {
        self.matching.sound().map(|_| &self.matches)
    }

    /// Every partial match so far whose interval has passed, where the pattern reports them.
    ///
    /// # Errors
    /// [`Matching::error`]: what was found before it is not the whole answer.
    pub fn timed_out(&self) -> Result<&Vector<TimedOut<E, K>>, PatternError> {
        self.matching.sound().map(|_| &self.timed_out)
    }

    /// Where the matcher is.
    pub fn matching(&self) -> &Matching<E, K> {
        &self.matching
    }
}

impl<E: Clone, K: Ord + Clone> Collected<E, K> {
    /// The state after one more step of the matcher; what it has found by it is kept.
    fn after(self, step: impl FnOnce(Matching<E, K>) -> Matching<E, K>) -> Self {
        let Collected { matching, mut matches, mut timed_out } = self;
        let matching = step(matching);
        matches.extend(matching.latest().into_iter().flatten().cloned());
        timed_out.extend(matching.latest_timed_out().into_iter().flatten().cloned());
        Collected { matching, matches, timed_out }
    }
}

impl<E, Q> Fold for Collecting<E, Q>
where
    E: Clone,
    Q: ToOwned<Owned: Ord + Clone + Borrow<Q>> + Ord + ?Sized,
{
    type State = Collected<E, Q::Owned>;
    type Event = Observed<E>;

    fn initial_state(&self) -> Self::State {
        let matching = self.matcher.initial_state();
        Collected { matching, matches: Vector::new(), timed_out: Vector::new() }
    }

    fn evolve(&self, state: Self::State, observed: &Observed<E>) -> Self::State {
        state.after(|matching| self.matcher.evolve(matching, observed))
    }
}

impl<E, Q> Observer<E> for Collecting<E, Q>
where
    E: Clone,
    Q: ToOwned<Owned: Ord + Clone + Borrow<Q>> + Ord + ?Sized,
{
    #[inline]
    fn observe(&self, state: Self::State, at: Timestamp, event: &E) -> Self::State {
        state.after(|matching| self.matcher.observe(matching, at, event))
    }

    fn advance_to(&self, state: Self::State, at: Timestamp) -> Self::State {
        state.after(|matching| self.matcher.advance_to(matching, at))
    }
}
