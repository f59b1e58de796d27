//! Mutation of a model: whether its specification would notice if the model were wrong.

use super::{
    Model, Modelled, ProgressLine, ReportFinding, ReportVerdict, Section, finding, without_alphabet,
};
#[cfg(feature = "workbench")]
use crate::check::MutationReport;
use crate::check::explore::Explorable;
use crate::check::mutate::{LabelOf, Mutation, MutationProgress, MutationReportOf};
use crate::check::{Mutable, Mutating};
use crate::spec::{Scenario, Specification, class};
use serde::Serialize;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// The title of the section about mutants.
const MUTATION: &str = "mutation";
/// How many states each exploration finds at most, by default.
const STATES: usize = 20_000;
/// After which time no further mutant is tried, by default.
const TIME: Duration = Duration::from_secs(120);

/// How a model is mutated.
pub(super) struct Mutated<D: Modelled> {
    run: Option<RunOf<D>>,
    /// The report as JSON, where its messages are known to be serde's.
    json: Option<fn(&MutationReportOf<D>) -> String>,
    states: usize,
    time: Duration,
    /// The mutants that may go unnoticed; `None` if all may.
    allowed: Option<Vec<String>>,
}

type RunOf<D> =
    Arc<dyn Fn(&Model<D>, Duration, &dyn Fn(&MutationProgress)) -> Option<MutationReportOf<D>> + Send + Sync>;

impl<D: Modelled> Default for Mutated<D> {
    fn default() -> Self {
        Mutated { run: None, json: None, states: STATES, time: TIME, allowed: None }
    }
}

impl<D: Modelled> Clone for Mutated<D> {
    fn clone(&self) -> Self {
        Mutated { run: self.run.clone(), allowed: self.allowed.clone(), ..*self }
    }
}

impl<D: Modelled> Model<D> {
    /// Checks whether the specification would notice if the model were wrong: its scenarios and properties are held against
    /// *mutants*, which are the model with one rule changed. See [`check::mutate`](crate::check::mutate).
    ///
    /// The rules are found by exploring the model over its [alphabet](Self::alphabet). Mutants that answer everything as the model does
    /// are recognised by comparison, and count as equal. For each of the others that nothing notices, the report has the scenario that
    /// is missing. A missing scenario is an open question of the check: only an expert knows whether it is worth having. To let it fail, say
    /// [`unnoticed_mutants`](Self::unnoticed_mutants).
    ///
    /// Time: each mutant runs all scenarios; one that none of them notices is explored with the properties, and then beside the model.
    /// [`mutation_bounds`](Self::mutation_bounds) bounds both.
    ///
    /// ```
    /// # use leftfold::{Decider, Fold, Model, Scenario};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Command { SwitchOn }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Event { WentOn }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Rejection { AlreadyOn }
    /// # struct Lamp;
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
    /// let lamp = Model::new("lamp", Lamp)
    ///     .scenarios([Scenario::named("a lamp goes on").when(Command::SwitchOn).then([Event::WentOn])])
    ///     .alphabet(|_| [Command::SwitchOn])
    ///     .mutated();
    /// let report = lamp.mutate().unwrap();
    /// let unnoticed: Vec<&str> = report.unnoticed().map(|mutant| mutant.name.as_str()).collect();
    /// assert_eq!(unnoticed, ["accept SwitchOn, although AlreadyOn", "skip WentOn"]);
    /// // One scenario would notice both.
    /// assert_eq!(report.missing.len(), 1);
    /// assert_eq!(report.missing[0].code, "\
    /// Scenario::named(\"after SwitchOn, SwitchOn is refused, AlreadyOn\")
    ///     .given_commands([
    ///         Command::SwitchOn,
    ///     ])
    ///     .when(Command::SwitchOn)
    ///     .then_rejected(Rejection::AlreadyOn),
    /// ");
    /// ```
    #[must_use]
    pub fn mutated(self) -> Self
    where
        D: Mutable<State: Explorable> + 'static,
    {
        self.mutated_by(|model, mutation| {
            let label: LabelOf<&D> = Arc::new(model.label_of());
            mutation.run(label, |mutating: Mutating<&D>| mutating.of(&model.decider))
        })
    }

