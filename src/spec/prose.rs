//! Scenarios in words.

use super::document::{Chapter, ChapterKind, Prose, ProseStep, is_marked};
use super::process::{self, ProcessScenario, SpecifiedProcess};
use super::scenario::{Expected, Given, Scenario, Specified, Step};
use super::view::{self, SpecifiedView, ViewScenario};
use crate::message::{Message, Words, quoted, said_in};
use crate::process::{Due, Owed};
use serde::Serialize;

impl Prose {
    fn add_step(&mut self, when: Vec<String>) {
        self.steps.push(ProseStep { when, then: Vec::new() });
    }

    fn expect(&mut self, then: impl IntoIterator<Item = String>) {
        if self.steps.is_empty() {
            self.add_step(Vec::new());
        }
        if let Some(step) = self.steps.last_mut() {
            step.then.extend(then);
        }
    }
}

/// The name and the history, in words, of the scenario that another was forked from.
type BaseInWords = (String, Vec<String>);

/// The chapters of a decider. The scenarios at the end that share a history are chapters of their own, because what follows a
/// `Rule` of Gherkin belongs to it; the title of such a chapter is none of `parts`, the titles of the chapters that follow.
pub(super) fn chapters_of_decider<D>(scenarios: &[Scenario<D>], parts: &[&str], words: &Words) -> Vec<Chapter>
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    let mut plain: Vec<(Prose, Option<BaseInWords>)> = scenarios
        .iter()
        .map(|scenario| {
            let prose = scenario_prose(scenario, words);
            let base = scenario.base.as_ref();
            let base = base.map(|base| (base.name.to_string(), prose.given[..base.given].to_vec()));
            (prose, base)
        })
        .collect();
    if let (Some((_, Some(base))), []) = (plain.first().cloned(), parts)
        && plain.iter().all(|(_, other)| other.as_ref() == Some(&base))
    {
        return vec![Chapter { title: None, ..sharing(base, plain) }];
    }
    let mut groups = Vec::new();
    while let Some((_, Some(base))) = plain.last()
        && is_title(&base.0, parts)
    {
        let base = base.clone();
        let before = plain.iter().rposition(|(_, other)| other.as_ref() != Some(&base));
        groups.push(sharing(base, plain.split_off(before.map_or(0, |before| before + 1))));
    }
    let plain = plain.into_iter().map(|(prose, _)| prose).collect();
    let mut chapters = vec![Chapter { scenarios: plain, ..Chapter::default() }];
    chapters.extend(groups.into_iter().rev());
    chapters
}

/// Whether the scenarios of a decider can have this title between the chapters of these parts.
fn is_title(name: &str, parts: &[&str]) -> bool {
    let same = |one: &str, other: &str| {
        let words =
            |text: &str| text.to_lowercase().split_whitespace().map(str::to_string).collect::<Vec<_>>();
        words(one) == words(other)
    };
    !name.trim().is_empty() && !is_marked(name) && !parts.iter().any(|part| same(part, name))
}

/// A chapter of scenarios that share a history, which is said once.
fn sharing((title, background): BaseInWords, scenarios: Vec<(Prose, Option<BaseInWords>)>) -> Chapter {
    let without = |mut prose: Prose| {
        prose.given.drain(..background.len());
        prose
    };
    let scenarios = scenarios.into_iter().map(|(prose, _)| without(prose)).collect();
    Chapter { title: Some(title), kind: ChapterKind::Decider, background, scenarios }
}

pub(super) fn scenario_prose<D>(scenario: &Scenario<D>, words: &Words) -> Prose
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    let mut prose = prose_of(scenario.name(), scenario.is_question(), scenario.labels());
    for given in scenario.history() {
        prose.given.push(match given {
            Given::Event(event) => event.say(words),
            Given::Command(command) => command.say(words),
        });
    }
    for step in scenario.steps() {
        match step {
            Step::When(commands) if commands.is_empty() => {
                prose.add_step(vec![words.fixed("nothing is asked").to_string()]);
            }
            Step::When(commands) => prose.add_step(commands.iter().map(|c| c.say(words)).collect()),
            Step::Then(Expected::Events(events), _) if events.is_empty() => {
                prose.expect([words.fixed("nothing happens").to_string()]);
            }
            Step::Then(Expected::Events(events), _) => {
                prose.expect(events.iter().map(|event| event.say(words)));
            }
            Step::Then(Expected::Rejected(rejection), _) => {
                let why = rejection.say(words);
                let refused = words.fixed("it is refused");
                prose.expect([if why.is_empty() {
                    refused.to_string()
                } else {
                    format!("{refused}: {why}")
                }]);
            }
            Step::Then(Expected::Matching(sentence, _) | Expected::State(sentence, _), _) => {
                prose.expect([sentence.clone()]);
            }
        }
    }
    prose
}

