//! From the names of code to the words of people.

use std::collections::BTreeMap;

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    sentences: BTreeMap<String, String>,
}

impl Words {
    /// Says the message of this name (its leaf, or its whole path) with this sentence.
    #[must_use]
    pub fn say(mut self, name: impl Into<String>, sentence: impl Into<String>) -> Words {
        self.sentences.insert(name.into(), sentence.into());
        self
    }

    /// What these words have for a phrase of the kit, such as "nothing happens"; the phrase itself if they have nothing for it.
    pub(crate) fn fixed<'w>(&'w self, phrase: &'static str) -> &'w str {
        self.sentences.get(phrase).map_or(phrase, String::as_str)
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
}
