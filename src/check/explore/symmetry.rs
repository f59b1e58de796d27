//! Which unequal states count as the same, and checks that they may.

use super::bytes::{StateKey, decode, encode};
use super::unfit::{MOST_IDENTITIES, Unfit};
use crate::check::property::{Demand, Property, Step};
use crate::decider::Decider;
use crate::spec::panics::caught;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Permutes the identities in a state.
pub(super) type Permute<S> = Arc<dyn Fn(&S, &[usize]) -> S + Send + Sync>;

/// Which states count as the same.
pub(super) enum Sameness<S> {
    Equal,
    Abstracted { words: String, view: StateKey<S> },
    Symmetric { identities: usize, permute: Permute<S> },
}

/// States count as the same if one is the other with its identities permuted.
pub(super) struct Symmetry<S> {
    identities: usize,
    permute: Permute<S>,
    encode: fn(&S, &mut Vec<u8>) -> Result<(), Unfit>,
}

impl<S: Serialize + 'static> Symmetry<S> {
    pub(super) fn new(identities: usize, permute: Permute<S>) -> Result<Self, Unfit> {
        if identities > MOST_IDENTITIES {
            return Err(Unfit::TooManyIdentities(identities));
        }
        Ok(Symmetry { identities, permute, encode: encode::<S> })
    }

    /// The key of a state: the smallest encoding of all its permutations.
    pub(super) fn canonical(&self) -> StateKey<S> {
        let permutations = permutations(self.identities);
        let permute = self.permute.clone();
        Arc::new(move |state, least| {
            let mut bytes = Vec::new();
            for permutation in &permutations {
                bytes.clear();
                encode(&permute(state, permutation), &mut bytes)?;
                if least.is_empty() || bytes < *least {
                    std::mem::swap(least, &mut bytes);
                }
            }
            Ok(())
        })
    }
}

impl<S> Symmetry<S> {
    pub(super) fn identities(&self) -> usize {
        self.identities
    }

    /// Checks that the model treats this state and its permutations alike, for a swap and a cycle, which generate all others:
    /// the states after the permuted state must be the permuted states after it, and every property must say the same of
    /// both.
    pub(super) fn check<D, A, I>(
        &self,
        decider: &D,
        alphabet: &A,
        properties: &[Property<D>],
        state: &S,
    ) -> Result<(), Unfit>
    where
        D: Decider<State = S>,
        S: Clone,
        A: Fn(&S) -> I,
        I: IntoIterator<Item = D::Command>,
    {
        let n = self.identities;
        if n < 2 {
            return Ok(());
        }
        let bytes = |state: &S| {
            let mut bytes = Vec::new();
            (self.encode)(state, &mut bytes).map(|()| bytes)
        };
        let identity: Vec<usize> = (0..n).collect();
        let mut swap = identity.clone();
        swap.swap(0, 1);
        let cycle: Vec<usize> = (1..n).chain([0]).collect();
        let here = bytes(state)?;
        if bytes(&(self.permute)(state, &identity))? != here {
            return Err(Unfit::NotAPermutation);
        }
        for (permutation, times, words) in
            [(&swap, 2, "swapping the first two identities"), (&cycle, n, "turning all identities by one")]
        {
            let mut round = state.clone();
            for _ in 0..times {
                round = (self.permute)(&round, permutation);
            }
            if bytes(&round)? != here {
                return Err(Unfit::NotAPermutation);
            }
            let there = (self.permute)(state, permutation);
            let permuted = |state: &S| bytes(&(self.permute)(state, permutation));
            let (after, said) = look(decider, alphabet, properties, state, permuted)?;
            let (after_there, said_there) = look(decider, alphabet, properties, &there, bytes)?;
            if after != after_there {
                return Err(Unfit::NotSymmetric { permutation: words });
            }
            if let Some(unlike) = (0..said.len()).find(|i| said[*i] != said_there[*i]) {
                return Err(Unfit::PropertyNotSymmetric { property: properties[unlike].name().to_string() });
            }
        }
        Ok(())
    }
}

