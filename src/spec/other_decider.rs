//! The same scenario for another decider of the same messages and states.

use super::scenario::{Expected, Scenario, ShowingDecider, Specified, Step};

impl<D: Specified> Scenario<D> {
    /// This scenario for a decider of the same four types.
    pub(crate) fn for_decider<M>(&self) -> Scenario<M>
    where
        M: Specified<State = D::State, Command = D::Command, Event = D::Event, Rejection = D::Rejection>,
    {
        let expected = |expected: &Expected<D>| match expected {
            Expected::Events(events) => Expected::Events(events.clone()),
            Expected::Rejected(rejection) => Expected::Rejected(rejection.clone()),
            Expected::Matching(words, predicate) => Expected::Matching(words.clone(), predicate.clone()),
            Expected::State(words, predicate) => Expected::State(words.clone(), predicate.clone()),
        };
        let step = |step: &Step<D>| match step {
            Step::When(commands) => Step::When(commands.clone()),
            Step::Then(of, place) => Step::Then(expected(of), place.clone()),
        };
        let showing = &self.showing;
        Scenario {
            name: self.name.clone(),
            place: self.place.clone(),
            question: self.question,
            labels: self.labels.clone(),
            base: self.base.clone(),
            given: self.given.clone(),
            steps: self.steps.iter().map(step).collect(),
            showing: ShowingDecider {
                event: showing.event.clone(),
                command: showing.command.clone(),
                rejection: showing.rejection.clone(),
            },
        }
    }

    /// The events that it expects, exactly these.
    pub(crate) fn exact_events(&self) -> impl Iterator<Item = &D::Event> {
        self.steps.iter().flat_map(|step| match step {
            Step::Then(Expected::Events(events), _) => events.as_slice(),
            _ => &[],
        })
    }
}
