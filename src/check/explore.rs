//! Exploration: every state that a model can reach, breadth first.
//!
//! [`explore`] tries all commands of an alphabet in every state, beginning at the initial one, and asks what is to hold
//! ([`Property`]). What it finds is an [`Exploration`]: a value that prints as a page, with the shortest history to
//! everything that is wrong.
//!
//! ```
//! use leftfold::check::{Answer, Property, Verdict, explore};
//! use leftfold::{Decider, Fold};
//! use serde::{Deserialize, Serialize};
//!
//! /// A stall with three umbrellas to lend.
//! struct Stall;
//!
//! #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
//! struct State { left: i8, lent: i8 }
//! #[derive(Debug, PartialEq)]
//! enum Command { Lend, TakeBack, Discard }
//! #[derive(Clone, Debug, PartialEq)]
//! enum Event { Lent, TakenBack, Discarded }
//! #[derive(Debug, PartialEq)]
//! struct NoneLeft;
//!
//! impl Fold for Stall {
//!     type State = State;
//!     type Event = Event;
//!     fn initial_state(&self) -> State {
//!         State { left: 3, lent: 0 }
//!     }
//!     fn evolve(&self, State { left, lent }: State, event: &Event) -> State {
//!         match event {
//!             Event::Lent => State { left: left - 1, lent: lent + 1 },
//!             Event::TakenBack => State { left: left + 1, lent: lent - 1 },
//!             Event::Discarded => State { left: left - 1, lent },
//!         }
//!     }
//! }
//!
//! impl Decider for Stall {
//!     type Command = Command;
//!     type Rejection = NoneLeft;
//!     fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, NoneLeft> {
//!         match command {
//!             Command::Lend if state.left > 0 => Ok(vec![Event::Lent]),
//!             Command::TakeBack if state.lent > 0 => Ok(vec![Event::TakenBack]),
//!             // Forgets to ask whether there is one.
//!             Command::Discard if state.lent < 2 => Ok(vec![Event::Discarded]),
//!             _ => Err(NoneLeft),
//!         }
//!     }
//! }
//!
//! let found = explore(&Stall, |_: &State| [Command::Lend, Command::TakeBack, Command::Discard])
//!     .property(Property::always("there are never fewer than none", |state: &State| state.left >= 0))
//!     .property(Property::sometimes("all are lent", |state: &State| state.lent == 3))
//!     .depth(10)
//!     .run();
//!
//! assert!(matches!(found.answer("all are lent"), Some(Answer::Reached(story)) if story.len() == 3));
//! assert_eq!(found.to_string(), "\
//! ");
//! ```
//!
//! # When are two states the same?
//!
//! When they are equal, never for their hashes. By default a state is kept as canonical bytes, written by serde, and
//! states are compared by these; [`keep_states`](Explore::keep_states) keeps the states themselves, for types outside
//! serde. [`compact`](Explore::compact) gives exactness up for memory and says how unlikely it is to have been wrong.

mod arena;
mod engine;
mod expand;
mod layered;
mod memory;
mod page;
mod possible;
mod progress;
mod report;
mod symmetry;
mod table;
mod unfit;

pub use progress::Progress;
pub use report::{Answer, Bound, Exploration, Finding, Panic, Verdict};
pub use unfit::Unfit;

use super::property::{Demand, OfState, Property};
use crate::decider::Decider;
use engine::{Engine, Limits};
use expand::Setting;
use layered::{Key, Layered};
use memory::{Encoded, Kept, Memory};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use symmetry::{Abstraction, Sameness, Symmetry};

/// What exploration asks of a state: that it is equal to itself, and that it can be written and read back.
///
/// Implemented by every type that derives these. `Hash` keeps out collections that iterate in no fixed order, whose
/// bytes would differ from time to time:
///
/// ```compile_fail
/// # use leftfold::check::explore;
/// # use leftfold::decider;
/// use std::collections::HashMap;
///
/// let jar = decider(
///     HashMap::<u8, u8>::new,
///     |n: &u8, _: &HashMap<u8, u8>| Ok::<_, ()>(vec![*n]),
///     |mut jar: HashMap<u8, u8>, n: &u8| { jar.insert(*n, 1); jar },
/// );
/// explore(&jar, |_: &HashMap<u8, u8>| [1, 2, 3]).run(); // `HashMap` has no `Hash`: take an `OrdMap`
/// ```
pub trait Explorable: Eq + Hash + Clone + Serialize + DeserializeOwned + 'static {}

impl<S: Eq + Hash + Clone + Serialize + DeserializeOwned + 'static> Explorable for S {}

/// How states are kept: as canonical bytes, compared byte by byte. The default.
#[derive(Clone, Copy, Debug)]
pub struct Exact;

/// How states are kept: as fingerprints of 128 bits.
#[derive(Clone, Copy, Debug)]
pub struct Compact;

/// How states are kept: as themselves, compared by `==`.
#[derive(Clone, Copy, Debug)]
pub struct KeepStates;

