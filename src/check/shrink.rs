//! Shrinking by replay: running a pure model again takes microseconds, so a story is shortened by trial.
//!
//! No preconditions are needed: a candidate is replayed, and every command that the model refuses is dropped from it.

mod fault;
mod other_values;
mod search;
mod shorten;

pub(crate) use fault::Fault;
pub(crate) use shorten::Shortening;

use super::command_source::CommandSource;
use super::walk_rules::WalkRules;
use crate::decider::Decider;
use std::fmt::Debug;
use std::marker::PhantomData;

/// One command of a story that is being shrunk, with what its arguments are shrunk with.
pub(crate) struct StoryItem<C, T> {
    pub(crate) command: C,
    pub(crate) drawn: Option<T>,
}

/// A story that is being shortened.
///
/// `fails` replays a candidate. If the candidate still fails, it returns the indices of the commands that are needed: none
/// after the failing one, and none that was refused before it.
pub(crate) struct Shrinking<'s, D: Decider, S: CommandSource<D>, F> {
    decider: &'s D,
    start: &'s D::State,
    source: &'s S,
    rules: WalkRules<D>,
    fails: F,
    items: Vec<StoryItem<D::Command, S::Drawn>>,
    of: PhantomData<fn(D)>,
}

impl<'s, D, S, F> Shrinking<'s, D, S, F>
where
    D: Decider<Command: Clone + Debug, State: Clone>,
    S: CommandSource<D>,
    F: FnMut(&[D::Command]) -> Option<Vec<usize>>,
{
    pub(crate) fn new(
        decider: &'s D,
        start: &'s D::State,
        source: &'s S,
        rules: WalkRules<D>,
        items: Vec<StoryItem<D::Command, S::Drawn>>,
        fails: F,
    ) -> Self {
        Shrinking { decider, start, source, rules, fails, items, of: PhantomData }
    }

    /// Shortens until no attempt succeeds. `None` if the story does not fail when it is replayed.
    pub(crate) fn shrunk(mut self) -> Option<Vec<D::Command>> {
        let everything: Vec<usize> = (0..self.items.len()).collect();
        if !self.keeps_failing(&everything, None) {
            return None;
        }
        loop {
            let shorter = self.cut_loops() | self.delete_chunks();
            let simpler = self.simplify_drawn() | self.take_earlier_commands();
            if !shorter && !simpler {
                return Some(self.items.into_iter().map(|item| item.command).collect());
            }
        }
    }

    /// Tries the commands at these indices, with one of them possibly replaced. If the candidate fails, its needed commands
    /// become the story.
    fn keeps_failing(&mut self, places: &[usize], replaced: Option<(usize, &D::Command)>) -> bool {
        let candidate: Vec<D::Command> = places
            .iter()
            .map(|&place| match replaced {
                Some((at, command)) if at == place => command.clone(),
                _ => self.items[place].command.clone(),
            })
            .collect();
        let Some(needed) = (self.fails)(&candidate) else {
            return false;
        };
        let mut old: Vec<Option<StoryItem<D::Command, S::Drawn>>> = self.items.drain(..).map(Some).collect();
        for place in needed {
            if let Some(mut item) = old[places[place]].take() {
                item.command = candidate[place].clone();
                self.items.push(item);
            }
        }
        true
    }

    /// Leaves out the commands between two visits to the same state.
    fn cut_loops(&mut self) -> bool {
        let mut shorter = false;
        'again: loop {
            let states = self.states();
            for from in 0..states.len() {
                for to in (from + 1..states.len()).rev() {
                    if S::same(&states[from], &states[to]) {
                        let places: Vec<usize> = (0..from).chain(to..self.items.len()).collect();
                        if self.keeps_failing(&places, None) {
                            shorter = true;
                            continue 'again;
                        }
                    }
                }
            }
            return shorter;
        }
    }

    /// The state before each command, and the last state.
    fn states(&self) -> Vec<D::State> {
        let mut state = self.start.clone();
        let mut states = vec![state.clone()];
        for item in &self.items {
            if let Ok(Ok(after)) = crate::spec::panics::caught(|| {
                let events = self.decider.decide(&item.command, &state)?;
                Ok::<_, D::Rejection>(self.decider.fold_from(state.clone(), &events))
            }) {
                state = after;
            }
            states.push(state.clone());
        }
        states
    }

    /// Delta debugging: tries to leave out halves first, and single commands last.
    fn delete_chunks(&mut self) -> bool {
        let mut shorter = false;
        let mut size = self.items.len().div_ceil(2).max(1);
        loop {
            let mut at = 0;
            let mut deleted = false;
            while at < self.items.len() {
                let end = (at + size).min(self.items.len());
                let places: Vec<usize> = (0..at).chain(end..self.items.len()).collect();
                if self.keeps_failing(&places, None) {
                    deleted = true;
                } else {
                    at = end;
                }
            }
            shorter |= deleted;
            if size == 1 && !deleted {
                return shorter;
            }
            if size > 1 {
                size = size.div_ceil(2);
            }
        }
    }

    /// Shrinks arguments from a strategy as proptest does, one command at a time.
    fn simplify_drawn(&mut self) -> bool {
        let mut simpler = false;
        let mut at = 0;
        while at < self.items.len() {
            simpler |= self.simplify_one(at);
            at += 1;
        }
        simpler
    }

    fn simplify_one(&mut self, at: usize) -> bool {
        let Some(mut drawn) = self.items[at].drawn.take() else {
            return false;
        };
        let length = self.items.len();
        let mut simpler = false;
        let mut candidate = S::simplified(&mut drawn);
        while let Some(command) = candidate {
            let places: Vec<usize> = (0..self.items.len()).collect();
            let unlike = format!("{command:?}") != format!("{:?}", self.items[at].command);
            if !unlike {
                candidate = S::simplified(&mut drawn);
            } else if self.keeps_failing(&places, Some((at, &command))) {
                simpler = true;
                if self.items.len() != length {
                    // The story has become shorter: the next round continues with the rest.
                    return true;
                }
                candidate = S::simplified(&mut drawn);
            } else {
                candidate = S::complicated(&mut drawn);
            }
        }
        simpler
    }

    /// Replaces commands by earlier ones of the same kind from the alphabet, which count as simpler.
    fn take_earlier_commands(&mut self) -> bool {
        let mut simpler = false;
        let mut at = 0;
        'commands: while at < self.items.len() {
            let state = self.states().swap_remove(at);
            let here = format!("{:?}", self.items[at].command);
            let rules = self.rules;
            let kind = rules.kind_of(&self.items[at].command);
            let alphabet =
                crate::spec::panics::caught(|| self.source.all(&state)).ok().flatten().unwrap_or_default();
            let own = alphabet.iter().position(|other| format!("{other:?}") == here).unwrap_or_default();
            for earlier in alphabet[..own].iter().filter(|earlier| rules.kind_of(earlier) == kind) {
                let places: Vec<usize> = (0..self.items.len()).collect();
                if self.keeps_failing(&places, Some((at, earlier))) {
                    simpler = true;
                    at += 1;
                    continue 'commands;
                }
            }
            at += 1;
        }
        simpler
    }
}
