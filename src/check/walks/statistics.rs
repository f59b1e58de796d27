//! Statistics of walks: how often each message occurred. Kept on request, because each message must be named.

use crate::decider::{Decider, Outcome};
use crate::message::{self, Message};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;
use std::hash::Hash;

/// How often each command, event and rejection occurred on the walks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Statistics {
    /// How often each command was accepted and refused, by name. Contains all names of the type.
    pub commands: BTreeMap<String, CommandCounts>,
    /// How often each event occurred, by name.
    pub events: BTreeMap<String, usize>,
    /// How often each rejection occurred, by name.
    pub rejections: BTreeMap<String, usize>,
}

/// How often a command was accepted and refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CommandCounts {
    /// With events, or with none.
    pub accepted: usize,
    /// With a rejection, or with an event that is one.
    pub refused: usize,
}

impl Statistics {
    /// Commands that were never accepted, and events and rejections that never occurred, each as a sentence.
    pub fn never(&self) -> Vec<String> {
        let commands = self.commands.iter().filter(|(_, answers)| answers.accepted == 0);
        let events = self.events.iter().filter(|(_, times)| **times == 0);
        let rejections = self.rejections.iter().filter(|(_, times)| **times == 0);
        commands
            .map(|(name, _)| format!("the command {name} was never accepted"))
            .chain(events.map(|(name, _)| format!("the event {name} never came up")))
            .chain(rejections.map(|(name, _)| format!("the rejection {name} never came up")))
            .collect()
    }
}

/// Keeps the statistics of a decider whose messages have names.
pub(crate) struct StatisticsKeeper<D: Decider> {
    pub(crate) statistics: Statistics,
    keep: fn(&mut Statistics, &D, &D::Command, &Outcome<D>),
}

impl<D: Decider<Command: Message, Event: Message, Rejection: Message>> StatisticsKeeper<D> {
    pub(crate) fn by_name() -> Self {
        fn all<M: Message, T: Default>() -> BTreeMap<String, T> {
            let names = message::names::<M>().unwrap_or_default();
            names.iter().map(|name| (name.to_string(), T::default())).collect()
        }
        let statistics = Statistics {
            commands: all::<D::Command, _>(),
            events: all::<D::Event, _>(),
            rejections: all::<D::Rejection, _>(),
        };
        StatisticsKeeper { statistics, keep: keep_by_name::<D> }
    }
}

impl<D: Decider> StatisticsKeeper<D> {
    pub(crate) fn step(&mut self, decider: &D, command: &D::Command, outcome: &Outcome<D>) {
        (self.keep)(&mut self.statistics, decider, command, outcome);
    }
}

fn keep_by_name<D>(statistics: &mut Statistics, decider: &D, command: &D::Command, outcome: &Outcome<D>)
where
    D: Decider<Command: Message, Event: Message, Rejection: Message>,
{
    let answers = statistics.commands.entry(name(command)).or_default();
    match outcome {
        Ok(events) if events.iter().any(|event| decider.is_refusal(event)) => answers.refused += 1,
        Ok(_) => answers.accepted += 1,
        Err(_) => answers.refused += 1,
    }
    match outcome {
        Ok(events) => {
            for event in events {
                *statistics.events.entry(name(event)).or_default() += 1;
            }
        }
        Err(rejection) => *statistics.rejections.entry(name(rejection)).or_default() += 1,
    }
}

/// The name of a message, or a sentence that says why its type hides it.
pub(crate) fn name<M: Message>(message: &M) -> String {
    message::name(message).map_or_else(|hidden| hidden.to_string(), |name| name.to_string())
}

/// Counts different states.
pub(crate) struct StateCounter<S> {
    seen: HashSet<S>,
    add: fn(&mut HashSet<S>, &S),
}

impl<S> StateCounter<S> {
    pub(crate) fn new() -> Self
    where
        S: Clone + Eq + Hash,
    {
        let add = |seen: &mut HashSet<S>, state: &S| {
            if !seen.contains(state) {
                seen.insert(state.clone());
            }
        };
        StateCounter { seen: HashSet::new(), add }
    }

    pub(crate) fn add(&mut self, state: &S) {
        (self.add)(&mut self.seen, state);
    }

    pub(crate) fn count(&self) -> usize {
        self.seen.len()
    }
}
