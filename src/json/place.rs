//! Paths into JSON, as people write them: `.open["a"][3]`.

use serde_json::Value;

/// Adds a step into the value of `key` to a path.
pub(super) fn step_into(way: &mut String, key: &str) {
    let is_word = |text: &str| {
        text.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && text.chars().all(|sign| sign.is_alphanumeric() || sign == '_')
    };
    if is_word(key) {
        way.push('.');
        way.push_str(key);
    } else {
        way.push_str(&format!("[{key:?}]"));
    }
}

/// The path to the value at a column (counted from 1, in bytes) of JSON on one line: the innermost value that begins before
/// the column and does not end before it.
pub(super) fn at_column(json: &[u8], line: usize, column: usize) -> String {
    if line != 1 {
        return String::new();
    }
    let upto = column.min(json.len());
    // For each open bracket, the step to the value that is being read in it.
    let mut open: Vec<Step> = Vec::new();
    let mut at = 0;
    while at < upto {
        match json[at] {
            b'{' => open.push(Step::Key(None)),
            b'[' => open.push(Step::Item(0)),
            b'}' | b']' if at + 1 < upto => drop(open.pop()),
            b',' => match open.last_mut() {
                Some(Step::Item(number)) => *number += 1,
                Some(Step::Key(key)) => *key = None,
                None => {}
            },
            b'"' => {
                let end = end_of_text(json, at);
                if let Some(Step::Key(key @ None)) = open.last_mut() {
                    *key = serde_json::from_slice(&json[at..end.min(json.len())]).ok();
                }
                at = end - 1;
            }
            _ => {}
        }
        at += 1;
    }
    let mut way = String::new();
    for step in open {
        match step {
            Step::Key(Some(key)) => step_into(&mut way, &key),
            Step::Key(None) => {}
            Step::Item(number) => way.push_str(&format!("[{number}]")),
        }
    }
    way
}

enum Step {
    Key(Option<String>),
    Item(usize),
}

/// The index after the closing quote of the text that opens at `from`.
fn end_of_text(json: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < json.len() {
        match json[at] {
            b'\\' => at += 1,
            b'"' => return at + 1,
            _ => {}
        }
        at += 1;
    }
    json.len().max(from + 1)
}

/// The path to the first difference of two values, and the part of each at this path.
pub(super) fn first_difference(one: &Value, other: &Value) -> Option<(String, String, String)> {
    let mut way = String::new();
    let (one, other) = differing(one, other, &mut way)?;
    Some((way, one, other))
}

fn differing(one: &Value, other: &Value, way: &mut String) -> Option<(String, String)> {
    match (one, other) {
        (Value::Object(fields), Value::Object(others)) if fields.keys().eq(others.keys()) => {
            fields.iter().zip(others.values()).find_map(|((key, one), other)| {
                if one == other {
                    return None;
                }
                step_into(way, key);
                differing(one, other, way)
            })
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            items.iter().zip(others).enumerate().find_map(|(number, (one, other))| {
                if one == other {
                    return None;
                }
                way.push_str(&format!("[{number}]"));
                differing(one, other, way)
            })
        }
        _ if one == other => None,
        _ => Some((shown(one), shown(other))),
    }
}

/// JSON as a sentence shows it: at most the first 80 characters.
fn shown(value: &Value) -> String {
    const MAX_SHOWN: usize = 80;
    let text = value.to_string();
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text,
    }
}
