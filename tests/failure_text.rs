//! A failure tells what had happened, where that leads, what was asked, and what differs, in the reader's order and
//! within 80 columns. The texts are kept as files; `BLESS=1 cargo test --test failure_text` writes them anew.

use leftfold::im::{OrdMap, OrdSet};
use leftfold::spec::Failure;
use leftfold::{Decider, Fold, Owed, ProcessManager, ProcessScenario, Scenario, ViewScenario, view};
use std::path::Path;

#[derive(Clone, Debug, PartialEq)]
enum Command {
    Open { owner: String },
    Deposit(u64),
    Withdraw { amount: u64 },
    Close,
}

#[derive(Clone, Debug, PartialEq)]
enum Event {
    Opened { owner: String },
    Deposited(u64),
    Withdrawn { amount: u64 },
    FeeCharged(u64),
    Closed,
}

#[derive(Clone, Debug, PartialEq)]
enum Rejection {
    InsufficientFunds { balance: u64, missing: u64 },
    NotEmpty { balance: u64 },
    NotOpen,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    owner: Option<String>,
    balance: u64,
    closed: bool,
}

/// Withdrawing costs one euro: the rule that the modeller of these scenarios keeps forgetting.
struct Account;

impl Fold for Account {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State::default()
    }

    fn evolve(&self, state: State, event: &Event) -> State {
        match event {
            Event::Opened { owner } => State { owner: Some(owner.clone()), ..state },
            Event::Deposited(amount) => State { balance: state.balance + amount, ..state },
            Event::Withdrawn { amount } | Event::FeeCharged(amount) => {
                State { balance: state.balance - amount, ..state }
            }
            Event::Closed => State { closed: true, ..state },
        }
    }
}

impl Decider for Account {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Open { owner } => Ok(vec![Event::Opened { owner: owner.clone() }]),
            _ if state.owner.is_none() || state.closed => Err(Rejection::NotOpen),
            Command::Deposit(amount) => Ok(vec![Event::Deposited(*amount)]),
            Command::Withdraw { amount } if amount + 1 > state.balance => Err(Rejection::InsufficientFunds {
                balance: state.balance,
                missing: amount + 1 - state.balance,
            }),
            Command::Withdraw { amount } => {
                Ok(vec![Event::Withdrawn { amount: *amount }, Event::FeeCharged(1)])
            }
            Command::Close if state.balance > 0 => Err(Rejection::NotEmpty { balance: state.balance }),
            Command::Close => Ok(vec![Event::Closed]),
        }
    }
}

fn opened() -> Event {
    Event::Opened { owner: "Petra".into() }
}

#[track_caller]
fn golden(name: &str, failed: Result<(), Box<Failure>>) {
    let mut failure = *failed.expect_err("this scenario is meant to fail");
    assert!(failure.place.file.ends_with("failure_text.rs"), "{}", failure.place);
    (failure.place.file, failure.place.line) = ("tests/account.rs".into(), 12);
    let text = format!("{failure}\n");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/failure_text").join(format!("{name}.txt"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == kept, "{name} has changed:\n{text}\nwas:\n{kept}");
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "wider than 80 columns: {line}");
    }
}

#[test]
fn wrong_events() {
    let scenario = Scenario::<Account>::named("money can be taken out")
        .given([opened(), Event::Deposited(10), Event::Deposited(5)])
        .when(Command::Withdraw { amount: 6 })
        .then([Event::Withdrawn { amount: 5 }]);
    golden("wrong_events", scenario.run(&Account));
}

#[test]
fn wrong_rejection() {
    let scenario = Scenario::<Account>::named("the fee counts against the balance")
        .given([opened(), Event::Deposited(7), Event::Withdrawn { amount: 2 }, Event::Deposited(5)])
        .when(Command::Withdraw { amount: 10 })
        .then_rejected(Rejection::InsufficientFunds { balance: 10, missing: 0 });
    golden("wrong_rejection", scenario.run(&Account));
}

