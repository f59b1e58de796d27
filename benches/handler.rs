//! What a command costs through the handler, beside the bare decision with its events folded and pushed.
// The function that `criterion_group!` writes has no words of its own.
#![allow(missing_docs)]

#[path = "handler/accounts.rs"]
mod accounts;
#[allow(dead_code)]
mod interleaved;
#[path = "handler/spans.rs"]
mod spans;

use accounts::{Account, Command, Event};
use criterion::{BatchSize, Criterion, Throughput, criterion_group};
use leftfold::recorded::{StreamName, Version};
use leftfold::runtime::{CommandHandler, HandleError};
use leftfold::store::{Batch, EventStore, Memory};
use leftfold::{Decider, Fold};
use std::collections::HashMap;
use std::hint::black_box;

const COMMANDS: usize = 100_000;
const STREAMS: u64 = 1_000;

type Handler = CommandHandler<Account, Memory<Event>>;
type Bare = HashMap<StreamName, (u64, Vec<Event>)>;

/// A handler whose streams are all remembered, and bare streams with the same events.
fn prepared() -> (Handler, Bare) {
    let handler =
        CommandHandler::per_identity(Account, Memory::new(), |command: &Command| Ok(command.account.clone()));
    let mut bare = Bare::new();
    let first = accounts::commands(3_000, STREAMS, 0);
    handled(&handler, &first);
    decided(&mut bare, &first);
    (handler, bare)
}