/// Begins an exploration of everything that `decider` can do with the commands of `alphabet`.
///
/// The alphabet lists the commands worth trying in a state; it answers the same for the same state. Refusable commands
/// belong into it: what is refused, and whether, is part of what is explored.
///
/// Nothing happens until [`run`](Explore::run). See the [module](self) for a whole example.
pub fn explore<D, A, I>(decider: &D, alphabet: A) -> Explore<'_, D, A>
where
    D: Decider,
    A: Fn(&D::State) -> I,
    I: IntoIterator<Item = D::Command>,
{
    Explore {
        decider,
        alphabet,
        properties: Vec::new(),
        given: Vec::new(),
        limits: Limits { depth: None, states: None, time: None, until_decided: false, within: None },
        within: None,
        most_commands: MOST_COMMANDS,
        threads: 1,
        stop: None,
        progress: None,
        sameness: Sameness::Equal,
        mode: PhantomData,
    }
}

/// Commands of one state that are tried, unless told otherwise.
const MOST_COMMANDS: usize = 10_000;

/// An exploration that is being set up.
#[must_use = "an exploration does nothing until it is run"]
pub struct Explore<'a, D: Decider, A, M = Exact> {
    decider: &'a D,
    alphabet: A,
    properties: Vec<Property<D>>,
    given: Vec<D::Event>,
    limits: Limits,
    within: Option<OfState<D>>,
    most_commands: usize,
    threads: usize,
    stop: Option<&'a AtomicBool>,
    progress: Option<Box<dyn FnMut(&Progress) + 'a>>,
    sameness: Sameness<D::State>,
    mode: PhantomData<M>,
}

impl<'a, D: Decider, A, M> Explore<'a, D, A, M> {
    /// Asks one more property.
    pub fn property(mut self, property: Property<D>) -> Self {
        self.properties.push(property);
        self
    }

    /// Asks these properties, besides those that were given already.
    pub fn properties(mut self, properties: impl IntoIterator<Item = Property<D>>) -> Self {
        self.properties.extend(properties);
        self
    }

    /// Begins after this history, and not at the initial state.
    pub fn from(mut self, history: impl IntoIterator<Item = D::Event>) -> Self {
        self.given = history.into_iter().collect();
        self
    }

    /// Follows histories of up to so many commands.
    pub fn depth(mut self, commands: usize) -> Self {
        self.limits.depth = Some(commands);
        self
    }

    /// Finds at most so many states, at least one.
    pub fn states(mut self, states: usize) -> Self {
        self.limits.states = Some(states.max(1));
        self
    }

    /// Takes about so much time. The only bound that can give another answer the next time.
    pub fn time(mut self, time: Duration) -> Self {
        self.limits.time = Some(time);
        self
    }

    /// Looks at states outside of this, in words and as a predicate, but does not go on from them.
    pub fn within(
        mut self,
        words: impl Into<String>,
        within: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.limits.within = Some(words.into());
        self.within = Some(Arc::new(within));
        self
    }

    /// Tries at most so many commands in one state; 10,000 unless told otherwise, 65,535 at most. An alphabet may be an
    /// iterator without an end.
    pub fn commands_per_state(mut self, most: usize) -> Self {
        self.most_commands = most.min(usize::from(u16::MAX));
        self
    }

    /// Ends as soon as every property is decided: violated, or reached where it is meant to happen sometimes.
    pub fn until_decided(mut self) -> Self {
        self.limits.until_decided = true;
        self
    }

    /// Shares the work among so many threads, at least one. What is found is the same for any number.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Ends soon after the flag was set, with what is known by then.
    pub fn stop(mut self, flag: &'a AtomicBool) -> Self {
        self.stop = Some(flag);
        self
    }

    /// Tells how far it has come, about ten times a second.
    pub fn progress(mut self, tell: impl FnMut(&Progress) + 'a) -> Self {
        self.progress = Some(Box::new(tell));
        self
    }

    fn with<N>(self) -> Explore<'a, D, A, N> {
        Explore {
            decider: self.decider,
            alphabet: self.alphabet,
            properties: self.properties,
            given: self.given,
            limits: self.limits,
            within: self.within,
            most_commands: self.most_commands,
            threads: self.threads,
            stop: self.stop,
            progress: self.progress,
            sameness: self.sameness,
            mode: PhantomData,
        }
    }
}

impl<'a, D: Decider, A> Explore<'a, D, A, Exact> {
    /// Keeps 128 bits of hash for each state and not the state: less memory for large states, and no longer exact. The
    /// report says how probable it is, at most, that a state was passed over.
    pub fn compact(self) -> Explore<'a, D, A, Compact> {
        self.with()
    }

    /// Keeps the states themselves and compares them by `==`: needs no serde, and more memory.
    ///
    /// A view or a symmetry that was asked for before is dropped: both are kept as bytes.
    pub fn keep_states(mut self) -> Explore<'a, D, A, KeepStates> {
        self.sameness = Sameness::Equal;
        self.with()
    }
}

