//! *State is a left fold of past events.*
//!
//! leftfold is a kit for people who model a business in events. They write a model as pure functions, state what it must
//! do as given-when-then specifications, and let the machine look for what they forgot.
//!
//! # A story in one page
//!
//! Petra opens an account, pays in and takes out. What *has happened* are **events**; what somebody *wants to happen*
//! are **commands**; why it does not are **rejections**.
//!
//! ```
//! use leftfold::{Decider, Fold, Model, Scenario, given};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! enum Command { OpenAccount, Deposit(u64), Withdraw(u64) }
//!
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! enum Event { AccountOpened, Deposited(u64), Withdrawn(u64) }
//!
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! enum Rejection { AlreadyOpen, NotOpen, InsufficientFunds { balance: u64 } }
//!
//! struct Account;
//!
//! // The state is a left fold of the events: the balance, once the account is open.
//! impl Fold for Account {
//!     type State = Option<u64>;
//!     type Event = Event;
//!
//!     fn initial_state(&self) -> Option<u64> {
//!         None
//!     }
//!
//!     fn evolve(&self, balance: Option<u64>, event: &Event) -> Option<u64> {
//!         match event {
//!             Event::AccountOpened => Some(0),
//!             Event::Deposited(amount) => balance.map(|balance| balance.saturating_add(*amount)),
//!             Event::Withdrawn(amount) => balance.map(|balance| balance.saturating_sub(*amount)),
//!         }
//!     }
//! }
//!
//! // A decider answers a command with events, or with a rejection of the model's own type.
//! impl Decider for Account {
//!     type Command = Command;
//!     type Rejection = Rejection;
//!
//!     fn decide(&self, command: &Command, balance: &Option<u64>) -> Result<Vec<Event>, Rejection> {
//!         match (command, *balance) {
//!             (Command::OpenAccount, None) => Ok(vec![Event::AccountOpened]),
//!             (Command::OpenAccount, Some(_)) => Err(Rejection::AlreadyOpen),
//!             (_, None) => Err(Rejection::NotOpen),
//!             (Command::Deposit(amount), _) => Ok(vec![Event::Deposited(*amount)]),
//!             (Command::Withdraw(amount), Some(balance)) if *amount > balance => {
//!                 Err(Rejection::InsufficientFunds { balance })
//!             }
//!             (Command::Withdraw(amount), _) => Ok(vec![Event::Withdrawn(*amount)]),
//!         }
//!     }
//! }
//!
//! // A specification by example, asserted on the spot ...
//! given(Account, [Event::AccountOpened, Event::Deposited(10)])
//!     .when(Command::Withdraw(20))
//!     .then_rejected(Rejection::InsufficientFunds { balance: 10 });
//!
//! // ... or kept as a value, and declared once as a model that every tool reads.
//! fn model() -> Model<Account> {
//!     let funded = Scenario::named("ten euros").given([Event::AccountOpened, Event::Deposited(10)]);
//!     Model::new("account", Account).scenarios([
//!         funded.fork("money can be taken out").when(Command::Withdraw(4)).then([Event::Withdrawn(4)]),
//!         funded
//!             .fork("but not more than there is")
//!             .when(Command::Withdraw(20))
//!             .then_rejected(Rejection::InsufficientFunds { balance: 10 }),
//!         Scenario::open_question("Who may close an account?"),
//!     ])
//! }
//!
//! // In a test, this is the whole of it:
//! model().check().assert();
//! ```
//!
//! A scenario that does not hold tells what had happened, the state that folds to, what was asked, and what differs:
//!
//! ```text
//! scenario  all of the money can be taken out
//!           tests/account.rs:12
//!
//! given      1  Opened { owner: "Petra" }
//!            2  Deposited(10)
//!
//! state     State { owner: Some("Petra"), balance: 10, closed: false }
//!
//! when      Withdraw { amount: 10 }
//!
//! expected  the event  Withdrawn { amount: 10 }
//! actual    the rejection  InsufficientFunds { balance: 10, missing: 1 }
//!           ^^^^^^^^^^^^^
//! ```
//!
//! # Where to go next
//!
//! | to | read |
//! |---|---|
//! | write a model | [`Fold`], [`Decider`], and the short form [`decider()`] |
//! | build a system of several models | [`sum!`], [`Decider::part_of`], [`Decider::merge`], [`Decider::many`] |
//! | let one thing follow from another | [`ProcessManager`], [`WithProcess`] |
//! | answer questions | [`view()`], and the combinators of [`Fold`] |
//! | specify | [`spec`]: [`given`], [`Scenario`], [`ViewScenario`], [`ProcessScenario`] |
//! | declare a model and check it | [`Model`], [`Report`] |
//! | hold a model against what really happened | [`check::conform`](check::conform()) |
//! | name and say messages | [`message`] |
//!
//! # Features
//!
//! The default has everything but what is heavy. `workbench` adds [`Model::main`](Model#method.main): a command line over
//! a model.
#![warn(unreachable_pub)]

pub use im;

pub mod check;
pub mod decider;
pub mod fold;
pub mod message;
pub mod model;
pub mod process;
pub mod recorded;
pub mod spec;
#[cfg(feature = "workbench")]
pub mod workbench;

pub use decider::{Decider, Either, Keyed, Outcome, decider, keyed, neutral};
pub use fold::{Fold, view};
pub use model::{Model, Modelled, Report};
pub use process::synchronous::{Joined, ProcessRejection, WithProcess};
pub use process::{Due, Owed, ProcessManager, delivery, process_manager, synchronous};
pub use spec::{ProcessScenario, Scenario, Specification, ViewScenario, given, given_process, given_view};

#[doc(hidden)]
pub mod __private {
    pub use serde;
}

/// What stands in the book and in the README compiles.
#[cfg(doctest)]
mod book {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/1-fold-decide-specify.md")]
    struct FoldDecideSpecify;
    #[doc = include_str!("../docs/exploration.md")]
    struct Exploration;
    #[doc = include_str!("../docs/failures.md")]
    struct Failures;
    #[cfg(feature = "proptest")]
    #[doc = include_str!("../docs/property-tests.md")]
    struct PropertyTests;
}
