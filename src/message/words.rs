//! From the names of code to the words of people.

use super::sentence::{Piece, contains_words, matched, pieces, slots};
use super::tree::inside_pointers;
use crate::page::printable;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::type_name;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Lists the phrases of the kit, in one place for readers, checks and the documentation.
macro_rules! kit_phrases {
    ($($phrase:literal,)*) => {
        /// The phrases of the kit itself, by their English text: those of scenarios, then those of values.
        pub(crate) const KIT_PHRASES: &[&str] = &[$($phrase),*];
        macro_rules! listed_phrases {
            () => { concat!($("- `", $phrase, "`\n"),*) };
        }
    };
}

kit_phrases! {
    "nothing happens",
    "it is refused",
    "nothing is asked",
    "command",
    "today",
    "the answer is",
    "also when events are delivered twice",
    "in any order of the events",
    "owed",
    "still owed",
    "nothing is owed",
    "nothing more is owed",
    "still owed as {key}",
    "still owed as {key} until {end}",
    "owed as {key} from {from} on",
    "owed as {key} from {from} until {end}",
    "yes",
    "no",
    "none",
    "and",
    "bytes",
    "no {field}",
    "not {field}",
}

/// How a specification says its messages: a sentence for each message that the plain rule does not fit.
///
/// The plain rule spaces a name out and lower-cases it, and appends the fields: `MoneyWithdrawn { amount: 5 }` is
/// "money withdrawn, amount 5". A sentence of your own names its fields in braces (`{0}`, `{1}` where they have no name).
///
/// ```
/// use leftfold::message::{Words, phrase};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// enum Event { MoneyWithdrawn { amount: u64 } }
///
/// let event = Event::MoneyWithdrawn { amount: 5 };
/// assert_eq!(phrase(&event).say(&Words::default()), "money withdrawn, amount 5");
/// let words = Words::default().say("MoneyWithdrawn", "{amount} euros were taken out");
/// assert_eq!(phrase(&event).say(&words), "5 euros were taken out");
/// ```
///
/// The phrases of the kit itself can be said otherwise too, in another language for example, by their English text:
///
#[doc = listed_phrases!()]
///
/// So can the names of parts, fields and values, and the sentences that a model declares.
///
/// ```
/// # use leftfold::message::{Words, phrase};
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # enum Event { AreaPlanned { sales_area: u32 } }
/// let words = Words::default().say("nothing happens", "es geschieht nichts").say("sales area", "Verkaufsfläche");
/// let planned = Event::AreaPlanned { sales_area: 120 };
/// assert_eq!(phrase(&planned).say(&words), "area planned, Verkaufsfläche 120");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    sentences: BTreeMap<String, String>,
    values: Vec<ValueWords>,
}

type SayValue = dyn Fn(serde_json::Value) -> Option<String> + Send + Sync;
type ReadValue = dyn Fn(&str) -> Option<serde_json::Value> + Send + Sync;

/// How the values of one type are said, and read back.
#[derive(Clone)]
pub(super) struct ValueWords {
    of: &'static str,
    /// From the value in JSON to its text.
    say: Arc<SayValue>,
    /// From the text to the value in JSON.
    read: Arc<ReadValue>,
    /// Whether the plain rule reads this text as a value of the type.
    is_plain: fn(&str) -> bool,
}

impl ValueWords {
    pub(super) fn new<T: Serialize + DeserializeOwned>(
        say: impl Fn(&T) -> Option<String> + Send + Sync + 'static,
        read: impl Fn(&str) -> Option<T> + Send + Sync + 'static,
        is_plain: fn(&str) -> bool,
    ) -> ValueWords {
        ValueWords {
            of: type_name::<T>(),
            say: Arc::new(move |json| say(&serde_json::from_value(json).ok()?)),
            read: Arc::new(move |text| serde_json::to_value(read(text)?).ok()),
            is_plain,
        }
    }
}

impl fmt::Debug for ValueWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ValueWords").field(&self.of).finish()
    }
}

impl PartialEq for ValueWords {
    fn eq(&self, other: &ValueWords) -> bool {
        self.of == other.of && Arc::ptr_eq(&self.say, &other.say) && Arc::ptr_eq(&self.read, &other.read)
    }
}

impl Words {
    /// Says the message of this name (its leaf, or its whole path) with this sentence.
    #[must_use]
    pub fn say(mut self, name: impl Into<String>, sentence: impl Into<String>) -> Words {
        self.sentences.insert(name.into(), sentence.into());
        self
    }

    /// Adds how the values of a type are said.
    pub(super) fn with_values(mut self, values: ValueWords) -> Words {
        self.values.retain(|before| before.of != values.of);
        self.values.push(values);
        self
    }

