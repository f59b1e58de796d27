//! Process managers: folds into a to-do list.
//!
//! What a process manager owes is read from its state alone. So it owes the same before and after a crash, and an item
//! leaves the list only when the event that settles it is folded. Also known as *saga*, *workflow*, or the *to-do-list
//! pattern*. A reaction without memory is a *policy*: a process manager whose state is the to-do list alone.
//!
//! [`synchronous`] closes the loop at once: a decider with its process manager is a decider. [`delivery`] puts a faulty
//! network between the two.

mod combinators;
pub mod delivery;
mod merge;
pub mod synchronous;

pub use combinators::{AdaptedProcess, ProcessFromClosures, ProcessPerKey, process_manager};
pub use merge::{MergedProcess, PartOfProcess, PrefixedProcess};

use crate::fold::{ClonedState, Fold};
use crate::message::Umbrella;
use crate::recorded::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A fold into a to-do list.
///
/// ```
/// use leftfold::{Fold, Owed, ProcessManager};
/// use im::OrdSet;
///
/// /// A paid order has to be shipped, until it is shipped.
/// struct Shipping;
///
/// enum Event { Paid(u32), Shipped(u32) }
/// #[derive(Clone, Debug, PartialEq)]
/// struct Ship(u32);
///
/// impl Fold for Shipping {
///     type State = OrdSet<u32>;
///     type Event = Event;
///     fn initial_state(&self) -> OrdSet<u32> {
///         OrdSet::new()
///     }
///     fn evolve(&self, mut unshipped: OrdSet<u32>, event: &Event) -> OrdSet<u32> {
///         match event {
///             Event::Paid(order) => unshipped.insert(*order),
///             Event::Shipped(order) => unshipped.remove(order),
///         };
///         unshipped
///     }
/// }
///
/// impl ProcessManager for Shipping {
///     type Command = Ship;
///     fn pending(&self, unshipped: &OrdSet<u32>) -> Vec<Owed<Ship>> {
///         unshipped.iter().map(|order| Owed::now(format!("ship-{order}"), Ship(*order))).collect()
///     }
/// }
///
/// let state = Shipping.fold(&[Event::Paid(1), Event::Paid(2), Event::Shipped(1)]);
/// assert_eq!(Shipping.pending(&state), [Owed::now("ship-2", Ship(2))]);
/// ```
#[doc(alias = "saga")]
#[doc(alias = "policy")]
pub trait ProcessManager: Fold {
    /// The commands that are owed.
    type Command;

    /// The to-do list: the items that are owed in this state, in the order in which they are to be done. Each key
    /// occurs once: a scenario fails on a list that holds one twice, and a runner does nothing of it.
    ///
    /// It has no clock. An item that depends on the time says so as its [`Due`]: see [`Owed::at`] and [`Owed::until`].
    fn pending(&self, state: &Self::State) -> Vec<Owed<Self::Command>>;

    /// The items that are new on the list: owed in `after` and not in `before`, by key.
    fn reactions(&self, before: &Self::State, after: &Self::State) -> Vec<Owed<Self::Command>> {
        let before: BTreeSet<String> = self.pending(before).into_iter().map(|owed| owed.key).collect();
        let mut after = self.pending(after);
        after.retain(|owed| !before.contains(&owed.key));
        after
    }

    /// This process manager over wider messages: which events it reads, and how its commands are wrapped.
    ///
    /// ```
    /// use leftfold::{Fold, Owed, ProcessManager, process_manager};
    ///
    /// enum Event { Rang(u32), Other }
    /// #[derive(Debug, PartialEq)]
    /// enum Command { Answer(u32) }
    ///
    /// let calls = process_manager(Vec::new, |calls: Vec<u32>, call: &u32| [calls, vec![*call]].concat(), |calls| {
    ///     calls.iter().map(|call| Owed::now(call.to_string(), *call)).collect()
    /// });
    /// let embedded = calls.adapt(
    ///     |event: &Event| match event {
    ///         Event::Rang(call) => Some(call),
    ///         Event::Other => None,
    ///     },
    ///     Command::Answer,
    /// );
    /// let state = embedded.fold(&[Event::Rang(7), Event::Other]);
    /// assert_eq!(embedded.pending(&state), [Owed::now("7", Command::Answer(7))]);
    /// ```
    fn adapt<E, C, EF, W>(self, event: EF, wrap: W) -> AdaptedProcess<Self, E, EF, W>
    where
        Self: Sized,
        EF: Fn(&E) -> Option<&Self::Event>,
        W: Fn(Self::Command) -> C,
    {
        AdaptedProcess::new(self, event, wrap)
    }

