//! Scenarios of process managers: given events, when an event, then what is owed.

use super::expect::NOTHING_EXPECTED;
use super::failure::{Failure, HistoryLine, ScenarioAnswer, Showing, unlike};
use super::label::Labels;
use super::panics::caught;
use super::place::Place;
use crate::process::{Due, Owed, ProcessManager, owed_twice};
use crate::recorded::Version;
use im::Vector;
use std::fmt::{self, Debug};

/// What given-when-then needs of a process manager.
pub trait SpecifiedProcess:
    ProcessManager<Event: Clone + Debug, Command: Clone + Debug + PartialEq, State: Debug>
{
}

impl<P> SpecifiedProcess for P where
    P: ProcessManager<Event: Clone + Debug, Command: Clone + Debug + PartialEq, State: Debug>
{
}

/// A specification by example of a process manager: given events, when an event, then the commands that it makes owed, or the
/// whole to-do list.
///
/// ```
/// use leftfold::{Owed, process_manager, spec::ProcessScenario};
///
/// let calls = process_manager(
///     im::OrdSet::new,
///     |waiting: im::OrdSet<i32>, call: &i32| if *call > 0 { waiting.update(*call) } else { waiting.without(&-call) },
///     |waiting| waiting.iter().map(|call| Owed::now(call.to_string(), *call)).collect(),
/// );
/// ProcessScenario::named("a caller is owed an answer until it is given")
///     .given([1])
///     .when(2)
///     .then([2])
///     .and_when(-1)
///     .then_pending([Owed::now("2", 2)])
///     .assert(&calls);
/// ```
pub struct ProcessScenario<P: SpecifiedProcess> {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) question: bool,
    pub(super) labels: Labels,
    pub(super) steps: Vector<Step<P>>,
    /// How a failure shows events and commands.
    pub(super) showing_event: Showing<P::Event>,
    pub(super) showing_command: Showing<P::Command>,
}

pub(super) enum Step<P: SpecifiedProcess> {
    Given(P::Event),
    When(P::Event),
    Then(Expected<P>, Place),
}

pub(super) enum Expected<P: SpecifiedProcess> {
    Commands(Vec<P::Command>),
    /// The commands of the whole to-do list, under whatever keys.
    Owed(Vec<P::Command>),
    Pending(Vec<Owed<P::Command>>),
}

impl<P: SpecifiedProcess> Expected<P> {
    fn answer(&self, showing: &Showing<P::Command>) -> ScenarioAnswer {
        let shown = |command| showing.show(command);
        match self {
            Expected::Commands(commands) => ScenarioAnswer::Commands(commands.iter().map(shown).collect()),
            Expected::Owed(commands) => ScenarioAnswer::ToDo(commands.iter().map(shown).collect()),
            Expected::Pending(list) => {
                ScenarioAnswer::ToDo(list.iter().map(|owed| item(owed, showing)).collect())
            }
        }
    }
}

impl<P: SpecifiedProcess> Step<P> {
    fn event(&self) -> Option<&P::Event> {
        match self {
            Step::Given(event) | Step::When(event) => Some(event),
            Step::Then(..) => None,
        }
    }
}

impl<P: SpecifiedProcess> Clone for Step<P> {
    fn clone(&self) -> Self {
        match self {
            Step::Given(event) => Step::Given(event.clone()),
            Step::When(event) => Step::When(event.clone()),
            Step::Then(expected, place) => Step::Then(expected.clone(), place.clone()),
        }
    }
}

impl<P: SpecifiedProcess> Clone for Expected<P> {
    fn clone(&self) -> Self {
        match self {
            Expected::Commands(commands) => Expected::Commands(commands.clone()),
            Expected::Owed(commands) => Expected::Owed(commands.clone()),
            Expected::Pending(list) => Expected::Pending(list.clone()),
        }
    }
}

impl<P: SpecifiedProcess> Clone for ProcessScenario<P> {
    fn clone(&self) -> Self {
        ProcessScenario {
            name: self.name.clone(),
            place: self.place.clone(),
            question: self.question,
            labels: self.labels.clone(),
            steps: self.steps.clone(),
            showing_event: self.showing_event.clone(),
            showing_command: self.showing_command.clone(),
        }
    }
}

impl<P: SpecifiedProcess> Debug for ProcessScenario<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ProcessScenario");
        shown.field("name", &self.name).field("place", &self.place).finish_non_exhaustive()
    }
}

impl<P: SpecifiedProcess> ProcessScenario<P> {
    /// A scenario of this name.
    #[track_caller]
    pub fn named(name: impl Into<String>) -> Self {
        Self::named_at(name.into(), Place::here())
    }

    pub(super) fn named_at(name: String, place: Place) -> Self {
        let (showing_event, showing_command) = (Showing::default(), Showing::default());
        let (labels, steps) = (Labels::default(), Vector::new());
        ProcessScenario { name, place, question: false, labels, steps, showing_event, showing_command }
    }

