//! The same fold over a state of 1,000 keys with leftfold and with its peers, in turn in one run.
//!
//! `evolve` of fmodel-rust takes the state by reference, so that every event copies it: the whole of it where it is a
//! collection of the standard library, the path that changes where it is a persistent one. The latter is as well as its
//! users can do. An aggregate of cqrs-es changes in place, and keeps no version that was.

#[allow(dead_code)]
#[path = "../../account.rs"]
mod account;
#[allow(dead_code)]
#[path = "../../interleaved.rs"]
mod interleaved;
mod numbers;
mod texts;

const EVENTS: usize = 20_000;
const KEYS: u64 = 1_000;
const ROUNDS: usize = 21;

/// A view as the documentation of fmodel-rust writes them: clone, change, return.
macro_rules! fmodel_view {
    ($map:ident<$key:ty, $state:ty>, $event:ty) => {
        View::<$map<$key, $state>, Keyed<$key, $event>> {
            initial_state: Box::new($map::new),
            evolve: Box::new(|state, Keyed { key, message }| {
                let mut state = state.clone();
                match state.get_mut(key) {
                    Some(account) => <$state>::apply(account, message),
                    None => {
                        let mut account = <$state>::default();
                        account.apply(message);
                        state.insert(<$key>::clone(key), account);
                    }
                }
                state
            }),
        }
    };
}
pub(crate) use fmodel_view;

fn main() {
    println!(
        "{EVENTS} events over a state of {KEYS} keys, for each event; medians of {ROUNDS} interleaved runs"
    );
    head("keys and states are numbers");
    numbers::compare();
    head("keys and states have texts");
    texts::compare();
}

fn head(what: &str) {
    println!("\n{what:<62} {:>12} {:>12} {:>9} (middle half)", "peer", "leftfold", "ratio");
}

fn line<R, S>(what: &str, peer: impl Fn() -> R, ours: impl Fn() -> S) {
    let measured = interleaved::in_turn(ROUNDS, peer, ours);
    let nanoseconds = |seconds: f64| seconds * 1e9 / EVENTS as f64;
    println!(
        "{what:<62} {:>9.1} ns {:>9.1} ns {:>8.2}x ({:.2}-{:.2})",
        nanoseconds(measured.one),
        nanoseconds(measured.other),
        measured.ratio,
        measured.middle_half.0,
        measured.middle_half.1,
    );
}