    /// Embeds this process manager into umbrella enums written with [`sum!`](crate::sum): the short form of
    /// [`adapt`](Self::adapt), where the part is found by its type.
    ///
    /// A process manager that reads the umbrella's own events is a part of it, too. See [`merge`](Self::merge) for an example.
    fn part_of<C, E>(self) -> PartOfProcess<Self, C, E>
    where
        Self: Sized,
        C: Umbrella<Self::Command>,
        E: Umbrella<Self::Event>,
    {
        PartOfProcess::new(self)
    }

    /// Two process managers of the same messages side by side: a pair of states, every event goes to both, and what the left
    /// one owes comes first.
    ///
    /// No key may be owed by both at once: of two items with the same key only one is done. Where the keys may meet, put one of
    /// the two under a [prefix](Self::prefixed). The law
    /// [`owed_until_settled`](crate::check::Law::owed_until_settled) finds keys that meet.
    ///
    /// ```
    /// use leftfold::{Fold, Owed, ProcessManager, process_manager, sum};
    ///
    /// pub struct Booked(u32);
    /// #[derive(Debug, PartialEq)]
    /// pub struct SendMail(u32);
    /// #[derive(Debug, PartialEq)]
    /// pub struct WriteInvoice(u32);
    ///
    /// sum! { #[derive(Debug, PartialEq)] pub enum Command { Mail(SendMail), Invoice(WriteInvoice) } }
    /// sum! { pub enum Event { Booking(Booked) } }
    ///
    /// let mails = process_manager(Vec::new, |all: Vec<u32>, Booked(n): &Booked| [all, vec![*n]].concat(), |all| {
    ///     all.iter().map(|n| Owed::now(n.to_string(), SendMail(*n))).collect()
    /// });
    /// let invoices = process_manager(Vec::new, |all: Vec<u32>, Booked(n): &Booked| [all, vec![*n]].concat(), |all| {
    ///     all.iter().map(|n| Owed::now(n.to_string(), WriteInvoice(*n))).collect()
    /// });
    /// let office = mails.prefixed("mail").part_of::<Command, Event>().merge(invoices.prefixed("invoice").part_of());
    ///
    /// let state = office.fold(&[Event::Booking(Booked(7))]);
    /// assert_eq!(office.pending(&state), [
    ///     Owed::now("mail/7", Command::Mail(SendMail(7))),
    ///     Owed::now("invoice/7", Command::Invoice(WriteInvoice(7))),
    /// ]);
    /// ```
    fn merge<P>(self, other: P) -> MergedProcess<Self, P>
    where
        Self: Sized,
        P: ProcessManager<Event = Self::Event, Command = Self::Command>,
    {
        MergedProcess::new(self, other)
    }

    /// This process manager with every key under a prefix: `prefix/key`.
    ///
    /// A running process manager whose keys change issues again what it owes, under the new keys.
    fn prefixed(self, prefix: impl Into<String>) -> PrefixedProcess<Self>
    where
        Self: Sized,
    {
        PrefixedProcess::new(self, prefix.into())
    }

    /// One instance of this process manager for each key; events and commands carry the key.
    ///
    /// The key of an item is `key/item`, so that items of different instances stay apart.
    fn many<K>(self) -> ProcessPerKey<Self, K>
    where
        Self: Sized,
        Self::State: ClonedState,
        K: Ord + Clone + std::fmt::Display,
    {
        ProcessPerKey::new(self)
    }
}

