//! The page that [`Gaps`] print.

use super::report::{Gaps, LivedKind, LivedStep, SpecifiedKind};
use crate::check::conform::page::{COUNT, INDENT, dated, digits, event_line, example_page, given_lines};
use crate::page::{count, grouped, lines, printable};
use std::fmt::{self, Debug, Display, Formatter};

impl<C: Debug, E: Debug, R: Debug> Display for Gaps<C, E, R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = self.name.as_ref().map_or(String::new(), |name| format!("{}: ", printable(name)));
        let conformance = &self.conformance;
        let (histories, events, classes) = (
            count(conformance.histories, "history", "histories"),
            count(conformance.events, "event", "events"),
            count(self.classes.len(), "class of states", "classes of states"),
        );
        lines(f, " gaps      ", 11, &format!("{name}{histories}, {events}, {classes}"))?;
        let (lived, unspecified) = (kinds(self.lived), grouped(self.unspecified.len()));
        entry(f, "lived", &format!("{lived}, {unspecified} of them in no scenario"))?;
        let (specified, never) = (kinds(self.specified), grouped(self.never_lived.len()));
        let without = match self.specified_without_events {
            0 => String::new(),
            n => format!("; {} that leave no event, so that no log shows them", kinds(n)),
        };
        entry(f, "specified", &format!("{specified}, {never} of them never lived{without}"))?;
        entry(f, "forbidden", &format!("{} that were lived all the same", kinds(self.forbidden.len())))?;
        if conformance.unasked > 0 {
            let unasked = count(conformance.unasked, "event", "events");
            entry(f, "unasked", &format!("{unasked} without a command"))?;
        }
        if conformance.cut > 0 {
            let cut = count(conformance.cut, "history", "histories");
            entry(f, "cut", &format!("{cut} not replayed to the end, as `conform` reports"))?;
        }
        if let Some(warning) = self.warning() {
            entry(f, "warning", &warning)?;
        }
        section(f, "lived, but not specified", &self.unspecified, lived_kind)?;
        section(f, "specified, but never lived", &self.never_lived, specified_kind)?;
        section(f, "lived, but forbidden", &self.forbidden, |f, kind| {
            heading(f, kind)?;
            example_page(f, &kind.example)
        })
    }
}

fn kinds(n: usize) -> String {
    count(n, "kind of steps", "kinds of steps")
}

fn entry(f: &mut Formatter<'_>, word: &str, text: &str) -> fmt::Result {
    writeln!(f)?;
    lines(f, &format!(" {word:<10}"), 11, text)
}

fn section<K>(
    f: &mut Formatter<'_>,
    title: &str,
    kinds: &[K],
    each: impl Fn(&mut Formatter<'_>, &K) -> fmt::Result,
) -> fmt::Result {
    if kinds.is_empty() {
        return Ok(());
    }
    write!(f, "\n\n {title}")?;
    kinds.iter().try_for_each(|kind| {
        write!(f, "\n\n")?;
        each(f, kind)
    })
}

/// The number of histories and the kind, and below them the number of steps, where that is another.
fn heading<X>(f: &mut Formatter<'_>, kind: &LivedKind<X>) -> fmt::Result {
    let steps = match kind.steps == kind.histories {
        true => String::new(),
        false => format!("   ({})", count(kind.steps, "step", "steps")),
    };
    let first = format!(" {:>COUNT$}  ", grouped(kind.histories));
    lines(f, &first, COUNT + 3, &format!("{kind}{steps}"))?;
    writeln!(f)
}

fn lived_kind<C: Debug, E: Debug>(f: &mut Formatter<'_>, kind: &LivedKind<LivedStep<C, E>>) -> fmt::Result {
    heading(f, kind)?;
    let LivedStep { history, at, given, hidden, when, then } = &kind.example;
    let number = given.len() - hidden.len() + 1;
    lines(f, "        ", 8, &format!("shortest: {history}, event {number}{}", dated(at)))?;
    given_lines(f, given, hidden)?;
    writeln!(f)?;
    lines(f, "          when    ", INDENT, &format!("{when:?}"))?;
    for (index, event) in then.iter().enumerate() {
        let word = if index == 0 { "then" } else { "" };
        event_line(f, word, &(number + index).to_string(), digits(given), event)?;
    }
    Ok(())
}

fn specified_kind(f: &mut Formatter<'_>, kind: &SpecifiedKind) -> fmt::Result {
    lines(f, "        ", 8, &kind.to_string())?;
    kind.scenarios.iter().try_for_each(|name| {
        writeln!(f)?;
        lines(f, "          ", 12, name)
    })
}
