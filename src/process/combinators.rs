//! Process managers from closures, over wider messages, and one for each key.

use super::{Owed, ProcessManager};
use crate::decider::Keyed;
use crate::fold::{Fold, evolve_at};
use im::OrdMap;
use std::fmt::{self, Display};
use std::marker::PhantomData;

/// A process manager from three closures: the short form.
///
/// Pass the closures inline or as named functions; one bound by `let` first does not infer its lifetimes.
///
/// ```
/// use leftfold::{Fold, Owed, ProcessManager, process_manager};
///
/// // A caller is owed an answer; a negative number says that the call was answered.
/// let calls = process_manager(
///     im::OrdSet::new,
///     |waiting: im::OrdSet<i32>, call: &i32| if *call > 0 { waiting.update(*call) } else { waiting.without(&-call) },
///     |waiting| waiting.iter().map(|call| Owed::now(call.to_string(), *call)).collect(),
/// );
/// assert_eq!(calls.pending(&calls.fold(&[1, 2, -1])), [Owed::now("2", 2)]);
/// ```
pub fn process_manager<S, E, C, I, V, P>(
    initial_state: I,
    evolve: V,
    pending: P,
) -> ProcessFromClosures<S, E, C, I, V, P>
where
    I: Fn() -> S,
    V: Fn(S, &E) -> S,
    P: Fn(&S) -> Vec<Owed<C>>,
{
    ProcessFromClosures { initial_state, evolve, pending, of: PhantomData }
}

/// A process manager made of three closures; made by [`process_manager`].
#[derive(Clone, Copy)]
pub struct ProcessFromClosures<S, E, C, I, V, P> {
    initial_state: I,
    evolve: V,
    pending: P,
    #[allow(clippy::type_complexity)]
    of: PhantomData<fn(S, &E) -> Vec<Owed<C>>>,
}

debug_by_name!([S, E, C, I, V, P] ProcessFromClosures<S, E, C, I, V, P>, "ProcessFromClosures");

impl<S, E, C, I, V, P> Fold for ProcessFromClosures<S, E, C, I, V, P>
where
    I: Fn() -> S,
    V: Fn(S, &E) -> S,
{
    type State = S;
    type Event = E;

    fn initial_state(&self) -> S {
        (self.initial_state)()
    }

    fn evolve(&self, state: S, event: &E) -> S {
        (self.evolve)(state, event)
    }
}

impl<S, E, C, I, V, P> ProcessManager for ProcessFromClosures<S, E, C, I, V, P>
where
    I: Fn() -> S,
    V: Fn(S, &E) -> S,
    P: Fn(&S) -> Vec<Owed<C>>,
{
    type Command = C;

    fn pending(&self, state: &S) -> Vec<Owed<C>> {
        (self.pending)(state)
    }
}

/// A process manager over wider messages; made by [`ProcessManager::adapt`].
#[derive(Clone, Copy)]
pub struct AdaptedProcess<P, E, EF, W> {
    process: P,
    event: EF,
    wrap: W,
    of: PhantomData<fn(&E)>,
}

debug_by_name!([P, E, EF, W] AdaptedProcess<P, E, EF, W>, "AdaptedProcess");

impl<P, E, EF, W> AdaptedProcess<P, E, EF, W> {
    pub(super) fn new(process: P, event: EF, wrap: W) -> Self {
        AdaptedProcess { process, event, wrap, of: PhantomData }
    }
}

impl<P, E, EF, W> Fold for AdaptedProcess<P, E, EF, W>
where
    P: Fold,
    EF: Fn(&E) -> Option<&P::Event>,
{
    type State = P::State;
    type Event = E;

    fn initial_state(&self) -> P::State {
        self.process.initial_state()
    }

    fn evolve(&self, state: P::State, event: &E) -> P::State {
        match (self.event)(event) {
            Some(own) => self.process.evolve(state, own),
            None => state,
        }
    }
}

impl<P, E, C, EF, W> ProcessManager for AdaptedProcess<P, E, EF, W>
where
    P: ProcessManager,
    EF: Fn(&E) -> Option<&P::Event>,
    W: Fn(P::Command) -> C,
{
    type Command = C;

    fn pending(&self, state: &P::State) -> Vec<Owed<C>> {
        let owed = self.process.pending(state).into_iter();
        owed.map(|Owed { key, command, due }| Owed { key, command: (self.wrap)(command), due }).collect()
    }
}

/// One process manager for each key; made by [`ProcessManager::many`].
pub struct ProcessPerKey<P, K> {
    each: P,
    of: PhantomData<fn(K)>,
}

impl<P, K> ProcessPerKey<P, K> {
    pub(super) fn new(each: P) -> Self {
        ProcessPerKey { each, of: PhantomData }
    }
}

impl<P: fmt::Debug, K> fmt::Debug for ProcessPerKey<P, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProcessPerKey").field(&self.each).finish()
    }
}

impl<P, K> Fold for ProcessPerKey<P, K>
where
    P: Fold<State: Clone>,
    K: Ord + Clone,
{
    type State = OrdMap<K, P::State>;
    type Event = Keyed<K, P::Event>;

    fn initial_state(&self) -> Self::State {
        OrdMap::new()
    }

    fn evolve(&self, mut states: Self::State, event: &Self::Event) -> Self::State {
        evolve_at(&self.each, &mut states, &event.key, || event.key.clone(), &event.message);
        states
    }
}

impl<P, K> ProcessManager for ProcessPerKey<P, K>
where
    P: ProcessManager<State: Clone>,
    K: Ord + Clone + Display,
{
    type Command = Keyed<K, P::Command>;

    fn pending(&self, states: &Self::State) -> Vec<Owed<Self::Command>> {
        let of_one = |(key, state): (&K, &P::State)| -> Vec<Owed<Self::Command>> {
            let owed = self.each.pending(state).into_iter();
            owed.map(|owed| Owed {
                key: format!("{key}/{}", owed.key),
                command: Keyed { key: key.clone(), message: owed.command },
                due: owed.due,
            })
            .collect()
        };
        states.iter().flat_map(of_one).collect()
    }
}
