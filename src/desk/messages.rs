//! Messages in questions and answers. They stay the text that they are: a page that cannot hold a number of 64 bits passes it on unread.

use super::wrong::Wrong;
use crate::fold::Fold;
use crate::json;
use crate::message::{self, Message, Words};
use crate::page::one_line;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The events of a question, each still a text.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(super) struct EventsAsked<'q>(#[serde(borrow)] Vec<&'q RawValue>);

impl EventsAsked<'_> {
    /// The first events, at most `most`; `before` others come before them.
    pub(super) fn first<E: DeserializeOwned>(&self, most: usize, before: usize) -> Result<Vec<E>, Wrong> {
        let read = |(i, event): (usize, &&RawValue)| {
            message(event).map_err(|why| {
                let number = before + i + 1;
                Wrong(format!("event {number} of the history is none of this model: {}", one_line(&why)))
            })
        };
        self.0.iter().take(most).enumerate().map(read).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The message of a text, or why there is none.
pub(super) fn message<T: DeserializeOwned>(text: &RawValue) -> Result<T, String> {
    serde_json::from_str(text.get()).map_err(|why| why.to_string())
}

/// What is written into an answer. Every answer is made of texts, numbers and lists, which are JSON.
pub(super) fn json<T: Serialize + ?Sized>(answer: &T) -> Box<RawValue> {
    serde_json::value::to_raw_value(answer).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// A message in an answer.
#[derive(Serialize)]
pub(super) struct Said {
    /// As JSON, in a text.
    json: String,
    /// In the words of the model.
    says: String,
    /// Its name; empty where its type hides it.
    name: String,
}

impl Said {
    pub(super) fn of<M: Message + Serialize>(message: &M, words: &Words) -> Said {
        let mut text = Vec::new();
        // What is no JSON cannot be asked about again, and its words are shown all the same.
        let json = match json::write(message, &mut text) {
            Ok(()) => String::from_utf8_lossy(&text).into_owned(),
            Err(_) => String::new(),
        };
        let name = message::name(message).map(|name| name.to_string()).unwrap_or_default();
        Said { json, says: message::say(message, words), name }
    }

    #[cfg(feature = "serve")]
    pub(super) fn says(&self) -> &str {
        &self.says
    }

    /// A message that is none of the model's, in words alone.
    pub(super) fn in_words(says: String) -> Said {
        Said { json: String::new(), says, name: String::new() }
    }

    pub(super) fn into_json(self) -> String {
        self.json
    }

    pub(super) fn all<M: Message + Serialize>(messages: &[M], words: &Words) -> Vec<Said> {
        messages.iter().map(|message| Said::of(message, words)).collect()
    }
}

/// Every state of a history, one after another, up to the last.
pub(super) fn states<'h, F: Fold<State: Clone>>(
    fold: &'h F,
    history: &'h [F::Event],
) -> impl Iterator<Item = F::State> + 'h {
    let mut state = Some(fold.initial_state());
    let mut events = history.iter();
    std::iter::from_fn(move || {
        let now = state.clone()?;
        state = events.next().map(|event| fold.evolve(now.clone(), event));
        Some(now)
    })
}
