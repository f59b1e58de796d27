//! Keys of maps and items of sets as steps of a path.

use super::Value;
use crate::timeline::path_step::{inside_quotes, quoted, step_to};

/// A key of a map, or an item of a set, as a step.
pub(in crate::timeline) fn step_to_key(key: &Value) -> String {
    match key.inside() {
        Value::Text(text) => step_to(text),
        other => {
            let (mut step, printed) = (String::new(), other.to_string());
            let mut chars = printed.chars();
            while let Some(char) = chars.next() {
                match char {
                    ' ' => {}
                    '"' => {
                        step.push('"');
                        // A printed value closes its quotation marks, so this cannot fail.
                        let _ = inside_quotes(&mut chars, &mut step);
                    }
                    // A number with a fraction.
                    '.' if !step.contains(['(', '[', '{']) => return quoted(&printed),
                    char => step.push(char),
                }
            }
            step
        }
    }
}

/// How well a step names a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum KeyMatch {
    None,
    /// A text without the quotation marks it should have, such as `17`.
    Loosely,
    Exactly,
}

/// How well a step names this key.
pub(super) fn match_key(wanted: &str, key: &Value) -> KeyMatch {
    if step_to_key(key) == wanted {
        return KeyMatch::Exactly;
    }
    match key.inside() {
        Value::Text(text) if text == wanted => KeyMatch::Loosely,
        _ => KeyMatch::None,
    }
}
