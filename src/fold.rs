//! State is a left fold of past events.
//!
//! [`Fold`] is the one sentence of the kit. A write model ([`Decider`](crate::Decider)), a read model (a *view*: a
//! `Fold` and nothing more) and a process manager ([`ProcessManager`](crate::ProcessManager)) are all folds.
//!
//! Views are composed with [`zip`](Fold::zip), [`keyed`](Fold::keyed), [`filter_map`](Fold::filter_map) and
//! [`map_state`](Fold::map_state).

mod combinators;

pub(crate) use combinators::evolve_at;
pub use combinators::{FilterMap, MapState, PerKey, View, Zip};

use std::borrow::Borrow;

/// A state that the kit copies: of instances by key, and of what has a process manager. Every `Clone` is one.
#[diagnostic::on_unimplemented(
    message = "the state `{Self}` has to be copied here: derive `Clone` on the state of the decider and on that of its process \
               manager, or let the function that returns the decider say `impl Decider<State: Clone, …>`"
)]
pub trait ClonedState: Clone {}

#[diagnostic::do_not_recommend]
impl<S: Clone> ClonedState for S {}

/// A state that is a left fold of past events.
///
/// `evolve` takes the state **by value**: a persistent collection that nobody else holds is updated in place. One that somebody
/// holds (a snapshot, a fork, a timeline) is copied only along the path that changes. Both functions are total and pure: no clock,
/// no randomness, no I/O, no panic.
///
/// Known elsewhere as *apply*, *when* or *reducer*; the name and the shape follow J. Chassaing, "Functional Event
/// Sourcing Decider" (2021).
///
/// ```
/// use leftfold::Fold;
///
/// struct Balance;
///
/// enum Moved { In(u64), Out(u64) }
///
/// impl Fold for Balance {
///     type State = u64;
///     type Event = Moved;
///     fn initial_state(&self) -> u64 {
///         0
///     }
///     fn evolve(&self, balance: u64, event: &Moved) -> u64 {
///         match event {
///             Moved::In(amount) => balance + amount,
///             Moved::Out(amount) => balance - amount,
///         }
///     }
/// }
///
/// assert_eq!(Balance.fold(&[Moved::In(10), Moved::Out(3)]), 7);
/// ```
pub trait Fold {
    /// What the events add up to.
    type State;
    /// A fact that has happened.
    type Event;

    /// The state before anything has happened.
    fn initial_state(&self) -> Self::State;

    /// The state after one more event.
    ///
    /// Total: an event is a fact and cannot be refused. An event that makes no sense in this state leaves the state as it is.
    fn evolve(&self, state: Self::State, event: &Self::Event) -> Self::State;

    /// Folds a whole history from the initial state. O(n) calls of `evolve`.
    #[inline]
    fn fold<'e, I>(&self, events: I) -> Self::State
    where
        Self: Sized,
        I: IntoIterator<Item = &'e Self::Event>,
        Self::Event: 'e,
    {
        self.fold_from(self.initial_state(), events)
    }

    /// Folds more events onto a state: `fold(a ++ b) = fold_from(fold(a), b)`.
    #[inline]
    fn fold_from<'e, I>(&self, state: Self::State, events: I) -> Self::State
    where
        Self: Sized,
        I: IntoIterator<Item = &'e Self::Event>,
        Self::Event: 'e,
    {
        events.into_iter().fold(state, |state, event| self.evolve(state, event))
    }

    /// Two folds of the same events side by side; the state is the pair of their states.
    ///
    /// ```
    /// use leftfold::{Fold, view};
    ///
    /// let count = view(|| 0, |n: u32, _: &i64| n + 1);
    /// let sum = view(|| 0, |total: i64, amount: &i64| total + amount);
    /// assert_eq!(count.zip(sum).fold(&[5, -2]), (2, 3));
    /// ```
    fn zip<G>(self, other: G) -> Zip<Self, G>
    where
        Self: Sized,
        G: Fold<Event = Self::Event>,
    {
        Zip::new(self, other)
    }

