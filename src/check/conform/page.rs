//! The page that a [`Conformance`] prints.

use super::report::{Conformance, CutHistory, Example, Group, Refusal};
use crate::page::{ALIKE, count, grouped, lines, noun, percent, printable};
use crate::recorded::Timestamp;
use std::fmt::{self, Debug, Display, Formatter};

/// A longer `given` is shown with its first and last events only.
const WHOLE: usize = 12;
const HEAD: usize = 4;
const TAIL: usize = 7;
/// Room for the number before a reason.
pub(in crate::check) const COUNT: usize = 5;
/// The column at which the text of an example begins.
pub(in crate::check) const INDENT: usize = 18;

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
        if self.cut > 0 {
            let cut = noun(self.cut, "history", "histories");
            write!(
                f,
                "\n cut      {:>widest$} {cut}, replayed up to an event that cannot be",
                grouped(self.cut)
            )?;
        }
        for CutHistory { history, events, why } in &self.cut_histories {
            writeln!(f)?;
            let after = count(*events, "event", "events");
            lines(f, "          ", 12, &format!("{history}, after {after}: {why}"))?;
        }
        if !self.hidden.is_empty() {
            writeln!(f)?;
            let by_command =
                self.hidden.iter().map(|steps| format!("{} {}", steps.command, grouped(steps.times)));
            let by_command: Vec<String> = by_command.collect();
            let all: usize = self.hidden.iter().map(|steps| steps.times).sum();
            let all = count(all, "step", "steps");
            lines(
                f,
                " hidden   ",
                10,
                &format!("{all} that the log does not show: {}", by_command.join(", ")),
            )?;
        }
        if self.hidden_cut > 0 {
            writeln!(f)?;
            let refused = count(self.hidden_cut, "refused event", "refused events");
            let note = format!("not all hidden steps were tried before {refused}: there are too many");
            lines(f, "          ", 10, &note)?;
        }
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

pub(in crate::check) fn example_page<C: Debug, E: Debug, R: Debug>(
    f: &mut Formatter<'_>,
    example: &Example<C, E, R>,
) -> fmt::Result {
    let Example { history, given, hidden, earlier_refusals, when, refusal, recorded, at } = example;
    let after = match earlier_refusals {
        0 => String::new(),
        n => format!(", after {}", count(*n, "earlier refusal", "earlier refusals")),
    };
    let refused_at = given.len() - hidden.len() + 1;
    let at = dated(at);
    lines(f, "        ", 8, &format!("shortest: {history}, refused at event {refused_at}{at}{after}"))?;
    given_lines(f, given, hidden)?;
    let step = |f: &mut Formatter<'_>, word: &str, version: usize, event: &E| {
        event_line(f, word, &version.to_string(), digits(given), event)
    };
    writeln!(f)?;
    lines(f, "          when    ", INDENT, &format!("{when:?}"))?;
    match refusal {
        Refusal::Panicked(message) => {
            writeln!(f)?;
            lines(f, "          panicked ", INDENT, message)?;
        }
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

/// When an event happened, after its number.
pub(in crate::check) fn dated(at: &Option<Timestamp>) -> String {
    at.map_or(String::new(), |at| format!(", {at}"))
}

/// The events of an example, with their numbers. Hidden ones have none.
pub(in crate::check) fn given_lines<E: Debug>(
    f: &mut Formatter<'_>,
    given: &[E],
    hidden: &[usize],
) -> fmt::Result {
    if given.is_empty() {
        write!(f, "\n          given   nothing")?;
    }
    let left_out = match given.len() {
        0..=WHOLE => HEAD..HEAD,
        long => HEAD..long - TAIL,
    };
    let digits = digits(given);
    let mut version = 0;
    for (index, event) in given.iter().enumerate() {
        if index == left_out.start && !left_out.is_empty() {
            let many = count(left_out.len(), "event", "events");
            write!(f, "\n{:INDENT$}{:>digits$}  {many} left out", "", "…")?;
        }
        let is_hidden = hidden.binary_search(&index).is_ok();
        version += usize::from(!is_hidden);
        if !left_out.contains(&index) {
            let number = if is_hidden { "?".to_string() } else { version.to_string() };
            event_line(f, if index == 0 { "given" } else { "" }, &number, digits, event)?;
        }
    }
    Ok(())
}

/// How wide the number of an event is.
pub(in crate::check) fn digits<E>(given: &[E]) -> usize {
    (given.len() + 1).to_string().len().max(3)
}

/// An event with its number.
pub(in crate::check) fn event_line<E: Debug>(
    f: &mut Formatter<'_>,
    word: &str,
    number: &str,
    digits: usize,
    event: &E,
) -> fmt::Result {
    writeln!(f)?;
    let first = format!("          {word:<8}{number:>digits$}  ");
    lines(f, &first, INDENT + digits + 2, &format!("{event:?}"))
}
