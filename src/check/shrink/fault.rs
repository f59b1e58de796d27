//! What a failing story ends with, and the replay that finds out whether it does.

use crate::check::property::Step;
use crate::decider::Decider;
use crate::spec::panics::caught;
use std::cell::Cell;
use std::fmt;

/// What a failing story ends with.
pub(crate) enum Fault<'p, D: Decider> {
    /// A state for which this is false.
    State(&'p dyn Fn(&D::State) -> bool),
    /// A step for which this is false.
    Step(&'p dyn Fn(&Step<'_, D>) -> bool),
    /// A state for which this is true: no command is possible in it.
    Stuck(&'p dyn Fn(&D::State) -> bool),
    /// A panic.
    Panic,
}

impl<D: Decider> Clone for Fault<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Decider> Copy for Fault<'_, D> {}

impl<D: Decider> fmt::Debug for Fault<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::State(_) => "State",
            Fault::Step(_) => "Step",
            Fault::Stuck(_) => "Stuck",
            Fault::Panic => "Panic",
        })
    }
}

impl<D: Decider<State: Clone>> Fault<'_, D> {
    #[inline]
    pub(super) fn in_state(&self, state: &D::State) -> bool {
        match self {
            Fault::State(holds) => !holds(state),
            Fault::Stuck(stuck) => stuck(state),
            Fault::Step(_) | Fault::Panic => false,
        }
    }

    /// Replays commands; see [`Shrinking`](super::Shrinking) for what it returns.
    pub(crate) fn fails(&self, decider: &D, start: &D::State, commands: &[D::Command]) -> Option<Vec<usize>> {
        let reached = Cell::new(0);
        let kept = Cell::new(Vec::new());
        match caught(|| self.replay(decider, start, commands, &reached, &kept)) {
            Ok(failed) => failed.then(|| kept.take()),
            Err(_) if matches!(self, Fault::Panic) => {
                let mut kept = kept.take();
                kept.push(reached.get());
                Some(kept)
            }
            // A panic on the way is the subject of another counterexample.
            Err(_) => None,
        }
    }

    fn replay(
        &self,
        decider: &D,
        start: &D::State,
        commands: &[D::Command],
        reached: &Cell<usize>,
        kept: &Cell<Vec<usize>>,
    ) -> bool {
        let keep = |place| {
            let mut places = kept.take();
            places.push(place);
            kept.set(places);
        };
        let mut state = start.clone();
        if self.in_state(&state) {
            return true;
        }
        for (place, command) in commands.iter().enumerate() {
            reached.set(place);
            let outcome = decider.decide(command, &state);
            let before = state.clone();
            if let Ok(events) = &outcome {
                state = decider.fold_from(state, events);
                keep(place);
                if self.in_state(&state) {
                    return true;
                }
            }
            if let Fault::Step(holds) = self
                && !holds(&Step { before: &before, command, outcome: &outcome, after: &state })
            {
                if outcome.is_err() {
                    keep(place);
                }
                return true;
            }
        }
        false
    }
}
