//! Specifications asserted on the spot: a scenario without a name, which runs as soon as something is expected.

use super::process::{ProcessScenario, SpecifiedProcess};
use super::scenario::{Scenario, Specified, When};
use super::sentence::Sentence;
use super::view::{SpecifiedView, ViewScenario};
use super::{Failure, WhenEvent};
use crate::decider::Outcome;
use crate::process::Owed;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// Given this history of a decider; continue with [`when`](Given::when).
///
/// ```
/// use leftfold::{decider, spec::given};
///
/// let counter = decider(
///     || 0u32,
///     |add: &u32, sum: &u32| if sum + add > 10 { Err("full") } else { Ok(vec![*add]) },
///     |sum, added: &u32| sum + added,
/// );
/// given(&counter, [4, 5]).when(1).then([1]);
/// given(&counter, []).given_commands([4, 5]).when(2).then_rejected("full").and_when(1).then([1]);
/// ```
#[doc(alias = "fixture")]
#[must_use = "a `given` alone expects nothing"]
pub fn given<D: Specified>(decider: D, history: impl IntoIterator<Item = D::Event>) -> Given<D> {
    let scenario = Scenario::named("").given(history);
    Given { decider, scenario }
}

/// Given these events, seen by a view; continue with [`then`](GivenView::then).
///
/// ```
/// use leftfold::{spec::given_view, view};
///
/// let sum = view(|| 0, |sum: i32, n: &i32| sum + n);
/// given_view(&sum, [1, 2]).then(3).then_state("it is odd", |sum| sum % 2 == 1);
/// ```
#[must_use = "a `given` alone expects nothing"]
pub fn given_view<V: SpecifiedView>(view: V, events: impl IntoIterator<Item = V::Event>) -> GivenView<V> {
    let scenario = ViewScenario::named("").given(events);
    GivenView { view, scenario }
}

/// Given these events, seen by a process manager; continue with [`when`](GivenProcess::when) or
/// [`then_owed`](GivenProcess::then_owed).
///
/// ```
/// use leftfold::{Owed, process_manager, spec::given_process};
///
/// let calls = process_manager(
///     im::OrdSet::new,
///     |waiting: im::OrdSet<i32>, call: &i32| if *call > 0 { waiting.update(*call) } else { waiting.without(&-call) },
///     |waiting| waiting.iter().map(|call| Owed::now(call.to_string(), *call)).collect(),
/// );
/// given_process(&calls, [1, 2]).when(3).then([3]).and_when(-2).then_nothing();
/// given_process(&calls, [1, 2, -1]).then_owed([2]);
/// given_process(&calls, [1, 2, -1]).then_pending([Owed::now("2", 2)]);
/// ```
#[must_use = "a `given` alone expects nothing"]
pub fn given_process<P: SpecifiedProcess>(
    process: P,
    events: impl IntoIterator<Item = P::Event>,
) -> GivenProcess<P> {
    let scenario = ProcessScenario::named("").given(events);
    GivenProcess { process, scenario }
}

#[track_caller]
fn hold(result: Result<(), Box<Failure>>) {
    if let Err(failure) = result {
        panic!("\n{failure}\n");
    }
}

/// A decider and its history; made by [`given`].
pub struct Given<D: Specified> {
    decider: D,
    scenario: Scenario<D>,
}

impl<D: Specified> fmt::Debug for Given<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("scenario", &self.scenario).finish_non_exhaustive()
    }
}

impl<D: Specified> Given<D> {
    /// Commands given before; each of them has to be accepted.
    #[must_use = "a `given` alone expects nothing"]
    pub fn given_commands(self, commands: impl IntoIterator<Item = D::Command>) -> Self {
        Given { scenario: self.scenario.given_commands(commands), ..self }
    }

    /// The command in question.
    pub fn when(self, command: D::Command) -> GivenWhen<D> {
        self.when_all([command])
    }

    /// Several commands in question, decided one after another up to the first rejection.
    pub fn when_all(self, commands: impl IntoIterator<Item = D::Command>) -> GivenWhen<D> {
        GivenWhen { decider: self.decider, when: self.scenario.when_all(commands) }
    }

    /// The next command, on the state that the earlier ones have left.
    pub fn and_when(self, command: D::Command) -> GivenWhen<D> {
        self.when(command)
    }

