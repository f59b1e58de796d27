//! What a decider was seen to do, and the changes of its rules that follow.

use super::Mutable;
use super::report::MutantKind;
use super::rule::Change;
use super::values::{Path, by_analogy, field, in_common, is_in_key, json, parts};
use crate::check::graph::{NamedOutcome, named};
use crate::decider::{Decider, Outcome};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// How many values are remembered for one place of an event.
const MOST_VALUES: usize = 32;

/// A command in a class of states, with one of its outcomes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    pub(super) class: String,
    pub(super) command: String,
    pub(super) outcome: NamedOutcome,
}

/// What a decider was seen to do.
pub(super) struct Seen<I: Decider> {
    cells: BTreeSet<Cell>,
    /// The first rejection of each command.
    rejections: BTreeMap<String, I::Rejection>,
    any_rejection: Option<I::Rejection>,
    answers: Answers<I::Event>,
    events: BTreeMap<String, SeenEvent>,
    /// The events that were looked at, as JSON.
    known: HashSet<String>,
}

#[derive(Default)]
struct SeenEvent {
    /// The places at which something can be changed.
    places: BTreeSet<Path>,
    /// The values at each place.
    values: BTreeMap<Path, BTreeMap<String, Value>>,
    has_key: bool,
}

/// What was answered to commands that were accepted.
pub(super) struct Answers<E> {
    by_command: HashMap<String, Vec<E>>,
    /// By the name of the command: commands, and their events.
    samples: BTreeMap<String, Vec<(Value, Vec<Value>)>>,
}

/// A change of a rule, with what it is called and what it is about.
pub(super) struct Site<I: Decider> {
    pub(super) kind: MutantKind,
    pub(super) name: String,
    pub(super) about: String,
    pub(super) change: Change<I>,
}

impl<I: Decider> Default for Seen<I> {
    fn default() -> Self {
        Seen {
            cells: BTreeSet::new(),
            rejections: BTreeMap::new(),
            any_rejection: None,
            answers: Answers { by_command: HashMap::new(), samples: BTreeMap::new() },
            events: BTreeMap::new(),
            known: HashSet::new(),
        }
    }
}

impl<I: Mutable> Seen<I> {
    pub(super) fn decided(&mut self, decider: &I, class: String, command: &I::Command, outcome: &Outcome<I>) {
        let name = named(command);
        let came = NamedOutcome::of(decider, outcome);
        if let Err(rejection) = outcome {
            self.any_rejection.get_or_insert_with(|| rejection.clone());
            if !self.rejections.contains_key(&name) {
                self.rejections.insert(name.clone(), rejection.clone());
            }
        }
        if let (Ok(events), false) = (outcome, came.is_refused()) {
            self.answers.add(&name, command, events);
        }
        self.cells.insert(Cell { class, command: name, outcome: came });
    }

    pub(super) fn folded(&mut self, event: &I::Event) {
        let seen = self.events.entry(named(event)).or_default();
        let Some(whole) = json(event) else { return };
        if !self.known.insert(whole.to_string()) {
            return;
        }
        let name = named(event);
        let own_name = name.rsplit('.').next();
        for (path, value, is_leaf) in parts(&whole) {
            if is_in_key(&whole, &path) {
                seen.has_key = true;
                continue;
            }
            // Of a list, the first item stands for all; the name of the event is no content.
            let is_later_item = path.iter().any(|step| step.parse::<usize>().is_ok_and(|i| i > 0));
            if is_leaf && !is_later_item && (value.as_str().is_none() || value.as_str() != own_name) {
                seen.places.insert(path.clone());
            }
            let values = seen.values.entry(path).or_default();
            if values.len() < MOST_VALUES {
                values.insert(value.to_string(), value.clone());
            }
        }
    }

    /// The events whose key names another instance if it is changed.
    pub(super) fn keyed_events(&self) -> Vec<String> {
        self.events.iter().filter(|(_, seen)| seen.has_key).map(|(name, _)| name.clone()).collect()
    }

    /// All changes of one rule each. Whole outcomes are changed only where no scenario expects the event exactly.
    pub(super) fn sites(self, expected_exactly: &BTreeSet<String>) -> Vec<Site<I>> {
        let answers = Arc::new(self.answers);
        let mut sites = Vec::new();
        let refusals: BTreeSet<(&str, &str)> = (self.cells.iter())
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
        for cell in self.cells.iter().filter(|cell| !cell.outcome.is_refused()) {
            let place = if cell.class == "any" { String::new() } else { format!(" in {}", cell.class) };
            let rejection = self.rejections.get(&cell.command).or(self.any_rejection.as_ref());
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
        for (event, mut seen) in self.events {
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
            for path in seen.places {
                let values = Arc::new(seen.values.remove(&path).unwrap_or_default());
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
}

impl<E> Answers<E> {
    fn add<C>(&mut self, name: &str, command: &C, events: &[E])
    where
        C: serde::Serialize,
        E: Clone + serde::Serialize,
    {
        let Some(command) = json(command) else { return };
        let known = self.by_command.entry(command.to_string()).or_default();
        // An answer in which something happens says more than one in which nothing does.
        if !known.is_empty() || events.is_empty() {
            return;
        }
        *known = events.to_vec();
        if let Some(events) = events.iter().map(json).collect() {
            self.samples.entry(name.to_string()).or_default().push((command, events));
        }
    }

    /// The events of a command if it were accepted: those of the same command where it is, or by analogy to another one.
    pub(super) fn to<C>(&self, name: &str, command: &C) -> Option<Vec<E>>
    where
        C: serde::Serialize,
        E: Clone + serde::de::DeserializeOwned,
    {
        let command = json(command)?;
        if let Some(events) = self.by_command.get(&command.to_string()) {
            return Some(events.clone());
        }
        let mut samples: Vec<_> = self.samples.get(name)?.iter().collect();
        // Stable: of those with as much in common, the first one that was seen.
        samples.sort_by_key(|(sample, _)| std::cmp::Reverse(in_common(&command, sample)));
        samples.into_iter().find_map(|(sample, events)| by_analogy(&command, sample, events))
    }
}
