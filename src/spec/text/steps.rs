//! Steps in their order: what And continues, and that a scenario's history comes first.

use super::feature::{Placed, StepArgument, StepKind, StepText, TextPlace};
use super::languages::{Language, StepWord};
use super::places::Faults;

/// A step as it is written.
#[derive(Debug)]
pub(super) struct WrittenStep {
    pub(super) word: StepWord,
    pub(super) text: Placed,
    pub(super) place: TextPlace,
    pub(super) argument: Option<StepArgument>,
    pub(super) last_line: u32,
}

/// Whose steps they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepsOf {
    Scenario,
    Background,
}

/// The steps with their kinds. Faults: an And that is first; a Given after When or Then; anything but Given in a background.
pub(super) fn steps(
    written: Vec<WrittenStep>,
    of: StepsOf,
    language: &Language,
    faults: &mut Faults,
) -> Vec<StepText> {
    let keyword = |word| language.step_keyword(word).trim_end();
    let (given, when, then) = (keyword(StepWord::Given), keyword(StepWord::When), keyword(StepWord::Then));
    let mut last: Option<StepKind> = None;
    let mut steps = Vec::with_capacity(written.len());
    for step in written {
        let kind = match (step.word, last) {
            (StepWord::Given, _) => StepKind::Given,
            (StepWord::When, _) => StepKind::When,
            (StepWord::Then, _) => StepKind::Then,
            (StepWord::And, Some(kind)) => kind,
            (StepWord::And, None) => {
                let and = keyword(StepWord::And);
                faults.push(step.place, || match of {
                    StepsOf::Scenario => format!(
                        "\"{and}\" continues the step before it, and this is the first. Begin it with {given}, {when} or {then}."
                    ),
                    StepsOf::Background => format!(
                        "\"{and}\" continues the step before it, and this is the first. Begin it with {given}."
                    ),
                });
                StepKind::Given
            }
        };
        // Of several steps in a row, the first is the fault.
        let is_first = last != Some(kind);
        match (of, kind) {
            (StepsOf::Scenario, StepKind::Given) if is_first && last.is_some() => {
                faults.push(step.place, || {
                    format!(
                        "\"{given}\" stands after \"{when}\" or \"{then}\". A scenario's history comes first; what \
                         happens later is written with {when}."
                    )
                });
            }
            (StepsOf::Background, StepKind::When | StepKind::Then) if is_first => {
                faults.push(step.place, || {
                    format!(
                        "What stands before the scenarios is their history: each of its steps begins with {given}. \
                         Move this step into a scenario."
                    )
                });
            }
            _ => {}
        }
        last = Some(kind);
        let WrittenStep { text, place, argument, last_line, .. } = step;
        steps.push(StepText { kind, text, place, argument, last_line });
    }
    steps
}
