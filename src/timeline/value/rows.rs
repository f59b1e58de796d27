//! A value as the rows of a tree, each with its path.

use super::{Value, step_to_key};
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
    /// The rows of the value, each before those below it. O(size).
    pub(crate) fn rows(&self) -> Vec<ValueRow> {
        let mut rows = Vec::new();
        add(self, String::new(), &mut Vec::new(), &mut rows);
        rows
    }
}

fn add(value: &Value, key: String, steps: &mut Vec<String>, rows: &mut Vec<ValueRow>) {
    let parts = parts(value);
    let text = if parts.is_empty() { value.to_string() } else { head(value) };
    rows.push(ValueRow { depth: steps.len(), key, path: Path::of(steps), text });
    for (key, step, part) in parts {
        steps.push(step);
        add(part, key, steps, rows);
        steps.pop();
    }
}

/// The parts of a value that have rows of their own: how each is called, the step to it, and itself.
fn parts(value: &Value) -> Vec<(String, String, &Value)> {
    match value {
        Value::Some(value) | Value::Variant(_, value) => parts(value),
        Value::Record(_, fields) => {
            fields.iter().map(|(name, value)| ((*name).to_string(), step_to(name), value)).collect()
        }
        Value::Map(pairs) => {
            pairs.iter().map(|(key, value)| (key.to_string(), step_to_key(key), value)).collect()
        }
        Value::List(_, items) => {
            items.iter().enumerate().map(|(at, item)| (at.to_string(), at.to_string(), item)).collect()
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
        let rows = value.rows();
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
            assert!(parts(found).is_empty() != found.rows().len().gt(&1), "{row:?}");
            assert!(row.text == found.to_string() || found.rows().len() > 1, "{row:?}");
        }
    }
}
