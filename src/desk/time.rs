//! The versions of a history, and who changed what.

use super::OnDesk;
use super::messages::{Said, states};
use super::past::History;
use super::question::{BlamePath, TimelinePage};
use super::rows::{Changed, changed};
use super::wrong::Wrong;
use crate::model::Model;
use crate::timeline::{Diff, Timeline};
use serde::Serialize;

/// The answer to `timeline`.
#[derive(Serialize)]
pub(super) struct Page {
    /// How many events the history has.
    of: usize,
    versions: Vec<OneVersion>,
}

#[derive(Serialize)]
struct OneVersion {
    version: usize,
    label: String,
    /// The event that led here; none at version 0.
    event: Option<Said>,
    changed: Vec<Changed>,
}

/// The page of a history that goes to the last version of the page, or further.
pub(super) fn timeline<D: OnDesk>(
    model: &Model<D>,
    history: History<D::Event>,
    asked: &TimelinePage<'_>,
) -> Page {
    let History { events: history, of, .. } = history;
    let (label, words) = (model.label_of(), model.specification().in_words());
    let (mut versions, mut before) = (Vec::new(), None);
    for (version, state) in states(model.decider(), &history).enumerate() {
        if version >= asked.from && asked.count != Some(0) {
            let diff = before.as_ref().map(|before| Diff::of(before, &state)).unwrap_or_default();
            let event = version.checked_sub(1).map(|at| Said::of(&history[at], words));
            let changed = changed::<D>(&diff, &state);
            versions.push(OneVersion { version, label: label(&state), event, changed });
        }
        before = Some(state);
    }
    Page { of, versions }
}

/// The answer to `blame`: the event that last changed what is at a path.
#[derive(Serialize)]
pub(super) struct Blame {
    path: String,
    /// None if nothing has changed it.
    by: Option<OneVersion>,
}

pub(super) fn blame<D: OnDesk>(
    model: &Model<D>,
    history: Vec<D::Event>,
    asked: &BlamePath<'_>,
) -> Result<Blame, Wrong> {
    let timeline = Timeline::of(model.decider()).extend(history);
    let label = model.label_of();
    let by = match timeline.blame(&*asked.path).map_err(|why| Wrong(why.to_string()))? {
        None => None,
        Some(blamed) => {
            let state = timeline.at(blamed.version).map_err(|why| Wrong(why.to_string()))?;
            Some(OneVersion {
                version: blamed.version.get() as usize,
                label: label(&*state),
                event: Some(Said::of(blamed.event, model.specification().in_words())),
                changed: changed::<D>(&Diff { changes: vec![blamed.change] }, &*state),
            })
        }
    };
    Ok(Blame { path: asked.path.clone(), by })
}
