//! The changes of a decider's rules that follow from what it was seen to do.

use super::Mutable;
use super::report::MutantKind;
use super::rule::Change;
use super::seen::Seen;
use super::values::field;
use crate::check::graph::NamedOutcome;
use crate::decider::Decider;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A change of a rule, with what it is called and what it is about.
pub(super) struct Site<I: Decider> {
    pub(super) kind: MutantKind,
    pub(super) name: String,
    pub(super) about: String,
    pub(super) change: Change<I>,
}

/// All changes of one rule each, of what was seen. Whole outcomes are changed only where no scenario expects the event exactly.
pub(super) fn sites<I: Mutable>(seen: Seen<I>, expected_exactly: &BTreeSet<String>) -> Vec<Site<I>> {
    let answers = Arc::new(seen.answers);
    let mut sites = Vec::new();
    let refusals: BTreeSet<(&str, &str)> = (seen.cells.iter())
        .filter_map(|cell| match &cell.outcome {
            NamedOutcome::Refused(rejection) => Some((rejection.as_str(), cell.command.as_str())),
            _ => None,
        })
        .collect();
    for (rejection, command) in refusals {
        sites.push(Site {
            kind: MutantKind::Accept,
            name: format!("accept {command}, although {rejection}"),
            about: rejection.to_string(),
            change: Change::Accept {
                command: command.to_string(),
                rejection: rejection.to_string(),
                answers: answers.clone(),
            },
        });
    }
    for cell in seen.cells.iter().filter(|cell| !cell.outcome.is_refused()) {
        let place = if cell.class == "any" { String::new() } else { format!(" in {}", cell.class) };
        let rejection = seen.rejections.get(&cell.command).or(seen.any_rejection.as_ref());
        sites.push(Site {
            kind: MutantKind::Refuse,
            name: format!("refuse {}{place}, instead of {}", cell.command, cell.outcome),
            about: match &cell.outcome {
                NamedOutcome::Happened(events) => events[0].clone(),
                _ => cell.command.clone(),
            },
            change: Change::Refuse { cell: cell.clone(), rejection: rejection.cloned() },
        });
    }
    for (event, mut contents) in seen.events {
        let mut add = |kind, name: String, change| {
            sites.push(Site { kind, name, about: event.clone(), change });
        };
        let event = &event;
        add(MutantKind::Skip, format!("skip {event}"), Change::Skip { event: event.clone() });
        let free = !expected_exactly.contains(event);
        if free {
            add(MutantKind::Drop, format!("drop {event}"), Change::Drop { event: event.clone() });
            add(MutantKind::Double, format!("double {event}"), Change::Double { event: event.clone() });
        }
        for path in contents.places {
            let values = Arc::new(contents.values.remove(&path).unwrap_or_default());
            let of = field(event, &path).map_or_else(String::new, |field| format!(".{field}"));
            let change = |misreads| Change::Nudge {
                event: event.clone(),
                path: path.clone(),
                values: values.clone(),
                misreads,
            };
            add(MutantKind::Misread, format!("misread {event}{of}"), change(true));
            if free {
                add(MutantKind::Nudge, format!("change {event}{of}"), change(false));
            }
        }
    }
    sites.sort_by(|one, other| {
        (&one.about, one.kind, &one.name).cmp(&(&other.about, other.kind, &other.name))
    });
    sites
}
