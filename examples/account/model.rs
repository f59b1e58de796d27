//! A bank account: open, deposit, withdraw, close.

use leftfold::check::{Law, Property};
use leftfold::{Decider, Fold, Model, Scenario, ViewScenario, view};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    OpenAccount { owner: String },
    Deposit(u64),
    Withdraw(u64),
    CloseAccount,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    AccountOpened { owner: String },
    Deposited(u64),
    Withdrawn(u64),
    AccountClosed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rejection {
    NotOpen,
    AlreadyOpen,
    NothingToMove,
    InsufficientFunds { balance: u64 },
    NotEmpty { balance: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum State {
    New,
    Open { owner: String, balance: u64 },
    Closed,
}

pub struct Account;

impl Fold for Account {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State::New
    }

    fn evolve(&self, state: State, event: &Event) -> State {
        match (state, event) {
            (State::New, Event::AccountOpened { owner }) => State::Open { owner: owner.clone(), balance: 0 },
            (State::Open { owner, balance }, Event::Deposited(amount)) => {
                State::Open { owner, balance: balance.saturating_add(*amount) }
            }
            (State::Open { owner, balance }, Event::Withdrawn(amount)) => {
                State::Open { owner, balance: balance.saturating_sub(*amount) }
            }
            (State::Open { .. }, Event::AccountClosed) => State::Closed,
            (state, _) => state,
        }
    }
}

impl Decider for Account {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        match (command, state) {
            (Command::OpenAccount { owner }, State::New) => {
                Ok(vec![Event::AccountOpened { owner: owner.clone() }])
            }
            (Command::OpenAccount { .. }, _) => Err(Rejection::AlreadyOpen),
            (Command::Deposit(0) | Command::Withdraw(0), _) => Err(Rejection::NothingToMove),
            (Command::Deposit(amount), State::Open { .. }) => Ok(vec![Event::Deposited(*amount)]),
            (Command::Withdraw(amount), State::Open { balance, .. }) if amount <= balance => {
                Ok(vec![Event::Withdrawn(*amount)])
            }
            (Command::Withdraw(_), State::Open { balance, .. }) => {
                Err(Rejection::InsufficientFunds { balance: *balance })
            }
            (Command::CloseAccount, State::Open { balance: 0, .. }) => Ok(vec![Event::AccountClosed]),
            (Command::CloseAccount, State::Open { balance, .. }) => {
                Err(Rejection::NotEmpty { balance: *balance })
            }
            (_, State::New | State::Closed) => Err(Rejection::NotOpen),
        }
    }

    fn is_terminal(&self, state: &State) -> bool {
        *state == State::Closed
    }
}

/// Everything worth trying; up to nine euros are paid in, so that there is an end.
pub fn commands(state: &State) -> Vec<Command> {
    let mut commands = vec![Command::OpenAccount { owner: "Petra".into() }, Command::CloseAccount];
    commands.extend((0..=4).map(Command::Withdraw));
    let room = match state {
        State::Open { balance, .. } => 9u64.saturating_sub(*balance),
        State::New | State::Closed => 9,
    };
    commands.extend((0..=4).filter(|amount| *amount <= room).map(Command::Deposit));
    commands
}

/// The command that would have caused an event, for a replay of real histories.
fn command_for(event: &Event) -> Command {
    match event {
        Event::AccountOpened { owner } => Command::OpenAccount { owner: owner.clone() },
        Event::Deposited(amount) => Command::Deposit(*amount),
        Event::Withdrawn(amount) => Command::Withdraw(*amount),
        Event::AccountClosed => Command::CloseAccount,
    }
}

pub fn model() -> Model<Account> {
    use Command::*;
    use Event::*;
    use Rejection::*;

    let open = Scenario::named("an open account").given([AccountOpened { owner: "Petra".into() }]);
    let funded = open.fork("an account with ten euros").given([Deposited(10)]);
    let closed = open.fork("a closed account").given([AccountClosed]);

    let turnover = view(
        || 0,
        |sum: u64, event: &Event| match event {
            Deposited(amount) | Withdrawn(amount) => sum + amount,
            _ => sum,
        },
    );

    Model::new("account", Account)
        .caused_by(|lived| Some(command_for(lived.event)))
        .alphabet(commands)
        .properties([
            Property::always_step("nobody takes out more than there is", |step| {
                match (step.before, step.command) {
                    (State::Open { balance, .. }, Command::Withdraw(amount)) => {
                        amount <= balance || step.outcome.is_err()
                    }
                    _ => true,
                }
            }),
            Property::never_stuck(),
            Property::always_possible("an account can be closed", |state| *state == State::Closed),
        ])
        .laws(Law::of_functions())
        .laws([Law::messages_survive_serde(), Law::a_snapshot_is_the_state()])
        .explored(1_000)
        .behaviour("examples/account/account.behaviour.jsonl")
        .scenarios([
            Scenario::named("anybody can open an account")
                .when(OpenAccount { owner: "Petra".into() })
                .then([AccountOpened { owner: "Petra".into() }]),
            open.fork("an account is opened once")
                .when(OpenAccount { owner: "Petra".into() })
                .then_rejected(AlreadyOpen),
            open.fork("money can be paid in").when(Deposit(10)).then([Deposited(10)]),
            open.fork("no money is no deposit").when(Deposit(0)).then_rejected(NothingToMove),
            Scenario::named("nothing can be paid into an account that is not open")
                .when(Deposit(10))
                .then_rejected(NotOpen),
            Scenario::named("or taken from it").when(Withdraw(10)).then_rejected(NotOpen),
            Scenario::named("or closed").when(CloseAccount).then_rejected(NotOpen),
            funded.fork("money can be taken out").when(Withdraw(4)).then([Withdrawn(4)]),
            open.fork("and none is taken out").when(Withdraw(0)).then_rejected(NothingToMove),
            funded
                .fork("what was taken out is gone")
                .when(Withdraw(4))
                .then([Withdrawn(4)])
                .and_when(Withdraw(7))
                .then_rejected(InsufficientFunds { balance: 6 }),
            funded
                .fork("an overdraw is refused")
                .when(Withdraw(20))
                .then_rejected(InsufficientFunds { balance: 10 }),
            funded
                .fork("an account is closed once it is empty")
                .when(CloseAccount)
                .then_rejected(NotEmpty { balance: 10 })
                .and_when(Withdraw(10))
                .then([Withdrawn(10)])
                .and_when(CloseAccount)
                .then([AccountClosed]),
            closed.fork("a closed account takes no money").when(Deposit(10)).then_rejected(NotOpen),
            closed.fork("and gives none").when(Withdraw(10)).then_rejected(NotOpen),
            closed.fork("and is not closed again").when(CloseAccount).then_rejected(NotOpen),
            closed
                .fork("a closed account stays closed")
                .when(OpenAccount { owner: "Alex".into() })
                .then_rejected(AlreadyOpen),
            Scenario::open_question("Who may close an account whose owner has died?"),
        ])
        .view(
            "turnover",
            turnover,
            [ViewScenario::named("what comes and what goes adds to the turnover")
                .given([Deposited(10), Withdrawn(4)])
                .then(14)
                .in_any_order()],
        )
}
