//! Scenarios of deciders: given a history, when a command, then events or a rejection.

use super::expect::Predicate;
use super::failure::Showing;
use super::label::Labels;
use super::place::Place;
use super::sentence::Sentence;
use crate::decider::{Decider, Outcome};
use crate::message::{Message, Words};
use im::Vector;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::{self, Debug};
use std::sync::Arc;

/// A state that a failed scenario shows. Every `Debug` is one.
#[diagnostic::on_unimplemented(
    message = "the state `{Self}` cannot be shown by a scenario: derive `Debug` on it, or let the function that returns the decider of a model \
               say `impl Modelled<…>` instead of `impl Decider<…>`"
)]
pub trait ShownState: Debug {}

#[diagnostic::do_not_recommend]
impl<S: Debug> ShownState for S {}

/// What given-when-then needs of a decider: events and rejections that compare, and everything printable.
///
/// Implemented by every decider whose types derive `Clone`, `Debug` and `PartialEq`; serde is not needed.
pub trait Specified:
    Decider<
        Event: Clone + Debug + PartialEq,
        Command: Clone + Debug,
        Rejection: Clone + Debug + PartialEq,
        State: ShownState,
    >
{
}

impl<D> Specified for D where
    D: Decider<
            Event: Clone + Debug + PartialEq,
            Command: Clone + Debug,
            Rejection: Clone + Debug + PartialEq,
            State: ShownState,
        >
{
}

/// A specification by example of a decider: given a history, when a command, then events or a rejection.
///
/// A scenario is a value. It holds no decider and asserts nothing until you run it. Forks share their history.
///
/// ```
/// # use leftfold::{Decider, Fold};
/// use leftfold::spec::Scenario;
/// # struct Tank;
/// # #[derive(Clone, Debug, PartialEq)] pub enum Command { Fill(u32), Empty }
/// # #[derive(Clone, Debug, PartialEq)] pub enum Event { Filled(u32), Emptied }
/// # #[derive(Clone, Debug, PartialEq)] pub struct Overflow;
/// # impl Fold for Tank {
/// #     type State = u32; type Event = Event;
/// #     fn initial_state(&self) -> u32 { 0 }
/// #     fn evolve(&self, level: u32, e: &Event) -> u32 { match e { Event::Filled(n) => level + n, Event::Emptied => 0 } }
/// # }
/// # impl Decider for Tank {
/// #     type Command = Command; type Rejection = Overflow;
/// #     fn decide(&self, c: &Command, level: &u32) -> Result<Vec<Event>, Overflow> {
/// #         match c {
/// #             Command::Fill(n) if level + n > 9 => Err(Overflow),
/// #             Command::Fill(n) => Ok(vec![Event::Filled(*n)]),
/// #             Command::Empty if *level == 0 => Ok(vec![]),
/// #             Command::Empty => Ok(vec![Event::Emptied]),
/// #         }
/// #     }
/// # }
///
/// let half_full = Scenario::<Tank>::named("a tank that is half full").given([Event::Filled(5)]);
///
/// let overflow = half_full.fork("does not overflow").when(Command::Fill(6)).then_rejected(Overflow);
/// let again = half_full
///     .fork("can be emptied once")
///     .when(Command::Empty)
///     .then([Event::Emptied])
///     .and_when(Command::Empty)
///     .then_nothing()
///     .then_state("it is empty", |level| *level == 0);
///
/// overflow.assert(&Tank);
/// assert!(again.run(&Tank).is_ok());
/// ```
#[doc(alias = "fixture")]
pub struct Scenario<D: Specified> {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) question: bool,
    pub(super) labels: Labels,
    /// What it was forked from.
    pub(super) base: Option<Base>,
    pub(super) given: Vector<Given<D::Event, D::Command>>,
    pub(super) steps: Vector<Step<D>>,
    pub(super) showing: ShowingDecider<D>,
}

/// How the failure of a scenario shows messages.
pub(super) struct ShowingDecider<D: Specified> {
    pub(super) event: Showing<D::Event>,
    pub(super) command: Showing<D::Command>,
    pub(super) rejection: Showing<D::Rejection>,
}

impl<D: Specified> Clone for ShowingDecider<D> {
    fn clone(&self) -> Self {
        let (event, command, rejection) = (self.event.clone(), self.command.clone(), self.rejection.clone());
        ShowingDecider { event, command, rejection }
    }
}

impl<D: Specified> Default for ShowingDecider<D> {
    fn default() -> Self {
        let (event, command, rejection) = (Showing::default(), Showing::default(), Showing::default());
        ShowingDecider { event, command, rejection }
    }
}

impl<D> ShowingDecider<D>
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    pub(super) fn in_words(words: &Arc<Words>) -> Self {
        ShowingDecider {
            event: Showing::in_words(words.clone(), D::Event::say),
            command: Showing::in_words(words.clone(), D::Command::say),
            rejection: Showing::in_words(words.clone(), D::Rejection::say),
        }
    }
}

