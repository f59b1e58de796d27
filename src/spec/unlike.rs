//! Compares scenarios step by step.

use super::process::{self, ProcessScenario, SpecifiedProcess};
use super::scenario::{Expected, Given, Scenario, Specified, Step};
use super::view::{self, SpecifiedView, ViewScenario};
use crate::message::tree::hash_of;
use crate::message::{Message, Words, said_in};
use serde::Serialize;
use std::fmt::Debug;

/// A scenario as it is compared with another.
pub(super) struct Compared {
    name: String,
    is_question: bool,
    labels: Vec<String>,
    lines: Vec<Line>,
}

/// A value in a step.
struct Line {
    /// What it is there for.
    kind: &'static str,
    said: String,
    /// The value in full, to show where what is said is the same.
    exact: String,
    /// What tells it from other values: what serde shows, with numbers by their bits, and what `Debug` shows besides, in any order.
    identity: (Option<u64>, String),
}

impl Line {
    fn message<T: Message + Debug>(kind: &'static str, message: &T, words: &Words) -> Line {
        Line::value(kind, message.say(words), message.tree_hash(), format!("{} {message:?}", message.code()))
    }

    fn state<T: Serialize + Debug>(kind: &'static str, state: &T, words: &Words) -> Line {
        Line::value(kind, said_in(state, words), hash_of(state), format!("{state:?}"))
    }

    fn value(kind: &'static str, said: String, hash: Option<u64>, exact: String) -> Line {
        // A hash map shows its pairs in any order.
        let identity = if hash.is_some() { sorted(&exact) } else { exact.clone() };
        Line { kind, said, exact, identity: (hash, identity) }
    }

    fn words(kind: &'static str, words: &str) -> Line {
        let said = words.split_whitespace().collect::<Vec<_>>().join(" ");
        Line { kind, exact: said.clone(), identity: (None, said.clone()), said }
    }

    fn is_like(&self, other: &Line) -> bool {
        (self.kind, &self.identity) == (other.kind, &other.identity)
    }

    fn shown(&self, with: &Line) -> String {
        let alike = (self.kind, &self.said) == (with.kind, &with.said);
        format!("{} {:?}", self.kind, if alike { &self.exact } else { &self.said })
    }
}

/// The words of what `Debug` shows, sorted.
fn sorted(debug: &str) -> String {
    let apart = |char: char| !(char.is_alphanumeric() || "-+._".contains(char));
    let mut parts: Vec<&str> = debug.split(apart).filter(|part| !part.is_empty()).collect();
    parts.sort_unstable();
    parts.join(" ")
}

impl Compared {
    /// The first difference of two lists of scenarios.
    pub(super) fn unlike(ones: &[Compared], others: &[Compared]) -> Option<String> {
        for (one, other) in ones.iter().zip(others) {
            if one.name != other.name {
                return Some(format!("scenario {:?} in one, {:?} in the other", one.name, other.name));
            }
            if let Some(unlike) = one.differs(other) {
                return Some(format!("scenario {:?}: {unlike}", one.name));
            }
        }
        let (more, which) = match ones.len() > others.len() {
            true => (&ones[others.len()..], "the other"),
            false => (&others[ones.len()..], "the one"),
        };
        let first = more.first()?;
        Some(format!("scenario {:?} is not in {which}", first.name))
    }

    fn differs(&self, other: &Compared) -> Option<String> {
        if self.is_question != other.is_question {
            let kind = |question: bool| if question { "an open question" } else { "none" };
            return Some(format!(
                "{} in one, {} in the other",
                kind(self.is_question),
                kind(other.is_question)
            ));
        }
        if self.labels != other.labels {
            return Some(format!("the labels {:?} in one, {:?} in the other", self.labels, other.labels));
        }
        for at in 0..self.lines.len().max(other.lines.len()) {
            return Some(match (self.lines.get(at), other.lines.get(at)) {
                (Some(one), Some(another)) if one.is_like(another) => continue,
                (Some(one), Some(another)) => {
                    format!("{} in one, {} in the other", one.shown(another), another.shown(one))
                }
                (Some(one), None) => format!("{} {:?} is not in the other", one.kind, one.said),
                (None, Some(one)) => format!("{} {:?} is not in the one", one.kind, one.said),
                (None, None) => return None,
            });
        }
        None
    }
}

