//! A specification as a document that domain experts read: Markdown and Gherkin.

use super::label::OPEN_QUESTION;
use crate::page::markup::{gherkin, markdown};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write as _};

/// A specification as domain experts read it; made by
/// [`Specification::document`](super::Specification::document).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Document {
    /// The model's name.
    pub title: String,
    /// The decider's scenarios first, without a title; then those that share a history, with the name of the scenario that was forked
    /// as their title; then those of views and process managers.
    pub chapters: Vec<Chapter>,
}

/// The scenarios of one part of a model, or some that share a history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Chapter {
    /// The view or process manager, or what the scenarios share; `None` for the other scenarios of the decider.
    pub title: Option<String>,
    /// What its scenarios are about.
    #[serde(default)]
    pub kind: ChapterKind,
    /// What has happened before each of its scenarios.
    #[serde(default)]
    pub background: Vec<String>,
    /// Its scenarios, in order.
    pub scenarios: Vec<Prose>,
}

/// What the scenarios of a chapter are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ChapterKind {
    /// The decider.
    #[default]
    Decider,
    /// A view.
    View,
    /// A process manager.
    ProcessManager,
}

/// A scenario in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Prose {
    /// Its name.
    pub name: String,
    /// Whether it is an open question.
    pub is_question: bool,
    /// Its labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// What has happened before, besides the background of its chapter.
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
    /// The document as Markdown: a heading for each scenario, its labels in a paragraph, its steps as a list.
    pub fn to_markdown(&self) -> String {
        let mut page = format!("# {}\n", markdown(&self.title));
        for chapter in &self.chapters {
            if let Some(title) = &chapter.title {
                let _ = write!(page, "\n## {}\n", markdown(title));
            }
            if !chapter.background.is_empty() {
                page.push('\n');
                list(&mut page, &background(chapter));
            }
            let heading = if chapter.title.is_some() { "###" } else { "##" };
            for prose in &chapter.scenarios {
                let _ = write!(page, "\n{heading} {}\n", markdown(&prose.heading()));
                if !prose.labels.is_empty() {
                    let _ = write!(page, "\n{}\n", markdown(&tags(&prose.labels)));
                }
                let lines = prose.lines();
                if !lines.is_empty() {
                    page.push('\n');
                    list(&mut page, &lines);
                }
            }
        }
        page
    }

    /// The document in Gherkin: a `Feature`, a `Rule` for each view and process manager and for scenarios that share a history, labels
    /// and open questions as tags.
    pub fn to_gherkin(&self) -> String {
        let mut page = format!("Feature: {}\n", gherkin(&self.title));
        for chapter in &self.chapters {
            let mut indent = "  ";
            if let Some(title) = &chapter.title {
                let _ = write!(page, "\n  Rule: {}\n", gherkin(title));
                indent = "    ";
            }
            let mut steps = |before: String, lines: &[Line]| {
                page.push_str(&before);
                for (word, text) in lines {
                    let _ = writeln!(page, "{indent}  {word} {}", gherkin(text));
                }
            };
            if !chapter.background.is_empty() {
                steps(format!("\n{indent}Background:\n"), &background(chapter));
            }
            for prose in &chapter.scenarios {
                let question = prose.is_question.then(|| OPEN_QUESTION.to_string());
                let labels: Vec<String> = question.into_iter().chain(prose.labels.iter().cloned()).collect();
                let mut head = String::from("\n");
                if !labels.is_empty() {
                    let _ = writeln!(head, "{indent}{}", gherkin(&tags(&labels)));
                }
                let _ = writeln!(head, "{indent}Scenario: {}", gherkin(&prose.name));
                steps(head, &prose.lines());
            }
        }
        page
    }

    /// The open questions of all chapters.
    pub fn questions(&self) -> impl Iterator<Item = &Prose> {
        self.chapters.iter().flat_map(|chapter| &chapter.scenarios).filter(|prose| prose.is_question)
    }
}

/// A step after its word: Given, And, When, Then.
type Line = (&'static str, String);

fn list(page: &mut String, lines: &[Line]) {
    for (word, text) in lines {
        let _ = writeln!(page, "- **{word}** {}", markdown(text));
    }
}

/// The steps that all scenarios of a chapter have in front.
fn background(chapter: &Chapter) -> Vec<Line> {
    Prose { given: chapter.background.clone(), ..Prose::default() }.lines()
}

fn tags(labels: &[String]) -> String {
    let tags: Vec<String> = labels.iter().map(|label| format!("@{label}")).collect();
    tags.join(" ")
}

// What a heading of Markdown may have before the name of a scenario.
const QUESTION: &str = "Open question: ";
const SCENARIO: &str = "Scenario: ";

/// Whether a heading of Markdown with this text would be read as more than a name.
pub(super) fn is_marked(heading: &str) -> bool {
    [QUESTION, SCENARIO].iter().any(|mark| {
        let mark = mark.trim_end();
        heading.trim_start().get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark))
    })
}

impl Prose {
    /// The heading in Markdown.
    fn heading(&self) -> String {
        match &self.name {
            name if self.is_question => format!("{QUESTION}{name}"),
            name if is_marked(name) => format!("{SCENARIO}{name}"),
            name => name.clone(),
        }
    }

    /// The steps in the reader's order.
    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut say = |word: &'static str, texts: &[String]| {
            for (i, text) in texts.iter().enumerate() {
                lines.push((if i == 0 { word } else { "And" }, text.clone()));
            }
        };
        say("Given", &self.given);
        for step in &self.steps {
            say("When", &step.when);
            say("Then", &step.then);
        }
        lines
    }
}
