//! The views and process managers of a specification, and each scenario as a test of its own.

use super::document::{Chapter, ChapterKind};
use super::expect::{Predicate, same_words};
use super::failure::{Failure, SourceLocation};
use super::process::{ProcessScenario, SpecifiedProcess};
use super::prose::{process_prose, view_prose};
use super::slice_example::{Moment, process_moments, view_moments};
use super::unlike::{Compared, process_compared, view_compared};
use super::view::{Expected, SpecifiedView, Step, ViewScenario};
use crate::message::{self, Message, Words};
use crate::process::Due;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;
#[cfg(feature = "text")]
use {
    super::answer::{process_answer, view_answer},
    super::reading::{Base, ReadingText, process_scenario, view_scenario},
    super::sentence::DeclaredSentence,
    super::text::ScenarioText,
    super::vocabulary::{PartVocabulary, add_unsaid, patterns, refuse_phrase},
    crate::message::VocabularyError,
};

/// One scenario of a specification, ready to run.
pub struct ScenarioCase<'a> {
    /// The view or process manager it is about; `None` for the decider itself.
    pub part: Option<&'a str>,
    /// The scenario's name.
    pub name: &'a str,
    /// Whether it is an open question, which always holds.
    pub is_question: bool,
    /// The scenario's labels.
    pub labels: &'a [String],
    /// The line at which the scenario begins.
    pub place: SourceLocation,
    pub(super) run: Box<dyn Fn() -> Result<(), Box<Failure>> + Send + Sync + 'a>,
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
pub(super) trait Part: Send + Sync {
    fn title(&self) -> &str;
    fn cases(&self) -> Vec<ScenarioCase<'_>>;
    fn chapter(&self, words: &Words) -> Chapter;
    fn compared(&self, words: &Words) -> Vec<Compared>;
    /// What it is, and its scenarios as examples for an event model.
    fn moments(&self, words: &Words) -> (ChapterKind, Vec<Moment>);
    /// Whether it is a view whose states have this type.
    fn has_state(&self, state: TypeId) -> bool;
    /// What a process manager owes after these events, a `Vec` of some type; `None` if it does not read events of that type.
    fn owed(&self, _events: &dyn Any, _words: &Words) -> Option<Vec<OwedCommand>> {
        None
    }
    /// The same part with the scenarios of a text, which has sentences about its states.
    #[cfg(feature = "text")]
    fn read(
        &self,
        reading: &mut ReadingText<'_>,
        scenarios: &[(&ScenarioText, Base<'_>)],
        sentences: &[&(dyn Any + Send + Sync)],
    ) -> Arc<dyn Part>;
    /// The same part with the scenarios of another one of its type as well.
    #[cfg(feature = "text")]
    fn and(&self, other: &dyn Part) -> Arc<dyn Part>;
    /// The same part with the scenarios that have one of these labels.
    #[cfg(feature = "text")]
    fn only(&self, labels: &[String]) -> Arc<dyn Part>;
    /// What scenarios say of its states that no sentence says.
    #[cfg(feature = "workbench")]
    fn said_in_rust_only(&self, words: &Words, sentences: &[&(dyn Any + Send + Sync)]) -> Vec<String>;
    /// The labels of each scenario.
    #[cfg(feature = "text")]
    fn labels(&self) -> Vec<&[String]>;
    #[cfg(feature = "text")]
    fn as_any(&self) -> &dyn Any;
    /// What the part answers today to each of its scenarios, in words; `None` for those that do not ask, or expect something.
    #[cfg(feature = "text")]
    fn answers(&self, words: &Words) -> Vec<(SourceLocation, Option<Vec<String>>)>;
    /// What can be said about the part, with these sentences about its states.
    #[cfg(feature = "text")]
    fn vocabulary(
        &self,
        words: &Words,
        sentences: &[&(dyn Any + Send + Sync)],
    ) -> Result<PartVocabulary, VocabularyError>;
}

/// A command on the to-do list of a process manager.
pub(crate) struct OwedCommand {
    pub(crate) key: String,
    pub(crate) due: Due,
    pub(crate) says: String,
    /// The command itself, of the type that the process manager has.
    pub(crate) command: Box<dyn Any>,
}

pub(super) struct ViewPart<V: SpecifiedView> {
    pub(super) title: String,
    pub(super) view: Arc<V>,
    pub(super) scenarios: Vec<ViewScenario<V>>,
}

#[cfg(feature = "text")]
impl<V> ViewPart<V>
where
    Self: Part + 'static,
    V: SpecifiedView,
{
    fn of(&self, scenarios: Vec<ViewScenario<V>>) -> Arc<dyn Part> {
        Arc::new(ViewPart { title: self.title.clone(), view: self.view.clone(), scenarios })
    }
}

impl<V: SpecifiedView> ViewPart<V> {
    /// The predicate that a scenario expects of a state in these words.
    #[cfg_attr(not(feature = "text"), allow(dead_code, reason = "the reader of texts looks predicates up"))]
    pub(super) fn state_in_words(&self, words: &str) -> Option<Predicate<V::State>> {
        self.scenarios.iter().flat_map(ViewScenario::steps).find_map(|step| match step {
            Step::Then(Expected::Holding(said, predicate), _) if same_words(said, words) => {
                Some(predicate.clone())
            }
            _ => None,
        })
    }
}

#[cfg(feature = "text")]
impl<V: SpecifiedView> ViewPart<V> {
    /// What its scenarios say of states that none of these sentences says.
    fn said_in_rust(&self, words: &Words, sentences: &[DeclaredSentence<V::State>]) -> Vec<String> {
        let mut found = Vec::new();
        for step in self.scenarios.iter().flat_map(ViewScenario::steps) {
            if let Step::Then(Expected::Holding(said, _), _) = step {
                add_unsaid(&mut found, said, sentences, words);
            }
        }
        found
    }
}

/// The sentences about states of this type.
#[cfg(feature = "text")]
fn declared<S: 'static>(sentences: &[&(dyn Any + Send + Sync)]) -> Vec<DeclaredSentence<S>> {
    sentences.iter().filter_map(|sentence| sentence.downcast_ref()).cloned().collect()
}

/// Whether one of these labels is among the others. Case does not count.
#[cfg(feature = "text")]
pub(super) fn has_one_of(labels: &[String], of: &[String]) -> bool {
    labels.iter().any(|label| of.iter().any(|other| label.eq_ignore_ascii_case(other)))
}

impl<V> Part for ViewPart<V>
where
    V: SpecifiedView<Event: Message + Send + Sync, State: Serialize + DeserializeOwned + Send + Sync>
        + Send
        + Sync
        + 'static,
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
                labels: scenario.labels(),
                place: (&scenario.place).into(),
                run: Box::new(|| scenario.run(&self.view)),
            })
            .collect()
    }

    fn chapter(&self, words: &Words) -> Chapter {
        Chapter {
            title: Some(self.title.clone()),
            kind: ChapterKind::View,
            scenarios: self.scenarios.iter().map(|scenario| view_prose(scenario, words)).collect(),
            ..Chapter::default()
        }
    }

    fn compared(&self, words: &Words) -> Vec<Compared> {
        self.scenarios.iter().map(|scenario| view_compared(scenario, words)).collect()
    }

    fn moments(&self, words: &Words) -> (ChapterKind, Vec<Moment>) {
        (
            ChapterKind::View,
            self.scenarios.iter().flat_map(|scenario| view_moments(scenario, words)).collect(),
        )
    }

    fn has_state(&self, state: TypeId) -> bool {
        state == TypeId::of::<V::State>()
    }

    #[cfg(feature = "text")]
    fn read(
        &self,
        reading: &mut ReadingText<'_>,
        scenarios: &[(&ScenarioText, Base<'_>)],
        sentences: &[&(dyn Any + Send + Sync)],
    ) -> Arc<dyn Part> {
        let sentences = declared::<V::State>(sentences);
        let in_words = |words: &str| self.state_in_words(words);
        let read = |(text, base): &(&ScenarioText, Base<'_>)| {
            view_scenario::<V>(reading, text, base, &sentences, &in_words)
        };
        self.of(scenarios.iter().filter_map(read).collect())
    }

    #[cfg(feature = "text")]
    fn and(&self, other: &dyn Part) -> Arc<dyn Part> {
        let others = other.as_any().downcast_ref::<Self>();
        let others = others.into_iter().flat_map(|other| other.scenarios.iter().cloned());
        self.of(self.scenarios.iter().cloned().chain(others).collect())
    }

    #[cfg(feature = "text")]
    fn only(&self, labels: &[String]) -> Arc<dyn Part> {
        let labelled = self.scenarios.iter().filter(|scenario| has_one_of(scenario.labels(), labels));
        self.of(labelled.cloned().collect())
    }

    #[cfg(feature = "text")]
    fn labels(&self) -> Vec<&[String]> {
        self.scenarios.iter().map(ViewScenario::labels).collect()
    }

    #[cfg(feature = "text")]
    fn as_any(&self) -> &dyn Any {
        self
    }

    #[cfg(feature = "text")]
    fn answers(&self, words: &Words) -> Vec<(SourceLocation, Option<Vec<String>>)> {
        let answer =
            |scenario: &ViewScenario<V>| ((&scenario.place).into(), view_answer(scenario, &self.view, words));
        self.scenarios.iter().map(answer).collect()
    }

    #[cfg(feature = "text")]
    fn vocabulary(
        &self,
        words: &Words,
        sentences: &[&(dyn Any + Send + Sync)],
    ) -> Result<PartVocabulary, VocabularyError> {
        let sentences = declared::<V::State>(sentences);
        let own =
            ["the answer is", "today", "also when events are delivered twice", "in any order of the events"];
        for sentence in &sentences {
            refuse_phrase(sentence.pattern(), &own, words)?;
        }
        Ok(PartVocabulary {
            title: words.declared(&self.title).to_string(),
            kind: ChapterKind::View,
            events: V::Event::vocabulary(words)?,
            sentences: patterns(&sentences, words),
            said_in_rust: self.said_in_rust(words, &sentences),
            ..PartVocabulary::default()
        })
    }

    #[cfg(feature = "workbench")]
    fn said_in_rust_only(&self, words: &Words, sentences: &[&(dyn Any + Send + Sync)]) -> Vec<String> {
        self.said_in_rust(words, &declared::<V::State>(sentences))
    }
}

pub(super) struct ProcessPart<P: SpecifiedProcess> {
    pub(super) title: String,
    pub(super) process: Arc<P>,
    pub(super) scenarios: Vec<ProcessScenario<P>>,
}

#[cfg(feature = "text")]
impl<P> ProcessPart<P>
where
    Self: Part + 'static,
    P: SpecifiedProcess,
{
    fn of(&self, scenarios: Vec<ProcessScenario<P>>) -> Arc<dyn Part> {
        Arc::new(ProcessPart { title: self.title.clone(), process: self.process.clone(), scenarios })
    }
}

impl<P> Part for ProcessPart<P>
where
    P: SpecifiedProcess<Event: Message + Send + Sync, Command: Message + Send + Sync> + Send + Sync + 'static,
{
    fn title(&self) -> &str {
        &self.title
    }

    fn owed(&self, events: &dyn Any, words: &Words) -> Option<Vec<OwedCommand>> {
        let state = self.process.fold(events.downcast_ref::<Vec<P::Event>>()?);
        let owed = self.process.pending(&state).into_iter().map(|owed| OwedCommand {
            says: message::say(&owed.command, words),
            key: owed.key,
            due: owed.due,
            command: Box::new(owed.command),
        });
        Some(owed.collect())
    }

    fn cases(&self) -> Vec<ScenarioCase<'_>> {
        self.scenarios
            .iter()
            .map(|scenario| ScenarioCase {
                part: Some(&self.title),
                name: scenario.name(),
                is_question: scenario.is_question(),
                labels: scenario.labels(),
                place: (&scenario.place).into(),
                run: Box::new(|| scenario.run(&self.process)),
            })
            .collect()
    }

    fn chapter(&self, words: &Words) -> Chapter {
        Chapter {
            title: Some(self.title.clone()),
            kind: ChapterKind::ProcessManager,
            scenarios: self.scenarios.iter().map(|scenario| process_prose(scenario, words)).collect(),
            ..Chapter::default()
        }
    }

    fn compared(&self, words: &Words) -> Vec<Compared> {
        self.scenarios.iter().map(|scenario| process_compared(scenario, words)).collect()
    }

    fn moments(&self, words: &Words) -> (ChapterKind, Vec<Moment>) {
        let moments = self.scenarios.iter().flat_map(|scenario| process_moments(scenario, words));
        (ChapterKind::ProcessManager, moments.collect())
    }

    fn has_state(&self, _: TypeId) -> bool {
        false
    }

    #[cfg(feature = "text")]
    fn read(
        &self,
        reading: &mut ReadingText<'_>,
        scenarios: &[(&ScenarioText, Base<'_>)],
        _: &[&(dyn Any + Send + Sync)],
    ) -> Arc<dyn Part> {
        let read = |(text, base): &(&ScenarioText, Base<'_>)| process_scenario::<P>(reading, text, base);
        self.of(scenarios.iter().filter_map(read).collect())
    }

    #[cfg(feature = "text")]
    fn and(&self, other: &dyn Part) -> Arc<dyn Part> {
        let others = other.as_any().downcast_ref::<Self>();
        let others = others.into_iter().flat_map(|other| other.scenarios.iter().cloned());
        self.of(self.scenarios.iter().cloned().chain(others).collect())
    }

    #[cfg(feature = "text")]
    fn only(&self, labels: &[String]) -> Arc<dyn Part> {
        let labelled = self.scenarios.iter().filter(|scenario| has_one_of(scenario.labels(), labels));
        self.of(labelled.cloned().collect())
    }

    #[cfg(feature = "text")]
    fn labels(&self) -> Vec<&[String]> {
        self.scenarios.iter().map(ProcessScenario::labels).collect()
    }

    #[cfg(feature = "text")]
    fn as_any(&self) -> &dyn Any {
        self
    }

    #[cfg(feature = "text")]
    fn answers(&self, words: &Words) -> Vec<(SourceLocation, Option<Vec<String>>)> {
        let answer = |scenario: &ProcessScenario<P>| {
            ((&scenario.place).into(), process_answer(scenario, &self.process, words))
        };
        self.scenarios.iter().map(answer).collect()
    }

    #[cfg(feature = "text")]
    fn vocabulary(
        &self,
        words: &Words,
        _: &[&(dyn Any + Send + Sync)],
    ) -> Result<PartVocabulary, VocabularyError> {
        Ok(PartVocabulary {
            title: words.declared(&self.title).to_string(),
            kind: ChapterKind::ProcessManager,
            events: P::Event::vocabulary(words)?,
            commands: P::Command::vocabulary(words)?,
            ..PartVocabulary::default()
        })
    }

    #[cfg(feature = "workbench")]
    fn said_in_rust_only(&self, _: &Words, _: &[&(dyn Any + Send + Sync)]) -> Vec<String> {
        Vec::new()
    }
}
