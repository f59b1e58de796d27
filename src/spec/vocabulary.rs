//! Everything that can be said in a text about a model, and whether it can be read in one way only.

use super::document::ChapterKind;
use super::expect::{Predicate, same_words};
use super::scenario::{Expected, Scenario, Specified, Step};
use super::sentence::DeclaredSentence;
use super::text::{Language, StepWord, TitleWord};
use crate::message::{VocabularyEntry, VocabularyError, Words, matched};
use crate::page::fitted;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

/// The width of the page.
const WIDTH: usize = 80;

/// What can be said in a text about a model; made by [`Specification::vocabulary`](super::Specification::vocabulary). It prints as a page for people, and serializes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Vocabulary {
    /// The language of the words, such as `en`.
    pub language: String,
    /// What can be asked.
    pub commands: Vec<VocabularyEntry>,
    /// What can happen.
    pub events: Vec<VocabularyEntry>,
    /// Why something is refused.
    pub rejections: Vec<VocabularyEntry>,
    /// The sentences about states of the decider, with their slots.
    pub sentences: Vec<String>,
    /// What scenarios in Rust say of states and outcomes of the decider, where no sentence says it: to be repeated word for word.
    pub said_in_rust: Vec<String>,
    /// The views and process managers.
    pub parts: Vec<PartVocabulary>,
    /// The phrases of the kit, such as "nothing happens", by their English text.
    pub phrases: BTreeMap<&'static str, String>,
    /// How a list is said.
    pub(super) list: String,
}

/// What can be said about a view or a process manager.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PartVocabulary {
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: ChapterKind,
    /// The events it sees.
    pub events: Vec<VocabularyEntry>,
    /// The commands that a process manager makes owed.
    pub commands: Vec<VocabularyEntry>,
    /// The sentences about states of the view, with their slots.
    pub sentences: Vec<String>,
    /// What scenarios in Rust say of its states, where no sentence says it: to be repeated word for word.
    pub said_in_rust: Vec<String>,
}

/// What scenarios in Rust say that no sentence says, each once.
pub(super) fn said_in_rust<D: Specified>(
    scenarios: &[Scenario<D>],
    sentences: &[DeclaredSentence<D::State>],
    words: &Words,
) -> Vec<String> {
    let said = scenarios.iter().flat_map(Scenario::steps).filter_map(|step| match step {
        Step::Then(Expected::State(said, _), _) => Some((said, sentences)),
        Step::Then(Expected::Matching(said, _), _) => Some((said, &[][..])),
        _ => None,
    });
    let mut found = Vec::new();
    said.for_each(|(said, sentences)| add_unsaid(&mut found, said, sentences, words));
    found
}

/// Adds what a predicate is called, if no sentence says it.
pub(super) fn add_unsaid<S>(
    found: &mut Vec<String>,
    said: &str,
    sentences: &[DeclaredSentence<S>],
    words: &Words,
) {
    let expecting = |sentence: &DeclaredSentence<S>| -> Option<(String, Predicate<S>)> {
        sentence.expecting(said, words).ok().flatten()
    };
    let is_known = found.iter().any(|other| same_words(other, said))
        || sentences.iter().any(|sentence| expecting(sentence).is_some());
    if !is_known {
        found.push(said.split_whitespace().collect::<Vec<_>>().join(" "));
    }
}

pub(super) fn patterns<S>(sentences: &[DeclaredSentence<S>], words: &Words) -> Vec<String> {
    sentences.iter().map(|sentence| words.declared(sentence.pattern()).to_string()).collect()
}

/// The phrase of the kit that a text is, alone or before a colon.
pub(super) fn phrase_in<'p>(text: &str, phrases: &[&'static str], words: &'p Words) -> Option<&'p str> {
    phrases.iter().map(|phrase| words.fixed(phrase)).find(|phrase| {
        let after = matched(text, 0, phrase).map(|after| text[after..].trim_start());
        after.is_some_and(|after| after.is_empty() || after.starts_with(':'))
    })
}

