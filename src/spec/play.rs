//! How a scenario is run: its history is folded, its commands are decided, and each expectation is held against the answer.

use super::expect::NOTHING_EXPECTED;
use super::failure::{Failure, HistoryLine, ScenarioAnswer, Showing, unlike};
use super::panics::caught;
use super::place::Place;
use super::scenario::{Expected, Given, Scenario, Specified, Step};
use super::why::explain;
use crate::decider::Outcome;
use crate::fold::Fold;
use crate::recorded::Version;

impl<D: Specified> Scenario<D> {
    /// Runs the scenario with a decider.
    ///
    /// # Errors
    /// The first expectation that does not hold. A scenario that expects nothing is a failure too. An open question always holds.
    pub fn run(&self, decider: &D) -> Result<(), Box<Failure>> {
        self.run_showing(decider, None)
    }

    /// Runs the scenario; a failure shows the state as this function says it, if that says it.
    pub(super) fn run_showing(&self, decider: &D, show: Option<ShowState<D>>) -> Result<(), Box<Failure>> {
        if self.question { Ok(()) } else { self.play(decider, show, &mut |_, _, _| ()) }
    }

    /// Whether the scenario holds of a decider: [`run`](Self::run) without a page about what is wrong, for callers that ask often.
    pub(crate) fn holds(&self, decider: &D) -> bool {
        let play = Play { is_quiet: true, ..Play::new(self, decider) };
        self.question || self.play_on(play, &mut |_, _, _| ()).is_ok()
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
        let _ = self.play(decider, None, &mut observe);
    }

    /// Runs the scenario and calls `observe` with each decision.
    pub(super) fn play(
        &self,
        decider: &D,
        show: Option<ShowState<D>>,
        observe: &mut impl FnMut(&D::State, &D::Command, &Outcome<D>),
    ) -> Result<(), Box<Failure>> {
        self.play_on(Play { show, ..Play::new(self, decider) }, observe)
    }

    fn play_on<'a>(
        &'a self,
        mut play: Play<'a, D>,
        observe: &mut impl FnMut(&D::State, &D::Command, &Outcome<D>),
    ) -> Result<(), Box<Failure>> {
        for given in &self.given {
            match given {
                Given::Event(event) => {
                    play.fold_event(event.clone());
                    if play.panicked.is_some() {
                        return Err(
                            play.failure(&self.place, ScenarioAnswer::Words("the history folds".into()))
                        );
                    }
                }
                Given::Command(command) => {
                    play.decide(std::slice::from_ref(command), observe);
                    if play.outcome.is_err() || play.panicked.is_some() {
                        let expected = ScenarioAnswer::Words("the given command is accepted".into());
                        return Err(play.failure(&self.place, expected));
                    }
                    play.commands = &[];
                }
            }
        }
        if self.steps.is_empty() {
            let expected = ScenarioAnswer::Words(NOTHING_EXPECTED.into());
            return Err(Box::new(Failure {
                actual: ScenarioAnswer::Words("this scenario expects nothing".into()),
                ..*play.failure(&self.place, expected)
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

/// Says a state in words, if it is one that is said so.
pub(super) type ShowState<D> = fn(&<D as Fold>::State) -> Option<String>;

/// A scenario while it runs.
struct Play<'a, D: Specified> {
    scenario: &'a Scenario<D>,
    decider: &'a D,
    show: Option<ShowState<D>>,
    /// Whether nobody reads the failure.
    is_quiet: bool,
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
            show: None,
            is_quiet: false,
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

    fn hold(&mut self, expected: &Expected<D>, place: &Place) -> Result<(), Box<Failure>> {
        let (holds, answer) = match expected {
            Expected::Events(events) => (
                Ok(self.outcome.as_ref().is_ok_and(|happened| happened == events)),
                ScenarioAnswer::Events(
                    events.iter().map(|event| self.scenario.showing.event.show(event)).collect(),
                ),
            ),
            Expected::Rejected(rejection) => (
                Ok(self.outcome.as_ref().is_err_and(|found| found == rejection)),
                ScenarioAnswer::Rejection(self.scenario.showing.rejection.show(rejection)),
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

    fn failure(&self, place: &Place, expected: ScenarioAnswer) -> Box<Failure> {
        if self.is_quiet {
            return Box::new(Failure {
                scenario: String::new(),
                place: place.into(),
                history: Vec::new(),
                state: String::new(),
                when: Vec::new(),
                step: None,
                actual: expected.clone(),
                expected,
                remarks: Vec::new(),
                why: None,
            });
        }
        let showing = &self.scenario.showing;
        let mut history = Vec::new();
        let mut events = Vec::new();
        for item in &self.story[..self.step_start] {
            history.push(match item {
                StoryItem::Event(event) => {
                    events.push(event);
                    HistoryLine::Event(Version::new(events.len() as u64), showing.event.show(event))
                }
                StoryItem::Command(command) => HistoryLine::Command(showing.command.show(command)),
            });
        }
        let steps = self.scenario.steps.iter().filter(|step| matches!(step, Step::When(_))).count();
        let commands: Vec<&D::Command> = self.commands.iter().collect();
        let why = if commands.is_empty() || self.panicked.is_some() {
            None
        } else {
            explain(self.decider, &events, &commands).filter(|why| why.enough.len() < events.len())
        };
        let state = caught(|| {
            let state = self.decider.fold(events.iter().copied());
            self.show.and_then(|show| show(&state)).unwrap_or_else(|| Showing::default().show(&state))
        });
        Box::new(Failure {
            scenario: self.scenario.name.clone(),
            place: place.into(),
            history,
            state: state.unwrap_or_else(|panic| format!("unknown, evolve panicked: {panic}")),
            when: self.commands.iter().map(|command| showing.command.show(command)).collect(),
            step: (steps > 1 && !commands.is_empty()).then_some((self.questions, steps)),
            expected,
            actual: match (&self.panicked, &self.outcome) {
                (Some(panic), _) => ScenarioAnswer::Words(format!("it panicked: {panic}")),
                (None, Ok(events)) => {
                    ScenarioAnswer::Events(events.iter().map(|event| showing.event.show(event)).collect())
                }
                (None, Err(rejection)) => {
                    ScenarioAnswer::Rejection(self.scenario.showing.rejection.show(rejection))
                }
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
