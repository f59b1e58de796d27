//! Two models of the same messages on one desk: every kind of difference between their answers, with the shortest story to it.

use super::OnDesk;
use super::map::lived;
use super::messages::Said;
use super::wrong::Wrong;
use crate::check::compare::{MachineOf, machine_with_machine, steps_by_name};
use crate::check::{ComparedAnswer, ComparedExtent, Machine, ModelDifference, Story};
use crate::message::Words;
use crate::model::Model;
use crate::page::{count, one_line, with_sources};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// How many states of each model are explored at most.
const MOST_STATES: usize = 50_000;
/// How long the exploration of each takes at most.
const LONGEST: Duration = Duration::from_secs(10);
/// How many kinds of differences an answer has at most.
const MOST_KINDS: usize = 200;

/// The answer to `compare`.
#[derive(Serialize)]
pub(super) struct Compared {
    with: String,
    /// Whether both answer alike everywhere, and everything was visited.
    same: bool,
    /// How far that goes, in sentences.
    says: Vec<String>,
    /// The kinds of differences, those with the shortest stories first.
    differences: Vec<Difference>,
    /// How many more kinds there are.
    more: usize,
}

#[derive(Serialize)]
struct Difference {
    /// The name of the command, and the names of what both models answer.
    command: String,
    here: String,
    there: String,
    /// The field in which two answers of one name differ.
    field: Option<String>,
    /// How many steps of this kind there are.
    times: u64,
    /// The commands of the story, which both models answer alike but for the last one.
    story: Vec<Said>,
    /// The events before the last command, each as JSON in a text.
    history: Vec<String>,
    /// What both models answer to the last command.
    answers: [Answer; 2],
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Accepted { events: Vec<Said> },
    Refused { rejection: Said },
    Panicked { message: String },
}

/// The machine of a model in its form as a file, which a model of other types can read.
pub(super) fn machine_file<D: OnDesk>(model: &Model<D>) -> Result<String, Wrong> {
    Ok(machine(model)?.to_json())
}

fn machine<D: OnDesk>(model: &Model<D>) -> Result<MachineOf<D>, Wrong> {
    let name = one_line(model.name());
    model
        .machine_within(MOST_STATES, LONGEST)
        .ok_or_else(|| Wrong(format!("`{name}` is not explored: say `.alphabet(…)` and `.explored(…)`")))?
        .map_err(|why| Wrong(format!("`{name}` cannot be compared: {}", one_line(&with_sources(&why)))))
}

/// Compares a model with the machine of another one.
pub(super) fn compare<D: OnDesk>(model: &Model<D>, with: &str, other: &str) -> Result<Compared, Wrong> {
    let here = machine(model)?;
    let there: MachineOf<D> = Machine::from_json(other).map_err(|why| {
        let why = one_line(&with_sources(&why)).to_string();
        Wrong(format!(
            "the messages of `{}` are not those of `{}`: {why}",
            one_line(with),
            one_line(model.name())
        ))
    })?;
    let found = machine_with_machine(&here, &there);
    let comparison = &found.comparison;
    let mut says = vec![format!(
        "{} were visited in which both have had the same history",
        count(comparison.states, "pair of states", "pairs of states")
    )];
    match &comparison.extent {
        ComparedExtent::Whole | ComparedExtent::Walked { .. } => {}
        ComparedExtent::Bounded { why, .. } => {
            says.push(format!("not everything was compared: {}", why.join("; ")));
        }
        ComparedExtent::Unfit(why) => return Err(Wrong(one_line(why).to_string())),
    }
    if !found.whole {
        says.push("one of them was not explored to its end".to_string());
    }
    let asked = |names: &BTreeMap<String, u64>, of: &str| {
        (!names.is_empty()).then(|| format!("only `{}` is asked: {}", one_line(of), steps_by_name(names)))
    };
    says.extend(asked(&found.newly_asked, with));
    says.extend(asked(&found.no_longer_asked, model.name()));
    let kinds = &comparison.differences;
    Ok(Compared {
        with: with.to_string(),
        same: found.is_same() && found.no_longer_asked.is_empty(),
        says,
        more: kinds.len().saturating_sub(MOST_KINDS),
        differences: kinds.iter().take(MOST_KINDS).map(|kind| difference(model, kind)).collect(),
    })
}

fn difference<D: OnDesk>(
    model: &Model<D>,
    kind: &ModelDifference<D::Command, D::Event, D::Rejection>,
) -> Difference {
    let words = model.specification().in_words();
    let before = kind.commands.split_last().map(|(_, before)| before.to_vec()).unwrap_or_default();
    let (_, history) = lived(model, &Story { given: kind.given.clone(), commands: before });
    Difference {
        command: kind.command.clone(),
        here: named(&kind.old),
        there: named(&kind.new),
        field: kind.field.clone(),
        times: kind.times,
        story: Said::all(&kind.commands, words),
        history,
        answers: [&kind.old_answer, &kind.new_answer].map(|answer| in_words::<D>(answer, words)),
    }
}

fn named(outcome: &crate::check::NamedOutcome) -> String {
    if outcome.is_refused() { format!("refused: {outcome}") } else { outcome.to_string() }
}

fn in_words<D: OnDesk>(answer: &ComparedAnswer<D::Event, D::Rejection>, words: &Words) -> Answer {
    match answer {
        ComparedAnswer::Events(events) => Answer::Accepted { events: Said::all(events, words) },
        ComparedAnswer::Rejection(rejection) => Answer::Refused { rejection: Said::of(rejection, words) },
        ComparedAnswer::Panic(message) => Answer::Panicked { message: message.clone() },
    }
}
