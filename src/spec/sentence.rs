//! Sentences that a model declares, with slots for values: "the balance is {amount}".

use super::expect::Predicate;
use super::place::Place;
use crate::message::{Misread, Phrase, Words, read_sentence};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;

/// A sentence about a state, with slots for values, and what it means. Scenarios in Rust and in text say it alike.
///
/// The type of the argument is that of the slot if there is one, a tuple in the order of the slots if there are several, and `()`
/// if there is none.
///
/// ```
/// # use leftfold::{Decider, Fold};
/// use leftfold::{Model, Scenario, spec::Sentence};
/// # use serde::{Deserialize, Serialize};
/// # struct Tank;
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Command { Fill(u32) }
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Event { Filled(u32) }
/// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub enum Rejection { Full }
/// # impl Fold for Tank {
/// #     type State = u32; type Event = Event;
/// #     fn initial_state(&self) -> u32 { 0 }
/// #     fn evolve(&self, level: u32, Event::Filled(n): &Event) -> u32 { level + n }
/// # }
/// # impl Decider for Tank {
/// #     type Command = Command; type Rejection = Rejection;
/// #     fn decide(&self, Command::Fill(n): &Command, level: &u32) -> Result<Vec<Event>, Rejection> {
/// #         if level + n > 9 { Err(Rejection::Full) } else { Ok(vec![Event::Filled(*n)]) }
/// #     }
/// # }
///
/// let level = Sentence::new("the level is {litres}", |level: &u32, litres: u32| *level == litres);
/// let model = Model::new("tank", Tank).says(&level).scenarios([
///     Scenario::named("a tank is filled twice")
///         .given([Event::Filled(2)])
///         .when(Command::Fill(3))
///         .then_says(&level, 5),
/// ]);
/// model.check().assert();
/// assert!(model.document().to_gherkin().ends_with("    When fill 3\n    Then the level is 5\n"));
/// ```
pub struct Sentence<S, A> {
    pattern: Pattern,
    place: Place,
    holds: Meaning<S, A>,
}

/// Whether a sentence holds of a state, with these values in its slots.
type Meaning<S, A> = Arc<dyn Fn(&S, A) -> bool + Send + Sync>;

impl<S, A> Clone for Sentence<S, A> {
    fn clone(&self) -> Self {
        Sentence { pattern: self.pattern.clone(), place: self.place.clone(), holds: self.holds.clone() }
    }
}

impl<S, A> fmt::Debug for Sentence<S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sentence").field("pattern", &self.pattern.text).finish_non_exhaustive()
    }
}

impl<S: 'static, A> Sentence<S, A>
where
    A: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    /// A sentence whose slots are names in braces, and what it means of a state. If the braces do not fit, the check of the model
    /// says so.
    #[track_caller]
    pub fn new(
        pattern: impl Into<String>,
        holds: impl Fn(&S, A) -> bool + Send + Sync + 'static,
    ) -> Sentence<S, A> {
        Sentence { pattern: Pattern::new(pattern.into()), place: Place::here(), holds: Arc::new(holds) }
    }

    /// The sentence with these values in its slots, and what it means of a state.
    pub(super) fn about(&self, argument: A) -> (String, Predicate<S>) {
        let holds = self.holds.clone();
        let said = self.pattern.filled(&argument);
        (said, Arc::new(move |state| holds(state, argument.clone())))
    }

    /// The sentence for readers, who do not know the type of its argument.
    pub(super) fn declared(&self) -> DeclaredSentence<S> {
        let sentence = self.clone();
        let read = move |text: &str, words: &Words| {
            let argument = read_sentence::<A>(words.declared(&sentence.pattern.text), text, words)?;
            Ok(argument.map(|argument| sentence.about(argument)))
        };
        DeclaredSentence { pattern: self.pattern.clone(), place: self.place.clone(), read: Arc::new(read) }
    }
}

/// How a text is read with a pattern: the sentence as it is said, and what it means.
type ReadSentence<S> =
    Arc<dyn Fn(&str, &Words) -> Result<Option<(String, Predicate<S>)>, Misread> + Send + Sync>;

/// A sentence of a model, whatever its argument is.
pub(super) struct DeclaredSentence<S> {
    pattern: Pattern,
    place: Place,
    #[allow(dead_code, reason = "a reader of a text calls it")]
    read: ReadSentence<S>,
}

