//! A specification as a document that domain experts read: Markdown and Gherkin.

use super::process::{self, ProcessScenario, SpecifiedProcess};
use super::scenario::{Expected, Given, Scenario, Specified, Step};
use super::view::{self, SpecifiedView, ViewScenario};
use crate::message::{Message, Words, said};
use crate::page::markup::{gherkin, markdown};
use crate::process::{Due, Owed};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write as _};

/// A specification as domain experts read it; made by
/// [`Specification::document`](super::Specification::document).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Document {
    /// The model's name.
    pub title: String,
    /// The decider's scenarios first, without a title; then those of views and process managers.
    pub chapters: Vec<Chapter>,
}

/// The scenarios of one part of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Chapter {
    /// The view or process manager; `None` for the decider itself.
    pub title: Option<String>,
    /// Its scenarios, in order.
    pub scenarios: Vec<Prose>,
}

/// A scenario in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Prose {
    /// Its name.
    pub name: String,
    /// Whether it is an open question.
    pub is_question: bool,
    /// What has happened before.
    pub given: Vec<String>,
    /// The commands or events in question, each with what is expected.
    pub steps: Vec<ProseStep>,
}

/// One when-then of a scenario in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProseStep {
    /// The commands or events in question; empty if only the state is expected to be something.
    pub when: Vec<String>,
    /// What is expected.
    pub then: Vec<String>,
}

/// Prints it as Markdown.
impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_markdown())
    }
}

impl Document {
    /// The document as Markdown: a heading for each scenario, its steps as a list, open questions at the end.
    pub fn to_markdown(&self) -> String {
        let mut page = format!("# {}\n", markdown(&self.title));
        for chapter in &self.chapters {
            if let Some(title) = &chapter.title {
                let _ = write!(page, "\n## {}\n", markdown(title));
            }
            let heading = if chapter.title.is_some() { "###" } else { "##" };
            for prose in chapter.scenarios.iter().filter(|prose| !prose.is_question) {
                let _ = write!(page, "\n{heading} {}\n\n", markdown(&prose.name));
                for (word, text) in prose.lines() {
                    let _ = writeln!(page, "- **{word}** {}", markdown(&text));
                }
            }
        }
        let mut questions = self.questions().peekable();
        if questions.peek().is_some() {
            page.push_str("\n## Open questions\n\n");
            for question in questions {
                let _ = writeln!(page, "- {}", markdown(&question.name));
                for (word, text) in question.lines() {
                    let _ = writeln!(page, "  - **{word}** {}", markdown(&text));
                }
            }
        }
        page
    }

    /// The document in Gherkin: a `Feature`, a `Rule` for each view and process manager, open questions tagged.
    pub fn to_gherkin(&self) -> String {
        let mut page = format!("Feature: {}\n", gherkin(&self.title));
        for chapter in &self.chapters {
            let mut indent = "  ";
            if let Some(title) = &chapter.title {
                let _ = write!(page, "\n  Rule: {}\n", gherkin(title));
                indent = "    ";
            }
            for prose in &chapter.scenarios {
                page.push('\n');
                if prose.is_question {
                    let _ = writeln!(page, "{indent}@open-question");
                }
                let _ = writeln!(page, "{indent}Scenario: {}", gherkin(&prose.name));
                for (word, text) in prose.lines() {
                    let _ = writeln!(page, "{indent}  {word} {}", gherkin(&text));
                }
            }
        }
        page
    }

    /// The open questions of all chapters.
    pub fn questions(&self) -> impl Iterator<Item = &Prose> {
        self.chapters.iter().flat_map(|chapter| &chapter.scenarios).filter(|prose| prose.is_question)
    }
}

impl Prose {
    /// The steps in the reader's order, each after its word: Given, And, When, Then.
    fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        let mut say = |word: &'static str, texts: &[String]| {
            for (i, text) in texts.iter().enumerate() {
                lines.push((if i == 0 { word } else { "And" }, text.clone()));
            }
        };
        say("Given", &self.given);
        for step in &self.steps {
            say("When", &step.when);
            let unchecked: Vec<String>;
            let then = if self.is_question {
                unchecked = step.then.iter().map(|then| format!("{then} (not checked)")).collect();
                &unchecked
            } else {
                &step.then
            };
            say("Then", then);
        }
        lines
    }

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

