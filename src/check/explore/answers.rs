//! Turns the notes of a run into its report.

use super::arena::NO_STATE;
use super::engine::{Decided, Engine, StepsByClass, Witness};
use super::reachability::Reachability;
use super::report::{
    Exploration, ExplorationBound, ExplorationVerdict, Panic, PropertyAnswer, PropertyFinding,
};
use super::seen_states::SeenStates;
use super::unfit::{Differed, Unfit};
use crate::check::property::Demand;
use crate::check::story::Story;
use crate::decider::Decider;
use crate::spec::panics::caught;

impl<D, A, I, M> Engine<'_, D, A, M>
where
    D: Decider<State: Clone, Event: Clone> + Sync,
    A: Fn(&D::State) -> I + Sync,
    I: IntoIterator<Item = D::Command>,
    M: SeenStates<D::State>,
{
    pub(super) fn report(mut self) -> (Exploration<D>, StepsByClass<D>) {
        let states = self.seen.len();
        let possible = self.possible();
        if self.unfit.is_none() {
            self.unfit = self.strayed(&possible).map(|at| {
                let what = Differed::Story;
                (Unfit::NotDeterministic { what }, at)
            });
        }
        let verdict = self.verdict();
        let mut possible = possible.into_iter();
        let decided = std::mem::take(&mut self.decided);
        let whole = match verdict {
            ExplorationVerdict::Exhausted => Some(PropertyAnswer::<D>::Holds),
            ExplorationVerdict::Abstracted { unsound: false, .. } => Some(PropertyAnswer::HoldsAbstracted),
            _ => None,
        };
        let answer = |decided: Option<Decided>, demand: &Demand<D>, possible: Option<Reachability>| match (
            decided, possible,
        ) {
            (Some(Decided::Panicked(at, message)), _) => PropertyAnswer::Panicked(self.story(at), message),
            (Some(Decided::StepsByClass(at)), _) if matches!(demand, Demand::Sometimes(_)) => {
                PropertyAnswer::Reached(self.story(at))
            }
            (Some(Decided::StepsByClass(at)), _) => PropertyAnswer::Violated(self.story(at)),
            (None, Some(Reachability::Lost(number))) => {
                PropertyAnswer::Violated(self.story(Witness { number, command: None }))
            }
            (None, Some(Reachability::Unknown)) => PropertyAnswer::Undecided,
            (None, _) => match (&whole, demand) {
                (None, _) => PropertyAnswer::Undecided,
                (Some(PropertyAnswer::Holds), Demand::Sometimes(_)) => PropertyAnswer::Never,
                (Some(PropertyAnswer::HoldsAbstracted), Demand::Sometimes(_)) => PropertyAnswer::Undecided,
                (Some(PropertyAnswer::Holds), _) => PropertyAnswer::Holds,
                (Some(_), _) => PropertyAnswer::HoldsAbstracted,
            },
        };
        let mut findings = Vec::new();
        for (property, decided) in self.setting.properties.iter().zip(decided) {
            let possible = match property.demand {
                Demand::AlwaysPossible(_) => possible.next(),
                _ => None,
            };
            let unfit = matches!(verdict, ExplorationVerdict::Unfit(_));
            let answer =
                if unfit { PropertyAnswer::Undecided } else { answer(decided, &property.demand, possible) };
            findings.push(PropertyFinding { property: property.name().to_string(), answer });
        }
        let panic = self.panic.take();
        let panic = panic.map(|(at, message)| Panic { story: self.story(at), message });
        let unfit_at = self.unfit.as_ref().map(|(_, at)| self.story(*at));
        let exploration = Exploration {
            verdict,
            findings,
            panic,
            states,
            visited: self.visited,
            expanded: self.expanded,
            accepted: self.accepted,
            refused: self.refused,
            deepest: self.deepest(),
            symmetric: None,
            notes: Vec::new(),
            collision: None,
            elapsed: self.started.elapsed(),
            unfit_at,
        };
        let classes = std::mem::take(&mut self.classes).into_iter();
        let classes = classes.map(|class| class.map(|(times, first)| (times, self.story(first)))).collect();
        (exploration, classes)
    }

    fn verdict(&mut self) -> ExplorationVerdict {
        if let Some((why, _)) = &self.unfit {
            return ExplorationVerdict::Unfit(why.clone());
        }
        if self.panic.is_some() && self.bounds.is_empty() {
            self.bound(ExplorationBound::Panicked, 0);
        }
        if !self.bounds.is_empty() {
            let why = std::mem::take(&mut self.bounds);
            return ExplorationVerdict::Bounded { depth: self.followed.unwrap_or(0), why };
        }
        match self.setting.abstraction {
            Some(abstraction) => ExplorationVerdict::Abstracted {
                by: abstraction.words.clone(),
                compared: self.compared,
                unsound: self.unsound,
            },
            None => ExplorationVerdict::Exhausted,
        }
    }

    /// The answers to the `always_possible` properties, in order.
    fn possible(&mut self) -> Vec<Reachability> {
        if !self.setting.edges || self.unfit.is_some() {
            return Vec::new();
        }
        let properties =
            self.setting.properties.iter().filter(|p| matches!(p.demand, Demand::AlwaysPossible(_))).count();
        let numbers = self.seen.numbers();
        let backwards = std::mem::take(&mut self.graph).backwards(&numbers);
        (0..properties)
            .map(|property| {
                let goals = self.goals.iter().skip(property).step_by(properties).copied();
                backwards.ask(goals, &numbers)
            })
            .collect()
    }

    /// The story that leads to a witness, found again by walking from the start.
    fn story(&self, at: Witness) -> Story<D> {
        let mut taken: Vec<u16> = at.command.into_iter().collect();
        taken.extend(self.way_to(at.number).into_iter().rev().filter_map(|(taken, _)| taken));
        let decider = self.setting.decider;
        let mut commands = Vec::with_capacity(taken.len());
        let replayed = caught(|| {
            let mut state = decider.fold(self.given);
            while let Some(index) = taken.pop() {
                let Some(command) = (self.setting.alphabet)(&state).into_iter().nth(index.into()) else {
                    break;
                };
                commands.push(command);
                if !taken.is_empty()
                    && let Some(command) = commands.last()
                    && let Ok(events) = decider.decide(command, &state)
                {
                    state = decider.fold_from(state, &events);
                }
            }
        });
        // A panic of the model on the way was reported before.
        drop(replayed);
        Story { given: self.given.to_vec(), commands }
    }

    fn deepest(&self) -> usize {
        let Some(mut number) = self.seen.last() else { return 0 };
        let mut depth = 0;
        loop {
            number = self.seen.origin(number).parent;
            if number == NO_STATE {
                return depth;
            }
            depth += 1;
        }
    }
}