    /// Asserts something of the state at this point, in words and as a predicate.
    ///
    /// # Panics
    /// When it does not hold.
    #[track_caller]
    pub fn then_state(
        self,
        words: impl Into<String>,
        predicate: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Given<D> {
        asserted(self.decider, self.scenario.then_state(words, predicate))
    }

    /// Asserts that a [`Sentence`] of the model holds of the state at this point, with these values in its slots.
    ///
    /// # Panics
    /// When it does not hold.
    #[track_caller]
    pub fn then_says<A>(self, sentence: &Sentence<D::State, A>, values: A) -> Given<D>
    where
        A: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
        D::State: 'static,
    {
        asserted(self.decider, self.scenario.then_says(sentence, values))
    }
}

#[track_caller]
fn asserted<D: Specified>(decider: D, scenario: Scenario<D>) -> Given<D> {
    hold(scenario.run(&decider));
    Given { decider, scenario }
}

/// A question to a decider; continue with what is expected.
#[must_use = "a `when` without a `then` expects nothing"]
pub struct GivenWhen<D: Specified> {
    decider: D,
    when: When<D>,
}

impl<D: Specified> fmt::Debug for GivenWhen<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivenWhen").field("when", &self.when).finish_non_exhaustive()
    }
}

impl<D: Specified> GivenWhen<D> {
    /// Asserts that exactly these events happen, in this order.
    ///
    /// # Panics
    /// With the whole [`Failure`] when something else happens.
    #[track_caller]
    pub fn then(self, events: impl IntoIterator<Item = D::Event>) -> Given<D> {
        asserted(self.decider, self.when.then(events))
    }

    /// Asserts that the command is refused with this rejection.
    ///
    /// # Panics
    /// With the whole [`Failure`] when it is not.
    #[track_caller]
    pub fn then_rejected(self, rejection: impl Into<D::Rejection>) -> Given<D> {
        asserted(self.decider, self.when.then_rejected(rejection))
    }

    /// Asserts that the command is accepted and nothing happens.
    ///
    /// # Panics
    /// With the whole [`Failure`] when something does.
    #[track_caller]
    pub fn then_nothing(self) -> Given<D> {
        asserted(self.decider, self.when.then_nothing())
    }

    /// Asserts something of the answer, in words and as a predicate.
    ///
    /// # Panics
    /// With the whole [`Failure`] when it does not hold.
    #[track_caller]
    pub fn then_matches(
        self,
        words: impl Into<String>,
        predicate: impl Fn(&Outcome<D>) -> bool + Send + Sync + 'static,
    ) -> Given<D> {
        asserted(self.decider, self.when.then_matches(words, predicate))
    }

    /// Asserts something of the state afterwards, in words and as a predicate.
    ///
    /// # Panics
    /// With the whole [`Failure`] when it does not hold.
    #[track_caller]
    pub fn then_state(
        self,
        words: impl Into<String>,
        predicate: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Given<D> {
        asserted(self.decider, self.when.then_state(words, predicate))
    }

    /// Asserts that a [`Sentence`] of the model holds of the state afterwards, with these values in its slots.
    ///
    /// # Panics
    /// With the whole [`Failure`] when it does not hold.
    #[track_caller]
    pub fn then_says<A>(self, sentence: &Sentence<D::State, A>, values: A) -> Given<D>
    where
        A: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
        D::State: 'static,
    {
        asserted(self.decider, self.when.then_says(sentence, values))
    }
}

/// A view and what it has seen; made by [`given_view`].
pub struct GivenView<V: SpecifiedView> {
    view: V,
    scenario: ViewScenario<V>,
}

impl<V: SpecifiedView> fmt::Debug for GivenView<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivenView").field("scenario", &self.scenario).finish_non_exhaustive()
    }
}

impl<V: SpecifiedView> GivenView<V> {
    /// What the view sees next.
    #[must_use = "a `given` alone expects nothing"]
    pub fn and_given(self, events: impl IntoIterator<Item = V::Event>) -> Self {
        GivenView { scenario: self.scenario.given(events), ..self }
    }

    /// Promises that the answer is the same when events are delivered twice; see [`ViewScenario::delivered_twice`].
    #[must_use = "a `given` alone expects nothing"]
    pub fn delivered_twice(self) -> Self {
        GivenView { scenario: self.scenario.delivered_twice(), ..self }
    }

    /// Promises that the answer is the same in any order of the events; see [`ViewScenario::in_any_order`].
    #[must_use = "a `given` alone expects nothing"]
    pub fn in_any_order(self) -> Self {
        GivenView { scenario: self.scenario.in_any_order(), ..self }
    }

    /// Asserts that the events add up to this state.
    ///
    /// # Panics
    /// With the whole [`Failure`] when they do not.
    #[track_caller]
    pub fn then(self, state: V::State) -> Self {
        let scenario = self.scenario.then(state);
        hold(scenario.run(&self.view));
        GivenView { scenario, ..self }
    }

