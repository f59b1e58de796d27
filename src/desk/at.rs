//! The state after a history: what is there, and what each command would do.

use super::here::{Here, properties};
use super::messages::{self, Said};
use super::owed::{ToDo, owed};
use super::past::History;
use super::question::AskCommand;
use super::rows::{Changed, StateRows, changed};
use super::wrong::Wrong;
use super::{MOST_COMMANDS, OnDesk, said_command};
use crate::fold::Fold;
use crate::message::Words;
use crate::model::Model;
use crate::page::one_line;
use crate::spec::panics::caught;
use crate::spec::why;
use crate::timeline::Diff;
use serde::Serialize;

/// The answer to `at`.
#[derive(Serialize)]
pub(super) struct At {
    version: usize,
    /// How many events the history has.
    of: usize,
    label: String,
    /// Whether the story ends here.
    ended: bool,
    /// A sentence, if the stream goes on with an event that cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    edge: Option<String>,
    /// The event that led here; none at version 0.
    event: Option<Said>,
    /// What it changed.
    changed: Vec<Changed>,
    state: StateRows,
    /// Each command of the alphabet, and what would come of it.
    commands: Vec<Tried>,
    /// The properties that speak of single states, and what they say of this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Here>,
    /// What the process managers owe.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    owed: Vec<ToDo>,
}

#[derive(Serialize)]
struct Tried {
    command: Said,
    outcome: Answered,
}

/// What a command comes to.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answered {
    Accepted {
        events: Vec<Said>,
        /// Whether one of them is a refusal that is recorded.
        is_refusal: bool,
        /// The label of the state after them.
        label: String,
    },
    Refused {
        rejection: Said,
    },
    Panicked {
        message: String,
    },
}

impl Answered {
    pub(super) fn accepted<D: OnDesk>(
        decider: &D,
        events: &[D::Event],
        label: String,
        words: &Words,
    ) -> Answered {
        let is_refusal = events.iter().any(|event| decider.is_refusal(event));
        Answered::Accepted { events: Said::all(events, words), is_refusal, label }
    }
}

/// The answer to `ask`.
#[derive(Serialize)]
pub(super) struct Asked {
    command: Said,
    outcome: Answered,
    /// What its events would change.
    changed: Vec<Changed>,
    /// The state after them.
    state: StateRows,
    /// Why it is answered like this; none if that was not asked, or not found in time.
    why: Option<Grounds>,
}

#[derive(Serialize)]
struct Grounds {
    /// The events that alone give the same answer, by their versions.
    enough: Vec<u64>,
    /// The events without any of which the answer is another.
    decisive: Vec<u64>,
    says: String,
}

pub(super) fn at<D: OnDesk>(model: &Model<D>, history: History<D::Event>) -> At {
    let History { events: history, of, edge } = history;
    let (decider, words) = (model.decider(), model.specification().in_words());
    let label = model.label_of();
    let (before, state) = before_and_after(decider, &history);
    let diff = before.map(|before| Diff::of(&before, &state)).unwrap_or_default();
    let commands = model.commands_in(&state);
    let tried = commands.iter().take(MOST_COMMANDS).map(|command| Tried {
        command: Said::of(command, words),
        outcome: answered(model, command, &state).0,
    });
    At {
        version: history.len(),
        of,
        edge,
        label: label(&state),
        ended: decider.is_terminal(&state),
        event: history.last().map(|event| Said::of(event, words)),
        changed: changed::<D>(&diff, &state),
        commands: tried.collect(),
        properties: properties(model, &state),
        owed: owed(model, &history),
        state: StateRows::of::<D>(&state, &diff),
    }
}

pub(super) fn ask<D: OnDesk>(
    model: &Model<D>,
    history: Vec<D::Event>,
    asked: &AskCommand<'_>,
) -> Result<Asked, Wrong> {
    let command = command_of(model, asked)?;
    let (decider, words) = (model.decider(), model.specification().in_words());
    let state = decider.fold(&history);
    let (outcome, after) = answered(model, &command, &state);
    let diff = after.as_ref().map(|after| Diff::of(&state, after)).unwrap_or_default();
    let grounds = (asked.why != Some(false) && !matches!(outcome, Answered::Panicked { .. }))
        .then(|| why(decider, &history, &command))
        .flatten()
        .map(|why| Grounds {
            enough: why.enough.iter().map(|version| version.get()).collect(),
            decisive: why.decisive.iter().map(|version| version.get()).collect(),
            says: why.to_string(),
        });
    let after = after.as_ref().unwrap_or(&state);
    Ok(Asked {
        command: Said::of(&command, words),
        outcome,
        changed: changed::<D>(&diff, after),
        state: StateRows::of::<D>(after, &diff),
        why: grounds,
    })
}

/// The command of a question: as JSON, or said.
pub(super) fn command_of<D: OnDesk>(model: &Model<D>, asked: &AskCommand<'_>) -> Result<D::Command, Wrong> {
    match (asked.command, &asked.phrase) {
        (Some(json), None) => messages::message(json)
            .map_err(|why| Wrong(format!("the command is none of this model: {}", one_line(&why)))),
        (None, Some(phrase)) => said_command(model, phrase),
        _ => {
            Err(Wrong("which command is asked? Give it as JSON in `command`, or in words in `phrase`".into()))
        }
    }
}

/// The state before the last event, and the one after it.
fn before_and_after<F: Fold<State: Clone>>(fold: &F, history: &[F::Event]) -> (Option<F::State>, F::State) {
    match history.split_last() {
        None => (None, fold.initial_state()),
        Some((last, before)) => {
            let before = fold.fold(before);
            let after = fold.evolve(before.clone(), last);
            (Some(before), after)
        }
    }
}

/// What comes of a command, and the state after it if its events can be folded.
fn answered<D: OnDesk>(
    model: &Model<D>,
    command: &D::Command,
    state: &D::State,
) -> (Answered, Option<D::State>) {
    let (decider, words) = (model.decider(), model.specification().in_words());
    let lived = caught(|| match decider.decide(command, state) {
        Ok(events) => {
            let after = decider.fold_from(state.clone(), &events);
            let label = model.label_of()(&after);
            (Answered::accepted(decider, &events, label, words), Some(after))
        }
        Err(rejection) => (Answered::Refused { rejection: Said::of(&rejection, words) }, None),
    });
    lived.unwrap_or_else(|message| (Answered::Panicked { message }, None))
}
