//! The page that an [`Exploration`] prints.

use super::report::{Exploration, ExplorationVerdict, PropertyAnswer};
use crate::check::story::Story;
use crate::decider::Decider;
use crate::page::{count, grouped, lines, one_line, width};
use std::fmt::{self, Debug, Display, Formatter};

/// The column at which text begins after a word in the margin.
const MARGIN: usize = 10;

impl<D: Decider<Command: Debug, Event: Debug>> Display for Exploration<D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let states = count(self.states, "state", "states");
        let extent = match &self.verdict {
            ExplorationVerdict::Exhausted => {
                let up_to = self
                    .symmetric
                    .map_or(String::new(), |n| format!(", up to permutations of {n} identities (sampled)"));
                format!("{states}, every one that can be reached{up_to}")
            }
            ExplorationVerdict::Bounded { depth, why } => {
                let why: Vec<String> = why.iter().map(ToString::to_string).collect();
                let all = count(*depth, "command", "commands");
                format!("{states}, not all: {}. All histories of up to {all} were followed", why.join("; "))
            }
            ExplorationVerdict::Abstracted { by, compared, unsound: false } => {
                let pairs = count(*compared, "pair", "pairs");
                format!("{states} distinguished by \"{by}\" ({pairs} of the same view compared, all alike)")
            }
            ExplorationVerdict::Abstracted { by, .. } => format!(
                "{states} distinguished by \"{by}\", which hides what matters: two states of the same view led to \
                 different ones, so that states were missed"
            ),
            ExplorationVerdict::Unfit(why) => format!("nothing that can be relied on: {why}"),
        };
        entry(f, "explored", &extent)?;
        for note in &self.notes {
            entry(f, "note", note)?;
        }
        if let Some(story) = &self.unfit_at {
            story_lines(f, story)?;
        }
        let steps = format!(
            "{} accepted, {} refused; {} to the furthest state",
            grouped(self.accepted),
            grouped(self.refused),
            count(self.deepest, "command", "commands"),
        );
        entry(f, "steps", &steps)?;
        if let Some(collision) = self.collision {
            let text = format!(
                "kept as fingerprints of 128 bits: a state was passed over with a probability of at most {collision:.1e}"
            );
            entry(f, "compact", &text)?;
        }
        if let Some(panic) = &self.panic {
            writeln!(f)?;
            entry(f, "panicked", &format!("{}, {}", panic.message, after(&panic.story)))?;
            story_lines(f, &panic.story)?;
        }
        if !self.findings.is_empty() {
            writeln!(f)?;
        }
        for finding in &self.findings {
            let name = &finding.property;
            match &finding.answer {
                PropertyAnswer::Holds => entry(f, "holds", name)?,
                PropertyAnswer::HoldsAbstracted => {
                    entry(f, "holds", &format!("{name}, as far as the view shows"))?;
                }
                PropertyAnswer::Reached(story) => entry(f, "reached", &format!("{name}, {}", after(story)))?,
                PropertyAnswer::Never => entry(f, "never", name)?,
                PropertyAnswer::Undecided => entry(f, "undecided", name)?,
                PropertyAnswer::Violated(story) => {
                    entry(f, "violated", &format!("{name}, {}", after(story)))?;
                    story_lines(f, story)?;
                }
                PropertyAnswer::Panicked(story, message) => {
                    entry(f, "panicked", &format!("{name}: {message}, {}", after(story)))?;
                    story_lines(f, story)?;
                }
            }
        }
        Ok(())
    }
}

fn after<D: Decider>(story: &Story<D>) -> String {
    match story.len() {
        0 => "from the start".to_string(),
        n => format!("after {}", count(n, "command", "commands")),
    }
}

fn story_lines<D: Decider<Command: Debug, Event: Debug>>(
    f: &mut Formatter<'_>,
    story: &Story<D>,
) -> fmt::Result {
    let mut before = "given";
    for event in &story.given {
        line(f, before, event)?;
        before = "";
    }
    before = "when";
    for command in &story.commands {
        line(f, before, command)?;
        before = "";
    }
    Ok(())
}

/// A message of a story, below the text of its entry.
pub(in crate::check) fn line(f: &mut Formatter<'_>, word: &str, value: &impl Debug) -> fmt::Result {
    wrapped(f, &format!("{:MARGIN$}{word:<6}", ""), &format!("{value:?}"))
}

/// A word in the margin, with text beside it.
pub(in crate::check) fn entry(f: &mut Formatter<'_>, word: &str, text: &str) -> fmt::Result {
    wrapped(f, &format!("{word:<MARGIN$}"), text)
}

/// Text with `begin` before its first line, broken between words.
fn wrapped(f: &mut Formatter<'_>, begin: &str, text: &str) -> fmt::Result {
    lines(f, begin, width(begin), &one_line(text))?;
    writeln!(f)
}
