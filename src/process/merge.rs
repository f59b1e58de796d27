//! Process managers side by side, as parts of umbrella messages, and under a prefix.

use super::{Owed, ProcessManager};
use crate::fold::Fold;
use crate::message::Umbrella;
use std::fmt;
use std::marker::PhantomData;

/// Two process managers of the same messages side by side; made by [`ProcessManager::merge`].
#[derive(Clone, Copy, Debug)]
pub struct MergedProcess<A, B> {
    left: A,
    right: B,
}

impl<A, B> MergedProcess<A, B> {
    pub(super) fn new(left: A, right: B) -> Self {
        MergedProcess { left, right }
    }
}

impl<A: Fold, B: Fold<Event = A::Event>> Fold for MergedProcess<A, B> {
    type State = (A::State, B::State);
    type Event = A::Event;

    fn initial_state(&self) -> Self::State {
        (self.left.initial_state(), self.right.initial_state())
    }

    #[inline]
    fn evolve(&self, (left, right): Self::State, event: &Self::Event) -> Self::State {
        (self.left.evolve(left, event), self.right.evolve(right, event))
    }
}

impl<A, B> ProcessManager for MergedProcess<A, B>
where
    A: ProcessManager,
    B: ProcessManager<Event = A::Event, Command = A::Command>,
{
    type Command = A::Command;

    fn pending(&self, (left, right): &Self::State) -> Vec<Owed<Self::Command>> {
        let mut owed = self.left.pending(left);
        owed.append(&mut self.right.pending(right));
        owed
    }
}

/// A process manager embedded into umbrella messages; made by [`ProcessManager::part_of`].
pub struct PartOfProcess<P, C, E> {
    process: P,
    of: PhantomData<fn(&E) -> C>,
}

impl<P, C, E> PartOfProcess<P, C, E> {
    pub(super) fn new(process: P) -> Self {
        PartOfProcess { process, of: PhantomData }
    }
}

impl<P: Clone, C, E> Clone for PartOfProcess<P, C, E> {
    fn clone(&self) -> Self {
        PartOfProcess::new(self.process.clone())
    }
}

impl<P: Copy, C, E> Copy for PartOfProcess<P, C, E> {}

impl<P: fmt::Debug, C, E> fmt::Debug for PartOfProcess<P, C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PartOfProcess").field(&self.process).finish()
    }
}

impl<P: Fold, C, E: Umbrella<P::Event>> Fold for PartOfProcess<P, C, E> {
    type State = P::State;
    type Event = E;

    fn initial_state(&self) -> P::State {
        self.process.initial_state()
    }

    #[inline]
    fn evolve(&self, state: P::State, event: &E) -> P::State {
        match event.part() {
            Some(own) => self.process.evolve(state, own),
            None => state,
        }
    }
}

impl<P, C, E> ProcessManager for PartOfProcess<P, C, E>
where
    P: ProcessManager,
    C: Umbrella<P::Command>,
    E: Umbrella<P::Event>,
{
    type Command = C;

    fn pending(&self, state: &P::State) -> Vec<Owed<C>> {
        let owed = self.process.pending(state).into_iter();
        owed.map(|Owed { key, command, due }| Owed { key, command: C::wrap(command), due }).collect()
    }
}

/// A process manager with its keys under a prefix; made by [`ProcessManager::prefixed`].
#[derive(Clone, Debug)]
pub struct PrefixedProcess<P> {
    process: P,
    prefix: String,
}

impl<P> PrefixedProcess<P> {
    pub(super) fn new(process: P, prefix: String) -> Self {
        PrefixedProcess { process, prefix }
    }
}

impl<P: Fold> Fold for PrefixedProcess<P> {
    type State = P::State;
    type Event = P::Event;

    fn initial_state(&self) -> P::State {
        self.process.initial_state()
    }

    #[inline]
    fn evolve(&self, state: P::State, event: &P::Event) -> P::State {
        self.process.evolve(state, event)
    }
}

impl<P: ProcessManager> ProcessManager for PrefixedProcess<P> {
    type Command = P::Command;

    fn pending(&self, state: &P::State) -> Vec<Owed<P::Command>> {
        let mut owed = self.process.pending(state);
        for item in &mut owed {
            item.key = format!("{}/{}", self.prefix, item.key);
        }
        owed
    }
}
