//! Which event changed a part of the state.

use super::diff::Change;
use super::error::TimelineError;
use super::path::Path;
use super::value::Value;
use super::{Entry, Timeline};
use crate::fold::Fold;
use crate::page::debugged;
use crate::recorded::Version;
use serde::Serialize;
use similar::get_close_matches;
use std::fmt;
use std::ops::ControlFlow::Continue;

/// How many paths are suggested in place of one that does not exist.
const NEAR: usize = 5;

/// An event that changed a part of the state. Prints as the version and the event, and the change below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blamed<'t, E> {
    /// The version that the event made.
    pub version: Version,
    /// The event.
    pub entry: &'t E,
    /// What it changed.
    pub change: Change,
}

impl<E: fmt::Debug> fmt::Display for Blamed<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}  {}", self.version, debugged(&self.entry))?;
        write!(f, "{:1$}  {2}", "", self.version.to_string().len(), self.change)
    }
}

impl<F, E> Timeline<F, E>
where
    F: Fold<State: Clone + Serialize>,
    E: Entry<F::Event>,
{
    /// The event that last changed what stands at a path: made it, changed it or took it away. Nothing, if it is still as it
    /// was in the initial state.
    ///
    /// Looks back from the head until it has changed; each version looked at costs O(what lies beside the path).
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
    ///     "nothing has ever stood at is_looked, from version 0 to version 3; is it one of is_locked, is_open?"
    /// );
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    ///
    /// # Errors
    /// [`TimelineError::InvalidPath`], and [`TimelineError::NoSuchPath`] with paths near to it when nothing has stood there
    /// in any version.
    pub fn blame<P>(&self, path: P) -> Result<Option<Blamed<'_, E>>, TimelineError>
    where
        P: TryInto<Path, Error = TimelineError>,
    {
        let path = path.try_into()?;
        let mut seen = Seen::default();
        // Values of the versions of one block, from one that is kept on.
        let mut end = self.entries.len() + 1;
        let mut later: Option<Option<Value>> = None;
        while end > 0 {
            let start = (end - 1) / self.every * self.every;
            let mut values = Vec::with_capacity(end - start);
            self.pass(start..end, |version, state| {
                values.push(seen.look(version, state, &path));
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
            None => Err(self.no_such_path(&path, &seen)),
        }
    }

    /// All events that changed what stands at a path, oldest first. Looks at every version.
    ///
    /// # Errors
    /// As [`blame`](Self::blame).
    pub fn history_of<P>(&self, path: P) -> Result<Vec<Blamed<'_, E>>, TimelineError>
    where
        P: TryInto<Path, Error = TimelineError>,
    {
        let path = path.try_into()?;
        let (mut seen, mut changes, mut existed) = (Seen::default(), Vec::new(), false);
        let mut before: Option<Option<Value>> = None;
        self.pass(0..self.entries.len() + 1, |version, state| {
            let value = seen.look(version, state, &path);
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
            return Err(self.no_such_path(&path, &seen));
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
    ) -> Option<Blamed<'_, E>> {
        let entry = self.entries.get(version.checked_sub(1)?)?;
        let change = Change { path: path.clone(), old, new };
        Some(Blamed { version: Version::new(version as u64), entry, change })
    }

    fn no_such_path(&self, path: &Path, seen: &Seen) -> TimelineError {
        let near =
            seen.version.map_or_else(Vec::new, |version| near(&*self.state(version), path, seen.steps));
        TimelineError::NoSuchPath { path: path.to_string(), head: self.version(), near }
    }
}

/// How far along a path a version went that went furthest, the latest of them.
#[derive(Default)]
struct Seen {
    steps: usize,
    version: Option<usize>,
}

impl Seen {
    fn look<S: Serialize>(&mut self, version: usize, state: &S, path: &Path) -> Option<Value> {
        let found = Value::along(state, path.steps());
        let (steps, value) = found.follow(path.steps());
        if self.version.is_none_or(|best| (steps, version) > (self.steps, best)) {
            (self.steps, self.version) = (steps, Some(version));
        }
        value.cloned()
    }
}

/// Paths that do exist and look like this one, of which the first steps do.
fn near<S: Serialize>(state: &S, path: &Path, steps: usize) -> Vec<String> {
    let whole = Value::of(state);
    let (there, rest) = path.steps().split_at(steps.min(path.steps().len()));
    let (Some(parent), [wrong, behind @ ..]) = (whole.follow(there).1, rest) else {
        return Vec::new();
    };
    let others = parent.steps();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let close = get_close_matches(wrong.as_str(), &others, NEAR, 0.5);
    let chosen = if close.is_empty() { others.into_iter().take(NEAR).collect() } else { close };
    let path = |step: &str| {
        let mut steps: Vec<String> = there.to_vec();
        steps.push(step.to_string());
        let whole_way: Vec<String> = steps.iter().chain(behind).cloned().collect();
        Path::of(if whole.follow(&whole_way).1.is_some() { &whole_way } else { &steps }).to_string()
    };
    chosen.into_iter().map(path).collect()
}
