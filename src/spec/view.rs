//! Scenarios of views: given events, then a state.

use super::expect::{NOTHING_EXPECTED, Predicate};
use super::failure::{Failure, HistoryLine, ScenarioAnswer, Showing};
use super::label::Labels;
use super::panics::caught;
use super::place::Place;
use super::sentence::Sentence;
use crate::fold::Fold;
use crate::recorded::Version;
use im::Vector;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::{self, Debug};
use std::sync::Arc;

/// Up to this number of events, every order is tried; for more, see [`ViewScenario::in_any_order`].
const MAX_FOR_ALL_ORDERS: usize = 6;

/// What given-then needs of a view: events that print and clone, a state that compares.
pub trait SpecifiedView: Fold<Event: Clone + Debug, State: Clone + Debug + PartialEq> {}

impl<V: Fold<Event: Clone + Debug, State: Clone + Debug + PartialEq>> SpecifiedView for V {}

/// A specification by example of a view: given events, then a state.
///
/// ```
/// use leftfold::{spec::ViewScenario, view};
///
/// let members = view(im::OrdSet::new, |members: im::OrdSet<&str>, joined: &&'static str| members.update(*joined));
/// ViewScenario::named("everybody who joined is a member, however often the message comes")
///     .given(["Petra", "Alex"])
///     .delivered_twice()
///     .in_any_order()
///     .then(im::ordset!["Alex", "Petra"])
///     .assert(&members);
/// ```
pub struct ViewScenario<V: SpecifiedView> {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) question: bool,
    pub(super) labels: Labels,
    pub(super) steps: Vector<Step<V>>,
    pub(super) twice: bool,
    pub(super) any_order: bool,
    /// How a failure shows events and answers.
    pub(super) showing_event: Showing<V::Event>,
    pub(super) showing_state: Showing<V::State>,
}

pub(super) enum Step<V: SpecifiedView> {
    Given(V::Event),
    Then(Expected<V>, Place),
}

pub(super) enum Expected<V: SpecifiedView> {
    State(V::State),
    Holding(String, Predicate<V::State>),
}

impl<V: SpecifiedView> Step<V> {
    fn event(&self) -> Option<&V::Event> {
        match self {
            Step::Given(event) => Some(event),
            Step::Then(..) => None,
        }
    }
}

impl<V: SpecifiedView> Clone for Step<V> {
    fn clone(&self) -> Self {
        match self {
            Step::Given(event) => Step::Given(event.clone()),
            Step::Then(expected, place) => Step::Then(expected.clone(), place.clone()),
        }
    }
}

impl<V: SpecifiedView> Clone for Expected<V> {
    fn clone(&self) -> Self {
        match self {
            Expected::State(state) => Expected::State(state.clone()),
            Expected::Holding(words, predicate) => Expected::Holding(words.clone(), predicate.clone()),
        }
    }
}

impl<V: SpecifiedView> Clone for ViewScenario<V> {
    fn clone(&self) -> Self {
        ViewScenario {
            name: self.name.clone(),
            place: self.place.clone(),
            question: self.question,
            labels: self.labels.clone(),
            steps: self.steps.clone(),
            twice: self.twice,
            any_order: self.any_order,
            showing_event: self.showing_event.clone(),
            showing_state: self.showing_state.clone(),
        }
    }
}

