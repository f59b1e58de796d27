//! Deciders embedded into wider messages.

use super::Decider;
use crate::fold::Fold;
use crate::message::Umbrella;
use std::fmt;
use std::marker::PhantomData;

/// A decider embedded into wider messages by three functions; made by [`Decider::adapt`].
#[derive(Clone, Copy)]
pub struct Adapt<D, C, E, CF, EF, W> {
    decider: D,
    command: CF,
    event: EF,
    wrap: W,
    of: PhantomData<fn(&C, &E)>,
}

debug_by_name!([D, C, E, CF, EF, W] Adapt<D, C, E, CF, EF, W>, "Adapt");

impl<D, C, E, CF, EF, W> Adapt<D, C, E, CF, EF, W> {
    pub(super) fn new(decider: D, command: CF, event: EF, wrap: W) -> Self {
        Adapt { decider, command, event, wrap, of: PhantomData }
    }
}

impl<D, C, E, CF, EF, W> Fold for Adapt<D, C, E, CF, EF, W>
where
    D: Fold,
    EF: Fn(&E) -> Option<&D::Event>,
{
    type State = D::State;
    type Event = E;

    fn initial_state(&self) -> D::State {
        self.decider.initial_state()
    }

    #[inline]
    fn evolve(&self, state: D::State, event: &E) -> D::State {
        match (self.event)(event) {
            Some(own) => self.decider.evolve(state, own),
            None => state,
        }
    }
}

impl<D, C, E, CF, EF, W> Decider for Adapt<D, C, E, CF, EF, W>
where
    D: Decider,
    CF: Fn(&C) -> Option<&D::Command>,
    EF: Fn(&E) -> Option<&D::Event>,
    W: Fn(D::Event) -> E,
{
    type Command = C;
    type Rejection = D::Rejection;

    fn decide(&self, command: &C, state: &D::State) -> Result<Vec<E>, D::Rejection> {
        match (self.command)(command) {
            Some(own) => Ok(self.decider.decide(own, state)?.into_iter().map(&self.wrap).collect()),
            None => Ok(Vec::new()),
        }
    }

    fn is_terminal(&self, state: &D::State) -> bool {
        self.decider.is_terminal(state)
    }

    fn is_refusal(&self, event: &E) -> bool {
        (self.event)(event).is_some_and(|own| self.decider.is_refusal(own))
    }

    fn remarks(&self, command: &C, state: &D::State) -> Vec<String> {
        (self.command)(command).map(|own| self.decider.remarks(own, state)).unwrap_or_default()
    }
}

/// A decider with its rejections in another type; made by [`Decider::map_rejection`].
#[derive(Clone, Copy)]
pub struct MapRejection<D, F> {
    decider: D,
    rejection: F,
}

debug_by_name!([D, F] MapRejection<D, F>, "MapRejection");

impl<D, F> MapRejection<D, F> {
    pub(super) fn new(decider: D, rejection: F) -> Self {
        MapRejection { decider, rejection }
    }
}

impl<D: Fold, F> Fold for MapRejection<D, F> {
    type State = D::State;
    type Event = D::Event;

    fn initial_state(&self) -> D::State {
        self.decider.initial_state()
    }

    #[inline]
    fn evolve(&self, state: D::State, event: &D::Event) -> D::State {
        self.decider.evolve(state, event)
    }
}

impl<D: Decider, R, F: Fn(D::Rejection) -> R> Decider for MapRejection<D, F> {
    type Command = D::Command;
    type Rejection = R;

    fn decide(&self, command: &D::Command, state: &D::State) -> Result<Vec<D::Event>, R> {
        self.decider.decide(command, state).map_err(&self.rejection)
    }

    fn is_terminal(&self, state: &D::State) -> bool {
        self.decider.is_terminal(state)
    }

    fn is_refusal(&self, event: &D::Event) -> bool {
        self.decider.is_refusal(event)
    }

    fn remarks(&self, command: &D::Command, state: &D::State) -> Vec<String> {
        self.decider.remarks(command, state)
    }
}

/// A decider embedded into umbrella messages; made by [`Decider::part_of`].
pub struct PartOf<D, C, E, R> {
    decider: D,
    #[allow(clippy::type_complexity)]
    of: PhantomData<fn(&C) -> Result<E, R>>,
}

impl<D, C, E, R> PartOf<D, C, E, R> {
    pub(super) fn new(decider: D) -> Self {
        PartOf { decider, of: PhantomData }
    }
}

impl<D: Clone, C, E, R> Clone for PartOf<D, C, E, R> {
    fn clone(&self) -> Self {
        PartOf::new(self.decider.clone())
    }
}

impl<D: fmt::Debug, C, E, R> fmt::Debug for PartOf<D, C, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PartOf").field(&self.decider).finish()
    }
}

impl<D, C, E, R> Fold for PartOf<D, C, E, R>
where
    D: Fold,
    E: Umbrella<D::Event>,
{
    type State = D::State;
    type Event = E;

    fn initial_state(&self) -> D::State {
        self.decider.initial_state()
    }

    #[inline]
    fn evolve(&self, state: D::State, event: &E) -> D::State {
        match event.part() {
            Some(own) => self.decider.evolve(state, own),
            None => state,
        }
    }
}

impl<D, C, E, R> Decider for PartOf<D, C, E, R>
where
    D: Decider,
    C: Umbrella<D::Command>,
    E: Umbrella<D::Event>,
    R: From<D::Rejection>,
{
    type Command = C;
    type Rejection = R;

    fn decide(&self, command: &C, state: &D::State) -> Result<Vec<E>, R> {
        match command.part() {
            Some(own) => Ok(self.decider.decide(own, state)?.into_iter().map(E::wrap).collect()),
            None => Ok(Vec::new()),
        }
    }

    fn is_terminal(&self, state: &D::State) -> bool {
        self.decider.is_terminal(state)
    }

    fn is_refusal(&self, event: &E) -> bool {
        event.part().is_some_and(|own| self.decider.is_refusal(own))
    }

    fn remarks(&self, command: &C, state: &D::State) -> Vec<String> {
        command.part().map(|own| self.decider.remarks(own, state)).unwrap_or_default()
    }
}
