//! What changed between two versions.

use super::Timeline;
use super::error::TimelineError;
use super::path::Path;
use super::path_step::step_to;
use super::value::{Value, step_to_key};
use crate::fold::Fold;
use crate::page::{ALIKE, Column, cut, printable};
use crate::recorded::Version;
use serde::Serialize;
use similar::{Algorithm, capture_diff_slices};
use std::cmp::Ordering;
use std::fmt;

/// How many pairs of items two sequences may have to be aligned. Longer ones are compared index by index: aligning would take
/// too long.
const MAX_ALIGNED_PAIRS: usize = 1_000_000;

/// The longest text of a value on a line, in characters.
const VALUE_WIDTH: usize = 60;

/// What changed between two states: the smallest parts that differ. Prints one line for each change.
///
/// As JSON, it is `changes`, each with `path`, and with `old` and `new` as the values are in JSON; `old` is left out if the part was
/// added, and `new` if it is gone.
///
/// ```
/// use leftfold::timeline::Diff;
///
/// let diff = Diff::of(&("tea", vec![1, 2, 3]), &("rice", vec![1, 3]));
/// assert_eq!(diff.to_string(), "0    \"tea\" → \"rice\"\n1.1  - 2\n");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diff {
    /// The changes, in the order in which the state serializes its parts.
    pub changes: Vec<Change>,
}

/// One part of a state that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its path in the new state, or in the old one if it is gone.
    ///
    /// If items of a sequence were added or removed before it, its path in the other state has another index.
    pub path: Path,
    /// The old value; `None` if the part was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The new value; `None` if the part is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

impl Diff {
    /// What changed from one value to the other. Reads both through serde.
    ///
    /// Structs and variants are compared field by field, maps key by key, sequences and sets item by item. An item that was added
    /// or removed does not make the later ones count as changed. If the kind changes (another variant, a struct of another name),
    /// the whole value counts as changed. A `HashSet` has no fixed order, so it may count as reordered. O(size), and for sequences
    /// O(size × changed items).
    pub fn of<T: Serialize + ?Sized>(old: &T, new: &T) -> Diff {
        Diff::between(&Value::of(old), &Value::of(new))
    }

    fn between(old: &Value, new: &Value) -> Diff {
        let mut walk = Walk { in_old: Vec::new(), in_new: Vec::new(), changes: Vec::new() };
        walk.compare(old, new);
        Diff { changes: walk.changes }
    }

    /// Whether there is no change.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl<F, E> Timeline<F, E>
where
    F: Fold<State: Clone + Serialize>,
    E: super::HistoryItem<F::Event>,
{
    /// What changed in the state from version `from` to version `to`, which may be the earlier one.
    ///
    /// ```
    /// use leftfold::{im::OrdMap, timeline::Timeline, view};
    ///
    /// let stock = view(OrdMap::new, |stock: OrdMap<&str, u32>, (article, n): &(&'static str, u32)| stock.update(*article, *n));
    /// let timeline = Timeline::of(stock).extend([("tea", 4), ("rice", 9), ("tea", 3)]);
    /// assert_eq!(timeline.diff(1, 3)?.to_string(), "rice  + 9\ntea   4 → 3\n");
    /// # Ok::<(), leftfold::timeline::TimelineError>(())
    /// ```
    ///
    /// # Errors
    /// [`TimelineError::NoSuchVersion`].
    pub fn diff(&self, from: impl Into<Version>, to: impl Into<Version>) -> Result<Diff, TimelineError> {
        Ok(Diff::of(&*self.at(from)?, &*self.at(to)?))
    }
}

struct Walk {
    /// The path from the root of each state; indices in sequences may differ.
    in_old: Vec<String>,
    in_new: Vec<String>,
    changes: Vec<Change>,
}

impl Walk {
    fn compare(&mut self, old: &Value, new: &Value) {
        match (old, new) {
            (Value::Some(old), Value::Some(new)) if has_parts(old, new) => self.compare(old, new),
            (Value::Variant(one, old), Value::Variant(other, new)) if one == other && has_parts(old, new) => {
                self.compare(old, new);
            }
            (Value::Record(one, old), Value::Record(other, new)) if one == other => self.fields(old, new),
            (Value::Map(old), Value::Map(new)) => self.pairs(old, new),
            (Value::List(one, old), Value::List(other, new)) if one == other => self.items(old, new),
            (old, new) if old == new => {}
            (old, new) => self.changed(Some(old), Some(new)),
        }
    }

    fn changed(&mut self, old: Option<&Value>, new: Option<&Value>) {
        let steps = if new.is_some() { &self.in_new } else { &self.in_old };
        self.changes.push(Change { path: Path::of(steps), old: old.cloned(), new: new.cloned() });
    }

    fn at(&mut self, step: String, old: Option<&Value>, new: Option<&Value>) {
        self.at_each((step.clone(), step), old, new);
    }

