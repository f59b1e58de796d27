//! Stores: what it costs to append, to open and to read.
// The function that `criterion_group!` writes has no words of its own.
#![allow(missing_docs)]

#[path = "store/file.rs"]
mod file;
#[allow(dead_code)]
mod interleaved;
#[path = "store/memory.rs"]
mod memory;

use criterion::{Criterion, criterion_group};

criterion_group!(benches, memory::appends, memory::folds, file::appending);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    // All of it where it is measured; otherwise a little, to see that it works.
    memory::compare_all();
    file::compare_all();
}
