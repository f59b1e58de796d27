//! Exploration: every state that a model can reach, breadth first.
//!
//! [`explore`] tries all commands of an alphabet in every state, beginning at the initial one, and asks what is to hold
//! ([`Property`]). What it finds is an [`Exploration`]: a value that prints as a page, with the shortest history to
//! everything that is wrong.
//!
//! ```
//! use leftfold::check::{PropertyAnswer, explore};
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
//!     .always("there are never fewer than none", |state| state.left >= 0)
//!     .sometimes("all are lent", |state| state.lent == 3)
//!     .depth(10)
//!     .run();
//!
//! assert!(matches!(found.answer("all are lent"), Some(PropertyAnswer::Reached(story)) if story.len() == 3));
//! assert_eq!(found.to_string(), "\
//! explored  24 states, not all: bounded to 10 commands. All histories of up to 10
//!           commands were followed
//! steps     37 accepted, 29 refused; 10 commands to the furthest state
//!
//! violated  there are never fewer than none, after 4 commands
//!           when  Lend
//!                 Discard
//!                 Discard
//!                 Discard
//! reached   all are lent, after 3 commands
//! ");
//! ```
//!
//! # When are two states the same?
//!
//! When they are equal, never for their hashes. By default a state is kept as canonical bytes, written by serde, and
//! states are compared by these; [`keep_states`](Explore::keep_states) keeps the states themselves, for types outside
//! serde. [`compact`](Explore::compact) gives exactness up for memory and says how unlikely it is to have been wrong.

mod answers;
mod arena;
mod bytes;
mod engine;
mod expand;
mod floats;
mod keyed_states;
mod modes;
mod page;
mod progress;
mod reachability;
mod replay;
mod report;
mod seen_states;
mod symmetry;
mod table;
mod unfit;

pub use modes::{StepClass, StepClasses};
pub use progress::Progress;
pub use report::{Exploration, ExplorationBound, ExplorationVerdict, Panic, PropertyAnswer, PropertyFinding};
pub use unfit::{Differed, Unfit};

use super::property::{OfState, Property, Step};
use crate::decider::Decider;
use bytes::StateKey;
use engine::Limits;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use symmetry::Sameness;

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
///
/// With a collection of a fixed order the same compiles:
///
/// ```
/// # use leftfold::check::explore;
/// # use leftfold::decider;
/// use std::collections::BTreeMap;
///
/// let jar = decider(
///     BTreeMap::<u8, u8>::new,
///     |n: &u8, _: &BTreeMap<u8, u8>| Ok::<_, ()>(vec![*n]),
///     |mut jar: BTreeMap<u8, u8>, n: &u8| { jar.insert(*n, 1); jar },
/// );
/// explore(&jar, |_: &BTreeMap<u8, u8>| [1, 2, 3]).run();
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
        limits: Limits {
            depth: None,
            states: None,
            memory: MOST_MEMORY,
            time: None,
            until_decided: false,
            within: None,
        },
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

/// Bytes of states, unless another bound is set: 4 GiB.
const MOST_MEMORY: usize = match 4usize.checked_mul(1 << 30) {
    Some(bytes) => bytes,
    None => usize::MAX / 2,
};

type Tell<'a> = Box<dyn FnMut(&Progress) + 'a>;

