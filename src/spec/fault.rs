//! What is wrong with a specification that was read from a text.

use super::failure::SourceLocation;
use crate::page::one_line;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something in the text of a specification that is not understood: where, and in a sentence what to do about it. It prints with its
/// place and its line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SpecificationFault {
    /// The file and the line.
    pub place: SourceLocation,
    /// The column on that line, in characters, counted from 1; 0 if the whole file is meant.
    pub column: u32,
    /// The scenario it is in, if it is in one.
    pub scenario: Option<String>,
    /// The step, without its keyword, if it is in one.
    pub step: Option<String>,
    /// The place in the step, in characters, counted from 0.
    pub in_step: usize,
    /// What is wrong.
    pub message: String,
}

impl SpecificationFault {
    /// A file that cannot be read, as the message says.
    pub(crate) fn of_file(file: &str, message: String) -> SpecificationFault {
        let place = SourceLocation { file: file.to_string(), line: 1 };
        SpecificationFault { place, column: 0, scenario: None, step: None, in_step: 0, message }
    }
}

impl fmt::Display for SpecificationFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.column == 0 {
            return f.write_str(&self.message);
        }
        write!(f, "{}:{}: {}", self.place, self.column, self.message)?;
        if let Some(step) = &self.step {
            let before: String = step.chars().take(self.in_step).collect();
            let at = crate::page::width(&one_line(&before));
            // White space before the place is no part of one line.
            let at = at + usize::from(before.ends_with(char::is_whitespace) && at > 0);
            write!(f, "\n    {}\n    {}^", one_line(step), " ".repeat(at))?;
        }
        Ok(())
    }
}

/// Why a text is no specification of a model: everything that is wrong with it, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .faults.iter().map(SpecificationFault::to_string).collect::<Vec<_>>().join("\n\n"))]
#[non_exhaustive]
pub struct SpecificationFaults {
    /// At least one.
    pub faults: Vec<SpecificationFault>,
}
