//! A real implementation is compared with its model, and the shortest story on which they differ is told.

use leftfold::check::{drive, walks};
use leftfold::{Decider, Fold};

#[derive(Clone, Debug, PartialEq)]
enum Command {
    Deposit(u32),
    Withdraw(u32),
    Freeze,
}

#[derive(Clone, Debug, PartialEq)]
enum Event {
    Deposited(u32),
    Withdrawn(u32),
    Frozen,
}

#[derive(Clone, Debug, PartialEq)]
enum Rejection {
    Overdrawn,
    Frozen,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct State {
    balance: u32,
    frozen: bool,
}

struct Account;

impl Fold for Account {
    type State = State;
    type Event = Event;

    fn initial_state(&self) -> State {
        State::default()
    }

    fn evolve(&self, state: State, event: &Event) -> State {
        match event {
            Event::Deposited(amount) => State { balance: state.balance + amount, ..state },
            Event::Withdrawn(amount) => State { balance: state.balance.saturating_sub(*amount), ..state },
            Event::Frozen => State { frozen: true, ..state },
        }
    }
}

impl Decider for Account {
    type Command = Command;
    type Rejection = Rejection;

    fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
        match command {
            _ if state.frozen => Err(Rejection::Frozen),
            Command::Deposit(amount) => Ok(vec![Event::Deposited(*amount)]),
            Command::Withdraw(amount) if *amount > state.balance => Err(Rejection::Overdrawn),
            Command::Withdraw(amount) => Ok(vec![Event::Withdrawn(*amount)]),
            Command::Freeze => Ok(vec![Event::Frozen]),
        }
    }

    fn is_terminal(&self, state: &State) -> bool {
        state.frozen
    }
}

/// The aggregate as it was written by hand. `overdraft` plants an off-by-one: one more than there is may be taken out.
#[derive(Default)]
struct RealAccount {
    balance: i64,
    frozen: bool,
    overdraft: bool,
}

impl RealAccount {
    fn overdrawing() -> Self {
        RealAccount { overdraft: true, ..RealAccount::default() }
    }

    fn deposit(&mut self, amount: u32) -> Result<(), &'static str> {
        if self.frozen {
            return Err("frozen");
        }
        self.balance += i64::from(amount);
        Ok(())
    }

    fn withdraw(&mut self, amount: u32) -> Result<(), &'static str> {
        let least = if self.overdraft { -1 } else { 0 };
        if self.frozen || self.balance - i64::from(amount) < least {
            return Err("no");
        }
        self.balance -= i64::from(amount);
        Ok(())
    }

    fn freeze(&mut self) -> Result<(), &'static str> {
        if self.frozen {
            return Err("frozen");
        }
        self.frozen = true;
        Ok(())
    }
}

fn alphabet(_: &State) -> Vec<Command> {
    let amounts = || [1, 2, 5, 10].into_iter();
    let moves = amounts().map(Command::Deposit).chain(amounts().map(Command::Withdraw));
    moves.chain([Command::Freeze]).collect()
}

// An existing aggregate under test, from here ...
#[test]
fn the_account_written_by_hand_does_what_the_model_says() {
    drive(walks(&Account).alphabet(alphabet), RealAccount::default)
        .accepts(|account, command| match command {
            Command::Deposit(amount) => account.deposit(*amount).is_ok(),
            Command::Withdraw(amount) => account.withdraw(*amount).is_ok(),
            Command::Freeze => account.freeze().is_ok(),
        })
        .observe("balance", |state| i64::from(state.balance), |account| account.balance)
        .assert();
}
// ... to here: 12 lines.

fn accepts(account: &mut RealAccount, command: &Command) -> bool {
    match command {
        Command::Deposit(amount) => account.deposit(*amount).is_ok(),
        Command::Withdraw(amount) => account.withdraw(*amount).is_ok(),
        Command::Freeze => account.freeze().is_ok(),
    }
}

