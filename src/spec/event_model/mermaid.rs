//! An event model in Mermaid, which Markdown pages draw.

use super::{EventModel, Slice, SliceKind};
use crate::page::markup::mermaid;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The colours of notes, which are read on light and on dark pages.
const CLASSES: &str = "    classDef command fill:#cfe0ff,stroke:#41609c,color:#14233f
    classDef event fill:#ffd9a8,stroke:#b0661a,color:#3d2306
    classDef view fill:#cdeccd,stroke:#3c7a3c,color:#12300f
    classDef process fill:#e3d5f7,stroke:#6b4aa0,color:#2a1748
    classDef question fill:#ffd0d0,stroke:#a93a3a,color:#4a0d0d
";

impl EventModel {
    /// The event model as a flow chart in Mermaid: a frame for each slice, in the order of time, and an arrow from each event to the views and
    /// process managers that see it.
    pub fn to_mermaid(&self) -> String {
        let mut page = "flowchart LR\n".to_string();
        page.push_str(CLASSES);
        // Each event is drawn where it happens first.
        let mut events: BTreeMap<&str, String> = BTreeMap::new();
        let mut arrows = String::new();
        for (number, slice) in self.slices.iter().enumerate() {
            let _ = writeln!(page, "    subgraph s{number} [\"{}\"]", label(&slice.name));
            slice.draw(number, &mut page, &mut events, &mut arrows);
            for (at, question) in slice.questions.iter().enumerate() {
                let text = label(&question.scenario);
                let _ = writeln!(page, "        s{number}q{at}([\"{text}\"]):::question");
            }
            page.push_str("    end\n");
        }
        for (at, question) in self.questions.iter().enumerate() {
            let _ = writeln!(page, "    q{at}([\"{}\"]):::question", label(question));
        }
        // What is not seen keeps the frames in their order.
        for number in 1..self.slices.len() {
            let _ = writeln!(arrows, "    s{} ~~~ s{number}", number - 1);
        }
        page + &arrows
    }
}

/// A text of a node, which is never empty.
fn label(text: &str) -> String {
    let text = mermaid(text);
    if text.trim().is_empty() { "…".to_string() } else { text }
}

impl Slice {
    fn draw<'s>(
        &'s self,
        number: usize,
        page: &mut String,
        events: &mut BTreeMap<&'s str, String>,
        arrows: &mut String,
    ) {
        let mut node = |id: &str, text: &str, class: &str| {
            let _ = writeln!(page, "        {id}[\"{}\"]:::{class}", label(text));
        };
        let commands: Vec<String> = (0..self.commands.len()).map(|at| format!("s{number}c{at}")).collect();
        for (id, command) in commands.iter().zip(&self.commands) {
            node(id, &command.title, "command");
        }
        let part = format!("s{number}p");
        match self.kind {
            SliceKind::Command => {}
            SliceKind::View => node(&part, &self.name, "view"),
            SliceKind::Automation => node(&part, self.part.as_deref().unwrap_or(&self.name), "process"),
        }
        let mut ids = Vec::new();
        for (at, event) in self.events.iter().enumerate() {
            let id = events.entry(&event.name).or_insert_with(|| {
                let id = format!("s{number}e{at}");
                node(&id, &event.title, "event");
                id
            });
            ids.push(id.clone());
        }
        let mut arrow = |from: &str, to: &str| {
            let _ = writeln!(arrows, "    {from} --> {to}");
        };
        match self.kind {
            SliceKind::Command => {
                let pairs = commands.iter().flat_map(|from| ids.iter().map(move |to| (from, to)));
                pairs.for_each(|(from, to)| arrow(from, to));
                if self.events.is_empty() && self.commands.is_empty() {
                    node(&part, &self.name, "view");
                }
            }
            SliceKind::View | SliceKind::Automation => {
                ids.iter().for_each(|from| arrow(from, &part));
                commands.iter().for_each(|to| arrow(&part, to));
            }
        }
        if !self.rejections.is_empty() {
            let titles: Vec<&str> = self.rejections.iter().map(|rejection| &*rejection.title).collect();
            let id = format!("s{number}r");
            let _ = writeln!(page, "        {id}[/\"{}\"/]:::question", label(&titles.join(", ")));
            for from in &commands {
                let _ = writeln!(arrows, "    {from} -. refused .-> {id}");
            }
        }
    }
}