    /// A question that the domain experts could not answer yet. Reports list it; it is not asserted.
    #[track_caller]
    pub fn open_question(question: impl Into<String>) -> Self {
        ProcessScenario { question: true, ..Self::named(question) }
    }

    /// This scenario so far under another name.
    #[must_use]
    #[track_caller]
    pub fn fork(&self, name: impl Into<String>) -> Self {
        ProcessScenario { name: name.into(), place: Place::here(), ..self.clone() }
    }

    /// Events that the process manager has seen, or sees next.
    #[must_use]
    pub fn given(mut self, events: impl IntoIterator<Item = P::Event>) -> Self {
        let is_late = self.steps.last().is_some_and(|step| !matches!(step, Step::Given(_)));
        self.steps.extend(events.into_iter().map(if is_late { Step::When } else { Step::Given }));
        self
    }

    /// The event in question.
    pub fn when(mut self, event: P::Event) -> WhenEvent<P> {
        self.steps.push_back(Step::When(event));
        WhenEvent { scenario: self }
    }

    /// The next event.
    pub fn and_when(self, event: P::Event) -> WhenEvent<P> {
        self.when(event)
    }

    /// Exactly these commands are owed at this point, in this order, under whatever keys and deadlines.
    ///
    /// ```
    /// use leftfold::{Owed, process_manager, spec::ProcessScenario};
    ///
    /// let calls = process_manager(Vec::new, |calls: Vec<u32>, call: &u32| [calls, vec![*call]].concat(), |calls| {
    ///     calls.iter().map(|call| Owed::now(format!("call {call}"), *call)).collect()
    /// });
    /// ProcessScenario::named("every caller is owed an answer").given([1, 2]).then_owed([1, 2]).assert(&calls);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn then_owed(mut self, commands: impl IntoIterator<Item = P::Command>) -> Self {
        let expected = Expected::Owed(commands.into_iter().collect());
        self.steps.push_back(Step::Then(expected, Place::here()));
        self
    }

    /// Exactly these items are on the to-do list at this point, in this order: their commands, keys and deadlines.
    /// [`then_owed`](Self::then_owed) names the commands alone.
    #[must_use]
    #[track_caller]
    pub fn then_pending(mut self, list: impl IntoIterator<Item = Owed<P::Command>>) -> Self {
        let list: Vec<_> = list.into_iter().collect();
        // Nothing has neither a key nor a deadline.
        let expected = if list.is_empty() { Expected::Owed(Vec::new()) } else { Expected::Pending(list) };
        self.steps.push_back(Step::Then(expected, Place::here()));
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

    pub(super) fn steps(&self) -> impl Iterator<Item = &Step<P>> {
        self.steps.iter()
    }

    /// Runs the scenario with a process manager.
    ///
    /// # Errors
    /// The first expectation that does not hold. A scenario that expects nothing is a failure too. An open question always holds.
    pub fn run(&self, process: &P) -> Result<(), Box<Failure>> {
        if self.question {
            return Ok(());
        }
        caught(|| self.hold_all(process)).unwrap_or_else(|panic| {
            let seen: Vec<&P::Event> = self.steps.iter().filter_map(Step::event).collect();
            let expected = ScenarioAnswer::Words("an answer".into());
            let actual = ScenarioAnswer::Words(format!("it panicked: {panic}"));
            Err(self.failure(process, &seen, None, &self.place, expected, actual))
        })
    }

    fn hold_all(&self, process: &P) -> Result<(), Box<Failure>> {
        // Both states are folded again for each expectation: a state need not be `Clone`.
        let mut seen: Vec<&P::Event> = Vec::new();
        let mut last_event = None;
        let mut expectations = 0;
        for step in &self.steps {
            match step {
                Step::Given(event) => seen.push(event),
                Step::When(event) => {
                    seen.extend(last_event.replace(event));
                }
                Step::Then(expected, place) => {
                    expectations += 1;
                    self.hold(process, &seen, last_event, expected, place)?;
                }
            }
        }
        if expectations == 0 {
            let expected = ScenarioAnswer::Words(NOTHING_EXPECTED.into());
            let actual = ScenarioAnswer::Words("this scenario expects nothing".into());
            return Err(self.failure(process, &seen, None, &self.place, expected, actual));
        }
        Ok(())
    }

    /// Runs the scenario with a process manager and panics, at the line of the caller, if it does not hold.
    ///
    /// # Panics
    /// With the whole [`Failure`] as its message.
    #[track_caller]
    pub fn assert(&self, process: &P) {
        if let Err(failure) = self.run(process) {
            panic!("\n{failure}\n");
        }
    }

    fn hold(
        &self,
        process: &P,
        seen: &[&P::Event],
        last_event: Option<&P::Event>,
        expected: &Expected<P>,
        place: &Place,
    ) -> Result<(), Box<Failure>> {
        let before = process.fold(seen.iter().copied());
        let after = process.fold(seen.iter().copied().chain(last_event));
        for state in [&before, &after] {
            if let Some(twice) = owed_twice(&process.pending(state)) {
                let actual = ScenarioAnswer::Words(twice);
                return Err(self.failure(
                    process,
                    seen,
                    last_event,
                    place,
                    expected.answer(&self.showing_command),
                    actual,
                ));
            }
        }
        let (actual, unlike) = match expected {
            Expected::Commands(expected) => {
                let commands: Vec<P::Command> =
                    process.reactions(&before, &after).into_iter().map(|owed| owed.command).collect();
                if commands == *expected {
                    return Ok(());
                }
                let unlike = unlike(expected, &commands, "command");
                (Expected::<P>::Commands(commands), unlike)
            }
            Expected::Owed(expected) => {
                let list: Vec<P::Command> =
                    process.pending(&after).into_iter().map(|owed| owed.command).collect();
                if list == *expected {
                    return Ok(());
                }
                let unlike = unlike(expected, &list, "command");
                (Expected::Owed(list), unlike)
            }
            Expected::Pending(expected) => {
                let list = process.pending(&after);
                if list == *expected {
                    return Ok(());
                }
                let unlike = unlike(expected, &list, "item");
                (Expected::Pending(list), unlike)
            }
        };
        let (expected, actual) =
            (expected.answer(&self.showing_command), actual.answer(&self.showing_command));
        let mut failure = self.failure(process, seen, last_event, place, expected, actual);
        failure.remarks.extend(unlike);
        Err(failure)
    }

    fn failure(
        &self,
        process: &P,
        seen: &[&P::Event],
        last_event: Option<&P::Event>,
        place: &Place,
        expected: ScenarioAnswer,
        actual: ScenarioAnswer,
    ) -> Box<Failure> {
        let questions = self.steps.iter().filter(|step| matches!(step, Step::When(_))).count();
        let given = self.steps.iter().filter(|step| matches!(step, Step::Given(_))).count();
        Box::new(Failure {
            scenario: self.name.clone(),
            place: place.into(),
            history: seen
                .iter()
                .zip(1..)
                .map(|(e, i)| HistoryLine::Event(Version::new(i), self.showing_event.show(e)))
                .collect(),
            state: caught(|| Showing::default().show(&process.fold(seen.iter().copied())))
                .unwrap_or_else(|panic| format!("unknown, evolve panicked: {panic}")),
            when: last_event.map(|event| self.showing_event.show(event)).into_iter().collect(),
            step: (questions > 1).then_some((seen.len().saturating_sub(given) + 1, questions)),
            expected,
            actual,
            remarks: Vec::new(),
            why: None,
        })
    }
}

