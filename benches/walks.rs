//! Random walks on the reserve model: how fast they go, how well they shrink, how much of the states they see.
//!
//! `cargo bench --bench walks` prints the tables first; criterion's own measurements follow.

#[path = "../tests/models/reserve.rs"]
mod reserve;

use criterion::{Criterion, Throughput};
use leftfold::check::{Property, walks};
use proptest::prelude::*;
use reserve::*;
use std::hint::black_box;
use std::time::Instant;

/// All commands of two customers as a strategy that does not look at the state.
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

fn shrinking() {
    const SEEDS: u64 = 60;
    println!("\nshrinking: {SEEDS} seeds each, two customers, alphabet of 30 commands");
    println!("{:<60} {:>9} {:>9} {:>11} {:>11}", "planted", "shortest", "proved", "median", "slowest");
    let cases: [(&str, usize, Reserve, Property<Reserve>); 3] = [
        ("signing is not checked", 6, Reserve::with_sign_unchecked(2), reserve_is_kept()),
        ("suspended beside a refund", 10, Reserve::of(2), never_suspended_beside_a_refund()),
        ("two late offers", 10, Reserve::of(2), never_two_late_offers()),
    ];
    for search in [100_000, 0] {
        for (name, shortest, reserve, property) in &cases {
            let (mut times, mut truly, mut proved) = (Vec::new(), 0, 0);
            for seed in 0..SEEDS {
                let walking = |property, search| {
                    walks(reserve)
                        .alphabet(alphabet(2))
                        .property(property)
                        .walks(100_000)
                        .seed(seed)
                        .search(search)
                };
                // The walk alone, and the walk with its shrinking: the difference is the shrinking.
                let begun = Instant::now();
                let found = walking(property.clone(), search).run();
                let whole = begun.elapsed();
                let finding = found.findings.first().expect("it is found");
                let walked = {
                    let held = property.clone();
                    let begun = Instant::now();
                    let _ = black_box(
                        walks(reserve)
                            .alphabet(alphabet(2))
                            .property(held)
                            .walks(found.walks - 1)
                            .seed(seed)
                            .run(),
                    );
                    begun.elapsed()
                };
                times.push(whole.saturating_sub(walked).as_secs_f64() * 1e3);
                truly += u64::from(finding.story.len() == *shortest);
                proved += u64::from(finding.proved_shortest());
            }
            times.sort_by(f64::total_cmp);
            let passes = if search > 0 { "all passes" } else { "without the search" };
            println!(
                "{:<60} {:>7.0} % {:>7.0} % {:>8.2} ms {:>8.2} ms",
                format!("{name} ({shortest} commands), {passes}"),
                truly as f64 * 100.0 / SEEDS as f64,
                proved as f64 * 100.0 / SEEDS as f64,
                times[times.len() / 2],
                times[times.len() - 1],
            );
        }
    }
}

fn seen() {
    println!("\nstates seen of 14,288, two customers, walks of up to 50 commands from the alphabet");
    for (count, leave_out) in
        [(256, 0.5), (10_000, 0.5), (1_000_000, 0.5), (256, 0.0), (10_000, 0.0), (1_000_000, 0.0)]
    {
        let begun = Instant::now();
        let found = walks(&Reserve::of(2))
            .alphabet(alphabet(2))
            .count_states_of(14_288)
            .walks(count)
            .leave_out(leave_out)
            .seed(1)
            .run();
        println!(
            "{count:>9} walks, leaving out up to {leave_out:.1}: {:>6} states, {:>4.1} %, {:.2} s",
            found.states.unwrap_or_default(),
            found.states.unwrap_or_default() as f64 / 142.88,
            begun.elapsed().as_secs_f64()
        );
    }
}

fn speed() {
    println!("\nspeed: 10,000 walks of up to 50 commands, one property, two customers");
    let reserve = Reserve::of(2);
    for round in 0..3 {
        let begun = Instant::now();
        let found =
            walks(&reserve).alphabet(alphabet(2)).property(reserve_is_kept()).walks(10_000).seed(round).run();
        let elapsed = begun.elapsed().as_secs_f64();
        println!(
            "alphabet: {:.3} s, {:.0} ns an accepted command, {:.0} ns a command tried; {} accepted, {} refused",
            elapsed,
            elapsed * 1e9 / found.accepted as f64,
            elapsed * 1e9 / (found.accepted + found.refused) as f64,
            found.accepted,
            found.refused
        );
        let begun = Instant::now();
        let found =
            walks(&reserve).commands(blind).property(reserve_is_kept()).walks(10_000).seed(round).run();
        let elapsed = begun.elapsed().as_secs_f64();
        println!(
            "strategy: {:.3} s, {:.0} ns an accepted command, {:.0} ns a command tried; {} accepted, {} refused",
            elapsed,
            elapsed * 1e9 / found.accepted as f64,
            elapsed * 1e9 / (found.accepted + found.refused) as f64,
            found.accepted,
            found.refused
        );
    }
}

fn main() {
    if std::env::args().any(|argument| argument == "--bench") {
        speed();
        shrinking();
        seen();
    }
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("walks");
    let reserve = Reserve::of(2);
    group.throughput(Throughput::Elements(100));
    group.sample_size(20);
    group.bench_function("100 walks from the alphabet", |b| {
        b.iter(|| walks(&reserve).alphabet(alphabet(2)).property(reserve_is_kept()).walks(100).seed(1).run());
    });
    group.bench_function("100 walks from a strategy", |b| {
        b.iter(|| walks(&reserve).commands(blind).property(reserve_is_kept()).walks(100).seed(1).run());
    });
    group.finish();
    criterion.final_summary();
}
