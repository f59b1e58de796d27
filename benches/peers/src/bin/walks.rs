//! Random walks beside `proptest-state-machine`, on the reserve model with two customers: the same commands, the same
//! property, in turn, so that a busy machine slows both down alike.
//!
//! `cargo run --release --bin walks`

#[path = "../../../../tests/models/reserve.rs"]
mod reserve;

use leftfold::check::{Property, walks};
use leftfold::{Decider, Fold};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use reserve::*;
use std::cell::Cell;
use std::hint::black_box;
use std::time::Instant;

const WALKS: u32 = 10_000;
const STEPS: usize = 50;
const ROUNDS: usize = 15;

thread_local! {
    static ACCEPTED: Cell<usize> = const { Cell::new(0) };
    /// Which mistake is looked for: 0 none, otherwise its number.
    static PLANTED: Cell<u8> = const { Cell::new(0) };
    /// How the peer draws: 0 any command, 1 any letter of the alphabet, 2 what is possible.
    static DRAWN: Cell<u8> = const { Cell::new(0) };
}

fn model() -> Reserve {
    Reserve { sign_unchecked: PLANTED.get() == 1, ..Reserve::of(2) }
}

/// Any command, whatever the state.
fn blind(_: &State) -> impl Strategy<Value = Command> + use<> {
    (0..2u8, 0..9u8, 1..=6u8, 1..=2u8).prop_map(|(customer, which, price, amount)| match which {
        0 => Command::Open(customer),
        1 => Command::Revise(customer),
        2 => Command::Offer { customer, price },
        3 => Command::Sign(customer),
        4 => Command::Pay { customer, amount },
        5 => Command::MissPayment(customer),
        6 => Command::Suspend(customer),
        7 => Command::Resume(customer),
        _ => Command::Terminate(customer),
    })
}

/// Only what is possible, and anything where nothing is.
fn aware(state: &State) -> impl Strategy<Value = Command> + use<> {
    let model = model();
    let mut possible = all_commands(2);
    possible.retain(|command| model.decide(command, state).is_ok());
    if possible.is_empty() {
        possible = all_commands(2);
    }
    proptest::sample::select(possible)
}

struct Peer;

impl ReferenceStateMachine for Peer {
    type State = State;
    type Transition = Command;

    fn init_state() -> BoxedStrategy<State> {
        Just(model().initial_state()).boxed()
    }

    fn transitions(state: &State) -> BoxedStrategy<Command> {
        match DRAWN.get() {
            0 => blind(state).boxed(),
            1 => proptest::sample::select(all_commands(2)).boxed(),
            _ => aware(state).boxed(),
        }
    }

    fn apply(state: State, command: &Command) -> State {
        let model = model();
        match model.decide(command, &state) {
            Ok(events) => {
                ACCEPTED.set(ACCEPTED.get() + 1);
                model.fold_from(state, &events)
            }
            Err(_) => state,
        }
    }
}

struct Test;

impl StateMachineTest for Test {
    type SystemUnderTest = ();
    type Reference = Peer;

    fn init_test(_: &State) {}

    fn apply((): (), _: &State, _: Command) {}

    fn check_invariants((): &(), state: &State) {
        let holds = match PLANTED.get() {
            0 | 1 => state.reserve <= RESERVE,
            2 => no_suspension_beside_a_refund(state),
            _ => no_two_late_offers(state),
        };
        assert!(holds, "it does not hold");
    }
}

fn no_suspension_beside_a_refund(state: &State) -> bool {
    let mut all = state.contracts.values();
    let suspended =
        all.any(|contract| matches!(contract, Contract::Suspended { price, paid } if *price >= 3 && *paid >= 2));
    let mut all = state.contracts.values();
    !(suspended && all.any(|contract| matches!(contract, Contract::Terminated { refund } if *refund >= 2)))
}

fn no_two_late_offers(state: &State) -> bool {
    state.contracts.values().filter(|contract| matches!(contract, Contract::Offered { rev: 3, .. })).count() < 2
}

