//~ the state `HashMap<u8, u8>` cannot be explored: derive `Clone`, `PartialEq`, `Eq`, `Hash`, `Serialize` and `Deserialize` on it; take an `OrdMap` or a `BTreeMap` for a `HashMap`, which has no hash and no order
use leftfold::check::explore;
use leftfold::decider;
use std::collections::HashMap;

pub fn explored() {
    let jar = decider(
        HashMap::<u8, u8>::new,
        |n: &u8, _: &HashMap<u8, u8>| Ok::<_, ()>(vec![*n]),
        |jar: HashMap<u8, u8>, _: &u8| jar,
    );
    explore(&jar, |_: &HashMap<u8, u8>| [1, 2, 3]).run();
}
