//! Makes the mutants of a decider, and holds its specification against each of them.

use super::report::{MissingScenario, MutantFate, MutantResult, MutationReport, MutationReportOf};
use super::rule::{LabelOf, Rule, Shared};
use super::seen::Seen;
use super::sites::{Site, sites};
use super::{Mutable, Mutating};
use crate::check::compare::{FirstDifference, ModelDifference, first_difference};
use crate::check::explore::{Explorable, explore};
use crate::check::graph::{NamedOutcome, named};
use crate::check::property::Property;
use crate::clock::Stopwatch;
use crate::decider::Decider;
use crate::fold::Fold;
use crate::page::count;
use crate::spec::Scenario;
use crate::spec::panics::caught;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How many commands of a story are named in the name of a scenario.
const NAMED_COMMANDS: usize = 3;

/// The commands worth trying in a state.
pub(crate) type Alphabet<'a, D> =
    &'a (dyn Fn(&<D as Fold>::State) -> Vec<<D as Decider>::Command> + Send + Sync);

/// A model whose rules are to be changed, one at a time.
pub(crate) struct Mutation<'a, D: Mutable> {
    pub(crate) decider: &'a D,
    pub(crate) alphabet: Alphabet<'a, D>,
    pub(crate) scenarios: &'a [Scenario<D>],
    pub(crate) properties: &'a [Property<D>],
    /// How many states each exploration finds at most.
    pub(crate) states: usize,
    /// After this time, no further mutant is tried, and the one that is being tried is given up.
    pub(crate) time: Duration,
    /// A scenario as a text, in the model's words.
    pub(crate) text: &'a dyn Fn(Scenario<D>) -> String,
    pub(crate) progress: &'a dyn Fn(&MutationProgress),
}

/// How far a mutation is.
pub(crate) struct MutationProgress {
    tried: usize,
    of: usize,
    pub(crate) elapsed: Duration,
}

impl fmt::Display for MutationProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.tried, count(self.of, "mutant", "mutants"))
    }
}

/// A difference between a model and a mutant.
type DifferenceOf<D> =
    ModelDifference<<D as Decider>::Command, <D as Fold>::Event, <D as Decider>::Rejection>;

/// What every mutant is held against.
struct Bar<M: Mutable> {
    scenarios: Vec<Scenario<M>>,
    properties: Vec<Property<M>>,
    /// How many states of a mutant are looked at.
    states: usize,
    started: Stopwatch,
}

