//! Coverage by scenarios: which messages the scenarios of a specification touch, in which classes of states.

use super::first_word::first_word;
use super::scenario::Specified;
use super::specification::Specification;
use crate::message::{Message, Name, NameError, name, names};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// What the scenarios of a specification touch, and what they leave out.
///
/// It counts decisions: each command that a scenario gives, on the state it meets, with its outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Coverage {
    /// Every command of the model, with how often scenarios give it.
    pub commands: Vec<MessageCount>,
    /// Every event, with how often a command led to it.
    pub events: Vec<MessageCount>,
    /// Every rejection, with how often a command met it.
    pub rejections: Vec<MessageCount>,
    /// Every command in every class of states that the scenarios reach.
    pub cells: Vec<CoverageCell>,
    /// One sentence for each type whose names cannot be read.
    pub unnamed: Vec<String>,
}

/// The name of a message and how often the scenarios touch it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MessageCount {
    /// The message's name, with its path.
    pub name: String,
    /// How often.
    pub times: usize,
}

/// One command in one class of states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CoverageCell {
    /// The class: what the state calls itself, such as the variant of an enum.
    pub state: String,
    /// The command.
    pub command: String,
    /// Its outcomes; empty if no scenario gives this command in this class of states.
    pub reached: Vec<OutcomeCount>,
}

/// An outcome of a command, and how often it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OutcomeCount {
    /// "accepted", "nothing", or the name of the rejection or refusal event.
    pub outcome: String,
    /// How often.
    pub times: usize,
}

impl Coverage {
    /// The names that no scenario touches: commands, events and rejections, in that order.
    pub fn untouched(&self) -> [Vec<&str>; 3] {
        [&self.commands, &self.events, &self.rejections]
            .map(|all| all.iter().filter(|touched| touched.times == 0).map(|t| t.name.as_str()).collect())
    }

    /// The cells that no scenario touches.
    pub fn untouched_cells(&self) -> impl Iterator<Item = &CoverageCell> {
        self.cells.iter().filter(|cell| cell.reached.is_empty())
    }
}

impl<D> Specification<D>
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    /// Runs the scenarios of the decider and counts which commands, events and rejections they touch, and in which classes of
    /// states. A scenario that fails counts up to its failure.
    ///
    /// The class of a state is the first word of its `Debug` form: the variant, where the state is an enum.
    pub fn coverage(&self, decider: &D) -> Coverage {
        let mut touched = Touched::default();
        for scenario in self.of_decider().iter().filter(|scenario| !scenario.is_question()) {
            let _ = scenario.play(decider, None, &mut |state, command, outcome| {
                let command = touched.count("command", command);
                let refusal = match outcome {
                    Ok(events) => {
                        let names: Vec<String> =
                            events.iter().map(|event| touched.count("event", event)).collect();
                        let refusal = events.iter().position(|event| decider.is_refusal(event));
                        refusal
                            .map_or(if events.is_empty() { "nothing" } else { "accepted" }.to_string(), |i| {
                                names[i].clone()
                            })
                    }
                    Err(rejection) => touched.count("rejection", rejection),
                };
                *touched.cells.entry((class(state), command, refusal)).or_default() += 1;
            });
        }
        touched.coverage(names::<D::Command>(), names::<D::Event>(), names::<D::Rejection>())
    }
}

type Names = Result<Vec<Name>, NameError>;

#[derive(Default)]
struct Touched {
    messages: BTreeMap<(&'static str, String), usize>,
    cells: BTreeMap<(String, String, String), usize>,
    unnamed: Vec<String>,
}

impl Touched {
    fn count(&mut self, kind: &'static str, message: &impl Message) -> String {
        let name = match name(message) {
            Ok(name) => name.to_string(),
            Err(error) => {
                self.add_unnamed(&error);
                format!("{kind} without a name")
            }
        };
        *self.messages.entry((kind, name.clone())).or_default() += 1;
        name
    }

    fn add_unnamed(&mut self, error: &NameError) {
        let sentence = error.to_string();
        if !self.unnamed.contains(&sentence) {
            self.unnamed.push(sentence);
        }
    }

    fn coverage(mut self, commands: Names, events: Names, rejections: Names) -> Coverage {
        let mut all = |kind: &'static str, names: Names| -> Vec<MessageCount> {
            match names {
                Ok(names) => {
                    let names = names.into_iter().map(|name| name.to_string());
                    names
                        .map(|name| {
                            let times = self.messages.get(&(kind, name.clone())).copied().unwrap_or_default();
                            MessageCount { name, times }
                        })
                        .collect()
                }
                Err(error) => {
                    self.add_unnamed(&error);
                    Vec::new()
                }
            }
        };
        let (commands, events, rejections) =
            (all("command", commands), all("event", events), all("rejection", rejections));

        let mut classes: Vec<&String> = self.cells.keys().map(|(class, _, _)| class).collect();
        classes.dedup();
        let mut cells = Vec::new();
        for class in classes {
            for command in &commands {
                let reached = self.cells.iter().filter(|((c, n, _), _)| c == class && *n == command.name);
                cells.push(CoverageCell {
                    state: class.clone(),
                    command: command.name.clone(),
                    reached: reached
                        .map(|((_, _, outcome), times)| OutcomeCount {
                            outcome: outcome.clone(),
                            times: *times,
                        })
                        .collect(),
                });
            }
        }
        Coverage { commands, events, rejections, cells, unnamed: self.unnamed }
    }
}

/// The class of a state: the first word of its `Debug` form, which is the variant if it is an enum. "any" if it does not begin
/// with a word.
///
/// ```
/// use leftfold::spec::class;
///
/// assert_eq!(class(&Some(3)), "Some");
/// assert_eq!(class(&3), "any");
/// ```
pub fn class(state: &impl Debug) -> String {
    first_word(state, |c| c.is_alphanumeric() || c == '_')
}
