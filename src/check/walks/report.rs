//! The report of random walks: a value that prints as a page.

use super::statistics::Statistics;
use crate::check::counterexample::{Counterexample, Shortest};
use crate::check::story::Story;
use crate::decider::Decider;
use crate::page::{Column, count, grouped, lines, percent};
use serde::Serialize;
use std::fmt::{self, Debug, Display, Formatter};

/// The column at which the text after the first word of a line begins.
const INDENT: usize = 10;

/// Whether a walk belongs to a class, by its commands and its last state.
type Belongs<D> =
    Box<dyn Fn(&[<D as Decider>::Command], &<D as crate::fold::Fold>::State) -> bool + Send + Sync>;

/// A class of walks to be counted.
pub(crate) struct ClassRequest<D: Decider> {
    pub(crate) class: String,
    pub(crate) required: Option<f64>,
    pub(crate) belongs: Belongs<D>,
}

/// How many walks belong to a class.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WalkClass {
    /// Its name.
    pub name: String,
    /// How many walks belong to it.
    pub walks: usize,
    /// The percentage of all walks that must belong to it.
    pub required: Option<f64>,
}

/// The report of random walks; made by [`run`](super::Walking::run). It prints as a page.
#[non_exhaustive]
pub struct Walks<D: Decider> {
    /// The seed of all walks. The same seed gives the same report.
    pub seed: u64,
    /// How many walks there were.
    pub walks: usize,
    /// How many of them were repeated, because they had failed before.
    pub again: usize,
    /// How many commands were accepted.
    pub accepted: usize,
    /// How many commands were refused, whether let through or skipped.
    pub refused: usize,
    /// How many of the refused ones were let through.
    pub let_through: usize,
    /// How many walks ended in a state that refused every command.
    pub dead_ends: usize,
    /// How many walks ended in a terminal state ([`Decider::is_terminal`]).
    pub terminal: usize,
    /// The accepted commands of a walk: minimum, the three quartiles, maximum.
    pub lengths: [usize; 5],
    /// Properties that held wherever the walks went.
    pub holding: Vec<String>,
    /// Properties that should hold sometimes, and whether they did.
    pub sometimes: Vec<(String, bool)>,
    /// Properties that walks cannot decide.
    pub undecided: Vec<String>,
    /// The requested classes of walks.
    pub classes: Vec<WalkClass>,
    /// Commands, events and rejections by name, if requested.
    pub statistics: Option<Statistics>,
    /// How many different states were seen, if requested.
    pub states: Option<usize>,
    /// How many states are known to be reachable, if given.
    pub known_states: Option<usize>,
    /// Other remarks, such as a file that cannot be read or written.
    pub notes: Vec<String>,
    /// Everything that does not hold, each with its shortest story.
    pub findings: Vec<Counterexample<D>>,
}

/// Why walks say nothing of a model.
pub(crate) fn looked_at_nothing(walks: usize, commands: usize) -> Option<&'static str> {
    match (walks, commands) {
        (0, _) => Some("no walk was taken: ask for one at least"),
        (_, 0) => Some("no command was tried: list those worth trying, and let a walk take a step"),
        _ => None,
    }
}

/// Prints a line for each class: how many walks belong to it.
pub(crate) fn classes_page(f: &mut Formatter<'_>, classes: &[WalkClass], walks: usize) -> fmt::Result {
    for class in classes {
        let required = match class.required {
            None => String::new(),
            Some(percent) if class.is_covered(walks) => format!(", {percent} % demanded"),
            Some(percent) => format!(", NOT the {percent} % demanded"),
        };
        let share = percent(class.walks, walks);
        writeln!(f)?;
        let text = format!("{}: {}{share}{required}", class.name, count(class.walks, "walk", "walks"));
        lines(f, " class    ", INDENT, &text)?;
    }
    Ok(())
}

impl WalkClass {
    /// Whether enough walks belong to it.
    pub(crate) fn is_covered(&self, walks: usize) -> bool {
        // Without a walk, only a class that demands nothing is covered.
        self.required.is_none_or(|percent| {
            (walks > 0 || percent <= 0.0) && self.walks as f64 * 100.0 >= percent * walks as f64
        })
    }
}

impl<D: Decider> Walks<D> {
    pub(crate) fn without_start(seed: u64, given: Vec<D::Event>, panic: &str) -> Self {
        let finding = Counterexample {
            failed: format!("the model panicked before the first command: {panic}"),
            story: Story { given, commands: Vec::new() },
            ending: Vec::new(),
            found_in: 0,
            shortest: Shortest::NotSearched,
            other_values: Vec::new(),
            seed: None,
        };
        Walks {
            seed,
            walks: 0,
            again: 0,
            accepted: 0,
            refused: 0,
            let_through: 0,
            dead_ends: 0,
            terminal: 0,
            lengths: [0; 5],
            holding: Vec::new(),
            sometimes: Vec::new(),
            undecided: Vec::new(),
            classes: Vec::new(),
            statistics: None,
            states: None,
            known_states: None,
            notes: Vec::new(),
            findings: vec![finding],
        }
    }

    /// Whether nothing was found, every class is covered, and something was checked: at least one command was tried, and if
    /// there are properties, at least one was decided.
    ///
    /// A property that should hold sometimes and was not seen fails nothing if another one was decided, because walks do not
    /// see everything.
    pub fn holds(&self) -> bool {
        self.findings.is_empty()
            && self.classes.iter().all(|class| class.is_covered(self.walks))
            && self.looked_at_nothing().is_none()
            && !self.decided_nothing()
    }

