//! Scenarios taken apart for an event model: each command, event or view in question is an example of one slice.

use super::first_word::first_word;
use super::panics::caught;
use super::process::{self, ProcessScenario, SpecifiedProcess};
use super::prose::{process_prose, scenario_prose, view_prose};
use super::scenario::{Expected, Given, Scenario, Specified, Step};
use super::view::{self, SpecifiedView, ViewScenario};
use crate::decider::Outcome;
use crate::message::{Message, Words};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// A message of a scenario, as it is said and as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExampleMessage {
    /// Its name.
    pub name: String,
    /// In the words of the model.
    pub says: String,
    /// As JSON, in a text, so that every number keeps its value; `None` if the message is outside serde.
    pub json: Option<String>,
}

/// One moment of a scenario: what has happened before, what is asked, and what the scenario expects.
///
/// A scenario with several commands in question is several examples, each with what has happened until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SliceExample {
    /// The name of the scenario.
    pub scenario: String,
    /// Which of the moments of its scenario this is, from 1 on.
    pub step: usize,
    /// How many moments its scenario has.
    pub steps: usize,
    /// What has happened before.
    pub given: Vec<ExampleMessage>,
    /// The command in question, or the event that a process manager or a view sees.
    pub when: Vec<ExampleMessage>,
    /// What the scenario expects, in the words of the model.
    pub then: Vec<String>,
    /// Whether the command is refused.
    pub refused: bool,
}

/// An example, and by what it belongs to its slice.
pub(super) struct Moment {
    pub(super) example: SliceExample,
    pub(super) is_question: bool,
    /// What comes of it: the events of a command that is accepted, or the commands that are owed.
    pub(super) came: Vec<ExampleMessage>,
    /// The rejection of a command that is refused.
    pub(super) rejection: Option<ExampleMessage>,
}

impl Moment {
    /// Whether something comes of it.
    pub(super) fn leads_on(&self) -> bool {
        !self.is_question && !self.came.is_empty()
    }
}

/// The examples of one scenario while they are made.
struct Telling<'s> {
    scenario: &'s str,
    is_question: bool,
    moments: Vec<Moment>,
}

impl Telling<'_> {
    fn add(
        &mut self,
        given: &[ExampleMessage],
        when: Vec<ExampleMessage>,
        then: Vec<String>,
    ) -> &mut Vec<ExampleMessage> {
        let (scenario, step, given) = (self.scenario.to_string(), self.moments.len() + 1, given.to_vec());
        let example = SliceExample { scenario, step, steps: 0, given, when, then, refused: false };
        let (is_question, came, rejection) = (self.is_question, Vec::new(), None);
        let at = self.moments.len();
        self.moments.push(Moment { example, is_question, came, rejection });
        &mut self.moments[at].came
    }

    /// All examples; a scenario that asks nothing is one too.
    fn all(mut self, given: &[ExampleMessage]) -> Vec<Moment> {
        if self.moments.is_empty() {
            self.add(given, Vec::new(), Vec::new());
        }
        let steps = self.moments.len();
        self.moments.iter_mut().for_each(|moment| moment.example.steps = steps);
        self.moments
    }
}

fn message<M: Message + Debug>(message: &M, words: &Words) -> ExampleMessage {
    let in_path = |c: char| c.is_alphanumeric() || "_.-".contains(c);
    let name = message.name().map_or_else(|_| first_word(message, in_path), |name| name.to_string());
    ExampleMessage { name, says: message.say(words), json: message.to_json() }
}

fn messages<'m, M: Message + Debug + 'm>(
    all: impl IntoIterator<Item = &'m M>,
    words: &Words,
) -> Vec<ExampleMessage> {
    all.into_iter().map(|one| message(one, words)).collect()
}

/// The commands of one step of a scenario, and what it expects of the events or the rejection.
type Asked<'s, D> = (&'s [<D as crate::decider::Decider>::Command], Option<Outcome<D>>);