/// Refuses a sentence that is said like one of these phrases.
pub(super) fn refuse_phrase(
    sentence: &str,
    phrases: &[&'static str],
    words: &Words,
) -> Result<(), VocabularyError> {
    match phrase_in(sentence, phrases, words) {
        None => Ok(()),
        Some(phrase) => {
            let reading = format!("the phrase `{phrase}`");
            Err(VocabularyError::SentenceLike { sentence: sentence.to_string(), reading })
        }
    }
}

impl Vocabulary {
    fn said(&self, phrase: &'static str) -> &str {
        self.phrases.get(phrase).map_or(phrase, String::as_str)
    }

    /// How values are written, a line for each kind.
    fn values(&self) -> [String; 5] {
        let field = |phrase, field| self.said(phrase).replace("{field}", field);
        [
            "a text is in quotation marks, a number is not: \"Petra\", 10".to_string(),
            format!("a list: {}; an empty one: {}", self.list, self.said("none")),
            format!("a field that is missing: {}", field("no {field}", "limit")),
            format!("a field that is true: joint; one that is false: {}", field("not {field}", "joint")),
            "outside of texts, capital letters and the number of spaces do not count".to_string(),
        ]
    }
}

/// The page, at most 80 columns wide.
impl fmt::Display for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let language = Language::of(&self.language).unwrap_or(Language::english());
        let word = |word| language.step_keyword(word).trim_end();
        let (given, when, then) = (word(StepWord::Given), word(StepWord::When), word(StepWord::Then));
        let mut page = Page::default();
        page.chapter("How values are written", self.values());
        page.chapter(&format!("What can be asked ({when} …)"), with_choices(&self.commands));
        page.chapter(&format!("What can happen ({given} …, {then} …)"), with_choices(&self.events));
        let refused = self.said("it is refused");
        let reasons = with_choices(&self.rejections).map(|reason| match &*reason {
            "" => refused.to_string(),
            reason => format!("{refused}: {reason}"),
        });
        page.chapter(&format!("Why something is refused ({then} …)"), reasons);
        let also = [self.said("nothing happens").to_string(), refused.to_string()]
            .into_iter()
            .chain(self.sentences.clone());
        page.chapter(&format!("What else can be expected ({then} …)"), also);
        page.chapter(
            &format!("Said by the model's program alone, to be repeated word for word ({then} …)"),
            self.said_in_rust.clone(),
        );
        for part in &self.parts {
            let is_view = part.kind == ChapterKind::View;
            let kind = if is_view { "The view" } else { "The process manager" };
            let rule = language.title_keyword(TitleWord::Rule);
            page.heading(&format!("{kind} \"{0}\" (under {rule}: {0})", part.title));
            let seen = if is_view { format!("{given} …") } else { format!("{given} …, {when} …") };
            if part.events == self.events {
                page.list(&seen, ["all that can happen, as above".to_string()]);
            } else {
                page.list(&seen, with_choices(&part.events));
            }
            let expected = if is_view {
                let sentences = part.sentences.iter().cloned();
                let own = ["also when events are delivered twice", "in any order of the events"];
                let own = own.map(|phrase| self.said(phrase).to_string());
                [format!("{}: …", self.said("the answer is"))]
                    .into_iter()
                    .chain(sentences)
                    .chain(own)
                    .collect()
            } else {
                self.of_process(part)
            };
            page.list(&format!("{then} …"), expected);
            page.list(
                "said by the model's program alone, to be repeated word for word",
                part.said_in_rust.clone(),
            );
        }
        let today = self.said("today");
        page.chapter(
            &format!("What the model answers itself, until somebody deletes \"{today}:\" ({then} …)"),
            [format!("{today}: …")],
        );
        f.write_str(page.text.trim_start_matches('\n'))
    }
}

impl Vocabulary {
    /// What is expected of a process manager.
    fn of_process(&self, part: &PartVocabulary) -> Vec<String> {
        let mut expected: Vec<String> =
            phrases(&part.commands).map(|command| format!("{}: {command}", self.said("owed"))).collect();
        expected.push(self.said("nothing more is owed").to_string());
        expected.push(format!("{}: …", self.said("still owed")));
        expected.push(self.said("nothing is owed").to_string());
        let slot = |phrase: &'static str| {
            let said = self.said(phrase).replace("{key}", "\"…\"");
            format!("{}: …", said.replace("{from}", "…").replace("{end}", "…"))
        };
        expected.extend(
            [
                "still owed as {key}",
                "still owed as {key} until {end}",
                "owed as {key} from {from} on",
                "owed as {key} from {from} until {end}",
            ]
            .map(slot),
        );
        expected
    }
}

/// The phrases, each with the values that are possible where only some are.
fn with_choices(entries: &[VocabularyEntry]) -> impl Iterator<Item = String> + '_ {
    entries.iter().map(|entry| {
        let choices = entry.choices.iter().map(|choice| {
            let values = choice.values.join(", ");
            if choice.field.is_empty() {
                format!("one of: {values}")
            } else {
                format!("{}: {values}", choice.field)
            }
        });
        let choices: Vec<String> = choices.collect();
        if choices.is_empty() {
            entry.phrase.clone()
        } else {
            format!("{}  [{}]", entry.phrase, choices.join("; "))
        }
    })
}

fn phrases(entries: &[VocabularyEntry]) -> impl Iterator<Item = String> + '_ {
    entries.iter().map(|entry| entry.phrase.clone())
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn heading(&mut self, title: &str) {
        self.text.push('\n');
        self.line("", title);
    }

    /// A title with its lines, if there are any.
    fn chapter(&mut self, title: &str, lines: impl IntoIterator<Item = String>) {
        let lines: Vec<String> = lines.into_iter().collect();
        if !lines.is_empty() {
            self.heading(title);
            lines.iter().for_each(|line| self.line("  ", line));
        }
    }

    fn list(&mut self, title: &str, lines: impl IntoIterator<Item = String>) {
        let lines: Vec<String> = lines.into_iter().collect();
        if !lines.is_empty() {
            self.line("  ", title);
            lines.iter().for_each(|line| self.line("    ", line));
        }
    }

    fn line(&mut self, indent: &str, line: &str) {
        for line in fitted(&format!("{indent}{}", crate::page::one_line(line)), WIDTH) {
            let _ = writeln!(self.text, "{}", line.trim_end());
        }
    }
}
