//! A story over a network as a sequence chart: who sent what to whom, and what became of it.

mod svg;

use super::story::Story;
use crate::decider::Decider;
use crate::fold::Fold;
use crate::message::{Message, Words};
use crate::page::markup::mermaid;
use crate::page::{fitted, one_line, width};
use crate::process::ProcessManager;
use crate::process::delivery::{Delivery, DeliveryCommand, DeliveryEvent, DeliveryRejection, NetworkMessage};
use crate::spec::panics::caught;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt::{self, Display, Formatter, Write as _};

/// The widest text between two columns.
const MAX_TEXT: usize = 34;

/// A story over a network as a sequence chart; made by [`Story::chart`].
///
/// It prints as text, with a column for each participant; [`to_mermaid`](SequenceChart::to_mermaid) and
/// [`to_svg`](SequenceChart::to_svg) draw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SequenceChart {
    /// Who takes part: the one outside first, the process manager last, and between them the decider or its parts.
    pub participants: Vec<String>,
    /// What happens, in order.
    pub rows: Vec<ChartRow>,
}

/// One row of a sequence chart. Participants are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
pub enum ChartRow {
    /// A message.
    Message {
        /// Who sent it.
        from: usize,
        /// To whom.
        to: usize,
        /// What it says.
        text: String,
        /// What became of it.
        arrival: Arrival,
    },
    /// Something that happens at one participant.
    Note {
        /// Where.
        at: usize,
        /// What.
        text: String,
    },
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// It arrived.
    Arrived,
    /// It arrived once more.
    Again,
    /// It was lost on its way.
    Lost,
    /// It is the answer to a command.
    Answer,
}

/// Who takes part.
#[derive(Clone, PartialEq, Eq)]
enum Who {
    Outside,
    Part(String),
    Process,
}

impl Who {
    fn name(&self) -> &str {
        match self {
            Who::Outside => "outside",
            Who::Part(name) => name,
            Who::Process => "process manager",
        }
    }
}

enum Row {
    Message(Who, Who, String, Arrival),
    Note(Who, String),
}

impl<D, P> Story<Delivery<D, P>>
where
    D: Decider<Event: Message + Clone + Ord, Command: Message + Clone + Ord, Rejection: Message>,
    P: ProcessManager<Event = D::Event, Command = D::Command>,
{
    /// The story as a sequence chart: who sent what to whom, which messages came twice, and which never arrived.
    ///
    /// Messages are said in `words`. The decider is one participant, or one for each part of an umbrella
    /// ([`sum!`](crate::sum)) and for each key.
    ///
    /// ```
    /// use leftfold::check::Story;
    /// use leftfold::delivery::{Delivery, DeliveryCommand, NetworkMessage};
    /// use leftfold::message::Words;
    /// use leftfold::{Owed, decider, process_manager};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    /// enum Command { Pay, Ship }
    /// #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    /// enum Event { Paid, Shipped }
    ///
    /// let parcels = decider(
    ///     || 0u32,
    ///     |command: &Command, _: &u32| Ok::<_, String>(vec![match command {
    ///         Command::Pay => Event::Paid,
    ///         Command::Ship => Event::Shipped,
    ///     }]),
    ///     |shipped, event: &Event| if *event == Event::Shipped { shipped + 1 } else { shipped },
    /// );
    /// let shipping = process_manager(|| false, |_, event: &Event| *event == Event::Paid, |owed: &bool| match owed {
    ///     true => vec![Owed::now("ship", Command::Ship)],
    ///     false => vec![],
    /// });
    /// let shop = Delivery::of(parcels, shipping).losing(1);
    /// let story = Story::of([
    ///     DeliveryCommand::Do(Command::Pay),
    ///     DeliveryCommand::Deliver(NetworkMessage::Event(Event::Paid)),
    ///     DeliveryCommand::Lose(NetworkMessage::Command { key: "ship".into(), command: Command::Ship }),
    /// ]);
    /// let chart = story.chart(&shop, &Words::default());
    /// assert_eq!(chart.to_string(), "\
    /// outside   decider   process manager
    ///    │         │             │
    ///    │ pay     │             │
    ///    ├────────▶│             │
    ///    │         │ · paid      │
    ///    │         │ paid        │
    ///    │         ├────────────▶│
    ///    │         │ ship (lost) │
    ///    │         │  ╳──────────┤
    ///    │         │             │
    /// ");
    /// assert!(chart.to_mermaid().contains("p2 -x p1: ship (lost)"));
    /// ```
    pub fn chart(&self, delivery: &Delivery<D, P>, words: &Words) -> SequenceChart {
        let mut drawing = Drawing { words, rows: Vec::new(), copied: HashSet::new() };
        let Ok(mut state) = caught(|| delivery.fold(&self.given)) else {
            return drawing.chart();
        };
        for command in &self.commands {
            let lived = caught(|| {
                let answer = delivery.decide(command, &state);
                let next = match &answer {
                    Ok(events) => delivery.fold_from(state, events),
                    Err(_) => state,
                };
                (next, answer)
            });
            let (next, answer) = match lived {
                Ok(lived) => lived,
                Err(panic) => {
                    drawing.command(command);
                    drawing.rows.push(Row::Note(Who::Process, format!("panic: {panic}")));
                    break;
                }
            };
            state = next;
            drawing.command(command);
            match answer {
                Ok(events) => drawing.events(&events),
                Err(rejection) => drawing.refused(command, &rejection),
            }
        }
        drawing.chart()
    }
}

