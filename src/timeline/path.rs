//! The path to a value in a state: the names on the way to it.

use super::error::TimelineError;
use super::path_step::{inside_quotes, step_to, unquoted};
use serde::{Serialize, Serializer};
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

/// As it prints.
impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
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

/// One name, in the form in which it prints: a word that needs no quotation marks has none.
fn named(step: &mut String) -> Result<String, &'static str> {
    let step = std::mem::take(step);
    match step.trim() {
        "" => Err("there is nothing between two dots"),
        step if step.starts_with('"') => match unquoted(step) {
            Some(text) => Ok(step_to(&text)),
            None => Err("there is text after a closing quotation mark"),
        },
        step => Ok(step.to_string()),
    }
}
