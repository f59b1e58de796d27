//! A pattern as it is written: its steps, their order, and what may happen between them.

use super::captures::Captures;
use super::error::PatternError;
use super::matcher::{Key, Matcher};
use super::program::{Condition, Program, Provided, Requirement, Step};
use super::vocabulary::{Contiguity, Late, Skip};
use jiff::SignedDuration;
use std::borrow::Cow;
use std::sync::Arc;

/// The default of [`bounded`](Pattern::bounded): how many partial matches a matcher keeps at most.
pub const DEFAULT_BOUND: usize = 100_000;

/// The most conditions that a pattern can have: one bit of a word for each.
const MOST_STEPS: usize = 64;

/// What happens in time, as a value: steps, what may happen between them, and how long all of it may take.
///
/// [`compile`](Pattern::compile) makes a [`Matcher`] of it, which is a [`Fold`](crate::Fold). `E` is the type of the events, `Q` the
/// type of the key (see [`partition_by`](Pattern::partition_by)).
///
/// The vocabulary is that of Flink CEP ("Complex event processing for Flink", chapters "Combining Patterns" and "After
/// Match Skip Strategy"). Each function below says where this crate is more precise than that page. *A match is a choice of events,
/// in their order, such that*
///
/// - each event satisfies the condition of its step, also the one that depends on earlier captures;
/// - between two events of the match, only those happened that their contiguity allows;
/// - no event between two steps satisfies an absence that is written between them;
/// - the time from the first to the last event is at most the interval.
///
/// A clone is a fork: two patterns with the same first steps. `Display` prints the pattern in words.
///
/// ```
/// use leftfold::pattern::{Pattern, PatternError, SignedDuration};
///
/// enum Event { Placed, Paid, Cancelled, Shipped }
///
/// let paid = Pattern::named("order")
///     .start("placed", |event| matches!(event, Event::Placed))
///     .followed_by("paid", |event| matches!(event, Event::Paid));
/// let unshipped = paid.clone()
///     .not_followed_by("cancelled", |event| matches!(event, Event::Cancelled))
///     .not_followed_by("shipped", |event| matches!(event, Event::Shipped))
///     .within(SignedDuration::from_hours(48));
/// assert_eq!(
///     unshipped.to_string(),
///     "order: placed, followed by paid, not followed by cancelled, not followed by shipped, within 48h"
/// );
/// let refused = paid.not_followed_by("shipped", |event| matches!(event, Event::Shipped)).compile();
/// assert!(matches!(refused, Err(PatternError::EndlessAbsence { .. })));
/// ```
pub struct Pattern<E, Q: ToOwned + ?Sized = ()> {
    pub(super) name: Arc<str>,
    pub(super) steps: Vec<StepDescription<E>>,
    pub(super) interval: Option<SignedDuration>,
    key: Key<E, Q>,
    pub(super) skip: Skip,
    late: Late,
    reports_timeouts: bool,
    bound: usize,
    /// The first mistake that a call has made.
    mistake: Option<PatternError>,
}

/// The key of every event, if the pattern has no partition.
fn single_key<E>(_: &E) -> Option<Cow<'_, ()>> {
    Some(Cow::Owned(()))
}

/// A pattern with a name and no steps yet; made by [`Pattern::named`].
///
/// The first step is an event that happens: a pattern that begins with an absence cannot be written.
#[derive(Clone, Debug)]
pub struct NamedPattern(Arc<str>);

/// A step or an absence as it is written.
pub(super) struct StepDescription<E> {
    pub(super) name: Arc<str>,
    condition: Condition<E>,
    provided: Option<Provided<E>>,
    pub(super) kind: StepKind,
}

#[derive(Clone, Copy)]
pub(super) enum StepKind {
    Absent,
    Captured { contiguity: Contiguity, times: Option<(u32, u32)>, inner: Option<Contiguity> },
}

impl<E> Clone for StepDescription<E> {
    fn clone(&self) -> Self {
        let StepDescription { name, condition, provided, kind } = self;
        StepDescription {
            name: name.clone(),
            condition: condition.clone(),
            provided: provided.clone(),
            kind: *kind,
        }
    }
}

impl<E, Q: ToOwned + ?Sized> Clone for Pattern<E, Q> {
    fn clone(&self) -> Self {
        Pattern {
            name: self.name.clone(),
            steps: self.steps.clone(),
            key: self.key.clone(),
            skip: self.skip.clone(),
            mistake: self.mistake.clone(),
            ..*self
        }
    }
}

impl Pattern<()> {
    /// Begins a pattern of this name.
    ///
    /// The name is also written into the states of the matcher. When you change a pattern, change its name, so that it does not
    /// go on from a state of the old one.
    #[allow(clippy::new_ret_no_self)]
    pub fn named(name: impl Into<Arc<str>>) -> NamedPattern {
        NamedPattern(name.into())
    }
}

