//! A model, declared once: its name, its decider, and its checks. Every tool reads it from here.

mod behaviour;
mod charted;
mod checks;
mod event_model;
mod formats;
mod lived;
mod machine;
pub(crate) mod replace_file;
#[cfg(feature = "log")]
mod replayed;
mod report;
#[cfg(feature = "text")]
mod texts;
#[cfg(feature = "libtest-mimic")]
mod trials;

#[cfg(feature = "workbench")]
pub(crate) use behaviour::{ComparedForm, read_machine};
#[cfg(feature = "workbench")]
pub(crate) use checks::missing_as_text;
#[cfg(feature = "workbench")]
pub(crate) use machine::NodeLabels;
pub use report::{Report, ReportFinding, ReportVerdict, Section, TimeTaken};
#[cfg(feature = "workbench")]
pub(crate) use report::{TEXTS, wants_colours};
#[cfg(feature = "workbench")]
pub(crate) use texts::{CheckedText, files_in};

use crate::message::{Message, Words};
use crate::process::ProcessManager;
use crate::spec::{
    Coverage, Document, ProcessScenario, Scenario, Sentence, Specification, Specified, SpecifiedProcess,
    SpecifiedView, ViewScenario,
};
use checks::Limit;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What a [`Model`] needs of its decider: given-when-then, and messages with names (derive serde's `Serialize` and
/// `Deserialize` on commands, events and rejections). Decider and messages are `Send + Sync`, so that a model may be a
/// `static` and its scenarios run on several threads; a state need not be.
pub trait Modelled:
    Specified<Command: Message + Send + Sync, Event: Message + Send + Sync, Rejection: Message + Send + Sync>
    + Send
    + Sync
{
}

impl<D> Modelled for D where
    D: Specified<
            Command: Message + Send + Sync,
            Event: Message + Send + Sync,
            Rejection: Message + Send + Sync,
        > + Send
        + Sync
{
}

/// A model: a decider with its specification.
///
/// ```
/// # use leftfold::{Decider, Fold};
/// use leftfold::{Model, Scenario};
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
/// fn model() -> Model<Lamp> {
///     Model::new("lamp", Lamp).scenarios([
///         Scenario::named("a lamp goes on").when(Command::SwitchOn).then([Event::WentOn]),
///         Scenario::open_question("May it go off by itself?"),
///     ])
/// }
///
/// // In a test:
/// model().check().assert();
/// # assert_eq!(model().check().to_string(), "\
/// # lamp
/// #
/// # scenarios  1 holds, 1 open question
/// #   ✓ a lamp goes on
/// #   ? May it go off by itself?
/// #
/// # coverage   1 of 1 command, 1 of 1 event, 0 of 1 rejection
/// #   no scenario reaches the rejection AlreadyOn
/// # ");
/// ```
pub struct Model<D: Modelled> {
    name: String,
    decider: D,
    specification: Specification<D>,
    declared: checks::Declared<D>,
    behaviour: Option<Arc<dyn behaviour::BehaviourLock<D>>>,
    lived: lived::Lived<D>,
    /// The texts in which scenarios are written.
    #[cfg(feature = "text")]
    texts: Vec<texts::TextFile>,
}

impl<D: Modelled + Clone> Clone for Model<D> {
    fn clone(&self) -> Self {
        Model {
            name: self.name.clone(),
            decider: self.decider.clone(),
            specification: self.specification.clone(),
            declared: self.declared.clone(),
            behaviour: self.behaviour.clone(),
            lived: self.lived.clone(),
            #[cfg(feature = "text")]
            texts: self.texts.clone(),
        }
    }
}

impl<D: Modelled> fmt::Debug for Model<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<D: Modelled> Model<D> {
    /// A model of this name, with no specification yet.
    pub fn new(name: impl Into<String>, decider: D) -> Self {
        Model {
            name: name.into(),
            decider,
            specification: Specification::new(),
            declared: checks::Declared::default(),
            behaviour: None,
            lived: lived::Lived::default(),
            #[cfg(feature = "text")]
            texts: Vec::new(),
        }
    }

    /// Adds scenarios of the decider.
    #[must_use]
    pub fn scenarios(self, scenarios: impl IntoIterator<Item = Scenario<D>>) -> Self {
        Model { specification: self.specification.scenarios(scenarios), ..self }
    }

    /// Adds a view that belongs to the model, with its scenarios.
    #[must_use]
    pub fn view<V>(
        self,
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
        Model { specification: self.specification.view(title, view, scenarios), ..self }
    }

    /// Adds a process manager that belongs to the model, with its scenarios.
    #[must_use]
    pub fn process<P>(
        self,
        title: impl Into<String>,
        process: P,
        scenarios: impl IntoIterator<Item = ProcessScenario<P>>,
    ) -> Self
    where
        P: SpecifiedProcess<Event: Message + Send + Sync> + Send + Sync + 'static,
        <P as ProcessManager>::Command: Message + Send + Sync,
    {
        Model { specification: self.specification.process(title, process, scenarios), ..self }
    }

    /// Adds a sentence about the states of the decider, with slots for values. To say it in Rust scenarios as well, make a [`Sentence`]
    /// of it and give it with [`says`](Self::says).
    ///
    /// ```
    /// # use leftfold::{Model, Modelled};
    /// # fn with<D: Modelled<State = u64>>(model: Model<D>) -> Model<D> {
    /// model
    ///     .sentence("the balance is {amount}", |balance, amount: u64| *balance == amount)
    ///     .sentence("it is between {one} and {other}", |balance, (one, other): (u64, u64)| {
    ///         (one..=other).contains(balance)
    ///     })
    ///     .sentence("it is empty", |balance, ()| *balance == 0)
    /// # }
    /// ```
    #[must_use]
    #[track_caller]
    pub fn sentence<A>(
        self,
        pattern: impl Into<String>,
        holds: impl Fn(&D::State, A) -> bool + Send + Sync + 'static,
    ) -> Self
    where
        A: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
        D::State: 'static,
    {
        self.says(&Sentence::new(pattern, holds))
    }

    /// Adds a [`Sentence`] about the states of the decider.
    #[must_use]
    pub fn says<A>(self, sentence: &Sentence<D::State, A>) -> Self
    where
        A: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
        D::State: 'static,
    {
        Model { specification: self.specification.says(sentence), ..self }
    }

    /// Adds a sentence about the states of the views whose states have this type.
    #[must_use]
    #[track_caller]
    pub fn view_sentence<S: 'static, A>(
        self,
        pattern: impl Into<String>,
        holds: impl Fn(&S, A) -> bool + Send + Sync + 'static,
    ) -> Self
    where
        A: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        self.view_says(&Sentence::new(pattern, holds))
    }

    /// Adds a [`Sentence`] about the states of the views whose states have this type.
    #[must_use]
    pub fn view_says<S: 'static, A>(self, sentence: &Sentence<S, A>) -> Self
    where
        A: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        Model { specification: self.specification.view_says(sentence), ..self }
    }

    /// Sets the words in which documents say messages, where the plain rule does not serve.
    #[must_use]
    pub fn words(self, words: Words) -> Self {
        Model { specification: self.specification.words(words), ..self }
    }

    /// Sets the words of texts in another language, such as "de": those that begin with `# language: de`.
    #[must_use]
    pub fn words_in(self, language: impl Into<String>, words: Words) -> Self {
        Model { specification: self.specification.words_in(language, words), ..self }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its decider.
    pub fn decider(&self) -> &D {
        &self.decider
    }

    /// Its specification, as far as it is declared in Rust.
    pub fn specification(&self) -> &Specification<D> {
        &self.specification
    }

    /// Its specification, with the scenarios that are written in texts.
    pub(crate) fn whole_specification(&self) -> Cow<'_, Specification<D>> {
        #[cfg(feature = "text")]
        if !self.texts.is_empty() {
            return Cow::Owned(self.with_texts().0);
        }
        Cow::Borrowed(&self.specification)
    }

    /// Its specification as a document for the experts at the table.
    pub fn document(&self) -> Document {
        self.whole_specification().document(&self.name)
    }

    /// Which commands, events and rejections its scenarios touch.
    pub fn coverage(&self) -> Coverage {
        self.whole_specification().coverage(&self.decider)
    }

    /// Checks everything that the model declares: one section of the report for each kind of check.
    ///
    /// The same model gives the same report: what is random has a fixed seed.
    pub fn check(&self) -> Report {
        self.check_limited(Limit::none()).0
    }

    /// The report of what is checked in this time, and the titles of the sections that are not in it, or not to their end. The scenarios
    /// are always checked, and random walks that have begun are brought to their end.
    pub(crate) fn check_within(&self, longest: Duration) -> (Report, Vec<&'static str>) {
        self.check_limited(Limit::of(longest))
    }

    fn check_limited(&self, limit: Limit) -> (Report, Vec<&'static str>) {
        #[cfg(feature = "text")]
        let mut texts = Vec::new();
        #[cfg(feature = "text")]
        let scenarios = Section::timed(|| {
            texts = self.checked_texts(&[]);
            self.check_scenarios(&texts, &[])
        });
        #[cfg(not(feature = "text"))]
        let scenarios = Section::timed(|| {
            let cases = self.specification.cases(&self.decider);
            Section::of_scenarios(cases.iter().map(ReportFinding::of_case).collect())
        });
        let decided = scenarios.findings.iter().any(|finding| finding.verdict != ReportVerdict::Open);
        let mut sections = vec![scenarios];
        #[cfg(feature = "text")]
        if !self.texts.is_empty() {
            sections.push(Section::timed(|| Section::of_texts(self.vocabulary_finding().as_ref(), &texts)));
        }
        sections.extend(Section::of_sentences(self.specification.sentence_faults()));
        if !decided && !self.declared.is_checked() {
            let name = "nothing was checked: give the model scenarios, or an alphabet and what is to hold";
            sections.push(Section::of_nothing(name.to_string()));
        }
        let (found, ended) = self.declared.sections_within(self, limit);
        sections.extend(found);
        #[cfg(feature = "log")]
        let ended = if !limit.is_over() {
            sections.extend(self.replayed_sections());
            ended
        } else if self.lived.logs.is_empty() {
            ended
        } else {
            [ended, vec![replayed::TITLE]].concat()
        };
        sections.push(Section::of_coverage(&self.whole_specification().coverage(&self.decider)));
        (Report { model: self.name.clone(), sections }, ended)
    }
}
