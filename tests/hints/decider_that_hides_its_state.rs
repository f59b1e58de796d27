//~ or let the function that returns the decider say `impl Decider<State: Clone, …>`
//~ or let the function that returns the decider say `impl Decider<State: Explorable, …>`
use leftfold::check::explore;
use leftfold::{Decider, decider};

fn counter() -> impl Decider<Command = u8, Event = u8, Rejection = ()> {
    decider(|| 0u8, |n: &u8, _: &u8| Ok::<_, ()>(vec![*n]), |sum, n: &u8| sum + n)
}

pub fn many() {
    let _ = counter().many::<u32>();
}

fn shared() -> impl Decider<Command = u8, Event = u8, Rejection = ()> + Sync {
    counter_of_its_own()
}

fn counter_of_its_own() -> impl Decider<Command = u8, Event = u8, Rejection = (), State = u8> + Sync {
    decider(|| 0u8, |n: &u8, _: &u8| Ok::<_, ()>(vec![*n]), |sum, n: &u8| sum + n)
}

pub fn explored() {
    explore(&shared(), |_| [1u8]).run();
}
