//! Small models with rules of their own, and random lives of them.

use im::OrdSet;
use leftfold::recorded::Timestamp;
use leftfold::{Decider, Fold, Keyed, Owed, ProcessManager, decider, keyed, sum};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Command {
    Open,
    Deposit(u8),
    Withdraw(u8),
    Close,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Opened,
    Deposited(u8),
    Withdrawn(u8),
    BonusPaid(u8),
    Closed,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rejection {
    AlreadyOpened,
    NotOpen,
    InsufficientFunds { balance: u32 },
    BalanceLeft(u32),
    TooManyWithdrawals,
}

/// An account that is opened once, never overdrawn, and closed for good.
#[derive(Clone, Copy)]
pub(crate) struct Account;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    Unopened,
    Open { balance: u32 },
    Closed,
}

impl Fold for Account {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State::Unopened
    }

    fn evolve(&self, state: State, event: &Event) -> State {
        match (state, event) {
            (State::Unopened, Event::Opened) => State::Open { balance: 0 },
            (State::Open { balance }, Event::Deposited(amount) | Event::BonusPaid(amount)) => {
                State::Open { balance: balance + u32::from(*amount) }
            }
            (State::Open { balance }, Event::Withdrawn(amount)) => {
                State::Open { balance: balance.saturating_sub(u32::from(*amount)) }
            }
            (State::Open { .. }, Event::Closed) => State::Closed,
            (state, _) => state,
        }
    }
}

impl Decider for Account {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        match (command, state) {
            (Command::Open, State::Unopened) => Ok(vec![Event::Opened]),
            (Command::Open, _) => Err(Rejection::AlreadyOpened),
            (_, State::Unopened | State::Closed) => Err(Rejection::NotOpen),
            (Command::Deposit(amount), _) => Ok(vec![Event::Deposited(*amount)]),
            (Command::Withdraw(amount), State::Open { balance }) if u32::from(*amount) > *balance => {
                Err(Rejection::InsufficientFunds { balance: *balance })
            }
            (Command::Withdraw(amount), _) => Ok(vec![Event::Withdrawn(*amount)]),
            // Small change is paid out: a decision of two events, whose order matters.
            (Command::Close, State::Open { balance }) => match u8::try_from(*balance) {
                Ok(change @ ..10) => Ok(vec![Event::Withdrawn(change), Event::Closed]),
                _ => Err(Rejection::BalanceLeft(*balance)),
            },
        }
    }

    fn is_terminal(&self, state: &State) -> bool {
        *state == State::Closed
    }
}

/// Of the same messages: three withdrawals, and no more. Done when they are used up.
#[derive(Clone, Copy)]
pub(crate) struct Allowance;

impl Fold for Allowance {
    type State = u32;
    type Event = Event;

    fn initial_state(&self) -> u32 {
        3
    }

    fn evolve(&self, left: u32, event: &Event) -> u32 {
        match event {
            Event::Withdrawn(_) => left.saturating_sub(1),
            _ => left,
        }
    }
}

impl Decider for Allowance {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, left: &u32) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Withdraw(_) if *left == 0 => Err(Rejection::TooManyWithdrawals),
            _ => Ok(vec![]),
        }
    }

    fn is_terminal(&self, left: &u32) -> bool {
        *left == 0
    }
}

/// Of the same messages: every second deposit earns a bonus.
#[derive(Clone, Copy)]
pub(crate) struct Bonus;

impl Fold for Bonus {
    type State = bool;
    type Event = Event;

    fn initial_state(&self) -> bool {
        false
    }

    fn evolve(&self, next_one: bool, event: &Event) -> bool {
        next_one ^ matches!(event, Event::Deposited(_))
    }
}

impl Decider for Bonus {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, next_one: &bool) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Deposit(amount) if *next_one => Ok(vec![Event::BonusPaid(amount / 10)]),
            _ => Ok(vec![]),
        }
    }
}

/// Every large withdrawal is owed a report, until the account is closed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reports;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report(pub(crate) u8);

impl Fold for Reports {
    type State = OrdSet<u8>;
    type Event = Event;

    fn initial_state(&self) -> OrdSet<u8> {
        OrdSet::new()
    }

    fn evolve(&self, large: OrdSet<u8>, event: &Event) -> OrdSet<u8> {
        match event {
            Event::Withdrawn(amount) if *amount > 20 => large.update(*amount),
            Event::Closed => OrdSet::new(),
            _ => large,
        }
    }
}

