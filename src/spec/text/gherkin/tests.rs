//! What the reader of Gherkin promises.

mod faults;
mod forms;
mod places;

use super::gherkin;
use crate::spec::text::feature::{FeatureText, Placed, ScenarioText, StepArgument, StepKind};

/// Reads a text that has no fault.
pub(super) fn sound(text: &str) -> FeatureText {
    let (feature, faults) = gherkin(text);
    assert!(faults.is_empty(), "{faults:#?}");
    feature
}

/// The faults of a text: `line:column sentence`.
pub(super) fn faults(text: &str) -> Vec<String> {
    let faults = gherkin(text).1;
    faults.iter().map(|f| format!("{}:{} {}", f.place.line, f.place.column, f.message)).collect()
}

pub(super) fn texts(placed: &[Placed]) -> Vec<&str> {
    placed.iter().map(|placed| placed.text.as_str()).collect()
}

/// A scenario's steps, such as `G account opened`.
pub(super) fn steps(scenario: &ScenarioText) -> Vec<String> {
    scenario.steps.iter().map(step).collect()
}

pub(super) fn step(step: &crate::spec::text::feature::StepText) -> String {
    let kind = match step.kind {
        StepKind::Given => "G",
        StepKind::When => "W",
        StepKind::Then => "T",
    };
    let argument = match &step.argument {
        None => String::new(),
        Some(StepArgument::DocString(lines)) => format!(" {:?}", texts(lines)),
        Some(StepArgument::Table(rows)) => {
            format!(" {:?}", rows.iter().map(|row| texts(row)).collect::<Vec<_>>())
        }
    };
    format!("{kind} {}{argument}", step.text.text)
}
