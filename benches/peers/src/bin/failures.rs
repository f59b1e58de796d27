//! The same mistakes made with leftfold's peers: what each says, and where it says that it happened.
//!
//! Every fact that is printed is asserted as well, so that a newer version of a peer that does better is noticed.

#[path = "failures/cqrs_es_account.rs"]
mod cqrs_es_account;
#[path = "failures/fmodel_account.rs"]
mod fmodel_account;
#[path = "failures/siblings.rs"]
mod siblings;

use cqrs_es::test::TestFramework;
use fmodel_account::{Command, Event, InsufficientFunds, State, account, forgetful_account, wrong_account};
use fmodel_rust::specification::DeciderTestSpecification;
use std::panic::{self, Location, PanicHookInfo};
use std::sync::Mutex;

/// Where the last panic said that it happened.
static TOLD: Mutex<Option<(String, u32, String)>> = Mutex::new(None);

fn main() {
    panic::set_hook(Box::new(|told: &PanicHookInfo<'_>| {
        let text = told.payload_as_str().unwrap_or("no text").to_string();
        let (file, line) = told.location().map_or(("nowhere", 0), |at| (at.file(), at.line()));
        *TOLD.lock().unwrap() = Some((file.to_string(), line, text));
    }));

    heading("1. The modeller forgot the overdraft rule");
    println!(
        "given [Opened {{ owner: \"Petra\" }}, Deposited {{ amount: 10 }}], when Withdraw {{ amount: 20 }}, expected\n\
         [Withdrawn {{ amount: 20 }}]; the actual answer is the rejection InsufficientFunds {{ balance: 10 }}"
    );
    shown("fmodel-rust 0.9.1, DeciderTestSpecification::then", At::Caller, || {
        DeciderTestSpecification::default()
            .for_decider(account())
            .given(history())
            .when(Command::Withdraw { amount: 20 })
            .then(vec![Event::Withdrawn { amount: 20 }]);
    });
    shown("cqrs-es 0.5.0, TestFramework … then_expect_events", At::Library, || {
        TestFramework::<cqrs_es_account::Account>::with(())
            .given(history())
            .when(Command::Withdraw { amount: 20 })
            .then_expect_events(vec![Event::Withdrawn { amount: 20 }]);
    });
    shown("plain assert_eq!", At::Caller, || {
        assert_eq!(decided(20), Ok(vec![Event::Withdrawn { amount: 20 }]));
    });

    heading("2. Another amount");
    println!(
        "the same with Withdraw {{ amount: 5 }}, expected [Withdrawn {{ amount: 5 }}], actual [Withdrawn {{ amount: 6 }}]"
    );
    shown("fmodel-rust 0.9.1, DeciderTestSpecification::then", At::Caller, || {
        DeciderTestSpecification::default()
            .for_decider(wrong_account())
            .given(history())
            .when(Command::Withdraw { amount: 5 })
            .then(vec![Event::Withdrawn { amount: 5 }]);
    });
    shown("cqrs-es 0.5.0, TestFramework … then_expect_events", At::Library, || {
        TestFramework::<cqrs_es_account::WrongAccount>::with(())
            .given(history())
            .when(Command::Withdraw { amount: 5 })
            .then_expect_events(vec![Event::Withdrawn { amount: 5 }]);
    });
    shown("plain assert_eq!", At::Caller, || {
        let state = account_after_history();
        let actual = (wrong_account().decide)(&Command::Withdraw { amount: 5 }, &state);
        assert_eq!(actual, Ok(vec![Event::Withdrawn { amount: 5 }]));
    });

    heading("3. The rule is there, and is expected; the model forgot it");
    println!(
        "the model of a forgetful colleague answers Withdraw {{ amount: 20 }} with [Withdrawn {{ amount: 20 }}]"
    );
    shown("fmodel-rust 0.9.1, DeciderTestSpecification::then_error", At::Caller, || {
        DeciderTestSpecification::default()
            .for_decider(forgetful_account())
            .given(history())
            .when(Command::Withdraw { amount: 20 })
            .then_error(InsufficientFunds { balance: 10 });
    });
    shown("cqrs-es 0.5.0, TestFramework … then_expect_error", At::Library, || {
        TestFramework::<cqrs_es_account::ForgetfulAccount>::with(())
            .given(history())
            .when(Command::Withdraw { amount: 20 })
            .then_expect_error(InsufficientFunds { balance: 10 });
    });

    heading("4. A state assertion that ignores the given history");
    shown("fmodel-rust 0.9.1, given(history) … then_state: the right state fails", At::Caller, || {
        DeciderTestSpecification::default()
            .for_decider(account())
            .given(history())
            .when(Command::Deposit { amount: 5 })
            .then_state(State { owner: "Petra".into(), balance: 15 });
    });
    DeciderTestSpecification::default()
        .for_decider(account())
        .given(history())
        .when(Command::Deposit { amount: 5 })
        .then_state(State { owner: String::new(), balance: 5 });
    println!(
        "\nfmodel-rust 0.9.1: the same with State {{ owner: \"\", balance: 5 }}, as if nothing had been given, passes"
    );
    shown(
        "fmodel-rust 0.9.1, given_state(balance 100) … then: the given state is ignored",
        At::Caller,
        || {
            DeciderTestSpecification::default()
                .for_decider(account())
                .given_state(Some(State { owner: "Petra".into(), balance: 100 }))
                .when(Command::Withdraw { amount: 20 })
                .then(vec![Event::Withdrawn { amount: 20 }]);
        },
    );

    heading("5. Sibling commands of one reaction");
    siblings::show();
}

fn history() -> Vec<Event> {
    vec![Event::Opened { owner: "Petra".into() }, Event::Deposited { amount: 10 }]
}

fn account_after_history() -> State {
    let account = account();
    history().iter().fold((account.initial_state)(), |state, event| (account.evolve)(&state, event))
}

fn decided(amount: u32) -> Result<Vec<Event>, InsufficientFunds> {
    (account().decide)(&Command::Withdraw { amount }, &account_after_history())
}

fn heading(text: &str) {
    println!("\n======== {text}\n");
}

/// Where a failure says that it happened.
#[derive(Debug, PartialEq)]
enum At {
    Caller,
    Library,
}

/// The text of a failure, word for word.
#[track_caller]
fn shown(what: &str, expected: At, mistake: impl FnOnce() + panic::UnwindSafe) {
    assert!(panic::catch_unwind(mistake).is_err(), "{what} did not fail");
    let (file, line, text) = TOLD.lock().unwrap().take().unwrap();
    let at = if file == Location::caller().file() { At::Caller } else { At::Library };
    // Everything before the name of the package is of one machine alone.
    let file = match file.split_once("/registry/src/").and_then(|(_, file)| file.split_once('/')) {
        Some((_, file)) => file,
        None => file.as_str(),
    };
    println!("\n---- {what}\n     location: {file}:{line} ({at:?})\n{text}");
    assert_eq!(at, expected, "{what}");
}
