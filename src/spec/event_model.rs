//! The event model of a specification: slices in the order of time, as event modelling draws them.

mod mermaid;
mod svg;
mod text;

use super::document::ChapterKind;
use super::scenario::{Scenario, Specified};
use super::slice_example::{ExampleMessage, Moment, SliceExample, scenario_moments};
use super::specification::Specification;
use crate::message::{Message, Words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An event model (Adam Dymitruk, [eventmodeling.org](https://eventmodeling.org)), drawn from the scenarios of a model; made by
/// [`Model::event_model`](crate::Model::event_model).
///
/// Its slices are in the order of a story: a slice comes after those that make the events which all of its examples begin with, and otherwise in the
/// order of the scenarios. It prints as a page for people, serializes as JSON, and [`to_svg`](Self::to_svg) and
/// [`to_mermaid`](Self::to_mermaid) draw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EventModel {
    /// The model's name.
    pub name: String,
    /// The slices, in the order of time.
    pub slices: Vec<Slice>,
    /// Open questions that belong to no slice.
    pub questions: Vec<String>,
}

/// A slice: what is built and shown in one piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Slice {
    /// What it is called, in the words of the model.
    pub name: String,
    /// What it is.
    pub kind: SliceKind,
    /// The view or the process manager; `None` for a command of the decider.
    pub part: Option<String>,
    /// The command; of an automation, the commands that it makes owed.
    pub commands: Vec<SliceMessage>,
    /// The events that happen; of a view and an automation, those that it sees.
    pub events: Vec<SliceMessage>,
    /// Why the command may be refused.
    pub rejections: Vec<SliceMessage>,
    /// Moments of scenarios, in their order.
    pub examples: Vec<SliceExample>,
    /// Open questions beside it, each with what has happened before it.
    pub questions: Vec<SliceExample>,
}

/// What a slice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
pub enum SliceKind {
    /// Given events, a command leads to events, or is refused.
    Command,
    /// Events lead to what a view shows.
    View,
    /// Events make commands owed.
    Automation,
}

/// A command, an event or a rejection of a slice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SliceMessage {
    /// Its name, such as `order.OrderPlaced`.
    pub name: String,
    /// Its name in the words of the model, such as "order placed".
    pub title: String,
    /// The part of an umbrella that it is of, such as "order".
    pub lane: Option<String>,
    /// An example, in the words of the model.
    pub example: String,
    /// Its fields, if their types are known.
    pub fields: Vec<MessageField>,
}

/// A field of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MessageField {
    /// Its name; the position of a field without a name; empty if the message holds one value.
    pub name: String,
    /// Its type, such as `text`, `u64` or `a list of text`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The fields of all messages of a kind, by name.
pub(crate) type FieldsOf<'f> = &'f dyn Fn(MessageKind, &str) -> Vec<(String, String)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageKind {
    Command,
    Event,
    Rejection,
}

/// What a slice is of: two examples with the same key are of one slice.
#[derive(PartialEq)]
enum Key {
    /// The name of the command, and those of the events.
    Command(String, Vec<String>),
    View(usize),
    /// The process manager, and the names of the commands.
    Automation(usize, Vec<String>),
}

/// A slice while it is made.
struct Made {
    key: Key,
    slice: Slice,
    /// The names of the events that every example begins with; none yet.
    needs: Option<BTreeSet<String>>,
}

struct Building<'w> {
    words: &'w Words,
    fields: FieldsOf<'w>,
    made: Vec<Made>,
    questions: Vec<String>,
}

fn names(messages: &[ExampleMessage]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for message in messages {
        if !names.contains(&message.name) {
            names.push(message.name.clone());
        }
    }
    names
}

impl<D> Specification<D>
where
    D: Specified<Event: Message, Command: Message, Rejection: Message>,
{
    /// The event model of the scenarios. `fields` knows the fields of messages.
    ///
    /// O(n³) for n slices, and the time to play each scenario.
    pub(crate) fn event_model(&self, name: &str, decider: &D, fields: FieldsOf<'_>) -> EventModel {
        let words = self.in_words();
        let mut building = Building { words, fields, made: Vec::new(), questions: Vec::new() };
        let moments = |scenario: &Scenario<D>| scenario_moments(scenario, decider, words);
        building.decider(self.of_decider().iter().flat_map(moments).collect());
        for (number, part) in self.parts.iter().enumerate() {
            let (chapter, moments) = part.moments(words);
            let kind = match chapter {
                ChapterKind::ProcessManager => SliceKind::Automation,
                ChapterKind::View | ChapterKind::Decider => SliceKind::View,
            };
            building.part(number, words.declared(part.title()), kind, moments);
        }
        EventModel {
            name: name.to_string(),
            slices: in_order(building.made).into_iter().map(|made| made.slice).collect(),
            questions: building.questions,
        }
    }
}

