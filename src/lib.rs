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
//! A scenario that does not hold tells what had happened, the state that folds to, what was asked, and what differs. Had
//! the last scenario expected `.then([Event::AccountOpened])`, `assert` would say:
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
//! # A whole system
//!
//! Deciders are put together into larger deciders. A shop sells from its shelves. The supplier fills them, and when little
//! is left, more is ordered at once. The messages of all parts stand under **umbrella** enums, which [`sum!`] writes.
//!
//! ```
//! use leftfold::{
//!     Decider, Keyed, Model, Modelled, Owed, ProcessRejection, Scenario, WithProcess, decider, keyed, process_manager, sum,
//! };
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub struct Sell(u32);
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub struct Sold(u32);
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub struct TooFew { left: u32 }
//!
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub struct Supply(u32);
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub struct Supplied(u32);
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)] pub struct NothingOrdered;
//!
//! sum! { #[derive(Clone, Debug, PartialEq)] pub enum Command { Shelf(Sell), Supplier(Supply) } }
//! sum! { #[derive(Clone, Debug, PartialEq)] pub enum Event { Shelf(Sold), Supplier(Supplied) } }
//! sum! { #[derive(Clone, Debug, PartialEq)] pub enum Rejection { Shelf(TooFew), Supplier(NothingOrdered) } }
//!
//! /// What is left on the shelf: a fold of the events of both parts.
//! fn left(left: u32, event: &Event) -> u32 {
//!     match event {
//!         Event::Shelf(Sold(n)) => left.saturating_sub(*n),
//!         Event::Supplier(Supplied(n)) => left.saturating_add(*n),
//!     }
//! }
//!
//! fn shop() -> impl Modelled<
//!     Command = Keyed<u32, Command>,
//!     Event = Keyed<u32, Event>,
//!     Rejection = ProcessRejection<Rejection, Command>,
//! > {
//!     let shelf = decider(
//!         || 0,
//!         |Sell(n): &Sell, left: &u32| {
//!             if n > left { Err(TooFew { left: *left }) } else { Ok(vec![Event::Shelf(Sold(*n))]) }
//!         },
//!         left,
//!     );
//!     let supplier = decider(
//!         || (),
//!         |Supply(n): &Supply, _: &()| if *n == 0 { Err(NothingOrdered) } else { Ok(vec![Supplied(*n)]) },
//!         |_, _: &Supplied| (),
//!     );
//!     let ordering = process_manager(
//!         || 0,
//!         left,
//!         |left: &u32| if *left < 3 { vec![Owed::now("order more", Supply(10).into())] } else { vec![] },
//!     );
//!     shelf.part_of().merge(supplier.part_of()).with_process(ordering).many()
//! }
//!
//! fn model() -> Model<impl Modelled> {
//!     let tea = 1;
//!     let ten = Scenario::named("ten packets of tea").given([keyed(tea, Supplied(10).into())]);
//!     Model::new("shop", shop()).scenarios([
//!         ten.fork("when little is left, more is ordered")
//!             .when(keyed(tea, Sell(8).into()))
//!             .then([keyed(tea, Sold(8).into()), keyed(tea, Supplied(10).into())]),
//!         ten.fork("each product has its own shelf")
//!             .when(keyed(2, Sell(8).into()))
//!             .then_rejected(Rejection::from(TooFew { left: 0 })),
//!     ])
//! }
//!
//! fn main() {
//!     model().check().assert();
//! #   assert!(!model().check().to_string().contains("not counted"));
//! }
//! ```
//!
//! The closures are passed inline, so that Rust infers their types; a named function such as `left` serves as well.
//!
//! The return type `impl Modelled<…>` names the messages, and says all that a [`Model`] needs to know of the decider.
//! `impl Decider<…>` would not be enough: it does not say that the state can be printed, and failures print it. A
//! function whose result is put together further names its `State` as well, because `with_process` and `many` clone it.
//!
//! | to | choose |
//! |---|---|
//! | put a decider under umbrella enums written by [`sum!`] | [`part_of`](Decider::part_of) |
//! | the same under enums of any other form | [`adapt`](Decider::adapt), three functions; [`map_rejection`](Decider::map_rejection) |
//! | join deciders of the same messages | [`merge`](Decider::merge) |
//! | join two deciders whose messages share nothing | [`combine`](Decider::combine): each message is [`Either`] one's or the other's |
//! | have one instance for each identity | [`many`](Decider::many): each message carries its key ([`Keyed`]) |
//! | let commands follow from events, at once | [`with_process`](WithProcess::with_process) |
//! | the same over a network that is slow, loses and doubles messages | [`Delivery::of`](delivery::Delivery::of) |
//!
//! How does a part see what happens beside it? It folds the events of the umbrella in place of its own, as the shelf does:
//! every message is an umbrella over itself, so `part_of` takes such a part too. Under `many`, a part sees the events of its
//! own key only. So put `many` around the whole of what belongs to one identity, here a product with its shelf, its
//! supplier and its ordering, and not around each part; `examples/order` does the same for an order. A rule over all
//! identities is a decider of the keyed messages, merged with the rest.
//!
//! # Where to go next
//!
//! | to | read |
//! |---|---|
//! | write a model | [`Fold`], [`Decider`], and the short form [`decider()`] |
//! | build a system of several models | [`sum!`], [`Decider::part_of`], [`Decider::merge`], [`Decider::many`] |
//! | let one thing follow from another | [`ProcessManager`], [`WithProcess`] |
//! | let messages come late, twice, in another order or never | [`delivery`]: a decider and its process manager with a faulty network between them, itself a decider |
//! | answer questions | [`view()`], and the combinators of [`Fold`] |
//! | ask what happened in time, or did not, over a history or live | [`pattern`]: [`pattern::Pattern`] |
//! | specify | [`spec`]: [`given`], [`Scenario`], [`ViewScenario`], [`ProcessScenario`] |
//! | declare a model and check it | [`Model`], [`Report`] |
//! | visit every state that a model can reach | [`check::explore`](check::explore()), with [`check::Property`] for what is to hold |
//! | keep a history that a check has found | [`check::Story`]: as a scenario, or as Rust code |
//! | look at a model from many random lives | [`check::walks`](check::walks()), [`check::laws`](check::laws()) |
//! | compare a model with a real implementation | [`check::drive`](check::drive()) |
//! | draw a model's states, and see what its scenarios leave out | [`Model::diagram`], [`check::Graph`], [`check::SpaceCoverage`] |
//! | hold a model against what really happened | [`check::conform`](check::conform()); logs of other programs: `check::CaseLog` (feature `xes`) |
//! | go back to any version, ask what changed it, try another past, work offline | [`timeline`]: [`Timeline`] |
//! | record events, and read them | [`store`]: [`store::Memory`], [`log::FileLog`], [`store::EventStore`] |
//! | fold a log as [`many`](Decider::many) wants it, with the key of its stream in each event | [`store::Mapped`] |
//! | read events that an older model has written | [`codec`], [`codec::upcast`], [`codec::schema`] |
//! | run a model: handle commands, keep read models, do what is owed | [`runtime`]: [`runtime::CommandHandler`], [`runtime::Runner`], [`runtime::ProcessRunner`] |
//! | run one identity of [`many`](Decider::many) on a stream of its own | [`runtime::CommandHandler::per_identity`], around the decider of one |
//! | decide on events of several streams, such as a name that is unique | [`runtime::DecisionModel`] |
//! | publish what was recorded, route messages | [`runtime::outbox()`], [`runtime::buses`] |
//! | hold a store of your own against the contract | [`conformance!`] |
//! | name and say messages, and write them as Rust code | [`message`], [`message::code`](message::code()) |
//!
//! # Features
//!
//! The default has everything but what is heavy. `workbench` adds the method `main` to [`Model`]: a command line over a
//! model. `proptest` adds walks whose commands are drawn from strategies, and strategies of whole histories. `xes` adds
//! `check::CaseLog`: the event logs of other programs, in XES and CSV, for [`check::conform`](check::conform()).
#![warn(unreachable_pub)]

