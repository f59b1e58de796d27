//! The views and process managers of a specification, and each scenario as a test of its own.

use super::document::{Chapter, ChapterKind};
use super::expect::Predicate;
use super::failure::{Failure, SourceLocation};
use super::process::{ProcessScenario, SpecifiedProcess};
use super::prose::{process_prose, view_prose};
use super::unlike::{Compared, process_compared, view_compared};
use super::view::{Expected, SpecifiedView, Step, ViewScenario};
use crate::message::{Message, Words};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::TypeId;
use std::fmt;

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
    /// Whether it is a view whose states have this type.
    fn has_state(&self, state: TypeId) -> bool;
}

pub(super) struct ViewPart<V: SpecifiedView> {
    pub(super) title: String,
    pub(super) view: V,
    pub(super) scenarios: Vec<ViewScenario<V>>,
}

impl<V: SpecifiedView> ViewPart<V> {
    /// The predicate that a scenario expects of a state in these words.
    #[allow(dead_code, reason = "a reader of a text looks predicates up")]
    pub(super) fn state_in_words(&self, words: &str) -> Option<Predicate<V::State>> {
        self.scenarios.iter().flat_map(ViewScenario::steps).find_map(|step| match step {
            Step::Then(Expected::Holding(said, predicate), _) if same_words(said, words) => {
                Some(predicate.clone())
            }
            _ => None,
        })
    }
}

/// Whether two sentences have the same words: a document says each on one line.
pub(super) fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
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

    fn has_state(&self, state: TypeId) -> bool {
        state == TypeId::of::<V::State>()
    }
}

pub(super) struct ProcessPart<P: SpecifiedProcess> {
    pub(super) title: String,
    pub(super) process: P,
    pub(super) scenarios: Vec<ProcessScenario<P>>,
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

    fn has_state(&self, _: TypeId) -> bool {
        false
    }
}
