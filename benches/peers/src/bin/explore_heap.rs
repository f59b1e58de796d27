//! The heap that explorations take, at their peak: `cargo run --release --bin explore_heap`.

#[allow(dead_code)]
#[path = "explore/models.rs"]
mod models;

use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

fn main() {
    tell("the reserve with three customers", &models::reserve_runs(3));
    tell("a grid of 2,000 by 2,000", &models::grid_runs(2000));
    tell("the reserve, its states larger by 60 bytes", &models::noted_runs(3));
}

fn tell(title: &str, runs: &[models::Run]) {
    println!("{title}");
    for (name, run) in runs {
        HEAP.reset_peak_usage();
        let before = HEAP.current_usage();
        let states = run();
        let peak = HEAP.peak_usage() - before;
        println!("  {name:<24} {:>6.1} bytes a state", peak as f64 / states as f64);
    }
}