/// A scenario that was forked when it had a history and no steps yet.
#[derive(Clone)]
pub(super) struct Base {
    pub(super) name: Arc<str>,
    /// How much of the history it had.
    pub(super) given: usize,
}

#[derive(Clone)]
pub(super) enum Given<E, C> {
    Event(E),
    Command(C),
}

pub(super) enum Step<D: Specified> {
    When(Vec<D::Command>),
    Then(Expected<D>, Place),
}

pub(super) enum Expected<D: Specified> {
    Events(Vec<D::Event>),
    Rejected(D::Rejection),
    Matching(String, Predicate<Outcome<D>>),
    State(String, Predicate<D::State>),
}

impl<D: Specified> Clone for Step<D> {
    fn clone(&self) -> Self {
        match self {
            Step::When(commands) => Step::When(commands.clone()),
            Step::Then(expected, place) => Step::Then(expected.clone(), place.clone()),
        }
    }
}

impl<D: Specified> Clone for Expected<D> {
    fn clone(&self) -> Self {
        match self {
            Expected::Events(events) => Expected::Events(events.clone()),
            Expected::Rejected(rejection) => Expected::Rejected(rejection.clone()),
            Expected::Matching(words, predicate) => Expected::Matching(words.clone(), predicate.clone()),
            Expected::State(words, predicate) => Expected::State(words.clone(), predicate.clone()),
        }
    }
}

impl<D: Specified> Clone for Scenario<D> {
    fn clone(&self) -> Self {
        Scenario {
            name: self.name.clone(),
            place: self.place.clone(),
            question: self.question,
            labels: self.labels.clone(),
            base: self.base.clone(),
            given: self.given.clone(),
            steps: self.steps.clone(),
            showing: self.showing.clone(),
        }
    }
}

impl<D: Specified> Debug for Scenario<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenario")
            .field("name", &self.name)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl<D> Scenario<D>
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    /// The same scenario, whose failure speaks in these words.
    pub(crate) fn saying_in(&self, words: &Words) -> Self {
        Scenario { showing: ShowingDecider::in_words(&Arc::new(words.clone())), ..self.clone() }
    }
}

impl<D: Specified> Scenario<D> {
    /// A scenario of this name: a sentence that a domain expert would say.
    #[track_caller]
    pub fn named(name: impl Into<String>) -> Self {
        Self::named_at(name.into(), Place::here())
    }

    pub(super) fn named_at(name: String, place: Place) -> Self {
        Scenario {
            name,
            place,
            question: false,
            labels: Labels::default(),
            base: None,
            given: Vector::new(),
            steps: Vector::new(),
            showing: ShowingDecider::default(),
        }
    }

    /// A question that the domain experts could not answer yet. It may have a history and steps, which are not checked. Reports
    /// and documents list it until it is answered.
    #[track_caller]
    pub fn open_question(question: impl Into<String>) -> Self {
        Scenario { question: true, ..Scenario::named(question) }
    }

    /// This scenario so far, under another name. A [document](super::Document) says a history that several forks share once, under
    /// the name of the scenario that was forked.
    #[must_use]
    #[track_caller]
    pub fn fork(&self, name: impl Into<String>) -> Self {
        let mut fork = Scenario { name: name.into(), place: Place::here(), ..self.clone() };
        if self.steps.is_empty() && !self.given.is_empty() {
            fork.base = Some(Base { name: self.name.as_str().into(), given: self.given.len() });
        }
        fork
    }

    /// Adds a label, such as `nightly`: a tag in Gherkin. Forks keep it. White space in it becomes `-`, and `open-question` makes
    /// the scenario an open question.
    ///
    /// ```
    /// # use leftfold::decider;
    /// use leftfold::spec::{Scenario, Specified};
    /// # fn labelled<D: Specified>(_: D) {
    /// let late = Scenario::<D>::named("a late payment").labelled("nightly").labelled("for the lawyers");
    /// assert_eq!(late.labels(), ["nightly", "for-the-lawyers"]);
    /// # }
    /// # labelled(decider(|| 0, |n: &i32, _| Ok::<_, ()>(vec![*n]), |sum, n: &i32| sum + n));
    /// ```
    #[must_use]
    pub fn labelled(mut self, label: impl AsRef<str>) -> Self {
        self.question |= self.labels.add(label.as_ref());
        self
    }

    /// What has happened before.
    ///
    /// # Panics
    /// After a `when`: what happens later is written with [`and_when`](Self::and_when).
    #[must_use]
    #[track_caller]
    pub fn given(mut self, history: impl IntoIterator<Item = D::Event>) -> Self {
        self.refuse_late_given();
        self.given.extend(history.into_iter().map(Given::Event));
        self
    }

    /// Commands given before; each of them has to be accepted.
    ///
    /// # Panics
    /// After a `when`: what happens later is written with [`and_when`](Self::and_when).
    #[must_use]
    #[track_caller]
    pub fn given_commands(mut self, commands: impl IntoIterator<Item = D::Command>) -> Self {
        self.refuse_late_given();
        self.given.extend(commands.into_iter().map(Given::Command));
        self
    }

