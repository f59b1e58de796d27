//! Scenarios of deciders: given a history, when a command, then events or a rejection.

use super::expect::{NOTHING_EXPECTED, Predicate};
use super::failure::{Failure, HistoryLine, ScenarioAnswer, shown, unlike};
use super::panics::caught;
use super::why::explain;
use crate::decider::{Decider, Outcome};
use crate::recorded::Version;
use im::Vector;
use std::fmt::{self, Debug};
use std::panic::Location;
use std::sync::Arc;

/// What given-when-then needs of a decider: events and rejections that compare, and everything printable.
///
/// Implemented by every decider whose types derive `Clone`, `Debug` and `PartialEq`; serde is not needed.
pub trait Specified:
    Decider<
        Event: Clone + Debug + PartialEq,
        Command: Clone + Debug,
        Rejection: Clone + Debug + PartialEq,
        State: Debug,
    >
{
}

impl<D> Specified for D where
    D: Decider<
            Event: Clone + Debug + PartialEq,
            Command: Clone + Debug,
            Rejection: Clone + Debug + PartialEq,
            State: Debug,
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
pub struct Scenario<D: Specified> {
    name: String,
    pub(super) place: &'static Location<'static>,
    question: bool,
    given: Vector<Given<D::Event, D::Command>>,
    steps: Vector<Step<D>>,
}

#[derive(Clone)]
pub(super) enum Given<E, C> {
    Event(E),
    Command(C),
}

pub(super) enum Step<D: Specified> {
    When(Vec<D::Command>),
    Then(Expected<D>, &'static Location<'static>),
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
            Step::Then(expected, place) => Step::Then(expected.clone(), place),
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
            place: self.place,
            question: self.question,
            given: self.given.clone(),
            steps: self.steps.clone(),
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

impl<D: Specified> Scenario<D> {
    /// A scenario of this name: a sentence that a domain expert would say.
    #[track_caller]
    pub fn named(name: impl Into<String>) -> Self {
        Scenario {
            name: name.into(),
            place: Location::caller(),
            question: false,
            given: Vector::new(),
            steps: Vector::new(),
        }
    }

    /// A question that the domain experts could not answer yet. It may have a history and steps, which are not checked. Reports
    /// and documents list it until it is answered.
    #[track_caller]
    pub fn open_question(question: impl Into<String>) -> Self {
        Scenario { question: true, ..Scenario::named(question) }
    }

