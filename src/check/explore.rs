//! Exploration: visits every state that a model can reach, breadth first.
//!
//! [`explore`] starts at the initial state, tries all commands of an alphabet in every state, and checks the properties
//! ([`Property`]). The result is an [`Exploration`]: a value that prints as a page, with the shortest history to each
//! violation.
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
//!             // An error: nothing checks whether one is left.
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
//! When they are equal; an equal hash is never enough. By default, states are written by serde as canonical bytes, kept as
//! bytes, and compared by them. [`keep_states`](Explore::keep_states) keeps the states themselves, for types without serde.
//! [`compact`](Explore::compact) trades exactness for memory, and reports how likely an error is at most.

mod answers;
mod arena;
mod bytes;
mod engine;
mod expand;
mod floats;
mod keyed_states;
mod modes;
pub(super) mod page;
mod progress;
mod reachability;
mod replay;
mod report;
mod seen_states;
mod symmetry;
mod table;
mod unfit;

pub(super) use bytes::encode;
pub(super) use modes::Followed;
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

/// What exploration requires of a state: that it is equal to itself, and that it can be written and read back.
///
/// Every type that derives these traits implements it. `Hash` excludes collections without a fixed order of iteration,
/// whose bytes would differ from time to time:
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
/// The same compiles with an ordered collection:
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
#[diagnostic::on_unimplemented(
    message = "the state `{Self}` cannot be explored: derive `Clone`, `PartialEq`, `Eq`, `Hash`, `Serialize` and `Deserialize` on it; take \
               an `OrdMap` or a `BTreeMap` for a `HashMap`, which has no hash and no order; or let the function that returns the decider \
               say `impl Decider<State: Explorable, …>`"
)]
pub trait Explorable: Eq + Hash + Clone + Serialize + DeserializeOwned + 'static {}

#[diagnostic::do_not_recommend]
impl<S: Eq + Hash + Clone + Serialize + DeserializeOwned + 'static> Explorable for S {}

/// Keeps states as canonical bytes, compared byte by byte. The default.
#[derive(Clone, Copy, Debug)]
pub struct Exact;

/// Keeps states as fingerprints of 128 bits.
#[derive(Clone, Copy, Debug)]
pub struct Compact;

/// Keeps the states themselves, compared by `==`.
#[derive(Clone, Copy, Debug)]
pub struct KeepStates;

/// Sets up an exploration of everything that `decider` can do with the commands of `alphabet`.
///
/// The alphabet lists the commands worth trying in a state, always the same ones for the same state. It should include
/// commands that are refused: refusals are part of what is explored.
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

/// The default for [`Explore::commands_per_state`].
const MOST_COMMANDS: usize = 10_000;

/// The default for [`Explore::memory`]: 4 GiB.
const MOST_MEMORY: usize = match 4usize.checked_mul(1 << 30) {
    Some(bytes) => bytes,
    None => usize::MAX / 2,
};

type ReportProgress<'a> = Box<dyn FnMut(&Progress) + Send + Sync + 'a>;

/// An exploration that is being set up; made by [`explore`].
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
    progress: Option<ReportProgress<'a>>,
    sameness: Sameness<D::State>,
    mode: PhantomData<M>,
}

