//! Keys and states with texts in them, as most models have them: a copy of a collection copies its texts.

use crate::account::Dice;
use crate::{EVENTS, KEYS, fmodel_view, line};
use fmodel_rust::view::{View, ViewStateComputation};
use leftfold::im::OrdMap;
use leftfold::{Fold, Keyed, keyed, view};
use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;

enum Event {
    Opened { owner: String },
    Deposited { amount: u64 },
}

#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    owner: String,
    balance: u64,
}

impl State {
    fn apply(&mut self, event: &Event) {
        match event {
            Event::Opened { owner } => self.owner = owner.clone(),
            Event::Deposited { amount } => self.balance += amount,
        }
    }
}

fn history() -> Vec<Keyed<String, Event>> {
    let mut dice = Dice(11);
    let account = |key: u64| format!("DE{key:020}");
    // Every key is there from the beginning, so that all events meet a state of 1,000 keys.
    let opened = (0..KEYS).map(|key| keyed(account(key), Event::Opened { owner: format!("owner {key}") }));
    let mut history: Vec<_> = opened.collect();
    history.extend((0..EVENTS - KEYS as usize).map(|_| {
        let key = account(dice.below(KEYS));
        keyed(key, Event::Deposited { amount: dice.below(100) })
    }));
    history
}

pub(crate) fn compare() {
    let history = history();
    let references: Vec<&Keyed<String, Event>> = history.iter().collect();

    let ours = || {
        let each = view(State::default, |mut state: State, event: &Keyed<String, Event>| {
            state.apply(&event.message);
            state
        });
        each.keyed(|event: &Keyed<String, Event>| Some(&event.key)).fold(black_box(&history))
    };
    let persistent = fmodel_view!(OrdMap<String, State>, Event);
    let hash_map = fmodel_view!(HashMap<String, State>, Event);
    let btree_map = fmodel_view!(BTreeMap<String, State>, Event);

    let expected = ours();
    assert_eq!(expected.len() as u64, KEYS);
    assert_eq!(persistent.compute_new_state(None, &references), expected);
    assert!(hash_map.compute_new_state(None, &references).iter().all(|(key, state)| expected[key] == *state));
    assert!(btree_map.compute_new_state(None, &references).iter().eq(expected.iter()));

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
}