impl<S> Clone for DeclaredSentence<S> {
    fn clone(&self) -> Self {
        DeclaredSentence { pattern: self.pattern.clone(), place: self.place.clone(), read: self.read.clone() }
    }
}

impl<S> DeclaredSentence<S> {
    pub(super) fn pattern(&self) -> &str {
        &self.pattern.text
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// What is wrong with its pattern.
    pub(super) fn fault(&self) -> Option<&str> {
        self.pattern.slots.as_ref().err().map(String::as_str)
    }

    /// What a scenario expects that says this text: the words and the predicate of `Expected::State`.
    #[allow(dead_code, reason = "a reader of a text calls it")]
    pub(super) fn expecting(
        &self,
        text: &str,
        words: &Words,
    ) -> Result<Option<(String, Predicate<S>)>, Misread> {
        (self.read)(text, words)
    }
}

/// A sentence with slots, as it is written.
#[derive(Clone)]
struct Pattern {
    text: Arc<str>,
    /// The slots, or what is wrong with them.
    slots: Result<Slots, String>,
}

#[derive(Clone)]
struct Slots {
    number: usize,
    /// The sentence with the positions of the slots for their names.
    by_position: Arc<str>,
}

impl Pattern {
    fn new(text: String) -> Pattern {
        Pattern { slots: slots(&text), text: text.into() }
    }

    /// The one place that fills slots: in the way in which the sentences of [`Words`] are filled.
    fn filled<A: Serialize>(&self, argument: &A) -> String {
        const NAME: &str = "sentence";
        let phrase = match &self.slots {
            Err(_) | Ok(Slots { number: 0, .. }) => return self.text.to_string(),
            Ok(Slots { number: 1, .. }) => Phrase::of_content(NAME, &(argument,)),
            Ok(_) => Phrase::of_content(NAME, argument),
        };
        let by_position = self.slots.as_ref().map_or("", |slots| &slots.by_position);
        phrase.say(&Words::default().say(NAME, by_position))
    }
}

/// Reads the names in braces.
fn slots(pattern: &str) -> Result<Slots, String> {
    let (mut names, mut by_position) = (Vec::new(), String::new());
    if pattern.trim().is_empty() {
        return Err("it has no words".to_string());
    }
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        if rest[at..].starts_with('}') {
            return Err("a brace is closed that was not opened".to_string());
        }
        by_position.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find(['{', '}']).filter(|end| rest[*end..].starts_with('}'));
        let Some(end) = end else { return Err("a brace is opened and not closed".to_string()) };
        let name = &rest[..end];
        if name.trim().is_empty() {
            return Err("a slot has no name".to_string());
        }
        if names.contains(&name) {
            return Err(format!("the slot {{{name}}} is there twice"));
        }
        by_position.push_str(&format!("{{{}}}", names.len()));
        names.push(name);
        rest = &rest[end + 1..];
    }
    by_position.push_str(rest);
    Ok(Slots { number: names.len(), by_position: by_position.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_filled_in_their_order_whatever_they_are_called() {
        let said = |pattern: &str| Pattern::new(pattern.into()).filled(&(1, 2));
        assert_eq!(said("{1} before {0}"), "1 before 2");
        assert_eq!(said("{0}{1}"), "12");
        assert_eq!(Pattern::new("all of {them}".into()).filled(&vec![1, 2]), "all of 1 and 2");
        assert_eq!(Pattern::new("it is empty".into()).filled(&()), "it is empty");
    }

    #[test]
    fn a_pattern_whose_braces_do_not_fit_is_refused() {
        for (pattern, fault) in [
            ("a {b", "a brace is opened and not closed"),
            ("a {b {c}", "a brace is opened and not closed"),
            ("a b}", "a brace is closed that was not opened"),
            ("a {} b", "a slot has no name"),
            ("{a} and {a}", "the slot {a} is there twice"),
            (" ", "it has no words"),
        ] {
            assert_eq!(Pattern::new(pattern.into()).slots.err().as_deref(), Some(fault), "{pattern}");
            assert_eq!(Pattern::new(pattern.into()).filled(&1), pattern);
        }
    }
}