fn peer(cases: u32, seed: u64) -> Result<(), Vec<Command>> {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner =
        TestRunner::new_with_rng(config.clone(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let result = runner.run(&Peer::sequential_strategy(STEPS), |(state, commands, seen)| {
        Test::test_sequential(config.clone(), state, commands, seen);
        Ok(())
    });
    match result {
        Ok(()) => Ok(()),
        Err(TestError::Fail(_, (_, commands, _))) => Err(commands),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

#[derive(Clone, Copy)]
struct Speed {
    seconds: f64,
    tried: usize,
    accepted: usize,
}

fn timed(run: impl FnOnce() -> (usize, usize)) -> Speed {
    let begun = Instant::now();
    let (tried, accepted) = run();
    Speed { seconds: begun.elapsed().as_secs_f64(), tried, accepted }
}

fn theirs(seed: u64) -> Speed {
    timed(|| {
        ACCEPTED.set(0);
        black_box(peer(WALKS, seed)).expect("nothing is planted");
        // Each command is applied twice: when it is drawn, and when the test runs.
        (WALKS as usize * STEPS, ACCEPTED.get() / 2)
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn report(what: &str, ours: &[Speed], theirs: &[Speed]) {
    let each = |speeds: &[Speed], per: fn(&Speed) -> usize| {
        median(speeds.iter().map(|speed| speed.seconds * 1e9 / per(speed) as f64).collect())
    };
    let ratio = |per: fn(&Speed) -> usize| {
        median(
            ours.iter()
                .zip(theirs)
                .map(|(ours, theirs)| {
                    (theirs.seconds / per(theirs) as f64) / (ours.seconds / per(ours) as f64)
                })
                .collect(),
        )
    };
    let whole = median(ours.iter().zip(theirs).map(|(ours, theirs)| theirs.seconds / ours.seconds).collect());
    println!("{what}");
    println!(
        "   a command tried     {:>7.0} ns  {:>7.0} ns   {:>5.2}x",
        each(ours, |s| s.tried),
        each(theirs, |s| s.tried),
        ratio(|s| s.tried)
    );
    println!(
        "   an accepted command {:>7.0} ns  {:>7.0} ns   {:>5.2}x   ({} and {} accepted of {} and {})",
        each(ours, |s| s.accepted),
        each(theirs, |s| s.accepted),
        ratio(|s| s.accepted),
        ours[0].accepted,
        theirs[0].accepted,
        ours[0].tried,
        theirs[0].tried,
    );
    println!(
        "   all {WALKS} walks     {:>7.0} ms  {:>7.0} ms   {whole:>5.2}x",
        median(ours.iter().map(|s| s.seconds * 1e3).collect()),
        median(theirs.iter().map(|s| s.seconds * 1e3).collect()),
    );
}

fn interleaved(what: &str, ours: impl Fn(u64) -> Speed) {
    let (mut mine, mut other) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS as u64 {
        if round % 2 == 0 {
            mine.push(ours(round));
            other.push(theirs(round));
        } else {
            other.push(theirs(round));
            mine.push(ours(round));
        }
    }
    report(what, &mine, &other);
}

fn speed() {
    let reserve = Reserve::of(2);
    println!("{WALKS} walks, medians of {ROUNDS} interleaved rounds; leftfold, proptest-state-machine, ratio\n");
    interleaved("from a strategy that does not look at the state", |seed| {
        timed(|| {
            let found =
                walks(&reserve).commands(blind).property(reserve_is_kept()).walks(WALKS as usize).seed(seed).run();
            (found.accepted + found.refused, found.accepted)
        })
    });
    interleaved("the same, a dead end after 16 refusals", |seed| {
        timed(|| {
            let walking = walks(&reserve).commands(blind).tries(16);
            let found = walking.property(reserve_is_kept()).walks(WALKS as usize).seed(seed).run();
            (found.accepted + found.refused, found.accepted)
        })
    });
    interleaved("from the alphabet, theirs from the strategy that does not look at the state", |seed| {
        timed(|| {
            let walking = walks(&reserve).alphabet(alphabet(2)).property(reserve_is_kept());
            let found = walking.walks(WALKS as usize).seed(seed).run();
            (found.accepted + found.refused, found.accepted)
        })
    });
    DRAWN.set(1);
    interleaved("from the alphabet, theirs from a strategy that selects from it", |seed| {
        timed(|| {
            let walking = walks(&reserve).alphabet(alphabet(2)).property(reserve_is_kept());
            let found = walking.walks(WALKS as usize).seed(seed).run();
            (found.accepted + found.refused, found.accepted)
        })
    });
    DRAWN.set(2);
    interleaved("from a strategy of what is possible", |seed| {
        timed(|| {
            let walking = walks(&reserve).commands(aware).property(reserve_is_kept());
            let found = walking.walks(WALKS as usize).seed(seed).run();
            (found.accepted + found.refused, found.accepted)
        })
    });
    interleaved("from the alphabet, theirs from a strategy of what is possible", |seed| {
        timed(|| {
            let walking = walks(&reserve).alphabet(alphabet(2)).property(reserve_is_kept());
            let found = walking.walks(WALKS as usize).seed(seed).run();
            (found.accepted + found.refused, found.accepted)
        })
    });
    DRAWN.set(0);
}

fn shrinking() {
    const SEEDS: u64 = 60;
    println!("\nfinding and shrinking, {SEEDS} seeds each: share of truly shortest stories, median time of the whole run");
    let planted: [(&str, usize, Property<Reserve>); 3] = [
        ("signing is not checked", 6, reserve_is_kept()),
        ("suspended beside a refund", 10, never_suspended_beside_a_refund()),
        ("two late offers", 10, never_two_late_offers()),
    ];
    for (number, (name, shortest, property)) in planted.iter().enumerate() {
        PLANTED.set(number as u8 + 1);
        let model = model();
        let mut lines = Vec::new();
        let mut ours = |what: &'static str, run: &dyn Fn(u64) -> usize| {
            let (mut truly, mut times) = (0, Vec::new());
            for seed in 0..SEEDS {
                let begun = Instant::now();
                truly += usize::from(run(seed) == *shortest);
                times.push(begun.elapsed().as_secs_f64() * 1e3);
            }
            lines.push((what, truly as f64 * 100.0 / SEEDS as f64, median(times)));
        };
        ours("leftfold, alphabet", &|seed| {
            let walking = walks(&model).alphabet(alphabet(2)).property(property.clone());
            walking.walks(1_000_000).seed(seed).run().findings[0].story.len()
        });
        ours("leftfold, strategy", &|seed| {
            let walking = walks(&model).commands(blind).property(property.clone());
            walking.walks(1_000_000).seed(seed).run().findings[0].story.len()
        });
        for (what, drawn) in [("proptest-state-machine, blind", 0), ("proptest-state-machine, aware", 2)] {
            DRAWN.set(drawn);
            ours(what, &|seed| peer(100_000, seed).err().map_or(0, |story| story.len()));
            DRAWN.set(0);
        }
        println!("{name}, {shortest} commands");
        for (what, truly, median) in lines {
            println!("   {what:<32} {truly:>5.0} %  {median:>9.2} ms");
        }
    }
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let only = std::env::args().nth(1);
    if only.as_deref() != Some("shrinking") {
        speed();
    }
    if only.as_deref() != Some("speed") {
        shrinking();
    }
}
