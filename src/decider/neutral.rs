//! The decider that does nothing.

use super::Decider;
use crate::fold::Fold;
use std::fmt;
use std::marker::PhantomData;

/// The unit of composition: a decider of any messages that never has anything to do.
///
/// It is terminal from the start, so `d.merge(neutral())` is terminal exactly when `d` is.
///
/// ```
/// use leftfold::{Decider, neutral};
///
/// let nothing = neutral::<u8, u8, ()>();
/// assert_eq!(nothing.decide(&1, &()), Ok(vec![]));
/// assert!(nothing.is_terminal(&()));
/// ```
pub fn neutral<C, E, R>() -> Neutral<C, E, R> {
    Neutral(PhantomData)
}

/// The decider that does nothing; made by [`neutral`].
pub struct Neutral<C, E, R>(PhantomData<fn(C) -> Result<E, R>>);

impl<C, E, R> Clone for Neutral<C, E, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C, E, R> Copy for Neutral<C, E, R> {}

impl<C, E, R> fmt::Debug for Neutral<C, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Neutral")
    }
}

impl<C, E, R> Fold for Neutral<C, E, R> {
    type State = ();
    type Event = E;

    fn initial_state(&self) {}

    #[inline]
    fn evolve(&self, (): (), _event: &E) {}
}

impl<C, E, R> Decider for Neutral<C, E, R> {
    type Command = C;
    type Rejection = R;

    fn decide(&self, _command: &C, (): &()) -> Result<Vec<E>, R> {
        Ok(Vec::new())
    }

    fn is_terminal(&self, (): &()) -> bool {
        true
    }
}
