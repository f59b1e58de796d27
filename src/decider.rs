//! The write model: a fold that also answers commands.
//!
//! Deciders are closed under composition. Two side by side are a decider ([`merge`](Decider::merge),
//! [`combine`](Decider::combine)), one for each identity is a decider ([`many`](Decider::many)), one together with its
//! process managers is a decider ([`synchronous`](crate::process::synchronous)), and [`neutral`] is the one that changes
//! nothing. So every tool reads a whole system exactly as it reads one aggregate.
//!
//! A system has *umbrella messages*: one enum for all its commands, one for all its events (see [`sum!`](crate::sum)).
//! [`adapt`](Decider::adapt) or [`part_of`](Decider::part_of) embeds a decider into them, and `merge` joins the embedded deciders.
//!
//! # A whole system
//!
//! Deciders are put together into larger deciders. A shop sells from its shelves. The supplier fills them, and when little
//! is left, more is ordered at once. The messages of all parts are collected in **umbrella** enums, which [`sum!`](crate::sum!) writes.
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
//! The return type `impl Modelled<…>` names the messages, and says all that a [`Model`](crate::Model) needs to know of the decider.
//! `impl Decider<…>` would not be enough: it does not say that the state can be printed, and failures print it. A
//! function whose result is put together further names its `State` as well, because `with_process` and `many` clone it.
//!
//! | to | choose |
//! |---|---|
//! | put a decider under umbrella enums written by [`sum!`](crate::sum!) | [`part_of`](Decider::part_of) |
//! | the same under enums of any other form | [`adapt`](Decider::adapt), three functions; [`map_rejection`](Decider::map_rejection) |
//! | join deciders of the same messages | [`merge`](Decider::merge) |
//! | join two deciders whose messages share nothing | [`combine`](Decider::combine): each message is [`Either`] one's or the other's |
//! | have one instance for each identity | [`many`](Decider::many): each message carries its key ([`Keyed`]) |
//! | let commands follow from events, at once | [`with_process`](crate::WithProcess::with_process) |
//! | the same over a network that is slow, loses and doubles messages | [`Delivery::of`](crate::delivery::Delivery::of) |
//!
//! How does a part see what happens beside it? It folds the events of the umbrella in place of its own, as the shelf does:
//! every message is an umbrella over itself, so `part_of` takes such a part too. Under `many`, a part sees the events of its
//! own key only. So put `many` around the whole of what belongs to one identity, here a product with its shelf, its
//! supplier and its ordering, and not around each part; `examples/order` does the same for an order. A rule over all
//! identities is a decider of the keyed messages, merged with the rest.
//!
//! A message that is a struct around one number or text, such as `Sold(u32)`, has its own name; one around a struct or an enum is looked through and has
//! the name inside. A part that refuses nothing has an empty enum as its rejection, `enum MailRejection {}`, so that rejections keep their names.
//!
//! The state of `a.merge(b).merge(c)` is a pair of a pair. Give the state of each part a type of its own, with a name, and the whole an alias:
//! pages and stories then name the parts by their types, where a bare `Option<String>` would be "part 2".

mod adapt;
mod closures;
mod combine;
mod many;
mod merge;
mod neutral;

pub use adapt::{Adapt, MapRejection, PartOf};
pub use closures::{FromClosures, decider};
pub use combine::{Combine, Either};
pub use many::{Keyed, Many, keyed};
pub use merge::Merge;
pub use neutral::{Neutral, neutral};

use crate::fold::{ClonedState, Fold};
use crate::message::Umbrella;

/// The answer of a decider: the events that happen, or its rejection.
pub type Outcome<D> = Result<Vec<<D as Fold>::Event>, <D as Decider>::Rejection>;