    /// The text that these words have for a value, if it reads back as the same value.
    pub(super) fn value_text<T: Serialize + ?Sized>(&self, value: &T) -> Option<String> {
        let of = inside_pointers(type_name::<T>());
        let words = self.values.iter().find(|words| words.of == of)?;
        let json = serde_json::to_value(value).ok()?;
        let text = (words.say)(json.clone())?;
        let closed = !text.is_empty()
            && !text.contains([',', '"', '(', ')', '\\'])
            // White space is read as single spaces, and what is hidden is shown otherwise.
            && text.split(' ').eq(text.split_whitespace())
            && *printable(&text) == *text
            && text.split(' ').all(|word| !word.ends_with(':'))
            && !contains_words(&text, self.fixed("and"))
            && ["none", "yes", "no"].iter().all(|word| matched(&text, 0, self.fixed(word)) != Some(text.len()))
            && !(words.is_plain)(&text);
        (closed && (words.read)(&text)? == json).then_some(text)
    }

    /// The value, in JSON, that these words have for a text, where they say values of this type.
    pub(super) fn value_of_text(&self, of: &str, text: &str) -> Option<serde_json::Value> {
        let words = self.values.iter().find(|words| words.of == of)?;
        (!(words.is_plain)(text)).then(|| (words.read)(text))?
    }

    /// Whether these words say values of this type.
    pub(super) fn names_values(&self, of: &str) -> bool {
        let of = inside_pointers(of);
        self.values.iter().any(|words| words.of == of)
    }

    /// A message by its name alone: its sentence with `…` for each value, or the plain rule.
    pub(crate) fn title(&self, name: &str) -> String {
        let leaf = name.rsplit('.').next().unwrap_or(name);
        let Some(sentence) = self.sentence(name, leaf) else { return spaced(leaf) };
        let piece = |piece: Piece<'_>| match piece {
            Piece::Words(words) => words.to_string(),
            Piece::Slot { .. } => "…".to_string(),
        };
        pieces(sentence).into_iter().map(piece).collect()
    }

    /// The names that have a sentence, with it.
    #[cfg(feature = "text")]
    pub(crate) fn sentences(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sentences.iter().map(|(name, sentence)| (&**name, &**sentence))
    }

    /// What these words have for a phrase of the kit, such as "nothing happens"; the phrase itself if they have nothing for it.
    pub(crate) fn fixed<'w>(&'w self, phrase: &'static str) -> &'w str {
        debug_assert!(KIT_PHRASES.contains(&phrase), "{phrase:?} is missing in the list of phrases");
        let own = self.sentences.get(phrase).filter(|own| !own.trim().is_empty());
        own.map_or(phrase, String::as_str)
    }

    /// A name of the code in words: of a part, of a field or of a value, said otherwise if there is a text without slots for its English words.
    pub(super) fn name(&self, name: &str) -> String {
        let said = spaced(name);
        self.sentences.get(&said).filter(|text| !text.contains('{')).cloned().unwrap_or(said)
    }

    /// What these words have for a sentence that a model declares, if it has the same slots in the same order; else the sentence.
    pub(crate) fn declared<'w>(&'w self, sentence: &'w str) -> &'w str {
        let other = self.sentences.get(sentence).filter(|other| slots(other).eq(slots(sentence)));
        other.map_or(sentence, String::as_str)
    }

    pub(super) fn sentence(&self, path: &str, leaf: &str) -> Option<&str> {
        self.sentences.get(path).or_else(|| self.sentences.get(leaf)).map(String::as_str)
    }
}

/// `WithdrawMoney`, `withdraw_money` → "withdraw money"; runs of capitals stay together (`IBANChanged` → "iban changed").
pub(crate) fn spaced(name: &str) -> String {
    separated(name, ' ')
}

/// `OrderLine` → `order_line`.
pub(crate) fn snake(name: &str) -> String {
    separated(name, '_')
}

fn separated(name: &str, separator: char) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let chars: Vec<char> = name.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        if c == '_' || c == '-' || c == ' ' {
            if !words.is_empty() && !words.ends_with(separator) {
                words.push(separator);
            }
            continue;
        }
        let after_word = i > 0 && (chars[i - 1].is_lowercase() || chars[i - 1].is_numeric());
        let before_word =
            i > 0 && chars[i - 1].is_uppercase() && chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && (after_word || before_word) && !words.ends_with(separator) {
            words.push(separator);
        }
        words.extend(c.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words() {
        for (name, words) in [
            ("WithdrawMoney", "withdraw money"),
            ("withdraw_money", "withdraw money"),
            ("IBANChanged", "iban changed"),
            ("Address2Changed", "address2 changed"),
            ("paid in", "paid in"),
            ("A", "a"),
            ("", ""),
        ] {
            assert_eq!(spaced(name), words);
        }
        assert_eq!(snake("OrderLine"), "order_line");
    }

    #[test]
    fn a_message_without_its_values_is_said_by_its_sentence() {
        let words = Words::default().say("Paid", "{by} has paid {amount} euros");
        assert_eq!(words.title("order.Paid"), "… has paid … euros");
        assert_eq!(words.title("order.OrderPlaced"), "order placed");
    }
}