/// The states after a state, each as its key, and what every property says of it and of its steps.
type Observed = (BTreeSet<Vec<u8>>, Vec<Option<bool>>);

fn look<D, A, I>(
    decider: &D,
    alphabet: &A,
    properties: &[Property<D>],
    state: &D::State,
    key: impl Fn(&D::State) -> Result<Vec<u8>, Unfit>,
) -> Result<Observed, Unfit>
where
    D: Decider<State: Clone>,
    A: Fn(&D::State) -> I,
    I: IntoIterator<Item = D::Command>,
{
    let mut after = BTreeSet::new();
    let mut said: Vec<Option<bool>> = properties
        .iter()
        .map(|property| match &property.demand {
            Demand::Always(holds) | Demand::Sometimes(holds) | Demand::AlwaysPossible(holds) => {
                caught(|| holds(state)).ok()
            }
            Demand::AlwaysStep(_) => Some(true),
            Demand::NeverStuck => None,
        })
        .collect();
    for command in alphabet(state) {
        let outcome = decider.decide(&command, state);
        let next = match &outcome {
            Ok(events) => decider.fold_from(state.clone(), events),
            Err(_) => state.clone(),
        };
        for (said, property) in said.iter_mut().zip(properties) {
            if let Demand::AlwaysStep(holds) = &property.demand {
                let step = Step { before: state, command: &command, outcome: &outcome, after: &next };
                *said = (*said).and_then(|so_far| caught(|| holds(&step)).ok().map(|holds| so_far && holds));
            }
        }
        if outcome.is_ok() {
            after.insert(key(&next)?);
        }
    }
    Ok((after, said))
}

/// A view of states: states of the same view count as the same. Pairs of such states are compared to check the view.
pub(super) struct Abstraction<S> {
    pub(super) words: String,
    pub(super) view: StateKey<S>,
    pub(super) encode: fn(&S, &mut Vec<u8>) -> Result<(), Unfit>,
    decode: fn(&[u8]) -> Result<S, Unfit>,
}

impl<S: Serialize + DeserializeOwned> Abstraction<S> {
    pub(super) fn new(words: String, view: StateKey<S>) -> Self {
        Abstraction { words, view, encode: encode::<S>, decode: decode::<S> }
    }
}

impl<S> Abstraction<S> {
    /// Whether two states of the same view lead to the same views, and every property says the same of both.
    pub(super) fn alike<D, A, I>(
        &self,
        decider: &D,
        alphabet: &A,
        properties: &[Property<D>],
        [one, other]: [&[u8]; 2],
    ) -> Result<bool, Unfit>
    where
        D: Decider<State = S>,
        S: Clone,
        A: Fn(&S) -> I,
        I: IntoIterator<Item = D::Command>,
    {
        let view = |state: &S| {
            let mut bytes = Vec::new();
            (self.view)(state, &mut bytes).map(|()| bytes)
        };
        let look = |bytes: &[u8]| look(decider, alphabet, properties, &(self.decode)(bytes)?, view);
        Ok(look(one)? == look(other)?)
    }
}

/// All permutations of `0..n`, the identity first.
fn permutations(n: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..n {
        all = all
            .into_iter()
            .flat_map(|begun: Vec<usize>| {
                (0..n)
                    .filter(|next| !begun.contains(next))
                    .map(|next| [&begun[..], &[next]].concat())
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permutations_are_all_and_begin_with_the_identity() {
        assert_eq!(permutations(0), [Vec::<usize>::new()]);
        assert_eq!(permutations(3).len(), 6);
        assert_eq!(permutations(3)[0], [0, 1, 2]);
        assert_eq!(permutations(3).into_iter().collect::<BTreeSet<_>>().len(), 6);
    }
}
