//! Scenarios of deciders.

use super::super::expect::Predicate;
use super::super::scenario::{
    Base as ForkedFrom, Expected, Given, Scenario, ShowingDecider, Specified, Step,
};
use super::super::sentence::DeclaredSentence;
use super::super::text::{Placed, ScenarioText, StepKind};
use super::steps::{Base, Line, ReadingText, furthest, labels, name};
use crate::decider::Outcome;
use crate::message::{Message, Misread};
use std::sync::Arc;

/// What can be said of a decider besides its messages.
pub(in super::super) struct DeciderSentences<'s, D: Specified> {
    pub(in super::super) declared: &'s [DeclaredSentence<D::State>],
    /// The predicates of scenarios in Rust, by their words.
    pub(in super::super) state_in_words: &'s dyn Fn(&str) -> Option<Predicate<D::State>>,
    pub(in super::super) outcome_in_words: &'s dyn Fn(&str) -> Option<Predicate<Outcome<D>>>,
}

/// The label of a scenario whose expectation is the model's own answer, which nobody has confirmed.
pub(in super::super) const ANSWERED: &str = "answered-by-the-model";

/// Reads a scenario; `None` if there is a fault in it.
pub(in super::super) fn decider_scenario<D>(
    reading: &mut ReadingText<'_>,
    text: &ScenarioText,
    base: &Base<'_>,
    sentences: &DeciderSentences<'_, D>,
) -> Option<Scenario<D>>
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    let before = reading.faults.len();
    let (lines, in_base) = reading.lines(text, base);
    let mut scenario = Scenario::named_at(name(text), reading.place(text.place));
    (scenario.labels, scenario.question) = labels(text);
    scenario.showing = ShowingDecider::in_words(&reading.shared);
    if !base.steps.is_empty() || base.title.is_some() {
        let name: Arc<str> = base.title.as_deref().unwrap_or_default().into();
        scenario.base = Some(ForkedFrom { name, given: in_base });
    }
    let mut rest = &lines[..];
    while let Some(first) = rest.first() {
        let same = rest.iter().position(|line| line.kind != first.kind).unwrap_or(rest.len());
        let (group, after) = rest.split_at(same);
        match first.kind {
            StepKind::Given => {
                scenario.given.extend(group.iter().filter_map(|line| given::<D>(reading, text, line)));
            }
            StepKind::When => {
                let asked = group.iter().filter(|line| !line.is(reading.words, "nothing is asked"));
                let asked: Vec<&Line> = asked.collect();
                let commands = asked.iter().filter_map(|line| command::<D>(reading, text, line)).collect();
                scenario.steps.push_back(Step::When(commands));
            }
            StepKind::Then => {
                let asked = matches!(scenario.steps.back(), Some(Step::When(_)));
                let answered = expectations(reading, text, group, asked, sentences, &mut scenario);
                if answered {
                    scenario.labels.add(ANSWERED);
                }
            }
        }
        rest = after;
    }
    match scenario.steps.back() {
        // A question that the model can answer.
        Some(Step::When(_)) => scenario.question = true,
        None if !scenario.question && reading.faults.len() == before => {
            let nothing =
                "this scenario expects nothing: add steps with When and Then, or the tag @open-question";
            reading.fault_at(text.place, Some(&text.name.text), nothing);
        }
        _ => {}
    }
    (reading.faults.len() == before).then_some(scenario)
}

/// An event that has happened, or a command that was accepted; the event where both are said alike.
fn given<D>(
    reading: &mut ReadingText<'_>,
    text: &ScenarioText,
    line: &Line,
) -> Option<Given<D::Event, D::Command>>
where
    D: Specified<Event: Message, Command: Message>,
{
    if let Some(command) = line.after(reading.words, "command")
        && let Ok(command) = reading.read(&command.text)
    {
        return Some(Given::Command(command));
    }
    let event = match reading.read(line.text()) {
        Ok(event) => return Some(Given::Event(event)),
        Err(fault) => fault,
    };
    match reading.read(line.text()) {
        Ok(command) => Some(Given::Command(command)),
        Err(command) => {
            // What has happened is meant, unless only a command resembles it.
            let is_event = event.is_unknown() && !event.nearest().is_empty() && command.is_unknown();
            let faults = if is_event { vec![event] } else { vec![event, command] };
            let fault = furthest(line.text(), faults, Vec::new());
            reading.misread(text, &line.text, &fault);
            None
        }
    }
}