    /// One state for each key of the events, in an ordered persistent map. Events without a key are skipped.
    ///
    /// The key may be borrowed from the event (`&str` for a map of `String`): an event of a known key then allocates nothing. Each
    /// event costs O(log k) for k keys.
    ///
    /// ```
    /// use leftfold::{Fold, view};
    ///
    /// struct Sold { article: String, pieces: u32 }
    ///
    /// let pieces = view(|| 0, |n: u32, sold: &Sold| n + sold.pieces);
    /// let per_article = pieces.keyed(|sold: &Sold| Some(sold.article.as_str()));
    /// let sales = [
    ///     Sold { article: "tea".into(), pieces: 2 },
    ///     Sold { article: "rice".into(), pieces: 1 },
    ///     Sold { article: "tea".into(), pieces: 3 },
    /// ];
    /// assert_eq!(per_article.fold(&sales)["tea"], 5);
    /// ```
    fn keyed<Q, F>(self, key: F) -> PerKey<Self, Q, F>
    where
        Self: Sized,
        Self::State: Clone,
        Q: ToOwned + Ord + ?Sized,
        Q::Owned: Ord + Clone + Borrow<Q>,
        F: Fn(&Self::Event) -> Option<&Q>,
    {
        PerKey::new(self, key)
    }

    /// The same fold over a wider event: `event` returns the part of it that this fold reads, if any.
    ///
    /// ```
    /// use leftfold::{Fold, view};
    ///
    /// enum ShopEvent { Paid(u32), Mailed }
    ///
    /// let takings = view(|| 0, |sum: u32, amount: &u32| sum + amount)
    ///     .filter_map(|event: &ShopEvent| match event {
    ///         ShopEvent::Paid(amount) => Some(amount),
    ///         ShopEvent::Mailed => None,
    ///     });
    /// assert_eq!(takings.fold(&[ShopEvent::Paid(3), ShopEvent::Mailed]), 3);
    /// ```
    fn filter_map<E, F>(self, event: F) -> FilterMap<Self, E, F>
    where
        Self: Sized,
        F: Fn(&E) -> Option<&Self::Event>,
    {
        FilterMap::new(self, event)
    }

    /// The same fold with its state in another form, such as a struct of its own instead of a pair.
    ///
    /// `from(to(state))` must be `state` again: the two functions are each other's inverse.
    ///
    /// ```
    /// use leftfold::{Fold, view};
    ///
    /// #[derive(Debug, PartialEq)]
    /// struct Average { count: u32, sum: i64 }
    ///
    /// let average = view(|| 0, |n: u32, _: &i64| n + 1)
    ///     .zip(view(|| 0, |sum: i64, x: &i64| sum + x))
    ///     .map_state(|(count, sum)| Average { count, sum }, |Average { count, sum }| (count, sum));
    /// assert_eq!(average.fold(&[4, 6]), Average { count: 2, sum: 10 });
    /// ```
    fn map_state<T, To, From>(self, to: To, from: From) -> MapState<Self, T, To, From>
    where
        Self: Sized,
        To: Fn(Self::State) -> T,
        From: Fn(T) -> Self::State,
    {
        MapState::new(self, to, from)
    }
}

/// A view from two closures: the short form of a [`Fold`].
///
/// Pass the closures inline or as named functions; one bound by `let` first does not infer its lifetimes.
///
/// ```
/// use leftfold::{Fold, view};
///
/// let longest = view(String::new, |longest: String, word: &String| {
///     if word.len() > longest.len() { word.clone() } else { longest }
/// });
/// assert_eq!(longest.fold(&["tea".to_string(), "coffee".to_string()]), "coffee");
/// ```
pub fn view<S, E, I, V>(initial_state: I, evolve: V) -> View<S, E, I, V>
where
    I: Fn() -> S,
    V: Fn(S, &E) -> S,
{
    View::new(initial_state, evolve)
}

impl<F: Fold + ?Sized> Fold for &F {
    type State = F::State;
    type Event = F::Event;

    fn initial_state(&self) -> Self::State {
        (**self).initial_state()
    }

    fn evolve(&self, state: Self::State, event: &Self::Event) -> Self::State {
        (**self).evolve(state, event)
    }
}
