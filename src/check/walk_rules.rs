//! The rules of random walks, and what walks ask of a decider.

use crate::decider::Decider;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};

/// What walks ask of a decider: messages and states that can be cloned and printed.
pub trait Walkable:
    Decider<Command: Clone + Debug, Event: Clone + Debug, State: Clone + Debug, Rejection: Debug>
{
}

impl<D> Walkable for D where
    D: Decider<Command: Clone + Debug, Event: Clone + Debug, State: Clone + Debug, Rejection: Debug>
{
}

/// A state that walks over a model compare, to find the shortest story. Every state that is `Clone`, `Eq` and `Hash` is one.
#[diagnostic::on_unimplemented(
    message = "the state `{Self}` cannot be compared on walks: derive `Clone`, `PartialEq`, `Eq` and `Hash` on it; take an `OrdMap` or a \
               `BTreeMap` for a `HashMap`, which has no hash; or let the function that returns the decider say \
               `impl Decider<State: WalkedState, …>`"
)]
pub trait WalkedState: Clone + Eq + Hash {}

#[diagnostic::do_not_recommend]
impl<S: Clone + Eq + Hash> WalkedState for S {}

/// The rules that every walk follows.
pub(crate) struct WalkRules<D: Decider> {
    /// The most accepted steps of a walk.
    pub(crate) steps: usize,
    /// The share of refused commands that count as steps.
    pub(crate) let_through: f64,
    /// The largest share of the kinds of commands that a walk leaves out.
    pub(crate) leave_out: f64,
    /// The kind of a command; default: its enum variant.
    pub(crate) kind: Option<fn(&D::Command) -> u64>,
}

impl<D: Decider> WalkRules<D> {
    /// The kind of a command, as a number.
    #[inline]
    pub(crate) fn kind_of(&self, command: &D::Command) -> u64 {
        match self.kind {
            None => by_variant(command),
            Some(kind) => kind(command),
        }
    }
}

impl<D: Decider> Clone for WalkRules<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Decider> Copy for WalkRules<D> {}

/// The kind of a command by its enum variant; every value of another type is of one kind.
#[inline]
fn by_variant<C>(command: &C) -> u64 {
    /// Takes the number of the variant as the hash, which is enough for few variants.
    struct DiscriminantHasher(u64);

    impl Hasher for DiscriminantHasher {
        fn finish(&self) -> u64 {
            self.0
        }

        #[inline]
        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 << 8) | u64::from(*byte);
            }
        }

        #[inline]
        fn write_isize(&mut self, number: isize) {
            self.0 = number as u64;
        }
    }

    let mut plain = DiscriminantHasher(0);
    std::mem::discriminant(command).hash(&mut plain);
    plain.0
}
