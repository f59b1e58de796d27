//! Everything that can be said of a type of messages, and whether it can be read back.

use super::code::code;
use super::name::{Name, NameError};
use super::names_of_type::{Leaf, leaves};
use super::phrase::phrase_of;
use super::read::{Misread, read_message};
use super::sample::{Kind, NoSample, sample, sample_with_choices};
use super::sentence::slots;
use super::tree::hash_of;
use super::words::{Words, snake, spaced};
use crate::page::{letters_apart, one_line};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// With how many values each message is tried.
const SAMPLES: u64 = 24;
/// How many phrases are suggested at most.
const MAX_NEAREST: usize = 3;

/// A message of a vocabulary: its name, and an example of how it is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VocabularyEntry {
    /// The name of the message.
    pub name: Name,
    /// The message with some content, such as `withdraw 5`: texts are `"…"`.
    pub phrase: String,
    /// What else can stand in it where only some values can, such as the variants of an enum.
    pub choices: Vec<VocabularyChoice>,
}

/// The values that are possible at a place of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VocabularyChoice {
    /// The field in words; empty for a value without a name.
    pub field: String,
    /// All values in words, or the first words of those that hold others.
    pub values: Vec<String>,
}

/// Why a type of messages cannot be read from words: a vocabulary that can be read in two ways is refused when it is made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VocabularyError {
    /// The type hides the names of its messages.
    #[error("{0}")]
    Unnamed(NameError),
    /// The type is outside serde.
    #[error("messages of the type `{type_name}` cannot be read from words: its `Message` is written by hand")]
    OutsideSerde {
        /// The Rust type.
        type_name: &'static str,
    },
    /// A value in a message does not say what it is: `#[serde(untagged)]`, `#[serde(tag = …)]` or `#[serde(flatten)]`.
    #[error(
        "`{name}` cannot be read from words: `{type_name}` in it is untagged, internally tagged or flattened, and so hides what it takes"
    )]
    Hidden {
        /// The message.
        name: Name,
        /// The Rust type of the value.
        type_name: &'static str,
    },
    /// A message is said like another one.
    #[error(
        "`{name}` can be said as `{}`, and that can be read in more than one way ({}): give one of them a sentence of its own with \
         `Words::say`",
        one_line(.phrase),
        .readings.join(", or ")
    )]
    Ambiguous {
        /// The message.
        name: Name,
        /// How it is said.
        phrase: String,
        /// What that can mean, as Rust code.
        readings: Vec<String>,
    },
    /// A message does not come back from its phrase.
    #[error("`{name}` can be said as `{}`, and cannot be read back from that: {why}", one_line(.phrase))]
    Unreadable {
        /// The message.
        name: Name,
        /// How it is said.
        phrase: String,
        /// Why.
        why: String,
    },
    /// A sentence leaves a field out.
    #[error("the sentence \"{sentence}\" leaves out the field `{field}` of `{name}`: add {{{field}}}")]
    LeavesOut {
        /// The message.
        name: Name,
        /// The sentence.
        sentence: String,
        /// The field.
        field: String,
    },
    /// A sentence has a slot for a field that is not there.
    #[error("the sentence \"{sentence}\" has a slot {{{slot}}}, and `{name}` has no such field")]
    NoSuchField {
        /// The message.
        name: Name,
        /// The sentence.
        sentence: String,
        /// The slot.
        slot: String,
    },
    /// There is a sentence for a message that does not exist.
    #[error("there is a sentence for `{name}`, \"{sentence}\", and no message has this name{}", is_meant(.nearest))]
    NoSuchMessage {
        /// The name that has a sentence.
        name: String,
        /// The sentence.
        sentence: String,
        /// Names that resemble it.
        nearest: Vec<String>,
    },
    /// A message is said like a phrase of the kit, such as "nothing happens".
    #[error(
        "`{name}` is said as `{}`, and that is read as the phrase `{phrase}`: give the message a sentence of its own with `Words::say`",
        one_line(.said)
    )]
    LikePhrase {
        /// The message.
        name: Name,
        /// How it is said.
        said: String,
        /// The phrase.
        phrase: String,
    },
    /// A sentence about a state is like a phrase of the kit, or like a message, and would never be read.
    #[error("the sentence \"{sentence}\" can be read as {reading}: say it in other words")]
    SentenceLike {
        /// The sentence.
        sentence: String,
        /// What else it is.
        reading: String,
    },
}

fn is_meant(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        names => format!("; is this meant: `{}`?", names.join("`, or `")),
    }
}

pub(super) fn vocabulary_of<T: Serialize + DeserializeOwned>(
    words: &Words,
) -> Result<Vec<VocabularyEntry>, VocabularyError> {
    let leaves = match leaves::<T>() {
        // A value without a name, such as a text that is the reason to refuse something.
        Err(NameError::NoMessage { found, .. }) => vec![Leaf {
            name: Name::leaf_only(found),
            leaf: "",
            route: Vec::new(),
            variant: None,
            newtype: false,
            keyed: false,
        }],
        leaves => leaves.map_err(VocabularyError::Unnamed)?,
    };
    let mut entries = Vec::with_capacity(leaves.len());
    for leaf in &leaves {
        let name = leaf.name.clone();
        let mut choices = Vec::new();
        let phrase = match sample_with_choices::<T>(&leaf.route, leaf.variant, Kind::Example) {
            Ok((example, picked)) => {
                has_slots(&example, leaf, words)?;
                choices.extend(picked.into_iter().map(|(field, variants)| VocabularyChoice {
                    field: if field.is_empty() { String::new() } else { words.name(field) },
                    values: variants.iter().map(|variant| words.name(variant)).collect(),
                }));
                phrase_of(&example, words).say(words)
            }
            Err(NoSample::Hidden(type_name)) => return Err(VocabularyError::Hidden { name, type_name }),
            Err(NoSample::Refused) => format!("{} …", spaced(leaf.leaf)),
        };
        entries.push(VocabularyEntry { name, phrase, choices });
        for seed in 0..SAMPLES {
            if let Ok(value) = sample::<T>(&leaf.route, leaf.variant, Kind::Any(seed)) {
                comes_back(&value, leaf, words)?;
            }
        }
    }
    Ok(entries)
}

