//! A story in the words of a specification: its commands, their answers, and what each of them changed.

use super::story::Story;
use crate::decider::Decider;
use crate::message::{Message, StatePart, Words, changes, parts_of};
use crate::page::lines;
use crate::spec::panics::caught;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};

/// The column at which text begins.
const INDENT: usize = 10;

/// How many lines about a state are shown at most after one step.
const MAX_LINES: usize = 20;

/// A story in the words of a specification; made by [`Story::in_words`].
///
/// It prints as a page: the first state, then each command with its answer and what it changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoryInWords {
    /// The events before the story began.
    pub given: Vec<String>,
    /// The state at the beginning, a line for each part.
    pub state: Vec<String>,
    /// The commands, in order. The last one may have panicked.
    pub steps: Vec<StepInWords>,
}

/// One command of a story in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StepInWords {
    /// The command.
    pub command: String,
    /// The answer to it.
    pub answer: AnswerInWords,
    /// What it changed in the state, a line for each part.
    pub changes: Vec<String>,
}

/// The answer to a command, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
pub enum AnswerInWords {
    /// These events happened.
    Events(Vec<String>),
    /// It was refused.
    Rejection(String),
    /// The model panicked.
    Panic(String),
}

/// How the parts of a state are found.
type PartsOf<'p, S> = &'p dyn Fn(&S) -> Vec<StatePart>;

impl<D: Decider<Command: Message, Event: Message, Rejection: Message>> Story<D> {
    /// The story in the words of a specification: phrases instead of Rust, the parts of a composed state by their names, keys
    /// in front, and after the first state only what changed.
    ///
    /// States side by side ([`Decider::merge`]) have the names of their types (`OrderState` is "order"), instances
    /// ([`Decider::many`]) their keys. A key of any other map has the name of its own type, if it has one: `tool id 1`.
    ///
    /// ```
    /// use leftfold::check::Story;
    /// use leftfold::message::Words;
    /// use leftfold::{Decider, decider, keyed};
    /// use serde::{Deserialize, Serialize};
    ///
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] enum Command { Admit { patient: u32 } }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] enum Event { PatientAdmitted { patient: u32 } }
    /// # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] enum Rejection { WardIsFull }
    /// #[derive(Clone, Default, Serialize)]
    /// struct Ward { patients: Vec<u32> }
    ///
    /// let ward = decider(
    ///     Ward::default,
    ///     |Command::Admit { patient }, ward: &Ward| match ward.patients.len() {
    ///         0 => Ok(vec![Event::PatientAdmitted { patient: *patient }]),
    ///         _ => Err(Rejection::WardIsFull),
    ///     },
    ///     |mut ward, Event::PatientAdmitted { patient }| { ward.patients.push(*patient); ward },
    /// );
    /// let wards = ward.many::<u32>();
    /// let story = Story::of([keyed(7, Command::Admit { patient: 1 }), keyed(7, Command::Admit { patient: 2 })]);
    /// assert_eq!(story.in_words(&wards, &Words::default()).to_string(), "  state   none
    ///      1    7: admit, patient 1
    ///   event   7: patient admitted, patient 1
    ///   state   ward 7: patients  1
    ///      2    7: admit, patient 2
    ///   refused ward is full
    /// ");
    /// ```
    pub fn in_words(&self, decider: &D, words: &Words) -> StoryInWords
    where
        D::State: Serialize,
    {
        self.in_words_with(decider, words, &parts_of)
    }

    /// The story in words, with the parts of each state as this function finds them.
    pub(crate) fn in_words_with(
        &self,
        decider: &D,
        words: &Words,
        parts: PartsOf<'_, D::State>,
    ) -> StoryInWords {
        let mut in_words =
            StoryInWords { given: said(&self.given, words), state: Vec::new(), steps: Vec::new() };
        // What panics here has been reported before, at the top of the story.
        let Ok((mut state, mut before)) = caught(|| {
            let state = decider.fold(&self.given);
            let parts = parts(&state);
            (state, parts)
        }) else {
            return in_words;
        };
        in_words.state = before.iter().map(StatePart::line).collect();
        for command in &self.commands {
            let mut step = StepInWords {
                command: command.say(words),
                answer: AnswerInWords::Events(Vec::new()),
                changes: Vec::new(),
            };
            let lived = caught(|| match decider.decide(command, &state) {
                Ok(events) => {
                    let next = decider.fold_from(state, &events);
                    let after = parts(&next);
                    (next, Some(after), AnswerInWords::Events(said(&events, words)))
                }
                Err(rejection) => (state, None, AnswerInWords::Rejection(rejection.say(words))),
            });
            match lived {
                Ok((next, after, answer)) => {
                    state = next;
                    step.answer = answer;
                    if let Some(after) = after {
                        step.changes = changes(&before, &after);
                        before = after;
                    }
                    in_words.steps.push(step);
                }
                Err(panic) => {
                    step.answer = AnswerInWords::Panic(panic);
                    in_words.steps.push(step);
                    break;
                }
            }
        }
        in_words
    }
}

fn said<M: Message>(messages: &[M], words: &Words) -> Vec<String> {
    messages.iter().map(|message| message.say(words)).collect()
}

impl StoryInWords {
    /// Prints it, with these lines below the command of this number, counted from 0.
    pub(crate) fn page(
        &self,
        f: &mut Formatter<'_>,
        below: impl Fn(usize, &mut Formatter<'_>) -> fmt::Result,
    ) -> fmt::Result {
        all(f, "given", &self.given)?;
        all(f, "state", &self.state)?;
        for (index, step) in self.steps.iter().enumerate() {
            line(f, &format!("{:>6}", index + 1), &step.command)?;
            below(index, f)?;
            match &step.answer {
                AnswerInWords::Events(events) if events.is_empty() => line(f, "  event", "none")?,
                AnswerInWords::Events(events) => {
                    events.iter().try_for_each(|event| line(f, "  event", event))?;
                }
                AnswerInWords::Rejection(rejection) => line(f, "  refused", rejection)?,
                AnswerInWords::Panic(message) => line(f, "  panic", message)?,
            }
            all(f, "state", &step.changes)?;
        }
        Ok(())
    }
}

/// Lines of which the first has a word in the margin.
fn all(f: &mut Formatter<'_>, word: &str, texts: &[String]) -> fmt::Result {
    for (index, text) in texts.iter().take(MAX_LINES).enumerate() {
        line(f, &if index == 0 { format!("  {word}") } else { String::new() }, text)?;
    }
    match texts.len().saturating_sub(MAX_LINES) {
        0 => Ok(()),
        more => line(f, "", &format!("… {more} more …")),
    }
}

fn line(f: &mut Formatter<'_>, margin: &str, text: &str) -> fmt::Result {
    lines(f, &format!("{margin:<INDENT$}"), INDENT, text)?;
    writeln!(f)
}

impl Display for StoryInWords {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.page(f, |_, _| Ok(()))
    }
}