pub(super) fn view_prose<V>(scenario: &ViewScenario<V>, words: &Words) -> Prose
where
    V: SpecifiedView<Event: Message, State: Serialize>,
{
    let mut prose = prose_of(scenario.name(), scenario.is_question(), scenario.labels());
    let mut expected_before = false;
    for step in scenario.steps() {
        match step {
            view::Step::Given(event) if !expected_before => prose.given.push(event.say(words)),
            view::Step::Given(event) => prose.add_step(vec![event.say(words)]),
            view::Step::Then(expected, _) => {
                expected_before = true;
                prose.expect([match expected {
                    view::Expected::State(state) => {
                        format!("{}: {}", words.fixed("the answer is"), said_in(state, words))
                    }
                    view::Expected::Holding(sentence, _) => sentence.clone(),
                }]);
            }
        }
    }
    let promises: Vec<String> = scenario.promises().map(|promise| words.fixed(promise).to_string()).collect();
    if !promises.is_empty() {
        prose.expect(promises);
    }
    prose
}

pub(super) fn process_prose<P>(scenario: &ProcessScenario<P>, words: &Words) -> Prose
where
    P: SpecifiedProcess<Event: Message, Command: Message>,
{
    let mut prose = prose_of(scenario.name(), scenario.is_question(), scenario.labels());
    for step in scenario.steps() {
        match step {
            process::Step::Given(event) => prose.given.push(event.say(words)),
            process::Step::When(event) => prose.add_step(vec![event.say(words)]),
            process::Step::Then(process::Expected::Commands(commands), _) if commands.is_empty() => {
                prose.expect([words.fixed("nothing more is owed").to_string()]);
            }
            process::Step::Then(process::Expected::Commands(commands), _) => {
                let owed = words.fixed("owed");
                prose.expect(commands.iter().map(|command| format!("{owed}: {}", command.say(words))));
            }
            process::Step::Then(process::Expected::Owed(commands), _) if commands.is_empty() => {
                prose.expect([words.fixed("nothing is owed").to_string()]);
            }
            process::Step::Then(process::Expected::Owed(commands), _) => {
                let owed = words.fixed("still owed");
                prose.expect(commands.iter().map(|command| format!("{owed}: {}", command.say(words))));
            }
            process::Step::Then(process::Expected::Pending(list), _) => {
                let item = |owed: &Owed<P::Command>| {
                    format!("{}: {}", owed_in_words(owed, words), owed.command.say(words))
                };
                prose.expect(list.iter().map(item));
            }
        }
    }
    prose
}

fn prose_of(name: &str, is_question: bool, labels: &[String]) -> Prose {
    Prose { name: name.to_string(), is_question, labels: labels.to_vec(), ..Prose::default() }
}

/// The key of an item of a to-do list, and when it is owed. The phrases are patterns, with the same slots in other words.
fn owed_in_words<C>(owed: &Owed<C>, words: &Words) -> String {
    let (pattern, from, end) = match owed.due {
        Due::Now => ("still owed as {key}", None, None),
        Due::At(from) => ("owed as {key} from {from} on", Some(from), None),
        Due::Until(end) => ("still owed as {key} until {end}", None, Some(end)),
        Due::Between(from, end) => ("owed as {key} from {from} until {end}", Some(from), Some(end)),
    };
    let mut said = words.fixed(pattern).to_string();
    // The key last: it may have braces.
    for (slot, time) in [("{from}", from), ("{end}", end)] {
        said = time.map(|time| said.replacen(slot, &time.to_string(), 1)).unwrap_or(said);
    }
    said.replacen("{key}", &quoted(&owed.key), 1)
}
