//! The vocabulary of a specification, and whether it can be read in one way only.

use super::scenario::Specified;
use super::sentence::DeclaredSentence;
use super::specification::Specification;
use super::text::Language;
use super::vocabulary::{PartVocabulary, Vocabulary, patterns, phrase_in, refuse_phrase, said_in_rust};
use crate::message::{
    KIT_PHRASES, Message, VocabularyEntry, VocabularyError, Words, nearest, said_in, slots, spaced,
};
use std::any::Any;

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
            sentences: patterns(self.sentences(), words),
            said_in_rust: said_in_rust(&self.scenarios, self.sentences(), words),
            parts: parts?,
            phrases: KIT_PHRASES.iter().map(|phrase| (*phrase, words.fixed(phrase).to_string())).collect(),
            list: said_in(&[1, 2, 3], words),
        };
        let own = self.sentences().iter().map(DeclaredSentence::pattern);
        let of_views = self.view_sentences.iter().map(|declared| declared.pattern.as_str());
        let titles = self.parts.iter().map(|part| part.title());
        names_fit(&vocabulary, &own.chain(of_views).chain(titles).collect::<Vec<_>>(), words)?;
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

/// Whether all sentences of `words` are for messages and sentences that there are, for names in words, or for phrases of the kit.
fn names_fit(vocabulary: &Vocabulary, declared: &[&str], words: &Words) -> Result<(), VocabularyError> {
    let of_parts = vocabulary.parts.iter().flat_map(|part| part.events.iter().chain(&part.commands));
    let all =
        vocabulary.commands.iter().chain(&vocabulary.events).chain(&vocabulary.rejections).chain(of_parts);
    let names: Vec<String> =
        all.flat_map(|entry| [entry.name.to_string(), entry.name.leaf().to_string()]).collect();
    for (name, sentence) in words.sentences() {
        // A name in English words is that of a part, of a field or of a value, which may not be in any example.
        let in_words = spaced(name) == name && !name.contains('{');
        if KIT_PHRASES.contains(&name)
            || in_words
            || declared.contains(&name)
            || names.iter().any(|known| known == name)
        {
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

#[cfg(test)]
mod tests;
