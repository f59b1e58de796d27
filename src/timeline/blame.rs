//! Find the event that changed a part of the state.

use super::diff::Change;
use super::error::TimelineError;
use super::path::Path;
use super::value::Value;
use super::{HistoryItem, Timeline};
use crate::fold::Fold;
use crate::page::{debugged, grouped, printable, shown};
use crate::recorded::{Envelope, Version};
use serde::Serialize;
use similar::get_close_matches;
use std::fmt;
use std::ops::ControlFlow::Continue;

/// How many paths are suggested at most instead of one that does not exist.
const MAX_SUGGESTIONS: usize = 5;

/// An event that changed a part of the state. `I` is the item of the history: the event itself, or the event with its time or
/// its envelope.
///
/// It prints the event on a line, and the change below it. The line begins with the version; that of a recorded event is a line
/// of `leftfold log show`: position, time, stream and version, type, event, tags.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Blamed<'t, E, I = E> {
    /// The version that the event made.
    pub version: Version,
    /// The event.
    pub event: &'t E,
    /// The item of the history: the event, with its time or its envelope if the history has them.
    pub item: &'t I,
    /// What it changed.
    pub change: Change,
}

impl<E: fmt::Debug, I: HistoryItem<E>> fmt::Display for Blamed<'_, E, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = match self.item.envelope() {
            Some(envelope) => grouped(envelope.position),
            None => self.version.to_string(),
        };
        f.write_str(&first)?;
        if let Some(time) = self.item.time() {
            write!(f, "  {time:.0}")?;
        }
        if let Some(Envelope { stream, version, event_type, .. }) = self.item.envelope() {
            write!(f, "  {}@{version}  {}", shown(stream), printable(event_type))?;
        }
        write!(f, "  {}", debugged(&self.event))?;
        for tag in self.item.envelope().iter().flat_map(|envelope| &envelope.tags) {
            write!(f, "  #{}", printable(tag.as_str()))?;
        }
        write!(f, "\n{:1$}  {2}", "", first.len(), self.change)
    }
}

