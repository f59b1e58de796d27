//! All scenarios of a model as one value.

use super::document::{Chapter, Document, Prose, process_prose, scenario_prose, view_prose};
use super::failure::{Failure, SourceLocation};
use super::play::ShowState;
use super::process::{ProcessScenario, SpecifiedProcess};
use super::scenario::{Scenario, Specified};
use super::view::{SpecifiedView, ViewScenario};
use crate::message::{Message, Words, composed_in_words};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

/// The scenarios of a model: of its decider, and of the views and process managers that belong to it.
///
/// Assert it as a whole, split it into [`cases`](Self::cases), render it as a [`document`](Self::document), or run it against
/// another decider of the same messages.
///
/// ```
/// # use leftfold::{Decider, Fold};
/// use leftfold::spec::{Scenario, Specification};
/// # use serde::{Deserialize, Serialize};
/// # struct Lamp;
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Command { SwitchOn }
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Event { WentOn }
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Rejection { AlreadyOn }
/// # impl Fold for Lamp {
/// #     type State = bool; type Event = Event;
/// #     fn initial_state(&self) -> bool { false }
/// #     fn evolve(&self, _: bool, _: &Event) -> bool { true }
/// # }
/// # impl Decider for Lamp {
/// #     type Command = Command; type Rejection = Rejection;
/// #     fn decide(&self, _: &Command, on: &bool) -> Result<Vec<Event>, Rejection> {
/// #         if *on { Err(Rejection::AlreadyOn) } else { Ok(vec![Event::WentOn]) }
/// #     }
/// # }
///
/// let specification = Specification::<Lamp>::new().scenarios([
///     Scenario::named("a lamp goes on").when(Command::SwitchOn).then([Event::WentOn]),
///     Scenario::named("but not twice")
///         .given([Event::WentOn])
///         .when(Command::SwitchOn)
///         .then_rejected(Rejection::AlreadyOn),
///     Scenario::open_question("May it go off by itself?"),
/// ]);
/// specification.assert(&Lamp);
///
/// assert_eq!(specification.document("lamp").to_gherkin(), "\
/// Feature: lamp
///
///   Scenario: a lamp goes on
///     When switch on
///     Then went on
///
///   Scenario: but not twice
///     Given went on
///     When switch on
///     Then it is refused: already on
///
///   @open-question
///   Scenario: May it go off by itself?
/// ");
/// ```
pub struct Specification<D: Specified> {
    scenarios: Vec<Scenario<D>>,
    parts: Vec<Arc<dyn Part>>,
    words: Words,
    show: Option<ShowState<D>>,
}

impl<D: Specified> Clone for Specification<D> {
    fn clone(&self) -> Self {
        Specification {
            scenarios: self.scenarios.clone(),
            parts: self.parts.clone(),
            words: self.words.clone(),
            show: self.show,
        }
    }
}

impl<D: Specified> Default for Specification<D> {
    fn default() -> Self {
        Specification { scenarios: Vec::new(), parts: Vec::new(), words: Words::default(), show: None }
    }
}

impl<D: Specified> fmt::Debug for Specification<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Specification").field("scenarios", &self.scenarios).finish_non_exhaustive()
    }
}

impl<D: Specified> Specification<D> {
    /// A specification without scenarios.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds scenarios of the decider.
    #[must_use]
    pub fn scenarios(mut self, scenarios: impl IntoIterator<Item = Scenario<D>>) -> Self {
        self.scenarios.extend(scenarios);
        self
    }

    /// Adds a view with its scenarios.
    #[must_use]
    pub fn view<V>(
        mut self,
        title: impl Into<String>,
        view: V,
        scenarios: impl IntoIterator<Item = ViewScenario<V>>,
    ) -> Self
    where
        V: SpecifiedView<Event: Message + Send + Sync, State: Serialize + Send + Sync>
            + Send
            + Sync
            + 'static,
    {
        let scenarios = scenarios.into_iter().collect();
        self.parts.push(Arc::new(ViewPart { title: title.into(), view, scenarios }));
        self
    }

    /// Adds a process manager with its scenarios.
    #[must_use]
    pub fn process<P>(
        mut self,
        title: impl Into<String>,
        process: P,
        scenarios: impl IntoIterator<Item = ProcessScenario<P>>,
    ) -> Self
    where
        P: SpecifiedProcess<Event: Message + Send + Sync, Command: Message + Send + Sync>
            + Send
            + Sync
            + 'static,
    {
        let scenarios = scenarios.into_iter().collect();
        self.parts.push(Arc::new(ProcessPart { title: title.into(), process, scenarios }));
        self
    }

    /// The sentences with which documents say messages that the plain rule does not fit.
    #[must_use]
    pub fn words(mut self, words: Words) -> Self {
        self.words = words;
        self
    }

    /// The scenarios of the decider.
    pub fn of_decider(&self) -> &[Scenario<D>] {
        &self.scenarios
    }