impl Building<'_> {
    /// The slices of the decider.
    fn decider(&mut self, all: Vec<Moment>) {
        // What is refused belongs to the slice in which its command is accepted, wherever that is said.
        for moment in all.iter().filter(|moment| moment.leads_on()) {
            let Some(at) = self.home(moment) else { continue };
            let (fields, words, slice) = (self.fields, self.words, &mut self.made[at].slice);
            add(&mut slice.commands, &moment.example.when, fields, MessageKind::Command, words);
            add(&mut slice.events, &moment.came, fields, MessageKind::Event, words);
        }
        for moment in all {
            let Some(at) = self.home(&moment) else {
                self.questions.push(moment.example.scenario);
                continue;
            };
            let (fields, words, made) = (self.fields, self.words, &mut self.made[at]);
            add(&mut made.slice.commands, &moment.example.when, fields, MessageKind::Command, words);
            if moment.is_question {
                made.slice.questions.push(moment.example);
                continue;
            }
            // Where a command is never accepted, it comes when it is refused.
            if moment.leads_on() || matches!(&made.key, Key::Command(_, events) if events.is_empty()) {
                made.begins_with(&moment.example.given, &names(&moment.came));
            }
            if made.slice.commands.is_empty() {
                add(&mut made.slice.events, moment.example.given.last(), fields, MessageKind::Event, words);
            }
            add(&mut made.slice.rejections, &moment.rejection, fields, MessageKind::Rejection, words);
            made.slice.examples.push(moment.example);
        }
        self.name_commands();
    }

    /// The place of the slice of the decider that an example belongs to; `None` for a question about nothing that has happened.
    fn home(&mut self, moment: &Moment) -> Option<usize> {
        let (key, known) = match (moment.example.when.first(), moment.example.given.last()) {
            (Some(command), _) if moment.leads_on() => {
                (Key::Command(command.name.clone(), names(&moment.came)), None)
            }
            (Some(command), _) => {
                let same = |made: &Made| matches!(&made.key, Key::Command(name, _) if *name == command.name);
                (Key::Command(command.name.clone(), Vec::new()), self.made.iter().position(same))
            }
            // Nothing is asked: it is about what the last event has led to.
            (None, Some(last)) => {
                let makes = |made: &Made| made.makes(&last.name);
                (Key::Command(String::new(), vec![last.name.clone()]), self.made.iter().position(makes))
            }
            (None, None) if moment.is_question => return None,
            (None, None) => (Key::Command(String::new(), Vec::new()), None),
        };
        Some(known.unwrap_or_else(|| self.slice(key, SliceKind::Command, None)))
    }

    /// A slice of a command is called as the command, and by its events too where the command has several.
    fn name_commands(&mut self) {
        let command = |made: &Made| made.slice.commands.first().map(|command| command.name.clone());
        let all: Vec<Option<String>> = self.made.iter().map(command).collect();
        for (made, own) in self.made.iter_mut().zip(&all) {
            let title = made.slice.commands.first().map(|command| command.title.clone());
            let events: Vec<&str> = made.slice.events.iter().map(|event| &*event.title).collect();
            let alone = all.iter().filter(|other| *other == own).count() == 1;
            made.slice.name = match title {
                Some(title) if alone || events.is_empty() => title,
                Some(title) => format!("{title}: {}", events.join(", ")),
                // What is said of a state.
                None => {
                    let first = made.slice.examples.first().or(made.slice.questions.first());
                    first.map(|example| example.scenario.clone()).unwrap_or_default()
                }
            };
        }
    }

    /// The slices of a view or a process manager.
    fn part(&mut self, number: usize, title: &str, kind: SliceKind, all: Vec<Moment>) {
        let key = |came: &[ExampleMessage]| match kind {
            SliceKind::Automation => Key::Automation(number, names(came)),
            _ => Key::View(number),
        };
        for moment in all.iter().filter(|moment| moment.leads_on()) {
            self.slice(key(&moment.came), kind, Some(title));
        }
        for moment in all {
            let own = moment.leads_on();
            let known = self.made.iter().position(|made| match &made.key {
                Key::View(other) | Key::Automation(other, _) => *other == number,
                Key::Command(..) => false,
            });
            let at = match known {
                Some(known) if !own => known,
                _ => self.slice(key(&moment.came), kind, Some(title)),
            };
            let made = &mut self.made[at];
            if moment.is_question {
                made.slice.questions.push(moment.example);
                continue;
            }
            let seen = [&moment.example.given[..], &moment.example.when[..]].concat();
            match kind {
                SliceKind::Automation if own => made.begins_with(&seen, &[]),
                SliceKind::Automation => {}
                _ => made.needs.get_or_insert_default().extend(names(&seen)),
            }
            let (fields, words) = (self.fields, self.words);
            let trigger = if kind == SliceKind::Automation { seen.len().saturating_sub(1) } else { 0 };
            // What makes nothing owed is an example of it, and no trigger.
            if kind == SliceKind::View || own {
                add(&mut made.slice.events, &seen[trigger..], fields, MessageKind::Event, words);
            }
            add(&mut made.slice.commands, &moment.came, fields, MessageKind::Command, words);
            made.slice.examples.push(moment.example);
        }
        let own = |made: &&mut Made| matches!(made.key, Key::Automation(other, _) if other == number);
        let several = self.made.iter_mut().filter(own).count() > 1;
        for made in self.made.iter_mut().filter(own).filter(|_| several) {
            let commands: Vec<&str> = made.slice.commands.iter().map(|command| &*command.title).collect();
            made.slice.name = format!("{title}: {}", commands.join(", "));
        }
    }

    /// The place of the slice with this key, which is new if there was none.
    fn slice(&mut self, key: Key, kind: SliceKind, part: Option<&str>) -> usize {
        if let Some(known) = self.made.iter().position(|made| made.key == key) {
            return known;
        }
        let slice = Slice {
            name: part.unwrap_or_default().to_string(),
            kind,
            part: part.map(str::to_string),
            commands: Vec::new(),
            events: Vec::new(),
            rejections: Vec::new(),
            examples: Vec::new(),
            questions: Vec::new(),
        };
        self.made.push(Made { key, slice, needs: None });
        self.made.len() - 1
    }
}

