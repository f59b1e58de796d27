//! Runs an exploration, in each of the ways to keep its states.

use super::bytes::StateKey;
use super::engine::{Engine, StepsByClass};
use super::expand::{Classify, Setting};
use super::keyed_states::KeyedStates;
use super::progress::Progress;
use super::report::Exploration;
use super::seen_states::{EncodedStates, PlainStates, SeenStates};
use super::symmetry::{Abstraction, Sameness, Symmetry};
use super::{Compact, Exact, Explorable, Explore, KeepStates};
use crate::check::property::{Demand, OfState, Step};
use crate::check::story::Story;
use crate::clock::{self, HAS_THREADS, Stopwatch};
use crate::decider::Decider;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

impl<D, A, I> Explore<'_, D, A, Exact>
where
    D: Decider<Event: Clone> + Sync,
    A: Fn(&D::State) -> I + Sync,
    I: IntoIterator<Item = D::Command>,
{
    /// Explores.
    ///
    /// Time: one `decide` for each command in each state, one `evolve` for each event, and writing and finding one state
    /// for each accepted command. Memory: for each state its bytes and about 25 more; with an
    /// [`always_possible`](crate::check::Property::always_possible) property, about ten more for each step between states.
    pub fn run(self) -> Exploration<D>
    where
        D::State: Explorable,
    {
        self.start(None).0
    }

    /// Explores, and sorts every step into a class. The result says how many steps each class has, and the shortest history to
    /// one.
    ///
    /// [`graph`](Self::graph) and [`coverage`](Self::coverage) are built on this.
    ///
    /// ```
    /// use leftfold::check::explore;
    /// use leftfold::decider;
    ///
    /// let jar = decider(
    ///     || 0u8,
    ///     |add: &u8, n: &u8| if n + add < 5 { Ok(vec![*add]) } else { Err("full") },
    ///     |n, add: &u8| n + add,
    /// );
    /// let steps = explore(&jar, |_: &u8| [1u8, 2]).classes(|step| step.outcome.is_ok());
    /// assert_eq!((steps.classes[&true].times, steps.classes[&false].times), (7, 3));
    /// assert_eq!(steps.classes[&false].story.commands, [1, 2, 2]);
    /// ```
    pub fn classes<K: Ord + Clone + Send>(self, class: impl Fn(&Step<'_, D>) -> K + Sync) -> StepClasses<D, K>
    where
        D::State: Explorable,
    {
        let numbers: Mutex<BTreeMap<K, u32>> = Mutex::new(BTreeMap::new());
        let classify = |step: &Step<'_, D>| {
            let class = class(step);
            let mut numbers = numbers.lock().unwrap_or_else(PoisonError::into_inner);
            let next = numbers.len() as u32;
            *numbers.entry(class).or_insert(next)
        };
        let (exploration, mut found) = self.start(Some(&classify));
        let numbers = numbers.into_inner().unwrap_or_else(PoisonError::into_inner);
        let classes = numbers.into_iter().filter_map(|(class, number)| {
            // A worker may have classified steps after the end of the exploration.
            let (times, story) = found.get_mut(number as usize)?.take()?;
            Some((class, StepClass { times, story }))
        });
        StepClasses { classes: classes.collect(), exploration }
    }

    fn start(self, classify: Option<&Classify<'_, D>>) -> (Exploration<D>, StepsByClass<D>)
    where
        D::State: Explorable,
    {
        match self.fitted() {
            Ok((mut explore, fitted)) => match fitted.key.clone() {
                None => explore.go(EncodedStates::default(), &fitted, classify),
                Some(key) => explore.go(KeyedStates::whole(key), &fitted, classify),
            },
            Err(unfit) => (*unfit, Vec::new()),
        }
    }
}

/// An exploration that has run, and all that is needed to take its steps again in the same order.
pub(in crate::check) struct Followed<'a, D: Decider, A> {
    pub(in crate::check) exploration: Exploration<D>,
    pub(in crate::check) decider: &'a D,
    pub(in crate::check) alphabet: A,
    pub(in crate::check) given: Vec<D::Event>,
    pub(in crate::check) within: Option<OfState<D>>,
    pub(in crate::check) most_commands: usize,
}

impl<'a, D, A, I> Explore<'a, D, A, Exact>
where
    D: Decider<State: Explorable, Event: Clone> + Sync,
    A: Fn(&D::State) -> I + Sync,
    I: IntoIterator<Item = D::Command>,
{
    /// Explores, if states are the same only where they are equal.
    pub(in crate::check) fn followed(mut self) -> Option<Followed<'a, D, A>> {
        if !matches!(self.sameness, Sameness::Equal) {
            return None;
        }
        let fitted = Fitted { key: None, symmetry: None, abstraction: None };
        let (exploration, _) = self.go(EncodedStates::default(), &fitted, None);
        let Explore { decider, alphabet, given, within, most_commands, .. } = self;
        Some(Followed { exploration, decider, alphabet, given, within, most_commands })
    }
}