#[test]
fn a_rejection_where_events_were_expected() {
    let scenario = Scenario::<Account>::named("all of the money can be taken out")
        .given([opened(), Event::Deposited(10)])
        .when(Command::Withdraw { amount: 10 })
        .then([Event::Withdrawn { amount: 10 }]);
    golden("rejection_instead_of_events", scenario.run(&Account));
}

#[test]
fn a_wrong_state_of_a_view() {
    let balances =
        view(OrdMap::new, |balances: OrdMap<String, (u64, u64)>, (owner, amount): &(String, u64)| {
            let (count, sum) = balances.get(owner).copied().unwrap_or_default();
            balances.update(owner.clone(), (count + 1, sum + amount))
        });
    let paid = |owner: &str, amount| (owner.to_string(), amount);
    let scenario = ViewScenario::named("every customer has a count and a sum of payments")
        .given([paid("Petra", 10), paid("Alex", 4), paid("Alex", 5), paid("Mary", 1), paid("Petra", 7)])
        .then(OrdMap::from(vec![
            ("Alex".to_string(), (2, 9)),
            ("Mary".to_string(), (1, 1)),
            ("Petra".to_string(), (1, 17)),
        ]));
    golden("wrong_view_state", scenario.run(&balances));
}

/// Owes a letter to everybody who was overdrawn.
struct Letters;

impl Fold for Letters {
    type State = OrdSet<String>;
    type Event = (String, bool);

    fn initial_state(&self) -> OrdSet<String> {
        OrdSet::new()
    }

    fn evolve(&self, overdrawn: OrdSet<String>, (owner, is_overdrawn): &(String, bool)) -> OrdSet<String> {
        if *is_overdrawn { overdrawn.update(owner.clone()) } else { overdrawn.without(owner) }
    }
}

impl ProcessManager for Letters {
    type Command = String;

    fn pending(&self, overdrawn: &OrdSet<String>) -> Vec<Owed<String>> {
        overdrawn.iter().map(|owner| Owed::now(format!("letter-{owner}"), format!("Dear {owner}"))).collect()
    }
}

#[test]
fn a_wrong_to_do_list() {
    let scenario = ProcessScenario::<Letters>::named("a letter is owed until the account is in credit again")
        .given([("Petra".into(), true), ("Alex".into(), true), ("Mary".into(), true)])
        .when(("Petra".into(), false))
        .then_pending([
            Owed::now("letter-Alex", "Dear Alex".into()),
            Owed::now("letter-Petra", "Dear Petra".into()),
        ]);
    golden("wrong_to_do_list", scenario.run(&Letters));
}

#[test]
fn a_wrong_to_do_list_of_which_the_commands_alone_are_named() {
    let scenario = ProcessScenario::<Letters>::named("two letters are owed")
        .given([("Petra".into(), true), ("Alex".into(), true)])
        .then_owed(["Dear Alex".into(), "Dear Mary".into()]);
    golden("wrong_commands_owed", scenario.run(&Letters));
}

#[test]
fn a_chain_that_fails_in_its_third_step() {
    let scenario = Scenario::<Account>::named("an account is emptied and closed")
        .given([opened()])
        .when(Command::Deposit(10))
        .then([Event::Deposited(10)])
        .and_when(Command::Withdraw { amount: 8 })
        .then([Event::Withdrawn { amount: 8 }, Event::FeeCharged(1)])
        .and_when(Command::Close)
        .then([Event::Closed]);
    golden("chain_fails_in_its_third_step", scenario.run(&Account));
}

#[test]
fn what_is_long_is_broken_within_the_page() {
    let owner = "Petra ".repeat(20) + &"x".repeat(120);
    let scenario = Scenario::<Account>::named("a very long name ".repeat(8))
        .given([Event::Opened { owner: owner.clone() }])
        .given(std::iter::repeat_n(Event::Deposited(1), 100))
        .when(Command::Open { owner })
        .then_rejected(Rejection::NotOpen);
    golden("long", scenario.run(&Account));
}
