//! The page that a [`Conformance`] prints.

use super::{Conformance, Example, Group, Refusal};
use crate::page::{ALIKE, count, grouped, lines, noun, percent, printable};
use std::fmt::{self, Debug, Display, Formatter};

/// A longer `given` is shown with its first and last events only.
const WHOLE: usize = 12;
const HEAD: usize = 4;
const TAIL: usize = 7;
/// Room for the number before a reason.
const COUNT: usize = 5;
/// The column at which the text of an example begins.
const INDENT: usize = 18;

impl<C: Debug, E: Debug, R: Debug> Display for Conformance<C, E, R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = self.name.as_ref().map_or(String::new(), |name| format!(" {}: ", printable(name)));
        let (histories, events) =
            (count(self.histories, "history", "histories"), count(self.events, "event", "events"));
        lines(f, " conform ", 10, &format!("{name}{histories}, {events}"))?;
        writeln!(f)?;
        let unasked = match self.unasked {
            0 => String::new(),
            n => format!(", {} folded unasked", count(n, "event", "events")),
        };
        writeln!(f, " asked    {}{unasked}", count(self.decided, "command", "commands"))?;
        let widest = grouped(self.histories).len();
        writeln!(
            f,
            " accepted {:>widest$} {}{}",
            grouped(self.accepted),
            noun(self.accepted, "history", "histories"),
            percent(self.accepted, self.histories),
        )?;
        let by = match self.refused() {
            0 => "",
            _ => ", by the reason of their first refusal",
        };
        write!(
            f,
            " refused  {:>widest$} {}{by}",
            grouped(self.refused()),
            noun(self.refused(), "history", "histories"),
        )?;
        let (first, later): (Vec<_>, Vec<_>) = self.groups.iter().partition(|group| group.histories > 0);
        for group in &first {
            write!(f, "\n\n")?;
            group_page(f, group)?;
        }
        if !later.is_empty() {
            write!(f, "\n\n refused only after another refusal in the same history\n")?;
        }
        for group in later {
            writeln!(f)?;
            let heading = format!("{}   {}", group.reason, group.command);
            lines(f, &format!(" {:>COUNT$}  ", grouped(group.histories_in_all)), COUNT + 3, &heading)?;
        }
        Ok(())
    }
}

impl<C, E, R> Conformance<C, E, R> {
    /// The whole report in a line.
    ///
    /// ```
    /// use leftfold::{check::conform, decider};
    ///
    /// let any = decider(|| (), |n: &u8, _: &()| Ok::<_, ()>(vec![*n]), |_, _: &u8| ());
    /// let replayed = conform(&any, [("a", vec![1, 2])], |n| Some(*n));
    /// assert_eq!(replayed.named("loan").headline(), "loan: 1 of 1 history accepted (100.00 %)");
    /// ```
    pub fn headline(&self) -> String {
        let name = self.name.as_ref().map_or(String::new(), |name| format!("{}: ", printable(name)));
        format!(
            "{name}{} of {} accepted{}",
            grouped(self.accepted),
            count(self.histories, "history", "histories"),
            percent(self.accepted, self.histories),
        )
    }
}

fn group_page<C: Debug, E: Debug, R: Debug>(f: &mut Formatter<'_>, group: &Group<C, E, R>) -> fmt::Result {
    // Refusals after the first one of a history are counted apart, where there are any.
    let more = match (group.histories_in_all, group.refusals) {
        (_, refusals) if refusals == group.histories => String::new(),
        (in_all, refusals) => format!(
            "   (in all: {}, {})",
            count(in_all, "history", "histories"),
            count(refusals, "event", "events")
        ),
    };
    let heading = format!("{}   {}{more}", group.reason, group.command);
    lines(f, &format!(" {:>COUNT$}  ", grouped(group.histories)), COUNT + 3, &heading)?;
    writeln!(f)?;
    example_page(f, &group.example)
}

fn example_page<C: Debug, E: Debug, R: Debug>(
    f: &mut Formatter<'_>,
    example: &Example<C, E, R>,
) -> fmt::Result {
    let Example { history, given, earlier_refusals, when, refusal, recorded } = example;
    let after = match earlier_refusals {
        0 => String::new(),
        n => format!(", after {}", count(*n, "earlier refusal", "earlier refusals")),
    };
    let refused_at = given.len() + 1;
    let shortest = format!("shortest: {history}, refused at event {refused_at}{after}");
    lines(f, "        ", 8, &shortest)?;
    let digits = refused_at.to_string().len().max(3);
    let step = |f: &mut Formatter<'_>, word: &str, version: usize, event: &E| {
        writeln!(f)?;
        let first = format!("          {word:<8}{version:>digits$}  ");
        lines(f, &first, INDENT + digits + 2, &format!("{event:?}"))
    };
    if given.is_empty() {
        write!(f, "\n          given   nothing")?;
    }
    let left_out = match given.len() {
        0..=WHOLE => HEAD..HEAD,
        long => HEAD..long - TAIL,
    };
    for (index, event) in given.iter().enumerate() {
        if index == left_out.start && !left_out.is_empty() {
            let many = count(left_out.len(), "event", "events");
            write!(f, "\n{:INDENT$}{:>digits$}  {many} left out", "", "…")?;
        }
        if !left_out.contains(&index) {
            step(f, if index == 0 { "given" } else { "" }, index + 1, event)?;
        }
    }
    writeln!(f)?;
    lines(f, "          when    ", INDENT, &format!("{when:?}"))?;
    match refusal {
        Refusal::Rejected(rejection) => {
            writeln!(f)?;
            lines(f, "          refused ", INDENT, &format!("{rejection:?}"))?;
        }
        Refusal::DecidedOtherwise(decided) if decided.is_empty() => {
            write!(f, "\n          decided nothing")?;
        }
        Refusal::DecidedOtherwise(decided) => {
            for (offset, event) in decided.iter().enumerate() {
                step(f, if offset == 0 { "decided" } else { "" }, refused_at + offset, event)?;
            }
            let printed = |events: &[E]| events.iter().map(|event| format!("{event:?}")).collect::<Vec<_>>();
            if printed(decided) == printed(recorded) {
                write!(f, "\n{:INDENT$}({ALIKE})", "")?;
            }
        }
    }
    write!(f, "\n{:INDENT$}recorded all the same:", "")?;
    for (offset, event) in recorded.iter().enumerate() {
        step(f, "", refused_at + offset, event)?;
    }
    Ok(())
}