pub use im;

pub mod check;
pub mod codec;
pub mod conformance;
pub mod decider;
pub mod fold;
mod json;
pub mod log;
pub mod message;
pub mod model;
pub mod page;
pub mod pattern;
pub mod process;
pub mod recorded;
pub mod runtime;
pub mod spec;
pub mod store;
pub mod timeline;
#[cfg(feature = "workbench")]
pub mod workbench;

pub use decider::{Decider, Either, Keyed, Outcome, decider, keyed, neutral};
pub use fold::{Fold, view};
pub use model::{Model, Modelled, Report};
pub use process::synchronous::{Joined, ProcessRejection, WithProcess};
pub use process::{Due, Owed, ProcessManager, delivery, process_manager, synchronous};
pub use spec::{ProcessScenario, Scenario, Specification, ViewScenario, given, given_process, given_view};
pub use timeline::Timeline;

#[doc(hidden)]
pub mod __private {
    pub use serde;

    /// Where the promises of a store stand, by room.
    pub mod promises {
        pub use crate::conformance::contract::operations;
        pub use crate::conformance::{
            appending, conditions, deleting, filtering, listing, reading, repeating, subscribing,
        };
    }
}

/// What stands in the book and in the README compiles.
#[cfg(doctest)]
mod book {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/1-fold-decide-specify.md")]
    struct FoldDecideSpecify;
    #[doc = include_str!("../docs/case-study.md")]
    struct CaseStudy;
    #[doc = include_str!("../docs/changing-events.md")]
    struct ChangingEvents;
    #[doc = include_str!("../docs/exploration.md")]
    struct Exploration;
    #[doc = include_str!("../docs/failures.md")]
    struct Failures;
    #[doc = include_str!("../docs/temporal-patterns.md")]
    struct TemporalPatterns;
    #[doc = include_str!("../docs/running-a-model.md")]
    struct RunningAModel;
    #[doc = include_str!("../docs/the-log.md")]
    struct TheLog;
    #[doc = include_str!("../docs/time.md")]
    struct Time;
    #[cfg(feature = "xes")]
    #[doc = include_str!("../docs/real-logs.md")]
    struct RealLogs;
    #[cfg(feature = "proptest")]
    #[doc = include_str!("../docs/property-tests.md")]
    struct PropertyTests;
}
