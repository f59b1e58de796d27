//! The first word of what `Debug` prints: the name of a variant.

use std::fmt::{self, Debug, Write};

/// The first word of these characters in the `Debug` form of a value, or "any".
pub(crate) fn first_word(value: &impl Debug, in_word: fn(char) -> bool) -> String {
    struct FirstWord(String, fn(char) -> bool);

    impl Write for FirstWord {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            for c in text.chars() {
                if !self.1(c) {
                    return Err(fmt::Error);
                }
                self.0.push(c);
            }
            Ok(())
        }
    }

    let mut word = FirstWord(String::new(), in_word);
    let _ = write!(word, "{value:?}");
    // The names of the kit's own wrappers say nothing about the model.
    let own = ["Joined", "Network"].contains(&word.0.as_str());
    if own || word.0.chars().next().is_none_or(|c| !c.is_alphabetic()) { "any".to_string() } else { word.0 }
}
