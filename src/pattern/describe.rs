//! A pattern as it is written: its steps, their order, and what may stand between them.

use super::captures::Captures;
use super::error::PatternError;
use super::matcher::Matcher;
use super::program::{Asked, Condition, Program, Provided, Step};
use super::vocabulary::{Contiguity, Late, Skip};
use jiff::SignedDuration;
use std::sync::Arc;

/// How many partial matches a matcher keeps at most, unless [`bounded`](Pattern::bounded) says otherwise.
pub const BOUND: usize = 100_000;

/// The most conditions that a pattern can have: one bit of a word for each.
const MOST_STEPS: usize = 64;

/// What happens in time, as a value: steps, what may stand between them, and how long it may take.
///
/// It does nothing by itself; [`compile`](Pattern::compile) makes a [`Matcher`] of it, which is a [`Fold`](crate::Fold). `E` is the type of
/// the events, `Q` that of the key (see [`partition_by`](Pattern::partition_by)).
///
/// The vocabulary is that of Flink CEP ("Complex event processing for Flink", chapters "Combining Patterns" and "After
/// Match Skip Strategy"). Where this crate is more precise than that page, it is said at each word. *A match is a choice of events,
/// in their order, such that*
///
/// - each satisfies the condition of its step, what was captured before it taken into account;
/// - between each and the one before it stands what the contiguity of the two allows;
/// - no event between two steps satisfies an absence that stands between them;
/// - the last is not further from the first than the interval, bounds inclusive.
///
/// Cloned, it is forked: two patterns that begin alike. Printed, it is told in words.
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
pub struct Pattern<E, Q: ?Sized = ()> {
    pub(super) name: Arc<str>,
    pub(super) steps: Vec<Said<E>>,
    pub(super) interval: Option<SignedDuration>,
    key: Key<E, Q>,
    pub(super) skip: Skip,
    late: Late,
    reports: bool,
    bound: usize,
    /// The first mistake in what was said.
    mistake: Option<PatternError>,
}

/// The key of every event where there is no partition.
fn everything<E>(_: &E) -> Option<&()> {
    Some(&())
}

type Key<E, Q> = Arc<dyn Fn(&E) -> Option<&Q> + Send + Sync>;

/// A name for a pattern that begins with nothing yet; made by [`Pattern::named`]. It begins with a step that happens: a pattern
/// that begins with an absence cannot be written.
#[derive(Clone, Debug)]
pub struct Named(Arc<str>);

/// A step as it was said.
pub(super) struct Said<E> {
    pub(super) name: Arc<str>,
    condition: Condition<E>,
    provided: Option<Provided<E>>,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Absent,
    Captured { contiguity: Contiguity, times: Option<(u32, u32)>, inner: Option<Contiguity> },
}

impl<E> Clone for Said<E> {
    fn clone(&self) -> Self {
        let Said { name, condition, provided, kind } = self;
        Said { name: name.clone(), condition: condition.clone(), provided: provided.clone(), kind: *kind }
    }
}

impl<E, Q: ?Sized> Clone for Pattern<E, Q> {
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
    /// Begins a pattern. The name is also that of the shape of its states: give a pattern that was changed another one, and no
    /// state of the old one is taken for its own.
    #[allow(clippy::new_ret_no_self)]
    pub fn named(name: impl Into<Arc<str>>) -> Named {
        Named(name.into())
    }
}

impl Named {
    /// The first step. Every event that satisfies the condition begins a match of its own.
    pub fn start<E: 'static>(
        self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Pattern<E> {
        let pattern = Pattern {
            name: self.0,
            steps: Vec::new(),
            interval: None,
            key: Arc::new(everything::<E>),
            skip: Skip::Nothing,
            late: Late::Refused,
            reports: false,
            bound: BOUND,
            mistake: None,
        };
        // Nothing stands before it, so that any contiguity will do.
        pattern.captured(step, condition, Contiguity::Relaxed)
    }
}

