//! An event model as a page of text.

use super::{EventModel, Slice, SliceKind, SliceMessage};
use crate::page::lines;
use std::fmt;

/// How far what is said is from the left edge.
const INDENT: usize = 13;

/// Prints it as a page of 80 columns, slice by slice.
impl fmt::Display for EventModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lines(f, "", 0, &self.name)?;
        writeln!(f)?;
        for slice in &self.slices {
            writeln!(f)?;
            lines(f, "", 0, &format!("{} ({})", slice.name, slice.kind.word()))?;
            writeln!(f)?;
            slice.write(f)?;
        }
        if !self.questions.is_empty() {
            writeln!(f)?;
        }
        for question in &self.questions {
            lines(f, "? ", 2, question)?;
            writeln!(f)?;
        }
        Ok(())
    }
}

impl SliceKind {
    pub(super) fn word(self) -> &'static str {
        match self {
            SliceKind::Command => "command",
            SliceKind::View => "view",
            SliceKind::Automation => "automation",
        }
    }
}

impl Slice {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles =
            |all: &[SliceMessage]| all.iter().map(|one| one.title.clone()).collect::<Vec<_>>().join(", ");
        let scenarios = |all: &[super::SliceExample]| {
            let mut names: Vec<&str> = all.iter().map(|example| &*example.scenario).collect();
            names.dedup();
            names.into_iter().map(str::to_string).collect::<Vec<_>>()
        };
        let mut rows: Vec<(&str, String)> = match self.kind {
            SliceKind::Command => vec![
                ("command", titles(&self.commands)),
                ("events", titles(&self.events)),
                ("refused", titles(&self.rejections)),
            ],
            SliceKind::View => vec![("events", titles(&self.events))],
            SliceKind::Automation => vec![("events", titles(&self.events)), ("owed", titles(&self.commands))],
        };
        rows.extend(scenarios(&self.examples).into_iter().map(|name| ("example", name)));
        rows.extend(scenarios(&self.questions).into_iter().map(|name| ("question", name)));
        for (word, said) in rows.into_iter().filter(|(_, said)| !said.is_empty()) {
            lines(f, &format!("  {word:<11}"), INDENT, &said)?;
            writeln!(f)?;
        }
        Ok(())
    }
}
