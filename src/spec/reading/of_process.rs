//! Scenarios of process managers.

use super::super::failure::Showing;
use super::super::process::{Expected, ProcessScenario, SpecifiedProcess, Step};
use super::super::text::{Placed, ScenarioText, StepKind};
use super::of_decider::ANSWERED;
use super::steps::{Base, Line, ReadingText, furthest, labels, name};
use crate::message::{Message, Misread, read_sentence, slots};
use crate::process::{Due, Owed};
use crate::recorded::Timestamp;

/// Reads a scenario; `None` if there is a fault in it.
pub(in super::super) fn process_scenario<P>(
    reading: &mut ReadingText<'_>,
    text: &ScenarioText,
    base: &Base<'_>,
) -> Option<ProcessScenario<P>>
where
    P: SpecifiedProcess<Event: Message, Command: Message>,
{
    let before = reading.faults.len();
    let (lines, _) = reading.lines(text, base);
    let mut scenario = ProcessScenario::named_at(name(text), reading.place(text.place));
    (scenario.labels, scenario.question) = labels(text);
    scenario.showing_event = Showing::in_words(reading.shared.clone(), P::Event::say);
    scenario.showing_command = Showing::in_words(reading.shared.clone(), P::Command::say);
    let mut rest = &lines[..];
    while let Some(first) = rest.first() {
        let same = rest.iter().position(|line| line.kind != first.kind).unwrap_or(rest.len());
        let (group, after) = rest.split_at(same);
        if first.kind == StepKind::Then {
            expectations(reading, text, group, &mut scenario);
        } else {
            for line in group {
                match reading.read(line.text()) {
                    Ok(event) if first.kind == StepKind::Given => {
                        scenario.steps.push_back(Step::Given(event));
                    }
                    Ok(event) => scenario.steps.push_back(Step::When(event)),
                    Err(fault) => reading.misread(text, &line.text, &fault),
                }
            }
        }
        rest = after;
    }
    match scenario.steps.back() {
        Some(Step::When(_)) => scenario.question = true,
        Some(Step::Then(..)) => {}
        _ if scenario.question || reading.faults.len() > before => {}
        _ => {
            let nothing = format!(
                "this scenario expects nothing: add a step such as `Then {}: …`, or the tag @open-question",
                reading.words.fixed("owed")
            );
            reading.fault_at(text.place, Some(&text.name.text), nothing);
        }
    }
    (reading.faults.len() == before).then_some(scenario)
}

/// The expectations of some lines with Then: lines of one kind are one list.
fn expectations<P>(
    reading: &mut ReadingText<'_>,
    text: &ScenarioText,
    group: &[Line],
    scenario: &mut ProcessScenario<P>,
) where
    P: SpecifiedProcess<Event: Message, Command: Message>,
{
    let from = scenario.steps.len();
    for line in group {
        let today = line.after(reading.words, "today");
        if today.is_some() {
            scenario.labels.add(ANSWERED);
        }
        let line =
            &Line { kind: line.kind, place: line.place.clone(), text: today.unwrap_or(line.text.clone()) };
        let Some(found) = expected::<P>(reading, text, line) else { continue };
        let mut before = (from..scenario.steps.len()).rev();
        let same = before.find(|at| match (&scenario.steps[*at], &found) {
            (Step::Then(Expected::Commands(list), _), Expected::Commands(more)) => {
                !list.is_empty() && !more.is_empty()
            }
            (Step::Then(Expected::Owed(list), _), Expected::Owed(more)) => {
                !list.is_empty() && !more.is_empty()
            }
            (Step::Then(Expected::Pending(_), _), Expected::Pending(_)) => true,
            _ => false,
        });
        let Some(at) = same else {
            scenario.steps.push_back(Step::Then(found, line.place.clone()));
            continue;
        };
        match (&mut scenario.steps[at], found) {
            (Step::Then(Expected::Commands(list), _), Expected::Commands(more))
            | (Step::Then(Expected::Owed(list), _), Expected::Owed(more)) => list.extend(more),
            (Step::Then(Expected::Pending(list), _), Expected::Pending(more)) => list.extend(more),
            _ => {}
        }
    }
}

