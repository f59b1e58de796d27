//! Folding a history, beside the loop that somebody would write by hand.
// The function that `criterion_group!` writes has no words of its own.
#![allow(missing_docs)]

// Its commands are decided in the other benchmark.
#[allow(dead_code)]
mod account;
mod interleaved;

use account::{Account, Dice, Event, State};
use criterion::{BatchSize, Criterion, Throughput, criterion_group};
use im::{OrdMap, Vector};
use leftfold::{Decider, Fold, Keyed, keyed, view};
use std::hint::black_box;

const EVENTS: usize = 1_000_000;
const KEYED_EVENTS: usize = 200_000;
const KEYS: u64 = 1_000;

type Accounts = OrdMap<u32, State>;

/// A scalar state: deposits and withdrawals in turn, never overdrawn.
fn history() -> Vec<Event> {
    let mut dice = Dice(7);
    let mut balance = 0;
    let mut next = || {
        let amount = dice.below(100);
        if dice.below(2) == 0 && amount <= balance {
            balance -= amount;
            Event::Withdrawn { amount }
        } else {
            balance += amount;
            Event::Deposited { amount }
        }
    };
    (0..EVENTS).map(|_| next()).collect()
}

fn keyed_history() -> Vec<Keyed<u32, Event>> {
    let mut dice = Dice(11);
    let mut next = || {
        let key = dice.below(KEYS) as u32;
        keyed(key, Event::Deposited { amount: dice.below(100) })
    };
    (0..KEYED_EVENTS).map(|_| next()).collect()
}

fn balance() -> impl Fold<State = u64, Event = Event> {
    view(
        || 0,
        |balance: u64, event: &Event| match event {
            Event::Deposited { amount } => balance + amount,
            Event::Withdrawn { amount } => balance - amount,
        },
    )
}

fn balance_by_hand(history: &[Event]) -> u64 {
    let mut balance = 0;
    for event in history {
        match event {
            Event::Deposited { amount } => balance += amount,
            Event::Withdrawn { amount } => balance -= amount,
        }
    }
    balance
}

fn accounts_by_hand(history: &[Keyed<u32, Event>]) -> Accounts {
    let mut accounts = OrdMap::new();
    for Keyed { key, message } in history {
        match accounts.get_mut(key) {
            Some(account) => State::apply(account, message),
            None => {
                let mut account = State::default();
                account.apply(message);
                accounts.insert(*key, account);
            }
        }
    }
    accounts
}

fn many(history: &[Keyed<u32, Event>]) -> Accounts {
    Account.many().fold(history)
}

fn keyed_view(history: &[Keyed<u32, Event>]) -> Accounts {
    let each =
        view(State::default, |state: State, event: &Keyed<u32, Event>| Account.evolve(state, &event.message));
    each.keyed(|event: &Keyed<u32, Event>| Some(&event.key)).fold(history)
}

/// A state that owns something: all amounts that were moved.
#[derive(Clone, Debug, Default, PartialEq)]
struct Statement {
    owner: String,
    amounts: Vector<u64>,
}

fn statements(history: &[Keyed<u32, Event>]) -> OrdMap<u32, Statement> {
    let each = view(Statement::default, |mut statement: Statement, event: &Keyed<u32, Event>| {
        let (Event::Deposited { amount } | Event::Withdrawn { amount }) = &event.message;
        statement.amounts.push_back(*amount);
        statement
    });
    each.keyed(|event: &Keyed<u32, Event>| Some(&event.key)).fold(history)
}

fn statements_by_hand(history: &[Keyed<u32, Event>]) -> OrdMap<u32, Statement> {
    let mut statements: OrdMap<u32, Statement> = OrdMap::new();
    for Keyed { key, message } in history {
        let (Event::Deposited { amount } | Event::Withdrawn { amount }) = message;
        match statements.get_mut(key) {
            Some(statement) => statement.amounts.push_back(*amount),
            None => {
                let mut statement = Statement::default();
                statement.amounts.push_back(*amount);
                statements.insert(*key, statement);
            }
        }
    }
    statements
}

fn account_by_hand(history: &[Event]) -> State {
    let mut account = State::default();
    for event in history {
        account.apply(event);
    }
    account
}

fn scalar_state(criterion: &mut Criterion) {
    let history = history();
    let mut group = criterion.benchmark_group("a scalar state");
    group.throughput(Throughput::Elements(EVENTS as u64));
    group.bench_function("leftfold", |bencher| {
        bencher.iter(|| balance().fold(black_box(&history)));
    });
    group.bench_function("by hand", |bencher| {
        bencher.iter(|| balance_by_hand(black_box(&history)));
    });
    group.finish();
}

fn map_state(criterion: &mut Criterion) {
    let history = keyed_history();
    let mut group = criterion.benchmark_group("a map state of 1,000 keys");
    group.throughput(Throughput::Elements(KEYED_EVENTS as u64));
    for (name, fold) in [
        ("many", many as fn(&[Keyed<u32, Event>]) -> Accounts),
        ("keyed view", keyed_view),
        ("by hand", accounts_by_hand),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(|| (), |()| fold(black_box(&history)), BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, scalar_state, map_state);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();

    let (history, keyed_history) = (history(), keyed_history());
    assert_eq!(balance().fold(&history), balance_by_hand(&history));
    assert_eq!(many(&keyed_history), accounts_by_hand(&keyed_history));
    assert_eq!(keyed_view(&keyed_history), accounts_by_hand(&keyed_history));
    assert_eq!(Account.fold(&history), account_by_hand(&history));
    assert_eq!(statements(&keyed_history), statements_by_hand(&keyed_history));
    if !interleaved::measuring() {
        return;
    }
    interleaved::head();
    interleaved::compare(
        "a scalar state, 1,000,000 events",
        EVENTS,
        Some(1.1),
        || balance().fold(black_box(&history)),
        || balance_by_hand(black_box(&history)),
    );
    interleaved::compare(
        "a state of two fields, 1,000,000 events",
        EVENTS,
        Some(1.1),
        || Account.fold(black_box(&history)),
        || account_by_hand(black_box(&history)),
    );
    interleaved::compare(
        "a map state of 1,000 keys, many",
        KEYED_EVENTS,
        Some(1.5),
        || many(black_box(&keyed_history)),
        || accounts_by_hand(black_box(&keyed_history)),
    );
    interleaved::compare(
        "a map state of 1,000 keys, keyed view",
        KEYED_EVENTS,
        Some(1.5),
        || keyed_view(black_box(&keyed_history)),
        || accounts_by_hand(black_box(&keyed_history)),
    );
    interleaved::compare(
        "a map state of 1,000 keys, each with a list of its own",
        KEYED_EVENTS,
        Some(1.5),
        || statements(black_box(&keyed_history)),
        || statements_by_hand(black_box(&keyed_history)),
    );
}