pub(super) fn scenario_prose<D>(scenario: &Scenario<D>, words: &Words) -> Prose
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    let mut prose =
        Prose { name: scenario.name().to_string(), is_question: scenario.is_question(), ..Prose::default() };
    for given in scenario.history() {
        prose.given.push(match given {
            Given::Event(event) => event.phrase().say(words),
            Given::Command(command) => command.phrase().say(words),
        });
    }
    for step in scenario.steps() {
        match step {
            Step::When(commands) => prose.add_step(commands.iter().map(|c| c.phrase().say(words)).collect()),
            Step::Then(Expected::Events(events), _) if events.is_empty() => {
                prose.expect(["nothing happens".to_string()]);
            }
            Step::Then(Expected::Events(events), _) => {
                prose.expect(events.iter().map(|event| event.phrase().say(words)));
            }
            Step::Then(Expected::Rejected(rejection), _) => {
                let why = rejection.phrase().say(words);
                prose.expect([if why.is_empty() {
                    "it is refused".to_string()
                } else {
                    format!("it is refused: {why}")
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
    let mut prose =
        Prose { name: scenario.name().to_string(), is_question: scenario.is_question(), ..Prose::default() };
    let mut expected_before = false;
    for step in scenario.steps() {
        match step {
            view::Step::Given(event) if !expected_before => prose.given.push(event.phrase().say(words)),
            view::Step::Given(event) => prose.add_step(vec![event.phrase().say(words)]),
            view::Step::Then(expected, _) => {
                expected_before = true;
                prose.expect([match expected {
                    view::Expected::State(state) => format!("the answer is: {}", said(state)),
                    view::Expected::Holding(sentence, _) => sentence.clone(),
                }]);
            }
        }
    }
    if expected_before {
        prose.expect(scenario.promises().map(str::to_string));
    }
    prose
}

pub(super) fn process_prose<P>(scenario: &ProcessScenario<P>, words: &Words) -> Prose
where
    P: SpecifiedProcess<Event: Message, Command: Message>,
{
    let mut prose =
        Prose { name: scenario.name().to_string(), is_question: scenario.is_question(), ..Prose::default() };
    for step in scenario.steps() {
        match step {
            process::Step::Given(event) => prose.given.push(event.phrase().say(words)),
            process::Step::When(event) => prose.add_step(vec![event.phrase().say(words)]),
            process::Step::Then(process::Expected::Commands(commands), _) if commands.is_empty() => {
                prose.expect(["nothing more is owed".to_string()]);
            }
            process::Step::Then(process::Expected::Commands(commands), _) => {
                prose.expect(commands.iter().map(|command| format!("owed: {}", command.phrase().say(words))));
            }
            process::Step::Then(process::Expected::Owed(commands), _) if commands.is_empty() => {
                prose.expect(["nothing is owed".to_string()]);
            }
            process::Step::Then(process::Expected::Owed(commands), _) => {
                let still = |command: &P::Command| format!("still owed: {}", command.phrase().say(words));
                prose.expect(commands.iter().map(still));
            }
            process::Step::Then(process::Expected::Pending(list), _) if list.is_empty() => {
                prose.expect(["nothing is owed".to_string()]);
            }
            process::Step::Then(process::Expected::Pending(list), _) => {
                let item = |owed: &Owed<P::Command>| {
                    format!("{}: {}", due_in_words(owed.due), owed.command.phrase().say(words))
                };
                prose.expect(list.iter().map(item));
            }
        }
    }
    prose
}

/// When an item of a to-do list is owed.
fn due_in_words(due: Due) -> String {
    match due {
        Due::Now => "still owed".to_string(),
        Due::At(from) => format!("owed from {from} on"),
        Due::Until(end) => format!("still owed until {end}"),
        Due::Between(from, end) => format!("owed from {from} until {end}"),
    }
}