    /// Every scenario as a test of its own, for a test harness that lists tests. For `libtest-mimic`, `Model::trials` has done
    /// this already (feature `libtest-mimic`).
    ///
    /// ```
    /// # use leftfold::{Model, Modelled};
    /// # fn each<D: Modelled>(model: Model<D>) {
    /// for case in model.specification().cases(model.decider()) {
    ///     println!("{} … {}", case.name, if case.run().is_ok() { "ok" } else { "failed" });
    /// }
    /// # }
    /// ```
    pub fn cases<'a>(&'a self, decider: &'a D) -> Vec<ScenarioCase<'a>>
    where
        D: Specified<Event: Send + Sync, Command: Send + Sync, Rejection: Send + Sync> + Sync,
    {
        let own = self.scenarios.iter().map(|scenario| ScenarioCase {
            part: None,
            name: scenario.name(),
            is_question: scenario.is_question(),
            place: (&scenario.place).into(),
            run: Box::new(|| scenario.run_showing(decider, self.show)),
        });
        own.chain(self.parts.iter().flat_map(|part| part.cases())).collect()
    }

    /// Runs every scenario with the decider and panics, at the line of the caller, with all failures.
    ///
    /// # Panics
    /// When a scenario does not hold, and when there are no scenarios besides open questions.
    #[track_caller]
    pub fn assert(&self, decider: &D)
    where
        D: Specified<Event: Send + Sync, Command: Send + Sync, Rejection: Send + Sync> + Sync,
    {
        let cases = self.cases(decider);
        let is_any = cases.iter().any(|case| !case.is_question);
        assert!(is_any, "nothing was held against the decider: give the specification scenarios");
        let failures: Vec<String> =
            cases.iter().filter_map(|case| case.run().err()).map(|f| f.to_string()).collect();
        assert!(failures.is_empty(), "\n{}\n", failures.join("\n\n\n"));
    }

    /// Failed scenarios show a composed state by the names of its parts.
    pub(crate) fn naming_parts(self) -> Self
    where
        D::State: Serialize,
    {
        Specification { show: Some(composed_in_words), ..self }
    }

    /// The words in which documents and stories say messages.
    pub(crate) fn in_words(&self) -> &Words {
        &self.words
    }

    /// The specification as a document for domain experts, without a word of Rust.
    pub fn document(&self, title: impl Into<String>) -> Document
    where
        D: Specified<Event: Message, Command: Message, Rejection: Message>,
    {
        let own = self.scenarios.iter().map(|scenario| scenario_prose(scenario, &self.words)).collect();
        let mut chapters = vec![Chapter { title: None, scenarios: own }];
        chapters.extend(self.parts.iter().map(|part| Chapter {
            title: Some(part.title().to_string()),
            scenarios: part.prose(&self.words),
        }));
        Document { title: title.into(), chapters }
    }
}

/// One scenario of a specification, ready to run.
pub struct ScenarioCase<'a> {
    /// The view or process manager it is about; `None` for the decider itself.
    pub part: Option<&'a str>,
    /// The scenario's name.
    pub name: &'a str,
    /// Whether it is an open question, which always holds.
    pub is_question: bool,
    /// The line at which the scenario begins.
    pub place: SourceLocation,
    run: Box<dyn Fn() -> Result<(), Box<Failure>> + Send + Sync + 'a>,
}

impl ScenarioCase<'_> {
    /// Runs the scenario.
    ///
    /// # Errors
    /// The first expectation that does not hold.
    pub fn run(&self) -> Result<(), Box<Failure>> {
        (self.run)()
    }
}

impl fmt::Debug for ScenarioCase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScenarioCase")
            .field("part", &self.part)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A view or a process manager with its scenarios, of any types.
trait Part: Send + Sync {
    fn title(&self) -> &str;
    fn cases(&self) -> Vec<ScenarioCase<'_>>;
    fn prose(&self, words: &Words) -> Vec<Prose>;
}

struct ViewPart<V: SpecifiedView> {
    title: String,
    view: V,
    scenarios: Vec<ViewScenario<V>>,
}

impl<V> Part for ViewPart<V>
where
    V: SpecifiedView<Event: Message + Send + Sync, State: Serialize + Send + Sync> + Send + Sync,
{
    fn title(&self) -> &str {
        &self.title
    }

    fn cases(&self) -> Vec<ScenarioCase<'_>> {
        self.scenarios
            .iter()
            .map(|scenario| ScenarioCase {
                part: Some(&self.title),
                name: scenario.name(),
                is_question: scenario.is_question(),
                place: (&scenario.place).into(),
                run: Box::new(|| scenario.run(&self.view)),
            })
            .collect()
    }

    fn prose(&self, words: &Words) -> Vec<Prose> {
        self.scenarios.iter().map(|scenario| view_prose(scenario, words)).collect()
    }
}

struct ProcessPart<P: SpecifiedProcess> {
    title: String,
    process: P,
    scenarios: Vec<ProcessScenario<P>>,
}

impl<P> Part for ProcessPart<P>
where
    P: SpecifiedProcess<Event: Message + Send + Sync, Command: Message + Send + Sync> + Send + Sync,
{
    fn title(&self) -> &str {
        &self.title
    }

    fn cases(&self) -> Vec<ScenarioCase<'_>> {
        self.scenarios
            .iter()
            .map(|scenario| ScenarioCase {
                part: Some(&self.title),
                name: scenario.name(),
                is_question: scenario.is_question(),
                place: (&scenario.place).into(),
                run: Box::new(|| scenario.run(&self.process)),
            })
            .collect()
    }

    fn prose(&self, words: &Words) -> Vec<Prose> {
        self.scenarios.iter().map(|scenario| process_prose(scenario, words)).collect()
    }
}