impl<P: ProcessManager + ?Sized> ProcessManager for &P {
    type Command = P::Command;

    fn pending(&self, state: &P::State) -> Vec<Owed<P::Command>> {
        (**self).pending(state)
    }
}

/// One item of a to-do list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Owed<C> {
    /// The key by which the item is recognised when it is issued again, after a crash or a lost answer.
    pub key: String,
    /// The command that is owed.
    pub command: C,
    /// When it is due.
    pub due: Due,
}

impl<C> Owed<C> {
    /// An item that is due at once.
    pub fn now(key: impl Into<String>, command: C) -> Self {
        Owed { key: key.into(), command, due: Due::Now }
    }

    /// An item with a deadline: due from `at` on.
    pub fn at(at: Timestamp, key: impl Into<String>, command: C) -> Self {
        Owed { key: key.into(), command, due: Due::At(at) }
    }

    /// The same item with an end: from `end` on it is no longer due, and no longer done. It stays on the list until an event
    /// settles it.
    ///
    /// A process manager is never asked with a clock in hand. What depends on the time is said as an item that is due from
    /// one moment to another, so that everything that runs it knows when to look again.
    ///
    /// ```
    /// use leftfold::Owed;
    /// use leftfold::recorded::Timestamp;
    ///
    /// // A reminder goes out on the day before; once the appointment has begun, nobody wants it.
    /// let begins = Timestamp::from_second(1_000_000).unwrap();
    /// let reminder = Owed::at(begins - jiff::SignedDuration::from_hours(24), "remind", "see you tomorrow").until(begins);
    /// assert!(!reminder.due.is_due(None));
    /// assert!(reminder.due.is_due(Some(begins - jiff::SignedDuration::from_hours(1))));
    /// assert!(!reminder.due.is_due(Some(begins)));
    /// ```
    #[must_use]
    pub fn until(self, end: Timestamp) -> Self {
        let due = match self.due {
            Due::Now | Due::Until(_) => Due::Until(end),
            Due::At(from) | Due::Between(from, _) => Due::Between(from, end),
        };
        Owed { due, ..self }
    }
}

/// What is wrong with a list that holds a key twice; `None` if it holds none twice.
pub(crate) fn owed_twice<C>(list: &[Owed<C>]) -> Option<String> {
    let mut keys = BTreeSet::new();
    let twice = list.iter().find(|item| !keys.insert(&item.key))?;
    Some(format!(
        "the key {:?} is owed twice at once: of two items with one key, only one is done; give each item a key of its own",
        twice.key
    ))
}

/// When an item of a to-do list is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Due {
    /// At once.
    Now,
    /// Not before this moment.
    At(Timestamp),
    /// At once, and no longer from this moment on.
    Until(Timestamp),
    /// Not before the first moment, and no longer from the second one on.
    Between(Timestamp, Timestamp),
}

impl Due {
    /// Whether the item is due at this time. If no time is known (`None`), nothing with a deadline is due yet, and nothing has
    /// ended.
    pub fn is_due(&self, now: Option<Timestamp>) -> bool {
        let begun = self.from().is_none_or(|from| now.is_some_and(|now| from <= now));
        begun && !now.is_some_and(|now| self.has_ended(now))
    }

    /// The moment before which it is not due, if there is one.
    pub fn from(&self) -> Option<Timestamp> {
        match *self {
            Due::Now | Due::Until(_) => None,
            Due::At(from) | Due::Between(from, _) => Some(from),
        }
    }

    /// The moment from which on it is no longer due, if there is one.
    pub fn end(&self) -> Option<Timestamp> {
        match *self {
            Due::Now | Due::At(_) => None,
            Due::Until(end) | Due::Between(_, end) => Some(end),
        }
    }

    /// Whether its end has come.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.end().is_some_and(|end| end <= now)
    }
}
