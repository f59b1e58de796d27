//! *State is a left fold of past events.*
//!
//! leftfold is a kit for functional event sourcing. A business is written as pure functions: `decide` answers a command with
//! events or with a rejection, `evolve` folds events into a state. The kit checks the model against specifications, visits every
//! state that the model can reach, goes back through its history, and runs it on a log of events.
//!
#![doc = include_str!("../docs/pictures/fold.svg")]
//!
//! # One model
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
//! // What the model must do, as a value: declared once, read by every tool.
//! fn model() -> Model<Account> {
//!     let funded = Scenario::named("ten euros").given([Event::AccountOpened, Event::Deposited(10)]);
//!     Model::new("account", Account).scenarios([
//!         funded.fork("money can be taken out").when(Command::Withdraw(4)).then([Event::Withdrawn(4)]),
//!         funded
//!             .fork("but not more than there is")
//!             .when(Command::Withdraw(20))
//!             .then_rejected(Rejection::InsufficientFunds { balance: 10 }),
//!         funded
//!             .fork("an account is opened once")
//!             .when(Command::OpenAccount)
//!             .then_rejected(Rejection::AlreadyOpen),
//!         Scenario::open_question("Who may close an account?"),
//!     ])
//! }
//!
//! fn main() {
//!     // Checks all that the model declares, and panics when something fails. A test is this one line.
//!     model().check().assert();
//!
//!     // A single specification can also be asserted on the spot.
//!     given(Account, []).when(Command::Deposit(10)).then_rejected(Rejection::NotOpen);
//! }
//! ```
//!
//! # One failure
//!
//! A scenario that fails shows what had happened, the state that folds to, what was asked, and what differs. Had the last
//! scenario expected `.then([Event::AccountOpened])`, `assert` would say:
//!
//! ```text
//! scenario  an account is opened once
//!           src/main.rs:64
//!
//! given      1  AccountOpened
//!            2  Deposited(10)
//!
//! state     Some(10)
//!
//! when      OpenAccount
//!
//! expected  the event  AccountOpened
//! actual    the rejection  AlreadyOpen
//!           ^^^^^^^^^^^^^
//!
//! why       only event 1 of 2 matters: alone it gives the same answer; without
//!             it, the answer is another
//!
//!
//! account: 1 check fails
//! ```
//!
//! # One report
//!
//! `print!("{}", model().check())` prints what holds, what is asked, and what no scenario touches:
//!
//! ```text
//! account
//!
//! scenarios  3 hold, 1 open question
//!   ✓ money can be taken out
//!   ✓ but not more than there is
//!   ✓ an account is opened once
//!   ? Who may close an account?
//!
//! coverage   2 of 3 commands, 1 of 3 events, 2 of 3 rejections
//!   no scenario reaches the command Deposit
//!   no scenario reaches the events AccountOpened, Deposited
//!   no scenario reaches the rejection NotOpen
//!   not asked in Some: Deposit
//! ```
//!
//! # Where to go next
//!
//! | to | read |
//! |---|---|
//! | write a model | [`Fold`], [`Decider`], and the short form [`decider()`] |
//! | build a system of several models | [`decider`](mod@decider), with a shop of three parts: [`sum!`], [`Decider::part_of`], [`Decider::merge`], [`Decider::many`] |
//! | let one thing follow from another | [`ProcessManager`], [`WithProcess`] |
//! | let messages come late, twice, in another order or never | [`delivery`]: a decider and its process manager with a faulty network between them, itself a decider |
//! | answer questions | [`view()`], and the combinators of [`Fold`] |
//! | ask what happened in time, or did not, over a history or live | [`pattern`]: [`pattern::Pattern`] |
//! | specify | [`spec`]: [`given`], [`Scenario`], [`ViewScenario`], [`ProcessScenario`] |
//! | declare a model and check it | [`Model`], [`Report`]; each scenario as a test of its own: `Model::trials` (feature `libtest-mimic`) |
//! | visit every state that a model can reach | [`check::explore`](check::explore()), with [`check::Property`] for what is to hold |
//! | keep a history that a check has found | [`check::Story`]: as a scenario, or as Rust code |
//! | run random commands against a model | [`check::walks`](check::walks()), [`check::laws`](check::laws()) |
//! | compare a model with a real implementation | [`check::drive`](check::drive()) |
//! | draw a model's states, and see what its scenarios leave out | [`Model::diagram`], [`check::Graph`], [`check::SpaceCoverage`] |
//! | see a model as an event model: slices in swim lanes | [`Model::event_model`], [`spec::EventModel`] |
//! | hold a model against what really happened | [`check::conform`](check::conform()); logs of other programs: `check::CaseLog` (feature `xes`) |
//! | go back to any version, ask what changed it, try another past, work offline | [`timeline`]: [`Timeline`] |
//! | record events, and read them | [`store`]: [`store::Memory`], [`log::FileLog`], [`store::EventStore`] |
//! | give each event the key of its stream, as [`many`](Decider::many) needs it | [`store::Mapped`] |
//! | read events that an older model has written | [`codec`], [`codec::upcast`], [`codec::schema`] |
//! | run a model: handle commands, keep read models, carry out what process managers owe | [`runtime`]: [`runtime::CommandHandler`], [`runtime::Runner`], [`runtime::ProcessRunner`] |
//! | run one identity of [`many`](Decider::many) on a stream of its own | [`runtime::CommandHandler::keyed`], around the decider of one |
//! | decide on events of several streams, such as a name that is unique | [`runtime::DecisionModel`] |
//! | publish what was recorded, route messages | [`runtime::outbox()`], [`runtime::buses`] |
//! | hold a store of your own against the contract | [`conformance!`] |
//! | turn messages into names, sentences and Rust code | [`message`], [`message::code`](message::code()) |
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `log` | yes | [`log`]: the event log in files |
//! | `runtime` | yes | [`runtime`]: command handlers, projections, process managers, buses |
//! | `workbench` | | [`workbench`]: `Model::main`, a command line over a model; the program `leftfold` for any log |
//! | `proptest` | | walks whose commands are drawn from strategies, and strategies of whole histories |
//! | `tracing` | | spans of what handlers and runners do, for any subscriber: see [`runtime`](runtime#traces) |
//! | `xes` | | `check::CaseLog`: the event logs of other programs, in XES and CSV, for [`check::conform`](check::conform()) |
//! | `conformance` | | [`conformance!`]: the promises of an event store, as tests for a store of your own |
//! | `libtest-mimic` | | `Model::trials`: each scenario as a test of its own, that `cargo test` lists, filters and runs |
//!
//! Without the default features the kit has no files, no threads and no clock of its own: it runs in a browser
//! (`wasm32-unknown-unknown`).
#![warn(unreachable_pub)]
// On docs.rs, each item says which feature it needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use im;

