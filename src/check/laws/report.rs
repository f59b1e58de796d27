//! What the laws came to.

use crate::check::finding::Finding;
use crate::decider::Decider;
use crate::page::{count, lines};
use std::fmt::{self, Debug, Display, Formatter};

/// What the laws came to; made by [`run`](super::Laws::run). It prints as a page.
pub struct LawReport<D: Decider> {
    /// The seed of the walks: with it the same report comes again.
    pub seed: u64,
    /// How many walks were looked at.
    pub walks: usize,
    /// How many stories that were handed in.
    pub stories: usize,
    /// How many commands in states that were handed in.
    pub cases: usize,
    /// The laws that held.
    pub holding: Vec<String>,
    /// Names that never came up, each as a sentence; as asked for.
    pub never: Vec<String>,
    /// Whether a name that never came up counts as a failure.
    pub names_demanded: bool,
    /// What does not hold, each with its shortest story.
    pub findings: Vec<Finding<D>>,
    pub(super) panicked: bool,
}

impl<D: Decider> LawReport<D> {
    pub(super) fn new(seed: u64) -> Self {
        LawReport {
            seed,
            walks: 0,
            stories: 0,
            cases: 0,
            holding: Vec::new(),
            never: Vec::new(),
            names_demanded: false,
            findings: Vec::new(),
            panicked: false,
        }
    }

    /// Whether every law holds, and every name came up where that is demanded.
    pub fn holds(&self) -> bool {
        self.findings.is_empty() && (self.never.is_empty() || !self.names_demanded)
    }
}

impl<D: Decider<Command: Debug, Event: Debug>> LawReport<D> {
    /// Turns the report into the outcome of a test.
    ///
    /// # Panics
    /// When it does not [hold](Self::holds), at the line of the caller, with the page.
    #[track_caller]
    pub fn assert(&self) {
        assert!(self.holds(), "\n{self}\n");
    }
}

impl<D: Decider<Command: Debug, Event: Debug>> Debug for LawReport<D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("LawReport")
            .field("seed", &self.seed)
            .field("holding", &self.holding)
            .field("never", &self.never)
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}

impl<D: Decider<Command: Debug, Event: Debug>> Display for LawReport<D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, " laws     on {} (seed {})", count(self.walks, "walk", "walks"), self.seed)?;
        if self.stories > 0 {
            write!(f, ", {}", count(self.stories, "story", "stories"))?;
        }
        if self.cases > 0 {
            write!(f, ", {}", count(self.cases, "step handed in", "steps handed in"))?;
        }
        for name in &self.holding {
            writeln!(f)?;
            lines(f, " ✓ ", 3, name)?;
        }
        for never in &self.never {
            writeln!(f)?;
            lines(f, if self.names_demanded { " ✗ " } else { " ? " }, 3, never)?;
        }
        for finding in &self.findings {
            write!(f, "\n\n{finding}")?;
        }
        Ok(())
    }
}
