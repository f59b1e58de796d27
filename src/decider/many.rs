//! One decider for each key.

use super::{Decider, Outcome};
use crate::fold::{Fold, evolve_at};
use im::OrdMap;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::marker::PhantomData;
use std::mem;

/// A message for the instance of this key.
///
/// Its name is the name of the message. A log has the key beside the content of the message, or in the name of the stream:
/// `CommandHandler::in_one_stream`, `CommandHandler::keyed`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename = "leftfold::Keyed")]
pub struct Keyed<K, M> {
    /// The key of the instance.
    pub key: K,
    /// The message.
    pub message: M,
}

/// Prints as it is written in code: `keyed(1, Closed)`.
impl<K: fmt::Debug, M: fmt::Debug> fmt::Debug for Keyed<K, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("keyed").field(&self.key).field(&self.message).finish()
    }
}

/// Short for [`Keyed { key, message }`](Keyed).
pub fn keyed<K, M>(key: K, message: M) -> Keyed<K, M> {
    Keyed { key, message }
}

/// One instance of a decider for each key; made by [`Decider::many`].
pub struct Many<D, K> {
    each: D,
    of: PhantomData<fn(K)>,
}

impl<D, K> Many<D, K> {
    pub(super) fn new(each: D) -> Self {
        Many { each, of: PhantomData }
    }
}

impl<D: Clone, K> Clone for Many<D, K> {
    fn clone(&self) -> Self {
        Many::new(self.each.clone())
    }
}

impl<D: fmt::Debug, K> fmt::Debug for Many<D, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Many").field(&self.each).finish()
    }
}

impl<D, K> Fold for Many<D, K>
where
    D: Fold<State: Clone>,
    K: Ord + Clone,
{
    type State = OrdMap<K, D::State>;
    type Event = Keyed<K, D::Event>;

    fn initial_state(&self) -> Self::State {
        OrdMap::new()
    }

    #[inline]
    fn evolve(&self, mut states: Self::State, event: &Self::Event) -> Self::State {
        evolve_at(&self.each, &mut states, &event.key, || event.key.clone(), &event.message);
        states
    }
}

impl<D, K> Decider for Many<D, K>
where
    D: Decider<State: Clone>,
    K: Ord + Clone,
{
    type Command = Keyed<K, D::Command>;
    type Rejection = D::Rejection;

    fn decide(
        &self,
        Keyed { key, message }: &Self::Command,
        states: &Self::State,
    ) -> Result<Vec<Self::Event>, Self::Rejection> {
        let events = match states.get(key) {
            Some(state) => self.each.decide(message, state)?,
            None => self.each.decide(message, &self.each.initial_state())?,
        };
        Ok(all_keyed(key, events))
    }

    fn handle(
        &self,
        mut states: Self::State,
        Keyed { key, message }: &Self::Command,
    ) -> (Self::State, Outcome<Self>) {
        let outcome = match states.get_mut(key) {
            Some(slot) => {
                let lent = mem::replace(slot, self.each.initial_state());
                let (state, outcome) = self.each.handle(lent, message);
                *slot = state;
                outcome
            }
            None => {
                let (state, outcome) = self.each.handle(self.each.initial_state(), message);
                // An instance without events is not in the map.
                if outcome.as_ref().is_ok_and(|events| !events.is_empty()) {
                    states.insert(key.clone(), state);
                }
                outcome
            }
        };
        (states, outcome.map(|events| all_keyed(key, events)))
    }

    fn is_refusal(&self, event: &Self::Event) -> bool {
        self.each.is_refusal(&event.message)
    }

    fn remarks(&self, Keyed { key, message }: &Self::Command, states: &Self::State) -> Vec<String> {
        match states.get(key) {
            Some(state) => self.each.remarks(message, state),
            None => self.each.remarks(message, &self.each.initial_state()),
        }
    }
}

fn all_keyed<K: Clone, E>(key: &K, events: Vec<E>) -> Vec<Keyed<K, E>> {
    events.into_iter().map(|message| keyed(key.clone(), message)).collect()
}
