//! The read model: who has which account, and what is in it.

use crate::account::Event;
use leftfold::im::OrdMap;
use leftfold::{Fold, Keyed};
use serde::{Deserialize, Serialize};

/// An account that is open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub owner: String,
    pub balance: u64,
}

/// All open accounts by their ids. The map is persistent: a clone of it costs nothing, and is of one moment.
#[derive(Debug)]
pub struct Balances;

impl Fold for Balances {
    type State = OrdMap<String, Line>;
    type Event = Keyed<String, Event>;

    fn initial_state(&self) -> Self::State {
        OrdMap::new()
    }

    fn evolve(&self, mut lines: Self::State, event: &Self::Event) -> Self::State {
        let line = lines.get_mut(&event.key);
        match (&event.message, line) {
            (Event::Opened { owner }, _) => {
                lines.insert(event.key.clone(), Line { owner: owner.clone(), balance: 0 });
            }
            (Event::Deposited { cents }, Some(line)) => line.balance = line.balance.saturating_add(*cents),
            (Event::Withdrawn { cents }, Some(line)) => line.balance = line.balance.saturating_sub(*cents),
            (Event::Closed, _) => {
                lines.remove(&event.key);
            }
            (Event::Deposited { .. } | Event::Withdrawn { .. }, None) => {}
        }
        lines
    }
}