impl<V: SpecifiedView> Debug for ViewScenario<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewScenario")
            .field("name", &self.name)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl<V: SpecifiedView> ViewScenario<V> {
    /// A scenario of this name.
    #[track_caller]
    pub fn named(name: impl Into<String>) -> Self {
        Self::named_at(name.into(), Place::here())
    }

    pub(super) fn named_at(name: String, place: Place) -> Self {
        ViewScenario {
            name,
            place,
            question: false,
            labels: Labels::default(),
            steps: Vector::new(),
            twice: false,
            any_order: false,
            showing_event: Showing::default(),
            showing_state: Showing::default(),
        }
    }

    /// A question that the domain experts could not answer yet. Reports list it; it is not asserted.
    #[track_caller]
    pub fn open_question(question: impl Into<String>) -> Self {
        ViewScenario { question: true, ..Self::named(question) }
    }

    /// This scenario so far under another name.
    #[must_use]
    #[track_caller]
    pub fn fork(&self, name: impl Into<String>) -> Self {
        ViewScenario { name: name.into(), place: Place::here(), ..self.clone() }
    }

    /// Events that the view has seen, or sees next.
    #[must_use]
    pub fn given(mut self, events: impl IntoIterator<Item = V::Event>) -> Self {
        self.steps.extend(events.into_iter().map(Step::Given));
        self
    }

    /// The events add up to this state.
    #[must_use]
    #[track_caller]
    pub fn then(mut self, state: V::State) -> Self {
        self.steps.push_back(Step::Then(Expected::State(state), Place::here()));
        self
    }

    /// Expects something of the state, in words and as a predicate.
    #[must_use]
    #[track_caller]
    pub fn then_state(
        mut self,
        words: impl Into<String>,
        predicate: impl Fn(&V::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        let expected = Expected::Holding(words.into(), Arc::new(predicate));
        self.steps.push_back(Step::Then(expected, Place::here()));
        self
    }

    /// Expects that a [`Sentence`] of the model holds of the state at this point, with these values in its slots.
    #[must_use]
    #[track_caller]
    pub fn then_says<A>(mut self, sentence: &Sentence<V::State, A>, values: A) -> Self
    where
        A: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
        V::State: 'static,
    {
        let (words, predicate) = sentence.about(values);
        self.steps.push_back(Step::Then(Expected::Holding(words, predicate), Place::here()));
        self
    }

    /// A promise: the answers are the same when each event is delivered twice in a row, and when the whole history is
    /// delivered a second time.
    #[must_use]
    pub fn delivered_twice(mut self) -> Self {
        self.twice = true;
        self
    }

    /// A promise: the answers are the same in any order of the events before them.
    ///
    /// Up to six events are tried in every order (at most 720). More events are tried reversed, with each two neighbours swapped, and
    /// with each event moved to either end.
    #[must_use]
    pub fn in_any_order(mut self) -> Self {
        self.any_order = true;
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds a label; see [`Scenario::labelled`](super::Scenario::labelled).
    #[must_use]
    pub fn labelled(mut self, label: impl AsRef<str>) -> Self {
        self.question |= self.labels.add(label.as_ref());
        self
    }

    /// The labels, each once, in the order in which they were added.
    pub fn labels(&self) -> &[String] {
        self.labels.all()
    }

    /// Whether this is an open question.
    pub fn is_question(&self) -> bool {
        self.question
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = &Step<V>> {
        self.steps.iter()
    }

    pub(super) fn promises(&self) -> impl Iterator<Item = &'static str> {
        let twice = self.twice.then_some("also when events are delivered twice");
        twice.into_iter().chain(self.any_order.then_some("in any order of the events"))
    }

    /// Runs the scenario with a view.
    ///
    /// # Errors
    /// The first expectation that does not hold. A scenario that expects nothing is a failure too. An open question always holds.
    pub fn run(&self, view: &V) -> Result<(), Box<Failure>> {
        if self.question {
            return Ok(());
        }
        caught(|| self.hold_all(view)).unwrap_or_else(|panic| {
            let seen: Vec<&V::Event> = self.steps.iter().filter_map(Step::event).collect();
            let expected = ScenarioAnswer::Words("an answer".into());
            let actual = ScenarioAnswer::Words(format!("it panicked: {panic}"));
            Err(self.failure(view, &seen, "", &self.place, expected, actual))
        })
    }

    fn hold_all(&self, view: &V) -> Result<(), Box<Failure>> {
        let mut seen = Vec::new();
        let mut expectations = 0;
        for step in &self.steps {
            match step {
                Step::Given(event) => seen.push(event),
                Step::Then(expected, place) => {
                    expectations += 1;
                    self.hold(view, &seen, "", expected, place)?;
                    for (delivery, events) in self.deliveries(&seen) {
                        self.hold(view, &events, delivery, expected, place)?;
                    }
                }
            }
        }
        if expectations == 0 {
            let expected = ScenarioAnswer::Words(NOTHING_EXPECTED.into());
            let actual = ScenarioAnswer::Words("this scenario expects nothing".into());
            return Err(self.failure(view, &seen, "", &self.place, expected, actual));
        }
        Ok(())
    }

    /// Runs the scenario with a view and panics, at the line of the caller, if it does not hold.
    ///
    /// # Panics
    /// With the whole [`Failure`] as its message.
    #[track_caller]
    pub fn assert(&self, view: &V) {
        if let Err(failure) = self.run(view) {
            panic!("\n{failure}\n");
        }
    }

    fn hold(
        &self,
        view: &V,
        events: &[&V::Event],
        delivery: &'static str,
        expected: &Expected<V>,
        place: &Place,
    ) -> Result<(), Box<Failure>> {
        let state = view.fold(events.iter().copied());
        let (expected, actual) = match expected {
            Expected::State(expected) if state == *expected => return Ok(()),
            Expected::Holding(_, predicate) if predicate(&state) => return Ok(()),
            Expected::State(expected) => {
                let showing = &self.showing_state;
                let (one, other) = (showing.show(expected), showing.show(&state));
                if one.contains('\n') || other.contains('\n') {
                    (
                        ScenarioAnswer::State(showing.spread(expected)),
                        ScenarioAnswer::State(showing.spread(&state)),
                    )
                } else {
                    (ScenarioAnswer::State(one), ScenarioAnswer::State(other))
                }
            }
            Expected::Holding(words, _) => (
                ScenarioAnswer::Words(words.clone()),
                ScenarioAnswer::Words("does not hold of the state above".into()),
            ),
        };
        Err(self.failure(view, events, delivery, place, expected, actual))
    }

    fn failure(
        &self,
        view: &V,
        events: &[&V::Event],
        delivery: &'static str,
        place: &Place,
        expected: ScenarioAnswer,
        actual: ScenarioAnswer,
    ) -> Box<Failure> {
        let numbered = events.iter().zip(1..);
        Box::new(Failure {
            scenario: format!("{}{delivery}", self.name),
            place: place.into(),
            history: numbered
                .map(|(event, i)| HistoryLine::Event(Version::new(i), self.showing_event.show(event)))
                .collect(),
            state: caught(|| self.showing_state.show(&view.fold(events.iter().copied())))
                .unwrap_or_else(|panic| format!("unknown, evolve panicked: {panic}")),
            when: Vec::new(),
            step: None,
            expected,
            actual,
            remarks: Vec::new(),
            why: None,
        })
    }

    /// The histories that the scenario promises to give the same answer, each with how it is delivered.
    fn deliveries<'e>(&self, seen: &[&'e V::Event]) -> Vec<(&'static str, Vec<&'e V::Event>)> {
        let mut deliveries = Vec::new();
        if self.twice {
            let each = seen.iter().flat_map(|event| [*event, *event]).collect();
            deliveries.push((" (each event delivered twice)", each));
            deliveries.push((" (all events delivered twice)", [seen, seen].concat()));
        }
        if self.any_order {
            let orders = if seen.len() <= MAX_FOR_ALL_ORDERS { all_orders(seen) } else { some_orders(seen) };
            deliveries.extend(orders.into_iter().map(|events| (" (in another order)", events)));
        }
        deliveries
    }
}