fn expected<P>(reading: &mut ReadingText<'_>, text: &ScenarioText, line: &Line) -> Option<Expected<P>>
where
    P: SpecifiedProcess<Event: Message, Command: Message>,
{
    let words = reading.words;
    if line.is(words, "nothing more is owed") {
        return Some(Expected::Commands(Vec::new()));
    }
    if line.is(words, "nothing is owed") {
        return Some(Expected::Owed(Vec::new()));
    }
    if let Some(command) = line.after(words, "still owed") {
        return Some(Expected::Owed(vec![command_of::<P>(reading, text, &command)?]));
    }
    if let Some(command) = line.after(words, "owed") {
        return Some(Expected::Commands(vec![command_of::<P>(reading, text, &command)?]));
    }
    if let Some((head, command)) = line.at_colon() {
        match due(reading, head) {
            Ok(Some((key, due))) => {
                let command = command_of::<P>(reading, text, &command)?;
                return Some(Expected::Pending(vec![Owed { key, due, command }]));
            }
            Ok(None) => {}
            Err(fault) => {
                reading.misread(text, &line.text, &fault);
                return None;
            }
        }
    }
    if reading.read::<P::Command>(line.text()).is_ok() {
        let why = format!(
            "this is a command, and Then says what is owed: write `{}: {}`",
            words.fixed("owed"),
            line.text()
        );
        reading.fault(text, &line.text, 0, why);
        return None;
    }
    let phrases = ["owed", "still owed"].map(|phrase| format!("{}: …", words.fixed(phrase)));
    let whole = ["nothing is owed", "nothing more is owed"].map(|phrase| words.fixed(phrase).to_string());
    let fault = furthest(line.text(), vec![Misread::unknown()], phrases.into_iter().chain(whole).collect());
    reading.misread(text, &line.text, &fault);
    None
}

fn command_of<P>(reading: &mut ReadingText<'_>, text: &ScenarioText, said: &Placed) -> Option<P::Command>
where
    P: SpecifiedProcess<Command: Message>,
{
    match reading.read(&said.text) {
        Ok(command) => Some(command),
        Err(fault) => {
            reading.misread(text, said, &fault);
            None
        }
    }
}

/// The key of an item of a to-do list, and when it is owed.
fn due(reading: &ReadingText<'_>, head: &str) -> Result<Option<(String, Due)>, Misread> {
    for phrase in [
        "owed as {key} from {from} until {end}",
        "owed as {key} from {from} on",
        "still owed as {key} until {end}",
        "still owed as {key}",
    ] {
        let Some(said) = slots_of(reading, phrase, head) else { continue };
        let slot = |name: &str| said.iter().find(|(slot, _)| *slot == name).map(|(_, text)| text.as_str());
        let time = |name: &str| match slot(name) {
            Some(text) => {
                text.parse::<Timestamp>().map(Some).map_err(|error| Misread::refused(&error.to_string()))
            }
            None => Ok(None),
        };
        let due = match (time("from")?, time("end")?) {
            (None, None) => Due::Now,
            (Some(from), None) => Due::At(from),
            (None, Some(end)) => Due::Until(end),
            (Some(from), Some(end)) => Due::Between(from, end),
        };
        return Ok(slot("key").map(|key| (key.to_string(), due)));
    }
    Ok(None)
}

/// The texts in the slots of a phrase of the kit, if the text is one; in other words, the slots may be in another order.
fn slots_of<'w>(
    reading: &ReadingText<'w>,
    phrase: &'static str,
    text: &str,
) -> Option<Vec<(&'w str, String)>> {
    let pattern = reading.words.fixed(phrase);
    let names: Vec<&str> = slots(pattern).collect();
    let texts = match names.len() {
        1 => vec![read_sentence::<String>(pattern, text, reading.words).ok()??],
        _ => read_sentence::<Vec<String>>(pattern, text, reading.words).ok()??,
    };
    Some(names.into_iter().zip(texts).collect())
}
