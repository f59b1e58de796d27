//! Deciding and folding for 1,000 identities, beside the loop that somebody would write by hand.
// The function that `criterion_group!` writes has no words of its own.
#![allow(missing_docs)]

mod account;
mod interleaved;

use account::{Account, Command, Dice, Event, InsufficientFunds, State};
use criterion::{BatchSize, Criterion, Throughput, criterion_group};
use im::OrdMap;
use leftfold::{Decider, Fold, Keyed, keyed};
use std::hint::black_box;

const COMMANDS: usize = 200_000;
const KEYS: u64 = 1_000;

type Accounts = OrdMap<u32, State>;

/// Where the commands have led, and how many were refused.
type Answer = (Accounts, u32);

fn commands() -> Vec<Keyed<u32, Command>> {
    let mut dice = Dice(13);
    let mut next = || {
        let (key, amount) = (dice.below(KEYS) as u32, dice.below(100));
        let command = match dice.below(2) {
            0 => Command::Deposit { amount },
            _ => Command::Withdraw { amount },
        };
        keyed(key, command)
    };
    (0..COMMANDS).map(|_| next()).collect()
}

fn many(commands: &[Keyed<u32, Command>]) -> Answer {
    let accounts = Account.many::<u32>();
    let (mut state, mut refused) = (accounts.initial_state(), 0);
    for command in commands {
        match accounts.decide(command, &state) {
            Ok(events) => state = accounts.fold_from(state, &events),
            Err(InsufficientFunds { .. }) => refused += 1,
        }
    }
    (state, refused)
}

fn many_at_once(commands: &[Keyed<u32, Command>]) -> Answer {
    let accounts = Account.many::<u32>();
    let (mut state, mut refused) = (accounts.initial_state(), 0);
    for command in commands {
        let (after, outcome) = accounts.handle(state, command);
        state = after;
        if let Err(InsufficientFunds { .. }) = outcome {
            refused += 1;
        }
    }
    (state, refused)
}

/// By hand, with the two halves that event sourcing has: a decision on the state, and its events applied to the state.
fn by_hand(commands: &[Keyed<u32, Command>]) -> Answer {
    fn decide(accounts: &Accounts, key: u32, command: &Command) -> Result<Vec<Event>, InsufficientFunds> {
        match accounts.get(&key) {
            Some(account) => account.decide(command),
            None => State::default().decide(command),
        }
    }
    fn apply(accounts: &mut Accounts, key: u32, event: &Event) {
        match accounts.get_mut(&key) {
            Some(account) => account.apply(event),
            None => {
                let mut account = State::default();
                account.apply(event);
                accounts.insert(key, account);
            }
        }
    }
    let (mut accounts, mut refused) = (OrdMap::new(), 0);
    for Keyed { key, message } in commands {
        match decide(&accounts, *key, message) {
            Ok(events) => {
                for event in &events {
                    apply(&mut accounts, *key, event);
                }
            }
            Err(InsufficientFunds { .. }) => refused += 1,
        }
    }
    (accounts, refused)
}

/// By hand with the two halves in one: the account is searched once, and changed where it stands.
fn by_hand_at_once(commands: &[Keyed<u32, Command>]) -> Answer {
    let (mut accounts, mut refused) = (OrdMap::new(), 0);
    for Keyed { key, message } in commands {
        if let Some(account) = accounts.get_mut(key) {
            match State::decide(account, message) {
                Ok(events) => events.iter().for_each(|event| account.apply(event)),
                Err(InsufficientFunds { .. }) => refused += 1,
            }
            continue;
        }
        let mut account = State::default();
        match account.decide(message) {
            Ok(events) => {
                events.iter().for_each(|event| account.apply(event));
                accounts.insert(*key, account);
            }
            Err(InsufficientFunds { .. }) => refused += 1,
        }
    }
    (accounts, refused)
}

fn identities(criterion: &mut Criterion) {
    let commands = commands();
    let mut group = criterion.benchmark_group("decide and evolve for 1,000 identities");
    group.throughput(Throughput::Elements(COMMANDS as u64));
    for (name, run) in [
        ("many", many as fn(&[Keyed<u32, Command>]) -> Answer),
        ("many, at once", many_at_once),
        ("by hand", by_hand),
        ("by hand, at once", by_hand_at_once),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(|| (), |()| run(black_box(&commands)), BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, identities);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();

    let commands = commands();
    assert_eq!(many(&commands), by_hand(&commands));
    assert_eq!(many_at_once(&commands), by_hand(&commands));
    assert_eq!(many(&commands), by_hand_at_once(&commands));
    if !interleaved::measuring() {
        return;
    }
    interleaved::head();
    interleaved::compare(
        "1,000 identities: decide, then evolve",
        COMMANDS,
        Some(1.4),
        || many(black_box(&commands)),
        || by_hand(black_box(&commands)),
    );
    interleaved::compare(
        "1,000 identities: handle, both at once",
        COMMANDS,
        Some(1.4),
        || many_at_once(black_box(&commands)),
        || by_hand_at_once(black_box(&commands)),
    );
    interleaved::compare(
        "1,000 identities: decide, then evolve; by hand at once",
        COMMANDS,
        None,
        || many(black_box(&commands)),
        || by_hand_at_once(black_box(&commands)),
    );
}