struct Drawing<'w> {
    words: &'w Words,
    rows: Vec<Row>,
    /// The texts of messages of which a copy has arrived and another is still on its way.
    copied: HashSet<String>,
}

impl Drawing<'_> {
    /// Who gets or says this message, and its text.
    fn said(&self, message: &impl Message) -> (Who, String) {
        let phrase = message.phrase_in(self.words);
        let part = phrase.part().map_or_else(|| "decider".to_string(), |part| one_line(&part));
        (Who::Part(part), one_line(&phrase.without_part().say(self.words)))
    }

    fn note(&mut self, at: Who, text: impl Into<String>) {
        self.rows.push(Row::Note(at, text.into()));
    }

    fn send<E: Message, C: Message>(&mut self, message: &NetworkMessage<E, C>, arrival: Arrival) {
        match message {
            NetworkMessage::Event(event) => {
                let (part, text) = self.said(event);
                self.row(part, Who::Process, text, arrival);
            }
            NetworkMessage::Command { command, .. } => {
                let (part, text) = self.said(command);
                self.row(Who::Process, part, text, arrival);
            }
        }
    }

    fn row(&mut self, from: Who, to: Who, text: String, arrival: Arrival) {
        let arrival = match arrival {
            Arrival::Arrived if self.copied.contains(&text) => Arrival::Again,
            arrival => arrival,
        };
        self.rows.push(Row::Message(from, to, text, arrival));
    }

    fn command<E: Message, C: Message>(&mut self, command: &DeliveryCommand<E, C>) {
        // What the network does is drawn by what happens then.
        if let DeliveryCommand::Do(command) = command {
            let (part, text) = self.said(command);
            self.rows.push(Row::Message(Who::Outside, part, text, Arrival::Arrived));
        }
    }

    fn refused<E: Message, C: Message, R: Message>(
        &mut self,
        command: &DeliveryCommand<E, C>,
        rejection: &DeliveryRejection<R>,
    ) {
        if let (DeliveryCommand::Do(command), DeliveryRejection::Refused(rejection)) = (command, rejection) {
            let (part, _) = self.said(command);
            let text = format!("refused: {}", self.said(rejection).1);
            self.rows.push(Row::Message(part, Who::Outside, text, Arrival::Answer));
        }
    }

    fn events<E: Message, C: Message>(&mut self, events: &[DeliveryEvent<E, C>]) {
        for event in events {
            match event {
                DeliveryEvent::Happened(event) => {
                    let (part, text) = self.said(event);
                    self.note(part, text);
                }
                DeliveryEvent::Delivered(message) => {
                    self.send(message, Arrival::Arrived);
                    let text = self.text_of(message);
                    self.copied.remove(&text);
                }
                DeliveryEvent::DeliveredAndKept(message) => {
                    self.send(message, Arrival::Arrived);
                    let text = self.text_of(message);
                    self.copied.insert(text);
                }
                DeliveryEvent::Refused(NetworkMessage::Command { command, .. }) => {
                    let (part, _) = self.said(command);
                    self.note(part, "refused");
                }
                DeliveryEvent::Refused(NetworkMessage::Event(_)) => {}
                DeliveryEvent::Lost(message) => self.send(message, Arrival::Lost),
                DeliveryEvent::Crashed(event) => {
                    let (part, text) = self.said(event);
                    self.row(part, Who::Process, text, Arrival::Arrived);
                    self.note(Who::Process, "crashes before it sends anything");
                }
                DeliveryEvent::Restarted => self.note(Who::Process, "starts again"),
                DeliveryEvent::ReadAgain(event) => {
                    let text = format!("reads again: {}", self.said(event).1);
                    self.note(Who::Process, text);
                }
                DeliveryEvent::IssuedAgain(message) => {
                    let text = format!("issues again: {}", self.text_of(message));
                    self.note(Who::Process, text);
                }
                DeliveryEvent::TimePassed(now) => self.note(Who::Process, format!("it is {now}")),
            }
        }
    }

    fn text_of<E: Message, C: Message>(&self, message: &NetworkMessage<E, C>) -> String {
        match message {
            NetworkMessage::Event(event) => self.said(event).1,
            NetworkMessage::Command { command, .. } => self.said(command).1,
        }
    }

    /// The chart, with its participants in the order in which they come up.
    fn chart(self) -> SequenceChart {
        let mut parts: Vec<Who> = Vec::new();
        let all = self.rows.iter().flat_map(|row| match row {
            Row::Message(from, to, ..) => vec![from, to],
            Row::Note(at, _) => vec![at],
        });
        for who in all.filter(|who| matches!(who, Who::Part(_))) {
            if !parts.contains(who) {
                parts.push(who.clone());
            }
        }
        let everybody: Vec<Who> = [vec![Who::Outside], parts, vec![Who::Process]].concat();
        let place = |who: &Who| everybody.iter().position(|other| other == who).unwrap_or_default();
        let rows = self.rows.iter().map(|row| match row {
            Row::Message(from, to, text, arrival) => {
                ChartRow::Message { from: place(from), to: place(to), text: text.clone(), arrival: *arrival }
            }
            Row::Note(at, text) => ChartRow::Note { at: place(at), text: text.clone() },
        });
        SequenceChart {
            participants: everybody.iter().map(|who| who.name().to_string()).collect(),
            rows: rows.collect(),
        }
    }
}