    /// Why the walks say nothing of the model.
    pub(crate) fn looked_at_nothing(&self) -> Option<&'static str> {
        looked_at_nothing(self.walks, self.accepted + self.refused).filter(|_| self.findings.is_empty())
    }

    fn decided_nothing(&self) -> bool {
        let asked = !self.undecided.is_empty() || !self.sometimes.is_empty();
        let decided = !self.holding.is_empty() || self.sometimes.iter().any(|(_, seen)| *seen);
        asked && !decided && self.findings.is_empty()
    }

    /// The share of tried commands that were accepted, from 0 to 1; `None` if no command was tried.
    pub fn share_accepted(&self) -> Option<f64> {
        let tried = self.accepted + self.refused;
        (tried > 0).then(|| self.accepted as f64 / tried as f64)
    }
}

impl<D: Decider<Command: Debug, Event: Debug>> Walks<D> {
    /// Turns the report into the outcome of a test.
    ///
    /// # Panics
    /// When it does not [hold](Self::holds), at the line of the caller, with the page.
    #[track_caller]
    pub fn assert(&self) {
        assert!(self.holds(), "\n{self}\n");
    }
}

impl<D: Decider<Command: Debug, Event: Debug>> Debug for Walks<D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walks")
            .field("seed", &self.seed)
            .field("walks", &self.walks)
            .field("accepted", &self.accepted)
            .field("refused", &self.refused)
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}

impl<D: Decider<Command: Debug, Event: Debug>> Display for Walks<D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let again = match self.again {
            0 => String::new(),
            kept => format!(", {} of them kept from earlier failures", grouped(kept)),
        };
        let walks = format!("{}{again} (seed {})", grouped(self.walks), self.seed);
        lines(f, " walks    ", INDENT, &walks)?;
        let commands = format!(
            "{} accepted{}, {} refused, {} of these let through",
            grouped(self.accepted),
            percent(self.accepted, self.accepted + self.refused),
            grouped(self.refused),
            grouped(self.let_through),
        );
        writeln!(f)?;
        lines(f, " commands ", INDENT, &commands)?;
        let [shortest, first, median, third, longest] = self.lengths.map(grouped);
        write!(f, "\n lengths  {shortest} to {longest}, half of them {first} to {third}, median {median}")?;
        let (dead, ended) = (grouped(self.dead_ends), grouped(self.terminal));
        write!(f, "\n ends     {dead} in a dead end, {ended} with their story")?;
        if let Some(states) = self.states {
            write!(f, "\n states   {}", grouped(states))?;
            if let Some(known) = self.known_states {
                write!(f, " of {} known{}", grouped(known), percent(states, known))?;
            }
        }
        self.properties(f)?;
        classes_page(f, &self.classes, self.walks)?;
        let undecided = self.decided_nothing().then_some("no property was decided: explore for them");
        for why in self.looked_at_nothing().into_iter().chain(undecided) {
            writeln!(f)?;
            lines(f, " ✗ ", 3, why)?;
        }
        if let Some(statistics) = &self.statistics {
            statistics_page(f, statistics)?;
        }
        for note in &self.notes {
            writeln!(f)?;
            lines(f, " note     ", INDENT, note)?;
        }
        for finding in &self.findings {
            write!(f, "\n\n{finding}")?;
        }
        Ok(())
    }
}

impl<D: Decider> Walks<D> {
    fn properties(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let held = self.holding.iter().map(|name| ("✓", name.clone()));
        let possible = self.sometimes.iter().map(|(name, seen)| match seen {
            true => ("✓", name.clone()),
            false => ("?", format!("{name}: not seen, which walks cannot say of all states")),
        });
        let undecided =
            self.undecided.iter().map(|name| ("?", format!("{name}: not decided by walks, explore for it")));
        for (sign, name) in held.chain(possible).chain(undecided) {
            writeln!(f)?;
            lines(f, &format!(" {sign} "), 3, &name)?;
        }
        Ok(())
    }
}

fn statistics_page(f: &mut Formatter<'_>, statistics: &Statistics) -> fmt::Result {
    let names =
        statistics.commands.keys().chain(statistics.events.keys()).chain(statistics.rejections.keys());
    let column = Column::of(40, names).at_least(10);
    write!(f, "\n\n {} {:>12} {:>12}", column.left("command"), "accepted", "refused")?;
    for (name, answers) in &statistics.commands {
        let (accepted, refused) = (grouped(answers.accepted), grouped(answers.refused));
        write!(f, "\n {} {accepted:>12} {refused:>12}", column.left(name))?;
    }
    write!(f, "\n\n {} {:>12}", column.left("event"), "times")?;
    for (name, times) in &statistics.events {
        write!(f, "\n {} {:>12}", column.left(name), grouped(times))?;
    }
    write!(f, "\n\n {} {:>12}", column.left("rejection"), "times")?;
    for (name, times) in &statistics.rejections {
        write!(f, "\n {} {:>12}", column.left(name), grouped(times))?;
    }
    let never = statistics.never();
    if !never.is_empty() {
        writeln!(f)?;
    }
    for never in never {
        writeln!(f)?;
        lines(f, " never    ", INDENT, &never)?;
    }
    Ok(())
}
