//! A bank account: open, deposit, withdraw, close. Amounts are in cents.

use leftfold::check::{Law, Property};
use leftfold::{Decider, Fold, Model, Scenario};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    Open { owner: String },
    Deposit { cents: u64 },
    Withdraw { cents: u64 },
    Close,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    Opened { owner: String },
    Deposited { cents: u64 },
    Withdrawn { cents: u64 },
    Closed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rejection {
    NotOpen,
    OpenedBefore,
    NothingToMove,
    MoreThanFits,
    InsufficientFunds { balance: u64 },
    NotEmpty { balance: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum State {
    New,
    Open { owner: String, balance: u64 },
    Closed,
}

#[derive(Debug)]
pub struct Account;

impl Fold for Account {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State::New
    }

    fn evolve(&self, state: State, event: &Event) -> State {
        match (state, event) {
            (State::New, Event::Opened { owner }) => State::Open { owner: owner.clone(), balance: 0 },
            (State::Open { owner, balance }, Event::Deposited { cents }) => {
                State::Open { owner, balance: balance.saturating_add(*cents) }
            }
            (State::Open { owner, balance }, Event::Withdrawn { cents }) => {
                State::Open { owner, balance: balance.saturating_sub(*cents) }
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
            (Command::Open { owner }, State::New) => Ok(vec![Event::Opened { owner: owner.clone() }]),
            (Command::Open { .. }, _) => Err(Rejection::OpenedBefore),
            (_, State::New | State::Closed) => Err(Rejection::NotOpen),
            (Command::Deposit { cents: 0 } | Command::Withdraw { cents: 0 }, _) => {
                Err(Rejection::NothingToMove)
            }
            (Command::Deposit { cents }, State::Open { balance, .. }) => match balance.checked_add(*cents) {
                Some(_) => Ok(vec![Event::Deposited { cents: *cents }]),
                None => Err(Rejection::MoreThanFits),
            },
            (Command::Withdraw { cents }, State::Open { balance, .. }) if cents > balance => {
                Err(Rejection::InsufficientFunds { balance: *balance })
            }
            (Command::Withdraw { cents }, _) => Ok(vec![Event::Withdrawn { cents: *cents }]),
            (Command::Close, State::Open { balance: 0, .. }) => Ok(vec![Event::Closed]),
            (Command::Close, State::Open { balance, .. }) => Err(Rejection::NotEmpty { balance: *balance }),
        }
    }

    fn is_terminal(&self, state: &State) -> bool {
        *state == State::Closed
    }
}

pub fn model() -> Model<Account> {
    use Command::*;
    use Event::*;

    let petra = || "Petra".to_string();
    let open = Scenario::named("an open account").given([Opened { owner: petra() }]);
    let funded = open.fork("an account with ten cents").given([Deposited { cents: 10 }]);
    let closed = open.fork("a closed account").given([Closed]);

    Model::new("account", Account)
        .alphabet(move |state| {
            // At most six cents are paid in, so that there is an end.
            let room =
                if let State::Open { balance, .. } = state { 6u64.saturating_sub(*balance) } else { 6 };
            let mut commands = vec![Open { owner: petra() }, Close];
            commands.extend((0..=3).map(|cents| Withdraw { cents }));
            commands.extend((0..=3).filter(|cents| *cents <= room).map(|cents| Deposit { cents }));
            commands
        })
        .properties([
            Property::never_stuck(),
            Property::always_possible("an account can be closed", |state| *state == State::Closed),
        ])
        .laws(Law::of_functions())
        .laws([Law::messages_survive_serde(), Law::a_snapshot_is_the_state()])
        .explored(1_000)
        .scenarios([
            Scenario::named("an account is opened")
                .when(Open { owner: "Petra".into() })
                .then([Opened { owner: "Petra".into() }]),
            open.fork("once").when(Open { owner: "Alex".into() }).then_rejected(Rejection::OpenedBefore),
            closed
                .fork("also if it is closed by now")
                .when(Open { owner: "Alex".into() })
                .then_rejected(Rejection::OpenedBefore),
            open.fork("money is paid in").when(Deposit { cents: 10 }).then([Deposited { cents: 10 }]),
            open.fork("some money").when(Deposit { cents: 0 }).then_rejected(Rejection::NothingToMove),
            funded
                .fork("and no more than a balance can be")
                .when(Deposit { cents: u64::MAX })
                .then_rejected(Rejection::MoreThanFits),
            funded.fork("money is taken out").when(Withdraw { cents: 4 }).then([Withdrawn { cents: 4 }]),
            funded
                .fork("but not more than there is")
                .when(Withdraw { cents: 11 })
                .then_rejected(Rejection::InsufficientFunds { balance: 10 }),
            funded
                .fork("an account is closed once it is empty")
                .when(Close)
                .then_rejected(Rejection::NotEmpty { balance: 10 })
                .and_when(Withdraw { cents: 10 })
                .then([Withdrawn { cents: 10 }])
                .and_when(Close)
                .then([Closed]),
            Scenario::named("nothing is paid into an account that is not open")
                .when(Deposit { cents: 10 })
                .then_rejected(Rejection::NotOpen),
            Scenario::named("nor taken from it")
                .when(Withdraw { cents: 10 })
                .then_rejected(Rejection::NotOpen),
            Scenario::named("nor is it closed").when(Close).then_rejected(Rejection::NotOpen),
            closed
                .fork("nothing is paid into a closed account")
                .when(Deposit { cents: 10 })
                .then_rejected(Rejection::NotOpen)
                .and_when(Withdraw { cents: 10 })
                .then_rejected(Rejection::NotOpen)
                .and_when(Close)
                .then_rejected(Rejection::NotOpen),
        ])
}