debug_by_name!([D: Decider, A, M] Explore<'_, D, A, M>, "Explore");

impl<'a, D: Decider, A, M> Explore<'a, D, A, M> {
    pub(super) fn decider(&self) -> &'a D {
        self.decider
    }

    /// A value computed from the first state; `None` if the model panics there.
    pub(super) fn of_first_state<T>(&self, of: impl FnOnce(&D::State) -> T) -> Option<T> {
        crate::spec::panics::caught(|| of(&self.decider.fold(&self.given))).ok()
    }

    /// Checks one more property, such as one that a model declares once for all its checks. For a property of this
    /// exploration alone, [`always`](Self::always), [`sometimes`](Self::sometimes) and the like are shorter.
    pub fn property(mut self, property: Property<D>) -> Self {
        self.properties.push(property);
        self
    }

    /// Checks these properties too.
    pub fn properties(mut self, properties: impl IntoIterator<Item = Property<D>>) -> Self {
        self.properties.extend(properties);
        self
    }

    /// Checks [`Property::always`].
    #[track_caller]
    pub fn always(
        self,
        name: impl Into<String>,
        holds: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.property(Property::always(name, holds))
    }

    /// Checks [`Property::always_step`].
    #[track_caller]
    pub fn always_step(
        self,
        name: impl Into<String>,
        holds: impl Fn(&Step<'_, D>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.property(Property::always_step(name, holds))
    }

    /// Checks [`Property::sometimes`].
    #[track_caller]
    pub fn sometimes(
        self,
        name: impl Into<String>,
        holds: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.property(Property::sometimes(name, holds))
    }

    /// Checks [`Property::never_stuck`].
    #[track_caller]
    pub fn never_stuck(self) -> Self {
        self.property(Property::never_stuck())
    }

    /// Checks [`Property::always_possible`].
    #[track_caller]
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

    /// Follows histories of at most this many commands. Default: no bound.
    pub fn depth(mut self, commands: usize) -> Self {
        self.limits.depth = Some(commands);
        self
    }

    /// Finds at most this many states, and at least one. Default: no bound.
    pub fn states(mut self, states: usize) -> Self {
        self.limits.states = Some(states.max(1));
        self
    }

    /// Keeps about this many bytes of states and data about them. Default: 4 GiB. An exploration that reaches the bound ends
    /// with [`ExplorationBound::Memory`] and everything found by then.
    ///
    /// The bytes are counted, not measured: the same model ends at the same state on every machine. With
    /// [`keep_states`](Self::keep_states), the memory that a state points to is not known and counts as 64 bytes.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.limits.memory = bytes;
        self
    }

    /// Takes about this much time. Default: no bound. This is the only bound that can give another result the next time.
    pub fn time(mut self, time: Duration) -> Self {
        self.limits.time = Some(time);
        self
    }

    /// Does not continue from states for which `within` is false. They are still checked. `words` describes the bound in the
    /// report.
    pub fn within(
        mut self,
        words: impl Into<String>,
        within: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.limits.within = Some(words.into());
        self.within = Some(Arc::new(within));
        self
    }

    /// Tries at most this many commands in one state. Default: 10,000; more than 65,535 counts as 65,535. So an alphabet may
    /// be an infinite iterator.
    pub fn commands_per_state(mut self, most: usize) -> Self {
        self.most_commands = most.min(usize::from(u16::MAX));
        self
    }

    /// Ends as soon as every property is decided: violated, or reached where it should hold sometimes.
    pub fn until_decided(mut self) -> Self {
        self.limits.until_decided = true;
        self
    }

    /// Uses this many threads. Default: one. The result is the same for any number.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Ends soon after the flag is set, with everything found by then.
    pub fn stop(mut self, flag: &'a AtomicBool) -> Self {
        self.stop = Some(flag);
        self
    }

    /// Calls `report` with the progress about ten times a second.
    pub fn progress(mut self, report: impl FnMut(&Progress) + Send + Sync + 'a) -> Self {
        self.progress = Some(Box::new(report));
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
    /// Keeps a hash of 128 bits for each state instead of the state. Takes less memory for large states, but is not exact: the
    /// report says how probable it is, at most, that a state was missed.
    pub fn compact(self) -> Explore<'a, D, A, Compact> {
        self.with()
    }

    /// Keeps the states themselves and compares them by `==`. Needs no serde, but more memory.
    ///
    /// Drops a view or a symmetry that was set before, because both need states as bytes.
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
    /// Counts states as the same if this view of them is the same. Use it for counters and lists of history that make every
    /// state new. `words` describes the view in the report.
    ///
    /// The histories found are real. A property that holds, holds as far as the view shows
    /// ([`ExplorationVerdict::Abstracted`]). This is sound if states of the same view lead to states of the same view, and no
    /// property distinguishes them; a sample is checked for that.
    pub fn abstracted<V: Serialize>(
        mut self,
        words: impl Into<String>,
        view: impl Fn(&D::State) -> V + Send + Sync + 'static,
    ) -> Self {
        let view: StateKey<D::State> = Arc::new(move |state, bytes| bytes::encode(&view(state), bytes));
        self.sameness = Sameness::Abstracted { words: words.into(), view };
        self
    }

    /// Counts states as the same if one is the other with its identities permuted: up to n! times fewer states.
    ///
    /// `permute` receives a state and, for each identity `0..identities`, the identity to put in its place. There may be at
    /// most seven identities. A sample of states is checked: the model must treat the permuted state alike, and no property
    /// may distinguish the identities. Otherwise the model is refused ([`ExplorationVerdict::Unfit`]); a tie broken by the
    /// lowest id is enough.
    pub fn symmetry(
        mut self,
        identities: usize,
        permute: impl Fn(&D::State, &[usize]) -> D::State + Send + Sync + 'static,
    ) -> Self {
        self.sameness = Sameness::Symmetric { identities, permute: Arc::new(permute) };
        self
    }
}

/// The ways of keeping states as bytes.
pub trait Serialized: sealed::Sealed {}

impl Serialized for Exact {}
impl Serialized for Compact {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Exact {}
    impl Sealed for super::Compact {}
}
