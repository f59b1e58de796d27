//! Deciders made of three closures.

use super::Decider;
use crate::fold::Fold;
use std::marker::PhantomData;

/// A decider from three closures: the short form for teaching and for small models.
///
/// Pass the closures inline or as named functions; one bound by `let` first does not infer its lifetimes.
///
/// ```
/// use leftfold::{Decider, decider};
///
/// let turnstile = decider(
///     || 0,
///     |coin: &u32, _in_box: &u32| if *coin == 1 { Ok(vec![*coin]) } else { Err("one coin, please") },
///     |in_box, coin: &u32| in_box + coin,
/// );
/// assert_eq!(turnstile.run(&[1, 1]).unwrap(), (2, vec![1, 1]));
/// assert_eq!(turnstile.run(&[1, 5]), Err("one coin, please"));
/// ```
pub fn decider<C, S, E, R, I, D, V>(
    initial_state: I,
    decide: D,
    evolve: V,
) -> FromClosures<C, S, E, R, I, D, V>
where
    I: Fn() -> S,
    D: Fn(&C, &S) -> Result<Vec<E>, R>,
    V: Fn(S, &E) -> S,
{
    FromClosures { initial_state, decide, evolve, of: PhantomData }
}

/// A decider made of three closures; made by [`decider`].
#[derive(Clone, Copy)]
pub struct FromClosures<C, S, E, R, I, D, V> {
    initial_state: I,
    decide: D,
    evolve: V,
    #[allow(clippy::type_complexity)]
    of: PhantomData<fn(&C, &S) -> Result<Vec<E>, R>>,
}

debug_by_name!([C, S, E, R, I, D, V] FromClosures<C, S, E, R, I, D, V>, "FromClosures");

impl<C, S, E, R, I, D, V> Fold for FromClosures<C, S, E, R, I, D, V>
where
    I: Fn() -> S,
    V: Fn(S, &E) -> S,
{
    type State = S;
    type Event = E;

    fn initial_state(&self) -> S {
        (self.initial_state)()
    }

    #[inline]
    fn evolve(&self, state: S, event: &E) -> S {
        (self.evolve)(state, event)
    }
}

impl<C, S, E, R, I, D, V> Decider for FromClosures<C, S, E, R, I, D, V>
where
    I: Fn() -> S,
    D: Fn(&C, &S) -> Result<Vec<E>, R>,
    V: Fn(S, &E) -> S,
{
    type Command = C;
    type Rejection = R;

    #[inline]
    fn decide(&self, command: &C, state: &S) -> Result<Vec<E>, R> {
        (self.decide)(command, state)
    }
}
