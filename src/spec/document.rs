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
    /// The language of the keywords, such as "de"; by default "en".
    #[serde(default = "english")]
    pub language: String,
}

fn english() -> String {
    "en".to_string()
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
    pub(super) fn new(title: String, chapters: Vec<Chapter>) -> Document {
        Document { title, chapters, language: english() }
    }

    /// The same document with the keywords of this language of Gherkin, such as "de". Without the feature `text`, and in a language that
    /// Gherkin does not have, they are English.
    ///
    /// ```
    /// # use leftfold::{Scenario, Specification, decider, spec::{Document, Specified}, message::Message};
    /// # fn document<D: Specified<Command = u32, Event = u32, Rejection = String>>(_: D) -> Document
    /// # { Specification::<D>::new().scenarios([Scenario::named("eins").when(1).then([1])]).document("Summe") }
    /// # let document = document(decider(|| 0, |n: &u32, _: &u32| Ok::<_, String>(vec![*n]), |sum, n: &u32| sum + n));
    /// let page = document.in_language("de").to_gherkin();
    /// # #[cfg(feature = "text")]
    /// assert_eq!(page, "# language: de\nFunktionalität: Summe\n\n  Szenario: eins\n    Wenn 1\n    Dann 1\n");
    /// ```
    #[must_use]
    pub fn in_language(self, language: impl Into<String>) -> Document {
        Document { language: language.into(), ..self }
    }

    /// The document as Markdown: a heading for each scenario, its labels in a paragraph, its steps as a list.
    pub fn to_markdown(&self) -> String {
        let keywords = Keywords::of(&self.language);
        let mut page = match keywords.language {
            Some(language) => format!("<!-- language: {language} -->\n\n"),
            None => String::new(),
        };
        let _ = writeln!(page, "# {}", markdown(&self.title));
        for chapter in &self.chapters {
            if let Some(title) = &chapter.title {
                let _ = write!(page, "\n## {}\n", markdown(title));
            }
            if !chapter.background.is_empty() {
                page.push('\n');
                list(&mut page, &background(chapter), &keywords);
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
                    list(&mut page, &lines, &keywords);
                }
            }
        }
        page
    }

    /// The document in Gherkin: a `Feature`, a `Rule` for each view and process manager and for scenarios that share a history, labels
    /// and open questions as tags.
    pub fn to_gherkin(&self) -> String {
        let keywords = Keywords::of(&self.language);
        let mut page = match keywords.language {
            Some(language) => format!("# language: {language}\n"),
            None => String::new(),
        };
        let _ = writeln!(page, "{}: {}", keywords.feature, gherkin(&self.title));
        for chapter in &self.chapters {
            let mut indent = "  ";
            if let Some(title) = &chapter.title {
                let _ = write!(page, "\n  {}: {}\n", keywords.rule, gherkin(title));
                indent = "    ";
            }
            let mut steps = |before: String, lines: &[Line]| {
                page.push_str(&before);
                for (word, text) in lines {
                    let _ = writeln!(page, "{indent}  {}{}", keywords.step(*word), gherkin(text));
                }
            };
            if !chapter.background.is_empty() {
                steps(format!("\n{indent}{}:\n", keywords.background), &background(chapter));
            }
            for prose in &chapter.scenarios {
                let question = prose.is_question.then(|| OPEN_QUESTION.to_string());
                let labels: Vec<String> = question.into_iter().chain(prose.labels.iter().cloned()).collect();
                let mut head = String::from("\n");
                if !labels.is_empty() {
                    let _ = writeln!(head, "{indent}{}", gherkin(&tags(&labels)));
                }
                let _ = writeln!(head, "{indent}{}: {}", keywords.scenario, gherkin(&prose.name));
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

/// The word that a step begins with.
#[derive(Clone, Copy)]
enum Word {
    Given,
    When,
    Then,
    And,
}

/// The keywords of a document in its language.
struct Keywords {
    /// The language, if it is not English.
    language: Option<&'static str>,
    feature: &'static str,
    rule: &'static str,
    background: &'static str,
    scenario: &'static str,
    /// Those of steps, with the space after them if they need one: given, when, then, and.
    steps: [&'static str; 4],
}

impl Keywords {
    #[cfg(feature = "text")]
    fn of(language: &str) -> Keywords {
        use super::text::{Language, StepWord, TitleWord};
        let language = Language::of(language).unwrap_or(Language::english());
        Keywords {
            language: (language.code != Language::english().code).then_some(language.code),
            feature: language.title_keyword(TitleWord::Feature),
            rule: language.title_keyword(TitleWord::Rule),
            background: language.title_keyword(TitleWord::Background),
            scenario: language.title_keyword(TitleWord::Scenario),
            steps: [StepWord::Given, StepWord::When, StepWord::Then, StepWord::And]
                .map(|word| language.step_keyword(word)),
        }
    }

    #[cfg(not(feature = "text"))]
    fn of(_: &str) -> Keywords {
        Keywords {
            language: None,
            feature: "Feature",
            rule: "Rule",
            background: "Background",
            scenario: "Scenario",
            steps: ["Given ", "When ", "Then ", "And "],
        }
    }

    fn step(&self, word: Word) -> &'static str {
        self.steps[word as usize]
    }
}

/// A step after its word.
type Line = (Word, String);

fn list(page: &mut String, lines: &[Line], keywords: &Keywords) {
    for (word, text) in lines {
        let _ = writeln!(page, "- **{}** {}", keywords.step(*word).trim_end(), markdown(text));
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
        let mut say = |word, texts: &[String]| {
            for (i, text) in texts.iter().enumerate() {
                lines.push((if i == 0 { word } else { Word::And }, text.clone()));
            }
        };
        say(Word::Given, &self.given);
        for step in &self.steps {
            say(Word::When, &step.when);
            say(Word::Then, &step.then);
        }
        lines
    }
}
