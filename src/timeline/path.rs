//! The path to a value in a state: the names on the way to it.

use super::error::TimelineError;
use super::value::{Value, quoted};
use std::fmt;
use std::str::FromStr;

/// The path to a value in a state: the names on the way to it, with dots between them.
///
/// A name is a field, the key of a map, or an index in a sequence, counted from 0. Options, newtypes and variants of enums have
/// no name: the path leads to their content as if they were not there. A single dot is the whole state.
///
/// Keys that are words or numbers are written as they are, other texts in quotation marks. A key that is a struct, a tuple or a
/// variant is written as it prints, without spaces. A name that is not a number can also be the value of an item of a sequence
/// or a set.
///
/// ```
/// use leftfold::timeline::Path;
///
/// for text in [".", "accounts.petra.balance", "items.0.price", r#"failed."doe@fake.com""#, r#"prices.Slot{shelf:2,of:"tea"}"#] {
///     let path: Path = text.parse()?;
///     assert_eq!(path.to_string(), text);
/// }
/// assert_eq!(
///     "accounts..balance".parse::<Path>().unwrap_err().to_string(),
///     "\"accounts..balance\" is no path: there is nothing between two dots; a path is the names on the way to a value \
///      with dots between them, as in accounts.petra.balance, or a single dot for the whole state"
/// );
/// # Ok::<(), leftfold::timeline::TimelineError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    steps: Vec<String>,
}

impl Path {
    /// The whole state.
    pub const WHOLE: Path = Path { steps: Vec::new() };

    /// The names on the way, as they print.
    pub fn steps(&self) -> &[String] {
        &self.steps
    }

    pub(super) fn of(steps: &[String]) -> Path {
        Path { steps: steps.to_vec() }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.steps {
            [] => f.pad("."),
            steps => f.pad(&steps.join(".")),
        }
    }
}

impl FromStr for Path {
    type Err = TimelineError;

    fn from_str(text: &str) -> Result<Path, TimelineError> {
        let invalid = |why| TimelineError::InvalidPath { text: text.to_string(), why };
        match text {
            "" => Err(invalid("it is empty")),
            "." => Ok(Path::WHOLE),
            text => Ok(Path { steps: split(text).map_err(invalid)? }),
        }
    }
}

impl TryFrom<&str> for Path {
    type Error = TimelineError;

    fn try_from(text: &str) -> Result<Path, TimelineError> {
        text.parse()
    }
}

impl TryFrom<&Path> for Path {
    type Error = TimelineError;

    fn try_from(path: &Path) -> Result<Path, TimelineError> {
        Ok(path.clone())
    }
}

/// The steps of a text. Dots inside brackets and quotation marks do not separate steps.
fn split(text: &str) -> Result<Vec<String>, &'static str> {
    let (mut steps, mut step, mut open) = (Vec::new(), String::new(), Vec::new());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '"' => {
                step.push('"');
                inside_quotes(&mut chars, &mut step)?;
            }
            '.' if open.is_empty() => steps.push(named(&mut step)?),
            ' ' if !open.is_empty() => {}
            '(' | '[' | '{' => {
                open.push(char);
                step.push(char);
            }
            ')' | ']' | '}' => {
                let opening = match char {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                if open.pop() != Some(opening) {
                    return Err("a bracket is closed that was not opened");
                }
                step.push(char);
            }
            char => step.push(char),
        }
    }
    if !open.is_empty() {
        return Err("a bracket is not closed");
    }
    steps.push(named(&mut step)?);
    Ok(steps)
}

fn inside_quotes(chars: &mut std::str::Chars<'_>, step: &mut String) -> Result<(), &'static str> {
    while let Some(char) = chars.next() {
        step.push(char);
        match char {
            '\\' => step.extend(chars.next()),
            '"' => return Ok(()),
            _ => {}
        }
    }
    Err("a quotation mark is not closed")
}

/// One name, in the form in which it prints: a word that needs no quotation marks has none.
fn named(step: &mut String) -> Result<String, &'static str> {
    let step = std::mem::take(step);
    match step.trim() {
        "" => Err("there is nothing between two dots"),
        step if step.starts_with('"') => match unquoted(step) {
            Some(text) => Ok(word(&text)),
            None => Err("there is text after a closing quotation mark"),
        },
        step => Ok(step.to_string()),
    }
}

fn unquoted(step: &str) -> Option<String> {
    let (mut text, mut chars) = (String::new(), step.strip_prefix('"')?.chars());
    loop {
        match chars.next()? {
            '"' => return chars.next().is_none().then_some(text),
            '\\' => match chars.next()? {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                '0' => text.push('\0'),
                'u' => {
                    let code: String = chars.by_ref().skip(1).take_while(|char| *char != '}').collect();
                    text.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                }
                char => text.push(char),
            },
            char => text.push(char),
        }
    }
}

/// A text as a step: without quotation marks if it can only be a word, otherwise with them.
pub(super) fn word(text: &str) -> String {
    let plain = text.chars().all(|char| char.is_alphanumeric() || "_-@/+%#&".contains(char))
        && !text.is_empty()
        && text.parse::<f64>().is_err()
        && !["yes", "no", "none"].contains(&text);
    if plain { text.to_string() } else { quoted(text) }
}

/// A key of a map, or an item of a set, as a step.
pub(super) fn step(key: &Value) -> String {
    match key.inside() {
        Value::Text(text) => word(text),
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
pub(super) enum Named {
    Not,
    /// A text without the quotation marks it should have, such as `17`.
    Loosely,
    Exactly,
}

pub(super) fn named_by(wanted: &str, key: &Value) -> Named {
    if step(key) == wanted {
        return Named::Exactly;
    }
    match key.inside() {
        Value::Text(text) if text == wanted => Named::Loosely,
        _ => Named::Not,
    }
}

pub(super) fn field_named_by(wanted: &str, field: &str) -> bool {
    field == wanted || word(field) == wanted
}
