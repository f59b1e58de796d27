//! The types that the methods of [`Fold`] return; see there for examples.

use super::Fold;
use im::OrdMap;
use std::borrow::Borrow;
use std::marker::PhantomData;
use std::mem;

/// A view made of two closures; made by [`view`](super::view).
#[derive(Clone, Copy)]
pub struct View<S, E, I, V> {
    initial_state: I,
    evolve: V,
    of: PhantomData<fn(S, &E) -> S>,
}

debug_by_name!([S, E, I, V] View<S, E, I, V>, "View");

impl<S, E, I, V> View<S, E, I, V> {
    pub(super) fn new(initial_state: I, evolve: V) -> Self {
        View { initial_state, evolve, of: PhantomData }
    }
}

impl<S, E, I, V> Fold for View<S, E, I, V>
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

/// Two folds side by side; made by [`Fold::zip`].
#[derive(Clone, Copy, Debug)]
pub struct Zip<F, G> {
    left: F,
    right: G,
}

impl<F, G> Zip<F, G> {
    pub(super) fn new(left: F, right: G) -> Self {
        Zip { left, right }
    }
}

impl<F: Fold, G: Fold<Event = F::Event>> Fold for Zip<F, G> {
    type State = (F::State, G::State);
    type Event = F::Event;

    fn initial_state(&self) -> Self::State {
        (self.left.initial_state(), self.right.initial_state())
    }

    #[inline]
    fn evolve(&self, (left, right): Self::State, event: &Self::Event) -> Self::State {
        (self.left.evolve(left, event), self.right.evolve(right, event))
    }
}

/// One state for each key; made by [`Fold::keyed`].
pub struct PerKey<F, Q: ?Sized, K> {
    each: F,
    key: K,
    of: PhantomData<fn(&Q)>,
}

debug_by_name!([F, Q: ?Sized, K] PerKey<F, Q, K>, "PerKey");

impl<F, Q: ?Sized, K> PerKey<F, Q, K> {
    pub(super) fn new(each: F, key: K) -> Self {
        PerKey { each, key, of: PhantomData }
    }
}

impl<F, Q, K> Fold for PerKey<F, Q, K>
where
    F: Fold<State: Clone>,
    Q: ToOwned<Owned: Ord + Clone + Borrow<Q>> + Ord + ?Sized,
    K: Fn(&F::Event) -> Option<&Q>,
{
    type State = OrdMap<Q::Owned, F::State>;
    type Event = F::Event;

    fn initial_state(&self) -> Self::State {
        OrdMap::new()
    }

    #[inline]
    fn evolve(&self, mut states: Self::State, event: &Self::Event) -> Self::State {
        if let Some(key) = (self.key)(event) {
            evolve_at(&self.each, &mut states, key, || key.to_owned(), event);
        }
        states
    }
}

/// The same fold over a wider event; made by [`Fold::filter_map`].
pub struct FilterMap<F, E, M> {
    fold: F,
    event: M,
    of: PhantomData<fn(&E)>,
}

debug_by_name!([F, E, M] FilterMap<F, E, M>, "FilterMap");

impl<F, E, M> FilterMap<F, E, M> {
    pub(super) fn new(fold: F, event: M) -> Self {
        FilterMap { fold, event, of: PhantomData }
    }
}

impl<F, E, M> Fold for FilterMap<F, E, M>
where
    F: Fold,
    M: Fn(&E) -> Option<&F::Event>,
{
    type State = F::State;
    type Event = E;

    fn initial_state(&self) -> Self::State {
        self.fold.initial_state()
    }

    #[inline]
    fn evolve(&self, state: Self::State, event: &E) -> Self::State {
        match (self.event)(event) {
            Some(part) => self.fold.evolve(state, part),
            None => state,
        }
    }
}

/// The same fold with its state in another form; made by [`Fold::map_state`].
pub struct MapState<F, T, To, From> {
    fold: F,
    to: To,
    from: From,
    of: PhantomData<fn(T) -> T>,
}

debug_by_name!([F, T, To, From] MapState<F, T, To, From>, "MapState");

impl<F, T, To, From> MapState<F, T, To, From> {
    pub(super) fn new(fold: F, to: To, from: From) -> Self {
        MapState { fold, to, from, of: PhantomData }
    }
}

impl<F, T, To, From> Fold for MapState<F, T, To, From>
where
    F: Fold,
    To: Fn(F::State) -> T,
    From: Fn(T) -> F::State,
{
    type State = T;
    type Event = F::Event;

    fn initial_state(&self) -> T {
        (self.to)(self.fold.initial_state())
    }

    #[inline]
    fn evolve(&self, state: T, event: &Self::Event) -> T {
        (self.to)(self.fold.evolve((self.from)(state), event))
    }
}

/// Folds one event onto the state at `key`, in place. An initial state takes its place in the map meanwhile, so that no state is
/// copied and the map is searched once.
#[inline]
pub(crate) fn evolve_at<F, K, Q>(
    each: &F,
    states: &mut OrdMap<K, F::State>,
    key: &Q,
    owned: impl FnOnce() -> K,
    event: &F::Event,
) where
    F: Fold<State: Clone>,
    K: Ord + Clone + Borrow<Q>,
    Q: Ord + ?Sized,
{
    match states.get_mut(key) {
        Some(slot) => {
            let state = mem::replace(slot, each.initial_state());
            *slot = each.evolve(state, event);
        }
        None => {
            states.insert(owned(), each.evolve(each.initial_state(), event));
        }
    }
}
