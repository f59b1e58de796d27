//! What a decider was seen to do.

use super::Mutable;
use super::values::{Path, by_analogy, in_common, is_in_key, json, parts};
use crate::check::graph::{NamedOutcome, named};
use crate::decider::{Decider, Outcome};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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
    pub(super) cells: BTreeSet<Cell>,
    /// The first rejection of each command.
    pub(super) rejections: BTreeMap<String, I::Rejection>,
    pub(super) any_rejection: Option<I::Rejection>,
    pub(super) answers: Answers<I::Event>,
    pub(super) events: BTreeMap<String, SeenEvent>,
    /// The events that were looked at, as JSON.
    known: HashSet<String>,
}

/// What was seen of the events of one name.
#[derive(Default)]
pub(super) struct SeenEvent {
    /// The places at which something can be changed.
    pub(super) places: BTreeSet<Path>,
    /// The values at each place.
    pub(super) values: BTreeMap<Path, BTreeMap<String, Value>>,
    has_key: bool,
}

/// What was answered to commands that were accepted.
pub(super) struct Answers<E> {
    by_command: HashMap<String, Vec<E>>,
    /// By the name of the command: commands, and their events.
    samples: BTreeMap<String, Vec<(Value, Vec<Value>)>>,
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
