//! A state as the rows of a tree, and what changed in it.

use crate::fold::Fold;
use crate::message::PartNames;
use crate::timeline::{Change, Diff, Value, ValueRow};
use serde::Serialize;
use std::any::type_name;

/// How many rows of a state an answer has at most.
const MOST_ROWS: usize = 2_000;

/// A state as a tree, row by row.
#[derive(Serialize)]
pub(super) struct StateRows {
    rows: Vec<Row>,
    /// How many more there are.
    more: usize,
}

#[derive(Serialize)]
struct Row {
    /// How deep it lies in the tree.
    depth: usize,
    /// The field, the key, the index or the name of a part; empty for the state itself.
    key: String,
    /// Where the row is, as `blame` takes it.
    path: String,
    /// What is there, if nothing lies below it; otherwise the name of what is there, or nothing.
    text: String,
    /// Whether the last event changed it, or something below it.
    changed: bool,
}

/// What an event changed.
#[derive(Serialize)]
pub(super) struct Changed {
    path: String,
    /// The path in the names of the parts; left out where it is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Left out if it was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<String>,
    /// Left out if it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<String>,
}

impl StateRows {
    pub(super) fn of<D: Fold<State: Serialize>>(state: &D::State, changes: &Diff) -> StateRows {
        let changed: Vec<&[String]> = changes.changes.iter().map(|change| change.path.steps()).collect();
        let rows = Value::of(state).rows(&names_of::<D>(state));
        let more = rows.len().saturating_sub(MOST_ROWS);
        let rows = rows.into_iter().take(MOST_ROWS).map(|ValueRow { depth, key, path, text }| {
            let steps = path.steps();
            let changed = changed.iter().any(|at| at.starts_with(steps) || steps.starts_with(at));
            Row { depth, key, path: path.to_string(), text, changed }
        });
        StateRows { rows: rows.collect(), more }
    }

    /// Depth, key, path and text of each row.
    #[cfg(feature = "serve")]
    pub(super) fn into_rows(self) -> impl Iterator<Item = (usize, String, String, String)> {
        self.rows.into_iter().map(|row| (row.depth, row.key, row.path, row.text))
    }

    /// How many more rows there are.
    #[cfg(feature = "serve")]
    pub(super) fn more(&self) -> usize {
        self.more
    }
}

/// The changes of a difference that led to this state.
pub(super) fn changed<D: Fold<State: Serialize>>(diff: &Diff, state: &D::State) -> Vec<Changed> {
    if diff.is_empty() {
        return Vec::new();
    }
    let names = names_of::<D>(state);
    let of = |Change { path, old, new }: &Change| Changed {
        path: path.to_string(),
        key: names.path(path.steps()),
        old: old.as_ref().map(ToString::to_string),
        new: new.as_ref().map(ToString::to_string),
    };
    diff.changes.iter().map(of).collect()
}

fn names_of<D: Fold<State: Serialize>>(state: &D::State) -> PartNames {
    PartNames::of(state, type_name::<D>())
}
