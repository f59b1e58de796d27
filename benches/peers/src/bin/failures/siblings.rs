//! 100 come in, and two standing orders of 60 react to it: only one of them can be paid.

use fmodel_rust::Identifier;
use fmodel_rust::aggregate::{
    EventRepository, EventSourcedOrchestratingAggregate, StateRepository, StateStoredOrchestratingAggregate,
};
use fmodel_rust::decider::Decider;
use fmodel_rust::saga::Saga;
use leftfold::{Fold, Owed, WithProcess, decider, process_manager};
use std::sync::Mutex;

#[derive(Clone, Debug, PartialEq)]
enum Command {
    Receive { amount: i64 },
    Pay { bill: &'static str, amount: i64 },
}

#[derive(Clone, Debug, PartialEq)]
enum Event {
    Received { amount: i64 },
    Paid { bill: &'static str, amount: i64 },
}

#[derive(Clone, Debug, PartialEq)]
struct InsufficientFunds {
    balance: i64,
}

/// One account, one stream.
impl Identifier for Command {
    fn identifier(&self) -> String {
        "Petra".into()
    }
}

impl Identifier for Event {
    fn identifier(&self) -> String {
        "Petra".into()
    }
}

fn decide(command: &Command, balance: &i64) -> Result<Vec<Event>, InsufficientFunds> {
    match *command {
        Command::Receive { amount } => Ok(vec![Event::Received { amount }]),
        Command::Pay { amount, .. } if amount > *balance => Err(InsufficientFunds { balance: *balance }),
        Command::Pay { bill, amount } => Ok(vec![Event::Paid { bill, amount }]),
    }
}

fn evolve(balance: &i64, event: &Event) -> i64 {
    match event {
        Event::Received { amount } => balance + amount,
        Event::Paid { amount, .. } => balance - amount,
    }
}

const LOAN: Command = Command::Pay { bill: "loan", amount: 60 };
const RENT: Command = Command::Pay { bill: "rent", amount: 60 };

fn account<'a>() -> Decider<'a, Command, i64, Event, InsufficientFunds> {
    Decider { decide: Box::new(decide), evolve: Box::new(evolve), initial_state: Box::new(|| 0) }
}

fn standing_orders<'a>() -> Saga<'a, Event, Command> {
    Saga {
        react: Box::new(|event| match event {
            Event::Received { .. } => vec![LOAN, RENT],
            Event::Paid { .. } => vec![],
        }),
    }
}

#[derive(Default)]
struct Events(Mutex<Vec<(Event, usize)>>);

impl EventRepository<Command, Event, usize, InsufficientFunds> for Events {
    async fn fetch_events(&self, _: &Command) -> Result<Vec<(Event, usize)>, InsufficientFunds> {
        Ok(self.0.lock().unwrap().clone())
    }

    async fn save(&self, events: &[Event]) -> Result<Vec<(Event, usize)>, InsufficientFunds> {
        let mut log = self.0.lock().unwrap();
        let next = log.len();
        let saved: Vec<_> = events.iter().cloned().zip(next..).collect();
        log.extend(saved.clone());
        Ok(saved)
    }

    async fn version_provider(&self, _: &Event) -> Result<Option<usize>, InsufficientFunds> {
        Ok(self.0.lock().unwrap().last().map(|(_, version)| *version))
    }
}

#[derive(Default)]
struct States(Mutex<Option<(i64, usize)>>);

impl StateRepository<Command, i64, usize, InsufficientFunds> for States {
    async fn fetch_state(&self, _: &Command) -> Result<Option<(i64, usize)>, InsufficientFunds> {
        Ok(*self.0.lock().unwrap())
    }

    async fn save(&self, state: &i64, version: &Option<usize>) -> Result<(i64, usize), InsufficientFunds> {
        let saved = (*state, version.map_or(0, |version| version + 1));
        *self.0.lock().unwrap() = Some(saved);
        Ok(saved)
    }
}

pub fn show() {
    println!(
        "Receive 100; two standing orders react with Pay loan 60 and Pay rent 60; no account is overdrawn"
    );
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let receive = Command::Receive { amount: 100 };

    let event_sourced =
        EventSourcedOrchestratingAggregate::new(Events::default(), account(), standing_orders());
    let saved = runtime.block_on(event_sourced.handle(&receive)).unwrap();
    let events: Vec<Event> = saved.into_iter().map(|(event, _)| event).collect();
    let balance = events.iter().fold(0, |balance, event| evolve(&balance, event));
    println!(
        "\n---- fmodel-rust 0.9.1, EventSourcedOrchestratingAggregate::handle\nsaved {events:?}\nbalance {balance}"
    );
    assert_eq!(balance, -20, "both are decided on the state that only the first event has left");

    let state_stored =
        StateStoredOrchestratingAggregate::new(States::default(), account(), standing_orders());
    let answer = runtime.block_on(state_stored.handle(&receive));
    println!("\n---- fmodel-rust 0.9.1, StateStoredOrchestratingAggregate::handle\n{answer:?}");
    assert_eq!(answer, Err(InsufficientFunds { balance: 40 }), "a refused reaction refuses what caused it");

    let ours = decider(|| 0, decide, |balance: i64, event: &Event| evolve(&balance, event));
    let standing_orders = process_manager(
        Vec::new,
        |owed: Vec<Command>, event: &Event| match event {
            Event::Received { .. } => vec![LOAN, RENT],
            Event::Paid { bill, .. } => owed
                .into_iter()
                .filter(|c| !matches!(c, Command::Pay { bill: of, .. } if of == bill))
                .collect(),
        },
        |owed: &Vec<Command>| owed.iter().map(|c| Owed::now(format!("{c:?}"), c.clone())).collect(),
    );
    let system = ours.with_process(standing_orders);
    let settlement = system.settle(&receive, &system.initial_state()).unwrap();
    let state = system.fold(&settlement.events);
    println!(
        "\n---- leftfold, with_process … settle\nhappened {:?}\nrefused {:?}\nbalance {}, still owed {:?}",
        settlement.events,
        settlement.refused,
        state.decider,
        system.owed(&state)
    );
    assert_eq!((state.decider, settlement.refused.len(), system.owed(&state).len()), (40, 1, 1));
}
