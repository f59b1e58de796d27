//! What a question is made of, with bounds.

use super::speech::Language;
use crate::model::form::Answers;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde_json::Value;

/// How many events, commands or drafts a question has at most.
const MOST_ITEMS: usize = 10_000;
/// How many fields are filled in at most.
const MOST_FIELDS: usize = 100;
/// How many characters a text has at most.
const LONGEST_TEXT: usize = 10_000;

/// What every question begins with.
#[derive(Deserialize)]
pub struct Head {
    pub ask: String,
    #[serde(default)]
    pub language: Language,
}

/// Reads a question, or says why it is none.
pub fn read<Q: DeserializeOwned>(question: &str) -> Result<Q, String> {
    serde_json::from_str(question).map_err(|error| format!("this is not a question: {error}"))
}

/// A list of messages. Each is its JSON, or a text with its JSON: the texts keep numbers that JavaScript would round.
#[derive(Clone, Debug)]
pub struct Messages<T>(pub Vec<T>);

impl<T> Default for Messages<T> {
    fn default() -> Self {
        Messages(Vec::new())
    }
}

impl<T> std::ops::Deref for Messages<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Messages<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = Vec::<Value>::deserialize(deserializer)?;
        at_most(items.len(), MOST_ITEMS, "items in a list")?;
        let messages = items.into_iter().enumerate().map(|(i, item)| {
            message(item).map_err(|error| D::Error::custom(format!("item {} of the list: {error}", i + 1)))
        });
        messages.collect::<Result<_, _>>().map(Messages)
    }
}

/// One message, in the same two forms.
#[derive(Clone, Debug)]
pub struct Given<T>(pub T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        message(Value::deserialize(deserializer)?).map(Given).map_err(D::Error::custom)
    }
}

fn message<T: DeserializeOwned>(item: Value) -> Result<T, serde_json::Error> {
    let item = match item {
        // A message without fields is a text itself; the text of a message begins with a brace or a quotation mark.
        Value::String(text) if text.trim_start().starts_with(['{', '"']) => serde_json::from_str(&text)?,
        item => item,
    };
    bounded(&item)?;
    serde_json::from_value(item)
}

fn bounded<E: Error>(value: &Value) -> Result<(), E> {
    match value {
        Value::String(text) => at_most(text.chars().count(), LONGEST_TEXT, "characters in a text"),
        Value::Array(items) => items.iter().try_for_each(bounded),
        Value::Object(fields) => fields.values().try_for_each(bounded),
        _ => Ok(()),
    }
}

fn at_most<E: Error>(found: usize, most: usize, what: &str) -> Result<(), E> {
    if found <= most { Ok(()) } else { Err(E::custom(format!("{found} {what}, at most {most} are taken"))) }
}

/// What was filled in in one step.
#[derive(Clone, Debug, Default)]
pub struct Draft(pub Answers);

impl<'de> Deserialize<'de> for Draft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let answers = Answers::deserialize(deserializer)?;
        at_most(answers.len(), MOST_FIELDS, "fields in a step")?;
        for (name, text) in &answers {
            at_most(name.chars().count().max(text.chars().count()), LONGEST_TEXT, "characters in a text")?;
        }
        Ok(Draft(answers))
    }
}

/// What was filled in in several steps.
#[derive(Clone, Debug, Default)]
pub struct Drafts(pub Vec<Draft>);

impl<'de> Deserialize<'de> for Drafts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let drafts = Vec::<Draft>::deserialize(deserializer)?;
        at_most(drafts.len(), MOST_ITEMS, "items in a list")?;
        Ok(Drafts(drafts))
    }
}