impl<F, E> Timeline<F, E>
where
    F: Fold<State: Clone + Serialize>,
    E: HistoryItem<F::Event>,
{
    /// The event that last changed the value at a path: that added, changed or removed it. `None` if the value is still that of
    /// the initial state.
    ///
    /// Looks back from the head until the value changes. Reads each version it looks at along the path.
    ///
    /// After `git blame`.
    ///
    /// ```
    /// use leftfold::{timeline::Timeline, view};
    /// use serde::Serialize;
    ///
    /// #[derive(Clone, Serialize)]
    /// struct Door { is_open: bool, is_locked: bool }
    ///
    /// #[derive(Debug)]
    /// enum Event { Opened, Closed, Locked }
    ///
    /// let door = view(|| Door { is_open: false, is_locked: false }, |door: Door, event: &Event| match event {
    ///     Event::Opened => Door { is_open: true, ..door },
    ///     Event::Closed => Door { is_open: false, ..door },
    ///     Event::Locked => Door { is_locked: true, ..door },
    /// });
    /// let door = Timeline::of(door).extend([Event::Opened, Event::Closed, Event::Locked]);
    /// assert_eq!(door.blame("is_open")?.unwrap().to_string(), "2  Closed\n   is_open  yes → no");
    /// assert_eq!(
    ///     door.blame("is_looked").unwrap_err().to_string(),
    ///     "there has never been a value at is_looked, from version 0 to version 3; is it one of is_locked, is_open?"
    /// );
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    ///
    /// # Errors
    /// [`TimelineError::InvalidPath`], and [`TimelineError::NoSuchPath`] with similar paths when no version has a value there.
    pub fn blame<P>(&self, path: P) -> Result<Option<Blamed<'_, F::Event, E>>, TimelineError>
    where
        P: TryInto<Path, Error = TimelineError>,
    {
        let path = path.try_into()?;
        let mut closest = ClosestVersion::default();
        // The values of one block of versions, which begins with one that is kept.
        let mut end = self.items.len() + 1;
        let mut later: Option<Option<Value>> = None;
        while end > 0 {
            let start = (end - 1) / self.every * self.every;
            let mut values = Vec::with_capacity(end - start);
            self.pass(start..end, |version, state| {
                values.push(closest.look(version, state, &path));
                Continue(())
            });
            for (version, value) in (start..end).zip(values).rev() {
                if let Some(later) = &later
                    && *later != value
                {
                    return Ok(self.blamed(version + 1, &path, value, later.clone()));
                }
                later = Some(value);
            }
            end = start;
        }
        match later.flatten() {
            Some(_) => Ok(None),
            None => Err(self.no_such_path(&path, &closest)),
        }
    }

    /// All events that changed the value at a path, oldest first. Looks at every version.
    ///
    /// # Errors
    /// As [`blame`](Self::blame).
    pub fn history_of<P>(&self, path: P) -> Result<Vec<Blamed<'_, F::Event, E>>, TimelineError>
    where
        P: TryInto<Path, Error = TimelineError>,
    {
        let path = path.try_into()?;
        let (mut closest, mut changes, mut existed) = (ClosestVersion::default(), Vec::new(), false);
        let mut before: Option<Option<Value>> = None;
        self.pass(0..self.items.len() + 1, |version, state| {
            let value = closest.look(version, state, &path);
            existed |= value.is_some();
            if let Some(before) = before.take()
                && before != value
            {
                changes.push((version, before, value.clone()));
            }
            before = Some(value);
            Continue(())
        });
        if !existed {
            return Err(self.no_such_path(&path, &closest));
        }
        Ok(changes
            .into_iter()
            .filter_map(|(version, old, new)| self.blamed(version, &path, old, new))
            .collect())
    }

    fn blamed(
        &self,
        version: usize,
        path: &Path,
        old: Option<Value>,
        new: Option<Value>,
    ) -> Option<Blamed<'_, F::Event, E>> {
        let item = self.items.get(version.checked_sub(1)?)?;
        let change = Change { path: path.clone(), old, new };
        Some(Blamed { version: Version::new(version as u64), event: item.event(), item, change })
    }

    fn no_such_path(&self, path: &Path, closest: &ClosestVersion) -> TimelineError {
        let near = closest
            .version
            .map_or_else(Vec::new, |version| similar_paths(&*self.state(version), path, closest.steps));
        TimelineError::NoSuchPath { path: path.to_string(), head: self.version(), near }
    }
}

/// The latest of the versions that have the longest part of a path.
#[derive(Default)]
struct ClosestVersion {
    steps: usize,
    version: Option<usize>,
}

impl ClosestVersion {
    fn look<S: Serialize>(&mut self, version: usize, state: &S, path: &Path) -> Option<Value> {
        let found = Value::along(state, path.steps());
        let (steps, value) = found.follow(path.steps());
        if self.version.is_none_or(|best| (steps, version) > (self.steps, best)) {
            (self.steps, self.version) = (steps, Some(version));
        }
        value.cloned()
    }
}

/// Paths that exist and are similar to this one, of which the first `steps` steps exist.
fn similar_paths<S: Serialize>(state: &S, path: &Path, steps: usize) -> Vec<String> {
    let whole = Value::of(state);
    let (existing, rest) = path.steps().split_at(steps.min(path.steps().len()));
    let (Some(parent), [wrong, after @ ..]) = (whole.follow(existing).1, rest) else {
        return Vec::new();
    };
    let others = parent.steps();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let close = get_close_matches(wrong.as_str(), &others, MAX_SUGGESTIONS, 0.5);
    let chosen = if close.is_empty() { others.into_iter().take(MAX_SUGGESTIONS).collect() } else { close };
    let path = |step: &str| {
        let mut steps: Vec<String> = existing.to_vec();
        steps.push(step.to_string());
        let whole_way: Vec<String> = steps.iter().chain(after).cloned().collect();
        Path::of(if whole.follow(&whole_way).1.is_some() { &whole_way } else { &steps }).to_string()
    };
    chosen.into_iter().map(path).collect()
}
