//! The page that a mutation prints.

use super::report::{MissingScenario, MutantFate, MutationReport};
use crate::check::explore::page::entry;
use crate::page::{count, lines};
use std::fmt::{self, Display, Formatter};

/// The margin of a step.
const STEP: &str = "            ";

impl<C, E, R> MutationReport<C, E, R> {
    /// What became of the mutants, in a line.
    pub(crate) fn summary(&self) -> String {
        let mut parts = vec![count(self.mutants.len(), "mutant", "mutants")];
        let mut part = |number: usize, said: &str| {
            if number > 0 {
                parts.push(format!("{number} {said}"));
            }
        };
        let is_noticed = |fate: &MutantFate| {
            matches!(fate, MutantFate::Noticed(_) | MutantFate::Violates(_) | MutantFate::Panicked(_))
        };
        part(self.count(is_noticed), "noticed");
        part(self.count(|fate| *fate == MutantFate::Equal), "equal to the model");
        part(self.count(|fate| *fate == MutantFate::Stillborn), "stillborn");
        part(self.count(|fate| matches!(fate, MutantFate::Unnoticed(_))), "unnoticed");
        part(self.count(|fate| matches!(fate, MutantFate::Unknown(_))), "unknown");
        part(self.count(|fate| *fate == MutantFate::NotTried), "not tried");
        parts.join(", ")
    }

    /// What bounded it, and what was left alone: a sentence each.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if let Some(why) = &self.bounded {
            remarks.push(format!("mutants were made of what was seen, which is not everything: {why}"));
        }
        let not_tried = self.count(|fate| *fate == MutantFate::NotTried);
        if not_tried > 0 {
            let mutants = count(not_tried, "mutant was", "mutants were");
            remarks.push(format!("the time was up: {mutants} not tried"));
        }
        let unknown = self.mutants.iter().find_map(|mutant| match &mutant.fate {
            MutantFate::Unknown(why) => Some(why),
            _ => None,
        });
        if let Some(why) = unknown {
            remarks.push(format!("what is unknown may be equal to the model: {why}"));
        }
        if !self.keys_left_alone.is_empty() {
            remarks.push(format!("keys were left alone, in {}", self.keys_left_alone.join(", ")));
        }
        remarks
    }
}

impl<C, E, R> Display for MutationReport<C, E, R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(fault) = &self.fault {
            return entry(f, "mutated", &format!("not at all: {fault}"));
        }
        entry(f, "mutated", &self.summary())?;
        let by = |is: fn(&MutantFate) -> bool| self.count(is);
        let mut noticed = Vec::new();
        for (number, by) in [
            (by(|fate| matches!(fate, MutantFate::Noticed(_))), "by scenarios"),
            (by(|fate| matches!(fate, MutantFate::Violates(_))), "by properties"),
            (by(|fate| matches!(fate, MutantFate::Panicked(_))), "because they panic"),
        ] {
            if number > 0 {
                noticed.push(format!("{number} {by}"));
            }
        }
        if !noticed.is_empty() {
            entry(f, "noticed", &noticed.join(", "))?;
        }
        for remark in self.remarks() {
            entry(f, "note", &remark)?;
        }
        let mut shown: Vec<usize> = Vec::new();
        let (mut about, mut is_apart) = (None, false);
        for mutant in &self.mutants {
            let MutantFate::Unnoticed(number) = mutant.fate else { continue };
            if about != Some(&mutant.about) || is_apart {
                writeln!(f)?;
            }
            about = Some(&mutant.about);
            is_apart = false;
            entry(f, "unnoticed", &mutant.name)?;
            let Some(missing) = self.missing.get(number) else { continue };
            if shown.contains(&number) {
                entry(f, "", &format!("noticed by: {}", missing.name))?;
                continue;
            }
            shown.push(number);
            for (i, step) in missing.text_of_scenario().lines().enumerate() {
                if i == 0 {
                    entry(f, "missing", step.trim())?;
                } else {
                    lines(f, STEP, STEP.len() + 2, step.trim())?;
                    writeln!(f)?;
                }
            }
            is_apart = true;
        }
        Ok(())
    }
}

impl<C, E, R> MissingScenario<C, E, R> {
    /// The text without the head of its feature.
    pub(crate) fn text_of_scenario(&self) -> &str {
        let from = self.text.find("\n\n").map_or(0, |end| end + 2);
        self.text[from..].trim_end()
    }
}
