//! Keys and states that are numbers: copying them is as cheap as it can be.

use crate::account::{Account, Dice, Event, State};
use crate::{EVENTS, KEYS, fmodel_view, line};
use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use fmodel_rust::view::{View, ViewStateComputation};
use leftfold::im::OrdMap;
use leftfold::{Decider, Fold, Keyed, keyed};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;

fn history() -> Vec<Keyed<u32, Event>> {
    let mut dice = Dice(11);
    // Every key is there from the beginning, so that all events meet a state of 1,000 keys.
    let first = (0..KEYS as u32).map(|key| keyed(key, Event::Deposited { amount: 1_000_000 }));
    let mut next = || {
        let (key, amount) = (dice.below(KEYS) as u32, dice.below(100));
        match dice.below(2) {
            0 => keyed(key, Event::Deposited { amount }),
            _ => keyed(key, Event::Withdrawn { amount }),
        }
    };
    let mut history: Vec<_> = first.collect();
    history.extend((0..EVENTS - KEYS as usize).map(|_| next()));
    history
}

// -------------------------------------------------------------------------------------------------- cqrs-es

#[derive(Default, Serialize, Deserialize)]
struct Bank(HashMap<u32, (u64, u32)>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Moved {
    key: u32,
    deposited: bool,
    amount: u64,
}

impl DomainEvent for Moved {
    fn event_type(&self) -> String {
        "Moved".into()
    }

    fn event_version(&self) -> String {
        "1".into()
    }
}

impl Aggregate for Bank {
    const TYPE: &'static str = "bank";
    type Command = ();
    type Event = Moved;
    type Error = std::fmt::Error;
    type Services = ();

    async fn handle(&mut self, (): (), (): &(), _: &EventSink<Self>) -> Result<(), std::fmt::Error> {
        Ok(())
    }

    fn apply(&mut self, event: Moved) {
        let (balance, movements) = self.0.entry(event.key).or_default();
        *movements += 1;
        match event.deposited {
            true => *balance += event.amount,
            false => *balance -= event.amount,
        }
    }
}

fn cqrs_es(history: &[Moved]) -> Bank {
    let mut bank = Bank::default();
    for event in history {
        bank.apply(event.clone());
    }
    bank
}

pub(crate) fn compare() {
    let history = history();
    let references: Vec<&Keyed<u32, Event>> = history.iter().collect();
    let moved: Vec<Moved> = history
        .iter()
        .map(|Keyed { key, message }| match message {
            Event::Deposited { amount } => (*key, true, *amount),
            Event::Withdrawn { amount } => (*key, false, *amount),
        })
        .map(|(key, deposited, amount)| Moved { key, deposited, amount })
        .collect();

    let ours = || Account.many::<u32>().fold(black_box(&history));
    let persistent = fmodel_view!(OrdMap<u32, State>, Event);
    let hash_map = fmodel_view!(HashMap<u32, State>, Event);
    let btree_map = fmodel_view!(BTreeMap<u32, State>, Event);

    let expected = ours();
    assert_eq!(expected.len() as u64, KEYS);
    assert_eq!(persistent.compute_new_state(None, &references), expected);
    assert!(hash_map.compute_new_state(None, &references).iter().all(|(key, state)| expected[key] == *state));
    assert!(btree_map.compute_new_state(None, &references).iter().eq(expected.iter()));
    assert!(cqrs_es(&moved).0.iter().all(|(key, (balance, _))| expected[key].balance == *balance));

    line(
        "fmodel-rust 0.9.1 View, the same persistent map (imbl OrdMap)",
        || persistent.compute_new_state(None, black_box(&references)),
        ours,
    );
    line(
        "fmodel-rust 0.9.1 View, std HashMap",
        || hash_map.compute_new_state(None, black_box(&references)),
        ours,
    );
    line(
        "fmodel-rust 0.9.1 View, std BTreeMap",
        || btree_map.compute_new_state(None, black_box(&references)),
        ours,
    );
    line("cqrs-es 0.5.0 Aggregate, std HashMap in place, no versions", || cqrs_es(black_box(&moved)), ours);
}
