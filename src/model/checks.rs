//! Checks that a model declares, and their sections of the report.

mod mutated;
mod sections;

#[cfg(feature = "workbench")]
pub(crate) use mutated::missing_as_text;

use sections::{of_exploration, of_laws, of_walks};

use super::charted::ChartOf;
use super::machine::{AsMachine, NodeLabels};
use super::report::{ReportFinding, ReportVerdict, Section};
use super::{Model, Modelled};
use crate::check::explore::{Explorable, Explore};
use crate::check::{
    Counterexample, Graph, Law, Property, Story, StoryInWords, WalkedState, explore, laws, walks,
};
use crate::clock::Stopwatch;
use crate::message::{StatePart, parts_of};
use crate::page::count as counted;
use crate::spec::{SourceLocation, class};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write as _};
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The seed of all walks of a report, so that the same model gives the same report.
const SEED: u64 = 1;
/// How long an exploration runs before its progress is shown.
const QUIET: Duration = Duration::from_millis(500);
/// How many walks check the laws.
const LAW_WALKS: usize = 100;
/// How many commands of an alphabet are read in a state: more than any check tries, so that one without an end does no harm.
const MOST_COMMANDS: usize = 65_536;

// The sections in which properties are answered.
const WALKS: &str = "walks";
const EXPLORATION: &str = "exploration";
const LAWS: &str = "laws";
/// The section of the behaviour lock.
pub(super) const BEHAVIOUR: &str = "behaviour";

/// How long checks take at most.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    since: Stopwatch,
    longest: Duration,
}

impl Limit {
    pub(super) fn none() -> Limit {
        Limit::of(Duration::MAX)
    }

    pub(super) fn of(longest: Duration) -> Limit {
        Limit { since: Stopwatch::start(), longest }
    }

    fn left(self) -> Duration {
        self.longest.saturating_sub(self.since.elapsed())
    }

    pub(super) fn is_over(self) -> bool {
        self.since.is_past(self.longest)
    }
}

pub(super) type AlphabetOf<D> = Arc<
    dyn Fn(&<D as crate::fold::Fold>::State) -> Vec<<D as crate::decider::Decider>::Command> + Send + Sync,
>;

/// What a model declares to be checked.
pub(super) struct Declared<D: Modelled> {
    pub(super) alphabet: Option<AlphabetOf<D>>,
    properties: Vec<Property<D>>,
    laws: Vec<Law<D>>,
    /// The line at which each law was given to the model, by the law's name.
    law_places: Vec<(String, SourceLocation)>,
    /// Each check with the title of its section.
    pub(super) checks: Vec<(&'static str, CheckOf<D>)>,
    /// The bound of the exploration, if there is one.
    pub(super) states: Option<usize>,
    diagram: Option<DiagramOf<D>>,
    pub(super) machine: Option<AsMachine<D>>,
    /// How the parts of a state are named, where its type shows them.
    parts: Option<PartsOf<D>>,
    label: Option<LabelOf<D>>,
    mutated: mutated::Mutated<D>,
    pub(super) chart: Option<ChartOf<D>>,
}

/// A check that takes about this long at most, where it can be ended.
pub(super) type CheckOf<D> = Arc<dyn Fn(&Model<D>, Duration) -> Section + Send + Sync>;
type PartsOf<D> = fn(&<D as crate::fold::Fold>::State) -> Vec<StatePart>;
type DiagramOf<D> = Arc<dyn Fn(&Model<D>, Duration) -> Graph + Send + Sync>;
type LabelOf<D> = Arc<dyn Fn(&<D as crate::fold::Fold>::State) -> String + Send + Sync>;

impl<D: Modelled> Default for Declared<D> {
    fn default() -> Self {
        Declared {
            alphabet: None,
            properties: Vec::new(),
            laws: Vec::new(),
            law_places: Vec::new(),
            checks: Vec::new(),
            states: None,
            diagram: None,
            machine: None,
            parts: None,
            label: None,
            mutated: mutated::Mutated::default(),
            chart: None,
        }
    }
}

impl<D: Modelled> Clone for Declared<D> {
    fn clone(&self) -> Self {
        Declared {
            alphabet: self.alphabet.clone(),
            properties: self.properties.clone(),
            laws: self.laws.clone(),
            law_places: self.law_places.clone(),
            checks: self.checks.clone(),
            states: self.states,
            diagram: self.diagram.clone(),
            machine: self.machine.clone(),
            parts: self.parts,
            label: self.label.clone(),
            mutated: self.mutated.clone(),
            chart: self.chart,
        }
    }
}

impl<D: Modelled> Declared<D> {
    #[cfg(feature = "libtest-mimic")]
    pub(super) fn sections(&self, model: &Model<D>) -> Vec<Section> {
        self.sections_within(model, Limit::none()).0
    }

