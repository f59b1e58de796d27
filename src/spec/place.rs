//! Where a scenario, or one of its expectations, was written.

use super::failure::SourceLocation;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// A line of Rust, or a line of a text that is read.
#[derive(Clone)]
pub(super) enum Place {
    Rust(&'static Location<'static>),
    #[allow(dead_code, reason = "scenarios that are read from a text have one")]
    Text {
        file: Arc<str>,
        line: u32,
    },
}

impl Place {
    /// The line of the caller.
    #[track_caller]
    pub(super) fn here() -> Place {
        Place::Rust(Location::caller())
    }
}

impl From<&Place> for SourceLocation {
    fn from(place: &Place) -> Self {
        match place {
            Place::Rust(location) => (*location).into(),
            Place::Text { file, line } => SourceLocation { file: file.to_string(), line: *line },
        }
    }
}

/// Prints as `file:line`.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", SourceLocation::from(self))
    }
}
