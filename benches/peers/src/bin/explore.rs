//! Exploration beside stateright: `cargo run --release --bin explore [ROUNDS]`.
//!
//! All runs take turns, and the median of each is told: another program on the machine slows all of them alike.

#[path = "explore/models.rs"]
mod models;

use std::time::Instant;

fn main() {
    let rounds = std::env::args().nth(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(3);
    compare("the reserve with three customers", &models::reserve_runs(3), rounds);
    compare("a grid of 2,000 by 2,000", &models::grid_runs(2000), rounds);
    compare("the reserve, its states larger by 60 bytes", &models::noted_runs(3), rounds);
}

fn compare(title: &str, runs: &[models::Run], rounds: usize) {
    let mut times = vec![Vec::new(); runs.len()];
    let mut states = 0;
    for _ in 0..rounds {
        for ((_, run), times) in runs.iter().zip(&mut times) {
            let started = Instant::now();
            states = run();
            times.push(started.elapsed().as_secs_f64());
        }
    }
    let medians: Vec<f64> = times
        .into_iter()
        .map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        })
        .collect();
    println!("{title}: {states} states");
    for ((name, _), median) in runs.iter().zip(&medians) {
        println!("  {name:<24} {:>10.0} states/s  {:>5.2}x", states as f64 / median, medians[0] / median);
    }
}
