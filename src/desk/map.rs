//! The graph of a model, and the shortest story to a property or a class of states.

use super::OnDesk;
use super::at::Answered;
use super::messages::Said;
use super::question::FindStory;
use super::wrong::Wrong;
use crate::check::{Graph, Property, PropertyAnswer, SequenceChart, Story};
use crate::model::Model;
use crate::page::one_line;
use crate::spec::panics::caught;
use serde::Serialize;
use std::time::Duration;

/// How many states a search visits at most, so that a browser, which has no clock, comes to an end too.
const MOST_STATES: usize = 200_000;
/// How long a search takes at most.
const LONGEST: Duration = Duration::from_secs(3);
/// How long the exploration for a graph takes at most.
const LONGEST_OF_GRAPH: Duration = Duration::from_secs(20);

pub(super) fn graph<D: OnDesk>(model: &Model<D>) -> Result<Graph, Wrong> {
    model.diagram_within(LONGEST_OF_GRAPH).ok_or_else(|| {
        Wrong(
            "there is no graph: the model is not explored; say `.alphabet(…)` and `.explored(…)`".to_string(),
        )
    })
}

/// The answer to `find`.
#[derive(Serialize)]
pub(super) struct Found {
    /// What was sought.
    sought: String,
    /// `found`, `never` (everything was visited), `not_found` (not everything was), or `panicked` (the model did, which ended the search).
    verdict: &'static str,
    /// Whether the property is kept; null if that is not known, and of a class.
    kept: Option<bool>,
    says: String,
    states: usize,
    /// The shortest story, if one was found.
    story: Option<Vec<Moved>>,
    /// The same story as events alone, each as JSON in a text: a history to go on from.
    history: Vec<String>,
    /// The same story as a sequence chart, if the model has its stories drawn.
    chart: Option<SequenceChart>,
}

/// One command of a story.
#[derive(Serialize)]
pub(super) struct Moved {
    pub(super) command: Said,
    pub(super) outcome: Answered,
}

pub(super) fn find<D: OnDesk>(
    model: &Model<D>,
    given: Vec<D::Event>,
    asked: &FindStory<'_>,
) -> Result<Found, Wrong> {
    let (sought, property, is_class) = match (&asked.property, &asked.class) {
        (Some(name), None) => {
            let known = model.properties_declared().iter().find(|property| property.name() == name);
            let names = || {
                model
                    .properties_declared()
                    .iter()
                    .map(|one| one_line(one.name()).to_string())
                    .collect::<Vec<_>>()
            };
            let property = known.ok_or_else(|| {
                Wrong(format!(
                    "the model has no property \"{}\"; it has: {}",
                    one_line(name),
                    names().join(", ")
                ))
            })?;
            (name.clone(), property.clone(), false)
        }
        (None, Some(class)) => {
            let (label, wanted) = (model.label_of(), class.clone());
            let reached = Property::sometimes(class.clone(), move |state: &D::State| label(state) == wanted);
            (class.clone(), reached, true)
        }
        _ => {
            return Err(Wrong(
                "what is sought? A `property` of the model by its name, or a `class` of states".into(),
            ));
        }
    };
    let found = model
        .exploring()
        .from(given.iter().cloned())
        .property(property)
        .states(MOST_STATES)
        .time(LONGEST)
        .until_decided()
        .run();
    let answer = found.findings.iter().map(|finding| &finding.answer).next();
    let panicked = found.panic.as_ref().map(|panic| &panic.story);
    let story = answer.and_then(PropertyAnswer::story).or(panicked);
    let (verdict, says) = match (answer, story) {
        (Some(PropertyAnswer::Undecided), Some(_)) => {
            ("panicked", "the search ended here: the model panics at the end of this story")
        }
        (Some(PropertyAnswer::Violated(_)), _) => ("found", "this story breaks it"),
        (Some(PropertyAnswer::Panicked(..)), _) => ("found", "it panics at the end of this story"),
        (_, Some(_)) if is_class => ("found", "this is a shortest story to it"),
        (_, Some(_)) => ("found", "this story shows it"),
        (Some(PropertyAnswer::Never), _) if is_class => {
            ("never", "no state that can be reached is of this class: all of them were visited")
        }
        (Some(PropertyAnswer::Never), _) => {
            ("never", "it never happens: every state that can be reached was visited")
        }
        (Some(PropertyAnswer::Holds), _) => ("never", "it holds in every state that can be reached"),
        _ => ("not_found", "not found: not every state was visited"),
    };
    let kept = match answer {
        _ if is_class => None,
        Some(PropertyAnswer::Violated(_) | PropertyAnswer::Panicked(..) | PropertyAnswer::Never) => {
            Some(false)
        }
        Some(PropertyAnswer::Undecided) | None => None,
        Some(_) => Some(true),
    };
    let chart = story.and_then(|story| model.chart_of(story));
    let lived = story.map(|story| lived(model, story));
    let (story, history) = lived.unzip();
    let (verdict, says, history) = (verdict, says.to_string(), history.unwrap_or_default());
    Ok(Found { sought, verdict, kept, says, states: found.states, story, history, chart })
}

/// A story with the answer to each of its commands, and all its events.
pub(super) fn lived<D: OnDesk>(model: &Model<D>, story: &Story<D>) -> (Vec<Moved>, Vec<String>) {
    let (decider, words) = (model.decider(), model.specification().in_words());
    let label = model.label_of();
    let mut history: Vec<String> = Said::all(&story.given, words).into_iter().map(Said::into_json).collect();
    let mut moved = Vec::new();
    let mut state = decider.fold(&story.given);
    for command in &story.commands {
        let lived = caught(|| match decider.decide(command, &state) {
            Ok(events) => {
                let after = decider.fold_from(state.clone(), &events);
                let label = label(&after);
                (Answered::accepted(decider, &events, label, words), Some((events, after)))
            }
            Err(rejection) => (Answered::Refused { rejection: Said::of(&rejection, words) }, None),
        });
        let (outcome, after) = lived.unwrap_or_else(|message| (Answered::Panicked { message }, None));
        moved.push(Moved { command: Said::of(command, words), outcome });
        if let Some((events, after)) = after {
            history.extend(Said::all(&events, words).into_iter().map(Said::into_json));
            state = after;
        }
    }
    (moved, history)
}
