//! Properties: named statements about the states and steps of a model, checked by exploration and by random walks.

use crate::decider::{Decider, Outcome};
use crate::fold::Fold;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

/// A statement about a model, in words and as a function.
///
/// ```
/// use leftfold::check::Property;
/// use leftfold::{Decider, decider};
///
/// fn below_ten<D: Decider<State = u32>>() -> Property<D> {
///     Property::always("the level stays below ten", |level| *level < 10)
/// }
/// ```
pub struct Property<D: Decider> {
    name: String,
    place: &'static Location<'static>,
    /// What must hold, and of what.
    pub(crate) demand: Demand<D>,
}

/// The kinds of properties.
pub(crate) enum Demand<D: Decider> {
    Always(OfState<D>),
    AlwaysStep(OfStep<D>),
    Sometimes(OfState<D>),
    NeverStuck,
    AlwaysPossible(OfState<D>),
}

pub(crate) type OfState<D> = Arc<dyn Fn(&<D as Fold>::State) -> bool + Send + Sync>;
pub(crate) type OfStep<D> = Arc<dyn Fn(&Step<'_, D>) -> bool + Send + Sync>;

/// One command in one state, with its outcome.
#[non_exhaustive]
pub struct Step<'a, D: Decider> {
    /// The state before the command.
    pub before: &'a D::State,
    /// The command.
    pub command: &'a D::Command,
    /// Its events, or its rejection.
    pub outcome: &'a Outcome<D>,
    /// The state after the command; the same as before where it was rejected.
    pub after: &'a D::State,
}

impl<D> fmt::Debug for Step<'_, D>
where
    D: Decider<Command: fmt::Debug, Event: fmt::Debug, Rejection: fmt::Debug, State: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step")
            .field("before", &self.before)
            .field("command", &self.command)
            .field("outcome", &self.outcome)
            .field("after", &self.after)
            .finish()
    }
}

impl<D: Decider> Property<D> {
    /// Must hold in every reachable state.
    #[track_caller]
    pub fn always(
        name: impl Into<String>,
        holds: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        Property { name: name.into(), place: Location::caller(), demand: Demand::Always(Arc::new(holds)) }
    }

    /// Must hold of every possible step, refused commands included.
    #[track_caller]
    pub fn always_step(
        name: impl Into<String>,
        holds: impl Fn(&Step<'_, D>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Property { name: name.into(), place: Location::caller(), demand: Demand::AlwaysStep(Arc::new(holds)) }
    }

    /// Must hold in at least one reachable state: something that should be possible is.
    #[track_caller]
    pub fn sometimes(
        name: impl Into<String>,
        holds: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        Property { name: name.into(), place: Location::caller(), demand: Demand::Sometimes(Arc::new(holds)) }
    }

    /// No reachable state refuses every command, unless the story ends there
    /// ([`is_terminal`](Decider::is_terminal)).
    #[track_caller]
    pub fn never_stuck() -> Self {
        Property { name: "never stuck".into(), place: Location::caller(), demand: Demand::NeverStuck }
    }

    /// From every reachable state, a state in which this holds can still be reached: for example, a contract can always be
    /// ended.
    #[track_caller]
    pub fn always_possible(
        name: impl Into<String>,
        holds: impl Fn(&D::State) -> bool + Send + Sync + 'static,
    ) -> Self {
        Property {
            name: name.into(),
            place: Location::caller(),
            demand: Demand::AlwaysPossible(Arc::new(holds)),
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// This property for a decider of the same four types.
    pub(crate) fn for_decider<M>(&self) -> Property<M>
    where
        M: Decider<State = D::State, Command = D::Command, Event = D::Event, Rejection = D::Rejection>,
        D: 'static,
    {
        let demand = match &self.demand {
            Demand::Always(holds) => Demand::Always(holds.clone()),
            Demand::AlwaysStep(holds) => {
                let holds = holds.clone();
                Demand::AlwaysStep(Arc::new(move |step: &Step<'_, M>| {
                    let Step { before, command, outcome, after } = *step;
                    holds(&Step { before, command, outcome, after })
                }))
            }
            Demand::Sometimes(holds) => Demand::Sometimes(holds.clone()),
            Demand::NeverStuck => Demand::NeverStuck,
            Demand::AlwaysPossible(holds) => Demand::AlwaysPossible(holds.clone()),
        };
        Property { name: self.name.clone(), place: self.place, demand }
    }

    /// The line at which it was made.
    pub(crate) fn place(&self) -> &'static Location<'static> {
        self.place
    }
}

impl<D: Decider> Clone for Property<D> {
    fn clone(&self) -> Self {
        let demand = match &self.demand {
            Demand::Always(holds) => Demand::Always(holds.clone()),
            Demand::AlwaysStep(holds) => Demand::AlwaysStep(holds.clone()),
            Demand::Sometimes(holds) => Demand::Sometimes(holds.clone()),
            Demand::NeverStuck => Demand::NeverStuck,
            Demand::AlwaysPossible(holds) => Demand::AlwaysPossible(holds.clone()),
        };
        Property { name: self.name.clone(), place: self.place, demand }
    }
}

impl<D: Decider> fmt::Debug for Property<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.demand {
            Demand::Always(_) => "always",
            Demand::AlwaysStep(_) => "always_step",
            Demand::Sometimes(_) => "sometimes",
            Demand::NeverStuck => "never_stuck",
            Demand::AlwaysPossible(_) => "always_possible",
        };
        write!(f, "{kind}({:?})", self.name)
    }
}
