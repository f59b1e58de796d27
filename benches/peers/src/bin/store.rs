//! Appends of leftfold's file log beside SQLite and redb: `cargo run --release --bin store [ROUNDS]`.
//!
//! Each round appends the same batch to all three, in an order that turns, and each is durable before it answers. Each
//! turns its events into JSON in its own time, checks the version that each stream is expected at, and keeps a stream's
//! versions unique. Read the ratios: the disk is shared.

#[path = "../../../store/orders.rs"]
#[allow(dead_code)]
mod orders;
#[path = "store/stores.rs"]
mod stores;

use orders::{Batches, Part};
use std::time::Instant;
use stores::{Appends, Leftfold, Redb, Sqlite};

/// A size of batches, how many rounds of it for each that was asked for, and how many times as fast as SQLite and as redb
/// leftfold ought to be.
struct Size {
    events: usize,
    rounds: usize,
    bars: [Option<f64>; 2],
}

fn main() {
    let rounds: usize = std::env::args().nth(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(41);
    println!(
        "a batch, durable before it is answered; medians of interleaved rounds, middle half of the ratios\n"
    );
    let sizes = [
        Size { events: 1, rounds: rounds * 25, bars: [Some(1.6), Some(1.6)] },
        Size { events: 100, rounds: rounds * 5, bars: [Some(2.5), None] },
        Size { events: 10_000, rounds, bars: [Some(8.0), None] },
    ];
    for size in sizes {
        compare(&size);
    }
}

fn compare(size: &Size) {
    // Beside the build, which is on a real disk; the folder for temporary files may be in memory.
    let folder = tempfile::tempdir_in(stores::beside_the_build()).expect("a folder");
    let mut stores: [(&str, Box<dyn Appends>); 3] = [
        ("leftfold", Box::new(Leftfold::in_folder(folder.path()))),
        ("SQLite", Box::new(Sqlite::in_folder(folder.path()))),
        ("redb", Box::new(Redb::in_folder(folder.path()))),
    ];
    let mut batches = Batches::of(size.events);
    let mut times: [Vec<f64>; 3] = Default::default();
    let warm_up = 3;
    for round in 0..size.rounds + warm_up {
        let parts = batches.next_parts();
        for turn in 0..stores.len() {
            let which = (round + turn) % stores.len();
            let seconds = time(&mut *stores[which].1, parts.clone());
            if round >= warm_up {
                times[which].push(seconds);
            }
        }
    }
    println!("batches of {}", size.events);
    let ours = times[0].clone();
    for (which, ((name, _), times)) in stores.iter().zip(&times).enumerate() {
        let ratios: Vec<f64> = times.iter().zip(&ours).map(|(theirs, ours)| theirs / ours).collect();
        let (low, ratio, high) = (quantile(&ratios, 0.25), quantile(&ratios, 0.5), quantile(&ratios, 0.75));
        let bar = match which.checked_sub(1).and_then(|peer| size.bars[peer]) {
            Some(bar) if ratio >= bar => format!("bar {bar:.1}x, held"),
            Some(bar) => format!("bar {bar:.1}x, MISSED"),
            None => String::new(),
        };
        println!(
            "  {name:<10} {:>10.1} µs {ratio:>7.2}x ({low:.2}-{high:.2})   {bar}",
            quantile(times, 0.5) * 1e6
        );
    }
}

fn time(store: &mut dyn Appends, parts: Vec<Part>) -> f64 {
    let begun = Instant::now();
    store.append(parts);
    begun.elapsed().as_secs_f64()
}

fn quantile(values: &[f64], at: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * at) as usize]
}
