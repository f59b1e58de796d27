//! A handler for one decider of each key: the key is in the command, and in the name of the stream.

use super::command_handler::CommandHandler;
use crate::decider::{Adapt, Decider, Keyed};
use crate::fold::Fold;
use crate::recorded::{InvalidText, StreamName};
use crate::store::EventStore;
use std::convert::identity;
use std::fmt::{Debug, Display};

/// A decider whose commands come with a key; the key says which stream, and the decider does not see it.
pub type OfKey<D, K> = Adapt<
    D,
    Keyed<K, <D as Decider>::Command>,
    <D as Fold>::Event,
    Part<Keyed<K, <D as Decider>::Command>, <D as Decider>::Command>,
    Part<<D as Fold>::Event, <D as Fold>::Event>,
    fn(<D as Fold>::Event) -> <D as Fold>::Event,
>;

type Part<W, P> = fn(&W) -> Option<&P>;

impl<D, S> CommandHandler<D, S>
where
    D: Decider<Event: Clone, Rejection: Debug>,
    S: EventStore<D::Event>,
{
    /// A handler with a stream for each key of a category: a command is given with the key beside it, and the log has the key
    /// in the name of the stream, `account-17`. The decider is that of one key, so that
    /// [`many`](Decider::many) of it is the model of them all.
    ///
    /// [`Mapped::keyed`](crate::store::Mapped::keyed) reads such streams as that model does. A rule over several keys, or a
    /// process manager between them, needs one decision for all: [`in_one_stream`](CommandHandler::in_one_stream) takes the
    /// model of them all, and the log has the keys in its events.
    ///
    /// ```
    /// use leftfold::runtime::{CommandHandler, Issued};
    /// use leftfold::store::{Mapped, Memory, Query, Reading};
    /// use leftfold::{Decider, Keyed, decider, keyed};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    /// enum Event { Deposited(u32) }
    ///
    /// let account = || decider(
    ///     || 0,
    ///     |amount: &u32, _: &u32| Ok::<_, ()>(vec![Event::Deposited(*amount)]),
    ///     |balance, Event::Deposited(amount): &Event| balance + amount,
    /// );
    ///
    /// let store = Memory::new();
    /// let accounts = CommandHandler::keyed("account", account(), &store)?;
    /// let handled = accounts.handle(keyed(17, 10))?;
    /// assert_eq!(handled.stream.as_str(), "account-17");
    /// accounts.handle(Issued::of(keyed(17, 5)).expecting(handled.version))?;
    ///
    /// let balances = Mapped::keyed(&store).fold(&account().many::<u32>(), Query::category("account")?)?;
    /// assert_eq!(balances[&17], 15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidText`] when the category cannot be one.
    pub fn keyed<K: Display + 'static>(
        category: impl Into<String>,
        each: D,
        store: S,
    ) -> Result<CommandHandler<OfKey<D, K>, S>, InvalidText>
    where
        D::Command: 'static,
        D::Event: 'static,
    {
        let category = category.into();
        StreamName::of(&category, "key")?;
        let message: Part<Keyed<K, D::Command>, D::Command> = |keyed| Some(&keyed.message);
        let whole: Part<D::Event, D::Event> = |event| Some(event);
        let each: OfKey<D, K> = each.adapt(message, whole, identity);
        Ok(CommandHandler::per_identity(each, store, move |command| StreamName::of(&category, &command.key)))
    }
}
