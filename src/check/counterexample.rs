//! A counterexample: a sentence about what does not hold, and the story that shows it.

use super::story::Story;
use super::story_in_words::StoryInWords;
use crate::decider::Decider;
use crate::page::{count, lines};
use std::fmt::{self, Debug, Display, Formatter};

/// Something that does not hold, with the story that shows it.
///
/// It prints as a page: the sentence, the commands, the state that they lead to, and whether a shorter story exists.
#[non_exhaustive]
pub struct Counterexample<D: Decider> {
    /// What does not hold, as a sentence.
    pub failed: String,
    /// The shortest history that shows it.
    pub story: Story<D>,
    /// How the story ends, line by line: the answer to its last command, and the state.
    pub ending: Vec<(&'static str, String)>,
    /// How many commands the story had when it was found.
    pub found_in: usize,
    /// Whether there is a shorter one.
    pub shortest: Shortest,
    /// Other arguments with which the story fails as well.
    pub other_values: Vec<OtherValues>,
    /// The seed of the walk that found it; `None` where no walk did.
    pub seed: Option<u64>,
}

/// What is known about shorter stories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shortest {
    /// There is none: every shorter story over the alphabet was tried.
    Proved {
        /// How many different states the search reached.
        states: usize,
    },
    /// The search used up its budget. No story of up to `up_to` commands fails.
    BudgetEnded {
        /// How many different states the search reached.
        states: usize,
        /// The length up to which no story fails.
        up_to: usize,
    },
    /// One way to each state was tried, followed by every command of the alphabet, and no shorter story fails. There may
    /// still be one if the failure does not follow from the model's states.
    OneWayEach {
        /// How many different states the search reached.
        states: usize,
    },
    /// The story did not fail again when it was replayed: the model, or what is asked of it, is not deterministic.
    NotReplayed,
    /// Nothing was searched: there is no alphabet, or the budget was used up. No command can be left out of the story, but
    /// another story may be shorter.
    NotSearched,
}

/// The other values of one argument, from the alphabet, with which a story fails as well.
///
/// Prints as the command with these values in place of its own: `Offer { customer: 0, price: 1..=5 }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherValues {
    /// The index of the command in the story.
    pub command: usize,
    /// The other values, in the order of the alphabet; neighbouring numbers as a range (`1..=5`).
    pub values: Vec<String>,
    /// The command as text, before and after the argument.
    pub(crate) before: String,
    pub(crate) after: String,
}

impl Display for OtherValues {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.before, self.values.join(" | "), self.after)
    }
}

impl<D: Decider> Counterexample<D> {
    /// Whether the story is proved to be the shortest.
    pub fn proved_shortest(&self) -> bool {
        matches!(self.shortest, Shortest::Proved { .. })
    }
}

impl Display for Shortest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Shortest::Proved { states } => {
                write!(f, "proved shortest ({})", count(*states, "state searched", "states searched"))
            }
            Shortest::BudgetEnded { states, up_to } => write!(
                f,
                "not proved shortest: the search ended at {}; none of up to {} fails",
                count(*states, "state", "states"),
                count(*up_to, "command", "commands"),
            ),
            Shortest::OneWayEach { states } => {
                let states = count(*states, "state", "states");
                write!(f, "no shorter one over one way to each of {states}; not proved shortest")
            }
            Shortest::NotReplayed => f.write_str(
                "replayed, it does not fail again: the model, or what is asked of it, is not deterministic",
            ),
            Shortest::NotSearched => f.write_str("nothing can be left out; not proved shortest"),
        }
    }
}

impl<D: Decider<Command: Clone, Event: Clone>> Clone for Counterexample<D> {
    fn clone(&self) -> Self {
        Counterexample {
            failed: self.failed.clone(),
            story: self.story.clone(),
            ending: self.ending.clone(),
            found_in: self.found_in,
            shortest: self.shortest,
            other_values: self.other_values.clone(),
            seed: self.seed,
        }
    }
}

impl<D: Decider<Command: Debug, Event: Debug>> Debug for Counterexample<D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counterexample")
            .field("failed", &self.failed)
            .field("story", &self.story)
            .field("ending", &self.ending)
            .field("found_in", &self.found_in)
            .field("shortest", &self.shortest)
            .field("other_values", &self.other_values)
            .field("seed", &self.seed)
            .finish()
    }
}

impl<D: Decider> Counterexample<D> {
    /// The same page, with its story in words.
    pub(crate) fn page_in_words(&self, story: &StoryInWords) -> String {
        InWords(self, story).to_string()
    }

    fn also(&self, index: usize, f: &mut Formatter<'_>) -> fmt::Result {
        for also in self.other_values.iter().filter(|also| also.command == index) {
            lines(f, &format!("{:INDENT$}// also ", ""), INDENT + 8, &also.to_string())?;
            writeln!(f)?;
        }
        Ok(())
    }

    fn end(&self, f: &mut Formatter<'_>) -> fmt::Result {
        lines(f, "   ", 3, &self.shortest.to_string())?;
        if let Some(seed) = self.seed {
            let walk = count(self.found_in, "command", "commands");
            write!(f, "\n   found after {walk} of the walk {seed:#018x}")?;
        }
        Ok(())
    }
}

struct InWords<'c, D: Decider>(&'c Counterexample<D>, &'c StoryInWords);

impl<D: Decider> Display for InWords<'_, D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let InWords(found, story) = self;
        lines(f, " ✗ ", 3, &found.failed)?;
        writeln!(f)?;
        story.page(f, |index, f| found.also(index, f))?;
        found.end(f)
    }
}

/// The column at which the text of a command begins.
const INDENT: usize = 9;

impl<D: Decider<Command: Debug, Event: Debug>> Display for Counterexample<D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        lines(f, " ✗ ", 3, &self.failed)?;
        if !self.story.given.is_empty() {
            let given = count(self.story.given.len(), "event had happened", "events had happened");
            write!(f, "\n       {given} before")?;
        }
        if self.story.is_empty() {
            write!(f, "\n       from the start, before any command")?;
        }
        for (index, command) in self.story.commands.iter().enumerate() {
            writeln!(f)?;
            lines(f, &format!(" {:>5}   ", index + 1), INDENT, &format!("{command:?}"))?;
            for also in self.other_values.iter().filter(|also| also.command == index) {
                writeln!(f)?;
                lines(f, &format!("{:INDENT$}// also ", ""), INDENT + 8, &also.to_string())?;
            }
        }
        for (word, text) in &self.ending {
            writeln!(f)?;
            lines(f, &format!("  {word:<7}"), INDENT, text)?;
        }
        writeln!(f)?;
        self.end(f)
    }
}
