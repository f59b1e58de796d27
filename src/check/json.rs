//! The results of checks as JSON: messages as they serialize themselves, everything else by names that stay.

use super::counterexample::{Counterexample, OtherValues};
use super::explore::{Exploration, ExplorationVerdict, Panic, PropertyAnswer, PropertyFinding};
use super::laws::LawReport;
use super::story::Story;
use super::walks::Walks;
use crate::decider::Decider;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::collections::BTreeMap;

/// Writes a struct, field by field.
macro_rules! fields {
    ($serializer:ident, $name:literal, { $($field:literal: $value:expr,)* }) => {{
        let mut fields = $serializer.serialize_struct($name, [$($field),*].len())?;
        $(fields.serialize_field($field, &$value)?;)*
        fields.end()
    }};
}

/// `given` and `commands`, each a list of messages.
impl<D: Decider<Command: Serialize, Event: Serialize>> Serialize for Story<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fields!(serializer, "Story", { "given": self.given, "commands": self.commands, })
    }
}

/// `failed` (a sentence), `story`, `shortest` (a sentence), `proved_shortest`, `other_values` (texts), `found_in` (commands) and
/// `seed` (or null).
impl<D: Decider<Command: Serialize, Event: Serialize>> Serialize for Counterexample<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fields!(serializer, "Counterexample", {
            "failed": self.failed,
            "story": self.story,
            "shortest": self.shortest.to_string(),
            "proved_shortest": self.proved_shortest(),
            "other_values": self.other_values,
            "found_in": self.found_in,
            "seed": self.seed,
        })
    }
}

/// A text: the command with the other values in place of its own.
impl Serialize for OtherValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `seed`, `walks`, `accepted`, `refused`, `let_through`, `dead_ends`, `terminal`, `lengths` (minimum, three quartiles, maximum),
/// `holding` (names), `sometimes` (names with whether they were seen), `undecided` (names), `classes`, `statistics` (or null),
/// `states` (or null), `notes`, `findings` (counterexamples) and `holds`.
impl<D: Decider<Command: Serialize, Event: Serialize>> Serialize for Walks<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sometimes: BTreeMap<&str, bool> =
            self.sometimes.iter().map(|(name, seen)| (name.as_str(), *seen)).collect();
        fields!(serializer, "Walks", {
            "seed": self.seed,
            "walks": self.walks,
            "accepted": self.accepted,
            "refused": self.refused,
            "let_through": self.let_through,
            "dead_ends": self.dead_ends,
            "terminal": self.terminal,
            "lengths": self.lengths,
            "holding": self.holding,
            "sometimes": sometimes,
            "undecided": self.undecided,
            "classes": self.classes,
            "statistics": self.statistics,
            "states": self.states,
            "notes": self.notes,
            "findings": self.findings,
            "holds": self.holds(),
        })
    }
}

/// `seed`, `walks`, `stories`, `cases`, `holding` (names), `never` and `unlooked` (sentences), `times` (seconds by the law's name),
/// `classes`, `findings` (counterexamples) and `holds`.
impl<D: Decider<Command: Serialize, Event: Serialize>> Serialize for LawReport<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let times: BTreeMap<&str, f64> =
            self.times.iter().map(|(law, time)| (law.as_str(), time.as_secs_f64())).collect();
        fields!(serializer, "LawReport", {
            "seed": self.seed,
            "walks": self.walks,
            "stories": self.stories,
            "cases": self.cases,
            "holding": self.holding,
            "never": self.never,
            "unlooked": self.unlooked,
            "times": times,
            "classes": self.classes,
            "findings": self.findings,
            "holds": self.holds(),
        })
    }
}

/// `verdict` (`exhausted`, `bounded`, `abstracted` or `unfit`), `why` (sentences), `states`, `visited`, `accepted`, `refused`,
/// `deepest`, `findings`, `panic` (or null), `notes`, `elapsed` (seconds) and `holds`.
impl<D: Decider<Command: Serialize, Event: Serialize>> Serialize for Exploration<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (verdict, why) = match &self.verdict {
            ExplorationVerdict::Exhausted => ("exhausted", Vec::new()),
            ExplorationVerdict::Bounded { why, .. } => {
                ("bounded", why.iter().map(ToString::to_string).collect())
            }
            ExplorationVerdict::Abstracted { by, unsound: false, .. } => ("abstracted", vec![by.clone()]),
            ExplorationVerdict::Abstracted { by, .. } => {
                ("abstracted", vec![by.clone(), "it hides what matters".to_string()])
            }
            ExplorationVerdict::Unfit(why) => ("unfit", vec![why.to_string()]),
        };
        fields!(serializer, "Exploration", {
            "verdict": verdict,
            "why": why,
            "states": self.states,
            "visited": self.visited,
            "accepted": self.accepted,
            "refused": self.refused,
            "deepest": self.deepest,
            "findings": self.findings,
            "panic": self.panic,
            "notes": self.notes,
            "elapsed": self.elapsed.as_secs_f64(),
            "holds": self.holds(),
        })
    }
}

/// `property`, `answer` (`holds`, `holds_abstracted`, `violated`, `reached`, `never`, `undecided` or `panicked`), `story` (or null)
/// and `message` (of a panic, or null).
impl<D: Decider<Command: Serialize, Event: Serialize>> Serialize for PropertyFinding<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (answer, message) = match &self.answer {
            PropertyAnswer::Holds => ("holds", None),
            PropertyAnswer::HoldsAbstracted => ("holds_abstracted", None),
            PropertyAnswer::Violated(_) => ("violated", None),
            PropertyAnswer::Reached(_) => ("reached", None),
            PropertyAnswer::Never => ("never", None),
            PropertyAnswer::Undecided => ("undecided", None),
            PropertyAnswer::Panicked(_, message) => ("panicked", Some(message)),
        };
        fields!(serializer, "PropertyFinding", {
            "property": self.property,
            "answer": answer,
            "story": self.answer.story(),
            "message": message,
        })
    }
}

/// `story` and `message`.
impl<D: Decider<Command: Serialize, Event: Serialize>> Serialize for Panic<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fields!(serializer, "Panic", { "story": self.story, "message": self.message, })
    }
}