/// How many commands were refused.
fn handled(handler: &Handler, commands: &[Command]) -> u32 {
    let mut refused = 0;
    for command in commands {
        match handler.handle(command.clone()) {
            Ok(handled) => drop(black_box(handled)),
            Err(HandleError::Rejected(_)) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    refused
}

/// By hand: the stream is found by its name, the command decided on its state, the events folded and pushed.
fn decided(streams: &mut Bare, commands: &[Command]) -> u32 {
    let mut refused = 0;
    for command in commands {
        let command = command.clone();
        if !streams.contains_key(&command.account) {
            streams.insert(command.account.clone(), (0, Vec::new()));
        }
        let Some((state, events)) = streams.get_mut(&command.account) else { continue };
        match Account.decide(&command, state) {
            Ok(decided) => {
                for event in decided {
                    *state = Account.evolve(*state, &event);
                    events.push(event);
                }
            }
            Err(_) => refused += 1,
        }
    }
    refused
}

/// The version that each stream has in [`prepared`].
fn versions() -> HashMap<StreamName, u64> {
    let (_, bare) = prepared();
    bare.into_iter().map(|(stream, (_, events))| (stream, events.len() as u64)).collect()
}

/// The events of these commands, appended with the versions that are known: what a handler cannot do without.
fn appended(handler: &Handler, versions: &mut HashMap<StreamName, u64>, commands: &[Command]) -> u64 {
    for command in commands {
        let command = command.clone();
        let version = versions.entry(command.account.clone()).or_default();
        let event = Event::Deposited { amount: 1, reason: command.reason };
        let batch = Batch::to(&command.account).expecting(Version::new(*version)).event(event);
        *version += 1;
        if let Err(error) = handler.store().append(batch) {
            panic!("{error}");
        }
    }
    commands.len() as u64
}

fn handling(criterion: &mut Criterion) {
    let commands = accounts::commands(COMMANDS, STREAMS, 0);
    let mut group = criterion.benchmark_group("handle commands for 1,000 streams");
    group.sample_size(10).throughput(Throughput::Elements(COMMANDS as u64));
    group.bench_function("handler on the memory store", |bencher| {
        bencher.iter_batched(prepared, |(handler, _)| handled(&handler, &commands), BatchSize::PerIteration);
    });
    group.bench_function("decide, evolve, push", |bencher| {
        bencher.iter_batched(
            prepared,
            |(_, mut bare)| decided(&mut bare, &commands),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, handling);

fn main() {
    if interleaved::measuring() {
        benches();
        Criterion::default().configure_from_args().final_summary();
    }
    let (handler, mut bare) = prepared();
    let some = accounts::commands(5_000, STREAMS, 20);
    assert_eq!(handled(&handler, &some), decided(&mut bare, &some));
    let rounds = if interleaved::measuring() { 21 } else { 1 };

    println!("\nfor each command, medians of interleaved runs; the middle half of the ratios in parentheses");
    for (reason, bar) in [(0, Some(4.0)), (100, None)] {
        let commands = accounts::commands(if rounds > 1 { COMMANDS } else { 1_000 }, STREAMS, reason);
        let measured = interleaved::prepared_in_turn(
            rounds,
            prepared,
            // What was made is dropped outside of the time.
            |handler| (handled(&handler, &commands), handler),
            |mut bare| (decided(&mut bare, &commands), bare),
        );
        let what = format!("1,000 streams, events with a text of {reason} bytes");
        tell(&what, commands.len(), commands.len(), &measured, "decide, evolve, push", bar);
    }

    let commands = accounts::commands(if rounds > 1 { COMMANDS } else { 1_000 }, STREAMS, 0);
    let measured = interleaved::prepared_in_turn(
        rounds,
        || (prepared().0, (prepared().0, versions())),
        |handler| (handled(&handler, &commands), handler),
        |(handler, mut versions)| (appended(&handler, &mut versions, &commands), handler),
    );
    tell("the same", commands.len(), commands.len(), &measured, "its appends alone", None);

    let (many, few) = if rounds > 1 { (100_000, 1_000) } else { (2_000, 100) };
    let (all, some) = (accounts::commands(many, 1, 0), accounts::commands(few, 1, 0));
    let empty = || {
        let stream = |command: &Command| Ok(command.account.clone());
        CommandHandler::per_identity(Account, Memory::new(), stream)
    };
    let measured = interleaved::prepared_in_turn(
        rounds,
        || (empty(), (0..many / few).map(|_| empty()).collect::<Vec<_>>()),
        |handler| (handled(&handler, &all), handler),
        |handlers| (handlers.iter().map(|handler| handled(handler, &some)).sum::<u32>(), handlers),
    );
    let what = format!("{many} commands on one stream");
    tell(&what, many, many, &measured, &format!("{few} on one stream, so often"), Some(1.3));
    tell_spans(rounds);
}

/// One line: how long the spans of a command take while nobody subscribes.
fn tell_spans(rounds: usize) {
    let stream = accounts::commands(1, 1, 0)[0].account.clone();
    let spans = || spans::spans_of(COMMANDS, &stream);
    let measured = interleaved::in_turn(rounds, spans, || ());
    let nanoseconds = measured.one * 1e9 / COMMANDS as f64;
    let held = if nanoseconds <= spans::BAR { "held" } else { "MISSED" };
    println!("{:<50} {nanoseconds:>8.1} ns   bar {:.0} ns, {held}", "five spans, no subscriber", spans::BAR);
}

/// One line: how long each takes for a command, and their ratio beside its bar.
fn tell(
    what: &str,
    commands: usize,
    of_other: usize,
    measured: &interleaved::Measured,
    other: &str,
    bar: Option<f64>,
) {
    let nanoseconds = |seconds: f64, of: usize| seconds * 1e9 / of as f64;
    let (low, high) = measured.middle_half;
    println!(
        "{what:<50} {:>8.1} ns   {other:<30} {:>8.1} ns {:>6.2}x ({low:.2}-{high:.2})   {}",
        nanoseconds(measured.one, commands),
        nanoseconds(measured.other, of_other),
        measured.ratio,
        match bar {
            Some(bar) if measured.ratio <= bar => format!("bar {bar:.1}x, held"),
            Some(bar) => format!("bar {bar:.1}x, MISSED"),
            None => String::new(),
        }
    );
}