    /// This scenario so far, under another name.
    #[must_use]
    #[track_caller]
    pub fn fork(&self, name: impl Into<String>) -> Self {
        Scenario { name: name.into(), place: Location::caller(), ..self.clone() }
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
        self.steps
            .push_back(Step::Then(Expected::State(words.into(), Arc::new(predicate)), Location::caller()));
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is an open question.
    pub fn is_question(&self) -> bool {
        self.question
    }

    pub(super) fn history(&self) -> impl Iterator<Item = &Given<D::Event, D::Command>> {
        self.given.iter()
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = &Step<D>> {
        self.steps.iter()
    }

    /// Runs the scenario with a decider.
    ///
    /// # Errors
    /// The first expectation that does not hold. A scenario that expects nothing is a failure too. An open question always holds.
    pub fn run(&self, decider: &D) -> Result<(), Box<Failure>> {
        if self.question { Ok(()) } else { self.play(decider, &mut |_, _, _| ()) }
    }

    /// Runs the scenario with a decider and panics, at the line of the caller, if it does not hold.
    ///
    /// # Panics
    /// With the whole [`Failure`] as its message.
    #[track_caller]
    pub fn assert(&self, decider: &D) {
        if let Err(failure) = self.run(decider) {
            panic!("\n{failure}\n");
        }
    }

    /// Runs the scenario and calls `observe` with each of its decisions: the state, the command and the outcome. Stops at a failure.
    pub fn decisions(&self, decider: &D, mut observe: impl FnMut(&D::State, &D::Command, &Outcome<D>)) {
        // Callers that want to know whether it holds call `run`.
        let _ = self.play(decider, &mut observe);
    }

    /// Runs the scenario and calls `observe` with each decision.
    pub(super) fn play(
        &self,
        decider: &D,
        observe: &mut impl FnMut(&D::State, &D::Command, &Outcome<D>),
    ) -> Result<(), Box<Failure>> {
        let mut play = Play::new(self, decider);
        for given in &self.given {
            match given {
                Given::Event(event) => {
                    play.fold_event(event.clone());
                    if play.panicked.is_some() {
                        return Err(
                            play.failure(self.place, ScenarioAnswer::Words("the history folds".into()))
                        );
                    }
                }
                Given::Command(command) => {
                    play.decide(std::slice::from_ref(command), observe);
                    if play.outcome.is_err() || play.panicked.is_some() {
                        let expected = ScenarioAnswer::Words("the given command is accepted".into());
                        return Err(play.failure(self.place, expected));
                    }
                    play.commands = &[];
                }
            }
        }
        if self.steps.is_empty() {
            let expected = ScenarioAnswer::Words(NOTHING_EXPECTED.into());
            return Err(Box::new(Failure {
                actual: ScenarioAnswer::Words("this scenario expects nothing".into()),
                ..*play.failure(self.place, expected)
            }));
        }
        for step in &self.steps {
            match step {
                Step::When(commands) => {
                    play.questions += 1;
                    play.decide(commands, observe);
                }
                Step::Then(expected, place) => play.hold(expected, place)?,
            }
        }
        Ok(())
    }
}

/// A scenario after its `when`; continue with what is expected.
#[must_use = "a `when` without a `then` expects nothing"]
pub struct When<D: Specified> {
    scenario: Scenario<D>,
}

impl<D: Specified> When<D> {
    #[track_caller]
    fn expect(mut self, expected: Expected<D>) -> Scenario<D> {
        self.scenario.steps.push_back(Step::Then(expected, Location::caller()));
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
}

/// A scenario while it runs.
struct Play<'a, D: Specified> {
    scenario: &'a Scenario<D>,
    decider: &'a D,
    /// `None` only while an event is folded.
    state: Option<D::State>,
    /// Everything that has happened, commands before their events.
    story: Vec<StoryItem<'a, D>>,
    /// The index in the story at which the current step begins.
    step_start: usize,
    /// The commands of the current step.
    commands: &'a [D::Command],
    outcome: Outcome<D>,
    /// How many steps with a `when` have begun.
    questions: usize,
    /// The message of the model's panic.
    panicked: Option<String>,
}

enum StoryItem<'a, D: Specified> {
    Event(D::Event),
    Command(&'a D::Command),
}

impl<'a, D: Specified> Play<'a, D> {
    fn new(scenario: &'a Scenario<D>, decider: &'a D) -> Self {
        Play {
            scenario,
            decider,
            state: Some(decider.initial_state()),
            story: Vec::new(),
            step_start: 0,
            commands: &[],
            outcome: Ok(Vec::new()),
            questions: 0,
            panicked: None,
        }
    }

    fn fold_event(&mut self, event: D::Event) {
        if let Some(state) = self.state.take() {
            match caught(|| self.decider.evolve(state, &event)) {
                Ok(state) => self.state = Some(state),
                Err(panic) => self.panicked = Some(panic),
            }
        }
        self.story.push(StoryItem::Event(event));
        self.step_start = self.story.len();
    }

    /// Decides commands one after another, up to the first rejection.
    fn decide(
        &mut self,
        commands: &'a [D::Command],
        observe: &mut impl FnMut(&D::State, &D::Command, &Outcome<D>),
    ) {
        self.commands = commands;
        let start = self.story.len();
        let mut all = Vec::new();
        self.outcome = 'decided: {
            for command in commands {
                let Some(state) = &self.state else { break };
                let outcome = match caught(|| self.decider.decide(command, state)) {
                    Ok(outcome) => outcome,
                    Err(panic) => {
                        self.panicked = Some(panic);
                        break;
                    }
                };
                observe(state, command, &outcome);
                self.story.push(StoryItem::Command(command));
                match outcome {
                    Ok(events) => {
                        all.extend(events.iter().cloned());
                        events.into_iter().for_each(|event| self.fold_event(event));
                    }
                    Err(rejection) => break 'decided Err(rejection),
                }
            }
            Ok(all)
        };
        self.step_start = start;
    }

    fn hold(
        &mut self,
        expected: &Expected<D>,
        place: &'static Location<'static>,
    ) -> Result<(), Box<Failure>> {
        let (holds, answer) = match expected {
            Expected::Events(events) => (
                Ok(self.outcome.as_ref().is_ok_and(|happened| happened == events)),
                ScenarioAnswer::Events(events.iter().map(shown).collect()),
            ),
            Expected::Rejected(rejection) => (
                Ok(self.outcome.as_ref().is_err_and(|found| found == rejection)),
                ScenarioAnswer::Rejection(shown(rejection)),
            ),
            Expected::Matching(words, predicate) => {
                (caught(|| predicate(&self.outcome)), ScenarioAnswer::Words(words.clone()))
            }
            Expected::State(words, predicate) => (
                caught(|| self.state.as_ref().is_some_and(&**predicate)),
                ScenarioAnswer::Words(words.clone()),
            ),
        };
        if self.panicked.is_none() {
            match holds {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(panic) => self.panicked = Some(panic),
            }
        }
        if let (Expected::State(..), None) = (expected, &self.panicked) {
            // The expectation is about the state after everything, not about the outcome of the last step.
            self.step_start = self.story.len();
            self.commands = &[];
            let actual = ScenarioAnswer::Words("does not hold of the state above".into());
            return Err(Box::new(Failure { actual, ..*self.failure(place, answer) }));
        }
        let mut failure = self.failure(place, answer);
        if let (Expected::Events(events), Ok(happened), None) = (expected, &self.outcome, &self.panicked) {
            failure.remarks.extend(unlike(events, happened, "event"));
        }
        Err(failure)
    }

    fn failure(&self, place: &'static Location<'static>, expected: ScenarioAnswer) -> Box<Failure> {
        let mut history = Vec::new();
        let mut events = Vec::new();
        for item in &self.story[..self.step_start] {
            history.push(match item {
                StoryItem::Event(event) => {
                    events.push(event);
                    HistoryLine::Event(Version::new(events.len() as u64), shown(event))
                }
                StoryItem::Command(command) => HistoryLine::Command(shown(command)),
            });
        }
        let steps = self.scenario.steps.iter().filter(|step| matches!(step, Step::When(_))).count();
        let commands: Vec<&D::Command> = self.commands.iter().collect();
        let why = if commands.is_empty() || self.panicked.is_some() {
            None
        } else {
            explain(self.decider, &events, &commands).filter(|why| why.enough.len() < events.len())
        };
        let state = caught(|| shown(&self.decider.fold(events.iter().copied())));
        Box::new(Failure {
            scenario: self.scenario.name.clone(),
            place: place.into(),
            history,
            state: state.unwrap_or_else(|panic| format!("unknown, evolve panicked: {panic}")),
            when: self.commands.iter().map(shown).collect(),
            step: (steps > 1 && !commands.is_empty()).then_some((self.questions, steps)),
            expected,
            actual: match (&self.panicked, &self.outcome) {
                (Some(panic), _) => ScenarioAnswer::Words(format!("it panicked: {panic}")),
                (None, Ok(events)) => ScenarioAnswer::Events(events.iter().map(shown).collect()),
                (None, Err(rejection)) => ScenarioAnswer::Rejection(shown(rejection)),
            },
            remarks: caught(|| self.remarks(events)).unwrap_or_default(),
            why,
        })
    }

    /// The decider's remarks on the decisions of the step.
    fn remarks(&self, events: Vec<&D::Event>) -> Vec<String> {
        let mut state = self.decider.fold(events);
        let mut remarks = Vec::new();
        for command in self.commands {
            remarks.extend(self.decider.remarks(command, &state));
            match self.decider.decide(command, &state) {
                Ok(events) => state = self.decider.fold_from(state, &events),
                Err(_) => break,
            }
        }
        remarks
    }
}