    fn at_each(&mut self, (in_old, in_new): (String, String), old: Option<&Value>, new: Option<&Value>) {
        self.in_old.push(in_old);
        self.in_new.push(in_new);
        match (old, new) {
            (Some(old), Some(new)) => self.compare(old, new),
            (old, new) => self.changed(old, new),
        }
        self.in_old.pop();
        self.in_new.pop();
    }

    fn fields(&mut self, old: &[(&'static str, Value)], new: &[(&'static str, Value)]) {
        // A field may be left out (`skip_serializing_if`).
        let gone = old.iter().filter(|(name, _)| !new.iter().any(|(other, _)| name == other));
        for (name, value) in gone {
            self.at(step_to(name), Some(value), None);
        }
        for (name, value) in new {
            let before = old.iter().find(|(other, _)| name == other).map(|(_, value)| value);
            self.at(step_to(name), before, Some(value));
        }
    }

    /// Both are in the order of their keys.
    fn pairs(&mut self, mut old: &[(Value, Value)], mut new: &[(Value, Value)]) {
        loop {
            let order = match (old.first(), new.first()) {
                (None, None) => return,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((one, _)), Some((other, _))) => one.cmp(other),
            };
            let (before, after) =
                (old.first().filter(|_| order.is_le()), new.first().filter(|_| order.is_ge()));
            if let Some((key, _)) = before.or(after)
                && before.map(|(_, value)| value) != after.map(|(_, value)| value)
            {
                self.at(step_to_key(key), before.map(|(_, value)| value), after.map(|(_, value)| value));
            }
            old = if before.is_some() { &old[1..] } else { old };
            new = if after.is_some() { &new[1..] } else { new };
        }
    }

    fn items(&mut self, old: &[Value], new: &[Value]) {
        let same = |pair: &(&Value, &Value)| pair.0 == pair.1;
        let begin = old.iter().zip(new).take_while(same).count();
        let end = old[begin..].iter().rev().zip(new[begin..].iter().rev()).take_while(same).count();
        let (old_part, new_part) = (&old[begin..old.len() - end], &new[begin..new.len() - end]);
        if old_part.len().saturating_mul(new_part.len()) > MAX_ALIGNED_PAIRS {
            self.block(begin, old_part, begin, new_part);
            return;
        }
        for op in capture_diff_slices(Algorithm::Myers, old_part, new_part) {
            let (olds, news) = (op.old_range(), op.new_range());
            if !matches!(op, similar::DiffOp::Equal { .. }) {
                self.block(begin + olds.start, &old_part[olds], begin + news.start, &new_part[news]);
            }
        }
    }

    /// Items that replace others: items in pairs have changed, the rest were added or removed.
    fn block(&mut self, old_at: usize, old: &[Value], new_at: usize, new: &[Value]) {
        for i in 0..old.len().max(new.len()) {
            let steps = ((old_at + i).to_string(), (new_at + i).to_string());
            self.at_each(steps, old.get(i), new.get(i));
        }
    }
}

/// Whether the contents of two options, or of the same variant, can be compared part by part.
fn has_parts(old: &Value, new: &Value) -> bool {
    use Value::{List, Map, Record, Some, Variant};
    match (old, new) {
        (Some(old), Some(new)) => has_parts(old, new),
        (Variant(one, old), Variant(other, new)) => one == other && has_parts(old, new),
        (Record(one, _), Record(other, _)) | (List(one, _), List(other, _)) => one == other,
        (Map(_), Map(_)) => true,
        _ => false,
    }
}

impl Change {
    /// The old and the new value, without the path.
    pub(super) fn values(&self) -> String {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => match (shortened(old), shortened(new)) {
                (one, other) if one != other => format!("{one} → {other}"),
                // The values differ after the part that fits on a line, or do not print their difference.
                _ => match (old.to_string(), new.to_string()) {
                    (one, other) if one == other => format!("{} ({ALIKE})", shortened(old)),
                    (one, other) => format!("{} → {}", printable(&one), printable(&other)),
                },
            },
            (Some(old), None) => format!("- {}", shortened(old)),
            (None, Some(new)) => format!("+ {}", shortened(new)),
            (None, None) => String::new(),
        }
    }
}

fn shortened(value: &Value) -> String {
    cut(&printable(&value.to_string()), VALUE_WIDTH + 1).into_owned()
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", printable(&self.path.to_string()), self.values())
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return writeln!(f, "nothing changed");
        }
        let paths: Vec<String> = self.changes.iter().map(|change| change.path.to_string()).collect();
        let column = Column::of(VALUE_WIDTH, &paths);
        for (path, change) in paths.iter().zip(&self.changes) {
            writeln!(f, "{}  {}", column.left(path), change.values())?;
        }
        Ok(())
    }
}