impl<E: 'static, Q: ?Sized> Pattern<E, Q> {
    fn captured(
        self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
        contiguity: Contiguity,
    ) -> Self {
        self.said(step, condition, Kind::Captured { contiguity, times: None, inner: None })
    }

    fn said(
        mut self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
        kind: Kind,
    ) -> Self {
        let name = step.into();
        self.steps.push(Said { name, condition: Arc::new(condition), provided: None, kind });
        self
    }

    /// The next event satisfies this (strict contiguity): any other event of the partition in between, and the partial match is gone.
    #[must_use]
    pub fn next(
        self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.captured(step, condition, Contiguity::Strict)
    }

    /// Later, the first event that satisfies this (relaxed contiguity): events that do not are skipped, and later ones that do are not
    /// looked at. What "satisfies" means includes [`provided`](Pattern::provided).
    #[must_use]
    pub fn followed_by(
        self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.captured(step, condition, Contiguity::Relaxed)
    }

    /// Later, any event that satisfies this (non-deterministic relaxed contiguity): each gives a match of its own. So a partial match stays
    /// alive until its interval has passed, and without [`within`](Pattern::within) for ever.
    #[must_use]
    pub fn followed_by_any(
        self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.captured(step, condition, Contiguity::Any)
    }

    /// No event satisfies this between the step before and the step after. The event that the step after captures is not between: it
    /// may satisfy both.
    ///
    /// At the end of a pattern: no event satisfies this up to the end of the interval. That is known only once a time *after* the interval
    /// is observed, be it that of an event or by [`advance_to`](super::Observer::advance_to).
    #[must_use]
    pub fn not_followed_by(
        self,
        step: impl Into<Arc<str>>,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.said(step, condition, Kind::Absent)
    }

    /// The step or absence said last also asks this, of the event and what the partial match has captured before it. Said twice, it asks both.
    ///
    /// It is asked for each partial match alone, and only of events that satisfy the condition of the step.
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

    /// The step said last captures exactly so many events.
    ///
    /// Between them, too, what does not satisfy the condition is skipped, unless [`consecutive`](Pattern::consecutive) or
    /// [`combinations`](Pattern::combinations) is said. A step that may capture more or fewer events gives a match for each way: after as many
    /// as it needs, one alternative takes the next one that satisfies the condition, and another goes on to the step after it.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        self.quantified(times, times)
    }

    /// The step said last captures so many events or more; see [`times`](Pattern::times).
    #[must_use]
    pub fn at_least(self, times: u32) -> Self {
        self.quantified(times, u32::MAX)
    }

    /// The step said last captures one event or more; see [`times`](Pattern::times).
    #[must_use]
    pub fn one_or_more(self) -> Self {
        self.at_least(1)
    }

    fn quantified(mut self, min: u32, max: u32) -> Self {
        let Some(said) = self.steps.last_mut() else { return self };
        let (pattern, step) = (self.name.to_string(), said.name.to_string());
        match &mut said.kind {
            Kind::Absent => self.mistaken(PatternError::CountedAbsence { pattern, step }),
            Kind::Captured { times: Some(_), .. } => {
                self.mistaken(PatternError::SecondQuantifier { pattern, step })
            }
            Kind::Captured { .. } if max == 0 || min == 0 => {
                self.mistaken(PatternError::NoTimes { pattern, step })
            }
            Kind::Captured { times, .. } => {
                *times = Some((min, max));
                self
            }
        }
    }

    /// The events of the step said last follow each other directly, as in [`next`](Pattern::next).
    #[must_use]
    pub fn consecutive(self) -> Self {
        self.inside(Contiguity::Strict)
    }

    /// The events of the step said last are any of those that satisfy its condition, as in [`followed_by_any`](Pattern::followed_by_any).
    /// There may be 2ⁿ ways to choose among n events.
    #[must_use]
    pub fn combinations(self) -> Self {
        self.inside(Contiguity::Any)
    }

    fn inside(mut self, contiguity: Contiguity) -> Self {
        let Some(said) = self.steps.last_mut() else { return self };
        match &mut said.kind {
            Kind::Captured { times: Some(_), inner: inner @ None, .. } => {
                *inner = Some(contiguity);
                self
            }
            Kind::Captured { inner: Some(_), .. } => {
                let (pattern, step) = (self.name.to_string(), said.name.to_string());
                self.mistaken(PatternError::SecondContiguity { pattern, step })
            }
            Kind::Captured { .. } | Kind::Absent => {
                let (pattern, step) = (self.name.to_string(), said.name.to_string());
                self.mistaken(PatternError::NothingRepeated { pattern, step })
            }
        }
    }

    /// The whole pattern happens within this time of its first event, bounds inclusive: what happens exactly then is in. An interval of
    /// zero asks for events of one moment.
    #[must_use]
    pub fn within(mut self, interval: SignedDuration) -> Self {
        let pattern = self.name.to_string();
        if interval.is_negative() {
            return self.mistaken(PatternError::EmptyInterval { pattern, interval });
        }
        match self.interval.replace(interval) {
            None => self,
            Some(_) => self.mistaken(PatternError::SecondInterval { pattern }),
        }
    }

    /// Each key is matched by itself, as if the others did not happen. An event without a key is passed over; it stands between no two
    /// others. The key may be borrowed from the event (`&str` for a key of `String`).
    #[must_use]
    pub fn partition_by<K: ?Sized>(
        self,
        key: impl Fn(&E) -> Option<&K> + Send + Sync + 'static,
    ) -> Pattern<E, K> {
        Pattern {
            name: self.name,
            steps: self.steps,
            interval: self.interval,
            key: Arc::new(key),
            skip: self.skip,
            late: self.late,
            reports: self.reports,
            bound: self.bound,
            mistake: self.mistake,
        }
    }

    /// What happens to other beginnings when a match is found.
    #[must_use]
    pub fn after_match(self, skip: Skip) -> Self {
        Pattern { skip, ..self }
    }

    /// What becomes of events that are older than the latest time seen.
    #[must_use]
    pub fn late_events(self, late: Late) -> Self {
        Pattern { late, ..self }
    }

    /// Partial matches are told when their interval has passed, each alternative by itself. One that was a match already, and might only
    /// have become a longer one, is not told.
    #[must_use]
    pub fn reporting_timeouts(self) -> Self {
        Pattern { reports: true, ..self }
    }

    /// At most so many partial matches; [`BOUND`] unless this is said. One more is an [error](super::Matching::error).
    #[must_use]
    pub fn bounded(self, bound: usize) -> Self {
        Pattern { bound, ..self }
    }

    fn mistaken(mut self, mistake: PatternError) -> Self {
        self.mistake.get_or_insert(mistake);
        self
    }

    /// Makes a fold of the pattern.
    ///
    /// # Errors
    /// [`PatternError`] when no history could ever match, when an absence could never be concluded or broken, when names are not clear, or when
    /// a word was said twice that can be said once.
    pub fn compile(self) -> Result<Matcher<E, Q>, PatternError>
    where
        Q: ToOwned,
    {
        self.judged()?;
        let Pattern { name, steps: said, interval, key, skip, late, reports, bound, mistake: _ } = self;
        let mut conditions = Vec::new();
        let (mut steps, mut absent) = (Vec::<Step<E>>::new(), Vec::new());
        for Said { name, condition, provided, kind } in said {
            let asked = Asked { bit: 1 << conditions.len(), provided };
            conditions.push(condition);
            match kind {
                Kind::Absent => absent.push(asked),
                Kind::Captured { contiguity, times, inner } => {
                    let (min, max) = times.unwrap_or((1, 1));
                    let inner = inner.unwrap_or(Contiguity::Relaxed);
                    let absent = std::mem::take(&mut absent);
                    steps.push(Step { name, asked, contiguity, inner, min, max, absent });
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
            reports,
            bound,
            waits,
            strict,
        };
        Ok(Matcher { program: Arc::new(program), key })
    }

    fn judged(&self) -> Result<(), PatternError> {
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
        for (index, Said { name, kind, .. }) in self.steps.iter().enumerate() {
            let step = || name.to_string();
            if self.steps[..index].iter().any(|earlier| earlier.name == *name) {
                return Err(PatternError::NameTwice { pattern: pattern(), step: step() });
            }
            let next = self.steps[index..].iter().find_map(|later| match later.kind {
                Kind::Captured { contiguity, .. } => Some(contiguity),
                Kind::Absent => None,
            });
            match (kind, next, self.interval) {
                (Kind::Absent, None, None) => {
                    return Err(PatternError::EndlessAbsence { pattern: pattern(), step: step() });
                }
                (Kind::Absent, Some(Contiguity::Strict), _) => {
                    return Err(PatternError::NothingBetween { pattern: pattern(), step: step() });
                }
                _ => {}
            }
        }
        if let Skip::ToFirst(step) | Skip::ToLast(step) = &self.skip {
            let known: Vec<_> = (self.steps.iter())
                .filter(|said| matches!(said.kind, Kind::Captured { .. }))
                .map(|said| &*said.name)
                .collect();
            if !known.contains(&&**step) {
                let known = known.join(", ");
                return Err(PatternError::UnknownStep { pattern: pattern(), step: step.to_string(), known });
            }
        }
        Ok(())
    }
}
