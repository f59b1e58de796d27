//! Replays stories before they are reported: each must show again what it was kept for.

use super::arena::NO_STATE;
use super::engine::{Decided, Engine, Witness};
use super::reachability::Reachability;
use super::seen_states::SeenStates;
use crate::check::property::{Demand, Step};
use crate::decider::Decider;
use crate::spec::panics::caught;

impl<D, A, I, M> Engine<'_, D, A, M>
where
    D: Decider<State: Clone, Event: Clone> + Sync,
    A: Fn(&D::State) -> I + Sync,
    I: IntoIterator<Item = D::Command>,
    M: SeenStates<D::State>,
{
    /// The states on the way to a state, from the first one on, each with the command that leads to it.
    pub(super) fn way_to(&self, number: u32) -> Vec<(Option<u16>, u32)> {
        let mut way = Vec::new();
        let mut number = number;
        while number != NO_STATE {
            let origin = self.seen.origin(number);
            way.push(((origin.parent != NO_STATE).then_some(origin.command), number));
            number = origin.parent;
        }
        way.reverse();
        way
    }

    /// The witness of a story that leads elsewhere when it is replayed, or no longer shows what it was kept for.
    pub(super) fn strayed(&self, possible: &[Reachability]) -> Option<Witness> {
        let demands = self.setting.properties.iter().map(|property| &property.demand);
        let decided = demands.zip(&self.decided).filter_map(|(demand, decided)| match decided {
            Some(Decided::StepsByClass(at)) => Some((*at, Some(demand))),
            // The panic has already been seen twice.
            Some(Decided::Panicked(at, _)) => Some((*at, None)),
            None => None,
        });
        let lost = possible.iter().filter_map(|possible| match possible {
            Reachability::Lost(number) => Some((Witness { number: *number, command: None }, None)),
            Reachability::Everywhere | Reachability::Unknown => None,
        });
        let panic = self.panic.iter().map(|(at, _)| (*at, None));
        let classes = self.classes.iter().flatten().map(|(_, first)| (*first, None));
        decided
            .chain(lost)
            .chain(panic)
            .chain(classes)
            .find(|(at, demand)| !self.comes_again(*at, *demand))
            .map(|(at, _)| at)
    }

    /// Whether the story of a state leads to it again.
    pub(super) fn replays(&self, number: u32) -> bool {
        self.comes_again(Witness { number, command: None }, None)
    }

    fn comes_again(&self, at: Witness, demand: Option<&Demand<D>>) -> bool {
        // Before the first state, only a panic can be found.
        at.number == NO_STATE || caught(|| self.replayed(at, demand)).unwrap_or(false)
    }

    fn replayed(&self, at: Witness, demand: Option<&Demand<D>>) -> bool {
        let decider = self.setting.decider;
        let mut state = decider.fold(self.given);
        let mut lookup = M::SoughtState::default();
        for (taken, number) in self.way_to(at.number) {
            if let Some(index) = taken {
                let Some(command) = self.command(&state, index) else { return false };
                let Ok(events) = decider.decide(&command, &state) else { return false };
                state = decider.fold_from(state, &events);
            }
            let hash = self.seen.prepare(state.clone(), false, &mut lookup);
            if hash.ok().and_then(|hash| self.seen.find(hash, &lookup)) != Some(number) {
                return false;
            }
        }
        match demand {
            None => true,
            Some(Demand::Always(holds) | Demand::AlwaysPossible(holds)) => !holds(&state),
            Some(Demand::Sometimes(holds)) => holds(&state),
            Some(Demand::AlwaysStep(holds)) => {
                let Some(command) = at.command.and_then(|index| self.command(&state, index)) else {
                    return false;
                };
                let outcome = decider.decide(&command, &state);
                let after = match &outcome {
                    Ok(events) => decider.fold_from(state.clone(), events),
                    Err(_) => state.clone(),
                };
                !holds(&Step { before: &state, command: &command, outcome: &outcome, after: &after })
            }
            Some(Demand::NeverStuck) => {
                let most = self.setting.most_commands;
                let accepted = |command: D::Command| {
                    let events = decider.decide(&command, &state);
                    events.is_ok_and(|events| !events.iter().any(|event| decider.is_refusal(event)))
                };
                !decider.is_terminal(&state)
                    && !(self.setting.alphabet)(&state).into_iter().take(most).any(accepted)
            }
        }
    }

    fn command(&self, state: &D::State, index: u16) -> Option<D::Command> {
        (self.setting.alphabet)(state).into_iter().nth(index.into())
    }
}
