//! The file of a lock: JSON in a stable order, one line a field, made to be reviewed as a difference.

use super::super::upcast::EventSchema;
use super::shape::Shape;
use serde_json::{Map, Value, json};

/// The format of the file, at its beginning.
const FORMAT: &str = "leftfold schema lock 1";

/// The longest line that is not broken.
const WIDTH: usize = 100;

/// The depth down to which everything has a line of its own: the file, its entries, an entry, its data, its fields.
const DEPTH: usize = 4;

/// One shape that events in a log may have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LockedShape {
    pub(super) schema: EventSchema,
    pub(super) shape: Shape,
}

/// Reads the entries of a file.
pub(super) fn read(text: &str) -> Result<Vec<LockedShape>, String> {
    let json: Value = serde_json::from_str(text).map_err(|why| why.to_string())?;
    if json.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(format!("it does not begin with \"format\": {FORMAT:?}"));
    }
    let entries = json.get("locked").and_then(Value::as_array).ok_or("it has no list \"locked\"")?;
    entries.iter().map(entry).collect()
}

fn entry(json: &Value) -> Result<LockedShape, String> {
    let no_entry = || format!("{json} is no entry");
    let event_type = json.get("type").and_then(Value::as_str).ok_or_else(no_entry)?;
    let version = json.get("schema").and_then(Value::as_u64).ok_or_else(no_entry)?;
    let version = u32::try_from(version).map_err(|_| no_entry())?;
    let shape = Shape::from_json(json.get("data").ok_or_else(no_entry)?)?;
    Ok(LockedShape { schema: EventSchema::from((event_type, version)), shape })
}

/// Writes entries as a file.
pub(super) fn written(entries: &[LockedShape]) -> String {
    let mut text = format!("{{\n  \"format\": {FORMAT:?},\n  \"locked\": [");
    for (index, LockedShape { schema, shape }) in entries.iter().enumerate() {
        text.push_str(if index == 0 { "\n    " } else { ",\n    " });
        text.push_str(&format!("{{\n      \"type\": {},\n", json!(schema.event_type)));
        text.push_str(&format!("      \"schema\": {},\n      \"data\": ", schema.version));
        lay_out(&shape.to_json(), DEPTH - 1, 6, &mut text);
        text.push_str("\n    }");
    }
    text.push_str("\n  ]\n}\n");
    text
}

/// Lays a value out at an indentation: on one line if it fits and is deep enough.
fn lay_out(value: &Value, depth: usize, indent: usize, text: &mut String) {
    let line = on_one_line(value);
    let is_container = matches!(value, Value::Object(_) | Value::Array(_));
    if !is_container || (depth > DEPTH && indent + line.len() <= WIDTH) || line.len() <= 2 {
        text.push_str(&line);
        return;
    }
    let inside = " ".repeat(indent + 2);
    let part = |key: Option<&String>, value: &Value, is_first: bool, text: &mut String| {
        text.push_str(if is_first { "\n" } else { ",\n" });
        text.push_str(&inside);
        if let Some(key) = key {
            text.push_str(&format!("{}: ", json!(key)));
        }
        lay_out(value, depth + 1, indent + 2, text);
    };
    match value {
        Value::Object(object) => {
            text.push('{');
            for (index, (key, value)) in sorted(object).into_iter().enumerate() {
                part(Some(key), value, index == 0, text);
            }
            text.push_str(&format!("\n{}}}", " ".repeat(indent)));
        }
        Value::Array(items) => {
            text.push('[');
            for (index, value) in items.iter().enumerate() {
                part(None, value, index == 0, text);
            }
            text.push_str(&format!("\n{}]", " ".repeat(indent)));
        }
        _ => {}
    }
}

fn on_one_line(value: &Value) -> String {
    match value {
        Value::Object(object) if !object.is_empty() => {
            let fields = sorted(object)
                .into_iter()
                .map(|(key, value)| format!("{}: {}", json!(key), on_one_line(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(on_one_line).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// The order of a map depends on a feature of `serde_json` that another crate may turn on.
fn sorted(object: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut fields: Vec<_> = object.iter().collect();
    fields.sort_by_key(|(key, _)| *key);
    fields
}