    /// Asserts something of the state, in words and as a predicate.
    ///
    /// # Panics
    /// With the whole [`Failure`] when it does not hold.
    #[track_caller]
    pub fn then_state(
        self,
        words: impl Into<String>,
        predicate: impl Fn(&V::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        let scenario = self.scenario.then_state(words, predicate);
        hold(scenario.run(&self.view));
        GivenView { scenario, ..self }
    }

    /// Asserts that a [`Sentence`] of the model holds of the state, with these values in its slots.
    ///
    /// # Panics
    /// With the whole [`Failure`] when it does not hold.
    #[track_caller]
    pub fn then_says<A>(self, sentence: &Sentence<V::State, A>, values: A) -> Self
    where
        A: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
        V::State: 'static,
    {
        let scenario = self.scenario.then_says(sentence, values);
        hold(scenario.run(&self.view));
        GivenView { scenario, ..self }
    }
}

/// A process manager and what it has seen; made by [`given_process`].
pub struct GivenProcess<P: SpecifiedProcess> {
    process: P,
    scenario: ProcessScenario<P>,
}

impl<P: SpecifiedProcess> fmt::Debug for GivenProcess<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivenProcess").field("scenario", &self.scenario).finish_non_exhaustive()
    }
}

impl<P: SpecifiedProcess> GivenProcess<P> {
    /// The event in question.
    pub fn when(self, event: P::Event) -> GivenWhenEvent<P> {
        GivenWhenEvent { process: self.process, when: self.scenario.when(event) }
    }

    /// The next event.
    pub fn and_when(self, event: P::Event) -> GivenWhenEvent<P> {
        self.when(event)
    }

    /// Asserts that exactly these commands are owed at this point, in this order, under whatever keys and deadlines.
    ///
    /// # Panics
    /// With the whole [`Failure`] when they are not.
    #[track_caller]
    pub fn then_owed(self, commands: impl IntoIterator<Item = P::Command>) -> Self {
        reacted(self.process, self.scenario.then_owed(commands))
    }

    /// Asserts that exactly these items are on the to-do list at this point, in this order: their commands, keys and
    /// deadlines.
    ///
    /// # Panics
    /// With the whole [`Failure`] when it is not.
    #[track_caller]
    pub fn then_pending(self, list: impl IntoIterator<Item = Owed<P::Command>>) -> Self {
        reacted(self.process, self.scenario.then_pending(list))
    }
}

#[track_caller]
fn reacted<P: SpecifiedProcess>(process: P, scenario: ProcessScenario<P>) -> GivenProcess<P> {
    hold(scenario.run(&process));
    GivenProcess { process, scenario }
}

/// An event shown to a process manager; continue with what is expected.
#[must_use = "a `when` without a `then` expects nothing"]
pub struct GivenWhenEvent<P: SpecifiedProcess> {
    process: P,
    when: WhenEvent<P>,
}

impl<P: SpecifiedProcess> fmt::Debug for GivenWhenEvent<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivenWhenEvent").field("when", &self.when).finish_non_exhaustive()
    }
}

impl<P: SpecifiedProcess> GivenWhenEvent<P> {
    /// Asserts that the event makes exactly these commands owed, in this order.
    ///
    /// # Panics
    /// With the whole [`Failure`] when it does not.
    #[track_caller]
    pub fn then(self, commands: impl IntoIterator<Item = P::Command>) -> GivenProcess<P> {
        reacted(self.process, self.when.then(commands))
    }

    /// Asserts that the event makes nothing owed.
    ///
    /// # Panics
    /// With the whole [`Failure`] when it does.
    #[track_caller]
    pub fn then_nothing(self) -> GivenProcess<P> {
        reacted(self.process, self.when.then_nothing())
    }

    /// Asserts that exactly these commands are owed after the event, in this order, under whatever keys and deadlines.
    ///
    /// # Panics
    /// With the whole [`Failure`] when they are not.
    #[track_caller]
    pub fn then_owed(self, commands: impl IntoIterator<Item = P::Command>) -> GivenProcess<P> {
        reacted(self.process, self.when.then_owed(commands))
    }

    /// Asserts that exactly these items are on the to-do list after the event, in this order: their commands, keys and
    /// deadlines.
    ///
    /// # Panics
    /// With the whole [`Failure`] when it is not.
    #[track_caller]
    pub fn then_pending(self, list: impl IntoIterator<Item = Owed<P::Command>>) -> GivenProcess<P> {
        reacted(self.process, self.when.then_pending(list))
    }
}