impl ProcessManager for Reports {
    type Command = Report;

    fn pending(&self, large: &OrdSet<u8>) -> Vec<Owed<Report>> {
        large.iter().map(|amount| Owed::now(format!("report {amount}"), Report(*amount))).collect()
    }
}

/// Every deposit is owed a receipt until the account is closed: small ones at once, the others from one time to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Receipts;

impl Fold for Receipts {
    type State = OrdSet<u8>;
    type Event = Event;

    fn initial_state(&self) -> OrdSet<u8> {
        OrdSet::new()
    }

    fn evolve(&self, open: OrdSet<u8>, event: &Event) -> OrdSet<u8> {
        match event {
            Event::Deposited(amount) => open.update(*amount),
            Event::Closed => OrdSet::new(),
            _ => open,
        }
    }
}

impl ProcessManager for Receipts {
    type Command = Report;

    fn pending(&self, open: &OrdSet<u8>) -> Vec<Owed<Report>> {
        let second = |second: u8| Timestamp::from_second(second.into()).unwrap();
        let owed = |amount: &u8| match amount {
            0..20 => Owed::now(format!("receipt {amount}"), Report(*amount)),
            20..30 => Owed::at(second(*amount), format!("receipt {amount}"), Report(*amount)),
            _ => Owed::now(format!("receipt {amount}"), Report(*amount)).until(second(*amount)),
        };
        open.iter().map(owed).collect()
    }
}

// A second subject, so that an umbrella has two parts.

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Switch;
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Switched;
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WornOut;

sum! { #[derive(Clone, Debug, PartialEq)] pub(crate) enum HouseCommand { Account(Command), Lamp(Switch) } }
sum! { #[derive(Clone, Debug, PartialEq)] pub(crate) enum HouseEvent { Account(Event), Lamp(Switched) } }
sum! { #[derive(Clone, Debug, PartialEq)] pub(crate) enum HouseRejection { Account(Rejection), Lamp(WornOut) } }

pub(crate) fn lamp() -> impl Decider<Command = Switch, Event = Switched, State = u8, Rejection = WornOut> {
    decider(
        || 4,
        |_: &Switch, left: &u8| {
            if *left == 0 { Err(WornOut) } else { Ok(vec![Switched]) }
        },
        |left: u8, _: &Switched| left.saturating_sub(1),
    )
}

// ------------------------------------------------------------------------------------------ random histories

pub(crate) fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        2 => Just(Command::Open),
        4 => (0..40u8).prop_map(Command::Deposit),
        4 => (0..40u8).prop_map(Command::Withdraw),
        2 => Just(Command::Close),
    ]
}

/// An opened account in most cases, so that the interesting part of the life is reached.
pub(crate) fn commands() -> impl Strategy<Value = Vec<Command>> {
    (prop::bool::weighted(0.9), vec(command(), 0..24)).prop_map(|(opened, mut commands)| {
        if opened {
            commands.insert(0, Command::Open);
        }
        commands
    })
}

/// Any events in any order: a fold is total.
pub(crate) fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => Just(Event::Opened),
        4 => (0..40u8).prop_map(Event::Deposited),
        4 => (0..40u8).prop_map(Event::Withdrawn),
        2 => (0..5u8).prop_map(Event::BonusPaid),
        1 => Just(Event::Closed),
    ]
}

pub(crate) fn history() -> impl Strategy<Value = Vec<Event>> {
    vec(event(), 0..24)
}

pub(crate) fn keyed_history() -> impl Strategy<Value = Vec<Keyed<u8, Event>>> {
    vec((0..4u8, event()).prop_map(|(key, event)| keyed(key, event)), 0..24)
}

pub(crate) fn house_history() -> impl Strategy<Value = Vec<HouseEvent>> {
    let one = prop_oneof![
        3 => event().prop_map(HouseEvent::Account),
        1 => Just(HouseEvent::Lamp(Switched)),
    ];
    vec(one, 0..24)
}

pub(crate) fn house_commands() -> impl Strategy<Value = Vec<HouseCommand>> {
    let one = prop_oneof![
        3 => command().prop_map(HouseCommand::Account),
        1 => Just(HouseCommand::Lamp(Switch)),
    ];
    vec(one, 0..24)
}