    /// The sections that were found in this time, and the titles of the checks that were not made, or not to their end.
    pub(super) fn sections_within(
        &self,
        model: &Model<D>,
        limit: Limit,
    ) -> (Vec<Section>, Vec<&'static str>) {
        let (mut sections, mut ended) = (Vec::new(), Vec::new());
        for (title, check) in &self.checks {
            let left = limit.left();
            if !left.is_zero() {
                let section = Section::timed(|| check(model, left));
                // What was seen in a part of the states holds there; a part of a behaviour is not the behaviour.
                if !limit.is_over() || *title != BEHAVIOUR {
                    sections.push(section);
                }
            }
            if limit.is_over() {
                ended.push(*title);
            }
        }
        let undecided = if ended.is_empty() { self.undecided(&sections) } else { Vec::new() };
        if !undecided.is_empty() {
            sections.push(Section {
                title: "properties".into(),
                summary: counted(undecided.len(), "property is not decided", "properties are not decided"),
                findings: undecided.iter().map(|name| finding(name, ReportVerdict::Fails)).collect(),
                notes: vec![
                    "let `.explored(…)` see more states, or look at them on random walks with `.walked(…)`"
                        .into(),
                ],
                ..Section::default()
            });
        }
        (sections, ended)
    }

    /// The properties that no check decides. If something fails, none are listed: the failure comes first, and may be
    /// the reason.
    fn undecided(&self, sections: &[Section]) -> Vec<&str> {
        let names = self.properties.iter().map(Property::name);
        let found = || sections.iter().flat_map(|section| &section.findings);
        if found().any(|found| found.verdict == ReportVerdict::Fails) {
            return Vec::new();
        }
        // A law may have the name of a property, and does not decide it.
        let decides = |section: &&Section| [WALKS, EXPLORATION].contains(&&*section.title);
        let decided = |name: &str| {
            let mut answers = sections.iter().filter(decides).flat_map(|section| &section.findings);
            answers.any(|found| found.name == name && found.verdict == ReportVerdict::Holds)
        };
        names.filter(|name| !decided(name)).collect()
    }