#[test]
fn an_off_by_one_is_shrunk_to_its_shortest_story_from_an_alphabet() {
    for seed in 0..20 {
        let found = drive(walks(&Account).alphabet(alphabet).seed(seed), RealAccount::overdrawing)
            .accepts(accepts)
            .run();
        let finding = found.finding.as_ref().expect("found");
        assert_eq!(finding.story.commands, [Command::Withdraw(1)], "{found}");
        assert_eq!(finding.failed, "the model refuses it with Overdrawn, the system accepts it");
    }
}

#[test]
fn an_off_by_one_is_shrunk_to_its_shortest_story_from_a_strategy() {
    use proptest::prelude::*;
    let commands = |_: &State| {
        prop_oneof![
            4 => (1..1_000u32).prop_map(Command::Deposit),
            4 => (1..1_000u32).prop_map(Command::Withdraw),
            1 => Just(Command::Freeze),
        ]
    };
    // 1 in about 1,000 amounts is the one beyond the balance.
    let found = drive(walks(&Account).commands(commands).walks(20_000).seed(1), RealAccount::overdrawing)
        .accepts(accepts)
        .run();
    let finding = found.finding.as_ref().expect("found");
    // Amounts that hang together are shrunk one at a time: no command can be left out, and no more is said.
    assert!(finding.story.len() <= finding.found_in, "{found}");
    assert!(finding.failed.starts_with("the model refuses it with Overdrawn"), "{found}");
    assert!(!finding.proved_shortest());
}

#[test]
fn what_a_system_does_on_a_refused_command_is_seen_later_and_kept_in_the_story() {
    // Planted: a refused withdrawal costs a fee, which shows only in the balance.
    struct Fee(RealAccount);
    let found = drive(walks(&Account).alphabet(alphabet).refused_let_through(1.0).seed(2), || {
        Fee(RealAccount::default())
    })
    .compare(|Fee(account), step| {
        if !accepts(account, step.command) && !account.frozen {
            account.balance -= 1;
        }
        match step.outcome.is_err() || account.balance == i64::from(step.after.balance) {
            true => Ok(()),
            false => Err(format!("{} and {}", step.after.balance, account.balance)),
        }
    })
    .run();
    let finding = found.finding.as_ref().expect("found");
    assert_eq!(finding.story.commands, [Command::Withdraw(1), Command::Freeze], "{found}");
}

#[test]
fn whole_answers_and_panics_are_compared() {
    let as_model = |account: &mut RealAccount, command: &Command| {
        let balance = u32::try_from(account.balance).expect("overdrawn");
        let state = State { balance, frozen: account.frozen };
        let answer = Account.decide(command, &state);
        let _ = accepts(account, command);
        answer
    };
    let walking = || walks(&Account).alphabet(alphabet).seed(1);
    drive(walking(), RealAccount::default).answers(as_model).assert();

    let found = drive(walking(), RealAccount::overdrawing).answers(as_model).run();
    let finding = found.finding.as_ref().expect("found");
    let (panicked, place) = finding.failed.rsplit_once(" (").expect("with its place");
    assert_eq!(panicked, "the system panicked: overdrawn: TryFromIntError(())");
    assert!(place.starts_with("tests/drive.rs:"), "{place}");
    assert_eq!(finding.story.len(), 2, "{found}");

    let found = drive(walking(), || panic!("no database")).answers(as_model).run();
    let failed = found.finding.expect("found").failed;
    assert!(
        failed.starts_with("the system panicked when it was built: no database (tests/drive.rs:"),
        "{failed}"
    );
}

#[test]
fn what_is_observed_is_told_by_its_name() {
    let found = drive(walks(&Account).alphabet(alphabet).seed(1), RealAccount::default)
        .accepts(accepts)
        .observe("double balance", |state| i64::from(state.balance) * 2, |account| account.balance)
        .run();
    let finding = found.finding.as_ref().expect("found");
    assert_eq!(finding.failed, "double balance: 2 in the model, 1 in the system");
    assert_eq!(finding.story.commands, [Command::Deposit(1)]);
    assert!(found.to_string().lines().all(|line| line.chars().count() <= 80), "{found}");
}