impl<D> Mutation<'_, D>
where
    D: Mutable<State: Explorable> + Sync + 'static,
{
    /// Mutates what `build` marks in a decider that is otherwise this one.
    pub(crate) fn run<I, M>(&self, label: LabelOf<I>, build: impl Fn(Mutating<I>) -> M) -> MutationReportOf<D>
    where
        I: Mutable,
        M: Mutable<State = D::State, Command = D::Command, Event = D::Event, Rejection = D::Rejection> + Sync,
    {
        let started = Stopwatch::start();
        let mut report = MutationReport {
            scenarios: Vec::new(),
            properties: Vec::new(),
            mutants: Vec::new(),
            missing: Vec::new(),
            keys_left_alone: Vec::new(),
            fault: None,
            bounded: None,
        };
        let made = |rule| {
            let shared = Arc::new(Shared { rule, label: label.clone(), has_changed: AtomicBool::new(false) });
            (build(Mutating::new(shared.clone())), shared)
        };
        let (observed, shared) = made(Rule::Observe(Mutex::new(Seen::default())));
        let observing = first_difference(self.decider, &observed, self.alphabet, self.states, self.time);
        match observing {
            FirstDifference::Same => (),
            FirstDifference::Unknown(_) if started.is_past(self.time) => {
                report.bounded = Some("the time was up".to_string());
            }
            FirstDifference::Unknown(why) => report.bounded = Some(why),
            FirstDifference::Found(difference) => {
                report.fault = Some(format!(
                    "what `mutated_with` builds is another decider than the model's: {}",
                    difference.name()
                ));
                return report;
            }
        }
        // What is observed does as the model does. So the properties are looked at in it.
        let mut properties: Vec<Property<M>> = self.properties.iter().map(Property::for_decider).collect();
        let found = explore(&observed, self.alphabet)
            .properties(properties.iter().cloned())
            .states(self.states)
            .time(self.left(started))
            .run();
        if let Some(panic) = &found.panic {
            report.fault = Some(format!("the model itself panics: {}", panic.message));
            return report;
        }
        let mut answers = found.findings.iter().map(|finding| &finding.answer);
        properties.retain(|_| answers.next().is_some_and(|answer| !answer.is_bad()));
        let scenarios: Vec<&Scenario<D>> = (self.scenarios.iter())
            .filter(|scenario| !scenario.is_question() && scenario.holds(self.decider))
            .collect();
        report.scenarios = scenarios.iter().map(|scenario| scenario.name().to_string()).collect();
        report.properties = properties.iter().map(|property| property.name().to_string()).collect();
        let bar = Bar::<M> {
            scenarios: scenarios.iter().map(|scenario| scenario.for_decider()).collect(),
            properties,
            // A mutant may reach more states than the model, and some reach states without end.
            states: found.states.saturating_mul(2).saturating_add(1_000).min(self.states),
            started,
        };
        let expected = scenarios.iter().flat_map(|scenario| scenario.exact_events()).map(named).collect();
        let sites = seen_by(&shared, &mut report.keys_left_alone, &expected);
        if sites.is_empty() && report.bounded.is_none() {
            report.fault = Some("nothing happens over its alphabet".to_string());
        }

        let of = sites.len();
        let mut missing: Vec<Scenario<M>> = Vec::new();
        for (tried, Site { kind, name, about, change }) in sites.into_iter().enumerate() {
            let mut mutant = MutantResult { name, kind, about, fate: MutantFate::NotTried };
            if !started.is_past(self.time) {
                (self.progress)(&MutationProgress { tried, of, elapsed: started.elapsed() });
                let (decider, shared) = made(Rule::Change(change));
                mutant.fate = match self.judged(&decider, &shared.has_changed, &bar) {
                    Ok(fate) => fate,
                    Err(difference) => {
                        let seen = missing.iter().position(|scenario| !scenario.holds(&decider));
                        match seen
                            .or_else(|| self.add(*difference, &decider, &mut missing, &mut report.missing))
                        {
                            Some(number) => {
                                report.missing[number].mutants.push(mutant.name.clone());
                                MutantFate::Unnoticed(number)
                            }
                            None => MutantFate::Unknown("no scenario tells it from the model".to_string()),
                        }
                    }
                };
            }
            report.mutants.push(mutant);
        }
        report
    }

    /// How much of the time is left.
    fn left(&self, started: Stopwatch) -> Duration {
        self.time.saturating_sub(started.elapsed())
    }

    /// What becomes of a mutant; or its difference from the model, if nothing notices that.
    fn judged<M>(
        &self,
        mutant: &M,
        has_changed: &AtomicBool,
        bar: &Bar<M>,
    ) -> Result<MutantFate, Box<DifferenceOf<D>>>
    where
        M: Mutable<State = D::State, Command = D::Command, Event = D::Event, Rejection = D::Rejection> + Sync,
    {
        let failing = bar.scenarios.iter().filter(|scenario| !scenario.holds(mutant));
        let failing: Vec<String> = failing.map(|scenario| scenario.name().to_string()).collect();
        if !failing.is_empty() {
            return Ok(MutantFate::Noticed(failing));
        }
        if !bar.properties.is_empty() {
            let found = explore(mutant, self.alphabet)
                .properties(bar.properties.iter().cloned())
                .states(bar.states)
                .time(self.left(bar.started))
                .until_decided()
                .run();
            if let Some(violated) = found.findings.iter().find(|finding| finding.answer.is_bad()) {
                return Ok(MutantFate::Violates(violated.property.clone()));
            }
            if let Some(panic) = found.panic {
                return Ok(MutantFate::Panicked(panic.message));
            }
            // A property that time left undecided may notice the mutant.
            if bar.started.is_past(self.time) {
                return Ok(MutantFate::NotTried);
            }
        }
        let left = self.left(bar.started);
        match first_difference(self.decider, mutant, self.alphabet, self.states, left) {
            FirstDifference::Found(difference) => match &difference.new_answer {
                crate::check::ComparedAnswer::Panic(message) => Ok(MutantFate::Panicked(message.clone())),
                _ => Err(difference),
            },
            FirstDifference::Same if has_changed.load(Ordering::Relaxed) => Ok(MutantFate::Equal),
            FirstDifference::Same => Ok(MutantFate::Stillborn),
            FirstDifference::Unknown(_) if bar.started.is_past(self.time) => Ok(MutantFate::NotTried),
            FirstDifference::Unknown(why) => Ok(MutantFate::Unknown(why)),
        }
    }

    /// Adds the scenario that tells a mutant from the model.
    fn add<M>(
        &self,
        difference: DifferenceOf<D>,
        mutant: &M,
        scenarios: &mut Vec<Scenario<M>>,
        missing: &mut Vec<MissingScenario<D::Command, D::Event, D::Rejection>>,
    ) -> Option<usize>
    where
        M: Mutable<State = D::State, Command = D::Command, Event = D::Event, Rejection = D::Rejection>,
    {
        let name = self.name(&difference);
        let same =
            missing.iter().filter(|other| other.name == name || other.name.starts_with(&format!("{name} (")));
        let name = match same.count() {
            0 => name,
            others => format!("{name} ({})", others + 1),
        };
        let story = difference.story();
        let scenario = story.scenario(self.decider, name.as_str());
        let for_mutant = scenario.for_decider::<M>();
        if scenario.is_question() || !scenario.holds(self.decider) || for_mutant.holds(mutant) {
            return None;
        }
        let (code, text) = (story.code(self.decider, &name), (self.text)(scenario));
        scenarios.push(for_mutant);
        missing.push(MissingScenario { name, difference, mutants: Vec::new(), code, text });
        Some(missing.len() - 1)
    }

    /// A name for the scenario of a difference: what the model does, and after which commands.
    fn name(&self, difference: &DifferenceOf<D>) -> String {
        let answer = match &difference.old {
            NamedOutcome::Refused(rejection) => format!("is refused, {}", own(rejection)),
            NamedOutcome::Happened(events) => {
                let events: Vec<&str> = events.iter().map(|event| own(event)).collect();
                format!("leads to {}", events.join(", "))
            }
            NamedOutcome::Nothing => "changes nothing".to_string(),
            NamedOutcome::Panicked => "panics".to_string(),
        };
        let before = &difference.commands[..difference.commands.len().saturating_sub(1)];
        let accepted = caught(|| {
            let mut state = self.decider.initial_state();
            let mut accepted = Vec::new();
            for command in before {
                let (after, outcome) = self.decider.handle(state, command);
                state = after;
                if outcome.is_ok() {
                    accepted.push(own(&named(command)).to_string());
                }
            }
            accepted
        });
        let accepted = accepted.unwrap_or_default();
        let last = &accepted[accepted.len().saturating_sub(NAMED_COMMANDS)..];
        let command = own(&difference.command);
        match last {
            [] => format!("{command} {answer}"),
            _ => format!("after {}, {command} {answer}", last.join(", ")),
        }
    }
}

/// The name of a message without the umbrellas around it.
fn own(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The mutants that follow from what was seen.
fn seen_by<I: Mutable>(
    shared: &Shared<I>,
    keys: &mut Vec<String>,
    expected: &BTreeSet<String>,
) -> Vec<Site<I>> {
    let Rule::Observe(seen) = &shared.rule else { return Vec::new() };
    let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    *keys = seen.keyed_events();
    let mut sites = sites(seen, expected);
    let mut names = BTreeSet::new();
    // Two places of an event may be called alike where it has no name for them: the first one stands for both.
    sites.retain(|site| names.insert(site.name.clone()));
    sites
}
