//! Ratios at a glance: ours and by hand in turn, so that a busy machine slows both down alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 101;

/// What two runs took, in seconds, and their ratio: each a median, the ratio with its middle half.
pub(crate) struct Measured {
    pub(crate) one: f64,
    pub(crate) other: f64,
    pub(crate) ratio: f64,
    pub(crate) middle_half: (f64, f64),
}

/// Runs one and the other in turn, and each first every other time.
pub(crate) fn in_turn<R, S>(rounds: usize, one: impl Fn() -> R, other: impl Fn() -> S) -> Measured {
    prepared_in_turn(rounds, || ((), ()), |()| one(), |()| other())
}

/// The same for runs that use something up, which is made before each round, outside of the time.
pub(crate) fn prepared_in_turn<P, Q, R, S>(
    rounds: usize,
    mut prepare: impl FnMut() -> (P, Q),
    mut one: impl FnMut(P) -> R,
    mut other: impl FnMut(Q) -> S,
) -> Measured {
    let (mut ratios, mut ones, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let (for_one, for_other) = prepare();
        let (first, second) = if round % 2 == 0 {
            let first = time(|| one(for_one));
            (first, time(|| other(for_other)))
        } else {
            let second = time(|| other(for_other));
            (time(|| one(for_one)), second)
        };
        ones.push(first.as_secs_f64());
        others.push(second.as_secs_f64());
        ratios.push(first.as_secs_f64() / second.as_secs_f64());
    }
    Measured {
        one: quantile(&mut ones, 0.5),
        other: quantile(&mut others, 0.5),
        ratio: quantile(&mut ratios, 0.5),
        middle_half: (quantile(&mut ratios, 0.25), quantile(&mut ratios, 0.75)),
    }
}

/// One line of the table: how long ours takes for each event, how long the loop by hand, and their ratio beside its bar.
/// A line without a bar stands there to be looked at.
pub(crate) fn compare<R, S>(
    what: &str,
    events: usize,
    bar: Option<f64>,
    ours: impl Fn() -> R,
    by_hand: impl Fn() -> S,
) {
    let measured = in_turn(ROUNDS, ours, by_hand);
    let (ratio, (low, high)) = (measured.ratio, measured.middle_half);
    let nanoseconds = |seconds: f64| seconds * 1e9 / events as f64;
    println!(
        "{what:<56} {:>9.2} ns {:>9.2} ns {ratio:>7.2}x ({low:.2}-{high:.2})   {}",
        nanoseconds(measured.one),
        nanoseconds(measured.other),
        match bar {
            Some(bar) if ratio <= bar => format!("bar {bar:.1}x, held"),
            Some(bar) => format!("bar {bar:.1}x, MISSED"),
            None => String::new(),
        },
    );
}

/// The head of the table; the middle half of the ratios stands in parentheses.
pub(crate) fn head() {
    println!(
        "\n{:<56} {:>12} {:>12} {:>8} (middle half)",
        "for each event, medians of interleaved runs", "leftfold", "by hand", "ratio"
    );
}

/// Whether this run is a measurement: `cargo test` only looks whether benchmarks still run.
pub(crate) fn measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// The result is dropped outside of the time.
pub(crate) fn time<R>(run: impl FnOnce() -> R) -> Duration {
    let begun = Instant::now();
    let result = black_box(run());
    let elapsed = begun.elapsed();
    drop(result);
    elapsed
}

pub(crate) fn quantile(values: &mut [f64], at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * at) as usize]
}