impl SequenceChart {
    /// The chart in Mermaid, which Markdown pages draw: a lost message is an arrow that ends in a cross.
    pub fn to_mermaid(&self) -> String {
        let mut page = "sequenceDiagram\n".to_string();
        for (place, name) in self.participants.iter().enumerate() {
            let _ = writeln!(page, "    participant p{place} as {}", mermaid(name));
        }
        for row in &self.rows {
            let _ = match row {
                ChartRow::Message { from, to, text, arrival } => {
                    let arrow = match arrival {
                        Arrival::Arrived | Arrival::Again => "->>",
                        Arrival::Lost => "-x",
                        Arrival::Answer => "-->>",
                    };
                    writeln!(page, "    p{from} {arrow} p{to}: {}", mermaid(&arrival.with(text)))
                }
                ChartRow::Note { at, text } => writeln!(page, "    Note over p{at}: {}", mermaid(text)),
            };
        }
        page
    }

    /// The column of each participant's line.
    fn columns(&self) -> Vec<usize> {
        let half = |at: usize| width(&self.participants[at]).div_ceil(2);
        let mut columns: Vec<usize> = Vec::new();
        for at in 0..self.participants.len() {
            let Some(&before) = columns.last() else {
                columns.push(width(&self.participants[at]) / 2);
                continue;
            };
            let needed = self.rows.iter().map(|row| match row {
                ChartRow::Message { from, to, text, arrival }
                    if from.min(to) + 1 == at && *from.max(to) == at =>
                {
                    width(&arrival.with(text)).min(MAX_TEXT) + 3
                }
                ChartRow::Note { at: place, text } if place + 1 == at => width(text).min(MAX_TEXT) + 5,
                _ => 0,
            });
            let names = half(at - 1) + half(at) + 2;
            columns.push(before + needed.max().unwrap_or(0).max(names));
        }
        columns
    }
}

