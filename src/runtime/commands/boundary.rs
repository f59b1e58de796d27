//! Whether the queries of a decision model leave out events that would change a decision.

use crate::decider::{Decider, Outcome};
use crate::page::{debugged, shown};
use crate::recorded::{InvalidText, Recorded};
use crate::store::Query;
use std::fmt::{self, Debug, Display};

/// What a check of a decision model's queries found; made by [`boundary`](crate::runtime::DecisionModel::boundary).
pub struct Boundary<D: Decider> {
    /// How many commands were decided.
    pub commands: usize,
    /// How many events of the history were outside of a query, over all commands. Only these can show that a query is
    /// too narrow.
    pub outside: usize,
    /// Commands whose decision is changed by events outside of their query.
    pub too_narrow: Vec<TooNarrow<D>>,
}

impl<D> fmt::Debug for Boundary<D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug, Rejection: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Boundary").finish_non_exhaustive()
    }
}

/// A command whose query leaves out events that matter.
pub struct TooNarrow<D: Decider> {
    /// The command.
    pub command: D::Command,
    /// Its query.
    pub query: Query,
    /// The decision on the events that match.
    pub within: Outcome<D>,
    /// The decision when the events of `matter` are added.
    pub with_them: Outcome<D>,
    /// Events outside of the query that together change the decision. Without any one of them, it does not change.
    pub matter: Vec<Recorded<D::Event>>,
}

impl<D> fmt::Debug for TooNarrow<D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug, Rejection: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TooNarrow")
            .field("command", &self.command)
            .field("query", &self.query)
            .finish_non_exhaustive()
    }
}

impl<D> Boundary<D>
where
    D: Decider<Event: Clone + PartialEq, Rejection: PartialEq>,
{
    pub(in crate::runtime) fn of(
        decider: &D,
        history: &[Recorded<D::Event>],
        commands: impl IntoIterator<Item = D::Command>,
        reads: &dyn Fn(&D::Command) -> Result<Query, InvalidText>,
    ) -> Result<Self, InvalidText> {
        let mut boundary = Boundary { commands: 0, outside: 0, too_narrow: Vec::new() };
        for command in commands {
            let query = reads(&command)?;
            let inside: Vec<bool> =
                history.iter().map(|recorded| query.matches(&recorded.envelope)).collect();
            let outside: Vec<usize> = (0..history.len()).filter(|at| !inside[*at]).collect();
            // The decision when these events from outside are added, in the order of the history.
            let decide = |added: &[usize]| {
                let there = |at: &usize| inside[*at] || added.contains(at);
                let events = (0..history.len()).filter(there).map(|at| &history[at].event);
                decider.decide(&command, &decider.fold(events))
            };
            boundary.commands += 1;
            boundary.outside += outside.len();
            let within = decide(&[]);
            // All events from outside at once; or one alone, because several may undo each other.
            let all = (decide(&outside) != within).then(|| outside.clone());
            let alone = || outside.iter().map(|at| vec![*at]).find(|one| decide(one) != within);
            if let Some(mut matter) = all.or_else(alone) {
                fewest(&mut matter, |matter| decide(matter) != within);
                let with_them = decide(&matter);
                let matter = matter.into_iter().map(|at| history[at].clone()).collect();
                boundary.too_narrow.push(TooNarrow { command, query, within, with_them, matter });
            }
        }
        Ok(boundary)
    }
}

/// Removes the events that do not matter: first large parts, then one by one.
fn fewest(matter: &mut Vec<usize>, still: impl Fn(&[usize]) -> bool) {
    let mut part = matter.len().div_ceil(2);
    while part > 0 {
        let mut from = 0;
        while from < matter.len() {
            let until = (from + part).min(matter.len());
            let without: Vec<usize> = [&matter[..from], &matter[until..]].concat();
            if still(&without) {
                *matter = without;
            } else {
                from = until;
            }
        }
        part /= 2;
    }
}

impl<D: Decider> Boundary<D> {
    /// Whether no event outside of a query was found to matter.
    pub fn holds(&self) -> bool {
        self.too_narrow.is_empty()
    }
}

impl<D> Boundary<D>
where
    D: Decider<Event: Debug, Rejection: Debug, Command: Debug>,
{
    /// Asserts that no boundary is too narrow, and that there were events outside that could have shown it.
    ///
    /// # Panics
    /// If a boundary is too narrow, with the events that it leaves out; or if no event was outside of a query, because
    /// then nothing was checked.
    #[track_caller]
    pub fn assert(&self) {
        assert!(self.holds(), "{self}");
        assert!(
            self.outside > 0,
            "{} commands were decided, and no event of the history was outside of their queries: nothing was found out; give a \
             history with other events too",
            self.commands
        );
    }
}

impl<D> Display for Boundary<D>
where
    D: Decider<Event: Debug, Rejection: Debug, Command: Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Boundary { commands, outside, too_narrow } = self;
        if too_narrow.is_empty() {
            return write!(
                f,
                "{commands} commands: none of {outside} events outside of their queries matters"
            );
        }
        write!(f, "{} of {commands} commands have a boundary that is too narrow", too_narrow.len())?;
        for TooNarrow { command, query, within, with_them, matter } in too_narrow {
            write!(
                f,
                "\n\ncommand   {}\nquery     {query}\ndecided   {}\nbut       {}",
                debugged(command),
                debugged(within),
                debugged(with_them)
            )?;
            for (number, recorded) in matter.iter().enumerate() {
                let word = if number == 0 { "with" } else { "and" };
                let tags: Vec<&str> = recorded.tags.iter().map(AsRef::as_ref).collect();
                let (event, stream) = (debugged(&recorded.event), shown(&recorded.stream));
                write!(f, "\n{word:<10}{} {event}, in {stream}", recorded.position)?;
                if !tags.is_empty() {
                    write!(f, ", tagged {}", shown(tags.join(", ")))?;
                }
            }
        }
        Ok(())
    }
}