fn all_orders<T: Copy>(items: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = items.split_first() else {
        return vec![Vec::new()];
    };
    let mut orders = Vec::new();
    for order in all_orders(rest) {
        for at in 0..=order.len() {
            let mut with = order.clone();
            with.insert(at, *first);
            orders.push(with);
        }
    }
    orders
}

fn some_orders<T: Copy>(items: &[T]) -> Vec<Vec<T>> {
    let mut orders = vec![items.iter().rev().copied().collect()];
    for i in 0..items.len() {
        let mut first = items.to_vec();
        first[..=i].rotate_right(1);
        let mut last = items.to_vec();
        last[i..].rotate_left(1);
        orders.extend([first, last]);
        if i > 0 {
            let mut changed = items.to_vec();
            changed.swap(i - 1, i);
            orders.push(changed);
        }
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_tried_once() {
        let mut orders = all_orders(&[1, 2, 3, 4]);
        orders.sort();
        orders.dedup();
        assert_eq!(orders.len(), 24);
    }

    #[test]
    fn many_events_are_reversed_swapped_and_moved() {
        let orders = some_orders(&[1, 2, 3, 4, 5, 6, 7]);
        assert!(orders.contains(&vec![7, 6, 5, 4, 3, 2, 1]));
        assert!(orders.contains(&vec![1, 2, 4, 3, 5, 6, 7]));
        assert!(orders.contains(&vec![7, 1, 2, 3, 4, 5, 6]));
        assert!(orders.contains(&vec![2, 3, 4, 5, 6, 7, 1]));
    }
}
