//! A pattern in words.

use super::describe::{Pattern, StepDescription, StepKind};
use super::vocabulary::{Contiguity, Skip};
use crate::page::shown;
use std::fmt::{self, Debug, Display};

impl<E> Display for StepDescription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StepKind::Captured { contiguity: _, times, inner } = self.kind else {
            return write!(f, "not followed by {}", shown(&self.name));
        };
        f.write_str(&shown(&self.name))?;
        match times {
            None => {}
            Some((1, u32::MAX)) => f.write_str(" one or more times")?,
            Some((min, u32::MAX)) => write!(f, " {min} or more times")?,
            Some((times, _)) => write!(f, " {times} times")?,
        }
        f.write_str(match inner {
            Some(Contiguity::Strict) => " (consecutive)",
            Some(Contiguity::Any) => " (in any combination)",
            Some(Contiguity::Relaxed) | None => "",
        })
    }
}

/// The pattern in words, by the names of its steps. Conditions are closures, so their names are all that can be printed.
impl<E, Q: ToOwned + ?Sized> Display for Pattern<E, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", shown(&self.name))?;
        for (index, step) in self.steps.iter().enumerate() {
            f.write_str(match (index, step.kind) {
                (0, _) => "",
                (_, StepKind::Absent) => ", ",
                (_, StepKind::Captured { contiguity: Contiguity::Strict, .. }) => ", next ",
                (_, StepKind::Captured { contiguity: Contiguity::Relaxed, .. }) => ", followed by ",
                (_, StepKind::Captured { contiguity: Contiguity::Any, .. }) => ", followed by any ",
            })?;
            Display::fmt(step, f)?;
        }
        if let Some(interval) = self.interval {
            write!(f, ", within {interval:#}")?;
        }
        match &self.skip {
            Skip::Nothing => Ok(()),
            Skip::ToNext => f.write_str("; one match for each beginning"),
            Skip::PastLastEvent => f.write_str("; after a match, from the event after its last one on"),
            Skip::ToFirst(step) => write!(f, "; after a match, from its first {} on", shown(step)),
            Skip::ToLast(step) => write!(f, "; after a match, from its last {} on", shown(step)),
        }
    }
}

impl<E, Q: ToOwned + ?Sized> Debug for Pattern<E, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&format_args!("{self}")).finish()
    }
}