/// A write model: decides commands on the state that past events have left.
///
/// The three functions are pure: the same command on the same state always has the same answer. What the decision needs to know
/// (the time, a price, a random number) is a field of the command.
///
/// A refusal is `Err(rejection)`, a value of the model's own type that is not recorded. If the refusal is itself a fact worth
/// recording, it is `Ok` with an event that says so (`EmailChangeFailed`).
///
/// Known elsewhere as *aggregate* (`decide` as *handle* or *execute*, `evolve` as *apply*). After J. Chassaing,
/// "Functional Event Sourcing Decider" (2021).
///
/// ```
/// use leftfold::{Decider, Fold};
///
/// struct Door;
///
/// #[derive(Debug, PartialEq)]
/// enum Command { Open, Close }
/// #[derive(Debug, PartialEq)]
/// enum Event { Opened, Closed }
/// #[derive(Debug, PartialEq)]
/// struct AlreadySo;
///
/// impl Fold for Door {
///     type State = bool;
///     type Event = Event;
///     fn initial_state(&self) -> bool {
///         false
///     }
///     fn evolve(&self, _open: bool, event: &Event) -> bool {
///         *event == Event::Opened
///     }
/// }
///
/// impl Decider for Door {
///     type Command = Command;
///     type Rejection = AlreadySo;
///     fn decide(&self, command: &Command, open: &bool) -> Result<Vec<Event>, AlreadySo> {
///         match (command, open) {
///             (Command::Open, false) => Ok(vec![Event::Opened]),
///             (Command::Close, true) => Ok(vec![Event::Closed]),
///             _ => Err(AlreadySo),
///         }
///     }
/// }
///
/// let (open, events) = Door.run(&[Command::Open, Command::Close, Command::Open])?;
/// assert!(open);
/// assert_eq!(events.len(), 3);
/// assert_eq!(Door.decide(&Command::Open, &open), Err(AlreadySo));
/// # Ok::<(), AlreadySo>(())
/// ```
#[doc(alias = "aggregate")]
#[doc(alias = "aggregate root")]
pub trait Decider: Fold {
    /// What somebody wants to happen.
    type Command;
    /// Why a command is refused.
    type Rejection;

    /// What happens when `command` is given in `state`: events, in order, or a rejection.
    ///
    /// No events is an answer too: there is nothing to do.
    ///
    /// # Errors
    /// The model's own rejection, when its rules forbid the command in this state.
    fn decide(
        &self,
        command: &Self::Command,
        state: &Self::State,
    ) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// Whether the state is terminal: it accepts no more commands.
    fn is_terminal(&self, state: &Self::State) -> bool {
        let _ = state;
        false
    }

    /// Whether this event is a refusal: a refused command that is recorded as a fact (`EmailChangeFailed`).
    ///
    /// Tools treat it like a rejection.
    fn is_refusal(&self, event: &Self::Event) -> bool {
        let _ = event;
        false
    }

    /// What a decision does not say itself, as sentences for the reader of a failed scenario: for example, reactions that were
    /// refused. Default: none.
    fn remarks(&self, command: &Self::Command, state: &Self::State) -> Vec<String> {
        let _ = (command, state);
        Vec::new()
    }

    /// Decides a command and folds its events: the state after it, and the outcome. A refused command leaves the state
    /// as it was.
    ///
    /// The same as `decide` and then `fold_from`. [`many`](Self::many) looks its instance up once instead of twice.
    ///
    /// ```
    /// use leftfold::{Decider, decider};
    ///
    /// let even = decider(|| 0, |n: &u8, _: &u8| if n % 2 == 0 { Ok(vec![*n]) } else { Err("odd") }, |sum, n: &u8| sum + n);
    /// let (sum, outcome) = even.handle(0, &4);
    /// assert_eq!((sum, outcome), (4, Ok(vec![4])));
    /// assert_eq!(even.handle(sum, &3), (4, Err("odd")));
    /// ```
    fn handle(&self, state: Self::State, command: &Self::Command) -> (Self::State, Outcome<Self>)
    where
        Self: Sized,
    {
        match self.decide(command, &state) {
            Ok(events) => (self.fold_from(state, &events), Ok(events)),
            Err(rejection) => (state, Err(rejection)),
        }
    }

    /// Decides a command and folds its events: the state after it, and the events.
    ///
    /// # Errors
    /// The rejection. The state is dropped then; [`handle`](Self::handle) returns it.
    #[allow(clippy::type_complexity)]
    fn step(
        &self,
        state: Self::State,
        command: &Self::Command,
    ) -> Result<(Self::State, Vec<Self::Event>), Self::Rejection>
    where
        Self: Sized,
    {
        let (state, outcome) = self.handle(state, command);
        Ok((state, outcome?))
    }