    #[track_caller]
    fn refuse_late_given(&self) {
        assert!(
            self.steps.is_empty(),
            "`given` after `when` in scenario \"{}\": write what happens later as `and_when`",
            self.name
        );
    }

    /// The command in question.
    pub fn when(self, command: D::Command) -> When<D> {
        self.when_all([command])
    }

    /// Several commands in question, decided one after another up to the first rejection.
    pub fn when_all(mut self, commands: impl IntoIterator<Item = D::Command>) -> When<D> {
        self.steps.push_back(Step::When(commands.into_iter().collect()));
        When { scenario: self }
    }

    /// The next command of a chain, on the state that the earlier steps have left.
    pub fn and_when(self, command: D::Command) -> When<D> {
        self.when(command)
    }

    /// Expects something of the state at this point, in words and as a predicate.
    #[must_use]
    #[track_caller]
    pub fn then_state(
        mut self,
        words: impl Into<String>,
        predicate: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        let expected = Expected::State(words.into(), Arc::new(predicate));
        self.steps.push_back(Step::Then(expected, Place::here()));
        self
    }

    /// Expects that a [`Sentence`] of the model holds of the state at this point, with these values in its slots.
    #[must_use]
    #[track_caller]
    pub fn then_says<A>(mut self, sentence: &Sentence<D::State, A>, values: A) -> Self
    where
        A: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
        D::State: 'static,
    {
        let (words, predicate) = sentence.about(values);
        self.steps.push_back(Step::Then(Expected::State(words, predicate), Place::here()));
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The labels, each once, in the order in which they were added.
    pub fn labels(&self) -> &[String] {
        self.labels.all()
    }

    /// Whether this is an open question.
    pub fn is_question(&self) -> bool {
        self.question
    }

    /// The events of its history, with those of the commands that were given. A given command that is refused has none.
    pub(crate) fn events_given(&self, decider: &D) -> Vec<D::Event> {
        let (mut state, mut history) = (decider.initial_state(), Vec::new());
        for given in &self.given {
            let events = match given {
                Given::Event(event) => vec![event.clone()],
                Given::Command(command) => decider.decide(command, &state).unwrap_or_default(),
            };
            state = decider.fold_from(state, &events);
            history.extend(events);
        }
        history
    }

    /// The commands in question, in order.
    pub(crate) fn commands_in_question(&self) -> impl Iterator<Item = &D::Command> {
        self.steps.iter().flat_map(|step| match step {
            Step::When(commands) => commands.as_slice(),
            Step::Then(..) => &[],
        })
    }

    pub(super) fn history(&self) -> impl Iterator<Item = &Given<D::Event, D::Command>> {
        self.given.iter()
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = &Step<D>> {
        self.steps.iter()
    }
}

/// A scenario after its `when`; continue with what is expected.
#[must_use = "a `when` without a `then` expects nothing"]
pub struct When<D: Specified> {
    scenario: Scenario<D>,
}

debug_by_name!([D: Specified] When<D>, "When");

impl<D: Specified> When<D> {
    #[track_caller]
    fn expect(mut self, expected: Expected<D>) -> Scenario<D> {
        self.scenario.steps.push_back(Step::Then(expected, Place::here()));
        self.scenario
    }

    /// Exactly these events happen, in this order.
    #[must_use]
    #[track_caller]
    pub fn then(self, events: impl IntoIterator<Item = D::Event>) -> Scenario<D> {
        self.expect(Expected::Events(events.into_iter().collect()))
    }

    /// The command is refused with this rejection.
    #[must_use]
    #[track_caller]
    pub fn then_rejected(self, rejection: impl Into<D::Rejection>) -> Scenario<D> {
        self.expect(Expected::Rejected(rejection.into()))
    }

    /// The command is accepted and nothing happens.
    #[must_use]
    #[track_caller]
    pub fn then_nothing(self) -> Scenario<D> {
        self.expect(Expected::Events(Vec::new()))
    }

    /// Expects something of the outcome, events or rejection, in words and as a predicate.
    #[must_use]
    #[track_caller]
    pub fn then_matches(
        self,
        words: impl Into<String>,
        predicate: impl Fn(&Outcome<D>) -> bool + Send + Sync + 'static,
    ) -> Scenario<D> {
        self.expect(Expected::Matching(words.into(), Arc::new(predicate)))
    }

    /// Expects something of the state afterwards, whatever the outcome was, in words and as a predicate.
    #[must_use]
    #[track_caller]
    pub fn then_state(
        self,
        words: impl Into<String>,
        predicate: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Scenario<D> {
        self.scenario.then_state(words, predicate)
    }

    /// Expects that a [`Sentence`] of the model holds of the state afterwards, whatever the outcome was, with these values in its slots.
    #[must_use]
    #[track_caller]
    pub fn then_says<A>(self, sentence: &Sentence<D::State, A>, values: A) -> Scenario<D>
    where
        A: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
        D::State: 'static,
    {
        self.scenario.then_says(sentence, values)
    }
}
