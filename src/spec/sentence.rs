//! Sentences that a model declares, with slots for values: "the balance is {amount}".

use super::expect::Predicate;
use super::place::Place;
use crate::message::{Misread, Words, filled_with, read_sentence, slots};
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
            let argument = read_sentence::<A>(&sentence.pattern.text, text, words)?;
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
        self.pattern.fault.as_deref()
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
    /// What is wrong with its slots.
    fault: Option<String>,
}

impl Pattern {
    fn new(text: String) -> Pattern {
        Pattern { fault: fault(&text), text: text.into() }
    }

    fn filled<A: Serialize>(&self, argument: &A) -> String {
        match self.fault {
            Some(_) => self.text.to_string(),
            None => filled_with(&self.text, argument, &Words::default()),
        }
    }
}

/// What keeps a pattern from being filled and read back.
fn fault(pattern: &str) -> Option<String> {
    if pattern.trim().is_empty() {
        return Some("it has no words".to_string());
    }
    let mut before_slots: Vec<&str> = Vec::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        if rest[at..].starts_with('}') {
            return Some("a brace is closed that was not opened".to_string());
        }
        before_slots.push(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find(['{', '}']).filter(|end| rest[*end..].starts_with('}'));
        let Some(end) = end else { return Some("a brace is opened and not closed".to_string()) };
        let name = &rest[..end];
        if name.trim().is_empty() {
            return Some("a slot has no name".to_string());
        }
        if slots(&format!("{{{name}}}")).next().is_none() {
            return Some(format!(
                "the name of the slot {{{name}}} has more than letters, digits and _ in it"
            ));
        }
        rest = &rest[end + 1..];
    }
    let names: Vec<&str> = slots(pattern).collect();
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            return Some(format!("the slot {{{name}}} is there twice"));
        }
        if at > 0 && before_slots[at].replace('"', "").trim().is_empty() {
            return Some(format!("nothing stands between the slots {{{}}} and {{{name}}}", names[at - 1]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::fmt::Debug;

    #[test]
    fn slots_are_filled_in_their_order_whatever_they_are_called() {
        let said = |pattern: &str| Pattern::new(pattern.into()).filled(&(1, 2));
        assert_eq!(said("{1} before {0}"), "1 before 2");
        assert_eq!(said("{a}, {b}"), "1, 2");
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
            ("a {b c}", "the name of the slot {b c} has more than letters, digits and _ in it"),
            ("a {b} {c}", "nothing stands between the slots {b} and {c}"),
            ("{a}{b}", "nothing stands between the slots {a} and {b}"),
            (" ", "it has no words"),
        ] {
            assert_eq!(Pattern::new(pattern.into()).fault.as_deref(), Some(fault), "{pattern}");
            assert_eq!(Pattern::new(pattern.into()).filled(&1), pattern);
        }
    }

    /// A text with what has a meaning in sentences and phrases.
    fn wild() -> impl Strategy<Value = String> {
        let pieces = vec![
            "Petra", "none", "no", "and", " and ", ", ", ": ", "\"", "\\", "(", ")", "{amount}", " has ",
            " euros", "\n", "  ", " ", "\u{a0}", "5", "ß", "yes", "bytes 00", "-1",
        ];
        prop_oneof![vec(prop::sample::select(pieces), 0..5).prop_map(|pieces| pieces.concat()), ".{0,8}"]
    }

    /// What a scenario says with these values is read as a sentence about them, and about no others.
    fn comes_back<A>(pattern: &str, values: A, others: A) -> Result<(), TestCaseError>
    where
        A: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let sentence = Sentence::new(pattern, |state: &A, values: A| *state == values);
        prop_assert!(sentence.declared().fault().is_none());
        let (said, holds) = sentence.about(values.clone());
        prop_assert!(holds(&values));
        let read = sentence.declared().expecting(&said, &Words::default());
        let Ok(Some((again, holds))) = read else {
            let fault = read.err();
            return Err(TestCaseError::fail(format!("{said} of {values:?}: {fault:?}")));
        };
        prop_assert_eq!(again, said.clone());
        prop_assert!(holds(&values), "{said} does not say {values:?}");
        prop_assert_eq!(holds(&others), values == others, "{} of {:?}", said, values);
        Ok(())
    }

    #[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
    enum Spice {
        Salt,
        SaltAndPepper,
        Named { name: String },
    }

    proptest! {
        #[test]
        fn what_a_scenario_says_reads_back_whatever_is_in_the_slots(
            one in wild(),
            other in wild(),
            amount in any::<(i8, Option<u8>)>(),
            spices in vec(prop_oneof![
                Just(Spice::Salt), Just(Spice::SaltAndPepper), wild().prop_map(|name| Spice::Named { name })
            ], 0..3),
        ) {
            comes_back("it is closed", (), ())?;
            comes_back("it is owned by {owner}", one.clone(), other.clone())?;
            comes_back("{owner}", one.clone(), other.clone())?;
            comes_back("a letter to \"{owner}\" is sent", one.clone(), other.clone())?;
            comes_back("{owner} has {amount} euros", (one.clone(), amount.0), (other.clone(), amount.0))?;
            comes_back("the limit is {limit}", amount.1, Some(1))?;
            comes_back("between {a} and {b}, {c}", (one.clone(), amount.1, other.clone()), (other.clone(), None, one.clone()))?;
            comes_back("{names} are there", vec![one.clone(), other.clone()], vec![])?;
            comes_back("{spices} are there, and {more}", (spices.clone(), Some(one.clone())), (vec![], Some(other.clone())))?;
            comes_back("spices: {spices}", spices, vec![])?;
        }
    }
}