    /// Decides commands one after another from the initial state, each on the state that the earlier ones left: the
    /// last state, and all events.
    ///
    /// # Errors
    /// The first rejection.
    #[allow(clippy::type_complexity)]
    fn run<'c, I>(&self, commands: I) -> Result<(Self::State, Vec<Self::Event>), Self::Rejection>
    where
        Self: Sized,
        I: IntoIterator<Item = &'c Self::Command>,
        Self::Command: 'c,
    {
        let mut all = Vec::new();
        let mut state = self.initial_state();
        for command in commands {
            let (after, events) = self.step(state, command)?;
            state = after;
            all.extend(events);
        }
        Ok((state, all))
    }

    /// Embeds this decider into wider messages, by three plain functions: which command it takes, which event it folds,
    /// and how its own events are wrapped.
    ///
    /// For a command that is not its own it returns no events. Known as *dimap* in the decider algebra.
    ///
    /// ```
    /// use leftfold::{Decider, Fold, decider};
    ///
    /// enum Command { Count(u32), Other }
    /// #[derive(Debug, PartialEq)]
    /// enum Event { Counted(u32) }
    ///
    /// let counter = decider(
    ///     || 0,
    ///     |add: &u32, _: &u32| if *add == 0 { Err("nothing to add") } else { Ok(vec![*add]) },
    ///     |sum, added: &u32| sum + added,
    /// );
    /// let embedded = counter.adapt(
    ///     |command: &Command| match command {
    ///         Command::Count(add) => Some(add),
    ///         Command::Other => None,
    ///     },
    ///     |Event::Counted(added): &Event| Some(added),
    ///     Event::Counted,
    /// );
    /// assert_eq!(embedded.decide(&Command::Count(2), &0), Ok(vec![Event::Counted(2)]));
    /// assert_eq!(embedded.decide(&Command::Other, &0), Ok(vec![]));
    /// ```
    fn adapt<C, E, CF, EF, W>(self, command: CF, event: EF, wrap: W) -> Adapt<Self, C, E, CF, EF, W>
    where
        Self: Sized,
        CF: Fn(&C) -> Option<&Self::Command>,
        EF: Fn(&E) -> Option<&Self::Event>,
        W: Fn(Self::Event) -> E,
    {
        Adapt::new(self, command, event, wrap)
    }

    /// The same decider with its rejections in another type.
    ///
    /// ```
    /// use leftfold::{Decider, decider};
    ///
    /// let never = decider(|| (), |_: &(), _: &()| Err::<Vec<()>, _>(7), |_, _: &()| ());
    /// assert_eq!(never.map_rejection(|code| format!("code {code}")).decide(&(), &()), Err("code 7".to_string()));
    /// ```
    fn map_rejection<R, F>(self, rejection: F) -> MapRejection<Self, F>
    where
        Self: Sized,
        F: Fn(Self::Rejection) -> R,
    {
        MapRejection::new(self, rejection)
    }

    /// Embeds this decider into umbrella enums written with [`sum!`](crate::sum): commands, events and rejections.
    ///
    /// The short form of [`adapt`](Self::adapt) and [`map_rejection`](Self::map_rejection): the part is found by its type. Only the
    /// first decider of a `merge` needs its types written out.
    ///
    /// ```
    /// use leftfold::{Decider, Fold, decider, sum};
    ///
    /// #[derive(Debug, PartialEq)]
    /// pub struct Lit(bool);
    /// #[derive(Debug, PartialEq)]
    /// pub struct Heated(i32);
    ///
    /// sum! { pub enum Command { Lamp(bool), Stove(i32) } }
    /// sum! { #[derive(Debug, PartialEq)] pub enum Event { Lamp(Lit), Stove(Heated) } }
    /// sum! { #[derive(Debug, PartialEq)] pub enum Refusal { Lamp(()), Stove(&'static str) } }
    ///
    /// let lamp = decider(|| false, |on: &bool, _: &bool| Ok::<_, ()>(vec![Lit(*on)]), |_, lit: &Lit| lit.0);
    /// let stove = decider(
    ///     || 20,
    ///     |by: &i32, t: &i32| if t + by > 90 { Err("too hot") } else { Ok(vec![Heated(*by)]) },
    ///     |t, heated: &Heated| t + heated.0,
    /// );
    /// let kitchen = lamp.part_of::<Command, Event, Refusal>().merge(stove.part_of());
    ///
    /// let state = kitchen.fold(&[Event::Lamp(Lit(true)), Event::Stove(Heated(60))]);
    /// assert_eq!(state, (true, 80));
    /// assert_eq!(kitchen.decide(&Command::Stove(20), &state), Err(Refusal::Stove("too hot")));
    /// ```
    fn part_of<C, E, R>(self) -> PartOf<Self, C, E, R>
    where
        Self: Sized,
        C: Umbrella<Self::Command>,
        E: Umbrella<Self::Event>,
        R: From<Self::Rejection>,
    {
        PartOf::new(self)
    }

