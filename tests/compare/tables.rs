//! Random pairs of small machines, compared with a comparison written from its definition.

use leftfold::check::{ComparedExtent, NamedOutcome, compare};
use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    Push,
    Pull,
    Turn,
}

const COMMANDS: [Command; 3] = [Command::Push, Command::Pull, Command::Turn];

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    Moved { by: u8, on: u8 },
    Stood { by: u8 },
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rejection {
    Stuck { at: u8 },
    Broken,
}

#[derive(Clone, Debug, PartialEq)]
enum Cell {
    Answers(Result<Vec<Event>, Rejection>),
    Panics,
}

/// What each state answers to each command, and where each event leads; `None` panics.
#[derive(Clone, Debug)]
struct Table {
    cells: Vec<[Cell; 3]>,
    leads: Vec<[Option<u8>; 4]>,
}

fn number(event: &Event) -> usize {
    match event {
        Event::Moved { by, .. } => usize::from(*by % 2),
        Event::Stood { by } => 2 + usize::from(*by % 2),
    }
}

impl Fold for Table {
    type State = u8;
    type Event = Event;
    fn initial_state(&self) -> u8 {
        0
    }
    fn evolve(&self, state: u8, event: &Event) -> u8 {
        self.leads[usize::from(state)][number(event)].expect("it leads somewhere")
    }
}

impl Decider for Table {
    type Command = Command;
    type Rejection = Rejection;
    fn decide(&self, command: &Command, state: &u8) -> Result<Vec<Event>, Rejection> {
        match &self.cells[usize::from(*state)][*command as usize] {
            Cell::Answers(answer) => answer.clone(),
            Cell::Panics => panic!("it cannot be decided"),
        }
    }
}

/// A generator of numbers that are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most) as u8
    }

    fn cell(&mut self, panics: bool) -> Cell {
        let event = |numbers: &mut Numbers| match numbers.below(3) {
            0 => Event::Stood { by: numbers.below(2) },
            _ => Event::Moved { by: numbers.below(2), on: numbers.below(2) },
        };
        match self.below(12) {
            0 if panics => Cell::Panics,
            0 | 1 => Cell::Answers(Ok(vec![])),
            2 => Cell::Answers(Err(Rejection::Broken)),
            3 | 4 => Cell::Answers(Err(Rejection::Stuck { at: self.below(2) })),
            5 => Cell::Answers(Ok(vec![event(self), event(self)])),
            _ => Cell::Answers(Ok(vec![event(self)])),
        }
    }

    fn lead(&mut self, states: u64, panics: bool) -> Option<u8> {
        if panics && self.below(20) == 0 { None } else { Some(self.below(states)) }
    }

    fn table(&mut self, states: u64, panics: bool) -> Table {
        Table {
            cells: (0..states).map(|_| [0; 3].map(|_| self.cell(panics))).collect(),
            leads: (0..states).map(|_| [0; 4].map(|_| self.lead(states, panics))).collect(),
        }
    }

    /// The same table with some answers and ways changed.
    fn changed(&mut self, table: &Table, panics: bool) -> Table {
        let (mut table, states) = (table.clone(), table.cells.len() as u64);
        for _ in 0..self.below(5) {
            let (state, command) = (usize::from(self.below(states)), usize::from(self.below(3)));
            table.cells[state][command] = self.cell(panics);
        }
        for _ in 0..self.below(2) {
            let (state, event) = (usize::from(self.below(states)), usize::from(self.below(4)));
            table.leads[state][event] = self.lead(states, panics);
        }
        table
    }
}

/// What happens to one side: its answer and its next state, or a panic.
type Happened = Option<(Result<Vec<Event>, Rejection>, u8)>;

fn happened(table: &Table, state: u8, command: Command) -> Happened {
    match &table.cells[usize::from(state)][command as usize] {
        Cell::Panics => None,
        Cell::Answers(Err(rejection)) => Some((Err(*rejection), state)),
        Cell::Answers(Ok(events)) => {
            let leads = |state: u8, event| table.leads[usize::from(state)][number(event)];
            let after = events.iter().try_fold(state, leads)?;
            Some((Ok(events.clone()), after))
        }
    }
}