    /// Like [`mutated`](Self::mutated), with a part inside of the model as the one that is mutated: `build` makes the model's decider, and
    /// marks the part with [`Mutating::of`].
    ///
    /// So the mutants also change what a process manager sets off, and what each instance does. The classes of states in the names of
    /// mutants are those of the part.
    ///
    /// ```
    /// # use leftfold::{Decider, Keyed, Model, Owed, ProcessRejection, Scenario, WithProcess, decider, keyed, process_manager};
    /// # use leftfold::{ProcessManager, Joined};
    /// # use leftfold::check::Mutable;
    /// # use leftfold::im::OrdMap;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Command { Pay, Ship }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Event { Paid, Shipped }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Rejection { NotNow }
    /// # fn order() -> impl Mutable<Command = Command, Event = Event, Rejection = Rejection, State = u8> + Send + Sync {
    /// #     decider(|| 0, |command: &Command, done: &u8| match (command, done) {
    /// #         (Command::Pay, 0) => Ok(vec![Event::Paid]),
    /// #         (Command::Ship, 1) => Ok(vec![Event::Shipped]),
    /// #         _ => Err(Rejection::NotNow),
    /// #     }, |done: u8, _: &Event| done + 1)
    /// # }
    /// # fn shipping() -> impl ProcessManager<Event = Event, Command = Command, State = bool> + Send + Sync {
    /// #     process_manager(|| false, |_, event: &Event| *event == Event::Paid,
    /// #         |owed: &bool| if *owed { vec![Owed::now("ship", Command::Ship)] } else { vec![] })
    /// # }
    /// let model = Model::new("shop", order().with_process(shipping()).many::<u8>())
    ///     .alphabet(|_| [keyed(1, Command::Pay)])
    ///     .mutated_with(|mutating| mutating.of(order()).with_process(shipping()).many());
    /// let report = model.mutate().unwrap();
    /// assert!(report.unnoticed().any(|mutant| mutant.name == "refuse Ship, instead of Shipped"));
    /// ```
    #[must_use]
    pub fn mutated_with<I, M>(self, build: impl Fn(Mutating<I>) -> M + Send + Sync + 'static) -> Self
    where
        D: Mutable<State: Explorable> + 'static,
        I: Mutable + 'static,
        M: Mutable<State = D::State, Command = D::Command, Event = D::Event, Rejection = D::Rejection> + Sync,
    {
        self.mutated_by(move |_, mutation| {
            let label: LabelOf<I> = Arc::new(|state: &I::State| class(state));
            mutation.run(label, &build)
        })
    }

    fn mutated_by(
        mut self,
        run: impl Fn(&Model<D>, &Mutation<'_, D>) -> MutationReportOf<D> + Send + Sync + 'static,
    ) -> Self
    where
        D: Mutable + 'static,
    {
        if self.declared.mutated.run.is_none() {
            let check = |model: &Model<D>, longest| model.check_mutants(longest);
            self.declared.checks.push((MUTATION, Arc::new(check)));
        }
        self.declared.mutated.json = Some(json::<MutationReportOf<D>>);
        self.declared.mutated.run = Some(Arc::new(move |model, longest, progress| {
            let alphabet = model.declared.alphabet.clone()?;
            let specification = model.whole_specification();
            let words = model.specification.in_words();
            let text = |scenario: Scenario<D>| {
                let alone = Specification::new().words(words.clone()).scenarios([scenario]);
                alone.document(&model.name).to_gherkin()
            };
            let mutation = Mutation {
                decider: &model.decider,
                alphabet: &*alphabet,
                scenarios: specification.of_decider(),
                properties: &model.declared.properties,
                states: model.declared.mutated.states,
                time: model.declared.mutated.time.min(longest),
                text: &text,
                progress,
            };
            Some(run(model, &mutation))
        }));
        self
    }

    /// Says how far mutation goes: at most `states` states in each exploration, and no further mutant after `time`, when the one
    /// that is being tried is given up. Default: 20,000 states, two minutes. The report says what was not tried; what was tried does not depend on the time.
    #[must_use]
    pub fn mutation_bounds(mut self, states: usize, time: Duration) -> Self {
        self.declared.mutated.states = states;
        self.declared.mutated.time = time;
        self
    }

    /// Names the mutants that may go unnoticed, as the report names them. From then on, the check fails if any other mutant does, and if
    /// one of these is noticed after all. With no names, every mutant has to be noticed.
    #[must_use]
    pub fn unnoticed_mutants<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        let allowed = self.declared.mutated.allowed.get_or_insert_default();
        allowed.extend(names.into_iter().map(Into::into));
        self
    }

    /// Mutates a model that says [`mutated`](Self::mutated) or [`mutated_with`](Self::mutated_with), and returns what became of the mutants.
    /// `None` if it says neither, or has no [alphabet](Self::alphabet).
    pub fn mutate(&self) -> Option<MutationReportOf<D>> {
        self.mutate_within(Duration::MAX)
    }

    fn mutate_within(&self, longest: Duration) -> Option<MutationReportOf<D>> {
        let run = self.declared.mutated.run.as_ref()?;
        let line = ProgressLine::default();
        let report = run(self, longest, &|progress| line.show(progress.elapsed, progress));
        line.clear();
        report
    }

    /// Whether only mutants go unnoticed that [may](Self::unnoticed_mutants).
    #[cfg_attr(not(feature = "workbench"), allow(dead_code, reason = "the command line asks for it"))]
    pub(crate) fn is_mutated_well(&self, report: &MutationReportOf<D>) -> bool {
        let allowed = self.declared.mutated.allowed.as_deref().unwrap_or_default();
        report.fault.is_none() && report.unnoticed().all(|mutant| allowed.contains(&mutant.name))
    }

    /// The report as JSON.
    #[cfg_attr(not(feature = "workbench"), allow(dead_code, reason = "the command line asks for it"))]
    pub(crate) fn mutation_json(&self, report: &MutationReportOf<D>) -> String {
        self.declared.mutated.json.map(|json| json(report)).unwrap_or_default()
    }

    fn check_mutants(&self, longest: Duration) -> Section {
        let Some(report) = self.mutate_within(longest) else { return without_alphabet(MUTATION) };
        if let Some(fault) = &report.fault {
            return Section {
                title: MUTATION.into(),
                summary: "not looked at".into(),
                findings: vec![finding(fault, ReportVerdict::Fails)],
                ..Section::default()
            };
        }
        let allowed = self.declared.mutated.allowed.as_ref();
        let mut findings = Vec::new();
        for missing in &report.missing {
            let mut is_open = |name: &String| allowed.is_none_or(|allowed| allowed.contains(name));
            let verdict = match missing.mutants.iter().all(&mut is_open) {
                true => ReportVerdict::Open,
                false => ReportVerdict::Fails,
            };
            let name = format!("a scenario is missing: {}", missing.name);
            let mut story = format!("{name}\n\nnothing notices\n");
            for mutant in &missing.mutants {
                let _ = writeln!(story, "  {mutant}");
            }
            let _ = write!(
                story,
                "\n{}\n\nas a scenario:\n\n{}",
                missing.text_of_scenario(),
                missing.code.trim_end()
            );
            findings.push(ReportFinding { story: Some(story), ..finding(&name, verdict) });
        }
        // With the time up before any mutant was made, there is none.
        let was_tried = !report.mutants.is_empty()
            && report.mutants.iter().all(|mutant| mutant.fate != crate::check::MutantFate::NotTried);
        for name in allowed.into_iter().flatten().filter(|_| was_tried) {
            if !report.unnoticed().any(|mutant| mutant.name == *name) {
                let name = format!("no mutant \"{name}\" goes unnoticed: take it out of `unnoticed_mutants`");
                findings.push(finding(&name, ReportVerdict::Fails));
            }
        }
        Section {
            title: MUTATION.into(),
            summary: report.summary(),
            findings,
            notes: report.remarks(),
            ..Section::default()
        }
    }
}

fn json<R: Serialize>(report: &R) -> String {
    let text = serde_json::to_string_pretty(report);
    text.unwrap_or_else(|error| format!("{{\"error\": {:?}}}", error.to_string())) + "\n"
}

/// The missing scenarios as one text in Gherkin.
#[cfg(feature = "workbench")]
pub(crate) fn missing_as_text<C, E, R>(report: &MutationReport<C, E, R>) -> String {
    let mut texts = report.missing.iter();
    let mut text = texts.next().map_or_else(String::new, |missing| missing.text.clone());
    texts.for_each(|missing| {
        let _ = write!(text, "\n{}\n", missing.text_of_scenario());
    });
    text
}