impl<D, A, M> Explore<'_, D, A, M>
where
    D: Decider<State: Explorable>,
    M: Serialized,
{
    /// Takes states for the same when this view of them is the same, in words and as a function: for counters and lists
    /// of history that make every state new.
    ///
    /// The histories that are found are real. What holds, holds as far as the view tells ([`Verdict::Abstracted`]), which
    /// is sound when states of the same view lead to states of the same view, and no property tells them apart; this is
    /// tried on a sample.
    pub fn abstracted<V: Serialize>(
        mut self,
        words: impl Into<String>,
        view: impl Fn(&D::State) -> V + Send + Sync + 'static,
    ) -> Self {
        let view: Key<D::State> = Arc::new(move |state, bytes| memory::encode(&view(state), bytes));
        self.sameness = Sameness::Abstracted { words: words.into(), view };
        self
    }

    /// Takes states for the same when one is the other with its identities permuted: up to n! times fewer states.
    ///
    /// `permute` is given a state and, for each identity `0..identities`, the one to be put in its place. At most seven
    /// identities. Refused ([`Verdict::Unfit`]) unless, on a sample of states, the model does the same to the permuted
    /// state and no property tells the identities apart; a tie broken by the lowest id is enough to be refused.
    pub fn symmetry(
        mut self,
        identities: usize,
        permute: impl Fn(&D::State, &[usize]) -> D::State + Send + Sync + 'static,
    ) -> Self {
        self.sameness = Sameness::Symmetric { identities, permute: Arc::new(permute) };
        self
    }
}

/// The ways of keeping states that write them as bytes.
pub trait Serialized: sealed::Sealed {}

impl Serialized for Exact {}
impl Serialized for Compact {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Exact {}
    impl Sealed for super::Compact {}
}

impl<D, A, I> Explore<'_, D, A, Exact>
where
    D: Decider<State: Explorable, Event: Clone> + Sync,
    A: Fn(&D::State) -> I + Sync,
    I: IntoIterator<Item = D::Command>,
{
    /// Explores.
    ///
    /// Time: one `decide` for each command in each state, one `evolve` for each event, and writing and finding one state
    /// for each accepted command. Memory: the bytes of a state and about 25 more, for each state; with a property of what
    /// is [always possible](Property::always_possible), about ten more for each step between states.
    pub fn run(self) -> Exploration<D> {
        match self.fitted() {
            Ok((explore, fitted)) => match fitted.key.clone() {
                None => explore.go(Encoded::default(), &fitted),
                Some(key) => explore.go(Layered::whole(key), &fitted),
            },
            Err(unfit) => unfit,
        }
    }
}

impl<D, A, I> Explore<'_, D, A, Compact>
where
    D: Decider<State: Explorable, Event: Clone> + Sync,
    A: Fn(&D::State) -> I + Sync,
    I: IntoIterator<Item = D::Command>,
{
    /// Explores. Memory: about 40 bytes for each state, and the bytes of those that are still to be visited.
    pub fn run(self) -> Exploration<D> {
        match self.fitted() {
            Ok((explore, fitted)) => {
                let mut found = explore.go(Layered::fingerprints(fitted.key.clone()), &fitted);
                // The birthday bound: n(n-1)/2 pairs, each equal by chance once in 2^128.
                let states = found.states as f64;
                found.collision = Some(states * (states - 1.0) / 2.0 / 2f64.powi(128));
                found
            }
            Err(unfit) => unfit,
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
    pub fn run(self) -> Exploration<D> {
        let fitted = Fitted { key: None, symmetry: None, abstraction: None };
        self.go(Kept::default(), &fitted)
    }
}

/// What counts as the same, made ready.
struct Fitted<S> {
    key: Option<Key<S>>,
    symmetry: Option<Symmetry<S>>,
    abstraction: Option<Abstraction<S>>,
}

impl<'a, D, A, M> Explore<'a, D, A, M>
where
    D: Decider<State: Explorable>,
{
    #[allow(clippy::type_complexity)]
    fn fitted(mut self) -> Result<(Self, Fitted<D::State>), Exploration<D>> {
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
                Err(why) => return Err(Exploration::unfit(why, &self.properties)),
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
    fn go<M: Memory<D::State>>(mut self, memory: M, fitted: &Fitted<D::State>) -> Exploration<D> {
        let started = Instant::now();
        let setting = Setting {
            decider: self.decider,
            alphabet: &self.alphabet,
            properties: &self.properties,
            within: self.within.as_ref(),
            symmetry: fitted.symmetry.as_ref(),
            abstraction: fitted.abstraction.as_ref(),
            most_commands: self.most_commands,
            edges: self.properties.iter().any(|p| matches!(p.demand, Demand::AlwaysPossible(_))),
            stop: self.stop,
            until: self.limits.time.and_then(|time| started.checked_add(time)),
        };
        let progress = self.progress.as_mut().map(|tell| &mut **tell as &mut dyn FnMut(&Progress));
        let engine =
            Engine::new(&setting, &self.limits, self.threads, &self.given, progress, memory, started);
        let (mut found, _) = engine.run();
        found.symmetric = fitted.symmetry.as_ref().map(Symmetry::identities);
        found
    }
}
