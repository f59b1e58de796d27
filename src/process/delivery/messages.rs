//! What is said to a system under faults, what happens in it, and why something cannot be done to it.

use crate::recorded::Timestamp;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// A message in flight.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NetworkMessage<E, C> {
    /// An event on its way to the process manager.
    Event(E),
    /// A command on its way to the decider, under the key of what is owed.
    Command {
        /// The key of the item.
        key: String,
        /// The command.
        command: C,
    },
}

impl<E, C> NetworkMessage<E, C> {
    /// The event, if it is one.
    pub fn event(&self) -> Option<&E> {
        match self {
            NetworkMessage::Event(event) => Some(event),
            NetworkMessage::Command { .. } => None,
        }
    }

    /// The command, if it is one.
    pub fn command(&self) -> Option<&C> {
        match self {
            NetworkMessage::Event(_) => None,
            NetworkMessage::Command { command, .. } => Some(command),
        }
    }
}

/// What can be done to a system under faults.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DeliveryCommand<E, C> {
    /// Somebody outside gives a command; it is decided at once.
    Do(C),
    /// A message arrives.
    Deliver(NetworkMessage<E, C>),
    /// A message arrives, and a copy of it stays in flight (costs a duplicate).
    DeliverAndKeep(NetworkMessage<E, C>),
    /// A message is lost (costs a loss).
    Lose(NetworkMessage<E, C>),
    /// An event arrives and is folded, and the process manager crashes before it dispatches anything (costs a crash).
    DeliverAndCrash(E),
    /// The process manager starts again and dispatches everything that it owes.
    Restart,
    /// A lost event is read again from the log.
    ReadAgain(E),
    /// An item that is owed and no longer in flight is issued again.
    IssueAgain(String),
    /// Time passes up to the next deadline on the to-do list: an item becomes due, or ends.
    Wait,
    /// This much time passes.
    WaitFor(SignedDuration),
}

/// What happens in a system under faults.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DeliveryEvent<E, C> {
    /// An event of the decider.
    Happened(E),
    /// A message has arrived.
    Delivered(NetworkMessage<E, C>),
    /// A message has arrived, and a copy of it stays in flight.
    DeliveredAndKept(NetworkMessage<E, C>),
    /// A command that arrived was refused.
    Refused(NetworkMessage<E, C>),
    /// A message was lost.
    Lost(NetworkMessage<E, C>),
    /// An event has arrived, and the process manager crashed before it dispatched anything.
    Crashed(E),
    /// The process manager has started again.
    Restarted,
    /// A lost event was read again.
    ReadAgain(E),
    /// An item of the to-do list was issued again.
    IssuedAgain(NetworkMessage<E, C>),
    /// It is this time now.
    TimePassed(Timestamp),
}

/// Why something cannot be done to a system under faults.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryRejection<R> {
    /// The decider refused a command from outside.
    #[error("{0}")]
    Refused(R),
    /// No such message is in flight, was lost, or is owed.
    #[error("there is no such message to handle")]
    NoSuchMessage,
    /// The budget for this kind of fault is used up.
    #[error("the budget for this kind of fault is used up")]
    BudgetSpent,
    /// This kind of fault hits [only](super::Delivery::only) other messages.
    #[error("this kind of fault does not hit this message")]
    Spared,
    /// The process manager is down, or is not.
    #[error("the process manager is not in the state for this")]
    UpOrDown,
    /// An event that was recorded earlier has not arrived yet, and they arrive [in order](super::Delivery::in_order).
    #[error("an earlier event has not arrived yet; deliver it first, or read it again")]
    OutOfTurn,
    /// There is no deadline to wait for.
    #[error("nothing on the to-do list has a deadline ahead")]
    NoDeadline,
    /// A span of time that is zero or negative.
    #[error("time does not stand still or go back; wait for a span above zero")]
    NoTime,
}
