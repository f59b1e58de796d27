//! Ratios at a glance: ours and by hand in turn, so that a busy machine slows both down alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 101;

/// One line of the table: how long ours takes for each event, how long the other, and their ratio beside its bar. A line
/// without a bar stands there to be looked at.
pub(crate) fn compare<R, S>(
    what: &str,
    events: usize,
    bar: Option<f64>,
    ours: impl Fn() -> R,
    other: impl Fn() -> S,
) {
    let (mut ratios, mut our_times, mut other_times) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (mine, theirs) = if round % 2 == 0 {
            let mine = time(&ours);
            (mine, time(&other))
        } else {
            let theirs = time(&other);
            (time(&ours), theirs)
        };
        our_times.push(mine.as_secs_f64());
        other_times.push(theirs.as_secs_f64());
        ratios.push(mine.as_secs_f64() / theirs.as_secs_f64());
    }
    let nanoseconds = |times: &mut Vec<f64>| quantile(times, 0.5) * 1e9 / events as f64;
    let ratio = quantile(&mut ratios, 0.5);
    println!(
        "{what:<56} {:>9.2} ns {:>9.2} ns {ratio:>7.2}x ({:.2}-{:.2})   {}",
        nanoseconds(&mut our_times),
        nanoseconds(&mut other_times),
        quantile(&mut ratios, 0.25),
        quantile(&mut ratios, 0.75),
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
fn time<R>(run: impl Fn() -> R) -> Duration {
    let begun = Instant::now();
    let result = black_box(run());
    let elapsed = begun.elapsed();
    drop(result);
    elapsed
}

fn quantile(values: &mut [f64], at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * at) as usize]
}