    /// Two deciders of the same messages side by side: a pair of states, and every event goes to both.
    ///
    /// A command that belongs to both is decided by both on the same state; the events of the left one come first. If either rejects
    /// it, nothing happens; if both do, the rejection is that of the left one. A command that belongs to neither is `Ok(vec![])`.
    /// Terminal when both are.
    fn merge<D>(self, other: D) -> Merge<Self, D>
    where
        Self: Sized,
        D: Decider<Command = Self::Command, Event = Self::Event, Rejection = Self::Rejection>,
    {
        Merge::new(self, other)
    }

    /// The bare sum of two deciders whose messages share nothing: each message is [`Either`] one's or the other's.
    ///
    /// A combined decider cannot be adapted by borrowing; to embed parts into umbrella messages, adapt each part and
    /// then [`merge`](Self::merge).
    ///
    /// ```
    /// use leftfold::{Decider, Either, decider};
    ///
    /// let count = decider(|| 0, |n: &u8, _: &u8| Ok::<_, ()>(vec![*n]), |sum, n: &u8| sum + n);
    /// let light = decider(|| false, |on: &bool, _: &bool| Ok::<_, ()>(vec![*on]), |_, on: &bool| *on);
    /// let (state, _) = count.combine(light).run(&[Either::Left(2), Either::Right(true)]).unwrap();
    /// assert_eq!(state, (2, true));
    /// ```
    fn combine<D: Decider>(self, other: D) -> Combine<Self, D>
    where
        Self: Sized,
    {
        Combine::new(self, other)
    }

    /// One instance of this decider for each key; commands and events carry the key ([`Keyed`]).
    ///
    /// The states are in a persistent ordered map. An instance without events is in the initial state; terminal instances stay (a
    /// closed account must not open again). Each event costs O(log k) for k keys, in place.
    ///
    /// ```
    /// use leftfold::{Decider, Fold, decider, keyed};
    ///
    /// let counter = decider(|| 0, |n: &u8, _: &u8| Ok::<_, ()>(vec![*n]), |sum, n: &u8| sum + n);
    /// let counters = counter.many::<&str>();
    /// let state = counters.fold(&[keyed("tea", 1), keyed("rice", 5), keyed("tea", 2)]);
    /// assert_eq!(state["tea"], 3);
    /// assert_eq!(counters.decide(&keyed("salt", 9), &state), Ok(vec![keyed("salt", 9)]));
    /// ```
    fn many<K>(self) -> Many<Self, K>
    where
        Self: Sized,
        Self::State: ClonedState,
        K: Ord + Clone,
    {
        Many::new(self)
    }
}

impl<D: Decider + ?Sized> Decider for &D {
    type Command = D::Command;
    type Rejection = D::Rejection;

    fn decide(&self, command: &D::Command, state: &D::State) -> Result<Vec<D::Event>, D::Rejection> {
        (**self).decide(command, state)
    }

    fn is_terminal(&self, state: &D::State) -> bool {
        (**self).is_terminal(state)
    }

    fn is_refusal(&self, event: &D::Event) -> bool {
        (**self).is_refusal(event)
    }

    fn remarks(&self, command: &D::Command, state: &D::State) -> Vec<String> {
        (**self).remarks(command, state)
    }
}
