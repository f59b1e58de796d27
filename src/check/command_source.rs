//! Where the commands of a walk come from: an alphabet, or a strategy of proptest.

use super::random::Chance;
use super::stable_hasher::StableHasher;
use crate::decider::Decider;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hash};

/// Where the next command of a walk comes from: an [`Alphabet`] or, with the feature `proptest`, `Commands`.
///
/// The trait is sealed: its methods are internal.
pub trait CommandSource<D: Decider>: SealedSource {
    /// Drawn with each command: what its arguments are shrunk with.
    #[doc(hidden)]
    type Drawn;
    #[doc(hidden)]
    fn begin(&mut self, seed: u64);
    /// Sets the state for the next draws.
    #[doc(hidden)]
    fn look(&mut self, state: &D::State);
    /// The next command to try in this state; `None` when every command was tried.
    #[doc(hidden)]
    fn draw(&mut self, chance: &mut Chance) -> Option<(D::Command, Self::Drawn)>;
    #[doc(hidden)]
    fn simplified(drawn: &mut Self::Drawn) -> Option<D::Command>;
    #[doc(hidden)]
    fn complicated(drawn: &mut Self::Drawn) -> Option<D::Command>;
    #[doc(hidden)]
    fn all(&self, state: &D::State) -> Option<Vec<D::Command>>;
    #[doc(hidden)]
    fn same(one: &D::State, other: &D::State) -> bool;
    /// The set of states that a search has seen.
    #[doc(hidden)]
    type StateSet;
    /// An empty set of states; `None` where the commands of a state cannot all be listed, so that no search is complete.
    #[doc(hidden)]
    fn state_set(&self) -> Option<Self::StateSet>;
    /// Adds a state; returns a copy of it if it is new.
    #[doc(hidden)]
    fn add_state(seen: &mut Self::StateSet, state: D::State) -> Option<D::State>;
}

pub trait SealedSource {}

/// A finite list of commands for each state.
pub struct Alphabet<C, F> {
    commands: F,
    untried: Vec<C>,
}

debug_by_name!([C, F] Alphabet<C, F>, "Alphabet");

impl<C, F> Alphabet<C, F> {
    pub(crate) fn new(commands: F) -> Self {
        Alphabet { commands, untried: Vec::new() }
    }
}

impl<C, F> SealedSource for Alphabet<C, F> {}

impl<D, F, I> CommandSource<D> for Alphabet<D::Command, F>
where
    D: Decider<State: Clone + Eq + Hash, Command: Clone>,
    F: Fn(&D::State) -> I,
    I: IntoIterator<Item = D::Command>,
{
    type Drawn = ();

    fn begin(&mut self, _: u64) {}

    #[inline]
    fn look(&mut self, state: &D::State) {
        // A `Vec` is taken over without copying.
        self.untried = (self.commands)(state).into_iter().collect();
    }

    #[inline]
    fn draw(&mut self, chance: &mut Chance) -> Option<(D::Command, ())> {
        match self.untried.len() {
            0 => None,
            left => Some((self.untried.swap_remove(chance.below(left)), ())),
        }
    }

    fn simplified((): &mut ()) -> Option<D::Command> {
        None
    }

    fn complicated((): &mut ()) -> Option<D::Command> {
        None
    }

    fn all(&self, state: &D::State) -> Option<Vec<D::Command>> {
        Some((self.commands)(state).into_iter().collect())
    }

    fn same(one: &D::State, other: &D::State) -> bool {
        one == other
    }

    type StateSet = HashMap<D::State, (), BuildHasherDefault<StableHasher>>;

    fn state_set(&self) -> Option<Self::StateSet> {
        Some(HashMap::default())
    }

    fn add_state(seen: &mut Self::StateSet, state: D::State) -> Option<D::State> {
        match seen.entry(state) {
            Entry::Occupied(_) => None,
            Entry::Vacant(new) => {
                let state = new.key().clone();
                new.insert(());
                Some(state)
            }
        }
    }
}

#[cfg(feature = "proptest")]
pub use drawn::Commands;

#[cfg(feature = "proptest")]
mod drawn {
    use super::{Chance, CommandSource, Decider, SealedSource};
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    use std::convert::Infallible;

    /// Commands drawn from a proptest strategy for each state.
    pub struct Commands<S, F> {
        strategy_for: F,
        strategy: Option<S>,
        runner: TestRunner,
        /// How many draws in a row may be refused before the state counts as a dead end.
        tries: usize,
        left: usize,
    }

    debug_by_name!([S, F] Commands<S, F>, "Commands");

    impl<S, F> Commands<S, F> {
        pub(crate) fn new(strategy_for: F, tries: usize) -> Self {
            let config = Config { failure_persistence: None, ..Config::default() };
            let runner = TestRunner::new_with_rng(config, generator(0));
            Commands { strategy_for, strategy: None, runner, tries, left: 0 }
        }

        pub(crate) fn with_tries(self, tries: usize) -> Self {
            Commands { tries, ..self }
        }
    }

    /// A fast generator. Proptest's default one is cryptographic, and would take most of the time of a cheap draw.
    fn generator(seed: u64) -> TestRng {
        let mut chance = Chance::new(seed);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&chance.number().to_le_bytes());
        bytes[8..].copy_from_slice(&chance.number().to_le_bytes());
        TestRng::from_seed(RngAlgorithm::XorShift, &bytes)
    }

    impl<S, F> SealedSource for Commands<S, F> {}

    impl<D, S, F> CommandSource<D> for Commands<S, F>
    where
        D: Decider<State: Clone + PartialEq, Command: Clone>,
        S: Strategy<Value = D::Command>,
        F: Fn(&D::State) -> S,
    {
        type Drawn = S::Tree;

        fn begin(&mut self, seed: u64) {
            *self.runner.rng() = generator(seed);
        }

        #[inline]
        fn look(&mut self, state: &D::State) {
            self.strategy = Some((self.strategy_for)(state));
            self.left = self.tries;
        }

        #[inline]
        fn draw(&mut self, _: &mut Chance) -> Option<(D::Command, S::Tree)> {
            let strategy = self.strategy.as_ref()?;
            while self.left > 0 {
                self.left -= 1;
                // A strategy that finds no value, such as a filter, uses up one try.
                if let Ok(tree) = strategy.new_tree(&mut self.runner) {
                    return Some((tree.current(), tree));
                }
            }
            None
        }

        fn simplified(drawn: &mut S::Tree) -> Option<D::Command> {
            drawn.simplify().then(|| drawn.current())
        }

        fn complicated(drawn: &mut S::Tree) -> Option<D::Command> {
            drawn.complicate().then(|| drawn.current())
        }

        fn all(&self, _: &D::State) -> Option<Vec<D::Command>> {
            None
        }

        fn same(one: &D::State, other: &D::State) -> bool {
            one == other
        }

        type StateSet = Infallible;

        fn state_set(&self) -> Option<Infallible> {
            None
        }

        fn add_state(seen: &mut Infallible, _: D::State) -> Option<D::State> {
            match *seen {}
        }
    }
}