/// Adds messages that are not there yet.
fn add<'m>(
    to: &mut Vec<SliceMessage>,
    all: impl IntoIterator<Item = &'m ExampleMessage>,
    fields: FieldsOf<'_>,
    kind: MessageKind,
    words: &Words,
) {
    for message in all {
        if to.iter().any(|known| known.name == message.name) {
            continue;
        }
        let lane = message.name.rsplit_once('.').map(|(path, _)| words.title(path));
        let field = |(name, kind)| MessageField { name, kind };
        to.push(SliceMessage {
            name: message.name.clone(),
            title: words.title(&message.name),
            lane,
            example: message.says.clone(),
            fields: fields(kind, &message.name).into_iter().map(field).collect(),
        });
    }
}

impl Made {
    /// One more example begins with these events.
    fn begins_with(&mut self, given: &[ExampleMessage], own: &[String]) {
        let given = names(given).into_iter().filter(|name| !own.contains(name));
        self.needs = Some(match self.needs.take() {
            None => given.collect(),
            Some(needs) => given.filter(|name| needs.contains(name)).collect(),
        });
    }

    /// Whether it makes this event.
    fn makes(&self, event: &str) -> bool {
        matches!(&self.key, Key::Command(_, events) if events.iter().any(|name| name == event))
    }

    /// Whether it comes after another one.
    fn is_after(&self, other: &Made) -> bool {
        let issued = |command: &str| matches!(&other.key, Key::Automation(_, commands) if commands.iter().any(|name| name == command));
        self.needs.iter().flatten().any(|event| other.makes(event) && !self.makes(event))
            || matches!(&self.key, Key::Command(command, _) if issued(command))
    }
}

/// The slices as a story: each after those that it comes after. Views and automations come as soon as they can, commands in the order
/// of their scenarios; where slices wait for each other, the first of them begins.
fn in_order(mut waiting: Vec<Made>) -> Vec<Made> {
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let is_ready = |made: &Made| !waiting.iter().any(|other| made.is_after(other));
        let is_command = |made: &Made| made.slice.kind == SliceKind::Command;
        let next = waiting
            .iter()
            .position(|made| {
                !is_command(made) && is_ready(made) && made.needs.iter().flatten().next().is_some()
            })
            .or_else(|| waiting.iter().position(|made| is_command(made) && is_ready(made)))
            .or_else(|| waiting.iter().position(is_ready))
            .or_else(|| waiting.iter().position(is_command))
            .unwrap_or(0);
        ordered.push(waiting.remove(next));
    }
    ordered
}