/// One item of a to-do list on one line: its key, its deadline if it has one, its command.
fn item<C: Debug>(owed: &Owed<C>, showing: &Showing<C>) -> String {
    let due = match owed.due {
        Due::Now => String::new(),
        Due::At(from) => format!(" (due {from})"),
        Due::Until(end) => format!(" (due until {end})"),
        Due::Between(from, end) => format!(" (due {from} until {end})"),
    };
    format!("{}{due}  {}", owed.key, showing.show(&owed.command))
}

/// A scenario after its `when`; continue with what is expected.
#[must_use = "a `when` without a `then` expects nothing"]
pub struct WhenEvent<P: SpecifiedProcess> {
    scenario: ProcessScenario<P>,
}

impl<P: SpecifiedProcess> fmt::Debug for WhenEvent<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhenEvent").field("scenario", &self.scenario).finish()
    }
}

impl<P: SpecifiedProcess> WhenEvent<P> {
    /// The event makes exactly these commands owed, in this order.
    #[must_use]
    #[track_caller]
    pub fn then(mut self, commands: impl IntoIterator<Item = P::Command>) -> ProcessScenario<P> {
        let expected = Expected::Commands(commands.into_iter().collect());
        self.scenario.steps.push_back(Step::Then(expected, Place::here()));
        self.scenario
    }

    /// The event makes nothing owed.
    #[must_use]
    #[track_caller]
    pub fn then_nothing(self) -> ProcessScenario<P> {
        self.then([])
    }

    /// Exactly these commands are owed after the event, in this order, under whatever keys and deadlines.
    #[must_use]
    #[track_caller]
    pub fn then_owed(self, commands: impl IntoIterator<Item = P::Command>) -> ProcessScenario<P> {
        self.scenario.then_owed(commands)
    }

    /// Exactly these items are on the to-do list after the event, in this order: their commands, keys and deadlines.
    #[must_use]
    #[track_caller]
    pub fn then_pending(self, list: impl IntoIterator<Item = Owed<P::Command>>) -> ProcessScenario<P> {
        self.scenario.then_pending(list)
    }
}
