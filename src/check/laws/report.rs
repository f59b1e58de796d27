//! The report on the laws of a model.

use crate::check::counterexample::Counterexample;
use crate::check::walks::{WalkClass, classes_page, looked_at_nothing};
use crate::decider::Decider;
use crate::page::{count, lines};
use std::fmt::{self, Debug, Display, Formatter};
use std::time::Duration;

/// The page shows the time of a law that takes longer. For quicker ones, the same seed gives the same page.
const LONG: Duration = Duration::from_secs(10);

/// The report on the laws of a model; made by [`run`](super::Laws::run). It prints as a page.
pub struct LawReport<D: Decider> {
    /// The seed of the walks. The same seed gives the same report.
    pub seed: u64,
    /// How many walks were checked.
    pub walks: usize,
    /// How many given stories were checked.
    pub stories: usize,
    /// How many given commands in given states were checked.
    pub cases: usize,
    /// The laws that held.
    pub holding: Vec<String>,
    /// Names that never occurred, each as a sentence; if requested.
    pub never: Vec<String>,
    /// Whether a name that never occurred is a failure.
    pub names_demanded: bool,
    /// How long each law took, including its search for a shorter story.
    pub times: Vec<(String, Duration)>,
    /// The requested classes of walks.
    pub classes: Vec<WalkClass>,
    /// Requested properties that laws do not check, each with a sentence.
    pub unasked: Vec<String>,
    /// Laws that were never tried, each with a sentence: there was no history for a law of histories, or no command that a
    /// declared law is about.
    pub unlooked: Vec<String>,
    /// Everything that does not hold, each with its shortest story.
    pub findings: Vec<Counterexample<D>>,
    /// How many commands the walks and stories have.
    pub(super) steps: usize,
    /// Whether names were requested.
    pub(super) names_asked: bool,
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
            times: Vec::new(),
            classes: Vec::new(),
            unasked: Vec::new(),
            unlooked: Vec::new(),
            findings: Vec::new(),
            steps: 0,
            names_asked: false,
            panicked: false,
        }
    }

    /// Whether every law holds, every name occurred where that is demanded, every class is covered, and something was
    /// checked: a law or the names on at least one command, and every law on what it is about.
    pub fn holds(&self) -> bool {
        self.findings.is_empty()
            && (self.never.is_empty() || !self.names_demanded)
            && self.unasked.is_empty()
            && self.says_nothing_of().next().is_none()
            && self.looked_at_nothing().is_none()
            && self.classes.iter().all(|class| class.is_covered(self.walks))
    }

    /// Why the whole report says nothing about the model.
    pub(crate) fn looked_at_nothing(&self) -> Option<&'static str> {
        let nothing = if self.times.is_empty() && !self.names_asked {
            Some("no law was given")
        } else {
            looked_at_nothing(self.walks + self.stories + self.cases, self.steps + self.cases)
        };
        nothing.filter(|_| self.findings.is_empty())
    }

    /// The laws that say nothing about the model, each with the reason. Empty where the whole report says nothing.
    pub(crate) fn says_nothing_of(&self) -> impl Iterator<Item = &str> {
        let said = self.looked_at_nothing().is_none();
        self.unlooked.iter().map(String::as_str).filter(move |_| said)
    }

    /// How long a law took.
    pub(crate) fn time(&self, law: &str) -> Duration {
        self.times.iter().filter(|(name, _)| name == law).map(|(_, time)| *time).sum()
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
            let time = self.time(name);
            let took = if time >= LONG { format!(" ({:.1} s)", time.as_secs_f64()) } else { String::new() };
            lines(f, " ✓ ", 3, &format!("{name}{took}"))?;
        }
        for never in &self.never {
            writeln!(f)?;
            lines(f, if self.names_demanded { " ✗ " } else { " ? " }, 3, never)?;
        }
        classes_page(f, &self.classes, self.walks)?;
        let nothing = self.says_nothing_of().chain(self.looked_at_nothing());
        for why in self.unasked.iter().map(String::as_str).chain(nothing) {
            writeln!(f)?;
            lines(f, " ✗ ", 3, why)?;
        }
        for finding in &self.findings {
            write!(f, "\n\n{finding}")?;
        }
        Ok(())
    }
}