impl NamedPattern {
    /// The first step. Every event that satisfies the condition begins a match.
    pub fn start<E: 'static>(
        self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Pattern<E> {
        let pattern = Pattern {
            name: self.0,
            steps: Vec::new(),
            interval: None,
            key: Arc::new(single_key::<E>),
            skip: Skip::Nothing,
            late: Late::Refused,
            reports_timeouts: false,
            bound: DEFAULT_BOUND,
            mistake: None,
        };
        // No step comes before it, so any contiguity will do.
        pattern.captured(step, condition, Contiguity::Relaxed)
    }
}

impl<E: 'static, Q: ToOwned + ?Sized> Pattern<E, Q> {
    fn captured(
        self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
        contiguity: Contiguity,
    ) -> Self {
        self.with_step(step, condition, StepKind::Captured { contiguity, times: None, inner: None })
    }

    fn with_step(
        mut self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
        kind: StepKind,
    ) -> Self {
        let name = step.into();
        self.steps.push(StepDescription { name, condition: Arc::new(condition), provided: None, kind });
        self
    }

    /// The next event of the partition satisfies this (strict contiguity); any other next event ends the partial match.
    #[must_use]
    pub fn next(
        self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.captured(step, condition, Contiguity::Strict)
    }

    /// A later event satisfies this (relaxed contiguity): events that do not are skipped, and the first one that does is captured.
    ///
    /// An event satisfies a step only if it also satisfies the step's [`provided`](Pattern::provided).
    #[must_use]
    pub fn followed_by(
        self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.captured(step, condition, Contiguity::Relaxed)
    }

    /// Any later event satisfies this (non-deterministic relaxed contiguity): each one that does gives a match of its own.
    ///
    /// A partial match therefore stays alive until its interval has passed, and without [`within`](Pattern::within) for ever.
    #[must_use]
    pub fn followed_by_any(
        self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.captured(step, condition, Contiguity::Any)
    }

    /// No event between the previous step and the next one satisfies this. The event that the next step captures is not between
    /// them: it may satisfy both.
    ///
    /// At the end of a pattern: no event satisfies this up to the end of the interval. The matcher knows that once it observes a time
    /// *after* the interval: the time of an event, or that of [`advance_to`](super::Observer::advance_to).
    #[must_use]
    pub fn not_followed_by(
        self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with_step(step, condition, StepKind::Absent)
    }

    /// Adds a condition to the last step or absence, on the event and on what the partial match has captured before it.
    ///
    /// It is called once for each partial match, and only with events that satisfy the condition of the step. Called twice, this
    /// adds two conditions.
    #[must_use]
    pub fn provided(mut self, condition: impl Fn(&E, &Captures<E>) -> bool + Send + Sync + 'static) -> Self {
        if let Some(step) = self.steps.last_mut() {
            step.provided = Some(match step.provided.take() {
                None => Arc::new(condition),
                Some(other) => {
                    Arc::new(move |event, before| other(event, before) && condition(event, before))
                }
            });
        }
        self
    }

    /// The last step captures exactly `times` events.
    ///
    /// Events between them that do not satisfy the condition are skipped (default), or see [`consecutive`](Pattern::consecutive) and
    /// [`combinations`](Pattern::combinations). A step that may capture more or fewer events gives a match for each number: once it has
    /// enough, one partial match captures the next event that satisfies the condition, and another goes on to the next step.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        self.quantified(times, times)
    }

    /// The last step captures `times` events or more; see [`times`](Pattern::times).
    #[must_use]
    pub fn at_least(self, times: u32) -> Self {
        self.quantified(times, u32::MAX)
    }

    /// The last step captures one event or more; see [`times`](Pattern::times).
    #[must_use]
    pub fn one_or_more(self) -> Self {
        self.at_least(1)
    }

    fn quantified(mut self, min: u32, max: u32) -> Self {
        let Some(last) = self.steps.last_mut() else { return self };
        let (pattern, step) = (self.name.to_string(), last.name.to_string());
        match &mut last.kind {
            StepKind::Absent => self.with_mistake(PatternError::CountedAbsence { pattern, step }),
            StepKind::Captured { times: Some(_), .. } => {
                self.with_mistake(PatternError::SecondQuantifier { pattern, step })
            }
            StepKind::Captured { .. } if max == 0 || min == 0 => {
                self.with_mistake(PatternError::NoTimes { pattern, step })
            }
            StepKind::Captured { times, .. } => {
                *times = Some((min, max));
                self
            }
        }
    }

    /// The events of the last step follow each other directly, as in [`next`](Pattern::next).
    #[must_use]
    pub fn consecutive(self) -> Self {
        self.with_inner_contiguity(Contiguity::Strict)
    }

    /// The events of the last step are any of those that satisfy its condition, as in [`followed_by_any`](Pattern::followed_by_any).
    /// There may be 2ⁿ ways to choose among n events.
    #[must_use]
    pub fn combinations(self) -> Self {
        self.with_inner_contiguity(Contiguity::Any)
    }

    fn with_inner_contiguity(mut self, contiguity: Contiguity) -> Self {
        let Some(last) = self.steps.last_mut() else { return self };
        match &mut last.kind {
            StepKind::Captured { times: Some(_), inner: inner @ None, .. } => {
                *inner = Some(contiguity);
                self
            }
            StepKind::Captured { inner: Some(_), .. } => {
                let (pattern, step) = (self.name.to_string(), last.name.to_string());
                self.with_mistake(PatternError::SecondContiguity { pattern, step })
            }
            StepKind::Captured { .. } | StepKind::Absent => {
                let (pattern, step) = (self.name.to_string(), last.name.to_string());
                self.with_mistake(PatternError::NothingRepeated { pattern, step })
            }
        }
    }

    /// The whole pattern happens within this time of its first event. Bounds are inclusive: an event at exactly the end is in. With an
    /// interval of zero, all events happen at one moment.
    #[must_use]
    pub fn within(mut self, interval: SignedDuration) -> Self {
        let pattern = self.name.to_string();
        if interval.is_negative() {
            return self.with_mistake(PatternError::EmptyInterval { pattern, interval });
        }
        match self.interval.replace(interval) {
            None => self,
            Some(_) => self.with_mistake(PatternError::SecondInterval { pattern }),
        }
    }

    /// The events of each key are matched by themselves, as if no others had happened. Events without a key are skipped, also by
    /// [`next`](Pattern::next).
    ///
    /// The key is a value: copied from the event, or computed. To borrow a key that is dear to clone, call
    /// [`partition_by_ref`](Pattern::partition_by_ref).
    ///
    /// ```
    /// use leftfold::pattern::{Observer, Pattern, PatternError, SignedDuration};
    /// use leftfold::{Fold, recorded::Timestamp};
    ///
    /// #[derive(Clone)]
    /// enum Event {
    ///     Booked { doctor: u32, slot: Timestamp },
    ///     Cancelled { doctor: u32, slot: Timestamp },
    ///     Closed,
    /// }
    ///
    /// let given_back = Pattern::named("given back")
    ///     .start("booked", |event| matches!(event, Event::Booked { .. }))
    ///     .followed_by("cancelled", |event| matches!(event, Event::Cancelled { .. }))
    ///     .partition_by(|event| match event {
    ///         Event::Booked { doctor, slot } | Event::Cancelled { doctor, slot } => Some((*doctor, *slot)),
    ///         Event::Closed => None,
    ///     })
    ///     .compile()?
    ///     .collecting();
    ///
    /// let (nine, ten) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1));
    /// let history = [
    ///     Event::Booked { doctor: 1, slot: nine },
    ///     Event::Booked { doctor: 1, slot: ten },
    ///     Event::Closed,
    ///     Event::Cancelled { doctor: 1, slot: ten },
    /// ];
    /// let found = given_back.timed_by(|_| nine).fold(&history);
    /// assert_eq!(found.matches()?[0].key, (1, ten));
    /// assert_eq!(found.matches()?.len(), 1);
    /// # Ok::<(), PatternError>(())
    /// ```
    #[must_use]
    pub fn partition_by<K: Clone>(
        self,
        key: impl Fn(&E) -> Option<K> + Send + Sync + 'static,
    ) -> Pattern<E, K> {
        self.with_key(Arc::new(move |event| key(event).map(Cow::Owned)))
    }

    /// [`partition_by`](Pattern::partition_by) with a key that is borrowed from the event: `&str` for a key of `String`. It is
    /// cloned only where a partial match or a match keeps it.
    #[must_use]
    pub fn partition_by_ref<K: ToOwned + ?Sized>(
        self,
        key: impl Fn(&E) -> Option<&K> + Send + Sync + 'static,
    ) -> Pattern<E, K> {
        self.with_key(Arc::new(move |event| key(event).map(Cow::Borrowed)))
    }

    fn with_key<K: ToOwned + ?Sized>(self, key: Key<E, K>) -> Pattern<E, K> {
        Pattern {
            name: self.name,
            steps: self.steps,
            interval: self.interval,
            key,
            skip: self.skip,
            late: self.late,
            reports_timeouts: self.reports_timeouts,
            bound: self.bound,
            mistake: self.mistake,
        }
    }

    /// Which other partial matches a match discards. Default: [`Skip::Nothing`].
    #[must_use]
    pub fn after_match(self, skip: Skip) -> Self {
        Pattern { skip, ..self }
    }

    /// What the matcher does with events that are older than the latest time it has observed. Default: [`Late::Refused`].
    #[must_use]
    pub fn late_events(self, late: Late) -> Self {
        Pattern { late, ..self }
    }

    /// Reports partial matches whose interval has passed, each alternative by itself.
    ///
    /// One that was a match already, and could only have become a longer match, is not reported.
    #[must_use]
    pub fn reporting_timeouts(self) -> Self {
        Pattern { reports_timeouts: true, ..self }
    }

    /// Allows at most `bound` partial matches; one more is an [error](super::Matching::error). Default: [`DEFAULT_BOUND`].
    #[must_use]
    pub fn bounded(self, bound: usize) -> Self {
        Pattern { bound, ..self }
    }

    fn with_mistake(mut self, mistake: PatternError) -> Self {
        self.mistake.get_or_insert(mistake);
        self
    }

    /// Makes a fold of the pattern.
    ///
    /// # Errors
    /// [`PatternError`] when no history could match, when an absence can never be concluded or broken, when two steps have the same name or
    /// a name is unknown, or when a function was called twice that may be called once.
    pub fn compile(self) -> Result<Matcher<E, Q>, PatternError> {
        self.check()?;
        let Pattern {
            name,
            steps: descriptions,
            interval,
            key,
            skip,
            late,
            reports_timeouts,
            bound,
            mistake: _,
        } = self;
        let mut conditions = Vec::new();
        let (mut steps, mut absent) = (Vec::<Step<E>>::new(), Vec::new());
        for StepDescription { name, condition, provided, kind } in descriptions {
            let requirement = Requirement { bit: 1 << conditions.len(), provided };
            conditions.push(condition);
            match kind {
                StepKind::Absent => absent.push(requirement),
                StepKind::Captured { contiguity, times, inner } => {
                    let (min, max) = times.unwrap_or((1, 1));
                    let inner = inner.unwrap_or(Contiguity::Relaxed);
                    let absent = std::mem::take(&mut absent);
                    steps.push(Step { name, requirement, contiguity, inner, min, max, absent });
                }
            }
        }
        let strict = steps.iter().any(|step| {
            step.contiguity == Contiguity::Strict || step.max > 1 && step.inner == Contiguity::Strict
        });
        let waits = match &skip {
            Skip::Nothing | Skip::ToNext => false,
            // The first step captures the first event.
            Skip::ToFirst(step) => steps.first().is_some_and(|first| first.name != *step),
            Skip::PastLastEvent | Skip::ToLast(_) => true,
        };
        let program = Program {
            shape: name,
            conditions,
            steps,
            ending: absent,
            interval,
            skip,
            late,
            reports_timeouts,
            bound,
            waits,
            strict,
        };
        Ok(Matcher { program: Arc::new(program), key })
    }

    fn check(&self) -> Result<(), PatternError> {
        let pattern = || self.name.to_string();
        if let Some(mistake) = &self.mistake {
            return Err(mistake.clone());
        }
        if self.bound == 0 {
            return Err(PatternError::NoPartialMatch { pattern: pattern() });
        }
        if self.steps.len() > MOST_STEPS {
            return Err(PatternError::TooManySteps { pattern: pattern(), steps: self.steps.len() });
        }
        for (index, StepDescription { name, kind, .. }) in self.steps.iter().enumerate() {
            let step = || name.to_string();
            if self.steps[..index].iter().any(|earlier| earlier.name == *name) {
                return Err(PatternError::NameTwice { pattern: pattern(), step: step() });
            }
            let next = self.steps[index..].iter().find_map(|later| match later.kind {
                StepKind::Captured { contiguity, .. } => Some(contiguity),
                StepKind::Absent => None,
            });
            match (kind, next, self.interval) {
                (StepKind::Absent, None, None) => {
                    return Err(PatternError::EndlessAbsence { pattern: pattern(), step: step() });
                }
                (StepKind::Absent, Some(Contiguity::Strict), _) => {
                    return Err(PatternError::NothingBetween { pattern: pattern(), step: step() });
                }
                _ => {}
            }
        }
        if let Skip::ToFirst(step) | Skip::ToLast(step) = &self.skip {
            let known: Vec<_> = (self.steps.iter())
                .filter(|step| matches!(step.kind, StepKind::Captured { .. }))
                .map(|step| &*step.name)
                .collect();
            if !known.contains(&&**step) {
                let known = known.join(", ");
                return Err(PatternError::UnknownStep { pattern: pattern(), step: step.to_string(), known });
            }
        }
        Ok(())
    }
}
