//! A value as the rows of a tree, each with its path.

use super::{Value, step_to_key};
use crate::message::{NamedPart, PartNames};
use crate::timeline::path::Path;
use crate::timeline::path_step::step_to;

/// One row of a value that is shown as a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueRow {
    /// How deep it lies; 0 for the value itself.
    pub(crate) depth: usize,
    /// The field, key or index on the way to it; empty for the value itself.
    pub(crate) key: String,
    /// Where it is.
    pub(crate) path: Path,
    /// What is there, if no row lies below it; otherwise the name of what is there, if it has one.
    pub(crate) text: String,
}

impl Value {
    /// The rows of the value, each before those below it, its parts under these names. O(size).
    pub(crate) fn rows(&self, names: &PartNames) -> Vec<ValueRow> {
        let mut rows = Vec::new();
        add(self, (0, String::new()), names, &mut Vec::new(), &mut rows);
        rows
    }
}

fn add(
    value: &Value,
    (depth, key): (usize, String),
    names: &PartNames,
    steps: &mut Vec<String>,
    rows: &mut Vec<ValueRow>,
) {
    let parts = parts(value, names);
    let text = if parts.is_empty() { value.to_string() } else { head(value) };
    rows.push(ValueRow { depth, key, path: Path::of(steps), text });
    add_parts(parts, depth + 1, steps, rows);
}

fn add_parts(parts: Vec<Part<'_>>, depth: usize, steps: &mut Vec<String>, rows: &mut Vec<ValueRow>) {
    for Part { key, step, value, below } in parts {
        steps.push(step);
        match key {
            Some(key) => add(value, (depth, key), below, steps, rows),
            None => add_parts(self::parts(value, below), depth, steps, rows),
        }
        steps.pop();
    }
}

/// A part that has a row of its own, or, without a key, whose parts have rows in its place.
struct Part<'v> {
    key: Option<String>,
    step: String,
    value: &'v Value,
    below: &'v PartNames,
}

fn parts<'v>(value: &'v Value, names: &'v PartNames) -> Vec<Part<'v>> {
    match value {
        Value::Some(value) | Value::Variant(_, value) => parts(value, names),
        Value::Record(_, fields) => {
            let part = |(name, value): &'v (&'static str, Value)| {
                let NamedPart { name: key, below } = names.field(name);
                Part { key: key.map(str::to_string), step: step_to(name), value, below }
            };
            fields.iter().map(part).collect()
        }
        Value::Map(pairs) => {
            let part = |(key, value): &'v (Value, Value)| Part {
                key: Some(key.to_string()),
                step: step_to_key(key),
                value,
                below: names.each(),
            };
            pairs.iter().map(part).collect()
        }
        Value::List(_, items) => {
            let part = |(at, value): (usize, &'v Value)| {
                let (key, below) = match names.place(at) {
                    Some(NamedPart { name, below }) => (name.map(str::to_string), below),
                    None => (Some(at.to_string()), names.each()),
                };
                Part { key, step: at.to_string(), value, below }
            };
            items.iter().enumerate().map(part).collect()
        }
        _ => Vec::new(),
    }
}

/// The name of a value whose parts have rows of their own.
fn head(value: &Value) -> String {
    match value {
        Value::Some(value) => head(value),
        Value::Variant(name, _) | Value::Record(name, _) | Value::List(name, _) => (*name).to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use im::OrdMap;
    use serde::Serialize;

    #[derive(Serialize)]
    enum Stage {
        Empty,
        Open { since: u8 },
    }

    #[test]
    fn each_row_has_the_path_that_leads_to_its_value() {
        let state = (
            OrdMap::<&str, Vec<u8>>::from_iter([("a b", vec![1, 2]), ("c", vec![])]),
            [Stage::Open { since: 3 }, Stage::Empty],
            Some(u64::MAX),
        );
        let value = Value::of(&state);
        let rows = value.rows(&PartNames::default());
        let shown: Vec<String> =
            rows.iter().map(|row| format!("{}{} {}", "  ".repeat(row.depth), row.key, row.text)).collect();
        assert_eq!(
            shown,
            [
                " ",
                "  0 ",
                "    \"a b\" ",
                "      0 1",
                "      1 2",
                "    \"c\" []",
                "  1 ",
                "    0 Open",
                "      since 3",
                "    1 Empty",
                "  2 18446744073709551615",
            ]
        );
        for row in &rows {
            let (_, found) = value.follow(row.path.steps());
            let found = found.unwrap();
            let below = found.rows(&PartNames::default()).len() - 1;
            assert!(row.text == found.to_string() || below > 0, "{row:?}");
        }
    }

    #[derive(Serialize)]
    struct OrderState {
        total: u8,
    }

    #[test]
    fn parts_of_a_composed_state_have_their_names_and_the_pairs_around_them_no_rows() {
        let state = ((OrderState { total: 1 }, Some(2)), OrderState { total: 3 });
        let value = Value::of(&state);
        let rows = value.rows(&PartNames::of(&state, ""));
        let shown: Vec<String> =
            rows.iter().map(|row| format!("{} {} {} {}", row.depth, row.key, row.text, row.path)).collect();
        assert_eq!(
            shown,
            [
                "0   .",
                "1 order OrderState 0.0",
                "2 total 1 0.0.total",
                "1 part 2 2 0.1",
                "1 order (2) OrderState 1",
                "2 total 3 1.total",
            ]
        );
    }
}
