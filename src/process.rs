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
pub mod synchronous;

pub use combinators::{AdaptedProcess, ProcessFromClosures, ProcessPerKey, process_manager};

use crate::fold::{ClonedState, Fold};
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
pub trait ProcessManager: Fold {
    /// The commands that are owed.
    type Command;

    /// The to-do list: the items that are owed in this state, in the order in which they are to be done. Each key
    /// occurs once.
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
    /// From when on it is due.
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
}

/// From when on an item of a to-do list is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Due {
    /// At once.
    Now,
    /// Not before this moment.
    At(Timestamp),
}