/// Whether the sentence of a message, if it has one, has a slot for each of its fields and no other.
fn has_slots<T: Serialize + DeserializeOwned>(
    example: &T,
    leaf: &Leaf,
    words: &Words,
) -> Result<(), VocabularyError> {
    let mut path: String = leaf.name.path().map(|part| snake(part) + ".").collect();
    path.push_str(leaf.leaf);
    let Some(sentence) = words.sentence(&path, leaf.leaf) else { return Ok(()) };
    let phrase = phrase_of(example, words);
    let fields: Vec<&str> = phrase.fields().collect();
    let (name, said) = (leaf.name.clone(), sentence.to_string());
    if let Some(field) = fields.iter().find(|field| slots(sentence).all(|slot| slot != **field)) {
        return Err(VocabularyError::LeavesOut { name, sentence: said, field: field.to_string() });
    }
    match slots(sentence).find(|slot| !fields.contains(slot)) {
        Some(slot) => Err(VocabularyError::NoSuchField { name, slot: slot.to_string(), sentence: said }),
        None => Ok(()),
    }
}

/// The law: what is said of a message reads back as the message.
fn comes_back<T: Serialize + DeserializeOwned>(
    value: &T,
    leaf: &Leaf,
    words: &Words,
) -> Result<(), VocabularyError> {
    let name = leaf.name.clone();
    let phrase = phrase_of(value, words).say(words);
    match read_message::<T>(&phrase, words) {
        Ok(read) if hash_of(&read) == hash_of(value) => Ok(()),
        Ok(read) => {
            let readings = vec![code(value), code(&read)];
            Err(VocabularyError::Ambiguous { name, phrase, readings })
        }
        Err(fault) => match fault.readings() {
            Some(readings) => Err(VocabularyError::Ambiguous { name, phrase, readings: readings.to_vec() }),
            None => Err(VocabularyError::Unreadable { name, phrase, why: fault.to_string() }),
        },
    }
}

/// Reads a message; a fault comes with the phrases that the text resembles.
pub(super) fn read_with_help<T: Serialize + DeserializeOwned>(
    phrase: &str,
    words: &Words,
) -> Result<T, Misread> {
    read_message(phrase, words).map_err(|mut fault| {
        if fault.is_unknown() {
            fault.nearest = nearest(phrase, examples::<T>(words));
        }
        fault
    })
}

/// How each message of a type is said, with some content.
fn examples<T: Serialize + DeserializeOwned>(words: &Words) -> Vec<String> {
    let leaves = leaves::<T>().unwrap_or_default();
    let example = |leaf: &Leaf| sample::<T>(&leaf.route, leaf.variant, Kind::Example);
    leaves
        .iter()
        .filter_map(|leaf| example(leaf).ok())
        .map(|example| phrase_of(&example, words).say(words))
        .collect()
}

/// The phrases that a text resembles, nearest first: by their words, and by the letters of each word.
pub(crate) fn nearest(text: &str, phrases: impl IntoIterator<Item = String>) -> Vec<String> {
    let said = words_of(text);
    let mut ranked: Vec<(f64, String)> = phrases
        .into_iter()
        .map(|phrase| (distance(&said, &words_of(&phrase)), phrase))
        .filter(|(distance, _)| *distance < 0.55)
        .collect();
    ranked.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let nearest = ranked.first().map_or(0.0, |(distance, _)| *distance);
    let close = ranked.into_iter().take_while(|(distance, _)| *distance <= nearest + 0.15);
    close.take(MAX_NEAREST).map(|(_, phrase)| phrase).collect()
}

/// The words of a phrase, without texts, numbers and signs, at most the first twenty.
fn words_of(phrase: &str) -> Vec<String> {
    let mut quoted = false;
    let outside: String = phrase
        .chars()
        .map(|char| {
            quoted ^= char == '"';
            if quoted { ' ' } else { char }
        })
        .collect();
    let words = outside.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    let named = words.filter(|word| !word.starts_with(|char: char| char.is_ascii_digit()));
    named.map(str::to_lowercase).take(20).collect()
}

/// 0 for the same words, 1 for none in common.
fn distance(one: &[String], other: &[String]) -> f64 {
    if one.is_empty() || other.is_empty() {
        return 1.0;
    }
    let covered = |from: &[String], by: &[String]| {
        let least = |word: &String| by.iter().map(|other| unlike(word, other)).fold(1.0, f64::min);
        from.iter().map(least).sum::<f64>() / from.len() as f64
    };
    // What was written counts more than what it leaves out; the first words, which name the message, most.
    0.4 * covered(one, other) + 0.2 * covered(other, one) + 0.4 * unlike(&one[0], &other[0])
}

/// How unlike two words are, from 0 to 1: letters to change, add, leave out or swap, by the length of the longer one.
fn unlike(one: &str, other: &str) -> f64 {
    let first = |word: &str| word.chars().take(30).collect::<String>();
    let (one, other) = (first(one), first(other));
    let longer = one.chars().count().max(other.chars().count()).max(1);
    let part = letters_apart(&one, &other) as f64 / longer as f64;
    // Beyond half of its letters, a word is another word.
    if part > 0.5 { 1.0 } else { part }
}