    /// Whether any check is declared.
    pub(super) fn is_checked(&self) -> bool {
        !self.checks.is_empty() || !self.properties.is_empty()
    }
}

impl<D: Modelled> Model<D> {
    /// The commands worth trying in a state: walks draw from them, exploration tries all of them.
    ///
    /// Add commands that are refused, too: refusals are checked as well.
    #[must_use]
    pub fn alphabet<I>(mut self, commands: impl Fn(&D::State) -> I + Send + Sync + 'static) -> Self
    where
        I: IntoIterator<Item = D::Command>,
    {
        self.declared.alphabet =
            Some(Arc::new(move |state| commands(state).into_iter().take(MOST_COMMANDS).collect()));
        self
    }

    /// Says by which label states are grouped: in the [`diagram`](Self::diagram), and in what scenarios leave out. Default: the
    /// [`class`] of a state, which is "any" for most states that are put together of several.
    ///
    /// ```
    /// # use leftfold::{Decider, Fold, Model};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Clone)] struct Lamp;
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
    /// let two = Model::new("two lamps", Lamp.merge(Lamp))
    ///     .alphabet(|_| [Command::SwitchOn])
    ///     .label(|(one, two)| format!("{} on", u8::from(*one) + u8::from(*two)))
    ///     .explored(100);
    /// let diagram = two.diagram().unwrap();
    /// assert!(diagram.states.iter().eq(["0 on", "2 on"]));
    /// ```
    #[must_use]
    pub fn label<T>(mut self, label: impl Fn(&D::State) -> T + Send + Sync + 'static) -> Self
    where
        T: Into<String>,
    {
        self.declared.label = Some(Arc::new(move |state| label(state).into()));
        self
    }

    /// The commands of the alphabet in a state; none, if there is no alphabet.
    pub(crate) fn commands_in(&self, state: &D::State) -> Vec<D::Command> {
        self.declared.alphabet.as_ref().map(|alphabet| alphabet(state)).unwrap_or_default()
    }

    /// An exploration over the alphabet. What explores a model begins here, because every other alphabet compiles to an explorer of its own.
    pub(crate) fn exploring(&self) -> Explore<'_, D, impl Fn(&D::State) -> Vec<D::Command>> {
        explore(&self.decider, |state: &D::State| self.commands_in(state))
    }

    /// The properties that it declares.
    pub(crate) fn properties_declared(&self) -> &[Property<D>] {
        &self.declared.properties
    }

    /// The names of the laws that it checks.
    pub(crate) fn laws_checked(&self) -> impl Iterator<Item = &str> {
        self.declared.laws.iter().map(Law::name)
    }

    /// The label of a state: as [said](Self::label), or its class.
    pub(crate) fn label_of(&self) -> impl Fn(&D::State) -> String + Send + Sync + use<D> {
        let label = self.declared.label.clone();
        move |state| label.as_ref().map_or_else(|| class(state), |label| label(state))
    }

    /// Adds properties that hold in every state; [`walked`](Self::walked) and [`explored`](Self::explored) check them.
    #[must_use]
    pub fn properties(mut self, properties: impl IntoIterator<Item = Property<D>>) -> Self {
        self.declared.properties.extend(properties);
        self
    }

    /// Checks these laws on random walks over the alphabet; begin with [`Law::of_functions`].
    ///
    /// ```
    /// # use leftfold::{Decider, Fold, Model};
    /// use leftfold::check::Law;
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
    /// Model::new("lamp", Lamp).alphabet(|_| [Command::SwitchOn]).laws(Law::of_functions()).check().assert();
    /// ```
    #[must_use]
    #[track_caller]
    pub fn laws(mut self, laws: impl IntoIterator<Item = Law<D>>) -> Self
    where
        D::State: WalkedState,
    {
        if self.declared.laws.is_empty() {
            self.declared.checks.push((LAWS, Arc::new(|model: &Model<D>, _| model.check_laws())));
        }
        let place = SourceLocation::from(Location::caller());
        for law in laws {
            self.declared.law_places.push((law.name().to_string(), place.clone()));
            self.declared.laws.push(law);
        }
        self
    }

    /// Checks the properties on `number` random walks over the alphabet.
    #[must_use]
    pub fn walked(mut self, number: usize) -> Self
    where
        D::State: WalkedState,
    {
        let check: CheckOf<D> = Arc::new(move |model, _| {
            let Some(alphabet) = model.declared.alphabet.clone() else { return without_alphabet(WALKS) };
            let found = walks(&model.decider)
                .alphabet(move |state| alphabet(state))
                .properties(model.declared.properties.iter().cloned())
                .walks(number)
                .seed(SEED)
                .run();
            of_walks(&found, model)
        });
        self.declared.checks.push((WALKS, check));
        self
    }

    /// Checks the properties in every state that can be reached over the alphabet, and lists what the scenarios leave
    /// out. The exploration stops at `states` states, and then says so.
    #[must_use]
    pub fn explored(mut self, states: usize) -> Self
    where
        D: Sync + 'static,
        D::State: Explorable,
        D::Command: Serialize + DeserializeOwned,
        D::Event: Serialize + DeserializeOwned,
        D::Rejection: Serialize + DeserializeOwned,
    {
        let check: CheckOf<D> = Arc::new(move |model, longest| {
            if model.declared.alphabet.is_none() {
                return without_alphabet(EXPLORATION);
            }
            let line = ProgressLine::default();
            let (coverage, found) = model
                .exploring()
                .properties(model.declared.properties.iter().cloned())
                .states(states)
                .time(longest)
                .progress(|progress| line.show(progress.elapsed, progress))
                .coverage(model.label_of(), &model.whole_specification());
            line.clear();
            of_exploration(&found, &coverage, model)
        });
        self.declared.checks.push((EXPLORATION, check));
        self.declared.states = Some(states);
        self.declared.parts = Some(parts_of);
        self.specification = self.specification.naming_parts();
        self.declared.diagram = Some(Arc::new(move |model, longest| {
            model
                .exploring()
                .states(states)
                .time(longest)
                .graph(model.label_of(), &model.whole_specification())
                .0
        }));
        self.declared.machine =
            Some(AsMachine::built_by(move |model: &Model<D>, labels, (most, longest)| {
                let line = ProgressLine::default();
                let exploring = model.exploring().states(states.min(most)).time(longest);
                let exploring = exploring.progress(|progress| line.show(progress.elapsed, progress));
                let machine = match labels {
                    NodeLabels::OfModel => exploring.machine_with(model.label_of()),
                    NodeLabels::States => exploring.machine_with_states(),
                };
                line.clear();
                machine
            }));
        self
    }

    /// The state diagram of a model that is [explored](Self::explored). States are grouped by their [label](Self::label). Edges that a scenario takes carry its name.
    pub fn diagram(&self) -> Option<Graph> {
        self.diagram_within(Duration::MAX)
    }

    /// The diagram of what is explored in this time; whether that was everything is in it.
    pub(crate) fn diagram_within(&self, longest: Duration) -> Option<Graph> {
        self.declared.diagram.as_ref().map(|diagram| diagram(self, longest))
    }

    fn check_laws(&self) -> Section
    where
        D::State: WalkedState,
    {
        let Some(alphabet) = self.declared.alphabet.clone() else { return without_alphabet(LAWS) };
        let walks = walks(&self.decider).alphabet(move |state| alphabet(state)).walks(LAW_WALKS).seed(SEED);
        of_laws(&laws(walks).all(self.declared.laws.iter().cloned()).run(), self)
    }
}

/// The progress of a long exploration: one line on a terminal, nothing anywhere else.
#[derive(Default)]
pub(super) struct ProgressLine {
    shown: AtomicBool,
}

impl ProgressLine {
    pub(super) fn show(&self, elapsed: Duration, progress: &dyn Display) {
        if elapsed > QUIET && io::stderr().is_terminal() {
            self.shown.store(true, Ordering::Relaxed);
            // If the line cannot be written, nobody is reading it.
            let _ = write!(io::stderr(), "\r\x1b[K{progress}");
        }
    }

