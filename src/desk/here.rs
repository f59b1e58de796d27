//! What the properties of a model say of one state.

use super::OnDesk;
use crate::check::Demand;
use crate::model::Model;
use crate::spec::panics::caught;
use serde::Serialize;

/// A property that speaks of single states, in one of them.
#[derive(Serialize)]
pub(super) struct Here {
    name: String,
    /// `holds` or `broken` of what is always so; `shown` or `not_shown` of what is so sometimes; `panicked` if the property did.
    here: &'static str,
}

/// The properties of single states, in the order of the model. What speaks of steps, or of what is possible later, is left out.
pub(super) fn properties<D: OnDesk>(model: &Model<D>, state: &D::State) -> Vec<Here> {
    let here = |holds: &dyn Fn(&D::State) -> bool, yes, no| match caught(|| holds(state)) {
        Ok(true) => yes,
        Ok(false) => no,
        Err(_) => "panicked",
    };
    let of = |property: &crate::check::Property<D>| {
        let here = match &property.demand {
            Demand::Always(holds) => here(&**holds, "holds", "broken"),
            Demand::Sometimes(shows) => here(&**shows, "shown", "not_shown"),
            Demand::AlwaysStep(_) | Demand::NeverStuck | Demand::AlwaysPossible(_) => return None,
        };
        Some(Here { name: property.name().to_string(), here })
    };
    model.properties_declared().iter().filter_map(of).collect()
}
