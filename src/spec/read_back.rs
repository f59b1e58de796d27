//! Whether a specification that is written as a text reads back as it is.

use super::document::Document;
use super::scenario::Specified;
use super::specification::Specification;
use super::unlike::{Compared, scenario_compared};
use super::vocabulary::said_in_rust;
use crate::message::Message;
use std::any::Any;

impl<D> Specification<D>
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    /// The specification with the words of this language as its own.
    pub(crate) fn in_language(&self, language: Option<&str>) -> Specification<D> {
        match language {
            Some(language) => self.clone().words(self.words_of_language(language).clone()),
            None => self.clone(),
        }
    }

    /// The languages for which it has words.
    pub(crate) fn languages(&self) -> impl Iterator<Item = &str> {
        self.words_in.keys().map(String::as_str)
    }

    /// The document of the specification, in its words, and with the keywords of a language.
    pub(crate) fn document_with_keywords(&self, title: &str, language: Option<&str>) -> Document {
        let document = self.document(title);
        match language {
            Some(language) => document.in_language(language),
            None => document,
        }
    }

    /// What is not the same when this text of the specification is read back: a sentence for each scenario, or for each fault.
    pub(crate) fn not_read_back(&self, file: &str, text: &str) -> Vec<String> {
        let (read, faults) = self.read_what_can_be(file, text);
        if !faults.is_empty() {
            return faults.iter().map(ToString::to_string).collect();
        }
        let words = self.in_words();
        let own = |specification: &Self| -> Vec<Compared> {
            specification.scenarios.iter().map(|scenario| scenario_compared(scenario, words)).collect()
        };
        let mut found = differences(&own(self), &own(&read));
        for (part, other) in self.parts.iter().zip(&read.parts) {
            let unlike = differences(&part.compared(words), &other.compared(words));
            found.extend(unlike.into_iter().map(|unlike| format!("{}: {unlike}", part.title())));
        }
        if found.is_empty() { self.unlike(&read).into_iter().collect() } else { found }
    }

    /// What its scenarios say of states and outcomes that no sentence says.
    pub(crate) fn said_in_rust_only(&self) -> Vec<String> {
        let words = self.in_words();
        let sentences: Vec<&(dyn Any + Send + Sync)> =
            self.view_sentences.iter().map(|declared| &*declared.sentence).collect();
        let mut found = said_in_rust(&self.scenarios, self.sentences(), words);
        found.extend(self.parts.iter().flat_map(|part| part.said_in_rust_only(words, &sentences)));
        found
    }
}

/// What is not the same in two lists, scenario by scenario.
fn differences(ones: &[Compared], others: &[Compared]) -> Vec<String> {
    let same = ones.len().min(others.len());
    let pairs = ones.chunks(1).zip(others.chunks(1));
    let pairs = pairs.filter_map(|(one, other)| Compared::unlike(one, other));
    let rest = Compared::unlike(&ones[same..], &others[same..]);
    pairs.chain(rest).collect()
}