fn command<D>(reading: &mut ReadingText<'_>, text: &ScenarioText, line: &Line) -> Option<D::Command>
where
    D: Specified<Event: Message, Command: Message>,
{
    match reading.read(line.text()) {
        Ok(command) => Some(command),
        Err(fault) => {
            // A command in the wrong tense, perhaps.
            match reading.read::<D::Event>(line.text()) {
                Ok(_) if fault.is_unknown() => {
                    let nearest = fault.nearest().first();
                    let meant = nearest.map(|phrase| format!(", such as `{phrase}`")).unwrap_or_default();
                    let event = format!(
                        "this is something that happens, and When says what is asked for: write a command{meant}; what has happened \
                         before is written with Given"
                    );
                    reading.fault(text, &line.text, 0, event);
                }
                _ => reading.misread(text, &line.text, &fault),
            }
            None
        }
    }
}

/// The expectations of some lines with Then; whether one of them is the model's own answer.
fn expectations<D>(
    reading: &mut ReadingText<'_>,
    text: &ScenarioText,
    group: &[Line],
    asked: bool,
    sentences: &DeciderSentences<'_, D>,
    scenario: &mut Scenario<D>,
) -> bool
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    // The events that are expected, and the number of the step that expects them.
    let mut events_at = None;
    let mut refused = false;
    let mut answered = false;
    for line in group {
        let today = line.after(reading.words, "today");
        answered |= today.is_some();
        let line =
            &Line { kind: line.kind, place: line.place.clone(), text: today.unwrap_or(line.text.clone()) };
        let Some(found) = expected(reading, text, line, sentences) else { continue };
        let of_answer = !matches!(found, Expected::State(..));
        if of_answer && !asked {
            let nothing =
                "this says what comes of a command, and there is none: add a step with When before it";
            reading.fault(text, &line.text, 0, nothing);
            continue;
        }
        let is_refusal = matches!(found, Expected::Rejected(_));
        let happens = matches!(found, Expected::Events(_));
        if (is_refusal && events_at.is_some()) || (happens && refused) {
            let both = "a command is refused, or something happens: not both";
            reading.fault(text, &line.text, 0, both);
            continue;
        }
        refused |= is_refusal;
        match (found, events_at) {
            (Expected::Events(mut more), Some(at)) => {
                let nothing = more.is_empty();
                if let Some(Step::Then(Expected::Events(events), _)) = scenario.steps.get_mut(at) {
                    if nothing || events.is_empty() {
                        let both = "nothing happens, or something does: not both";
                        reading.fault(text, &line.text, 0, both);
                        continue;
                    }
                    events.append(&mut more);
                }
            }
            (found, _) => {
                if happens {
                    events_at = Some(scenario.steps.len());
                }
                scenario.steps.push_back(Step::Then(found, line.place.clone()));
            }
        }
    }
    answered
}

fn expected<D>(
    reading: &mut ReadingText<'_>,
    text: &ScenarioText,
    line: &Line,
    sentences: &DeciderSentences<'_, D>,
) -> Option<Expected<D>>
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    let words = reading.words;
    if line.is(words, "nothing happens") {
        return Some(Expected::Events(Vec::new()));
    }
    if line.is(words, "it is refused") {
        return Some(match reading.read::<D::Rejection>("") {
            Ok(rejection) => Expected::Rejected(rejection),
            // Whatever the reason is.
            Err(_) => Expected::Matching(
                words.fixed("it is refused").to_string(),
                Arc::new(|outcome: &Outcome<D>| outcome.is_err()),
            ),
        });
    }
    if let Some(reason) = line.after(words, "it is refused") {
        return match reading.read(&reason.text) {
            Ok(rejection) => Some(Expected::Rejected(rejection)),
            Err(fault) => {
                reading.misread(text, &reason, &fault);
                None
            }
        };
    }
    let event = match reading.read(line.text()) {
        Ok(event) => return Some(Expected::Events(vec![event])),
        Err(fault) => fault,
    };
    let mut faults = vec![event];
    match sentence(reading, &line.text, sentences.declared, &mut faults) {
        Ok(Some((said, holds))) => return Some(Expected::State(said, holds)),
        Ok(None) => {}
        Err(()) => {
            reading.fault(text, &line.text, 0, "this can be read as more than one sentence of the model");
            return None;
        }
    }
    if let Some(holds) = (sentences.state_in_words)(line.text()) {
        return Some(Expected::State(line.text().to_string(), holds));
    }
    if let Some(holds) = (sentences.outcome_in_words)(line.text()) {
        return Some(Expected::Matching(line.text().to_string(), holds));
    }
    let refused = words.fixed("it is refused");
    let reason = reading.read::<D::Rejection>(line.text());
    let resembles = reason.as_ref().err().is_none_or(|fault| !fault.is_unknown());
    if faults.iter().all(Misread::is_unknown) && resembles {
        let what = reason.err().map(|fault| format!("; in that, {fault}")).unwrap_or_default();
        let why = format!("this is a reason to refuse: write `{refused}: {}`{what}", line.text());
        reading.fault(text, &line.text, 0, why);
        return None;
    }
    if faults.iter().all(Misread::is_unknown) && reading.read::<D::Command>(line.text()).is_ok() {
        let meant = furthest(line.text(), faults, Vec::new());
        let meant = meant.nearest().first().map(|phrase| format!(", such as `{phrase}`")).unwrap_or_default();
        let why =
            format!("this is what is asked for, and Then says what comes of it: write what happens{meant}");
        reading.fault(text, &line.text, 0, why);
        return None;
    }
    let reasons = reason.err().map(|fault| fault.nearest().to_vec()).unwrap_or_default();
    let mut phrases: Vec<String> =
        sentences.declared.iter().map(|sentence| sentence.pattern().to_string()).collect();
    phrases.push(words.fixed("nothing happens").to_string());
    phrases.extend(reasons.iter().map(|reason| format!("{refused}: {reason}")));
    phrases.push(format!("{refused}: …"));
    let fault = furthest(line.text(), faults, phrases);
    reading.misread(text, &line.text, &fault);
    None
}

/// What a declared sentence says and means. `Err` if there are two; `Ok(None)`, with what is wrong, if there is none.
pub(super) fn sentence<S>(
    reading: &ReadingText<'_>,
    text: &Placed,
    declared: &[DeclaredSentence<S>],
    faults: &mut Vec<Misread>,
) -> Result<Option<(String, Predicate<S>)>, ()> {
    let mut found = None;
    for sentence in declared {
        match sentence.expecting(&text.text, reading.words) {
            Ok(Some(_)) if found.is_some() => return Err(()),
            Ok(Some(expected)) => found = Some(expected),
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
    }
    Ok(found)
}
