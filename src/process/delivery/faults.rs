//! What can go wrong in a network: how often, and with which messages.

use super::NetworkMessage;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Debug};
use std::sync::Arc;

/// How many faults of each kind may still happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Budgets {
    /// Messages delivered and kept in flight.
    pub duplicates: u8,
    /// Messages lost.
    pub losses: u8,
    /// Crashes of the process manager between folding an event and dispatching what it owes.
    pub crashes: u8,
}

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Duplicate,
    Loss,
    Crash,
}

type Hits<E, C> = Arc<dyn Fn(&NetworkMessage<E, C>) -> bool + Send + Sync>;

/// The budgets of a system, and which messages each kind of fault hits; all, where nothing is said.
pub(super) struct Faults<E, C> {
    pub(super) budgets: Budgets,
    /// The kind that was named last.
    pub(super) named: Option<Fault>,
    duplicates: Option<Hits<E, C>>,
    losses: Option<Hits<E, C>>,
    crashes: Option<Hits<E, C>>,
}

impl<E, C> Faults<E, C> {
    pub(super) fn none() -> Self {
        Faults { budgets: Budgets::default(), named: None, duplicates: None, losses: None, crashes: None }
    }

    /// Sets the budget of a kind of fault.
    pub(super) fn allow(&mut self, fault: Fault, times: u8) {
        self.named = Some(fault);
        match fault {
            Fault::Duplicate => self.budgets.duplicates = times,
            Fault::Loss => self.budgets.losses = times,
            Fault::Crash => self.budgets.crashes = times,
        }
    }

    /// Lets the kind of fault that was named last hit these messages alone; every kind, if none was named.
    pub(super) fn restrict(&mut self, hits: Hits<E, C>) {
        match self.named {
            Some(Fault::Duplicate) => self.duplicates = Some(hits),
            Some(Fault::Loss) => self.losses = Some(hits),
            Some(Fault::Crash) => self.crashes = Some(hits),
            None => {
                self.duplicates = Some(hits.clone());
                self.losses = Some(hits.clone());
                self.crashes = Some(hits);
            }
        }
    }

    /// Whether a kind of fault can hit this message.
    pub(super) fn hits(&self, fault: Fault, message: &NetworkMessage<E, C>) -> bool {
        let hits = match fault {
            Fault::Duplicate => &self.duplicates,
            Fault::Loss => &self.losses,
            Fault::Crash => &self.crashes,
        };
        hits.as_ref().is_none_or(|hits| hits(message))
    }
}

impl Budgets {
    pub(super) fn of(self, fault: Fault) -> u8 {
        match fault {
            Fault::Duplicate => self.duplicates,
            Fault::Loss => self.losses,
            Fault::Crash => self.crashes,
        }
    }
}

impl<E, C> Clone for Faults<E, C> {
    fn clone(&self) -> Self {
        Faults {
            duplicates: self.duplicates.clone(),
            losses: self.losses.clone(),
            crashes: self.crashes.clone(),
            ..*self
        }
    }
}

impl<E, C> Debug for Faults<E, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.budgets.fmt(f)
    }
}