impl Arrival {
    fn with(self, text: &str) -> String {
        match self {
            Arrival::Arrived | Arrival::Answer => text.to_string(),
            Arrival::Again => format!("{text} (again)"),
            Arrival::Lost => format!("{text} (lost)"),
        }
    }
}

/// A line of the chart: the participants' lines, and texts over them.
fn over(columns: &[usize], texts: &[(usize, &str)]) -> String {
    let mut line = String::new();
    let mut put = |at: usize, text: &str| {
        let room = at.saturating_sub(width(&line));
        line.push_str(&" ".repeat(room));
        line.push_str(text);
    };
    let covered = |column: usize| texts.iter().any(|(at, text)| (*at..*at + width(text)).contains(&column));
    let bars = columns.iter().filter(|column| !covered(**column)).map(|column| (*column, "│"));
    let mut all: Vec<(usize, &str)> = bars.chain(texts.iter().copied()).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().for_each(|(at, text)| put(at, text));
    line
}

impl Display for SequenceChart {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let columns = self.columns();
        let names: Vec<(usize, &str)> = columns
            .iter()
            .zip(&self.participants)
            .map(|(column, name)| (column.saturating_sub(width(name) / 2), &**name))
            .collect();
        writeln!(f, "{}", over(&[], &names))?;
        writeln!(f, "{}", over(&columns, &[]))?;
        for row in &self.rows {
            match row {
                ChartRow::Note { at, text } => {
                    for (index, text) in fitted(text, MAX_TEXT).iter().enumerate() {
                        let text = format!("{} {}", if index == 0 { '·' } else { ' ' }, text.trim());
                        writeln!(f, "{}", over(&columns, &[(columns[*at] + 2, &text)]))?;
                    }
                }
                ChartRow::Message { from, to, text, arrival } => {
                    let (left, right) = (columns[*from.min(to)], columns[*from.max(to)]);
                    for text in fitted(&arrival.with(text), MAX_TEXT) {
                        writeln!(f, "{}", over(&columns, &[(left + 2, text.trim())]))?;
                    }
                    let dash = if *arrival == Arrival::Answer { "╌" } else { "─" };
                    let line = dash.repeat((right - left).saturating_sub(2));
                    let stub = dash.repeat((right - left).saturating_sub(4));
                    let (at, arrow) = match (from < to, arrival) {
                        (true, Arrival::Lost) => (left, format!("├{stub}╳")),
                        (true, _) => (left, format!("├{line}▶")),
                        (false, Arrival::Lost) => (left + 3, format!("╳{stub}┤")),
                        (false, _) => (left + 1, format!("◀{line}┤")),
                    };
                    writeln!(f, "{}", over(&columns, &[(at, &arrow)]))?;
                }
            }
        }
        writeln!(f, "{}", over(&columns, &[]))
    }
}