fn event_name(event: &Event) -> String {
    match event {
        Event::Moved { .. } => "Moved".to_string(),
        Event::Stood { .. } => "Stood".to_string(),
    }
}

fn outcome(happened: &Happened) -> NamedOutcome {
    match happened {
        None => NamedOutcome::Panicked,
        Some((Err(Rejection::Broken), _)) => NamedOutcome::Refused("Broken".to_string()),
        Some((Err(Rejection::Stuck { .. }), _)) => NamedOutcome::Refused("Stuck".to_string()),
        Some((Ok(events), _)) if events.is_empty() => NamedOutcome::Nothing,
        Some((Ok(events), _)) => NamedOutcome::Happened(events.iter().map(event_name).collect()),
    }
}

fn field(was: &Happened, is: &Happened) -> Option<String> {
    match (was, is) {
        (Some((Err(_), _)), _) => Some("Stuck.at".to_string()),
        (Some((Ok(was), _)), Some((Ok(is), _))) => {
            let (was, is) = was.iter().zip(is).find(|(was, is)| was != is)?;
            Some(match (was, is) {
                (Event::Moved { by, .. }, Event::Moved { by: other, .. }) if by != other => {
                    "Moved.by".to_string()
                }
                (Event::Moved { .. }, _) => "Moved.on".to_string(),
                (Event::Stood { .. }, _) => "Stood.by".to_string(),
            })
        }
        _ => None,
    }
}

type Kinds = BTreeMap<(String, NamedOutcome, NamedOutcome, Option<String>), (u64, usize)>;

/// The definition: every pair of states that is reached by equal answers, and what differs there, with the first length.
fn by_definition(old: &Table, new: &Table) -> (Kinds, usize) {
    let (mut kinds, mut seen, mut layer) = (Kinds::new(), vec![(0, 0)], vec![(0, 0)]);
    for length in 1.. {
        let mut next = Vec::new();
        for (one, other) in layer {
            for command in COMMANDS {
                let (was, is) = (happened(old, one, command), happened(new, other, command));
                match (&was, &is) {
                    (None, None) => (),
                    (Some((Err(was), _)), Some((Err(is), _))) if was == is => (),
                    (Some((Ok(was), one)), Some((Ok(is), other))) if was == is => {
                        if !seen.contains(&(*one, *other)) {
                            seen.push((*one, *other));
                            next.push((*one, *other));
                        }
                    }
                    _ => {
                        let (named_was, named_is) = (outcome(&was), outcome(&is));
                        let field = if named_was == named_is { field(&was, &is) } else { None };
                        kinds
                            .entry((format!("{command:?}"), named_was, named_is, field))
                            .or_insert((0, length))
                            .0 += 1;
                    }
                }
            }
        }
        if next.is_empty() {
            break;
        }
        layer = next;
    }
    (kinds, seen.len())
}

#[test]
fn three_hundred_random_pairs_are_compared_as_the_definition_says() {
    let mut numbers = Numbers(0x1eaf_f01d);
    let (mut same, mut kinds_in_all) = (0, 0);
    for i in 0..300 {
        let (states, panics) = (u64::from(2 + numbers.below(12)), i % 3 == 0);
        let old = numbers.table(states, panics);
        let new = if i % 10 == 9 { numbers.table(states, panics) } else { numbers.changed(&old, panics) };
        let found = compare(&old, &new, |_: &u8| COMMANDS).run();
        let (kinds, states) = by_definition(&old, &new);
        assert_eq!(found.extent, ComparedExtent::Whole, "pair {i}: {found}");
        let ours: Kinds = (found.differences.iter())
            .map(|one| {
                assert!(one.proved_shortest);
                let kind = (one.command.clone(), one.old.clone(), one.new.clone(), one.field.clone());
                (kind, (one.times, one.commands.len()))
            })
            .collect();
        assert_eq!((&ours, found.states), (&kinds, states), "pair {i}: {found}");
        assert_eq!(found.is_same(), kinds.is_empty(), "pair {i}: {found}");
        same += usize::from(kinds.is_empty());
        kinds_in_all += kinds.len();
    }
    assert!(same > 20 && kinds_in_all > 300, "{same} are the same, and {kinds_in_all} kinds are found");
}
