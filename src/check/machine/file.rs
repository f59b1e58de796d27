//! The file of a machine: lines of JSON, the same bytes for the same machine.

use super::tables::{Messages, OutcomeNumbers, TableNode, Tables};
use super::{Machine, MachineFileError, NodeMark};
use crate::json;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fmt::{Display, Write as _};
use xxhash_rust::xxh3::xxh3_64;

/// The format that is written and read.
const FORMAT: u64 = 1;

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    leftfold: String,
    format: u64,
    #[serde(default)]
    model: String,
}

/// Every other line. Messages, outcomes and nodes are numbered from 0, each kind by itself, in the order of their lines.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line<'t> {
    #[serde(borrow)]
    Command(&'t RawValue),
    #[serde(borrow)]
    Event(&'t RawValue),
    /// An event that is a refusal.
    #[serde(borrow)]
    Refusal(&'t RawValue),
    #[serde(borrow)]
    Rejection(&'t RawValue),
    /// An outcome by the numbers of its events.
    Outcome(Vec<u32>),
    /// An outcome by the number of its rejection.
    Rejected(u32),
    Node(NodeLine),
    End(End),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeLine {
    number: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<NodeMark>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    terminal: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<Box<str>>,
    /// Commands, each with its outcome.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answers: Vec<(u32, u32)>,
    /// Events, each with the node after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    events: Vec<(u32, u32)>,
}

/// The last line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    /// The checksum of all bytes before this line, in 16 hexadecimal digits.
    xxh3: String,
}

fn end(before: &str) -> String {
    format!("{{\"end\":{{\"xxh3\":\"{:016x}\"}}}}\n", xxh3_64(before.as_bytes()))
}

fn as_json(value: &impl Serialize) -> String {
    // Texts, numbers and lists of these can always be written.
    serde_json::to_string(value).unwrap_or_default()
}

impl<C, E, R> Machine<C, E, R> {
    /// The machine as a file: lines of JSON, one for each message, outcome and node. The same machine gives the same bytes.
    ///
    /// ```
    /// use leftfold::check::{Machine, explore};
    /// use leftfold::decider;
    ///
    /// let light = decider(
    ///     || false,
    ///     |on: &bool, is: &bool| if on == is { Err("it is") } else { Ok(vec![*on]) },
    ///     |_, on: &bool| *on,
    /// );
    /// let machine = explore(&light, |_: &bool| [false, true]).machine()?.named("light");
    /// let text = machine.to_json();
    /// assert!(text.starts_with("\
    /// {\"leftfold\":\"machine\",\"format\":1,\"model\":\"light\"}
    /// {\"command\":false}
    /// {\"command\":true}
    /// {\"event\":false}
    /// {\"event\":true}
    /// {\"rejection\":\"it is\"}
    /// {\"outcome\":[0]}
    /// {\"outcome\":[1]}
    /// {\"rejected\":0}
    /// {\"node\":{\"number\":0,\"answers\":[[0,2],[1,1]],\"events\":[[1,1]]}}
    /// {\"node\":{\"number\":1,\"answers\":[[0,0],[1,2]],\"events\":[[0,0]]}}
    /// {\"end\":{\"xxh3\":\""));
    /// assert_eq!(Machine::<bool, bool, String>::from_json(&text)?.to_json(), text);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_json(&self) -> String {
        let head = Head { leftfold: "machine".into(), format: FORMAT, model: self.name.clone() };
        let mut text = as_json(&head) + "\n";
        let mut line = |kind: &dyn Display, value: &dyn Display| {
            let _ = writeln!(text, "{{\"{kind}\":{value}}}");
        };
        self.commands.texts.iter().for_each(|command| line(&"command", command));
        for (event, refusal) in self.events.texts.iter().zip(&self.refusals) {
            line(&if *refusal { "refusal" } else { "event" }, event);
        }
        self.rejections.texts.iter().for_each(|rejection| line(&"rejection", rejection));
        for outcome in &self.tables.outcomes {
            match outcome {
                OutcomeNumbers::Events(events) => line(&"outcome", &as_json(events)),
                OutcomeNumbers::Rejected(rejection) => line(&"rejected", rejection),
            }
        }
        for (number, node) in self.tables.nodes.iter().enumerate() {
            let node = NodeLine {
                number,
                mark: Some(node.mark).filter(|mark| *mark != NodeMark::Followed),
                terminal: node.terminal,
                label: node.label.clone(),
                answers: node.answers.clone(),
                events: node.steps.clone(),
            };
            line(&"node", &as_json(&node));
        }
        let end = end(&text);
        text + &end
    }
}

impl<C, E, R> Machine<C, E, R>
where
    C: Serialize + DeserializeOwned,
    E: Serialize + DeserializeOwned,
    R: Serialize + DeserializeOwned,
{
    /// Reads what [`to_json`](Self::to_json) wrote, and nothing else.
    ///
    /// # Errors
    /// [`MachineFileError`] when the text is no machine or one of another format, when it was cut or changed, and when its
    /// messages are not those of the types `C`, `E` and `R`.
    pub fn from_json(text: &str) -> Result<Self, MachineFileError> {
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let head: Option<Head> = serde_json::from_str(first).ok();
        let Some(head) = head.filter(|head| head.leftfold == "machine") else {
            return Err(MachineFileError::NotAMachine { found: first.chars().take(80).collect() });
        };
        if head.format != FORMAT {
            return Err(MachineFileError::OtherFormat { found: head.format, known: FORMAT });
        }
        let cut = MachineFileError::Cut { lines: text.lines().count() };
        let last = text.strip_suffix('\n').and_then(|text| text.rfind('\n')).ok_or(cut.clone())? + 1;
        let (before, last) = text.split_at(last);
        let Ok(Line::End(End { xxh3 })) = serde_json::from_str(last) else {
            // With something behind its last line, it is whole and more.
            let is_whole = text.lines().any(|line| matches!(serde_json::from_str(line), Ok(Line::End(_))));
            return Err(if is_whole { MachineFileError::Changed } else { cut });
        };
        if u64::from_str_radix(&xxh3, 16) != Ok(xxh3_64(before.as_bytes())) {
            return Err(MachineFileError::Changed);
        }
        let body = &rest[..rest.len() - last.len()];
        let machine = Self::of_lines(head.model, body)?;
        if machine.to_json() == text {
            return Ok(machine);
        }
        // The checksum fits, so it was written, but not by `to_json`.
        let written = machine.to_json();
        let same = written.lines().zip(text.lines()).take_while(|(one, other)| one == other).count();
        Err(wrong(same + 1, "it is not in the order or the form in which a machine is written"))
    }

    fn of_lines(name: String, body: &str) -> Result<Self, MachineFileError> {
        let (mut commands, mut events, mut rejections) =
            (Messages::default(), Messages::default(), Messages::default());
        let mut refusals = Vec::new();
        let mut tables = Tables { outcomes: Vec::new(), nodes: Vec::new() };
        let mut first_node = 0;
        for (number, text) in (2..).zip(body.lines()) {
            let line: Line<'_> = serde_json::from_str(text).map_err(|why| wrong(number, why))?;
            match line {
                Line::Command(text) => add(&mut commands, text, "command", number)?,
                Line::Event(text) | Line::Refusal(text) => {
                    refusals.push(matches!(line, Line::Refusal(_)));
                    add(&mut events, text, "event", number)?;
                }
                Line::Rejection(text) => add(&mut rejections, text, "rejection", number)?,
                Line::Outcome(events) => tables.outcomes.push(OutcomeNumbers::Events(events)),
                Line::Rejected(rejection) => tables.outcomes.push(OutcomeNumbers::Rejected(rejection)),
                Line::Node(node) => {
                    if tables.nodes.is_empty() {
                        first_node = number;
                    }
                    tables.nodes.push(TableNode {
                        mark: node.mark.unwrap_or(NodeMark::Followed),
                        terminal: node.terminal,
                        label: node.label,
                        answers: node.answers,
                        steps: node.events,
                    });
                }
                Line::End(_) => return Err(wrong(number, "the last line of a machine stands before others")),
            }
        }
        let counts = [commands.values.len(), events.values.len(), rejections.values.len()];
        check(&tables, counts).map_err(|(node, why)| wrong(first_node + node, why))?;
        let tables = tables.ordered();
        Ok(Machine { name, commands, events, refusals, rejections, tables })
    }
}

fn wrong(line: usize, why: impl Display) -> MachineFileError {
    MachineFileError::Line { line, why: why.to_string() }
}

fn add<T: Serialize + DeserializeOwned>(
    to: &mut Messages<T>,
    text: &RawValue,
    kind: &'static str,
    line: usize,
) -> Result<(), MachineFileError> {
    let other = |why: String| MachineFileError::OtherMessages { line, kind, why };
    let message: T = json::read(text.get().as_bytes()).map_err(|why| other(why.to_string()))?;
    let mut again = Vec::new();
    json::write(&message, &mut again).map_err(|why| other(why.sentence()))?;
    if again != text.get().as_bytes() {
        return Err(other(format!("it reads as {}", String::from_utf8_lossy(&again))));
    }
    if to.texts.last().is_some_and(|last| **last >= *text.get()) {
        return Err(wrong(line, "messages are not in the order of their texts"));
    }
    to.texts.push(text.get().into());
    to.values.push(message);
    Ok(())
}

/// Checks that all numbers are those of something, and that every outcome can be followed. The error names a node.
fn check(tables: &Tables, [commands, events, rejections]: [usize; 3]) -> Result<(), (usize, &'static str)> {
    let below = |number: u32, count: usize| (number as usize) < count;
    let known = |outcome: &OutcomeNumbers| match outcome {
        OutcomeNumbers::Events(own) => own.iter().all(|event| below(*event, events)),
        OutcomeNumbers::Rejected(rejection) => below(*rejection, rejections),
    };
    if tables.nodes.first().is_none_or(|node| node.mark == NodeMark::InBetween) {
        return Err((0, "the machine has no first node"));
    }
    if !tables.outcomes.iter().all(known) {
        return Err((0, "an outcome above has a message that is not in the file"));
    }
    for (at, node) in tables.nodes.iter().enumerate() {
        let ascending = |rows: &[(u32, u32)]| rows.windows(2).all(|two| two[0].0 < two[1].0);
        if !ascending(&node.answers) || !ascending(&node.steps) {
            return Err((at, "commands and events are not in the order of their numbers"));
        }
        let answers = |(command, outcome): &(u32, u32)| {
            below(*command, commands) && below(*outcome, tables.outcomes.len())
        };
        let steps = |(event, to): &(u32, u32)| below(*event, events) && below(*to, tables.nodes.len());
        if !node.answers.iter().all(answers) || !node.steps.iter().all(steps) {
            return Err((at, "it has a number that is not in the file"));
        }
    }
    for (at, node) in tables.nodes.iter().enumerate() {
        if node.mark == NodeMark::InBetween && !node.answers.is_empty() {
            return Err((at, "a node in the midst of an outcome answers commands"));
        }
        let ends = |(_, outcome): &(u32, u32)| {
            let after = tables.after(at as u32, *outcome);
            after.is_some_and(|after| tables.nodes[after as usize].mark != NodeMark::InBetween)
        };
        if !node.answers.iter().all(ends) {
            return Err((at, "the events of an outcome lead nowhere"));
        }
    }
    Ok(())
}
