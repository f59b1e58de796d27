//! Mutation of specifications: would the specification notice if the model were wrong?
//!
//! A *mutant* is the model with one rule changed: it accepts what the model refuses, refuses what it accepts, or folds an event
//! otherwise. The scenarios and properties of the model are held against each mutant. Where none of them fails, although the mutant
//! differs from the model, a scenario is missing, and the [report](MutationReport) has it.
//!
//! [`Model::mutated`](crate::Model::mutated) declares it, [`Model::mutate`](crate::Model::mutate) returns the report.

mod page;
mod report;
mod rule;
mod run;
mod seen;
mod sites;
mod values;

pub use report::{
    MissingScenario, MutantFate, MutantKind, MutantResult, MutationReport, MutationReportOf,
    RedundantScenario,
};
pub(crate) use rule::LabelOf;
pub use rule::Mutant;
pub(crate) use run::{Mutation, MutationProgress};

use crate::decider::Decider;
use crate::message::Message;
use crate::spec::Specified;
use rule::Shared;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// What mutation asks of a decider: messages that serde writes, and events that it also reads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be mutated: derive serde's `Serialize` and `Deserialize` on its commands, events and rejections, and `Debug` \
               on its state"
)]
pub trait Mutable:
    Specified<
        Command: Message + Serialize + Send + Sync,
        Event: Message + Serialize + DeserializeOwned + Send + Sync,
        Rejection: Message + Serialize + Send + Sync,
    >
{
}

#[diagnostic::do_not_recommend]
impl<D> Mutable for D where
    D: Specified<
            Command: Message + Serialize + Send + Sync,
            Event: Message + Serialize + DeserializeOwned + Send + Sync,
            Rejection: Message + Serialize + Send + Sync,
        >
{
}

/// Marks the part of a model that is mutated; see [`Model::mutated_with`](crate::Model::mutated_with).
pub struct Mutating<I: Decider> {
    shared: Arc<Shared<I>>,
}

debug_by_name!([I: Decider] Mutating<I>, "Mutating");

impl<I: Decider> Mutating<I> {
    fn new(shared: Arc<Shared<I>>) -> Self {
        Mutating { shared }
    }
}

impl<I: Mutable> Mutating<I> {
    /// The decider, with one rule changed.
    pub fn of(&self, decider: I) -> Mutant<I> {
        Mutant::new(decider, self.shared.clone())
    }
}
