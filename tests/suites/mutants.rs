//! Models with one mistake each, made by wrapping: what is refused is accepted, what is accepted is refused, an event is not folded.

use leftfold::check::explore::Explorable;
use leftfold::check::{Machine, MachineAnswer};
use leftfold::message;
use leftfold::spec::Specified;
use leftfold::{Decider, Fold};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// What mutants ask of a model.
pub trait Mutable:
    Specified<
        State: Explorable,
        Command: Serialize + DeserializeOwned + Sync,
        Event: Serialize + DeserializeOwned + Sync,
        Rejection: Serialize + DeserializeOwned + Sync,
    > + Sync
{
}

impl<D> Mutable for D where
    D: Specified<
            State: Explorable,
            Command: Serialize + DeserializeOwned + Sync,
            Event: Serialize + DeserializeOwned + Sync,
            Rejection: Serialize + DeserializeOwned + Sync,
        > + Sync
{
}

/// A model with one mistake.
pub struct Wrong<'d, D: Decider> {
    of: &'d D,
    class: fn(&D::State) -> String,
    mistake: Mistake<D>,
}

enum Mistake<D: Decider> {
    /// An event of this name changes nothing.
    Skip(String),
    /// Commands of this name with events of these names are refused in this class of states.
    Refuse { state: String, command: String, events: Vec<String>, with: D::Rejection },
    /// Commands of this name are accepted where they are refused so, with the events that they have elsewhere, by their JSON.
    Accept { command: String, rejection: String, events: BTreeMap<String, Vec<D::Event>> },
}

impl<D: Mutable> std::fmt::Display for Wrong<'_, D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.mistake {
            Mistake::Skip(event) => write!(f, "{event} changes nothing"),
            Mistake::Refuse { state, command, events, .. } => {
                write!(f, "{state}: {command} is refused, not {}", events.join(", "))
            }
            Mistake::Accept { command, rejection, .. } => write!(f, "{command} is accepted, not {rejection}"),
        }
    }
}

fn name(message: &impl message::Message) -> String {
    message::name(message).unwrap().to_string()
}

fn json(command: &impl Serialize) -> String {
    serde_json::to_string(command).unwrap()
}

fn names<E: Serialize + DeserializeOwned>(events: &[E]) -> Vec<String> {
    events.iter().map(name).collect()
}

impl<D: Mutable> Fold for Wrong<'_, D> {
    type State = D::State;
    type Event = D::Event;

    fn initial_state(&self) -> D::State {
        self.of.initial_state()
    }

    fn evolve(&self, state: D::State, event: &D::Event) -> D::State {
        match &self.mistake {
            Mistake::Skip(skipped) if *skipped == name(event) => state,
            _ => self.of.evolve(state, event),
        }
    }
}

impl<D: Mutable> Decider for Wrong<'_, D> {
    type Command = D::Command;
    type Rejection = D::Rejection;

    fn decide(&self, given: &D::Command, state: &D::State) -> Result<Vec<D::Event>, D::Rejection> {
        let outcome = self.of.decide(given, state);
        match (&self.mistake, outcome) {
            (Mistake::Refuse { state: class, command, events, with }, Ok(happened))
                if name(given) == *command
                    && (self.class)(state) == *class
                    && names(&happened) == *events =>
            {
                Err(with.clone())
            }
            (Mistake::Accept { command, rejection, events }, Err(refused))
                if name(given) == *command && name(&refused) == *rejection =>
            {
                events.get(&json(given)).cloned().ok_or(refused)
            }
            (_, outcome) => outcome,
        }
    }

    fn is_terminal(&self, state: &D::State) -> bool {
        self.of.is_terminal(state)
    }

    fn is_refusal(&self, event: &D::Event) -> bool {
        self.of.is_refusal(event)
    }
}

/// All mutants that the answers of a machine of the model suggest.
pub fn mutants<'d, D: Mutable>(
    of: &'d D,
    machine: &Machine<D::Command, D::Event, D::Rejection>,
    class: fn(&D::State) -> String,
) -> Vec<Wrong<'d, D>> {
    let (mut skipped, mut refused, mut accepted) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut elsewhere: BTreeMap<String, BTreeMap<String, Vec<D::Event>>> = BTreeMap::new();
    let mut with = None;
    for node in machine.nodes() {
        for command in machine.commands(node) {
            let MachineAnswer::Outcome { outcome, .. } = machine.answer(node, command) else { continue };
            match outcome {
                Ok(events) => {
                    skipped.extend(names(&events));
                    let state = machine.label(node).unwrap_or_default().to_string();
                    refused.insert((state, name(command), names(&events)));
                    elsewhere.entry(name(command)).or_default().entry(json(command)).or_insert(events);
                }
                Err(rejection) => {
                    accepted.insert((name(command), name(&rejection)));
                    with = with.or(Some(rejection));
                }
            }
        }
    }
    let mut mistakes: Vec<Mistake<D>> = skipped.into_iter().map(Mistake::Skip).collect();
    mistakes.extend(refused.into_iter().filter_map(|(state, command, events)| {
        Some(Mistake::Refuse { state, command, events, with: with.clone()? })
    }));
    mistakes.extend(accepted.into_iter().filter_map(|(command, rejection)| {
        let events = elsewhere.get(&command)?.clone();
        Some(Mistake::Accept { command, rejection, events })
    }));
    mistakes.into_iter().map(|mistake| Wrong { of, class, mistake }).collect()
}