/// `Debug` that says the name alone, for a type that holds functions or open files.
macro_rules! debug_by_name {
    ([$($generics:tt)*] $type:ty, $name:literal) => {
        impl<$($generics)*> std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct($name).finish_non_exhaustive()
            }
        }
    };
}

pub mod check;
mod clock;
// `store` and `codec` hold what the log and the runtime share; a build without them leaves some of it unused.
#[cfg_attr(not(feature = "runtime"), allow(dead_code, unused_imports))]
pub mod codec;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod decider;
pub mod desk;
pub mod fold;
mod json;
#[cfg(feature = "log")]
#[cfg_attr(not(feature = "runtime"), allow(dead_code, unused_imports))]
pub mod log;
pub mod message;
pub mod model;
pub mod page;
pub mod pattern;
pub mod process;
pub mod recorded;
#[cfg(feature = "runtime")]
pub mod runtime;
pub mod spec;
#[cfg_attr(not(feature = "runtime"), allow(dead_code, unused_imports))]
pub mod store;
pub mod timeline;
#[cfg(feature = "workbench")]
pub mod workbench;

pub use decider::{Decider, Either, Keyed, Outcome, decider, keyed, neutral};
pub use desk::Desk;
pub use fold::{Fold, view};
pub use model::{Model, Modelled, Report};
pub use process::synchronous::{Joined, ProcessRejection, WithProcess};
pub use process::{Due, Owed, ProcessManager, delivery, process_manager, synchronous};
pub use spec::{ProcessScenario, Scenario, Specification, ViewScenario, given, given_process, given_view};
pub use timeline::Timeline;

#[doc(hidden)]
pub mod __private {
    pub use serde;

    /// The promises of a store, by group.
    #[cfg(feature = "conformance")]
    pub mod promises {
        pub use crate::conformance::contract::operations;
        pub use crate::conformance::{
            appending, conditions, deleting, filtering, listing, reading, repeating, subscribing,
        };
    }
}

/// The code in the book and in the README compiles.
#[cfg(doctest)]
mod book {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/1-fold-decide-specify.md")]
    struct FoldDecideSpecify;
    #[doc = include_str!("../docs/async.md")]
    struct InAnAsyncProgram;
    #[cfg(feature = "runtime")]
    #[doc = include_str!("../docs/case-study.md")]
    struct CaseStudy;
    #[doc = include_str!("../docs/changing-events.md")]
    struct ChangingEvents;
    #[cfg(feature = "runtime")]
    #[doc = include_str!("../docs/coming-from-prooph.md")]
    struct ComingFromProoph;
    #[doc = include_str!("../docs/comparing-models.md")]
    struct ComparingModels;
    #[doc = include_str!("../docs/mutating-specifications.md")]
    struct MutatingSpecifications;
    #[doc = include_str!("../docs/exploration.md")]
    struct Exploration;
    #[doc = include_str!("../docs/failures.md")]
    struct Failures;
    #[doc = include_str!("../docs/faulty-delivery.md")]
    struct FaultyDelivery;
    #[doc = include_str!("../docs/temporal-patterns.md")]
    struct TemporalPatterns;
    #[cfg(feature = "runtime")]
    #[doc = include_str!("../docs/running-a-model.md")]
    struct RunningAModel;
    #[cfg(feature = "log")]
    #[doc = include_str!("../docs/the-log.md")]
    struct TheLog;
    #[cfg(feature = "text")]
    #[doc = include_str!("../docs/writing-specifications.md")]
    struct WritingSpecifications;
    #[doc = include_str!("../docs/time.md")]
    struct Time;
    #[cfg(feature = "runtime")]
    #[doc = include_str!("../docs/tour.md")]
    struct Tour;
    #[cfg(feature = "xes")]
    #[doc = include_str!("../docs/real-logs.md")]
    struct RealLogs;
    #[cfg(feature = "proptest")]
    #[doc = include_str!("../docs/property-tests.md")]
    struct PropertyTests;
}
