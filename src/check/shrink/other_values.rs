//! Other values of an argument with which a story fails as well.

use crate::check::counterexample::OtherValues;
use std::fmt;

/// Replaces each command of a story by others from the alphabet that differ in one argument, and collects the values with
/// which the story fails as well.
pub(crate) fn other_values<C: Clone + fmt::Debug>(
    story: &[C],
    mut alphabet_at: impl FnMut(usize) -> Vec<C>,
    mut fails: impl FnMut(&[C]) -> bool,
) -> Vec<OtherValues> {
    let mut found: Vec<OtherValues> = Vec::new();
    for (command, own) in story.iter().enumerate() {
        let own = format!("{own:?}");
        let parts = words(&own);
        let mut values: Vec<Vec<String>> = vec![Vec::new(); parts.len()];
        let mut candidate = story.to_vec();
        for other in alphabet_at(command) {
            let text = format!("{other:?}");
            let others = words(&text);
            let unlike: Vec<usize> = match others.len() == parts.len() {
                true => (0..parts.len()).filter(|&part| parts[part] != others[part]).collect(),
                false => continue,
            };
            // The first word is the name of the command. Another command is another story.
            let [part] = unlike[..] else { continue };
            if part == 0 {
                continue;
            }
            candidate[command] = other;
            if fails(&candidate) {
                values[part].push(others[part].to_string());
            }
        }
        for (part, values) in values.into_iter().enumerate().filter(|(_, values)| !values.is_empty()) {
            found.push(OtherValues {
                command,
                values: ranges(values),
                before: parts[..part].concat(),
                after: parts[part + 1..].concat(),
            });
        }
    }
    found
}

/// Splits a text into words and the text between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut begin = 0;
    let mut within = None;
    for (at, character) in text.char_indices() {
        let is_word = character.is_alphanumeric() || matches!(character, '_' | '-' | '.');
        if within.is_some_and(|within| within != is_word) {
            words.push(&text[begin..at]);
            begin = at;
        }
        within = Some(is_word);
    }
    words.push(&text[begin..]);
    words
}

/// `["1", "2", "3", "7"]` → `["1..=3", "7"]`. Values that are not numbers stay as they are.
fn ranges(values: Vec<String>) -> Vec<String> {
    let mut runs: Vec<(String, String, Option<i128>)> = Vec::new();
    for value in values {
        let number: Option<i128> = value.parse().ok();
        match runs.last_mut() {
            Some((_, last, Some(end))) if number.is_some() && end.checked_add(1) == number => {
                *last = value;
                *end += 1;
            }
            _ => runs.push((value.clone(), value, number)),
        }
    }
    runs.into_iter()
        .flat_map(|(first, last, number)| match (first.parse::<i128>(), number) {
            (Ok(one), Some(end)) if end - one > 1 => vec![format!("{first}..={last}")],
            (Ok(one), Some(end)) if end - one == 1 => vec![first, last],
            _ => vec![first],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    enum Command {
        Offer { customer: u8, price: u8 },
        Sign(u8),
    }

    #[test]
    fn the_other_values_of_one_argument_print_as_ranges() {
        let story = [Command::Offer { customer: 0, price: 6 }, Command::Sign(0)];
        let alphabet =
            || (1..=6).map(|price| Command::Offer { customer: 0, price }).chain([Command::Sign(1)]);
        let found = other_values(
            &story,
            |_| alphabet().collect(),
            |story| !matches!(story[0], Command::Offer { price: 3, .. }) && story[1] == Command::Sign(0),
        );
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(said, ["Offer { customer: 0, price: 1 | 2 | 4 | 5 }"]);
        let found = other_values(&story, |_| alphabet().collect(), |_| true);
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(said, ["Offer { customer: 0, price: 1..=5 }", "Sign(1)"]);
    }

    #[test]
    fn an_unlike_number_of_words_is_another_story() {
        assert_eq!(words("Pay(-1.5, \"a b\")"), ["Pay", "(", "-1.5", ", \"", "a", " ", "b", "\")"]);
        assert_eq!(words(""), [""]);
        assert_eq!(ranges(["x", "2", "3"].map(String::from).to_vec()), ["x", "2", "3"]);
    }
}
