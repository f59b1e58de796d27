//! Commands through leftfold's handler beside cqrs-es: `cargo run --release --bin handler [ROUNDS]`.
//!
//! cqrs-es loads and folds the whole stream for every command. Its own memory store copies the stream twice more and prints
//! two lines for each command, so it gets a store here that copies it once, which its interface asks for, and prints
//! nothing.

#[path = "../../../handler/accounts.rs"]
#[allow(dead_code)]
mod accounts;
#[allow(dead_code)]
#[path = "../../../interleaved.rs"]
mod interleaved;

use accounts::{Account, Command, Event, TooLittle, commands};
use cqrs_es::event_sink::EventSink;
use cqrs_es::mem_store::MemStoreAggregateContext;
use cqrs_es::{Aggregate, AggregateError, CqrsFramework, DomainEvent, EventEnvelope, EventStore};
use leftfold::recorded::StreamName;
use leftfold::runtime::{CommandHandler, HandleError};
use leftfold::store::Memory;
use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::RwLock;

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        match self {
            Event::Deposited { .. } => "Deposited".into(),
            Event::Withdrawn { .. } => "Withdrawn".into(),
        }
    }

    fn event_version(&self) -> String {
        "1".into()
    }
}

#[derive(Default, Serialize, Deserialize)]
struct PeerAccount(u64);

impl Aggregate for PeerAccount {
    const TYPE: &'static str = "account";
    type Command = Command;
    type Event = Event;
    type Error = TooLittle;
    type Services = ();

    async fn handle(&mut self, command: Command, (): &(), sink: &EventSink<Self>) -> Result<(), TooLittle> {
        for event in Account.decide(&command, &self.0)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        self.0 = Account.evolve(self.0, &event);
    }
}

/// As little as the interface of cqrs-es allows for.
#[derive(Default)]
struct Quiet(RwLock<HashMap<String, Vec<EventEnvelope<PeerAccount>>>>);

type Failed = AggregateError<TooLittle>;

impl EventStore<PeerAccount> for Quiet {
    type AC = MemStoreAggregateContext<PeerAccount>;

    async fn load_events(&self, id: &str) -> Result<Vec<EventEnvelope<PeerAccount>>, Failed> {
        Ok(self.0.read().expect("no panic").get(id).cloned().unwrap_or_default())
    }

    async fn load_aggregate(&self, id: &str) -> Result<Self::AC, Failed> {
        let mut context = MemStoreAggregateContext {
            aggregate_id: id.to_string(),
            aggregate: PeerAccount::default(),
            current_sequence: 0,
        };
        for envelope in self.load_events(id).await? {
            context.current_sequence = envelope.sequence;
            context.aggregate.apply(envelope.payload);
        }
        Ok(context)
    }

    async fn commit(
        &self,
        events: Vec<Event>,
        context: Self::AC,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<PeerAccount>>, Failed> {
        let mut streams = self.0.write().expect("no panic");
        let stream = streams.entry(context.aggregate_id.clone()).or_default();
        let mut committed = Vec::with_capacity(events.len());
        for (payload, sequence) in events.into_iter().zip(context.current_sequence + 1..) {
            let aggregate_id = context.aggregate_id.clone();
            let envelope = EventEnvelope { aggregate_id, sequence, payload, metadata: metadata.clone() };
            stream.push(envelope.clone());
            committed.push(envelope);
        }
        Ok(committed)
    }
}

fn peer(commands: &[Command]) -> u32 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let bank = CqrsFramework::new(Quiet::default(), vec![], ());
    let mut refused = 0;
    runtime.block_on(async {
        for command in commands {
            match bank.execute(command.account.as_str(), command.clone()).await {
                Ok(()) => {}
                Err(AggregateError::UserError(_)) => refused += 1,
                Err(error) => panic!("{error}"),
            }
        }
    });
    refused
}

fn ours(commands: &[Command]) -> u32 {
    let stream = |command: &Command| Ok::<StreamName, _>(command.account.clone());
    let bank = CommandHandler::per_identity(Account, Memory::new(), stream);
    let mut refused = 0;
    for command in commands {
        match bank.handle(command.clone()) {
            Ok(_) => {}
            Err(HandleError::Rejected(_)) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    refused
}

fn main() {
    let rounds: usize = std::env::args().nth(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    println!("for each command; medians of {rounds} interleaved runs, the middle half of the ratios\n");
    println!("{:<44} {:>12} {:>12} {:>9}", "commands", "cqrs-es", "leftfold", "ratio");
    for (streams, each, bar) in [(1_000, 100, Some(10.0)), (1_000, 1_000, Some(10.0)), (1, 1_000, Some(10.0)), (1, 10_000, None)] {
        let commands = commands(streams as usize * each, streams, 20);
        assert_eq!(peer(&commands[..500]), ours(&commands[..500]));
        let rounds = if commands.len() * each > 100_000_000 { 1 } else { rounds };
        let measured = interleaved::in_turn(rounds, || peer(&commands), || ours(&commands));
        let nanoseconds = |seconds: f64| seconds * 1e9 / commands.len() as f64;
        println!(
            "{:<44} {:>9.0} ns {:>9.0} ns {:>8.1}x ({:.1}-{:.1})  {}",
            format!("{each} for each of {streams} streams"),
            nanoseconds(measured.one),
            nanoseconds(measured.other),
            measured.ratio,
            measured.middle_half.0,
            measured.middle_half.1,
            match bar {
                Some(bar) if measured.ratio >= bar => format!("at least {bar}x: held"),
                Some(bar) => format!("at least {bar}x: MISSED"),
                None => String::new(),
            }
        );
    }
}
