//! All scenarios of a model as one value.

use super::document::Document;
use super::expect::{Predicate, same_words};
use super::failure::SourceLocation;
use super::panics::caught;
use super::part::{OwedCommand, Part, ProcessPart, ScenarioCase, ViewPart};
use super::play::ShowState;
use super::process::{ProcessScenario, SpecifiedProcess};
use super::prose::chapters_of_decider;
use super::scenario::{Expected, Scenario, Specified, Step};
use super::sentence::{DeclaredSentence, Sentence};
use super::unlike::{Compared, scenario_compared};
use super::view::{SpecifiedView, ViewScenario};
use crate::decider::Outcome;
use crate::message::{Message, Words, composed_in_words};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::{Any, TypeId};
use std::collections::BTreeMap;
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
    pub(super) scenarios: Vec<Scenario<D>>,
    pub(super) parts: Vec<Arc<dyn Part>>,
    words: Words,
    /// The words of texts in other languages, by the code of the language.
    pub(super) words_in: BTreeMap<String, Words>,
    show: Option<ShowState<D>>,
    sentences: Vec<DeclaredSentence<D::State>>,
    pub(super) view_sentences: Vec<ViewSentence>,
}

/// A sentence about the states of views.
#[derive(Clone)]
pub(super) struct ViewSentence {
    /// A `DeclaredSentence` about states of this type.
    #[cfg_attr(not(feature = "text"), allow(dead_code, reason = "the reader of texts asks for it"))]
    pub(super) sentence: Arc<dyn Any + Send + Sync>,
    state: TypeId,
    state_name: &'static str,
    pub(super) pattern: String,
    place: SourceLocation,
    fault: Option<String>,
}

impl<D: Specified> Clone for Specification<D> {
    fn clone(&self) -> Self {
        Specification {
            scenarios: self.scenarios.clone(),
            parts: self.parts.clone(),
            words: self.words.clone(),
            words_in: self.words_in.clone(),
            show: self.show,
            sentences: self.sentences.clone(),
            view_sentences: self.view_sentences.clone(),
        }
    }
}

