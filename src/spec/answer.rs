//! What a model answers today to a scenario that asks and expects nothing, in words.

use super::panics::caught;
use super::process::{self, ProcessScenario, SpecifiedProcess};
use super::scenario::{Scenario, Specified, Step};
use super::view::{self, SpecifiedView, ViewScenario};
use crate::message::{Message, Words, said_in};
use serde::Serialize;

/// The answer to the last command of a scenario that ends with it; `None` if it does not, or if the model panics.
pub(super) fn decider_answer<D>(scenario: &Scenario<D>, decider: &D, words: &Words) -> Option<Vec<String>>
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    let Some(Step::When(_)) = scenario.steps.back() else { return None };
    let mut earlier = scenario.clone();
    earlier.steps.pop_back();
    let mut before = 0;
    caught(|| earlier.decisions(decider, |_, _, _| before += 1)).ok()?;
    let (mut seen, mut events, mut refused) = (0, Vec::new(), None);
    caught(|| {
        scenario.decisions(decider, |_, _, outcome| {
            seen += 1;
            match outcome {
                _ if seen <= before => {}
                Ok(happened) => events.extend(happened.iter().map(|event| event.say(words))),
                Err(rejection) => refused = Some(rejection.say(words)),
            }
        });
    })
    .ok()?;
    let asks_nothing = matches!(scenario.steps.back(), Some(Step::When(commands)) if commands.is_empty());
    if seen == before && !asks_nothing {
        return None;
    }
    Some(match refused {
        Some(reason) if reason.is_empty() => vec![words.fixed("it is refused").to_string()],
        Some(reason) => vec![format!("{}: {reason}", words.fixed("it is refused"))],
        None if events.is_empty() => vec![words.fixed("nothing happens").to_string()],
        None => events,
    })
}

/// What a view has seen at the end of a scenario that expects nothing.
pub(super) fn view_answer<V>(scenario: &ViewScenario<V>, view: &V, words: &Words) -> Option<Vec<String>>
where
    V: SpecifiedView<Event: Message, State: Serialize>,
{
    let mut seen = Vec::new();
    for step in scenario.steps() {
        match step {
            view::Step::Given(event) => seen.push(event),
            view::Step::Then(..) => return None,
        }
    }
    if seen.is_empty() {
        return None;
    }
    let state = caught(|| view.fold(seen)).ok()?;
    Some(vec![format!("{}: {}", words.fixed("the answer is"), said_in(&state, words))])
}

/// What the last event of a scenario makes owed, if the scenario ends with it.
pub(super) fn process_answer<P>(
    scenario: &ProcessScenario<P>,
    process: &P,
    words: &Words,
) -> Option<Vec<String>>
where
    P: SpecifiedProcess<Event: Message, Command: Message>,
{
    let mut seen = Vec::new();
    let mut last = None;
    for step in scenario.steps() {
        match step {
            process::Step::Given(event) => seen.push(event),
            process::Step::When(event) => {
                seen.extend(last.replace(event));
            }
            process::Step::Then(..) => {}
        }
    }
    let Some(process::Step::When(_)) = scenario.steps.back() else { return None };
    let owed = caught(|| {
        let before = process.fold(seen.iter().copied());
        let after = process.fold(seen.iter().copied().chain(last));
        process.reactions(&before, &after)
    })
    .ok()?;
    Some(match &owed[..] {
        [] => vec![words.fixed("nothing more is owed").to_string()],
        owed => {
            owed.iter().map(|owed| format!("{}: {}", words.fixed("owed"), owed.command.say(words))).collect()
        }
    })
}
