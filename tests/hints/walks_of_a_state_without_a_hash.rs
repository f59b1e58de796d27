//~ the state `HashMap<u8, u8>` cannot be compared on walks: derive `Clone`, `PartialEq`, `Eq` and `Hash` on it; take an `OrdMap` or a `BTreeMap` for a `HashMap`, which has no hash
use leftfold::{Model, decider};
use std::collections::HashMap;

pub fn model() {
    let jar = decider(
        HashMap::<u8, u8>::new,
        |n: &u8, _: &HashMap<u8, u8>| Ok::<_, u8>(vec![*n]),
        |jar: HashMap<u8, u8>, _: &u8| jar,
    );
    let _ = Model::new("jar", jar).walked(10);
}