/// The examples of a scenario of a decider. What no scenario says of the answer, such as an expectation in words, the decider answers.
pub(super) fn scenario_moments<D>(scenario: &Scenario<D>, decider: &D, words: &Words) -> Vec<Moment>
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    let mut telling =
        Telling { scenario: scenario.name(), is_question: scenario.is_question(), moments: Vec::new() };
    let mut given = Vec::new();
    // No state: the model panicked on the way.
    let mut state = caught(|| decider.initial_state()).ok();
    let happen = |state: Option<D::State>, events: &[D::Event], given: &mut Vec<ExampleMessage>| {
        given.extend(messages(events, words));
        caught(|| Some(decider.fold_from(state?, events))).ok().flatten()
    };
    let decide = |state: &Option<D::State>, command: &D::Command| -> Option<Outcome<D>> {
        let state = state.as_ref()?;
        caught(|| decider.decide(command, state)).ok()
    };
    for before in scenario.history() {
        let events = match before {
            Given::Event(event) => vec![event.clone()],
            Given::Command(command) => decide(&state, command).and_then(Result::ok).unwrap_or_default(),
        };
        state = happen(state, &events, &mut given);
    }
    let mut steps: Vec<Asked<'_, D>> = Vec::new();
    for step in scenario.steps() {
        match (step, steps.last_mut()) {
            (Step::When(commands), _) => steps.push((commands, None)),
            (Step::Then(..), None) => steps.push((&[], None)),
            (Step::Then(Expected::Events(events), _), Some(asked)) => asked.1 = Some(Ok(events.clone())),
            (Step::Then(Expected::Rejected(rejection), _), Some(asked)) => {
                asked.1 = Some(Err(rejection.clone()));
            }
            (Step::Then(Expected::Matching(..) | Expected::State(..), _), Some(_)) => {}
        }
    }
    let prose = scenario_prose(scenario, words).steps;
    for ((commands, expected), prose) in steps.into_iter().zip(prose) {
        if commands.is_empty() {
            telling.add(&given, Vec::new(), prose.then);
            continue;
        }
        for command in commands {
            let answer = decide(&state, command);
            // Of several commands the scenario says only what comes of all of them.
            let (outcome, then) = match (&commands, expected.clone()) {
                ([_], Some(expected)) => (Some(expected), prose.then.clone()),
                ([_], None) => (answer.clone(), prose.then.clone()),
                (_, _) => (answer.clone(), said::<D>(answer.as_ref(), words)),
            };
            *telling.add(&given, vec![message(command, words)], then) = match &outcome {
                Some(Ok(events)) => messages(events, words),
                _ => Vec::new(),
            };
            if let (Some(Err(rejection)), Some(moment)) = (&outcome, telling.moments.last_mut()) {
                moment.example.refused = true;
                moment.rejection = Some(message(rejection, words));
            }
            match answer {
                Some(Ok(events)) => state = happen(state, &events, &mut given),
                // What comes after a refusal in the same step is not asked.
                _ => break,
            }
        }
    }
    telling.all(&given)
}

/// What comes of a command, in words.
fn said<D>(answer: Option<&Outcome<D>>, words: &Words) -> Vec<String>
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    match answer {
        None => Vec::new(),
        Some(Ok(events)) if events.is_empty() => vec![words.fixed("nothing happens").to_string()],
        Some(Ok(events)) => events.iter().map(|event| event.say(words)).collect(),
        Some(Err(rejection)) => vec![format!("{}: {}", words.fixed("it is refused"), rejection.say(words))],
    }
}

/// The examples of a scenario of a view: what it shows after the events until then.
pub(super) fn view_moments<V>(scenario: &ViewScenario<V>, words: &Words) -> Vec<Moment>
where
    V: SpecifiedView<Event: Message, State: Serialize>,
{
    let mut telling =
        Telling { scenario: scenario.name(), is_question: scenario.is_question(), moments: Vec::new() };
    let mut prose = view_prose(scenario, words).steps.into_iter().map(|step| step.then);
    let mut given = Vec::new();
    for step in scenario.steps() {
        match step {
            view::Step::Given(event) => {
                let event = message(event, words);
                if !telling.moments.is_empty() {
                    telling.add(&given, vec![event.clone()], prose.next().unwrap_or_default());
                }
                given.push(event);
            }
            view::Step::Then(..) if telling.moments.is_empty() => {
                telling.add(&given, Vec::new(), prose.next().unwrap_or_default());
            }
            view::Step::Then(..) => {}
        }
    }
    telling.all(&given)
}

/// The examples of a scenario of a process manager: what is owed after the events until then.
pub(super) fn process_moments<P>(scenario: &ProcessScenario<P>, words: &Words) -> Vec<Moment>
where
    P: SpecifiedProcess<Event: Message, Command: Message>,
{
    let mut telling =
        Telling { scenario: scenario.name(), is_question: scenario.is_question(), moments: Vec::new() };
    let mut prose = process_prose(scenario, words).steps.into_iter().map(|step| step.then);
    let mut given = Vec::new();
    for step in scenario.steps() {
        match step {
            process::Step::Given(event) => given.push(message(event, words)),
            process::Step::When(event) => {
                let event = message(event, words);
                telling.add(&given, vec![event.clone()], prose.next().unwrap_or_default());
                given.push(event);
            }
            process::Step::Then(expected, _) => {
                if telling.moments.is_empty() {
                    telling.add(&given, Vec::new(), prose.next().unwrap_or_default());
                }
                let owed = match expected {
                    process::Expected::Commands(commands) | process::Expected::Owed(commands) => {
                        messages(commands, words)
                    }
                    process::Expected::Pending(list) => {
                        messages(list.iter().map(|owed| &owed.command), words)
                    }
                };
                if let Some(moment) = telling.moments.last_mut()
                    && moment.came.is_empty()
                {
                    moment.came = owed;
                }
            }
        }
    }
    telling.all(&given)
}
