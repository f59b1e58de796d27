use crate::decider::{Decider, Outcome};
use crate::page::{debugged, shown};
use crate::recorded::{InvalidText, Recorded};
use crate::store::Query;
use std::fmt::{self, Debug, Display};

/// What was found about the queries of a decision model; made by [`boundary`](crate::runtime::DecisionModel::boundary).
pub struct Boundary<D: Decider> {
    /// How many commands were decided.
    pub commands: usize,
    /// How many events of the history were outside of a query, over all commands: those that might have mattered.
    pub outside: usize,
    /// Commands whose decision events outside of their query change.
    pub too_narrow: Vec<TooNarrow<D>>,
}

/// A command whose query leaves out events that matter.
pub struct TooNarrow<D: Decider> {
    /// The command.
    pub command: D::Command,
    /// Its query.
    pub query: Query,
    /// What is decided on the events that match.
    pub within: Outcome<D>,
    /// What is decided when the events that matter are there too.
    pub with_them: Outcome<D>,
    /// Events outside of the query that together change the decision; without any one of them, it stays as it is.
    pub matter: Vec<Recorded<D::Event>>,
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
            // The decision when these of the events outside are there as well, each in its place.
            let decide = |added: &[usize]| {
                let there = |at: &usize| inside[*at] || added.contains(at);
                let events = (0..history.len()).filter(there).map(|at| &history[at].event);
                decider.decide(&command, &decider.fold(events))
            };
            boundary.commands += 1;
            boundary.outside += outside.len();
            let within = decide(&[]);
            // All that is outside at once, or one of it alone, where several undo each other.
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

/// Leaves out what can be left out: first large parts, then one by one.
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
    /// Panics where a boundary is too narrow, with what it leaves out; and where there was nothing outside that could have
    /// mattered, for then nothing was found out.
    ///
    /// # Panics
    /// As said.
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