/// An exploration that is being set up.
///
/// ```
/// use leftfold::check::{ExplorationBound, ExplorationVerdict, explore};
/// use leftfold::decider;
/// use std::sync::atomic::AtomicBool;
/// use std::time::Duration;
///
/// let jar = decider(
///     || 0u8,
///     |add: &u8, n: &u8| if n + add <= 100 { Ok(vec![*add]) } else { Err("full") },
///     |n, add: &u8| n + add,
/// );
/// let stop = AtomicBool::new(false);
/// let found = explore(&jar, |_: &u8| [1u8, 2])
///     .from([3])
///     .always("never ninety", |n| *n != 90)
///     .always_step("it never shrinks", |step| step.after >= step.before)
///     .sometimes("it is half full", |n| *n == 50)
///     .always_possible("it can be full", |n| *n == 100)
///     .within("up to ninety-five", |n| *n <= 95)
///     .depth(60)
///     .states(1_000_000)
///     .time(Duration::from_secs(60))
///     .threads(2)
///     .stop(&stop)
///     .progress(|progress| println!("{progress}"))
///     .run();
/// assert_eq!(found.verdict, ExplorationVerdict::Bounded { depth: 47, why: vec![ExplorationBound::Within("up to ninety-five".into())] });
/// let story = found.answer("never ninety").and_then(|answer| answer.story()).unwrap();
/// assert_eq!((story.len(), story.state(&jar)), (44, 90));
/// ```
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
    progress: Option<Tell<'a>>,
    sameness: Sameness<D::State>,
    mode: PhantomData<M>,
}

impl<'a, D: Decider, A, M> Explore<'a, D, A, M> {
    pub(super) fn decider(&self) -> &'a D {
        self.decider
    }

    /// Something of the state that the exploration begins at; nothing where the model panics there.
    pub(super) fn of_first_state<T>(&self, of: impl FnOnce(&D::State) -> T) -> Option<T> {
        crate::spec::panics::caught(|| of(&self.decider.fold(&self.given))).ok()
    }

    /// Asks one more property: one that a model declares once for all its checks. Those that are asked here alone are
    /// shorter as [`always`](Self::always), [`sometimes`](Self::sometimes) and the like.
    pub fn property(mut self, property: Property<D>) -> Self {
        self.properties.push(property);
        self
    }

    /// Asks these properties, besides those that were given already.
    pub fn properties(mut self, properties: impl IntoIterator<Item = Property<D>>) -> Self {
        self.properties.extend(properties);
        self
    }

    /// Asks [`Property::always`].
    pub fn always(
        self,
        name: impl Into<String>,
        holds: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.property(Property::always(name, holds))
    }

    /// Asks [`Property::always_step`].
    pub fn always_step(
        self,
        name: impl Into<String>,
        holds: impl Fn(&Step<'_, D>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.property(Property::always_step(name, holds))
    }

    /// Asks [`Property::sometimes`].
    pub fn sometimes(
        self,
        name: impl Into<String>,
        holds: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.property(Property::sometimes(name, holds))
    }

    /// Asks [`Property::never_stuck`].
    pub fn never_stuck(self) -> Self {
        self.property(Property::never_stuck())
    }

    /// Asks [`Property::always_possible`].
    pub fn always_possible(
        self,
        name: impl Into<String>,
        holds: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.property(Property::always_possible(name, holds))
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

    /// Keeps about this many bytes of states and of what is known of them; default: 4 GiB. An exploration that reaches the
    /// bound ends as [`ExplorationBound::Memory`], with all that was found by then.
    ///
    /// The bytes are counted, not measured: the same model ends at the same state on every machine. With
    /// [`keep_states`](Self::keep_states), what a state points to is not known and counts as 64 bytes.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.limits.memory = bytes;
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
    /// The histories that are found are real. What holds, holds as far as the view tells ([`ExplorationVerdict::Abstracted`]), which
    /// is sound when states of the same view lead to states of the same view, and no property tells them apart; this is
    /// tried on a sample.
    pub fn abstracted<V: Serialize>(
        mut self,
        words: impl Into<String>,
        view: impl Fn(&D::State) -> V + Send + Sync + 'static,
    ) -> Self {
        let view: StateKey<D::State> = Arc::new(move |state, bytes| bytes::encode(&view(state), bytes));
        self.sameness = Sameness::Abstracted { words: words.into(), view };
        self
    }

    /// Takes states for the same when one is the other with its identities permuted: up to n! times fewer states.
    ///
    /// `permute` is given a state and, for each identity `0..identities`, the one to be put in its place. At most seven
    /// identities. Refused ([`ExplorationVerdict::Unfit`]) unless, on a sample of states, the model does the same to the permuted
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