/// Lines of a list: the first begins it, so that two lists in a row are not one. A list of nothing is a line as well.
fn list<T: Message + Debug>([first, next]: [&'static str; 2], messages: &[T], words: &Words) -> Vec<Line> {
    let kinds = std::iter::once(first).chain(std::iter::repeat(next));
    let mut lines: Vec<Line> =
        messages.iter().zip(kinds).map(|(message, kind)| Line::message(kind, message, words)).collect();
    if lines.is_empty() {
        lines.push(Line::words(first, "nothing"));
    }
    lines
}

pub(super) fn scenario_compared<D>(scenario: &Scenario<D>, words: &Words) -> Compared
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    let mut lines = Vec::new();
    for given in scenario.history() {
        lines.push(match given {
            Given::Event(event) => Line::message("given the event", event, words),
            Given::Command(command) => Line::message("given the command", command, words),
        });
    }
    for step in scenario.steps() {
        match step {
            Step::When(commands) => {
                lines.extend(list(["when", "and when"], commands, words));
            }
            Step::Then(Expected::Events(events), _) => {
                lines.extend(list(["then", "and then"], events, words));
            }
            Step::Then(Expected::Rejected(rejection), _) => {
                lines.push(Line::message("then it is refused:", rejection, words));
            }
            Step::Then(Expected::Matching(said, _), _) => {
                lines.push(Line::words("then of the outcome", said));
            }
            Step::Then(Expected::State(said, _), _) => lines.push(Line::words("then of the state", said)),
        }
    }
    compared(scenario.name(), scenario.is_question(), scenario.labels(), lines)
}

pub(super) fn view_compared<V>(scenario: &ViewScenario<V>, words: &Words) -> Compared
where
    V: SpecifiedView<Event: Message, State: Serialize>,
{
    let mut lines: Vec<Line> = scenario
        .steps()
        .map(|step| match step {
            view::Step::Given(event) => Line::message("given", event, words),
            view::Step::Then(view::Expected::State(state), _) => {
                Line::state("then the answer is", state, words)
            }
            view::Step::Then(view::Expected::Holding(said, _), _) => Line::words("then of the answer", said),
        })
        .collect();
    lines.extend(scenario.promises().map(|promise| Line::words("it is promised:", promise)));
    compared(scenario.name(), scenario.is_question(), scenario.labels(), lines)
}

pub(super) fn process_compared<P>(scenario: &ProcessScenario<P>, words: &Words) -> Compared
where
    P: SpecifiedProcess<Event: Message, Command: Message>,
{
    let mut lines = Vec::new();
    for step in scenario.steps() {
        match step {
            process::Step::Given(event) => lines.push(Line::message("given", event, words)),
            process::Step::When(event) => lines.push(Line::message("when", event, words)),
            process::Step::Then(process::Expected::Commands(commands), _) => {
                lines.extend(list(["owed", "and owed"], commands, words));
            }
            process::Step::Then(process::Expected::Owed(commands), _) => {
                lines.extend(list(["still owed", "and still owed"], commands, words));
            }
            process::Step::Then(process::Expected::Pending(list), _) => {
                let mut kind = "on the list";
                for owed in list {
                    let key = format!("{} {:?}", owed.key, owed.due);
                    lines.push(Line::words(kind, &key));
                    lines.push(Line::message("with", &owed.command, words));
                    kind = "and on the list";
                }
            }
        }
    }
    compared(scenario.name(), scenario.is_question(), scenario.labels(), lines)
}

fn compared(name: &str, is_question: bool, labels: &[String], lines: Vec<Line>) -> Compared {
    Compared { name: name.to_string(), is_question, labels: labels.to_vec(), lines }
}