impl<D: Specified> Default for Specification<D> {
    fn default() -> Self {
        Specification {
            scenarios: Vec::new(),
            parts: Vec::new(),
            words: Words::default(),
            words_in: BTreeMap::new(),
            show: None,
            sentences: Vec::new(),
            view_sentences: Vec::new(),
        }
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
        V: SpecifiedView<Event: Message + Send + Sync, State: Serialize + DeserializeOwned + Send + Sync>
            + Send
            + Sync
            + 'static,
    {
        let scenarios = scenarios.into_iter().collect();
        self.parts.push(Arc::new(ViewPart { title: title.into(), view: Arc::new(view), scenarios }));
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
        self.parts.push(Arc::new(ProcessPart { title: title.into(), process: Arc::new(process), scenarios }));
        self
    }

    /// The sentences with which documents say messages that the plain rule does not fit.
    #[must_use]
    pub fn words(mut self, words: Words) -> Self {
        self.words = words;
        self
    }

    /// The sentences for texts in another language, such as "de": those that begin with `# language: de`.
    #[must_use]
    pub fn words_in(mut self, language: impl Into<String>, words: Words) -> Self {
        self.words_in.insert(language.into(), words);
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
            labels: scenario.labels(),
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

    /// The title of each process manager that reads the events of the decider, and what it owes after these; or why it panicked.
    #[allow(clippy::ptr_arg, reason = "a part finds events of its own type by the type of the whole vector")]
    pub(crate) fn owed(&self, history: &Vec<D::Event>) -> Vec<(&str, Result<Vec<OwedCommand>, String>)>
    where
        D: 'static,
    {
        let of = |part: &'_ Arc<dyn Part>| caught(|| part.owed(history, &self.words)).transpose();
        self.parts.iter().filter_map(|part| Some((part.title(), of(part)?))).collect()
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
        let titles: Vec<&str> = self.parts.iter().map(|part| part.title()).collect();
        let mut chapters = chapters_of_decider(&self.scenarios, &titles, &self.words);
        chapters.extend(self.parts.iter().map(|part| part.chapter(&self.words)));
        Document::new(title.into(), chapters)
    }

    /// The first difference to another specification, in a sentence, or `None`: names, labels, steps and expectations of all
    /// scenarios, those of views and process managers included. Predicates are compared by their words.
    ///
    /// ```
    /// use leftfold::{Scenario, Specification, decider};
    /// # use leftfold::spec::Specified;
    /// # use leftfold::message::Message;
    ///
    /// # fn typed<D: Specified<Command = u32, Event = u32, Rejection = String>>(_: D) {
    /// let adds = |event| Specification::<D>::new().scenarios([Scenario::named("one is added").when(1).then([event])]);
    /// assert_eq!(adds(1).unlike(&adds(1)), None);
    /// assert_eq!(
    ///     adds(1).unlike(&adds(2)).unwrap(),
    ///     "scenario \"one is added\": then \"1\" in one, then \"2\" in the other"
    /// );
    /// # }
    /// # typed(decider(|| 0, |n: &u32, _: &u32| Ok::<_, String>(vec![*n]), |sum, n: &u32| sum + n));
    /// ```
    pub fn unlike(&self, other: &Self) -> Option<String>
    where
        D: Specified<Event: Message, Command: Message, Rejection: Message>,
    {
        let own = |specification: &Self| -> Vec<Compared> {
            specification.scenarios.iter().map(|scenario| scenario_compared(scenario, &self.words)).collect()
        };
        if let Some(unlike) = Compared::unlike(&own(self), &own(other)) {
            return Some(unlike);
        }
        let titles = |specification: &Self| -> Vec<String> {
            specification.parts.iter().map(|part| part.title().to_string()).collect()
        };
        let (one, another) = (titles(self), titles(other));
        if one != another {
            return Some(format!("the parts are {one:?} in one, {another:?} in the other"));
        }
        self.parts.iter().zip(&other.parts).find_map(|(part, other)| {
            let unlike = Compared::unlike(&part.compared(&self.words), &other.compared(&self.words))?;
            Some(format!("{}: {unlike}", part.title()))
        })
    }
}

impl<D: Specified> Specification<D> {
    /// Adds a sentence about the states of the decider.
    #[must_use]
    pub fn says<A>(mut self, sentence: &Sentence<D::State, A>) -> Self
    where
        A: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
        D::State: 'static,
    {
        self.sentences.push(sentence.declared());
        self
    }

    /// Adds a sentence about the states of the views whose states have this type.
    #[must_use]
    pub fn view_says<S: 'static, A>(mut self, sentence: &Sentence<S, A>) -> Self
    where
        A: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let sentence = sentence.declared();
        self.view_sentences.push(ViewSentence {
            state: TypeId::of::<S>(),
            state_name: std::any::type_name::<S>(),
            pattern: sentence.pattern().to_string(),
            place: sentence.place().into(),
            fault: sentence.fault().map(str::to_string),
            sentence: Arc::new(sentence),
        });
        self
    }

    /// The sentences about the states of the decider.
    pub(super) fn sentences(&self) -> &[DeclaredSentence<D::State>] {
        &self.sentences
    }

    /// What is wrong with the declared sentences, each with the line at which it was declared.
    pub(crate) fn sentence_faults(&self) -> Vec<(String, SourceLocation)> {
        let mut faults = Vec::new();
        let mut seen: Vec<(Option<TypeId>, &str)> = Vec::new();
        let mut look = |state: Option<TypeId>, pattern, place: SourceLocation, fault: Option<&str>| {
            let twice = seen.iter().any(|(of, other)| *of == state && same_words(other, pattern));
            if let Some(fault) = fault.or(twice.then_some("it is declared twice")) {
                faults.push((format!("the sentence \"{pattern}\" cannot be read: {fault}"), place));
            }
            seen.push((state, pattern));
        };
        for declared in self.sentences() {
            look(None, declared.pattern(), declared.place().into(), declared.fault());
        }
        for declared in &self.view_sentences {
            let known = self.parts.iter().any(|part| part.has_state(declared.state));
            let unknown = (!known).then(|| format!("no view has the state {}", declared.state_name));
            let fault = declared.fault.as_deref().or(unknown.as_deref());
            look(Some(declared.state), &declared.pattern, declared.place.clone(), fault);
        }
        faults
    }

    /// The predicate that a scenario of the decider expects of a state in these words.
    #[cfg_attr(not(feature = "text"), allow(dead_code, reason = "the reader of texts looks predicates up"))]
    pub(super) fn state_in_words(&self, words: &str) -> Option<Predicate<D::State>> {
        self.scenarios.iter().flat_map(Scenario::steps).find_map(|step| match step {
            Step::Then(Expected::State(said, predicate), _) if same_words(said, words) => {
                Some(predicate.clone())
            }
            _ => None,
        })
    }

    /// The predicate that a scenario of the decider expects of an outcome in these words.
    #[cfg_attr(not(feature = "text"), allow(dead_code, reason = "the reader of texts looks predicates up"))]
    pub(super) fn outcome_in_words(&self, words: &str) -> Option<Predicate<Outcome<D>>> {
        self.scenarios.iter().flat_map(Scenario::steps).find_map(|step| match step {
            Step::Then(Expected::Matching(said, predicate), _) if same_words(said, words) => {
                Some(predicate.clone())
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::Place;
    use super::super::{process, view};
    use super::*;
    use crate::process::{Owed, process_manager};
    use crate::{decider, view as view_of};

    fn line(line: u32) -> Place {
        Place::Text { file: "specs/sum.feature".into(), line }
    }

    fn typed<D>(_: &D, scenario: Scenario<D>) -> Scenario<D>
    where
        D: Specified<Command = u32, Event = u32, Rejection = String>,
    {
        scenario
    }

    #[test]
    fn scenarios_of_a_text_are_built_step_by_step_and_fail_at_their_line() {
        let sum = decider(|| 0, |n: &u32, _: &u32| Ok::<_, String>(vec![*n]), |sum, n: &u32| sum + n);
        let mut scenario = typed(&sum, Scenario::named_at("one".into(), line(3)));
        scenario.steps.push_back(Step::When(vec![1]));
        scenario.steps.push_back(Step::Then(Expected::Events(vec![2]), line(5)));
        assert_eq!(scenario.run(&sum).unwrap_err().place.to_string(), "specs/sum.feature:5");

        let total = view_of(|| 0, |sum: u32, n: &u32| sum + n);
        let mut scenario = ViewScenario::named_at("two".into(), line(8));
        scenario.steps.push_back(view::Step::Given(2));
        scenario.steps.push_back(view::Step::Then(view::Expected::State(3), line(9)));
        assert_eq!(scenario.run(&total).unwrap_err().place.line, 9);

        let echo = process_manager(|| 0, |_, n: &u32| *n, |n| vec![Owed::now("n", *n)]);
        let mut scenario = ProcessScenario::named_at("three".into(), line(12));
        scenario.steps.push_back(process::Step::Given(2));
        assert_eq!(scenario.run(&echo).unwrap_err().place.line, 12, "it expects nothing");
        scenario.steps.push_back(process::Step::Then(process::Expected::Owed(vec![3]), line(13)));
        assert_eq!(scenario.run(&echo).unwrap_err().place.line, 13);
    }

    #[test]
    fn what_a_scenario_says_of_a_state_or_an_outcome_is_found_by_its_words() {
        let sum = decider(|| 0, |n: &u32, _: &u32| Ok::<_, String>(vec![*n]), |sum, n: &u32| sum + n);
        let scenario = typed(&sum, Scenario::named("a"))
            .when(1)
            .then_matches("it is accepted", Result::is_ok)
            .then_state("it is\neven", |sum| sum % 2 == 0);
        let even = Sentence::new("it can be divided by {number}", |sum: &u32, number: u32| {
            sum.is_multiple_of(number)
        });
        let specification = Specification::new().scenarios([scenario]).view_says(&even);
        let is_even = specification.state_in_words("it is even").expect("its predicate");
        assert!(is_even(&2) && !is_even(&3));
        let is_accepted = specification.outcome_in_words(" it is accepted ").expect("its predicate");
        assert!(is_accepted(&Ok(vec![])) && !is_accepted(&Err(String::new())));
        assert!(specification.state_in_words("it is accepted").is_none());
        assert!(specification.outcome_in_words("it is even").is_none());

        let scenarios = vec![ViewScenario::named("b").given([1]).then_state("it is odd", |sum| sum % 2 == 1)];
        let view = Arc::new(view_of(|| 0, |sum: u32, n: &u32| sum + n));
        let part = ViewPart { title: "sum".into(), view, scenarios };
        assert!(part.state_in_words("it is odd").is_some_and(|odd| odd(&1) && !odd(&2)));
        assert!(part.state_in_words("it is even").is_none());
    }
}
