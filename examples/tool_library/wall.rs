//! A view of the same events: what hangs on the wall.

use super::model::{Event, MailEvent, MemberId, ToolEvent, ToolId};
use leftfold::{Fold, Keyed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What hangs on the wall: who has which tool, by name, and how often it was lent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub name: String,
    pub with: Option<MemberId>,
    pub lent: u32,
    pub reminded: u32,
}

#[derive(Clone, Copy, Debug)]
pub struct Wall;

impl Wall {
    /// The wall as somebody reads it, a tool after the other.
    pub fn said(wall: &BTreeMap<ToolId, Line>) -> String {
        let said = |line: &Line| {
            let place = line
                .with
                .map_or_else(|| "is on the shelf".to_string(), |member| format!("is with member {member}"));
            format!("{} {place}, lent {}×, reminded of {}×", line.name, line.lent, line.reminded)
        };
        wall.values().map(said).collect::<Vec<_>>().join("; ")
    }
}

impl Fold for Wall {
    type State = BTreeMap<ToolId, Line>;
    type Event = Event;

    fn initial_state(&self) -> Self::State {
        BTreeMap::new()
    }

    fn evolve(&self, mut wall: Self::State, event: &Event) -> Self::State {
        match event {
            Event::Tool(Keyed { key, message }) => {
                let line = wall.entry(*key).or_default();
                match message {
                    ToolEvent::Registered { name } => line.name = name.clone(),
                    ToolEvent::Lent { to, .. } => {
                        line.with = Some(*to);
                        line.lent += 1;
                    }
                    ToolEvent::Returned { .. } => line.with = None,
                }
            }
            Event::Mail(MailEvent::Reminded { loan }) => wall.entry(loan.tool).or_default().reminded += 1,
            Event::Member(_) => {}
        }
        wall
    }
}
