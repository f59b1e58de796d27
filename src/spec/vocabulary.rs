//! Everything that can be said in a text about a model, and whether it can be read in one way only.

use super::document::ChapterKind;
use super::expect::Predicate;
use super::part::same_words;
use super::scenario::{Expected, Scenario, Specified, Step};
use super::sentence::DeclaredSentence;
use super::specification::Specification;
use super::text::{Language, StepWord, TitleWord};
use crate::message::{
    KIT_PHRASES, Message, VocabularyEntry, VocabularyError, Words, matched, nearest, said_in, slots,
};
use crate::page::fitted;
use serde::Serialize;
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

/// The width of the page.
const WIDTH: usize = 80;

/// What can be said in a text about a model; made by [`Specification::vocabulary`]. It prints as a page for people, and serializes.
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
    list: String,
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

impl<D> Specification<D>
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    /// Everything that can be said in a text about the model: its messages, the sentences that it declares, and the phrases of the kit.
    ///
    /// Messages are tried with many values, in the words of each language: what is said of each has to read back as the message.
    ///
    /// ```
    /// # use leftfold::{Model, Modelled};
    /// # fn printed<D: Modelled>(model: Model<D>) -> Result<(), leftfold::message::VocabularyError> {
    /// println!("{}", model.specification().vocabulary()?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`VocabularyError`]: a message hides what it holds, or is said like another one or like a phrase of the kit; a sentence is
    /// said like a message; or there are [`Words`] for a name that no message has.
    pub fn vocabulary(&self) -> Result<Vocabulary, VocabularyError> {
        for (language, words) in &self.words_in {
            self.vocabulary_with(language, words)?;
        }
        self.vocabulary_with(Language::english().code, self.in_words())
    }

    pub(crate) fn vocabulary_with(
        &self,
        language: &str,
        words: &Words,
    ) -> Result<Vocabulary, VocabularyError> {
        let view_sentences: Vec<&(dyn Any + Send + Sync)> =
            self.view_sentences.iter().map(|declared| &*declared.sentence).collect();
        let parts: Result<Vec<PartVocabulary>, _> =
            self.parts.iter().map(|part| part.vocabulary(words, &view_sentences)).collect();
        let vocabulary = Vocabulary {
            language: language.to_string(),
            commands: D::Command::vocabulary(words)?,
            events: D::Event::vocabulary(words)?,
            rejections: D::Rejection::vocabulary(words)?,
            sentences: patterns(self.sentences()),
            said_in_rust: said_in_rust(&self.scenarios, self.sentences(), words),
            parts: parts?,
            phrases: KIT_PHRASES.iter().map(|phrase| (*phrase, words.fixed(phrase).to_string())).collect(),
            list: said_in(&[1, 2, 3], words),
        };
        vocabulary.names_fit(words)?;
        refuse_phrases(&vocabulary.events, &["nothing happens", "it is refused"], words)?;
        refuse_phrases(&vocabulary.commands, &["nothing is asked"], words)?;
        for sentence in self.sentences() {
            refuse_phrase(sentence.pattern(), &["nothing happens", "it is refused", "today"], words)?;
            for event in &vocabulary.events {
                if matches!(sentence.expecting(&event.phrase, words), Ok(Some(_))) {
                    return Err(like_event(sentence.pattern(), event));
                }
            }
            for value in ["1", "\"x\""] {
                let name = D::Event::read(&with_slots(sentence.pattern(), value), words)
                    .ok()
                    .and_then(|event| event.name().ok());
                if let Some(event) = vocabulary.events.iter().find(|event| Some(&event.name) == name.as_ref())
                {
                    return Err(like_event(sentence.pattern(), event));
                }
            }
        }
        Ok(vocabulary)
    }
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

pub(super) fn patterns<S>(sentences: &[DeclaredSentence<S>]) -> Vec<String> {
    sentences.iter().map(|sentence| sentence.pattern().to_string()).collect()
}

/// A sentence with the same value in all its slots.
fn with_slots(pattern: &str, value: &str) -> String {
    let mut filled = pattern.to_string();
    for slot in slots(pattern) {
        filled = filled.replace(&format!("{{{slot}}}"), value);
    }
    filled
}

fn like_event(sentence: &str, event: &VocabularyEntry) -> VocabularyError {
    let reading = format!("the event `{}`, \"{}\"", event.name, event.phrase);
    VocabularyError::SentenceLike { sentence: sentence.to_string(), reading }
}

/// The phrase of the kit that a text is, alone or before a colon.
fn phrase_in<'p>(text: &str, phrases: &[&'static str], words: &'p Words) -> Option<&'p str> {
    phrases.iter().map(|phrase| words.fixed(phrase)).find(|phrase| {
        let after = matched(text, 0, phrase).map(|after| text[after..].trim_start());
        after.is_some_and(|after| after.is_empty() || after.starts_with(':'))
    })
}

/// Refuses messages that are said like one of these phrases.
fn refuse_phrases(
    entries: &[VocabularyEntry],
    phrases: &[&'static str],
    words: &Words,
) -> Result<(), VocabularyError> {
    let phrases = [phrases, &["today"]].concat();
    match entries.iter().find_map(|entry| Some((entry, phrase_in(&entry.phrase, &phrases, words)?))) {
        None => Ok(()),
        Some((VocabularyEntry { name, phrase: said, .. }, phrase)) => {
            let phrase = phrase.to_string();
            Err(VocabularyError::LikePhrase { name: name.clone(), said: said.clone(), phrase })
        }
    }
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
    /// Whether all sentences of `words` are for messages that there are, or for phrases of the kit.
    fn names_fit(&self, words: &Words) -> Result<(), VocabularyError> {
        let of_parts = self.parts.iter().flat_map(|part| part.events.iter().chain(&part.commands));
        let all = self.commands.iter().chain(&self.events).chain(&self.rejections).chain(of_parts);
        let names: Vec<String> =
            all.flat_map(|entry| [entry.name.to_string(), entry.name.leaf().to_string()]).collect();
        for (name, sentence) in words.sentences() {
            if KIT_PHRASES.contains(&name) || names.iter().any(|known| known == name) {
                continue;
            }
            let mut known: Vec<String> = names.clone();
            known.extend(KIT_PHRASES.iter().map(|phrase| (*phrase).to_string()));
            known.sort();
            known.dedup();
            let (name, sentence) = (name.to_string(), sentence.to_string());
            return Err(VocabularyError::NoSuchMessage { nearest: nearest(&name, known), name, sentence });
        }
        Ok(())
    }

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
        page.chapter(&format!("What can be asked ({when} …)"), phrases(&self.commands));
        page.chapter(&format!("What can happen ({given} …, {then} …)"), phrases(&self.events));
        let refused = self.said("it is refused");
        let reasons = phrases(&self.rejections).map(|reason| match &*reason {
            "" => refused.to_string(),
            reason => format!("{refused}: {reason}"),
        });
        page.chapter(&format!("Why something is refused ({then} …)"), reasons);
        let also = [self.said("nothing happens").to_string(), refused.to_string()]
            .into_iter()
            .chain(self.sentences.clone());
        page.chapter(&format!("What else can be expected ({then} …)"), also);
        page.chapter(
            &format!("Said in Rust only, to be repeated word for word ({then} …)"),
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
                page.list(&seen, phrases(&part.events));
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
            page.list("said in Rust only, to be repeated word for word", part.said_in_rust.clone());
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

#[cfg(test)]
mod tests;
