//! The pages that a comparison prints.

use super::histories::ComparedHistories;
use super::report::{ComparedAnswer, ComparedExtent, ModelComparison, ModelDifference};
use crate::check::explore::page::{entry, line};
use crate::page::{count, grouped};
use std::fmt::{self, Debug, Display, Formatter};

impl<C: Debug, E: Debug, R: Debug> Display for ModelComparison<C, E, R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.page(f)?;
        match self.compared() {
            0 => entry(f, "undecided", "no command was compared: let the alphabet list those worth trying"),
            _ if !self.refines_as_far_as_seen() => Ok(()),
            _ if self.is_same() => entry(f, "same", "over this alphabet"),
            _ if self.refines() => entry(f, "refines", "over this alphabet"),
            _ if self.allowed.is_empty() => entry(f, "same", "as far as it was seen"),
            _ => entry(f, "refines", "as far as it was seen"),
        }
    }
}

impl<C: Debug, E: Debug, R: Debug> ModelComparison<C, E, R> {
    /// All but the conclusion.
    pub(super) fn page(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let states = count(self.states, "pair of states", "pairs of states");
        let extent = match &self.extent {
            ComparedExtent::Whole => format!("{states}, every one that can be reached together"),
            ComparedExtent::Bounded { depth, why } => {
                let all = count(*depth, "command", "commands");
                format!("{states}, not all: {}. All histories of up to {all} were followed", why.join("; "))
            }
            ComparedExtent::Walked { walks } => {
                format!("{states}, seen on {}", count(*walks, "random walk", "random walks"))
            }
            ComparedExtent::Unfit(why) => format!("nothing that can be relied on: {why}"),
        };
        entry(f, "compared", &extent)?;
        let steps = format!(
            "{} accepted and {} refused alike; {} to the furthest pair",
            grouped(self.accepted),
            grouped(self.refused),
            count(self.deepest, "command", "commands"),
        );
        entry(f, "steps", &steps)?;
        if self.both_panicked > 0 {
            entry(f, "panicked", &format!("both models, in {}", self.steps(self.both_panicked)))?;
        }
        if self.unknown > 0 {
            let steps = self.steps(self.unknown);
            entry(
                f,
                "unknown",
                &format!("{steps} to which one side has no answer: neither alike nor different"),
            )?;
        }
        writeln!(f)?;
        for (word, differences) in [("differs", &self.differences), ("allowed", &self.allowed)] {
            for difference in differences {
                let shortest = if difference.proved_shortest { "" } else { ", not proved shortest" };
                let story = count(difference.commands.len(), "command", "commands");
                let times = self.steps(difference.times);
                entry(f, word, &format!("{}; {times}, after {story}{shortest}", difference.name()))?;
                Display::fmt(difference, f)?;
            }
        }
        Ok(())
    }
}

impl<C, E, R> ModelComparison<C, E, R> {
    fn steps(&self, steps: u64) -> String {
        count(steps, "step", "steps")
    }
}

impl<C: Debug, E: Debug, R: Debug> Display for ComparedHistories<C, E, R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let histories = count(self.histories, "history", "histories");
        let decided = count(self.decided, "command", "commands");
        entry(f, "compared", &format!("{histories}, each up to its first difference; {decided} decided"))?;
        if self.unknown > 0 {
            let unknown = count(self.unknown, "command", "commands");
            entry(
                f,
                "unknown",
                &format!("{unknown} to which one side has no answer: neither alike nor different"),
            )?;
        }
        writeln!(f)?;
        let (differing, all) = (grouped(self.differing()), grouped(self.histories));
        match self.differing() {
            _ if self.decided == 0 => entry(f, "undecided", "no command was compared")?,
            0 if self.unknown > 0 => entry(f, "same", "as far as both know the answers")?,
            0 => entry(f, "same", "in all of them")?,
            _ => entry(f, "differs", &format!("{differing} of {all} would have gone otherwise"))?,
        }
        for difference in &self.differences {
            let given = count(difference.given.len(), "event", "events");
            let times = count(difference.times, "history", "histories");
            let id = difference.history.as_deref().unwrap_or_default();
            writeln!(f)?;
            let shortest = format!("the shortest of them {id}, after {given}");
            entry(f, "kind", &format!("{}; {times}, {shortest}", difference.name()))?;
            Display::fmt(difference, f)?;
        }
        Ok(())
    }
}

/// The story, and both answers at its end.
impl<C: Debug, E: Debug, R: Debug> Display for ModelDifference<C, E, R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        each_line(f, "given", &self.given)?;
        each_line(f, "when", &self.commands)?;
        answer(f, "old", &self.old_answer)?;
        answer(f, "new", &self.new_answer)
    }
}

fn each_line<M: Debug>(f: &mut Formatter<'_>, word: &str, messages: &[M]) -> fmt::Result {
    messages.iter().enumerate().try_for_each(|(i, message)| line(f, if i == 0 { word } else { "" }, message))
}

fn answer<E: Debug, R: Debug>(
    f: &mut Formatter<'_>,
    word: &str,
    answer: &ComparedAnswer<E, R>,
) -> fmt::Result {
    match answer {
        ComparedAnswer::Events(events) if events.is_empty() => {
            line(f, word, &format_args!("nothing happens"))
        }
        ComparedAnswer::Events(events) => each_line(f, word, events),
        ComparedAnswer::Rejection(rejection) => line(f, word, &format_args!("refused: {rejection:?}")),
        ComparedAnswer::Panic(message) => line(f, word, &format_args!("panicked: {message}")),
    }
}
