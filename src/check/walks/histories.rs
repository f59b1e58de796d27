//! Histories as a strategy of proptest, for tests that are written with proptest alone.

use crate::check::random::Chance;
use crate::decider::Decider;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::fmt::{self, Debug};
use std::marker::PhantomData;
use std::sync::Arc;

/// A strategy of proptest for lists of at most `longest` commands from an alphabet that a decider accepts in order.
///
/// A value shrinks by leaving out commands. Commands that the decider then refuses are left out as well, so every value is
/// a possible history. To check a property of the model itself, prefer [`walks`](super::walks): they shrink further, and
/// report what they have seen.
///
/// ```
/// use leftfold::check::histories;
/// use leftfold::{Decider, decider};
/// use proptest::prelude::*;
///
/// let jar = || decider(
///     || 0u8,
///     |take: &bool, left: &u8| match (take, left) {
///         (true, 0) => Err("empty"),
///         (true, _) => Ok(vec![-1i8]),
///         (false, _) => Ok(vec![1]),
///     },
///     |left: u8, by: &i8| left.saturating_add_signed(*by),
/// );
/// proptest!(|(commands in histories(jar(), |_: &u8| [false, true], 20))| {
///     prop_assert!(jar().run(&commands).is_ok());
/// });
/// ```
pub fn histories<D, A, I>(decider: D, alphabet: A, longest: usize) -> Histories<D, A>
where
    D: Decider<State: Clone, Command: Clone + Debug>,
    A: Fn(&D::State) -> I,
    I: IntoIterator<Item = D::Command>,
{
    Histories { with: Arc::new((decider, alphabet)), longest }
}

/// A strategy of histories; made by [`histories`].
pub struct Histories<D, A> {
    with: Arc<(D, A)>,
    longest: usize,
}

impl<D, A> Debug for Histories<D, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Histories").field("longest", &self.longest).finish_non_exhaustive()
    }
}

impl<D, A, I> Strategy for Histories<D, A>
where
    D: Decider<State: Clone, Command: Clone + Debug>,
    A: Fn(&D::State) -> I,
    I: IntoIterator<Item = D::Command>,
{
    type Tree = HistoryTree<D, A>;
    type Value = Vec<D::Command>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let seed = proptest::num::u64::ANY.new_tree(runner)?.current();
        let mut chance = Chance::new(seed);
        let (decider, alphabet) = &*self.with;
        let longest = chance.below(self.longest + 1);
        let mut state = decider.initial_state();
        let mut commands = Vec::with_capacity(longest);
        'walk: while commands.len() < longest {
            let mut untried: Vec<D::Command> = alphabet(&state).into_iter().collect();
            while !untried.is_empty() {
                let command = untried.swap_remove(chance.below(untried.len()));
                if let Ok(events) = decider.decide(&command, &state) {
                    state = decider.fold_from(state, &events);
                    commands.push((command, true));
                    continue 'walk;
                }
            }
            break;
        }
        let next = commands.len();
        Ok(HistoryTree { with: self.with.clone(), commands, next, left_out: None, of: PhantomData })
    }
}

/// A history that is being shrunk; see [`histories`].
pub struct HistoryTree<D: Decider, A> {
    with: Arc<(D, A)>,
    commands: Vec<(D::Command, bool)>,
    /// Leaving out each command from this index on has been tried.
    next: usize,
    left_out: Option<usize>,
    of: PhantomData<fn(A)>,
}

impl<D: Decider<Command: Debug>, A> Debug for HistoryTree<D, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HistoryTree").field("commands", &self.commands).finish_non_exhaustive()
    }
}

impl<D, A> ValueTree for HistoryTree<D, A>
where
    D: Decider<State: Clone, Command: Clone + Debug>,
{
    type Value = Vec<D::Command>;

    fn current(&self) -> Vec<D::Command> {
        let decider = &self.with.0;
        let mut state = decider.initial_state();
        let mut lived = Vec::new();
        for (command, kept) in &self.commands {
            if let (true, Ok(events)) = (kept, decider.decide(command, &state)) {
                state = decider.fold_from(state, &events);
                lived.push(command.clone());
            }
        }
        lived
    }

    fn simplify(&mut self) -> bool {
        self.left_out = None;
        while self.next > 0 {
            self.next -= 1;
            if std::mem::replace(&mut self.commands[self.next].1, false) {
                self.left_out = Some(self.next);
                return true;
            }
        }
        false
    }

    fn complicate(&mut self) -> bool {
        match self.left_out.take() {
            Some(place) => {
                self.commands[place].1 = true;
                true
            }
            None => false,
        }
    }
}
