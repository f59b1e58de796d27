//~ cannot be shown by a scenario: derive `Debug` on it, or let the function that returns the decider of a model say `impl Modelled<…>` instead of `impl Decider<…>`
use leftfold::{Decider, Model, decider};

fn counter() -> impl Decider<Command = u8, Event = u8, Rejection = u8> {
    decider(|| 0u8, |n: &u8, _: &u8| Ok::<_, u8>(vec![*n]), |sum, n: &u8| sum + n)
}

pub fn model() {
    let _ = Model::new("counter", counter());
}