impl<D, A, I> Explore<'_, D, A, Compact>
where
    D: Decider<Event: Clone> + Sync,
    A: Fn(&D::State) -> I + Sync,
    I: IntoIterator<Item = D::Command>,
{
    /// Explores. Memory: about 40 bytes for each state, and the bytes of the states to be visited.
    pub fn run(self) -> Exploration<D>
    where
        D::State: Explorable,
    {
        match self.fitted() {
            Ok((mut explore, fitted)) => {
                let mut found = explore.go(KeyedStates::fingerprints(fitted.key.clone()), &fitted, None).0;
                // The birthday bound: n(n-1)/2 pairs, each equal by chance once in 2^128.
                let states = found.states as f64;
                found.collision = Some(states * (states - 1.0) / 2.0 / 2f64.powi(128));
                found
            }
            Err(unfit) => *unfit,
        }
    }
}

impl<D, A, I> Explore<'_, D, A, KeepStates>
where
    D: Decider<State: Eq + Hash + Clone + Send + Sync, Event: Clone> + Sync,
    A: Fn(&D::State) -> I + Sync,
    I: IntoIterator<Item = D::Command>,
{
    /// Explores. Memory: a state and about 20 bytes, for each state.
    pub fn run(mut self) -> Exploration<D> {
        let fitted = Fitted { key: None, symmetry: None, abstraction: None };
        self.go(PlainStates::default(), &fitted, None).0
    }
}

/// An exploration whose steps were sorted into classes.
#[non_exhaustive]
pub struct StepClasses<D: Decider, K> {
    /// The exploration itself.
    pub exploration: Exploration<D>,
    /// The classes that have at least one step.
    pub classes: BTreeMap<K, StepClass<D>>,
}

impl<D, K: fmt::Debug> fmt::Debug for StepClasses<D, K>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug, Rejection: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepClasses")
            .field("exploration", &self.exploration)
            .field("classes", &self.classes)
            .finish()
    }
}

/// The steps of one class.
#[non_exhaustive]
pub struct StepClass<D: Decider> {
    /// How many steps.
    pub times: u64,
    /// The shortest history to one; its last command is the step.
    pub story: Story<D>,
}

impl<D> fmt::Debug for StepClass<D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug, Rejection: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepClass").field("times", &self.times).field("story", &self.story).finish()
    }
}

/// Which states count as the same, prepared for a run.
struct Fitted<S> {
    key: Option<StateKey<S>>,
    symmetry: Option<Symmetry<S>>,
    abstraction: Option<Abstraction<S>>,
}

impl<'a, D, A, M> Explore<'a, D, A, M>
where
    D: Decider<State: Explorable>,
{
    #[allow(clippy::type_complexity)]
    fn fitted(mut self) -> Result<(Self, Fitted<D::State>), Box<Exploration<D>>> {
        let mut fitted = Fitted { key: None, symmetry: None, abstraction: None };
        match std::mem::replace(&mut self.sameness, Sameness::Equal) {
            Sameness::Equal => (),
            Sameness::Abstracted { words, view } => {
                fitted.key = Some(view.clone());
                fitted.abstraction = Some(Abstraction::new(words, view));
            }
            Sameness::Symmetric { identities, permute } => match Symmetry::new(identities, permute) {
                Ok(symmetry) => {
                    fitted.key = Some(symmetry.canonical());
                    fitted.symmetry = Some(symmetry);
                }
                Err(why) => return Err(Box::new(Exploration::unfit(why, &self.properties))),
            },
        }
        Ok((self, fitted))
    }
}

impl<D, A, I, N> Explore<'_, D, A, N>
where
    D: Decider<State: Clone, Event: Clone> + Sync,
    A: Fn(&D::State) -> I + Sync,
    I: IntoIterator<Item = D::Command>,
{
    /// A sentence for each wish that this platform cannot grant: threads, a clock.
    fn not_available(&self) -> Vec<String> {
        let threads = (self.threads > 1 && !HAS_THREADS).then(|| {
            format!(
                "{} threads were asked for: this platform has none, so that one did all the work",
                self.threads
            )
        });
        let time = self.limits.time.filter(|_| !clock::RUNS).map(|time| {
            format!(
                "it was to end after {time:?}: this platform has no clock, so that it did not end for that"
            )
        });
        threads.into_iter().chain(time).collect()
    }

    fn go<M: SeenStates<D::State>>(
        &mut self,
        seen: M,
        fitted: &Fitted<D::State>,
        classify: Option<&Classify<'_, D>>,
    ) -> (Exploration<D>, StepsByClass<D>) {
        let started = Stopwatch::start();
        let setting = Setting {
            decider: self.decider,
            alphabet: &self.alphabet,
            properties: &self.properties,
            within: self.within.as_ref(),
            symmetry: fitted.symmetry.as_ref(),
            abstraction: fitted.abstraction.as_ref(),
            most_commands: self.most_commands,
            edges: self.properties.iter().any(|p| matches!(p.demand, Demand::AlwaysPossible(_))),
            classify,
            stop: self.stop,
            time: self.limits.time.map(|time| (started, time)),
        };
        let notes = self.not_available();
        let threads = if HAS_THREADS { self.threads } else { 1 };
        let progress = self.progress.as_mut().map(|report| &mut **report as &mut dyn FnMut(&Progress));
        let engine = Engine::new(&setting, &self.limits, threads, &self.given, progress, seen, started);
        let (mut found, classes) = engine.run();
        found.notes = notes;
        found.symmetric = fitted.symmetry.as_ref().map(Symmetry::identities);
        (found, classes)
    }
}