    pub(super) fn clear(&self) {
        if self.shown.load(Ordering::Relaxed) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

pub(super) fn without_alphabet(title: &str) -> Section {
    let name = "no alphabet: say which commands are worth trying with `.alphabet(|state| …)`".to_string();
    let finding = finding(&name, ReportVerdict::Fails);
    Section {
        title: title.into(),
        summary: "not looked at".into(),
        findings: vec![finding],
        ..Section::default()
    }
}

fn finding(name: &str, verdict: ReportVerdict) -> ReportFinding {
    ReportFinding::new(name, verdict)
}

impl<D: Modelled> Model<D> {
    /// The story in the model's words. Without the names of the parts, the state prints as Rust.
    pub(super) fn in_words(&self, story: &Story<D>) -> StoryInWords {
        let printed = |state: &D::State| StatePart::whole(format!("{state:?}"));
        match self.declared.parts {
            Some(parts) => story.in_words_with(&self.decider, self.specification.in_words(), &parts),
            None => story.in_words_with(&self.decider, self.specification.in_words(), &printed),
        }
    }

    /// A page about a story, followed by a scenario to paste.
    pub(super) fn with_scenario(&self, page: &str, story: &Story<D>, name: &str) -> String {
        let code = story.code(&self.decider, name);
        format!("{}\n\nas a scenario:\n\n{}", page.trim_end(), code.trim_end())
    }

    fn page_of_story(&self, what: &str, story: &Story<D>, name: &str) -> String {
        self.with_scenario(&format!("{what}\n\n{}", self.in_words(story)), story, name)
    }

    fn finding_of_story(&self, found: &Counterexample<D>) -> ReportFinding {
        let name = found.failed.lines().next().unwrap_or_default();
        let page = found.page_in_words(&self.in_words(&found.story));
        let story = self.with_scenario(&page, &found.story, name);
        ReportFinding { story: Some(story), ..finding(name, ReportVerdict::Fails) }
    }

    fn of_property(&self, name: &str, verdict: ReportVerdict) -> ReportFinding {
        let property = self.declared.properties.iter().find(|property| property.name() == name);
        ReportFinding { place: property.map(|property| property.place().into()), ..finding(name, verdict) }
    }

    fn of_law(&self, name: &str, verdict: ReportVerdict) -> ReportFinding {
        let place =
            self.declared.law_places.iter().find(|(law, _)| law == name).map(|(_, place)| place.clone());
        ReportFinding { place, ..finding(name, verdict) }
    }
}
