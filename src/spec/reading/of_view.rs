//! Scenarios of views.

use super::super::expect::Predicate;
use super::super::failure::Showing;
use super::super::sentence::DeclaredSentence;
use super::super::text::{ScenarioText, StepKind};
use super::super::view::{Expected, SpecifiedView, Step, ViewScenario};
use super::of_decider::{ANSWERED, sentence};
use super::steps::{Base, Line, ReadingText, furthest, labels, name};
use crate::message::{Message, read_value, said_in};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a scenario; `None` if there is a fault in it.
pub(in super::super) fn view_scenario<V>(
    reading: &mut ReadingText<'_>,
    text: &ScenarioText,
    base: &Base<'_>,
    declared: &[DeclaredSentence<V::State>],
    state_in_words: &dyn Fn(&str) -> Option<Predicate<V::State>>,
) -> Option<ViewScenario<V>>
where
    V: SpecifiedView<Event: Message, State: Serialize + DeserializeOwned + 'static>,
{
    let before = reading.faults.len();
    let (lines, _) = reading.lines(text, base);
    let mut scenario = ViewScenario::named_at(name(text), reading.place(text.place));
    (scenario.labels, scenario.question) = labels(text);
    scenario.showing_event = Showing::in_words(reading.shared.clone(), V::Event::say);
    scenario.showing_state = Showing::in_words(reading.shared.clone(), said_in);
    let words = reading.words;
    for line in &lines {
        if line.kind != StepKind::Then {
            match reading.read(line.text()) {
                Ok(event) => scenario.steps.push_back(Step::Given(event)),
                Err(fault) => reading.misread(text, &line.text, &fault),
            }
            continue;
        }
        let today = line.after(words, "today");
        if today.is_some() {
            scenario.labels.add(ANSWERED);
        }
        let line =
            &Line { kind: line.kind, place: line.place.clone(), text: today.unwrap_or(line.text.clone()) };
        if line.is(words, "also when events are delivered twice") {
            scenario.twice = true;
        } else if line.is(words, "in any order of the events") {
            scenario.any_order = true;
        } else if let Some(expected) = expected::<V>(reading, text, line, declared, state_in_words) {
            scenario.steps.push_back(Step::Then(expected, line.place.clone()));
        }
    }
    let expects = scenario.steps.iter().any(|step| matches!(step, Step::Then(..)));
    if !expects {
        if lines.iter().any(|line| line.kind == StepKind::When) {
            scenario.question = true;
        } else if !scenario.question && reading.faults.len() == before {
            let nothing = format!(
                "this scenario expects nothing: add a step such as `Then {}: …`, or the tag @open-question",
                words.fixed("the answer is")
            );
            reading.fault_at(text.place, Some(&text.name.text), nothing);
        }
    }
    (reading.faults.len() == before).then_some(scenario)
}

fn expected<V>(
    reading: &mut ReadingText<'_>,
    text: &ScenarioText,
    line: &Line,
    declared: &[DeclaredSentence<V::State>],
    state_in_words: &dyn Fn(&str) -> Option<Predicate<V::State>>,
) -> Option<Expected<V>>
where
    V: SpecifiedView<Event: Message, State: Serialize + DeserializeOwned + 'static>,
{
    let words = reading.words;
    if let Some(answer) = line.after(words, "the answer is") {
        return match read_value(&answer.text, words) {
            Ok(state) => Some(Expected::State(state)),
            Err(fault) => {
                reading.misread(text, &answer, &fault);
                None
            }
        };
    }
    let mut faults = Vec::new();
    match sentence(reading, &line.text, declared, &mut faults) {
        Ok(Some((said, holds))) => return Some(Expected::Holding(said, holds)),
        Ok(None) => {}
        Err(()) => {
            reading.fault(text, &line.text, 0, "this can be read as more than one sentence of the model");
            return None;
        }
    }
    if let Some(holds) = state_in_words(line.text()) {
        return Some(Expected::Holding(line.text().to_string(), holds));
    }
    let mut phrases: Vec<String> = declared.iter().map(|sentence| sentence.pattern().to_string()).collect();
    phrases.push(format!("{}: …", words.fixed("the answer is")));
    faults.push(crate::message::Misread::unknown());
    let fault = furthest(line.text(), faults, phrases);
    reading.misread(text, &line.text, &fault);
    None
}
